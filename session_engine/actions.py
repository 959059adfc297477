"""What people do with Actions besides firing them: lock, edit, remove, correct, settle by hand.

When an Action comes and goes by itself is in `triggers.py`, what it would
send in `action_values.py`; `firing.py` fires it, `attempts.py` has it sent.

Rules: protocol/SPEC.md, AC.
"""

from __future__ import annotations

from msgspec.structs import replace

from protocol.actions import ActionStatus
from protocol.base import Seq
from protocol.commands import (
    CorrectAction,
    EditAction,
    LockAction,
    LookUpAction,
    MarkAction,
    RemoveAction,
    UnlockAction,
)
from protocol.events import (
    ActionApproved,
    ActionDeclined,
    ActionEdited,
    ActionLocked,
    ActionMarked,
    ActionReinstated,
    ActionRemoved,
    ActionRestored,
    ActionTriggered,
    ActionUnlocked,
    ActionWithdrawn,
    ApprovalAsked,
    ApprovalVoided,
    Event,
    LookUpAsked,
    Party,
)
from protocol.integrations import Safety
from protocol.refusals import RefuseCode
from session_engine.action_machine import EDITABLE, UNFIRED, after, require
from session_engine.context import Context
from session_engine.refused import Refused
from session_engine.state import Action, Approval, SessionState
from session_engine.workflow import Workflow

LOCK_MS = 60_000
"""Who edits nothing for a minute lets the Action go."""


def decide_lock_action(
    state: SessionState, workflow: Workflow, command: LockAction, context: Context
) -> tuple[Event, ...]:
    """Edit it alone for a minute from the last edit, or let it go.

    Raises:
        Refused: `unknown_action`, `action_settled`; `action_locked` by somebody else.
    """
    action = get_action(state, command.action_id)
    require(action, ActionLocked)
    require_unlocked(action, context)
    return (ActionLocked(action_id=action.id, until_ms=context.now_ms + LOCK_MS if command.locked else None),)


def decide_edit_action(
    state: SessionState, workflow: Workflow, command: EditAction, context: Context
) -> tuple[Event, ...]:
    """Write something else in a parameter's place.

    Raises:
        Refused: `unknown_action`, `action_settled`, `action_locked`; `unknown_parameter`; `not_editable` if the
            author does not allow it.
    """
    action = get_action(state, command.action_id)
    require(action, ActionEdited)
    require_unlocked(action, context)
    plan = workflow.actions[action.key]
    leaf = next((leaf for leaf in plan.leaves if leaf.path == command.path), None)
    if leaf is None:
        raise Refused(RefuseCode.UNKNOWN_PARAMETER, f"action {action.key} has no parameter {command.path}")
    if not plan.may_edit(leaf):
        raise Refused(RefuseCode.NOT_EDITABLE, f"parameter {command.path} of {action.key} stays as its author wrote it")
    return (ActionEdited(action_id=action.id, action_key=action.key, path=command.path, text=command.text),)


def decide_remove_action(
    state: SessionState, workflow: Workflow, command: RemoveAction, context: Context
) -> tuple[Event, ...]:
    """Have it not sent, or have it back.

    Raises:
        Refused: `unknown_action`, `action_settled`, `action_locked`; `not_removable`.
    """
    action = get_action(state, command.action_id)
    if not command.removed:
        require(action, ActionRestored)
        return (ActionRestored(action_id=action.id),)
    require(action, ActionRemoved)
    require_unlocked(action, context)
    if not workflow.actions[action.key].template.removable:
        raise Refused(RefuseCode.NOT_REMOVABLE, f"action {action.key} is sent in any case")
    return (ActionRemoved(action_id=action.id),)


def decide_look_up_action(
    state: SessionState, workflow: Workflow, command: LookUpAction, context: Context
) -> tuple[Event, ...]:
    """Have the other side asked whether it was sent, or sent the same again where that is as good.

    Raises:
        Refused: `unknown_action`, `action_settled`; `check_first` if there is nobody to ask but people.
    """
    action = get_action(state, command.action_id)
    require(action, LookUpAsked)
    described = workflow.actions[action.key].action
    if described is None or described.safety is Safety.NONE:
        raise Refused(RefuseCode.CHECK_FIRST, f"nobody can be asked about action {action.id}; expected a person's look")
    return (LookUpAsked(action_id=action.id, due_ms=context.now_ms),)


def decide_mark_action(
    state: SessionState, workflow: Workflow, command: MarkAction, context: Context
) -> tuple[Event, ...]:
    """Settle by hand.

    Raises:
        Refused: `unknown_action`; `action_settled`, also during the call if it was not fired yet: it can be removed.
    """
    action = get_action(state, command.action_id)
    require(action, ActionMarked)
    if not state.is_finished and action.status in UNFIRED:
        raise Refused(RefuseCode.ACTION_SETTLED, f"action {action.id} is {action.status}; expected failed or unknown")
    return (ActionMarked(action_id=action.id, sent=command.sent, reason=command.reason or None),)


def decide_correct_action(
    state: SessionState, workflow: Workflow, command: CorrectAction, context: Context
) -> tuple[Event, ...]:
    """Prepare a second one with what the Fields say now.

    Raises:
        Refused: `unknown_action`; `action_settled` unless it was sent, or if one is prepared already.
    """
    action = get_action(state, command.action_id)
    if action.status is not ActionStatus.SENT:
        raise Refused(RefuseCode.ACTION_SETTLED, f"action {action.id} is {action.status}; expected sent")
    for other in state.actions.values():
        if other.corrects == action.id and other.status in EDITABLE:
            raise Refused(RefuseCode.ACTION_SETTLED, f"action {other.id} is prepared already")
    return (
        ActionTriggered(
            action_id=f"a{len(state.actions) + 1}",
            action_key=action.key,
            visit_id=action.visit_id,
            corrects=action.id,
        ),
    )


def decide_unlock_action(
    state: SessionState, workflow: Workflow, command: UnlockAction, context: Context
) -> tuple[Event, ...]:
    """Forgive its failures.

    Raises:
        Refused: `unknown_action`, `action_settled`.
    """
    action = get_action(state, command.action_id)
    require(action, ActionUnlocked)
    return (ActionUnlocked(action_id=action.id),)


# --- Folding ----------------------------------------------------------------------------


def evolve_triggered(state: SessionState, event: ActionTriggered, actor: Party, at_ms: int) -> SessionState:
    """A draft that follows the Fields; one that corrects another keeps what a person wrote into that."""
    corrected = state.actions.get(event.corrects) if event.corrects else None
    return state.with_action(
        Action(
            id=event.action_id,
            key=event.action_key,
            visit_id=event.visit_id,
            overrides=corrected.overrides if corrected else {},
            corrects=event.corrects,
            compensates=event.compensates,
        )
    )


def evolve_withdrawn(state: SessionState, event: ActionWithdrawn, actor: Party, at_ms: int) -> SessionState:
    """It waits for being triggered again."""
    action = state.actions[event.action_id]
    return state.with_action(replace(action, status=after(action, ActionWithdrawn), approval=None))


def evolve_reinstated(state: SessionState, event: ActionReinstated, actor: Party, at_ms: int) -> SessionState:
    """A draft again, with its edits."""
    action = state.actions[event.action_id]
    return state.with_action(replace(action, status=after(action, ActionReinstated), visit_id=event.visit_id))


def evolve_locked(state: SessionState, event: ActionLocked, actor: Party, at_ms: int) -> SessionState:
    """Somebody edits it, or nobody."""
    action = state.actions[event.action_id]
    holder = actor if event.until_ms is not None else None
    return state.with_action(replace(action, locked_by=holder, locked_until_ms=event.until_ms))


def evolve_edited(state: SessionState, event: ActionEdited, actor: Party, at_ms: int) -> SessionState:
    """A text in the template's place, or the template again; whoever holds the lock holds it longer."""
    action = state.actions[event.action_id]
    overrides = {path: text for path, text in action.overrides.items() if path != event.path}
    if event.text is not None:
        overrides[event.path] = event.text
    holds_lock = action.locked_by is not None and action.locked_by.id == actor.id
    return state.with_action(
        replace(
            action,
            status=after(action, ActionEdited),
            overrides=overrides,
            edited_by=actor,
            is_changed=True,
            approval=None,
            locked_until_ms=at_ms + LOCK_MS if holds_lock else action.locked_until_ms,
        )
    )


def evolve_removed(state: SessionState, event: ActionRemoved, actor: Party, at_ms: int) -> SessionState:
    """Struck through."""
    action = state.actions[event.action_id]
    return state.with_action(
        replace(
            action,
            status=after(action, ActionRemoved),
            removed_by=actor,
            settled_ms=None,
            approval=None,
            locked_by=None,
            locked_until_ms=None,
        )
    )


def evolve_restored(state: SessionState, event: ActionRestored, actor: Party, at_ms: int) -> SessionState:
    """A draft again."""
    action = state.actions[event.action_id]
    return state.with_action(replace(action, status=after(action, ActionRestored), removed_by=None))


def evolve_approval_asked(state: SessionState, event: ApprovalAsked, actor: Party, at_ms: int) -> SessionState:
    """Put before a second person."""
    action = state.actions[event.action_id]
    approval = Approval(asked_ms=at_ms, asked_seq=state.seq + 1, asked_by=actor)
    return state.with_action(replace(action, status=after(action, ApprovalAsked), approval=approval, settled_ms=None))


def evolve_approval_voided(state: SessionState, event: ApprovalVoided, actor: Party, at_ms: int) -> SessionState:
    """What was asked or said counts no more."""
    action = state.actions[event.action_id]
    return state.with_action(replace(action, status=after(action, ApprovalVoided), approval=None))


def evolve_approved(state: SessionState, event: ActionApproved, actor: Party, at_ms: int) -> SessionState:
    """The second person's yes."""
    action = state.actions[event.action_id]
    asked = action.approval or Approval(asked_ms=at_ms)
    approval = replace(asked, by=actor, at_ms=at_ms, approved=True)
    return state.with_action(replace(action, status=after(action, ActionApproved), approval=approval))


def evolve_declined(state: SessionState, event: ActionDeclined, actor: Party, at_ms: int) -> SessionState:
    """The second person's no."""
    action = state.actions[event.action_id]
    asked = action.approval or Approval(asked_ms=at_ms)
    approval = replace(asked, by=actor, at_ms=at_ms, approved=False, reason=event.reason)
    return state.with_action(replace(action, status=after(action, ActionDeclined), approval=approval))


def evolve_look_up_asked(state: SessionState, event: LookUpAsked, actor: Party, at_ms: int) -> SessionState:
    """The next try asks first."""
    action = state.actions[event.action_id]
    return state.with_action(
        replace(
            action,
            status=after(action, LookUpAsked),
            due_ms=event.due_ms,
            recovers=True,
            tries=0,
            settled_ms=None,
            dismissed_by=None,
            reason=None,
        )
    )


def evolve_marked(state: SessionState, event: ActionMarked, actor: Party, at_ms: int) -> SessionState:
    """Settled by hand."""
    action = state.actions[event.action_id]
    if not event.sent:
        return state.with_action(replace(action, dismissed_by=actor, reason=event.reason))
    return state.with_action(
        replace(action, status=ActionStatus.SENT, settled_ms=at_ms, marked_by=actor, reason=event.reason)
    )


def evolve_unlocked(state: SessionState, event: ActionUnlocked, actor: Party, at_ms: int) -> SessionState:
    """It may fail again."""
    return state.with_action(replace(state.actions[event.action_id], failures=0))


def get_action(state: SessionState, action_id: str) -> Action:
    action = state.actions.get(action_id)
    if action is None:
        raise Refused(RefuseCode.UNKNOWN_ACTION, f"no action {action_id} in session {state.session_id}")
    return action


def require_unlocked(action: Action, context: Context) -> None:
    if action.status in EDITABLE and action.is_locked_for(context.actor.id, context.now_ms):
        assert action.locked_by is not None
        raise Refused(RefuseCode.ACTION_LOCKED, f"{action.locked_by.name} edits action {action.id}")


def require_seen(state: SessionState, seen: Seq | None, context: Context) -> None:
    """What somebody else changed since, nobody sends unseen."""
    if seen is None:
        return
    others = [seq for person_id, seq in state.changed_by.items() if person_id != context.actor.id]
    if others and max(others) > seen:
        raise Refused(RefuseCode.REVIEW_CHANGED, f"session {state.session_id} was changed after entry {seen}")
