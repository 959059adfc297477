"""Moving through the Workflow: start, select, continue, back, go to.

Every stay on a Section is a visit (v1, v2 …). Going back starts a new visit
that continues the earlier one; what came between is marked abandoned and
stays in the log.

Rules: protocol/SPEC.md, GD.
"""

from __future__ import annotations

from msgspec.structs import replace

from protocol.base import VisitId
from protocol.commands import Back, Continue, GoTo, SelectAnswer, StartSession
from protocol.events import Answered, AnswerSelected, Entered, Event, Party, SessionStarted, VisitStarted
from protocol.refusals import RefuseCode
from protocol.views import SessionStatus
from protocol.workflow import Answer, Section
from session_engine.context import Context
from session_engine.refused import Refused
from session_engine.rights import may_start
from session_engine.state import SessionState, Visit
from session_engine.workflow import Workflow


def decide_start(workflow: Workflow, session_id: str, command: StartSession, context: Context) -> tuple[Event, ...]:
    """Begin a Session on the Workflow's first Section; the starter owns and drives it.

    Raises:
        Refused: `not_allowed` for who is no agent, unless it is practice;
            `unknown_section` if the version has no start.
    """
    actor = context.actor
    if not may_start(actor, training=command.training):
        raise Refused(RefuseCode.NOT_ALLOWED, f"{actor.id} is no agent; expected an agent, or practice")
    start = workflow.version.document.start
    if start is None or start not in workflow.sections:
        raise Refused(RefuseCode.UNKNOWN_SECTION, f"version {workflow.version.id} has no first section")
    return (
        SessionStarted(
            session_id=session_id,
            version_id=workflow.version.id,
            owner=actor.party,
            team_ids=tuple(sorted(actor.team_ids)),
            training=command.training,
        ),
        VisitStarted(visit_id="v1", section_key=start, entered=Entered.START, previous_id=None),
    )


def decide_select(
    state: SessionState, workflow: Workflow, command: SelectAnswer, context: Context
) -> tuple[Event, ...]:
    """Mark an Answer of the current Section, or none.

    Raises:
        Refused: `unknown_answer`.
    """
    if command.answer_key is not None:
        _get_answer(_current_section(state, workflow), command.answer_key)
    return (AnswerSelected(visit_id=state.current_visit_id, answer_key=command.answer_key),)


def decide_continue(state: SessionState, workflow: Workflow, command: Continue, context: Context) -> tuple[Event, ...]:
    """Move along the selected Answer.

    Raises:
        Refused: `no_answer_selected`; `leads_nowhere` if the Answer is unassigned.
    """
    visit = state.current_visit
    if visit.selected is None:
        raise Refused(RefuseCode.NO_ANSWER_SELECTED, f"visit {visit.id} has no selected answer")
    answer = _get_answer(_current_section(state, workflow), visit.selected)
    if answer.to is None:
        raise Refused(RefuseCode.LEADS_NOWHERE, f"answer {answer.key} of section {visit.section_key} is unassigned")
    return (
        Answered(visit_id=visit.id, answer_key=answer.key),
        VisitStarted(
            visit_id=_next_visit_id(state), section_key=answer.to, entered=Entered.ANSWER, previous_id=visit.id
        ),
    )


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
            visit_id=_next_visit_id(state),
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
    return (
        VisitStarted(
            visit_id=_next_visit_id(state),
            section_key=section.key,
            entered=Entered.JUMP,
            previous_id=state.current_visit_id,
        ),
    )


def evolve_started(event: SessionStarted, at_ms: int) -> SessionState:
    """The state of a Session whose first visit is about to begin."""
    return SessionState(
        session_id=event.session_id,
        version_id=event.version_id,
        training=event.training,
        owner=event.owner,
        team_ids=event.team_ids,
        driver=event.owner,
        seat=1,
        status=SessionStatus.ACTIVE,
        started_ms=at_ms,
        changed_ms=at_ms,
    )


def evolve_visit_started(state: SessionState, event: VisitStarted, actor: Party, at_ms: int) -> SessionState:
    """Leave the visit before, drop abandoned ones from the path, stand on the new one."""
    visits = dict(state.visits)
    if left := visits.get(state.current_visit_id):
        visits[left.id] = replace(left, left_ms=at_ms)
    for abandoned in event.abandons:
        visits[abandoned] = replace(visits[abandoned], abandoned=True)
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
    return replace(state, visits=visits, current_visit_id=event.visit_id, path=(*kept, event.visit_id))


def evolve_selected(state: SessionState, event: AnswerSelected, actor: Party, at_ms: int) -> SessionState:
    """Remember the mark."""
    return state.with_visit(replace(state.visits[event.visit_id], selected=event.answer_key))


def evolve_answered(state: SessionState, event: Answered, actor: Party, at_ms: int) -> SessionState:
    """Remember the Answer that led on."""
    return state.with_visit(replace(state.visits[event.visit_id], answer_key=event.answer_key))


def _current_section(state: SessionState, workflow: Workflow) -> Section:
    return workflow.sections[state.current_visit.section_key]


def _get_answer(section: Section, key: str) -> Answer:
    for answer in section.answers:
        if answer.key == key:
            return answer
    raise Refused(RefuseCode.UNKNOWN_ANSWER, f"no answer {key} on section {section.key}")


def _next_visit_id(state: SessionState) -> VisitId:
    return f"v{len(state.visits) + 1}"
