"""Commands: what a person asks of a Session.

A command is a wish in the imperative; `session_engine/decide.py` answers it
with events or a refusal. Who may send which is `session_engine/rights.py`.
Unknown properties are refused here and nowhere else on the wire.

Rules: protocol/SPEC.md, CM.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from protocol.base import ExternalId, FieldContent, Generation, Key, Millis, Record, SessionId, VersionId, VisitId

Reason = Annotated[str, Meta(max_length=255, description="In the person's words.")]


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

    visit_id: VisitId
    seat: Generation
    reason: Reason | None = None
    call_back_ms: Annotated[Millis | None, Meta(description="When the customer wants to be called.")] = None


class AnnotatePause(Record, frozen=True, kw_only=True, tag="annotate_pause", forbid_unknown_fields=True):
    """Say afterwards why it is paused and when to call back; replaces what was said before."""

    reason: Reason | None = None
    call_back_ms: Annotated[Millis | None, Meta(description="When the customer wants to be called.")] = None


class Resume(Record, frozen=True, kw_only=True, tag="resume", forbid_unknown_fields=True):
    """Go on with a paused Session; the seat passes to who resumes, and from a colleague's Session the owner too."""


class Complete(Record, frozen=True, kw_only=True, tag="complete", forbid_unknown_fields=True):
    """Finish at an end Section."""

    visit_id: VisitId
    seat: Generation
    anyway: Annotated[bool, Meta(description="Even though required Fields are empty.")] = False


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
    | Undo
    | End
    | Switch
    | TakeSeat
    | HandBack
)
COMMAND_TYPES: tuple[type[Command], ...] = Command.__args__


class DriverLeft(Record, frozen=True, kw_only=True, tag="driver_left"):
    """Pause a Session whose driver has been gone for long."""


class Expire(Record, frozen=True, kw_only=True, tag="expire"):
    """End a Session that was paused for long."""


SystemCommand = DriverLeft | Expire
"""What the server itself asks for, as the actor *system*; never decoded from a frame."""
