"""Notices, over SQL: what is told in open Sessions, and in how many it was read.

Rules: protocol/SPEC.md, NC.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.base import Millis, PersonId, SessionId
from protocol.events import Party
from protocol.notices import Notice, NoticeId, NoticeLine, NoticeSeverity
from server.notice_ports import TooManyNotices
from server.records.audit import audit_row
from server.records.clock import Clock, wall_clock_ms
from server.records.database import Database, insert_new
from server.records.tables import notice_sessions, notices, people

SHOWN = 100
KEPT_MS: Millis = 90 * 24 * 3_600_000
"""Those that have been over for longer go when another is written."""
AT_ONCE = 500


class SqlNotices:
    """The `NoticeBook` port over SQL."""

    def __init__(self, database: Database, clock: Clock = wall_clock_ms) -> None:
        self._database = database
        self._clock = clock

    async def standing(self) -> tuple[Notice, ...]:
        """Those that stand now, the newest first."""
        query = _select().where(_stands(self._clock())).order_by(notices.c.made_ms.desc(), notices.c.id)
        async with self._database.reading() as connection:
            return tuple(Notice(**_facts(row)) for row in await connection.execute(query))

    async def lines(self, is_shown: Callable[[Notice], bool]) -> tuple[NoticeLine, ...]:
        """Of those that are shown, the ones that stand, then those that are over, the newest first; nobody's yet."""
        now_ms = self._clock()
        reached = select(func.count()).where(notice_sessions.c.notice_id == notices.c.id).scalar_subquery()
        takers = people.alias("takers")
        query = _select(reached.label("reached"), takers.c.name.label("taker_name"), notices.c.taken_back_by)
        query = query.outerjoin(takers, takers.c.id == notices.c.taken_back_by)
        query = query.order_by(case((_stands(now_ms), 0), else_=1), notices.c.made_ms.desc())
        async with self._database.reading() as connection:
            lines = (_line(row, now_ms) for row in await connection.execute(query))
            return tuple(islice((line for line in lines if is_shown(line)), SHOWN))

    async def find(self, notice_id: NoticeId) -> Notice | None:
        """One that stands."""
        query = _select().where(notices.c.id == notice_id, _stands(self._clock()))
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else Notice(**_facts(row))

    async def write(self, notice: Notice, at_most: int) -> None:
        """Have it stand, with its audit row. Raises `TooManyNotices` if as many do already."""
        now_ms = self._clock()
        row = {
            "id": notice.id,
            "workflow_key": notice.workflow_key,
            "workflow_name": notice.workflow_name,
            "section_key": notice.section_key,
            "section_name": notice.section_name,
            "team_ids": list(notice.team_ids),
            "text": notice.text,
            "severity": notice.severity.value,
            "by_id": notice.by.id,
            "made_ms": notice.made_ms,
            "until_ms": notice.until_ms,
        }
        detail = {"workflow": notice.workflow_key, "severity": notice.severity.value}
        if notice.section_key is not None:
            detail["section"] = notice.section_key
        if notice.team_ids:
            detail["teams"] = ", ".join(notice.team_ids)
        async with self._database.writing() as connection:
            await connection.execute(insert(notices).values(row))
            count = select(func.count()).select_from(notices).where(_stands(now_ms))
            if (await connection.execute(count)).scalar_one() > at_most:
                raise TooManyNotices
            await _forget(connection, now_ms - KEPT_MS)
            await connection.execute(audit_row(now_ms, notice.by.id, "notice_written", notice.id, detail))

    async def take_back(self, notice_id: NoticeId, by: PersonId) -> bool:
        """Whether it stood until now."""
        now_ms = self._clock()
        async with self._database.writing() as connection:
            this = update(notices).where(notices.c.id == notice_id, _stands(now_ms))
            if (await connection.execute(this.values(taken_back_ms=now_ms, taken_back_by=by))).rowcount == 0:
                return False
            await connection.execute(audit_row(now_ms, by, "notice_taken_back", notice_id, {}))
        return True

    async def note_reached(self, sessions: Mapping[NoticeId, Collection[SessionId]]) -> None:
        """In these Sessions it was on the driver's screen; told again it counts once."""
        rows = [{"notice_id": id_, "session_id": session_id} for id_, some in sessions.items() for session_id in some]
        async with self._database.writing() as connection:
            for start in range(0, len(rows), AT_ONCE):
                await connection.execute(insert_new(connection, notice_sessions, rows[start : start + AT_ONCE]))


def _select(*more: ColumnElement[Any]) -> Any:
    return select(notices, people.c.name.label("by_name"), *more).select_from(
        notices.join(people, people.c.id == notices.c.by_id)
    )


def _stands(now_ms: Millis) -> ColumnElement[bool]:
    return and_(notices.c.taken_back_ms.is_(None), or_(notices.c.until_ms.is_(None), notices.c.until_ms > now_ms))


async def _forget(connection: AsyncConnection, before_ms: Millis) -> None:
    over = select(notices.c.id).where(or_(notices.c.taken_back_ms < before_ms, notices.c.until_ms < before_ms))
    await connection.execute(delete(notice_sessions).where(notice_sessions.c.notice_id.in_(over)))
    await connection.execute(delete(notices).where(notices.c.id.in_(over)))


def _facts(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "workflow_key": row.workflow_key,
        "workflow_name": row.workflow_name,
        "section_key": row.section_key,
        "section_name": row.section_name,
        "team_ids": tuple(row.team_ids),
        "text": row.text,
        "severity": NoticeSeverity(row.severity),
        "by": Party(id=row.by_id, name=row.by_name),
        "made_ms": row.made_ms,
        "until_ms": row.until_ms,
    }


def _line(row: Row[Any], now_ms: Millis) -> NoticeLine:
    ran_out = row.until_ms if row.until_ms is not None and row.until_ms <= now_ms else None
    taker = None if row.taken_back_by is None else Party(id=row.taken_back_by, name=row.taker_name)
    ended_ms = ran_out if row.taken_back_ms is None else row.taken_back_ms
    return NoticeLine(**_facts(row), reached=row.reached, ended_ms=ended_ms, taken_back_by=taker, mine=False)
