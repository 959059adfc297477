"""The second step of signing in: a code of an authenticator app (TOTP, RFC 6238), or one that was kept for losing it.

Secrets are sealed with a key that hangs on the key ring; of recovery codes only
hashes are kept. Nothing here asks SQL: see `records/second_factors.py`.

Rules: protocol/SPEC.md, TF1 to TF4.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import b64decode, b64encode
from binascii import Error as NotBase64

import msgspec
import pyotp
import segno
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from protocol.base import Millis, PersonId, Record
from protocol.people import SecondFactorOffer
from server.people_ports import Factor, FactorProof
from server.store.keyring import KeyRing, SealBroken, decrypt, encrypt

STEP_S = 30
"""RFC 6238, 5.2."""
STEPS_OFF = 1
"""A clock may be so many steps off, before or behind."""
SECRET_LETTERS = 32
"""Of base32: 160 bits, as RFC 4226 recommends."""
RECOVERY_CODES = 10
SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
RECOVERY_LENGTH = 10
"""50 bits, of which nobody tries more than a handful an hour."""
OFFER_MS: Millis = 15 * 60_000


class _Offer(Record, frozen=True, kw_only=True):
    secret: str
    expires_ms: Millis


class SecondFactors:
    """Draws, seals and judges."""

    def __init__(self, ring: KeyRing) -> None:
        self._cipher = AESGCM(ring.derive("second factor"))

    def offer(self, person_id: PersonId, account: str, house: str, now_ms: Millis) -> SecondFactorOffer:
        """A secret to be put into an app, with a picture of it; it counts once a code has confirmed it."""
        secret = pyotp.random_base32(SECRET_LETTERS)
        address = pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=house)
        offer = _Offer(secret=secret, expires_ms=now_ms + OFFER_MS)
        sealed = encrypt(self._cipher, msgspec.msgpack.encode(offer), f"offer|{person_id}".encode())
        picture = segno.make(address, error="m").svg_data_uri(scale=5, border=3, light="#fff")
        return SecondFactorOffer(offer=b64encode(sealed).decode(), secret=secret, picture=picture)

    def accept(self, person_id: PersonId, offer: str, code: str, now_ms: Millis) -> tuple[bytes, int] | None:
        """The sealed secret and the step of the code; None if it is not the code, or the offer is over or another's."""
        try:
            opened = decrypt(self._cipher, b64decode(offer, validate=True), f"offer|{person_id}".encode())
        except (SealBroken, NotBase64, ValueError):
            return None
        held = msgspec.msgpack.decode(opened, type=_Offer)
        step = step_of(held.secret, code, now_ms) if held.expires_ms > now_ms else None
        return None if step is None else (encrypt(self._cipher, held.secret.encode(), _place(person_id)), step)

    def judge(self, person_id: PersonId, factor: Factor, code: str, now_ms: Millis) -> FactorProof | None:
        """What the code proves; None if nothing. That it was not used before is judged when somebody is let in."""
        secret = decrypt(self._cipher, factor.sealed, _place(person_id)).decode()
        step = step_of(secret, code, now_ms)
        if step is not None:
            return FactorProof(step=step)
        hashed = hash_recovery(code)
        return FactorProof(recovery=hashed) if hashed in factor.recovery else None


def step_of(secret: str, code: str, now_ms: Millis) -> int | None:
    """Which step of 30 s this code is of, now or one beside; None if of none."""
    typed = "".join(code.split())
    now = now_ms // 1_000 // STEP_S
    totp = pyotp.TOTP(secret)
    found = [step for step in range(now - STEPS_OFF, now + STEPS_OFF + 1) if _same(totp.generate_otp(step), typed)]
    return max(found, default=None)


def draw_recovery() -> tuple[str, ...]:
    """Codes for whoever loses the app, as they are shown, once."""
    drawn = ("".join(secrets.choice(SIGNS) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES))
    half = RECOVERY_LENGTH // 2
    return tuple(f"{code[:half]}-{code[half:]}" for code in drawn)


def hash_recovery(code: str) -> str:
    """However it is typed."""
    return hashlib.sha256("".join(sign for sign in code.upper() if sign.isalnum()).encode()).hexdigest()


def _same(code: str, typed: str) -> bool:
    return secrets.compare_digest(code.encode(), typed.encode())


def _place(person_id: PersonId) -> bytes:
    return f"factor|{person_id}".encode()
