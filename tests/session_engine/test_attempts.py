"""Attempts: what comes of them, and what follows."""

from __future__ import annotations

import pytest

from protocol.actions import ActionStatus, OutcomeKind
from protocol.commands import AwaitConnection, CancelAction, LookUpAction, StartAttempt
from protocol.integrations import Safety, Schedule
from protocol.refusals import RefuseCode
from protocol.views import Audience
from session_engine.attempts import CONNECTION_LOOK_MS, UNAUTHORISED
from tests.support.acting import Call
from tests.support.workflows import acting


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

    def test_only_those_in_a_row_count(self) -> None:
        """[AC14] One that came back, with whatever, begins anew."""
        call = ordered()
        for _ in range(4):
            call.start("order")
        call.finish("order", OutcomeKind.RETRY)
        for _ in range(5):
            call.start("order")
        assert call.status("order") is ActionStatus.IN_FLIGHT
        assert call.start("order").status("order") is ActionStatus.UNKNOWN

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

    def test_what_is_put_off_uses_up_no_try(self) -> None:
        """[AC13] Ten times at most; it waits for as long as it was told, within what its schedule allows."""
        call = ordered().attempt("order", OutcomeKind.RETRY)
        for told_ms, waits_ms in [(None, 10_000), (1, 10_000), (45_000, 45_000), (90_000_000, 900_000)]:
            call.attempt("order", OutcomeKind.DEFERRED, retry_after_ms=told_ms)
            assert call.action("order").due_ms == call.now_ms + waits_ms
        for _ in range(6):
            call.attempt("order", OutcomeKind.DEFERRED)
        assert (call.action("order").tries, call.action("order").deferrals) == (1, 10)
        call.attempt("order", OutcomeKind.DEFERRED)
        assert call.status("order") is ActionStatus.FAILED

    def test_nothing_is_put_off_for_more_than_an_hour(self) -> None:
        """[AC13] Counted from the first time; another outcome in between begins anew."""
        call = ordered().attempt("order", OutcomeKind.DEFERRED)
        call.now_ms += 3_600_000
        call.attempt("order", OutcomeKind.RETRY).attempt("order", OutcomeKind.DEFERRED)
        assert call.status("order") is ActionStatus.WAITING_TO_RETRY
        call.now_ms += 3_600_000
        call.attempt("order", OutcomeKind.DEFERRED)
        assert call.status("order") is ActionStatus.FAILED

    @pytest.mark.parametrize(("jitter", "waits_ms"), [(-1, 1_600), (0.5, 2_200), (1, 2_400)])
    def test_tries_are_spread(self, jitter: float, waits_ms: int) -> None:
        """[AC13] By a fifth, more or less."""
        call = ordered().attempt("order", OutcomeKind.RETRY, jitter=jitter)
        assert call.action("order").due_ms == call.now_ms + waits_ms

    @pytest.mark.parametrize(("safety", "asks"), [(Safety.KEY, False), (Safety.NATURAL, True), (Safety.LOOKUP, True)])
    def test_a_doubtful_attempt_is_repeated_if_that_is_harmless(self, safety: Safety, asks: bool) -> None:
        """[AC13] Or asked about first; when the tries are used up it is unknown, never failed."""
        call = ordered()
        for _ in range(4):
            call.attempt("order", OutcomeKind.AMBIGUOUS, safety)
            assert call.status("order") is ActionStatus.WAITING_TO_RETRY
            assert call.action("order").recovers is asks
        call.attempt("order", OutcomeKind.AMBIGUOUS, safety)
        assert call.status("order") is ActionStatus.UNKNOWN

    def test_it_waits_for_its_connection_and_says_why(self) -> None:
        """[AC13] Looked at again after a minute; then it goes."""
        call = ordered()
        call.when_time(AwaitConnection(action_id=call.id("order"), reason="no Connection of that name"))
        shown = call.shown("order")
        assert (shown.status, shown.waits_reason) == ("waiting_for_connection", "no Connection of that name")
        assert shown.due_ms == call.now_ms + CONNECTION_LOOK_MS
        call.attempt("order")
        assert (call.status("order"), call.shown("order").waits_reason) == (ActionStatus.SENT, None)

    def test_only_the_live_attempt_counts(self) -> None:
        """[AC12] Who was given up on is told; and nobody else starts one before the lease ends."""
        call = ordered().start("order")
        call.when_time(StartAttempt(action_id=call.id("order"), safety=Safety.KEY))
        call.then_refused(RefuseCode.ACTION_SETTLED)
        call.start("order").finish("order", attempt=1).then_refused(RefuseCode.STALE_ATTEMPT)
        call.finish("order", attempt=2).then_accepted()
        call.finish("order", attempt=2).then_refused(RefuseCode.STALE_ATTEMPT)

    def test_the_other_side_saying_no_is_a_failure_each_time(self) -> None:
        """[AC15] More than three are too many, for whoever sends it."""
        call = ordered()
        for number in range(1, 5):
            call.attempt("order", OutcomeKind.REFUSED)
            assert (call.status("order"), call.action("order").failures) == (ActionStatus.FAILED, number)
            call.send("order")
        call.then_refused(RefuseCode.FAILED_TOO_OFTEN)


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

    @pytest.mark.parametrize("kind", [OutcomeKind.REFUSED, OutcomeKind.AMBIGUOUS])
    def test_what_waits_for_what_does_not_come_is_not_sent(self, kind: OutcomeKind) -> None:
        """[AC11] If the other fails or becomes unknown; and all that waits for it in turn."""
        call = Call().fill(customer="Lovelace", email="ada@example.org", amount="1", agrees=True, colour="red")
        call.take("interested").send("order").take("accepts").over().attempt("order", kind, Safety.NONE)
        assert [call.status(key) for key in ("confirm", "follow", "echo")] == [ActionStatus.NOT_FIRED] * 3

    def test_what_an_answer_says_is_judged_like_any_value(self) -> None:
        """[AC19] Of another shape than the Field's it writes nothing; conditions are judged with what it wrote."""
        call = Call(acting("order", results={"order_id": "agrees", "token": "token"})).fill(customer="Ada", amount="1")
        call.take("interested").send("order")
        call.attempt("order", results={"order_id": "yes indeed", "token": 17})
        assert {key: call.state.fields[key].content for key in call.state.fields if key in ("agrees", "token")} == {
            "token": "17"
        }
        assert "gift" not in {action.key for action in call.state.actions.values()}
        again = Call(acting("order", results={"order_id": "agrees"})).fill(customer="Ada", amount="1")
        again.take("interested").send("order").attempt("order", results={"order_id": True})
        assert again.status("gift") is ActionStatus.DRAFT

    def test_what_lost_its_beginning_for_good_takes_what_waits_with_it(self) -> None:
        """[AC14] As if it had become unknown by an answer."""
        call = Call().fill(customer="Lovelace", email="ada@example.org", amount="1", agrees=True, colour="red")
        call.take("interested").send("order").take("accepts").over()
        call.start("order", Safety.NONE).start("order", Safety.NONE)
        assert (call.status("order"), call.status("confirm")) == (ActionStatus.UNKNOWN, ActionStatus.NOT_FIRED)
