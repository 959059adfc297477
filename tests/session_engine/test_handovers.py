"""Asking for the seat and offering it, and how each change of it is told. Rules: protocol/SPEC.md, SE."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import msgspec
import pytest

from protocol.commands import (
    AcceptSeat,
    Command,
    DeclineSeat,
    End,
    ExplainTake,
    GrantSeat,
    HandBack,
    OfferSeat,
    Pause,
    Reassign,
    RequestSeat,
    Resume,
    SetField,
    TakeSeat,
    Vacate,
    WithdrawSeat,
)
from protocol.events import SEALED, HandoverOutcome, SeatCause, SeatPassed, TakeExplained
from protocol.refusals import RefuseCode
from protocol.views import Audience
from session_engine.context import Actor
from session_engine.evolve import EVOLVERS, evolve, fold
from session_engine.project import project
from tests.session_engine.test_properties import apply_delta, builtins, delta_of
from tests.support.scenario import ADA, ANA, BEN, CLEO, MIA, SAM, Scenario

P1 = "p1"


def outcomes(call: Scenario) -> list[HandoverOutcome | None]:
    """What became of each, as everybody is shown it."""
    shown = [each.outcome for each in call.view(Audience.STAFF).handovers.values()]
    assert shown == [each.outcome for each in call.view(Audience.OWNER).handovers.values()]
    return shown


class TestRequests:
    @pytest.mark.parametrize("asker", [CLEO, SAM, MIA], ids=["coach", "supervisor", "manager"])
    def test_the_driver_grants_and_the_asker_drives_in_the_same_entry(self, call: Scenario, asker: Actor) -> None:
        """[SE8] Whose the Session is does not change."""
        call.when(RequestSeat(seat=1), by=asker)
        assert (call.state.driver, call.state.seat) == (ANA.party, 1)
        call.when(GrantSeat(seat=1, handover_id=P1))
        assert (call.state.driver, call.state.seat, call.state.owner) == (asker.party, 2, ANA.party)
        assert outcomes(call) == [HandoverOutcome.AGREED]
        call.when(SetField(visit_id="v1", seat=2, field_key="customer", content="Lovelace"), by=asker)
        call.then_accepted()

    def test_the_owner_off_the_seat_asks_too(self, call: Scenario) -> None:
        """[SE8] A supervisor who drives grants it like anybody."""
        call.when(TakeSeat(seat=1), by=SAM)
        call.when(RequestSeat(seat=2))
        call.when(GrantSeat(seat=2, handover_id=P1), by=SAM)
        assert call.state.driver == ANA.party

    def test_a_declined_one_leaves_the_seat_where_it_is(self, call: Scenario) -> None:
        """[SE8, SE11] And it can be asked for again."""
        call.when(RequestSeat(seat=1), by=CLEO)
        call.when(DeclineSeat(seat=1, handover_id=P1))
        assert (call.state.driver, call.state.seat) == (ANA.party, 1)
        assert outcomes(call) == [HandoverOutcome.DECLINED]
        call.when(GrantSeat(seat=1, handover_id=P1))
        call.then_refused(RefuseCode.HANDOVER_OVER)
        call.when(RequestSeat(seat=1), by=CLEO)
        call.then_accepted()
        assert [*call.state.handovers] == [P1, "p2"]

    def test_who_asks_second_is_told_who_was_first(self, call: Scenario) -> None:
        """[SE10] One at a time, whether it was asked for or offered."""
        call.when(RequestSeat(seat=1), by=CLEO)
        for second, by in (
            (RequestSeat(seat=1), SAM),
            (RequestSeat(seat=1), CLEO),
            (OfferSeat(seat=1, to_id="sam"), ANA),
        ):
            call.when(second, by=by)
            call.then_refused(RefuseCode.HANDOVER_OPEN)
            assert call.refused is not None
            assert call.refused.detail == "Cleo asked for the seat before"
        call.when(WithdrawSeat(seat=1, handover_id=P1), by=CLEO)
        call.when(OfferSeat(seat=1, to_id="sam"))
        call.when(RequestSeat(seat=1), by=CLEO)
        assert call.refused is not None
        assert call.refused.detail == "Sam was offered the seat before"

    def test_only_who_asked_takes_it_back_and_only_the_driver_answers(self, call: Scenario) -> None:
        """[SE10] Nobody answers for another."""
        call.when(RequestSeat(seat=1), by=CLEO)
        answers: list[tuple[Command, Actor]] = [
            (GrantSeat(seat=1, handover_id=P1), CLEO),
            (AcceptSeat(seat=1, handover_id=P1), CLEO),
            (DeclineSeat(seat=1, handover_id=P1), CLEO),
            (DeclineSeat(seat=1, handover_id=P1), SAM),
            (WithdrawSeat(seat=1, handover_id=P1), ANA),
        ]
        for command, by in answers:
            call.when(command, by=by)
            call.then_refused(RefuseCode.NOT_ALLOWED)
        call.when(WithdrawSeat(seat=1, handover_id=P1), by=CLEO)
        assert outcomes(call) == [HandoverOutcome.WITHDRAWN]

    def test_nobody_who_is_gone_is_seated(self, call: Scenario) -> None:
        """[SE8] The driver keeps it, and the request is open still."""
        call.when(RequestSeat(seat=1), by=CLEO)
        call.when(GrantSeat(seat=1, handover_id=P1), gone=True)
        call.then_refused(RefuseCode.NOT_PRESENT)
        assert call.state.driver == ANA.party
        call.when(GrantSeat(seat=1, handover_id=P1))
        call.then_accepted()

    def test_the_driver_asks_nobody(self, call: Scenario) -> None:
        """[SE8] Nor does a paused Session."""
        call.when(TakeSeat(seat=1), by=SAM)
        call.when(RequestSeat(seat=2), by=SAM)
        call.then_refused(RefuseCode.ALREADY_DRIVING)
        call.when(Pause(visit_id="v1", seat=2), by=SAM)
        call.when(RequestSeat(seat=2), by=CLEO)
        call.then_refused(RefuseCode.NOT_ACTIVE)


class TestOffers:
    @pytest.mark.parametrize("to", [CLEO, SAM, MIA], ids=["coach", "supervisor", "manager"])
    def test_who_is_here_accepts_and_drives(self, call: Scenario, to: Actor) -> None:
        """[SE9] A coach drives so, and by no other way."""
        call.when(TakeSeat(seat=1), by=CLEO)
        call.then_refused(RefuseCode.NOT_ALLOWED)
        call.when(OfferSeat(seat=1, to_id=to.id))
        assert call.state.driver == ANA.party
        call.when(AcceptSeat(seat=1, handover_id=P1), by=to)
        assert (call.state.driver, call.state.seat, call.state.owner) == (to.party, 2, ANA.party)
        call.when(HandBack(seat=2), by=to)
        assert call.state.driver == ANA.party

    def test_the_owner_is_offered_it_too(self, call: Scenario) -> None:
        """[SE9] A coach who drives asks the owner instead of handing back unasked."""
        call.when(OfferSeat(seat=1, to_id="cleo"))
        call.when(AcceptSeat(seat=1, handover_id=P1), by=CLEO)
        call.when(OfferSeat(seat=2, to_id="ana"), by=CLEO)
        call.when(AcceptSeat(seat=2, handover_id="p2"))
        assert call.state.driver == ANA.party

    def test_only_who_is_here_is_offered_it(self, call: Scenario) -> None:
        """[SE9] And nobody who drives already."""
        call.when(OfferSeat(seat=1, to_id="cleo"), gone=True)
        call.then_refused(RefuseCode.NOT_PRESENT)
        call.when(OfferSeat(seat=1, to_id="nobody"))
        call.then_refused(RefuseCode.NOT_PRESENT)
        call.when(OfferSeat(seat=1, to_id="ana"))
        call.then_refused(RefuseCode.ALREADY_DRIVING)

    def test_nobody_else_accepts_and_the_driver_does_not_decide_for_them(self, call: Scenario) -> None:
        """[SE10] The one who was asked answers; the driver may take it back."""
        call.when(OfferSeat(seat=1, to_id="cleo"))
        answers: list[tuple[Command, Actor]] = [
            (AcceptSeat(seat=1, handover_id=P1), SAM),
            (DeclineSeat(seat=1, handover_id=P1), SAM),
            (DeclineSeat(seat=1, handover_id=P1), ANA),
            (GrantSeat(seat=1, handover_id=P1), ANA),
            (WithdrawSeat(seat=1, handover_id=P1), CLEO),
        ]
        for command, by in answers:
            call.when(command, by=by)
            call.then_refused(RefuseCode.NOT_ALLOWED)
        call.when(DeclineSeat(seat=1, handover_id=P1), by=CLEO)
        call.when(OfferSeat(seat=1, to_id="sam"))
        call.when(WithdrawSeat(seat=1, handover_id="p2"))
        assert outcomes(call) == [HandoverOutcome.DECLINED, HandoverOutcome.WITHDRAWN]


class TestBeingOver:
    @pytest.mark.parametrize("late_ms", [29_900, 30_000])
    def test_it_is_over_after_thirty_seconds(self, call: Scenario, late_ms: int) -> None:
        """[SE11] To the millisecond, by the clock of the store; then somebody else may ask."""
        call.when(RequestSeat(seat=1), by=CLEO)
        assert call.view().handovers[P1].until_ms == call.now_ms + 30_000
        call.now_ms += late_ms - 100
        call.when(GrantSeat(seat=1, handover_id=P1))
        if late_ms < 30_000:
            call.then_accepted()
            return
        call.then_refused(RefuseCode.HANDOVER_OVER)
        call.when(RequestSeat(seat=1), by=SAM)
        call.then_accepted()
        call.when(TakeSeat(seat=1), by=MIA)
        assert outcomes(call) == [None, HandoverOutcome.OVERTAKEN]

    @pytest.mark.parametrize(
        "happens",
        [
            lambda call: call.when(TakeSeat(seat=1), by=SAM),
            lambda call: call.when(Pause(visit_id="v1", seat=1)),
            lambda call: call.when(Reassign(to_id="ben"), by=SAM),
            lambda call: call.when(End()),
        ],
        ids=["taken", "paused", "reassigned", "ended"],
    )
    def test_it_is_over_when_something_else_happens(
        self, call: Scenario, happens: Callable[[Scenario], object]
    ) -> None:
        """[SE11] So an old question never moves the seat."""
        call.when(RequestSeat(seat=1), by=CLEO)
        happens(call)
        assert outcomes(call) == [HandoverOutcome.OVERTAKEN]

    def test_an_answer_names_the_seat_that_was_seen(self, call: Scenario) -> None:
        """[SE2, SE10] Grant and accept, too, are refused once it passed."""
        call.when(RequestSeat(seat=1), by=CLEO)
        call.when(TakeSeat(seat=1), by=SAM)
        stale: list[tuple[Command, Actor]] = [
            (GrantSeat(seat=1, handover_id=P1), ANA),
            (DeclineSeat(seat=1, handover_id=P1), ANA),
            (WithdrawSeat(seat=1, handover_id=P1), CLEO),
            (AcceptSeat(seat=1, handover_id=P1), CLEO),
            (RequestSeat(seat=1), CLEO),
            (OfferSeat(seat=1, to_id="cleo"), ANA),
        ]
        for command, by in stale:
            call.when(command, by=by)
            call.then_refused(RefuseCode.STALE_SEAT)

    def test_another_one_than_the_open_one_is_not_answered(self, call: Scenario) -> None:
        """[SE11] The id that was seen counts."""
        call.when(RequestSeat(seat=1), by=CLEO)
        call.when(GrantSeat(seat=1, handover_id="p2"))
        call.then_refused(RefuseCode.HANDOVER_OVER)


class TestSayingWhy:
    def test_who_took_it_says_why_afterwards(self, call: Scenario) -> None:
        """[SE6] Also once it was handed back, and again; everybody who watches reads it."""
        call.when(TakeSeat(seat=1), by=SAM)
        call.when(ExplainTake(generation=2, reason="She was shouted at."), by=SAM)
        call.when(HandBack(seat=2), by=SAM)
        call.when(ExplainTake(generation=2, reason="A complaint."), by=SAM)
        call.then_accepted()
        for audience in Audience:
            assert call.view(audience).seat_changes["2"].reason == "A complaint."
        call.when(Pause(visit_id="v1", seat=3))
        call.when(ExplainTake(generation=2, reason=""), by=SAM)
        assert call.state.seat_changes["2"].reason is None

    def test_it_is_sealed(self) -> None:
        """[SE6] In the slot of reasons, which every Session has."""
        name, slot = SEALED[TakeExplained]
        assert (name, slot(TakeExplained(generation=2, reason="x"))) == ("reason", "reason")

    @pytest.mark.parametrize(
        ("generation", "by"), [(2, MIA), (3, SAM), (1, SAM), (9, SAM)], ids=["another", "back", "first", "never"]
    )
    def test_nobody_explains_what_they_did_not_take(self, call: Scenario, generation: int, by: Actor) -> None:
        """[SE6] Nor what was handed back, nor a seat that never was."""
        call.when(TakeSeat(seat=1), by=SAM)
        call.when(HandBack(seat=2), by=SAM)
        call.when(ExplainTake(generation=generation, reason="Because."), by=by)
        call.then_refused(RefuseCode.NOT_TAKEN)


class TestTheRecord:
    def test_each_change_tells_who_drove_and_how_it_came(self, call: Scenario) -> None:
        """[SE7] By whatever way."""
        call.when(RequestSeat(seat=1), by=CLEO)
        call.when(GrantSeat(seat=1, handover_id=P1))
        call.when(HandBack(seat=2), by=CLEO)
        call.when(OfferSeat(seat=3, to_id="sam"))
        call.when(AcceptSeat(seat=3, handover_id="p2"), by=SAM)
        call.when(TakeSeat(seat=4), by=ANA, driver_absent=True)
        call.when(TakeSeat(seat=5), by=MIA)
        call.when(Pause(visit_id="v1", seat=6), by=MIA)
        call.when(Resume())
        call.when(TakeSeat(seat=7), by=SAM)
        call.when_time(Vacate(person_id="sam", to_id=None, by=ADA.party))
        call.when(Reassign(to_id="ben"), by=MIA)
        changes = call.view(Audience.STAFF).seat_changes
        assert [(each.was.name, each.to.name, each.by.name, each.cause) for each in changes.values()] == [
            ("Ana", "Cleo", "Ana", SeatCause.GRANTED),
            ("Cleo", "Ana", "Cleo", SeatCause.HANDED_BACK),
            ("Ana", "Sam", "Sam", SeatCause.ACCEPTED),
            ("Sam", "Ana", "Ana", SeatCause.RETAKEN),
            ("Ana", "Mia", "Mia", SeatCause.TAKEN),
            ("Mia", "Ana", "Ana", SeatCause.RESUMED),
            ("Ana", "Sam", "Sam", SeatCause.TAKEN),
            ("Sam", "Ana", "System", SeatCause.FREED),
            ("Ana", "Ben", "Mia", SeatCause.WITH_SESSION),
        ]
        assert [*changes] == [str(each.generation) for each in changes.values()] == [*"23456789", "10"]
        assert call.state.driver == BEN.party

    def test_entries_from_before_it_was_told_are_folded(self, call: Scenario) -> None:
        """[SE7] They do not say how it came."""
        event = msgspec.convert(
            {"type": "seat_passed", "to": {"id": "sam", "name": "Sam"}, "generation": 2}, SeatPassed
        )
        state = EVOLVERS[SeatPassed](call.state, event, SAM.party, 2_000)
        assert (state.driver, state.seat, state.seat_changes["2"].cause) == (SAM.party, 2, None)

    def test_deltas_make_the_same_of_it_as_a_fresh_view(self, call: Scenario) -> None:
        """[DL1, SE7] Every step of a request, an offer and a take."""
        call.when(RequestSeat(seat=1), by=CLEO)
        call.when(GrantSeat(seat=1, handover_id=P1))
        call.when(OfferSeat(seat=2, to_id="ana"), by=CLEO)
        call.when(DeclineSeat(seat=2, handover_id="p2"))
        call.when(TakeSeat(seat=2), by=SAM)
        call.when(ExplainTake(generation=3, reason="A complaint."), by=SAM)
        call.then_accepted()
        for audience in Audience:
            view = builtins(project(fold(call.entries[:1]), call.workflow, audience))
            states = [*itertools.accumulate(call.entries[1:], evolve, initial=fold(call.entries[:1]))]
            for entry, before, after in zip(call.entries[1:], states, states[1:], strict=False):
                view = apply_delta(view, msgspec.json.decode(delta_of(call, entry, before, after, audience)))
            assert view == builtins(call.view(audience))
