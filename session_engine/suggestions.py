"""Suggestions: a value, an Answer, a Response or a line, proposed to the driver in its place.

One is open in each place; a new one replaces it. A person's is made for a
visit and expires with it; an API token's, always a Field's value, stays until
somebody deals with it or the Session finishes. Accepting does what the driver
could do, by the same rules.

Rules: protocol/SPEC.md, SU.
"""

from __future__ import annotations

from msgspec.structs import replace

from protocol.base import FieldContent, Key, SuggestionId
from protocol.commands import AcceptSuggestion, DismissSuggestion, MuteSuggestions, Suggest, WithdrawSuggestion
from protocol.events import (
    AnswerSelected,
    Event,
    Party,
    ResponseUsed,
    SuggestionKind,
    SuggestionMade,
    SuggestionOutcome,
    SuggestionSettled,
    SuggestionsMuted,
)
from protocol.refusals import RefuseCode
from protocol.views import SessionStatus
from session_engine.context import Context
from session_engine.fields import field_set, get_definition, judged, reading_of
from session_engine.guidance import get_answer
from session_engine.refused import Refused
from session_engine.state import SessionState, Suggestion
from session_engine.workflow import Workflow

MAX_LINE = 300


def decide_suggest(state: SessionState, workflow: Workflow, command: Suggest, context: Context) -> tuple[Event, ...]:
    """Propose it for the current visit.

    Raises:
        Refused: `not_allowed` to an API token for anything but a Field; `suggestions_muted` to a person; what the
            driver would be refused who did it.
    """
    is_token = context.actor.is_token
    if is_token and command.kind is not SuggestionKind.FIELD:
        raise Refused(RefuseCode.NOT_ALLOWED, f"an API token suggests no {command.kind}; expected a field")
    if state.suggestions_muted and not is_token:
        raise Refused(RefuseCode.SUGGESTIONS_MUTED, f"{state.driver.name} hears no suggestions now")
    return (
        SuggestionMade(
            suggestion_id=f"s{len(state.suggestions) + 1}",
            visit_id=state.current_visit_id,
            kind=command.kind,
            key=command.key,
            content=_checked(state, workflow, command, context),
            stays=is_token,
        ),
    )


def decide_accept_suggestion(
    state: SessionState, workflow: Workflow, command: AcceptSuggestion, context: Context
) -> tuple[Event, ...]:
    """Do it as if the driver had thought of it.

    Raises:
        Refused: `unknown_suggestion`, `suggestion_settled`; what the driver would be refused who did it.
    """
    suggestion = _get_open(state, command.suggestion_id)
    settled = SuggestionSettled(suggestion_id=suggestion.id, outcome=SuggestionOutcome.ACCEPTED)
    visit_id, key = state.current_visit_id, suggestion.key
    match suggestion.kind:
        case SuggestionKind.FIELD:
            definition = get_definition(workflow, key or "")
            # It is in canonical form, whatever the locales of the two are.
            reading = reading_of(context).plain
            return (settled, field_set(definition, suggestion.content, visit_id, reading, suggestion.by))
        case SuggestionKind.ANSWER:
            _check_answer(state, workflow, key)
            return (settled, AnswerSelected(visit_id=visit_id, answer_key=key))
        case SuggestionKind.RESPONSE:
            return (settled, ResponseUsed(visit_id=visit_id, response_key=key or ""))
        case _:  # a line is said
            return (settled,)


def decide_dismiss_suggestion(
    state: SessionState, workflow: Workflow, command: DismissSuggestion, context: Context
) -> tuple[Event, ...]:
    """Leave it.

    Raises:
        Refused: `unknown_suggestion`, `suggestion_settled`.
    """
    suggestion = _get_open(state, command.suggestion_id)
    return (SuggestionSettled(suggestion_id=suggestion.id, outcome=SuggestionOutcome.DISMISSED),)


def decide_withdraw_suggestion(
    state: SessionState, workflow: Workflow, command: WithdrawSuggestion, context: Context
) -> tuple[Event, ...]:
    """Take one's own back.

    Raises:
        Refused: `unknown_suggestion`, `suggestion_settled`; `not_allowed` for another's.
    """
    suggestion = _get_open(state, command.suggestion_id)
    if suggestion.by.id != context.actor.id:
        raise Refused(RefuseCode.NOT_ALLOWED, f"{suggestion.id} is a suggestion of {suggestion.by.id}")
    return (SuggestionSettled(suggestion_id=suggestion.id, outcome=SuggestionOutcome.WITHDRAWN),)


def decide_mute_suggestions(
    state: SessionState, workflow: Workflow, command: MuteSuggestions, context: Context
) -> tuple[Event, ...]:
    """Hear none of persons any more, or again; those that stand are dismissed."""
    standing = [each for each in state.suggestions.values() if each.is_open and not each.stays and command.muted]
    return (
        SuggestionsMuted(muted=command.muted),
        *(SuggestionSettled(suggestion_id=each.id, outcome=SuggestionOutcome.DISMISSED) for each in standing),
    )


def evolve_suggestion_made(state: SessionState, event: SuggestionMade, actor: Party, at_ms: int) -> SessionState:
    """It stands in its place, alone."""
    made = Suggestion(
        id=event.suggestion_id,
        kind=event.kind,
        key=event.key,
        content=event.content,
        visit_id=event.visit_id,
        stays=event.stays,
        by=actor,
        at_ms=at_ms,
    )
    state = state.with_suggestions_settled(
        lambda other: other.place == made.place, SuggestionOutcome.REPLACED, actor, at_ms
    )
    return replace(state, suggestions={**state.suggestions, made.id: made})


def evolve_suggestion_settled(state: SessionState, event: SuggestionSettled, actor: Party, at_ms: int) -> SessionState:
    """A person dealt with it."""
    return state.with_suggestions_settled(
        lambda suggestion: suggestion.id == event.suggestion_id, event.outcome, actor, at_ms
    )


def evolve_suggestions_muted(state: SessionState, event: SuggestionsMuted, actor: Party, at_ms: int) -> SessionState:
    """So says the driver."""
    return replace(state, suggestions_muted=event.muted)


def _get_open(state: SessionState, suggestion_id: SuggestionId) -> Suggestion:
    suggestion = state.suggestions.get(suggestion_id)
    if suggestion is None:
        raise Refused(RefuseCode.UNKNOWN_SUGGESTION, f"no suggestion {suggestion_id} in session {state.session_id}")
    if not suggestion.is_open:
        raise Refused(RefuseCode.SUGGESTION_SETTLED, f"suggestion {suggestion.id} is {suggestion.outcome}")
    return suggestion


def _checked(state: SessionState, workflow: Workflow, command: Suggest, context: Context) -> FieldContent:
    """The content in its stored form, of something that the driver could do now."""
    match command.kind:
        case SuggestionKind.FIELD:
            definition = get_definition(workflow, command.key or "")
            content, _ = judged(definition, command.content, reading_of(context))
            if content is None:
                raise Refused(RefuseCode.BAD_CONTENT, f"field {definition.key}: expected a value to suggest")
            return content
        case SuggestionKind.ANSWER:
            _check_answer(state, workflow, command.key)
            return None
        case SuggestionKind.RESPONSE:
            if command.key not in workflow.responses:
                raise Refused(RefuseCode.UNKNOWN_RESPONSE, f"no response {command.key} in {state.version_id}")
            return None
        case _:
            return _line(command)


def _check_answer(state: SessionState, workflow: Workflow, key: Key | None) -> None:
    if state.status is SessionStatus.REVIEWING:
        raise Refused(RefuseCode.IN_REVIEW, f"session {state.session_id} is in review; no answer can be selected")
    get_answer(state, workflow, key or "")


def _line(command: Suggest) -> str:
    content = command.content
    line = " ".join(content.split()) if isinstance(content, str) else ""
    if command.key is not None or not 0 < len(line) <= MAX_LINE:
        raise Refused(RefuseCode.BAD_CONTENT, f"a line: expected 1 to {MAX_LINE} characters, and no key")
    return line
