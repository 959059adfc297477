"""What a supervisor or load balancer asks: is the process alive, should it get traffic.

Rules: protocol/SPEC.md, HS19.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from protocol.base import Record
from server.http.problems import problem

Check = Callable[[], Awaitable[object]]


class HealthAnswer(Record, frozen=True, kw_only=True):
    """Answer of both."""

    process: str


class Health:
    """One process's condition; whoever drains it says so here."""

    def __init__(self, process: str, checks: tuple[Check, ...]) -> None:
        self._process = process
        self._checks = checks
        self.is_draining = False

    async def healthz(self, _: Request) -> Response:
        """GET /healthz"""
        return self._well()

    async def readyz(self, _: Request) -> Response:
        """GET /readyz: what cannot be reached raises `Unavailable`, which is answered 503."""
        if self.is_draining:
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, "draining", f"{self._process} is about to stop")
        for check in self._checks:
            await check()
        return self._well()

    def _well(self) -> Response:
        body = msgspec.json.encode(HealthAnswer(process=self._process))
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})
