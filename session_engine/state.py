"""The folded state of one Session.

Immutable: an evolver makes a new state that shares every unchanged map, so
that `project.py` finds what changed by identity. Nobody mutates a map here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta
from msgspec.structs import replace

from protocol.base import (
    ClientId,
    Csn,
    EntryId,
    ExternalId,
    FieldContent,
    Generation,
    Key,
    Millis,
    PersonId,
    Record,
    Seq,
    SessionId,
    TeamId,
    VersionId,
    VisitId,
)
from protocol.events import EndCause, Entered, FieldProblem, Party, PauseCause
from protocol.views import SessionStatus


class Visit(Record, frozen=True, kw_only=True):
    """One stay on a Section."""

    id: VisitId
    section_key: Key
    entered: Entered
    entered_ms: Millis
    left_ms: Millis | None
    previous_id: VisitId | None
    continues: VisitId | None
    selected: Key | None
    answer_key: Key | None
    abandoned: bool


class FieldValue(Record, frozen=True, kw_only=True):
    """What a Field holds, valid or not."""

    content: FieldContent
    problem: FieldProblem | None
    by: Party
    at_ms: Millis
    visit_id: VisitId


class Correction(Record, frozen=True, kw_only=True):
    """What a Field of a record was before somebody corrected it."""

    id: str
    field_key: Key
    was: Annotated[FieldValue | None, Meta(description="Null if it was empty.")]
    by: Annotated[Party, Meta(description="Who corrected it.")]
    at_ms: Millis


class ResponseUse(Record, frozen=True, kw_only=True):
    """A Response that was said."""

    id: str
    response_key: Key
    visit_id: VisitId
    by: Party
    at_ms: Millis


class Notes(Record, frozen=True, kw_only=True):
    """The Notes as one merged Yjs update, and the last entry that edited them."""

    update: Annotated[bytes, Meta(description="Yjs v1 encoding of the whole document.")]
    seq: Seq


class Client(Record, frozen=True, kw_only=True):
    """What was accepted from one page of one person; tells a repeat from news."""

    person_id: PersonId
    last_csn: Csn
    accepted: Annotated[tuple[tuple[Csn, Seq], ...], Meta(description="The last accepted commands, oldest first.")]


class SessionState(Record, frozen=True, kw_only=True):
    """Everything that is true about a Session after entry `seq`."""

    session_id: SessionId
    version_id: VersionId
    training: bool
    owner: Party
    team_ids: tuple[TeamId, ...]
    driver: Party
    seat: Generation
    status: SessionStatus
    started_ms: Millis
    changed_ms: Millis
    switched_from: SessionId | None = None
    external_id: ExternalId | None = None
    paused_reason: str | None = None
    pause_cause: PauseCause | None = None
    call_back_ms: Millis | None = None
    end_reason: str | None = None
    end_reason_key: Key | None = None
    end_cause: EndCause | None = None
    switched_to: SessionId | None = None
    missing: tuple[Key, ...] = ()
    undo_until_ms: Millis | None = None
    won: bool = False
    current_visit_id: VisitId = "v1"
    path: tuple[VisitId, ...] = ()
    visits: Mapping[VisitId, Visit] = {}
    fields: Mapping[Key, FieldValue] = {}
    responses: Mapping[str, ResponseUse] = {}
    corrections: Mapping[str, Correction] = {}
    notes: Notes | None = None
    clients: Mapping[ClientId, Client] = {}
    seq: Seq = 0
    entry_id: EntryId = ""
    at_ms: Millis = 0

    @property
    def current_visit(self) -> Visit:
        """The visit that the Session is on; the last one if it is finished."""
        return self.visits[self.current_visit_id]

    @property
    def is_finished(self) -> bool:
        """Completed or ended: a read-only record."""
        return self.status in (SessionStatus.COMPLETED, SessionStatus.ENDED)

    def with_visit(self, visit: Visit) -> SessionState:
        """The same with this visit added or replaced."""
        return replace(self, visits={**self.visits, visit.id: visit})
