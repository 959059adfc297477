"""Actions in a Session: their statuses, and how an attempt to send one can end.

The templates that authors write are in `workflow.py`, the kinds of outside
systems in `integrations.py`; which status follows which is a table in
`session_engine/action_machine.py`.

Rules: protocol/SPEC.md, AC.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta

from protocol.base import END, Millis, Record

ActionId = Annotated[
    str, Meta(pattern=r"^a[1-9][0-9]{0,6}" + END, description="Ordinal of an Action in its Session: a1, a2 …")
]
LeafPath = Annotated[
    str,
    Meta(min_length=1, max_length=300, description="A value in the parameters: its keys, joined by dots (data.phone)."),
]
LeafText = Annotated[str, Meta(max_length=20_000, description="What was typed instead of the template.")]


class ActionStatus(StrEnum):
    """Where an Action is in its life; people read five words for them (`ShownStatus`)."""

    DRAFT = "draft"
    WITHDRAWN = "withdrawn"
    REMOVED = "removed"
    AWAITING_APPROVAL = "awaiting_approval"
    DECLINED = "declined"
    HELD = "held"
    WAITING_FOR_RESULT = "waiting_for_result"
    QUEUED = "queued"
    IN_FLIGHT = "in_flight"
    WAITING_TO_RETRY = "waiting_to_retry"
    WAITING_FOR_CONNECTION = "waiting_for_connection"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_FIRED = "not_fired"


class ShownStatus(StrEnum):
    """What people read: the reference product's four words, and one for what cannot be known."""

    NOT_FIRED = "not_fired"
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


class OutcomeKind(StrEnum):
    """What was observed of an attempt, as far as it decides what happens next."""

    SENT = "sent"
    """Done, and seen to be done."""
    RETRY = "retry"
    """Surely not done; may succeed later."""
    DEFERRED = "deferred"
    """Surely not done; the other side asks to wait. Uses up no try."""
    AMBIGUOUS = "ambiguous"
    """May have been done."""
    REFUSED = "refused"
    """Surely not done, and never will be as it is."""
    UNAUTHORISED = "unauthorised"
    """Surely not done; the Connection must be mended first."""


class AttemptDetail(Record, frozen=True, kw_only=True):
    """What an attempt brought back. Sealed in the log; holds no credential."""

    message: Annotated[str, Meta(max_length=500)] = ""
    field_messages: Annotated[dict[str, str], Meta(description="By path of the parameter.")] = {}
    results: Annotated[dict[str, Any], Meta(description="Values of the answer.")] = {}
    status: Annotated[int | None, Meta(description="HTTP status or SMTP code.")] = None
    excerpt: Annotated[str, Meta(max_length=4_096, description="Of the answer; for administrators only.")] = ""


class Attempt(Record, frozen=True, kw_only=True):
    """One try to send an Action."""

    number: Annotated[int, Meta(ge=1, description="Rises over the Action's whole life.")]
    dispatch: Annotated[int, Meta(ge=1, description="Part of the idempotency key.")]
    recovers: Annotated[bool, Meta(description="It began by finding out what became of the attempt before.")]
    started_ms: Millis
    finished_ms: Millis | None = None
    kind: Annotated[OutcomeKind | None, Meta(description="Null while it is under way, and if it never came back.")] = (
        None
    )
    detail: AttemptDetail = AttemptDetail()
