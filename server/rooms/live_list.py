"""The list of live Sessions, whole in this process, filtered for each member.

Read from the live index when the first member comes, kept by pushes, read
again every half minute. Who is listed which, and how, is in `listing.py`.
What comes within a beat makes one frame, opened and encoded once for all who
are shown the same; who is behind is told later, the last of each Session.
Who is in a Session comes from its presence leases, a part of them each second.

Rules: protocol/SPEC.md, LL and TR9.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from zlib import crc32

import msgspec
from msgspec.structs import replace

from protocol import codec
from protocol.base import Millis, PersonId, Record, SessionId
from protocol.events import Ring
from protocol.frames import ListFrame, LiveChanged
from protocol.views import RUNNING, LiveHelp, LiveSession, LiveWatcher
from server.ports import Attendance, PushedLive, SessionStore
from server.presence import person_of, present_in
from server.rooms.alert_board import AlertBoard
from server.rooms.floor import Floor
from server.rooms.listing import NOBODYS, Scope, covered, covers, listed_to, scope_of, whose
from server.rooms.ringing import ring_of
from server.rooms.room import Member
from server.store.keyring import KeyRing, SealBroken
from session_engine.context import Actor
from session_engine.state import SessionState

log = logging.getLogger(__name__)

REREAD_EVERY_S = 30
SOON_S = 0.1
"""Changes of many Sessions within this time make one frame, after a while without any."""
BEAT_S = 0.25
"""On a busy floor: as often as eyes follow, and a quarter of a second late at most."""
LOOK_IN_EVERY_S = 5
"""A lease of 45 s that nobody renewed is noticed within 50 s."""

Shown = Callable[[LiveSession | None], LiveSession | None]
"""A Session as somebody is listed it; None if they are not."""

K = TypeVar("K")
V = TypeVar("V")

_decoder = msgspec.json.Decoder(LiveSession)


class _Here(Record, frozen=True, kw_only=True):
    """Who is in a Session."""

    watchers: tuple[LiveWatcher, ...] = ()
    driver_id: PersonId = ""
    driver_away_ms: Millis | None = None
    opened_ms: Millis | None = None
    """When it was given to an owner who has opened it since."""


class _Change(Record, frozen=True, kw_only=True):
    """A Session as it was told and as it is; None where it was not, or is no more."""

    session_id: SessionId
    before: LiveSession | None = None
    after: LiveSession | None = None
    to: dict[str, Any] = {}
    """What of it is another than it was."""

    @property
    def concerns(self) -> set[PersonId]:
        """Whose own Session it was or is."""
        return {*whose(self.before), *whose(self.after)}

    @property
    def is_transfer(self) -> bool:
        """Whether people are shown it in different ways."""
        return any(live is not None and live.transfer is not None for live in (self.before, self.after))


@dataclass(eq=False)
class _Follower:
    """A member, and what it was not told because it was behind."""

    member: Member
    actor: Actor
    scope: Scope
    takes_changes: bool
    owed: set[SessionId] = field(default_factory=set)


class LiveList:
    """Live Sessions by id, and who is shown which."""

    def __init__(self, store: SessionStore, key_ring: KeyRing, alerts: AlertBoard | None = None) -> None:
        self.floor = Floor(store)
        self._alerts = alerts
        self._store = store
        self._key_ring = key_ring
        self._index: dict[SessionId, bytes] = {}
        """Sealed, as last heard."""
        self._sessions: dict[SessionId, LiveSession] = {}
        """Opened, as whoever joins is told."""
        self._untold: dict[SessionId, LiveSession | None] = {}
        """Those that are others than was told before the last beat, as they were then."""
        self._own: dict[PersonId, set[SessionId]] = {}
        self._transfers: set[SessionId] = set()
        self._here: dict[SessionId, _Here] = {}
        self._news: set[SessionId] = set()
        self._followers: dict[str, _Follower] = {}
        self._by_person: dict[PersonId, set[_Follower]] = {}
        self._by_scope: dict[Scope, set[_Follower]] = {}
        self._owing: set[_Follower] = set()
        self._last_asked: dict[PersonId, Millis] = {}
        self._ready: asyncio.Task[None] | None = None
        self._pushed: dict[SessionId, bytes | None] | None = None
        self._age_s = 0
        self._flush_timer: asyncio.TimerHandle | None = None
        self._flushed_at = 0.0

    async def join(self, member: Member, *, takes_changes: bool = False) -> None:
        """Send the whole list, and from then on what changes: of a Session what is new, if it takes that.

        Raises:
            Unavailable: the store is away.
        """
        await self._make_ready()
        if member.is_gone:
            return
        if (before := self._followers.get(member.connection_id)) is not None:
            self._discard(before)
        self._add(member, takes_changes=takes_changes)

    def judge_again(self, member: Member) -> None:
        """Send the whole list anew to a member whose rights changed."""
        follower = self._followers.get(member.connection_id)
        if follower is not None:
            self._discard(follower)
            self._add(member, takes_changes=follower.takes_changes)

    def leave(self, member: Member) -> None:
        """Send this member nothing more."""
        follower = self._followers.get(member.connection_id)
        if follower is not None:
            self._discard(follower)
        self.floor.depart(member)
        if self._alerts is not None:
            self._alerts.depart(member)

    async def sessions(self) -> tuple[LiveSession, ...]:
        """All of them, whoever may see which; followed from now on.

        Raises:
            Unavailable: the store is away.
        """
        await self._catch_up(after_s=REREAD_EVERY_S)
        if not self._followers:
            self._untold.clear()  # there is nobody to tell
        return tuple(self._sessions.values())

    async def find_ring(self, state: SessionState, asker: Actor) -> Ring:
        """Who is to be asked first for help with this Session, and who next.

        Raises:
            Unavailable: the store is away.
        """
        await self._catch_up()
        on_floor = await self.floor.leads_in(state.team_ids, {asker.id, state.driver.id})
        return ring_of(on_floor, self._sessions.values(), self._last_asked, await self._store.now_ms())

    def on_change(self, push: PushedLive) -> None:
        """Note a change; it is sent with all that come within a beat."""
        if self._pushed is not None:
            self._pushed[push.session_id] = push.summary
        self._hear(push.session_id, push.summary)

    def on_interrupted(self) -> None:
        """Pushes may be missing: read again with the next tick."""
        self._age_s = REREAD_EVERY_S

    async def tick(self) -> None:
        """Once a second: look into some Sessions, and read again when it is time.

        Raises:
            Unavailable: the store is away.
        """
        await self.floor.tick()
        self._age_s += 1
        if not self._followers:
            return
        turn = self._age_s % LOOK_IN_EVERY_S
        turned_to = [each for each in self._sessions if crc32(each.encode()) % LOOK_IN_EVERY_S == turn]
        await self._look_into([each for each in turned_to if self._is_shown(self._sessions[each])])
        if self._age_s >= REREAD_EVERY_S:
            await self._read()

    async def on_call(self) -> frozenset[PersonId]:
        """Who is on a call: owns or drives a Session that runs and is no practice.

        Raises:
            Unavailable: the store is away.
        """
        await self._catch_up()
        running = (live for live in self._sessions.values() if live.status in RUNNING and not live.training)
        return frozenset(person.id for live in running for person in (live.owner, live.driver))

    # --- members ----------------------------------------------------------------------

    def _add(self, member: Member, *, takes_changes: bool) -> None:
        self._take_in()
        if not self._followers:
            self._untold.clear()
        actor = member.actor
        follower = _Follower(member=member, actor=actor, scope=scope_of(actor), takes_changes=takes_changes)
        # It is shown what others are told with the beat, and must not take their differences for its own.
        follower.owed.update(
            session_id
            for session_id, before in self._untold.items()
            if listed_to(actor, before) or listed_to(actor, self._sessions.get(session_id))
        )
        if follower.owed:
            self._owing.add(follower)
        self._followers[member.connection_id] = follower
        self._by_person.setdefault(actor.id, set()).add(follower)
        self._by_scope.setdefault(follower.scope, set()).add(follower)
        looked_at: Collection[SessionId] = self._sessions
        if follower.scope == NOBODYS:
            looked_at = self._own.get(actor.id, set()) | self._transfers
        listed = (listed_to(actor, self._sessions[session_id]) for session_id in looked_at)
        shown = tuple(live for live in listed if live is not None)
        member.send(codec.encode(ListFrame(whole=True, put=shown, remove=())))
        self._arrive(member)

    def _arrive(self, member: Member) -> None:
        self.floor.arrive(member)
        if self._alerts is not None:
            self._alerts.arrive(member)

    def _discard(self, follower: _Follower) -> None:
        del self._followers[follower.member.connection_id]
        self._owing.discard(follower)
        _take_out(self._by_person, follower.actor.id, follower)
        _take_out(self._by_scope, follower.scope, follower)

    # --- what is true -----------------------------------------------------------------

    def _hear(self, session_id: SessionId, summary: bytes | None) -> None:
        if self._index.get(session_id) == summary:
            return
        if summary is None:
            del self._index[session_id]
        else:
            self._index[session_id] = summary
        self._note(session_id)

    def _note(self, session_id: SessionId) -> None:
        self._news.add(session_id)
        if self._followers:
            self._plan_flush()

    def _take_in(self) -> None:
        """Open what is new."""
        news, self._news = self._news, set()
        for session_id in news:
            before, summary = self._sessions.get(session_id), self._index.get(session_id)
            after = None if summary is None else self._open(session_id, summary)
            if before == after:
                continue
            self._untold.setdefault(session_id, before)
            if after is None:
                del self._sessions[session_id]
                self._here.pop(session_id, None)
            else:
                self._sessions[session_id] = after
                if after.help is not None and after.help.ring:
                    first = after.help.ring[0].id
                    self._last_asked[first] = max(after.help.asked_ms, self._last_asked.get(first, 0))
            if after is not None and after.transfer is not None:
                self._transfers.add(session_id)
            else:
                self._transfers.discard(session_id)
            for person_id in whose(before):
                _take_out(self._own, person_id, session_id)
            for person_id in whose(after):
                self._own.setdefault(person_id, set()).add(session_id)

    def _take_changes(self) -> list[_Change]:
        """What is to be told from now on as it is."""
        self._take_in()
        untold, self._untold = self._untold, {}
        pairs = [(session_id, before, self._sessions.get(session_id)) for session_id, before in untold.items()]
        return [
            _Change(session_id=session_id, before=before, after=after, to=_difference(before, after))
            for session_id, before, after in pairs
            if before != after
        ]

    def _open(self, session_id: SessionId, summary: bytes) -> LiveSession | None:
        try:
            live = _decoder.decode(self._key_ring.unseal_summary(session_id, summary))
        except (SealBroken, msgspec.MsgspecError) as error:
            log.error("live.unreadable session_id=%s reason=%s", session_id, error)
            return None
        here = self._here.get(session_id)
        if here is None:
            return live
        if live.given is not None and live.given.at_ms == here.opened_ms:
            live = replace(live, given=None)
        if live.status not in RUNNING:
            return live
        # Whoever has the seat since is not known to be away, and watches no more.
        is_of_driver = here.driver_id == live.driver.id
        watchers = here.watchers if is_of_driver else tuple(each for each in here.watchers if each.id != live.driver.id)
        away_ms = here.driver_away_ms if is_of_driver else None
        return replace(live, watchers=watchers, driver_away_ms=away_ms, help=_help_here(live.help, here))

    async def _make_ready(self) -> None:
        """Subscribe and read, once for all who come meanwhile; again if it failed."""
        if self._ready is None or (self._ready.done() and self._ready.exception() is not None):
            self._ready = asyncio.create_task(self._subscribe())
        await asyncio.shield(self._ready)

    async def _catch_up(self, *, after_s: int = 0) -> None:
        """Have what there is now: where nobody follows only pushes keep it, some of which may be missing."""
        await self._make_ready()
        if not self._followers and self._age_s >= after_s:
            await self._read()
        self._take_in()

    async def _subscribe(self) -> None:
        await self._store.subscribe_live()
        await self._read()
        self._take_in()
        await self._look_into(list(self._sessions))

    async def _read(self) -> None:
        """Take the index as it is; what is pushed meanwhile is newer."""
        self._pushed = {}
        try:
            fresh: dict[SessionId, bytes | None] = {**await self._store.live()}
        finally:
            pushed, self._pushed = self._pushed, None
        fresh.update(pushed)
        for session_id in {*fresh, *self._index}:
            self._hear(session_id, fresh.get(session_id))
        self._age_s = 0

    async def _look_into(self, session_ids: Collection[SessionId]) -> None:
        """Ask who is in those of these Sessions that are not paused, or that their owner was given and may not know."""
        asked = {
            session_id: live.driver.id
            for session_id in session_ids
            if (live := self._sessions[session_id]).status in RUNNING or live.given is not None
        }
        for session_id, attendance in (await self._store.attendance(asked)).items():
            if (now := self._sessions.get(session_id)) is None:
                continue
            before = self._here.get(session_id, _Here())
            opened_ms = _opened_ms(attendance, now, asked[session_id]) or before.opened_ms
            here = replace(_here(attendance, now, asked[session_id]), opened_ms=opened_ms)
            if here != before:
                self._here[session_id] = here
                self._note(session_id)

    def _is_shown(self, live: LiveSession) -> bool:
        if any(person_id in self._by_person for person_id in whose(live)):
            return True
        return any(covers(scope, live) for scope in self._by_scope)

    # --- telling ----------------------------------------------------------------------

    def _plan_flush(self) -> None:
        if self._flush_timer is None:
            loop = asyncio.get_running_loop()
            at = max(loop.time() + SOON_S, self._flushed_at + BEAT_S)
            self._flush_timer = loop.call_at(at, self._flush)

    def _flush(self) -> None:
        """Tell everybody what is new to them."""
        self._flush_timer = None
        self._flushed_at = asyncio.get_running_loop().time()
        apart: dict[_Follower, list[_Change]] = {follower: [] for follower in self._owing}
        changes = []
        for change in self._take_changes():
            if not change.is_transfer:
                changes.append(change)
                continue
            for follower in self._followers.values():
                if listed_to(follower.actor, change.before) or listed_to(follower.actor, change.after):
                    apart.setdefault(follower, []).append(change)
        for change in changes:
            for person_id in change.concerns & self._by_person.keys():
                for follower in self._by_person[person_id]:
                    apart.setdefault(follower, []).append(change)
        for scope, followers in [*self._by_scope.items()]:
            of_scope = [each for each in changes if covers(scope, each.before) or covers(scope, each.after)]
            frames: dict[bool, bytes] = {}
            for follower in [*followers] if of_scope else ():
                how = follower.takes_changes
                if follower in apart or follower.member.is_behind:
                    apart.setdefault(follower, []).extend(of_scope)
                    continue
                if how not in frames:
                    frames[how] = _frame(of_scope, partial(covered, scope), takes_changes=how)
                follower.member.send(frames[how])
        for follower, its in apart.items():
            self._tell_apart(follower, its)
        if self._owing:
            self._plan_flush()

    def _tell_apart(self, follower: _Follower, changes: list[_Change]) -> None:
        """What nobody else is told like this: own Sessions, and what was owed."""
        if follower.member.is_behind:
            follower.owed.update(change.session_id for change in changes)
            self._owing.add(follower)
            return
        by_id = {change.session_id: change for change in changes}
        for session_id in follower.owed:
            # Whole: what it was told of these is of some time ago.
            by_id[session_id] = _Change(session_id=session_id, after=self._sessions.get(session_id))
        follower.owed.clear()
        self._owing.discard(follower)
        how = follower.takes_changes
        follower.member.send(_frame([*by_id.values()], partial(listed_to, follower.actor), takes_changes=how))


def _frame(changes: Collection[_Change], shown: Shown, *, takes_changes: bool) -> bytes:
    put, changed, remove = [], [], []
    for change in changes:
        before, after = shown(change.before), shown(change.after)
        if after is None:
            remove.append(change.session_id)
        elif takes_changes and before is not None:
            to = _difference(before, after) if change.is_transfer else change.to
            changed.append(LiveChanged(session_id=change.session_id, to=to))
        else:
            put.append(after)
    return codec.encode(ListFrame(whole=False, put=tuple(put), remove=tuple(remove), changed=tuple(changed)))


def _difference(before: LiveSession | None, after: LiveSession | None) -> dict[str, Any]:
    if before is None or after is None:
        return {}
    values = ((name, getattr(after, name), getattr(before, name)) for name in LiveSession.__struct_fields__)
    return {name: value for name, value, earlier in values if value != earlier}


def _here(attendance: Attendance, live: LiveSession, driver_id: PersonId) -> _Here:
    people: dict[PersonId, LiveWatcher] = {}
    for one in sorted(present_in(attendance.leases), key=lambda present: (present.since_ms, present.person_id)):
        people.setdefault(one.person_id, LiveWatcher(id=one.person_id, name=one.name, role=one.role))
    people.pop(driver_id, None)
    is_driven = any(person_of(name) == driver_id for name in attendance.leases)
    away_ms = live.started_ms if attendance.last_seen_ms is None else attendance.last_seen_ms
    return _Here(watchers=tuple(people.values()), driver_id=driver_id, driver_away_ms=None if is_driven else away_ms)


def _opened_ms(attendance: Attendance, live: LiveSession, driver_id: PersonId) -> Millis | None:
    """When it was given to its owner, if they have it open or had it since."""
    if live.given is None:
        return None
    given_ms, owner_id = live.given.at_ms, live.owner.id
    was_here = driver_id == owner_id and (attendance.last_seen_ms or 0) > given_ms
    is_here = any(person_of(name) == owner_id for name in attendance.leases)
    return given_ms if was_here or is_here else None


def _help_here(help_: LiveHelp | None, here: _Here) -> LiveHelp | None:
    if help_ is None or help_.claimed_by is None:
        return help_
    people = {each.id for each in here.watchers} | ({here.driver_id} if here.driver_away_ms is None else set())
    return replace(help_, claimer_here=help_.claimed_by.id in people)


def _take_out(groups: dict[K, set[V]], key: K, one: V) -> None:
    group = groups.get(key, set())
    group.discard(one)
    if not group:
        groups.pop(key, None)
