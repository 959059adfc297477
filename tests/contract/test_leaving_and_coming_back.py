"""Sessions that leave the store for the archive, and come back: in memory, embedded Valkey, and a cluster."""

import asyncio

import pytest

from protocol.base import Position
from server.ports import (
    Commit,
    Conflict,
    DueChange,
    LiveChange,
    PushedEntry,
    PushedLive,
    SessionNotFound,
    SessionStore,
    Snapshot,
)
from tests.support.stores import NOWHERE, Log, MakeProcess, Process, at, entry_after, new_id

LATER_MS = 10**12
"""Due in 2001: the longest due of all."""
SOON_MS = 10**14
"""Not in our time."""


@pytest.fixture
def store(process: Process) -> SessionStore:
    return process.store


@pytest.fixture
async def log(process: Process) -> Log:
    """A finished Session of three entries, with everything that the store may hold of one."""
    log = await Log(process).create(LiveChange(summary=b"on Greeting"), DueChange(due_ms=LATER_MS))
    await log.append(b"second", b"third \x00\xff")
    await process.store.save_snapshot(log.session_id, Snapshot(position=log.end, engine="e1", payload=b"folded"))
    await process.store.lease_presence(log.session_id, {"ana/1": b"gone since"}, 0)
    await process.store.presence(log.session_id)
    return log


async def traces(store: SessionStore, log: Log) -> list[object]:
    """All that the store still knows of the Session."""
    session_id = log.session_id
    return [
        *(await store.positions([session_id])),
        *[name for name in await store.live() if name == session_id],
        *[due for due in await store.due(LATER_MS, 10_000) if due.session_id == session_id],
        *[seen for seen in [await store.last_seen_ms(session_id, "ana")] if seen is not None],
    ]


class TestDelete:
    async def test_nothing_is_left(self, store: SessionStore, log: Log) -> None:
        """[ST24] Log, snapshot, presence, due entry and live summary go at once."""
        assert len(await traces(store, log)) == 4

        assert await store.delete(log.session_id, log.end)

        assert await traces(store, log) == []
        with pytest.raises(SessionNotFound):
            await store.load(log.session_id, "e1")
        with pytest.raises(SessionNotFound):
            await store.commit(log.next(b"late"))

    async def test_again_is_success(self, store: SessionStore, log: Log) -> None:
        """[ST24] Who lost the reply may ask again."""
        assert await store.delete(log.session_id, log.end)
        assert await store.delete(log.session_id, log.end)

    @pytest.mark.parametrize(
        "position", [Position(seq=3, entry_id="f" * 16), Position(seq=4, entry_id="f" * 16), NOWHERE, None]
    )
    async def test_a_log_that_ends_elsewhere_stays(
        self, store: SessionStore, log: Log, position: Position | None
    ) -> None:
        """[ST24] What was appended since is in no archive; nor is another history."""
        assert not await store.delete(log.session_id, position or at(log.entries[1]))

        assert await store.read(log.session_id) == tuple(log.entries)
        assert len(await traces(store, log)) == 4

    async def test_where_somebody_is_it_stays(self, store: SessionStore, log: Log) -> None:
        """[ST24] Decided with the leases, in one step."""
        await store.lease_presence(log.session_id, {"ben/2": b"here"}, 60_000)
        assert not await store.delete(log.session_id, log.end)

        await store.release_presence(log.session_id, "ben/2", 0)
        assert await store.delete(log.session_id, log.end)

    async def test_a_commit_at_the_same_time_wins_or_is_told(self, make_process: MakeProcess) -> None:
        """[ST24] Never both: what was acknowledged is not deleted."""
        here, there = await make_process(), await make_process()
        for _ in range(20):
            log = await Log(here).create()
            commit = log.next(b"correction")
            gone, told = await asyncio.gather(
                there.store.delete(log.session_id, log.end), here.store.commit(commit), return_exceptions=True
            )
            assert gone is (told is not None)
            assert told is None or isinstance(told, SessionNotFound)

    async def test_the_floor_hears_of_a_summary_that_goes(self, process: Process, log: Log) -> None:
        """[ST14, ST24] A finished one has none; whatever else leaves is told."""
        await process.store.subscribe_live()
        await process.store.delete(log.session_id, log.end)

        gone = PushedLive(session_id=log.session_id, summary=None)
        await process.hears(lambda heard: gone in heard)


class TestRecreate:
    async def test_the_same_log_is_back(self, store: SessionStore, log: Log) -> None:
        """[ST25] Entry by entry, due when it was said, and it goes on."""
        await store.delete(log.session_id, log.end)

        assert await store.recreate(log.session_id, log.entries, LATER_MS, SOON_MS)

        assert await store.read(log.session_id) == tuple(log.entries)
        assert [due.due_ms for due in await store.due(LATER_MS, 10_000) if due.session_id == log.session_id] == [
            LATER_MS
        ]
        await log.append(b"a correction")
        assert (await store.positions([log.session_id]))[log.session_id] == log.end
        assert (await store.load(log.session_id, "e1")).snapshot is None
        with pytest.raises(Conflict) as refusal:
            await store.commit(
                Commit(
                    session_id=log.session_id, expected=at(log.entries[2]), entries=(entry_after(at(log.entries[2])),)
                )
            )
        assert refusal.value.tail == (log.entries[3],)

    async def test_a_log_that_is_there_is_left_alone(self, store: SessionStore, log: Log) -> None:
        """[ST25] Of several who bring it back one does, and what went on meanwhile stays."""
        await store.delete(log.session_id, log.end)
        archived = list(log.entries)
        await asyncio.gather(*[store.recreate(log.session_id, archived, LATER_MS, SOON_MS) for _ in range(4)])
        await log.append(b"a correction")

        await store.recreate(log.session_id, archived, LATER_MS, SOON_MS)

        assert await store.read(log.session_id) == tuple(log.entries)

    async def test_nobody_is_told(self, make_process: MakeProcess) -> None:
        """[ST25] Nothing happened; what comes next is pushed to who follows."""
        here, there = await make_process(), await make_process()
        log = await Log(here).create()
        await here.store.delete(log.session_id, log.end)
        await there.store.subscribe(log.session_id)

        await here.store.recreate(log.session_id, log.entries, LATER_MS, SOON_MS)
        await log.append(b"news")

        heard = await there.hears(lambda heard: heard)
        assert [push.entry.payload for push in heard if isinstance(push, PushedEntry)] == [b"news"]

    async def test_what_was_read_long_ago_is_not_put_back(self, store: SessionStore, log: Log) -> None:
        """[ST25] By the store's clock: the Session may have come back, gone on and gone again."""
        await store.delete(log.session_id, log.end)
        now_ms = await store.now_ms()

        assert not await store.recreate(log.session_id, log.entries, SOON_MS, now_ms - 1_000)
        assert await traces(store, log) == []
        assert await store.recreate(log.session_id, log.entries, SOON_MS, now_ms + 60_000)
        assert await store.recreate(log.session_id, log.entries, SOON_MS, now_ms - 1_000), "there is one already"

    async def test_entries_with_a_gap_are_a_bug(self, store: SessionStore, log: Log) -> None:
        """[ST3, ST25] A log is put back whole or not at all."""
        session_id = new_id()
        with pytest.raises(ValueError, match="cannot follow"):
            await store.recreate(session_id, log.entries[1:], LATER_MS, SOON_MS)
        assert await store.positions([session_id]) == {}

    async def test_thousands_of_entries_come_back(self, process: Process, store: SessionStore) -> None:
        """[ST25] In one step, however many."""
        log = await Log(process).create()
        for _ in range(10):
            await log.append(*[b"x" * 200] * 500)
        assert await store.delete(log.session_id, log.end)

        await store.recreate(log.session_id, log.entries, LATER_MS, SOON_MS)

        assert await store.read(log.session_id) == tuple(log.entries)
