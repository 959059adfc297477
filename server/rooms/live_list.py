"""The list of live Sessions, whole in this process, filtered for each member.

Read from the live index when the first member comes, kept by pushes, read
again every half minute. What a person may not watch, they are not listed; but
who is asked to take a Session over is told what they need to answer.

Rules: protocol/SPEC.md, LL, TR7 and TR9.
"""

from __future__ import annotations

import asyncio
import logging

import msgspec
from msgspec.structs import replace

from protocol import codec
from protocol.base import PersonId, SessionId
from protocol.frames import ListFrame
from protocol.views import LiveSession, SessionStatus
from server.ports import PushedLive, SessionStore
from server.rooms.floor import Floor
from server.rooms.room import Member
from server.store.keyring import KeyRing, SealBroken
from session_engine.context import Actor, PersonRole
from session_engine.rights import may_answer

log = logging.getLogger(__name__)

REREAD_EVERY_S = 30
FLUSH_AFTER_S = 0.1
"""Changes of many Sessions within this time make one frame per member."""

_decoder = msgspec.json.Decoder(LiveSession)


class LiveList:
    """Live Sessions by id, and who is shown which."""

    def __init__(self, store: SessionStore, key_ring: KeyRing) -> None:
        self.floor = Floor(store)
        self._store = store
        self._key_ring = key_ring
        self._sessions: dict[SessionId, LiveSession] = {}
        self._members: dict[str, tuple[Member, set[SessionId]]] = {}
        self._changed: set[SessionId] = set()
        self._ready: asyncio.Task[None] | None = None
        self._pushed: dict[SessionId, LiveSession | None] | None = None
        self._age_s = 0
        self._flush_timer: asyncio.TimerHandle | None = None

    async def join(self, member: Member) -> None:
        """Send the whole list, and from then on what changes.

        Raises:
            Unavailable: the store is away.
        """
        await self._make_ready()
        if member.is_gone:
            return
        self._flush()
        self._show_all(member)
        self.floor.arrive(member)

    def judge_again(self, member: Member) -> None:
        """Send the whole list anew to a member whose rights changed."""
        if member.connection_id in self._members:
            self._show_all(member)
            self.floor.arrive(member)

    def leave(self, member: Member) -> None:
        """Send this member nothing more."""
        self._members.pop(member.connection_id, None)
        self.floor.depart(member)

    def on_change(self, push: PushedLive) -> None:
        """Note a change; it is sent with all that come within a moment."""
        live = self._open(push.session_id, push.summary) if push.summary is not None else None
        if self._pushed is not None:
            self._pushed[push.session_id] = live
        self._put(push.session_id, live)
        if self._changed and self._flush_timer is None:
            self._flush_timer = asyncio.get_running_loop().call_later(FLUSH_AFTER_S, self._flush)

    def on_interrupted(self) -> None:
        """Pushes may be missing: read again with the next tick."""
        self._age_s = REREAD_EVERY_S

    async def tick(self) -> None:
        """Once a second: read again when it is time.

        Raises:
            Unavailable: the store is away.
        """
        await self.floor.tick()
        self._age_s += 1
        if self._members and self._age_s >= REREAD_EVERY_S:
            await self._read()
            self._flush()

    async def driving(self) -> frozenset[PersonId]:
        """Who is on a call: drives a Session that runs and is no practice.

        Raises:
            Unavailable: the store is away.
        """
        await self._make_ready()
        if not self._members:
            await self._read()  # only pushes kept it, some of which may be missing
        running = (SessionStatus.ACTIVE, SessionStatus.REVIEWING)
        return frozenset(
            live.driver.id for live in self._sessions.values() if live.status in running and not live.training
        )

    def _show_all(self, member: Member) -> None:
        listed = (listed_to(member.actor, live) for live in self._sessions.values())
        shown = [live for live in listed if live is not None]
        self._members[member.connection_id] = (member, {live.session_id for live in shown})
        member.send(codec.encode(ListFrame(whole=True, put=tuple(shown), remove=())))

    def _put(self, session_id: SessionId, live: LiveSession | None) -> None:
        if self._sessions.get(session_id) == live:
            return
        if live is None:
            del self._sessions[session_id]
        else:
            self._sessions[session_id] = live
        self._changed.add(session_id)

    def _flush(self) -> None:
        self._flush_timer = None
        if not self._changed:
            return
        changed, self._changed = self._changed, set()
        for member, shown in list(self._members.values()):
            put, remove = [], []
            for session_id in changed:
                changed_to = self._sessions.get(session_id)
                live = None if changed_to is None else listed_to(member.actor, changed_to)
                if live is not None:
                    put.append(live)
                    shown.add(session_id)
                elif session_id in shown:
                    remove.append(session_id)
                    shown.discard(session_id)
            if put or remove:
                member.send(codec.encode(ListFrame(whole=False, put=tuple(put), remove=tuple(remove))))

    async def _make_ready(self) -> None:
        """Subscribe and read, once for all who come meanwhile; again if it failed."""
        if self._ready is None or (self._ready.done() and self._ready.exception() is not None):
            self._ready = asyncio.create_task(self._subscribe())
        await asyncio.shield(self._ready)

    async def _subscribe(self) -> None:
        await self._store.subscribe_live()
        await self._read()

    async def _read(self) -> None:
        """Take the index as it is; what is pushed meanwhile is newer."""
        self._pushed = {}
        try:
            sealed = await self._store.live()
        finally:
            pushed, self._pushed = self._pushed, None
        fresh = {session_id: self._open(session_id, summary) for session_id, summary in sealed.items()}
        fresh.update(pushed)
        for session_id in {*fresh, *self._sessions}:
            self._put(session_id, fresh.get(session_id))
        self._age_s = 0

    def _open(self, session_id: SessionId, summary: bytes) -> LiveSession | None:
        try:
            return _decoder.decode(self._key_ring.unseal_summary(session_id, summary))
        except (SealBroken, msgspec.MsgspecError) as error:
            log.error("live.unreadable session_id=%s reason=%s", session_id, error)
            return None


def listed_to(actor: Actor, live: LiveSession) -> LiveSession | None:
    """The Session as this person is listed it; None if they are not."""
    transfer = live.transfer
    if transfer is None:
        return live if may_list(actor, live) else None
    is_asked = may_answer(transfer, live.owner, live.team_ids, actor)
    shown = replace(live, transfer=replace(transfer, note=transfer.note if is_asked else None, asks_you=is_asked))
    if may_list(actor, live):
        return shown
    return replace(shown, help=None, approval_asked_ms=None) if is_asked else None


def may_list(actor: Actor, live: LiveSession) -> bool:
    """Own Sessions, and that one has come for; for coaches and supervisors their teams'; practice to its owner only."""
    if live.training:
        return actor.id == live.owner.id
    taker = live.transfer.accepted_by if live.transfer is not None else None
    if actor.id in (live.owner.id, live.driver.id) or (taker is not None and actor.id == taker.id):
        return True
    if PersonRole.MANAGER in actor.roles:
        return True
    leads = not actor.roles.isdisjoint({PersonRole.COACH, PersonRole.SUPERVISOR})
    return leads and not actor.team_ids.isdisjoint(live.team_ids)
