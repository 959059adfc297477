"""The one entrance for commands: who may, when, and then the feature's decider.

Guards run in the order in which a person would want to hear of them:
strangers learn nothing, then finished, stale seat, right, paused, stale visit.

Rules: protocol/SPEC.md, CM1 to CM4.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from protocol.commands import (
    AnnotatePause,
    Back,
    Command,
    Complete,
    Continue,
    CorrectField,
    EditNotes,
    End,
    Expire,
    GoTo,
    HandBack,
    Pause,
    Resume,
    SelectAnswer,
    SetField,
    StartSession,
    Switch,
    SystemCommand,
    TakeSeat,
    Undo,
    UseResponse,
)
from protocol.events import Event
from protocol.refusals import RefuseCode
from protocol.views import SessionStatus
from session_engine.context import Context
from session_engine.corrections import decide_correct_field
from session_engine.fields import decide_set_field
from session_engine.guidance import decide_back, decide_continue, decide_go_to, decide_select
from session_engine.lifecycle import (
    decide_annotate_pause,
    decide_complete,
    decide_driver_left,
    decide_end,
    decide_expire,
    decide_pause,
    decide_resume,
    decide_switch,
    decide_undo,
)
from session_engine.notes import decide_edit_notes
from session_engine.refused import Refused
from session_engine.responses import decide_use_response
from session_engine.rights import Participant, may_resume_for_colleague, must_be_left, participants, rights_of
from session_engine.seat import decide_hand_back, decide_take_seat
from session_engine.state import SessionState
from session_engine.workflow import Workflow

DECIDERS: dict[type[Command], Callable[[SessionState, Workflow, Any, Context], tuple[Event, ...]]] = {
    SelectAnswer: decide_select,
    Continue: decide_continue,
    Back: decide_back,
    GoTo: decide_go_to,
    SetField: decide_set_field,
    CorrectField: decide_correct_field,
    UseResponse: decide_use_response,
    EditNotes: decide_edit_notes,
    Pause: decide_pause,
    AnnotatePause: decide_annotate_pause,
    Resume: decide_resume,
    Complete: decide_complete,
    Undo: decide_undo,
    End: decide_end,
    Switch: decide_switch,
    TakeSeat: decide_take_seat,
    HandBack: decide_hand_back,
}
"""Every command of a running Session; starting one is `guidance.decide_start`."""

ACCEPTED_WHILE_PAUSED: frozenset[type[Command]] = frozenset({Resume, End, EditNotes, AnnotatePause})
ACCEPTED_WHEN_FINISHED: frozenset[type[Command]] = frozenset({Undo, CorrectField})


def decide(state: SessionState, workflow: Workflow, command: Command, context: Context) -> tuple[Event, ...]:
    """What becomes true if the command is accepted: one or more events.

    Raises:
        Refused: with the reason; nothing changed.
    """
    if isinstance(command, StartSession):
        raise Refused(RefuseCode.SESSION_EXISTS, f"session {state.session_id} was started before")
    parts = participants(state, context.actor)
    if may_resume_for_colleague(state, context.actor, context.policy):
        parts |= {Participant.TEAMMATE}
    if not parts:
        raise Refused(RefuseCode.NOT_ALLOWED, f"{context.actor.id} has no part in session {state.session_id}")
    command_type = type(command)
    if state.is_finished and command_type not in ACCEPTED_WHEN_FINISHED:
        raise Refused(RefuseCode.FINISHED, f"session {state.session_id} is {state.status}")
    seat = getattr(command, "seat", state.seat)
    if seat != state.seat:
        raise Refused(RefuseCode.STALE_SEAT, f"seat {seat} is over; {state.driver.name} drives in seat {state.seat}")
    if rights_of(command_type, state, context).isdisjoint(parts):
        held = ", ".join(sorted(parts))
        raise Refused(RefuseCode.NOT_ALLOWED, f"{context.actor.id} is {held} of session {state.session_id}")
    is_accepted_paused = command_type in ACCEPTED_WHILE_PAUSED or (
        command_type is Switch and must_be_left(state, context)
    )
    if state.status is SessionStatus.PAUSED and not is_accepted_paused:
        raise Refused(RefuseCode.NOT_ACTIVE, f"session {state.session_id} is paused; expected resume")
    visit_id = getattr(command, "visit_id", state.current_visit_id)
    if visit_id != state.current_visit_id:
        raise Refused(RefuseCode.STALE_VISIT, f"visit {visit_id} is over; the session is on {state.current_visit_id}")
    return DECIDERS[command_type](state, workflow, command, context)


def decide_system(
    state: SessionState, workflow: Workflow, command: SystemCommand, context: Context
) -> tuple[Event, ...]:
    """What time does to a Session by itself.

    Raises:
        Refused: it does not apply any more.
    """
    if state.is_finished:
        raise Refused(RefuseCode.FINISHED, f"session {state.session_id} is {state.status}")
    if isinstance(command, Expire):
        return decide_expire(state, workflow, command, context)
    if state.status is SessionStatus.PAUSED:
        raise Refused(RefuseCode.NOT_ACTIVE, f"session {state.session_id} is paused")
    return decide_driver_left(state, workflow, command, context)
