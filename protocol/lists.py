"""Sessions as the lists of the Sessions page show them, page by page, over HTTP.

Made by `server/records/sessions.py`. What is pushed of live Sessions is
`views.LiveSession`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from protocol.base import Key, Millis, Name, PersonId, Record, SessionId, TeamId
from protocol.events import NamedTeam, Party
from protocol.views import SessionStatus


class SessionList(StrEnum):
    """The lists; each Session is in one of them."""

    LIVE = "live"
    PAUSED = "paused"
    FINISHED = "finished"


class Outcome(StrEnum):
    """How a Session finished. Won and not won are completed; the others count apart."""

    WON = "won"
    NOT_WON = "not_won"
    ENDED = "ended"
    SWITCHED = "switched"
    EXPIRED = "expired"


class SessionLine(Record, frozen=True, kw_only=True):
    """One Session in a list. Nothing sensitive is in it."""

    session_id: SessionId
    title: Annotated[str, Meta(description="Empty until the Fields are filled that it is built from.")]
    workflow_key: Key
    workflow_name: str
    status: SessionStatus
    training: bool
    owner: Party
    started_ms: Millis
    changed_ms: Annotated[Millis, Meta(description="When status last changed.")]
    call_back_ms: Annotated[Millis | None, Meta(description="When to call back, of a paused Session.")]
    outcome: Annotated[Outcome | None, Meta(description="Null while it is open.")]
    end_reason_key: Annotated[Key | None, Meta(description="One of the installation's reasons, if one was given.")]
    may_watch: Annotated[bool, Meta(description="Whether who asks may open it.")]
    may_resume: Annotated[bool, Meta(description="Whether who asks may go on with it; only if it is paused.")]


class SessionCounts(Record, frozen=True, kw_only=True):
    """How many Sessions each list has under the same filters; counted no further than `at_most`."""

    live: int
    paused: int
    finished: int
    at_most: int


class Taker(Record, frozen=True, kw_only=True):
    """An active agent, to whom Sessions of these teams can be given."""

    id: PersonId
    name: Name
    team_ids: tuple[TeamId, ...]


class TakerState(StrEnum):
    """How somebody would be met by being asked."""

    FREE = "free"
    ON_CALL = "on_call"
    """Drives a Session that runs."""
    OFFLINE = "offline"
    """Has no page open."""


class TransferTaker(Record, frozen=True, kw_only=True):
    """An active agent who may be asked to take a Session of these teams over."""

    id: PersonId
    name: Name
    team_ids: tuple[TeamId, ...]
    state: TakerState


class TransferTakers(Record, frozen=True, kw_only=True):
    """Answer of /api/sessions/transfer."""

    people: Annotated[tuple[TransferTaker, ...], Meta(description="Of one's teams, by name; oneself too.")]
    teams: Annotated[tuple[NamedTeam, ...], Meta(description="One's own, by name.")]


class FloorAnswer(Record, frozen=True, kw_only=True):
    """Answer of /api/floor: who would see a request for help now."""

    people: tuple[Party, ...]


class BoardPerson(Record, frozen=True, kw_only=True):
    """An agent on the board."""

    id: PersonId
    name: Name
    team_ids: Annotated[tuple[TeamId, ...], Meta(description="Those that the reader leads.")]
    here: Annotated[bool, Meta(description="A page of theirs is open.")]


class BoardAnswer(Record, frozen=True, kw_only=True):
    """Answer of /api/floor/agents: the active agents of one's teams, and these teams, by name."""

    agents: tuple[BoardPerson, ...]
    teams: tuple[NamedTeam, ...]


ViewName = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"^\S(.*\S)?$")]


class ViewChoice(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of PUT /api/me/views/{id}: what somebody wants to find again in lists of Sessions."""

    name: ViewName
    search: Annotated[
        str, Meta(max_length=500, description="What the page's address asks for after `?`, without words searched for.")
    ]
    is_default: Annotated[bool, Meta(description="The page of Sessions opens with it; no other does any more.")] = False


class SavedView(Record, frozen=True, kw_only=True):
    """A view as it is kept."""

    id: str
    name: str
    search: str
    is_default: bool


class SavedViews(Record, frozen=True, kw_only=True):
    """Answer of GET /api/me/views: one's own, by name."""

    views: tuple[SavedView, ...]


class SessionLines(Record, frozen=True, kw_only=True):
    """Answer of /api/sessions and /api/look-up."""

    lines: tuple[SessionLine, ...]
    next: Annotated[str | None, Meta(description="The cursor of the page after this; null if there is none.")]
    counts: Annotated[SessionCounts | None, Meta(description="With the first page of a list.")]
