"""Ops: how a delta changes a view. The browser runs one generic `apply`.

Rules: protocol/SPEC.md, DL.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta

from protocol.base import Record


class Collection(StrEnum):
    """The collections of a view."""

    HEAD = "head"
    VISITS = "visits"
    FIELDS = "fields"
    RESPONSES = "responses"
    ACTIONS = "actions"
    CORRECTIONS = "corrections"
    SUGGESTIONS = "suggestions"
    REASSIGNMENTS = "reassignments"
    MOMENTS = "moments"
    HELP_REQUESTS = "help_requests"
    HANDOVERS = "handovers"
    SEAT_CHANGES = "seat_changes"
    TRANSFERS = "transfers"
    WHISPERS = "whispers"
    NOTES_UPDATES = "notes_updates"


class Put(Record, frozen=True, kw_only=True, tag_field="op", tag="put"):
    """The record under this id is now this one."""

    collection: Collection
    id: Annotated[str, Meta(max_length=64)]
    record: Annotated[Any, Meta(description="A whole record of the collection's type.")]


class Remove(Record, frozen=True, kw_only=True, tag_field="op", tag="remove"):
    """There is no record under this id."""

    collection: Collection
    id: Annotated[str, Meta(max_length=64)]


Op = Put | Remove
