"""Proof that a request comes from a page that could read who is signed in: an HMAC of the sign-in, told by /api/me.

Needed where a page of another site may show ours in a frame: there the cookie
comes along with what other sites send, and the Origin header is not the only
thing that stands between.

Rules: protocol/SPEC.md, EM3.
"""

from __future__ import annotations

import hmac

from starlette.requests import HTTPConnection

from server.auth.browser import find_token

HEADER = "x-csrf-token"
SAFE = {"GET", "HEAD", "OPTIONS"}
NOT_IN_ANYBODYS_NAME = {"/api/sign-in", "/api/links/look", "/api/links/use", "/api/frame-codes/use"}
"""What they do has nothing to do with who is signed in already; whoever asks has no proof yet."""


class Proofs:
    """Made and judged with a key that never leaves the server."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, token: str) -> str:
        """That of a sign-in."""
        return hmac.new(self._key, token.encode(), "sha256").hexdigest()

    def holds(self, connection: HTTPConnection) -> bool:
        """Whether the request changes nothing, acts in nobody's name, or proves where it comes from."""
        token = find_token(connection)
        if token is None or connection.scope["method"] in SAFE or connection.scope["path"] in NOT_IN_ANYBODYS_NAME:
            return True
        shown = connection.headers.get(HEADER, "")
        return hmac.compare_digest(shown.encode(), self.of(token).encode())
