"""The one entrance for commands: who may, when, and then the feature's decider.

Guards run in the order in which a person would want to hear of them:
strangers learn nothing, then finished, stale seat, right, paused, stale visit.

Rules: protocol/SPEC.md, CM1 to CM4.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from protocol.commands import (
    Back,
    Command,
    Complete,
    Continue,
    EditNotes,
    End,
    GoTo,
    HandBack,
    Pause,
    Resume,
    SelectAnswer,
    SetField,
    StartSession,
    TakeSeat,
)
from protocol.events import Event
from protocol.refusals import RefuseCode
from protocol.views import SessionStatus
from session_engine.context import Context
from session_engine.fields import decide_set_field
from session_engine.guidance import decide_back, decide_continue, decide_go_to, decide_select
from session_engine.lifecycle import decide_complete, decide_end, decide_pause, decide_resume
from session_engine.notes import decide_edit_notes
from session_engine.refused import Refused
from session_engine.rights import RIGHTS, participants
from session_engine.seat import decide_hand_back, decide_take_seat
from session_engine.state import SessionState
from session_engine.workflow import Workflow

DECIDERS: dict[type[Command], Callable[[SessionState, Workflow, Any, Context], tuple[Event, ...]]] = {
    SelectAnswer: decide_select,
    Continue: decide_continue,
    Back: decide_back,
    GoTo: decide_go_to,
    SetField: decide_set_field,
    EditNotes: decide_edit_notes,
    Pause: decide_pause,
    Resume: decide_resume,
    Complete: decide_complete,
    End: decide_end,
    TakeSeat: decide_take_seat,
    HandBack: decide_hand_back,
}
"""Every command of a running Session; starting one is `guidance.decide_start`."""

ACCEPTED_WHILE_PAUSED: frozenset[type[Command]] = frozenset({Resume, End, EditNotes})


def decide(state: SessionState, workflow: Workflow, command: Command, context: Context) -> tuple[Event, ...]:
    """What becomes true if the command is accepted: one or more events.

    Raises:
        Refused: with the reason; nothing changed.
    """
    if isinstance(command, StartSession):
        raise Refused(RefuseCode.SESSION_EXISTS, f"session {state.session_id} was started before")
    parts = participants(state, context.actor)
    if not parts:
        raise Refused(RefuseCode.NOT_ALLOWED, f"{context.actor.id} has no part in session {state.session_id}")
    if state.is_finished:
        raise Refused(RefuseCode.FINISHED, f"session {state.session_id} is {state.status}")
    seat = getattr(command, "seat", state.seat)
    if seat != state.seat:
        raise Refused(RefuseCode.STALE_SEAT, f"seat {seat} is over; {state.driver.name} drives in seat {state.seat}")
    command_type = type(command)
    if RIGHTS[command_type].isdisjoint(parts):
        held = ", ".join(sorted(parts))
        raise Refused(RefuseCode.NOT_ALLOWED, f"{context.actor.id} is {held} of session {state.session_id}")
    if state.status is SessionStatus.PAUSED and command_type not in ACCEPTED_WHILE_PAUSED:
        raise Refused(RefuseCode.NOT_ACTIVE, f"session {state.session_id} is paused; expected resume")
    visit_id = getattr(command, "visit_id", state.current_visit_id)
    if visit_id != state.current_visit_id:
        raise Refused(RefuseCode.STALE_VISIT, f"visit {visit_id} is over; the session is on {state.current_visit_id}")
    return DECIDERS[command_type](state, workflow, command, context)
