"""Which Actions need attention, and what is kept of them."""

import msgspec
import pytest

from protocol.actions import ActionStatus, OutcomeKind
from protocol.attention import AttentionCause, AttentionKind
from protocol.commands import (
    ApproveAction,
    AwaitConnection,
    CancelAction,
    EditAction,
    End,
    LockAction,
    MarkAction,
    RemoveAction,
    SendAction,
)
from server.attention_rows import AttentionRow, attention_changed, attention_of
from server.session_rows import row_changed, row_of
from tests.support.care import ALERT, CARE, CREDIT, NOTE, alerted, care_call, completed
from tests.support.scenario import SAM, Scenario


def rows(call: Scenario) -> dict[str, AttentionRow]:
    return {row.action_id: row for row in attention_of(call.state, CARE)}


def kinds(call: Scenario) -> dict[str, AttentionKind | None]:
    return {id_: row.kind for id_, row in rows(call).items()}


class TestWhatNeedsAttention:
    def test_during_the_call_only_what_waits_for_somebody_else(self) -> None:
        """[NA1] Drafts are the driver's work; a second person's word is not."""
        call = care_call()

        assert kinds(call) == {CREDIT: AttentionKind.AWAITING}
        assert rows(call)[CREDIT].cause is AttentionCause.SECOND_PERSON

    @pytest.mark.parametrize(
        ("outcome", "kind", "cause"),
        [
            (OutcomeKind.REFUSED, AttentionKind.FAILED, AttentionCause.REFUSED),
            (OutcomeKind.AMBIGUOUS, AttentionKind.UNKNOWN, AttentionCause.NO_ANSWER),
            (OutcomeKind.UNAUTHORISED, AttentionKind.WAITING_FOR_CONNECTION, AttentionCause.CONNECTION),
        ],
    )
    def test_what_could_not_be_sent_at_any_time(
        self, outcome: OutcomeKind, kind: AttentionKind, cause: AttentionCause
    ) -> None:
        """[NA1, NA3] With the number of the answer and nothing else of it."""
        found = rows(alerted(care_call(), outcome, status=422))[ALERT]

        assert (found.kind, found.cause, found.code) == (kind, cause, 422)
        assert (found.name, found.connection, found.integration_name) == ("Alert the team", "Chat", "Write to the CRM")
        assert "Okonkwo" not in repr(found)

    def test_what_was_tried_as_often_as_makes_sense(self) -> None:
        """[NA1, NA3] Told apart from a plain no."""
        call = care_call()
        alerted(call, OutcomeKind.RETRY, status=503)
        action = msgspec.structs.replace(call.state.actions[ALERT], status=ActionStatus.FAILED, settled_ms=7)
        call.state = call.state.with_action(action)

        assert (rows(call)[ALERT].cause, rows(call)[ALERT].since_ms) == (AttentionCause.GAVE_UP, 7)

    def test_its_connection_cannot_be_used(self) -> None:
        """[NA1] Before a byte left."""
        call = care_call()
        call.when(SendAction(action_id=ALERT))
        call.when_time(AwaitConnection(action_id=ALERT, reason="no connection of this name"))

        assert kinds(call)[ALERT] is AttentionKind.WAITING_FOR_CONNECTION
        assert rows(call)[ALERT].code is None

    def test_of_a_record_also_what_was_not_fired(self) -> None:
        """[NA1] Nobody goes on with the call; what was declined or taken back counts as well."""
        call = care_call()
        call.when(ApproveAction(action_id=CREDIT, approved=False), by=SAM)
        call.when(SendAction(action_id=ALERT))
        call.when(CancelAction(action_id=ALERT))
        assert kinds(call) == {}

        call.when(End())

        assert set(kinds(call).values()) == {AttentionKind.NOT_FIRED}
        assert {id_: row.cause for id_, row in rows(call).items()} == {
            NOTE: AttentionCause.NEVER_FIRED,
            ALERT: AttentionCause.CANCELLED,
            CREDIT: AttentionCause.DECLINED,
        }
        assert {row.since_ms for row in rows(call).values()} == {call.state.changed_ms}

    def test_not_what_somebody_removed_or_dismissed_nor_practice(self) -> None:
        """[NA1] Decided is decided."""
        call = care_call()
        call.when(RemoveAction(action_id=NOTE, removed=True))
        call.when(End())
        call.when(MarkAction(action_id=ALERT, sent=False, reason="told them"), by=SAM)
        assert kinds(call) == {CREDIT: AttentionKind.AWAITING}

        practice = care_call(training=True)
        practice.when(End())
        assert attention_of(practice.state, CARE) == ()

    def test_what_a_record_has_on_its_way_is_kept_and_shown_to_nobody(self) -> None:
        """[NA2] So that it is known which records may still change."""
        call = completed(care_call())

        assert kinds(call) == {NOTE: None, ALERT: None, CREDIT: AttentionKind.AWAITING}


class TestNews:
    def test_is_what_the_rows_show(self) -> None:
        """[NA2] A key stroke in a parameter costs no write; a failure does."""
        call = care_call()
        before = call.state
        call.when(LockAction(action_id=NOTE, locked=True))
        call.when(EditAction(action_id=NOTE, path="text", text="Other words"))
        call.then_accepted()
        assert not attention_changed(before, call.state, CARE)
        assert not row_changed(before, call.state, CARE)

        alerted(call, OutcomeKind.REFUSED)

        assert row_changed(before, call.state, CARE)
        assert {row.action_id for row in row_of(call.state, CARE).attention} == {ALERT, CREDIT}
