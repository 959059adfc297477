"""Views: a Session as one audience sees it, in flat collections.

Made by `session_engine/project.py`, where all masking is. Definitions are not
repeated here: a view carries keys, and the browser holds the version.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from protocol.base import (
    ExternalId,
    FieldContent,
    Generation,
    Key,
    Millis,
    Record,
    SessionId,
    TeamId,
    VersionId,
    VisitId,
)
from protocol.events import EndCause, Entered, FieldProblem, Party, PauseCause


class Audience(StrEnum):
    """Who looks: the owner sees sensitive values, on or off the seat; staff is everyone else."""

    OWNER = "owner"
    STAFF = "staff"


class SessionStatus(StrEnum):
    """Where a Session is in its life."""

    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"
    ENDED = "ended"


class HeadView(Record, frozen=True, kw_only=True):
    """What is one per Session."""

    session_id: SessionId
    version_id: VersionId
    title: Annotated[str, Meta(description="Built from Fields that are not sensitive; empty until they are filled.")]
    status: SessionStatus
    training: bool
    owner: Party
    team_ids: tuple[TeamId, ...]
    driver: Party
    seat: Generation
    current_visit_id: VisitId
    path: Annotated[
        tuple[VisitId, ...], Meta(description="Visits from the start to the current one, abandoned ones left out.")
    ]
    started_ms: Millis
    changed_ms: Annotated[Millis, Meta(description="When status last changed.")]
    paused_reason: str | None
    pause_cause: Annotated[PauseCause | None, Meta(description="Null unless paused.")]
    call_back_ms: Annotated[Millis | None, Meta(description="When to call back, if that was said.")]
    end_reason: str | None
    end_reason_key: Key | None
    end_cause: Annotated[EndCause | None, Meta(description="Null unless ended.")]
    switched_to: SessionId | None
    switched_from: SessionId | None
    external_id: ExternalId | None
    missing: Annotated[tuple[Key, ...], Meta(description="Required Fields left empty when it was completed.")]
    undo_until_ms: Annotated[Millis | None, Meta(description="Completing can be undone until then; else null.")]
    won: bool


class VisitView(Record, frozen=True, kw_only=True):
    """One stay on a Section."""

    id: VisitId
    section_key: Key
    entered: Entered
    entered_ms: Millis
    left_ms: Annotated[Millis | None, Meta(description="Null while it is current.")]
    previous_id: VisitId | None
    continues: VisitId | None
    selected: Annotated[Key | None, Meta(description="The Answer marked now.")]
    answer_key: Annotated[Key | None, Meta(description="The Answer that led on.")]
    abandoned: bool


class FieldView(Record, frozen=True, kw_only=True):
    """A filled Field. An empty one is not in the collection."""

    key: Key
    masked: Annotated[bool, Meta(description="The value is withheld from this audience.")]
    content: Annotated[FieldContent, Meta(description="Null if masked.")]
    shown: Annotated[
        str | None, Meta(description="How people write it, where a browser cannot know: a phone number in groups.")
    ]
    valid: bool
    problem: Annotated[FieldProblem | None, Meta(description="Null if valid or masked.")]
    by: Party
    at_ms: Millis
    visit_id: VisitId


class CorrectionView(Record, frozen=True, kw_only=True):
    """What a Field of a record was before somebody corrected it."""

    id: Annotated[str, Meta(description="Ordinal in its Session: c1, c2 …")]
    field_key: Key
    masked: Annotated[bool, Meta(description="The value is withheld from this audience.")]
    content: Annotated[FieldContent, Meta(description="What it was; null if it was empty, or masked.")]
    by: Annotated[Party, Meta(description="Who corrected it.")]
    at_ms: Millis


class ResponseUseView(Record, frozen=True, kw_only=True):
    """A Response that was said."""

    id: Annotated[str, Meta(description="Ordinal in its Session: r1, r2 …")]
    response_key: Key
    visit_id: VisitId
    by: Party
    at_ms: Millis


class NotesUpdate(Record, frozen=True, kw_only=True):
    """A Yjs update of the Notes; a whole view holds one merged update."""

    update: Annotated[str, Meta(description="Base64 of a Yjs v1 update.")]


class View(Record, frozen=True, kw_only=True):
    """A whole Session for one audience: records by id in each collection."""

    head: Annotated[dict[str, HeadView], Meta(description="One record, under 'session'.")]
    visits: dict[str, VisitView]
    fields: dict[str, FieldView]
    responses: Annotated[dict[str, ResponseUseView], Meta(description="Responses said, by ordinal.")]
    corrections: Annotated[dict[str, CorrectionView], Meta(description="Of a record, by ordinal.")]
    notes_updates: Annotated[dict[str, NotesUpdate], Meta(description="By seq; equal if the text is equal.")]


class LiveSession(Record, frozen=True, kw_only=True):
    """A Session as lists show it. Nothing sensitive is in it."""

    session_id: SessionId
    title: str
    workflow_name: str
    section_name: str
    status: SessionStatus
    training: Annotated[bool, Meta(description="Listed to its owner only.")]
    owner: Party
    driver: Party
    team_ids: tuple[TeamId, ...]
    started_ms: Millis
    section_ms: Annotated[Millis, Meta(description="When the current visit began.")]
    changed_ms: Millis
    call_back_ms: Annotated[Millis | None, Meta(description="When to call back, of a paused Session.")]
