"""Views: a Session as one audience sees it, in flat collections.

Made by `session_engine/project.py`, where all masking is. Definitions are not
repeated here: a view carries keys, and the browser holds the version.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from protocol.actions import ActionId, ActionStatus, LeafPath, OutcomeKind, ShownStatus
from protocol.base import (
    ExternalId,
    FieldContent,
    Generation,
    HandoverId,
    HelpId,
    Key,
    Millis,
    Name,
    PersonId,
    Record,
    SessionId,
    SuggestionId,
    TeamId,
    TransferId,
    VersionId,
    VisitId,
    WhisperId,
)
from protocol.events import (
    EndCause,
    Entered,
    FieldProblem,
    HandoverKind,
    HandoverOutcome,
    MomentLabel,
    NamedTeam,
    Party,
    PauseCause,
    Ring,
    SeatCause,
    SuggestionKind,
    SuggestionOutcome,
    TransferOutcome,
)
from protocol.integrations import ParameterOption, ParameterType


class Audience(StrEnum):
    """Who looks: the owner sees sensitive values, on or off the seat; staff is everyone else."""

    OWNER = "owner"
    STAFF = "staff"


class SessionStatus(StrEnum):
    """Where a Session is in its life."""

    ACTIVE = "active"
    REVIEWING = "reviewing"
    PAUSED = "paused"
    COMPLETED = "completed"
    ENDED = "ended"


RUNNING = frozenset({SessionStatus.ACTIVE, SessionStatus.REVIEWING})
"""Somebody is on the call."""


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
    seated_ms: Annotated[Millis, Meta(description="Since when the driver drives.")]
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
    came_from: Annotated[
        SessionStatus | None, Meta(description="What resuming or undoing goes back to; null for active.")
    ]
    undo_until_ms: Annotated[Millis | None, Meta(description="Completing can be undone until then; else null.")]
    won: bool
    hung_up_ms: Annotated[Millis | None, Meta(description="When it was reported last that the customer hung up.")]
    suggestions_muted: Annotated[bool, Meta(description="The driver hears no suggestions of persons.")]
    screen_shared: Annotated[bool, Meta(description="The customer sees the screen, or that of who drove before.")]


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
    suggested_by: Annotated[Party | None, Meta(description="Whose suggestion was accepted; null if it was typed.")]


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


class SuggestionView(Record, frozen=True, kw_only=True):
    """What was proposed to the driver, and what became of it."""

    id: SuggestionId
    kind: SuggestionKind
    key: Annotated[Key | None, Meta(description="The Field, Answer or Response; null for a line.")]
    masked: Annotated[bool, Meta(description="The value is withheld from this audience.")]
    content: Annotated[FieldContent, Meta(description="The Field's value or the line; null if masked, or erased.")]
    shown: Annotated[str | None, Meta(description="How people write it, as of a Field.")]
    visit_id: Annotated[VisitId, Meta(description="The visit that it was made for.")]
    by: Party
    at_ms: Millis
    outcome: Annotated[SuggestionOutcome | None, Meta(description="Null while it is open.")]
    settled_by: Annotated[Party | None, Meta(description="Null while it is open.")]
    settled_ms: Millis | None


class ReassignmentView(Record, frozen=True, kw_only=True):
    """That the Session became another person's."""

    id: Annotated[str, Meta(description="Ordinal in its Session: o1, o2 …")]
    was: Party
    to: Party
    by: Party
    reason: str | None
    at_ms: Millis


class MomentView(Record, frozen=True, kw_only=True):
    """A moment that somebody marked."""

    id: Annotated[str, Meta(description="Ordinal in its Session: m1, m2 …")]
    label: MomentLabel
    comment: str | None
    visit_id: Annotated[VisitId, Meta(description="The visit that its marker saw.")]
    by: Party
    at_ms: Millis


class HelpView(Record, frozen=True, kw_only=True):
    """That somebody asked for help, and who came."""

    id: HelpId
    by: Party
    reason: str | None
    asked_ms: Millis
    ring: Ring
    claimed_by: Annotated[Party | None, Meta(description="Who comes; null while nobody does.")]
    claimed_ms: Millis | None
    closed_ms: Annotated[
        Millis | None, Meta(description="When it was cancelled, or the Session finished; null while it is open.")
    ]


class HandoverView(Record, frozen=True, kw_only=True):
    """That somebody asked for the seat or was offered it, and what became of it."""

    id: HandoverId
    kind: HandoverKind
    by: Annotated[Party, Meta(description="Who asked: the one who would drive, or the driver who offered it.")]
    to: Annotated[Party, Meta(description="Who would drive.")]
    asked_ms: Millis
    until_ms: Annotated[Millis, Meta(description="From then on it is over, if nobody answered.")]
    outcome: Annotated[HandoverOutcome | None, Meta(description="Null while it is open, and if nobody answered.")]
    settled_by: Party | None
    settled_ms: Millis | None


class SeatChangeView(Record, frozen=True, kw_only=True):
    """That another person drove from then on."""

    generation: Generation
    was: Party
    to: Party
    by: Annotated[Party, Meta(description="Whose act it was.")]
    cause: Annotated[SeatCause | None, Meta(description="Null in Sessions from before it was told.")]
    at_ms: Millis
    reason: Annotated[str | None, Meta(description="Why it was taken, if that was said.")]


class TransferView(Record, frozen=True, kw_only=True):
    """That somebody was asked to take the Session over, and what became of it."""

    id: TransferId
    by: Party
    to: Annotated[Party | None, Meta(description="Null if a team was asked.")]
    team: Annotated[NamedTeam | None, Meta(description="Null if a person was asked.")]
    warm: bool
    note: str | None
    asked_ms: Millis
    until_ms: Annotated[Millis, Meta(description="Unanswered until then it is over.")]
    passed_by: Annotated[tuple[Party, ...], Meta(description="Of the team, who did not take it.")]
    accepted_by: Annotated[Party | None, Meta(description="Who takes it over, or came for it.")]
    accepted_ms: Millis | None
    outcome: Annotated[TransferOutcome | None, Meta(description="Null while it is open.")]
    settled_by: Annotated[Party | None, Meta(description="Null while it is open.")]
    settled_ms: Millis | None


class WhisperReplyView(Record, frozen=True, kw_only=True):
    """What one of those whom it was said to answered."""

    by: Party
    text: Annotated[str | None, Meta(description="Null as long as the whisper's is.")]
    at_ms: Millis


class WhisperView(Record, frozen=True, kw_only=True):
    """What was whispered. Only who said it and whom it was said to are sent it."""

    id: WhisperId
    by: Party
    to: tuple[Party, ...]
    text: Annotated[str | None, Meta(description="Null while the screen is shared, and once it was erased.")]
    at_ms: Millis
    read_by: Annotated[tuple[PersonId, ...], Meta(description="Who said that they have read it, or answered.")]
    replies: tuple[WhisperReplyView, ...]


class LeafView(Record, frozen=True, kw_only=True):
    """One value among an Action's parameters, as it will be sent, or was."""

    path: LeafPath
    label: str
    type: ParameterType
    options: tuple[ParameterOption, ...]
    required: bool
    text: Annotated[str | None, Meta(description="Null if masked, or if a Field that it needs is empty.")]
    template_text: Annotated[
        str | None, Meta(description="What its template says now, if that is something else; null if masked or equal.")
    ]
    edited: Annotated[bool, Meta(description="A person wrote it; the template does not count.")]
    editable: bool
    masked: bool
    problem: Annotated[str | None, Meta(description="Why it cannot be sent so, for a person.")]
    missing: Annotated[tuple[Key, ...], Meta(description="Empty Fields that it needs.")]


class ApprovalView(Record, frozen=True, kw_only=True):
    """What became of asking the second person."""

    asked_ms: Annotated[Millis | None, Meta(description="Null if nobody was asked yet.")]
    by: Annotated[Party | None, Meta(description="Who answered.")]
    at_ms: Millis | None
    approved: Annotated[bool | None, Meta(description="Null while nobody answered.")]
    reason: str | None


class AttemptView(Record, frozen=True, kw_only=True):
    """One try to send an Action."""

    number: int
    started_ms: Millis
    finished_ms: Millis | None
    kind: OutcomeKind | None
    message: str
    status: Annotated[int | None, Meta(description="HTTP status or SMTP code.")]


class ActionView(Record, frozen=True, kw_only=True):
    """An Action of this Session. Its name and options are in the version, by `key`."""

    id: ActionId
    key: Key
    section_key: Key
    visit_id: VisitId
    status: ActionStatus
    shown: ShownStatus
    leaves: tuple[LeafView, ...]
    valid: Annotated[bool, Meta(description="It could be sent as it is.")]
    locked_by: Annotated[Party | None, Meta(description="Who edits it, until `locked_until_ms`.")]
    locked_until_ms: Millis | None
    edited_by: Party | None
    removed_by: Party | None
    fired_by: Party | None
    fired_ms: Millis | None
    settled_ms: Annotated[Millis | None, Meta(description="When it was sent, failed or became unknown.")]
    due_ms: Annotated[Millis | None, Meta(description="When it is sent, or tried next.")]
    waits_for: ActionId | None
    waits_reason: Annotated[str | None, Meta(description="Why its Connection cannot be used.")]
    approval: Annotated[ApprovalView | None, Meta(description="Null if no second person is needed.")]
    attempts: tuple[AttemptView, ...]
    failures: int
    blocked: Annotated[bool, Meta(description="It failed too often; an administrator may unlock it.")]
    message: Annotated[str, Meta(description="What the last attempt brought back.")]
    out_of_date: Annotated[bool, Meta(description="It was sent with what the Fields do not say any more.")]
    corrects: ActionId | None
    compensates: ActionId | None
    dismissed_by: Party | None
    marked_by: Annotated[Party | None, Meta(description="Who said that it was sent.")]
    reason: Annotated[str | None, Meta(description="Why it was dismissed or marked.")]


class NotesUpdate(Record, frozen=True, kw_only=True):
    """A Yjs update of the Notes; a whole view holds one merged update."""

    update: Annotated[str, Meta(description="Base64 of a Yjs v1 update.")]


class View(Record, frozen=True, kw_only=True):
    """A whole Session for one audience: records by id in each collection."""

    head: Annotated[dict[str, HeadView], Meta(description="One record, under 'session'.")]
    visits: dict[str, VisitView]
    fields: dict[str, FieldView]
    responses: Annotated[dict[str, ResponseUseView], Meta(description="Responses said, by ordinal.")]
    actions: dict[ActionId, ActionView]
    corrections: Annotated[dict[str, CorrectionView], Meta(description="Of a record, by ordinal.")]
    suggestions: Annotated[dict[SuggestionId, SuggestionView], Meta(description="By ordinal; open and settled.")]
    reassignments: Annotated[dict[str, ReassignmentView], Meta(description="By ordinal.")]
    moments: Annotated[dict[str, MomentView], Meta(description="By ordinal.")]
    help_requests: Annotated[dict[HelpId, HelpView], Meta(description="By ordinal; open and closed.")]
    handovers: Annotated[dict[HandoverId, HandoverView], Meta(description="By ordinal; open and over.")]
    seat_changes: Annotated[dict[str, SeatChangeView], Meta(description="By generation.")]
    transfers: Annotated[dict[TransferId, TransferView], Meta(description="By ordinal; open and settled.")]
    whispers: Annotated[
        dict[WhisperId, WhisperView], Meta(description="By ordinal; those alone that concern whoever it is sent to.")
    ]
    notes_updates: Annotated[dict[str, NotesUpdate], Meta(description="By seq; equal if the text is equal.")]


class LiveHelp(Record, frozen=True, kw_only=True):
    """An open request for help, as lists show it to those who may watch."""

    id: HelpId
    by: Party
    reason: str | None = None
    asked_ms: Millis
    claimed_by: Party | None
    claimed_ms: Millis | None = None
    claimer_here: Annotated[
        bool | None, Meta(description="Whether who comes has it open; null if nobody comes, or while it is not known.")
    ] = None
    ring: Ring = ()


class Role(StrEnum):
    """What a person is to a Session."""

    OWNER = "owner"
    COACH = "coach"
    SUPERVISOR = "supervisor"
    TAKER = "taker"


class LiveWatcher(Record, frozen=True, kw_only=True):
    """Somebody who is in a Session and does not drive it."""

    id: PersonId
    name: Name
    role: Role


class LiveTransfer(Record, frozen=True, kw_only=True):
    """An open transfer, as lists show it."""

    id: TransferId
    by: Party
    to: Annotated[Party | None, Meta(description="Null if a team was asked.")]
    team: Annotated[NamedTeam | None, Meta(description="Null if a person was asked.")]
    warm: bool
    note: Annotated[str | None, Meta(description="Shown to who is asked; null to everybody else.")]
    asked_ms: Millis
    until_ms: Millis
    passed_by: Annotated[tuple[Party, ...], Meta(description="Of the team, who did not take it.")]
    accepted_by: Party | None
    asks_you: Annotated[bool, Meta(description="Who is sent this list is asked, and has not answered.")] = False


class LiveGiven(Record, frozen=True, kw_only=True):
    """That somebody gave its owner the Session, unasked."""

    by: Party
    at_ms: Millis


class Passed(Record, frozen=True, kw_only=True):
    """What became of a Session that was somebody's; told to them alone."""

    to: Annotated[Party, Meta(description="Who owns it now.")]
    by: Annotated[Party | None, Meta(description="Who gave it to them, if it was somebody else's decision.")]


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
    help: LiveHelp | None = None
    transfer: LiveTransfer | None = None
    given: Annotated[LiveGiven | None, Meta(description="Null once its new owner has opened it.")] = None
    approval_asked_ms: Annotated[
        Millis | None, Meta(description="Since when an Action waits for a second person; null if none does.")
    ] = None
    workflow_key: Key | None = None
    section_key: Annotated[Key | None, Meta(description="Of the current Section, whatever the version.")] = None
    watchers: Annotated[
        tuple[LiveWatcher, ...],
        Meta(description="Who else is in it, by presence leases; the log knows nothing of it."),
    ] = ()
    driver_away_ms: Annotated[
        Millis | None,
        Meta(description="When the driver's last presence lease ended; null while there is one. As `watchers`."),
    ] = None
