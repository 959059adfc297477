"""Actions that need attention: asking for them as far as the asker may see.

Agents see those of their own Sessions, coaches and supervisors their teams',
managers all; practice has none. The rows are written with those of their
Sessions (`sessions.py`).

Rules: protocol/SPEC.md, NA5 and NA6.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, literal, or_, select, tuple_

from protocol.actions import ActionStatus, ShownStatus
from protocol.attention import (
    AttentionCause,
    AttentionChoices,
    AttentionCount,
    AttentionIntegration,
    AttentionKind,
    AttentionLine,
    AttentionLines,
)
from protocol.base import Millis
from protocol.events import Party
from protocol.lists import SessionList
from server.ports import AttentionQuery
from server.records.clock import Clock, wall_clock_ms
from server.records.database import Database
from server.records.tables import session_actions, session_teams, sessions
from session_engine.action_machine import FAILURES_AT_MOST
from session_engine.context import Actor, PersonRole
from session_engine.rights import RECORD_MS

COUNT_AT_MOST = 1_000
CHOICES_AT_MOST = 100
LEADS = frozenset({PersonRole.COACH, PersonRole.SUPERVISOR})
ORDER = (session_actions.c.since_ms, session_actions.c.session_id, session_actions.c.action_id)


class SqlAttention:
    """The `AttentionTable` port over SQL."""

    def __init__(self, database: Database, clock: Clock = wall_clock_ms) -> None:
        self._database = database
        self._clock = clock

    async def attention(self, query: AttentionQuery, actor: Actor) -> AttentionLines:
        """A page, the newest first; the first one with the count, and with what to filter by."""
        count, choices = None, None
        async with self._database.reading() as connection:
            rows = (await connection.execute(self.page_of(query, actor))).all()
            if query.after is None:
                count = (await connection.execute(_count_of(_matches(query, actor)))).scalar_one()
                connections = await connection.execute(_choices_of(actor, session_actions.c.connection))
                kinds = await connection.execute(
                    _choices_of(actor, session_actions.c.integration, session_actions.c.integration_name)
                )
                choices = AttentionChoices(
                    connections=tuple(row.connection for row in connections if row.connection is not None),
                    integrations=tuple(
                        AttentionIntegration(id=row.integration, name=row.integration_name) for row in kinds
                    ),
                )
        shown = rows[: query.limit]
        after = [str(getattr(shown[-1], column.name)) for column in ORDER] if len(rows) > len(shown) else None
        now_ms = self._clock()
        return AttentionLines(
            lines=tuple(_line(row, actor, now_ms) for row in shown),
            next=None if after is None else ".".join(after),
            count=count,
            at_most=COUNT_AT_MOST,
            choices=choices,
        )

    async def attention_count(self, actor: Actor) -> AttentionCount:
        """How many there are, of all that the actor may see."""
        async with self._database.reading() as connection:
            count = (await connection.execute(_count_of(_may_see(actor)))).scalar_one()
        return AttentionCount(count=count, at_most=COUNT_AT_MOST)

    def page_of(self, query: AttentionQuery, actor: Actor) -> Select[Any]:
        """The lines of a page and one more, which tells that there is a next."""
        columns = (
            sessions.c.title,
            sessions.c.workflow_name,
            sessions.c.owner_id,
            sessions.c.owner_name,
            sessions.c.driver_id,
            sessions.c.list,
            sessions.c.changed_ms,
        )
        statement = (
            select(session_actions, *columns, _is_of_teams(actor).label("shares_team"))
            .join_from(session_actions, sessions)
            .where(_matches(query, actor))
        )
        if query.after is not None:
            statement = statement.where(tuple_(*ORDER) < tuple_(*(literal(value) for value in query.after)))
        return statement.order_by(*(column.desc() for column in ORDER)).limit(query.limit + 1)


def _matches(query: AttentionQuery, actor: Actor) -> ColumnElement[bool]:
    conditions = [_may_see(actor)]
    for column, wanted in (
        (session_actions.c.kind, query.kind),
        (session_actions.c.connection, query.connection),
        (session_actions.c.integration, query.integration),
    ):
        if wanted is not None:
            conditions.append(column == wanted)
    if query.title:
        conditions.append(sessions.c.title_folded.contains(query.title, autoescape=True))
    if query.from_ms is not None:
        conditions.append(session_actions.c.since_ms >= query.from_ms)
    if query.until_ms is not None:
        conditions.append(session_actions.c.since_ms < query.until_ms)
    return and_(*conditions)


def _may_see(actor: Actor) -> ColumnElement[bool]:
    needs_somebody = session_actions.c.kind.is_not(None)
    if PersonRole.MANAGER in actor.roles:
        return needs_somebody
    own = sessions.c.owner_id == actor.id
    return and_(needs_somebody, own if actor.roles.isdisjoint(LEADS) else or_(own, _is_of_teams(actor)))


def _is_of_teams(actor: Actor) -> ColumnElement[bool]:
    return exists().where(
        session_teams.c.session_id == sessions.c.session_id, session_teams.c.team_id.in_(sorted(actor.team_ids))
    )


def _count_of(condition: ColumnElement[bool]) -> Select[Any]:
    """How many, no further than somebody reads."""
    found = (
        select(session_actions.c.action_id).join_from(session_actions, sessions).where(condition).limit(COUNT_AT_MOST)
    )
    return select(func.count()).select_from(found.subquery())


def _choices_of(actor: Actor, *columns: ColumnElement[Any]) -> Select[Any]:
    return (
        select(*columns)
        .join_from(session_actions, sessions)
        .where(_may_see(actor))
        .distinct()
        .order_by(*columns)
        .limit(CHOICES_AT_MOST)
    )


def _line(row: Row[Any], actor: Actor, now_ms: Millis) -> AttentionLine:
    return AttentionLine(
        session_id=row.session_id,
        action_id=row.action_id,
        title=row.title,
        workflow_name=row.workflow_name,
        owner=Party(id=row.owner_id, name=row.owner_name),
        action_key=row.action_key,
        name=row.name,
        integration=row.integration,
        integration_name=row.integration_name,
        connection=row.connection,
        kind=AttentionKind(row.kind),
        cause=AttentionCause(row.cause),
        code=row.code,
        status=ActionStatus(row.status),
        shown=ShownStatus(row.shown),
        since_ms=row.since_ms,
        blocked=row.failures > FAILURES_AT_MOST,
        may_act=_may_act(row, actor, now_ms),
    )


def _may_act(row: Row[Any], actor: Actor, now_ms: Millis) -> bool:
    """What the engine will say of it, as far as the row tells; it decides, this only spares people a refusal."""
    if row.list == SessionList.PAUSED:
        return False
    if PersonRole.MANAGER in actor.roles or (PersonRole.SUPERVISOR in actor.roles and row.shares_team):
        return True
    if row.list == SessionList.LIVE:
        return bool(row.driver_id == actor.id)
    return bool(row.owner_id == actor.id and now_ms < row.changed_ms + RECORD_MS)
