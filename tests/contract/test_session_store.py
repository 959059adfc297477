"""What every store does: in memory, embedded Valkey, and a Valkey cluster. Rules: protocol/SPEC.md, ST."""

import asyncio
import random
from collections.abc import Callable

import pytest

from protocol.base import Position
from server.ports import (
    Commit,
    Conflict,
    Due,
    DueChange,
    LiveChange,
    Push,
    PushedEntry,
    PushedLive,
    PushedSignal,
    SessionExists,
    SessionNotFound,
    SessionStore,
    Snapshot,
    StoredEntry,
)
from server.store.keys import PARTITIONS, partition_of
from tests.support.stores import NOWHERE, Log, MakeProcess, Process, at, entry_after, new_id

SUMMARY = LiveChange(summary=b"on Greeting")


def entries_heard(of: Log) -> Callable[[list[Push]], list[StoredEntry]]:
    """The pushed entries of one Session."""
    return lambda heard: [p.entry for p in heard if isinstance(p, PushedEntry) and p.session_id == of.session_id]


def live_heard(of: Log) -> Callable[[list[Push]], list[bytes | None]]:
    """The pushed summaries of one Session."""
    return lambda heard: [p.summary for p in heard if isinstance(p, PushedLive) and p.session_id == of.session_id]


@pytest.fixture
def store(process: Process) -> SessionStore:
    return process.store


@pytest.fixture
async def log(process: Process) -> Log:
    """A Session with one entry."""
    return await Log(process).create()


class TestCreate:
    async def test_first_entry_is_the_log(self, process: Process, store: SessionStore) -> None:
        """[ST2] A new Session has exactly its entry 1."""
        log = await Log(process).create()
        assert await store.read(log.session_id) == tuple(log.entries)

    async def test_same_entry_again_is_success(self, store: SessionStore, log: Log) -> None:
        """[ST2] Who lost the reply may ask again, even after others went on."""
        await log.append(b"second")
        await store.create(log.session_id, log.entries[0], None)
        assert await store.read(log.session_id) == tuple(log.entries)

    async def test_other_entry_is_told_the_first(self, store: SessionStore, log: Log) -> None:
        """[ST2] An id is never reused; the first entry says whose it is."""
        with pytest.raises(SessionExists) as refusal:
            await store.create(log.session_id, entry_after(NOWHERE), SUMMARY)
        assert refusal.value.first == log.entries[0]
        assert log.session_id not in await store.live()

    async def test_of_two_at_once_one_wins(self, store: SessionStore) -> None:
        """[ST2] Two processes that draw the same id do not share a log."""
        session_id = new_id()
        attempts = [store.create(session_id, entry_after(NOWHERE), None) for _ in range(8)]
        outcomes = await asyncio.gather(*attempts, return_exceptions=True)
        assert sum(outcome is None for outcome in outcomes) == 1
        assert sum(isinstance(outcome, SessionExists) for outcome in outcomes) == 7

    async def test_entry_that_is_no_first_is_a_bug(self, store: SessionStore) -> None:
        """[ST3] Nothing is written of entries that do not fit."""
        session_id = new_id()
        with pytest.raises(ValueError, match="cannot follow"):
            await store.create(session_id, entry_after(Position(seq=1, entry_id="aa")), None)
        assert await store.positions([session_id]) == {}


class TestCommit:
    async def test_log_keeps_order_and_bytes(self, store: SessionStore, log: Log) -> None:
        """[ST3] Entries come back as they went in, in order of seq."""
        await log.append(b"two")
        await log.append(b"three \x00\xff with spaces", b"", "vier ✓".encode())
        assert await store.read(log.session_id) == tuple(log.entries)
        assert await store.read(log.session_id, after_seq=3) == tuple(log.entries[3:])
        assert await store.read(log.session_id, after_seq=5) == ()
        assert await store.read(log.session_id, after_seq=9) == ()

    async def test_conflict_brings_the_missing_tail(self, store: SessionStore, log: Log) -> None:
        """[ST4] The retry needs no read."""
        late = log.next(b"late")
        await log.append(b"two")
        await log.append(b"three")
        with pytest.raises(Conflict) as refusal:
            await store.commit(late)
        assert refusal.value.tail == tuple(log.entries[1:])
        assert await store.read(log.session_id) == tuple(log.entries)

    async def test_another_entry_at_the_same_seq_is_a_conflict(self, store: SessionStore, log: Log) -> None:
        """[ST4] Seq alone does not tell two histories apart."""
        fork = Position(seq=1, entry_id="f" * 16)
        with pytest.raises(Conflict) as refusal:
            await store.commit(Commit(session_id=log.session_id, expected=fork, entries=(entry_after(fork),)))
        assert refusal.value.tail == ()

    async def test_log_shorter_than_expected_is_a_conflict(self, store: SessionStore, log: Log) -> None:
        """[ST4] After a failover that lost a suffix nothing is appended past the hole."""
        ahead = Position(seq=5, entry_id="a" * 16)
        with pytest.raises(Conflict) as refusal:
            await store.commit(Commit(session_id=log.session_id, expected=ahead, entries=(entry_after(ahead),)))
        assert refusal.value.tail == ()
        assert await store.read(log.session_id) == tuple(log.entries)

    @pytest.mark.parametrize("count", [1, 3])
    async def test_same_entries_again_are_success(self, store: SessionStore, log: Log, count: int) -> None:
        """[ST5] A commit whose reply was lost is asked again and is there once, even after others went on."""
        commit = log.next(*[b"x"] * count)
        await store.commit(commit)
        log.entries += commit.entries
        await store.commit(commit)
        await log.append(b"by another")
        await store.commit(commit)
        assert await store.read(log.session_id) == tuple(log.entries)

    async def test_unknown_session(self, store: SessionStore) -> None:
        """[ST6] No log = unknown Session."""
        session_id, position = new_id(), Position(seq=1, entry_id="a" * 16)
        with pytest.raises(SessionNotFound):
            await store.commit(Commit(session_id=session_id, expected=position, entries=(entry_after(position),)))
        with pytest.raises(SessionNotFound):
            await store.read(session_id)
        with pytest.raises(SessionNotFound):
            await store.load(session_id, "engine")
        assert await store.positions([session_id]) == {}

    async def test_entries_with_a_gap_are_a_bug(self, store: SessionStore, log: Log) -> None:
        """[ST3] Nothing is written of entries that do not fit."""
        commit = log.next(b"two", b"three")
        with pytest.raises(ValueError, match="cannot follow"):
            await store.commit(
                Commit(session_id=log.session_id, expected=commit.expected, entries=commit.entries[::-1])
            )
        with pytest.raises(ValueError, match="nothing to append"):
            await store.commit(Commit(session_id=log.session_id, expected=commit.expected, entries=()))
        assert await store.read(log.session_id) == tuple(log.entries)

    async def test_of_many_at_once_one_wins(self, make_process: MakeProcess, log: Log) -> None:
        """[ST4] Processes that race from one position: one appends, the others see its entry."""
        processes = [await make_process() for _ in range(3)]
        commits = [log.next(b"%d" % number) for number in range(30)]
        outcomes = await asyncio.gather(
            *[processes[number % 3].store.commit(commit) for number, commit in enumerate(commits)],
            return_exceptions=True,
        )
        [winner] = [commit for commit, outcome in zip(commits, outcomes, strict=True) if outcome is None]
        assert all(o.tail == winner.entries for o in outcomes if isinstance(o, Conflict))
        assert sum(isinstance(o, Conflict) for o in outcomes) == 29

    async def test_many_sessions_at_once_each_keep_their_order(self, process: Process, store: SessionStore) -> None:
        """[ST9] Commits sent one behind the other, unawaited, arrive in that order."""
        logs = await asyncio.gather(*[Log(process).create() for _ in range(40)])
        under_way = []
        for step in range(10):
            for log in logs:
                commit = log.next(b"%d" % step)
                under_way.append(asyncio.ensure_future(store.commit(commit)))
                log.entries += commit.entries
        await asyncio.gather(*under_way)
        for log in logs:
            assert await store.read(log.session_id) == tuple(log.entries)

    async def test_callers_that_go_away_mix_up_no_replies(self, process: Process, store: SessionStore) -> None:
        """[ST10] Any caller may be cancelled at any moment; each other one gets its own answer."""
        chance = random.Random(7)
        logs = await asyncio.gather(*[Log(process).create() for _ in range(20)])
        for _ in range(30):
            readers = {asyncio.create_task(store.read(log.session_id)): log for log in logs}
            commits = {log.session_id: log.next(b"x") for log in logs}
            writers = {asyncio.create_task(store.commit(commits[log.session_id])): log for log in logs}
            for task in (*readers, *writers):
                if chance.random() < 0.3:
                    asyncio.get_running_loop().call_later(chance.random() * 0.002, task.cancel)
            await asyncio.wait([*readers, *writers])
            for task, log in readers.items():
                if not task.cancelled():
                    assert task.result()[: len(log.entries)] == tuple(log.entries)
            for task, log in writers.items():
                if task.cancelled():
                    await store.commit(commits[log.session_id])  # whether it happened is unknown: ask again
                log.entries += commits[log.session_id].entries
        for log in logs:
            assert await store.read(log.session_id) == tuple(log.entries)


class TestPositions:
    async def test_each_log_ends_where_it_ends(self, process: Process, store: SessionStore) -> None:
        """[ST7] Seq and entry id of every known Session; unknown ones are left out."""
        logs = await asyncio.gather(*[Log(process).create() for _ in range(100)])
        for log in logs[::3]:
            await log.append(b"two", b"three")
        asked = [log.session_id for log in logs]
        assert await store.positions([*asked, new_id()]) == {log.session_id: log.end for log in logs}
        assert await store.positions([]) == {}

    async def test_clock_is_the_stores(self, store: SessionStore) -> None:
        """[ST7] All processes tell the same time, and it goes forward."""
        before = await store.now_ms()
        await store.positions([])
        assert 0 <= await store.now_ms() - before < 10_000


class TestSnapshots:
    async def test_snapshot_and_what_follows(self, store: SessionStore, log: Log) -> None:
        """[ST8] Loading is the cached snapshot and every entry after it."""
        await log.append(b"two", b"three")
        snapshot = Snapshot(position=at(log.entries[1]), engine="e1", payload=b"\x00 state")
        await store.save_snapshot(log.session_id, snapshot)
        loaded = await store.load(log.session_id, "e1")
        assert loaded.snapshot == snapshot
        assert loaded.tail == (log.entries[2],)

    async def test_snapshot_of_another_engine_is_not_used(self, store: SessionStore, log: Log) -> None:
        """[ST8] Another engine refolds the whole log."""
        await store.save_snapshot(log.session_id, Snapshot(position=log.end, engine="e1", payload=b"state"))
        loaded = await store.load(log.session_id, "e2")
        assert loaded.snapshot is None
        assert loaded.tail == tuple(log.entries)

    async def test_earlier_snapshot_does_not_replace_a_later_one(self, store: SessionStore, log: Log) -> None:
        """[ST8] A slow process does not undo a quick one; a new engine does replace."""
        await log.append(b"two")
        first, second = at(log.entries[0]), at(log.entries[1])
        await store.save_snapshot(log.session_id, Snapshot(position=second, engine="e1", payload=b"later"))
        await store.save_snapshot(log.session_id, Snapshot(position=first, engine="e1", payload=b"earlier"))
        loaded = await store.load(log.session_id, "e1")
        assert loaded.snapshot is not None
        assert loaded.snapshot.payload == b"later"
        await store.save_snapshot(log.session_id, Snapshot(position=first, engine="e2", payload=b"other"))
        assert (await store.load(log.session_id, "e1")).snapshot is None

    async def test_snapshot_of_another_history_is_not_kept(self, store: SessionStore, log: Log) -> None:
        """[ST8] A snapshot counts only for the log that holds its very entry."""
        for foreign in (Position(seq=1, entry_id="f" * 16), Position(seq=7, entry_id="f" * 16)):
            await store.save_snapshot(log.session_id, Snapshot(position=foreign, engine="e1", payload=b"state"))
        assert (await store.load(log.session_id, "e1")).snapshot is None
        await store.save_snapshot(new_id(), Snapshot(position=log.end, engine="e1", payload=b"state"))


class TestPushes:
    async def test_every_follower_hears_every_entry_in_order(self, make_process: MakeProcess, log: Log) -> None:
        """[ST13] From when subscribe returns, in any process, the committer's own included."""
        other = await make_process()
        await log.process.store.subscribe(log.session_id)
        await other.store.subscribe(log.session_id)
        await log.append(b"two \x00 \xff", b"three")
        await log.append(b"four")
        for process in (log.process, other):
            heard = await process.hears(lambda heard: len(entries_heard(log)(heard)) == 3)
            assert entries_heard(log)(heard) == log.entries[1:]

    async def test_first_entry_is_pushed(self, process: Process, store: SessionStore) -> None:
        """[ST13] A Session may be followed before it is created."""
        log = Log(process)
        await store.subscribe(log.session_id)
        await log.create()
        assert entries_heard(log)(await process.hears(entries_heard(log))) == log.entries

    async def test_who_left_hears_nothing(self, process: Process, store: SessionStore, log: Log) -> None:
        """[ST13] Unsubscribing ends it; doing either twice is harmless."""
        other = await Log(process).create()
        for session_id in (log.session_id, log.session_id, other.session_id):
            await store.subscribe(session_id)
        await store.unsubscribe(log.session_id)
        await store.unsubscribe(log.session_id)
        await log.append(b"unheard")
        await other.append(b"heard")
        heard = await process.hears(entries_heard(other))
        assert entries_heard(log)(heard) == []

    async def test_refused_commits_and_repeats_are_not_pushed(self, process: Process, log: Log) -> None:
        """[ST13] Only what was appended is told, once."""
        await process.store.subscribe(log.session_id)
        late = log.next(b"late")
        await log.append(b"two")
        with pytest.raises(Conflict):
            await process.store.commit(late)
        await log.append(b"three")
        heard = await process.hears(lambda heard: len(entries_heard(log)(heard)) >= 2)
        assert entries_heard(log)(heard) == log.entries[1:]

    async def test_signal_reaches_all_followers(self, make_process: MakeProcess, log: Log) -> None:
        """[ST13] Told to every process that follows, the sender included; not stored."""
        other = await make_process()
        for process in (log.process, other):
            await process.store.subscribe(log.session_id)
        await other.store.signal(log.session_id, b"s typing \x00")
        expected = PushedSignal(session_id=log.session_id, payload=b"s typing \x00")
        for process in (log.process, other):
            await process.hears(lambda heard: expected in heard)
        assert await other.store.read(log.session_id) == tuple(log.entries)


class TestLiveIndex:
    async def test_summary_comes_changes_and_goes(self, process: Process, store: SessionStore) -> None:
        """[ST6] The index moves with the commit that moves the Session."""
        log = await Log(process).create(SUMMARY)
        assert (await store.live())[log.session_id] == b"on Greeting"
        await log.append(b"two")
        assert (await store.live())[log.session_id] == b"on Greeting"
        await log.append(b"three", live=LiveChange(summary=b""))
        assert (await store.live())[log.session_id] == b""
        await log.append(b"four", live=LiveChange(summary=None))
        assert log.session_id not in await store.live()

    async def test_floor_hears_changes_only(self, make_process: MakeProcess) -> None:
        """[ST14] A commit without a summary wakes nobody who follows the floor."""
        writer, floor = await make_process(), await make_process()
        await floor.store.subscribe_live()
        logs = [await Log(writer).create(SUMMARY) for _ in range(5)]
        for log in logs:
            await log.append(b"two")
            await log.append(b"three", live=LiveChange(summary=b"on \x00 Price"))
            await log.append(b"four", live=LiveChange(summary=None))
        for log in logs:
            heard = await floor.hears(lambda heard, log=log: None in live_heard(log)(heard))  # type: ignore[misc]
            assert live_heard(log)(heard) == [b"on Greeting", b"on \x00 Price", None]
            assert entries_heard(log)(heard) == []
        assert not any(isinstance(push, PushedLive) for push in writer.heard)

    async def test_refused_commit_leaves_the_index_alone(self, store: SessionStore, log: Log) -> None:
        """[ST6] All or nothing."""
        late = log.next(b"late", live=SUMMARY)
        await log.append(b"two")
        with pytest.raises(Conflict):
            await store.commit(late)
        assert log.session_id not in await store.live()


class TestPresence:
    async def test_members_are_there_for_all(self, make_process: MakeProcess) -> None:
        """[ST12] A lease is seen by every process."""
        here, there, session_id = await make_process(), await make_process(), new_id()
        await here.store.lease_presence(session_id, {"c1": b"ana \x00\n", "c2": b""}, 60_000)
        await there.store.lease_presence(session_id, {"c3": b"ben"}, 60_000)
        await there.store.lease_presence(session_id, {"c2": b"again"}, 60_000)
        expected = {"c1": b"ana \x00\n", "c2": b"again", "c3": b"ben"}
        assert await here.store.presence(session_id) == await there.store.presence(session_id) == expected
        assert await here.store.presence(new_id()) == {}

    async def test_lease_that_lapsed_is_never_returned(self, store: SessionStore) -> None:
        """[ST12] By the store's clock; those of a killed process go by themselves."""
        session_id = new_id()
        await store.lease_presence(session_id, {"gone": b""}, 0)
        await store.lease_presence(session_id, {"here": b""}, 60_000)
        assert await store.presence(session_id) == {"here": b""}
        await store.lease_presence(session_id, {"gone": b"back"}, 60_000)
        assert set(await store.presence(session_id)) == {"gone", "here"}

    async def test_release_only_shortens(self, store: SessionStore) -> None:
        """[ST12] A reconnect within the linger shows no flicker; 0 ends at once."""
        session_id = new_id()
        await store.lease_presence(session_id, {"a": b"", "b": b"", "c": b""}, 60_000)
        await store.release_presence(session_id, "a", 0)
        await store.release_presence(session_id, "b", 3_000)
        await store.release_presence(session_id, "nobody", 3_000)
        assert set(await store.presence(session_id)) == {"b", "c"}
        await store.lease_presence(session_id, {"d": b""}, 0)
        await store.release_presence(session_id, "d", 3_000)
        assert set(await store.presence(session_id)) == {"b", "c"}

    async def test_it_is_known_when_somebody_was_last_here(self, store: SessionStore) -> None:
        """[ST12] For a day, whoever has looked meanwhile; somebody who is here counts until the lease ends."""
        session_id = new_id()
        assert await store.last_seen_ms(session_id, "ana") is None
        before = await store.now_ms()
        await store.lease_presence(session_id, {"ana/1": b"", "ana/2": b"", "ben/1": b""}, 60_000)
        seen = await store.last_seen_ms(session_id, "ana")
        assert seen is not None
        assert before + 59_000 < seen < before + 62_000

        for member in ("ana/1", "ana/2"):
            await store.release_presence(session_id, member, 0)
        assert set(await store.presence(session_id)) == {"ben/1"}

        seen = await store.last_seen_ms(session_id, "ana")
        assert seen is not None
        assert before - 1_000 < seen < before + 5_000
        assert await store.last_seen_ms(session_id, "an") is None

    async def test_many_sessions_are_looked_into_at_once(self, store: SessionStore) -> None:
        """[ST12] Who is in each, and since when the person asked for is not; nobody remembered is nobody."""
        full, left, empty = new_id(), new_id(), new_id()
        before = await store.now_ms()
        await store.lease_presence(full, {"ana/1": b"ana \n", "ben/1": b"ben"}, 60_000)
        await store.lease_presence(full, {"ana/2": b"gone"}, 0)
        await store.lease_presence(left, {"ana/1": b"ana", "ben/1": b"ben"}, 60_000)
        await store.release_presence(left, "ana/1", 0)
        for _ in range(2):  # also after somebody looked, who moves what has ended
            found = await store.attendance({full: "ana", left: "ana", empty: "ana"})
            assert {id_: each.leases for id_, each in found.items()} == {
                full: {"ana/1": b"ana \n", "ben/1": b"ben"},
                left: {"ben/1": b"ben"},
                empty: {},
            }
            seen = found[left].last_seen_ms
            assert seen is not None
            assert before - 1_000 < seen < before + 5_000
            assert (found[full].last_seen_ms, found[empty].last_seen_ms) == (None, None)
            await store.presence(left)
        assert await store.attendance({}) == {}


class TestDueSet:
    """When time may do something to a Session."""

    async def test_it_moves_with_the_log(self, process: Process, store: SessionStore) -> None:
        """[ST23] In the same breath as the entries; a commit that says nothing leaves it."""
        log = await Log(process).create(due=DueChange(due_ms=1_000))
        await log.append(b"second")
        assert await dues(store, log) == [1_000]
        await log.append(b"third", due=DueChange(due_ms=2_000))
        assert await dues(store, log) == [2_000]
        await log.append(b"fourth", due=DueChange(due_ms=None))
        assert await dues(store, log) == []

    async def test_what_is_not_due_yet_is_not_given(self, process: Process, store: SessionStore) -> None:
        """[ST23] And the longest due come first."""
        later = await Log(process).create(due=DueChange(due_ms=5_000))
        sooner = await Log(process).create(due=DueChange(due_ms=4_000))
        ours = {later.session_id, sooner.session_id}
        assert [due for due in await store.due(3_999, 10_000) if due.session_id in ours] == []
        found = [due.session_id for due in await store.due(5_000, 10_000) if due.session_id in ours]
        assert found == [sooner.session_id, later.session_id]

    async def test_a_conflict_or_a_repeat_moves_nothing(self, process: Process, store: SessionStore) -> None:
        """[ST23] Only who appends says when."""
        log = await Log(process).create(due=DueChange(due_ms=1_000))
        lost = log.next(b"lost", due=DueChange(due_ms=9_000))
        won = log.next(b"won", due=DueChange(due_ms=2_000))
        await store.commit(won)
        with pytest.raises(Conflict):
            await store.commit(lost)
        log.entries += won.entries
        await log.append(b"next", due=DueChange(due_ms=3_000))
        await store.commit(won)
        assert await dues(store, log) == [3_000]

    async def test_of_several_who_claim_one_may(self, make_process: MakeProcess) -> None:
        """[ST23] Whoever moves it from where it was seen."""
        here, there = await make_process(), await make_process()
        log = await Log(here).create(due=DueChange(due_ms=1_000))
        seen = Due(session_id=log.session_id, due_ms=1_000)
        claims = await asyncio.gather(*[who.store.reschedule(seen, 31_000) for who in (here, there, here)])
        assert sorted(claims) == [False, False, True]
        assert await dues(here.store, log) == [31_000]

    async def test_what_left_the_set_does_not_come_back(self, process: Process, store: SessionStore) -> None:
        """[ST23] A claim that is late finds nothing."""
        log = await Log(process).create(due=DueChange(due_ms=1_000))
        await log.append(b"the end", due=DueChange(due_ms=None))
        assert not await store.reschedule(Due(session_id=log.session_id, due_ms=1_000), 31_000)
        assert await dues(store, log) == []

    async def test_a_commit_may_only_bring_it_forward(self, process: Process, store: SessionStore) -> None:
        """[ST23] What came new is looked at in its time; what stands there sooner stays."""
        log = await Log(process).create(due=DueChange(due_ms=5_000))
        await log.append(b"second", due=DueChange(due_ms=9_000, only_sooner=True))
        assert await dues(store, log) == [5_000]
        await log.append(b"third", due=DueChange(due_ms=3_000, only_sooner=True))
        assert await dues(store, log) == [3_000]
        await log.append(b"fourth", due=DueChange(due_ms=None))
        await log.append(b"fifth", due=DueChange(due_ms=7_000, only_sooner=True))
        assert await dues(store, log) == [7_000]

    async def test_what_was_lost_from_the_set_is_put_back_as_the_log_says(
        self, process: Process, store: SessionStore
    ) -> None:
        """[DI7] One that would come up too late, too; one that comes up soon enough is left, claimed or not."""
        log = await Log(process).create()
        at = log.end
        assert await store.mend_due(log.session_id, at, 1_000, 31_000)
        assert await dues(store, log) == [1_000]
        assert not await store.mend_due(log.session_id, at, 500, 31_000)
        assert await store.mend_due(log.session_id, at, 500, 900)
        assert await dues(store, log) == [500]
        assert await store.mend_due(log.session_id, at, None, 900)
        assert not await store.mend_due(log.session_id, at, None, 900)
        assert await dues(store, log) == []

    async def test_nothing_is_mended_by_what_is_known_of_an_older_log(
        self, process: Process, store: SessionStore
    ) -> None:
        """[DI7] The log went on, or there is none: whoever went on has said when."""
        log = await Log(process).create()
        old = log.end
        await log.append(b"second", due=DueChange(due_ms=9_000))
        assert not await store.mend_due(log.session_id, old, 1_000, 2_000)
        assert await dues(store, log) == [9_000]
        assert not await store.mend_due(new_id(), old, 1_000, 2_000)


async def dues(store: SessionStore, log: Log) -> list[int]:
    """Where the Session stands in the due set."""
    return [due.due_ms for due in await store.due(10**12, 10_000) if due.session_id == log.session_id]


def test_partitions_are_spread_and_fixed() -> None:
    """[ST1] The partition of an id never changes, and every partition is used."""
    assert partition_of("0" * 32) == 16
    assert {partition_of(new_id()) for _ in range(5_000)} == set(range(PARTITIONS))


class TestErase:
    async def test_takes_out_everything_whoever_is_there(self, store: SessionStore, process: Process) -> None:
        """[ER2] Unlike what goes to the archive; also if it went on, and again."""
        log = await Log(process).create(SUMMARY, DueChange(due_ms=5))
        await log.append(b"second", b"third")
        await store.lease_presence(log.session_id, {"ana/1": b"here"}, 60_000)

        for _ in range(2):
            assert await store.erase(log.session_id, at(log.entries[1]))

        assert await store.positions([log.session_id]) == {}
        assert await store.presence(log.session_id) == {}
        assert log.session_id not in await store.live()
        assert log.session_id not in [due.session_id for due in await store.due(10, 1_000)]

    async def test_leaves_another_history(self, store: SessionStore, log: Log) -> None:
        """[ER2] One that never held the entry at which it was found finished."""
        assert not await store.erase(log.session_id, Position(seq=1, entry_id=new_id()[:16]))
        assert not await store.erase(log.session_id, Position(seq=2, entry_id=log.entries[0].entry_id))
        assert await store.read(log.session_id) == tuple(log.entries)
