"""Passwords and one-time links over SQL: who may sign in, and how that comes to be.

Hashes only: passwords are hashed and compared in `server/auth/passwords.py`.
Between finding a hash and letting somebody in a tenth of a second passes, so
each of these ends in a transaction that looks again.

Rules: protocol/SPEC.md, PE2, PE3 and PE5 to PE7.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Row, Select, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.base import Millis, PersonId
from protocol.people import LinkKind, LinkView
from server.people_ports import Credential, FactorProof, Try
from server.records.audit import NOBODY, audit_row
from server.records.clock import Clock, wall_clock_ms
from server.records.database import Database, insert_new
from server.records.people import people_changed
from server.records.second_factors import use_factor
from server.records.sign_ins import SqlSignIns, add_sign_in, end_sign_ins, hash_token
from server.records.slow_down import OF_ADDRESS, OF_EMAIL, Patience, begin_try, forgive, is_to_be_told
from server.records.tables import links, passwords, people, sign_ins


class SqlAccounts:
    """The `Accounts` port over SQL."""

    def __init__(self, database: Database, sign_ins: SqlSignIns, clock: Clock = wall_clock_ms) -> None:
        self._database = database
        self._sign_ins = sign_ins
        self._clock = clock

    async def begin_try(self, tried: Try) -> Millis:
        """Count a try as failed before it is judged; or how long there is to wait first."""
        async with self._database.writing() as connection:
            return await begin_try(connection, _keys(tried), self._clock())

    async def note_failure(self, tried: Try) -> None:
        """Have the audit log tell of it, once a minute. What was typed is not in it: it may be a password."""
        now_ms = self._clock()
        async with self._database.writing() as connection:
            if await is_to_be_told(connection, _email(tried), now_ms):
                # Whether or not they are active: what is done takes as long for everybody.
                query = select(people.c.id).where(people.c.email == tried.email)
                person_id = (await connection.execute(query)).scalar_one_or_none() or NOBODY
                detail = {"address": tried.address}
                await connection.execute(audit_row(now_ms, person_id, "sign_in_failed", person_id, detail))

    async def find(self, email: str) -> Credential | None:
        """Who is active and known by this address."""
        return await self._find(people.c.email == email)

    async def of_person(self, person_id: PersonId) -> Credential | None:
        """The same by id."""
        return await self._find(people.c.id == person_id)

    async def let_in(
        self, credential: Credential, tried: Try, browser: str, news: str | None, proof: FactorProof | None = None
    ) -> str | None:
        """A sign-in, if nothing has changed since the password was right, and the second step was done if there is one.

        `news` replaces the password's hash. A code lets in once.
        """
        now_ms = self._clock()
        async with self._database.writing() as connection:
            if not await _still_holds(connection, credential):
                return None
            if not await use_factor(connection, credential.person_id, proof, now_ms):
                return None
            if news is not None:
                mine = passwords.c.person_id == credential.person_id
                await connection.execute(update(passwords).where(mine).values(hash=news))
            await forgive(connection, _keys(tried))
            return await add_sign_in(connection, credential.person_id, browser, "password", now_ms)

    async def forgive(self, tried: Try) -> None:
        """The password was right: what was counted is forgotten."""
        async with self._database.writing() as connection:
            await forgive(connection, _keys(tried))

    async def change_password(self, credential: Credential, tried: Try, new_hash: str, token: str) -> bool:
        """If nothing has changed since; every other sign-in of theirs is ended."""
        now_ms, person_id = self._clock(), credential.person_id
        async with self._database.writing() as connection:
            await people_changed(connection)
            if not await _still_holds(connection, credential):
                return False
            await _set_password(connection, person_id, new_hash, now_ms)
            await forgive(connection, _keys(tried))
            await end_sign_ins(connection, person_id, now_ms, sign_ins.c.token_hash != hash_token(token))
            await connection.execute(audit_row(now_ms, person_id, "password_changed", person_id, {"by": "password"}))
        self._sign_ins.forget(person_id)
        return True

    async def find_link(self, token: str) -> LinkView | None:
        """Whom a link is for that can still be used."""
        async with self._database.reading() as connection:
            row = (await connection.execute(_live_link(token, self._clock()))).one_or_none()
        return None if row is None else _link_view(row)

    async def use_link(self, token: str, new_hash: str, browser: str) -> str | None:
        """Set the password and sign in, ending every older sign-in; of several who use one link, one does."""
        now_ms = self._clock()
        async with self._database.writing() as connection:
            await people_changed(connection)
            row = (await connection.execute(_live_link(token, now_ms))).one_or_none()
            this = links.c.token_hash == hash_token(token)
            if row is None or (await connection.execute(delete(links).where(this))).rowcount == 0:
                return None
            person_id, detail = row.person_id, {"kind": row.kind}
            await _set_password(connection, person_id, new_hash, now_ms)
            await end_sign_ins(connection, person_id, now_ms)
            await connection.execute(audit_row(now_ms, person_id, "link_used", person_id, detail))
            await connection.execute(audit_row(now_ms, person_id, "password_changed", person_id, {"by": "link"}))
            new_token = await add_sign_in(connection, person_id, browser, "link", now_ms)
        self._sign_ins.forget(person_id)
        return new_token

    async def _find(self, this: ColumnElement[bool]) -> Credential | None:
        joined = people.outerjoin(passwords, passwords.c.person_id == people.c.id)
        query = select(people.c.id, people.c.name, people.c.email, passwords.c.hash).select_from(joined)
        async with self._database.reading() as connection:
            row = (await connection.execute(query.where(this, people.c.active.is_(True)))).one_or_none()
        return None if row is None else Credential(person_id=row.id, name=row.name, email=row.email, hash=row.hash)


def _email(tried: Try) -> str:
    return f"email {tried.email}"


def _keys(tried: Try) -> dict[str, Patience]:
    return {_email(tried): OF_EMAIL, f"address {tried.address}": OF_ADDRESS}


async def _still_holds(connection: AsyncConnection, credential: Credential) -> bool:
    joined = passwords.join(people, passwords.c.person_id == people.c.id)
    same = (people.c.id == credential.person_id) & (passwords.c.hash == credential.hash) & people.c.active.is_(True)
    # Whoever deactivates them or sets another password waits, or was first.
    query = select(people.c.id).select_from(joined).where(same).with_for_update()
    return (await connection.execute(query)).one_or_none() is not None


async def _set_password(connection: AsyncConnection, person_id: PersonId, new_hash: str, now_ms: Millis) -> None:
    row = {"person_id": person_id, "hash": new_hash, "changed_ms": now_ms}
    await connection.execute(insert_new(connection, passwords, [row]))
    await connection.execute(update(passwords).where(passwords.c.person_id == person_id).values(row))


def _live_link(token: str, now_ms: Millis) -> Select[tuple[str, str, Millis, str, str | None]]:
    columns = (links.c.person_id, links.c.kind, links.c.expires_ms, people.c.name, people.c.email)
    this = (links.c.token_hash == hash_token(token)) & (links.c.expires_ms > now_ms)
    return select(*columns).join_from(links, people).where(this, people.c.active.is_(True))


def _link_view(row: Row[tuple[str, str, Millis, str, str | None]]) -> LinkView:
    return LinkView(kind=LinkKind(row.kind), name=row.name, email=row.email or "", expires_ms=row.expires_ms)
