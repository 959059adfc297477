"""Which headers a request may carry, and what may stand in them.

An allow-list: headers that frame the message, that name another host, or that
a proxy in front of a receiver believes, are not on it.

Rules: protocol/SPEC.md, IN6.
"""

from __future__ import annotations

import re

HEADERS = frozenset(
    {
        "accept", "accept-language", "api-key", "apikey", "authorization", "content-language", "content-type",
        "idempotency-key", "if-match", "if-none-match", "if-unmodified-since", "prefer", "private-token",
        "webhook-id", "webhook-signature", "webhook-timestamp",
    }
)  # fmt: skip
OWN_HEADER = re.compile(r"x-(?!forwarded|real-ip|original|rewrite|http-method|method-override)[a-z0-9-]{1,60}")
"""Not those that proxies in front of a receiver believe."""
VALUE = re.compile(r"[\x20-\x7e\t]*")


def header_problem(name: str, value: str) -> str | None:
    """What is wrong with a header, or nothing."""
    if name.lower() not in HEADERS and OWN_HEADER.fullmatch(name.lower()) is None:
        return "expected a header's name that may be set: Accept, Prefer, If-Match, X-…"
    if VALUE.fullmatch(value) is None:
        return "expected one line of ASCII"
    return None
