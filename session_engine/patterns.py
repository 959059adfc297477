"""An author's patterns: RE2 syntax, matched in time linear in the text.

The standard library's `re` can take hours over 30 characters, which one Field
would be enough for to stop a whole process.

Rules: protocol/SPEC.md, FD3 and WF6.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.never_capture = True
# 128 KiB: about 5,000 instructions. Over 10,000 characters ordinary patterns take microseconds and the worst that
# could be thought of 2 s; with RE2's own 8 MiB the worst took 35 s.
_OPTIONS.max_mem = 128 * 1024


def find_flaw(pattern: str) -> str | None:
    """Why this is no pattern; None if it is one."""
    try:
        _compiled(pattern)
    except re2.error as error:
        return str(error.args[0], "utf-8", "replace")
    return None


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text fits a pattern without flaw."""
    return _compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> Any:
    return re2.compile(pattern, _OPTIONS)
