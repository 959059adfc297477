"""The mirror: keeps the rows of Sessions in SQL as their logs are.

The process that committed a change writes the row, in the background, with
whatever else changed meanwhile; no commit waits for it. While SQL is away,
rows wait in memory, one a Session.

What is eventually true: each Session that has a log has a row, and it says
what the log says. A crash may lose the last rows of a process. So at its
start and every few minutes each process compares, and folds again, every
Session whose row is of an earlier entry than its log ends with, or of
another history, or missing; a row whose open Session the store does not have
goes. Of finished Sessions those are compared whose Actions need attention or
are on their way: the others do not change. Two processes that do this at once
write the same.

Rules: protocol/SPEC.md, SX1 to SX4 and NA2.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import islice

from protocol.base import Seq, SessionId
from server.folded import ForkedError
from server.ports import SessionNotFound, SessionStore, SessionTable, Unavailable
from server.session_rows import SessionRow, row_changed, row_of
from session_engine.state import SessionState
from session_engine.workflow import Workflow

log = logging.getLogger(__name__)

GATHER_S = 0.05
"""A row is late by this; SQL has its price per transaction, hardly per row."""
WRITE_AT_ONCE = 500
RETRY_S = 2.0
WAITING_AT_MOST = 20_000
"""Rows that wait for SQL; past that the oldest are left to the next check."""
CHECK_EVERY_S = (180, 300)
CHECK_AT_ONCE = 100
BREATH_S = 0.02
UNLISTED_AT_MOST = 5_000
CLOSE_WITHIN_S = 2.0

Read = Callable[[SessionId], Awaitable[tuple[SessionState, Workflow]]]


async def nothing() -> None:
    """Stands for letting go of what is deleted, where nothing is held."""


class Mirror:
    """One process's part in keeping the rows."""

    def __init__(self, table: SessionTable, store: SessionStore) -> None:
        self._table = table
        self._store = store
        self._waiting: dict[SessionId, SessionRow] = {}
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def note(self, before: SessionState | None, after: SessionState, workflow: Workflow) -> None:
        """Hear of a commit; the row is written soon if it shows the difference."""
        try:
            if row_changed(before, after, workflow):
                self._put(row_of(after, workflow))
        except Exception:
            # The commit is done: whatever is wrong here must not reach who waits for it.
            log.exception("mirror.unreadable session_id=%s seq=%d", after.session_id, after.seq)

    def start(self, read: Read, drop_deleted: Callable[[], Awaitable[None]] = nothing) -> None:
        """Write and compare from now on; `read` gives a Session as its log tells it.

        `drop_deleted` is awaited with each check: it lets go of what this process holds of deleted Sessions.
        """
        checking = self._check_for_ever(read, drop_deleted)
        self._tasks = [asyncio.create_task(self._write_for_ever()), asyncio.create_task(checking)]

    @property
    def waiting(self) -> int:
        """Sessions whose row is not written yet."""
        return len(self._waiting)

    async def close(self) -> None:
        """Write what waits, if SQL takes it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            async with asyncio.timeout(CLOSE_WITHIN_S):
                while self._waiting:
                    await self._write()
        except (Unavailable, TimeoutError):
            log.warning("mirror.left_behind rows=%d", len(self._waiting))

    async def check(self, read: Read) -> int:
        """Compare all that is open or has no row with the logs, and mend; how many rows were not as they should be.

        Raises:
            Unavailable.
        """
        listed = await self._table.open_seqs()
        unsettled = await self._table.unsettled_seqs()
        unlisted = await self._table.find_unlisted(UNLISTED_AT_MOST)
        live = await self._store.live()
        mended = 0
        session_ids = sorted({*listed, *unlisted, *live})
        for start in range(0, len(session_ids), CHECK_AT_ONCE):
            mended += await self._check(session_ids[start : start + CHECK_AT_ONCE], listed, read)
            await asyncio.sleep(BREATH_S)
        return mended + await self._check_unsettled(unsettled, read)

    async def _check_unsettled(self, unsettled: Mapping[SessionId, Seq], read: Read) -> int:
        """Fold again what went on since its row; what the store does not have any more stays as it is."""
        mended = 0
        session_ids = sorted(unsettled)
        for start in range(0, len(session_ids), CHECK_AT_ONCE):
            positions = await self._store.positions(session_ids[start : start + CHECK_AT_ONCE])
            behind = {id_: unsettled[id_] for id_, position in positions.items() if position.seq > unsettled[id_]}
            if behind:
                mended += await self._check(sorted(behind), behind, read)
            await asyncio.sleep(BREATH_S)
        return mended

    async def _check(self, session_ids: Sequence[SessionId], listed: Mapping[SessionId, Seq], read: Read) -> int:
        positions = await self._store.positions(session_ids)
        rows: list[SessionRow] = []
        wrong: list[tuple[SessionId, Seq]] = []
        for session_id in session_ids:
            seq = listed.get(session_id)
            position = positions.get(session_id)
            if seq is not None and (position is None or position.seq < seq):
                wrong.append((session_id, seq))
            if position is None or position.seq == seq:
                continue
            try:
                rows.append(row_of(*await read(session_id)))
            except (SessionNotFound, ForkedError) as error:
                log.warning("mirror.skipped session_id=%s reason=%s", session_id, error)
        if wrong:
            await self._table.forget(wrong)
        if rows:
            await self._table.write(rows)
        return len(rows) + len(wrong)

    async def _write_for_ever(self) -> None:
        while True:
            await self._news.wait()
            await asyncio.sleep(GATHER_S)
            self._news.clear()
            try:
                while self._waiting:
                    await self._write()
            except Unavailable as error:
                log.warning("mirror.retry rows=%d after_ms=%d reason=%s", len(self._waiting), RETRY_S * 1000, error)
                await asyncio.sleep(RETRY_S)
                self._news.set()
            except Exception:
                log.exception("mirror.failed rows=%d", len(self._waiting))
                self._waiting.clear()

    async def _write(self) -> None:
        batch = dict(islice(self._waiting.items(), WRITE_AT_ONCE))
        await self._table.write(batch.values())
        for session_id, row in batch.items():
            if self._waiting.get(session_id) is row:
                del self._waiting[session_id]

    async def _check_for_ever(self, read: Read, drop_deleted: Callable[[], Awaitable[None]]) -> None:
        # Processes that start together compare one after the other.
        await asyncio.sleep(random.uniform(0, 2))
        while True:
            try:
                mended = await self.check(read)
                if mended:
                    log.info("mirror.mended rows=%d", mended)
                await drop_deleted()
            except Unavailable as error:
                log.warning("mirror.unchecked reason=%s", error)
            except Exception:
                log.exception("mirror.unchecked")
            await asyncio.sleep(random.uniform(*CHECK_EVERY_S))

    def _put(self, row: SessionRow) -> None:
        held = self._waiting.get(row.session_id)
        if held is None or held.seq < row.seq:
            self._waiting[row.session_id] = row
        if len(self._waiting) > WAITING_AT_MOST:
            del self._waiting[next(iter(self._waiting))]
        self._news.set()
