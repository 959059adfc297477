"""Second steps of signing in over SQL: whose there is, that each code works once, on and off.

Rules: protocol/SPEC.md, TF2, TF3 and TF5.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.base import Millis, PersonId
from protocol.people import SecondFactorState
from server.people_ports import Factor, FactorProof
from server.records.audit import audit_row
from server.records.clock import Clock, wall_clock_ms
from server.records.database import Database
from server.records.tables import second_factors


class SqlSecondFactors:
    """The `Factors` port over SQL."""

    def __init__(self, database: Database, clock: Clock = wall_clock_ms) -> None:
        self._database = database
        self._clock = clock

    async def find(self, person_id: PersonId) -> Factor | None:
        """This person's; None if they sign in without."""
        async with self._database.reading() as connection:
            query = select(second_factors).where(second_factors.c.person_id == person_id)
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else Factor(sealed=row.sealed, recovery=tuple(row.recovery))

    async def state(self, person_id: PersonId) -> SecondFactorState:
        """What is told of it."""
        async with self._database.reading() as connection:
            query = select(second_factors).where(second_factors.c.person_id == person_id)
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return SecondFactorState(since_ms=None, recovery_left=0)
        return SecondFactorState(since_ms=row.since_ms, recovery_left=len(row.recovery))

    async def switch_on(self, person_id: PersonId, sealed: bytes, step: int, recovery: Collection[str]) -> bool:
        """From now on it is asked for; False if it is on already."""
        now_ms = self._clock()
        row = {
            "person_id": person_id,
            "sealed": sealed,
            "last_step": step,
            "since_ms": now_ms,
            "recovery": sorted(recovery),
        }
        try:
            async with self._database.writing() as connection:
                await connection.execute(insert(second_factors).values(row))
                await connection.execute(audit_row(now_ms, person_id, "second_factor_on", person_id, {}))
        except IntegrityError:
            return False
        return True

    async def switch_off(self, person_id: PersonId, by: PersonId) -> bool:
        """The password alone lets in again; whether it was on."""
        async with self._database.writing() as connection:
            mine = second_factors.c.person_id == person_id
            if (await connection.execute(delete(second_factors).where(mine))).rowcount == 0:
                return False
            await connection.execute(audit_row(self._clock(), by, "second_factor_off", person_id, {}))
        return True


async def use_factor(
    connection: AsyncConnection, person_id: PersonId, proof: FactorProof | None, now_ms: Millis
) -> bool:
    """Whether this lets somebody in, in the transaction that does: each code does so once."""
    mine = second_factors.c.person_id == person_id
    row = (await connection.execute(select(second_factors).where(mine).with_for_update())).one_or_none()
    if row is None or proof is None:
        return row is None
    if proof.recovery is not None:
        if proof.recovery not in row.recovery:
            return False
        left = [kept for kept in row.recovery if kept != proof.recovery]
        await connection.execute(update(second_factors).where(mine).values(recovery=left))
        detail = {"left": str(len(left))}
        await connection.execute(audit_row(now_ms, person_id, "recovery_code_used", person_id, detail))
        return True
    if proof.step is None or proof.step <= row.last_step:
        return False
    await connection.execute(update(second_factors).where(mine).values(last_step=proof.step))
    return True
