"""Passwords: hashed by argon2id, with the parameters that argon2-cffi recommends.

A hash takes a tenth of a second and 64 MiB, and is meant to: it is made in a
thread, `AT_ONCE` at a time, so that signing in cannot eat the process. Which
passwords may be chosen is `password_rules.py`.

Rules: protocol/SPEC.md, PE2 and PE4.
"""

from __future__ import annotations

import asyncio
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2


class Passwords:
    """Makes and verifies hashes."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """What is stored of it."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, normalised(password))

    async def verify(self, kept: str | None, password: str) -> bool:
        """Whether it is the one that was hashed. With nothing to compare, the same is done, and the answer is no."""
        # For everybody, since the first of a process waits for it.
        nobodys = await self._nobodys_hash()
        async with self._turns:
            is_it = await asyncio.to_thread(self._is_of, kept or nobodys, password)
        return is_it and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether it was made with other parameters than one would be made with now."""
        return self._hasher.check_needs_rehash(kept)

    async def _nobodys_hash(self) -> str:
        if self._nobodys is None:
            self._nobodys = await self.hash("")
        return self._nobodys

    def _is_of(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, normalised(password))
        except (VerificationError, InvalidHashError):
            return False


def normalised(password: str) -> str:
    """The same for the same characters, however a keyboard composes them."""
    return unicodedata.normalize("NFC", password)
