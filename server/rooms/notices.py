"""Notices that stand, in this process: whom they are told, and in which Sessions they were read.

SQL has them. A signal in the store tells every process to read them again, and
each does so now and then anyway. A page is sent those that may concern its
person and shows each where it belongs, so that a change is one frame a page,
however many Sessions are open. Once a second the rooms are looked through for
Sessions whose driver has one on the screen.

Rules: protocol/SPEC.md, NC.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Iterable
from typing import Any

from protocol import codec
from protocol.base import Key, Millis, SessionId, TeamId
from protocol.frames import NoticesFrame
from protocol.notices import Notice, NoticeId
from server.notice_ports import NoticeBook
from server.ports import SessionStore, Unavailable
from server.rooms.room import Member, Room
from session_engine.context import Actor, PersonRole

log = logging.getLogger(__name__)

NOTICES: SessionId = "notices".rjust(32, "-")
"""Where the store passes on that they changed, as if it were a Session; as long as an id, and none is like it."""
REREAD_EVERY_S = 30
STAND_AT_MOST = 20
"""All of them are in every frame."""
WRITERS = frozenset({PersonRole.SUPERVISOR, PersonRole.MANAGER, PersonRole.AUTHOR})
EVERYWHERE = frozenset({PersonRole.MANAGER, PersonRole.AUTHOR})


class Notices:
    """What stands, and the members that are told."""

    def __init__(self, book: NoticeBook, store: SessionStore, clock: Callable[[], Millis]) -> None:
        self._book = book
        self._store = store
        self._clock = clock
        self._standing: tuple[Notice, ...] = ()
        self._members: dict[str, Member] = {}
        self._told: dict[str, tuple[NoticeId, ...]] = {}
        self._reached: dict[NoticeId, set[SessionId]] = {}
        self._ready: asyncio.Task[None] | None = None
        self._reading = asyncio.Lock()
        self._age_s = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def arrive(self, member: Member) -> None:
        """A page is there: it is sent what stands, and from then on what changes.

        Raises:
            Unavailable: the store is away.
        """
        await self._make_ready()
        if not member.is_gone:
            self._members[member.connection_id] = member
            self._tell([member], anew=True)

    def judge_again(self, member: Member) -> None:
        """A member has other rights than before."""
        if member.connection_id in self._members:
            self._tell([member])

    def depart(self, member: Member) -> None:
        """A page is gone."""
        self._members.pop(member.connection_id, None)
        self._told.pop(member.connection_id, None)

    async def changed(self) -> None:
        """One was written or taken back here: every process reads them again."""
        await self._read()
        try:
            await self._store.signal(NOTICES, b"")
        except Unavailable as error:
            log.warning("notices.not_signalled reason=%s", error)

    def on_signal(self) -> None:
        """One was written or taken back somewhere."""
        self._in_background(self._read())

    def on_interrupted(self) -> None:
        """Signals may be missing: read again with the next tick."""
        self._age_s = REREAD_EVERY_S

    async def tick(self, rooms: Iterable[Room]) -> None:
        """Once a second: drop what ran out, read again when it is time, and count whom they reach.

        Raises:
            Unavailable: SQL or the store is away.
        """
        await self._make_ready()
        self._age_s += 1
        if self._age_s >= REREAD_EVERY_S:
            await self._read()
        elif any(is_over(notice, self._clock()) for notice in self._standing):
            self._take(self._standing)
        if self._standing:
            await self._count(rooms)

    async def close(self) -> None:
        """Stop."""
        tasks = [*self._tasks, *([] if self._ready is None else [self._ready])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _make_ready(self) -> None:
        """Subscribe and read, once for all who come meanwhile; again if it failed."""
        if self._ready is None or (self._ready.done() and self._ready.exception() is not None):
            self._ready = asyncio.create_task(self._subscribe())
        await asyncio.shield(self._ready)

    async def _subscribe(self) -> None:
        await self._store.subscribe(NOTICES)
        try:
            await self._read()
        except Unavailable as error:
            # Pages work without; they are told once SQL is back.
            self._age_s = REREAD_EVERY_S
            log.warning("notices.unread reason=%s", error)

    async def _read(self) -> None:
        async with self._reading:  # what was asked later is newer
            self._take(await self._book.standing())
            self._age_s = 0

    def _take(self, notices: Iterable[Notice]) -> None:
        self._standing = tuple(notice for notice in notices if not is_over(notice, self._clock()))
        kept = {notice.id for notice in self._standing}
        self._reached = {id_: sessions for id_, sessions in self._reached.items() if id_ in kept}
        self._tell(self._members.values())

    def _tell(self, members: Iterable[Member], *, anew: bool = False) -> None:
        """Send these members what stands for them, if that is not what they were told."""
        frames: dict[tuple[NoticeId, ...], bytes] = {}
        for member in list(members):
            shown = [notice for notice in self._standing if may_concern(notice, member.actor)]
            ids = tuple(notice.id for notice in shown)
            if not anew and self._told.get(member.connection_id) == ids:
                continue
            if ids not in frames:
                frames[ids] = codec.encode(NoticesFrame(notices=tuple(shown)))
            self._told[member.connection_id] = ids
            member.send(frames[ids])

    async def _count(self, rooms: Iterable[Room]) -> None:
        news: dict[NoticeId, set[SessionId]] = {}
        for room in rooms:
            state = room.folded.state
            if state.training or state.is_finished:
                continue
            if all(member.actor.id != state.driver.id for member in room.members.values()):
                continue
            key, section_key = room.folded.workflow.version.document.key, state.current_visit.section_key
            for notice in self._standing:
                is_new = state.session_id not in self._reached.get(notice.id, ())
                if is_new and belongs(notice, key, section_key, state.team_ids):
                    news.setdefault(notice.id, set()).add(state.session_id)
        if news:
            await self._book.note_reached(news)
            for notice_id, sessions in news.items():
                self._reached.setdefault(notice_id, set()).update(sessions)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _quietly(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Unavailable as error:
            self._age_s = REREAD_EVERY_S
            log.warning("notices.unread reason=%s", error)


def is_over(notice: Notice, now_ms: Millis) -> bool:
    """Whether it ran out."""
    return notice.until_ms is not None and notice.until_ms <= now_ms


def belongs(notice: Notice, workflow_key: Key, section_key: Key, team_ids: Collection[TeamId]) -> bool:
    """Whether it is shown in a Session like this."""
    return (
        notice.workflow_key == workflow_key
        and notice.section_key in (None, section_key)
        and (not notice.team_ids or not set(notice.team_ids).isdisjoint(team_ids))
    )


def may_concern(notice: Notice, actor: Actor) -> bool:
    """Whether this person may come across a Session that it is shown in."""
    everywhere = not notice.team_ids or not EVERYWHERE.isdisjoint(actor.roles)
    return everywhere or not actor.team_ids.isdisjoint(notice.team_ids)


def may_take_back(notice: Notice, actor: Actor) -> bool:
    """Its writer, who may write for every team, and a supervisor of all of its teams."""
    if actor.roles.isdisjoint(WRITERS):
        return False
    if actor.id == notice.by.id or not EVERYWHERE.isdisjoint(actor.roles):
        return True
    return bool(notice.team_ids) and actor.team_ids.issuperset(notice.team_ids)
