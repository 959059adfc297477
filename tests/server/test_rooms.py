"""What could slip between two steps of a process, looked at without sockets."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

import pytest
from msgspec.structs import replace

from protocol.base import SessionId
from protocol.commands import Pause, Reassign, SetField, StartSession
from protocol.refusals import RefuseCode
from server.ports import Commit, StoredEntry, Unavailable
from server.records.catalog import SqlCatalog
from server.records.database import Database
from server.records.people import SqlPeople
from server.store.keyring import KeyRing
from server.store.memory import MemoryBus, MemoryStore
from session_engine.decide import DECIDERS
from session_engine.refused import Refused
from tests.support.processes import Process, Tab, submit
from tests.support.scenario import ANA, BEN, SAM
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
    await submit(process.submit, session_id, command, ANA, "c" * 32, csn)


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
    await reader.submit.sessions.open(session_id)
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
    folded = await process.submit.sessions.open(session_id)
    state = folded.state
    last = (await process.store.read(session_id))[-1]
    stray = replace(last, seq=seq, entry_id=entry_id, previous_id=previous_id or last.previous_id)
    assert folded.apply(last)
    assert not folded.apply(stray)
    assert folded.state is state
    await process.close()


class StoredButUnanswered(MemoryStore):
    """A store that stalls: what it is given up on, it does all the same."""

    stalls = False

    async def commit(self, commit: Commit) -> None:
        """Append, and lose the reply."""
        await super().commit(commit)
        if self.stalls:
            raise Unavailable("no answer in time")


async def test_a_command_that_a_stalled_store_did_store_holds_nothing_back(database: Database, tmp_path: Path) -> None:
    """[CM10] Its page saw the delta and will not send it again: the next command goes through."""
    store = StoredButUnanswered(MemoryBus())
    process = Process(store, database, KeyRing.open(tmp_path / "keys.json"))
    await process.start()
    session_id = await start_call(process, database)
    store.stalls = True
    with pytest.raises(Refused) as refused:
        await enter(process, session_id, "given up on", csn=2)
    assert refused.value.code is RefuseCode.NOT_SAVED_YET
    store.stalls = False
    await enter(process, session_id, "the next", csn=3)
    assert (await process.submit.sessions.open(session_id)).state.seq == 3
    await process.close()


async def test_what_a_stalled_store_did_store_lets_nothing_overtake_what_it_did_not(
    database: Database, tmp_path: Path
) -> None:
    """[CM10] Of two that were given up on only the first is in the log: the third waits for the second."""
    bus = MemoryBus()
    store = StoredButUnanswered(bus)
    process = Process(store, database, KeyRing.open(tmp_path / "keys.json"))
    await process.start()
    session_id = await start_call(process, database)
    store.stalls = True
    await is_not_saved_yet(process, session_id, csn=2)
    store.stalls, bus.is_down = False, True
    await is_not_saved_yet(process, session_id, csn=3)
    bus.is_down = False
    await is_not_saved_yet(process, session_id, csn=4)
    for csn in (3, 4):
        await enter(process, session_id, f"command {csn}", csn=csn)
    assert (await process.submit.sessions.open(session_id)).state.seq == 4
    await process.close()


async def is_not_saved_yet(process: Process, session_id: SessionId, *, csn: int) -> None:
    """The command is to be sent again."""
    with pytest.raises(Refused) as refused:
        await enter(process, session_id, f"command {csn}", csn=csn)
    assert refused.value.code is RefuseCode.NOT_SAVED_YET


async def test_a_bug_in_one_command_leaves_no_other_unanswered(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[CM11] Those that were decided with it are decided again without it."""

    def breaks(*_: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setitem(DECIDERS, Pause, breaks)
    process = Process(MemoryStore(MemoryBus()), database, KeyRing.open(tmp_path / "keys.json"))
    await process.start()
    session_id = await start_call(process, database)
    pause = submit(process.submit, session_id, Pause(visit_id="v1", seat=1), ANA, "d" * 32, 1)
    answers = await asyncio.gather(pause, enter(process, session_id, "mine", csn=2), return_exceptions=True)
    assert isinstance(answers[0], Refused)
    assert answers[0].code is RefuseCode.BAD_COMMAND
    assert answers[1] is None
    await process.close()


async def test_a_page_that_is_ahead_of_this_process_is_not_told_of_a_loss(database: Database, tmp_path: Path) -> None:
    """[CN5, CN6] It may have heard from another process first: the log is asked before anything is called lost."""
    bus, key_ring = MemoryBus(), KeyRing.open(tmp_path / "keys.json")
    first, second = (Process(MemoryStore(bus), database, key_ring) for _ in range(2))
    await first.start()
    await second.start()
    session_id = await start_call(first, database)
    watcher, page = Tab(SAM), Tab(ANA)
    await watcher.connect(second, session_id)
    await page.connect(first, session_id)
    bus.loses = lambda push: True
    await enter(first, session_id, "heard here only", csn=2)
    await page.connect(second, session_id)
    assert page.replica.reason == "joined"
    assert page.replica.position == watcher.replica.position
    await first.close()
    await second.close()


async def test_a_connection_that_ended_while_it_joined_is_no_member(database: Database, tmp_path: Path) -> None:
    """[PR1] No badge of somebody who is not there: neither member nor lease is left."""
    bus = MemoryBus()
    process = Process(MemoryStore(bus), database, KeyRing.open(tmp_path / "keys.json"))
    await process.start()
    session_id = await start_call(process, database)
    tab = Tab(SAM)
    tab.is_gone = True
    await tab.connect(process, session_id)
    await asyncio.sleep(0)
    assert process.rooms.find(session_id) is None
    assert bus.leases.get(session_id, {}) == {}
    await process.close()


async def test_who_is_turned_away_leaves_neither_a_lease_nor_a_room(database: Database, tmp_path: Path) -> None:
    """[PR1, RT2] Nobody is shown the former owner for the rest of a lease, and nobody follows what nobody has open."""
    bus = MemoryBus()
    process = Process(MemoryStore(bus), database, KeyRing.open(tmp_path / "keys.json"))
    await process.start()
    await SqlPeople(database).add_team("north", "North", [ANA, BEN, SAM])
    session_id = await start_call(process, database)
    tab = Tab(ANA)
    await tab.connect(process, session_id)
    assert len(bus.leases[session_id]) == 1
    await submit(process.submit, session_id, Reassign(to_id=BEN.id), SAM, "d" * 32, 1)
    await asyncio.sleep(0.1)
    assert process.rooms.find(session_id) is None
    assert bus.leases.get(session_id, {}) == {}
    tab.disconnect(session_id)
    await process.close()


async def test_two_who_open_the_live_list_at_once_both_see_it(database: Database, tmp_path: Path) -> None:
    """[LL1] The second waits for the read that the first began."""
    process = Process(MemoryStore(MemoryBus()), database, KeyRing.open(tmp_path / "keys.json"))
    await process.start()
    session_id = await start_call(process, database)
    sam, ana = Tab(SAM), Tab(ANA)
    sam.connection_id, ana.connection_id = "sam's", "ana's"
    await asyncio.gather(process.rooms.live_list.join(sam), process.rooms.live_list.join(ana))
    assert [list(tab.live) for tab in (sam, ana)] == [[session_id], [session_id]]
    await process.close()
