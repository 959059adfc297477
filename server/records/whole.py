"""All tables as rows, for a backup; and rows as all tables, where there are none yet.

The tables are read as they are, which need not be as this release expects them. They are made as they were then,
filled, and brought up to this release.

Rules: protocol/SPEC.md, BK1, BK3 and BK4.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Connection, MetaData, Table, func, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.base import Millis, SessionId
from server.records.audit import audit_row
from server.records.database import ALEMBIC_VERSION, Database, find_revision
from server.records.session_keys import DELETED
from server.records.tables import archived_logs, audit, session_keys
from server.settings import CannotRun

AT_ONCE = 200
STAYS = {ALEMBIC_VERSION, "revisions"}
"""Tables that the migrations fill."""

Row = Sequence[Any]


class Snapshot:
    """All tables at one moment."""

    def __init__(self, connection: AsyncConnection, revision: str, tables: MetaData) -> None:
        self._connection = connection
        self._tables = tables
        self.revision = revision
        """Of the tables, by Alembic."""
        kept = [table for table in tables.sorted_tables if table.name != ALEMBIC_VERSION]
        self.columns = {str(table.name): tuple(map(str, table.columns.keys())) for table in kept}

    async def rows(self, name: str) -> AsyncIterator[Sequence[Row]]:
        """A table's rows, some at a time, in the order of its key."""
        table = self._tables.tables[name]
        rows = await self._connection.stream(select(table).order_by(*table.primary_key.columns))
        async for some in rows.partitions(AT_ONCE):
            yield some

    async def session_ids(self) -> AsyncIterator[Sequence[SessionId]]:
        """Sessions that have keys, some at a time."""
        column, after = session_keys.c.session_id, ""
        while True:
            query = select(column).where(column > after, session_keys.c.wrapped != DELETED).order_by(column)
            found = (await self._connection.execute(query.limit(AT_ONCE))).scalars().all()
            if not found:
                return
            yield found
            after = found[-1]

    async def archived(self, session_ids: Collection[SessionId]) -> set[SessionId]:
        """Those of them that have an archived log."""
        column = archived_logs.c.session_id
        return set((await self._connection.execute(select(column).where(column.in_(session_ids)))).scalars())


@asynccontextmanager
async def snapshot(database: Database) -> AsyncIterator[Snapshot]:
    """All tables as they are at this moment, however long that takes.

    Raises:
        CannotRun: there are none. Unavailable.
    """
    async with database.snapshot() as connection:
        revision = await connection.run_sync(find_revision)
        if revision is None:
            raise CannotRun("the database has no tables yet: start `sidecoach serve` once")
        tables = MetaData()
        await connection.run_sync(tables.reflect)
        yield Snapshot(connection, revision, tables)


async def fill(
    database: Database,
    revision: str,
    columns: Mapping[str, Sequence[str]],
    rows: Callable[[str], Iterable[Sequence[Row]]],
    *,
    told: tuple[Millis, str, str],
) -> None:
    """Make the tables of that revision, fill them, bring them up to this release.

    All rows come in one transaction, with a row of the audit log: when, whose act and of what subject; where that is
    there, the rows are, too, and stay.

    Raises:
        CannotRun: there are rows, or tables of another revision. Unavailable.
    """
    at_ms, act, subject = told
    async with database.snapshot() as connection:
        found = await connection.run_sync(find_revision)
    if found is None:
        await database.migrate(revision)
    async with database.writing() as connection:
        done = select(audit.c.id).where(audit.c.act == act, audit.c.subject == subject)
        if (await connection.execute(done)).first() is None:
            if found not in (None, revision):
                raise CannotRun("the database is not empty: expected one without any tables")
            await _fill(connection, columns, rows)
            await connection.execute(audit_row(at_ms, "system", act, subject, {}))
    await database.migrate()


async def _fill(
    connection: AsyncConnection,
    columns: Mapping[str, Sequence[str]],
    rows: Callable[[str], Iterable[Sequence[Row]]],
) -> None:
    tables = MetaData()
    await connection.run_sync(tables.reflect)
    for table in tables.sorted_tables:
        if table.name not in STAYS and (await connection.execute(select(table).limit(1))).first() is not None:
            raise CannotRun(f"the database is not empty: there are {table.name} in it already")
    for name in STAYS & columns.keys():
        await connection.execute(tables.tables[name].delete())
    for table in tables.sorted_tables:
        if table.name not in columns:
            continue
        for some in rows(table.name):
            named = [dict(zip(columns[table.name], row, strict=True)) for row in some]
            await connection.execute(table.insert(), named)
        await connection.run_sync(_go_on_counting, table)


def _go_on_counting(connection: Connection, table: Table) -> None:
    """PostgreSQL numbers rows from a sequence, which was not asked for those that came with their number."""
    if connection.dialect.name != "postgresql":
        return
    for column in inspect(connection).get_columns(table.name):
        if not str(column.get("default") or "").startswith("nextval("):
            continue
        highest = connection.execute(select(func.max(table.c[column["name"]]))).scalar_one()
        if highest is not None:
            counting = text("SELECT setval(pg_get_serial_sequence(:name, :column), :highest)")
            connection.execute(counting, {"name": table.name, "column": column["name"], "highest": highest})
