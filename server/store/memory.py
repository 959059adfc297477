"""The store's contract in memory, for tests: no sockets, a clock that the test moves.

`MemoryBus` is what a Valkey would be; each `MemoryStore` on it is one server
process. `store/redis.py` passes the same contract suite.

Rules: protocol/SPEC.md, ST.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from time import time_ns

from protocol.base import MAX_SAFE_INT, Millis, PersonId, Position, SessionId
from server.ports import (
    Attendance,
    Commit,
    Conflict,
    Due,
    DueChange,
    LiveChange,
    Loaded,
    Push,
    PushedEntry,
    PushedLive,
    PushedSignal,
    PushInterrupted,
    PushListener,
    SessionExists,
    SessionNotFound,
    Snapshot,
    StoreCondition,
    StoredEntry,
    Unavailable,
    require_contiguous,
)
from server.presence import person_of


def system_clock() -> Millis:
    """The machine's clock."""
    return time_ns() // 1_000_000


class MemoryBus:
    """What all processes share. A test may stop it, move its clock, or lose its pushes."""

    def __init__(self, clock: Callable[[], Millis] = system_clock) -> None:
        self.clock = clock
        self.is_down = False
        self.loses: Callable[[Push], bool] = lambda push: False
        self.logs: dict[SessionId, list[StoredEntry]] = {}
        self.snapshots: dict[SessionId, Snapshot] = {}
        self.live: dict[SessionId, bytes] = {}
        self.due: dict[SessionId, Millis] = {}
        self.seen: dict[SessionId, dict[PersonId, Millis]] = {}
        self.leases: dict[SessionId, dict[str, tuple[Millis, bytes]]] = {}
        self.stores: list[MemoryStore] = []

    def push(self, push: Push) -> None:
        """Tell every store that follows, in order, after the caller has gone on."""
        if not self.loses(push):
            for store in self.stores:
                store.hear(push)

    def interrupt(self) -> None:
        """Let every store believe that its push connection was lost."""
        self.push(PushInterrupted())


class MemoryStore:
    """One process's store on a bus."""

    def __init__(self, bus: MemoryBus | None = None) -> None:
        self._bus = bus or MemoryBus()
        self._listener: PushListener = lambda push: None
        self._followed: set[SessionId] = set()
        self._follows_live = False

    async def start(self, listener: PushListener) -> None:
        """See `SessionStore`."""
        self._listener = listener
        self._bus.stores.append(self)

    async def close(self) -> None:
        """See `SessionStore`."""
        if self in self._bus.stores:
            self._bus.stores.remove(self)

    async def create(
        self, session_id: SessionId, entry: StoredEntry, live: LiveChange | None, due: DueChange | None = None
    ) -> None:
        """See `SessionStore`."""
        require_contiguous((entry,), Position(seq=0, entry_id=""))
        log = self._logs().get(session_id)
        if log is None:
            self._bus.logs[session_id] = []
            self._append(session_id, (entry,), live, due)
        elif log[0].entry_id != entry.entry_id:
            raise SessionExists(log[0])

    async def commit(self, commit: Commit) -> None:
        """See `SessionStore`."""
        require_contiguous(commit.entries, commit.expected)
        log = self._get_log(commit.session_id)
        if _end(log) != commit.expected:
            tail = tuple(log[commit.expected.seq :])
            count = len(commit.entries)
            if len(tail) >= count and tail[count - 1].entry_id == commit.entries[-1].entry_id:
                return
            raise Conflict(tail)
        self._append(commit.session_id, commit.entries, commit.live, commit.due)

    async def read(self, session_id: SessionId, after_seq: int = 0) -> tuple[StoredEntry, ...]:
        """See `SessionStore`."""
        return tuple(self._get_log(session_id)[after_seq:])

    async def load(self, session_id: SessionId, engine: str) -> Loaded:
        """See `SessionStore`."""
        log = self._get_log(session_id)
        snapshot = self._bus.snapshots.get(session_id)
        if snapshot is None or snapshot.engine != engine or not _holds(log, snapshot.position):
            return Loaded(snapshot=None, tail=tuple(log))
        return Loaded(snapshot=snapshot, tail=tuple(log[snapshot.position.seq :]))

    async def save_snapshot(self, session_id: SessionId, snapshot: Snapshot) -> None:
        """See `SessionStore`."""
        log = self._logs().get(session_id, [])
        if not _holds(log, snapshot.position):
            return
        cached = self._bus.snapshots.get(session_id)
        if (
            cached is None
            or cached.engine != snapshot.engine
            or cached.position.seq <= snapshot.position.seq
            or not _holds(log, cached.position)
        ):
            self._bus.snapshots[session_id] = snapshot

    async def positions(self, session_ids: Collection[SessionId]) -> dict[SessionId, Position]:
        """See `SessionStore`."""
        logs = self._logs()
        return {session_id: _end(logs[session_id]) for session_id in session_ids if session_id in logs}

    async def live(self) -> dict[SessionId, bytes]:
        """See `SessionStore`."""
        self._logs()
        return dict(self._bus.live)

    async def due(self, now_ms: Millis, limit: int) -> tuple[Due, ...]:
        """See `SessionStore`."""
        self._logs()
        found = sorted((due_ms, session_id) for session_id, due_ms in self._bus.due.items() if due_ms <= now_ms)
        return tuple(Due(session_id=session_id, due_ms=due_ms) for due_ms, session_id in found[:limit])

    async def condition(self) -> StoreCondition:
        """See `SessionStore`."""
        self._logs()
        due, now_ms = self._bus.due.values(), self._bus.clock()
        overdue = sum(due_ms <= now_ms for due_ms in due)
        return StoreCondition(servers=(), scheduled=len(due), overdue=overdue, oldest_due_ms=min(due, default=None))

    async def reschedule(self, due: Due, due_ms: Millis | None) -> bool:
        """See `SessionStore`."""
        self._logs()
        if self._bus.due.get(due.session_id) != due.due_ms:
            return False
        self._move(due.session_id, due_ms)
        return True

    async def mend_due(
        self, session_id: SessionId, position: Position, due_ms: Millis | None, latest_ms: Millis
    ) -> bool:
        """See `SessionStore`."""
        log = self._logs().get(session_id)
        if not log or (log[-1].seq, log[-1].entry_id) != (position.seq, position.entry_id):
            return False
        score = self._bus.due.get(session_id)
        if score is None if due_ms is None else score is not None and score <= latest_ms:
            return False
        self._move(session_id, due_ms)
        return True

    async def delete(self, session_id: SessionId, position: Position) -> bool:
        """See `SessionStore`."""
        log = self._logs().get(session_id)
        now = self._bus.clock()
        is_here = any(lease_end > now for lease_end, _ in self._bus.leases.get(session_id, {}).values())
        if is_here or (log is not None and _end(log) != position):
            return False
        self._take_out(session_id)
        return True

    async def erase(self, session_id: SessionId, position: Position) -> bool:
        """See `SessionStore`."""
        log = self._logs().get(session_id)
        if log is not None and not _holds(log, position):
            return False
        self._take_out(session_id)
        return True

    def _take_out(self, session_id: SessionId) -> None:
        for of_sessions in (self._bus.logs, self._bus.snapshots, self._bus.leases, self._bus.seen, self._bus.due):
            of_sessions.pop(session_id, None)
        if self._bus.live.pop(session_id, None) is not None:
            self._bus.push(PushedLive(session_id=session_id, summary=None))

    async def recreate(
        self, session_id: SessionId, entries: Sequence[StoredEntry], due_ms: Millis, until_ms: Millis
    ) -> bool:
        """See `SessionStore`."""
        require_contiguous(entries, Position(seq=0, entry_id=""))
        if session_id in self._logs():
            return True
        if self._bus.clock() >= until_ms:
            return False
        self._bus.logs[session_id] = list(entries)
        self._move(session_id, due_ms)
        return True

    async def subscribe(self, session_id: SessionId) -> None:
        """See `SessionStore`."""
        self._logs()
        self._followed.add(session_id)

    async def unsubscribe(self, session_id: SessionId) -> None:
        """See `SessionStore`."""
        self._followed.discard(session_id)

    async def subscribe_live(self) -> None:
        """See `SessionStore`."""
        self._logs()
        self._follows_live = True

    async def signal(self, session_id: SessionId, payload: bytes) -> None:
        """See `SessionStore`."""
        self._logs()
        self._bus.push(PushedSignal(session_id=session_id, payload=payload))

    async def lease_presence(self, session_id: SessionId, leases: Mapping[str, bytes], lease_ms: int) -> None:
        """See `SessionStore`."""
        self._logs()
        lease_end = self._bus.clock() + lease_ms
        held = self._bus.leases.setdefault(session_id, {})
        held.update({member: (lease_end, says) for member, says in leases.items()})

    async def release_presence(self, session_id: SessionId, member: str, linger_ms: int) -> None:
        """See `SessionStore`."""
        self._logs()
        held = self._bus.leases.get(session_id, {})
        if member in held:
            lease_end, says = held[member]
            held[member] = (min(lease_end, self._bus.clock() + linger_ms), says)

    async def presence(self, session_id: SessionId) -> dict[str, bytes]:
        """See `SessionStore`."""
        self._logs()
        now = self._bus.clock()
        held = self._bus.leases.get(session_id, {})
        for member, (lease_end, _) in [*held.items()]:
            if lease_end <= now:
                self._see(session_id, member, lease_end)
                del held[member]
        return {member: says for member, (_, says) in held.items()}

    async def attendance(self, asked: Mapping[SessionId, PersonId]) -> dict[SessionId, Attendance]:
        """See `SessionStore`."""
        found = {}
        for session_id, person_id in asked.items():
            seen_ms = await self.last_seen_ms(session_id, person_id)
            found[session_id] = Attendance(
                leases=await self.presence(session_id),
                last_seen_ms=None if seen_ms is None or seen_ms > self._bus.clock() else seen_ms,
            )
        return found

    async def last_seen_ms(self, session_id: SessionId, person_id: PersonId) -> Millis | None:
        """See `SessionStore`."""
        self._logs()
        ends = [
            lease_end
            for member, (lease_end, _) in self._bus.leases.get(session_id, {}).items()
            if person_of(member) == person_id
        ]
        before = self._bus.seen.get(session_id, {}).get(person_id)
        return max([*ends, *([] if before is None else [before])], default=None)

    async def now_ms(self) -> Millis:
        """See `SessionStore`."""
        return self._bus.clock()

    def _see(self, session_id: SessionId, member: str, lease_end: Millis) -> None:
        seen = self._bus.seen.setdefault(session_id, {})
        person_id = person_of(member)
        seen[person_id] = max(lease_end, seen.get(person_id, 0))

    def hear(self, push: Push) -> None:
        """Deliver a push of the bus, if this store follows what it is about."""
        match push:
            case PushedEntry() | PushedSignal():
                is_followed = push.session_id in self._followed
            case PushedLive():
                is_followed = self._follows_live
            case PushInterrupted():
                is_followed = True
        if is_followed:
            asyncio.get_running_loop().call_soon(self._listener, push)

    def _append(
        self,
        session_id: SessionId,
        entries: Collection[StoredEntry],
        live: LiveChange | None,
        due: DueChange | None,
    ) -> None:
        if due is not None and not (
            due.only_sooner and self._bus.due.get(session_id, MAX_SAFE_INT) <= (due.due_ms or 0)
        ):
            self._move(session_id, due.due_ms)
        for entry in entries:
            self._bus.logs[session_id].append(entry)
            self._bus.push(PushedEntry(session_id=session_id, entry=entry))
        if live is None:
            return
        if live.summary is None:
            self._bus.live.pop(session_id, None)
        else:
            self._bus.live[session_id] = live.summary
        self._bus.push(PushedLive(session_id=session_id, summary=live.summary))

    def _move(self, session_id: SessionId, due_ms: Millis | None) -> None:
        if due_ms is None:
            self._bus.due.pop(session_id, None)
        else:
            self._bus.due[session_id] = due_ms

    def _logs(self) -> dict[SessionId, list[StoredEntry]]:
        if self._bus.is_down:
            raise Unavailable("the store is down")
        return self._bus.logs

    def _get_log(self, session_id: SessionId) -> list[StoredEntry]:
        log = self._logs().get(session_id)
        if log is None:
            raise SessionNotFound(f"no session {session_id}")
        return log


def _end(log: list[StoredEntry]) -> Position:
    return Position(seq=len(log), entry_id=log[-1].entry_id)


def _holds(log: list[StoredEntry], position: Position) -> bool:
    return 0 < position.seq <= len(log) and log[position.seq - 1].entry_id == position.entry_id
