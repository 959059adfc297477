"""Sessions in lists: writing their rows, and asking for them as far as the asker may see.

A row is only ever replaced by one of a later entry of its log, whoever
writes it. What the lists show to whom is decided here, in SQL, by the table
of the domain: own Sessions, a coach's and supervisor's teams', all for a
manager, practice for its owner alone, and to agents their teammates' paused
ones, which they may resume.

Rules: protocol/SPEC.md, SX1 and SX5 to SX9.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from msgspec import to_builtins
from sqlalchemy import (
    ColumnElement,
    Exists,
    Row,
    Select,
    and_,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
)

from protocol.base import MAX_SAFE_INT, Key, PersonId, Seq, SessionId
from protocol.events import Party
from protocol.lists import Outcome, SessionCounts, SessionLine, SessionLines, SessionList, Taker
from protocol.views import SessionStatus
from server.ports import PolicyNow, SessionQuery
from server.records.database import Database, replace_older
from server.records.event_hooks import mark_behind
from server.records.tables import (
    people,
    session_actions,
    session_keys,
    session_look_ups,
    session_teams,
    sessions,
    team_members,
)
from server.session_rows import SessionRow
from session_engine.context import Actor, PersonRole

NEVER = MAX_SAFE_INT
"""No call back was said: behind every one that was."""

ROWS_AT_ONCE = 200
COUNT_AT_MOST = 1_000
OFFERED_AT_MOST = 5
"""More Sessions with one look-up value than this are no help to somebody on the telephone."""

FOUND_AT_MOST = 200
"""Of one person; who has erased these finds the next."""

LAST_SIGN = "\U0010ffff"

ORDERS: dict[SessionList, tuple[ColumnElement[Any], ...]] = {
    SessionList.LIVE: (sessions.c.started_ms, sessions.c.session_id),
    SessionList.PAUSED: (sessions.c.call_back_ms, sessions.c.changed_ms, sessions.c.session_id),
    SessionList.FINISHED: (sessions.c.changed_ms, sessions.c.session_id),
}
"""By what each list is in order: newest first, but the paused ones by who has to be called first."""

MOMENTS = {
    SessionList.LIVE: sessions.c.started_ms,
    SessionList.PAUSED: sessions.c.changed_ms,
    SessionList.FINISHED: sessions.c.changed_ms,
}
"""What dates are compared with: when it was started, paused, finished."""


class SqlSessions:
    """The `SessionTable` port over SQL."""

    def __init__(self, database: Database, policy: PolicyNow) -> None:
        self._database = database
        self._policy = policy

    # --- written by the mirror ----------------------------------------------------------

    async def write(self, rows: Collection[SessionRow]) -> None:
        """Put each row where an older one or none is."""
        # In one order, so that two processes never wait for each other's rows.
        ordered = sorted(rows, key=lambda row: row.session_id)
        for start in range(0, len(ordered), ROWS_AT_ONCE):
            await self._write(ordered[start : start + ROWS_AT_ONCE])

    async def forget(self, seqs: Sequence[tuple[SessionId, Seq]]) -> None:
        """Take out rows that are still of this very entry."""
        async with self._database.writing() as connection:
            for session_id, seq in seqs:
                this = (sessions.c.session_id == session_id) & (sessions.c.seq == seq)
                query = select(sessions.c.session_id).where(this).with_for_update()
                if (await connection.execute(query)).one_or_none() is not None:
                    for table in (session_teams, session_look_ups, session_actions, sessions):
                        await connection.execute(delete(table).where(table.c.session_id == session_id))

    async def open_seqs(self) -> dict[SessionId, Seq]:
        """Rows of Sessions that are not finished, and the entry that each is true at."""
        query = select(sessions.c.session_id, sessions.c.seq).where(sessions.c.list != SessionList.FINISHED)
        async with self._database.reading() as connection:
            return {row.session_id: row.seq for row in await connection.execute(query)}

    async def unsettled_seqs(self) -> dict[SessionId, Seq]:
        """Rows of finished Sessions with Actions that need attention or are on their way, and their entries."""
        holders = select(session_actions.c.session_id)
        query = select(sessions.c.session_id, sessions.c.seq).where(
            sessions.c.list == SessionList.FINISHED, sessions.c.session_id.in_(holders)
        )
        async with self._database.reading() as connection:
            return {row.session_id: row.seq for row in await connection.execute(query)}

    async def find_unlisted(self, at_most: int) -> set[SessionId]:
        """Sessions that have keys and no row."""
        listed = exists().where(sessions.c.session_id == session_keys.c.session_id)
        query = select(session_keys.c.session_id).where(~listed).limit(at_most)
        async with self._database.reading() as connection:
            return set((await connection.execute(query)).scalars())

    async def _write(self, rows: Sequence[SessionRow]) -> None:
        async with self._database.writing() as connection:
            statement = replace_older(connection, sessions, [_values(row) for row in rows], age="seq")
            taken = set((await connection.execute(statement.returning(sessions.c.session_id))).scalars())
            if not taken:
                return
            news = [row for row in rows if row.session_id in taken]
            for table, parts in (
                (
                    session_teams,
                    [{"session_id": row.session_id, "team_id": id_} for row in news for id_ in row.team_ids],
                ),
                (
                    session_look_ups,
                    [
                        {"session_id": row.session_id, "field_key": key, "value": value}
                        for row in news
                        for key, value in row.look_ups.items()
                    ],
                ),
                (
                    session_actions,
                    [{"session_id": row.session_id, **to_builtins(action)} for row in news for action in row.attention],
                ),
            ):
                await connection.execute(delete(table).where(table.c.session_id.in_(taken)))
                if parts:
                    await connection.execute(insert(table), parts)
            await mark_behind(connection, taken)

    # --- asked by people ------------------------------------------------------------------

    async def find(self, query: SessionQuery, actor: Actor) -> SessionLines:
        """A page of a list, with the counts of all lists if it is the first."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(self.page_of(query, actor))).all()
            counts = None
            if query.after is None:
                counted = [
                    (await connection.execute(self.count_of(query, name, actor))).scalar_one() for name in SessionList
                ]
                live, paused, finished = counted
                counts = SessionCounts(live=live, paused=paused, finished=finished, at_most=COUNT_AT_MOST)
        shown = rows[: query.limit]
        after = (
            [str(getattr(shown[-1], column.name)) for column in ORDERS[query.list]] if len(rows) > len(shown) else None
        )
        return SessionLines(
            lines=tuple(self._line(row, actor) for row in shown),
            next=None if after is None else ".".join(after),
            counts=counts,
        )

    async def with_look_up(self, field_key: Key, value: str, actor: Actor) -> tuple[SessionLine, ...]:
        """Open and paused Sessions in which this Field has this normalised value."""
        return await self._holding(field_key, value, actor, (SessionList.LIVE, SessionList.PAUSED), OFFERED_AT_MOST)

    async def of_person(self, field_key: Key, value: str, actor: Actor) -> tuple[SessionLine, ...]:
        """Sessions in which this Field has this normalised value, finished and archived ones as well."""
        return await self._holding(field_key, value, actor, tuple(SessionList), FOUND_AT_MOST)

    async def _holding(
        self, field_key: Key, value: str, actor: Actor, lists: tuple[SessionList, ...], at_most: int
    ) -> tuple[SessionLine, ...]:
        holders = select(session_look_ups.c.session_id).where(
            session_look_ups.c.value == value, session_look_ups.c.field_key == field_key
        )
        listed = [and_(sessions.c.list == name, self._may_list(name, actor)) for name in lists]
        query = (
            _select(actor)
            .where(sessions.c.session_id.in_(holders), or_(*listed))
            .order_by(sessions.c.started_ms.desc())
            .limit(at_most)
        )
        async with self._database.reading() as connection:
            return tuple(self._line(row, actor) for row in await connection.execute(query))

    async def owners(self, actor: Actor) -> tuple[Party, ...]:
        """People whose Sessions the actor may come across, by name."""
        query = select(people.c.id, people.c.name).order_by(people.c.name)
        if PersonRole.MANAGER not in actor.roles:
            mates = select(team_members.c.person_id).where(team_members.c.team_id.in_(actor.team_ids))
            query = query.where(or_(people.c.id == actor.id, people.c.id.in_(mates)))
        async with self._database.reading() as connection:
            return tuple(Party(id=row.id, name=row.name) for row in await connection.execute(query))

    async def takers(self, actor: Actor) -> tuple[Taker, ...]:
        """Active agents of the actor's teams, of all teams for a manager."""
        query = select(people.c.id, people.c.name, people.c.roles, team_members.c.team_id)
        query = query.join(team_members, team_members.c.person_id == people.c.id).where(people.c.active.is_(True))
        if PersonRole.MANAGER not in actor.roles:
            query = query.where(team_members.c.team_id.in_(actor.team_ids))
        order = (people.c.name_folded, people.c.id, team_members.c.team_id)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query.order_by(*order))).all()
        found: dict[PersonId, Taker] = {}
        for row in rows:
            if PersonRole.AGENT in row.roles:
                before = () if row.id not in found else found[row.id].team_ids
                found[row.id] = Taker(id=row.id, name=row.name, team_ids=(*before, row.team_id))
        return tuple(found.values())

    def page_of(self, query: SessionQuery, actor: Actor) -> Select[Any]:
        """The lines of a page and one more, which tells that there is a next."""
        columns = ORDERS[query.list]
        statement = _select(actor).where(self._matches(query, query.list, actor))
        is_rising = query.list is SessionList.PAUSED
        if query.after is not None:
            here, there = tuple_(*columns), tuple_(*(literal(value) for value in query.after))
            statement = statement.where(here > there if is_rising else here < there)
        order = columns if is_rising else tuple(column.desc() for column in columns)
        return statement.order_by(*order).limit(query.limit + 1)

    def count_of(self, query: SessionQuery, name: SessionList, actor: Actor) -> Select[Any]:
        """How many a list has, no further than somebody reads."""
        found = select(sessions.c.session_id).where(self._matches(query, name, actor)).limit(COUNT_AT_MOST).subquery()
        return select(func.count()).select_from(found)

    def _matches(self, query: SessionQuery, name: SessionList, actor: Actor) -> ColumnElement[bool]:
        conditions = [sessions.c.list == name, self._may_list(name, actor)]
        if query.title:
            found = sessions.c.title_folded.contains(query.title, autoescape=True)
            ranges = [session_look_ups.c.value.between(start, start + LAST_SIGN) for start in query.look_ups]
            holders = select(session_look_ups.c.session_id).where(or_(*ranges, false()))
            conditions.append(or_(found, sessions.c.session_id.in_(holders)))
        if query.owner is not None:
            conditions.append(sessions.c.owner_id == query.owner)
        if query.workflow is not None:
            conditions.append(sessions.c.workflow_key == query.workflow)
        if query.outcome is not None and name is SessionList.FINISHED:
            conditions.append(sessions.c.outcome == query.outcome)
        if query.from_ms is not None:
            conditions.append(MOMENTS[name] >= query.from_ms)
        if query.until_ms is not None:
            conditions.append(MOMENTS[name] < query.until_ms)
        return and_(*conditions)

    def _may_list(self, name: SessionList, actor: Actor) -> ColumnElement[bool]:
        return and_(sessions.c.deleted_ms.is_(None), self._is_theirs(name, actor))

    def _is_theirs(self, name: SessionList, actor: Actor) -> ColumnElement[bool]:
        if PersonRole.MANAGER in actor.roles:
            return or_(sessions.c.training.is_(False), sessions.c.owner_id == actor.id)
        own = or_(sessions.c.owner_id == actor.id, sessions.c.driver_id == actor.id)
        leads = not actor.roles.isdisjoint({PersonRole.COACH, PersonRole.SUPERVISOR})
        if leads or (name is SessionList.PAUSED and self._resumes_for_teammates(actor)):
            own = or_(own, _is_of_teams(actor))
        return and_(own, or_(sessions.c.training.is_(False), sessions.c.owner_id == actor.id))

    def _resumes_for_teammates(self, actor: Actor) -> bool:
        return self._policy().teammates_resume and PersonRole.AGENT in actor.roles

    def _line(self, row: Row[Any], actor: Actor) -> SessionLine:
        is_own = actor.id in (row.owner_id, row.driver_id)
        leads = row.shares_team and not actor.roles.isdisjoint({PersonRole.COACH, PersonRole.SUPERVISOR})
        return SessionLine(
            session_id=row.session_id,
            title=row.title,
            workflow_key=row.workflow_key,
            workflow_name=row.workflow_name,
            status=SessionStatus(row.status),
            training=row.training,
            owner=Party(id=row.owner_id, name=row.owner_name),
            started_ms=row.started_ms,
            changed_ms=row.changed_ms,
            call_back_ms=None if row.call_back_ms == NEVER else row.call_back_ms,
            outcome=None if row.outcome is None else Outcome(row.outcome),
            end_reason_key=row.end_reason_key,
            may_watch=is_own or leads or PersonRole.MANAGER in actor.roles,
            may_resume=row.list == SessionList.PAUSED
            and (is_own or (row.shares_team and self._resumes_for_teammates(actor))),
        )


def _select(actor: Actor) -> Select[Any]:
    return select(sessions, _is_of_teams(actor).label("shares_team"))


def _is_of_teams(actor: Actor) -> Exists | ColumnElement[bool]:
    return exists().where(
        session_teams.c.session_id == sessions.c.session_id, session_teams.c.team_id.in_(sorted(actor.team_ids))
    )


def _values(row: SessionRow) -> dict[str, Any]:
    return {
        "session_id": row.session_id,
        "seq": row.seq,
        "list": row.list.value,
        "title": row.title,
        "title_folded": row.title.casefold(),
        "workflow_key": row.workflow_key,
        "workflow_name": row.workflow_name,
        "version_id": row.version_id,
        "status": row.status.value,
        "training": row.training,
        "owner_id": row.owner.id,
        "owner_name": row.owner.name,
        "driver_id": row.driver.id,
        "driver_name": row.driver.name,
        "started_ms": row.started_ms,
        "changed_ms": row.changed_ms,
        "call_back_ms": NEVER if row.call_back_ms is None else row.call_back_ms,
        "outcome": None if row.outcome is None else row.outcome.value,
        "end_reason_key": row.end_reason_key,
    }
