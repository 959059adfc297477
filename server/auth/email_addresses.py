"""E-mail addresses as people are known by: in one form, so that one address is one person.

Rules: protocol/SPEC.md, PE1.
"""

from __future__ import annotations

import re
import unicodedata

AT_MOST = 320


def folded_email(text: str) -> str:
    """Without what makes no difference: surrounding spaces, and case."""
    return unicodedata.normalize("NFC", text.strip().casefold())


def is_email(folded: str) -> bool:
    """Whether it may be one; whether it is, only mail could tell."""
    is_of_form = re.fullmatch(r"[^@\s]+@[^@\s]+", folded) is not None
    return is_of_form and folded.isprintable() and len(folded) <= AT_MOST
