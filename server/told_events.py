"""What the log of a Session tells the outside: events of a few kinds, with facts that are not typed content. Pure.

Read from entries as they are at rest, so that nothing has to be opened. Who is told is in
`records/event_hooks.py`, telling them `event_hooks.py`.

Rules: protocol/SPEC.md, EV1 to EV3.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from protocol.actions import ActionStatus
from protocol.base import EntryId, Key, Millis, Record, Seq, SessionId
from protocol.event_hooks import EventKind
from protocol.events import (
    AttemptFinished,
    CompletionUndone,
    Entry,
    Event,
    HangUpReported,
    OwnerChanged,
    Party,
    SeatPassed,
    SessionCompleted,
    SessionEnded,
    SessionPaused,
    SessionReassigned,
    SessionResumed,
    SessionStarted,
)
from session_engine.action_values import iso

ATTEMPTS = {
    ActionStatus.SENT: EventKind.ACTION_SENT,
    ActionStatus.FAILED: EventKind.ACTION_FAILED,
    ActionStatus.UNKNOWN: EventKind.ACTION_UNKNOWN,
}


class ToldEvent(Record, frozen=True, kw_only=True):
    """One thing that became true."""

    entry_id: EntryId
    place: int
    """Among the events of its entry."""
    kind: EventKind
    at_ms: Millis
    due_ms: Millis
    """Not to be told before: until then it can be undone."""
    session: dict[str, Any]
    data: dict[str, Any]


class Told(Record, frozen=True, kw_only=True):
    """All that a part of a log tells."""

    seq: Seq
    """Where the log ends."""
    is_training: bool
    events: tuple[ToldEvent, ...]


def read_told(session_id: SessionId, entries: Iterable[Entry], after_seq: Seq) -> Told:
    """What the entries past `after_seq` tell; `entries` is the whole log, at rest.

    A completion that was undone in the same part is not told, nor that it was undone.
    """
    facts = _Facts(session_id)
    found: list[ToldEvent] = []
    seq = after_seq
    for entry in entries:
        seq = entry.seq
        for place, event in enumerate(entry.events):
            kind, due_ms, data = _read(facts, event, entry.at_ms)
            if kind is None or entry.seq <= after_seq:
                continue
            if kind is EventKind.SESSION_REOPENED and _forget_completion(found):
                continue
            found.append(
                ToldEvent(
                    entry_id=entry.entry_id,
                    place=place,
                    kind=kind,
                    at_ms=entry.at_ms,
                    due_ms=due_ms,
                    session=facts.told(),
                    data={**data, "at": iso(entry.at_ms), "by": _party(entry.actor)},
                )
            )
    return Told(seq=seq, is_training=facts.training, events=tuple(found))


class _Facts:
    """What is known of the Session at each entry."""

    def __init__(self, session_id: SessionId) -> None:
        self._session_id = session_id
        self.training = False
        self.started: SessionStarted | None = None
        self.started_ms: Millis = 0
        self.completed_ms: Millis | None = None
        self.owner: Party | None = None
        self.driver: Party | None = None
        self.won = False
        self.ended: str | None = None

    def told(self) -> dict[str, Any]:
        """As a webhook's Session, without what was typed."""
        started = self.started
        return {
            "key": self._session_id,
            "external_id": started.external_id if started is not None else None,
            "version_id": started.version_id if started is not None else None,
            "team_ids": list(started.team_ids) if started is not None else [],
            "started_at": iso(self.started_ms),
            "completed_at": None if self.completed_ms is None else iso(self.completed_ms),
            "owner": _party(self.owner),
            "driver": _party(self.driver),
            "won": self.won,
            "ended": self.ended,
        }


_Read = tuple[EventKind | None, Millis, dict[str, Any]]


def _read(facts: _Facts, event: Event, at_ms: Millis) -> _Read:
    # Events at rest are of types of their own, known by their tags.
    tag = event.__struct_config__.tag
    read = _READERS.get(str(tag))
    return (None, 0, {}) if read is None else read(facts, event, at_ms)


def _started(facts: _Facts, event: SessionStarted, at_ms: Millis) -> _Read:
    facts.started, facts.started_ms, facts.training = event, at_ms, event.training
    facts.owner, facts.driver = event.owner, event.driver or event.owner
    return EventKind.SESSION_STARTED, at_ms, {"switched_from": event.switched_from}


def _paused(facts: _Facts, event: SessionPaused, at_ms: Millis) -> _Read:
    call_back_at = None if event.call_back_ms is None else iso(event.call_back_ms)
    return EventKind.SESSION_PAUSED, at_ms, {"cause": str(event.cause), "call_back_at": call_back_at}


def _resumed(facts: _Facts, event: SessionResumed, at_ms: Millis) -> _Read:
    return EventKind.SESSION_RESUMED, at_ms, {}


def _completed(facts: _Facts, event: SessionCompleted, at_ms: Millis) -> _Read:
    facts.completed_ms, facts.won = at_ms, event.won
    return EventKind.SESSION_COMPLETED, max(at_ms, event.undo_until_ms), {"won": event.won}


def _undone(facts: _Facts, event: CompletionUndone, at_ms: Millis) -> _Read:
    facts.completed_ms, facts.won = None, False
    return EventKind.SESSION_REOPENED, at_ms, {}


def _ended(facts: _Facts, event: SessionEnded, at_ms: Millis) -> _Read:
    facts.completed_ms, facts.ended = at_ms, event.reason_key or str(event.cause)
    return EventKind.SESSION_ENDED, at_ms, {"cause": str(event.cause), "switched_to": event.switched_to}


def _driver(facts: _Facts, event: SeatPassed, at_ms: Millis) -> _Read:
    before, facts.driver = facts.driver, event.to
    return EventKind.DRIVER_CHANGED, at_ms, {"from": _party(before), "to": _party(event.to)}


def _owner(facts: _Facts, event: OwnerChanged, at_ms: Millis) -> _Read:
    before, facts.owner = facts.owner, event.to
    return EventKind.OWNER_CHANGED, at_ms, {"from": _party(before), "to": _party(event.to)}


def _reassigned(facts: _Facts, event: SessionReassigned, at_ms: Millis) -> _Read:
    facts.owner = event.to
    return EventKind.OWNER_CHANGED, at_ms, {"from": _party(event.was), "to": _party(event.to)}


def _hung_up(facts: _Facts, event: HangUpReported, at_ms: Millis) -> _Read:
    return EventKind.SESSION_HUNG_UP, at_ms, {}


def _attempted(facts: _Facts, event: AttemptFinished, at_ms: Millis) -> _Read:
    data: dict[str, Key | int] = {
        "action_id": event.action_id,
        "action_key": event.action_key,
        "attempt": event.attempt,
    }
    return ATTEMPTS.get(event.status), at_ms, data


_READERS: dict[str, Any] = {
    "session_started": _started,
    "session_paused": _paused,
    "session_resumed": _resumed,
    "session_completed": _completed,
    "completion_undone": _undone,
    "session_ended": _ended,
    "seat_passed": _driver,
    "owner_changed": _owner,
    "session_reassigned": _reassigned,
    "hang_up_reported": _hung_up,
    "attempt_finished": _attempted,
}


def _forget_completion(found: list[ToldEvent]) -> bool:
    for place in range(len(found) - 1, -1, -1):
        if found[place].kind is EventKind.SESSION_COMPLETED:
            del found[place]
            return True
    return False


def _party(party: Party | None) -> dict[str, str] | None:
    return None if party is None else {"id": party.id, "name": party.name}
