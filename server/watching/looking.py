"""Figures that have to be looked up: how store, SQL, due sets and archive are, and this process itself.

Each server process looks by itself, so that one that cannot reach the store
shows. Nothing is looked up while nobody may scrape it.

Rules: protocol/SPEC.md, OP3.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import resource
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import perf_counter

from protocol.base import Millis
from server.ports import PolicyNow, SessionStore, Unavailable
from server.watching import figures

log = logging.getLogger(__name__)

NO_SESSION = "0" * 32
"""Nobody's Session: asking for its presence is the smallest question that the store must answer itself."""

LAG_EVERY_S = 0.25
HERE_EVERY_S = 1.0
LOOK_EVERY_S = 10.0
ARCHIVE_EVERY_S = 60.0
ARCHIVE_SLACK_MS = 120_000
"""A Session that is overdue for less than this is on its way."""
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

Backlog = Callable[[Millis], Awaitable[tuple[int, Millis | None]]]
"""How many finished Sessions that changed before are not archived, and when the first of them changed."""


class Looking:
    """One process's look at what it depends on."""

    def __init__(
        self,
        store: SessionStore,
        check_sql: Callable[[], Awaitable[object]],
        backlog: Backlog,
        policy: PolicyNow,
        count_here: Callable[[], None],
    ) -> None:
        self._store = store
        self._check_sql = check_sql
        self._backlog = backlog
        self._policy = policy
        self._count_here = count_here
        self._tasks: list[asyncio.Task[None]] = []
        self._cpu_s = 0.0

    def start(self) -> None:
        """Begin to look."""
        pulses = (
            (LAG_EVERY_S, None),
            (HERE_EVERY_S, self.look_here),
            (LOOK_EVERY_S, self.look_around),
            (ARCHIVE_EVERY_S, self.look_at_archive),
        )
        self._tasks = [asyncio.create_task(self._look_every(seconds, look)) for seconds, look in pulses]

    async def close(self) -> None:
        """Stop."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def look_here(self) -> None:
        """Count what this process holds."""
        self._count_here()
        used = resource.getrusage(resource.RUSAGE_SELF)
        cpu_s = used.ru_utime + used.ru_stime
        figures.CPU_S.inc(cpu_s - self._cpu_s)
        self._cpu_s = cpu_s
        figures.MEMORY.set(_resident_bytes())

    async def look_around(self) -> None:
        """Ask store and database."""
        began_s = perf_counter()
        try:
            condition = await self._store.condition()
        except Unavailable:
            figures.STORE_UP.set(0)
        else:
            figures.STORE_UP.set(1)
            servers = condition.servers
            has_limit = all(server.memory_limit_bytes for server in servers)
            figures.STORE_MEMORY.set(sum(server.memory_bytes for server in servers))
            figures.STORE_LIMIT.set(sum(server.memory_limit_bytes for server in servers) if has_limit else 0)
            figures.SCHEDULED.set(condition.scheduled)
            figures.OVERDUE.set(condition.overdue)
            late_ms = await self._store.now_ms() - (condition.oldest_due_ms or 0) if condition.overdue else 0
            figures.DUE_LAG_S.set(max(0, late_ms) / 1000)
            asked_s = perf_counter()
            await self._store.presence(NO_SESSION)
            figures.STORE_S.set(perf_counter() - asked_s)
        try:
            await self._check_sql()
        except Unavailable:
            figures.SQL_UP.set(0)
        else:
            figures.SQL_UP.set(1)
        if perf_counter() - began_s > LOOK_EVERY_S:
            log.warning("look.slow took_ms=%d", (perf_counter() - began_s) * 1000)

    async def look_at_archive(self) -> None:
        """Ask what should have gone to the archive."""
        now_ms = await self._store.now_ms()
        overdue_ms = self._policy().archive_after_ms + ARCHIVE_SLACK_MS
        waiting, oldest_ms = await self._backlog(now_ms - overdue_ms)
        figures.ARCHIVE_BACKLOG.set(waiting)
        late_ms = 0 if oldest_ms is None else now_ms - oldest_ms - self._policy().archive_after_ms
        figures.ARCHIVE_AGE_S.set(late_ms / 1000)

    async def _look_every(self, seconds: float, look: Callable[[], Awaitable[None]] | None) -> None:
        loop = asyncio.get_running_loop()
        if look is not None:
            await asyncio.sleep(random.uniform(0, 1))  # processes that started together do not stay together
        while True:
            if look is not None:
                try:
                    await look()
                except Unavailable as error:
                    log.info("look.waiting reason=%s", error)
                except Exception:
                    log.exception("look.failed")
            began_s = loop.time()
            await asyncio.sleep(seconds)
            if look is None:
                figures.LOOP_LAG_S.observe(max(0.0, loop.time() - began_s - seconds))


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES
