"""The keys of each Session's slots: one row per Session, wrapped by the key ring.

Erasing a slot is dropping its key from the row. Sealing with the keys is
`server/store/sealing.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from sqlalchemy import select

from protocol.base import SessionId
from server.records.database import Database, insert_new
from server.records.tables import session_keys
from server.store.keyring import KeyRing

decode_keys = msgspec.msgpack.Decoder(dict[str, bytes]).decode


class SqlSessionKeys:
    """The `SessionKeys` port over SQL."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database = database
        self._ring = ring

    async def create(self, session_id: SessionId, keys: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """Store the slots' 32-byte keys; if the Session has keys already, those are returned instead."""
        kid, wrapped = self._ring.wrap(session_id, msgspec.msgpack.encode(dict(keys)))
        row = {"session_id": session_id, "kid": kid, "wrapped": wrapped}
        async with self._database.writing() as connection:
            inserted = await connection.execute(insert_new(connection, session_keys, [row]))
        if inserted.rowcount == 1:
            return keys
        held = await self.find(session_id)
        assert held is not None, f"session {session_id}: its row of keys was refused and is not there"
        return held

    async def session_ids(self, after: SessionId, limit: int) -> tuple[SessionId, ...]:
        """Sessions that have keys, in order of their ids."""
        column = session_keys.c.session_id
        query = select(column).where(column > after).order_by(column).limit(limit)
        async with self._database.reading() as connection:
            return tuple((await connection.execute(query)).scalars())

    async def find(self, session_id: SessionId) -> Mapping[str, bytes] | None:
        """Keys by slot; an erased slot is missing."""
        query = select(session_keys).where(session_keys.c.session_id == session_id)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else decode_keys(self._ring.unwrap(session_id, row.kid, row.wrapped))
