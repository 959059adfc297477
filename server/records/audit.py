"""The audit log: who did what, in the order it was written. Rows are only ever added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Insert, insert

from protocol.base import Millis
from server.records.clock import Clock, wall_clock_ms
from server.records.database import Database
from server.records.tables import audit
from server.records.together import Together


def audit_row(at_ms: Millis, actor_id: str, act: str, subject: str, detail: Mapping[str, str]) -> Insert:
    """One row, for whoever writes it in the transaction of the change itself: without it there is no change."""
    row = {"at_ms": at_ms, "actor_id": actor_id, "act": act, "subject": subject, "detail": dict(detail)}
    return insert(audit).values(row)


class SqlAudit:
    """The `Audit` port over SQL."""

    def __init__(self, database: Database, clock: Clock = wall_clock_ms) -> None:
        self._database = database
        self._clock = clock
        self._writing = Together(self._write)

    async def record(self, actor_id: str, act: str, subject: str, detail: Mapping[str, str]) -> None:
        """Append one row; `act` is a verb such as sign_in, watch, take."""
        row = {"at_ms": self._clock(), "actor_id": actor_id, "act": act, "subject": subject, "detail": dict(detail)}
        await self._writing.ask(row)

    async def _write(self, rows: list[dict[str, Any]]) -> None:
        async with self._database.writing() as connection:
            await connection.execute(insert(audit), rows)
