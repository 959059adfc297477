"""Codes that carry a sign-in into a frame, over SQL: once, within two minutes, while the sign-in holds.

A browser keeps what a site stores in another site's frame apart from what it
stores in a tab of its own. Only hashes are stored.

Rules: protocol/SPEC.md, EM5.
"""

from __future__ import annotations

import secrets

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.base import Millis, PersonId
from protocol.people import FrameCode
from server.records.audit import audit_row
from server.records.clock import Clock, wall_clock_ms
from server.records.database import Database
from server.records.sign_ins import add_sign_in, hash_token
from server.records.tables import frame_codes, people, sign_ins

GOOD_FOR_MS = 120_000
SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without those that look like others."""
LENGTH = 10
"""50 bits, of which nobody tries more than a handful within two minutes."""


class SqlFrameCodes:
    """The `FrameCodes` port over SQL."""

    def __init__(self, database: Database, clock: Clock = wall_clock_ms) -> None:
        self._database = database
        self._clock = clock

    async def make(self, person_id: PersonId, token: str) -> FrameCode:
        """A code for the person of this sign-in; older ones of it are over."""
        code, now_ms = "".join(secrets.choice(SIGNS) for _ in range(LENGTH)), self._clock()
        of_sign_in = hash_token(token)
        row = {"code_hash": hash_token(code), "token_hash": of_sign_in, "expires_ms": now_ms + GOOD_FOR_MS}
        async with self._database.writing() as connection:
            outdated = (frame_codes.c.token_hash == of_sign_in) | (frame_codes.c.expires_ms <= now_ms)
            await connection.execute(delete(frame_codes).where(outdated))
            await connection.execute(insert(frame_codes).values(row))
            await connection.execute(audit_row(now_ms, person_id, "frame_code_made", person_id, {}))
        half = LENGTH // 2
        return FrameCode(code=f"{code[:half]}-{code[half:]}", expires_ms=now_ms + GOOD_FOR_MS)

    async def use(self, code: str, browser: str) -> str | None:
        """A sign-in of the same person; of several who use one code, one gets it."""
        typed = "".join(sign for sign in code.upper() if sign.isalnum())
        now_ms = self._clock()
        async with self._database.writing() as connection:
            person_id = await self._find(connection, hash_token(typed), now_ms)
            this = frame_codes.c.code_hash == hash_token(typed)
            if person_id is None or (await connection.execute(delete(frame_codes).where(this))).rowcount == 0:
                return None
            return await add_sign_in(connection, person_id, browser, "frame", now_ms)

    async def _find(self, connection: AsyncConnection, code_hash: str, now_ms: Millis) -> PersonId | None:
        joined = frame_codes.join(sign_ins, sign_ins.c.token_hash == frame_codes.c.token_hash).join(people)
        this = (frame_codes.c.code_hash == code_hash) & (frame_codes.c.expires_ms > now_ms)
        query = select(people.c.id).select_from(joined)
        # Whoever deactivates them or ends the sign-in waits, or was first.
        query = query.where(this, sign_ins.c.revoked_ms.is_(None), people.c.active.is_(True)).with_for_update()
        return (await connection.execute(query)).scalar_one_or_none()
