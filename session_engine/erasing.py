"""Erasing: a Field's value, or the Notes and whispers, leave the state with everything that may come from them.

Who may, and that the keys of the content are dropped first, is the server's
(`server/erasing.py`); here is what the log then says. The event stands in the
log so that every process learns of it in its place: nobody seals anything
past it who does not know the new slots.

Rules: protocol/SPEC.md, ER.
"""

from __future__ import annotations

from msgspec.structs import replace

from protocol.actions import ActionStatus, AttemptDetail
from protocol.base import Key
from protocol.commands import EraseContent
from protocol.events import ContentErased, Event, Party, SuggestionKind, SuggestionOutcome
from protocol.refusals import RefuseCode
from session_engine.context import Context
from session_engine.refused import Refused
from session_engine.state import Action, SessionState
from session_engine.whispers import without_whispered
from session_engine.workflow import PlannedAction, Workflow, is_sensitive


def actions_with(workflow: Workflow, field_key: Key | None) -> tuple[Key, ...]:
    """Actions whose content may hold this Field's value (None: the Notes), or what another of them brought back."""
    held = {key for key, plan in workflow.actions.items() if _may_hold(workflow, plan, field_key)}
    while True:
        more = {key for key, plan in workflow.actions.items() if plan.uses.results & held} - held
        if not more:
            return tuple(sorted(held))
        held |= more


def check_erasable(state: SessionState, workflow: Workflow, field_key: Key | None) -> None:
    """Whether it can be erased now.

    Raises:
        Refused: `unknown_field`; `not_finished`, of Notes that somebody may still write; `action_settled` while an
            attempt with it is under way, which would bring it back.
    """
    if field_key is None and not state.is_finished:
        # A page that has them open holds the whole document, and would send what was erased again.
        raise Refused(RefuseCode.NOT_FINISHED, f"session {state.session_id} is {state.status}; Notes are still written")
    if field_key is not None and field_key not in workflow.fields:
        raise Refused(RefuseCode.UNKNOWN_FIELD, f"no field {field_key} in {state.version_id}")
    keys = actions_with(workflow, field_key)
    for action in state.actions.values():
        if action.key in keys and action.status is ActionStatus.IN_FLIGHT:
            raise Refused(RefuseCode.ACTION_SETTLED, f"action {action.id} is in flight; expected that it came back")


def decide_erase_content(
    state: SessionState, workflow: Workflow, command: EraseContent, context: Context
) -> tuple[Event, ...]:
    """Forget it, whatever the Session's status: the keys are gone."""
    keys = actions_with(workflow, command.field_key)
    return (ContentErased(field_key=command.field_key, action_keys=keys, slots=command.slots, by=command.by),)


def evolve_content_erased(state: SessionState, event: ContentErased, actor: Party, at_ms: int) -> SessionState:
    """As if it had never been typed; what happened and when stays."""
    key = event.field_key
    state = replace(
        state,
        actions={
            id_: _emptied(action) if action.key in event.action_keys else action
            for id_, action in state.actions.items()
        },
        renewed=tuple(sorted({*state.renewed, *event.slots})),
    )
    if key is None:
        return replace(without_whispered(state), notes=None)
    place = (SuggestionKind.FIELD, key)
    state = state.with_suggestions_settled(lambda each: each.place == place, SuggestionOutcome.EXPIRED, actor, at_ms)
    return replace(
        state,
        fields={held: value for held, value in state.fields.items() if held != key},
        suggestions={
            id_: replace(each, content=None) if each.place == place else each for id_, each in state.suggestions.items()
        },
        corrections={
            id_: replace(each, was=None) if each.field_key == key else each for id_, each in state.corrections.items()
        },
    )


def _may_hold(workflow: Workflow, plan: PlannedAction, field_key: Key | None) -> bool:
    if field_key is None:
        return plan.uses.others
    if field_key in plan.uses.fields or field_key in plan.template.results.values():
        return True
    tells_all = plan.action is not None and plan.action.sends_session
    return tells_all and not is_sensitive(workflow.fields[field_key])


def _emptied(action: Action) -> Action:
    return replace(
        action,
        overrides={},
        order=None,
        # As folding the log without the keys would have it.
        attempts=tuple(replace(attempt, detail=AttemptDetail()) for attempt in action.attempts),
        results={},
    )
