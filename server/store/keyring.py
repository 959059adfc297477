"""The key ring: the installation's own keys, in one private file.

They wrap the keys of each Session and of each Connection, and seal the
summaries of the live index. What these keys encrypt is in `sealing.py` and
`server/actions/credentials.py`; where the wrapped keys are kept is
`server/records`.

Rules: protocol/SPEC.md, ST20 to ST22.
"""

from __future__ import annotations

import hmac
import os
import stat
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from secrets import token_bytes, token_hex

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from protocol.base import SessionId
from server.settings import CannotRun

KEY_BYTES = 32
NONCE_BYTES = 12
KID_LENGTH = 8


class KeyRingRefused(CannotRun):
    """The key ring's file cannot be trusted or read."""


class SealBroken(Exception):
    """Sealed bytes do not open: changed, moved to another place, or sealed with another key."""


def encrypt(cipher: AESGCM, plain: bytes, place: bytes) -> bytes:
    """A random nonce and the ciphertext; opens only for the same place."""
    nonce = token_bytes(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, place)


def decrypt(cipher: AESGCM, sealed: bytes, place: bytes) -> bytes:
    """What `encrypt` was given.

    Raises:
        SealBroken: not sealed by this key for this place.
    """
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
    except (InvalidTag, ValueError) as error:
        raise SealBroken(f"{place.decode()}: {len(sealed)} sealed bytes do not open") from error


class KeyRing:
    """Keys by kid; the last of the file seals, all open."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = dict(keys)
        self._kid = list(self._keys)[-1]

    @classmethod
    def open(cls, path: Path, *, create: bool = True) -> KeyRing:
        """Read the ring's file; the first to come creates it, readable by its user only.

        Without `create` it must be there: two machines that each made one could not read each other's Sessions.

        Raises:
            KeyRingRefused: others may read the file, or it is not a key ring.
        """
        if not path.exists():
            if not create:
                raise KeyRingRefused(
                    f"{path} is not there: make it once by `sidecoach key-ring {path}`, give it to all"
                )
            _create(path)
        found = path.stat()
        mode = stat.S_IMODE(found.st_mode)
        # One that was mounted is somebody else's, and handed to us by our group.
        if mode & (0o077 if found.st_uid == os.getuid() else 0o037):
            raise KeyRingRefused(f"{path} has mode {mode:04o}: others may read the keys, expected 0600")
        try:
            keys = msgspec.json.decode(path.read_bytes(), type=dict[str, bytes])
        except msgspec.MsgspecError as error:
            raise KeyRingRefused(f"{path} is not a key ring: {error}") from error
        if not keys or any(len(kid) != KID_LENGTH or len(key) != KEY_BYTES for kid, key in keys.items()):
            raise KeyRingRefused(f"{path} is not a key ring: expected {KEY_BYTES}-byte keys by {KID_LENGTH}-letter kid")
        return cls(keys)

    def derive(self, purpose: str) -> bytes:
        """A key for something else than Sessions. It hangs on the ring's first key: a newer one leaves it as it is."""
        return hmac.digest(next(iter(self._keys.values())), purpose.encode(), "sha256")

    def wrap(self, session_id: SessionId, keys: bytes) -> tuple[str, bytes]:
        """The kid that was used, and the Session's keys wrapped with it."""
        return self._kid, encrypt(self._cipher(self._kid, "keys", session_id), keys, _place(session_id, self._kid))

    def unwrap(self, session_id: SessionId, kid: str, wrapped: bytes) -> bytes:
        """The Session's keys.

        Raises:
            SealBroken: wrapped for another Session, with another key, or changed.
        """
        return decrypt(self._cipher(kid, "keys", session_id), wrapped, _place(session_id, kid))

    def seal_summary(self, session_id: SessionId, summary: bytes) -> bytes:
        """A live summary as the store may hold it."""
        sealed = encrypt(self._cipher(self._kid, "summary", session_id), summary, session_id.encode())
        return self._kid.encode() + sealed

    def unseal_summary(self, session_id: SessionId, sealed: bytes) -> bytes:
        """The live summary.

        Raises:
            SealBroken: sealed for another Session, with another key, or changed.
        """
        kid, body = sealed[:KID_LENGTH].decode(errors="replace"), sealed[KID_LENGTH:]
        return decrypt(self._cipher(kid, "summary", session_id), body, session_id.encode())

    def _cipher(self, kid: str, purpose: str, session_id: SessionId) -> AESGCM:
        # One derived key per Session and purpose: a single key would reach the 2^32 messages that random
        # nonces allow (NIST SP 800-38D, 8.3), since every change of every summary is one.
        key = self._keys.get(kid)
        if key is None:
            raise SealBroken(f"session {session_id}: sealed with key {kid!r}, the ring has {', '.join(self._keys)}")
        return AESGCM(hmac.digest(key, f"{purpose}|{session_id}".encode(), "sha256"))


def _place(session_id: SessionId, kid: str) -> bytes:
    return f"{session_id}|{kid}".encode()


def put_back(path: Path, content: bytes) -> None:
    """Write the ring's file as it was kept elsewhere.

    Raises:
        KeyRingRefused: there is another one already, or it is not a key ring.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(path, content)
    KeyRing.open(path)
    if path.read_bytes() != content:
        raise KeyRingRefused(f"{path} holds the keys of another installation: expected a data directory without any")


def make(path: Path) -> None:
    """Write a new ring.

    Raises:
        KeyRingRefused: there is something already.
    """
    if path.exists():
        raise KeyRingRefused(f"{path} is there already: a ring that is replaced takes every Session's content along")
    _create(path)


def _create(path: Path) -> None:
    _write(path, msgspec.json.encode({token_hex(KID_LENGTH // 2): b64encode(token_bytes(KEY_BYTES)).decode()}))


def _write(path: Path, content: bytes) -> None:
    draft = path.with_name(f"{path.name}.{token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # not a rename: of two processes that start at once, the second keeps the first's keys
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)  # keys that vanish with the power would take every Session's content along
    finally:
        os.close(directory)
