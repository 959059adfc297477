"""Signatures of webhooks, by Standard Webhooks 1.0.0.

What is signed are the bytes that go out: whoever parses and writes them again
before verifying gets another signature.

Rules: protocol/SPEC.md, IN9.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping, Sequence

PREFIX = "whsec_"
KEY_BYTES = range(24, 65)
"""What the standard allows."""


def draw_signing_secret() -> str:
    """A new secret, as it is shown to people."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def read_signing_secret(text: str) -> bytes:
    """The key in a secret.

    Raises:
        ValueError: it is not `whsec_` and the base64 of 24 to 64 bytes. The text does not repeat it.
    """
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("expected whsec_ and base64") from error
    if not text.startswith(PREFIX) or len(key) not in KEY_BYTES:
        raise ValueError("expected whsec_ and the base64 of 24 to 64 bytes")
    return key


def sign(signing_secrets: Sequence[str], message_id: str, at_s: int, body: bytes) -> Mapping[str, str]:
    """The three headers; one signature for each secret, so that the old one is honoured while it is replaced."""
    content = b"%s.%d.%s" % (message_id.encode(), at_s, body)
    signatures = [hmac.digest(read_signing_secret(secret), content, "sha256") for secret in signing_secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": " ".join("v1," + base64.b64encode(signature).decode() for signature in signatures),
    }
