"""Moving through the Workflow: start, select, continue, back, go to, and where routes lead.

Every stay on a Section is a visit (v1, v2 …). Going back starts a new visit
that continues the earlier one; what came between is marked abandoned and
stays in the log. A Section whose route holds on entry leads on at once; Back
never does, since a person who goes back wants to stand there.

Rules: protocol/SPEC.md, GD.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from protocol.base import ExternalId, FieldContent, Key, SessionId, VisitId
from protocol.commands import Back, Continue, GoTo, SelectAnswer, StartSession
from protocol.events import (
    Answered,
    AnswerSelected,
    Entered,
    Event,
    FieldSet,
    NotesEdited,
    Party,
    ScreenShared,
    SessionStarted,
    SuggestionKind,
    SuggestionOutcome,
    VisitStarted,
)
from protocol.refusals import RefuseCode
from protocol.views import SessionStatus
from protocol.workflow import Answer, Route
from session_engine.conditions import holds
from session_engine.context import Actor, Context
from session_engine.fields import field_set, get_definition, reading_of
from session_engine.refused import Refused
from session_engine.rights import may_own, may_start, may_switch
from session_engine.state import SessionState, Visit
from session_engine.taken_up import taken_up
from session_engine.values.reading import Reading
from session_engine.workflow import Workflow, is_sensitive


@dataclass(frozen=True, slots=True)
class Switched:
    """The Session whose call goes on in one that is started, and its Workflow."""

    state: SessionState
    workflow: Workflow


def session_id_of(external_id: ExternalId) -> SessionId:
    """The id of the one Session that another system's name stands for: 128 bits of SHA-256, in hex."""
    return hashlib.sha256(b"sidecoach external id " + external_id.encode()).hexdigest()[:32]


def decide_start(
    workflow: Workflow,
    session_id: str,
    command: StartSession,
    context: Context,
    switched: Switched | None = None,
) -> tuple[Event, ...]:
    """Begin a Session on the Workflow's first Section; the starter drives it, and owns it if it is a new call.

    `switched` is the Session that `command.switched_from` names: owner, teams, Field values and Notes are carried over,
    and that the screen is shared.

    Raises:
        Refused: `not_allowed` for who is no agent, unless it is practice;
            `unknown_section` if the version has no start;
            `not_switched` if the call of the other Session cannot go on here;
            `bad_command` if the id is not the one of the external id, or a Section or an owner is named that may not
            be; `unknown_person` if an API token names no agent of its teams; `unknown_field`, `bad_content`.
    """
    actor = context.actor
    if command.external_id is not None and session_id != session_id_of(command.external_id):
        raise Refused(RefuseCode.BAD_COMMAND, f"expected session {session_id_of(command.external_id)} for this call")
    if switched is not None:
        _require_switch(switched.state, command, context)
    elif not may_start(actor, training=command.training):
        raise Refused(RefuseCode.NOT_ALLOWED, f"{actor.id} is no agent; expected an agent, or practice")
    start = _first_section(workflow, command, context)
    whose = _owner_of(command, context)
    owner = switched.state.owner if switched else whose.party
    carried = (
        *(_carried_over(switched, workflow, reading_of(context).plain) if switched else ()),
        *(
            field_set(get_definition(workflow, key), value, "v1", reading_of(context))
            for key, value in command.values.items()
        ),
    )
    contents = {event.field_key: event.content for event in carried if isinstance(event, FieldSet)}
    visits = _enter(workflow, start, Entered.START, contents, number=1, previous_id=None)
    return (
        SessionStarted(
            session_id=session_id,
            version_id=workflow.version.id,
            owner=owner,
            team_ids=switched.state.team_ids if switched else tuple(sorted(whose.team_ids)),
            training=command.training,
            switched_from=switched.state.session_id if switched else None,
            external_id=command.external_id,
            driver=None if whose.id == owner.id else whose.party,
        ),
        visits[0],
        *carried,
        *visits[1:],
        *((ScreenShared(shared=True),) if switched and switched.state.screen_shared else ()),
    )


def decide_select(
    state: SessionState, workflow: Workflow, command: SelectAnswer, context: Context
) -> tuple[Event, ...]:
    """Mark an Answer of the current Section, or none.

    Raises:
        Refused: `unknown_answer`; `answer_hidden` if its condition does not hold.
    """
    if command.answer_key is not None:
        get_answer(state, workflow, command.answer_key)
    selected = AnswerSelected(visit_id=state.current_visit_id, answer_key=command.answer_key)
    return (*taken_up(state, SuggestionKind.ANSWER, command.answer_key), selected)


def decide_continue(state: SessionState, workflow: Workflow, command: Continue, context: Context) -> tuple[Event, ...]:
    """Move along the selected Answer; what it writes is written on the visit that it leaves.

    Raises:
        Refused: `no_answer_selected`; `answer_hidden`; `leads_nowhere` if the Answer is unassigned.
    """
    visit = state.current_visit
    if visit.selected is None:
        raise Refused(RefuseCode.NO_ANSWER_SELECTED, f"visit {visit.id} has no selected answer")
    answer = get_answer(state, workflow, visit.selected)
    if answer.to is None:
        raise Refused(RefuseCode.LEADS_NOWHERE, f"answer {answer.key} of section {visit.section_key} is unassigned")
    contents = contents_of(state)
    written: tuple[FieldSet, ...] = ()
    if answer.writes is not None:
        written = (
            field_set(workflow.fields[answer.writes.field], answer.writes.value, visit.id, reading_of(context).plain),
        )
        contents = {**contents, answer.writes.field: written[0].content}
    visits = _enter(workflow, answer.to, Entered.ANSWER, contents, number=len(state.visits) + 1, previous_id=visit.id)
    return (Answered(visit_id=visit.id, answer_key=answer.key), *written, *visits)


def decide_back(state: SessionState, workflow: Workflow, command: Back, context: Context) -> tuple[Event, ...]:
    """Return to an earlier visit of the path.

    Raises:
        Refused: `not_on_path` for the current, an abandoned or an unknown visit.
    """
    earlier = state.path[:-1]
    if command.to_visit_id not in earlier:
        raise Refused(RefuseCode.NOT_ON_PATH, f"visit {command.to_visit_id} is not an earlier visit of the path")
    target = state.visits[command.to_visit_id]
    place = earlier.index(target.id)
    return (
        VisitStarted(
            visit_id=f"v{len(state.visits) + 1}",
            section_key=target.section_key,
            entered=Entered.BACK,
            previous_id=target.previous_id,
            continues=target.id,
            selected=target.answer_key or target.selected,
            abandons=state.path[place + 1 :],
        ),
    )


def decide_go_to(state: SessionState, workflow: Workflow, command: GoTo, context: Context) -> tuple[Event, ...]:
    """Jump to a Section that its author opened to jumps.

    Raises:
        Refused: `unknown_section`, `not_open_to_jumps`.
    """
    section = workflow.sections.get(command.section_key)
    if section is None:
        raise Refused(RefuseCode.UNKNOWN_SECTION, f"no section {command.section_key} in {state.version_id}")
    if not section.open_to_jumps:
        raise Refused(RefuseCode.NOT_OPEN_TO_JUMPS, f"section {section.key} is not open to jumps")
    return _enter(
        workflow,
        section.key,
        Entered.JUMP,
        contents_of(state),
        number=len(state.visits) + 1,
        previous_id=state.current_visit_id,
    )


def contents_of(state: SessionState) -> dict[Key, FieldContent]:
    """What the Fields hold, for conditions."""
    return {key: value.content for key, value in state.fields.items()}


def evolve_started(event: SessionStarted, at_ms: int) -> SessionState:
    """The state of a Session whose first visit is about to begin."""
    return SessionState(
        session_id=event.session_id,
        version_id=event.version_id,
        training=event.training,
        owner=event.owner,
        team_ids=event.team_ids,
        driver=event.driver or event.owner,
        seat=1,
        seated_ms=at_ms,
        status=SessionStatus.ACTIVE,
        started_ms=at_ms,
        changed_ms=at_ms,
        switched_from=event.switched_from,
        external_id=event.external_id,
    )


def evolve_visit_started(state: SessionState, event: VisitStarted, actor: Party, at_ms: int) -> SessionState:
    """Leave the visit before with what was suggested on it, drop abandoned ones from the path, stand on the new one."""
    visits = dict(state.visits)
    if left := visits.get(state.current_visit_id):
        visits[left.id] = replace(left, left_ms=at_ms)
    for abandoned in event.abandons:
        stay: VisitId | None = abandoned
        while stay is not None:  # with the earlier visits that it went on from
            visits[stay] = replace(visits[stay], abandoned=True)
            stay = visits[stay].continues
    visits[event.visit_id] = Visit(
        id=event.visit_id,
        section_key=event.section_key,
        entered=event.entered,
        entered_ms=at_ms,
        left_ms=None,
        previous_id=event.previous_id,
        continues=event.continues,
        selected=event.selected,
        answer_key=None,
        abandoned=False,
    )
    kept = state.path if event.continues is None else state.path[: state.path.index(event.continues)]
    moved = replace(state, visits=visits, current_visit_id=event.visit_id, path=(*kept, event.visit_id))
    return moved.with_suggestions_settled(lambda each: not each.stays, SuggestionOutcome.EXPIRED, actor, at_ms)


def evolve_selected(state: SessionState, event: AnswerSelected, actor: Party, at_ms: int) -> SessionState:
    """Remember the mark."""
    return state.with_visit(replace(state.visits[event.visit_id], selected=event.answer_key))


def evolve_answered(state: SessionState, event: Answered, actor: Party, at_ms: int) -> SessionState:
    """Remember the Answer that led on."""
    return state.with_visit(replace(state.visits[event.visit_id], answer_key=event.answer_key))


def get_answer(state: SessionState, workflow: Workflow, key: Key) -> Answer:
    """An Answer of the current Section that is visible.

    Raises:
        Refused: `unknown_answer`, `answer_hidden`.
    """
    section = workflow.sections[state.current_visit.section_key]
    for answer in section.answers:
        if answer.key == key:
            if answer.visible_when is not None and not holds(answer.visible_when, contents_of(state), workflow.fields):
                raise Refused(RefuseCode.ANSWER_HIDDEN, f"answer {key} of section {section.key} does not apply")
            return answer
    raise Refused(RefuseCode.UNKNOWN_ANSWER, f"no answer {key} on section {section.key}")


def _owner_of(command: StartSession, context: Context) -> Actor:
    """Whose a Session is that goes on from no other: who starts it, or the agent for whom a token does."""
    if not context.actor.is_token:
        if command.owner_id is not None:
            raise Refused(RefuseCode.BAD_COMMAND, "owner_id: expected none; a person starts Sessions of their own")
        return context.actor
    if context.named is None or not may_own(context.actor.team_ids, context.named):
        expected = "expected an active agent of the token's teams"
        raise Refused(RefuseCode.UNKNOWN_PERSON, f"owner_id {command.owner_id}: {expected}")
    return context.named


def _enter(
    workflow: Workflow,
    section_key: Key,
    entered: Entered,
    contents: Mapping[Key, FieldContent],
    *,
    number: int,
    previous_id: VisitId | None,
) -> tuple[VisitStarted, ...]:
    """The visit of this Section, and of those that routes lead on to; each Section once, so that it ends."""
    visits = [VisitStarted(visit_id=f"v{number}", section_key=section_key, entered=entered, previous_id=previous_id)]
    seen = {section_key}
    while (route := _find_route(workflow, visits[-1].section_key, contents)) is not None and route.to not in seen:
        seen.add(route.to)
        visits.append(
            VisitStarted(
                visit_id=f"v{number + len(visits)}",
                section_key=route.to,
                entered=Entered.ROUTE,
                previous_id=visits[-1].visit_id,
            )
        )
    return tuple(visits)


def _find_route(workflow: Workflow, section_key: Key, contents: Mapping[Key, FieldContent]) -> Route | None:
    routes = workflow.sections[section_key].routes
    return next((route for route in routes if holds(route.when, contents, workflow.fields)), None)


def _carried_over(switched: Switched, workflow: Workflow, reading: Reading) -> tuple[Event, ...]:
    """Values of Fields that the new Workflow has too, read anew as its own, and the Notes."""
    events: list[Event] = []
    for key, value in switched.state.fields.items():
        definition = workflow.fields.get(key)
        if definition is None or (is_sensitive(switched.workflow.fields[key]) and not is_sensitive(definition)):
            continue  # What was for the owner alone stays so.
        try:
            events.append(field_set(definition, value.content, "v1", reading))
        except Refused:
            continue  # A Field of another shape under the same key holds nothing that fits here.
    if switched.state.notes is not None:
        events.append(NotesEdited(update=base64.b64encode(switched.state.notes.update).decode()))
    return tuple(events)


def _require_switch(state: SessionState, command: StartSession, context: Context) -> None:
    """Its call may go on in another Session, asked by this person, and practice only as practice."""
    if not may_switch(state, context):
        expected = "expected its driver, and that it is active or paused on a recalled version"
        raise Refused(RefuseCode.NOT_SWITCHED, f"session {state.session_id} cannot be switched: {expected}")
    if state.training != command.training:
        expected = "practice" if state.training else "no practice"
        raise Refused(RefuseCode.NOT_SWITCHED, f"session {state.session_id} goes on as what it is: expected {expected}")


def _first_section(workflow: Workflow, command: StartSession, context: Context) -> Key:
    """Where the Workflow begins; or where its recalled version was left, if there is such a Section."""
    if command.section_key is not None:
        if command.switched_from is None or not context.version_recalled:
            raise Refused(RefuseCode.BAD_COMMAND, "section_key: expected a session whose version was recalled")
        if command.section_key in workflow.sections:
            return command.section_key
    start = workflow.version.document.start
    if start is None or start not in workflow.sections:
        raise Refused(RefuseCode.UNKNOWN_SECTION, f"version {workflow.version.id} has no first section")
    return start
