"""Who signed a delivery: Standard Webhooks 1.0.0 as the one who receives checks it.

Written apart from the code that signs, so that the two prove each other.

Rules: protocol/SPEC.md, RX2.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from enum import StrEnum

from protocol.base import Record

TOLERANCE_S = 300
"""How far a timestamp may be from our clock, either way."""

SECRET_PREFIX = "whsec_"


class Verdict(StrEnum):
    """What the signature is worth."""

    VERIFIED = "verified"
    UNSIGNED = "unsigned"
    WRONG = "wrong"


class Signature(Record, frozen=True, kw_only=True):
    """The verdict, and why a wrong one is wrong."""

    verdict: Verdict
    why: str | None = None


def read_secret(secret: str) -> bytes:
    """The key behind a secret's text.

    Raises:
        ValueError: it is not base64, with or without `whsec_` before it.
    """
    key = b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    if not key:
        raise ValueError("the secret is empty")
    return key


def judge(headers: Mapping[str, str], body: bytes, keys: Sequence[bytes], now_s: float) -> Signature:
    """Judge a delivery by its headers and the bytes that came."""
    given, message_id, sent = (headers.get(f"webhook-{name}") for name in ("signature", "id", "timestamp"))
    if given is None:
        return Signature(verdict=Verdict.UNSIGNED)
    if not message_id or not sent or not sent.isascii() or not sent.isdigit():
        return _wrong("webhook-id or webhook-timestamp is missing or cannot be read")
    age_s = now_s - int(sent)
    if abs(age_s) > TOLERANCE_S:
        side = "old" if age_s > 0 else "in the future"
        return _wrong(f"the timestamp is {abs(age_s):.0f} s {side}, expected at most {TOLERANCE_S} s")

    signatures = [value for version, _, value in (part.partition(",") for part in given.split(" ")) if version == "v1"]
    if not signatures:
        return _wrong("the header holds no v1 signature")
    signed = b".".join((message_id.encode(), sent.encode(), body))
    wanted = [b64encode(hmac.digest(key, signed, "sha256")) for key in keys]
    # Every pair is compared: how long it takes says nothing about which one fits.
    fits = [hmac.compare_digest(mine, theirs.encode()) for mine in wanted for theirs in signatures]
    return Signature(verdict=Verdict.VERIFIED) if any(fits) else _wrong("no signature fits the receiver's secret")


def _wrong(why: str) -> Signature:
    return Signature(verdict=Verdict.WRONG, why=why)
