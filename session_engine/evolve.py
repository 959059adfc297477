"""The fold: state after an entry. Total over every event, and deterministic."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace

from protocol.events import (
    Answered,
    AnswerSelected,
    CompletionUndone,
    Entry,
    Event,
    FieldSet,
    NotesEdited,
    OwnerChanged,
    Party,
    PauseAnnotated,
    ResponseUsed,
    SeatPassed,
    SessionCompleted,
    SessionEnded,
    SessionPaused,
    SessionResumed,
    SessionStarted,
    VisitStarted,
)
from session_engine.fields import evolve_field_set
from session_engine.guidance import evolve_answered, evolve_selected, evolve_started, evolve_visit_started
from session_engine.lifecycle import (
    evolve_completed,
    evolve_completion_undone,
    evolve_ended,
    evolve_owner_changed,
    evolve_pause_annotated,
    evolve_paused,
    evolve_resumed,
)
from session_engine.notes import evolve_notes_edited
from session_engine.repeats import remember
from session_engine.responses import evolve_response_used
from session_engine.seat import evolve_seat_passed
from session_engine.state import SessionState

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
    OwnerChanged: evolve_owner_changed,
    SessionCompleted: evolve_completed,
    CompletionUndone: evolve_completion_undone,
    SessionEnded: evolve_ended,
}
"""Every event but the first, `SessionStarted`."""


def evolve(state: SessionState | None, entry: Entry) -> SessionState:
    """State after this entry; `state` is the one after the entry before, None before the first.

    Raises:
        ValueError: the entry does not follow the state.
    """
    events = iter(entry.events)
    if state is None:
        first = next(events)
        if entry.seq != 1 or not isinstance(first, SessionStarted):
            raise ValueError(f"entry {entry.seq} cannot be the first of a log")
        state = evolve_started(first, entry.at_ms)
    elif (entry.seq, entry.previous_id) != (state.seq + 1, state.entry_id):
        raise ValueError(f"entry {entry.seq} after {entry.previous_id} does not follow {state.seq} {state.entry_id}")
    for event in events:
        state = EVOLVERS[type(event)](state, event, entry.actor, entry.at_ms)
    return replace(remember(state, entry), seq=entry.seq, entry_id=entry.entry_id, at_ms=entry.at_ms)


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
