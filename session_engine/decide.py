"""The one entrance for commands: who may, when, and then the feature's decider.

Guards run in the order in which a person would want to hear of them:
strangers learn nothing, then finished, stale seat, right, paused, in review,
stale visit. What follows by itself (`triggers.py`) is in the same entry.

Rules: protocol/SPEC.md, CM1 to CM4.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from protocol.base import Generation, VisitId
from protocol.commands import (
    AcceptSeat,
    AcceptSuggestion,
    AcceptTransfer,
    AnnotatePause,
    ApproveAction,
    AskForHelp,
    AwaitConnection,
    Back,
    CancelAction,
    CancelHelp,
    ClaimHelp,
    Command,
    Complete,
    CompleteTransfer,
    Continue,
    CorrectAction,
    CorrectField,
    DeclineSeat,
    DeclineTransfer,
    DismissSuggestion,
    DriverLeft,
    EditAction,
    EditNotes,
    End,
    EraseContent,
    Expire,
    ExplainTake,
    FinishAttempt,
    GoTo,
    GrantSeat,
    HandBack,
    LapseTransfer,
    LeaveReview,
    LockAction,
    LookUpAction,
    MarkAction,
    MarkMoment,
    MuteSuggestions,
    OfferSeat,
    Pause,
    ReadWhisper,
    Reassign,
    RemoveAction,
    ReplyToWhisper,
    ReportHangUp,
    RequestSeat,
    Resume,
    SelectAnswer,
    SendAction,
    SetField,
    ShareScreen,
    StartAttempt,
    StartSession,
    Suggest,
    Switch,
    SystemCommand,
    TakeSeat,
    Transfer,
    Undo,
    UnlockAction,
    UseResponse,
    Vacate,
    Whisper,
    WithdrawSeat,
    WithdrawSuggestion,
    WithdrawTransfer,
)
from protocol.events import Event
from protocol.refusals import RefuseCode
from protocol.views import SessionStatus
from session_engine.actions import (
    decide_correct_action,
    decide_edit_action,
    decide_lock_action,
    decide_look_up_action,
    decide_mark_action,
    decide_remove_action,
    decide_unlock_action,
)
from session_engine.attempts import decide_await_connection, decide_finish_attempt, decide_start_attempt
from session_engine.context import Actor, Context
from session_engine.corrections import decide_correct_field
from session_engine.erasing import decide_erase_content
from session_engine.evolve import evolve_events
from session_engine.fields import decide_set_field
from session_engine.firing import decide_approve_action, decide_cancel_action, decide_send_action
from session_engine.guidance import (
    Switched,
    decide_back,
    decide_continue,
    decide_go_to,
    decide_select,
    decide_start,
)
from session_engine.handovers import (
    decide_accept_seat,
    decide_decline_seat,
    decide_grant_seat,
    decide_offer_seat,
    decide_request_seat,
    decide_withdraw_seat,
)
from session_engine.helping import decide_ask_for_help, decide_cancel_help, decide_claim_help
from session_engine.lifecycle import (
    decide_annotate_pause,
    decide_complete,
    decide_driver_left,
    decide_end,
    decide_expire,
    decide_leave_review,
    decide_pause,
    decide_report_hang_up,
    decide_resume,
    decide_switch,
    decide_undo,
)
from session_engine.moments import decide_mark_moment
from session_engine.notes import decide_edit_notes
from session_engine.ownership import decide_reassign, decide_vacate
from session_engine.refused import Refused
from session_engine.responses import decide_use_response
from session_engine.rights import (
    Participant,
    is_named,
    may_resume_for_colleague,
    may_unlock,
    must_be_left,
    participants,
    rights_of,
)
from session_engine.seat import decide_explain_take, decide_hand_back, decide_take_seat
from session_engine.state import SessionState
from session_engine.suggestions import (
    decide_accept_suggestion,
    decide_dismiss_suggestion,
    decide_mute_suggestions,
    decide_suggest,
    decide_withdraw_suggestion,
)
from session_engine.transferring import (
    decide_accept_transfer,
    decide_complete_transfer,
    decide_decline_transfer,
    decide_lapse_transfer,
    decide_transfer,
    decide_withdraw_transfer,
)
from session_engine.triggers import approvals, triggered
from session_engine.whispers import (
    decide_read_whisper,
    decide_reply_to_whisper,
    decide_share_screen,
    decide_whisper,
)
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
    RequestSeat: decide_request_seat,
    OfferSeat: decide_offer_seat,
    GrantSeat: decide_grant_seat,
    AcceptSeat: decide_accept_seat,
    DeclineSeat: decide_decline_seat,
    WithdrawSeat: decide_withdraw_seat,
    ExplainTake: decide_explain_take,
    LeaveReview: decide_leave_review,
    LockAction: decide_lock_action,
    EditAction: decide_edit_action,
    RemoveAction: decide_remove_action,
    SendAction: decide_send_action,
    CancelAction: decide_cancel_action,
    ApproveAction: decide_approve_action,
    LookUpAction: decide_look_up_action,
    MarkAction: decide_mark_action,
    CorrectAction: decide_correct_action,
    UnlockAction: decide_unlock_action,
    ReportHangUp: decide_report_hang_up,
    Reassign: decide_reassign,
    MarkMoment: decide_mark_moment,
    Suggest: decide_suggest,
    AcceptSuggestion: decide_accept_suggestion,
    DismissSuggestion: decide_dismiss_suggestion,
    WithdrawSuggestion: decide_withdraw_suggestion,
    MuteSuggestions: decide_mute_suggestions,
    AskForHelp: decide_ask_for_help,
    CancelHelp: decide_cancel_help,
    ClaimHelp: decide_claim_help,
    Transfer: decide_transfer,
    AcceptTransfer: decide_accept_transfer,
    DeclineTransfer: decide_decline_transfer,
    WithdrawTransfer: decide_withdraw_transfer,
    CompleteTransfer: decide_complete_transfer,
    Whisper: decide_whisper,
    ReplyToWhisper: decide_reply_to_whisper,
    ReadWhisper: decide_read_whisper,
    ShareScreen: decide_share_screen,
}
"""Every command of a running Session; starting one is `decide_first`."""

OF_ACTIONS: frozenset[type[Command]] = frozenset(
    {
        ApproveAction, CancelAction, CorrectAction, EditAction, LockAction, LookUpAction, MarkAction, RemoveAction,
        SendAction, UnlockAction,
    }
)  # fmt: skip
ACCEPTED_WHILE_PAUSED: frozenset[type[Command]] = frozenset(
    {
        AcceptTransfer, AnnotatePause, ApproveAction, CancelAction, CancelHelp, ClaimHelp, DeclineTransfer, EditNotes,
        End, ExplainTake, CompleteTransfer, MarkMoment, Reassign, ReportHangUp, Resume, Transfer, UnlockAction,
        WithdrawTransfer,
    }
)  # fmt: skip
ACCEPTED_WHEN_FINISHED: frozenset[type[Command]] = frozenset({Undo, CorrectField, *OF_ACTIONS})
LEFT_IN_REVIEW: frozenset[type[Command]] = frozenset({SelectAnswer, Continue, Back, GoTo})
"""What moves the Session waits until the review is left."""


def decide(state: SessionState, workflow: Workflow, command: Command, context: Context) -> tuple[Event, ...]:
    """What becomes true if the command is accepted: one or more events.

    Raises:
        Refused: with the reason; nothing changed.
    """
    if isinstance(command, StartSession):
        raise Refused(RefuseCode.SESSION_EXISTS, f"session {state.session_id} was started before")
    return _with_what_follows(state, workflow, _decided(state, workflow, command, context), context)


def decide_first(
    workflow: Workflow, session_id: str, command: StartSession, context: Context, switched: Switched | None = None
) -> tuple[Event, ...]:
    """The first entry of a Session: `guidance.decide_start`, and what its first Section triggers.

    Raises:
        Refused: as `decide_start`.
    """
    events = decide_start(workflow, session_id, command, context, switched)
    return _with_what_follows(None, workflow, events, context)


def _with_what_follows(
    state: SessionState | None, workflow: Workflow, events: tuple[Event, ...], context: Context
) -> tuple[Event, ...]:
    if not workflow.actions:
        return events
    actor, now_ms = context.actor.party, context.now_ms
    left = evolve_events(state, events, actor, now_ms)
    moved = () if left.is_finished else triggered(state, left, workflow)
    left = evolve_events(left, moved, actor, now_ms)
    return (*events, *moved, *approvals(state or left, left, workflow))


def _decided(state: SessionState, workflow: Workflow, command: Command, context: Context) -> tuple[Event, ...]:
    parts = _parts_of(state, context.actor, command, context)
    if not parts:
        raise Refused(RefuseCode.NOT_ALLOWED, f"{context.actor.id} has no part in session {state.session_id}")
    command_type = type(command)
    if state.is_finished and command_type not in ACCEPTED_WHEN_FINISHED:
        raise Refused(RefuseCode.FINISHED, f"session {state.session_id} is {state.status}")
    seat, visit_id = _seen(state, command, context)
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
    if state.status is SessionStatus.REVIEWING and command_type in LEFT_IN_REVIEW:
        raise Refused(RefuseCode.IN_REVIEW, f"session {state.session_id} is in review; expected leave_review")
    if visit_id != state.current_visit_id:
        raise Refused(RefuseCode.STALE_VISIT, f"visit {visit_id} is over; the session is on {state.current_visit_id}")
    return DECIDERS[command_type](state, workflow, command, context)


def _seen(state: SessionState, command: Command, context: Context) -> tuple[Generation, VisitId]:
    """The seat and the visit that the sender saw; of a command that names none, and of an API token, those of now."""
    seat, visit_id = getattr(command, "seat", state.seat), getattr(command, "visit_id", state.current_visit_id)
    if (seat is None or visit_id is None) and not context.actor.is_token:
        raise Refused(RefuseCode.BAD_COMMAND, "expected the visit and the seat that were seen; an API token sees none")
    return state.seat if seat is None else seat, state.current_visit_id if visit_id is None else visit_id


def _parts_of(state: SessionState, actor: Actor, command: Command, context: Context) -> frozenset[Participant]:
    parts = participants(state, actor)
    if may_resume_for_colleague(state, actor, context.policy):
        parts |= {Participant.TEAMMATE}
    if isinstance(command, UnlockAction) and may_unlock(actor):
        parts |= {Participant.ADMIN}
    if isinstance(command, AcceptTransfer | DeclineTransfer):
        transfer = state.transfers.get(command.transfer_id)
        if transfer is not None and is_named(transfer, actor):
            parts |= {Participant.ASKED}
    return parts


def decide_system(
    state: SessionState, workflow: Workflow, command: SystemCommand, context: Context
) -> tuple[Event, ...]:
    """What time does to a Session by itself, and what a dispatcher does to its Actions.

    Raises:
        Refused: it does not apply any more.
    """
    return _with_what_follows(state, workflow, _decided_by_system(state, workflow, command, context), context)


def _decided_by_system(
    state: SessionState, workflow: Workflow, command: SystemCommand, context: Context
) -> tuple[Event, ...]:
    match command:
        case StartAttempt():
            return decide_start_attempt(state, workflow, command, context)
        case FinishAttempt():
            return decide_finish_attempt(state, workflow, command, context)
        case AwaitConnection():
            return decide_await_connection(state, workflow, command, context)
        case EraseContent():
            return decide_erase_content(state, workflow, command, context)
        case _:
            return _decided_while_open(state, workflow, command, context)


def _decided_while_open(
    state: SessionState, workflow: Workflow, command: DriverLeft | Expire | Vacate | LapseTransfer, context: Context
) -> tuple[Event, ...]:
    if state.is_finished:
        raise Refused(RefuseCode.FINISHED, f"session {state.session_id} is {state.status}")
    if isinstance(command, Vacate):
        return decide_vacate(state, workflow, command, context)
    if isinstance(command, LapseTransfer):
        return decide_lapse_transfer(state, workflow, command, context)
    if isinstance(command, Expire):
        return decide_expire(state, workflow, command, context)
    if state.status is SessionStatus.PAUSED:
        raise Refused(RefuseCode.NOT_ACTIVE, f"session {state.session_id} is paused")
    return decide_driver_left(state, workflow, command, context)
