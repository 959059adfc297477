"""What holds for every HTTP answer: our host or none, and headers that say to whom a page may be shown.

Rules: protocol/SPEC.md, HS16, HS21, EM1 and EM3.
"""

from __future__ import annotations

import secrets
from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.auth.browser import is_our_host
from server.auth.proof import Proofs
from server.http.problems import problem
from server.http.static import NONCE
from server.settings import Settings

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        # Style sheets that the page's own code makes carry the nonce; what stands in markup is ignored.
        "style-src 'self' 'nonce-{nonce}'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


PROBED = {"/healthz", "/readyz"}
"""Asked by load balancers, which name no host that we know."""


class Guard:
    """ASGI middleware around everything; websockets pass, the gateway has its own checks."""

    def __init__(self, app: ASGIApp, settings: Settings, proofs: Proofs | None) -> None:
        self._app = app
        self._settings = settings
        self._proofs = proofs
        ancestors = " ".join(settings.frame_ancestors or ("'none'",))
        self._policy = f"{CONTENT_SECURITY_POLICY}; frame-ancestors {ancestors}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        nonce = secrets.token_urlsafe(16)
        scope[NONCE] = nonce

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(SECURITY_HEADERS)
                headers["Content-Security-Policy"] = self._policy.replace("{nonce}", nonce)
            await send(message)

        app = self._app
        if scope["path"] not in PROBED and not is_our_host(HTTPConnection(scope), self._settings):
            app = problem(HTTPStatus.MISDIRECTED_REQUEST, "unknown_host", "this installation does not go by that host")
        elif self._proofs is not None and not self._proofs.holds(HTTPConnection(scope)):
            detail = "expected the X-CSRF-Token that /api/me tells this sign-in"
            app = problem(HTTPStatus.FORBIDDEN, "no_proof", detail)
        await app(scope, receive, send_with_headers)
