"""The Sessions of this process, folded: read from the store, held, kept level with their logs.

What a command makes of one is decided in `submit.py`; who follows one is in
`rooms/`. Both use the same `Folded`.

Rules: protocol/SPEC.md, LG and ST8.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter

import msgspec

from protocol.base import ClientId, Csn, EntryId, PersonId, Position, Seq, SessionId, VersionId
from protocol.commands import Command, SystemCommand
from protocol.events import Entry
from protocol.integrations import IntegrationAction
from protocol.views import Audience
from server.ports import Catalog, Loaded, SessionNotFound, SessionStore, Snapshot, StoredEntry, Unavailable
from server.store.keyring import SealBroken
from server.store.sealing import Sealing, SealStale, SessionSeal
from server.watching import figures
from session_engine.context import Actor
from session_engine.evolve import evolve
from session_engine.refused import Refused
from session_engine.repeats import REMEMBERED
from session_engine.snapshot import ENGINE, decode_snapshot, encode_snapshot
from session_engine.state import SessionState
from session_engine.workflow import Workflow

log = logging.getLogger(__name__)

SNAPSHOT_EVERY = 100
CAPACITY = 4_000
"""Folded Sessions kept in memory when nobody follows them."""


@dataclass(frozen=True, slots=True)
class Applied:
    """One entry that was folded, and the states around it."""

    entry: Entry
    before: SessionState
    after: SessionState


Listener = Callable[[Applied], None]


@dataclass(frozen=True, slots=True)
class Accepted:
    """The command is in the log."""

    seq: Seq
    is_repeat: bool


Answer = Callable[[Accepted | Refused], None]


def tell(outcome: Accepted | Refused, began_s: float) -> None:
    """Count a command that is answered."""
    if isinstance(outcome, Refused):
        figures.COMMANDS.count(outcome.code.value)
        return
    figures.COMMANDS.count("repeated" if outcome.is_repeat else "accepted")
    if not outcome.is_repeat:
        figures.COMMAND_S.observe(perf_counter() - began_s)


@dataclass(slots=True)
class Waiting:
    """A command in the queue of its Session."""

    command: Command | SystemCommand
    actor: Actor
    client_id: ClientId | None
    """None, like `csn`, of the system."""
    csn: Csn | None
    answer: Answer
    is_answered: bool = False
    began_s: float = field(default_factory=perf_counter)

    def settle(self, outcome: Accepted | Refused) -> None:
        """Answer, once."""
        if not self.is_answered:
            self.is_answered = True
            self.answer(outcome)
            tell(outcome, self.began_s)


@dataclass(frozen=True, slots=True)
class Place:
    """A state of the past, as the log told it to this audience with the keys that there were."""

    audience: Audience
    state: SessionState


@dataclass(slots=True)
class Folded:
    """A Session as this process holds it: level with the log, or a little behind."""

    session_id: SessionId
    workflow: Workflow
    seal: SessionSeal
    state: SessionState
    snapshot_seq: Seq = 0
    listener: Listener | None = None
    queue: deque[Waiting] = field(default_factory=deque)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    drainer: asyncio.Task[None] | None = None
    unsaved: dict[ClientId, set[Csn]] = field(default_factory=dict)
    """Per client, the commands that it was told to send again."""
    places: dict[tuple[PersonId, Seq], Place] = field(default_factory=dict)
    """By person and seq, where the pages of a replay ended (`replaying.py`)."""
    under_way: dict[EntryId, tuple[Entry, SessionState]] = field(default_factory=dict)

    def hold(self, client_id: ClientId | None, csn: Csn | None) -> None:
        """Let no later command of the client overtake this one, which is not stored."""
        if client_id is None or csn is None:
            return
        held = self.unsaved.setdefault(client_id, set())
        if len(held) < REMEMBERED:
            held.add(csn)

    def is_overtaking(self, state: SessionState, client_id: ClientId, csn: Csn) -> bool:
        """Whether an earlier command of the client has yet to come again, as of this state.

        A store that stalls may execute what was given up on: then there is nothing to wait for.
        """
        held = self.unsaved.pop(client_id, None)
        if held is None:
            return False
        client = state.clients.get(client_id)
        last_csn = client.last_csn if client is not None else 0
        if left := {one for one in held if one > last_csn and one != csn}:
            self.unsaved[client_id] = left
        return any(one < csn for one in left)

    def apply(self, stored: StoredEntry) -> bool:
        """Fold an entry from any side; drop one seen before.

        Returns False if it does not follow the state (a gap, or another history), or the seal is too old to read it.
        """
        if stored.seq <= self.state.seq:
            return stored.seq < self.state.seq or stored.entry_id == self.state.entry_id
        if stored.seq != self.state.seq + 1 or stored.previous_id != self.state.entry_id:
            return False
        # The push of an own commit is mostly faster than its reply: what was decided need not be unsealed and folded.
        try:
            entry, after = self.under_way.get(stored.entry_id) or self._read(stored)
        except SealStale:
            return False
        self.step(entry, after)
        return True

    def _read(self, stored: StoredEntry) -> tuple[Entry, SessionState]:
        entry = self.seal.unseal(stored)
        return entry, evolve(self.state, entry)

    def step(self, entry: Entry, after: SessionState) -> None:
        """Stand on the state after the next entry and tell the listener."""
        before, self.state = self.state, after
        if after.renewed != before.renewed:
            self.places.clear()  # they hold what was erased
        if self.listener is not None:
            self.listener(Applied(entry=entry, before=before, after=after))


class ForkedError(Exception):
    """The log holds another history than this process: acknowledged work was lost by the store."""


class FoldedSessions:
    """Opened once however many ask, and held while anybody uses them and for long after."""

    def __init__(
        self,
        store: SessionStore,
        catalog: Catalog,
        sealing: Sealing,
        integrations: Mapping[str, IntegrationAction],
        public_url: str,
    ) -> None:
        self._public_url = public_url
        self._integrations = integrations
        self._store = store
        self._catalog = catalog
        self._sealing = sealing
        self._folded: OrderedDict[SessionId, Folded] = OrderedDict()
        self._opening: dict[SessionId, asyncio.Task[Folded]] = {}
        self._workflows: dict[VersionId, Workflow] = {}

    def find(self, session_id: SessionId) -> Folded | None:
        """The folded Session if this process holds it."""
        folded = self._folded.get(session_id)
        if folded is not None:
            self._folded.move_to_end(session_id)
        return folded

    async def open(self, session_id: SessionId) -> Folded:
        """The folded Session, read from the store if need be. Opened once however many ask.

        Raises:
            SessionNotFound, Unavailable.
        """
        if (folded := self.find(session_id)) is not None:
            return folded
        opening = self._opening.get(session_id)
        if opening is None:
            opening = self._opening[session_id] = asyncio.create_task(self._open(session_id))
            opening.add_done_callback(lambda _: self._opening.pop(session_id, None))
        return await asyncio.shield(opening)

    async def read(self, session_id: SessionId) -> tuple[SessionState, Workflow]:
        """The state level with the log, for who looks once: a Session that is not held here is not kept.

        Raises:
            ForkedError, SessionNotFound, Unavailable.
        """
        folded = self.find(session_id)
        if folded is None:
            folded = await self._open(session_id, keep=False)
        else:
            await self.catch_up(folded)
        return folded.state, folded.workflow

    async def catch_up(self, folded: Folded) -> None:
        """Fold what the log has past the state.

        Raises:
            ForkedError: the log does not contain the state's last entry.
            SessionNotFound, Unavailable.
        """
        async with folded.lock:
            await self.level(folded)

    async def reload(self, folded: Folded) -> None:
        """Take the log's history for this Session's, after a fork."""
        async with folded.lock:
            fresh = await self._open(folded.session_id, keep=False)
            folded.state, folded.snapshot_seq, folded.seal = fresh.state, fresh.snapshot_seq, fresh.seal
            folded.places.clear()

    async def save_snapshot(self, folded: Folded) -> None:
        """Cache the state, if that spares the next reader enough."""
        state = folded.state
        if state.seq - folded.snapshot_seq < SNAPSHOT_EVERY // 4:
            return
        folded.snapshot_seq = state.seq
        if not folded.seal.knows(state.renewed):
            return  # nobody could open it
        payload = folded.seal.seal_blob("snapshot", encode_snapshot(state))
        position = Position(seq=state.seq, entry_id=state.entry_id)
        try:
            await self._store.save_snapshot(
                folded.session_id, Snapshot(position=position, engine=ENGINE, payload=payload)
            )
        except Unavailable:
            log.info("snapshot.skipped session_id=%s seq=%d", folded.session_id, state.seq)

    async def find_last(self, session_id: SessionId, is_it: Callable[[Entry], bool]) -> Entry | None:
        """The last entry of the log that is what is looked for. Raises `SessionNotFound`, `Unavailable`."""
        folded = await self.open(session_id)
        for stored in reversed(await self._store.read(session_id)):
            try:
                entry = folded.seal.unseal(stored)
            except SealStale:
                return None
            if is_it(entry):
                return entry
        return None

    def forget(self, folded: Folded) -> None:
        """Read it anew the next time, unless somebody follows it: they are told what became of it."""
        if folded.listener is None:
            self._folded.pop(folded.session_id, None)

    def drop(self, session_id: SessionId) -> None:
        """Keep nothing of a Session that is gone, whoever follows it."""
        self._folded.pop(session_id, None)
        self._sealing.forget(session_id)

    async def drop_deleted(self) -> None:
        """The same of all that were deleted: this process may not have been told. Raises `Unavailable`."""
        for session_id in await self._sealing.find_deleted(tuple(self._folded)):
            self.drop(session_id)

    async def renew_seal(self, folded: Folded) -> None:
        """Read the keys again, unless they are those that the state asks for.

        Raises:
            SessionNotFound, Unavailable.
        """
        if folded.seal.knows(folded.state.renewed):
            return
        folded.seal = await self._sealing.renew(folded.session_id)
        if not folded.seal.knows(folded.state.renewed):
            raise Unavailable(f"session {folded.session_id}: its keys are older than its log")

    def drainers(self) -> list[asyncio.Task[None]]:
        """What is being done to any of them."""
        return [folded.drainer for folded in self._folded.values() if folded.drainer is not None]

    async def level(self, folded: Folded) -> None:
        """Fold what the log has past the state, for who holds the lock; raises as `catch_up`."""
        state = folded.state
        entries = await self._store.read(folded.session_id, max(state.seq - 1, 0))
        if not entries or (entries[0].seq, entries[0].entry_id) != (state.seq, state.entry_id):
            # A push that came while the log was read may have moved the state on.
            if folded.state is not state:
                return await self.level(folded)
            raise ForkedError(f"session {folded.session_id}: the log does not hold entry {state.seq} {state.entry_id}")
        for entry in entries[1:]:
            if not folded.apply(entry):
                await self.renew_seal(folded)
                if folded.apply(entry):
                    continue
                raise ForkedError(f"session {folded.session_id}: entry {entry.seq} does not follow")
        return None

    async def _open(self, session_id: SessionId, *, keep: bool = True) -> Folded:
        loaded = await self._store.load(session_id, ENGINE)
        seal = await self._sealing.get(session_id)
        try:
            state, snapshot_seq = await self._fold(session_id, seal, loaded)
        except SealStale:
            seal = await self._sealing.renew(session_id)
            state, snapshot_seq = await self._fold(session_id, seal, loaded)
        workflow = await self.find_workflow(state.version_id)
        if workflow is None:
            raise Unavailable(f"session {session_id}: version {state.version_id} is not in the catalog")
        folded = Folded(session_id=session_id, workflow=workflow, seal=seal, state=state, snapshot_seq=snapshot_seq)
        await self.renew_seal(folded)
        return self.keep(folded) if keep else folded

    async def _fold(self, session_id: SessionId, seal: SessionSeal, loaded: Loaded) -> tuple[SessionState, Seq]:
        """The state, and where the snapshot that it was made from stood."""
        state = self._open_snapshot(session_id, seal, loaded.snapshot)
        if loaded.snapshot is not None and state is None:
            loaded = Loaded(snapshot=None, tail=await self._store.read(session_id))
        snapshot_seq = state.seq if state is not None else 0
        for stored in loaded.tail:
            state = evolve(state, seal.unseal(stored))
        if state is None:
            raise SessionNotFound(session_id)
        return state, snapshot_seq

    def _open_snapshot(
        self, session_id: SessionId, seal: SessionSeal, snapshot: Snapshot | None
    ) -> SessionState | None:
        try:
            payload = seal.unseal_blob("snapshot", snapshot.payload) if snapshot is not None else None
            return decode_snapshot(payload) if payload is not None else None
        except (msgspec.MsgspecError, SealBroken) as error:
            # Of another engine than it says, or from before something was erased: folded from the log it is right.
            log.warning("snapshot.unreadable session_id=%s reason=%s", session_id, error)
            return None

    def keep(self, folded: Folded) -> Folded:
        """Hold it from now on; those that nobody uses make room. Gives the one that is held, if there is one."""
        folded = self._folded.setdefault(folded.session_id, folded)
        self._folded.move_to_end(folded.session_id)
        if len(self._folded) > CAPACITY:
            for session_id, old in list(self._folded.items())[: len(self._folded) // 10]:
                if old.listener is None and old.drainer is None:
                    del self._folded[session_id]
        return folded

    async def find_workflow(self, version_id: VersionId) -> Workflow | None:
        """A published version, indexed; shared by all its Sessions."""
        workflow = self._workflows.get(version_id)
        if workflow is None and (version := await self._catalog.find_version(version_id)) is not None:
            workflow = self._workflows[version_id] = Workflow(version, self._integrations, self._public_url)
        return workflow
