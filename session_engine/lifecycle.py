"""Pause and resume, complete and end.

active ⇄ paused; active → completed at an end Section; active or paused →
ended. A finished Session is a read-only record.

Rules: protocol/SPEC.md, LC.
"""

from __future__ import annotations

from msgspec.structs import replace

from protocol.commands import Complete, End, Pause, Resume
from protocol.events import Event, Party, SessionCompleted, SessionEnded, SessionPaused, SessionResumed
from protocol.refusals import RefuseCode
from protocol.views import SessionStatus
from session_engine.context import Context
from session_engine.refused import Refused
from session_engine.seat import pass_seat
from session_engine.state import SessionState
from session_engine.workflow import Workflow


def decide_pause(state: SessionState, workflow: Workflow, command: Pause, context: Context) -> tuple[Event, ...]:
    """Interrupt; the seat stays."""
    return (SessionPaused(reason=command.reason or None),)


def decide_resume(state: SessionState, workflow: Workflow, command: Resume, context: Context) -> tuple[Event, ...]:
    """Go on; the seat passes to who resumes.

    Raises:
        Refused: `not_paused`.
    """
    if state.status is not SessionStatus.PAUSED:
        raise Refused(RefuseCode.NOT_PAUSED, f"session {state.session_id} is {state.status}")
    if context.actor.id == state.driver.id:
        return (SessionResumed(),)
    return (SessionResumed(), pass_seat(state, context.actor.party))


def decide_complete(state: SessionState, workflow: Workflow, command: Complete, context: Context) -> tuple[Event, ...]:
    """Finish at an end Section; its win switch decides the outcome.

    Raises:
        Refused: `not_at_end` on a Section with Answers.
    """
    section = workflow.sections[state.current_visit.section_key]
    if section.answers:
        raise Refused(RefuseCode.NOT_AT_END, f"section {section.key} has answers; expected an end section")
    return (SessionCompleted(won=section.win),)


def decide_end(state: SessionState, workflow: Workflow, command: End, context: Context) -> tuple[Event, ...]:
    """Finish early."""
    return (SessionEnded(reason=command.reason or None),)


def evolve_paused(state: SessionState, event: SessionPaused, actor: Party, at_ms: int) -> SessionState:
    """It waits."""
    return replace(state, status=SessionStatus.PAUSED, changed_ms=at_ms, paused_reason=event.reason)


def evolve_resumed(state: SessionState, event: SessionResumed, actor: Party, at_ms: int) -> SessionState:
    """It goes on where it was."""
    return replace(state, status=SessionStatus.ACTIVE, changed_ms=at_ms, paused_reason=None)


def evolve_completed(state: SessionState, event: SessionCompleted, actor: Party, at_ms: int) -> SessionState:
    """A record, won or not."""
    return replace(_left(state, at_ms), status=SessionStatus.COMPLETED, changed_ms=at_ms, won=event.won)


def evolve_ended(state: SessionState, event: SessionEnded, actor: Party, at_ms: int) -> SessionState:
    """A record, ended early."""
    left = _left(state, at_ms)
    return replace(left, status=SessionStatus.ENDED, changed_ms=at_ms, paused_reason=None, end_reason=event.reason)


def _left(state: SessionState, at_ms: int) -> SessionState:
    return state.with_visit(replace(state.current_visit, left_ms=at_ms))
