"""Event webhooks over SQL: which Connection is told of what, how far each log was told, and what is still to be sent.

A Session whose row was replaced (`sessions.py`) is marked as behind; whoever reads its log stores what it tells and
moves the mark in one transaction. So each event is stored once, whoever crashes in between; it is sent at least once.

Rules: protocol/SPEC.md, EV2 to EV6.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import and_, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.base import MAX_SAFE_INT, Millis, PersonId, SessionId
from protocol.connections import ConnectionStatus
from protocol.event_hooks import EventFeed, EventKind
from server.event_ports import Behind, DueEvent
from server.records.audit import audit_row
from server.records.clock import Clock, wall_clock_ms
from server.records.database import Database, insert_new
from server.records.tables import connections, event_cursors, event_hooks, events_due, integrations, sessions
from server.told_events import Told, ToldEvent

GIVEN_UP = MAX_SAFE_INT
"""When an event is due that every try failed to deliver."""


class SqlEventHooks:
    """The `EventBook` port over SQL."""

    def __init__(self, database: Database, clock: Clock = wall_clock_ms) -> None:
        self._database = database
        self._clock = clock

    # --- for administrators -----------------------------------------------------------

    async def feed(self, connection_id: str) -> EventFeed:
        """What this Connection is told, and how that goes."""
        async with self._database.reading() as connection:
            kinds = await _kinds(connection, connection_id)
            count = select(func.count()).where(events_due.c.connection_id == connection_id)
            given_up = (await connection.execute(count.where(events_due.c.due_ms == GIVEN_UP))).scalar_one()
            waiting = (await connection.execute(count.where(events_due.c.due_ms < GIVEN_UP))).scalar_one()
        return EventFeed(kinds=kinds, waiting=waiting, given_up=given_up)

    async def choose(self, connection_id: str, kinds: Collection[EventKind], by: PersonId) -> None:
        """From now on it is told of these kinds; what was chosen before stays so without a gap."""
        now_ms = self._clock()
        async with self._database.writing() as connection:
            this = event_hooks.c.connection_id == connection_id
            before = set(await _kinds(connection, connection_id))
            if before == set(kinds):
                return
            await connection.execute(delete(event_hooks).where(this, event_hooks.c.kind.not_in(sorted(kinds))))
            news = [{"connection_id": connection_id, "kind": kind, "since_ms": now_ms} for kind in sorted(kinds)]
            if news:
                await connection.execute(insert_new(connection, event_hooks, news))
            detail = {"kinds": ", ".join(sorted(kinds))}
            await connection.execute(audit_row(now_ms, by, "choose_events", connection_id, detail))

    async def send_again(self, connection_id: str, by: PersonId) -> int:
        """Try what was given up anew; how many that were."""
        now_ms = self._clock()
        these = (events_due.c.connection_id == connection_id) & (events_due.c.due_ms == GIVEN_UP)
        async with self._database.writing() as connection:
            again = update(events_due).where(these).values(due_ms=now_ms, attempt=0)
            count = (await connection.execute(again)).rowcount
            if count:
                detail = {"count": str(count)}
                await connection.execute(audit_row(now_ms, by, "send_events_again", connection_id, detail))
        return count

    # --- for who tells ----------------------------------------------------------------

    async def is_anybody_told(self) -> bool:
        """Whether any Connection is told of anything, or waits for it."""
        query = select(exists(select(event_hooks.c.kind)) | exists(select(events_due.c.id)))
        async with self._database.reading() as connection:
            return bool((await connection.execute(query)).scalar_one())

    async def behind(self, limit: int) -> tuple[Behind, ...]:
        """Sessions to be read."""
        query = (
            select(event_cursors, sessions.c.workflow_key, sessions.c.workflow_name)
            .join(sessions, sessions.c.session_id == event_cursors.c.session_id)
            .where(event_cursors.c.is_behind)
            .limit(limit)
        )
        async with self._database.reading() as connection:
            return tuple(
                Behind(
                    session_id=row.session_id,
                    told_seq=row.told_seq,
                    workflow_key=row.workflow_key,
                    workflow_name=row.workflow_name,
                )
                for row in await connection.execute(query)
            )

    async def store(self, behind: Behind, told: Told, url: str) -> None:
        """Store what the log tells, for each Connection that is told of it; nothing if somebody else did."""
        this = event_cursors.c.session_id == behind.session_id
        async with self._database.writing() as connection:
            row = (await connection.execute(select(event_cursors).where(this).with_for_update())).one_or_none()
            if row is None or row.told_seq != behind.told_seq:
                return
            hooks = (await connection.execute(select(event_hooks))).all()
            events = await self._without_undone(connection, behind.session_id, told.events)
            rows = [
                _row(behind, event, hook.connection_id, url)
                for event in events
                for hook in hooks
                if hook.kind == event.kind and event.at_ms >= hook.since_ms
            ]
            if rows and not told.is_training:
                await connection.execute(insert_new(connection, events_due, rows))
            row_seq = select(sessions.c.seq).where(sessions.c.session_id == behind.session_id).scalar_subquery()
            moved = update(event_cursors).where(this)
            await connection.execute(moved.values(told_seq=told.seq, is_behind=row_seq > told.seq))

    async def forget(self, session_id: SessionId) -> None:
        """Its log is nowhere any more."""
        async with self._database.writing() as connection:
            await connection.execute(delete(event_cursors).where(event_cursors.c.session_id == session_id))

    async def claim(self, limit: int, lease_ms: Millis) -> tuple[DueEvent, ...]:
        """Events that are due, the longest ones first; nobody else gets them before the lease ends.

        Those of a Connection that cannot be used wait, and stand in nobody's way. What is claimed counts as tried.
        """
        now_ms = self._clock()
        switched_off = select(integrations.c.key).where(integrations.c.enabled.is_(False))
        usable = select(connections.c.id).where(
            connections.c.status == ConnectionStatus.OK, connections.c.integration.not_in(switched_off)
        )
        due = (events_due.c.due_ms <= now_ms) & events_due.c.connection_id.in_(usable)
        oldest = select(events_due).where(due).order_by(events_due.c.due_ms, events_due.c.id).limit(limit)
        async with self._database.writing() as connection:
            rows = (await connection.execute(oldest.with_for_update(skip_locked=True))).all()
            claimed = update(events_due).where(events_due.c.id.in_([row.id for row in rows]))
            if rows:
                tried = {"due_ms": now_ms + lease_ms, "attempt": events_due.c.attempt + 1}
                await connection.execute(claimed.values(tried))
        return tuple(
            DueEvent(
                id=row.id,
                connection_id=row.connection_id,
                session_id=row.session_id,
                key=row.key,
                kind=EventKind(row.kind),
                at_ms=row.at_ms,
                body=row.body.encode(),
                attempt=row.attempt,
            )
            for row in rows
        )

    async def note_sent(self, event_id: int) -> None:
        """It arrived."""
        async with self._database.writing() as connection:
            await connection.execute(delete(events_due).where(events_due.c.id == event_id))

    async def put_off(self, event_id: int, due_ms: Millis | None, attempt: int) -> None:
        """It is tried again then; None gives it up."""
        values = {"due_ms": GIVEN_UP if due_ms is None else due_ms, "attempt": attempt}
        async with self._database.writing() as connection:
            await connection.execute(update(events_due).where(events_due.c.id == event_id).values(values))

    async def _without_undone(
        self, connection: AsyncConnection, session_id: SessionId, events: Sequence[ToldEvent]
    ) -> list[ToldEvent]:
        """A completion that nobody was told of yet, and that was undone, is taken back in silence."""
        if all(event.kind is not EventKind.SESSION_REOPENED for event in events):
            return list(events)
        untold = and_(
            events_due.c.session_id == session_id,
            events_due.c.kind == EventKind.SESSION_COMPLETED,
            events_due.c.attempt == 0,
            events_due.c.due_ms > self._clock(),
        )
        taken_back = (await connection.execute(delete(events_due).where(untold))).rowcount > 0
        return [event for event in events if not (taken_back and event.kind is EventKind.SESSION_REOPENED)]


async def mark_behind(connection: AsyncConnection, session_ids: Collection[SessionId]) -> None:
    """Have the logs of these Sessions read, in the transaction that wrote their rows; nothing if nobody is told."""
    if not (await connection.execute(select(exists(select(event_hooks.c.kind))))).scalar_one():
        return
    rows = [{"session_id": session_id, "told_seq": 0, "is_behind": True} for session_id in sorted(session_ids)]
    await connection.execute(insert_new(connection, event_cursors, rows))
    # Those that are marked already too: the row is locked so, and whoever takes the mark away waits, or was first.
    marked = event_cursors.c.session_id.in_(session_ids)
    await connection.execute(update(event_cursors).where(marked).values(is_behind=True))


async def _kinds(connection: AsyncConnection, connection_id: str) -> tuple[EventKind, ...]:
    query = select(event_hooks.c.kind).where(event_hooks.c.connection_id == connection_id)
    chosen = set((await connection.execute(query)).scalars())
    return tuple(kind for kind in EventKind if kind in chosen)


def _row(behind: Behind, event: ToldEvent, connection_id: str, url: str) -> dict[str, Any]:
    workflow = {"key": behind.workflow_key, "name": behind.workflow_name}
    body = {"session": {**event.session, "url": url, "workflow": workflow}, "data": event.data}
    return {
        "connection_id": connection_id,
        "session_id": behind.session_id,
        "key": f"evt_{behind.session_id}_{event.entry_id}_{event.place}",
        "kind": event.kind.value,
        "at_ms": event.at_ms,
        "due_ms": event.due_ms,
        "body": msgspec.json.encode(body).decode().replace("\\u0000", ""),
        "attempt": 0,
    }
