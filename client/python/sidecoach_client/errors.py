"""Why a request was not done: problem details (RFC 9457) as exceptions."""

from __future__ import annotations


class ApiError(Exception):
    """The request was not done. `code` is stable and for programs, the text for people."""

    def __init__(self, status: int | None, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        """None if no answer came."""
        self.code = code


class NotAllowed(ApiError):
    """401 or 403: the token is none, was revoked, or may not do this."""


class NotFound(ApiError):
    """404: there is nothing of this name that the token may see."""


class Conflict(ApiError):
    """409: not in the state that things are in."""


class Invalid(ApiError):
    """400, 413 or 422: the request cannot be meant so."""


class RateLimited(ApiError):
    """429, after the last try: too many requests."""


class Unavailable(ApiError):
    """503 or no answer, after the last try. Whether it was done is not known: ask again with the same key."""


def error_of(status: int, code: str, detail: str) -> ApiError:
    """The exception of an answer."""
    match status:
        case 401 | 403:
            return NotAllowed(status, code, detail)
        case 404:
            return NotFound(status, code, detail)
        case 409:
            return Conflict(status, code, detail)
        case 400 | 413 | 422:
            return Invalid(status, code, detail)
        case 429:
            return RateLimited(status, code, detail)
        case 503:
            return Unavailable(status, code, detail)
        case _:
            return ApiError(status, code, detail)
