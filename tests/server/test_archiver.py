"""Settled Sessions go to the archive and come back when somebody asks; nobody above the store notices."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update

from protocol.account import Policy
from protocol.base import Position, SessionId
from protocol.commands import CorrectField, EditNotes, End, SetField, StartSession
from protocol.lists import SessionList
from protocol.refusals import RefuseCode
from protocol.views import SessionStatus
from server.mirror import Mirror
from server.ports import SessionQuery, StoredEntry, Unavailable
from server.presence import presence_member
from server.records.catalog import SqlCatalog
from server.records.database import Database
from server.records.sessions import SqlSessions
from server.records.tables import sessions
from server.store.keyring import KeyRing
from session_engine.refused import Refused
from tests.server.test_rooms import start_call
from tests.server.test_timers import House
from tests.support.notes import Editor
from tests.support.processes import Process, Tab, submit
from tests.support.scenario import ANA, MIA, SAM
from tests.support.sql import BOTH
from tests.support.workflows import SMALL_DOCUMENT

SQL_KINDS = BOTH
QUIET_MS = Policy().archive_after_ms


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> AsyncIterator[House]:
    """Two processes on one store whose clock the test moves."""
    house = House(database, KeyRing.open(tmp_path / "keys.json"))
    for process in house.processes:
        await process.start()
    yield house
    for process in house.processes:
        await process.close()


@pytest.fixture
async def session_id(house: House, database: Database) -> SessionId:
    """Ana's Session, ended; the second process has it folded."""
    session_id = await start_call(house.processes[0], database)
    door = house.processes[0].submit
    await submit(door, session_id, SetField(visit_id="v1", seat=1, field_key="customer", content="Ms Li"), ANA, C1, 2)
    await house.processes[1].submit.sessions.open(session_id)
    await submit(door, session_id, End(), ANA, C1, 3)
    return session_id


C1, C2 = "c" * 32, "d" * 32


async def archived(house: House, session_id: SessionId) -> tuple[StoredEntry, ...]:
    """The log, once the store has nothing of it any more."""
    log = tuple(house.bus.logs[session_id])
    house.now_ms += QUIET_MS
    await house.look()
    assert await house.processes[0].archive.read(session_id) == log
    assert session_id not in house.bus.logs
    assert session_id not in house.bus.due
    return log


class TestGoing:
    async def test_a_settled_session_moves_once(self, house: House, session_id: SessionId) -> None:
        """[AR1, AR2] After the quiet time and not before, however many processes look."""
        house.now_ms += QUIET_MS - 1
        await house.look()
        assert session_id in house.bus.logs

        house.now_ms += 1
        log = tuple(house.bus.logs[session_id])
        await house.look()

        assert await house.processes[0].archive.read(session_id) == log
        for kept in (house.bus.logs, house.bus.due, house.bus.snapshots, house.bus.leases, house.bus.live):
            assert session_id not in kept

    async def test_it_stays_while_somebody_looks_at_it(self, house: House, session_id: SessionId) -> None:
        """[AR1] And goes a while after they left."""
        for _ in range(3):
            house.now_ms += QUIET_MS
            lease = {presence_member(SAM.id, "c9"): b""}
            await house.processes[0].live.lease_presence(session_id, lease, 60_000)
            await house.look()
            assert session_id in house.bus.logs

        await archived(house, session_id)

    async def test_whoever_comes_between_reading_and_deleting_keeps_it(
        self, house: House, session_id: SessionId
    ) -> None:
        """[AR2] Decided with the leases, in the store's own step."""
        keep, house.now_ms = house.processes[0].archive.write, house.now_ms + QUIET_MS

        async def write(logs: dict[SessionId, tuple[StoredEntry, ...]], stays: object) -> set[SessionId]:
            await house.processes[1].live.lease_presence(session_id, {presence_member(SAM.id, "c9"): b""}, 60_000)
            return await keep(logs)

        house.processes[0].archive.write = write  # type: ignore[assignment,method-assign]
        await house.timers[0].look()

        assert session_id in house.bus.logs
        assert house.bus.due == {session_id: house.now_ms + QUIET_MS}

    async def test_a_running_session_is_not_for_the_archive(self, house: House, database: Database) -> None:
        """[AR1] Whatever time does to it."""
        session_id = await start_call(house.processes[0], database)
        house.now_ms += 2 * Policy().driver_left_ms
        await house.look()
        house.now_ms += QUIET_MS
        await house.look()
        assert session_id in house.bus.logs
        assert await house.processes[0].archive.read(session_id) is None

    async def test_another_history_is_left_in_the_store(self, house: House, session_id: SessionId) -> None:
        """[AR3] The store lost what was archived and went on: nothing is deleted, nothing overwritten."""
        archive = house.processes[0].archive
        log = tuple(house.bus.logs[session_id])
        ahead = StoredEntry(seq=4, entry_id="a" * 16, previous_id=log[-1].entry_id, payload=b"{}")
        await archive.write({session_id: (*log, ahead)})

        house.now_ms += QUIET_MS
        await house.look()

        assert tuple(house.bus.logs[session_id]) == log
        assert await archive.read(session_id) == (*log, ahead)
        assert house.bus.due == {session_id: house.now_ms + QUIET_MS}

    async def test_its_row_is_in_the_lists_before_it_goes(
        self, house: House, session_id: SessionId, database: Database
    ) -> None:
        """[AR4] Whatever became of what the mirror had to write."""
        table = SqlSessions(database, Policy)
        assert await table.find_unlisted(10) == {session_id}

        await archived(house, session_id)

        (line,) = (await table.find(SessionQuery(list=SessionList.FINISHED), ANA)).lines
        assert (line.session_id, line.status) == (session_id, SessionStatus.ENDED)

    async def test_sql_away_costs_nothing(self, house: House, session_id: SessionId) -> None:
        """[AR2] It is tried again when the claim lapses."""
        keep, house.now_ms = house.processes[0].archive.write, house.now_ms + QUIET_MS

        async def gone(logs: object, stays: object) -> set[SessionId]:
            raise Unavailable("SQL database: gone")

        house.processes[0].archive.write = gone  # type: ignore[assignment,method-assign]
        with pytest.raises(Unavailable):
            await house.timers[0].look()
        assert session_id in house.bus.logs

        house.processes[0].archive.write = keep  # type: ignore[method-assign]
        await archived(house, session_id)


class TestComingBack:
    async def test_who_opens_a_record_sees_it_as_it_was(self, house: House, session_id: SessionId) -> None:
        """[AR5] The same log, in the store again, to be archived again."""
        log = await archived(house, session_id)
        tab = Tab(ANA)

        await tab.connect(house.processes[1], session_id)

        assert tab.replica.view["fields"]["customer"]["content"] == "Ms Li"
        assert tab.replica.position == Position(seq=3, entry_id=log[-1].entry_id)
        house.processes[1].rooms.leave(tab, session_id, broke=False)
        await asyncio.sleep(0)
        await house.processes[1].store.read(session_id)
        assert tuple(house.bus.logs[session_id]) == log
        assert house.bus.due == {session_id: house.now_ms + QUIET_MS}

    async def test_a_process_that_never_saw_it_folds_it(self, house: House, session_id: SessionId) -> None:
        """[AR5] Read like any other."""
        await archived(house, session_id)
        house.processes[0].submit.sessions._folded.clear()

        state, _ = await house.processes[0].submit.sessions.read(session_id)

        assert (state.seq, state.fields["customer"].content) == (3, "Ms Li")

    async def test_a_command_is_answered_as_if_it_were_live(self, house: House, session_id: SessionId) -> None:
        """[AR5] By who has it folded still and by who has not; a repeat too."""
        await archived(house, session_id)
        for process in house.processes:
            with pytest.raises(Refused) as refusal:
                await submit(process.submit, session_id, EditNotes(update=Editor().type("late")), ANA, C1, 4)
            assert refusal.value.code is RefuseCode.FINISHED
            repeat = await submit(process.submit, session_id, End(), ANA, C1, 3)
            assert (repeat.seq, repeat.is_repeat) == (3, True)

    async def test_after_later_entries_it_is_archived_again(self, house: House, session_id: SessionId) -> None:
        """[AR3, AR5, FD10] A correction, by a process that has it folded still, goes onto the same log."""
        log = await archived(house, session_id)
        command = CorrectField(field_key="customer", content="Ms Lee")

        accepted = await submit(house.processes[1].submit, session_id, command, ANA, C1, 4)

        assert accepted.seq == 4
        assert tuple(house.bus.logs[session_id])[:3] == log
        assert (await archived(house, session_id))[:3] == log
        state, _ = await house.processes[0].submit.sessions.read(session_id)
        assert [state.fields["customer"].content, state.corrections["c1"].was.content] == ["Ms Lee", "Ms Li"]  # type: ignore[union-attr]

    async def test_who_sleeps_between_reading_and_putting_back_puts_nothing_back(
        self, house: House, session_id: SessionId
    ) -> None:
        """[AR5, ST25] Meanwhile it came back, was corrected, and went again: an old log must not take its place."""
        await archived(house, session_id)
        read = house.processes[0].archive.read

        async def sleep(session_id: SessionId) -> tuple[StoredEntry, ...] | None:
            old = await read(session_id)
            house.processes[0].archive.read = read  # type: ignore[method-assign]
            command = CorrectField(field_key="customer", content="Ms Lee")
            await submit(house.processes[1].submit, session_id, command, ANA, C1, 4)
            await archived(house, session_id)
            return old

        house.processes[0].archive.read = sleep  # type: ignore[method-assign]
        with pytest.raises(Unavailable):
            await house.processes[0].store.read(session_id)

        assert len(await house.processes[0].store.read(session_id)) == 4

    async def test_its_id_is_in_use(self, house: House, session_id: SessionId, database: Database) -> None:
        """[AR6, CM8] The very same start is a repeat; any other is refused."""
        await archived(house, session_id)
        version = (await SqlCatalog(database).publish(SMALL_DOCUMENT)).version
        start = StartSession(version_id=version.id)
        for process in house.processes:
            again = await process.submit.start(session_id, start, ANA, C1, 1)
            assert (again.seq, again.is_repeat) == (1, True)
            with pytest.raises(Refused) as refusal:
                await process.submit.start(session_id, start, ANA, secrets.token_hex(16), 1)
            assert refusal.value.code is RefuseCode.SESSION_EXISTS
            await archived(house, session_id)

    async def test_sql_away_is_no_unknown_session(self, house: House, session_id: SessionId) -> None:
        """[AR5] Who asks is told to ask again."""
        await archived(house, session_id)

        async def gone(session_id: SessionId) -> None:
            raise Unavailable("SQL database: gone")

        house.processes[0].archive.read = gone  # type: ignore[assignment,method-assign]
        with pytest.raises(Unavailable):
            await house.processes[0].store.read(session_id)

    async def test_a_room_that_was_overlooked_goes_on(self, house: House, session_id: SessionId) -> None:
        """[AR5] Somebody whose lease had lapsed: the check of positions finds nothing missing, a command works."""
        tab = Tab(ANA)
        await tab.connect(house.processes[0], session_id)
        house.now_ms += 60_000
        log = await archived(house, session_id)
        room = house.processes[0].rooms.find(session_id)
        assert room is not None

        await house.processes[0].rooms._check([room])

        assert session_id not in house.bus.logs, "nothing asked for the log itself"
        assert room.folded.state.seq == len(log)
        with pytest.raises(Refused) as refusal:
            await submit(house.processes[0].submit, session_id, EditNotes(update=Editor().type("x")), MIA, C2, 9)
        assert refusal.value.code is RefuseCode.FINISHED


class TestMirror:
    async def test_rows_of_archived_sessions_stay(
        self, house: House, session_id: SessionId, database: Database
    ) -> None:
        """[AR4, SX3] One that says live, because a crash lost the last of it, is mended from the archive."""
        table = SqlSessions(database, Policy)
        process: Process = house.processes[0]
        mirror = Mirror(table, process.store)
        await archived(house, session_id)
        async with database.writing() as connection:
            await connection.execute(update(sessions).values(list="live", status="active", seq=2))

        assert await mirror.check(process.submit.sessions.read) == 1
        assert await mirror.check(process.submit.sessions.read) == 0

        (line,) = (await table.find(SessionQuery(list=SessionList.FINISHED), ANA)).lines
        assert line.session_id == session_id
