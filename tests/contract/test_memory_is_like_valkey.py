"""The store in memory against the real one: the same random calls get the same answers."""

import random
from typing import Any

import pytest

from protocol.base import Position
from server.embedded import EmbeddedValkey
from server.ports import (
    Commit,
    Conflict,
    LiveChange,
    PushedEntry,
    PushedLive,
    PushedSignal,
    SessionExists,
    SessionStore,
    Snapshot,
    StoredEntry,
    StoreError,
)
from server.store.memory import MemoryStore
from server.store.redis import RedisStore
from tests.support.stores import NOWHERE, Process, at, entry_after

CALLS = 1_200


class Chooser:
    """Draws calls that hit, miss, repeat and collide about equally often."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.session_ids = [self.chance.randbytes(16).hex() for _ in range(30)]
        self.logs: dict[str, list[StoredEntry]] = {}
        self.commits: list[Commit] = []

    def next_call(self) -> tuple[str, tuple[Any, ...]]:
        """A method of the store and what to give it."""
        name = self.chance.choices(
            ["commit", "create", "read", "load", "save_snapshot", "positions", "live", "signal", "lease_presence",
             "release_presence", "presence", "delete", "recreate"],
            [12, 2, 3, 3, 3, 0.5, 0.2, 1, 2, 2, 2, 1.5, 1],
        )[0]  # fmt: skip
        session_id = self.chance.choice(self.session_ids)
        return name, getattr(self, f"_{name}")(session_id)

    def _commit(self, session_id: str) -> tuple[Commit]:
        if self.commits and self.chance.random() < 0.2:
            return (self.chance.choice(self.commits[-20:]),)
        position, entries = self._position(session_id), []
        for _ in range(self.chance.randint(1, 3)):
            entries.append(self._entry_after(at(entries[-1]) if entries else position))
        commit = Commit(session_id=session_id, expected=position, entries=tuple(entries), live=self._live_change())
        self.commits.append(commit)
        return (commit,)

    def _create(self, session_id: str) -> tuple[str, StoredEntry, LiveChange | None]:
        log = self.logs.get(session_id)
        entry = log[0] if log and self.chance.random() < 0.5 else self._entry_after(NOWHERE)
        return session_id, entry, self._live_change()

    def _read(self, session_id: str) -> tuple[str, int]:
        return session_id, self.chance.randint(0, 12)

    def _load(self, session_id: str) -> tuple[str, str]:
        return session_id, self.chance.choice(["e1", "e2"])

    def _save_snapshot(self, session_id: str) -> tuple[str, Snapshot]:
        engine, payload = self.chance.choice(["e1", "e2"]), self.chance.randbytes(9)
        return session_id, Snapshot(position=self._position(session_id), engine=engine, payload=payload)

    def _positions(self, session_id: str) -> tuple[list[str]]:
        return (self.session_ids,)

    def _live(self, session_id: str) -> tuple[()]:
        return ()

    def _signal(self, session_id: str) -> tuple[str, bytes]:
        return session_id, self.chance.randbytes(5)

    def _lease_presence(self, session_id: str) -> tuple[str, dict[str, bytes], int]:
        members = self.chance.sample("abc", self.chance.randint(1, 3))
        return session_id, {name: self.chance.randbytes(5) for name in members}, self.chance.choice([0, 60_000])

    def _release_presence(self, session_id: str) -> tuple[str, str, int]:
        return session_id, self.chance.choice("abc"), self.chance.choice([0, 60_000])

    def _presence(self, session_id: str) -> tuple[str]:
        return (session_id,)

    def _delete(self, session_id: str) -> tuple[str, Position]:
        return session_id, self._position(session_id)

    def _recreate(self, session_id: str) -> tuple[str, list[StoredEntry], int, int]:
        entries = self.logs.get(session_id) or [self._entry_after(NOWHERE)]
        return session_id, entries[: self.chance.randint(1, len(entries))], 1_000, self.chance.choice([0, 10**14])

    def _entry_after(self, position: Position) -> StoredEntry:
        return entry_after(position, self.chance.randbytes(20), self.chance.randbytes(8).hex())

    def _live_change(self) -> LiveChange | None:
        return self.chance.choice([None, None, LiveChange(summary=None), LiveChange(summary=self.chance.randbytes(8))])

    def _position(self, session_id: str) -> Position:
        log = self.logs.get(session_id, [])
        kind = self.chance.random()
        if log and kind < 0.7:
            return at(log[-1])
        if log and kind < 0.85:
            return at(self.chance.choice(log))
        return Position(seq=self.chance.randint(1, 12), entry_id="f" * 16)


async def outcome(store: SessionStore, name: str, arguments: tuple[Any, ...]) -> Any:
    """What a call answers, refusals included."""
    try:
        return await getattr(store, name)(*arguments)
    except Conflict as refusal:
        return "conflict", refusal.tail
    except SessionExists as refusal:
        return "exists", refusal.first
    except StoreError as refusal:
        return type(refusal).__name__


@pytest.mark.parametrize("seed", [1, 2])
async def test_same_calls_same_answers_same_pushes(embedded: EmbeddedValkey, seed: int) -> None:
    """[ST] Whatever is proven with the store in memory holds for the real one."""
    memory = await Process(MemoryStore()).start()
    real = await Process(RedisStore(embedded.url)).start()
    chooser = Chooser(seed)
    ours = set(chooser.session_ids)
    for process in (memory, real):
        await process.store.subscribe_live()
        for session_id in chooser.session_ids[:10]:
            await process.store.subscribe(session_id)

    for number in range(CALLS):
        name, arguments = chooser.next_call()
        expected, found = [await outcome(process.store, name, arguments) for process in (memory, real)]
        if name == "live":
            found = {session_id: summary for session_id, summary in found.items() if session_id in ours}
        assert found == expected, f"call {number}: {name}{arguments}"
        if name in ("commit", "create", "recreate") and (expected is None or expected is True):
            session_id = arguments[0].session_id if name == "commit" else arguments[0]
            chooser.logs[session_id] = list(await memory.store.read(session_id))

    for heard_of in (PushedEntry, PushedSignal, PushedLive):
        wanted = [push for push in memory.heard if isinstance(push, heard_of)]
        count = len(wanted)
        await real.hears(lambda heard, kind=heard_of, n=count: sum(isinstance(p, kind) for p in heard) >= n)  # type: ignore[misc]
        for session_id in ours:  # order is promised within a channel
            assert [p for p in real.heard if isinstance(p, heard_of) and p.session_id == session_id] == [
                p for p in wanted if p.session_id == session_id
            ]
    await real.store.close()
