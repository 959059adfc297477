"""Reassigning, and what becomes of the Sessions of who was deactivated. Rules: protocol/SPEC.md, RA."""

from __future__ import annotations

import itertools

import msgspec
import pytest

from protocol.commands import (
    AcceptTransfer,
    CompleteTransfer,
    End,
    HandBack,
    Pause,
    Reassign,
    Resume,
    SetField,
    TakeSeat,
    Transfer,
    Vacate,
)
from protocol.events import PauseCause
from protocol.refusals import RefuseCode
from protocol.views import Audience, LiveGiven, Passed, SessionStatus
from session_engine.evolve import evolve, fold
from session_engine.ownership import find_passed
from session_engine.project import audience_of, live_session, project
from session_engine.rights import participants
from tests.session_engine.test_properties import apply_delta, builtins, delta_of
from tests.support.scenario import ADA, ANA, BEN, CLEO, MIA, SAM, Scenario


class TestReassigning:
    @pytest.mark.parametrize("paused", [False, True])
    def test_owner_and_seat_pass_to_the_colleague(self, call: Scenario, paused: bool) -> None:
        """[RA1, RA2] Running or paused; what the former driver presses then is late."""
        if paused:
            call.when(Pause(visit_id="v1", seat=1))
        call.when(Reassign(to_id="ben", reason="goes home"), by=SAM)
        state = call.state
        assert (state.owner, state.driver, state.seat) == (BEN.party, BEN.party, 2)
        assert state.status is (SessionStatus.PAUSED if paused else SessionStatus.ACTIVE)
        assert not participants(state, ANA)
        call.when(SetField(visit_id="v1", seat=1, field_key="customer", content="late"), by=BEN)
        call.then_refused(RefuseCode.STALE_SEAT)

    def test_it_is_on_the_record_and_in_the_lists(self, call: Scenario) -> None:
        """[RA3] From whom, to whom, by whom, when and why; a teammate's resume as well."""
        call.when(Reassign(to_id="ben", reason="goes home"), by=SAM)
        call.when(Pause(visit_id="v1", seat=2), by=BEN)
        call.when(Resume(), by=ANA)
        first, second = call.view(Audience.STAFF).reassignments.values()
        assert (first.was, first.to, first.by, first.reason) == (ANA.party, BEN.party, SAM.party, "goes home")
        assert (second.was, second.to, second.by, second.reason) == (BEN.party, ANA.party, ANA.party, None)
        for audience in Audience:
            view = builtins(project(fold(call.entries[:1]), call.workflow, audience))
            states = [*itertools.accumulate(call.entries[1:], evolve, initial=fold(call.entries[:1]))]
            for entry, before, after in zip(call.entries[1:], states, states[1:], strict=False):
                view = apply_delta(view, msgspec.json.decode(delta_of(call, entry, before, after, audience)))
            assert view == builtins(call.view(audience))
        listed = live_session(call.state, call.workflow)
        assert listed is not None
        assert listed.owner == ANA.party

    def test_who_took_the_seat_keeps_it(self, call: Scenario) -> None:
        """[RA2] And hands it back to the new owner."""
        call.when(TakeSeat(seat=1), by=SAM)
        call.when(Reassign(to_id="ben"), by=MIA)
        assert (call.state.owner, call.state.driver, call.state.seat) == (BEN.party, SAM.party, 2)
        call.when(HandBack(seat=2), by=SAM)
        assert call.state.driver == BEN.party

    def test_sensitive_values_are_the_new_owners(self, call: Scenario) -> None:
        """[RA2, MK1] They are masked by who owns it now."""
        call.when(Reassign(to_id="ben"), by=SAM)
        assert audience_of(call.state, "ben") is Audience.OWNER
        assert audience_of(call.state, "ana") is Audience.STAFF

    @pytest.mark.parametrize(
        ("to_id", "code"),
        [
            ("ana", RefuseCode.ALREADY_OWNER),
            ("cleo", RefuseCode.UNKNOWN_PERSON),
            ("zoe", RefuseCode.UNKNOWN_PERSON),
            ("nobody", RefuseCode.UNKNOWN_PERSON),
        ],
        ids=["the owner", "no agent", "other team", "deactivated"],
    )
    def test_nobody_else_can_be_given_it(self, call: Scenario, to_id: str, code: RefuseCode) -> None:
        """[RA1] Only an active agent of the Session's team."""
        call.when(Reassign(to_id=to_id), by=SAM)
        call.then_refused(code)

    def test_a_record_stays_whose_it_is(self, call: Scenario) -> None:
        """[RA1] Reports are about who did the work."""
        call.when(End())
        call.when(Reassign(to_id="ben"), by=SAM)
        call.then_refused(RefuseCode.FINISHED)


class TestVacating:
    def test_a_colleague_gets_what_was_theirs(self, call: Scenario) -> None:
        """[RA4] As if reassigned by the administrator."""
        call.when_time(Vacate(person_id="ana", to_id="ben", by=ADA.party))
        assert (call.state.owner, call.state.driver) == (BEN.party, BEN.party)
        assert call.state.reassignments["o1"].by == ADA.party

    def test_otherwise_it_waits_for_a_teammate(self, call: Scenario) -> None:
        """[RA4] Paused as *driver left*, and resumed by an agent of the team."""
        call.when_time(Vacate(person_id="ana", to_id=None, by=ADA.party))
        assert (call.state.status, call.state.pause_cause) == (SessionStatus.PAUSED, PauseCause.DRIVER_LEFT)
        call.when(Resume(), by=BEN)
        assert call.state.owner == BEN.party

    def test_the_seat_goes_back_to_the_owner(self, call: Scenario) -> None:
        """[RA4] Of a Session that is not theirs, a colleague or not."""
        call.when(TakeSeat(seat=1), by=SAM)
        call.when_time(Vacate(person_id="sam", to_id="ben", by=ADA.party))
        assert (call.state.owner, call.state.driver, call.state.seat) == (ANA.party, ANA.party, 3)

    @pytest.mark.parametrize("case", ["paused", "off the seat", "stranger", "twice"])
    def test_where_there_is_nothing_to_free_nothing_happens(self, call: Scenario, case: str) -> None:
        """[RA4] It may be asked again, however often."""
        person_id, to_id = "ana", None
        match case:
            case "paused":
                call.when(Pause(visit_id="v1", seat=1))
            case "off the seat":
                call.when(TakeSeat(seat=1), by=SAM)
            case "stranger":
                person_id = CLEO.id
            case _:
                to_id = "ben"
                call.when_time(Vacate(person_id="ana", to_id="ben", by=ADA.party))
        call.when_time(Vacate(person_id=person_id, to_id=to_id, by=ADA.party))
        call.then_refused(RefuseCode.NOT_ALLOWED)

    def test_a_record_is_left_alone(self, call: Scenario) -> None:
        """[RA4] It is nobody's to drive."""
        call.when(End())
        call.when_time(Vacate(person_id="ana", to_id="ben", by=ADA.party))
        call.then_refused(RefuseCode.FINISHED)


def given(call: Scenario) -> LiveGiven | None:
    """What lists tell of how its owner got it."""
    listed = live_session(call.state, call.workflow)
    assert listed is not None
    return listed.given


class TestBeingGivenIt:
    def test_lists_tell_the_new_owner_who_gave_it(self, call: Scenario) -> None:
        """[RA7] And when; the last time, if it was given on."""
        assert given(call) is None
        call.when(Reassign(to_id="ben"), by=SAM)
        assert given(call) == LiveGiven(by=SAM.party, at_ms=call.state.reassignments["o1"].at_ms)
        call.when(Reassign(to_id="ana"), by=MIA)
        assert given(call) == LiveGiven(by=MIA.party, at_ms=call.state.reassignments["o2"].at_ms)

    def test_also_of_who_was_deactivated(self, call: Scenario) -> None:
        """[RA4, RA7] The administrator gave it."""
        call.when_time(Vacate(person_id="ana", to_id="ben", by=ADA.party))
        found = given(call)
        assert found is not None
        assert found.by == ADA.party

    @pytest.mark.parametrize("how", ["resumed", "accepted", "came", "to themselves"])
    def test_who_took_it_knows(self, call: Scenario, how: str) -> None:
        """[RA7] Nothing is told to who resumed it, accepted it or came for it, or gave it to themselves."""
        if how == "to themselves":
            call.when(Reassign(to_id="ben"), by=msgspec.structs.replace(SAM, id="ben", name="Ben"))
        elif how == "resumed":
            call.when(Pause(visit_id="v1", seat=1))
            call.when(Resume(), by=BEN)
        else:
            call.when(Transfer(to_id="ben", warm=how == "came"))
            call.when(AcceptTransfer(transfer_id="t1"), by=BEN)
        if how == "came":
            call.when(CompleteTransfer(transfer_id="t1", to_id="ben"), by=SAM)
        assert call.state.owner == BEN.party
        assert given(call) is None


class TestHavingOwnedIt:
    def test_who_owned_it_is_told_who_has_it_and_who_gave_it(self, call: Scenario) -> None:
        """[RA8] Whoever owned it ever, and nobody else."""
        assert find_passed(call.state, "ana") is None
        call.when(Reassign(to_id="ben"), by=SAM)
        assert find_passed(call.state, "ana") == Passed(to=BEN.party, by=SAM.party)
        assert [find_passed(call.state, each) for each in ("ben", "sam", "cleo")] == [None] * 3
        call.when(Pause(visit_id="v1", seat=2), by=BEN)
        call.when(Resume(), by=ANA)
        assert find_passed(call.state, "ben") == Passed(to=ANA.party, by=None)
        assert find_passed(call.state, "ana") is None

    def test_nobody_is_told_that_they_gave_it_themselves(self, call: Scenario) -> None:
        """[RA8] A supervisor's own call, say."""
        call.when(Reassign(to_id="ben"), by=msgspec.structs.replace(SAM, id="ana", name="Ana"))
        assert find_passed(call.state, "ana") == Passed(to=BEN.party, by=None)
