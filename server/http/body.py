"""What a request brings: bounded, decoded and checked in one place."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from starlette.requests import Request

from server.http.problems import HttpProblem

MOST_BYTES = 65_536


async def read_body(request: Request, shape: Any, most_bytes: int = MOST_BYTES, when_empty: Any = None) -> Any:
    """The body as this shape, or `when_empty`, if that is given. Raises `HttpProblem` 413 too large, 400 wrong."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            raise HttpProblem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", f"expected at most {most_bytes} bytes")
    if not body and when_empty is not None:
        return when_empty
    try:
        return msgspec.json.decode(bytes(body), type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise HttpProblem(HTTPStatus.BAD_REQUEST, "bad_body", str(error)) from None
