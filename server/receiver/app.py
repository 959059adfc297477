"""The receiver's HTTP: hooks that take deliveries, the API that looks and misbehaves, and the page.

Nobody signs in: `process.py` listens on loopback only, and a request that names
another host, or comes from another site's page, is refused.

Rules: protocol/SPEC.md, RX1 to RX9.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.auth.browser import host_name
from server.http.body import read_body
from server.http.problems import PROBLEM_ANSWERS, HttpProblem, problem
from server.receiver.behaviour import Behaviour, Conduct, HookName, Misbehaviour
from server.receiver.deliveries import Arrivals, Delivery, readable
from server.receiver.verification import Signature, Verdict, judge
from server.settings import is_loopback

PAGE = Path(__file__).parent / "page"

MOST_BYTES = 1_048_576
"""Of one delivery: four times what Actions send."""

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

SECURITY_HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """ASGI middleware: this machine's own names only, no other site's pages, and the headers of every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        headers = HTTPConnection(scope).headers
        host, origin = headers.get("host", ""), headers.get("origin")
        app = self._app
        # A name that leads here by somebody's DNS would let their page read what was delivered.
        if not is_loopback(host_name(host)):
            app = problem(HTTPStatus.MISDIRECTED_REQUEST, "unknown_host", "the receiver answers to loopback names only")
        elif origin is not None and urlsplit(origin).netloc != host:
            app = problem(HTTPStatus.FORBIDDEN, "other_origin", "this request must come from the receiver's own page")
        await app(scope, receive, send_with_headers)


class Dropped(Response):
    """No answer: the connection is closed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Close, and stay until the server knows, or it would answer for us."""
        scope["state"]["abort"]()
        while (await receive())["type"] != "http.disconnect":
            pass


class Hooks:
    """Takes deliveries."""

    def __init__(self, arrivals: Arrivals, conduct: Conduct, keys: Sequence[bytes], stopping: asyncio.Event) -> None:
        self._arrivals = arrivals
        self._conduct = conduct
        self._keys = keys
        self._stopping = stopping

    async def deliver(self, request: Request) -> Response:
        """POST /hooks/{name}, anything /http/{name}/…"""
        name = _hook_name(request)
        body = await _read_bytes(request)
        headers = request.headers
        signature = judge(headers, body, self._keys, time.time())
        plan = self._conduct.plan(name)
        text, event = readable(body)

        tally, run = self._arrivals.deliveries, self._arrivals.run
        entry_id = headers.get("webhook-id") or headers.get("idempotency-key")
        is_repeat = tally.note(entry_id)
        is_done = signature.verdict is not Verdict.WRONG and (
            plan.misbehaviour is None or plan.misbehaviour.after_effect
        )
        entry = self._arrivals.add(
            Delivery(
                number=0,
                revision=0,
                at_ms=int(time.time() * 1_000),
                name=name,
                method=request.method,
                path=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
                id=entry_id,
                event=event,
                body=text,
                size_bytes=len(body),
                signature=signature,
                is_repeat=is_repeat,
                has_effect=is_done and tally.effect(entry_id, is_idempotent=self._conduct.behaviour.idempotent),
                answer=None,
            )
        )
        if plan.delay_s and await self._stops_within(plan.delay_s):
            return Dropped()
        said, response = _answer(entry, signature, plan.misbehaviour)
        self._arrivals.answered(entry, f"{said} after {plan.delay_s:g} s" if plan.delay_s else said, run)
        return response

    async def _stops_within(self, delay_s: float) -> bool:
        try:
            async with asyncio.timeout(delay_s):
                return await self._stopping.wait()
        except TimeoutError:
            return False


class Desk:
    """What the page and tests ask and say."""

    def __init__(self, arrivals: Arrivals, conduct: Conduct, facts: dict[str, object]) -> None:
        self._arrivals = arrivals
        self._conduct = conduct
        self._facts = facts

    async def deliveries(self, request: Request) -> Response:
        """GET /api/deliveries?after="""
        after = request.query_params.get("after", "0")
        if not after.isascii() or not after.isdigit():
            raise HttpProblem(HTTPStatus.BAD_REQUEST, "bad_after", f"after is {after!r}: expected a revision")
        return _json(self._arrivals.news(int(after)))

    async def effects(self, _: Request) -> Response:
        """GET /api/effects"""
        return _json(self._arrivals.effects)

    async def facts(self, _: Request) -> Response:
        """GET /api/receiver"""
        return _json(self._facts)

    async def clear(self, _: Request) -> Response:
        """POST /api/clear"""
        self._arrivals.clear()
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def behaviour(self, _: Request) -> Response:
        """GET /api/behaviour: with what is left of it."""
        return _json(self._conduct.behaviour)

    async def behave(self, request: Request) -> Response:
        """PUT /api/behaviour: replaces what was said before."""
        self._conduct.follow(await read_body(request, Behaviour))
        return _json(self._conduct.behaviour)


def build_receiver(
    arrivals: Arrivals,
    conduct: Conduct,
    keys: Sequence[bytes],
    mail_port: int,
    stopping: asyncio.Event,
) -> Starlette:
    """The application. It is served by `process.py`, whose connections can be dropped.

    Once `stopping` is set, nobody waits for a slow answer any longer.
    """
    hooks = Hooks(arrivals, conduct, keys, stopping)
    desk = Desk(arrivals, conduct, {"mail_port": mail_port})
    return Starlette(
        routes=[
            Route("/hooks/{name}", hooks.deliver, methods=["POST"]),
            Route("/http/{name}", hooks.deliver, methods=METHODS),
            Route("/http/{name}/{rest:path}", hooks.deliver, methods=METHODS),
            Route("/api/deliveries", desk.deliveries),
            Route("/api/effects", desk.effects),
            Route("/api/receiver", desk.facts),
            Route("/api/clear", desk.clear, methods=["POST"]),
            Route("/api/behaviour", desk.behaviour),
            Route("/api/behaviour", desk.behave, methods=["PUT"]),
            *(_file(path, name) for path, name in PAGE_FILES.items()),
        ],
        middleware=[Middleware(Guard)],
        exception_handlers=PROBLEM_ANSWERS,
    )


PAGE_FILES = {"/": "index.html"} | {
    f"/{name}": name for name in ("receiver.js", "parts.js", "receiver.css", "icon.svg")
}


def _file(path: str, name: str) -> Route:
    async def give(_: Request) -> Response:
        return FileResponse(PAGE / name)

    return Route(path, give)


def _json(content: object) -> Response:
    return Response(msgspec.json.encode(content), media_type="application/json")


def _hook_name(request: Request) -> str:
    try:
        return msgspec.convert(request.path_params["name"], HookName)
    except msgspec.ValidationError:
        raise HttpProblem(
            HTTPStatus.NOT_FOUND, "bad_name", "a hook's name is up to 64 letters, digits, dots, hyphens and underscores"
        ) from None


async def _read_bytes(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise HttpProblem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", f"expected at most {MOST_BYTES} bytes")
    return bytes(body)


def _answer(entry: Delivery, signature: Signature, misbehaviour: Misbehaviour | None) -> tuple[str, Response]:
    if misbehaviour is not None and misbehaviour.drop:
        return f"dropped {'after' if misbehaviour.after_effect else 'before'} the effect", Dropped()
    if misbehaviour is not None and misbehaviour.status is not None:
        retry_after, content = misbehaviour.retry_after, {"errors": misbehaviour.errors}
        headers = {} if retry_after is None else {"Retry-After": retry_after}
        said = str(misbehaviour.status) + ("" if retry_after is None else f", Retry-After {retry_after}")
        body = msgspec.json.encode(content) if misbehaviour.errors else b""
        return said, Response(body, misbehaviour.status, headers, media_type="application/json")
    if signature.verdict is Verdict.WRONG:
        refused = problem(HTTPStatus.UNAUTHORIZED, "bad_signature", signature.why or "")
        return "401", refused
    return "200", _json({"received": entry.number, "repeat": entry.is_repeat})
