"""Frames: the messages of one WebSocket connection, both directions.

Each is UTF-8 JSON in one binary message. The envelope is decoded strictly: a
bad one closes the connection. A command's body stays raw until the envelope
is known to be good, so that a bad body is refused and nothing else suffers.

Rules: protocol/SPEC.md, CN, DL, PR and CL.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta, Raw

from protocol.alerts import Alert, Snooze
from protocol.base import END, ClientId, Csn, EntryId, Key, Millis, Name, PersonId, Position, Record, Seq, SessionId
from protocol.notices import Notice
from protocol.ops import Op
from protocol.refusals import RefuseCode
from protocol.views import Audience, LiveSession, Passed, Role, View

# --- up: browser to server ------------------------------------------------------


class Hello(Record, frozen=True, kw_only=True, tag="hello"):
    """First message of a connection; within 10 s."""

    client_id: ClientId
    build: Annotated[str, Meta(max_length=64, description="Version of the client; too old a one is told to reload.")]


class Join(Record, frozen=True, kw_only=True, tag="join"):
    """Follow a Session, from the start or from the position that the browser holds."""

    session_id: SessionId
    position: Position | None = None
    audience: Annotated[Audience | None, Meta(description="As whom the held view was sent.")] = None
    hidden: Annotated[
        bool, Meta(description="Be shown to nobody until the first act; needs the permission. Not of one's own call.")
    ] = False


class Leave(Record, frozen=True, kw_only=True, tag="leave"):
    """Stop following a Session."""

    session_id: SessionId


class JoinList(Record, frozen=True, kw_only=True, tag="join_list"):
    """Follow the list of live Sessions that this person may see."""

    takes_changes: Annotated[bool, Meta(description="Of a listed Session only what changed needs to be sent.")] = False


class LeaveList(Record, frozen=True, kw_only=True, tag="leave_list"):
    """Stop following the list."""


class CommandFrame(Record, frozen=True, kw_only=True, tag="command"):
    """One command; the body is one of `commands.Command`."""

    session_id: SessionId
    csn: Csn
    body: Raw


class Doing(StrEnum):
    """What a person is doing right now."""

    NOTHING = "nothing"
    TYPING = "typing"
    POINTING = "pointing"


Target = Annotated[
    str,
    Meta(
        max_length=128,
        pattern=r"^v[1-9][0-9]{0,6}/(field|answer|paragraph)/[a-z0-9_]{1,64}" + END,
        description="What is pointed at: the visit on the screen, and the Field, the Answer or the paragraph from 0.",
    ),
]


class EphemeralUp(Record, frozen=True, kw_only=True, tag="ephemeral"):
    """What this person is doing; never stored, may be dropped."""

    session_id: SessionId
    doing: Doing
    field_key: Annotated[Key | None, Meta(description="The Field typed in; null for Notes.")] = None
    target: Target | None = None


class Pong(Record, frozen=True, kw_only=True, tag="pong"):
    """Answer to ping."""


UpFrame = Hello | Join | Leave | JoinList | LeaveList | CommandFrame | EphemeralUp | Pong

# --- down: server to browser ----------------------------------------------------


class Limits(Record, frozen=True, kw_only=True):
    """What this server accepts."""

    message_bytes: int
    notes_bytes: int
    unacknowledged: Annotated[int, Meta(description="Commands under way at once per client.")]
    sessions: Annotated[int, Meta(description="Joined Sessions per connection.")]


class Welcome(Record, frozen=True, kw_only=True, tag="welcome"):
    """The connection is open for this person."""

    process: Annotated[str, Meta(description="Name of the server process that answers.")]
    person_id: PersonId
    server_ms: Millis
    limits: Limits


class ViewReason(StrEnum):
    """Why a whole view was sent. `ahead` and `fork` mean that acknowledged work was lost."""

    JOINED = "joined"
    TOO_FAR = "too_far"
    AHEAD = "ahead"
    FORK = "fork"
    AUDIENCE = "audience"


class ViewFrame(Record, frozen=True, kw_only=True, tag="view"):
    """A whole Session as this person's audience sees it."""

    session_id: SessionId
    position: Position
    reason: ViewReason
    audience: Audience
    view: View


class Resumed(Record, frozen=True, kw_only=True, tag="resumed"):
    """The position that the browser holds is good; the missing deltas follow."""

    session_id: SessionId
    audience: Audience
    behind: Annotated[int, Meta(description="How many deltas follow.")]


class Delta(Record, frozen=True, kw_only=True, tag="delta"):
    """One log entry as ops. For the client that sent it, also the acknowledgement: stored."""

    session_id: SessionId
    seq: Seq
    entry_id: EntryId
    previous_id: EntryId
    client_id: ClientId | None
    csn: Csn | None
    at_ms: Millis
    ops: tuple[Op, ...]


class Acknowledged(Record, frozen=True, kw_only=True, tag="acknowledged"):
    """Answer to a repeated command that was accepted before, as entry `seq`."""

    session_id: SessionId
    csn: Csn
    seq: Seq


class Refusal(Record, frozen=True, kw_only=True, tag="refusal"):
    """Answer to a command, or to a join (csn null), that was not accepted; nothing changed."""

    session_id: SessionId
    csn: Csn | None
    code: RefuseCode
    detail: Annotated[str, Meta(description="What happened and what was expected; no call content.")]
    passed: Annotated[Passed | None, Meta(description="To who owned the Session before and is turned away.")] = None


class Present(Record, frozen=True, kw_only=True):
    """Somebody who has the Session open, on any number of tabs."""

    person_id: PersonId
    name: Name
    role: Role
    since_ms: Millis


class PresenceFrame(Record, frozen=True, kw_only=True, tag="presence"):
    """Who has the Session open now; whole each time."""

    session_id: SessionId
    people: tuple[Present, ...]


class EphemeralDown(Record, frozen=True, kw_only=True, tag="ephemeral"):
    """What somebody is doing; forget it after 5 s without another."""

    session_id: SessionId
    person_id: PersonId
    doing: Doing
    field_key: Key | None
    target: Target | None = None


class LiveChanged(Record, frozen=True, kw_only=True):
    """What changed of a Session that is listed already."""

    session_id: SessionId
    to: Annotated[dict[str, Any], Meta(description="Properties of `LiveSession`, and their new values.")]


class ListFrame(Record, frozen=True, kw_only=True, tag="list"):
    """The live Sessions: all of them if `whole`, else those that changed and those that are gone."""

    whole: bool
    put: tuple[LiveSession, ...]
    remove: tuple[SessionId, ...]
    changed: Annotated[tuple[LiveChanged, ...], Meta(description="To whoever takes changes.")] = ()


class AlertsFrame(Record, frozen=True, kw_only=True, tag="alerts"):
    """All alerts of one's teams, and which rules are quiet; with the live list, to who leads them."""

    alerts: tuple[Alert, ...]
    snoozes: tuple[Snooze, ...]


class NoticesFrame(Record, frozen=True, kw_only=True, tag="notices"):
    """The notices that stand and may concern this person: all of them, after `join_list` and on each change."""

    notices: tuple[Notice, ...]


class Ping(Record, frozen=True, kw_only=True, tag="ping"):
    """Still there? Answer with pong."""


class Closing(Record, frozen=True, kw_only=True, tag="closing"):
    """The server is about to close with 4001; come back after `retry_ms`."""

    retry_ms: int


DownFrame = (
    Welcome
    | ViewFrame
    | Resumed
    | Delta
    | Acknowledged
    | Refusal
    | PresenceFrame
    | EphemeralDown
    | ListFrame
    | AlertsFrame
    | NoticesFrame
    | Ping
    | Closing
)
