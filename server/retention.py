"""Retention: deletes records past their time, finishes deletions that somebody left, and takes away what is over.

One process at a time has the turn, for as long as it keeps saying so. What it
does may be done twice, and be left at any step: the next one goes on from what
SQL says. A record is deleted as *Delete* does it (`erasing.py`).

Rules: protocol/SPEC.md, SG9 to SG12.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from protocol.base import Key, Millis, Record, SessionId
from protocol.house import HouseSettings
from server.erasing import Eraser
from server.folded import ForkedError
from server.ports import SessionNotFound, Unavailable
from server.store.keyring import SealBroken
from session_engine.context import SYSTEM
from session_engine.refused import Refused

log = logging.getLogger(__name__)

JOB = "retention"
LOOK_S = 30.0
"""How often a process asks whether it is its turn."""
TURN_MS = 60_000
"""Whoever dies leaves the turn to the others after this."""
EVERY_MS = 10 * 60_000
AT_ONCE = 20
"""Records between two looks whether to go on; what a process holds in memory of them is nothing."""


class Turns(Protocol):
    """Which process does a job. Raises `Unavailable`."""

    async def take(self, job: str, for_ms: Millis) -> bool:
        """Whether the turn was nobody's; then it is ours for this long."""

    async def put_off(self, job: str, for_ms: Millis) -> None:
        """Have nobody take it for this long."""


class Past(Record, frozen=True, kw_only=True):
    """A record past its time."""

    session_id: SessionId
    ended_ms: Millis


class Leftovers(Protocol):
    """What is there longer than anybody needs it. Raises `Unavailable`."""

    async def past(
        self, days: int, workflow_days: Mapping[Key, int], now_ms: Millis, after: Past | None, limit: int
    ) -> tuple[Past, ...]:
        """Records that ended longer ago than they are kept, the oldest first; 0 days keep for ever."""

    async def begun(self, now_ms: Millis, limit: int) -> tuple[SessionId, ...]:
        """Deletions that somebody left after the keys were gone."""

    async def trim(self, days: int, now_ms: Millis) -> dict[str, int]:
        """Take away what is over, and how many rows of which table there were."""


class Retention:
    """One process's part in it."""

    def __init__(
        self,
        leftovers: Leftovers,
        turns: Turns,
        eraser: Eraser,
        house: Callable[[], HouseSettings],
        clock: Callable[[], Millis],
    ) -> None:
        self._leftovers = leftovers
        self._turns = turns
        self._eraser = eraser
        self._house = house
        self._clock = clock
        self._watch: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._watch = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop where it is."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)

    async def look(self) -> int:
        """If it is our turn, do all that there is to do; how many records were deleted. Raises `Unavailable`."""
        if not await self._turns.take(JOB, TURN_MS):
            return 0
        await self._finish_begun()
        deleted = await self._delete_past()
        removed = await self._leftovers.trim(self._house().retention_days, self._clock())
        await self._turns.put_off(JOB, EVERY_MS)
        if deleted or any(removed.values()):
            rows = " ".join(f"{name}={count}" for name, count in removed.items())
            log.info("retention.done records=%d %s", deleted, rows)
        return deleted

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S * random.uniform(0.5, 1.5))
            try:
                await self.look()
            except Unavailable as error:
                log.info("retention.waiting reason=%s", error)
            except Exception:
                log.exception("retention.failed")

    async def _finish_begun(self) -> None:
        for session_id in await self._leftovers.begun(self._clock(), AT_ONCE):
            await self._delete(session_id)

    async def _delete_past(self) -> int:
        deleted, after = 0, None
        while True:
            # Read for each page: what an administrator says meanwhile holds from here on.
            house = self._house()
            page = await self._leftovers.past(
                house.retention_days, house.workflow_retention_days, self._clock(), after, AT_ONCE
            )
            for record in page:
                deleted += await self._delete(record.session_id)
            if len(page) < AT_ONCE:
                return deleted
            after = page[-1]
            await self._turns.put_off(JOB, TURN_MS)

    async def _delete(self, session_id: SessionId) -> bool:
        try:
            await self._eraser.delete(session_id, SYSTEM)
        except (Refused, ForkedError, SessionNotFound) as error:
            # An Action of it is on its way, or its log is another one than SQL knows: it comes up again.
            log.info("retention.left session_id=%s reason=%s", session_id, error)
            return False
        except (SealBroken, msgspec.MsgspecError, ValueError):
            log.exception("retention.unreadable session_id=%s", session_id)  # the others go all the same
            return False
        return True
