"""What happens to every request of the API before its handler is called, in this one place.

In this order: who asks, by a Bearer token and by nothing else; how often;
whether the token has the operation's scope; whether path, query and body
have the shape that the operation asks for; whether it was asked before.

Rules: protocol/SPEC.md, AT5, AT6 and AP2 to AP7.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from protocol.api import ProblemCode
from server.api_ports import AnswerBook, ApiCaller, KeptAnswer, KeyInUse, KeyReused
from server.http.body import MOST_BYTES
from server.http.problems import HttpProblem
from server.http.v1.operation import Answered, ApiParts, Call, Operation, no
from server.http.v1.rate import Rates

KEY = re.compile(r"[\x21-\x7e]{1,255}")
JSON = "application/json"


class ApiDoor:
    """Lets requests through to the handlers of one installation."""

    def __init__(self, parts: ApiParts, answers: AnswerBook, rates: Rates) -> None:
        self._parts = parts
        self._answers = answers
        self._rates = rates

    def endpoint(self, operations: Mapping[str, Operation]) -> Callable[[Request], Awaitable[Response]]:
        """What one path does: its operations by method."""

        async def answer(request: Request) -> Response:
            method = "GET" if request.method == "HEAD" else request.method
            return await self._do(operations[method], request)

        return answer

    async def _do(self, operation: Operation, request: Request) -> Response:
        caller, token = await self._caller(request)
        self._rates.take(caller.id)
        if operation.scope not in caller.scopes:
            detail = f"{operation.name} asks for the scope {operation.scope}"
            raise no(ProblemCode.SCOPE_MISSING, detail, {"WWW-Authenticate": f'Bearer scope="{operation.scope}"'})
        places = _places(operation, request)
        asked = _asked(operation, request)
        body, text = await _body(operation, request)
        key = _key(request) if operation.method == "POST" else None
        fingerprint = _digest(operation.method, request.url.path, request.url.query, text)
        call = Call(
            caller=caller,
            places=places,
            asked=asked,
            body=body,
            key=None if key is None else _digest("key", caller.id, key),
            fingerprint=fingerprint,
        )
        if key is None or operation.is_in_log:
            return _response(await self._handled(operation, call))
        return await self._once(operation, call, token, key)

    async def _caller(self, request: Request) -> tuple[ApiCaller, str]:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            detail = "expected the header `Authorization: Bearer sc_…` with a token of this installation"
            raise no(ProblemCode.TOKEN_MISSING, detail, {"WWW-Authenticate": "Bearer"})
        caller = await self._parts.tokens.find_caller(token.strip())
        if caller is None:
            detail = "the token was never made here, was revoked, or has expired"
            raise no(ProblemCode.TOKEN_UNKNOWN, detail, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
        return caller, token.strip()

    async def _handled(self, operation: Operation, call: Call) -> KeptAnswer:
        body = await operation.handler(self._parts, call)
        status = operation.status
        if isinstance(body, Answered):
            status, body = body.status, body.body
        return KeptAnswer(status=status, body=b"" if body is None else msgspec.json.encode(body))

    async def _once(self, operation: Operation, call: Call, token: str, key: str) -> Response:
        try:
            kept = await self._answers.begin(token, key, call.fingerprint)
        except KeyReused:
            raise no(ProblemCode.KEY_REUSED, "this idempotency key was used for another request") from None
        except KeyInUse:
            detail = "the first request of this idempotency key is still under way"
            raise no(ProblemCode.KEY_IN_USE, detail, {"Retry-After": "1"}) from None
        if kept is None:
            try:
                kept = await self._handled(operation, call)
            except BaseException:
                # What is refused changed nothing, and may be right the next time.
                await self._answers.give_up(token, key)
                raise
            await self._answers.finish(token, key, kept)
        return _response(kept)


def _places(operation: Operation, request: Request) -> Mapping[str, str]:
    places: dict[str, str] = request.path_params
    for name, (shape, code) in operation.places.items():
        try:
            msgspec.convert(places[name], shape)
        except msgspec.ValidationError:
            raise no(code, f"{name}: there is nothing of such a name") from None
    return places


def _asked(operation: Operation, request: Request) -> Any:
    given = request.query_params.multi_items()
    if operation.asked is None:
        if given:
            raise no(ProblemCode.BAD_PARAMETER, f"{given[0][0][:40]}: expected no parameter")
        return None
    names = [name for name, _ in given]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise no(ProblemCode.BAD_PARAMETER, f"{twice[:40]}: expected once")
    try:
        return msgspec.convert(dict(given), operation.asked, strict=False)
    except msgspec.ValidationError as error:
        raise no(ProblemCode.BAD_PARAMETER, str(error)) from None


async def _body(operation: Operation, request: Request) -> tuple[Any, bytes]:
    text = bytearray()
    async for chunk in request.stream():
        text += chunk
        if len(text) > MOST_BYTES:
            raise HttpProblem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, ProblemCode.TOO_LARGE, f"expected at most {MOST_BYTES} bytes"
            )
    if operation.body is None:
        return None, b""
    if not text and not operation.needs_body:
        return operation.body(), b""
    try:
        return msgspec.json.decode(bytes(text), type=operation.body), bytes(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise no(ProblemCode.BAD_BODY, str(error)) from None


def _key(request: Request) -> str | None:
    text = request.headers.get("idempotency-key")
    if text is None:
        return None
    # A string of RFC 9651, as the draft has it, or just as it is.
    key = text.strip().removeprefix('"').removesuffix('"')
    if KEY.fullmatch(key) is None:
        raise no(ProblemCode.BAD_KEY, "Idempotency-Key: expected 1 to 255 visible characters of ASCII")
    return key


def _response(kept: KeptAnswer) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(kept.body, kept.status, headers, media_type=JSON if kept.body else None)


def _digest(*parts: str | bytes) -> str:
    told = hashlib.sha256()
    for part in parts:
        each = part.encode() if isinstance(part, str) else part
        told.update(len(each).to_bytes(8, "big") + each)
    return told.hexdigest()
