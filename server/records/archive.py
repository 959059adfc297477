"""Archived logs: one row per Session, its entries sealed as they were and compressed.

A row only ever grows: it is replaced by a log that holds its last entry, and
by no other. So whoever is late, or follows another history, takes nothing
away from what is kept. Of a deleted Session nothing is kept, whoever writes.

Rules: protocol/SPEC.md, AR2, AR3, ER2 and AL1.
"""

from __future__ import annotations

import asyncio
import zlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.base import EntryId, Millis, Position, SessionId
from protocol.lists import SessionList
from server.ports import NO_STAYS, Stay, StoredEntry, require_contiguous
from server.records.clock import Clock, wall_clock_ms
from server.records.database import Database, insert_new
from server.records.dwell import count_stays
from server.records.tables import archived_logs, sessions

NOWHERE = Position(seq=0, entry_id="")

LOOKED_AT = 2_000
"""Sessions in which a backlog is looked for: a moment's work, however many there are."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[tuple[EntryId, bytes]]).decode


class SqlArchive:
    """The `Archive` port over SQL."""

    def __init__(self, database: Database, clock: Clock = wall_clock_ms) -> None:
        self._database = database
        self._clock = clock

    async def write(
        self,
        logs: Mapping[SessionId, Sequence[StoredEntry]],
        stays: Mapping[SessionId, Mapping[Stay, int]] = NO_STAYS,
    ) -> set[SessionId]:
        """Keep these logs. One replaces only what it goes on from; given are those that are kept now, whole.

        The visits of those that were never archived before are counted, with them or not at all.
        """
        # In one order, so that two processes never wait for each other's rows.
        ordered = {session_id: logs[session_id] for session_id in sorted(logs)}
        packed = await asyncio.to_thread(lambda: {id_: pack(entries) for id_, entries in ordered.items()})
        rows: list[dict[str, Any]] = [
            {
                "session_id": session_id,
                "seq": entries[-1].seq,
                "entry_id": entries[-1].entry_id,
                "archived_ms": self._clock(),
                "log": packed[session_id],
            }
            for session_id, entries in ordered.items()
        ]
        if not rows:
            return set()
        table = archived_logs.c
        async with self._database.writing() as connection:
            gone = await _find_deleted(connection, list(ordered))
            rows = [row for row in rows if row["session_id"] not in gone]
            if not rows:
                return set()
            statement = insert_new(connection, archived_logs, rows).returning(table.session_id)
            kept = set((await connection.execute(statement)).scalars())
            counted: Counter[Stay] = Counter()
            for session_id in kept:
                counted.update(stays.get(session_id, {}))
            await count_stays(connection, counted)
            others = [row for row in rows if row["session_id"] not in kept]
            held = (
                select(table.session_id, table.seq, table.entry_id)
                .where(table.session_id.in_([row["session_id"] for row in others]))
                .order_by(table.session_id)
                .with_for_update()
            )
            ends = {row.session_id: row for row in await connection.execute(held)} if others else {}
            for row in others:
                entries, end = ordered[row["session_id"]], ends.get(row["session_id"])
                if end is None or end.seq > len(entries) or entries[end.seq - 1].entry_id != end.entry_id:
                    continue
                if end.seq < len(entries):
                    this = table.session_id == row["session_id"]
                    await connection.execute(update(archived_logs).where(this).values(row))
                kept.add(row["session_id"])
        return kept

    async def read(self, session_id: SessionId) -> tuple[StoredEntry, ...] | None:
        """The whole log; None if this Session was never archived."""
        query = select(archived_logs.c.log).where(archived_logs.c.session_id == session_id)
        async with self._database.reading() as connection:
            packed = (await connection.execute(query)).scalar_one_or_none()
        return None if packed is None else await asyncio.to_thread(unpack, packed)

    async def backlog(self, before_ms: Millis) -> tuple[int, Millis | None]:
        """How many finished Sessions that changed before then are not here, and when the first of them changed.

        Only the latest `LOOKED_AT` are looked at: whether there is a backlog, not how long it is.
        """
        table = sessions.c
        latest = (
            select(table.session_id, table.changed_ms)
            .where(table.list == SessionList.FINISHED, table.changed_ms < before_ms, table.deleted_ms.is_(None))
            .order_by(table.changed_ms.desc())
            .limit(LOOKED_AT)
            .subquery()
        )
        archived = select(archived_logs.c.session_id).where(archived_logs.c.session_id == latest.c.session_id)
        query = select(func.count(), func.min(latest.c.changed_ms)).where(~archived.exists())
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one()
        return row[0], row[1]

    async def positions(self, session_ids: Collection[SessionId]) -> dict[SessionId, Position]:
        """Where each log ends; Sessions that were never archived are left out."""
        table = archived_logs.c
        query = select(table.session_id, table.seq, table.entry_id).where(table.session_id.in_(session_ids))
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        return {row.session_id: Position(seq=row.seq, entry_id=row.entry_id) for row in rows}


async def _find_deleted(connection: AsyncConnection, session_ids: Sequence[SessionId]) -> set[SessionId]:
    """Those of them that were deleted; who deletes one meanwhile waits, or was waited for."""
    query = select(sessions.c.session_id, sessions.c.deleted_ms).where(sessions.c.session_id.in_(session_ids))
    rows = await connection.execute(query.order_by(sessions.c.session_id).with_for_update())
    return {row.session_id for row in rows if row.deleted_ms is not None}


def pack(entries: Sequence[StoredEntry]) -> bytes:
    """A whole log as bytes: ids and payloads; the rest follows from their order."""
    require_contiguous(entries, NOWHERE)
    return zlib.compress(_encode([(entry.entry_id, entry.payload) for entry in entries]))


def unpack(packed: bytes) -> tuple[StoredEntry, ...]:
    """The log that was packed."""
    entries, previous_id = [], ""
    for seq, (entry_id, payload) in enumerate(_decode(zlib.decompress(packed)), start=1):
        entries.append(StoredEntry(seq=seq, entry_id=entry_id, previous_id=previous_id, payload=payload))
        previous_id = entry_id
    return tuple(entries)
