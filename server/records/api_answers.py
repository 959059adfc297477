"""What requests with an idempotency key were answered, for a day.

An answer may hold what is given out once, such as an invitation link, so it
is sealed by a key made of token and idempotency key, which are stored nowhere.

Rules: protocol/SPEC.md, AP6.
"""

from __future__ import annotations

import hashlib
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, select, update

from server.api_ports import KeptAnswer, KeyInUse, KeyReused
from server.records.clock import Clock, wall_clock_ms
from server.records.database import Database, insert_new
from server.records.tables import api_answers

KEPT_MS = 24 * 3_600_000
BEGUN_MS = 60_000
"""Whoever began longer ago than this and has not answered, died over it."""
NONCE_BYTES = 12


class SqlAnswerBook:
    """The `AnswerBook` port over SQL."""

    def __init__(self, database: Database, clock: Clock = wall_clock_ms) -> None:
        self._database = database
        self._clock = clock

    async def begin(self, token: str, key: str, fingerprint: str) -> KeptAnswer | None:
        """What the same request was answered before; None: it is the first. Raises `KeyReused`, `KeyInUse`."""
        now_ms, key_hash = self._clock(), _digest("row", token, key).hex()
        new = {"key_hash": key_hash, "fingerprint": fingerprint, "begun_ms": now_ms}
        this = api_answers.c.key_hash == key_hash
        async with self._database.writing() as connection:
            await connection.execute(delete(api_answers).where(api_answers.c.begun_ms <= now_ms - KEPT_MS))
            inserted = insert_new(connection, api_answers, [new]).returning(api_answers.c.key_hash)
            if (await connection.execute(inserted)).first() is not None:
                return None
            row = (await connection.execute(select(api_answers).where(this).with_for_update())).one_or_none()
            if row is None:
                raise KeyInUse  # it was given up this very moment
            if row.fingerprint != fingerprint:
                raise KeyReused
            if row.status is not None:
                return KeptAnswer(status=row.status, body=_open(row.sealed, token, key))
            if now_ms - row.begun_ms < BEGUN_MS:
                raise KeyInUse
            await connection.execute(update(api_answers).where(this).values(begun_ms=now_ms))
            return None

    async def finish(self, token: str, key: str, answer: KeptAnswer) -> None:
        """Keep its answer."""
        this = api_answers.c.key_hash == _digest("row", token, key).hex()
        kept = {"status": answer.status, "sealed": _seal(answer.body, token, key)}
        async with self._database.writing() as connection:
            await connection.execute(update(api_answers).where(this).values(kept))

    async def give_up(self, token: str, key: str) -> None:
        """It came to nothing: the next one with this key is the first."""
        this = api_answers.c.key_hash == _digest("row", token, key).hex()
        async with self._database.writing() as connection:
            await connection.execute(delete(api_answers).where(this))


def _seal(body: bytes, token: str, key: str) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(_digest("answer", token, key)).encrypt(nonce, body, None)


def _open(sealed: bytes, token: str, key: str) -> bytes:
    return AESGCM(_digest("answer", token, key)).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)


def _digest(purpose: str, token: str, key: str) -> bytes:
    return hashlib.sha256(f"sidecoach api {purpose}\0{token}\0{key}".encode()).digest()
