"""Commands: what a person asks of a Session.

A command is a wish in the imperative; `session_engine/decide.py` answers it
with events or a refusal. Who may send which is `session_engine/rights.py`.
Unknown properties are refused here and nowhere else on the wire.

Rules: protocol/SPEC.md, CM.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from protocol.actions import ActionId, AttemptDetail, LeafPath, LeafText, OutcomeKind
from protocol.base import (
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
from protocol.events import MomentLabel, Party, SuggestionKind
from protocol.integrations import Safety, Schedule

Reason = Annotated[str, Meta(max_length=255, description="In the person's words.")]
WhisperText = Annotated[str, Meta(min_length=1, max_length=500, description="In the person's words.")]
Comment = Annotated[str, Meta(max_length=300, description="On a moment, in the person's words.")]


class StartSession(Record, frozen=True, kw_only=True, tag="start_session", forbid_unknown_fields=True):
    """Start a Session of a published version under the id in the envelope, drawn by the sender."""

    version_id: VersionId
    training: Annotated[bool, Meta(description="Practice: outside floor and reports.")] = False
    switched_from: Annotated[
        SessionId | None,
        Meta(description="The open Session whose call goes on here, with its values and Notes; `switch` then ends it."),
    ] = None
    section_key: Annotated[
        Key | None,
        Meta(description="Where to go on, if the version has it: only from a Session whose version was recalled."),
    ] = None
    external_id: Annotated[
        ExternalId | None, Meta(description="The Session's id is made from it: a second start finds the first.")
    ] = None
    owner_id: Annotated[
        PersonId | None, Meta(description="Whose Session it is: an agent, named by an API token and by nobody else.")
    ] = None
    values: Annotated[dict[Key, FieldContent], Meta(description="Fields that are filled from the start.")] = {}


class SelectAnswer(Record, frozen=True, kw_only=True, tag="select_answer", forbid_unknown_fields=True):
    """Mark an Answer of the current Section, or none; does not move."""

    visit_id: VisitId
    seat: Generation
    answer_key: Key | None


class Continue(Record, frozen=True, kw_only=True, tag="continue", forbid_unknown_fields=True):
    """Move along the selected Answer to the next Section."""

    visit_id: VisitId
    seat: Generation


class Back(Record, frozen=True, kw_only=True, tag="back", forbid_unknown_fields=True):
    """Return to an earlier visit of the path; later visits are marked abandoned."""

    visit_id: VisitId
    seat: Generation
    to_visit_id: VisitId


class GoTo(Record, frozen=True, kw_only=True, tag="go_to", forbid_unknown_fields=True):
    """Jump to a Section that is open to jumps."""

    visit_id: VisitId
    seat: Generation
    section_key: Key


class SetField(Record, frozen=True, kw_only=True, tag="set_field", forbid_unknown_fields=True):
    """Enter a value; null empties the Field. A value that breaks a rule is kept and marked."""

    visit_id: VisitId
    seat: Generation
    field_key: Key
    content: FieldContent


class CorrectField(Record, frozen=True, kw_only=True, tag="correct_field", forbid_unknown_fields=True):
    """Give a Field of a finished Session another value; null empties it. What it was is kept."""

    field_key: Key
    content: FieldContent


class UseResponse(Record, frozen=True, kw_only=True, tag="use_response", forbid_unknown_fields=True):
    """Say a Response to an objection or a customer question; does not move."""

    visit_id: VisitId
    seat: Generation
    response_key: Key


class EditNotes(Record, frozen=True, kw_only=True, tag="edit_notes", forbid_unknown_fields=True):
    """Merge a Yjs update (v1 encoding, https://docs.yjs.dev/api/document-updates) into the Notes."""

    update: Annotated[str, Meta(min_length=1, max_length=500_000, description="Base64.")]


class Pause(Record, frozen=True, kw_only=True, tag="pause", forbid_unknown_fields=True):
    """Interrupt the Session; it resumes where it was."""

    visit_id: Annotated[VisitId | None, Meta(description="Null from an API token, which sees no visit.")] = None
    seat: Annotated[Generation | None, Meta(description="Null from an API token.")] = None
    reason: Reason | None = None
    call_back_ms: Annotated[Millis | None, Meta(description="When the customer wants to be called.")] = None


class AnnotatePause(Record, frozen=True, kw_only=True, tag="annotate_pause", forbid_unknown_fields=True):
    """Say afterwards why it is paused and when to call back; replaces what was said before."""

    reason: Reason | None = None
    call_back_ms: Annotated[Millis | None, Meta(description="When the customer wants to be called.")] = None


class Resume(Record, frozen=True, kw_only=True, tag="resume", forbid_unknown_fields=True):
    """Go on with a paused Session; the seat passes to who resumes, and from a colleague's Session the owner too.

    From an API token it passes to the owner.
    """


class Complete(Record, frozen=True, kw_only=True, tag="complete", forbid_unknown_fields=True):
    """Finish at an end Section; in the review, fire what was reviewed. With Actions to review, the review opens."""

    visit_id: VisitId
    seat: Generation
    anyway: Annotated[bool, Meta(description="Even though required Fields are empty, or Actions stay not fired.")] = (
        False
    )
    seen: Annotated[
        Seq | None,
        Meta(description="Where the view stood that was reviewed: what others changed since is not fired unseen."),
    ] = None


class LeaveReview(Record, frozen=True, kw_only=True, tag="leave_review", forbid_unknown_fields=True):
    """Go back from the review to the Section."""

    visit_id: VisitId
    seat: Generation


class LockAction(Record, frozen=True, kw_only=True, tag="lock_action", forbid_unknown_fields=True):
    """Edit an Action alone for a while, or let it go."""

    action_id: ActionId
    locked: bool


class EditAction(Record, frozen=True, kw_only=True, tag="edit_action", forbid_unknown_fields=True):
    """Put a text in the place of one parameter's template; null goes back to the template."""

    action_id: ActionId
    path: LeafPath
    text: LeafText | None


class RemoveAction(Record, frozen=True, kw_only=True, tag="remove_action", forbid_unknown_fields=True):
    """Have an Action not sent; or have it back."""

    action_id: ActionId
    removed: bool


class SendAction(Record, frozen=True, kw_only=True, tag="send_action", forbid_unknown_fields=True):
    """Fire one Action: an immediate one during the call, any that was not sent from the record."""

    action_id: ActionId
    again: Annotated[bool, Meta(description="It may have been sent before: the sender checked.")] = False
    seen: Annotated[Seq | None, Meta(description="Where the view stood that was seen; see `complete`.")] = None


class CancelAction(Record, frozen=True, kw_only=True, tag="cancel_action", forbid_unknown_fields=True):
    """Take back an Action that was fired, while nothing of it is in flight."""

    action_id: ActionId


class ApproveAction(Record, frozen=True, kw_only=True, tag="approve_action", forbid_unknown_fields=True):
    """Say as the second person whether an Action may be sent as it is."""

    action_id: ActionId
    approved: bool
    reason: Reason | None = None
    seen: Annotated[Seq | None, Meta(description="Where the view stood that was seen; see `complete`.")] = None


class LookUpAction(Record, frozen=True, kw_only=True, tag="look_up_action", forbid_unknown_fields=True):
    """Ask the other side whether an Action that may have been sent was."""

    action_id: ActionId


class MarkAction(Record, frozen=True, kw_only=True, tag="mark_action", forbid_unknown_fields=True):
    """Settle by hand what a person checked: it was sent, or it needs no attention any more."""

    action_id: ActionId
    sent: Annotated[bool, Meta(description="True: it was sent. False: dismissed, its status stays.")]
    reason: Reason | None = None


class CorrectAction(Record, frozen=True, kw_only=True, tag="correct_action", forbid_unknown_fields=True):
    """Prepare a second Action with what the Fields say now, after one was sent with what they said then."""

    action_id: ActionId


class UnlockAction(Record, frozen=True, kw_only=True, tag="unlock_action", forbid_unknown_fields=True):
    """Let an Action that failed too often be tried again."""

    action_id: ActionId


class Undo(Record, frozen=True, kw_only=True, tag="undo", forbid_unknown_fields=True):
    """Take completing back, within the seconds that the head names."""

    seat: Generation


class End(Record, frozen=True, kw_only=True, tag="end", forbid_unknown_fields=True):
    """Finish early, anywhere."""

    reason_key: Annotated[Key | None, Meta(description="Of the account's list of reasons.")] = None
    reason: Reason | None = None


class Switch(Record, frozen=True, kw_only=True, tag="switch", forbid_unknown_fields=True):
    """Finish as switched: the call goes on in the Session that `start_session` began from this one."""

    visit_id: VisitId
    seat: Generation
    to_session_id: Annotated[SessionId, Meta(description="The Session that goes on.")]


class TakeSeat(Record, frozen=True, kw_only=True, tag="take_seat", forbid_unknown_fields=True):
    """Become the driver."""

    seat: Annotated[Generation, Meta(description="The generation that the sender saw.")]


class HandBack(Record, frozen=True, kw_only=True, tag="hand_back", forbid_unknown_fields=True):
    """Give the seat to the owner, at once."""

    seat: Annotated[Generation, Meta(description="The generation that the sender saw.")]


class RequestSeat(Record, frozen=True, kw_only=True, tag="request_seat", forbid_unknown_fields=True):
    """Ask the driver for the seat."""

    seat: Annotated[Generation, Meta(description="The generation that the sender saw.")]


class OfferSeat(Record, frozen=True, kw_only=True, tag="offer_seat", forbid_unknown_fields=True):
    """Ask somebody to take the seat over."""

    seat: Annotated[Generation, Meta(description="The generation that the sender saw.")]
    to_id: Annotated[PersonId, Meta(description="A coach, a supervisor or the owner who has the Session open.")]


class GrantSeat(Record, frozen=True, kw_only=True, tag="grant_seat", forbid_unknown_fields=True):
    """Give the seat to who asked for it."""

    seat: Annotated[Generation, Meta(description="The generation that the sender saw.")]
    handover_id: HandoverId


class AcceptSeat(Record, frozen=True, kw_only=True, tag="accept_seat", forbid_unknown_fields=True):
    """Become the driver, as one was asked to."""

    seat: Annotated[Generation, Meta(description="The generation that the sender saw.")]
    handover_id: HandoverId


class DeclineSeat(Record, frozen=True, kw_only=True, tag="decline_seat", forbid_unknown_fields=True):
    """Keep the seat that was asked for, or leave the one that was offered."""

    seat: Annotated[Generation, Meta(description="The generation that the sender saw.")]
    handover_id: HandoverId


class WithdrawSeat(Record, frozen=True, kw_only=True, tag="withdraw_seat", forbid_unknown_fields=True):
    """Take one's own request or offer back."""

    seat: Annotated[Generation, Meta(description="The generation that the sender saw.")]
    handover_id: HandoverId


class ExplainTake(Record, frozen=True, kw_only=True, tag="explain_take", forbid_unknown_fields=True):
    """Say afterwards why one took the seat; replaces what was said before."""

    generation: Annotated[Generation, Meta(description="The one that began with it; it may be over.")]
    reason: Reason | None


class ReportHangUp(Record, frozen=True, kw_only=True, tag="report_hang_up", forbid_unknown_fields=True):
    """Say that the customer hung up; ends nothing."""


class Reassign(Record, frozen=True, kw_only=True, tag="reassign", forbid_unknown_fields=True):
    """Make the Session another agent's; the seat goes along if its owner drove."""

    to_id: Annotated[PersonId, Meta(description="An active agent of the Session's team.")]
    reason: Reason | None = None


class Transfer(Record, frozen=True, kw_only=True, tag="transfer", forbid_unknown_fields=True):
    """Ask a person, or whoever of a team accepts first, to take the Session over; until then it stays where it is."""

    to_id: Annotated[PersonId | None, Meta(description="An active agent of the Session's teams; null if a team.")] = (
        None
    )
    to_team_id: Annotated[TeamId | None, Meta(description="One of the Session's teams; null if a person.")] = None
    warm: Annotated[bool, Meta(description="Who accepts watches first, until it is handed over.")] = False
    note: Reason | None = None


class AcceptTransfer(Record, frozen=True, kw_only=True, tag="accept_transfer", forbid_unknown_fields=True):
    """Take the Session over; of a warm transfer, come and watch first."""

    transfer_id: TransferId


class DeclineTransfer(Record, frozen=True, kw_only=True, tag="decline_transfer", forbid_unknown_fields=True):
    """Not take it over, also after having come; of a team the others may still."""

    transfer_id: TransferId


class WithdrawTransfer(Record, frozen=True, kw_only=True, tag="withdraw_transfer", forbid_unknown_fields=True):
    """Ask nobody any more, whether or not somebody has come."""

    transfer_id: TransferId


class CompleteTransfer(Record, frozen=True, kw_only=True, tag="complete_transfer", forbid_unknown_fields=True):
    """Make the Session theirs who came for it, in a warm transfer."""

    transfer_id: TransferId
    to_id: Annotated[PersonId, Meta(description="Who came, as it was seen.")]


class MarkMoment(Record, frozen=True, kw_only=True, tag="mark_moment", forbid_unknown_fields=True):
    """Mark this moment of the call, to come back to it."""

    seen_visit_id: Annotated[VisitId, Meta(description="The visit that was on the screen; it may be over.")]
    label: MomentLabel
    comment: Comment | None = None


class Suggest(Record, frozen=True, kw_only=True, tag="suggest", forbid_unknown_fields=True):
    """Propose something to the driver, in its place; replaces what was proposed there before."""

    visit_id: Annotated[
        VisitId | None, Meta(description="The visit it is made for; null from an API token, which sees none.")
    ] = None
    kind: SuggestionKind
    key: Annotated[Key | None, Meta(description="The Field, Answer or Response; null for a line.")] = None
    content: Annotated[
        FieldContent, Meta(description="The value as typed, or the line of at most 300 characters; else null.")
    ] = None


class AcceptSuggestion(Record, frozen=True, kw_only=True, tag="accept_suggestion", forbid_unknown_fields=True):
    """Do what was suggested: the value is set, the Answer selected, the Response used, the line said."""

    visit_id: VisitId
    seat: Generation
    suggestion_id: SuggestionId


class DismissSuggestion(Record, frozen=True, kw_only=True, tag="dismiss_suggestion", forbid_unknown_fields=True):
    """Do not do what was suggested."""

    visit_id: VisitId
    seat: Generation
    suggestion_id: SuggestionId


class WithdrawSuggestion(Record, frozen=True, kw_only=True, tag="withdraw_suggestion", forbid_unknown_fields=True):
    """Take back what one suggested oneself."""

    suggestion_id: SuggestionId


class MuteSuggestions(Record, frozen=True, kw_only=True, tag="mute_suggestions", forbid_unknown_fields=True):
    """Hear no suggestions of persons, or hear them again; those that stand are dismissed."""

    seat: Generation
    muted: bool


class AskForHelp(Record, frozen=True, kw_only=True, tag="ask_for_help", forbid_unknown_fields=True):
    """Ask coaches and supervisors to come; asked again while nobody has said they come, it says why."""

    reason: Reason | None = None


class CancelHelp(Record, frozen=True, kw_only=True, tag="cancel_help", forbid_unknown_fields=True):
    """Need no help any more, whether or not somebody is coming."""

    help_id: HelpId


class ClaimHelp(Record, frozen=True, kw_only=True, tag="claim_help", forbid_unknown_fields=True):
    """Say that one comes oneself."""

    help_id: HelpId


class Whisper(Record, frozen=True, kw_only=True, tag="whisper", forbid_unknown_fields=True):
    """Say something to one person who has the Session open, or to all who have; the customer never sees it."""

    text: WhisperText
    to_id: Annotated[PersonId | None, Meta(description="The driver, or who else is here; null for all of them.")] = None


class ReplyToWhisper(Record, frozen=True, kw_only=True, tag="reply_to_whisper", forbid_unknown_fields=True):
    """Answer a whisper that was said to oneself."""

    whisper_id: WhisperId
    text: WhisperText


class ReadWhisper(Record, frozen=True, kw_only=True, tag="read_whisper", forbid_unknown_fields=True):
    """Say that one has read a whisper that was said to oneself."""

    whisper_id: WhisperId


class ShareScreen(Record, frozen=True, kw_only=True, tag="share_screen", forbid_unknown_fields=True):
    """Say that the customer sees one's screen, or does not any more."""

    seat: Generation
    shared: bool


Command = (
    StartSession
    | SelectAnswer
    | Continue
    | Back
    | GoTo
    | SetField
    | CorrectField
    | UseResponse
    | EditNotes
    | Pause
    | AnnotatePause
    | Resume
    | Complete
    | LeaveReview
    | LockAction
    | EditAction
    | RemoveAction
    | SendAction
    | CancelAction
    | ApproveAction
    | LookUpAction
    | MarkAction
    | CorrectAction
    | UnlockAction
    | Undo
    | End
    | Switch
    | TakeSeat
    | HandBack
    | RequestSeat
    | OfferSeat
    | GrantSeat
    | AcceptSeat
    | DeclineSeat
    | WithdrawSeat
    | ExplainTake
    | ReportHangUp
    | Reassign
    | Transfer
    | AcceptTransfer
    | DeclineTransfer
    | WithdrawTransfer
    | CompleteTransfer
    | MarkMoment
    | Suggest
    | AcceptSuggestion
    | DismissSuggestion
    | WithdrawSuggestion
    | MuteSuggestions
    | AskForHelp
    | CancelHelp
    | ClaimHelp
    | Whisper
    | ReplyToWhisper
    | ReadWhisper
    | ShareScreen
)
COMMAND_TYPES: tuple[type[Command], ...] = Command.__args__


class DriverLeft(Record, frozen=True, kw_only=True, tag="driver_left"):
    """Pause a Session whose driver has been gone for long."""


class Expire(Record, frozen=True, kw_only=True, tag="expire"):
    """End a Session that was paused for long."""


class StartAttempt(Record, frozen=True, kw_only=True, tag="start_attempt"):
    """Claim a due Action before the first byte leaves."""

    action_id: ActionId
    safety: Annotated[Safety, Meta(description="Of this Action over this Connection.")]


class FinishAttempt(Record, frozen=True, kw_only=True, tag="finish_attempt"):
    """Say what came of an attempt; only the live one counts."""

    action_id: ActionId
    attempt: int
    kind: OutcomeKind
    detail: AttemptDetail
    safety: Safety
    schedule: Schedule
    retry_after_ms: Annotated[int | None, Meta(ge=0, description="How long the other side asks to wait.")] = None
    jitter: Annotated[float, Meta(ge=-1, le=1, description="Drawn by who asks; spreads tries by up to a fifth.")] = 0.0


class AwaitConnection(Record, frozen=True, kw_only=True, tag="await_connection"):
    """Leave a due Action waiting, since its Connection cannot be used."""

    action_id: ActionId
    reason: Annotated[str, Meta(max_length=500, description="For a person; names no credential.")]


class EraseContent(Record, frozen=True, kw_only=True, tag="erase_content"):
    """Forget what was typed into a Field, or the Notes and whispers, now that the keys of its slots are gone."""

    field_key: Annotated[Key | None, Meta(description="Null: the Notes and whispers.")]
    slots: Annotated[tuple[str, ...], Meta(description="Where content is sealed from here on.")]
    by: Party


class Vacate(Record, frozen=True, kw_only=True, tag="vacate"):
    """Free what somebody who was deactivated holds: the Session, if a colleague is named, and the seat."""

    person_id: PersonId
    to_id: Annotated[PersonId | None, Meta(description="Whose their own Session is now; null leaves it theirs.")]
    by: Annotated[Party, Meta(description="Who had them deactivated.")]


class LapseTransfer(Record, frozen=True, kw_only=True, tag="lapse_transfer"):
    """End a transfer that nobody answered in time."""

    transfer_id: TransferId


SystemCommand = (
    DriverLeft | Expire | StartAttempt | FinishAttempt | AwaitConnection | EraseContent | Vacate | LapseTransfer
)
"""What the server itself asks for, as the actor *system*; never decoded from a frame."""
