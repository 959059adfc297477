"""Erasing in SQL: the keys of content, and what is readable of it here, in one transaction with its audit row.

Everything else that has to go (the store, what processes hold) is in
`server/erasing.py`, after this: once the keys are gone, whoever dies leaves
nothing that could be opened.

Rules: protocol/SPEC.md, ER1 to ER5.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.actions import ActionId
from protocol.base import MAX_SAFE_INT, Key, PersonId, SessionId
from server.ports import SessionNotFound
from server.records.alerts import alerts_changed
from server.records.audit import audit_row
from server.records.clock import Clock, wall_clock_ms
from server.records.database import Database, insert_new
from server.records.session_keys import DELETED, decode_keys
from server.records.tables import (
    alerts,
    archived_logs,
    begun_deletions,
    call_signs,
    delivery_attempts,
    event_cursors,
    events_due,
    session_actions,
    session_keys,
    session_look_ups,
    sessions,
)
from server.store.keyring import KeyRing
from server.store.sealing import renewed


class SqlErasure:
    """The `Erasure` port over SQL."""

    def __init__(self, database: Database, ring: KeyRing, clock: Clock = wall_clock_ms) -> None:
        self._database = database
        self._ring = ring
        self._clock = clock

    async def delete(self, session_id: SessionId, by: PersonId) -> None:
        """Drop every key of a Session, and all that is readable of it."""
        now_ms = self._clock()
        emptied = {"title": "", "title_folded": "", "seq": MAX_SAFE_INT, "deleted_ms": now_ms}
        async with self._database.writing() as connection:
            # The row stands after every entry: no process replaces it by what it knew before (SX2).
            await connection.execute(update(sessions).where(sessions.c.session_id == session_id).values(emptied))
            held = (session_keys.c.session_id == session_id) & (session_keys.c.wrapped != DELETED)
            keys = update(session_keys).where(held).values(wrapped=DELETED)
            if (await connection.execute(keys)).rowcount == 0:
                return  # somebody else did, a moment ago
            begun = {"session_id": session_id, "begun_ms": now_ms}
            await connection.execute(insert_new(connection, begun_deletions, [begun]))
            for table in (
                session_look_ups, session_actions, archived_logs, delivery_attempts, event_cursors, events_due,
                call_signs,
            ):  # fmt: skip
                await connection.execute(delete(table).where(table.c.session_id == session_id))
            if (await connection.execute(delete(alerts).where(alerts.c.session_id == session_id))).rowcount:
                await connection.execute(alerts_changed())
            await connection.execute(audit_row(now_ms, by, "delete_session", session_id, {}))
        await self._database.scrub()

    async def finish(self, session_id: SessionId) -> None:
        """The store has forgotten it, too."""
        async with self._database.writing() as connection:
            await connection.execute(delete(begun_deletions).where(begun_deletions.c.session_id == session_id))

    async def renew(
        self,
        session_id: SessionId,
        field_key: Key | None,
        slots: Collection[str],
        action_ids: Collection[ActionId],
        title: str,
        by: PersonId,
    ) -> tuple[str, ...]:
        """Drop the keys of these slots and draw new ones, whose slots are given; and what SQL holds of the content.

        Raises:
            SessionNotFound: it has no keys any more.
        """
        async with self._database.writing() as connection:
            this = session_keys.c.session_id == session_id
            row = (await connection.execute(select(session_keys).where(this).with_for_update())).one_or_none()
            if row is None or row.wrapped == DELETED:
                raise SessionNotFound(f"session {session_id} has no keys")
            keys, names = renewed(decode_keys(self._ring.unwrap(session_id, row.kid, row.wrapped)), slots)
            kid, wrapped = self._ring.wrap(session_id, msgspec.msgpack.encode(keys))
            await connection.execute(update(session_keys).where(this).values(kid=kid, wrapped=wrapped))
            named = {"title": title, "title_folded": title.casefold()}
            await connection.execute(update(sessions).where(sessions.c.session_id == session_id).values(named))
            found = (session_look_ups.c.session_id == session_id) & (session_look_ups.c.field_key == field_key)
            await connection.execute(delete(session_look_ups).where(found))
            await self._empty_deliveries(connection, session_id, action_ids)
            detail = {"slot": "notes" if field_key is None else f"field/{field_key}"}
            await connection.execute(audit_row(self._clock(), by, "erase_value", session_id, detail))
        await self._database.scrub()
        return names

    async def is_deleted(self, session_id: SessionId) -> bool:
        """Whether its keys were dropped."""
        query = select(session_keys.c.wrapped).where(session_keys.c.session_id == session_id)
        async with self._database.reading() as connection:
            return (await connection.execute(query)).scalar_one_or_none() == DELETED

    async def _empty_deliveries(
        self, connection: AsyncConnection, session_id: SessionId, action_ids: Collection[ActionId]
    ) -> None:
        columns = delivery_attempts.c
        those = (columns.session_id == session_id) & columns.action_id.in_(action_ids)
        await connection.execute(update(delivery_attempts).where(those).values(message="", excerpt=""))
