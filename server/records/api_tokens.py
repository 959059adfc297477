"""API tokens: who made which, what each may do, and whose a token is that a program shows.

What was found is believed for `BELIEVED_S`, so that a busy program costs no
query per request, and a token that was revoked is dead in every process
within that time. When it was last used is written once a minute at most.

Rules: protocol/SPEC.md, AT1 to AT4.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.api_tokens import ApiTokenLine, ApiTokenLines, NewApiToken, Scope
from protocol.base import Millis, PersonId, Record, TeamId
from protocol.events import Party
from server.api_ports import ApiCaller
from server.auth.api_token import draw_token, hint_of, is_token
from server.people_ports import UnknownTeam
from server.records.audit import audit_row
from server.records.clock import Clock, wall_clock_ms
from server.records.database import Database
from server.records.sign_ins import hash_token
from server.records.tables import api_tokens, people, teams
from server.records.together import Together
from session_engine.action_values import iso

BELIEVED_S = 1.5
USED_EVERY_MS = 60_000
"""How exact `last_used_ms` is."""
BELIEVED_AT_MOST = 10_000


class _Belief(Record, frozen=True, kw_only=True):
    caller: ApiCaller
    until_s: float
    expires_ms: Millis | None


class SqlApiTokens:
    """The `ApiTokens` port over SQL."""

    def __init__(
        self, database: Database, clock: Clock = wall_clock_ms, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._clock = clock
        self._monotonic_s = monotonic_s
        self._believed: dict[str, _Belief] = {}
        self._reading = Together(self._read)

    async def find_caller(self, token: str) -> ApiCaller | None:
        """Whose a token is that works: neither revoked, in any process for 2 s, nor expired."""
        if not is_token(token):
            return None
        token_hash = hash_token(token)
        belief = self._believed.get(token_hash)
        if belief is None or self._monotonic_s() >= belief.until_s:
            belief = (await self._reading.ask(token_hash)).get(token_hash)
        if belief is None or _is_over(belief.expires_ms, self._clock()):
            return None
        return belief.caller

    async def lines(self) -> ApiTokenLines:
        """Those that work by name, then the others."""
        async with self._database.reading() as connection:
            lines = [_line(row) for row in await connection.execute(_lines())]
        now_ms = self._clock()

        def place(line: ApiTokenLine) -> tuple[bool, str, str]:
            return line.revoked_ms is not None or _is_over(line.expires_ms, now_ms), line.name.casefold(), line.id

        return ApiTokenLines(lines=tuple(sorted(lines, key=place)))

    async def make(self, new: NewApiToken, by: PersonId) -> tuple[ApiTokenLine, str]:
        """A new one, and the token itself. Raises `UnknownTeam`."""
        token, now_ms = draw_token(), self._clock()
        token_id = f"api_{secrets.token_hex(14)}"
        row = {
            "id": token_id,
            "token_hash": hash_token(token),
            "hint": hint_of(token),
            "name": new.name,
            "scopes": sorted(set(new.scopes)),
            "team_ids": None if new.team_ids is None else sorted(set(new.team_ids)),
            "made_by": by,
            "made_ms": now_ms,
            "expires_ms": new.expires_ms,
        }
        detail = {
            "name": new.name,
            "scopes": ", ".join(sorted(set(new.scopes))),
            "teams": "all" if new.team_ids is None else ", ".join(sorted(set(new.team_ids))),
            "ends": "never" if new.expires_ms is None else iso(new.expires_ms),
        }
        async with self._database.writing() as connection:
            await _require_teams(connection, new.team_ids or ())
            await connection.execute(insert(api_tokens).values(row))
            await connection.execute(audit_row(now_ms, by, "token_made", token_id, detail))
            made = (await connection.execute(_lines().where(api_tokens.c.id == token_id))).one()
        return _line(made), token

    async def revoke(self, token_id: str, by: PersonId) -> bool:
        """End it in all processes within 2 s; whether there is such a token. Repeated calls are harmless."""
        now_ms = self._clock()
        async with self._database.writing() as connection:
            query = select(api_tokens.c.revoked_ms).where(api_tokens.c.id == token_id).with_for_update()
            row = (await connection.execute(query)).one_or_none()
            if row is None:
                return False
            if row.revoked_ms is None:
                this = update(api_tokens).where(api_tokens.c.id == token_id)
                await connection.execute(this.values(revoked_ms=now_ms))
                await connection.execute(audit_row(now_ms, by, "token_revoked", token_id, {}))
        for token_hash in [each for each, belief in self._believed.items() if belief.caller.id == token_id]:
            del self._believed[token_hash]
        return True

    async def _read(self, token_hashes: Collection[str]) -> dict[str, _Belief]:
        until_s, now_ms = self._monotonic_s() + BELIEVED_S, self._clock()
        live = api_tokens.c.token_hash.in_(token_hashes) & api_tokens.c.revoked_ms.is_(None)
        async with self._database.reading() as connection:
            rows = (await connection.execute(select(api_tokens).where(live))).all()
            everywhere = any(row.team_ids is None for row in rows)
            all_teams = (await connection.execute(select(teams.c.id))).scalars().all() if everywhere else ()
        stale = [row.id for row in rows if now_ms - (row.last_used_ms or 0) > USED_EVERY_MS]
        if stale:
            async with self._database.writing() as connection:
                these = update(api_tokens).where(api_tokens.c.id.in_(stale))
                await connection.execute(these.values(last_used_ms=now_ms))
        if len(self._believed) >= BELIEVED_AT_MOST:
            self._believed.clear()
        for token_hash in token_hashes:
            self._believed.pop(token_hash, None)
        found = {row.token_hash: _belief(row, all_teams, until_s) for row in rows}
        self._believed |= found
        return found


def _lines() -> Any:
    joined = api_tokens.outerjoin(people, people.c.id == api_tokens.c.made_by)
    return select(api_tokens, people.c.name.label("maker")).select_from(joined)


def _line(row: Row[Any]) -> ApiTokenLine:
    return ApiTokenLine(
        id=row.id,
        name=row.name,
        hint=row.hint,
        scopes=tuple(map(Scope, row.scopes)),
        team_ids=None if row.team_ids is None else tuple(row.team_ids),
        made_by=Party(id=row.made_by, name=row.maker or row.made_by),
        made_ms=row.made_ms,
        expires_ms=row.expires_ms,
        last_used_ms=row.last_used_ms,
        revoked_ms=row.revoked_ms,
    )


def _belief(row: Row[Any], all_teams: Collection[TeamId], until_s: float) -> _Belief:
    caller = ApiCaller(
        id=row.id,
        name=row.name,
        scopes=frozenset(map(Scope, row.scopes)),
        team_ids=frozenset(all_teams if row.team_ids is None else row.team_ids),
        is_limited=row.team_ids is not None,
    )
    return _Belief(caller=caller, until_s=until_s, expires_ms=row.expires_ms)


def _is_over(expires_ms: Millis | None, now_ms: Millis) -> bool:
    return expires_ms is not None and now_ms >= expires_ms


async def _require_teams(connection: AsyncConnection, team_ids: Collection[str]) -> None:
    known = set((await connection.execute(select(teams.c.id))).scalars())
    if unknown := set(team_ids) - known:
        raise UnknownTeam(min(unknown))
