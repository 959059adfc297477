"""Stores to test against (in memory, the embedded Valkey, a cluster), and Sessions written by hand."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

import pytest

from protocol.base import EntryId, Position, SessionId
from server.embedded import EmbeddedValkey
from server.ports import Commit, DueChange, LiveChange, Push, SessionStore, StoredEntry
from server.store.memory import MemoryBus, MemoryStore
from server.store.redis import RedisStore
from tests.support.valkeys import Cluster, SentinelPair

KINDS = ("memory", "embedded", "cluster")


class Process:
    """One server process, as far as the store sees it, and the pushes that it heard."""

    def __init__(self, store: SessionStore) -> None:
        self.store = store
        self.heard: list[Push] = []
        self._news = asyncio.Event()

    async def start(self) -> "Process":
        """Connect."""
        await self.store.start(self._hear)
        return self

    async def hears(self, condition: Callable[[list[Push]], object], within_s: float = 10.0) -> list[Push]:
        """What was heard, as soon as the condition holds of it."""
        async with asyncio.timeout(within_s):
            while not condition(self.heard):
                self._news.clear()
                await self._news.wait()
        return self.heard

    def _hear(self, push: Push) -> None:
        self.heard.append(push)
        self._news.set()


MakeProcess = Callable[[], Awaitable[Process]]


def new_id() -> SessionId:
    """A Session that nobody has."""
    return token_hex(16)


def entry_after(position: Position, payload: bytes = b"{}", entry_id: EntryId | None = None) -> StoredEntry:
    """An entry that may follow the position."""
    return StoredEntry(
        seq=position.seq + 1,
        entry_id=entry_id or token_hex(8),
        previous_id=position.entry_id,
        payload=payload,
    )


def at(entry: StoredEntry) -> Position:
    """Where a log ends with this entry."""
    return Position(seq=entry.seq, entry_id=entry.entry_id)


NOWHERE = Position(seq=0, entry_id="")


class Log:
    """A Session that a test writes, entry by entry."""

    def __init__(self, process: Process, session_id: SessionId | None = None) -> None:
        self.process = process
        self.session_id = session_id or new_id()
        self.entries: list[StoredEntry] = []

    @property
    def end(self) -> Position:
        """Where the test believes that the log ends."""
        return at(self.entries[-1]) if self.entries else NOWHERE

    async def create(self, live: LiveChange | None = None, due: DueChange | None = None) -> "Log":
        """Write entry 1."""
        first = entry_after(NOWHERE, b"first")
        await self.process.store.create(self.session_id, first, live, due)
        self.entries.append(first)
        return self

    def next(self, *payloads: bytes, live: LiveChange | None = None, due: DueChange | None = None) -> Commit:
        """What would append these payloads; not sent."""
        position, entries = self.end, []
        for payload in payloads:
            entries.append(entry_after(position, payload))
            position = at(entries[-1])
        return Commit(session_id=self.session_id, expected=self.end, entries=tuple(entries), live=live, due=due)

    async def append(self, *payloads: bytes, live: LiveChange | None = None, due: DueChange | None = None) -> None:
        """Append and remember."""
        commit = self.next(*payloads, live=live, due=due)
        await self.process.store.commit(commit)
        self.entries += commit.entries


@pytest.fixture(scope="session")
def embedded() -> Iterator[EmbeddedValkey]:
    """The embedded Valkey that all contract tests share."""
    with TemporaryDirectory(prefix="sc-") as folder, asyncio.Runner() as runner:
        valkey = EmbeddedValkey(Path(folder) / "data", Path(folder) / "run")
        runner.run(valkey.start())
        yield valkey
        runner.run(valkey.stop())


@pytest.fixture
async def own_valkey() -> AsyncIterator[EmbeddedValkey]:
    """An embedded Valkey that one test may stop and kill."""
    with TemporaryDirectory(prefix="sc-") as folder:
        valkey = EmbeddedValkey(Path(folder) / "data", Path(folder) / "run")
        await valkey.start()
        yield valkey
        await valkey.stop()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The cluster that all contract tests share."""
    with TemporaryDirectory(prefix="sc-") as folder:
        cluster = Cluster(Path(folder))
        try:
            asyncio.run(cluster.join())
            yield cluster
        finally:
            cluster.kill()


@pytest.fixture
async def sentinel_pair() -> AsyncIterator[SentinelPair]:
    """For one test: its primary dies."""
    with TemporaryDirectory(prefix="sc-") as folder:
        pair = SentinelPair(Path(folder))
        try:
            await pair.join()
            yield pair
        finally:
            pair.kill()


@pytest.fixture(params=KINDS)
def store_kind(request: pytest.FixtureRequest) -> str:
    """Each kind of store in turn."""
    return str(request.param)


@pytest.fixture
def store_url(store_kind: str, request: pytest.FixtureRequest) -> str | None:
    """Where the store of the kind is; None for memory. Starts the servers when first asked for."""
    return None if store_kind == "memory" else str(request.getfixturevalue(store_kind).url)


@pytest.fixture
async def make_process(store_url: str | None) -> AsyncIterator[MakeProcess]:
    """Makes server processes that share one store of the kind."""
    bus = MemoryBus()
    processes: list[Process] = []

    async def make() -> Process:
        store: SessionStore = MemoryStore(bus) if store_url is None else RedisStore(store_url)
        processes.append(await Process(store).start())
        return processes[-1]

    yield make
    for process in processes:
        await process.store.close()


@pytest.fixture
async def process(make_process: MakeProcess) -> Process:
    """One server process."""
    return await make_process()
