"""API tokens: what another system does to a Session. Rules: protocol/SPEC.md, RT5 and RT6, LC12."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from protocol.commands import Command, End, Pause, ReportHangUp, Resume, StartSession, TakeSeat
from protocol.events import SessionStarted
from protocol.refusals import RefuseCode
from protocol.views import SessionStatus
from session_engine.context import Actor
from session_engine.decide import decide_first
from session_engine.evolve import evolve_events
from session_engine.refused import Refused
from session_engine.rights import RIGHTS, Participant, may_watch, participants
from tests.session_engine.test_rights import situation
from tests.support.scenario import ANA, BEN, BOT, CLEO, MIA, NORTH, S1, SAM, SOUTH, Scenario
from tests.support.workflows import SMALL

STRANGER = replace(BOT, team_ids=frozenset({SOUTH}))


class TestRights:
    @pytest.mark.parametrize("command_type", RIGHTS, ids=lambda command: command.__name__)
    def test_a_token_may_what_its_row_says_and_nothing_else(self, command_type: type[Command]) -> None:
        """[RT5] In Sessions of its teams only."""
        for token in (BOT, STRANGER):
            call, command = situation(command_type, ANA)
            call.when(command, by=token)
            if Participant.API_TOKEN in RIGHTS[command_type] and token is BOT:
                call.then_accepted()
            else:
                call.then_refused(RefuseCode.NOT_ALLOWED)

    def test_its_row(self) -> None:
        """[RT5] Pause, resume, end, report a hang-up, suggest."""
        rows = {each.__name__ for each, row in RIGHTS.items() if Participant.API_TOKEN in row}
        assert rows == {"Pause", "Resume", "End", "ReportHangUp", "Suggest"}

    def test_a_token_watches_nothing(self, call: Scenario) -> None:
        """[RT5] Though it has a part in it."""
        assert participants(call.state, BOT) == {Participant.API_TOKEN}
        assert not may_watch(call.state, BOT)
        assert may_watch(call.state, CLEO)
        assert not may_watch(call.state, BEN)


class TestPausing:
    def test_it_names_neither_visit_nor_seat(self, call: Scenario) -> None:
        """[RT5] But if it names one, that counts; a person names both."""
        call.when(Pause(seat=2), by=BOT)
        call.then_refused(RefuseCode.STALE_SEAT)
        call.when(Pause(visit_id="v2"), by=BOT)
        call.then_refused(RefuseCode.STALE_VISIT)
        for command in (Pause(), Pause(visit_id="v1"), Pause(seat=1)):
            call.when(command)
            call.then_refused(RefuseCode.BAD_COMMAND)
        call.when(Pause(), by=BOT)
        assert (call.state.status, call.entries[-1].actor) == (SessionStatus.PAUSED, BOT.party)

    def test_after_its_resume_the_owner_drives(self, call: Scenario) -> None:
        """[RT5] Whoever drove before; the seat stays whose it was, if it was the owner's."""
        call.when(Pause(), by=BOT)
        call.when(Resume(), by=BOT)
        assert (call.state.status, call.state.driver, call.state.seat) == (SessionStatus.ACTIVE, ANA.party, 1)
        call.when(TakeSeat(seat=1), by=SAM)
        call.when(Pause(), by=BOT)
        call.when(Resume(), by=BOT)
        assert (call.state.owner, call.state.driver, call.state.seat) == (ANA.party, ANA.party, 3)


class TestHangUps:
    @pytest.mark.parametrize("paused", [False, True])
    def test_all_see_it_and_nothing_ends(self, call: Scenario, paused: bool) -> None:
        """[LC12] When it was reported last is on the head, and stays."""
        if paused:
            call.when(Pause(), by=BOT)
        call.when(ReportHangUp(), by=BOT)
        assert call.view().head["session"].hung_up_ms == call.now_ms
        assert call.state.status is (SessionStatus.PAUSED if paused else SessionStatus.ACTIVE)
        call.when(ReportHangUp(), by=BOT)
        call.when(End(), by=BOT)
        assert call.view().head["session"].hung_up_ms == call.now_ms - 100


class TestStarting:
    def start(self, by: Actor, named: Actor | None, **more: object) -> SessionStarted:
        command = StartSession(version_id="small@1", owner_id=named.id if named else None, **more)  # type: ignore[arg-type]
        events = decide_first(SMALL, S1, command, Scenario().context(by, named))
        assert isinstance(events[0], SessionStarted)
        return events[0]

    def test_it_is_the_agents_for_whom_it_is_started(self) -> None:
        """[RT6] Owned and driven by the agent, of the agent's teams."""
        started = self.start(BOT, replace(BEN, team_ids=frozenset({NORTH, SOUTH})))
        assert (started.owner, started.driver, started.team_ids) == (BEN.party, None, (NORTH, SOUTH))

    @pytest.mark.parametrize("named", [None, CLEO, MIA], ids=["nobody", "no agent", "other team"])
    def test_it_is_started_for_an_agent_of_its_teams_only(self, named: Actor | None) -> None:
        """[RT6] Named and active."""
        with pytest.raises(Refused) as refused:
            self.start(BOT, named)
        assert refused.value.code is RefuseCode.UNKNOWN_PERSON

    def test_a_person_starts_for_nobody_else(self) -> None:
        """[RT6] Whoever is named."""
        with pytest.raises(Refused) as refused:
            self.start(ANA, BEN)
        assert refused.value.code is RefuseCode.BAD_COMMAND

    def test_fields_are_filled_from_the_start(self) -> None:
        """[RT6] Read and judged like what is typed, on the first visit, by who starts it."""
        command = StartSession(version_id="small@1", values={"customer": "Lovelace", "amount": "99"})
        call = Scenario()
        events = decide_first(SMALL, S1, command, call.context(ANA))
        held = evolve_events(None, events, ANA.party, 1_000).fields
        assert (held["customer"].content, held["customer"].visit_id) == ("Lovelace", "v1")
        assert held["amount"].problem is not None
        with pytest.raises(Refused, match="no field"):
            decide_first(SMALL, S1, StartSession(version_id="small@1", values={"nonsense": "x"}), call.context(ANA))
