"""Sign-ins: which browser is whom.

A browser holds 256 random bits; only their hash is stored. What was found is
believed for `BELIEVED_S`, so that a revocation takes effect in every process
within that time and a busy person costs no query per request; and longer, by
who asks for it, while the revision of the people is the same.

What a sign-in is called by is half of its token's hash, which proves nothing.

Rules: protocol/SPEC.md, HS8 to HS10 and PE6.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Collection

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.base import Millis, PersonId, Record
from protocol.people import SignInLine, SignInLines
from server.people_ports import OwnStanding
from server.records.audit import audit_row
from server.records.clock import Clock, wall_clock_ms
from server.records.database import Database
from server.records.people import SqlPeople, people_changed
from server.records.tables import passwords, people, sign_ins
from server.records.together import Together
from session_engine.context import Actor

BELIEVED_S = 2.0
SEEN_EVERY_MS = 60_000
"""How exact `last_seen_ms` is: one write a minute for each browser in use, not one a request."""

IDLE_MS = 30 * 24 * 3600 * 1000
"""A browser that was not seen for this long signs in again."""

BELIEVED_AT_MOST = 10_000
ID_DIGITS = 32


class _Belief(Record, frozen=True, kw_only=True):
    actor: Actor
    until_s: float
    revision: int
    last_seen_ms: Millis


class SqlSignIns:
    """The `SignIns` port over SQL, with signing in and out."""

    def __init__(
        self,
        database: Database,
        people: SqlPeople,
        clock: Clock = wall_clock_ms,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._people = people
        self._clock = clock
        self._monotonic_s = monotonic_s
        self._believed: dict[str, _Belief] = {}
        self._reading = Together(self._read)

    async def sign_in(self, person_id: PersonId, browser: str = "", by: str = "demo") -> str:
        """A new sign-in of this person; the token is for the browser alone."""
        async with self._database.writing() as connection:
            return await add_sign_in(connection, person_id, browser, by, self._clock())

    async def find_actor(self, token: str) -> Actor | None:
        """The person of a live sign-in, or None."""
        token_hash = hash_token(token)
        belief = self._believed.get(token_hash)
        if belief is not None and self._monotonic_s() < belief.until_s:
            return belief.actor
        return (await self._reading.ask(token_hash)).get(token_hash)

    async def find_actors(self, tokens: Collection[str]) -> dict[str, Actor]:
        """The persons of those sign-ins that are live now; however many, in one go.

        Read are those of which a minute ago is the last that is known, and all when anything changed.
        """
        hashes = {token: hash_token(token) for token in tokens}
        revision, now_ms = await self._people.revision(), self._clock()
        known = {token_hash: self._believed.get(token_hash) for token_hash in hashes.values()}
        found = {
            token_hash: belief.actor
            for token_hash, belief in known.items()
            if belief is not None and belief.revision == revision and now_ms - belief.last_seen_ms <= SEEN_EVERY_MS
        }
        if unknown := known.keys() - found.keys():
            found |= await self._read(unknown)
        return {token: found[token_hash] for token, token_hash in hashes.items() if token_hash in found}

    async def revoke(self, token: str) -> None:
        """End the sign-in: its person signs out. Repeated calls are harmless."""
        token_hash, now_ms = hash_token(token), self._clock()
        live = (sign_ins.c.token_hash == token_hash) & sign_ins.c.revoked_ms.is_(None)
        async with self._database.writing() as connection:
            await people_changed(connection)
            query = select(sign_ins.c.person_id).where(live).with_for_update()
            person_id = (await connection.execute(query)).scalar_one_or_none()
            if person_id is not None:
                await connection.execute(update(sign_ins).where(live).values(revoked_ms=now_ms))
                await connection.execute(audit_row(now_ms, person_id, "sign_out", person_id, {}))
        self._believed.pop(token_hash, None)

    async def lines(self, person_id: PersonId, token: str | None = None) -> SignInLines:
        """The person's live sign-ins, the last seen first; that of the token is the one here."""
        here, now_ms = None if token is None else hash_token(token), self._clock()
        live = (sign_ins.c.person_id == person_id) & sign_ins.c.revoked_ms.is_(None)
        query = select(sign_ins).where(live, sign_ins.c.last_seen_ms >= now_ms - IDLE_MS)
        async with self._database.reading() as connection:
            rows = await connection.execute(query.order_by(sign_ins.c.last_seen_ms.desc(), sign_ins.c.token_hash))
        return SignInLines(
            lines=tuple(
                SignInLine(
                    id=row.token_hash[:ID_DIGITS],
                    created_ms=row.created_ms,
                    last_seen_ms=row.last_seen_ms,
                    browser=row.browser or "",
                    is_here=row.token_hash == here,
                )
                for row in rows
            )
        )

    async def standing(self, token: str) -> OwnStanding | None:
        """How the person of a sign-in is signed in, read now."""
        joined = sign_ins.join(people).outerjoin(passwords, passwords.c.person_id == people.c.id)
        query = select(people.c.email, sign_ins.c.way, passwords.c.changed_ms).select_from(joined)
        async with self._database.reading() as connection:
            found = await connection.execute(query.where(sign_ins.c.token_hash == hash_token(token)))
            row = found.one_or_none()
        if row is None:
            return None
        return OwnStanding(email=row.email, has_password=row.changed_ms is not None, way=row.way or "")

    async def end(self, person_id: PersonId, sign_in_id: str | None, by: PersonId) -> int:
        """End one of this person's sign-ins, or all; how many were live."""
        those = [] if sign_in_id is None else [func.substr(sign_ins.c.token_hash, 1, ID_DIGITS) == sign_in_id]
        now_ms = self._clock()
        async with self._database.writing() as connection:
            await people_changed(connection)
            ended = await end_sign_ins(connection, person_id, now_ms, *those)
            if ended:
                detail = {"ended": str(ended)}
                await connection.execute(audit_row(now_ms, by, "sign_ins_ended", person_id, detail))
        self.forget(person_id)
        return ended

    def forget_all(self) -> None:
        """What this process believes of everybody was changed."""
        self._believed.clear()

    def forget(self, person_id: PersonId) -> None:
        """What this process believes of a person was changed."""
        for token_hash in [each for each, belief in self._believed.items() if belief.actor.id == person_id]:
            del self._believed[token_hash]

    async def _read(self, token_hashes: Collection[str]) -> dict[str, Actor]:
        revision = await self._people.revision()
        now_ms = self._clock()
        live = sign_ins.c.token_hash.in_(token_hashes) & sign_ins.c.revoked_ms.is_(None)
        async with self._database.reading() as connection:
            query = select(sign_ins).where(live, sign_ins.c.last_seen_ms >= now_ms - IDLE_MS)
            rows = (await connection.execute(query)).all()
        seen = {row.token_hash: row.last_seen_ms for row in rows}
        if stale := [each for each, seen_ms in seen.items() if now_ms - seen_ms > SEEN_EVERY_MS]:
            async with self._database.writing() as connection:
                these = sign_ins.c.token_hash.in_(stale)
                await connection.execute(update(sign_ins).where(these).values(last_seen_ms=now_ms))
            seen |= dict.fromkeys(stale, now_ms)
        actors = await self._people.find_active({row.person_id for row in rows})
        if len(self._believed) >= BELIEVED_AT_MOST:
            self._believed.clear()
        for token_hash in token_hashes:
            self._believed.pop(token_hash, None)
        until_s = self._monotonic_s() + BELIEVED_S
        for row in rows:
            if (actor := actors.get(row.person_id)) is not None:
                self._believed[row.token_hash] = _Belief(
                    actor=actor, until_s=until_s, revision=revision, last_seen_ms=seen[row.token_hash]
                )
        return {row.token_hash: actors[row.person_id] for row in rows if row.person_id in actors}


async def add_sign_in(connection: AsyncConnection, person_id: PersonId, browser: str, by: str, now_ms: Millis) -> str:
    """A new sign-in, in the transaction of what allowed it; its token."""
    token = secrets.token_urlsafe(32)
    row = {"token_hash": hash_token(token), "person_id": person_id, "created_ms": now_ms, "last_seen_ms": now_ms}
    await connection.execute(insert(sign_ins).values(**row, browser=browser or None, way=by))
    await connection.execute(audit_row(now_ms, person_id, "sign_in", person_id, {"by": by}))
    return token


async def end_sign_ins(
    connection: AsyncConnection, person_id: PersonId, now_ms: Millis, *those: ColumnElement[bool]
) -> int:
    """End the person's live sign-ins, or those of them, in the transaction that has to; how many there were."""
    live = (sign_ins.c.person_id == person_id) & sign_ins.c.revoked_ms.is_(None)
    ended = await connection.execute(update(sign_ins).where(live, *those).values(revoked_ms=now_ms))
    return int(ended.rowcount)


def hash_token(token: str) -> str:
    """What is stored of a token: it has so much chance in it that nothing slower is needed."""
    return hashlib.sha256(token.encode()).hexdigest()
