"""Jobs that one process does at a time: whoever takes the turn has it until it is put off, or lapses.

A turn is a hint, not a lock: a process that sleeps past its end works on
beside the next one, so that what is done in it must bear being done twice.

Rules: protocol/SPEC.md, SG11.
"""

from __future__ import annotations

from sqlalchemy import select, update

from protocol.base import Millis
from server.records.clock import Clock, wall_clock_ms
from server.records.database import Database, insert_new
from server.records.tables import turns


class SqlTurns:
    """The `Turns` port over SQL."""

    def __init__(self, database: Database, clock: Clock = wall_clock_ms) -> None:
        self._database = database
        self._clock = clock

    async def take(self, job: str, for_ms: Millis) -> bool:
        """Whether the turn was nobody's; then it is ours for this long. Raises `Unavailable`."""
        now_ms = self._clock()
        this = turns.c.job == job
        async with self._database.reading() as connection:
            until_ms = (await connection.execute(select(turns.c.until_ms).where(this))).scalar_one_or_none()
        if until_ms is not None and until_ms > now_ms:
            return False
        async with self._database.writing() as connection:
            await connection.execute(insert_new(connection, turns, [{"job": job, "until_ms": 0}]))
            free = update(turns).where(this, turns.c.until_ms <= now_ms).values(until_ms=now_ms + for_ms)
            return (await connection.execute(free)).rowcount == 1

    async def put_off(self, job: str, for_ms: Millis) -> None:
        """Have nobody take it for this long: it is ours still, or it is done for now. Raises `Unavailable`."""
        async with self._database.writing() as connection:
            news = {"until_ms": self._clock() + for_ms}
            await connection.execute(update(turns).where(turns.c.job == job).values(news))
