"""What is in SQL longer than anybody needs it: records past their time, deletions begun, and rows that are over.

What is over: links that nobody can use any more, sign-ins that let nobody in,
failures that are forgotten, attempts of deliveries older than records are, alerts that ended a day ago, and what is
counted no more.
The audit log is never cut.

Rules: protocol/SPEC.md, SG9, SG10 and SG12.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Table, and_, delete, exists, or_, select, tuple_

from protocol.base import Key, Millis, SessionId
from protocol.lists import SessionList
from server.dwell import WEEK_MS, WEEKS
from server.records.alerts import ALERTS_KEPT_MS, SIGNS_KEPT_MS
from server.records.api_answers import KEPT_MS
from server.records.database import Database
from server.records.house import put_setting
from server.records.sign_ins import IDLE_MS
from server.records.slow_down import FORGOTTEN_MS
from server.records.tables import (
    alert_snoozes,
    alerts,
    api_answers,
    begun_deletions,
    call_signs,
    delivery_attempts,
    house_settings,
    links,
    sessions,
    sign_in_failures,
    sign_ins,
    visit_lengths,
)
from server.retention import Past

DAY_MS = 86_400_000
BEGUN_MS = 30_000
"""A deletion that is older was left by whoever began it."""
ROWS_AT_ONCE = 500
MENDED = "due_mended"


class SqlLeftovers:
    """The `Leftovers` and `OpenSessions` ports over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def past(
        self, days: int, workflow_days: Mapping[Key, int], now_ms: Millis, after: Past | None, limit: int
    ) -> tuple[Past, ...]:
        """Records that ended longer ago than they are kept, the oldest first; 0 days keep for ever."""
        columns = sessions.c
        times: list[ColumnElement[bool]] = []
        if days:
            others = columns.workflow_key.not_in(list(workflow_days))
            times.append(and_(others, columns.changed_ms <= now_ms - days * DAY_MS))
        for key, of_workflow in workflow_days.items():
            if of_workflow:
                times.append(and_(columns.workflow_key == key, columns.changed_ms <= now_ms - of_workflow * DAY_MS))
        if not times:
            return ()
        finished = (columns.list == SessionList.FINISHED) & columns.deleted_ms.is_(None)
        query = select(columns.session_id, columns.changed_ms).where(finished, or_(*times))
        if after is not None:
            query = query.where(tuple_(columns.changed_ms, columns.session_id) > (after.ended_ms, after.session_id))
        async with self._database.reading() as connection:
            rows = await connection.execute(query.order_by(columns.changed_ms, columns.session_id).limit(limit))
            return tuple(Past(session_id=row.session_id, ended_ms=row.changed_ms) for row in rows)

    async def begun(self, now_ms: Millis, limit: int) -> tuple[SessionId, ...]:
        """Deletions that somebody left after the keys were gone."""
        columns = begun_deletions.c
        query = select(columns.session_id).where(columns.begun_ms <= now_ms - BEGUN_MS).order_by(columns.begun_ms)
        async with self._database.reading() as connection:
            return tuple((await connection.execute(query.limit(limit))).scalars())

    async def open_ids(self, after: SessionId, limit: int) -> tuple[SessionId, ...]:
        """Live and paused ones, by id."""
        columns = sessions.c
        waiting = columns.list.in_((SessionList.LIVE, SessionList.PAUSED)) & (columns.session_id > after)
        query = select(columns.session_id).where(waiting).order_by(columns.session_id).limit(limit)
        async with self._database.reading() as connection:
            return tuple((await connection.execute(query)).scalars())

    async def mended_for(self) -> Mapping[str, int] | None:
        """The times for which the due sets were last mended; None before the first."""
        query = select(house_settings.c.value).where(house_settings.c.name == MENDED)
        async with self._database.reading() as connection:
            found: Mapping[str, int] | None = (await connection.execute(query)).scalar_one_or_none()
        return found

    async def note_mended(self, times: Mapping[str, int]) -> None:
        """The due sets are as these times say."""
        async with self._database.writing() as connection:
            await put_setting(connection, MENDED, dict(times))

    async def trim(self, days: int, now_ms: Millis) -> dict[str, int]:
        """Take away what is over, and how many rows of which table there were."""
        idle = sign_ins.c.last_seen_ms < now_ms - IDLE_MS
        later = sign_ins.alias()
        # The last one of each person stays: it tells when they were last seen.
        has_later = exists().where(
            later.c.person_id == sign_ins.c.person_id, later.c.last_seen_ms > sign_ins.c.last_seen_ms
        )
        over: dict[Table, ColumnElement[bool]] = {
            links: links.c.expires_ms <= now_ms,
            sign_ins: and_(idle, has_later),
            sign_in_failures: sign_in_failures.c.last_ms <= now_ms - FORGOTTEN_MS,
            api_answers: api_answers.c.begun_ms <= now_ms - KEPT_MS,
            alerts: alerts.c.ended_ms <= now_ms - ALERTS_KEPT_MS,
            alert_snoozes: alert_snoozes.c.until_ms <= now_ms,
            call_signs: call_signs.c.at_ms <= now_ms - SIGNS_KEPT_MS,
            visit_lengths: visit_lengths.c.week < now_ms // WEEK_MS - WEEKS,
        }
        if days:
            over[delivery_attempts] = delivery_attempts.c.at_ms <= now_ms - days * DAY_MS
        return {table.name: await self._take_away(table, condition) for table, condition in over.items()}

    async def _take_away(self, table: Table, condition: ColumnElement[bool]) -> int:
        key = tuple(table.primary_key.columns)
        removed = 0
        while True:
            some = select(*key).where(condition).limit(ROWS_AT_ONCE)
            async with self._database.writing() as connection:
                count = int((await connection.execute(delete(table).where(tuple_(*key).in_(some)))).rowcount)
            removed += count
            if count < ROWS_AT_ONCE:
                return removed
