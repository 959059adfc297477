"""What an approval, a frozen order and a way that was left hold: told by a second look at them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from protocol.actions import ActionStatus, OutcomeKind
from protocol.commands import (
    ApproveAction,
    AwaitConnection,
    Back,
    CorrectAction,
    CorrectField,
    EditAction,
    End,
)
from protocol.integrations import Safety
from protocol.refusals import RefuseCode
from protocol.views import Audience
from session_engine.lifecycle import dues
from session_engine.parameters import with_value
from session_engine.templates import MAX_RESULT, BadTemplate, parse
from tests.support.acting import Call
from tests.support.scenario import SAM
from tests.support.workflows import acting


def offered(**contents: str) -> Call:
    """On the offer, with what its Actions need."""
    return Call().fill(customer="Ada", email="ada@example.org", **contents).take("interested")


def test_what_was_put_anew_is_not_approved_by_a_look_at_what_was_before() -> None:
    """[AC10] The supervisor's click was on 35; meanwhile the driver typed 45."""
    call = offered(amount="35")
    seen = call.state.seq
    call.fill(amount="45")

    call.when(ApproveAction(action_id=call.id("credit"), approved=True, seen=seen), by=SAM)
    call.then_refused(RefuseCode.REVIEW_CHANGED)

    call.when(ApproveAction(action_id=call.id("credit"), approved=True, seen=call.state.seq), by=SAM)
    call.then_accepted()


def test_a_corrected_field_of_a_record_voids_what_was_approved() -> None:
    """[AC10] Sending it then asks again."""
    call = Call(acting("credit", fires_on_any_end=False))
    call.fill(customer="Ada", email="ada@example.org", amount="35").take("interested")
    call.when(ApproveAction(action_id=call.id("credit"), approved=True), by=SAM)
    call.then_accepted()
    call.when(End(reason_key="hung_up"))

    call.when(CorrectField(field_key="amount", content="45"))
    call.then_accepted()
    call.send("credit")

    assert call.status("credit") is ActionStatus.AWAITING_APPROVAL


def test_what_waits_is_frozen_but_for_what_it_waits_for() -> None:
    """[AC11] The address that was reviewed is the one that is written to, whatever the Fields say by then."""
    call = offered().send("order").take("accepts")
    call.complete()
    call.complete(anyway=True)
    call.then_accepted()
    assert call.status("confirm") is ActionStatus.WAITING_FOR_RESULT
    call.when(CorrectField(field_key="email", content="eve@example.org"))

    call.attempt("order", safety=Safety.LOOKUP, results={"order_id": "o-7"})

    order = call.action("confirm").order
    assert order is not None
    assert order.parameters["to"] == "ada@example.org"
    assert order.parameters["subject"] == "Order o-7"


def test_one_correction_is_prepared_at_a_time_and_of_what_was_sent_only() -> None:
    """[AC15] An unknown one is checked first."""
    call = offered().send("order").attempt("order", safety=Safety.LOOKUP)
    call.when(CorrectAction(action_id=call.action("order").id))
    call.then_accepted()
    call.when(CorrectAction(action_id=call.action("order").id))
    call.then_refused(RefuseCode.ACTION_SETTLED)

    call.send("greet").attempt("greet", OutcomeKind.AMBIGUOUS, Safety.NONE)
    call.when(CorrectAction(action_id=call.id("greet")))
    call.then_refused(RefuseCode.ACTION_SETTLED)


def test_what_makes_up_for_something_goes_when_the_way_is_taken_again() -> None:
    """[AC2] And comes back when it is left again."""
    call = offered().send("order").attempt("order", safety=Safety.LOOKUP, results={"order_id": "o-7"})
    back = Back(visit_id=call.state.current_visit_id, seat=1, to_visit_id="v1")
    call.when(back)
    assert call.status("cancel_order") is ActionStatus.DRAFT

    call.take("interested")
    assert call.status("cancel_order") is ActionStatus.WITHDRAWN

    call.when(Back(visit_id=call.state.current_visit_id, seat=1, to_visit_id=call.state.path[0]))
    assert call.status("cancel_order") is ActionStatus.DRAFT
    assert len([action for action in call.state.actions.values() if action.key == "cancel_order"]) == 1


def test_a_failure_on_a_way_that_was_left_is_not_fired_by_completing() -> None:
    """[AC2] Nor does it open the review, or hold the agent up."""
    call = offered().send("order").attempt("order", OutcomeKind.REFUSED, Safety.LOOKUP)
    call.when(Back(visit_id=call.state.current_visit_id, seat=1, to_visit_id="v1"))
    call.take("refuses")
    call.complete()
    call.complete(anyway=True)
    call.then_accepted()

    assert call.status("order") is ActionStatus.FAILED


def test_what_was_in_hand_when_its_connection_went_is_looked_for_first() -> None:
    """[AC14] It waits, can be seen to wait, and asks before it sends again."""
    call = offered().send("order").start("order", Safety.LOOKUP)
    lease_ms = call.action("order").due_ms
    call.when_time(AwaitConnection(action_id=call.id("order"), reason="disabled"))
    call.then_refused(RefuseCode.ACTION_SETTLED)

    call.now_ms = lease_ms or 0
    call.when_time(AwaitConnection(action_id=call.id("order"), reason="disabled"))
    assert call.status("order") is ActionStatus.WAITING_FOR_CONNECTION
    assert (call.id("order"), call.action("order").due_ms) in dues(call.state)

    call.start("order", Safety.LOOKUP)
    assert call.action("order").attempts[-1].recovers


def test_what_the_other_side_says_of_one_value_may_quote_another() -> None:
    """[AC18] Staff is told that it is not as expected, and no more."""
    call = offered(pin="4711").take("accepts")
    call.complete()
    call.complete(anyway=True)
    call.now_ms += 10_000
    words = {"data.customer": "customer with pin 4711 unknown"}
    call.attempt("tell_pin", OutcomeKind.REFUSED, field_messages=words)

    assert call.leaf("tell_pin", "data.customer").problem == words["data.customer"]
    assert call.leaf("tell_pin", "data.customer", Audience.STAFF).problem == "is not as expected"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("to", "ada@bücher.example"),
        ("subject", "one\nother"),
        ("cc", ", ".join(f"a{number}@example.org" for number in range(51))),
    ],
)
def test_what_no_integration_takes_is_found_in_the_review(path: str, text: str) -> None:
    """[TP4] Not by a failure that counts."""
    call = offered()
    call.when(EditAction(action_id=call.id("greet"), path=path, text=text))
    assert call.leaf("greet", path).problem is not None


def test_an_extension_cannot_be_dialled_by_a_machine() -> None:
    """[TP4] A telephone number is E.164 alone."""
    call = offered()
    for text, is_fine in (("+4930123456;ext=12", False), ("+49 30 123456", True)):
        call.when(EditAction(action_id=call.id("order"), path="phone", text=text))
        assert (call.leaf("order", "phone").problem is None) is is_fine


def test_a_template_stops_where_it_says_too_much() -> None:
    """[TP3] As a whole, not only each filter."""
    with pytest.raises(BadTemplate):
        parse("{{ notes }}" * 900).render({"notes": "x" * (MAX_RESULT // 100)})


def test_a_result_takes_its_place_deep_inside_and_the_frozen_rest_stays_as_it_was() -> None:
    """[AC5, AC11] Other places keep what was frozen, and the frozen order itself is not touched."""
    frozen = {"data": {"order": None, "by": ["Ada"]}, "event": "ordered"}

    assert with_value(frozen, ("data", "order"), "o-7") == {"data": {"order": "o-7", "by": ["Ada"]}, "event": "ordered"}
    assert frozen["data"] == {"order": None, "by": ["Ada"]}


def test_what_was_erased_while_it_waited_is_not_sent() -> None:
    """[AC11] There is nothing left that somebody reviewed."""
    call = offered().send("order").take("accepts")
    call.complete()
    call.complete(anyway=True)
    waiting = call.action("confirm")
    call.state = call.state.with_action(replace(waiting, order=None))

    call.attempt("order", safety=Safety.LOOKUP, results={"order_id": "o-7"})

    assert call.status("confirm") is ActionStatus.NOT_FIRED
