"""How HTTP says no: problem details (RFC 9457), with a stable `code` for programs."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from protocol.base import Record
from server.ports import Unavailable


class ProblemDetails(Record, frozen=True, kw_only=True):
    """The body of such an answer."""

    title: str
    status: int
    code: str
    detail: str


class HttpProblem(Exception):
    """The request is answered with this problem."""

    def __init__(self, status: HTTPStatus, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers


def problem(status: HTTPStatus, code: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """The answer."""
    body = ProblemDetails(title=status.phrase, status=status.value, code=code, detail=detail)
    return Response(msgspec.json.encode(body), status.value, headers, media_type="application/problem+json")


async def answer_http_problem(_: Request, error: Exception) -> Response:
    """What a handler raised on purpose."""
    assert isinstance(error, HttpProblem)
    return problem(error.status, error.code, error.detail, error.headers)


async def answer_http_exception(request: Request, error: Exception) -> Response:
    """What routing raised: no such address, no such method."""
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    detail = f"{request.method} {request.url.path}: {status.phrase.lower()}"
    return problem(status, status.name.lower(), detail, error.headers)


async def answer_unavailable(_: Request, error: Exception) -> Response:
    """SQL or the store is out of reach: nothing is wrong with the request."""
    assert isinstance(error, Unavailable)
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", f"{error}; try again", {"Retry-After": "2"})


PROBLEM_ANSWERS = {
    HttpProblem: answer_http_problem,
    HTTPException: answer_http_exception,
    Unavailable: answer_unavailable,
}
