"""Firing: the review, undoing, second persons, what waits for another's result."""

from __future__ import annotations

from protocol.actions import ActionStatus, OutcomeKind
from protocol.commands import ApproveAction, EditAction, End, MarkAction, Undo
from protocol.refusals import RefuseCode
from tests.support.acting import Call
from tests.support.scenario import ANA, MIA, SAM


def filled(amount: str = "1") -> Call:
    call = Call().fill(customer="Lovelace", email="ada@example.org", amount=amount, agrees=True, colour="red")
    return call.take("interested")


def test_pressed_twice_it_is_fired_once() -> None:
    """[AC6] Whoever comes later is told."""
    filled().send("greet").send("greet", by=SAM).then_refused(RefuseCode.ACTION_SETTLED)


def test_a_chain_without_its_beginning_is_not_fired() -> None:
    """[AC11] Nor what would wait for what does not go."""
    call = filled().fill(customer=None).take("accepts").over()
    assert [call.status(key) for key in ("order", "confirm", "follow")] == [ActionStatus.DRAFT] * 3


def test_nothing_leaves_before_completing_can_no_longer_be_undone() -> None:
    """[AC8] Also what is sent, or approved, from the record meanwhile; and undoing takes it back."""
    call = filled("35").take("accepts").complete().complete(anyway=True)
    call.when(ApproveAction(action_id=call.id("credit"), approved=True), by=SAM)
    call.then_accepted()
    assert call.action("credit").due_ms == call.state.undo_until_ms
    call.when(Undo(seat=1))
    assert {call.status(key) for key in ("credit", "order", "greet", "report")} == {ActionStatus.DRAFT}


def test_what_others_changed_is_not_fired_unseen() -> None:
    """[AC8] Until it was seen."""
    call = filled().take("accepts").complete()
    seen = call.state.seq
    call.when(EditAction(action_id=call.id("greet"), path="subject", text="Good day"), by=SAM)
    call.complete(anyway=True, seen=seen).then_refused(RefuseCode.REVIEW_CHANGED)
    call.complete(anyway=True, seen=call.state.seq).then_accepted()


def test_ending_fires_what_fires_on_any_end_and_nothing_else() -> None:
    """[AC9] Before the end as after it."""
    call = filled()
    call.when(End(reason_key="other"))
    fired = {action.key for action in call.state.actions.values() if action.dispatch}
    assert fired == {"trace", "credit"}


def test_a_change_voids_what_was_approved_also_of_what_failed() -> None:
    """[AC10] It is asked anew."""
    call = filled("35")
    call.when(ApproveAction(action_id=call.id("credit"), approved=True), by=ANA)
    call.then_refused(RefuseCode.NOT_ALLOWED)
    call.when(ApproveAction(action_id=call.id("credit"), approved=True), by=MIA)
    assert call.status("credit") is ActionStatus.DRAFT
    call.fill(amount="36")
    assert call.status("credit") is ActionStatus.AWAITING_APPROVAL
    call.fill(amount="much")
    assert call.status("credit") is ActionStatus.AWAITING_APPROVAL


def test_a_dismissed_failure_is_let_be() -> None:
    """[AC15] It opens no review, and completing does not fire it."""
    call = filled().send("greet").attempt("greet", OutcomeKind.REFUSED)
    call.when(MarkAction(action_id=call.id("greet"), sent=False))
    call.take("accepts").over()
    assert call.status("greet") is ActionStatus.FAILED
