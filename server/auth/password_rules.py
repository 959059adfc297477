"""Which passwords may be chosen: long ones that nobody tries first.

No rule asks for signs or digits. A password is refused if little of it is
left without what is guessed first: a common password (`common_passwords.txt`),
the person's own name and e-mail address, or a few characters over and over.
The list is the 10,000 most frequent ones of 6 and more characters that are not
only digits, of zxcvbn's (MIT licence, `common_passwords.LICENSE`).

Rules: protocol/SPEC.md, PE4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from pathlib import Path

from server.auth.passwords import normalised

AT_LEAST = 12
AT_MOST = 1_000
LEFT_AT_LEAST = 7
"""Characters besides what is guessed first; digits in a row count as one, since they are what is added first."""
DIFFERENT_AT_LEAST = 5
OWN_AT_LEAST = 4
"""A shorter part of one's name or address is in too many words."""
COMMON_FROM, COMMON_TO = 6, 20
"""How long the passwords of the list are."""

LEET = str.maketrans("@4310$5!7", "aaeiossit")
COMMON_LIST = Path(__file__).with_name("common_passwords.txt")


def password_problem(password: str, name: str, email: str | None) -> str | None:
    """What was expected instead, if it may not be chosen."""
    text = normalised(password)
    if not AT_LEAST <= len(text) <= AT_MOST:
        return f"expected {AT_LEAST} to {AT_MOST:,} characters; several words that do not belong together are good"
    folded = text.casefold()
    if len(set(folded)) < DIFFERENT_AT_LEAST or _is_repeated(folded) or _is_row(folded) or folded.isdigit():
        return "expected more than digits alone, a row, or a few characters over and over"
    own = {part for part in re.split(r"[\W_]+", f"{name} {email or ''}".casefold()) if len(part) >= OWN_AT_LEAST}
    if _left(folded, own) < LEFT_AT_LEAST:
        return "expected something else than your name or e-mail address"
    if any(_left(each, _longest_common_in(each)) < LEFT_AT_LEAST for each in (folded, folded.translate(LEET))):
        return "expected something else than a common password; several words that do not belong together are good"
    return None


def _is_repeated(text: str) -> bool:
    return text in (text + text)[1:-1]


def _is_row(text: str) -> bool:
    """Such as abcdefgh."""
    return len({ord(after) - ord(before) for before, after in pairwise(text)}) == 1


def _left(text: str, guessed: Iterable[str]) -> int:
    # The longest first: a shorter one inside of it must not break it up.
    for word in sorted(guessed, key=len, reverse=True):
        text = text.replace(word, "")
    return len(re.sub(r"\d+", "0", re.sub(r"[\W_]+", "", text)))


def _longest_common_in(text: str) -> list[str]:
    """One only: several words that are common each are what is recommended."""
    text = text[: AT_LEAST * 4]  # whatever is longer has enough besides
    ends = ((start, start + size) for size in range(COMMON_TO, COMMON_FROM - 1, -1) for start in range(len(text)))
    return next(([text[start:end]] for start, end in ends if text[start:end] in _common()), [])


@cache
def _common() -> frozenset[str]:
    return frozenset(COMMON_LIST.read_text(encoding="ascii").split())
