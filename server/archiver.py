"""The archiver: moves settled Sessions from the store to SQL.

First the log is written to SQL, then the store forgets the Session if its log
still ends there and nobody is present. Between the two it is in both places,
and whoever dies leaves it so: it is due again when the claim lapses, and what
is kept already is kept once. `timers.py` finds and claims what is due;
`recreating.py` brings back what somebody asks for.

Rules: protocol/SPEC.md, AR1 to AR4.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence

from protocol.base import Position, Record, SessionId
from server.ports import Archive, Due, PolicyNow, SessionNotFound, SessionStore, SessionTable, Stay, StoredEntry
from server.session_rows import SessionRow
from server.watching import figures

log = logging.getLogger(__name__)

AT_ONCE = 32
"""Logs in memory at a time, and rows in one transaction."""


class Settled(Record, frozen=True, kw_only=True):
    """A claimed Session that may go to the archive, its row in the lists, and how long its visits lasted."""

    claimed: Due
    row: SessionRow
    stays: Mapping[Stay, int] = {}


class Archiver:
    """One process's part in it, on the live store itself."""

    def __init__(self, live: SessionStore, archive: Archive, table: SessionTable, policy: PolicyNow) -> None:
        self._live = live
        self._archive = archive
        self._table = table
        self._policy = policy

    async def put_away(self, settled: Sequence[Settled]) -> None:
        """Move each to the archive, unless somebody is there. Raises `Unavailable`."""
        for start in range(0, len(settled), AT_ONCE):
            await self._put_away(settled[start : start + AT_ONCE])

    async def _put_away(self, settled: Sequence[Settled]) -> None:
        found = await asyncio.gather(*[self._read_if_left(each.row) for each in settled])
        logs = {each.claimed.session_id: log for each, log in zip(settled, found, strict=True) if log}
        # Once the log is gone nobody compares the row with it any more.
        await self._table.write([each.row for each in settled if each.claimed.session_id in logs])
        stays = {each.claimed.session_id: each.stays for each in settled}
        kept = await self._archive.write(logs, stays)
        await asyncio.gather(*[self._settle(each.claimed, logs, each.claimed.session_id in kept) for each in settled])

    async def _read_if_left(self, row: SessionRow) -> tuple[StoredEntry, ...]:
        """The log; nothing if somebody is there, went on with it since it was found settled, or was faster."""
        if await self._live.presence(row.session_id):
            return ()
        try:
            entries = await self._live.read(row.session_id)
        except SessionNotFound:
            return ()
        return entries if entries[-1].seq == row.seq else ()

    async def _settle(self, claimed: Due, logs: dict[SessionId, tuple[StoredEntry, ...]], is_kept: bool) -> None:
        """Have the store forget it; else look again in a while."""
        session_id = claimed.session_id
        entries = logs.get(session_id)
        if entries is not None and is_kept:
            end = Position(seq=entries[-1].seq, entry_id=entries[-1].entry_id)
            if await self._live.delete(session_id, end):
                figures.ARCHIVED.inc()
                log.info("archive.kept session_id=%s seq=%d", session_id, end.seq)
                return
        elif entries is not None:
            # The store lost acknowledged entries after they were archived, and went on: both are left as they are.
            log.error("archive.other_history session_id=%s seq=%d", session_id, entries[-1].seq)
        await self._live.reschedule(claimed, await self._live.now_ms() + self._policy().archive_after_ms)
