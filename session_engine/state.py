"""The folded state of one Session.

Immutable: an evolver makes a new state that shares every unchanged map, so
that `project.py` finds what changed by identity. Nobody mutates a map here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from msgspec import Meta
from msgspec.structs import replace

from protocol.actions import ActionId, ActionStatus, Attempt, LeafPath, OutcomeKind
from protocol.base import (
    ClientId,
    Csn,
    EntryId,
    ExternalId,
    FieldContent,
    Generation,
    HandoverId,
    HelpId,
    Key,
    Millis,
    PersonId,
    Record,
    Seq,
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
    FrozenOrder,
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
    suggested_by: Party | None = None


class Moment(Record, frozen=True, kw_only=True):
    """What somebody marked to come back to."""

    id: str
    label: MomentLabel
    comment: str | None
    visit_id: Annotated[VisitId, Meta(description="The visit that its marker saw.")]
    by: Party
    at_ms: Millis


class Suggestion(Record, frozen=True, kw_only=True):
    """What was proposed to the driver."""

    id: SuggestionId
    kind: SuggestionKind
    key: Key | None
    content: FieldContent
    visit_id: VisitId
    stays: Annotated[bool, Meta(description="It does not expire with its visit.")]
    by: Party
    at_ms: Millis
    outcome: Annotated[SuggestionOutcome | None, Meta(description="Null while it is open.")] = None
    settled_by: Party | None = None
    settled_ms: Millis | None = None

    @property
    def is_open(self) -> bool:
        """The driver may still accept it."""
        return self.outcome is None

    @property
    def place(self) -> tuple[SuggestionKind, Key | None]:
        """Where it stands; one is open there at most."""
        return self.kind, self.key if self.kind is SuggestionKind.FIELD else None


class Reassignment(Record, frozen=True, kw_only=True):
    """That the Session became another person's."""

    id: str
    was: Party
    to: Party
    by: Party
    reason: str | None
    at_ms: Millis
    agreed: bool
    """Who has it since took it, or said yes to it."""


class Transfer(Record, frozen=True, kw_only=True):
    """That somebody was asked to take the Session over, and what became of it."""

    id: TransferId
    by: Party
    to: Annotated[Party | None, Meta(description="Null if a team was asked.")]
    team: Annotated[NamedTeam | None, Meta(description="Null if a person was asked.")]
    warm: bool
    note: str | None
    asked_ms: Millis
    until_ms: Millis
    passed_by: Annotated[tuple[Party, ...], Meta(description="Of the team, who did not take it.")] = ()
    accepted_by: Party | None = None
    accepted_ms: Millis | None = None
    outcome: Annotated[TransferOutcome | None, Meta(description="Null while it is open.")] = None
    settled_by: Party | None = None
    settled_ms: Millis | None = None


class HelpRequest(Record, frozen=True, kw_only=True):
    """That somebody asked for help, and who comes."""

    id: HelpId
    by: Party
    reason: str | None
    asked_ms: Millis
    ring: Ring = ()
    claimed_by: Party | None = None
    claimed_ms: Millis | None = None
    closed_ms: Annotated[Millis | None, Meta(description="When it was cancelled, or the Session finished.")] = None


class Handover(Record, frozen=True, kw_only=True):
    """That somebody asked for the seat, or was offered it."""

    id: HandoverId
    kind: HandoverKind
    by: Annotated[Party, Meta(description="Who asked.")]
    to: Annotated[Party, Meta(description="Who would drive.")]
    asked_ms: Millis
    until_ms: Millis
    outcome: Annotated[HandoverOutcome | None, Meta(description="Null while it is open, and if nobody answered.")] = (
        None
    )
    settled_by: Party | None = None
    settled_ms: Millis | None = None

    def is_open(self, now_ms: Millis) -> bool:
        """It may still be answered."""
        return self.outcome is None and now_ms < self.until_ms


class SeatChange(Record, frozen=True, kw_only=True):
    """That another person drove from then on."""

    generation: Generation
    was: Party
    to: Party
    by: Party
    cause: SeatCause | None
    at_ms: Millis
    reason: str | None = None


class WhisperReply(Record, frozen=True, kw_only=True):
    """What one of those whom it was said to answered."""

    by: Party
    text: Annotated[str | None, Meta(description="Null once it was erased.")]
    at_ms: Millis


class SaidWhisper(Record, frozen=True, kw_only=True):
    """What was said to some of those who had the Session open."""

    id: WhisperId
    by: Party
    to: tuple[Party, ...]
    text: Annotated[str | None, Meta(description="Null once it was erased.")]
    at_ms: Millis
    read_by: tuple[PersonId, ...] = ()
    replies: tuple[WhisperReply, ...] = ()

    def is_to(self, person_id: PersonId) -> bool:
        """Whether it was said to this person."""
        return any(party.id == person_id for party in self.to)

    @property
    def concerned(self) -> frozenset[PersonId]:
        """Who said it, and whom it was said to: nobody else is shown it."""
        return frozenset((self.by.id, *(party.id for party in self.to)))


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


class Approval(Record, frozen=True, kw_only=True):
    """What the second person was asked, and said."""

    asked_ms: Millis
    asked_seq: Seq = 0
    asked_by: Annotated[Party | None, Meta(description="Whose command made it ready to be asked.")] = None
    by: Party | None = None
    at_ms: Millis | None = None
    approved: bool | None = None
    reason: str | None = None


class Action(Record, frozen=True, kw_only=True):
    """Something that a Section triggered: what a person changed of it, and what became of it."""

    id: ActionId
    key: Key
    visit_id: VisitId
    status: ActionStatus = ActionStatus.DRAFT
    overrides: Mapping[LeafPath, str] = {}
    locked_by: Party | None = None
    locked_until_ms: Millis | None = None
    edited_by: Party | None = None
    removed_by: Party | None = None
    approval: Approval | None = None
    order: Annotated[FrozenOrder | None, Meta(description="What was fired last; null before, and once erased.")] = None
    dispatch: Annotated[int, Meta(description="0 before it was fired.")] = 0
    is_changed: Annotated[bool, Meta(description="Edited since it was fired last.")] = False
    fired_by: Party | None = None
    fired_ms: Millis | None = None
    by_completing: bool = False
    due_ms: Annotated[Millis | None, Meta(description="When the dispatcher has to look at it.")] = None
    waits_for: ActionId | None = None
    waits_reason: str | None = None
    attempts: tuple[Attempt, ...] = ()
    tries: Annotated[int, Meta(description="Of this dispatch, without those that were only put off.")] = 0
    deferrals: int = 0
    deferred_ms: Annotated[Millis | None, Meta(description="When it was first put off.")] = None
    recovers: Annotated[bool, Meta(description="The next try first finds out what became of the one before.")] = False
    failures: int = 0
    settled_ms: Millis | None = None
    results: Mapping[str, Any] = {}
    corrects: ActionId | None = None
    compensates: ActionId | None = None
    dismissed_by: Party | None = None
    marked_by: Party | None = None
    reason: str | None = None

    @property
    def may_have_been_sent(self) -> bool:
        """Whether an attempt with what was fired last may have worked, though nobody saw that it did."""
        return any(
            attempt.dispatch == self.dispatch and attempt.kind in (None, OutcomeKind.AMBIGUOUS)
            for attempt in self.attempts
        )

    @property
    def message(self) -> str:
        """What the last attempt brought back."""
        return self.attempts[-1].detail.message if self.attempts else ""

    def is_locked_for(self, person_id: PersonId, now_ms: Millis) -> bool:
        """Whether somebody else edits it."""
        return (
            self.locked_by is not None
            and self.locked_by.id != person_id
            and self.locked_until_ms is not None
            and now_ms < self.locked_until_ms
        )


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
    seated_ms: Annotated[Millis, Meta(description="Since when the driver drives.")]
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
    actions: Mapping[ActionId, Action] = {}
    came_from: Annotated[
        SessionStatus | None, Meta(description="What resuming or undoing goes back to; null for active.")
    ] = None
    changed_by: Annotated[
        Mapping[PersonId, Seq], Meta(description="By person, the last entry that changed what an Action would send.")
    ] = {}
    corrections: Mapping[str, Correction] = {}
    suggestions: Mapping[SuggestionId, Suggestion] = {}
    suggestions_muted: bool = False
    reassignments: Mapping[str, Reassignment] = {}
    moments: Mapping[str, Moment] = {}
    help_requests: Mapping[HelpId, HelpRequest] = {}
    handovers: Mapping[HandoverId, Handover] = {}
    seat_changes: Annotated[Mapping[str, SeatChange], Meta(description="By generation.")] = {}
    transfers: Mapping[TransferId, Transfer] = {}
    whispers: Mapping[WhisperId, SaidWhisper] = {}
    screen_shared: Annotated[bool, Meta(description="The customer sees the screen, or that of who drove before.")] = (
        False
    )
    hung_up_ms: Millis | None = None
    notes: Notes | None = None
    renewed: Annotated[tuple[str, ...], Meta(description="Slots that took the place of erased ones.")] = ()
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

    def with_action(self, action: Action) -> SessionState:
        """The same with this Action added or replaced."""
        return replace(self, actions={**self.actions, action.id: action})

    def with_suggestions_settled(
        self, concerned: Callable[[Suggestion], bool], outcome: SuggestionOutcome, by: Party, at_ms: Millis
    ) -> SessionState:
        """The same after this became of the open suggestions that are concerned."""
        settled = {
            each.id: replace(each, outcome=outcome, settled_by=by, settled_ms=at_ms)
            for each in self.suggestions.values()
            if each.is_open and concerned(each)
        }
        return replace(self, suggestions={**self.suggestions, **settled}) if settled else self

    @property
    def open_help(self) -> HelpRequest | None:
        """The request for help that is not over, whether or not somebody comes."""
        return next((each for each in self.help_requests.values() if each.closed_ms is None), None)

    def with_help(self, request: HelpRequest) -> SessionState:
        """The same with this request added or replaced."""
        return replace(self, help_requests={**self.help_requests, request.id: request})

    def find_open_handover(self, now_ms: Millis) -> Handover | None:
        """What may still be answered about the seat; only the latest can be."""
        latest = self.handovers.get(f"p{len(self.handovers)}")
        return latest if latest is not None and latest.is_open(now_ms) else None

    def with_handover(self, handover: Handover) -> SessionState:
        """The same with this handover added or replaced."""
        return replace(self, handovers={**self.handovers, handover.id: handover})

    def with_handover_settled(self, outcome: HandoverOutcome, by: Party, at_ms: Millis) -> SessionState:
        """The same after this became of the open handover, if there is one; unanswered ones stay so."""
        handover = self.find_open_handover(at_ms)
        if handover is None:
            return self
        return self.with_handover(replace(handover, outcome=outcome, settled_by=by, settled_ms=at_ms))

    @property
    def open_transfer(self) -> Transfer | None:
        """The transfer that is not over, whether or not somebody has come for it."""
        return next((each for each in self.transfers.values() if each.outcome is None), None)

    @property
    def taker(self) -> Party | None:
        """Who came for the Session in a warm transfer, and does not have it yet."""
        transfer = self.open_transfer
        return None if transfer is None else transfer.accepted_by

    def with_transfer(self, transfer: Transfer) -> SessionState:
        """The same with this transfer added or replaced."""
        return replace(self, transfers={**self.transfers, transfer.id: transfer})

    def with_transfer_settled(self, outcome: TransferOutcome, by: Party, at_ms: Millis) -> SessionState:
        """The same after this became of the open transfer, if there is one."""
        transfer = self.open_transfer
        if transfer is None:
            return self
        return self.with_transfer(replace(transfer, outcome=outcome, settled_by=by, settled_ms=at_ms))

    def with_visit(self, visit: Visit) -> SessionState:
        """The same with this visit added or replaced."""
        return replace(self, visits={**self.visits, visit.id: visit})
