"""What the API answers. Moments are milliseconds since 1970-01-01T00:00Z.

What a later version of the server adds is left out; a word that it adds
(a status, an outcome) is a text like any other.
"""

from __future__ import annotations

from msgspec import Struct

FieldContent = str | bool | tuple[str, ...] | None
"""Text in canonical form (numbers as decimal strings), yes or no, chosen options, or nothing."""


class Party(Struct, frozen=True, kw_only=True):
    """A person, or a token that acted as one."""

    id: str
    name: str


class WorkflowSummary(Struct, frozen=True, kw_only=True):
    """A Workflow that Sessions can be started of."""

    key: str
    name: str
    category: str | None
    version_id: str


class Workflows(Struct, frozen=True, kw_only=True):
    """All that are offered."""

    lines: tuple[WorkflowSummary, ...]


class WorkflowField(Struct, frozen=True, kw_only=True):
    """A Field of a Workflow version."""

    key: str
    label: str
    type: str
    required: bool
    sensitive: bool
    options: tuple[str, ...]


class WorkflowAnswer(Struct, frozen=True, kw_only=True):
    """A choice on a Section."""

    key: str
    label: str
    to: str | None


class WorkflowSection(Struct, frozen=True, kw_only=True):
    """One step."""

    key: str
    name: str
    win: bool
    fields: tuple[str, ...]
    answers: tuple[WorkflowAnswer, ...]


class WorkflowResponse(Struct, frozen=True, kw_only=True):
    """Something to say off the path."""

    key: str
    name: str


class WorkflowRecord(Struct, frozen=True, kw_only=True):
    """A published Workflow version, which never changes."""

    version_id: str
    key: str
    name: str
    published_ms: int
    start: str | None
    sections: tuple[WorkflowSection, ...]
    fields: tuple[WorkflowField, ...]
    responses: tuple[WorkflowResponse, ...]


class SessionSummary(Struct, frozen=True, kw_only=True):
    """A Session in a list."""

    session_id: str
    title: str
    workflow_key: str
    workflow_name: str
    status: str
    owner: Party
    started_ms: int
    changed_ms: int
    call_back_ms: int | None
    outcome: str | None
    end_reason_key: str | None


class Sessions(Struct, frozen=True, kw_only=True):
    """A page of Sessions."""

    lines: tuple[SessionSummary, ...]
    next: str | None


class SessionVisit(Struct, frozen=True, kw_only=True):
    """One stay on a Section."""

    section_key: str
    section_name: str
    entered_ms: int
    left_ms: int | None
    answer_key: str | None
    abandoned: bool


class SessionField(Struct, frozen=True, kw_only=True):
    """A Field that is filled; the content of a masked one is never given."""

    key: str
    label: str
    masked: bool
    content: FieldContent
    valid: bool
    entered_ms: int


class SessionResponse(Struct, frozen=True, kw_only=True):
    """A Response that was said."""

    key: str
    name: str
    at_ms: int


class SessionAction(Struct, frozen=True, kw_only=True):
    """An Action, and what became of it."""

    id: str
    key: str
    name: str
    status: str
    settled_ms: int | None
    message: str


class SessionRecord(Struct, frozen=True, kw_only=True):
    """A Session as those see it who are not its owner."""

    session_id: str
    seq: int
    external_id: str | None
    version_id: str
    workflow_key: str
    workflow_name: str
    title: str
    status: str
    training: bool
    owner: Party
    driver: Party
    team_ids: tuple[str, ...]
    started_ms: int
    changed_ms: int
    won: bool
    pause_cause: str | None
    pause_reason: str | None
    call_back_ms: int | None
    end_cause: str | None
    end_reason_key: str | None
    end_reason: str | None
    switched_from: str | None
    switched_to: str | None
    section_key: str
    visits: tuple[SessionVisit, ...]
    fields: tuple[SessionField, ...]
    responses: tuple[SessionResponse, ...]
    actions: tuple[SessionAction, ...]
    hung_up_ms: int | None
    notes: str


class SessionOpened(Struct, frozen=True, kw_only=True):
    """Where a started Session is, and whether this start began it."""

    session_id: str
    url: str
    is_new: bool


class SessionFound(Struct, frozen=True, kw_only=True):
    """The Session of an external id."""

    session_id: str
    url: str


class Done(Struct, frozen=True, kw_only=True):
    """It is in the Session's log."""

    session_id: str
    seq: int


class Person(Struct, frozen=True, kw_only=True):
    """Somebody of the installation."""

    id: str
    name: str
    email: str | None
    roles: tuple[str, ...]
    team_ids: tuple[str, ...]
    active: bool
    last_seen_ms: int | None


class People(Struct, frozen=True, kw_only=True):
    """A page of people."""

    lines: tuple[Person, ...]
    next: str | None


class Invited(Struct, frozen=True, kw_only=True):
    """Somebody who was added, and the link that lets them in once."""

    person: Person
    link: str
    link_expires_ms: int


class Team(Struct, frozen=True, kw_only=True):
    """A team."""

    id: str
    name: str


class Teams(Struct, frozen=True, kw_only=True):
    """All teams."""

    lines: tuple[Team, ...]


class Problem(Struct, frozen=True, kw_only=True):
    """Why not (RFC 9457)."""

    title: str
    status: int
    code: str
    detail: str
