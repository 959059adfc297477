"""Replay: what led a Session to where it stands, page by page, for one person.

Folded from the log when it is asked for, and projected as who asks may see it
now. Where a page ended is kept beside the folded Session, so that the next one
goes on from there; who does not go on from such a place begins a replay, which
is on record like watching.

Rules: protocol/SPEC.md, RP1 to RP5.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from protocol.base import EntryId, PersonId, Seq, SessionId
from protocol.events import Entry
from protocol.ops import Op
from protocol.refusals import RefuseCode
from protocol.replay import ReplayPage, ReplayStep
from protocol.views import Audience, View
from server.folded import Folded, FoldedSessions, ForkedError, Place
from server.ports import SessionStore, StoredEntry, Unavailable
from server.rooms.room import notes_update_of
from server.store.sealing import SessionSeal
from session_engine.context import Actor
from session_engine.evolve import evolve
from session_engine.project import audience_of, ops_between, project
from session_engine.project_whispers import UNTOLD
from session_engine.refused import Refused
from session_engine.rights import may_watch
from session_engine.state import SessionState
from session_engine.workflow import Workflow

PAGE = 500
"""Steps of an answer: about 150 KB, and 100 ms of folding."""
SLICE = 25
"""Entries that are folded at a stretch: 0.2 ms each, in which everybody else waits."""
PLACES = 32
"""Ends of pages that are kept beside one Session: a few people who replay it at once."""


@dataclass(slots=True)
class Walk:
    """One way through the log, from its start or from a place on it, and what it met past `from_seq`."""

    from_seq: Seq
    audience: Audience
    workflow: Workflow
    state: SessionState | None = None
    follows: EntryId = ""
    view: View | None = None

    def take(self, entry: Entry) -> ReplayStep | None:
        """Fold the next entry; its step, if it is past where the page begins and not of whispers alone."""
        before = self.state
        after = self.state = evolve(before, entry)
        if entry.seq <= self.from_seq:
            self.follows = entry.entry_id
            return None
        ops: tuple[Op, ...] = ()
        if before is None:
            self.view = project(after, self.workflow, self.audience)
        elif entry.events and all(type(event) in UNTOLD for event in entry.events):
            return None
        else:
            ops = ops_between(before, after, self.workflow, self.audience, notes_update=notes_update_of(entry))
        events = tuple(str(event.__struct_config__.tag) for event in entry.events)
        return ReplayStep(seq=entry.seq, at_ms=entry.at_ms, by=entry.actor, events=events, ops=ops)


class Replaying:
    """Reads the log of any Session that somebody may watch, live, finished or archived."""

    def __init__(self, sessions: FoldedSessions, store: SessionStore) -> None:
        self._sessions = sessions
        self._store = store

    async def page(
        self, session_id: SessionId, actor: Actor, from_seq: Seq, before_first: Callable[[bool], Awaitable[None]]
    ) -> ReplayPage:
        """The steps after `from_seq`, at most `PAGE`. `before_first` is awaited, with whether the asker is its owner,
        before anything is given that does not go on from what this process gave them.

        Raises:
            Refused: `not_allowed`. SessionNotFound, Unavailable.
        """
        folded = await self._level(session_id)
        if not may_watch(folded.state, actor):
            raise Refused(RefuseCode.NOT_ALLOWED, f"{actor.id} has no part in session {session_id}")
        head = folded.state
        audience = audience_of(head, actor.id)
        place = folded.places.get((actor.id, from_seq))
        if place is not None and place.audience is not audience:
            place = None
        stored = await self._store.read(session_id, max(from_seq - 1, 0) if place is not None else 0)
        if place is not None and (not stored or stored[0].entry_id != place.state.entry_id):
            place, stored = None, await self._store.read(session_id)
        if place is None:
            await before_first(audience is Audience.OWNER)
        state = place.state if place is not None else None
        walk = Walk(from_seq, audience, folded.workflow, state, follows=state.entry_id if state is not None else "")
        steps = await take_page(walk, folded.seal, stored, head.seq)
        if folded.state.renewed != head.renewed:
            raise Unavailable(f"session {session_id}: something was erased while it was read")
        if walk.state is not None:
            _keep(folded, (actor.id, walk.state.seq), Place(audience=audience, state=walk.state))
        return ReplayPage(
            session_id=session_id,
            audience=audience,
            erased=len(head.renewed),
            follows=walk.follows,
            view=walk.view,
            steps=tuple(steps),
            seq=walk.state.seq if walk.state is not None else 0,
            entry_id=walk.state.entry_id if walk.state is not None else "",
            last_seq=head.seq,
        )

    async def _level(self, session_id: SessionId) -> Folded:
        """The folded Session, level with its log, with keys that open nothing that was erased."""
        folded = await self._sessions.open(session_id)
        try:
            await self._sessions.catch_up(folded)
        except ForkedError as error:
            self._sessions.forget(folded)
            raise Unavailable(str(error)) from error
        await self._sessions.renew_seal(folded)
        return folded


async def take_page(walk: Walk, seal: SessionSeal, stored: Sequence[StoredEntry], last_seq: Seq) -> list[ReplayStep]:
    """The steps of a page, letting others in now and then."""
    steps: list[ReplayStep] = []
    known_seq = walk.state.seq if walk.state is not None else 0
    for number, each in enumerate(stored):
        if each.seq <= known_seq:
            continue
        if each.seq > last_seq or len(steps) == PAGE:
            break
        if number % SLICE == 0:
            await asyncio.sleep(0)
        if (step := walk.take(seal.unseal(each))) is not None:
            steps.append(step)
    return steps


def _keep(folded: Folded, name: tuple[PersonId, Seq], place: Place) -> None:
    folded.places.pop(name, None)
    folded.places[name] = place
    while len(folded.places) > PLACES:
        del folded.places[next(iter(folded.places))]
