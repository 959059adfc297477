"""An Action as an audience sees it. Masking is as for Fields: what names a sensitive one is for the owner alone.

Rules: protocol/SPEC.md, AC and MK.
"""

from __future__ import annotations

from typing import Any

from protocol.actions import ActionStatus, Attempt
from protocol.views import ActionView, ApprovalView, AttemptView, Audience, LeafView
from session_engine.action_machine import EDITABLE, FAILURES_AT_MOST, SHOWN
from session_engine.action_values import awaits_result, can_be_sent, follows_fields, needs_approval, values_of
from session_engine.guidance import contents_of
from session_engine.parameters import Leaf, Value, content_text
from session_engine.state import Action, SessionState
from session_engine.workflow import PlannedAction, Workflow

NOT_AS_EXPECTED = "is not as expected"


def may_differ(before: SessionState, after: SessionState, plan: PlannedAction) -> bool:
    """Whether what it would send may be another thing, or need a second person's word; cheap, since every op asks."""
    names = plan.uses.fields | plan.judged_by
    if before.fields is not after.fields and any(before.fields.get(key) is not after.fields.get(key) for key in names):
        return True
    if plan.uses.results and before.actions is not after.actions:
        return True
    return plan.uses.others and (
        before.notes is not after.notes
        or before.visits is not after.visits
        or before.responses is not after.responses
        or before.owner != after.owner
        or before.status is not after.status
    )


def action_view(state: SessionState, workflow: Workflow, action: Action, audience: Audience) -> ActionView:
    """All that this audience may know of it."""
    plan = workflow.actions[action.key]
    now = values_of(state, workflow, action, plan)
    is_open = follows_fields(action)
    hidden = plan.sensitive if audience is Audience.STAFF else frozenset()
    # What the other side answers may quote what it was sent.
    says = audience is Audience.OWNER or not plan.tells_sensitive
    leaves = tuple(
        _leaf_now(state, action, plan, value, is_masked=value.leaf.path in hidden, says=says)
        if is_open
        else _leaf_then(action, value, is_masked=value.leaf.path in hidden)
        for value in now
    )
    return ActionView(
        id=action.id,
        key=action.key,
        section_key=plan.section_key,
        visit_id=action.visit_id,
        status=action.status,
        shown=SHOWN[action.status],
        leaves=leaves,
        valid=not is_open or can_be_sent(state, plan, now),
        locked_by=action.locked_by,
        locked_until_ms=action.locked_until_ms,
        edited_by=action.edited_by,
        removed_by=action.removed_by,
        fired_by=action.fired_by,
        fired_ms=action.fired_ms,
        settled_ms=action.settled_ms,
        due_ms=action.due_ms,
        waits_for=action.waits_for,
        waits_reason=action.waits_reason,
        approval=_approval(state, action, plan),
        attempts=tuple(_attempt(attempt, says=says) for attempt in action.attempts),
        failures=action.failures,
        blocked=action.failures > FAILURES_AT_MOST,
        message=action.message if says else "",
        out_of_date=not is_open and any(_is_old(action, value) for value in now),
        corrects=action.corrects,
        compensates=action.compensates,
        dismissed_by=action.dismissed_by,
        marked_by=action.marked_by,
        reason=action.reason,
    )


def _leaf_now(
    state: SessionState, action: Action, plan: PlannedAction, value: Value, *, is_masked: bool, says: bool
) -> LeafView:
    """As it would be sent now."""
    problem = None if awaits_result(state, value) else value.problem
    if problem is None and action.status is ActionStatus.FAILED and not action.is_changed and action.attempts:
        answered = action.attempts[-1].detail.field_messages.get(value.leaf.path)
        problem = answered if says or answered is None else NOT_AS_EXPECTED
    differs = value.is_edited and value.template_text != value.text
    return _leaf(
        value.leaf,
        text=None if is_masked else value.text,
        template_text=value.template_text if differs and not is_masked else None,
        edited=value.is_edited,
        editable=action.status in EDITABLE and plan.may_edit(value.leaf),
        masked=is_masked,
        problem=problem if problem is None or not is_masked else NOT_AS_EXPECTED,
        missing=value.missing,
    )


def _leaf_then(action: Action, value: Value, *, is_masked: bool) -> LeafView:
    """As it was frozen; `template_text` is what the Fields say now, if that is another thing."""
    sent = _sent_text(action, value.leaf)
    return _leaf(
        value.leaf,
        text=None if is_masked else sent,
        template_text=value.text if not is_masked and _is_old(action, value) else None,
        edited=value.is_edited,
        editable=False,
        masked=is_masked,
        problem=None,
        missing=(),
    )


def _leaf(leaf: Leaf, **shown: Any) -> LeafView:
    return LeafView(
        path=leaf.path,
        label=leaf.label,
        type=leaf.type,
        options=leaf.parameter.options,
        required=leaf.parameter.required and len(leaf.steps) == 1,
        **shown,
    )


def _sent_text(action: Action, leaf: Leaf) -> str | None:
    """What was frozen in the leaf's place, as text; None if nothing was, or it was erased."""
    at: Any = action.order.parameters if action.order is not None else None
    for step in leaf.steps:
        try:
            at = at[step] if at is not None else None
        except (KeyError, IndexError, TypeError):
            return None
    return _text_of(at)


def _text_of(sent: Any) -> str | None:
    match sent:
        case None:
            return None
        case bool():
            return "true" if sent else "false"
        case list():
            return str(content_text(tuple(sent)))
        case _:
            return str(sent)


def _is_old(action: Action, value: Value) -> bool:
    """Whether the Fields say another thing now than what was sent."""
    if action.order is None or value.is_edited or not value.leaf.uses.fields:
        return False
    return _sent_text(action, value.leaf) != _text_of(value.sent)


def _approval(state: SessionState, action: Action, plan: PlannedAction) -> ApprovalView | None:
    if action.approval is None:
        if not needs_approval(plan.template.second_person, contents_of(state)):
            return None
        return ApprovalView(asked_ms=None, by=None, at_ms=None, approved=None, reason=None)
    approval = action.approval
    return ApprovalView(
        asked_ms=approval.asked_ms,
        by=approval.by,
        at_ms=approval.at_ms,
        approved=approval.approved,
        reason=approval.reason,
    )


def _attempt(attempt: Attempt, *, says: bool) -> AttemptView:
    return AttemptView(
        number=attempt.number,
        started_ms=attempt.started_ms,
        finished_ms=attempt.finished_ms,
        kind=attempt.kind,
        message=attempt.detail.message if says else "",
        status=attempt.detail.status,
    )
