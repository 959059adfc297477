"""Events: what became true. The log of a Session is made of entries of events.

Never rename or remove one that was released: logs hold it, and are folded
from their first entry. A property that is added has a default. `SEALED` names the properties that hold typed
content; they are encrypted at rest, each in its own slot.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta

from protocol.actions import ActionId, ActionStatus, AttemptDetail, LeafPath, OutcomeKind
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
    Name,
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

SCHEMA_VERSION = 1
"""Version of the events below; an entry carries the one that it was written with."""


class Entered(StrEnum):
    """How a visit began."""

    START = "start"
    ANSWER = "answer"
    ROUTE = "route"
    BACK = "back"
    JUMP = "jump"


class PauseCause(StrEnum):
    """Why a Session waits."""

    PERSON = "person"
    DRIVER_LEFT = "driver_left"


class EndCause(StrEnum):
    """Why a Session was finished early."""

    PERSON = "person"
    SWITCHED = "switched"
    EXPIRED = "expired"


class SeatCause(StrEnum):
    """How somebody came to drive."""

    TAKEN = "taken"
    RETAKEN = "retaken"
    HANDED_BACK = "handed_back"
    GRANTED = "granted"
    ACCEPTED = "accepted"
    RESUMED = "resumed"
    FREED = "freed"
    WITH_SESSION = "with_session"


class HandoverKind(StrEnum):
    """Who asks whom that the seat pass."""

    REQUEST = "request"
    OFFER = "offer"


class HandoverOutcome(StrEnum):
    """What became of it."""

    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    OVERTAKEN = "overtaken"


class SuggestionKind(StrEnum):
    """What is suggested."""

    FIELD = "field"
    ANSWER = "answer"
    RESPONSE = "response"
    LINE = "line"


class SuggestionOutcome(StrEnum):
    """What became of a suggestion."""

    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class MomentLabel(StrEnum):
    """What a marked moment is."""

    WELL_DONE = "well_done"
    TO_DISCUSS = "to_discuss"
    COMPLAINT = "complaint"
    PROMISE = "promise"
    COMPLIANCE = "compliance"
    OTHER = "other"


class ProblemKind(StrEnum):
    """Which rule a Field's value breaks. The `not_…` kinds: the text could not be read as the Field's type."""

    NOT_A_NUMBER = "not_a_number"
    NOT_AN_AMOUNT = "not_an_amount"
    NOT_A_DATE = "not_a_date"
    NOT_A_TIME = "not_a_time"
    NOT_A_DATE_TIME = "not_a_date_time"
    NOT_AN_EMAIL = "not_an_email"
    NOT_A_PHONE = "not_a_phone"
    NOT_A_URL = "not_a_url"
    NOT_A_POSTCODE = "not_a_postcode"
    NOT_A_COUNTRY = "not_a_country"
    WRONG_CURRENCY = "wrong_currency"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    PATTERN = "pattern"
    NOT_AN_OPTION = "not_an_option"


class FieldProblem(Record, frozen=True, kw_only=True):
    """Why a kept value breaks its Field's rules."""

    kind: ProblemKind
    expected: Annotated[str, Meta(description="What would be valid, for a person: 'at most 50'.")]


class Party(Record, frozen=True, kw_only=True):
    """A person, or an API token, as the log remembers them."""

    id: PersonId
    name: Name


class NamedTeam(Record, frozen=True, kw_only=True):
    """A team as the log remembers it."""

    id: TeamId
    name: Name


class SessionStarted(Record, frozen=True, kw_only=True, tag="session_started"):
    """The first event of a log. `training` is fixed here for good."""

    session_id: SessionId
    version_id: VersionId
    owner: Party
    team_ids: tuple[TeamId, ...]
    training: bool
    switched_from: Annotated[SessionId | None, Meta(description="The Session whose call goes on here.")] = None
    external_id: ExternalId | None = None
    driver: Annotated[Party | None, Meta(description="Who drives, if it is not the owner.")] = None


class VisitStarted(Record, frozen=True, kw_only=True, tag="visit_started"):
    """A stay on a Section began; the one before, if any, ended with it."""

    visit_id: VisitId
    section_key: Key
    entered: Entered
    previous_id: Annotated[VisitId | None, Meta(description="The visit before it on the path.")]
    continues: Annotated[VisitId | None, Meta(description="The earlier visit that Back returned to.")] = None
    selected: Annotated[Key | None, Meta(description="Answer preselected by Back.")] = None
    abandons: Annotated[tuple[VisitId, ...], Meta(description="Visits that Back left behind.")] = ()


class AnswerSelected(Record, frozen=True, kw_only=True, tag="answer_selected"):
    """An Answer was marked, or none."""

    visit_id: VisitId
    answer_key: Key | None


class Answered(Record, frozen=True, kw_only=True, tag="answered"):
    """The selected Answer was taken to move on."""

    visit_id: VisitId
    answer_key: Key


class FieldSet(Record, frozen=True, kw_only=True, tag="field_set"):
    """A Field holds this content now; null if it was emptied."""

    field_key: Key
    content: FieldContent
    problem: FieldProblem | None
    visit_id: VisitId
    suggested_by: Annotated[Party | None, Meta(description="Whose suggestion the driver accepted; null if typed.")] = (
        None
    )


class ResponseUsed(Record, frozen=True, kw_only=True, tag="response_used"):
    """A Response was said."""

    visit_id: VisitId
    response_key: Key


class NotesEdited(Record, frozen=True, kw_only=True, tag="notes_edited"):
    """A Yjs update was merged into the Notes."""

    update: Annotated[str, Meta(description="Base64 of a Yjs v1 update.")]


class SessionPaused(Record, frozen=True, kw_only=True, tag="session_paused"):
    """The Session waits."""

    reason: str | None
    cause: PauseCause = PauseCause.PERSON
    call_back_ms: Millis | None = None


class PauseAnnotated(Record, frozen=True, kw_only=True, tag="pause_annotated"):
    """Why it waits and when to call back, said afterwards."""

    reason: str | None
    call_back_ms: Millis | None


class SessionResumed(Record, frozen=True, kw_only=True, tag="session_resumed"):
    """The Session goes on where it was."""


class SeatPassed(Record, frozen=True, kw_only=True, tag="seat_passed"):
    """Another person drives."""

    to: Party
    generation: Generation
    cause: Annotated[SeatCause | None, Meta(description="Null in entries from before it was told.")] = None


class SeatRequested(Record, frozen=True, kw_only=True, tag="seat_requested"):
    """The actor asks to drive."""

    handover_id: HandoverId
    until_ms: Annotated[Millis, Meta(description="From then on it is over, unanswered.")]


class SeatOffered(Record, frozen=True, kw_only=True, tag="seat_offered"):
    """The driver asks somebody to drive."""

    handover_id: HandoverId
    to: Party
    until_ms: Annotated[Millis, Meta(description="From then on it is over, unanswered.")]


class HandoverSettled(Record, frozen=True, kw_only=True, tag="handover_settled"):
    """The seat stays where it is: declined or withdrawn. That it was agreed is told by `seat_passed`."""

    handover_id: HandoverId
    outcome: HandoverOutcome


class TakeExplained(Record, frozen=True, kw_only=True, tag="take_explained"):
    """Why the actor took the seat."""

    generation: Annotated[Generation, Meta(description="The one that began with it.")]
    reason: str | None


class OwnerChanged(Record, frozen=True, kw_only=True, tag="owner_changed"):
    """The Session is another person's now."""

    to: Party


class SessionReassigned(Record, frozen=True, kw_only=True, tag="session_reassigned"):
    """The Session was given to another agent."""

    was: Party
    to: Party
    by: Party
    reason: str | None


class TransferOutcome(StrEnum):
    """What became of a transfer."""

    HANDED_OVER = "handed_over"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    TIMED_OUT = "timed_out"
    OVERTAKEN = "overtaken"
    """The Session finished, or became another person's in another way."""


class TransferAsked(Record, frozen=True, kw_only=True, tag="transfer_asked"):
    """A person or a team was asked to take the Session over."""

    transfer_id: TransferId
    to: Annotated[Party | None, Meta(description="Null if a team was asked.")]
    team: Annotated[NamedTeam | None, Meta(description="Null if a person was asked.")]
    warm: bool
    note: str | None
    until_ms: Annotated[Millis, Meta(description="Unanswered until then it is over.")]


class TransferPassed(Record, frozen=True, kw_only=True, tag="transfer_passed"):
    """The actor, one of the team that was asked, does not take it; the others may."""

    transfer_id: TransferId


class TransferAccepted(Record, frozen=True, kw_only=True, tag="transfer_accepted"):
    """The actor takes it over; of a warm one, comes and watches first."""

    transfer_id: TransferId


class TransferSettled(Record, frozen=True, kw_only=True, tag="transfer_settled"):
    """It is over, and how."""

    transfer_id: TransferId
    outcome: TransferOutcome


class HangUpReported(Record, frozen=True, kw_only=True, tag="hang_up_reported"):
    """The customer hung up; the Session goes on."""


class SuggestionMade(Record, frozen=True, kw_only=True, tag="suggestion_made"):
    """Something was proposed to the driver; an open suggestion in its place is replaced."""

    suggestion_id: SuggestionId
    visit_id: VisitId
    kind: SuggestionKind
    key: Annotated[Key | None, Meta(description="The Field, Answer or Response; null for a line.")]
    content: Annotated[FieldContent, Meta(description="The Field's value in canonical form, or the line.")]
    stays: Annotated[bool, Meta(description="It does not expire with its visit.")]


class SuggestionSettled(Record, frozen=True, kw_only=True, tag="suggestion_settled"):
    """What became of a suggestion that a person dealt with."""

    suggestion_id: SuggestionId
    outcome: SuggestionOutcome


class SuggestionsMuted(Record, frozen=True, kw_only=True, tag="suggestions_muted"):
    """The driver hears no suggestions of persons, or hears them again."""

    muted: bool


class MomentMarked(Record, frozen=True, kw_only=True, tag="moment_marked"):
    """Somebody marked a moment to come back to; nothing else changes."""

    visit_id: Annotated[VisitId, Meta(description="The visit that its marker saw.")]
    label: MomentLabel
    comment: str | None


Ring = Annotated[
    tuple[Party, ...],
    Meta(description="Who is asked one after the other, every 30 s one more; after the last of them, everybody."),
]


class HelpAsked(Record, frozen=True, kw_only=True, tag="help_asked"):
    """Somebody is to come; under the id of an open request, why."""

    help_id: HelpId
    reason: str | None
    ring: Ring = ()


class HelpClaimed(Record, frozen=True, kw_only=True, tag="help_claimed"):
    """The actor comes."""

    help_id: HelpId


class HelpCancelled(Record, frozen=True, kw_only=True, tag="help_cancelled"):
    """Nobody needs to come any more."""

    help_id: HelpId


class WhisperSent(Record, frozen=True, kw_only=True, tag="whisper_sent"):
    """Something was said to these persons, and is shown to them and to the actor alone."""

    whisper_id: WhisperId
    to: tuple[Party, ...]
    text: Annotated[str | None, Meta(description="Null once it was erased.")]


class WhisperReplied(Record, frozen=True, kw_only=True, tag="whisper_replied"):
    """One of them answered."""

    whisper_id: WhisperId
    text: Annotated[str | None, Meta(description="Null once it was erased.")]


class WhisperRead(Record, frozen=True, kw_only=True, tag="whisper_read"):
    """One of them has read it."""

    whisper_id: WhisperId


class ScreenShared(Record, frozen=True, kw_only=True, tag="screen_shared"):
    """The customer sees the screen of who drives, or does not any more; it holds when the seat passes."""

    shared: bool


class SessionCompleted(Record, frozen=True, kw_only=True, tag="session_completed"):
    """Finished at an end Section."""

    won: bool
    missing: Annotated[tuple[Key, ...], Meta(description="Required Fields that were left empty on purpose.")] = ()
    undo_until_ms: Annotated[Millis, Meta(description="Until then it can be undone.")] = 0


class ReviewStarted(Record, frozen=True, kw_only=True, tag="review_started"):
    """Its Actions are reviewed before it is completed."""


class ReviewLeft(Record, frozen=True, kw_only=True, tag="review_left"):
    """Back on the Section."""


class ActionTriggered(Record, frozen=True, kw_only=True, tag="action_triggered"):
    """A Section triggered an Action."""

    action_id: ActionId
    action_key: Key
    visit_id: VisitId
    corrects: Annotated[ActionId | None, Meta(description="The Action that was sent with what is not so any more.")] = (
        None
    )
    compensates: Annotated[ActionId | None, Meta(description="The Action that it makes up for.")] = None


class ActionWithdrawn(Record, frozen=True, kw_only=True, tag="action_withdrawn"):
    """What triggered it is not so any more: Back left its visit, or its condition does not hold."""

    action_id: ActionId


class ActionReinstated(Record, frozen=True, kw_only=True, tag="action_reinstated"):
    """It is triggered again, with its edits."""

    action_id: ActionId
    visit_id: VisitId


class ActionLocked(Record, frozen=True, kw_only=True, tag="action_locked"):
    """One person edits it until then; null lets it go."""

    action_id: ActionId
    until_ms: Millis | None


class ActionEdited(Record, frozen=True, kw_only=True, tag="action_edited"):
    """A text stands in the place of one parameter's template; null: the template again."""

    action_id: ActionId
    action_key: Key
    path: LeafPath
    text: str | None


class ActionRemoved(Record, frozen=True, kw_only=True, tag="action_removed"):
    """It is not to be sent."""

    action_id: ActionId


class ActionRestored(Record, frozen=True, kw_only=True, tag="action_restored"):
    """It is not removed any more."""

    action_id: ActionId


class ApprovalAsked(Record, frozen=True, kw_only=True, tag="approval_asked"):
    """A second person is to approve it as it is."""

    action_id: ActionId


class ApprovalVoided(Record, frozen=True, kw_only=True, tag="approval_voided"):
    """What was asked or approved is not what would be sent now."""

    action_id: ActionId


class ActionApproved(Record, frozen=True, kw_only=True, tag="action_approved"):
    """The second person said yes."""

    action_id: ActionId


class ActionDeclined(Record, frozen=True, kw_only=True, tag="action_declined"):
    """The second person said no."""

    action_id: ActionId
    reason: str | None


class FrozenOrder(Record, frozen=True, kw_only=True):
    """What is sent, however often it is tried."""

    parameters: dict[str, Any]
    session: Annotated[dict[str, Any], Meta(description="The Session's facts, of an Integration that sends them.")] = {}


class ActionFired(Record, frozen=True, kw_only=True, tag="action_fired"):
    """From here on it is sent as it is."""

    action_id: ActionId
    action_key: Key
    order: Annotated[
        FrozenOrder | None, Meta(description="Without the results that it waits for; null once it was erased.")
    ]
    dispatch: Annotated[int, Meta(ge=1, description="Rises when what is sent may be another thing.")]
    due_ms: Millis
    by_completing: bool
    waits_for: Annotated[ActionId | None, Meta(description="The Action whose result it waits for.")] = None


class ActionReleased(Record, frozen=True, kw_only=True, tag="action_released"):
    """The result that it waited for is there."""

    action_id: ActionId
    action_key: Key
    order: FrozenOrder | None
    due_ms: Millis


class ActionCancelled(Record, frozen=True, kw_only=True, tag="action_cancelled"):
    """It was fired, and is not sent after all."""

    action_id: ActionId
    because_of: Annotated[ActionId | None, Meta(description="The Action whose result does not come.")] = None


class AttemptStarted(Record, frozen=True, kw_only=True, tag="attempt_started"):
    """From here on bytes may have left."""

    action_id: ActionId
    attempt: Annotated[int, Meta(ge=1, description="Rises over the Action's life.")]
    recovers: Annotated[bool, Meta(description="It first finds out what became of the one before.")]
    lease_ms: Annotated[Millis, Meta(description="If it has not come back by then, it never will.")]


class AttemptFinished(Record, frozen=True, kw_only=True, tag="attempt_finished"):
    """What came of an attempt, and what follows."""

    action_id: ActionId
    action_key: Key
    attempt: int
    kind: OutcomeKind
    detail: AttemptDetail | None
    status: Annotated[ActionStatus, Meta(description="Sent, failed, unknown, or waiting.")]
    due_ms: Annotated[Millis | None, Meta(description="The next try; null if there is none.")] = None
    recovers: Annotated[bool, Meta(description="The next try first finds out what became of this one.")] = False


class ConnectionAwaited(Record, frozen=True, kw_only=True, tag="connection_awaited"):
    """It waits until its Connection can be used."""

    action_id: ActionId
    reason: Annotated[str, Meta(description="For a person; holds no call content.")]
    due_ms: Millis


class LookUpAsked(Record, frozen=True, kw_only=True, tag="look_up_asked"):
    """The other side is asked whether it was sent."""

    action_id: ActionId
    due_ms: Millis


class ActionMarked(Record, frozen=True, kw_only=True, tag="action_marked"):
    """A person checked: it was sent, or needs no attention any more."""

    action_id: ActionId
    sent: bool
    reason: str | None


class ActionUnlocked(Record, frozen=True, kw_only=True, tag="action_unlocked"):
    """Its failures are forgiven."""

    action_id: ActionId


class CompletionUndone(Record, frozen=True, kw_only=True, tag="completion_undone"):
    """Completing was taken back: the Session goes on where it was."""


class SessionEnded(Record, frozen=True, kw_only=True, tag="session_ended"):
    """Finished early."""

    reason: str | None
    reason_key: Annotated[Key | None, Meta(description="Of the account's list of reasons.")] = None
    cause: EndCause = EndCause.PERSON
    switched_to: Annotated[SessionId | None, Meta(description="The Session in which the call goes on.")] = None


class ContentErased(Record, frozen=True, kw_only=True, tag="content_erased"):
    """What was typed into a Field, or the Notes and whispers, is gone from all entries before this one."""

    field_key: Annotated[Key | None, Meta(description="Null: the Notes and whispers.")]
    action_keys: Annotated[tuple[Key, ...], Meta(description="Actions that may have held it: theirs is gone, too.")]
    slots: Annotated[tuple[str, ...], Meta(description="Where content is sealed from here on; the old keys are gone.")]
    by: Annotated[Party, Meta(description="Who had it erased.")]


Event = (
    SessionStarted
    | VisitStarted
    | AnswerSelected
    | Answered
    | FieldSet
    | ResponseUsed
    | NotesEdited
    | SessionPaused
    | PauseAnnotated
    | SessionResumed
    | SeatPassed
    | SeatRequested
    | SeatOffered
    | HandoverSettled
    | TakeExplained
    | OwnerChanged
    | ReviewStarted
    | ReviewLeft
    | ActionTriggered
    | ActionWithdrawn
    | ActionReinstated
    | ActionLocked
    | ActionEdited
    | ActionRemoved
    | ActionRestored
    | ApprovalAsked
    | ApprovalVoided
    | ActionApproved
    | ActionDeclined
    | ActionFired
    | ActionReleased
    | ActionCancelled
    | AttemptStarted
    | AttemptFinished
    | ConnectionAwaited
    | LookUpAsked
    | ActionMarked
    | ActionUnlocked
    | SessionCompleted
    | CompletionUndone
    | SessionEnded
    | ContentErased
    | SessionReassigned
    | HangUpReported
    | MomentMarked
    | SuggestionMade
    | SuggestionSettled
    | SuggestionsMuted
    | HelpAsked
    | HelpCancelled
    | HelpClaimed
    | TransferAsked
    | TransferPassed
    | TransferAccepted
    | TransferSettled
    | WhisperSent
    | WhisperReplied
    | WhisperRead
    | ScreenShared
)
EVENT_TYPES: tuple[type[Event], ...] = Event.__args__


class Entry(Record, frozen=True, kw_only=True):
    """One accepted command: one place in the log, one delta for every audience."""

    seq: Seq
    entry_id: EntryId
    previous_id: Annotated[EntryId, Meta(description="Entry id before it; empty for the first.")]
    client_id: Annotated[ClientId | None, Meta(description="Null if the server itself acted.")]
    csn: Csn | None
    actor: Party
    at_ms: Annotated[Millis, Meta(description="Never before the entry before it. Order is seq, never time.")]
    schema: int
    events: tuple[Event, ...]


SEALED: dict[type[Event], tuple[str, Callable[[Any], str]]] = {
    FieldSet: ("content", lambda event: f"field/{event.field_key}"),
    NotesEdited: ("update", lambda event: "notes"),
    SessionPaused: ("reason", lambda event: "reason"),
    PauseAnnotated: ("reason", lambda event: "reason"),
    SessionEnded: ("reason", lambda event: "reason"),
    ActionEdited: ("text", lambda event: f"action/{event.action_key}"),
    ActionFired: ("order", lambda event: f"action/{event.action_key}"),
    ActionReleased: ("order", lambda event: f"action/{event.action_key}"),
    AttemptFinished: ("detail", lambda event: f"action/{event.action_key}"),
    ActionDeclined: ("reason", lambda event: "reason"),
    ActionMarked: ("reason", lambda event: "reason"),
    SessionReassigned: ("reason", lambda event: "reason"),
    MomentMarked: ("comment", lambda event: "reason"),
    HelpAsked: ("reason", lambda event: "reason"),
    TakeExplained: ("reason", lambda event: "reason"),
    TransferAsked: ("note", lambda event: "reason"),
    WhisperSent: ("text", lambda event: "whisper"),
    WhisperReplied: ("text", lambda event: "whisper"),
    # No slot of its own: Sessions that were started before there were suggestions have no key for one.
    SuggestionMade: (
        "content",
        lambda event: f"field/{event.key}" if event.kind is SuggestionKind.FIELD else "reason",
    ),
}
"""By event type: the property with typed content, and the slot whose key encrypts it."""
