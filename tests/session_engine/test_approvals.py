"""The second person: who is asked, when, and what a yes counts for."""

from __future__ import annotations

import pytest

from protocol.actions import ActionStatus, OutcomeKind
from protocol.commands import (
    ApproveAction,
    CancelAction,
    CorrectField,
    EditAction,
    End,
    MarkAction,
    SetField,
    TakeSeat,
    UnlockAction,
)
from protocol.refusals import RefuseCode
from protocol.workflow import ActionTiming, SecondPerson
from tests.session_engine.test_actions import edit, filled
from tests.support.acting import Call
from tests.support.scenario import ADA, MIA, SAM
from tests.support.workflows import acting

DRAFT, AWAITING = ActionStatus.DRAFT, ActionStatus.AWAITING_APPROVAL


class TestSecondPerson:
    @pytest.mark.parametrize(
        ("amount", "second", "asked"),
        [
            ("20", SecondPerson(field="amount", above=20), False),
            ("20.5", SecondPerson(field="amount", above=20), True),
            ("plenty", SecondPerson(field="amount", above=20), True),
            (None, SecondPerson(field="amount", above=20), False),
            ("1", SecondPerson(field="amount"), True),
            (None, SecondPerson(field="amount"), False),
            (None, SecondPerson(), True),
        ],
    )
    def test_who_is_asked_when(self, amount: str | None, second: SecondPerson, asked: bool) -> None:
        """[AC10] Above the limit, whatever is no number, whenever there is a value, or always."""
        call = Call(acting("credit", second_person=second, parameters={"subject": "Credit"}))
        call.fill(amount=amount).take("interested")
        assert (call.status("credit") is AWAITING) is asked
        assert (call.shown("credit").approval is not None) is asked

    def test_whose_command_asked_is_not_the_second_person(self) -> None:
        """[AC10] Nor driver, owner or last editor."""
        call = filled()
        call.when(TakeSeat(seat=1), by=SAM)
        call.when(SetField(visit_id=call.state.current_visit_id, seat=2, field_key="amount", content="35"), by=SAM)
        call.when(TakeSeat(seat=2), by=MIA)
        for somebody in (SAM, MIA):
            call.when(ApproveAction(action_id=call.id("credit"), approved=True), by=somebody)
            call.then_refused(RefuseCode.NOT_ALLOWED)

    def test_the_last_editor_is_not_the_second_person(self) -> None:
        """[AC10] Though it was another's command that made it valid."""
        call = filled("35", acting("credit", parameters={"subject": "Credit", "body": "For {{ fields.order_id }}"}))
        call.when(EditAction(action_id=call.id("credit"), path="subject", text="Mine"), by=SAM)
        assert call.status("credit") is DRAFT
        assert call.fill(order_id="o-1").status("credit") is AWAITING
        call.when(ApproveAction(action_id=call.id("credit"), approved=True), by=SAM)
        call.then_refused(RefuseCode.NOT_ALLOWED)
        call.when(ApproveAction(action_id=call.id("credit"), approved=True), by=MIA)
        call.then_accepted()

    def test_a_no_stays_until_it_is_another_thing(self) -> None:
        """[AC10] With its reason; then it is asked anew."""
        call = filled("35")
        call.when(ApproveAction(action_id=call.id("credit"), approved=False, reason="too much"), by=SAM)
        assert call.status("credit") is ActionStatus.DECLINED
        approval = call.shown("credit").approval
        assert approval is not None
        assert approval.reason == "too much"
        call.fill(customer="Byron")
        assert call.status("credit") is ActionStatus.DECLINED
        call.fill(amount="30")
        assert call.status("credit") is AWAITING
        call.fill(amount="3")
        assert (call.status("credit"), call.action("credit").approval) == (DRAFT, None)

    def test_what_is_not_valid_is_not_asked(self) -> None:
        """[AC10] Nor asked anew, once it is not valid any more."""
        call = filled("35")
        call.when(EditAction(action_id=call.id("credit"), path="subject", text=""))
        assert (call.status("credit"), call.action("credit").approval) == (DRAFT, None)
        needed = call.shown("credit").approval
        assert needed is not None
        assert needed.asked_ms is None
        assert edit(call, "credit").status("credit") is AWAITING

    def test_what_breaks_its_fields_rules_is_put_before_nobody(self) -> None:
        """[AC10] Until the Field keeps them, or a person writes something else; it cannot be sent meanwhile."""
        call = filled("35").fill(amount="500")
        assert (call.status("credit"), call.action("credit").approval) == (DRAFT, None)
        assert not call.shown("credit").valid
        assert call.leaf("credit", "subject").problem == "expected a number from 0 to 50 in the Field “Amount”"
        call.when(EditAction(action_id=call.id("credit"), path="subject", text="Credit 50"))
        assert call.status("credit") is AWAITING
        call.when(EditAction(action_id=call.id("credit"), path="subject", text=None))
        assert call.status("credit") is DRAFT
        assert call.fill(amount="50").status("credit") is AWAITING

    def test_what_breaks_its_fields_rules_is_sent_by_nobody(self) -> None:
        """[AC10] On a record neither; of an Action that nobody has to say yes to, it is only marked."""
        call = filled("500").take("accepts").over()
        assert call.status("credit") is DRAFT
        call.send("credit").then_refused(RefuseCode.ACTION_INVALID)
        assert filled("-1", acting("credit", second_person=None)).shown("credit").valid

    def test_a_yes_after_completing_fires_it_and_a_no_does_not(self) -> None:
        """[AC10] Completing does not wait for it."""
        for approved in (True, False):
            call = filled("35").take("accepts").over()
            assert call.status("credit") is AWAITING
            call.when(ApproveAction(action_id=call.id("credit"), approved=approved), by=SAM)
            expected = ActionStatus.QUEUED if approved else ActionStatus.DECLINED
            assert call.status("credit") is expected

    def test_what_was_dismissed_a_yes_does_not_fire(self) -> None:
        """[AC10, AC15] It is approved, and can be sent."""
        call = filled("35").take("accepts").over()
        call.when(MarkAction(action_id=call.id("credit"), sent=False))
        call.when(ApproveAction(action_id=call.id("credit"), approved=True), by=SAM)
        assert call.status("credit") is DRAFT
        assert call.send("credit").status("credit") is ActionStatus.QUEUED

    def test_a_yes_after_ending_fires_only_what_fires_on_any_end(self) -> None:
        """[AC9, AC10] The other is approved, and waits for being sent."""
        for fires, expected in ((True, ActionStatus.QUEUED), (False, DRAFT)):
            call = filled("35", acting("credit", fires_on_any_end=fires))
            call.when(End(reason_key="other"))
            call.when(ApproveAction(action_id=call.id("credit"), approved=True), by=SAM)
            assert call.status("credit") is expected

    def test_a_correction_of_the_record_voids_what_was_said(self) -> None:
        """[AC10] What is waited for is asked anew, by who corrected; what was approved is asked when it is sent."""
        call = filled("35").take("accepts").over()
        call.when(CorrectField(field_key="amount", content="45"), by=SAM)
        assert call.status("credit") is AWAITING
        call.when(ApproveAction(action_id=call.id("credit"), approved=True), by=SAM)
        call.then_refused(RefuseCode.NOT_ALLOWED)

        call = filled("35", acting("credit", fires_on_any_end=False))
        call.when(ApproveAction(action_id=call.id("credit"), approved=True), by=SAM)
        call.when(End(reason_key="other"))
        call.when(CorrectField(field_key="amount", content="45"))
        assert (call.status("credit"), call.action("credit").approval) == (DRAFT, None)
        call.send("credit")
        assert call.status("credit") is AWAITING
        call.send("credit").then_refused(RefuseCode.APPROVAL_NEEDED)

    @pytest.mark.parametrize("corrected", [True, False])
    def test_what_was_approved_is_what_is_sent_again(self, corrected: bool) -> None:
        """[AC10] What changed while it was on its way was approved by nobody."""
        call = filled("35", acting("credit", fires_on_any_end=False))
        call.when(ApproveAction(action_id=call.id("credit"), approved=True), by=SAM)
        call.take("accepts").over().start("credit")
        if corrected:
            call.when(CorrectField(field_key="amount", content="45"))
        call.finish("credit", OutcomeKind.REFUSED)
        assert call.status("credit") is ActionStatus.FAILED
        assert (call.action("credit").approval is None) is corrected
        assert call.send("credit").status("credit") is (AWAITING if corrected else ActionStatus.QUEUED)

    def test_what_was_cancelled_is_put_before_nobody(self) -> None:
        """[AC10] A yes would have it sent."""
        workflow = acting("credit", timing=ActionTiming.IMMEDIATE)
        call = filled("35", workflow)
        call.when(ApproveAction(action_id=call.id("credit"), approved=True), by=SAM)
        call.send("credit").when(CancelAction(action_id=call.id("credit")))
        call.fill(amount="36")
        assert (call.status("credit"), call.action("credit").approval) == (ActionStatus.NOT_FIRED, None)

    def test_what_failed_too_often_is_put_before_nobody(self) -> None:
        """[AC10, AC15] Until it is unlocked."""
        call = filled("35", acting("credit", timing=ActionTiming.IMMEDIATE))
        call.when(ApproveAction(action_id=call.id("credit"), approved=True), by=SAM)
        for _ in range(4):
            call.send("credit").attempt("credit", OutcomeKind.REFUSED)
        call.fill(amount="36")
        assert call.status("credit") is ActionStatus.FAILED
        call.when(UnlockAction(action_id=call.id("credit")), by=ADA)
        assert call.status("credit") is AWAITING
