"""How often a visit of a Section lasted how long: counts that only rise, and go by the week.

Rules: protocol/SPEC.md, AL1 and AL2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.base import Key
from server.ports import Stay
from server.records.database import Database
from server.records.tables import visit_lengths

ROWS_AT_ONCE = 500


class SqlDwell:
    """The `DwellTable` port over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def counted(self, since_week: int) -> dict[tuple[Key, Key], dict[int, int]]:
        """By Workflow and Section key: how many visits are in which bucket, of this week and later."""
        columns = visit_lengths.c
        place = (columns.workflow_key, columns.section_key, columns.bucket)
        query = select(*place, func.sum(columns.visits).label("visits")).where(columns.week >= since_week)
        found: dict[tuple[Key, Key], dict[int, int]] = {}
        async with self._database.reading() as connection:
            for row in await connection.execute(query.group_by(*place)):
                found.setdefault((row.workflow_key, row.section_key), {})[row.bucket] = int(row.visits)
        return found


async def count_stays(connection: AsyncConnection, stays: Mapping[Stay, int]) -> None:
    """Add these, in the transaction of whoever sees each Session for the first time."""
    if not stays:
        return
    # In one order, so that two processes never wait for each other's rows.
    by_place = Counter(
        {(stay.workflow_key, stay.section_key, stay.week, stay.bucket): count for stay, count in stays.items()}
    )
    names = ("workflow_key", "section_key", "week", "bucket")
    rows = [dict(zip(names, place, strict=True)) | {"visits": by_place[place]} for place in sorted(by_place)]
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(visit_lengths)
    more = {"visits": visit_lengths.c.visits + insert.excluded.visits}
    adding = insert.on_conflict_do_update(index_elements=visit_lengths.primary_key.columns, set_=more)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        await connection.execute(adding.values(rows[start : start + ROWS_AT_ONCE]))
