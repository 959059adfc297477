"""All rooms of this process: joining and leaving, pushes, repair, presence.

Pushes are hints. An entry that does not follow, an interrupted push
connection, or a position check that finds the log elsewhere makes the room
read the log. Each room is checked every five seconds.

Rules: protocol/SPEC.md, CN, DL and PR.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import zlib
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from protocol import codec
from protocol.base import Position, Record, SessionId
from protocol.frames import Doing, EphemeralDown, EphemeralUp, Present, Resumed, ViewReason
from protocol.refusals import RefuseCode
from protocol.views import Audience, Role
from server.folded import Applied, Folded, ForkedError
from server.ports import (
    Push,
    PushedEntry,
    PushedLive,
    PushedSignal,
    PushInterrupted,
    SessionNotFound,
    SessionStore,
    Unavailable,
)
from server.presence import presence_member, present_in
from server.rooms.live_list import LiveList
from server.rooms.notices import NOTICES, Notices
from server.rooms.room import Member, Room, TurnedAway, encode_delta, is_erasure, role_of
from server.store.sealing import SealStale
from server.submit import Submit
from server.watching import figures
from session_engine.evolve import evolve
from session_engine.project import audience_of
from session_engine.project_whispers import told_apart
from session_engine.refused import Refused
from session_engine.rights import may_point, may_stay, may_watch
from session_engine.state import SessionState

log = logging.getLogger(__name__)

CHECK_EVERY_S = 5
LEASE_MS = 45_000
RENEW_EVERY_S = 15
TICKS_PER_S = 20
"""A thousand rooms looked after once a second hold everybody up for 30 ms each time (tests/bench)."""
TURNS = RENEW_EVERY_S * TICKS_PER_S
"""Rooms take turns within the longest period, a multiple of the other."""
LINGER_MS = 3_000
"""A connection that broke is shown as present this long: a short network cut is no coming and going."""
RESUME_AT_MOST = 300
"""Further behind than this many entries, a whole view is smaller than the deltas."""
REFOLD_AT_MOST = 500
"""A longer log is not folded again for one page's deltas: at 0.1 ms an entry everybody else would wait for it."""


class _Signal(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What processes tell each other about a Session without storing it."""

    origin: str
    presence: bool = False
    lingers: bool = False
    doing: EphemeralDown | None = None
    gone: bool = False


GONE = msgspec.json.encode(_Signal(origin="", gone=True))
"""Told to all who follow a Session that was deleted; who misses it finds out with the next check."""

_signal_decoder = msgspec.json.Decoder(_Signal)


class Rooms:
    """Rooms by Session, and the loop that keeps them level with the store."""

    def __init__(self, submit: Submit, store: SessionStore, live_list: LiveList, notices: Notices) -> None:
        self._submit = submit
        self._store = store
        self.live_list = live_list
        self.notices = notices
        self._rooms: dict[SessionId, Room] = {}
        self._by_turn: list[dict[SessionId, Room]] = [{} for _ in range(TURNS)]
        self._ready: dict[SessionId, asyncio.Task[None]] = {}
        self._origin = secrets.token_hex(8)
        self._leases: dict[tuple[SessionId, str], bytes] = {}
        self._repairing: set[SessionId] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop_task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin checking positions and renewing leases."""
        self._loop_task = asyncio.create_task(self._check_for_ever())

    async def close(self) -> None:
        """Stop; leases of members still here lapse by themselves."""
        if self._loop_task is not None:
            self._loop_task.cancel()
        for task in [*self._tasks, *self._ready.values()]:
            task.cancel()
        await asyncio.gather(*self._tasks, *self._ready.values(), return_exceptions=True)
        await self.live_list.floor.close()
        await self.notices.close()

    def count(self) -> None:
        """Tell how many there are, and who is in them."""
        figures.ROOMS.set(len(self._rooms))
        figures.MEMBERS.set(sum(len(room.members) for room in self._rooms.values()))

    def find(self, session_id: SessionId) -> Room | None:
        """The room of a Session that somebody here follows."""
        return self._rooms.get(session_id)

    # --- joining and leaving ---------------------------------------------------------

    async def may_watch(self, member: Member, session_id: SessionId) -> Role:
        """What this person is to the Session.

        Raises:
            Refused: `unknown_session`; `TurnedAway` for a stranger. `Unavailable`: the store is away.
        """
        try:
            folded = await self._submit.sessions.open(session_id)
        except SessionNotFound:
            raise Refused(RefuseCode.UNKNOWN_SESSION, f"no session {session_id}") from None
        if not may_watch(folded.state, member.actor):
            raise TurnedAway(folded.state, member.actor)
        return role_of(folded.state, member.actor)

    async def join(
        self,
        member: Member,
        session_id: SessionId,
        position: Position | None,
        held_as: Audience | None,
        before_view: Callable[[], Awaitable[None]],
        *,
        hidden: bool = False,
    ) -> None:
        """Send a whole view, or what is missing since `position`, and from then on every delta.

        A view that was sent as another audience (`held_as`) is no ground to build on.

        `before_view` is awaited before a whole view is shown; a member that holds a good position saw it before.
        Who is hidden is in nobody's presence, and so in no other process, either.

        Raises:
            SessionNotFound, Unavailable.
            TurnedAway: the right was lost meanwhile.
        """
        folded = await self._submit.sessions.open(session_id)
        room = self._rooms.get(session_id)
        if room is None:
            room = self._rooms[session_id] = self._by_turn[_turn_of(session_id)][session_id] = Room(
                folded, self._on_regrouped
            )
        room.joining += 1
        try:
            await self._make_ready(room)
            missing = await self._missing(room, position, member) if position is not None else ViewReason.JOINED
            if isinstance(missing, list) and held_as not in (None, audience_of(room.folded.state, member.actor.id)):
                missing = ViewReason.AUDIENCE
            if isinstance(missing, ViewReason):
                await before_view()
            if member.is_gone:
                return
            # From here to `add` nothing waits: no entry can slip between what is sent and what follows.
            if not may_stay(room.folded.state, member.actor, hidden=hidden):
                raise TurnedAway(room.folded.state, member.actor)
            audience = audience_of(room.folded.state, member.actor.id)
            if isinstance(missing, list):
                behind = len(missing)
                member.send(codec.encode(Resumed(session_id=session_id, audience=audience, behind=behind)))
                for frame in missing:
                    member.send(frame)
            else:
                member.send(room.view_frame(audience, missing, member.actor.id))
            room.add(member)
            if room.present:
                member.send(room.presence_frame())
        finally:
            room.joining -= 1
            self._close_if_empty(room)
        if not hidden:
            await self._arrive(room, member)

    async def appear(self, member: Member, session_id: SessionId) -> None:
        """Show everybody a member that was hidden.

        Raises:
            Unavailable: the store is away.
        """
        room = self._rooms.get(session_id)
        if room is not None and member.connection_id in room.members:
            await self._arrive(room, member)

    def leave(self, member: Member, session_id: SessionId, *, broke: bool) -> None:
        """Stop following; a connection that broke lingers in the presence list for a moment, if it was there."""
        name = presence_member(member.actor.id, member.connection_id)
        is_present = self._leases.pop((session_id, name), None) is not None
        room = self._rooms.get(session_id)
        if room is None:
            return
        room.discard(member)
        if is_present:
            self._in_background(self._depart(room, name, LINGER_MS if broke else 0))
        else:
            self._close_if_empty(room)

    def _on_regrouped(self, room: Room, turned_away: Sequence[Member]) -> None:
        """Others own it, or came for it: who has no part in it any more is gone, who has another is shown as that."""
        for member in turned_away:
            self.leave(member, room.folded.session_id, broke=False)
        self._in_background(self._show_roles(room))

    async def _show_roles(self, room: Room) -> None:
        session_id = room.folded.session_id
        changed = {}
        for member in room.members.values():
            name = presence_member(member.actor.id, member.connection_id)
            if (lease := self._leases.get((session_id, name))) is None:
                continue
            present, role = msgspec.json.decode(lease, type=Present), role_of(room.folded.state, member.actor)
            if present.role is not role:
                changed[name] = self._leases[session_id, name] = msgspec.json.encode(replace(present, role=role))
        if changed:
            await self._store.lease_presence(session_id, changed, LEASE_MS)
            await self._refresh_presence(room)
            await self._signal(room, _Signal(origin=self._origin, presence=True))

    async def _missing(self, room: Room, position: Position, member: Member) -> list[bytes] | ViewReason:
        """Deltas from `position` to the state as it is when this returns, or why there are none."""
        if position.seq > room.folded.state.seq:
            # The page may have heard of it from another process first.
            await self._level(room)
        state = room.folded.state
        audience = audience_of(state, member.actor.id)
        if position.seq > state.seq:
            return ViewReason.AHEAD
        recent = room.recent_since(position, audience, member.actor.id)
        if recent is not None:
            return recent
        tail = await self._store.read(room.folded.session_id, max(position.seq - 1, 0))
        if not tail or (tail[0].seq, tail[0].entry_id) != (position.seq, position.entry_id):
            return ViewReason.FORK
        if len(tail) - 1 > RESUME_AT_MOST or tail[-1].seq > REFOLD_AT_MOST:
            return ViewReason.TOO_FAR
        refolded: list[Applied] = []
        before: SessionState | None = None
        for stored in await self._store.read(room.folded.session_id):
            try:
                entry = room.folded.seal.unseal(stored)
            except SealStale:
                return ViewReason.TOO_FAR
            if stored.seq > position.seq and is_erasure(entry):
                return ViewReason.TOO_FAR
            after = evolve(before, entry)
            if before is not None and stored.seq > position.seq:
                refolded.append(Applied(entry=entry, before=before, after=after))
            before = after
            room.folded.apply(stored)
        if before is None:
            return ViewReason.FORK
        id_ = member.actor.id
        is_shared = room.folded.state.screen_shared
        if is_shared and any(id_ in told_apart(applied.before, applied.after) for applied in refolded):
            return ViewReason.TOO_FAR  # on the way there were words that may not be sent now
        deltas = [encode_delta(applied, room.folded.workflow, audience, id_) for applied in refolded]
        newest = room.recent_since(Position(seq=before.seq, entry_id=before.entry_id), audience, id_)
        return ViewReason.TOO_FAR if newest is None else [*deltas, *newest]

    async def _make_ready(self, room: Room) -> None:
        """Subscribe, then read what was appended before: whatever comes later is pushed."""
        session_id = room.folded.session_id
        task = self._ready.get(session_id)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._ready[session_id] = asyncio.create_task(self._subscribe(room))
        await asyncio.shield(task)

    async def _subscribe(self, room: Room) -> None:
        await self._store.subscribe(room.folded.session_id)
        if not await self._level(room):
            raise SessionNotFound(room.folded.session_id)

    def _close_if_empty(self, room: Room) -> None:
        session_id = room.folded.session_id
        if room.is_empty and self._rooms.get(session_id) is room:
            del self._rooms[session_id]
            del self._by_turn[_turn_of(session_id)][session_id]
            self._ready.pop(session_id, None)
            room.folded.listener = None
            self._in_background(self._forget(room.folded))

    async def _forget(self, folded: Folded) -> None:
        await self._submit.sessions.save_snapshot(folded)
        # Somebody may have joined while the snapshot was written: theirs is another room, and it needs the pushes.
        if folded.session_id not in self._rooms:
            await self._store.unsubscribe(folded.session_id)

    # --- staying level with the log --------------------------------------------------

    def on_push(self, push: Push) -> None:
        """Take in what the store tells; called by the store's reader."""
        match push:
            case PushedEntry(session_id=session_id, entry=entry):
                room = self._rooms.get(session_id)
                if room is not None and not room.folded.apply(entry):
                    self._repair(room)
            case PushedSignal(session_id=session_id) if session_id == NOTICES:
                self.notices.on_signal()
            case PushedSignal(session_id=session_id, payload=payload):
                room = self._rooms.get(session_id)
                if room is not None:
                    self._on_signal(room, payload)
            case PushedLive():
                self.live_list.on_change(push)
            case PushInterrupted():
                figures.INTERRUPTIONS.inc()
                log.warning("push.interrupted rooms=%d", len(self._rooms))
                self.live_list.on_interrupted()
                self.notices.on_interrupted()
                self._in_background(self._check(list(self._rooms.values())))

    def _repair(self, room: Room) -> None:
        if room.folded.session_id not in self._repairing:
            self._repairing.add(room.folded.session_id)
            figures.REPAIRS.inc()
            self._in_background(self._mend(room))

    async def _mend(self, room: Room) -> None:
        await self._level(room)

    async def _level(self, room: Room) -> bool:
        """Bring a room level with the log, through a fork if there is one; whether there still is such a Session."""
        folded = room.folded
        try:
            await self._submit.sessions.catch_up(folded)
        except ForkedError as fork:
            lost = Position(seq=folded.state.seq, entry_id=folded.state.entry_id)
            figures.FORKS.inc()
            log.error("session.forked session_id=%s lost_seq=%d reason=%s", folded.session_id, lost.seq, fork)
            await self._submit.sessions.reload(folded)
            room.start_over(lost)
        except SessionNotFound:
            log.error("session.gone session_id=%s seq=%d", folded.session_id, folded.state.seq)
            room.dismiss(RefuseCode.UNKNOWN_SESSION, f"session {folded.session_id} is gone from the store")
            self._submit.sessions.drop(folded.session_id)
            self._close_if_empty(room)
            return False
        finally:
            self._repairing.discard(folded.session_id)
        return True

    async def _check_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        began_s, done = loop.time(), -1
        while True:
            await asyncio.sleep(1 / TICKS_PER_S)
            # By the clock: what a busy process missed is made up for, and no room waits longer than its period.
            now = int((loop.time() - began_s) * TICKS_PER_S)
            ticks, done = range(max(done + 1, now - TURNS + 1), now + 1), now
            await self._check(self._due(ticks, CHECK_EVERY_S))
            await asyncio.gather(*[self._quietly(self._renew(room)) for room in self._due(ticks, RENEW_EVERY_S)])
            if any(tick % TICKS_PER_S == 0 for tick in ticks):
                await self._quietly(self.live_list.tick())
                await self._quietly(self.notices.tick(self._rooms.values()))

    def _due(self, ticks: range, period_s: int) -> list[Room]:
        """The rooms whose turn comes at any of these ticks, when each comes once in the period."""
        period = period_s * TICKS_PER_S
        turns = {turn for tick in ticks for turn in range(tick % period, TURNS, period)}
        return [room for turn in turns for room in self._by_turn[turn].values()]

    async def _check(self, rooms: list[Room]) -> None:
        """Compare every room's place with the log's, and who is here with the leases."""
        if not rooms:
            return
        try:
            positions = await self._store.positions([room.folded.session_id for room in rooms])
        except Unavailable as error:
            log.warning("check.store_away rooms=%d reason=%s", len(rooms), error)
            return
        for room in rooms:
            state = room.folded.state
            if positions.get(room.folded.session_id) != Position(seq=state.seq, entry_id=state.entry_id):
                self._repair(room)
        await asyncio.gather(*[self._quietly(self._refresh_presence(room)) for room in rooms])

    # --- presence and passing things ---------------------------------------------------

    async def _arrive(self, room: Room, member: Member) -> None:
        name = presence_member(member.actor.id, member.connection_id)
        here = await self._read_presence(room)
        # Another tab, or a connection that broke a moment ago, is the same stay of the same person.
        earlier = [other.since_ms for other in here if other.person_id == member.actor.id]
        since_ms = min(earlier, default=await self._store.now_ms())
        role = role_of(room.folded.state, member.actor)
        present = Present(person_id=member.actor.id, name=member.actor.name, role=role, since_ms=since_ms)
        payload = msgspec.json.encode(present)
        self._leases[room.folded.session_id, name] = payload
        await self._store.lease_presence(room.folded.session_id, {name: payload}, LEASE_MS)
        if member.connection_id not in room.members:
            self._leases.pop((room.folded.session_id, name), None)
            await self._depart(room, name, 0)
            return
        await self._refresh_presence(room)
        await self._signal(room, _Signal(origin=self._origin, presence=True))

    async def _depart(self, room: Room, name: str, linger_ms: int) -> None:
        session_id = room.folded.session_id
        if (session_id, name) in self._leases:
            return  # joined again before this began
        try:
            await self._store.release_presence(session_id, name, linger_ms)
            await self._signal(room, _Signal(origin=self._origin, presence=True, lingers=linger_ms > 0))
            if linger_ms > 0:
                await asyncio.sleep((linger_ms + 100) / 1000)
            await self._refresh_presence(room)
        except Unavailable as error:
            log.info("presence.left_to_lapse session_id=%s reason=%s", session_id, error)
        finally:
            self._close_if_empty(room)

    async def _renew(self, room: Room) -> None:
        names = {
            name: payload
            for member in room.members.values()
            if (
                payload := self._leases.get(
                    (room.folded.session_id, name := presence_member(member.actor.id, member.connection_id))
                )
            )
        }
        if names:
            await self._store.lease_presence(room.folded.session_id, names, LEASE_MS)

    async def _refresh_presence(self, room: Room) -> None:
        room.show_present(await self._read_presence(room))

    async def _read_presence(self, room: Room) -> list[Present]:
        return present_in(await self._store.presence(room.folded.session_id))

    def tell_doing(self, member: Member, frame: EphemeralUp) -> None:
        """Pass on what a member is doing, here and in the other processes."""
        room = self._rooms.get(frame.session_id)
        if room is None or member.connection_id not in room.members:
            return
        if frame.doing is Doing.POINTING and not may_point(room.folded.state, member.actor):
            return
        doing = EphemeralDown(
            session_id=frame.session_id,
            person_id=member.actor.id,
            doing=frame.doing,
            field_key=frame.field_key,
            target=frame.target,
        )
        room.tell_others(member.actor.id, codec.encode(doing))
        here = {local.actor.id for local in room.members.values()}
        if any(present.person_id not in here for present in room.present):
            self._in_background(self._signal(room, _Signal(origin=self._origin, doing=doing)))

    async def _signal(self, room: Room, signal: _Signal) -> None:
        await self._store.signal(room.folded.session_id, msgspec.json.encode(signal))

    def _on_signal(self, room: Room, payload: bytes) -> None:
        try:
            signal = _signal_decoder.decode(payload)
        except msgspec.MsgspecError as error:
            log.warning("signal.unreadable session_id=%s reason=%s", room.folded.session_id, error)
            return
        if signal.origin == self._origin:
            return
        if signal.gone:
            self._repair(room)
        if signal.presence:
            self._in_background(self._refresh_soon(room, after_ms=LINGER_MS + 100 if signal.lingers else 0))
        if signal.doing is not None:
            room.tell_others(signal.doing.person_id, codec.encode(signal.doing))

    async def _refresh_soon(self, room: Room, *, after_ms: int) -> None:
        await asyncio.sleep(after_ms / 1000)
        await self._refresh_presence(room)

    # --- background work -----------------------------------------------------------------

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Unavailable):
            log.warning("rooms.store_away reason=%s", error)
        elif error is not None:
            log.error("rooms.task_failed", exc_info=error)

    async def _quietly(self, work: Coroutine[Any, Any, None]) -> None:
        """Do work that the next check does again: whatever it meets is said, and the checks go on."""
        try:
            await work
        except Unavailable as error:
            log.warning("rooms.store_away reason=%s", error)
        except Exception:
            log.exception("rooms.check_failed")


def _turn_of(session_id: SessionId) -> int:
    return zlib.crc32(session_id.encode()) % TURNS
