"""The keys of each Session's slots: one row per Session, wrapped by the key ring.

Erasing a slot is dropping its key from the row (`erasure.py`); the row of a
deleted Session stays, without any key, so that its id is not given again.
Sealing with the keys is `server/store/sealing.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec
from sqlalchemy import select

from protocol.base import SessionId
from server.ports import SessionNotFound
from server.records.database import Database, insert_new
from server.records.tables import session_keys
from server.store.keyring import KeyRing

DELETED = b""
"""Stands for the wrapped keys of a deleted Session."""
AT_ONCE = 500

decode_keys = msgspec.msgpack.Decoder(dict[str, bytes]).decode


class SqlSessionKeys:
    """The `SessionKeys` port over SQL."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database = database
        self._ring = ring

    async def create(self, session_id: SessionId, keys: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """Store the slots' 32-byte keys; if it has some, those are given. Raises `SessionNotFound` if deleted."""
        kid, wrapped = self._ring.wrap(session_id, msgspec.msgpack.encode(dict(keys)))
        row = {"session_id": session_id, "kid": kid, "wrapped": wrapped}
        async with self._database.writing() as connection:
            inserted = await connection.execute(insert_new(connection, session_keys, [row]))
        if inserted.rowcount == 1:
            return keys
        held = await self.find(session_id)
        if held is None:
            raise SessionNotFound(f"session {session_id} was deleted")
        return held

    async def session_ids(self, after: SessionId, limit: int) -> tuple[SessionId, ...]:
        """Sessions that have keys, in order of their ids."""
        column = session_keys.c.session_id
        query = select(column).where(column > after, session_keys.c.wrapped != DELETED).order_by(column).limit(limit)
        async with self._database.reading() as connection:
            return tuple((await connection.execute(query)).scalars())

    async def find(self, session_id: SessionId) -> Mapping[str, bytes] | None:
        """Keys by slot; None if there is no such Session, or it was deleted."""
        query = select(session_keys).where(session_keys.c.session_id == session_id)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None or row.wrapped == DELETED:
            return None
        return decode_keys(self._ring.unwrap(session_id, row.kid, row.wrapped))

    async def find_deleted(self, session_ids: Collection[SessionId]) -> set[SessionId]:
        """Those of them that were deleted."""
        asked, found = list(session_ids), set[SessionId]()
        column = session_keys.c.session_id
        async with self._database.reading() as connection:
            for start in range(0, len(asked), AT_ONCE):
                some = column.in_(asked[start : start + AT_ONCE])
                query = select(column).where(some, session_keys.c.wrapped == DELETED)
                found.update((await connection.execute(query)).scalars())
        return found
