"""People, their teams, passwords, links and sign-ins, and the audit log, over HTTP.

No answer holds a password or the hash of one; a link is in the answer that
made it, and in no other.

Rules: protocol/SPEC.md, PE.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from protocol.account import Permission, PersonRole
from protocol.base import END, Millis, Name, PersonId, Record, SessionId, TeamId
from protocol.events import Party
from protocol.refusals import RefuseCode

SignInId = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}" + END, description="Names a sign-in; proves nothing.")]
Email = Annotated[str, Meta(max_length=320, description="Compared without regard to case and surrounding spaces.")]
Password = Annotated[str, Meta(max_length=4_000, description="As typed; how it is composed (NFC) makes no difference.")]
FactorCode = Annotated[str, Meta(max_length=40, description="Of the app, or a recovery code.")]
LinkToken = Annotated[str, Meta(max_length=200, description="What stands behind the # of a link.")]
Roles = Annotated[tuple[PersonRole, ...], Meta(min_length=1, max_length=20)]
Permissions = Annotated[tuple[Permission, ...], Meta(max_length=20)]
TeamIds = Annotated[tuple[TeamId, ...], Meta(max_length=200)]


class House(Record, frozen=True, kw_only=True):
    """Answer of /api/house, to everybody: what the page of somebody who is not signed in shows."""

    name: str
    demo: bool
    has_people: Annotated[bool, Meta(description="Somebody was added who may sign in, or need not be added to.")]
    passwords: Annotated[bool, Meta(description="Whether people may sign in by password.")]
    provider: Annotated[str | None, Meta(description="What the button for the OpenID provider says; null without one.")]


class SignInOrder(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST /api/sign-in."""

    email: Email
    password: Password
    code: Annotated[FactorCode | None, Meta(description="Of the second step; left out until it is asked for.")] = None


class SecondFactorState(Record, frozen=True, kw_only=True):
    """Answer of /api/me/second-factor."""

    since_ms: Annotated[Millis | None, Meta(description="Null: the password alone lets in.")]
    recovery_left: Annotated[int, Meta(description="Recovery codes that were not used yet.")]


class OwnPassword(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST /api/me/second-factor/offer and /api/me/second-factor/off: one's own, of now."""

    password: Password


class SecondFactorOffer(Record, frozen=True, kw_only=True):
    """Answer of POST /api/me/second-factor/offer: a secret for an authenticator app."""

    offer: Annotated[str, Meta(description="Sealed; given back with the first code.")]
    secret: Annotated[str, Meta(description="Base32, to be typed where nothing can be scanned.")]
    picture: Annotated[str, Meta(description="QR code of its otpauth:// address, as a data: address.")]


class SecondFactorChoice(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of PUT /api/me/second-factor."""

    offer: Annotated[str, Meta(max_length=2_000)]
    code: FactorCode


class RecoveryCodes(Record, frozen=True, kw_only=True):
    """Answer of PUT /api/me/second-factor: shown now and never again; each lets in once, without the app."""

    codes: tuple[str, ...]


class LinkKind(StrEnum):
    """What a one-time link is for."""

    FIRST_ADMIN = "first_admin"
    INVITATION = "invitation"
    PASSWORD = "password"


class LinkLook(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST /api/links/look."""

    token: LinkToken


class LinkUse(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST /api/links/use."""

    token: LinkToken
    password: Password


class LinkView(Record, frozen=True, kw_only=True):
    """Answer of POST /api/links/look: whom a link is for."""

    kind: LinkKind
    name: Name
    email: str
    expires_ms: Millis


class LinkMade(Record, frozen=True, kw_only=True):
    """A new link, to be handed to the person: shown now and never again."""

    url: str
    expires_ms: Millis


class FrameCode(Record, frozen=True, kw_only=True):
    """Answer of POST /api/me/frame-code: typed into a frame, it signs in there."""

    code: str
    expires_ms: Millis


class FrameCodeUse(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST /api/frame-codes/use."""

    code: Annotated[str, Meta(max_length=100, description="Case, spaces and hyphens make no difference.")]


class PasswordChange(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST /api/me/password."""

    current: Password
    password: Password


class SignInLine(Record, frozen=True, kw_only=True):
    """A browser that is signed in."""

    id: SignInId
    created_ms: Millis
    last_seen_ms: Millis
    browser: Annotated[str, Meta(description="Such as Firefox on Windows; empty if it was not told.")]
    is_here: Annotated[bool, Meta(description="It is the browser that asks.")]


class SignInLines(Record, frozen=True, kw_only=True):
    """Answer of /api/me/sign-ins and of /api/people/{id}/sign-ins, the last seen first."""

    lines: tuple[SignInLine, ...]


class PersonLine(Record, frozen=True, kw_only=True):
    """A person as administrators see them."""

    id: PersonId
    name: Name
    email: Annotated[str | None, Meta(description="Null for the people of a demo.")]
    roles: tuple[PersonRole, ...]
    permissions: tuple[Permission, ...]
    team_ids: tuple[TeamId, ...]
    active: bool
    has_password: bool
    has_identity: Annotated[bool, Meta(description="They have signed in with the OpenID provider.")]
    has_second_factor: Annotated[bool, Meta(description="A code is asked for after the password.")]
    link_expires_ms: Annotated[Millis | None, Meta(description="Until then a link of theirs can be used.")]
    last_seen_ms: Millis | None


class PersonSessions(Record, frozen=True, kw_only=True):
    """Answer of /api/people/{id}/sessions: what would be left behind, and who could go on with it."""

    open_sessions: Annotated[int, Meta(description="Live and paused Sessions that are theirs, or that they drive.")]
    colleagues: Annotated[tuple[Party, ...], Meta(description="Active agents of a team of theirs, by name.")]
    api_tokens: Annotated[int, Meta(description="API tokens of their making that work, and go on working.")]


class Deactivation(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST /api/people/{id}/deactivate; no body is the same as an empty one."""

    reassign_to: Annotated[
        PersonId | None, Meta(description="Who gets their open Sessions; null has these wait, paused.")
    ] = None


class NotReassigned(Record, frozen=True, kw_only=True):
    """A Session that the colleague could not be given."""

    session_id: SessionId
    workflow_name: str
    started_ms: Millis
    code: RefuseCode


class PersonDeactivated(PersonLine, frozen=True, kw_only=True):
    """Answer of POST /api/people/{id}/deactivate."""

    open_sessions: Annotated[int, Meta(description="Live and paused Sessions that were theirs, or that they drove.")]
    reassigned: Annotated[int, Meta(description="How many the colleague has now.")]
    paused: Annotated[int, Meta(description="How many wait that did not before.")]
    failed: tuple[NotReassigned, ...]


class PersonLines(Record, frozen=True, kw_only=True):
    """Answer of /api/people, by name."""

    lines: tuple[PersonLine, ...]
    next: Annotated[str | None, Meta(description="What the page after this is asked by; null if there is none.")]


class PeopleState(StrEnum):
    """Which people of the list."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    ALL = "all"


class NewPerson(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST /api/people."""

    name: Name
    email: Email
    roles: Roles
    team_ids: TeamIds = ()
    permissions: Permissions = ()


class PersonChange(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of PATCH /api/people/{id}; null leaves a part as it is."""

    name: Name | None = None
    email: Email | None = None
    roles: Roles | None = None
    team_ids: TeamIds | None = None
    permissions: Permissions | None = None


class PersonMade(Record, frozen=True, kw_only=True):
    """Answer of POST /api/people."""

    person: PersonLine
    link: LinkMade


class TeamLine(Record, frozen=True, kw_only=True):
    """A team."""

    id: TeamId
    name: Name
    members: Annotated[int, Meta(description="How many active people belong to it.")]


class TeamLines(Record, frozen=True, kw_only=True):
    """Answer of /api/teams, by name."""

    lines: tuple[TeamLine, ...]


class TeamName(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST /api/teams and PATCH /api/teams/{id}."""

    name: Name


class AuditLine(Record, frozen=True, kw_only=True):
    """Who did what, on what, when."""

    id: int
    at_ms: Millis
    actor: Party
    act: str
    subject: str
    detail: dict[str, str]


class AuditLines(Record, frozen=True, kw_only=True):
    """Answer of /api/audit, the newest first."""

    lines: tuple[AuditLine, ...]
    next: Annotated[str | None, Meta(description="What the page after this is asked by; null if there is none.")]
