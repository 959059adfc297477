"""What the store in Valkey does when something breaks. Rules: protocol/SPEC.md, ST."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest

from server.embedded import EmbeddedValkey
from server.ports import LiveChange, Push, PushedEntry, PushInterrupted, StoreError, Unavailable
from server.store.address import Access, Address
from server.store.keys import PARTITIONS, PARTITIONS_KEY, live_key, log_key, partition_of, slot_of
from server.store.redis import RedisStore, WrongPartitions
from server.store.wire import Wire
from tests.support.stores import NOWHERE, Log, Process, entry_after, new_id
from tests.support.valkeys import Cluster, SentinelPair

BORNE_S = 2.0
"""What a caller bears before it hears Unavailable."""


@pytest.fixture
async def process(own_valkey: EmbeddedValkey) -> AsyncIterator[Process]:
    """A server process on a Valkey that this test may stop and kill."""
    process = await Process(RedisStore(own_valkey.url)).start()
    yield process
    await process.store.close()


@pytest.fixture
async def operator(own_valkey: EmbeddedValkey) -> AsyncIterator[Wire]:
    """Somebody at the server's command line."""
    wire = await Wire.open(Address(own_valkey.url.removeprefix("unix://")), Access())
    yield wire
    wire.cut()


async def append_until_it_works(log: Log, payload: bytes, within_s: float = 10.0) -> int:
    """Ask again with the same entries until they are stored; how often it was refused."""
    commit, refused, give_up_s = log.next(payload), 0, time.monotonic() + within_s
    while True:
        try:
            await log.process.store.commit(commit)
        except Unavailable:
            assert time.monotonic() < give_up_s, f"still away after {within_s} s"
            refused += 1
            await asyncio.sleep(0.05)
        else:
            log.entries += commit.entries
            return refused


def was_interrupted(heard: list[Push]) -> bool:
    """The listener was told that it may have missed something."""
    return PushInterrupted() in heard


def hears_entry_of(log: Log) -> Callable[[list[Push]], bool]:
    """The log's last entry was pushed."""
    return lambda heard: PushedEntry(session_id=log.session_id, entry=log.entries[-1]) in heard


async def kill_9(valkey: EmbeddedValkey) -> None:
    """Gone when this returns."""
    os.kill(valkey.pid, signal.SIGKILL)
    await valkey.died()


class TestAway:
    async def test_acknowledged_commits_survive_kill_9(self, own_valkey: EmbeddedValkey, process: Process) -> None:
        """[ST15] Valkey killed again and again under load: every acknowledged entry is there, in order, once."""
        logs = await asyncio.gather(*[Log(process).create() for _ in range(20)])
        is_over = asyncio.Event()

        async def write(log: Log) -> None:
            while not is_over.is_set():
                await append_until_it_works(log, b"x" * 200)

        writers = [asyncio.create_task(write(log)) for log in logs]
        for _ in range(3):
            await asyncio.sleep(0.3)
            await kill_9(own_valkey)
            await own_valkey.start()
        await asyncio.sleep(0.3)
        is_over.set()
        await asyncio.gather(*writers)
        for log in logs:
            assert len(log.entries) > 20
            assert await process.store.read(log.session_id) == tuple(log.entries)

    async def test_away_is_said_quickly_and_heals(self, own_valkey: EmbeddedValkey, process: Process) -> None:
        """[ST11] A server that is gone: Unavailable at once, and all works again when it is back."""
        log = await Log(process).create()
        await process.store.subscribe(log.session_id)
        await kill_9(own_valkey)
        for _ in range(5):
            asked = time.monotonic()
            with pytest.raises(Unavailable):
                await process.store.commit(log.next(b"x"))
            assert time.monotonic() - asked < BORNE_S
        await own_valkey.start()
        await append_until_it_works(log, b"back")
        await process.hears(was_interrupted)
        await log.append(b"heard")
        await process.hears(hears_entry_of(log))

    async def test_a_server_that_hangs_is_away(self, own_valkey: EmbeddedValkey, process: Process) -> None:
        """[ST11] A stopped process takes connections and answers nothing: Unavailable, later all is well."""
        log = await Log(process).create()
        await process.store.subscribe(log.session_id)
        os.kill(own_valkey.pid, signal.SIGSTOP)
        try:
            commit = log.next(b"unknown")
            for _ in range(3):
                asked = time.monotonic()
                with pytest.raises(Unavailable):
                    await process.store.commit(commit)
                assert time.monotonic() - asked < BORNE_S
        finally:
            os.kill(own_valkey.pid, signal.SIGCONT)
        async with asyncio.timeout(10):
            while True:
                try:
                    await process.store.commit(commit)
                    break
                except Unavailable:
                    await asyncio.sleep(0.05)
        log.entries += commit.entries
        await log.append(b"once more")
        assert await process.store.read(log.session_id) == tuple(log.entries)
        await process.hears(lambda heard: was_interrupted(heard) or hears_entry_of(log)(heard))

    async def test_start_without_a_server(self, own_valkey: EmbeddedValkey) -> None:
        """[ST11] Whoever starts first is told, and may try again."""
        await own_valkey.stop()
        store = RedisStore(own_valkey.url)
        with pytest.raises(Unavailable):
            await store.start(lambda push: None)
        await own_valkey.start()
        await asyncio.sleep(0.3)
        await store.start(lambda push: None)
        await store.close()

    async def test_full_store_takes_nothing_and_keeps_all(self, process: Process, operator: Wire) -> None:
        """[ST11] Out of memory under noeviction: nothing is written, not even half; later it works."""
        log = await Log(process).create()
        await operator.call("CONFIG", "SET", "maxmemory", "1")
        with pytest.raises(Unavailable, match="OOM"):
            await process.store.commit(log.next(b"x", live=LiveChange(summary=b"s")))
        assert await process.store.read(log.session_id) == tuple(log.entries)
        assert await process.store.live() == {}
        await operator.call("CONFIG", "SET", "maxmemory", "0")
        await log.append(b"x")


class TestPushConnection:
    async def test_a_killed_push_connection_is_told_and_comes_back(self, process: Process, operator: Wire) -> None:
        """[ST14] `CLIENT KILL TYPE pubsub`: the listener hears that it may have missed something."""
        log = await Log(process).create()
        await process.store.subscribe(log.session_id)
        for round_number in range(1, 4):
            assert await operator.call("CLIENT", "KILL", "TYPE", "pubsub") == 1
            await process.hears(lambda heard, n=round_number: heard.count(PushInterrupted()) == n)  # type: ignore[misc]
            await log.append(b"x")
            await process.hears(hears_entry_of(log))

    async def test_half_open_push_connection_is_noticed(self, process: Process) -> None:
        """[ST14] Bytes that are swallowed on the way: noticed by silence after a ping, then connected anew."""
        log = await Log(process).create()
        await process.store.subscribe(log.session_id)
        [wire] = process.store._push._wires.values()  # type: ignore[attr-defined]
        wire.data_received = lambda data: None
        await process.hears(was_interrupted, within_s=8)
        await log.append(b"x")
        await process.hears(hears_entry_of(log))

    async def test_subscribing_while_away_is_done_later(self, own_valkey: EmbeddedValkey, process: Process) -> None:
        """[ST13] Unavailable is said, and once the server is back the channel is followed all the same."""
        log = await Log(process).create()
        await process.store.subscribe(new_id())
        await kill_9(own_valkey)
        with pytest.raises(Unavailable):
            await process.store.subscribe(log.session_id)
        await own_valkey.start()
        await process.hears(was_interrupted)
        await append_until_it_works(log, b"x")
        await process.hears(hears_entry_of(log))


class TestWhatIsStored:
    async def test_other_number_of_partitions_is_refused(self, own_valkey: EmbeddedValkey, operator: Wire) -> None:
        """[ST1] It would hide every Session."""
        await operator.call("SET", PARTITIONS_KEY, PARTITIONS * 2)
        store = RedisStore(own_valkey.url)
        with pytest.raises(WrongPartitions, match="128"):
            await store.start(lambda push: None)
        await store.close()

    async def test_log_that_vanished_is_unknown(self, process: Process, operator: Wire) -> None:
        """[ST6] Whatever else is left of it, and the id can be started anew."""
        log = await Log(process).create(LiveChange(summary=b"s"))
        await operator.call("DEL", log_key(log.session_id))
        with pytest.raises(StoreError):
            await process.store.commit(log.next(b"x"))
        assert await process.store.positions([log.session_id]) == {}
        await process.store.create(log.session_id, entry_after(NOWHERE), None)

    async def test_all_but_the_log_may_vanish(self, process: Process, operator: Wire) -> None:
        """[ST6] The log is the truth: index, snapshot and presence gone, the Session goes on."""
        log = await Log(process).create(LiveChange(summary=b"s"))
        await operator.call("DEL", live_key(partition_of(log.session_id)))
        await log.append(b"x", live=LiveChange(summary=b"t"))
        assert await process.store.live() == {log.session_id: b"t"}

    async def test_forgotten_scripts_are_sent_again(self, process: Process, operator: Wire) -> None:
        """[ST9] `SCRIPT FLUSH` by an operator is not felt."""
        log = await Log(process).create()
        await operator.call("SCRIPT", "FLUSH")
        await log.append(b"x")
        assert await process.store.read(log.session_id) == tuple(log.entries)

    async def test_expired_members_are_removed(self, process: Process, operator: Wire) -> None:
        """[ST12] Nothing of a dead process's presence stays behind."""
        session_id = new_id()
        await process.store.lease_presence(session_id, {"a": b"x"}, 1)
        await asyncio.sleep(0.02)
        assert await operator.call("EXISTS", f"{{p{partition_of(session_id)}}}:presence:{session_id}") == 0


class TestSentinel:
    async def test_promoted_replica_is_followed(self, sentinel_pair: SentinelPair) -> None:
        """[ST11] The primary dies; commits and pushes go on with the one that Sentinel promotes."""
        process = await Process(RedisStore(sentinel_pair.url)).start()
        log = await Log(process).create()
        await process.store.subscribe(log.session_id)
        await log.append(b"before")
        primary = await Wire.open(sentinel_pair.primary, Access())
        assert await primary.call("WAIT", 1, 5_000) == 1
        primary.cut()

        sentinel_pair.kill_primary()

        assert await append_until_it_works(log, b"after", within_s=20) > 0
        await process.hears(was_interrupted)
        await log.append(b"heard")
        await process.hears(hears_entry_of(log))
        assert await process.store.read(log.session_id) == tuple(log.entries)
        await process.store.close()


class TestCluster:
    async def test_names_are_where_the_cluster_looks(self, cluster: Cluster) -> None:
        """[ST1] All names of a partition are in the slot that we compute for it."""
        wire = await Wire.open(cluster.addresses[0], Access())
        for partition in range(PARTITIONS):
            assert await wire.call("CLUSTER", "KEYSLOT", live_key(partition)) == slot_of(partition)
        wire.cut()

    async def test_moving_a_partition_under_load(self, cluster: Cluster) -> None:
        """[ST11] A slot goes to another node while its Sessions are written and followed: nothing is lost."""
        process = await Process(RedisStore(cluster.url)).start()
        logs = [await Log(process).create(LiveChange(summary=b"s")) for _ in range(12)]
        for log in logs:  # on every node, so that the partition comes to one that is followed already
            await process.store.subscribe(log.session_id)
        log = logs[0]
        is_over = asyncio.Event()

        async def write() -> None:
            while not is_over.is_set():
                await append_until_it_works(log, b"x")

        writer = asyncio.create_task(write())
        await asyncio.sleep(0.1)
        await move_slot(cluster, slot_of(partition_of(log.session_id)))
        await asyncio.sleep(0.2)
        is_over.set()
        await writer
        assert await process.store.read(log.session_id) == tuple(log.entries)
        await process.hears(was_interrupted)
        for log in logs:
            async with asyncio.timeout(10):
                while True:  # pushes are hints until all is followed again
                    await log.append(b"after")
                    with suppress(TimeoutError):
                        await process.hears(hears_entry_of(log), within_s=0.2)
                        break
        await process.store.close()


async def move_slot(cluster: Cluster, slot: int) -> None:
    """The classic migration: keys one by one, then the slot."""
    wires = [await Wire.open(address, Access()) for address in cluster.addresses]
    names = [(await wire.call("CLUSTER", "MYID")).decode() for wire in wires]
    [source] = [n for n, wire in enumerate(wires) if slot in await own_slots(wire, names[n])]
    target = (source + 1) % len(wires)
    await wires[target].call("CLUSTER", "SETSLOT", slot, "IMPORTING", names[source])
    await wires[source].call("CLUSTER", "SETSLOT", slot, "MIGRATING", names[target])
    while keys := await wires[source].call("CLUSTER", "GETKEYSINSLOT", slot, 100):
        host, port = cluster.addresses[target]
        for key in keys:
            await wires[source].call("MIGRATE", host, port, key, 0, 2_000)
            await asyncio.sleep(0.05)
    for wire in (wires[target], wires[source], wires[3 - target - source]):
        await wire.call("CLUSTER", "SETSLOT", slot, "NODE", names[target])
    for wire in wires:
        wire.cut()


async def own_slots(wire: Wire, name: str) -> set[int]:
    ranges = await wire.call("CLUSTER", "SLOTS")
    return {s for first, last, primary, *_ in ranges if primary[2].decode() == name for s in range(first, last + 1)}
