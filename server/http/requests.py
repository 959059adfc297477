"""Every HTTP request has an id, is counted, and is told of if it failed.

Rules: protocol/SPEC.md, OP7.
"""

from __future__ import annotations

import logging
import re
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.http.guard import PROBED
from server.log import REQUEST_ID
from server.watching import figures, tracing

log = logging.getLogger(__name__)

HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")
"""Of a proxy that draws one; anything else is not repeated in a log."""


class RequestWatch:
    """ASGI middleware around everything else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        request_id = given if WELL_FORMED.fullmatch(given) else secrets.token_hex(8)
        token = REQUEST_ID.set(request_id)
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        try:
            if tracing.tracer is None or scope["path"] in PROBED:
                await self._app(scope, receive, send_with_id)
            else:
                with tracing.tracer.request(scope["method"], Headers(scope=scope)) as span:
                    await self._app(scope, receive, send_with_id)
                    tracing.mark_answer(span, scope["method"], route_of(scope), status)
        except Exception as error:
            # The traceback is uvicorn's to tell.
            log.error("http.failed method=%s route=%s error=%s", scope["method"], route_of(scope), type(error).__name__)
            raise
        finally:
            figures.HTTP.count(str(status))
            REQUEST_ID.reset(token)


def route_of(scope: Scope) -> str:
    """The address as the table of routes has it: what stands in its place may be an id or a customer's number."""
    return str(getattr(scope.get("route"), "path", "unknown"))
