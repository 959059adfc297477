"""People and teams, as rights are judged by. As administrators see and change them: `roster.py`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import msgspec
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.account import Locale
from protocol.base import PersonId, TeamId
from protocol.events import NamedTeam
from server.records.database import Database, insert_new
from server.records.tables import people, revisions, team_members, teams
from session_engine.context import Actor, Permission, PersonRole

PEOPLE = "people"
"""The row of `revisions` that tells of people, teams and sign-ins."""


class SqlPeople:
    """Who belongs to this installation. `locale` says that of people who have none of their own."""

    def __init__(self, database: Database, locale: Callable[[], Locale] = Locale) -> None:
        self._database = database
        self._locale = locale

    async def add_team(self, team_id: str, name: str, members: Sequence[Actor]) -> None:
        """Add the team and those of its members who are not there yet; nobody who is there is changed."""
        rows = [
            {
                "id": person.id,
                "name": person.name,
                "name_folded": person.name.casefold(),
                "email": None,
                "roles": sorted(person.roles),
                "active": True,
                "locale": None if person.locale == self._locale() else msgspec.to_builtins(person.locale),
            }
            for person in members
        ]
        memberships = [{"team_id": team_id, "person_id": person.id} for person in members]
        async with self._database.writing() as connection:
            await people_changed(connection)
            await connection.execute(insert_new(connection, teams, [{"id": team_id, "name": name}]))
            await connection.execute(insert_new(connection, people, rows))
            await connection.execute(insert_new(connection, team_members, memberships))

    async def set_locale(self, person_id: PersonId, locale: Locale | None) -> None:
        """How this person reads and writes; None for as the installation does."""
        value = None if locale is None else msgspec.to_builtins(locale)
        async with self._database.writing() as connection:
            await people_changed(connection)
            await connection.execute(update(people).where(people.c.id == person_id).values(locale=value))

    async def set_active(self, person_ids: Collection[PersonId], active: bool) -> None:
        """Let these people in, or keep them out: a deactivated person's sign-ins count for nothing."""
        async with self._database.writing() as connection:
            await people_changed(connection)
            await connection.execute(update(people).where(people.c.id.in_(person_ids)).values(active=active))

    async def revision(self) -> int:
        """Rises with every change of who may do what. What is read after it is at least as new."""
        async with self._database.reading() as connection:
            query = select(revisions.c.number).where(revisions.c.name == PEOPLE)
            return int((await connection.execute(query)).scalar_one())

    async def find_active(self, person_ids: Collection[PersonId]) -> dict[PersonId, Actor]:
        """Those of the people who are neither unknown nor deactivated."""
        async with self._database.reading() as connection:
            query = select(people).where(people.c.id.in_(person_ids), people.c.active.is_(True))
            rows = (await connection.execute(query)).all()
            memberships = select(team_members).where(team_members.c.person_id.in_(person_ids))
            team_ids: dict[PersonId, set[str]] = {}
            for membership in await connection.execute(memberships):
                team_ids.setdefault(membership.person_id, set()).add(membership.team_id)
        return {
            row.id: Actor(
                id=row.id,
                name=row.name,
                roles=frozenset(PersonRole(role) for role in row.roles),
                team_ids=frozenset(team_ids.get(row.id, ())),
                permissions=frozenset(Permission(each) for each in row.permissions or ()),
                locale=self._locale() if row.locale is None else msgspec.convert(row.locale, Locale),
            )
            for row in rows
        }

    async def find_team(self, team_id: TeamId) -> NamedTeam | None:
        """The team of this id."""
        async with self._database.reading() as connection:
            row = (await connection.execute(select(teams).where(teams.c.id == team_id))).one_or_none()
        return None if row is None else NamedTeam(id=row.id, name=row.name)

    async def teams_of(self, actor: Actor) -> tuple[NamedTeam, ...]:
        """The actor's teams, all of them to a manager, by name."""
        query = select(teams.c.id, teams.c.name).order_by(teams.c.name, teams.c.id)
        if PersonRole.MANAGER not in actor.roles:
            query = query.where(teams.c.id.in_(actor.team_ids))
        async with self._database.reading() as connection:
            return tuple(NamedTeam(id=row.id, name=row.name) for row in await connection.execute(query))


async def people_changed(connection: AsyncConnection) -> None:
    """Every process reads people and sign-ins again. Begins the transaction that changes them: others wait here."""
    changed = revisions.c.number + 1
    await connection.execute(update(revisions).where(revisions.c.name == PEOPLE).values(number=changed))
