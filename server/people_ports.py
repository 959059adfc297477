"""What the server needs to know of people, as interfaces: who is signed in, who may sign in, and what they did.

`records/` implements them over SQL. The ports of Sessions and of what is sent are in `ports.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Protocol

from protocol.account import Locale
from protocol.base import Millis, PersonId, Record, TeamId
from protocol.events import NamedTeam, Party
from protocol.lists import SavedView, ViewChoice
from protocol.people import (
    AuditLines,
    FrameCode,
    LinkView,
    NewPerson,
    PeopleState,
    PersonChange,
    PersonLine,
    PersonLines,
    SecondFactorState,
    SignInLines,
    TeamLine,
    TeamLines,
)
from session_engine.context import Actor


class SignIns(Protocol):
    """Who a browser is."""

    async def find_actor(self, token: str) -> Actor | None:
        """The person of a live sign-in, or None."""

    async def find_actors(self, tokens: Collection[str]) -> Mapping[str, Actor]:
        """The persons of those sign-ins that are live, read now; however many, in one go."""

    async def sign_in(self, person_id: PersonId, browser: str = "", by: str = "demo") -> str:
        """A new sign-in of this person; the token is for the browser alone."""

    async def revoke(self, token: str) -> None:
        """End the sign-in, in every process within 2 s: its person signs out. Repeated calls are harmless."""

    async def lines(self, person_id: PersonId, token: str | None = None) -> SignInLines:
        """The person's live sign-ins; that of the token is the one here."""

    async def standing(self, token: str) -> OwnStanding | None:
        """How the person of a sign-in is signed in, read now."""

    async def end(self, person_id: PersonId, sign_in_id: str | None, by: PersonId) -> int:
        """End one of this person's sign-ins, or all; how many were live."""


class People(Protocol):
    """Who belongs to this installation."""

    async def set_locale(self, person_id: PersonId, locale: Locale | None) -> None:
        """How this person reads and writes; None for as the installation does."""

    async def teams_of(self, actor: Actor) -> tuple[NamedTeam, ...]:
        """Teams whose Sessions the actor may come across, by name."""


class ViewNameTaken(Exception):
    """Another view of this person has this name."""


class TooManyViews(Exception):
    """This person keeps as many views as there can be."""


class ViewShelf(Protocol):
    """Views of lists that people keep under a name. Every method may raise `Unavailable`."""

    async def of(self, person_id: PersonId) -> tuple[SavedView, ...]:
        """This person's, by name."""

    async def keep(self, person_id: PersonId, view_id: str, choice: ViewChoice) -> None:
        """Add this person's view, or put it in the place of what it was. Raises `ViewNameTaken`, `TooManyViews`."""

    async def drop(self, person_id: PersonId, view_id: str) -> bool:
        """Take this person's view away; whether there was one."""


class Credential(Record, frozen=True, kw_only=True):
    """Somebody active who may have a password."""

    person_id: PersonId
    name: str
    email: str | None
    hash: str | None


class Try(Record, frozen=True, kw_only=True):
    """Somebody tries a password: from where, and for which e-mail address, in its one form."""

    email: str
    address: str


class Factor(Record, frozen=True, kw_only=True):
    """Somebody's second step of signing in."""

    sealed: bytes
    """The secret that their app and we have."""
    recovery: tuple[str, ...]
    """Hashes of the codes that are left."""


class FactorProof(Record, frozen=True, kw_only=True):
    """What a code is: of a step of time, or a recovery code by its hash."""

    step: int | None = None
    recovery: str | None = None


class Factors(Protocol):
    """Second steps of signing in."""

    async def find(self, person_id: PersonId) -> Factor | None:
        """This person's; None if they sign in without."""

    async def state(self, person_id: PersonId) -> SecondFactorState:
        """What is told of it."""

    async def switch_on(self, person_id: PersonId, sealed: bytes, step: int, recovery: Collection[str]) -> bool:
        """From now on it is asked for; False if it is on already."""

    async def switch_off(self, person_id: PersonId, by: PersonId) -> bool:
        """The password alone lets in again; whether it was on."""


class Accounts(Protocol):
    """Passwords, and the one-time links that they are set by. Knows hashes only."""

    async def begin_try(self, tried: Try) -> Millis:
        """Count a try as failed before it is judged; or how long there is to wait first."""

    async def note_failure(self, tried: Try) -> None:
        """Have the audit log tell of it, once a minute."""

    async def find(self, email: str) -> Credential | None:
        """Who is active and known by this address."""

    async def of_person(self, person_id: PersonId) -> Credential | None:
        """The same by id."""

    async def let_in(
        self, credential: Credential, tried: Try, browser: str, news: str | None, proof: FactorProof | None = None
    ) -> str | None:
        """A sign-in, if nothing has changed since the password was right, and the second step was done if there is one.

        `news` replaces the password's hash. A code lets in once.
        """

    async def forgive(self, tried: Try) -> None:
        """The password was right: what was counted is forgotten."""

    async def change_password(self, credential: Credential, tried: Try, new_hash: str, token: str) -> bool:
        """If nothing has changed since; every other sign-in of theirs is ended."""

    async def find_link(self, token: str) -> LinkView | None:
        """Whom a link is for that can still be used."""

    async def use_link(self, token: str, new_hash: str, browser: str) -> str | None:
        """Set the password and sign in, ending every older sign-in; of several who use one link, one does."""


class WhyNot(StrEnum):
    """Why signing in with the OpenID provider came to nothing. Pages tell it in words."""

    CANCELLED = "cancelled"
    OUTDATED = "outdated"
    UNREACHABLE = "unreachable"
    PROVIDER = "provider"
    CLOCK = "clock"
    NOT_VERIFIED = "not_verified"
    UNKNOWN = "unknown"
    OTHER_IDENTITY = "other_identity"
    DEACTIVATED = "deactivated"
    NO_ROLE = "no_role"


class Identity(Record, frozen=True, kw_only=True):
    """Somebody whom the OpenID provider vouches for."""

    issuer: str
    subject: str
    email: str | None
    """Only if the provider verified it."""
    name: str
    groups: frozenset[str]


class Identities(Protocol):
    """Who is who at the OpenID provider."""

    async def enter(self, identity: Identity, browser: str) -> str | WhyNot:
        """A sign-in of the person that this is, with what their groups give; or why there is none."""


class FrameCodes(Protocol):
    """Codes that carry a sign-in into another site's frame."""

    async def make(self, person_id: PersonId, token: str) -> FrameCode:
        """A code for the person of this sign-in; older ones of it are over."""

    async def use(self, code: str, browser: str) -> str | None:
        """A sign-in of the same person; of several who use one code, one gets it."""


class OwnStanding(Record, frozen=True, kw_only=True):
    """How somebody is signed in, and may."""

    email: str | None
    has_password: bool
    way: str


class EmailTaken(Exception):
    """Somebody is known by this e-mail address already."""


class TeamNameTaken(Exception):
    """There is a team of this name already."""


class UnknownTeam(Exception):
    """There is no team of this id."""


class LastAdmin(Exception):
    """Nobody else who is active is an administrator."""


class CannotLink(Exception):
    """A link would not let this person in; the text says why."""


class PeopleQuery(Record, frozen=True, kw_only=True):
    """Which people."""

    words: str = ""
    """Case-folded part of name or e-mail address."""
    state: PeopleState = PeopleState.ACTIVE
    after: PersonId | None = None


class NewLink(Record, frozen=True, kw_only=True):
    """A link's token, which is stored nowhere."""

    token: str
    expires_ms: Millis


NOTHING_MORE: Mapping[str, str] = {}
"""The audit row needs to say no more than who and whom."""


class Roster(Protocol):
    """People and teams as administrators change them; every change writes its audit row."""

    async def has_people(self) -> bool:
        """Whether anybody active has an e-mail address to sign in with."""

    async def people(self, query: PeopleQuery) -> PersonLines:
        """A page of people, by name."""

    async def get(self, person_id: PersonId) -> PersonLine | None:
        """One of them."""

    async def find_id(self, email: str) -> PersonId | None:
        """Who is known by this address, active or not."""

    async def add(self, new: NewPerson, by: PersonId) -> tuple[PersonId, NewLink]:
        """Somebody new, with a link. Raises `EmailTaken`, `UnknownTeam`."""

    async def change(self, person_id: PersonId, change: PersonChange, by: PersonId) -> bool:
        """Whether there is such a person. Raises `EmailTaken`, `UnknownTeam`, `LastAdmin`."""

    async def make_link(self, person_id: PersonId, by: PersonId) -> NewLink | None:
        """A new link; older ones end. Raises `CannotLink`."""

    async def set_active(
        self, person_id: PersonId, active: bool, by: PersonId, detail: Mapping[str, str] = NOTHING_MORE
    ) -> bool:
        """Whether there is such a person; who is deactivated loses sign-ins and link. Raises `LastAdmin`."""

    async def forget_identity(self, person_id: PersonId, by: PersonId) -> bool:
        """Whether they were known to the OpenID provider; the sign-ins that came of it end."""

    async def open_sessions(self, person_id: PersonId) -> int:
        """How many live and paused Sessions are theirs, or driven by them."""

    async def colleagues(self, person_id: PersonId) -> tuple[Party, ...]:
        """Other active agents of a team of theirs, by name."""

    async def tokens_made(self, person_id: PersonId) -> int:
        """How many API tokens that this person made still work."""

    async def teams(self) -> TeamLines:
        """All of them, by name."""

    async def add_team(self, name: str, by: PersonId) -> TeamLine:
        """A new one. Raises `TeamNameTaken`."""

    async def rename_team(self, team_id: TeamId, name: str, by: PersonId) -> TeamLine | None:
        """None if there is no such team. Raises `TeamNameTaken`."""


class AuditQuery(Record, frozen=True, kw_only=True):
    """Which rows of the audit log; None means any."""

    act: str | None = None
    actor: str | None = None
    subject: str | None = None
    from_ms: Millis | None = None
    to_ms: Millis | None = None
    after: int | None = None
    """The row that the page before ended with."""
    limit: int = 100


class Audit(Protocol):
    """The append-only audit log."""

    async def find(self, query: AuditQuery) -> AuditLines:
        """A page, the newest first."""

    async def record(self, actor_id: str, act: str, subject: str, detail: Mapping[str, str]) -> None:
        """Append one row; `act` is a verb such as sign_in, watch, take."""
