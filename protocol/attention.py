"""Actions that need somebody's attention, page by page over HTTP, and what is done about many of them at once.

Nothing that was said in a call is here: of what came back only its number
and its kind. What is needed of a Session's state is in
`server/attention_rows.py`.

Rules: protocol/SPEC.md, NA.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from protocol.actions import ActionId, ActionStatus, ShownStatus
from protocol.base import Key, Millis, Name, Record, SessionId
from protocol.commands import Reason
from protocol.events import Party
from protocol.integrations import IntegrationActionId
from protocol.refusals import RefuseCode

ACTED_ON_AT_MOST = 200
"""Actions in one request."""


class AttentionKind(StrEnum):
    """Why an Action needs somebody."""

    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_FIRED = "not_fired"
    AWAITING = "awaiting"
    WAITING_FOR_CONNECTION = "waiting_for_connection"


class AttentionCause(StrEnum):
    """What happened to it, in so far as a program can tell."""

    REFUSED = "refused"
    """The other side said no."""
    GAVE_UP = "gave_up"
    """Tried as often as makes sense."""
    NO_ANSWER = "no_answer"
    """It may have been done; what the other side said did not arrive."""
    NEVER_FIRED = "never_fired"
    """The Session finished before somebody fired it."""
    CANCELLED = "cancelled"
    """It was fired and taken back, by a person or since what it waited for does not come."""
    DECLINED = "declined"
    """The second person said no."""
    SECOND_PERSON = "second_person"
    """It waits for the second person."""
    CONNECTION = "connection"
    """Its Connection cannot be used."""


class AttentionLine(Record, frozen=True, kw_only=True):
    """One Action in the list."""

    session_id: SessionId
    action_id: ActionId
    title: Annotated[str, Meta(description="Of the Session; empty until the Fields are filled that it is built from.")]
    workflow_name: str
    owner: Party
    action_key: Key
    name: Annotated[Name, Meta(description="Of the Action, as its author wrote it.")]
    integration: IntegrationActionId
    integration_name: Annotated[str, Meta(description="What it does, as people read it.")]
    connection: Annotated[str | None, Meta(description="By name.")]
    kind: AttentionKind
    cause: AttentionCause
    code: Annotated[int | None, Meta(description="HTTP status or SMTP code of the last attempt.")]
    status: ActionStatus
    shown: ShownStatus
    since_ms: Annotated[Millis, Meta(description="When it came to be so.")]
    blocked: Annotated[bool, Meta(description="It failed too often; an administrator may unlock it.")]
    may_act: Annotated[bool, Meta(description="Whether who asks may do something about it, as far as is known here.")]


class AttentionIntegration(Record, frozen=True, kw_only=True):
    """An Integration's Action to filter by."""

    id: IntegrationActionId
    name: str


class AttentionChoices(Record, frozen=True, kw_only=True):
    """What there is to filter by, in all that who asks may see."""

    connections: tuple[str, ...]
    integrations: tuple[AttentionIntegration, ...]


class AttentionLines(Record, frozen=True, kw_only=True):
    """Answer of /api/attention."""

    lines: tuple[AttentionLine, ...]
    next: Annotated[str | None, Meta(description="The cursor of the page after this; null if there is none.")]
    count: Annotated[int | None, Meta(description="With the first page, how many there are; no further than at_most.")]
    at_most: int
    choices: Annotated[AttentionChoices | None, Meta(description="With the first page.")]


class AttentionCount(Record, frozen=True, kw_only=True):
    """Answer of /api/attention/count; counted no further than `at_most`."""

    count: int
    at_most: int


class AttentionAct(StrEnum):
    """What can be done about many at once."""

    SEND = "send"
    LOOK_UP = "look_up"
    MARK_SENT = "mark_sent"
    DISMISS = "dismiss"


class AttentionItem(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One Action to do it to."""

    session_id: SessionId
    action_id: ActionId


class AttentionOrder(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of /api/attention/act."""

    act: AttentionAct
    items: Annotated[tuple[AttentionItem, ...], Meta(min_length=1, max_length=ACTED_ON_AT_MOST)]
    reason: Annotated[Reason | None, Meta(description="Why; needed to dismiss.")] = None
    again: Annotated[bool, Meta(description="Also what may have been sent: who asks checked.")] = False


class AttentionResult(Record, frozen=True, kw_only=True):
    """What became of one item."""

    session_id: SessionId
    action_id: ActionId
    code: Annotated[RefuseCode | None, Meta(description="Why it was refused; null: it is done.")]
    detail: Annotated[str | None, Meta(description="What was expected instead, for a program's log.")]


class AttentionResults(Record, frozen=True, kw_only=True):
    """Answer of /api/attention/act, in the order of the items."""

    results: tuple[AttentionResult, ...]
