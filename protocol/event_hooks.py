"""Event webhooks: what a webhook Connection is told of Sessions as it happens, over HTTP.

Rules: protocol/SPEC.md, EV.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from protocol.base import Record


class EventKind(StrEnum):
    """What can be told; the receiver reads it as `event`."""

    SESSION_STARTED = "session.started"
    SESSION_PAUSED = "session.paused"
    SESSION_RESUMED = "session.resumed"
    SESSION_COMPLETED = "session.completed"
    SESSION_REOPENED = "session.reopened"
    SESSION_ENDED = "session.ended"
    SESSION_HUNG_UP = "session.hung_up"
    DRIVER_CHANGED = "session.driver_changed"
    OWNER_CHANGED = "session.owner_changed"
    ACTION_SENT = "action.sent"
    ACTION_FAILED = "action.failed"
    ACTION_UNKNOWN = "action.unknown"


class EventChoice(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of PUT /api/connections/{id}/events."""

    kinds: Annotated[tuple[EventKind, ...], Meta(max_length=50)]


class EventFeed(Record, frozen=True, kw_only=True):
    """Answer of /api/connections/{id}/events."""

    kinds: tuple[EventKind, ...]
    waiting: Annotated[int, Meta(description="Events that are on their way.")]
    given_up: Annotated[int, Meta(description="Events that every try failed to deliver; kept until they are sent.")]
