"""Firing: the review, undoing, second persons, what waits for another's result."""

from __future__ import annotations

from typing import Any

from protocol.actions import ActionStatus, OutcomeKind
from protocol.commands import (
    ApproveAction,
    Back,
    CancelAction,
    CorrectField,
    EditAction,
    End,
    LeaveReview,
    LockAction,
    MarkAction,
    Pause,
    RemoveAction,
    Resume,
    Undo,
)
from protocol.events import ActionCancelled
from protocol.refusals import RefuseCode
from session_engine.firing import evolve_cancelled
from tests.support.acting import Call
from tests.support.scenario import ANA, MIA, SAM
from tests.support.workflows import acting


def filled(amount: str = "1", key: str = "greet", **changes: Any) -> Call:
    call = Call(acting(key, **changes)).fill(
        customer="Lovelace", email="ada@example.org", amount=amount, agrees=True, colour="red"
    )
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
    assert call.status("credit") is ActionStatus.DRAFT
    call.fill(amount="37")
    assert call.status("credit") is ActionStatus.AWAITING_APPROVAL


def test_a_dismissed_failure_is_let_be() -> None:
    """[AC15] It opens no review, and completing does not fire it."""
    call = filled().send("greet").attempt("greet", OutcomeKind.REFUSED)
    call.when(MarkAction(action_id=call.id("greet"), sent=False))
    call.take("accepts").over()
    assert call.status("greet") is ActionStatus.FAILED


def test_the_review_opens_only_if_there_is_something_to_look_at() -> None:
    """[AC7] What goes by itself, or was sent or removed, is nothing to look at; a failure is."""
    call = Call().fill(customer="Ada", email="ada@example.org").send("greet").take("refuses")
    call.when(RemoveAction(action_id=call.id("survey"), removed=True))
    assert call.complete().state.status == "completed"
    assert call.status("trace") is ActionStatus.HELD

    failed = Call().fill(customer="Ada", email="ada@example.org").send("greet").attempt("greet", OutcomeKind.REFUSED)
    failed.take("refuses").when(RemoveAction(action_id=failed.id("survey"), removed=True))
    assert failed.complete().state.status == "reviewing"


def test_in_the_review_the_session_does_not_move() -> None:
    """[AC7] Until it is left; pausing, resuming and undoing come back to it."""
    call = filled().take("accepts").complete()
    visit = call.state.current_visit_id
    call.when(Back(visit_id=visit, seat=1, to_visit_id="v1"))
    call.then_refused(RefuseCode.IN_REVIEW)
    call.when(Pause(visit_id=visit, seat=1))
    call.when(Resume())
    assert call.state.status == "reviewing"
    call.complete(anyway=True).when(Undo(seat=1))
    assert call.state.status == "reviewing"
    call.when(LeaveReview(visit_id=visit, seat=1))
    assert call.state.status == "active"
    call.when(LeaveReview(visit_id=visit, seat=1))
    call.then_refused(RefuseCode.NOT_IN_REVIEW)
    call.when(Back(visit_id=visit, seat=1, to_visit_id="v1"))
    call.then_accepted()


def test_what_would_stay_not_fired_is_asked_once() -> None:
    """[AC8] Then it stays a draft, and the rest goes after the undo time or its own hold, whichever is longer."""
    call = filled().fill(email=None).take("accepts").complete()
    call.complete().then_refused(RefuseCode.ACTIONS_INVALID)
    call.complete(anyway=True).then_accepted()
    undo_ms = call.state.undo_until_ms
    assert call.status("greet") is ActionStatus.DRAFT
    assert call.action("order").due_ms == undo_ms
    assert call.action("visit").due_ms == call.now_ms + 30_000


def test_what_waits_for_the_review_is_not_sent_before() -> None:
    """[AC7] An immediate one is; with what it needs."""
    filled().send("credit").then_refused(RefuseCode.NOT_IMMEDIATE)
    call = filled().fill(email=None)
    call.send("greet").then_refused(RefuseCode.ACTION_INVALID)
    call.fill(email="ada@example.org").send("greet").then_accepted()


def test_sending_asks_a_second_person_who_was_not_asked_yet() -> None:
    """[AC10] Of a record; and is refused while the answer is not there."""
    call = filled("35", "credit", fires_on_any_end=False)
    call.when(EditAction(action_id=call.id("credit"), path="subject", text=""))
    call.when(End(reason_key="other"))
    call.when(EditAction(action_id=call.id("credit"), path="subject", text="Mine"))
    assert call.status("credit") is ActionStatus.DRAFT
    call.send("credit").then_accepted()
    assert call.status("credit") is ActionStatus.AWAITING_APPROVAL
    call.send("credit").then_refused(RefuseCode.APPROVAL_NEEDED)


def test_a_chain_is_not_sent_before_its_beginning() -> None:
    """[AC11] Also from a record, one by one; once that is on its way, it waits."""
    call = filled().take("accepts")
    call.when(End(reason_key="other"))
    call.send("confirm").then_refused(RefuseCode.ACTION_INVALID)
    call.send("order").send("confirm").then_accepted()
    assert call.action("confirm").waits_for == call.id("order")
    call.when(CancelAction(action_id=call.id("order")))
    assert [call.status(key) for key in ("order", "confirm")] == [ActionStatus.NOT_FIRED] * 2
    call.send("order").attempt("order", results={"order_id": "o-2", "token": "t"}).send("confirm").then_accepted()
    assert call.action("confirm").waits_for is None


def test_undoing_forgets_what_it_waited_for() -> None:
    """[AC8] And what it was frozen with; the number of its dispatch is used up."""
    call = filled().take("accepts").complete().complete(anyway=True)
    assert call.status("confirm") is ActionStatus.WAITING_FOR_RESULT
    call.when(Undo(seat=1))
    for key in ("order", "confirm"):
        action = call.action(key)
        assert (action.status, action.order, action.waits_for, action.dispatch) == (ActionStatus.DRAFT, None, None, 1)


def test_what_was_sent_is_not_taken_back() -> None:
    """[AC17] Nor by an event that no decision of today would bring."""
    call = filled().send("order").attempt("order")
    event = ActionCancelled(action_id=call.id("order"))
    assert evolve_cancelled(call.state, event, ANA.party, call.now_ms) is call.state


def test_what_was_fired_is_frozen() -> None:
    """[AC5] Whatever the record says later; firing lets the lock go."""
    call = filled()
    call.when(LockAction(action_id=call.id("order"), locked=True))
    call.send("order").attempt("order", OutcomeKind.RETRY).fill(customer="Byron")
    order = call.action("order").order
    assert order is not None
    assert order.parameters["customer"] == "Lovelace"
    assert (call.shown("order").locked_by, call.shown("order").locked_until_ms) == (None, None)
    call.fill(pin="1234").take("accepts").over()
    report = call.action("report").order
    assert report is not None
    assert report.session["fields"]["customer"] == "Byron"
    assert "pin" not in report.session["fields"]
    call.when(CorrectField(field_key="customer", content="Hopper"))
    assert call.action("report").order == report
