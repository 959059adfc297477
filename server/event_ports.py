"""What telling other systems needs to know, as an interface: `records/event_hooks.py` implements it over SQL."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from protocol.base import Millis, PersonId, Record, Seq, SessionId
from protocol.event_hooks import EventFeed, EventKind
from server.told_events import Told


class Behind(Record, frozen=True, kw_only=True):
    """A Session whose log may tell more than was read of it."""

    session_id: SessionId
    told_seq: Seq
    workflow_key: str
    workflow_name: str


class DueEvent(Record, frozen=True, kw_only=True):
    """One event for one Connection, claimed."""

    id: int
    connection_id: str
    session_id: SessionId
    key: str
    """Idempotency key: the same at each try."""
    kind: EventKind
    at_ms: Millis
    body: bytes
    """JSON of `session` and `data`."""
    attempt: int
    """How many tries there were before."""


class EventBook(Protocol):
    """Which Connection is told of what, how far each log was told, and what is still to be sent."""

    async def feed(self, connection_id: str) -> EventFeed:
        """What this Connection is told, and how that goes."""

    async def choose(self, connection_id: str, kinds: Collection[EventKind], by: PersonId) -> None:
        """From now on it is told of these kinds; what was chosen before stays so without a gap."""

    async def send_again(self, connection_id: str, by: PersonId) -> int:
        """Try what was given up anew; how many that were."""

    async def is_anybody_told(self) -> bool:
        """Whether any Connection is told of anything, or waits for it."""

    async def behind(self, limit: int) -> tuple[Behind, ...]:
        """Sessions to be read."""

    async def store(self, behind: Behind, told: Told, url: str) -> None:
        """Store what the log tells, for each Connection that is told of it; nothing if somebody else did."""

    async def forget(self, session_id: SessionId) -> None:
        """Its log is nowhere any more."""

    async def claim(self, limit: int, lease_ms: Millis) -> tuple[DueEvent, ...]:
        """Events that are due, the longest ones first; nobody else gets them before the lease ends.

        Those of a Connection that cannot be used wait, and stand in nobody's way. What is claimed counts as tried.
        """

    async def note_sent(self, event_id: int) -> None:
        """It arrived."""

    async def put_off(self, event_id: int, due_ms: Millis | None, attempt: int) -> None:
        """It is tried again then; None gives it up."""
