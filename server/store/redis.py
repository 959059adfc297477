"""The store in Valkey or Redis: one server, Sentinel or Cluster.

What the store does atomically is in the scripts beside this file; names are in
`keys.py`, connections in `wire.py` and `nodes.py`, pushes in `push.py`.

Rules: protocol/SPEC.md, ST.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from hashlib import sha1
from pathlib import Path
from time import monotonic_ns
from typing import Any

import hiredis

from protocol.base import Millis, PersonId, Position, SessionId
from server.ports import (
    Attendance,
    Commit,
    Conflict,
    Due,
    DueChange,
    LiveChange,
    Loaded,
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
    StoreServer,
    require_contiguous,
)
from server.store.address import parse_store_url
from server.store.keys import (
    PARTITIONS,
    PARTITIONS_KEY,
    due_key,
    floor_channel,
    live_key,
    log_key,
    partition_of,
    presence_key,
    push_channel,
    snapshot_key,
)
from server.store.nodes import Nodes
from server.store.push import PushReader
from server.store.wire import Argument

SESSION_ID_LENGTH = 32


class WrongPartitions(Exception):
    """The store was filled under another number of partitions."""


class Script:
    """One Lua script of this folder."""

    def __init__(self, name: str) -> None:
        self.text = Path(__file__).with_name(f"{name}.lua").read_text()
        self.sha = sha1(self.text.encode(), usedforsecurity=False).hexdigest()


CREATE = Script("create")
COMMIT = Script("commit")
POSITIONS = Script("positions")
LOAD = Script("load")
SNAPSHOT = Script("snapshot")
LEASE = Script("lease")
RELEASE = Script("release")
PRESENCE = Script("presence")
SEEN = Script("seen")
ATTENDANCE = Script("attendance")
RESCHEDULE = Script("reschedule")
MEND_DUE = Script("mend_due")
DELETE = Script("delete")
ERASE = Script("erase")
RECREATE = Script("recreate")
SCRIPTS = (
    CREATE, COMMIT, POSITIONS, LOAD, SNAPSHOT, LEASE, RELEASE, PRESENCE, SEEN, RESCHEDULE, MEND_DUE, DELETE, ERASE,
    RECREATE, ATTENDANCE,
)  # fmt: skip

REMEMBERED_MS = 86_400_000
"""For how long it is known when somebody was last present."""


class RedisStore:
    """`SessionStore` by a store URL (`address.py` lists the forms)."""

    def __init__(self, url: str) -> None:
        self._url = parse_store_url(url)
        # Loaded on every new connection, so that a commit sends 40 bytes of hash and not the script.
        self._nodes = Nodes(self._url, greeting=[("SCRIPT", "LOAD", script.text) for script in SCRIPTS])
        self._push = PushReader(self._nodes, self._url.access, self._hear, self._interrupted)
        self._listener: PushListener = lambda push: None
        self._ahead_ms = 0.0

    async def start(self, listener: PushListener) -> None:
        """See `SessionStore`. Raises `WrongPartitions`."""
        self._listener = listener
        await self._nodes.call(0, "SET", PARTITIONS_KEY, PARTITIONS, "NX")
        found = int(await self._nodes.call(0, "GET", PARTITIONS_KEY))
        if found != PARTITIONS:
            raise WrongPartitions(f"the store has {found} partitions, expected {PARTITIONS}")
        await self._measure_clock()

    async def close(self) -> None:
        """See `SessionStore`."""
        await self._push.close()
        await self._nodes.close()

    async def create(
        self, session_id: SessionId, entry: StoredEntry, live: LiveChange | None, due: DueChange | None = None
    ) -> None:
        """See `SessionStore`."""
        require_contiguous((entry,), Position(seq=0, entry_id=""))
        arguments = (session_id, entry.entry_id, entry.payload, *_live_arguments(live), _due_argument(due))
        outcome = await self._run(CREATE, partition_of(session_id), _write_keys(session_id), arguments)
        if outcome[0] == b"exists":
            raise SessionExists(_entry(outcome[1]))

    async def commit(self, commit: Commit) -> None:
        """See `SessionStore`."""
        session_id, expected = commit.session_id, commit.expected
        require_contiguous(commit.entries, expected)
        arguments: list[Argument] = [session_id, expected.seq, expected.entry_id]
        arguments += (*_live_arguments(commit.live), _due_argument(commit.due))
        for entry in commit.entries:
            arguments += (entry.entry_id, entry.payload)
        outcome = await self._run(COMMIT, partition_of(session_id), _write_keys(session_id), arguments)
        if outcome[0] == b"conflict":
            raise Conflict(_entries(outcome[1]))
        if outcome[0] == b"unknown":
            raise SessionNotFound(f"no session {session_id}")

    async def read(self, session_id: SessionId, after_seq: int = 0) -> tuple[StoredEntry, ...]:
        """See `SessionStore`."""
        partition, log = partition_of(session_id), log_key(session_id)
        found = await self._nodes.call(partition, "XRANGE", log, f"({after_seq}-0", "+")
        if not found and not await self._nodes.call(partition, "EXISTS", log):
            raise SessionNotFound(f"no session {session_id}")
        return _entries(found)

    async def load(self, session_id: SessionId, engine: str) -> Loaded:
        """See `SessionStore`."""
        keys = (log_key(session_id), snapshot_key(session_id))
        cached, found = await self._run(LOAD, partition_of(session_id), keys, (engine,))
        if not cached:
            if not found:
                raise SessionNotFound(f"no session {session_id}")
            return Loaded(snapshot=None, tail=_entries(found))
        position = Position(seq=int(cached[0]), entry_id=cached[1].decode())
        return Loaded(snapshot=Snapshot(position=position, engine=engine, payload=cached[2]), tail=_entries(found))

    async def save_snapshot(self, session_id: SessionId, snapshot: Snapshot) -> None:
        """See `SessionStore`."""
        keys = (log_key(session_id), snapshot_key(session_id))
        at = snapshot.position
        arguments = (at.seq, at.entry_id, snapshot.engine, snapshot.payload)
        await self._run(SNAPSHOT, partition_of(session_id), keys, arguments)

    async def positions(self, session_ids: Collection[SessionId]) -> dict[SessionId, Position]:
        """See `SessionStore`."""
        by_partition: dict[int, list[SessionId]] = {}
        for session_id in session_ids:
            by_partition.setdefault(partition_of(session_id), []).append(session_id)
        asked = [
            self._run(POSITIONS, partition, [log_key(session_id) for session_id in members])
            for partition, members in by_partition.items()
        ]
        *answers, _ = await asyncio.gather(*asked, self._measure_clock())
        return {
            session_id: Position(seq=_seq(end[0]), entry_id=end[1].decode())
            for members, ends in zip(by_partition.values(), answers, strict=True)
            for session_id, end in zip(members, ends, strict=True)
            if end
        }

    async def live(self) -> dict[SessionId, bytes]:
        """See `SessionStore`."""
        parts = await asyncio.gather(
            *[self._nodes.call(partition, "HGETALL", live_key(partition)) for partition in range(PARTITIONS)]
        )
        return {name.decode(): summary for part in parts for name, summary in _pairs(part)}

    async def due(self, now_ms: Millis, limit: int) -> tuple[Due, ...]:
        """See `SessionStore`."""
        parts = await asyncio.gather(
            *[
                self._nodes.call(
                    partition, "ZRANGEBYSCORE", due_key(partition), "-inf", now_ms, "WITHSCORES", "LIMIT", 0, limit
                )
                for partition in range(PARTITIONS)
            ]
        )
        found = [Due(session_id=name.decode(), due_ms=int(score)) for part in parts for name, score in _pairs(part)]
        return tuple(sorted(found, key=lambda due: due.due_ms))

    async def condition(self) -> StoreCondition:
        """See `SessionStore`."""
        now_ms = await self.now_ms()
        homes = [partitions[0] for partitions in (await self._nodes.addresses()).values()]
        servers = await asyncio.gather(*[self._server(partition) for partition in homes])
        keys = [(partition, due_key(partition)) for partition in range(PARTITIONS)]
        ask = self._nodes.call
        scheduled = await asyncio.gather(*[ask(at, "ZCARD", key) for at, key in keys])
        overdue = await asyncio.gather(*[ask(at, "ZCOUNT", key, "-inf", now_ms) for at, key in keys])
        firsts = await asyncio.gather(*[ask(at, "ZRANGE", key, 0, 0, "WITHSCORES") for at, key in keys])
        return StoreCondition(
            servers=tuple(servers),
            scheduled=sum(scheduled),
            overdue=sum(overdue),
            oldest_due_ms=min([int(first[1]) for first in firsts if first], default=None),
        )

    async def _server(self, partition: int) -> StoreServer:
        told = (await self._nodes.call(partition, "INFO")).decode()
        facts = dict(line.split(":", 1) for line in told.splitlines() if ":" in line)
        try:
            fsync = dict(_pairs(await self._nodes.call(partition, "CONFIG", "GET", "appendfsync")))
        except hiredis.ReplyError:
            fsync = {}  # hosted stores do not let everybody ask
        return StoreServer(
            version=facts.get("valkey_version") or facts.get("redis_version", ""),
            memory_bytes=int(facts.get("used_memory", 0)),
            memory_limit_bytes=int(facts.get("maxmemory", 0)),
            eviction=facts.get("maxmemory_policy", ""),
            is_appending=facts["aof_enabled"] == "1" if "aof_enabled" in facts else None,
            fsync=fsync.get(b"appendfsync", b"").decode(),
            replicas=int(facts.get("connected_slaves", 0)),
        )

    async def reschedule(self, due: Due, due_ms: Millis | None) -> bool:
        """See `SessionStore`."""
        partition = partition_of(due.session_id)
        arguments = (due.session_id, due.due_ms, _due_argument(DueChange(due_ms=due_ms)))
        return bool(await self._run(RESCHEDULE, partition, [due_key(partition)], arguments))

    async def mend_due(
        self, session_id: SessionId, position: Position, due_ms: Millis | None, latest_ms: Millis
    ) -> bool:
        """See `SessionStore`."""
        partition = partition_of(session_id)
        arguments = (session_id, position.seq, position.entry_id, _due_argument(DueChange(due_ms=due_ms)), latest_ms)
        return bool(await self._run(MEND_DUE, partition, [log_key(session_id), due_key(partition)], arguments))

    async def delete(self, session_id: SessionId, position: Position) -> bool:
        """See `SessionStore`."""
        return await self._take_out(DELETE, session_id, position)

    async def erase(self, session_id: SessionId, position: Position) -> bool:
        """See `SessionStore`."""
        return await self._take_out(ERASE, session_id, position)

    async def _take_out(self, script: Script, session_id: SessionId, position: Position) -> bool:
        partition = partition_of(session_id)
        keys = [log_key(session_id), snapshot_key(session_id), presence_key(session_id)]
        keys += [live_key(partition), due_key(partition), floor_channel(partition)]
        return bool(await self._run(script, partition, keys, (session_id, position.seq, position.entry_id)))

    async def recreate(
        self, session_id: SessionId, entries: Sequence[StoredEntry], due_ms: Millis, until_ms: Millis
    ) -> bool:
        """See `SessionStore`."""
        require_contiguous(entries, Position(seq=0, entry_id=""))
        partition = partition_of(session_id)
        arguments: list[Argument] = [session_id, due_ms, until_ms]
        for entry in entries:
            arguments += (entry.entry_id, entry.payload)
        return bool(await self._run(RECREATE, partition, [log_key(session_id), due_key(partition)], arguments))

    async def subscribe(self, session_id: SessionId) -> None:
        """See `SessionStore`."""
        await self._push.follow(partition_of(session_id), push_channel(session_id))

    async def unsubscribe(self, session_id: SessionId) -> None:
        """See `SessionStore`."""
        await self._push.leave(partition_of(session_id), push_channel(session_id))

    async def subscribe_live(self) -> None:
        """See `SessionStore`."""
        await asyncio.gather(
            *[self._push.follow(partition, floor_channel(partition)) for partition in range(PARTITIONS)]
        )

    async def signal(self, session_id: SessionId, payload: bytes) -> None:
        """See `SessionStore`."""
        await self._nodes.call(partition_of(session_id), "SPUBLISH", push_channel(session_id), b"s" + payload)

    async def lease_presence(self, session_id: SessionId, leases: Mapping[str, bytes], lease_ms: int) -> None:
        """See `SessionStore`."""
        arguments: list[Argument] = [lease_ms, REMEMBERED_MS]
        for member, says in leases.items():
            arguments += (member, says)
        await self._run(LEASE, partition_of(session_id), [presence_key(session_id)], arguments)

    async def release_presence(self, session_id: SessionId, member: str, linger_ms: int) -> None:
        """See `SessionStore`."""
        await self._run(RELEASE, partition_of(session_id), [presence_key(session_id)], (member, linger_ms))

    async def presence(self, session_id: SessionId) -> dict[str, bytes]:
        """See `SessionStore`."""
        alive = await self._run(PRESENCE, partition_of(session_id), [presence_key(session_id)])
        return {member.decode(): says for member, says in _pairs(alive)}

    async def attendance(self, asked: Mapping[SessionId, PersonId]) -> dict[SessionId, Attendance]:
        """See `SessionStore`."""
        by_partition: dict[int, list[SessionId]] = {}
        for session_id in asked:
            by_partition.setdefault(partition_of(session_id), []).append(session_id)
        answers = await asyncio.gather(
            *[
                self._run(ATTENDANCE, partition, [presence_key(each) for each in here], [asked[each] for each in here])
                for partition, here in by_partition.items()
            ]
        )
        return {
            session_id: Attendance(
                leases={member.decode(): says for member, says in _pairs(alive)},
                last_seen_ms=int(seen) if seen else None,
            )
            for here, answer in zip(by_partition.values(), answers, strict=True)
            for session_id, (alive, seen) in zip(here, answer, strict=True)
        }

    async def last_seen_ms(self, session_id: SessionId, person_id: PersonId) -> Millis | None:
        """See `SessionStore`."""
        seen = await self._run(SEEN, partition_of(session_id), [presence_key(session_id)], (person_id,))
        return None if seen is None else int(seen)

    async def now_ms(self) -> Millis:
        """See `SessionStore`. Measured at start and with each `positions`; costs no round trip."""
        return int(monotonic_ns() / 1e6 + self._ahead_ms)

    async def _run(
        self, script: Script, partition: int, keys: Sequence[str], arguments: Sequence[Argument] = ()
    ) -> Any:
        try:
            return await self._nodes.call(partition, "EVALSHA", script.sha, len(keys), *keys, *arguments)
        except hiredis.ReplyError as error:
            if not str(error).startswith("NOSCRIPT"):
                raise
        return await self._nodes.call(partition, "EVAL", script.text, len(keys), *keys, *arguments)

    async def _measure_clock(self) -> None:
        asked = monotonic_ns()
        seconds, micros = await self._nodes.call(0, "TIME")
        midway_ms = (asked + monotonic_ns()) / 2e6
        self._ahead_ms = int(seconds) * 1_000 + int(micros) / 1_000 - midway_ms

    def _interrupted(self) -> None:
        self._listener(PushInterrupted())

    def _hear(self, channel: bytes, message: bytes) -> None:
        if channel.endswith(b":floor"):
            session_id, mark = message[:SESSION_ID_LENGTH].decode(), message[SESSION_ID_LENGTH:][:1]
            summary = message[SESSION_ID_LENGTH + 1 :] if mark == b"+" else None
            self._listener(PushedLive(session_id=session_id, summary=summary))
            return
        session_id = channel[-SESSION_ID_LENGTH:].decode()
        if message[:1] == b"s":
            self._listener(PushedSignal(session_id=session_id, payload=message[1:]))
            return
        seq, entry_id, previous_id, payload = message[1:].split(b" ", 3)
        entry = StoredEntry(seq=int(seq), entry_id=entry_id.decode(), previous_id=previous_id.decode(), payload=payload)
        self._listener(PushedEntry(session_id=session_id, entry=entry))


@lru_cache(maxsize=10_000)  # 3 µs of every commit otherwise
def _write_keys(session_id: SessionId) -> tuple[str, str, str, str, str]:
    partition = partition_of(session_id)
    return (
        log_key(session_id),
        live_key(partition),
        due_key(partition),
        push_channel(session_id),
        floor_channel(partition),
    )


def _live_arguments(live: LiveChange | None) -> tuple[str, bytes]:
    if live is None:
        return "", b""
    return ("remove", b"") if live.summary is None else ("put", live.summary)


def _due_argument(due: DueChange | None) -> str:
    if due is None:
        return ""
    if due.due_ms is None:
        return "none"
    return f"<{due.due_ms}" if due.only_sooner else str(due.due_ms)


def _seq(stream_id: bytes) -> int:
    return int(stream_id.partition(b"-")[0])


def _entry(found: Sequence[Any]) -> StoredEntry:
    stream_id, (_, entry_id, _, previous_id, _, payload) = found
    return StoredEntry(
        seq=_seq(stream_id), entry_id=entry_id.decode(), previous_id=previous_id.decode(), payload=payload
    )


def _entries(found: Sequence[Any]) -> tuple[StoredEntry, ...]:
    return tuple(_entry(one) for one in found)


def _pairs(flat: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
    return list(zip(flat[::2], flat[1::2], strict=True))
