"""What the store in Valkey does when something breaks. Rules: protocol/SPEC.md, ST."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest
from redis.asyncio import Redis
from redis.crc import key_slot

from server.embedded import EmbeddedValkey
from server.ports import LiveChange, Push, PushedEntry, PushInterrupted, Snapshot, StoreError, Unavailable
from server.store.address import Access
from server.store.keys import PARTITIONS, PARTITIONS_KEY, live_key, log_key, partition_of, presence_key, slot_of
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
async def operator(own_valkey: EmbeddedValkey) -> AsyncIterator[Redis]:
    """Somebody who looks in from outside."""
    async with Redis.from_url(own_valkey.url) as client:
        yield client


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

    async def test_full_store_takes_nothing_and_keeps_all(self, process: Process, operator: Redis) -> None:
        """[ST11] Out of memory under noeviction: nothing is written, not even half; later it works."""
        log = await Log(process).create()
        await operator.config_set("maxmemory", 1)
        with pytest.raises(Unavailable, match="OOM"):
            await process.store.commit(log.next(b"x", live=LiveChange(summary=b"s")))
        assert await process.store.read(log.session_id) == tuple(log.entries)
        assert await process.store.live() == {}
        await operator.config_set("maxmemory", 0)
        await log.append(b"x")


class TestPushConnection:
    async def test_a_killed_push_connection_is_told_and_comes_back(self, process: Process, operator: Redis) -> None:
        """[ST14] `CLIENT KILL TYPE pubsub`: the listener hears that it may have missed something."""
        log = await Log(process).create()
        await process.store.subscribe(log.session_id)
        for round_number in range(1, 4):
            assert await operator.client_kill_filter(_type="pubsub") == 1
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
    async def test_entries_are_a_stream_that_anybody_can_read(self, process: Process, operator: Redis) -> None:
        """[ST3] One stream item per entry, its id the seq; the live summary in its partition's hash."""
        log = await Log(process).create(LiveChange(summary=b"s"))
        await log.append(b"two \x00", b"three")
        assert await operator.xrange(log_key(log.session_id)) == [
            (
                b"%d-0" % e.seq,
                {b"entry_id": e.entry_id.encode(), b"previous_id": e.previous_id.encode(), b"payload": e.payload},
            )
            for e in log.entries
        ]
        assert await operator.hgetall(live_key(partition_of(log.session_id))) == {log.session_id.encode(): b"s"}

    async def test_all_keys_of_a_session_share_a_slot(self, process: Process, operator: Redis) -> None:
        """[ST1] Whatever is stored for a Session, a cluster would hold in one place."""
        log = await Log(process).create(LiveChange(summary=b"s"))
        await process.store.save_snapshot(log.session_id, Snapshot(position=log.end, engine="e", payload=b"x"))
        await process.store.lease_presence(log.session_id, {"a": b"x"}, 60_000)
        keys = {key async for key in operator.scan_iter()} - {PARTITIONS_KEY.encode()}
        assert len(keys) == 4
        assert {key_slot(key) for key in keys} == {slot_of(partition_of(log.session_id))}

    async def test_other_number_of_partitions_is_refused(self, own_valkey: EmbeddedValkey, operator: Redis) -> None:
        """[ST1] It would hide every Session."""
        await operator.set(PARTITIONS_KEY, PARTITIONS * 2)
        store = RedisStore(own_valkey.url)
        with pytest.raises(WrongPartitions, match="128"):
            await store.start(lambda push: None)
        await store.close()

    async def test_log_that_vanished_is_unknown(self, process: Process, operator: Redis) -> None:
        """[ST6] Whatever else is left of it, and the id can be started anew."""
        log = await Log(process).create(LiveChange(summary=b"s"))
        await operator.delete(log_key(log.session_id))
        with pytest.raises(StoreError):
            await process.store.commit(log.next(b"x"))
        assert await process.store.positions([log.session_id]) == {}
        await process.store.create(log.session_id, entry_after(NOWHERE), None)

    async def test_all_but_the_log_may_vanish(self, process: Process, operator: Redis) -> None:
        """[ST6] The log is the truth: index, snapshot and presence gone, the Session goes on."""
        log = await Log(process).create(LiveChange(summary=b"s"))
        await operator.delete(live_key(partition_of(log.session_id)))
        await log.append(b"x", live=LiveChange(summary=b"t"))
        assert await process.store.live() == {log.session_id: b"t"}

    async def test_forgotten_scripts_are_sent_again(self, process: Process, operator: Redis) -> None:
        """[ST9] `SCRIPT FLUSH` by an operator is not felt."""
        log = await Log(process).create()
        await operator.script_flush()
        await log.append(b"x")
        assert await process.store.read(log.session_id) == tuple(log.entries)

    async def test_expired_members_are_removed(self, process: Process, operator: Redis) -> None:
        """[ST12] Of a dead process's presence stays when its people were last here, for a day."""
        session_id = new_id()
        await process.store.lease_presence(session_id, {"ana/1": b"x", "ana/2": b"x"}, 1)
        await asyncio.sleep(0.02)
        assert await process.store.presence(session_id) == {}
        assert set(await operator.hgetall(presence_key(session_id))) == {b"=ana"}
        assert 0 < await operator.pttl(presence_key(session_id)) <= 86_400_000 + 1


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

    async def test_a_silent_sentinel_is_passed_over(self, sentinel_pair: SentinelPair) -> None:
        """[ST11] One that takes connections and answers nothing costs a moment; if all do, it is Unavailable."""
        with socket.create_server(("127.0.0.1", 0)) as silent:
            address = f"127.0.0.1:{silent.getsockname()[1]}"
            asked = time.monotonic()
            process = await Process(RedisStore(f"redis+sentinel://{address},{sentinel_pair.sentinel}/main")).start()
            assert time.monotonic() - asked < BORNE_S
            await process.store.close()

            store, asked = (
                RedisStore(f"redis+sentinel://{address},{address},{address},{address}/main"),
                time.monotonic(),
            )
            with pytest.raises(Unavailable):
                await store.start(lambda push: None)
            assert time.monotonic() - asked < BORNE_S
            await store.close()

    async def test_a_primary_that_no_sentinel_knows(self, sentinel_pair: SentinelPair) -> None:
        """[ST11] Said with its name."""
        store = RedisStore(f"redis+sentinel://{sentinel_pair.sentinel}/elsewhere")
        with pytest.raises(Unavailable, match="elsewhere"):
            await store.start(lambda push: None)
        await store.close()


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
