"""The audit log: who did what, in the order it was written. Rows are only ever added.

Rules: protocol/SPEC.md, HS31, PE12 and PE13.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Insert, Row, func, insert, select, true

from protocol.base import Millis
from protocol.events import Party
from protocol.people import AuditLine, AuditLines
from server.people_ports import AuditQuery
from server.records.clock import Clock, wall_clock_ms
from server.records.database import Database
from server.records.tables import api_tokens, audit, people
from server.records.together import Together
from session_engine.context import SYSTEM

NOBODY = "nobody"
COMMAND_LINE = "command_line"
PROVIDER = "identity_provider"
NAMES = {
    SYSTEM.id: SYSTEM.name,
    NOBODY: "Nobody we know",
    COMMAND_LINE: "Command line",
    PROVIDER: "Identity provider",
}
"""Of those who act and are no people."""


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

    async def find(self, query: AuditQuery) -> AuditLines:
        """A page, the newest first."""
        joined = audit.outerjoin(people, people.c.id == audit.c.actor_id)
        joined = joined.outerjoin(api_tokens, api_tokens.c.id == audit.c.actor_id)
        name = func.coalesce(people.c.name, api_tokens.c.name).label("name")
        statement = select(audit, name).select_from(joined).where(true(), *_conditions(query))
        async with self._database.reading() as connection:
            rows = (await connection.execute(statement.order_by(audit.c.id.desc()).limit(query.limit + 1))).all()
        lines = tuple(map(_line, rows[: query.limit]))
        return AuditLines(lines=lines, next=str(lines[-1].id) if len(rows) > query.limit else None)

    async def _write(self, rows: list[dict[str, Any]]) -> None:
        async with self._database.writing() as connection:
            await connection.execute(insert(audit), rows)


def _conditions(query: AuditQuery) -> list[ColumnElement[bool]]:
    columns = audit.c
    exact = ((columns.act, query.act), (columns.actor_id, query.actor), (columns.subject, query.subject))
    conditions = [column == value for column, value in exact if value is not None]
    if query.from_ms is not None:
        conditions.append(columns.at_ms >= query.from_ms)
    if query.to_ms is not None:
        conditions.append(columns.at_ms < query.to_ms)
    if query.after is not None:
        conditions.append(columns.id < query.after)
    return conditions


def _line(row: Row[Any]) -> AuditLine:
    name = row.name or NAMES.get(row.actor_id, row.actor_id)
    actor = Party(id=row.actor_id, name=name)
    return AuditLine(id=row.id, at_ms=row.at_ms, actor=actor, act=row.act, subject=row.subject, detail=row.detail)
