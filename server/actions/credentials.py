"""Credentials at rest: an envelope per Connection.

Each Connection has a random data key, wrapped by the installation's key ring;
each secret is sealed by it for one place: this Connection, this setting, this
key of the ring. Where the sealed ones lie is `server/records/connections.py`.

Rules: protocol/SPEC.md, CO1 and CO2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from secrets import token_bytes

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from protocol.base import Record
from server.store.keyring import KEY_BYTES, KeyRing, decrypt, encrypt

TOLD_FROM = 12
"""Characters: of a shorter secret the last four would be half of it."""

REDACTED_FROM = 4
"""Characters: what is shorter stands in any text by chance."""

REDACTED = "•••"


class Sealed(Record, frozen=True, kw_only=True):
    """One Connection's secrets as they are kept."""

    kid: str
    wrapped: bytes
    secrets: dict[str, bytes]


class Envelope:
    """Seals and opens the secrets of Connections."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def seal(self, connection_id: str, secrets: Mapping[str, str]) -> Sealed:
        """All of a Connection's secrets, with a data key drawn for them."""
        data_key = token_bytes(KEY_BYTES)
        kid, wrapped = self._ring.wrap(_name(connection_id), data_key)
        cipher = AESGCM(data_key)
        sealed = {
            setting: encrypt(cipher, text.encode(), _place(connection_id, setting, kid))
            for setting, text in secrets.items()
        }
        return Sealed(kid=kid, wrapped=wrapped, secrets=sealed)

    def open(self, connection_id: str, sealed: Sealed) -> dict[str, str]:
        """What `seal` was given.

        Raises:
            SealBroken: changed, or sealed for another Connection, setting or key.
        """
        cipher = AESGCM(self._ring.unwrap(_name(connection_id), sealed.kid, sealed.wrapped))
        return {
            setting: decrypt(cipher, secret, _place(connection_id, setting, sealed.kid)).decode()
            for setting, secret in sealed.secrets.items()
        }


def last4(secret: str) -> str:
    """By what people tell one secret from another; nothing if it would tell too much."""
    return secret[-4:] if len(secret) >= TOLD_FROM else ""


def redact(text: str, secrets: Iterable[str]) -> str:
    """The text without those secrets, wherever they stand in it: the longest first, one may be part of another."""
    # While one is rotated, two stand side by side.
    words = {word for secret in secrets for word in (secret, *secret.split())}
    for word in sorted(words, key=len, reverse=True):
        if len(word) >= REDACTED_FROM:
            text = text.replace(word, REDACTED)
    return text


def _name(connection_id: str) -> str:
    # The ring derives a key per name; a Session's is its id, which has no colon.
    return f"connection:{connection_id}"


def _place(connection_id: str, setting: str, kid: str) -> bytes:
    return f"{connection_id}|{setting}|{kid}".encode()
