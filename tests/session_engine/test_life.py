"""Pause, resume, complete, end, and the seat."""

from __future__ import annotations

import pytest

from protocol.commands import (
    Complete,
    EditNotes,
    End,
    HandBack,
    Pause,
    Resume,
    SelectAnswer,
    SetField,
    TakeSeat,
)
from protocol.refusals import RefuseCode
from tests.session_engine.test_guidance import answer
from tests.support.notes import typing
from tests.support.scenario import ANA, MIA, SAM, Scenario


class TestLife:
    def test_a_paused_session_resumes_where_it_was(self, call: Scenario) -> None:
        """[LC1] Pause keeps visit, selection and seat."""
        call.when(SelectAnswer(visit_id="v1", seat=1, answer_key="interested"))
        call.when(Pause(visit_id="v1", seat=1, reason="fetches the contract"))
        assert (call.state.status, call.state.paused_reason) == ("paused", "fetches the contract")
        call.when(Resume())
        assert call.state.status == "active"
        assert call.state.current_visit.selected == "interested"
        assert call.state.paused_reason is None
        assert call.state.seat == 1

    def test_a_paused_session_takes_notes_but_no_driving(self, call: Scenario) -> None:
        """[LC2] Paused accepts resume, end and Notes only."""
        call.when(Pause(visit_id="v1", seat=1))
        call.when(SetField(visit_id="v1", seat=1, field_key="customer", content="x"))
        call.then_refused(RefuseCode.NOT_ACTIVE)
        call.when(EditNotes(update=typing("hello")))
        call.then_accepted()
        call.when(End(reason="hung up"))
        assert call.state.status == "ended"

    def test_only_a_paused_session_resumes(self, call: Scenario) -> None:
        """[LC1] Resume needs a pause."""
        call.when(Resume())
        call.then_refused(RefuseCode.NOT_PAUSED)

    @pytest.mark.parametrize(("last", "won"), [("won", True), ("lost", False)])
    def test_completing_is_a_win_where_the_section_says_so(self, call: Scenario, last: str, won: bool) -> None:
        """[LC3] Complete works at an end Section; its win switch decides."""
        if won:
            answer(call, "interested")
        answer(call, "accepts" if won else "refuses")
        assert call.state.current_visit.section_key == last
        call.when(Complete(visit_id=call.state.current_visit_id, seat=1))
        assert (call.state.status, call.state.won) == ("completed", won)
        assert call.state.current_visit.left_ms == call.now_ms

    def test_a_section_with_answers_cannot_complete(self, call: Scenario) -> None:
        """[LC3] Complete elsewhere is refused."""
        call.when(Complete(visit_id="v1", seat=1))
        call.then_refused(RefuseCode.NOT_AT_END)

    def test_a_finished_session_is_a_read_only_record(self, call: Scenario) -> None:
        """[LC4] Nothing is accepted any more, Notes included."""
        call.when(End())
        for command in (EditNotes(update=typing("x")), Resume(), End(), TakeSeat(seat=1)):
            call.when(command, by=SAM)
            call.then_refused(RefuseCode.FINISHED)


class TestSeat:
    def test_a_late_key_press_of_the_former_driver_is_refused(self, call: Scenario) -> None:
        """[SE2] A command names the seat that it was pressed in."""
        call.when(TakeSeat(seat=1), by=SAM)
        assert (call.state.driver, call.state.seat) == (SAM.party, 2)
        call.when(SetField(visit_id="v1", seat=1, field_key="customer", content="late"))
        call.then_refused(RefuseCode.STALE_SEAT)
        assert call.state.fields == {}

    def test_taking_the_seat_never_changes_the_owner(self, call: Scenario) -> None:
        """[SE1] The Session stays the agent's."""
        call.when(TakeSeat(seat=1), by=SAM)
        assert call.state.owner == ANA.party

    def test_the_second_of_two_takers_is_told_who_drives(self, call: Scenario) -> None:
        """[SE3] Take names the generation that was seen."""
        call.when(TakeSeat(seat=1), by=SAM)
        call.when(TakeSeat(seat=1), by=MIA)
        call.then_refused(RefuseCode.STALE_SEAT)
        assert call.refused is not None
        assert "Sam" in call.refused.detail

    def test_hand_back_seats_the_owner_at_once(self, call: Scenario) -> None:
        """[SE4] Seat and generation pass to the owner."""
        call.when(TakeSeat(seat=1), by=SAM)
        call.when(HandBack(seat=2), by=SAM)
        assert (call.state.driver, call.state.seat) == (ANA.party, 3)

    def test_the_owner_has_nothing_to_hand_back(self, call: Scenario) -> None:
        """[SE4] Hand back is for a driver who is not the owner."""
        call.when(HandBack(seat=1))
        call.then_refused(RefuseCode.ALREADY_DRIVING)

    def test_the_driver_cannot_take_his_own_seat(self, call: Scenario) -> None:
        """[SE3] Taking twice is refused."""
        call.when(TakeSeat(seat=1), by=SAM)
        call.when(TakeSeat(seat=2), by=SAM)
        call.then_refused(RefuseCode.ALREADY_DRIVING)

    def test_the_owner_retakes_a_dead_seat_only(self, call: Scenario) -> None:
        """[SE5] While the taker is present the owner waits for hand back."""
        call.when(TakeSeat(seat=1), by=SAM)
        call.when(TakeSeat(seat=2), by=ANA)
        call.then_refused(RefuseCode.DRIVER_PRESENT)
        call.when(TakeSeat(seat=2), by=ANA, driver_absent=True)
        assert call.state.driver == ANA.party

    def test_resume_by_the_owner_off_the_seat_seats_him(self, call: Scenario) -> None:
        """[LC1] The seat passes to who resumes."""
        call.when(TakeSeat(seat=1), by=SAM)
        call.when(Pause(visit_id="v1", seat=2), by=SAM)
        call.when(Resume(), by=ANA)
        assert (call.state.driver, call.state.seat) == (ANA.party, 3)
