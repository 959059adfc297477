"""Receivers on networks of one's own, over SQL.

What they allow is decided in `server/actions/egress.py`; they are judged
before they get here.

Rules: protocol/SPEC.md, CO9.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, select

from protocol.base import PersonId
from protocol.connections import EgressRule
from server.records.audit import audit_row
from server.records.clock import Clock, wall_clock_ms
from server.records.database import Database
from server.records.tables import egress_rules


class SqlEgressRules:
    """The `EgressRuleBook` port over SQL."""

    def __init__(self, database: Database, clock: Clock = wall_clock_ms) -> None:
        self._database = database
        self._clock = clock

    async def rules(self) -> tuple[EgressRule, ...]:
        """All of them, by network and port."""
        query = select(egress_rules).order_by(egress_rules.c.network, egress_rules.c.port)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(EgressRule(network=row.network, port=row.port, note=row.note) for row in rows)

    async def replace(self, rules: Sequence[EgressRule], by: PersonId) -> None:
        """These instead of those."""
        rows = [{"network": rule.network, "port": rule.port, "note": rule.note} for rule in rules]
        async with self._database.writing() as connection:
            before = {_shown(row.network, row.port) for row in await connection.execute(select(egress_rules))}
            await connection.execute(delete(egress_rules))
            if rows:
                await connection.execute(insert(egress_rules), rows)
            now = {_shown(rule.network, rule.port) for rule in rules}
            detail = {"allowed": ", ".join(sorted(now - before)), "withdrawn": ", ".join(sorted(before - now))}
            await connection.execute(audit_row(self._clock(), by, "set_egress_rules", "egress", detail))


def _shown(network: str, port: int) -> str:
    return f"{network} port {port}"
