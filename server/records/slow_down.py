"""How long somebody who failed to sign in has to wait, counted in SQL so that all processes agree.

A try counts as failed from its beginning: of many at once no more get
through than of as many one after the other. What signs in takes that back.

Rules: protocol/SPEC.md, PE3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.base import Millis
from server.records.database import insert_new
from server.records.tables import sign_in_failures

FREE = 4
"""The fifth failure is the first that somebody waits after."""
FIRST_WAIT_MS = 1_000
LONGEST_WAIT_MS = 5 * 60_000
FORGOTTEN_MS = 3_600_000
TOLD_EVERY_MS = 60_000


def wait_ms(failures: int) -> Millis:
    """From the last failure on."""
    if failures <= FREE:
        return 0
    return min(FIRST_WAIT_MS << min(failures - FREE - 1, 20), LONGEST_WAIT_MS)


async def begin_try(connection: AsyncConnection, keys: Collection[str], now_ms: Millis) -> Millis:
    """Count a try as failed; or tell how long there is to wait, and count nothing."""
    hashes = sorted(map(_hash, keys))  # in one order, so that no two wait for one another
    empty = {"failures": 0, "last_ms": now_ms, "until_ms": 0, "told_ms": 0}
    await connection.execute(insert_new(connection, sign_in_failures, [{"key_hash": each, **empty} for each in hashes]))
    columns = sign_in_failures.c
    query = select(sign_in_failures).where(columns.key_hash.in_(hashes)).order_by(columns.key_hash).with_for_update()
    rows = (await connection.execute(query)).all()
    if (until_ms := max(row.until_ms for row in rows)) > now_ms:
        return int(until_ms - now_ms)
    for row in rows:
        failures = 1 + (row.failures if row.last_ms > now_ms - FORGOTTEN_MS else 0)
        news = {"failures": failures, "last_ms": now_ms, "until_ms": now_ms + wait_ms(failures)}
        await connection.execute(update(sign_in_failures).where(columns.key_hash == row.key_hash).values(news))
    return 0


async def forgive(connection: AsyncConnection, keys: Collection[str]) -> None:
    """After a success; when a failure was told last is remembered."""
    for key_hash in sorted(map(_hash, keys)):
        this = sign_in_failures.c.key_hash == key_hash
        await connection.execute(update(sign_in_failures).where(this).values(failures=0, until_ms=0))


async def is_to_be_told(connection: AsyncConnection, key: str, now_ms: Millis) -> bool:
    """Whether the audit log has not told of this key for a minute; it is about to."""
    columns = sign_in_failures.c
    # What is forgotten anyway is removed here, where hardly anybody comes by.
    await connection.execute(delete(sign_in_failures).where(columns.last_ms <= now_ms - FORGOTTEN_MS))
    those = (columns.key_hash == _hash(key)) & (columns.told_ms <= now_ms - TOLD_EVERY_MS)
    return (await connection.execute(update(sign_in_failures).where(those).values(told_ms=now_ms))).rowcount == 1


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
