"""The one door: every command of every Session passes here, from whatever side.

decide → seal → commit → apply. Commands of one Session queue behind one
drainer per process; what has queued is decided in order on the state that
each leaves, and committed at once. If another process was faster, the store
returns what it missed and the batch is decided again.

A refusal is given only by a state that is level with the log. What a decision
may know besides the state is measured in `circumstances.py`.

Rules: protocol/SPEC.md, CM.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import msgspec

from protocol.base import ClientId, Csn, EntryId, Position, Seq, SessionId
from protocol.commands import Command, StartSession, SystemCommand
from protocol.events import SCHEMA_VERSION, Entry
from protocol.integrations import IntegrationAction
from protocol.refusals import RefuseCode
from server.circumstances import Circumstances, FindPeople, FindTeam, no_team, nobody
from server.folded import SNAPSHOT_EVERY, Accepted, Answer, Folded, FoldedSessions, ForkedError, Waiting, tell
from server.ports import (
    Catalog,
    Commit,
    Conflict,
    DueChange,
    LiveChange,
    PolicyNow,
    SessionExists,
    SessionNotFound,
    SessionStore,
    StoredEntry,
    Unavailable,
)
from server.store.keyring import KeyRing
from server.store.sealing import Sealing
from server.watching import figures, tracing
from session_engine.context import SYSTEM, Actor
from session_engine.decide import decide, decide_first, decide_system
from session_engine.evolve import evolve
from session_engine.guidance import Switched
from session_engine.lifecycle import due_ms, dues
from session_engine.project import live_session, live_session_changed
from session_engine.refused import Refused
from session_engine.repeats import find_repeat
from session_engine.state import SessionState
from session_engine.workflow import Workflow

log = logging.getLogger(__name__)

MAX_BATCH = 64
GATHER_S = 0.005
"""Sessions whose queue was empty start together: their commits share a write to the store, a write to its disk and a
reading of the pushes. 206 µs a delivered message with 2 ms, 176 with 5, at 1,500 updates a second (tests/bench)."""
PUT_BACK_AT_ONCE = 500
"""Entries of a log that is put back, in one commit."""
MAX_TRIES = 50
"""Rounds of decide and commit; each lost round means that another process committed."""


@dataclass(slots=True)
class _Decided:
    """What a batch would become: every command's outcome, and the entries with the states after them."""

    base: SessionState
    outcomes: list[tuple[Waiting, Accepted | Refused]] = field(default_factory=list)
    steps: list[tuple[Entry, SessionState]] = field(default_factory=list)

    def became(self) -> Iterator[tuple[Waiting, Entry]]:
        """The commands that became entries."""
        accepted = (waiting for waiting, said in self.outcomes if isinstance(said, Accepted) and not said.is_repeat)
        return zip(accepted, (entry for entry, _ in self.steps), strict=True)


Committed = Callable[[SessionState | None, SessionState, Workflow], None]
"""Hears of each commit of this process: the state before it (None: it did not exist), and after it."""


class Submit:
    """Commands in, entries out."""

    def __init__(
        self,
        store: SessionStore,
        catalog: Catalog,
        sealing: Sealing,
        key_ring: KeyRing,
        policy: PolicyNow,
        on_committed: Committed = lambda before, after, workflow: None,
        integrations: Mapping[str, IntegrationAction] | None = None,
        public_url: str = "",
        find_people: FindPeople = nobody,
        find_team: FindTeam = no_team,
    ) -> None:
        self.sessions = FoldedSessions(store, catalog, sealing, integrations or {}, public_url)
        self._store = store
        self._catalog = catalog
        self._sealing = sealing
        self._key_ring = key_ring
        self._policy = policy
        self._on_committed = on_committed
        self.circumstances = Circumstances(self.sessions, store, catalog, policy, find_people, find_team)
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle: dict[SessionId, Folded] = {}
        self._gathering: asyncio.TimerHandle | None = None

    async def start(
        self, session_id: SessionId, command: StartSession, actor: Actor, client_id: ClientId, csn: Csn
    ) -> Accepted:
        """Start a Session under an id drawn by the sender; the same command again is a repeat.

        Raises:
            Refused: `unknown_version`, `session_exists` for another's id, and what `decide_first` refuses.
            Unavailable: the store or the catalog is away; try again.
        """
        began_s = perf_counter()
        try:
            accepted = await self._start(session_id, command, actor, client_id, csn)
        except Refused as refused:
            # It may have been started before, with only the answer lost: what is so now says nothing about then.
            if not await self._was_started(session_id, actor, client_id, csn):
                tell(refused, began_s)
                raise
            accepted = Accepted(seq=1, is_repeat=True)
        tell(accepted, began_s)
        return accepted

    async def _start(
        self, session_id: SessionId, command: StartSession, actor: Actor, client_id: ClientId, csn: Csn
    ) -> Accepted:
        began_s = perf_counter()
        workflow = await self.sessions.find_workflow(command.version_id)
        if workflow is None or await self._catalog.is_recalled(command.version_id):
            raise Refused(RefuseCode.UNKNOWN_VERSION, f"no published version {command.version_id}")
        switched = await self._find_switched(command)
        context = await self.circumstances.of_start(command, actor, client_id, csn, switched)
        events = decide_first(workflow, session_id, command, context, switched)
        entry = Entry(
            seq=1,
            entry_id=_draw_entry_id(),
            previous_id="",
            client_id=client_id,
            csn=csn,
            actor=actor.party,
            at_ms=context.now_ms,
            schema=SCHEMA_VERSION,
            events=events,
        )
        fields = [f"field/{key}" for key in workflow.fields]
        actions = [f"action/{key}" for key in workflow.actions]
        try:
            seal = await self._sealing.create(session_id, [*fields, *actions, "notes", "reason", "whisper", "snapshot"])
        except SessionNotFound:
            raise Refused(RefuseCode.SESSION_EXISTS, f"session {session_id} was deleted") from None
        state = evolve(None, entry)
        try:
            due = DueChange(due_ms=due_ms(state, self._policy()))
            handed_s = perf_counter()
            await self._store.create(session_id, seal.seal(entry), self._live_change(None, state, workflow), due)
        except SessionExists:
            raise Refused(RefuseCode.SESSION_EXISTS, f"session {session_id} was started before") from None
        self.sessions.keep(Folded(session_id=session_id, workflow=workflow, seal=seal, state=state))
        self._on_committed(None, state, workflow)
        if tracing.tracer is not None:
            tracing.tracer.tell_command(
                name_of(command),
                session_id,
                entry.entry_id,
                began_s=began_s,
                handed_s=handed_s,
                committed_s=perf_counter(),
            )
        return Accepted(seq=1, is_repeat=False)

    async def put_back(self, session_id: SessionId, entries: Sequence[StoredEntry]) -> SessionState:
        """Write a log that was kept elsewhere as it was, with its place in the lists and in time.

        What is there of it already stays, so that the very same again is success. Gives the state that it ends in.

        Raises:
            ForkedError: there is a Session of this id with another history.
            SealBroken: the keys here are not those of this log.
            SessionNotFound: the Session has no keys.
            Unavailable: the store or the database is away.
        """
        seal = await self._sealing.get(session_id)
        state: SessionState | None = None
        for stored in entries:
            state = evolve(state, seal.unseal(stored))
        assert state is not None, "a log has an entry"
        workflow = await self.sessions.find_workflow(state.version_id)
        if workflow is None:
            raise Unavailable(f"session {session_id}: no Workflow version {state.version_id}")
        live, due = self._live_change(None, state, workflow), DueChange(due_ms=due_ms(state, self._policy()))
        at = (await self._store.positions([session_id])).get(session_id)
        if at is None:
            is_all = len(entries) == 1
            await self._store.create(session_id, entries[0], live if is_all else None, due if is_all else None)
            at = Position(seq=1, entry_id=entries[0].entry_id)
        if at.seq > len(entries) or entries[at.seq - 1].entry_id != at.entry_id:
            raise ForkedError(f"session {session_id}: its log here is another one at entry {at.seq}")
        while at.seq < len(entries):
            some = tuple(entries[at.seq : at.seq + PUT_BACK_AT_ONCE])
            end = Position(seq=some[-1].seq, entry_id=some[-1].entry_id)
            is_last = end.seq == len(entries)
            await self._store.commit(
                Commit(
                    session_id=session_id,
                    expected=at,
                    entries=some,
                    live=live if is_last else None,
                    due=due if is_last else None,
                )
            )
            at = end
        return state

    def enqueue(
        self, folded: Folded, command: Command, actor: Actor, client_id: ClientId, csn: Csn, answer: Answer
    ) -> None:
        """Have a command decided and stored, after those of the same Session that came before it.

        `answer` is called once, after the listener heard of the entry. Refused means that nothing changed;
        `not_saved_yet`, that the store is away: send the same command again.
        """
        self._enqueue(folded, Waiting(command, actor, client_id, csn, answer))

    async def submit(
        self, folded: Folded, command: Command, actor: Actor, client_id: ClientId, csn: Csn
    ) -> Accepted | Refused:
        """The same for who waits for the answer."""
        done: asyncio.Future[Accepted | Refused] = asyncio.get_running_loop().create_future()
        self.enqueue(folded, command, actor, client_id, csn, done.set_result)
        return await done

    async def submit_system(self, session_id: SessionId, command: SystemCommand) -> Accepted | Refused:
        """Have the system do something to a Session; refused if it does not apply any more.

        Raises:
            SessionNotFound, Unavailable.
        """
        folded = await self.sessions.open(session_id)
        done: asyncio.Future[Accepted | Refused] = asyncio.get_running_loop().create_future()
        self._enqueue(folded, Waiting(command, SYSTEM, None, None, done.set_result))
        return await done

    def _enqueue(self, folded: Folded, waiting: Waiting) -> None:
        folded.queue.append(waiting)
        if folded.drainer is None:
            self._idle[folded.session_id] = folded
            if self._gathering is None:
                self._gathering = asyncio.get_running_loop().call_later(GATHER_S, self._start_drainers)

    async def close(self) -> None:
        """Wait for what is under way."""
        self._start_drainers()
        await asyncio.gather(*self.sessions.drainers(), *self._tasks, return_exceptions=True)

    def _start_drainers(self) -> None:
        self._gathering = None
        idle, self._idle = self._idle, {}
        for folded in idle.values():
            folded.drainer = asyncio.create_task(self._drain(folded))

    async def _drain(self, folded: Folded) -> None:
        try:
            while folded.queue:
                batch = [folded.queue.popleft() for _ in range(min(MAX_BATCH, len(folded.queue)))]
                async with folded.lock:
                    await self._settle(folded, batch)
                if folded.state.seq - folded.snapshot_seq >= SNAPSHOT_EVERY:
                    self._in_background(self.sessions.save_snapshot(folded))
        finally:
            folded.drainer = None

    async def _settle(self, folded: Folded, batch: list[Waiting]) -> None:
        """Answer every command of the batch."""
        try:
            await self._decide_and_commit(folded, batch)
        except (Unavailable, ForkedError) as error:
            for waiting in batch:
                if not waiting.is_answered:
                    # Later commands of this client must not overtake the one that is not stored.
                    folded.hold(waiting.client_id, waiting.csn)
                    waiting.settle(Refused(RefuseCode.NOT_SAVED_YET, f"not stored: {error}"))
            if isinstance(error, ForkedError):
                self.sessions.forget(folded)
        except SessionNotFound as error:
            self.sessions.drop(folded.session_id)
            for waiting in batch:
                waiting.settle(Refused(RefuseCode.UNKNOWN_SESSION, str(error)))
        except Exception:
            # A bug, in one command of the batch: the others must not go unanswered with it.
            log.exception("submit.failed session_id=%s commands=%d", folded.session_id, len(batch))
            if len(batch) == 1:
                batch[0].settle(Refused(RefuseCode.BAD_COMMAND, "deciding it failed; the operator was told"))
                return
            for waiting in batch:
                if not waiting.is_answered:
                    await self._settle(folded, [waiting])

    async def _decide_and_commit(self, folded: Folded, batch: list[Waiting]) -> None:
        is_level = False
        for _ in range(MAX_TRIES):
            decided = await self._decide(folded, batch, is_level=is_level)
            if decided is None:
                await self.sessions.level(folded)
                is_level = True
                continue
            if decided.steps:
                await self.sessions.renew_seal(folded)
                stored = tuple(folded.seal.seal(entry) for entry, _ in decided.steps)
                after = decided.steps[-1][1]
                live = self._live_change(decided.base, after, folded.workflow)
                due = self._due_change(decided.base, after)
                expected = Position(seq=decided.base.seq, entry_id=decided.base.entry_id)
                folded.under_way = {entry.entry_id: (entry, after) for entry, after in decided.steps}
                handed_s = perf_counter()
                try:
                    await self._store.commit(
                        Commit(session_id=folded.session_id, expected=expected, entries=stored, live=live, due=due)
                    )
                    committed_s = perf_counter()
                    figures.COMMIT_S.observe(committed_s - handed_s)
                except Conflict as conflict:
                    figures.CONFLICTS.inc()
                    if not conflict.tail or not all(folded.apply(entry) for entry in conflict.tail):
                        await self.sessions.level(folded)
                    is_level = True
                    continue
                finally:
                    folded.under_way = {}
                for entry, after in decided.steps:
                    if entry.seq > folded.state.seq:  # else the push was faster than the reply
                        folded.step(entry, after)
                self._on_committed(decided.base, decided.steps[-1][1], folded.workflow)
            for waiting, outcome in decided.outcomes:
                waiting.settle(outcome)
            if tracing.tracer is not None and decided.steps:
                for waiting, entry in decided.became():
                    tracing.tracer.tell_command(
                        name_of(waiting.command),
                        folded.session_id,
                        entry.entry_id,
                        began_s=waiting.began_s,
                        handed_s=handed_s,
                        committed_s=committed_s,
                    )
            return
        raise Unavailable(f"session {folded.session_id}: other writers were faster {MAX_TRIES} times")

    async def _decide(self, folded: Folded, batch: list[Waiting], *, is_level: bool) -> _Decided | None:
        """Outcomes and entries of a batch; None if a refusal wants the state level with the log first."""
        state = folded.state
        decided = _Decided(base=state)
        now_ms = await self._store.now_ms()
        for waiting in batch:
            try:
                repeated = self._find_repeat(folded, state, waiting)
                if repeated is not None:
                    decided.outcomes.append((waiting, Accepted(seq=repeated, is_repeat=True)))
                    continue
                command = waiting.command
                context = await self.circumstances.of(state, waiting, now_ms)
                if isinstance(command, SystemCommand):
                    events = decide_system(state, folded.workflow, command, context)
                else:
                    events = decide(state, folded.workflow, command, context)
            except Refused as refused:
                if not is_level:
                    return None
                decided.outcomes.append((waiting, refused))
                continue
            entry = Entry(
                seq=state.seq + 1,
                entry_id=_draw_entry_id(),
                previous_id=state.entry_id,
                client_id=waiting.client_id,
                csn=waiting.csn,
                actor=waiting.actor.party,
                at_ms=context.now_ms,
                schema=SCHEMA_VERSION,
                events=events,
            )
            state = evolve(state, entry)
            decided.steps.append((entry, state))
            decided.outcomes.append((waiting, Accepted(seq=entry.seq, is_repeat=False)))
        return decided

    def _find_repeat(self, folded: Folded, state: SessionState, waiting: Waiting) -> Seq | None:
        """The entry that this command became before. Raises `Refused` out of order."""
        if waiting.client_id is None or waiting.csn is None:
            return None  # the system asks again by looking again
        if folded.is_overtaking(state, waiting.client_id, waiting.csn):
            folded.hold(waiting.client_id, waiting.csn)
            raise Refused(RefuseCode.NOT_SAVED_YET, "an earlier command comes first")
        return find_repeat(state, waiting.actor.id, waiting.client_id, waiting.csn)

    async def _was_started(self, session_id: SessionId, actor: Actor, client_id: ClientId, csn: Csn) -> bool:
        """Whether this very command began the Session."""
        try:
            seal = await self._sealing.get(session_id)
            first = seal.unseal((await self._store.read(session_id))[0])
        except SessionNotFound:
            return False
        return (first.client_id, first.csn, first.actor.id) == (client_id, csn, actor.id)

    async def _find_switched(self, command: StartSession) -> Switched | None:
        """The Session whose call goes on in a new one, level with its log. Raises `Refused`, `Unavailable`."""
        if command.switched_from is None:
            return None
        try:
            folded = await self.sessions.open(command.switched_from)
            await self.sessions.catch_up(folded)
        except SessionNotFound:
            raise Refused(RefuseCode.UNKNOWN_SESSION, f"no session {command.switched_from}") from None
        except ForkedError as error:
            raise Unavailable(str(error)) from error
        return Switched(folded.state, folded.workflow)

    def _live_change(self, before: SessionState | None, after: SessionState, workflow: Workflow) -> LiveChange | None:
        if not live_session_changed(before, after, workflow):
            return None
        live = live_session(after, workflow)
        if live is None:
            return LiveChange(summary=None)
        return LiveChange(summary=self._key_ring.seal_summary(after.session_id, msgspec.json.encode(live)))

    def _due_change(self, before: SessionState, after: SessionState) -> DueChange | None:
        due = due_ms(after, self._policy())
        if due != due_ms(before, self._policy()):
            return DueChange(due_ms=due)
        # What was due before may be long past and put off: what came new is looked at in its own time.
        new = [at_ms for _, at_ms in dues(after) - dues(before)]
        return DueChange(due_ms=min(new), only_sooner=True) if new else None

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def name_of(command: Command | SystemCommand) -> str:
    """As it is called on the wire; what is in it is not told."""
    return str(type(command).__struct_config__.tag)


def _draw_entry_id() -> EntryId:
    return secrets.token_hex(8)
