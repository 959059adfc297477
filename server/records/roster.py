"""People and teams as administrators see and change them.

Every change is one transaction with its audit row. Each begins with
`people_changed`, at which the others wait: two who look whether there is
another administrator, or whether an address is free, do it one after the other.

Rules: protocol/SPEC.md, PE1, PE5 and PE8 to PE11.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, exists, func, insert, or_, select, true, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.account import Permission, PersonRole
from protocol.base import Millis, PersonId, TeamId
from protocol.events import Party
from protocol.lists import SessionList
from protocol.people import (
    LinkKind,
    NewPerson,
    PeopleState,
    PersonChange,
    PersonLine,
    PersonLines,
    TeamLine,
    TeamLines,
)
from server.people_ports import (
    NOTHING_MORE,
    CannotLink,
    EmailTaken,
    LastAdmin,
    NewLink,
    PeopleQuery,
    TeamNameTaken,
    UnknownTeam,
)
from server.records.audit import audit_row
from server.records.clock import Clock, wall_clock_ms
from server.records.database import Database
from server.records.people import people_changed
from server.records.sign_ins import SqlSignIns, end_sign_ins, hash_token
from server.records.tables import (
    api_tokens,
    identities,
    links,
    passwords,
    people,
    second_factors,
    sessions,
    sign_ins,
    team_members,
    teams,
)

PAGE = 100
LINK_MS = 72 * 3_600_000
OPEN = (SessionList.LIVE, SessionList.PAUSED)


class SqlRoster:
    """The `Roster` port over SQL."""

    def __init__(self, database: Database, sign_ins: SqlSignIns, clock: Clock = wall_clock_ms) -> None:
        self._database = database
        self._sign_ins = sign_ins
        self._clock = clock

    async def has_people(self) -> bool:
        """Whether anybody active has an e-mail address to sign in with."""
        query = select(exists().where(people.c.active.is_(True), people.c.email.is_not(None)))
        async with self._database.reading() as connection:
            return bool((await connection.execute(query)).scalar_one())

    async def people(self, query: PeopleQuery) -> PersonLines:
        """A page of people, by name."""
        conditions: list[ColumnElement[bool]] = []
        if query.state is not PeopleState.ALL:
            conditions.append(people.c.active.is_(query.state is PeopleState.ACTIVE))
        if query.words:
            found = (column.contains(query.words, autoescape=True) for column in (people.c.name_folded, people.c.email))
            conditions.append(or_(*found))
        if query.after is not None:
            before = select(people.c.name_folded).where(people.c.id == query.after).scalar_subquery()
            conditions.append(tuple_(people.c.name_folded, people.c.id) > tuple_(before, query.after))
        async with self._database.reading() as connection:
            lines = await _lines(connection, and_(true(), *conditions), self._clock(), PAGE + 1)
        return PersonLines(lines=lines[:PAGE], next=lines[PAGE - 1].id if len(lines) > PAGE else None)

    async def get(self, person_id: PersonId) -> PersonLine | None:
        """One of them."""
        async with self._database.reading() as connection:
            lines = await _lines(connection, people.c.id == person_id, self._clock(), 1)
        return lines[0] if lines else None

    async def find_id(self, email: str) -> PersonId | None:
        """Who is known by this address, active or not."""
        query = select(people.c.id).where(people.c.email == email)
        async with self._database.reading() as connection:
            return (await connection.execute(query)).scalar_one_or_none()

    async def add(self, new: NewPerson, by: PersonId) -> tuple[PersonId, NewLink]:
        """Somebody new, with a link. Raises `EmailTaken`, `UnknownTeam`."""
        person_id, roles = secrets.token_hex(16), sorted(set(new.roles))
        async with self._database.writing() as connection:
            await people_changed(connection)
            await _require_free(connection, new.email)
            permissions = sorted(set(new.permissions))
            row = {"id": person_id, "email": new.email, "roles": roles, "permissions": permissions, "active": True}
            await connection.execute(insert(people).values(row | named(new.name)))
            await set_teams(connection, person_id, new.team_ids)
            detail = {"name": new.name, "email": new.email, "roles": ", ".join(roles), "teams": _words(new.team_ids)}
            if permissions:
                detail["permissions"] = ", ".join(permissions)
            await self._note(connection, by, "person_added", person_id, detail)
            return person_id, await self._make_link(connection, person_id, by)

    async def change(self, person_id: PersonId, change: PersonChange, by: PersonId) -> bool:
        """Whether there is such a person. Raises `EmailTaken`, `UnknownTeam`, `LastAdmin`."""
        async with self._database.writing() as connection:
            await people_changed(connection)
            row = await _find(connection, person_id)
            if row is None:
                return False
            news: dict[str, Any] = {}
            told: dict[str, str] = {}
            if change.name is not None and change.name != row.name:
                news |= named(change.name)
                told["name"] = change.name
            if change.email is not None and change.email != row.email:
                await _require_free(connection, change.email)
                # Whoever reads the mail of the old address has no way in any more.
                await connection.execute(delete(links).where(links.c.person_id == person_id))
                news["email"] = told["email"] = change.email
            if change.roles is not None and (roles := sorted(set(change.roles))) != sorted(row.roles):
                if PersonRole.ADMIN not in roles:
                    await require_another_admin(connection, row)
                news["roles"] = roles
                detail = {"from": ", ".join(sorted(row.roles)), "to": ", ".join(roles)}
                await self._note(connection, by, "roles_changed", person_id, detail)
            if change.permissions is not None:
                given, had = sorted(set(change.permissions)), sorted(row.permissions or ())
                if given != had:
                    news["permissions"] = given
                    detail = {"from": ", ".join(had), "to": ", ".join(given)}
                    await self._note(connection, by, "permissions_changed", person_id, detail)
            if change.team_ids is not None and await set_teams(connection, person_id, change.team_ids):
                told["teams"] = _words(change.team_ids)
            if news:
                await connection.execute(update(people).where(people.c.id == person_id).values(news))
            if told:
                await self._note(connection, by, "person_changed", person_id, told)
        self._sign_ins.forget(person_id)
        return True

    async def make_link(self, person_id: PersonId, by: PersonId) -> NewLink | None:
        """A new link; older ones end. Raises `CannotLink`."""
        async with self._database.writing() as connection:
            await people_changed(connection)
            row = await _find(connection, person_id)
            if row is None:
                return None
            if not row.active:
                raise CannotLink(f"{row.name} is deactivated: activate them first")
            if row.email is None:
                raise CannotLink(f"{row.name} has no e-mail address to sign in with: give them one first")
            return await self._make_link(connection, person_id, by)

    async def set_active(
        self, person_id: PersonId, active: bool, by: PersonId, detail: Mapping[str, str] = NOTHING_MORE
    ) -> bool:
        """Whether there is such a person; who is deactivated loses sign-ins and link. Raises `LastAdmin`."""
        async with self._database.writing() as connection:
            await people_changed(connection)
            row = await _find(connection, person_id)
            if row is None:
                return False
            if row.active != active:
                if not active:
                    await require_another_admin(connection, row)
                # First, since it waits for who is being let in at this moment.
                await connection.execute(update(people).where(people.c.id == person_id).values(active=active))
                if not active:
                    await end_sign_ins(connection, person_id, self._clock())
                    await connection.execute(delete(links).where(links.c.person_id == person_id))
                await self._note(connection, by, "activated" if active else "deactivated", person_id, detail)
        self._sign_ins.forget(person_id)
        return True

    async def forget_identity(self, person_id: PersonId, by: PersonId) -> bool:
        """Whether they were known to the OpenID provider; the sign-ins that came of it end."""
        async with self._database.writing() as connection:
            await people_changed(connection)
            mine = identities.c.person_id == person_id
            if (await connection.execute(delete(identities).where(mine))).rowcount == 0:
                return False
            # A code for a frame may have come of one of them.
            await end_sign_ins(connection, person_id, self._clock(), sign_ins.c.way.in_(("oidc", "frame")))
            await self._note(connection, by, "identity_forgotten", person_id, {})
        self._sign_ins.forget(person_id)
        return True

    async def open_sessions(self, person_id: PersonId) -> int:
        """How many live and paused Sessions are theirs, or driven by them."""
        theirs = or_(sessions.c.owner_id == person_id, sessions.c.driver_id == person_id)
        query = select(func.count()).select_from(sessions).where(theirs, sessions.c.list.in_(OPEN))
        async with self._database.reading() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def colleagues(self, person_id: PersonId) -> tuple[Party, ...]:
        """Other active agents of a team of theirs, by name."""
        theirs = select(team_members.c.team_id).where(team_members.c.person_id == person_id)
        of_a_team = select(team_members.c.person_id).where(team_members.c.team_id.in_(theirs))
        wanted = and_(people.c.id.in_(of_a_team), people.c.active.is_(True), people.c.id != person_id)
        query = select(people.c.id, people.c.name, people.c.roles).where(wanted)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query.order_by(people.c.name_folded, people.c.id))).all()
        return tuple(Party(id=row.id, name=row.name) for row in rows if PersonRole.AGENT in row.roles)

    # --- teams ------------------------------------------------------------------------

    async def tokens_made(self, person_id: PersonId) -> int:
        """How many API tokens that this person made still work."""
        columns = api_tokens.c
        lasts = columns.expires_ms.is_(None) | (columns.expires_ms > self._clock())
        query = select(func.count()).where(columns.made_by == person_id, columns.revoked_ms.is_(None), lasts)
        async with self._database.reading() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def teams(self) -> TeamLines:
        """All of them, by name."""
        async with self._database.reading() as connection:
            lines = await _team_lines(connection)
        return TeamLines(lines=tuple(sorted(lines, key=lambda line: (line.name.casefold(), line.id))))

    async def add_team(self, name: str, by: PersonId) -> TeamLine:
        """A new one. Raises `TeamNameTaken`."""
        team_id = secrets.token_hex(16)
        async with self._database.writing() as connection:
            await people_changed(connection)
            await _require_free_name(connection, team_id, name)
            await connection.execute(insert(teams).values(id=team_id, name=name))
            await self._note(connection, by, "team_added", team_id, {"name": name})
        return TeamLine(id=team_id, name=name, members=0)

    async def rename_team(self, team_id: TeamId, name: str, by: PersonId) -> TeamLine | None:
        """None if there is no such team. Raises `TeamNameTaken`."""
        async with self._database.writing() as connection:
            await people_changed(connection)
            await _require_free_name(connection, team_id, name)
            if (await connection.execute(update(teams).where(teams.c.id == team_id).values(name=name))).rowcount == 0:
                return None
            await self._note(connection, by, "team_renamed", team_id, {"name": name})
            return next(line for line in await _team_lines(connection) if line.id == team_id)

    # --- rows -------------------------------------------------------------------------

    async def _make_link(self, connection: AsyncConnection, person_id: PersonId, by: PersonId) -> NewLink:
        link = NewLink(token=secrets.token_urlsafe(32), expires_ms=self._clock() + LINK_MS)
        kind = await _kind_of(connection, person_id)
        await connection.execute(delete(links).where(links.c.person_id == person_id))
        row = {"person_id": person_id, "token_hash": hash_token(link.token), "expires_ms": link.expires_ms}
        await connection.execute(insert(links).values(**row, kind=kind))
        await self._note(connection, by, "link_made", person_id, {"kind": kind})
        return link

    async def _note(
        self, connection: AsyncConnection, by: str, act: str, subject: str, detail: Mapping[str, str]
    ) -> None:
        await connection.execute(audit_row(self._clock(), by, act, subject, detail))


async def _lines(
    connection: AsyncConnection, condition: ColumnElement[bool], now_ms: Millis, limit: int
) -> tuple[PersonLine, ...]:
    last_seen = select(func.max(sign_ins.c.last_seen_ms)).where(sign_ins.c.person_id == people.c.id).scalar_subquery()
    joined = people.outerjoin(passwords, passwords.c.person_id == people.c.id)
    joined = joined.outerjoin(links, and_(links.c.person_id == people.c.id, links.c.expires_ms > now_ms))
    has_identity = exists().where(identities.c.person_id == people.c.id).label("has_identity")
    has_factor = exists().where(second_factors.c.person_id == people.c.id).label("has_second_factor")
    columns = (passwords.c.changed_ms, has_factor, links.c.expires_ms, last_seen.label("last_seen_ms"), has_identity)
    query = select(people, *columns).select_from(joined).where(condition)
    rows = (await connection.execute(query.order_by(people.c.name_folded, people.c.id).limit(limit))).all()
    memberships = select(team_members).where(team_members.c.person_id.in_([row.id for row in rows]))
    team_ids: dict[PersonId, list[TeamId]] = {}
    for membership in await connection.execute(memberships.order_by(team_members.c.team_id)):
        team_ids.setdefault(membership.person_id, []).append(membership.team_id)
    return tuple(
        PersonLine(
            id=row.id,
            name=row.name,
            email=row.email,
            roles=tuple(PersonRole(role) for role in sorted(row.roles)),
            permissions=tuple(Permission(each) for each in sorted(row.permissions or ())),
            team_ids=tuple(team_ids.get(row.id, ())),
            active=row.active,
            has_password=row.changed_ms is not None,
            has_identity=bool(row.has_identity),
            has_second_factor=bool(row.has_second_factor),
            link_expires_ms=row.expires_ms,
            last_seen_ms=row.last_seen_ms,
        )
        for row in rows
    )


async def _find(connection: AsyncConnection, person_id: PersonId) -> Row[Any] | None:
    return (await connection.execute(select(people).where(people.c.id == person_id))).one_or_none()


async def _kind_of(connection: AsyncConnection, person_id: PersonId) -> LinkKind:
    known, mine = select(passwords.c.person_id), passwords.c.person_id == person_id
    if (await connection.execute(known.where(mine))).one_or_none() is not None:
        return LinkKind.PASSWORD
    row = await _find(connection, person_id)
    is_admin = row is not None and PersonRole.ADMIN in row.roles
    is_first = is_admin and (await connection.execute(known.limit(1))).one_or_none() is None
    return LinkKind.FIRST_ADMIN if is_first else LinkKind.INVITATION


async def _require_free(connection: AsyncConnection, email: str) -> None:
    if (await connection.execute(select(exists().where(people.c.email == email)))).scalar_one():
        raise EmailTaken


async def require_another_admin(connection: AsyncConnection, row: Row[Any]) -> None:
    """Raises `LastAdmin` if this person is the only administrator who is active."""
    if not row.active or PersonRole.ADMIN not in row.roles:
        return
    others = select(people.c.roles).where(people.c.active.is_(True), people.c.id != row.id)
    if not any(PersonRole.ADMIN in roles for roles in (await connection.execute(others)).scalars()):
        raise LastAdmin


async def _require_free_name(connection: AsyncConnection, team_id: TeamId, name: str) -> None:
    others = select(teams.c.name).where(teams.c.id != team_id)
    if name.casefold() in {other.casefold() for other in (await connection.execute(others)).scalars()}:
        raise TeamNameTaken


async def set_teams(connection: AsyncConnection, person_id: PersonId, team_ids: Collection[TeamId]) -> bool:
    """Whether these are other teams than before. Raises `UnknownTeam`."""
    mine, wanted = team_members.c.person_id == person_id, set(team_ids)
    known = set((await connection.execute(select(teams.c.id))).scalars())
    if wanted - known:
        raise UnknownTeam(min(wanted - known))
    if wanted == set((await connection.execute(select(team_members.c.team_id).where(mine))).scalars()):
        return False
    await connection.execute(delete(team_members).where(mine))
    if wanted:
        rows = [{"team_id": team_id, "person_id": person_id} for team_id in sorted(wanted)]
        await connection.execute(insert(team_members), rows)
    return True


async def _team_lines(connection: AsyncConnection) -> list[TeamLine]:
    counting = (
        select(team_members.c.team_id, func.count().label("members"))
        .join_from(team_members, people)
        .where(people.c.active.is_(True))
        .group_by(team_members.c.team_id)
    )
    members = {row.team_id: row.members for row in await connection.execute(counting)}
    rows = await connection.execute(select(teams))
    return [TeamLine(id=row.id, name=row.name, members=members.get(row.id, 0)) for row in rows]


def named(name: str) -> dict[str, str]:
    """A name, and what it is found by."""
    return {"name": name, "name_folded": name.casefold()}


def _words(team_ids: Collection[TeamId]) -> str:
    return ", ".join(sorted(team_ids))
