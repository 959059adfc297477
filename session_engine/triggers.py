"""What follows by itself from what became true: Actions are triggered, withdrawn, reinstated; approval is asked.

Worked out after every command of an open Session from the state that it would
leave, and stored in the same entry: whether a Section was entered by an
Answer, a route, a jump or by going back makes no difference.

Rules: protocol/SPEC.md, AC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from protocol.actions import ActionStatus
from protocol.base import FieldContent, Key, VisitId
from protocol.events import (
    ActionReinstated,
    ActionTriggered,
    ActionWithdrawn,
    ApprovalAsked,
    ApprovalVoided,
    Event,
)
from session_engine.action_machine import FAILURES_AT_MOST, PENDING, may
from session_engine.action_values import is_valid, needs_approval, values_of
from session_engine.conditions import holds
from session_engine.guidance import contents_of
from session_engine.parameters import composed
from session_engine.state import Action, SessionState, Visit
from session_engine.workflow import PlannedAction, Workflow

_HAPPENED = PENDING | {ActionStatus.SENT, ActionStatus.UNKNOWN}
_ASKED = (ActionStatus.DRAFT, ActionStatus.AWAITING_APPROVAL, ActionStatus.DECLINED, ActionStatus.FAILED)
"""What was cancelled is not put before anybody by itself."""


def triggered(before: SessionState | None, after: SessionState, workflow: Workflow) -> tuple[Event, ...]:
    """Actions that come and go with visits and Fields."""
    if before is not None and not _may_follow(before, after):
        return ()
    contents = contents_of(after)
    events: list[Event] = []
    number = len(after.actions)
    for plan in workflow.actions.values():
        if plan.template.compensates is not None:
            continue
        wanted = _wanted(plan, after, workflow, contents)
        existing = [
            action for action in after.actions.values() if action.key == plan.template.key and _is_first(action)
        ]
        for action in existing:
            place = _place(plan, after, action.visit_id)
            visit_id = wanted.pop(place, None)
            events.extend(_moved(action, visit_id, is_left=not _stays(plan, after, place)))
        for visit_id in wanted.values():
            number += 1
            events.append(ActionTriggered(action_id=f"a{number}", action_key=plan.template.key, visit_id=visit_id))
    events.extend(_compensating(after, workflow, number))
    return tuple(events)


def is_left(state: SessionState, workflow: Workflow, action: Action) -> bool:
    """Whether Back left the way on which it was triggered, and nobody came back to it."""
    plan = workflow.actions[action.key]
    return not _stays(plan, state, _place(plan, state, action.visit_id))


def approvals(before: SessionState, after: SessionState, workflow: Workflow) -> Iterator[Event]:
    """A second person is asked once there is something to say yes to, and anew when it is another thing.

    Of a record nobody is asked who was not before: sending one of its Actions asks.
    """
    asked_by_itself = (ActionStatus.AWAITING_APPROVAL,) if after.is_finished else _ASKED
    for action in after.actions.values():
        plan = workflow.actions[action.key]
        if plan.template.second_person is None or not may(action, ApprovalVoided):
            continue
        is_voided = action.approval is not None and (
            _is_another_thing(before, after, workflow, action, plan)
            or (action.status is ActionStatus.AWAITING_APPROVAL and not is_valid(after, workflow, action, plan))
        )
        if is_voided:
            yield ApprovalVoided(action_id=action.id)
        elif action.approval is not None:
            continue
        if action.status in asked_by_itself and _can_be_put(after, workflow, action, plan):
            yield ApprovalAsked(action_id=action.id)


def root_of(visits: Mapping[VisitId, Visit], visit_id: VisitId) -> VisitId:
    """The first visit of a stay that Back came back to."""
    visit = visits[visit_id]
    while visit.continues is not None:
        visit = visits[visit.continues]
    return visit.id


def _may_follow(before: SessionState, after: SessionState) -> bool:
    """Whether anything changed that Actions come and go with; themselves too, since one may have been put back."""
    return after.visits is not before.visits or after.fields is not before.fields or after.actions is not before.actions


def _wanted(
    plan: PlannedAction, state: SessionState, workflow: Workflow, contents: dict[Key, FieldContent]
) -> dict[VisitId | None, VisitId]:
    """The visits that trigger it now: by place, which is one for the whole Session unless every visit counts."""
    condition = plan.template.condition
    if condition is not None and not holds(condition, contents, workflow.fields):
        return {}
    wanted: dict[VisitId | None, VisitId] = {}
    for visit in state.visits.values():
        if visit.section_key == plan.section_key and not visit.abandoned:
            wanted.setdefault(_place(plan, state, visit.id), visit.id)
    return wanted


def _place(plan: PlannedAction, state: SessionState, visit_id: VisitId) -> VisitId | None:
    return root_of(state.visits, visit_id) if plan.template.every_visit else None


def _stays(plan: PlannedAction, state: SessionState, place: VisitId | None) -> bool:
    """Whether a visit that could trigger it is still on the way, whatever its condition says."""
    return any(
        visit.section_key == plan.section_key and not visit.abandoned and _place(plan, state, visit.id) == place
        for visit in state.visits.values()
    )


def _is_first(action: Action) -> bool:
    """Triggered by its Section, not made to correct or to make up for another."""
    return action.corrects is None and action.compensates is None


def _moved(action: Action, visit_id: VisitId | None, *, is_left: bool) -> Iterator[Event]:
    if visit_id is not None:
        if may(action, ActionReinstated):
            yield ActionReinstated(action_id=action.id, visit_id=visit_id)
    elif may(action, ActionWithdrawn) and (is_left or not action.overrides):
        yield ActionWithdrawn(action_id=action.id)


def _compensating(after: SessionState, workflow: Workflow, number: int) -> Iterator[Event]:
    """What makes up for an Action that was fired on a way that was left; not any more if the way is taken again."""
    for plan in workflow.actions.values():
        if plan.template.compensates is None:
            continue
        for action in after.actions.values():
            if action.key != plan.template.compensates or action.compensates is not None:
                continue
            made_up = [each for each in after.actions.values() if each.compensates == action.id]
            if action.status in _HAPPENED and is_left(after, workflow, action):
                yield from (
                    ActionReinstated(action_id=each.id, visit_id=after.current_visit_id)
                    for each in made_up
                    if may(each, ActionReinstated)
                )
                if not made_up:
                    number += 1
                    yield ActionTriggered(
                        action_id=f"a{number}",
                        action_key=plan.template.key,
                        visit_id=after.current_visit_id,
                        compensates=action.id,
                    )
            else:
                yield from (ActionWithdrawn(action_id=each.id) for each in made_up if may(each, ActionWithdrawn))


def _can_be_put(state: SessionState, workflow: Workflow, action: Action, plan: PlannedAction) -> bool:
    """Whether a yes is needed, and would have it sent."""
    return (
        action.failures <= FAILURES_AT_MOST
        and needs_approval(plan.template.second_person, contents_of(state))
        and is_valid(state, workflow, action, plan)
    )


def _is_another_thing(
    before: SessionState, after: SessionState, workflow: Workflow, action: Action, plan: PlannedAction
) -> bool:
    """Whether it would send something else than before this command, or need nobody's word any more."""
    if not needs_approval(plan.template.second_person, contents_of(after)):
        return True
    now = values_of(after, workflow, action, plan)
    earlier = before.actions[action.id]
    if may(earlier, ApprovalVoided):
        return [value.text for value in values_of(before, workflow, earlier, plan)] != [value.text for value in now]
    # It comes back from having been fired: what was approved is what was frozen, not what the Fields said just now.
    return earlier.order is None or earlier.order.parameters != composed(now)
