"""Credentials taken out of texts by their value, whatever form they come back in.

Receivers echo requests, and libraries put addresses into their errors: no
list of places to look at would be complete, so every text that leaves the
sender goes through here.

Rules: protocol/SPEC.md, IN8.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

REMOVED = "[removed]"
SHORTEST = 4
"""Shorter values would take common letters out of every text, and protect nothing."""
SCHEME_AND_TOKEN = re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)


class Redaction:
    """Takes one Connection's credentials out of whatever is to be kept."""

    def __init__(self, secrets: Iterable[str], usernames: Iterable[str] = ()) -> None:
        names = tuple(usernames)
        forms = {form for secret in secrets for form in _forms(secret, names) if len(form) >= SHORTEST}
        # Longest first: a short secret may be a part of a long one.
        found = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
        self._forms = re.compile(found) if found else None

    def __call__(self, text: str) -> str:
        """The text without them."""
        if self._forms is not None:
            text = self._forms.sub(REMOVED, text)
        return SCHEME_AND_TOKEN.sub(rf"\1 {REMOVED}", text)

    def of_values(self, value: Any) -> Any:
        """The same for every text in a JSON value."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, Mapping):
            return {self(str(key)): self.of_values(held) for key, held in value.items()}
        if isinstance(value, list | tuple):
            return [self.of_values(held) for held in value]
        return value

    def __repr__(self) -> str:
        return "Redaction()"


def _forms(secret: str, usernames: tuple[str, ...]) -> Iterator[str]:
    """As it is, each word of it, and as URLs, JSON and Basic credentials write it."""
    for part in {secret, *secret.split()}:
        yield part
        yield quote(part, safe="")
        yield quote_plus(part)
        yield json.dumps(part)[1:-1]
        yield json.dumps(part, ensure_ascii=False)[1:-1]
        yield base64.b64encode(part.encode()).decode()
        for username in usernames:
            yield base64.b64encode(f"{username}:{part}".encode()).decode()
