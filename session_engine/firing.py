"""Firing: one Action, all that were reviewed, what fires on any end; and taking that back.

Firing freezes everything: what was shown is what is sent. How it is sent is
in `attempts.py`.

Rules: protocol/SPEC.md, AC.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from protocol.actions import ActionId, ActionStatus
from protocol.commands import ApproveAction, CancelAction, SendAction
from protocol.events import (
    ActionApproved,
    ActionCancelled,
    ActionDeclined,
    ActionFired,
    ApprovalAsked,
    Event,
    Party,
)
from protocol.refusals import RefuseCode
from protocol.views import SessionStatus
from protocol.workflow import ActionTiming
from session_engine.action_machine import FAILURES_AT_MOST, PENDING, may, require
from session_engine.action_values import is_valid, lacks_approval, order_of
from session_engine.actions import get_action, require_seen, require_unlocked
from session_engine.context import Context
from session_engine.refused import Refused
from session_engine.state import Action, SessionState
from session_engine.triggers import is_left
from session_engine.workflow import PlannedAction, Workflow


def decide_send_action(
    state: SessionState, workflow: Workflow, command: SendAction, context: Context
) -> tuple[Event, ...]:
    """Fire one Action; one that needs a second person's word, and was not put before that person yet, is so first.

    Raises:
        Refused: `unknown_action`; `action_settled` if it was fired, whoever did; `not_immediate` if it waits for
            the review; `action_locked`; `check_first` if it may have been sent; `failed_too_often`;
            `action_invalid`; `approval_needed`; `review_changed`.
    """
    action = get_action(state, command.action_id)
    plan = workflow.actions[action.key]
    if action.status not in (ActionStatus.AWAITING_APPROVAL, ActionStatus.DECLINED):
        require(action, ActionFired)
    require_unlocked(action, context)
    require_seen(state, command.seen, context)
    if not state.is_finished and plan.template.timing is not ActionTiming.IMMEDIATE:
        raise Refused(RefuseCode.NOT_IMMEDIATE, f"action {action.id} is sent from the review")
    if action.status is ActionStatus.UNKNOWN and not command.again:
        raise Refused(RefuseCode.CHECK_FIRST, f"action {action.id} may have been sent; expected a look first")
    if action.failures > FAILURES_AT_MOST:
        raise Refused(RefuseCode.FAILED_TOO_OFTEN, f"action {action.id} failed {action.failures} times")
    if _is_same_again(action):
        return (fired(state, workflow, action, context),)
    if not is_valid(state, workflow, action, plan) or not _comes_after(state, plan):
        raise Refused(RefuseCode.ACTION_INVALID, f"action {action.id} cannot be sent as it is")
    if lacks_approval(state, action, plan):
        if may(action, ApprovalAsked):
            return (ApprovalAsked(action_id=action.id),)
        raise Refused(RefuseCode.APPROVAL_NEEDED, f"action {action.id} waits for a second person")
    return (fired(state, workflow, action, context),)


def decide_approve_action(
    state: SessionState, workflow: Workflow, command: ApproveAction, context: Context
) -> tuple[Event, ...]:
    """Say yes or no as the second person; of a Session that was completed meanwhile, a yes fires it.

    Raises:
        Refused: `unknown_action`, `action_settled`; `not_allowed` to the driver, the owner, the last editor, and to
            whose command it was asked by; `review_changed` if it was put anew since the view that was seen.
    """
    action = get_action(state, command.action_id)
    require(action, ActionApproved)
    asked_by = action.approval.asked_by if action.approval else None
    if context.actor.id in {party.id for party in (state.driver, state.owner, action.edited_by, asked_by) if party}:
        raise Refused(RefuseCode.NOT_ALLOWED, f"{context.actor.id} had a hand in action {action.id}; expected another")
    if command.seen is not None and action.approval is not None and action.approval.asked_seq > command.seen:
        raise Refused(RefuseCode.REVIEW_CHANGED, f"action {action.id} was put anew after entry {command.seen}")
    if not command.approved:
        return (ActionDeclined(action_id=action.id, reason=command.reason or None),)
    approved = ActionApproved(action_id=action.id)
    plan = workflow.actions[action.key]
    fires = state.status is SessionStatus.COMPLETED or (state.is_finished and plan.template.fires_on_any_end)
    fires = fires and action.dismissed_by is None
    if not fires or not is_valid(state, workflow, action, plan) or not _comes_after(state, plan):
        return (approved,)
    return (approved, fired(state, workflow, action, context))


def decide_cancel_action(
    state: SessionState, workflow: Workflow, command: CancelAction, context: Context
) -> tuple[Event, ...]:
    """Take it back while nothing of it is in flight.

    Raises:
        Refused: `unknown_action`, `action_settled`.
    """
    action = get_action(state, command.action_id)
    require(action, ActionCancelled)
    return (ActionCancelled(action_id=action.id), *abandoned(state, action))


def needs_review(state: SessionState, workflow: Workflow) -> bool:
    """Whether completing opens the review: something delayed, something immediate nobody dealt with, or a failure."""
    return any(
        (
            action.status in (ActionStatus.FAILED, ActionStatus.UNKNOWN)
            and action.dismissed_by is None
            and not is_left(state, workflow, action)
        )
        or (
            action.status in (ActionStatus.DRAFT, ActionStatus.AWAITING_APPROVAL, ActionStatus.DECLINED)
            and workflow.actions[action.key].template.timing is not ActionTiming.AUTOMATIC
        )
        for action in state.actions.values()
    )


def fired_by_completing(state: SessionState, workflow: Workflow, context: Context) -> tuple[Event, ...]:
    """Everything that is ready, of a Session that was just completed."""
    ready = _ready(state, workflow)
    return tuple(fired(state, workflow, action, context, frozenset(ready)) for action in ready.values())


def fired_by_ending(state: SessionState, workflow: Workflow, context: Context) -> tuple[Event, ...]:
    """What fires on any end, of a Session that was just ended."""
    ready = _ready(state, workflow, on_any_end=True)
    return tuple(fired(state, workflow, action, context, frozenset(ready)) for action in ready.values())


def stay_behind(state: SessionState, workflow: Workflow) -> tuple[ActionId, ...]:
    """Actions that completing would leave not fired, though nobody decided so."""
    ready = _ready(state, workflow)
    return tuple(
        action.id
        for action in state.actions.values()
        if _is_undecided(action)
        and action.id not in ready
        and (action.status is ActionStatus.DRAFT or not is_left(state, workflow, action))
    )


def fired(
    state: SessionState,
    workflow: Workflow,
    action: Action,
    context: Context,
    going: frozenset[ActionId] = frozenset(),
) -> ActionFired:
    """The event that freezes it. `going` are Actions that are fired together with it.

    While completing can be undone nothing leaves; what may have left before cannot be taken back either way.
    """
    plan = workflow.actions[action.key]
    is_same = _is_same_again(action)
    not_before = context.now_ms + plan.template.hold_s * 1_000
    is_undoable = state.undo_until_ms is not None and context.now_ms < state.undo_until_ms and not is_same
    waits_for = None if is_same else _waits_for(state, plan, going)
    order = action.order if is_same else None
    if order is None:
        order = order_of(state, workflow, action, plan)
    return ActionFired(
        action_id=action.id,
        action_key=action.key,
        order=order,
        dispatch=action.dispatch if is_same else action.dispatch + 1,
        due_ms=max(not_before, state.undo_until_ms or 0) if is_undoable else not_before,
        by_completing=is_undoable,
        waits_for=waits_for,
    )


def _is_same_again(action: Action) -> bool:
    """Whether sending it again is sending the same bytes under the same key, since the last time may have worked."""
    return action.status is ActionStatus.UNKNOWN and action.order is not None


def _is_undecided(action: Action) -> bool:
    return action.status in (ActionStatus.DRAFT, ActionStatus.FAILED) and action.dismissed_by is None


def _ready(state: SessionState, workflow: Workflow, *, on_any_end: bool = False) -> dict[ActionId, Action]:
    """What can be fired now, by id, without what waits for an Action that does not go."""
    ready = {
        action.id: action
        for action in state.actions.values()
        if (plan := workflow.actions[action.key])
        and _is_undecided(action)
        and (not on_any_end or (plan.template.fires_on_any_end and action.status is ActionStatus.DRAFT))
        and action.failures <= FAILURES_AT_MOST
        and (action.status is ActionStatus.DRAFT or not is_left(state, workflow, action))
        and is_valid(state, workflow, action, plan)
        and not lacks_approval(state, action, plan)
    }
    while True:
        going = frozenset(ready)
        ready = {
            id_: action for id_, action in ready.items() if _comes_after(state, workflow.actions[action.key], going)
        }
        if len(ready) == len(going):
            return ready


def _comes_after(state: SessionState, plan: PlannedAction, going: frozenset[ActionId] = frozenset()) -> bool:
    """Whether the Action that it waits for, if any, was sent or is on its way."""
    return plan.template.after is None or any(
        action.key == plan.template.after
        and (action.id in going or action.status is ActionStatus.SENT or action.status in PENDING)
        for action in state.actions.values()
    )


def _waits_for(state: SessionState, plan: PlannedAction, going: frozenset[ActionId]) -> ActionId | None:
    """The Action whose result it needs, if that is not there yet."""
    earlier = [action for action in state.actions.values() if action.key == plan.template.after]
    if any(action.status is ActionStatus.SENT for action in earlier):
        return None
    return next((action.id for action in reversed(earlier) if action.id in going or action.status in PENDING), None)


def abandoned(state: SessionState, gone: Action) -> Iterator[ActionCancelled]:
    """Those that wait for a result that does not come, and those that wait for these."""
    for action in state.actions.values():
        if action.waits_for == gone.id and action.status is ActionStatus.WAITING_FOR_RESULT:
            yield ActionCancelled(action_id=action.id, because_of=gone.id)
            yield from abandoned(state, action)


def evolve_fired(state: SessionState, event: ActionFired, actor: Party, at_ms: int) -> SessionState:
    """Frozen; it waits for its time, for another's result, or for nobody."""
    action = state.actions[event.action_id]
    waiting = ActionStatus.HELD if event.due_ms > at_ms else ActionStatus.QUEUED
    is_new = event.dispatch != action.dispatch
    return state.with_action(
        replace(
            action,
            status=waiting if event.waits_for is None else ActionStatus.WAITING_FOR_RESULT,
            order=event.order,
            dispatch=event.dispatch,
            is_changed=False,
            fired_by=actor,
            fired_ms=at_ms,
            by_completing=event.by_completing,
            due_ms=event.due_ms if event.waits_for is None else None,
            waits_for=event.waits_for,
            waits_reason=None,
            tries=0,
            deferrals=0,
            deferred_ms=None,
            recovers=action.recovers and not is_new,
            settled_ms=None,
            dismissed_by=None,
            locked_by=None,
            locked_until_ms=None,
            reason=None,
        )
    )


def evolve_cancelled(state: SessionState, event: ActionCancelled, actor: Party, at_ms: int) -> SessionState:
    """Not fired after all; or nobody knows, if it may have been sent before."""
    action = state.actions[event.action_id]
    if not may(action, ActionCancelled):
        return state
    status = ActionStatus.UNKNOWN if action.may_have_been_sent else ActionStatus.NOT_FIRED
    return state.with_action(
        replace(
            action,
            status=status,
            due_ms=None,
            waits_for=None,
            waits_reason=None,
            # Sent once more, it is so by who looked.
            recovers=False,
            settled_ms=at_ms if action.may_have_been_sent else None,
        )
    )
