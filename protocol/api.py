"""The words of the HTTP API for other systems, version 1: what its operations are asked, and what they answer.

They are a promise to programs of others, so they repeat what the browser's
words say instead of following them. Which operations there are is
`server/http/v1/operations.py`.

Rules: protocol/SPEC.md, AP.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from protocol.account import PersonRole
from protocol.base import (
    ExternalId,
    FieldContent,
    Key,
    Millis,
    Name,
    PersonId,
    Record,
    Seq,
    SessionId,
    TeamId,
    VersionId,
)
from protocol.connections import ConnectionStatus
from protocol.events import EndCause, PauseCause
from protocol.lists import Outcome, SessionList
from protocol.people import Email, PeopleState, Roles, TeamIds
from protocol.views import SessionStatus

NO_NUL = r"^[^\u0000]*$"

Cursor = Annotated[
    str,
    Meta(pattern=r"^[0-9a-z._@-]{1,120}$", description="What the page before gave as `next`; without it, the first."),
]
Limit = Annotated[int, Meta(ge=1, le=200, description="Lines of a page.")]
Words = Annotated[str, Meta(max_length=200, pattern=NO_NUL)]
Reason = Annotated[str, Meta(max_length=255, pattern=NO_NUL, description="In words.")]


class Party(Record, frozen=True, kw_only=True):
    """A person, or a token that acted as one."""

    id: str
    name: str


# --- Workflows ------------------------------------------------------------------------


class WorkflowSummary(Record, frozen=True, kw_only=True):
    """A Workflow that Sessions can be started of."""

    key: Key
    name: str
    category: Annotated[str | None, Meta(description="Null if it is in none.")]
    version_id: Annotated[VersionId, Meta(description="The newest published version.")]


class Workflows(Record, frozen=True, kw_only=True):
    """All that are offered."""

    lines: tuple[WorkflowSummary, ...]


class WorkflowField(Record, frozen=True, kw_only=True):
    """A Field of a Workflow version."""

    key: Key
    label: str
    type: str
    required: bool
    sensitive: Annotated[bool, Meta(description="May be given when a Session is started; is never given out.")]
    options: Annotated[tuple[str, ...], Meta(description="Keys of what can be chosen; empty for other types.")]


class WorkflowAnswer(Record, frozen=True, kw_only=True):
    """A choice on a Section."""

    key: Key
    label: str
    to: Annotated[Key | None, Meta(description="The Section that it leads to; null if that is not said.")]


class WorkflowSection(Record, frozen=True, kw_only=True):
    """One step."""

    key: Key
    name: str
    win: bool
    fields: tuple[Key, ...]
    answers: tuple[WorkflowAnswer, ...]


class WorkflowResponse(Record, frozen=True, kw_only=True):
    """Something to say off the path."""

    key: Key
    name: str


class WorkflowRecord(Record, frozen=True, kw_only=True):
    """A published Workflow version, which never changes."""

    version_id: VersionId
    key: Key
    name: str
    published_ms: Millis
    start: Annotated[Key | None, Meta(description="The first Section.")]
    sections: tuple[WorkflowSection, ...]
    fields: tuple[WorkflowField, ...]
    responses: tuple[WorkflowResponse, ...]


# --- Sessions -------------------------------------------------------------------------


class SessionsAsked(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which Sessions."""

    list: Annotated[SessionList, Meta(description="Live, paused and finished ones are lists of their own.")] = (
        SessionList.LIVE
    )
    q: Annotated[Words, Meta(description="Part of the title, or the beginning of a look-up value.")] = ""
    owner: Annotated[Words, Meta(description="Whose, by the person's id.")] = ""
    workflow: Annotated[Words, Meta(description="Of which Workflow, by its key.")] = ""
    outcome: Annotated[Outcome | None, Meta(description="How finished ones ended.")] = None
    from_ms: Annotated[
        Millis | None, Meta(description="Started since then if they are live, else changed since then.")
    ] = None
    to_ms: Annotated[Millis | None, Meta(description="The same before then.")] = None
    cursor: Cursor | None = None
    limit: Limit = 50


class SessionSummary(Record, frozen=True, kw_only=True):
    """A Session in a list; nothing sensitive is in it."""

    session_id: SessionId
    title: Annotated[str, Meta(description="Empty until the Fields are filled that it is built from.")]
    workflow_key: Key
    workflow_name: str
    status: SessionStatus
    owner: Party
    started_ms: Millis
    changed_ms: Annotated[Millis, Meta(description="When its status last changed.")]
    call_back_ms: Millis | None
    outcome: Annotated[Outcome | None, Meta(description="Null while it is open.")]
    end_reason_key: Key | None


class Sessions(Record, frozen=True, kw_only=True):
    """A page of Sessions."""

    lines: tuple[SessionSummary, ...]
    next: Annotated[str | None, Meta(description="The cursor of the page after this; null if there is none.")]


class SessionVisit(Record, frozen=True, kw_only=True):
    """One stay on a Section."""

    section_key: Key
    section_name: str
    entered_ms: Millis
    left_ms: Millis | None
    answer_key: Annotated[Key | None, Meta(description="The Answer that led on.")]
    abandoned: Annotated[bool, Meta(description="Somebody went back before it.")]


class SessionField(Record, frozen=True, kw_only=True):
    """A Field that is filled."""

    key: Key
    label: str
    masked: Annotated[bool, Meta(description="It is sensitive: filled, and given to nobody but the Session's owner.")]
    content: Annotated[FieldContent, Meta(description="Null if masked.")]
    valid: bool
    entered_ms: Millis


class SessionResponse(Record, frozen=True, kw_only=True):
    """A Response that was said."""

    key: Key
    name: str
    at_ms: Millis


class SessionAction(Record, frozen=True, kw_only=True):
    """An Action, and what became of it."""

    id: str
    key: Key
    name: str
    status: str
    settled_ms: Millis | None
    message: Annotated[str, Meta(description="What its last attempt brought back.")]


class SessionRecord(Record, frozen=True, kw_only=True):
    """A Session as those see it who are not its owner."""

    session_id: SessionId
    seq: Annotated[Seq, Meta(description="Rises with everything that happens in it.")]
    external_id: ExternalId | None
    version_id: VersionId
    workflow_key: Key
    workflow_name: str
    title: str
    status: SessionStatus
    training: bool
    owner: Party
    driver: Party
    team_ids: tuple[TeamId, ...]
    started_ms: Millis
    changed_ms: Millis
    won: bool
    pause_cause: PauseCause | None
    pause_reason: str | None
    call_back_ms: Millis | None
    end_cause: EndCause | None
    end_reason_key: Key | None
    end_reason: str | None
    switched_from: SessionId | None
    switched_to: SessionId | None
    section_key: Annotated[Key, Meta(description="Where it is, or was when it finished.")]
    visits: tuple[SessionVisit, ...]
    fields: tuple[SessionField, ...]
    responses: tuple[SessionResponse, ...]
    actions: tuple[SessionAction, ...]
    hung_up_ms: Annotated[Millis | None, Meta(description="When it was reported last that the customer hung up.")]
    notes: str


class StartOrder(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A Session to start for an agent."""

    workflow: Annotated[Key, Meta(description="Started is its newest published version.")]
    owner: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=320,
            pattern=NO_NUL,
            description="The agent whose call it is: a person's id or e-mail address. It is theirs, and they drive it.",
        ),
    ]
    external_id: Annotated[
        Annotated[ExternalId, Meta(pattern=NO_NUL)] | None,
        Meta(description="What you call the call. A second start of the same opens the first one."),
    ] = None
    fields: Annotated[
        dict[Key, FieldContent],
        Meta(
            max_length=200,
            description="What is known already, by the Field's key, as people of this installation type it.",
        ),
    ] = {}


class SessionOpened(Record, frozen=True, kw_only=True):
    """Where the Session is."""

    session_id: SessionId
    url: Annotated[str, Meta(description="The page of the call, for the agent's browser.")]
    is_new: Annotated[bool, Meta(description="It was started by this request, or by an earlier try of it.")]


class PauseOrder(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why it waits, if that is to be said."""

    reason: Reason | None = None
    call_back_ms: Annotated[Millis | None, Meta(description="When the customer wants to be called.")] = None


class EndOrder(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why it ends, if that is to be said."""

    reason_key: Annotated[Key | None, Meta(description="Of the installation's list, such as hung_up.")] = None
    reason: Reason | None = None


class SuggestionOrder(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A value that the driver may accept or dismiss; it takes the place of what was suggested for the Field before."""

    field: Key
    content: Annotated[FieldContent, Meta(description="As people of this installation type it.")]


class Done(Record, frozen=True, kw_only=True):
    """It is in the Session's log."""

    session_id: SessionId
    seq: Annotated[Seq, Meta(description="The entry that it became.")]


class SessionFound(Record, frozen=True, kw_only=True):
    """The Session of an external id."""

    session_id: SessionId
    url: str


# --- people ---------------------------------------------------------------------------


class PeopleAsked(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which people."""

    q: Annotated[Words, Meta(description="Part of the name or of the e-mail address.")] = ""
    state: PeopleState = PeopleState.ACTIVE
    cursor: Annotated[Words, Meta(description="What the page before gave as `next`.")] = ""


class Person(Record, frozen=True, kw_only=True):
    """Somebody of this installation."""

    id: PersonId
    name: Name
    email: str | None
    roles: tuple[PersonRole, ...]
    team_ids: tuple[TeamId, ...]
    active: bool
    last_seen_ms: Millis | None


class People(Record, frozen=True, kw_only=True):
    """A page of people, by name."""

    lines: tuple[Person, ...]
    next: Annotated[str | None, Meta(description="The cursor of the page after this; null if there is none.")]


class PersonOrder(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody to add. Administrators are made by administrators only."""

    name: Name
    email: Email
    roles: Roles
    team_ids: TeamIds = ()


class PersonPatch(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What changes about somebody; what is left out, or null, stays as it is."""

    name: Name | None = None
    email: Email | None = None
    roles: Roles | None = None
    team_ids: TeamIds | None = None


class Invited(Record, frozen=True, kw_only=True):
    """Somebody who was added, and the link that lets them in once."""

    person: Person
    link: Annotated[str, Meta(description="Whoever opens it chooses the password. It is given out here only.")]
    link_expires_ms: Millis


class Team(Record, frozen=True, kw_only=True):
    """A team."""

    id: TeamId
    name: Name


class Teams(Record, frozen=True, kw_only=True):
    """All teams, by name."""

    lines: tuple[Team, ...]


# --- Connections and the audit log ----------------------------------------------------


class ApiConnection(Record, frozen=True, kw_only=True):
    """A Connection of the account, without anything secret."""

    id: str
    integration: Key
    integration_enabled: bool
    name: str
    status: ConnectionStatus
    reason: Annotated[str, Meta(description="Why it cannot be used; empty if it can.")]


class ApiConnections(Record, frozen=True, kw_only=True):
    """All Connections of the account."""

    lines: tuple[ApiConnection, ...]


class AuditAsked(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which rows."""

    act: Annotated[Words, Meta(description="Such as sign_in or person_added.")] = ""
    actor: Annotated[Words, Meta(description="Who did it, by id.")] = ""
    subject: Annotated[Words, Meta(description="What it was done to, by id.")] = ""
    from_ms: Millis | None = None
    to_ms: Annotated[Millis | None, Meta(description="Before then.")] = None
    cursor: Annotated[Millis | None, Meta(description="What the page before gave as `next`.")] = None
    limit: Limit = 100


class AuditRow(Record, frozen=True, kw_only=True):
    """Who did what, on what, when."""

    id: int
    at_ms: Millis
    actor: Party
    act: str
    subject: str
    detail: dict[str, str]


class AuditRows(Record, frozen=True, kw_only=True):
    """A page, the newest first."""

    lines: tuple[AuditRow, ...]
    next: Annotated[str | None, Meta(description="The cursor of the page after this; null if there is none.")]


# --- problems -------------------------------------------------------------------------


class Problem(Record, frozen=True, kw_only=True):
    """Why not (RFC 9457); `code` is for programs and stays as it is, `detail` is for people."""

    title: str
    status: int
    code: str
    detail: str


class ProblemCode(StrEnum):
    """Every reason that the API gives."""

    TOKEN_MISSING = "token_missing"
    TOKEN_UNKNOWN = "token_unknown"
    SCOPE_MISSING = "scope_missing"
    NOT_ALLOWED = "not_allowed"
    BAD_PARAMETER = "bad_parameter"
    BAD_BODY = "bad_body"
    TOO_LARGE = "too_large"
    BAD_KEY = "bad_key"
    KEY_REUSED = "key_reused"
    KEY_IN_USE = "key_in_use"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    UNKNOWN_WORKFLOW = "unknown_workflow"
    UNKNOWN_VERSION = "unknown_version"
    UNKNOWN_SESSION = "unknown_session"
    UNKNOWN_PERSON = "unknown_person"
    UNKNOWN_TEAM = "unknown_team"
    UNKNOWN_FIELD = "unknown_field"
    BAD_CONTENT = "bad_content"
    EXTERNAL_ID_TAKEN = "external_id_taken"
    SESSION_GONE = "session_gone"
    FINISHED = "finished"
    NOT_ACTIVE = "not_active"
    NOT_PAUSED = "not_paused"
    VERSION_RECALLED = "version_recalled"
    UNKNOWN_REASON = "unknown_reason"
    UNKNOWN_SECTION = "unknown_section"
    EMAIL_TAKEN = "email_taken"
    BAD_NAME = "bad_name"
    BAD_EMAIL = "bad_email"
