"""What could slip between two steps of a process, looked at without sockets."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

import pytest
from msgspec.structs import replace

from protocol.base import SessionId
from protocol.commands import SetField, StartSession
from server.ports import StoredEntry
from server.records.catalog import SqlCatalog
from server.records.database import Database
from server.store.keyring import KeyRing
from server.store.memory import MemoryBus, MemoryStore
from tests.support.processes import Process, Tab
from tests.support.scenario import ANA, SAM
from tests.support.workflows import SMALL_DOCUMENT


class ReadThenWritten(MemoryStore):
    """A store in which somebody else writes just after a log was read."""

    def __init__(self, bus: MemoryBus) -> None:
        super().__init__(bus)
        self.writer: list[Process] = []

    async def read(self, session_id: SessionId, after_seq: int = 0) -> tuple[StoredEntry, ...]:
        """Read, and have the other process write before the reader goes on."""
        entries = await super().read(session_id, after_seq)
        if self.writer:
            await enter(self.writer.pop(), session_id, "in between", csn=50)
        return entries


async def enter(process: Process, session_id: SessionId, content: str, *, csn: int) -> None:
    """Ana enters the customer's name."""
    command = SetField(visit_id="v1", seat=1, field_key="customer", content=content)
    await process.submit.submit(session_id, command, ANA, "c" * 32, csn)


async def start_call(process: Process, database: Database) -> SessionId:
    """Ana starts a Session."""
    version = (await SqlCatalog(database).publish(SMALL_DOCUMENT)).version
    session_id = secrets.token_hex(16)
    await process.submit.start(session_id, StartSession(version_id=version.id), ANA, "c" * 32, 1)
    return session_id


async def test_an_entry_written_while_somebody_joins_is_not_missed(database: Database, tmp_path: Path) -> None:
    """[DL1] A room subscribes before it reads: what is appended after the read is pushed."""
    bus, key_ring = MemoryBus(), KeyRing.open(tmp_path / "keys.json")
    here = ReadThenWritten(bus)
    reader, writer = Process(here, database, key_ring), Process(MemoryStore(bus), database, key_ring)
    await reader.start()
    await writer.start()
    session_id = await start_call(writer, database)
    await reader.submit.open(session_id)
    here.writer.append(writer)
    tab = Tab(SAM)
    await tab.connect(reader, session_id)
    for _ in range(10):
        await asyncio.sleep(0)
    assert tab.replica.view["fields"]["customer"]["content"] == "in between"
    await reader.close()
    await writer.close()


@pytest.mark.parametrize(
    ("seq", "entry_id", "previous_id"),
    [(2, "another entry", None), (3, "the next entry", "another entry")],
    ids=["another entry at the same place", "an entry after another entry"],
)
async def test_an_entry_of_another_history_is_not_taken(
    database: Database, tmp_path: Path, seq: int, entry_id: str, previous_id: str | None
) -> None:
    """[LG2, DL5] A folded Session says no, stays as it is, and so is repaired from the log."""
    process = Process(MemoryStore(MemoryBus()), database, KeyRing.open(tmp_path / "keys.json"))
    await process.start()
    session_id = await start_call(process, database)
    await enter(process, session_id, "kept", csn=2)
    folded = await process.submit.open(session_id)
    state = folded.state
    last = (await process.store.read(session_id))[-1]
    stray = replace(last, seq=seq, entry_id=entry_id, previous_id=previous_id or last.previous_id)
    assert folded.apply(last)
    assert not folded.apply(stray)
    assert folded.state is state
    await process.close()
