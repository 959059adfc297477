"""The fold: state after an entry. Total over every event, and deterministic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from msgspec.structs import replace

from protocol.base import Millis
from protocol.events import (
    ActionApproved,
    ActionCancelled,
    ActionDeclined,
    ActionEdited,
    ActionFired,
    ActionLocked,
    ActionMarked,
    ActionReinstated,
    ActionReleased,
    ActionRemoved,
    ActionRestored,
    ActionTriggered,
    ActionUnlocked,
    ActionWithdrawn,
    Answered,
    AnswerSelected,
    ApprovalAsked,
    ApprovalVoided,
    AttemptFinished,
    AttemptStarted,
    CompletionUndone,
    ConnectionAwaited,
    ContentErased,
    Entry,
    Event,
    FieldSet,
    HandoverSettled,
    HangUpReported,
    HelpAsked,
    HelpCancelled,
    HelpClaimed,
    LookUpAsked,
    MomentMarked,
    NotesEdited,
    OwnerChanged,
    Party,
    PauseAnnotated,
    ResponseUsed,
    ReviewLeft,
    ReviewStarted,
    ScreenShared,
    SeatOffered,
    SeatPassed,
    SeatRequested,
    SessionCompleted,
    SessionEnded,
    SessionPaused,
    SessionReassigned,
    SessionResumed,
    SessionStarted,
    SuggestionMade,
    SuggestionSettled,
    SuggestionsMuted,
    TakeExplained,
    TransferAccepted,
    TransferAsked,
    TransferPassed,
    TransferSettled,
    VisitStarted,
    WhisperRead,
    WhisperReplied,
    WhisperSent,
)
from session_engine.actions import (
    evolve_approval_asked,
    evolve_approval_voided,
    evolve_approved,
    evolve_declined,
    evolve_edited,
    evolve_locked,
    evolve_look_up_asked,
    evolve_marked,
    evolve_reinstated,
    evolve_removed,
    evolve_restored,
    evolve_triggered,
    evolve_unlocked,
    evolve_withdrawn,
)
from session_engine.attempts import (
    evolve_attempt_finished,
    evolve_attempt_started,
    evolve_connection_awaited,
    evolve_released,
)
from session_engine.erasing import evolve_content_erased
from session_engine.fields import evolve_field_set
from session_engine.firing import evolve_cancelled, evolve_fired
from session_engine.guidance import evolve_answered, evolve_selected, evolve_started, evolve_visit_started
from session_engine.handovers import evolve_handover_settled, evolve_seat_offered, evolve_seat_requested
from session_engine.helping import evolve_help_asked, evolve_help_cancelled, evolve_help_claimed
from session_engine.lifecycle import (
    evolve_completed,
    evolve_completion_undone,
    evolve_ended,
    evolve_hang_up_reported,
    evolve_pause_annotated,
    evolve_paused,
    evolve_resumed,
    evolve_review_left,
    evolve_review_started,
)
from session_engine.moments import evolve_moment_marked
from session_engine.notes import evolve_notes_edited
from session_engine.ownership import evolve_owner_changed, evolve_reassigned
from session_engine.repeats import remember
from session_engine.responses import evolve_response_used
from session_engine.seat import evolve_seat_passed, evolve_take_explained
from session_engine.state import SessionState
from session_engine.suggestions import evolve_suggestion_made, evolve_suggestion_settled, evolve_suggestions_muted
from session_engine.transferring import (
    evolve_transfer_accepted,
    evolve_transfer_asked,
    evolve_transfer_passed,
    evolve_transfer_settled,
)
from session_engine.whispers import (
    evolve_screen_shared,
    evolve_whisper_read,
    evolve_whisper_replied,
    evolve_whisper_sent,
)

EVOLVERS: dict[type[Event], Callable[[SessionState, Any, Party, int], SessionState]] = {
    VisitStarted: evolve_visit_started,
    AnswerSelected: evolve_selected,
    Answered: evolve_answered,
    FieldSet: evolve_field_set,
    ResponseUsed: evolve_response_used,
    NotesEdited: evolve_notes_edited,
    SessionPaused: evolve_paused,
    PauseAnnotated: evolve_pause_annotated,
    SessionResumed: evolve_resumed,
    SeatPassed: evolve_seat_passed,
    SeatRequested: evolve_seat_requested,
    SeatOffered: evolve_seat_offered,
    HandoverSettled: evolve_handover_settled,
    TakeExplained: evolve_take_explained,
    OwnerChanged: evolve_owner_changed,
    SessionCompleted: evolve_completed,
    CompletionUndone: evolve_completion_undone,
    SessionEnded: evolve_ended,
    ReviewStarted: evolve_review_started,
    ReviewLeft: evolve_review_left,
    ActionTriggered: evolve_triggered,
    ActionWithdrawn: evolve_withdrawn,
    ActionReinstated: evolve_reinstated,
    ActionLocked: evolve_locked,
    ActionEdited: evolve_edited,
    ActionRemoved: evolve_removed,
    ActionRestored: evolve_restored,
    ApprovalAsked: evolve_approval_asked,
    ApprovalVoided: evolve_approval_voided,
    ActionApproved: evolve_approved,
    ActionDeclined: evolve_declined,
    ActionFired: evolve_fired,
    ActionReleased: evolve_released,
    ActionCancelled: evolve_cancelled,
    AttemptStarted: evolve_attempt_started,
    AttemptFinished: evolve_attempt_finished,
    ConnectionAwaited: evolve_connection_awaited,
    LookUpAsked: evolve_look_up_asked,
    ActionMarked: evolve_marked,
    ActionUnlocked: evolve_unlocked,
    ContentErased: evolve_content_erased,
    SessionReassigned: evolve_reassigned,
    HangUpReported: evolve_hang_up_reported,
    MomentMarked: evolve_moment_marked,
    SuggestionMade: evolve_suggestion_made,
    SuggestionSettled: evolve_suggestion_settled,
    SuggestionsMuted: evolve_suggestions_muted,
    HelpAsked: evolve_help_asked,
    HelpClaimed: evolve_help_claimed,
    HelpCancelled: evolve_help_cancelled,
    TransferAsked: evolve_transfer_asked,
    TransferPassed: evolve_transfer_passed,
    TransferAccepted: evolve_transfer_accepted,
    TransferSettled: evolve_transfer_settled,
    WhisperSent: evolve_whisper_sent,
    WhisperReplied: evolve_whisper_replied,
    WhisperRead: evolve_whisper_read,
    ScreenShared: evolve_screen_shared,
}
"""Every event but the first, `SessionStarted`."""


_CHANGES = (FieldSet, NotesEdited, ActionEdited, ActionRemoved, ActionRestored, ActionTriggered, ActionDeclined)
"""What may make an Action send something else than who reviews it saw."""


def evolve(state: SessionState | None, entry: Entry) -> SessionState:
    """State after this entry; `state` is the one after the entry before, None before the first.

    Raises:
        ValueError: the entry does not follow the state.
    """
    if state is None:
        if entry.seq != 1 or not isinstance(entry.events[0], SessionStarted):
            raise ValueError(f"entry {entry.seq} cannot be the first of a log")
    elif (entry.seq, entry.previous_id) != (state.seq + 1, state.entry_id):
        raise ValueError(f"entry {entry.seq} after {entry.previous_id} does not follow {state.seq} {state.entry_id}")
    state = evolve_events(state, entry.events, entry.actor, entry.at_ms)
    return replace(remember(state, entry), seq=entry.seq, entry_id=entry.entry_id, at_ms=entry.at_ms)


def evolve_events(state: SessionState | None, events: Sequence[Event], actor: Party, at_ms: Millis) -> SessionState:
    """State after these events of one entry, which is not there yet: `seq` stays as it was."""
    for event in events:
        if state is None:
            assert isinstance(event, SessionStarted)
            state = evolve_started(event, at_ms)
        else:
            state = EVOLVERS[type(event)](state, event, actor, at_ms)
            if state.actions and isinstance(event, _CHANGES):
                state = replace(state, changed_by={**state.changed_by, actor.id: state.seq + 1})
    assert state is not None
    return state


def fold(entries: Iterable[Entry], state: SessionState | None = None) -> SessionState:
    """State after all entries, from the start or from an earlier state.

    Raises:
        ValueError: nothing to fold, or entries that do not follow each other.
    """
    for entry in entries:
        state = evolve(state, entry)
    if state is None:
        raise ValueError("an empty log has no state")
    return state
