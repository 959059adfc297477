"""What an API token looks like: a prefix that scanners for leaked secrets know, 256 random bits, and a checksum.

The checksum lets whoever finds one tell it from other text, and lets the
server refuse what was never a token without asking the database.

Rules: protocol/SPEC.md, AT1.
"""

from __future__ import annotations

import secrets
import string
import zlib

PREFIX = "sc_"
SIGNS = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM_SIGNS = 43
"""62^43 is more than 2^256."""
CHECK_SIGNS = 6
HINT_SIGNS = 8


def draw_token() -> str:
    """A new one."""
    drawn = "".join(secrets.choice(SIGNS) for _ in range(RANDOM_SIGNS))
    return PREFIX + drawn + _checksum(drawn)


def is_token(text: str) -> bool:
    """Whether it has the form of a token."""
    drawn, check = text[len(PREFIX) : -CHECK_SIGNS], text[-CHECK_SIGNS:]
    return text.startswith(PREFIX) and len(drawn) == RANDOM_SIGNS and text.isascii() and check == _checksum(drawn)


def hint_of(token: str) -> str:
    """How it begins: enough for a person to know it again, of no use to anybody else."""
    return token[:HINT_SIGNS]


def _checksum(drawn: str) -> str:
    number, signs = zlib.crc32(drawn.encode()), ""
    while len(signs) < CHECK_SIGNS:
        number, place = divmod(number, len(SIGNS))
        signs = SIGNS[place] + signs
    return signs
