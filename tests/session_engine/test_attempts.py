"""Attempts: what comes of them, and what follows."""

from __future__ import annotations

import pytest

from protocol.actions import ActionStatus, OutcomeKind
from protocol.commands import AwaitConnection, CancelAction, LookUpAction
from protocol.integrations import Safety, Schedule
from protocol.refusals import RefuseCode
from protocol.views import Audience
from session_engine.attempts import UNAUTHORISED
from tests.support.acting import Call


def ordered() -> Call:
    """A call in which the order was fired."""
    call = Call().fill(customer="Lovelace", email="ada@example.org", amount="1").take("interested")
    return call.send("order")


class TestOutcomes:
    @pytest.mark.parametrize(
        ("schedule", "waits_ms"),
        [
            (Schedule.INTERACTIVE, [2_000, 10_000, 60_000, 300_000]),
            (Schedule.DURABLE, [5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 36_000_000]),
        ],
    )
    def test_it_is_tried_again_by_its_schedule_and_then_fails(self, schedule: Schedule, waits_ms: list[int]) -> None:
        """[AC13] Not more often."""
        call = ordered()
        for wait_ms in waits_ms:
            call.attempt("order", OutcomeKind.RETRY, schedule=schedule)
            assert call.action("order").due_ms == call.now_ms + wait_ms
        call.attempt("order", OutcomeKind.RETRY, schedule=schedule)
        assert call.status("order") is ActionStatus.FAILED

    def test_without_a_key_a_doubtful_attempt_is_the_last(self) -> None:
        """[AC13] A person decides."""
        call = ordered().attempt("order", OutcomeKind.AMBIGUOUS, Safety.NONE)
        assert call.status("order") is ActionStatus.UNKNOWN
        call.send("order").then_refused(RefuseCode.CHECK_FIRST)
        before = call.action("order")
        call.fill(customer="Byron").send("order", again=True).then_accepted()
        assert (call.action("order").order, call.action("order").dispatch) == (before.order, before.dispatch)

    def test_a_connection_that_lost_its_key_is_not_sent_the_same_again(self) -> None:
        """[AC13] What may have been sent before is then unknown."""
        call = ordered().attempt("order", OutcomeKind.AMBIGUOUS, Safety.KEY)
        assert call.status("order") is ActionStatus.WAITING_TO_RETRY
        call.start("order", Safety.NONE)
        assert call.status("order") is ActionStatus.UNKNOWN
        assert len(call.action("order").attempts) == 1

    def test_cancelling_after_a_doubtful_attempt_leaves_it_unknown(self) -> None:
        """[AC13] It may have been sent."""
        call = ordered().attempt("order", OutcomeKind.AMBIGUOUS, Safety.KEY)
        call.when(CancelAction(action_id=call.id("order")))
        assert call.status("order") is ActionStatus.UNKNOWN

    def test_a_refusal_after_a_doubtful_attempt_is_no_failure(self) -> None:
        """[AC13] Never failed while it may have been sent."""
        call = ordered().attempt("order", OutcomeKind.AMBIGUOUS, Safety.KEY).attempt("order", OutcomeKind.REFUSED)
        assert call.status("order") is ActionStatus.UNKNOWN

    def test_a_lost_look_up_is_asked_again_first(self) -> None:
        """[AC14] Also if the next answer is only that it cannot be reached."""
        call = ordered().start("order", Safety.LOOKUP).start("order", Safety.LOOKUP)
        assert call.action("order").attempts[-1].recovers
        call.finish("order", OutcomeKind.RETRY, safety=Safety.LOOKUP).start("order", Safety.LOOKUP)
        assert call.action("order").attempts[-1].recovers

    @pytest.mark.parametrize(("safety", "attempts"), [(Safety.NONE, 1), (Safety.KEY, 5)])
    def test_an_attempt_that_never_comes_back_is_given_up(self, safety: Safety, attempts: int) -> None:
        """[AC14] At once without a key, else after five in a row; and it cannot come back then."""
        call = ordered()
        for _ in range(attempts + 1):
            call.start("order", safety)
        assert call.status("order") is ActionStatus.UNKNOWN
        assert len(call.action("order").attempts) == attempts
        call.finish("order").then_refused(RefuseCode.STALE_ATTEMPT)

    def test_nobody_is_asked_where_nobody_can_be(self) -> None:
        """[AC15] A look-up is not a way to send it again."""
        call = Call().fill(customer="Ada", email="ada@example.org").send("greet")
        call.attempt("greet", OutcomeKind.AMBIGUOUS, Safety.NONE)
        call.when(LookUpAction(action_id=call.id("greet")))
        call.then_refused(RefuseCode.CHECK_FIRST)

    def test_what_the_other_side_says_of_credentials_is_not_shown(self) -> None:
        """[AC18] It may quote what it was sent."""
        call = ordered().attempt("order", OutcomeKind.UNAUTHORISED, message="1234?")
        shown = call.shown("order", Audience.STAFF)
        assert (shown.status, shown.waits_reason, shown.message) == ("waiting_for_connection", UNAUTHORISED, "")
        assert call.shown("order").message == "1234?"

    def test_only_what_is_due_is_started_or_waits_for_a_connection(self) -> None:
        """[AC12] Nobody else has it in hand."""
        call = ordered().attempt("order", OutcomeKind.RETRY)
        call.when_time(AwaitConnection(action_id=call.id("order"), reason="none"))
        call.then_refused(RefuseCode.ACTION_SETTLED)


class TestResults:
    def test_what_waits_is_frozen_with_what_the_answer_wrote(self) -> None:
        """[AC11, AC19] Fields are written first; and their conditions are judged at once."""
        call = Call().fill(customer="Lovelace", email="ada@example.org", amount="1", agrees=True, colour="red")
        call.take("interested").send("order").take("accepts").over()
        assert call.status("confirm") is ActionStatus.WAITING_FOR_RESULT
        call.attempt("order", results={"order_id": "o-7", "token": "t"})
        order = call.action("confirm").order
        assert order is not None
        assert order.parameters["subject"] == "Order o-7"
        assert order.parameters["body"].startswith("o-7")

    def test_what_an_answer_lacks_is_not_sent(self) -> None:
        """[AC11] It and all that waits for it."""
        call = Call().fill(customer="Lovelace", email="ada@example.org", amount="1", agrees=True, colour="red")
        call.take("interested").send("order").take("accepts").over().attempt("order")
        assert call.status("confirm") is ActionStatus.NOT_FIRED
        assert call.status("follow") is ActionStatus.NOT_FIRED
