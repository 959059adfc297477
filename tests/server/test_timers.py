"""What time does to a Session by itself, whichever process looks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from protocol.account import Policy
from protocol.base import Millis, SessionId
from protocol.commands import End, Pause, Reassign, Resume, Transfer
from protocol.events import EndCause, PauseCause, TransferOutcome
from protocol.views import SessionStatus
from server.archiver import Archiver
from server.presence import presence_member
from server.records.database import Database
from server.records.people import SqlPeople
from server.records.sessions import SqlSessions
from server.store.keyring import KeyRing
from server.store.memory import MemoryBus, MemoryStore
from server.timers import CLAIM_MS, Timers
from session_engine.context import SYSTEM
from session_engine.state import SessionState
from tests.server.test_rooms import start_call
from tests.support.processes import Process, submit
from tests.support.scenario import ANA, BEN, NORTH, SAM

LEFT_MS = Policy().driver_left_ms
EXPIRES_MS = Policy().expires_ms


class House:
    """Two processes on one store whose clock the test moves."""

    def __init__(self, database: Database, key_ring: KeyRing) -> None:
        self.now_ms: Millis = 1_775_000_000_000
        self.bus = MemoryBus(clock=lambda: self.now_ms)
        self.processes = [Process(MemoryStore(self.bus), database, key_ring) for _ in range(2)]
        table = SqlSessions(database, Policy)
        self.timers = [
            Timers(p.store, p.submit, Archiver(p.live, p.archive, table, Policy), Policy) for p in self.processes
        ]

    async def look(self) -> None:
        """Both processes look at once."""
        await asyncio.gather(*[timers.look() for timers in self.timers])

    async def state(self, session_id: SessionId) -> SessionState:
        """The Session as the log has it."""
        state, _ = await self.processes[0].submit.sessions.read(session_id)
        return state


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> AsyncIterator[House]:
    """Two processes."""
    house = House(database, KeyRing.open(tmp_path / "keys.json"))
    for process in house.processes:
        await process.start()
    yield house
    for process in house.processes:
        await process.close()


@pytest.fixture
async def session_id(house: House, database: Database) -> SessionId:
    """Ana's Session, with her at its page."""
    session_id = await start_call(house.processes[0], database)
    await here(house, session_id, 60_000)
    return session_id


async def here(house: House, session_id: SessionId, lease_ms: int) -> None:
    """Ana has it open."""
    await house.processes[0].store.lease_presence(session_id, {presence_member(ANA.id, "c1"): b""}, lease_ms)


async def test_a_session_whose_driver_is_gone_is_paused_once(house: House, session_id: SessionId) -> None:
    """[LC9] Counted from when she was last here; by the system; however many processes look."""
    house.now_ms += LEFT_MS - 1_000
    await here(house, session_id, 1_000)
    house.now_ms += LEFT_MS
    await house.look()
    assert (await house.state(session_id)).status is SessionStatus.ACTIVE, "not gone for long enough"

    house.now_ms += 1_000
    await house.look()

    state = await house.state(session_id)
    assert (state.status, state.pause_cause, state.seq) == (SessionStatus.PAUSED, PauseCause.DRIVER_LEFT, 2)
    assert house.bus.due == {session_id: state.changed_ms + EXPIRES_MS}
    entry = house.bus.logs[session_id][1]
    assert SYSTEM.id.encode() in entry.payload


async def test_a_session_whose_driver_is_here_goes_on(house: House, session_id: SessionId) -> None:
    """[LC9] Hours without a command are no reason."""
    for _ in range(40):
        await here(house, session_id, 60_000)
        house.now_ms += 15_000 + LEFT_MS // 4
        await here(house, session_id, 60_000)
        await house.look()

    assert (await house.state(session_id)).seq == 1


async def test_who_was_given_a_session_has_the_same_time_to_come(
    house: House, session_id: SessionId, database: Database
) -> None:
    """[LC9, RA2] Counted from when it became theirs, however long it had been running."""
    await SqlPeople(database).add_team(NORTH, "North", [ANA, BEN])
    house.now_ms += LEFT_MS
    command = Reassign(to_id=BEN.id)
    await submit(house.processes[0].submit, session_id, command, SAM, "d" * 32, 1)
    house.now_ms += LEFT_MS - 1_000
    await house.look()
    assert (await house.state(session_id)).status is SessionStatus.ACTIVE

    house.now_ms += 1_000
    await house.look()

    assert (await house.state(session_id)).status is SessionStatus.PAUSED


@pytest.mark.parametrize("paused", [False, True])
async def test_a_transfer_that_nobody_answers_is_over_in_time(
    house: House, session_id: SessionId, database: Database, paused: bool
) -> None:
    """[TR6] Long after its driver was looked for first, too, and paused; then the driver is looked for as before."""
    await SqlPeople(database).add_team(NORTH, "North", [ANA, BEN])
    door = house.processes[0].submit
    for _ in range(8):
        await here(house, session_id, 60_000)
        house.now_ms += LEFT_MS // 4
        await house.look()
    await here(house, session_id, 600_000)
    if paused:
        await submit(door, session_id, Pause(visit_id="v1", seat=1), ANA, "c" * 32, 2)
    await submit(door, session_id, Transfer(to_team_id=NORTH), ANA, "c" * 32, 3)
    house.now_ms += 119_999
    await house.look()
    assert (await house.state(session_id)).open_transfer is not None

    house.now_ms += 1
    await house.look()

    state = await house.state(session_id)
    assert state.transfers["t1"].outcome is TransferOutcome.TIMED_OUT
    assert state.owner.id == ANA.id
    [due_ms] = house.bus.due.values()
    assert due_ms > house.now_ms + 600_000


async def test_a_session_paused_for_two_weeks_is_ended(house: House, session_id: SessionId) -> None:
    """[LC9] As expired; not a moment before, and resuming starts the count anew."""
    door = house.processes[0].submit
    await submit(door, session_id, Pause(visit_id="v1", seat=1), ANA, "c" * 32, 2)
    house.now_ms += EXPIRES_MS - 1
    await house.look()
    await submit(door, session_id, Resume(), ANA, "c" * 32, 3)
    await here(house, session_id, 60_000)
    await submit(door, session_id, Pause(visit_id="v1", seat=1), ANA, "c" * 32, 4)
    house.now_ms += EXPIRES_MS - 1
    await house.look()
    assert (await house.state(session_id)).status is SessionStatus.PAUSED

    house.now_ms += 1
    await house.look()

    state = await house.state(session_id)
    assert (state.status, state.end_cause) == (SessionStatus.ENDED, EndCause.EXPIRED)
    assert house.bus.due == {session_id: house.now_ms + Policy().archive_after_ms}
    assert house.bus.live == {}


async def test_a_claim_of_a_process_that_died_comes_up_again(house: House, session_id: SessionId) -> None:
    """[ST23] 30 s later, for whoever looks."""
    house.now_ms += 2 * LEFT_MS
    [due] = await house.processes[0].store.due(house.now_ms, 10)
    assert await house.processes[0].store.reschedule(due, house.now_ms + CLAIM_MS), "and then it dies"
    await house.look()
    assert (await house.state(session_id)).seq == 1

    house.now_ms += CLAIM_MS
    await house.look()

    assert (await house.state(session_id)).status is SessionStatus.PAUSED


async def test_a_session_that_is_gone_leaves_the_due_set(house: House) -> None:
    """[ST23] Deleted, or lost by the store."""
    house.bus.due["f" * 32] = house.now_ms
    await house.look()
    assert house.bus.due == {}


async def test_a_finished_session_is_looked_at_when_it_may_be_archived(house: House, session_id: SessionId) -> None:
    """[ST23, AR1] Its last commit says when."""
    await submit(house.processes[0].submit, session_id, End(), ANA, "c" * 32, 2)
    assert house.bus.due == {session_id: house.now_ms + Policy().archive_after_ms}
