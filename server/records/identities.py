"""Who is who at the OpenID provider, over SQL: known by issuer and subject, for the first time by e-mail address.

Each entering is one transaction with its audit rows. It writes nothing but
the sign-in as long as nothing else changes; when it does, it takes its turn
with all other changes of people.

Rules: protocol/SPEC.md, OI5 to OI8.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.account import PersonRole
from protocol.base import PersonId, TeamId
from server.auth.email_addresses import folded_email, is_email
from server.auth.provider import GroupMap
from server.people_ports import Identity, LastAdmin, WhyNot
from server.records.audit import NOBODY, PROVIDER, audit_row
from server.records.clock import Clock, wall_clock_ms
from server.records.database import Database
from server.records.people import people_changed
from server.records.roster import named, require_another_admin, set_teams
from server.records.sign_ins import SqlSignIns, add_sign_in
from server.records.tables import identities, people, team_members, teams

log = logging.getLogger(__name__)

WAY = "oidc"


class SqlIdentities:
    """The `Identities` port over SQL."""

    def __init__(
        self,
        database: Database,
        sign_ins: SqlSignIns,
        group_map: GroupMap,
        *,
        takes_newcomers: bool,
        clock: Clock = wall_clock_ms,
    ) -> None:
        self._database = database
        self._sign_ins = sign_ins
        self._group_map = group_map
        self._takes_newcomers = takes_newcomers
        self._clock = clock

    async def enter(self, identity: Identity, browser: str) -> str | WhyNot:
        """A sign-in of the person that this is, with what their groups give; or why there is none."""
        async with self._database.writing() as connection:
            row = await self._find(connection, identity)
            if row is not None and row.active and not await self._differs(connection, row, identity):
                return await add_sign_in(connection, row.id, browser, WAY, self._clock())
        async with self._database.writing() as connection:
            await people_changed(connection)
            entered = await self._enter(connection, identity, browser)
        if not isinstance(entered, WhyNot):
            person_id, token = entered
            self._sign_ins.forget(person_id)
            return token
        return entered

    async def _enter(
        self, connection: AsyncConnection, identity: Identity, browser: str
    ) -> tuple[PersonId, str] | WhyNot:
        row = await self._find(connection, identity)
        if row is None:
            found = await self._meet(connection, identity)
            if isinstance(found, WhyNot):
                return await self._refuse(connection, NOBODY, found)
            row = found
        if not row.active:
            return await self._refuse(connection, row.id, WhyNot.DEACTIVATED)
        if self._group_map.gives_roles and not self._roles(identity):
            return await self._refuse(connection, row.id, WhyNot.NO_ROLE)
        await self._apply(connection, row, identity)
        return row.id, await add_sign_in(connection, row.id, browser, WAY, self._clock())

    async def _find(self, connection: AsyncConnection, identity: Identity) -> Row[Any] | None:
        this = (identities.c.issuer == identity.issuer) & (identities.c.subject == identity.subject)
        # Whoever deactivates them at this moment waits, or was first.
        query = select(people).join_from(identities, people).where(this).with_for_update(of=people)
        return (await connection.execute(query)).one_or_none()

    async def _meet(self, connection: AsyncConnection, identity: Identity) -> Row[Any] | WhyNot:
        """Who it is that comes for the first time."""
        email = None if identity.email is None else folded_email(identity.email)
        if email is None or not is_email(email):
            return WhyNot.NOT_VERIFIED
        query = select(people).where(people.c.email == email).with_for_update()
        row = (await connection.execute(query)).one_or_none()
        if row is None:
            if not self._takes_newcomers:
                return WhyNot.UNKNOWN
            if not (roles := self._roles(identity)):
                return WhyNot.NO_ROLE
            row = await self._add(connection, identity.name or email, email, roles)
        mine = (identities.c.person_id == row.id) & (identities.c.issuer == identity.issuer)
        if (await connection.execute(select(identities.c.subject).where(mine))).first() is not None:
            return WhyNot.OTHER_IDENTITY
        if row.active:
            known = {"issuer": identity.issuer, "subject": identity.subject, "person_id": row.id}
            await connection.execute(insert(identities).values(**known, since_ms=self._clock()))
            await self._note(connection, row.id, "identity_linked", row.id, {"issuer": identity.issuer})
        return row

    async def _add(self, connection: AsyncConnection, name: str, email: str, roles: frozenset[PersonRole]) -> Row[Any]:
        person_id, words = secrets.token_hex(16), sorted(roles)
        values = {"id": person_id, "email": email, "roles": words, "active": True, **named(name)}
        await connection.execute(insert(people).values(values))
        detail = {"name": name, "email": email, "roles": ", ".join(words)}
        await self._note(connection, PROVIDER, "person_added", person_id, detail)
        return (await connection.execute(select(people).where(people.c.id == person_id))).one()

    # --- groups -------------------------------------------------------------------------

    def _roles(self, identity: Identity) -> frozenset[PersonRole]:
        return self._group_map.roles_of(identity.groups)

    async def _differs(self, connection: AsyncConnection, row: Row[Any], identity: Identity) -> bool:
        if self._group_map.gives_roles and sorted(self._roles(identity)) != sorted(row.roles):
            return True
        if not self._group_map.gives_teams:
            return False
        mine = select(team_members.c.team_id).where(team_members.c.person_id == row.id)
        return set((await connection.execute(mine)).scalars()) != await self._team_ids(connection, identity)

    async def _apply(self, connection: AsyncConnection, row: Row[Any], identity: Identity) -> None:
        if self._group_map.gives_roles and (roles := sorted(self._roles(identity))) != sorted(row.roles):
            if PersonRole.ADMIN not in roles:
                try:
                    await require_another_admin(connection, row)
                except LastAdmin:
                    log.warning("oidc.last_admin_kept person=%s", row.id)
                    roles = sorted({*roles, PersonRole.ADMIN})
            if roles != sorted(row.roles):
                await connection.execute(update(people).where(people.c.id == row.id).values(roles=roles))
                detail = {"from": ", ".join(sorted(row.roles)), "to": ", ".join(roles)}
                await self._note(connection, PROVIDER, "roles_changed", row.id, detail)
        if self._group_map.gives_teams:
            team_ids = await self._team_ids(connection, identity)
            if await set_teams(connection, row.id, team_ids):
                detail = {"teams": ", ".join(sorted(team_ids))}
                await self._note(connection, PROVIDER, "person_changed", row.id, detail)

    async def _team_ids(self, connection: AsyncConnection, identity: Identity) -> set[TeamId]:
        known = (await connection.execute(select(teams))).all()
        wanted = self._group_map.teams_of(identity.groups)
        found = {text: {row.id for row in known if text in (row.id, row.name)} for text in wanted}
        for text in sorted(text for text, ids in found.items() if not ids):
            log.warning("oidc.no_such_team team=%r", text)
        return set().union(*found.values())

    async def _refuse(self, connection: AsyncConnection, person_id: str, why: WhyNot) -> WhyNot:
        await self._note(connection, person_id, "sign_in_refused", person_id, {"by": WAY, "reason": why})
        return why

    async def _note(
        self, connection: AsyncConnection, by: str, act: str, subject: str, detail: Mapping[str, str]
    ) -> None:
        await connection.execute(audit_row(self._clock(), by, act, subject, detail))
