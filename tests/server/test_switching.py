"""Switching, and versions that were recalled, through the one door of two processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path

import pytest
from msgspec.structs import replace

from protocol.base import SessionId, VersionId
from protocol.commands import End, Pause, Resume, SetField, StartSession, Switch, TakeSeat
from protocol.refusals import RefuseCode
from protocol.views import SessionStatus
from server.folded import Accepted
from server.ports import Unavailable
from server.records.catalog import SqlCatalog
from server.records.database import Database
from server.store.keyring import KeyRing
from server.store.memory import MemoryBus, MemoryStore
from session_engine.refused import Refused
from session_engine.state import SessionState
from tests.support.processes import Process, submit
from tests.support.scenario import ANA, SAM
from tests.support.workflows import SMALL_DOCUMENT

ONE, TWO = "1" * 32, "2" * 32
PAGE, HIS_PAGE = "a" * 32, "b" * 32


class Call:
    """Ana's Session on version 1, and version 2, on two processes with one store and one database."""

    def __init__(
        self, here: Process, there: Process, catalog: SqlCatalog, versions: tuple[VersionId, VersionId]
    ) -> None:
        self.here, self.there, self.catalog = here, there, catalog
        self.first, self.second = versions

    async def start(self, *, session_id: SessionId = TWO, csn: int = 2, process: Process | None = None) -> Accepted:
        """Ana has the call go on in version 2."""
        command = StartSession(version_id=self.second, switched_from=ONE)
        return await (process or self.here).submit.start(session_id, command, ANA, PAGE, csn)

    async def state(self, session_id: SessionId = ONE) -> SessionState:
        """As the log tells it, to the other process."""
        return (await self.there.submit.sessions.read(session_id))[0]


@pytest.fixture
async def call(database: Database, tmp_path: Path) -> AsyncIterator[Call]:
    bus, key_ring = MemoryBus(), KeyRing.open(tmp_path / "keys.json")
    here, there = (Process(MemoryStore(bus), database, key_ring) for _ in range(2))
    await here.start()
    await there.start()
    catalog = SqlCatalog(database)
    first = (await catalog.publish(SMALL_DOCUMENT)).version.id
    await here.submit.start(ONE, StartSession(version_id=first), ANA, PAGE, 1)
    second = (await catalog.publish(replace(SMALL_DOCUMENT, name="Small call, mended"))).version.id
    yield Call(here, there, catalog, (first, second))
    await here.close()
    await there.close()


async def refusal(asked: Awaitable[object]) -> RefuseCode:
    """Why it was refused."""
    with pytest.raises(Refused) as refused:
        await asked
    return refused.value.code


class TestSwitching:
    async def test_both_are_open_until_the_first_is_told_to_end(self, call: Call) -> None:
        """[LC8] What was typed on one process goes on in a Session that another one started."""
        typed = SetField(visit_id="v1", seat=1, field_key="customer", content="Lovelace")
        await call.state()  # so that the other process is behind
        await submit(call.here.submit, ONE, typed, ANA, PAGE, 2)
        await call.start(csn=3, process=call.there)
        assert (await call.state(TWO)).fields["customer"].content == "Lovelace"
        assert (await call.state()).status is SessionStatus.ACTIVE

        await submit(call.here.submit, ONE, Switch(visit_id="v1", seat=1, to_session_id=TWO), ANA, PAGE, 4)
        assert ((await call.state()).switched_to, (await call.state(TWO)).switched_from) == (TWO, ONE)

    async def test_nothing_ends_for_a_session_that_did_not_begin(self, call: Call) -> None:
        """[LC8] Neither for one that nobody started, nor for one that goes on from another call or none."""
        switch = Switch(visit_id="v1", seat=1, to_session_id=TWO)
        assert await refusal(submit(call.here.submit, ONE, switch, ANA, PAGE, 2)) is RefuseCode.NOT_SWITCHED
        await call.here.submit.start(TWO, StartSession(version_id=call.second), ANA, PAGE, 3)
        assert await refusal(submit(call.here.submit, ONE, switch, ANA, PAGE, 4)) is RefuseCode.NOT_SWITCHED
        assert (await call.state()).status is SessionStatus.ACTIVE

    async def test_a_call_that_nobody_knows_goes_on_nowhere(self, call: Call) -> None:
        """[LC8] An unknown Session is told as such."""
        command = StartSession(version_id=call.second, switched_from="f" * 32)
        asked = call.here.submit.start(TWO, command, ANA, PAGE, 2)
        assert await refusal(asked) is RefuseCode.UNKNOWN_SESSION

    async def test_two_that_name_each_other_do_not_wait_for_each_other(self, call: Call) -> None:
        """[LC8] Only the one that the other goes on from ends."""
        await call.start()
        outcomes = await asyncio.wait_for(
            asyncio.gather(
                submit(call.here.submit, ONE, Switch(visit_id="v1", seat=1, to_session_id=TWO), ANA, PAGE, 3),
                submit(call.here.submit, TWO, Switch(visit_id="v1", seat=1, to_session_id=ONE), ANA, PAGE, 4),
                return_exceptions=True,
            ),
            5,
        )
        assert [isinstance(outcome, Refused) for outcome in outcomes] == [False, True]

    async def test_a_supervisor_switches_for_the_agent_whose_seat_he_took(self, call: Call) -> None:
        """[LC8] The Session stays hers; he is no agent and needs not be."""
        await submit(call.here.submit, ONE, TakeSeat(seat=1), SAM, HIS_PAGE, 1)
        command = StartSession(version_id=call.second, switched_from=ONE)
        await call.here.submit.start(TWO, command, SAM, HIS_PAGE, 2)
        state = await call.state(TWO)
        assert (state.owner, state.driver) == (ANA.party, SAM.party)

    async def test_a_start_whose_answer_was_lost_is_a_repeat_whatever_came_after(self, call: Call) -> None:
        """[CM8] The other Session has ended since, and the version was recalled."""
        await call.start()
        await submit(call.here.submit, ONE, Switch(visit_id="v1", seat=1, to_session_id=TWO), ANA, PAGE, 3)
        assert (await call.start(process=call.there)).is_repeat
        await call.catalog.recall("small")
        assert (await call.start(process=call.there)).is_repeat
        assert await refusal(call.start(csn=4)) is RefuseCode.UNKNOWN_VERSION
        assert await refusal(call.start(session_id="3" * 32)) is RefuseCode.UNKNOWN_VERSION


class TestRecalled:
    async def test_no_session_begins_on_it(self, call: Call) -> None:
        """[CM8, HS34] From then on in every process, also in one that knows the version."""
        await call.catalog.recall("small", 1)
        asked = call.here.submit.start(TWO, StartSession(version_id=call.first), ANA, PAGE, 2)
        assert await refusal(asked) is RefuseCode.UNKNOWN_VERSION

    async def test_paused_on_it_one_ends_or_goes_on_elsewhere(self, call: Call) -> None:
        """[LC11] Asked anew for each command; a mistake is taken back."""
        await submit(call.here.submit, ONE, Pause(visit_id="v1", seat=1), ANA, PAGE, 2)
        await call.catalog.recall("small", 1)
        asked = submit(call.there.submit, ONE, Resume(), ANA, PAGE, 3)
        assert await refusal(asked) is RefuseCode.VERSION_RECALLED
        await call.catalog.recall("small", 1, undo=True)
        await submit(call.there.submit, ONE, Resume(), ANA, PAGE, 4)

        await submit(call.here.submit, ONE, Pause(visit_id="v1", seat=1), ANA, PAGE, 5)
        await call.catalog.recall("small", 1)
        command = StartSession(version_id=call.second, switched_from=ONE, section_key="offer")
        await call.there.submit.start(TWO, command, ANA, PAGE, 6)
        assert (await call.state(TWO)).current_visit.section_key == "offer"
        await submit(call.here.submit, ONE, Switch(visit_id="v1", seat=1, to_session_id=TWO), ANA, PAGE, 7)
        assert (await call.state()).switched_to == TWO

    async def test_ending_asks_nobody(self, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
        """[LC11] Only what the recall concerns waits for SQL."""

        async def away(version_id: VersionId) -> bool:
            raise Unavailable("SQL is away")

        await submit(call.here.submit, ONE, Pause(visit_id="v1", seat=1), ANA, PAGE, 2)
        monkeypatch.setattr(call.here.submit._catalog, "is_recalled", away)
        asked = submit(call.here.submit, ONE, Resume(), ANA, PAGE, 3)
        assert await refusal(asked) is RefuseCode.NOT_SAVED_YET
        asked = submit(call.here.submit, ONE, Resume(), ANA, PAGE, 3)
        assert await refusal(asked) is RefuseCode.NOT_SAVED_YET
        await submit(call.here.submit, ONE, End(), ANA, "c" * 32, 1)
        assert (await call.state()).status is SessionStatus.ENDED
