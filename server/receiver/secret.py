"""The one place that says with which secret the demo's Connections sign."""

from __future__ import annotations

from base64 import b64encode

from server.receiver.verification import SECRET_PREFIX
from server.settings import Settings
from server.store.keyring import KeyRing


def demo_signing_secret(settings: Settings) -> str:
    """The same for whoever asks about this data directory: derived from its key ring, which is made if need be.

    Raises:
        KeyRingRefused: the key ring's file cannot be trusted or read.
    """
    key = KeyRing.open(settings.key_ring_path, create=settings.makes_keys).derive("signature of demo deliveries")
    return SECRET_PREFIX + b64encode(key).decode()
