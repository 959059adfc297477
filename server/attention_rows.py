"""What the list "Needs attention" knows of a Session's Actions: rows made from its state. Pure.

They belong to the Session's row (`session_rows.py`) and are replaced with it.
Nothing that was typed or answered gets here: the Action's name is its
author's, and of an attempt only its code and its kind are kept.

Rules: protocol/SPEC.md, NA1 to NA4.
"""

from __future__ import annotations

from protocol.actions import ActionId, ActionStatus, OutcomeKind, ShownStatus
from protocol.attention import AttentionCause, AttentionKind
from protocol.base import Key, Millis, Record
from session_engine.action_machine import PENDING, SHOWN
from session_engine.state import Action, SessionState
from session_engine.workflow import Workflow

KINDS = {
    ActionStatus.FAILED: AttentionKind.FAILED,
    ActionStatus.UNKNOWN: AttentionKind.UNKNOWN,
    ActionStatus.AWAITING_APPROVAL: AttentionKind.AWAITING,
    ActionStatus.WAITING_FOR_CONNECTION: AttentionKind.WAITING_FOR_CONNECTION,
}
"""Whether the Session is finished or not."""

KINDS_OF_RECORDS = KINDS | dict.fromkeys(
    (ActionStatus.DRAFT, ActionStatus.DECLINED, ActionStatus.NOT_FIRED), AttentionKind.NOT_FIRED
)
"""What nobody fires any more by going on with the call."""


class AttentionRow(Record, frozen=True, kw_only=True):
    """An Action that needs attention, or one of a record that is still on its way: that has no kind, nobody sees it."""

    action_id: ActionId
    action_key: Key
    name: str
    integration: str
    integration_name: str
    connection: str | None
    kind: AttentionKind | None
    cause: AttentionCause | None
    code: int | None
    status: ActionStatus
    shown: ShownStatus
    since_ms: Millis
    failures: int


def attention_of(state: SessionState, workflow: Workflow) -> tuple[AttentionRow, ...]:
    """Its Actions that somebody has to look at, and those of a record that are on their way."""
    if state.training or not state.actions:
        return ()
    kinds = KINDS_OF_RECORDS if state.is_finished else KINDS
    found = []
    for action in state.actions.values():
        kind = kinds.get(action.status)
        if (kind is not None and action.dismissed_by is None) or (state.is_finished and action.status in PENDING):
            found.append(_row(state, workflow, action, kind))
    return tuple(found)


def attention_changed(before: SessionState, after: SessionState, workflow: Workflow) -> bool:
    """Whether the rows may be others, given that the Session's status is the same; cheap, since every commit asks."""
    return before.actions is not after.actions and attention_of(before, workflow) != attention_of(after, workflow)


def _row(state: SessionState, workflow: Workflow, action: Action, kind: AttentionKind | None) -> AttentionRow:
    plan = workflow.actions[action.key]
    template = plan.template
    is_answer = kind in (AttentionKind.FAILED, AttentionKind.UNKNOWN, AttentionKind.WAITING_FOR_CONNECTION)
    return AttentionRow(
        action_id=action.id,
        action_key=action.key,
        name=template.name,
        integration=template.integration,
        integration_name=template.integration if plan.action is None else plan.action.name,
        connection=template.connection,
        kind=kind,
        cause=None if kind is None else _cause(action, kind),
        code=action.attempts[-1].detail.status if is_answer and action.attempts else None,
        status=action.status,
        shown=SHOWN[action.status],
        since_ms=_since_ms(state, action),
        failures=action.failures,
    )


def _cause(action: Action, kind: AttentionKind) -> AttentionCause:
    match kind:
        case AttentionKind.AWAITING:
            return AttentionCause.SECOND_PERSON
        case AttentionKind.WAITING_FOR_CONNECTION:
            return AttentionCause.CONNECTION
        case AttentionKind.NOT_FIRED:
            if action.status is ActionStatus.DECLINED:
                return AttentionCause.DECLINED
            return AttentionCause.NEVER_FIRED if action.status is ActionStatus.DRAFT else AttentionCause.CANCELLED
        case AttentionKind.UNKNOWN:
            return AttentionCause.NO_ANSWER
    last = action.attempts[-1].kind if action.attempts else None
    return AttentionCause.REFUSED if last is OutcomeKind.REFUSED else AttentionCause.GAVE_UP


def _since_ms(state: SessionState, action: Action) -> Millis:
    """When it came to be as it is. Nothing of a record began before the record did, but for what failed in the call."""
    approval = action.approval
    match action.status:
        case ActionStatus.FAILED | ActionStatus.UNKNOWN:
            return action.settled_ms or state.changed_ms
        case ActionStatus.AWAITING_APPROVAL if approval is not None:
            return approval.asked_ms
        case ActionStatus.DECLINED if approval is not None and approval.at_ms is not None:
            return max(approval.at_ms, state.changed_ms)
        case ActionStatus.WAITING_FOR_CONNECTION:
            return action.fired_ms or state.changed_ms
    return max(action.fired_ms or 0, state.changed_ms)
