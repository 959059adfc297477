"""What an Action would send now, what it was fired with, and whether either may go.

Until it is fired, an Action follows the Fields, except where a person wrote
something else; firing freezes all of it.

Rules: protocol/SPEC.md, AC.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from protocol.actions import ActionStatus
from protocol.base import FieldContent, Key, Millis
from protocol.events import FrozenOrder
from protocol.workflow import SecondPerson
from session_engine.action_machine import FOLLOWS_FIELDS
from session_engine.guidance import contents_of
from session_engine.notes import read_text
from session_engine.parameters import Value, composed, content_text, rendered, with_value
from session_engine.state import Action, SessionState
from session_engine.templates import Uses
from session_engine.values.numbers import plain_decimal
from session_engine.workflow import PlannedAction, Workflow, is_sensitive


def values_of(state: SessionState, workflow: Workflow, action: Action, plan: PlannedAction) -> tuple[Value, ...]:
    """Each value as it would be sent now."""
    facts = facts_of(state, workflow, plan.uses)
    values = tuple(
        rendered(leaf, action.overrides.get(leaf.path), facts, leaf.uses.fields - state.fields.keys())
        for leaf in plan.leaves
    )
    return values if plan.template.second_person is None else tuple(_kept_to_rules(state, workflow, values))


def _kept_to_rules(state: SessionState, workflow: Workflow, values: tuple[Value, ...]) -> Iterator[Value]:
    """Of an Action that somebody may have to say yes to, no value comes from a Field that breaks its own rules."""
    broken = {key: held.problem for key, held in state.fields.items() if held.problem is not None}
    for value in values:
        key = min(value.leaf.uses.fields & broken.keys(), default=None)
        if key is None or value.is_edited or value.problem is not None:
            yield value
        else:
            yield dataclasses.replace(
                value, problem=f"expected {broken[key].expected} in the Field “{workflow.fields[key].label}”"
            )


def is_valid(state: SessionState, workflow: Workflow, action: Action, plan: PlannedAction) -> bool:
    """Whether all of it could be sent, but for results that are still to come."""
    return can_be_sent(state, plan, values_of(state, workflow, action, plan))


def can_be_sent(state: SessionState, plan: PlannedAction, values: tuple[Value, ...]) -> bool:
    """Whether these values could be sent, but for results that are still to come."""
    return plan.action is not None and all(value.problem is None or awaits_result(state, value) for value in values)


def awaits_result(state: SessionState, value: Value) -> bool:
    """Whether the value is missing only because the Action before was not sent yet."""
    if value.text is not None or value.missing:
        return False
    sent = {action.key for action in state.actions.values() if action.status is ActionStatus.SENT}
    return not value.leaf.uses.results <= sent


def order_of(state: SessionState, workflow: Workflow, action: Action, plan: PlannedAction) -> FrozenOrder:
    """What is frozen when it is fired now."""
    sends_session = plan.action is not None and plan.action.sends_session
    return FrozenOrder(
        parameters=composed(values_of(state, workflow, action, plan)),
        session=session_facts(state, workflow) if sends_session else {},
    )


def completed_order(
    state: SessionState, workflow: Workflow, action: Action, written: frozenset[Key]
) -> FrozenOrder | None:
    """What was frozen when it was fired, with what it waited for: results, and the Fields that they were `written` to.

    None if they are not what it needs.
    """
    plan = workflow.actions[action.key]
    if action.order is None:
        return None
    parameters = action.order.parameters
    for value in values_of(state, workflow, action, plan):
        waited = bool(value.leaf.uses.results) or not written.isdisjoint(value.leaf.uses.fields)
        if waited and value.leaf.path not in action.overrides:
            if value.problem is not None:
                return None
            parameters = with_value(parameters, value.leaf.steps, value.sent)
    return replace(action.order, parameters=parameters)


def facts_of(state: SessionState, workflow: Workflow, uses: Uses) -> Mapping[str, Any]:
    """What templates may name; what is costly only if one of them names it."""
    facts: dict[str, Any] = {
        "fields": {key: content_text(value.content) for key, value in state.fields.items()},
        "results": results_of(state) if uses.results else {},
    }
    if uses.others:
        facts |= {
            "notes": read_text(state.notes.update) if state.notes else "",
            "answers": _answers(state, workflow),
            "responses": ", ".join(dict.fromkeys(_response_names(state, workflow))),
            "owner": {"id": state.owner.id, "name": state.owner.name},
            "session": {
                "key": state.session_id,
                "url": session_url(state, workflow),
                "started_at": iso(state.started_ms),
                "completed_at": iso(state.changed_ms) if state.is_finished else "",
                "workflow": workflow.version.document.name,
                "won": state.won,
            },
        }
    return facts


def session_facts(state: SessionState, workflow: Workflow) -> dict[str, Any]:
    """The Session as a webhook tells it; sensitive Fields are not in it."""
    document = workflow.version.document
    return {
        "key": state.session_id,
        "url": session_url(state, workflow),
        "started_at": iso(state.started_ms),
        "completed_at": iso(state.changed_ms) if state.is_finished else None,
        "workflow": {"key": document.key, "name": document.name, "version": workflow.version.number},
        "fields": {
            key: list(value.content) if isinstance(value.content, tuple) else value.content
            for key, value in sorted(state.fields.items())
            if not is_sensitive(workflow.fields[key])
        },
        "won": state.won,
        "ended": state.end_reason_key or (str(state.end_cause) if state.end_cause else None),
        "owner": {"id": state.owner.id, "name": state.owner.name},
    }


def results_of(state: SessionState) -> dict[Key, Mapping[str, Any]]:
    """What Actions brought back, by key; of several of one key, the last."""
    return {action.key: action.results for action in state.actions.values() if action.results}


def needs_approval(second: SecondPerson | None, contents: Mapping[Key, FieldContent]) -> bool:
    """Whether a second person must say yes."""
    if second is None:
        return False
    if second.field is None:
        return True
    content = contents.get(second.field)
    if second.above is None:
        return content is not None
    if content is None:
        return False
    number = plain_decimal(content.partition(" ")[0]) if isinstance(content, str) else None
    # What is no number may be meant as a large one.
    return number is None or number > Decimal(str(second.above))


def lacks_approval(state: SessionState, action: Action, plan: PlannedAction) -> bool:
    """Whether a second person must say yes, and has not."""
    is_approved = action.approval is not None and action.approval.approved is True
    return needs_approval(plan.template.second_person, contents_of(state)) and not is_approved


def follows_fields(action: Action) -> bool:
    """Whether what is shown is what the Fields say now."""
    return action.status in FOLLOWS_FIELDS


def session_url(state: SessionState, workflow: Workflow) -> str:
    """Where people open it."""
    return f"{workflow.public_url.rstrip('/')}/sessions/{state.session_id}"


def iso(at_ms: Millis) -> str:
    """The moment in UTC, to the second (RFC 3339)."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _answers(state: SessionState, workflow: Workflow) -> dict[Key, str]:
    """By Section, the label of the Answer that last led on from it."""
    found: dict[Key, str] = {}
    for visit in state.visits.values():
        if visit.answer_key is not None and not visit.abandoned:
            section = workflow.sections[visit.section_key]
            found[section.key] = next(answer.label for answer in section.answers if answer.key == visit.answer_key)
    return found


def _response_names(state: SessionState, workflow: Workflow) -> list[str]:
    return [workflow.responses[use.response_key].name for use in state.responses.values()]
