"""The delivery log over SQL: attempts through each Connection, the newest first.

Rules: protocol/SPEC.md, CO7.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import and_, case, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.actions import OutcomeKind
from protocol.base import Millis
from protocol.connections import Deliveries, Delivery, RecentDeliveries
from server.ports import DeliveryQuery
from server.records.tables import delivery_attempts as attempts

EXCERPT_BYTES = 4_096
MESSAGE_LETTERS = 500
RECENT, RECENT_MS = 10, 24 * 3_600_000
"""Attempts, of so long, that tell how a Connection does."""


async def add_delivery(connection: AsyncConnection, delivery: Delivery, redacted: Callable[[str], str]) -> None:
    """Append one attempt; its texts are redacted before they are cut, so that no half of a secret stays."""
    row = {name: getattr(delivery, name) for name in delivery.__struct_fields__}

    def storable(text: str) -> str:
        return redacted(text).replace("\0", "")  # PostgreSQL takes no zero byte in a text

    row |= {
        "kind": delivery.kind.value,
        "action_name": storable(delivery.action_name)[:200],
        "key": delivery.key[:200],
        "host": storable(delivery.host)[:253],
        "message": storable(delivery.message)[:MESSAGE_LETTERS],
        "excerpt": storable(delivery.excerpt).encode()[:EXCERPT_BYTES].decode(errors="ignore"),
    }
    await connection.execute(insert(attempts).values(row))


async def find_deliveries(connection: AsyncConnection, query: DeliveryQuery) -> Deliveries:
    """A page of a Connection's log."""
    found = attempts.c.connection_id == query.connection_id
    if query.search:
        texts = (attempts.c.action_name, attempts.c.message, attempts.c.excerpt, attempts.c.host, attempts.c.key)
        matches = [column.icontains(query.search, autoescape=True) for column in texts]
        if query.search.isascii() and query.search.isdigit() and len(query.search) <= 3:
            matches.append(attempts.c.status == int(query.search))
        found &= or_(*matches)
    if query.after is not None:
        at_ms, row_id = query.after
        found &= or_(attempts.c.at_ms < at_ms, and_(attempts.c.at_ms == at_ms, attempts.c.id < row_id))
    newest = select(attempts).where(found).order_by(attempts.c.at_ms.desc(), attempts.c.id.desc())
    rows = (await connection.execute(newest.limit(query.limit + 1))).all()
    page = rows[: query.limit]
    return Deliveries(
        deliveries=tuple(
            Delivery(
                at_ms=row.at_ms,
                connection_id=row.connection_id,
                session_id=row.session_id,
                action_id=row.action_id,
                action_name=row.action_name,
                action=row.action,
                attempt=row.attempt,
                key=row.key,
                kind=OutcomeKind(row.kind),
                status=row.status,
                duration_ms=row.duration_ms,
                message=row.message,
                excerpt=row.excerpt,
                host=row.host,
            )
            for row in page
        ),
        next=f"{page[-1].at_ms}.{page[-1].id}" if len(rows) > query.limit else None,
    )


async def find_recent(connection: AsyncConnection, now_ms: Millis) -> dict[str, RecentDeliveries]:
    """How the last attempts went, by Connection; those through which none went lately are left out."""
    place = func.row_number().over(
        partition_by=attempts.c.connection_id, order_by=(attempts.c.at_ms.desc(), attempts.c.id.desc())
    )
    last = select(attempts.c.connection_id, attempts.c.kind, place.label("place"))
    ranked = last.where(attempts.c.at_ms >= now_ms - RECENT_MS).subquery()
    failed = func.sum(case((ranked.c.kind == OutcomeKind.SENT.value, 0), else_=1))
    query = select(ranked.c.connection_id, failed.label("failed"), func.count().label("of"))
    rows = await connection.execute(query.where(ranked.c.place <= RECENT).group_by(ranked.c.connection_id))
    return {row.connection_id: RecentDeliveries(failed=int(row.failed), of=row.of) for row in rows}
