"""What an operation of the API is, what its handler gets, and every way in which it may say no.

Which operations there are is `operations.py`; what is done before a handler
is called is `door.py`.

Rules: protocol/SPEC.md, AP1 and AP8.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import msgspec

from protocol.account import Locale
from protocol.api import ProblemCode
from protocol.api_tokens import Scope
from protocol.base import Key
from server.api_ports import ApiCaller, ApiTokens
from server.http.problems import HttpProblem
from server.people_ports import Audit, Roster
from server.ports import Catalog, Connections, SessionTable
from server.settings import Settings
from server.submit import Submit
from server.vacating import Vacating


@dataclass(frozen=True, slots=True)
class ApiParts:
    """What the handlers work with."""

    settings: Settings
    locale: Callable[[], Locale]
    """Of who has none of their own."""
    tokens: ApiTokens
    submit: Submit
    catalog: Catalog
    sessions: SessionTable
    roster: Roster
    vacating: Vacating
    connections: Connections
    integrations: frozenset[Key]
    audit: Audit


@dataclass(frozen=True, slots=True)
class Call:
    """One request that may be done: the token has the scope, and everything has the shape that was asked for."""

    caller: ApiCaller
    places: Mapping[str, str]
    """Parts of the path, by name."""
    asked: Any
    """The query, as the operation's `asked`."""
    body: Any
    """As the operation's `body`."""
    key: str | None
    """What makes this request the same as an earlier one: of idempotency key and token."""
    fingerprint: str
    """Of everything that was asked."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer with another status than the operation's first."""

    status: HTTPStatus
    body: Any


Handler = Callable[[ApiParts, Call], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One row of the table."""

    name: str
    method: str
    path: str
    scope: Scope
    summary: str
    handler: Handler
    answers: Mapping[HTTPStatus, Any]
    """By status; the first one is the usual."""
    asked: type | None = None
    body: type | None = None
    places: Mapping[str, tuple[Any, ProblemCode]] = field(default_factory=dict)
    """By part of the path: its type, and which problem it is if it is of no such type."""
    problems: tuple[ProblemCode, ...] = ()
    """Beyond those that every operation may answer."""
    is_in_log: bool = False
    """A repeat is known by the Session's own log; of other POSTs the answer is kept."""

    @property
    def needs_body(self) -> bool:
        """Whether a request without any body says too little."""
        return self.body is not None and any(each.required for each in msgspec.structs.fields(self.body))

    @property
    def status(self) -> HTTPStatus:
        """The usual one."""
        return next(iter(self.answers))


PROBLEMS: dict[ProblemCode, tuple[HTTPStatus, str]] = {
    ProblemCode.TOKEN_MISSING: (HTTPStatus.UNAUTHORIZED, "No token was sent; expected `Authorization: Bearer sc_…`."),
    ProblemCode.TOKEN_UNKNOWN: (HTTPStatus.UNAUTHORIZED, "The token was never made, was revoked, or has expired."),
    ProblemCode.SCOPE_MISSING: (HTTPStatus.FORBIDDEN, "The token has not the scope that the operation asks for."),
    ProblemCode.NOT_ALLOWED: (HTTPStatus.FORBIDDEN, "No token may do this."),
    ProblemCode.BAD_PARAMETER: (HTTPStatus.BAD_REQUEST, "A parameter is unknown, or not of the form that is expected."),
    ProblemCode.BAD_BODY: (HTTPStatus.BAD_REQUEST, "The body is not JSON of the form that is expected."),
    ProblemCode.TOO_LARGE: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is larger than 64 KiB."),
    ProblemCode.BAD_KEY: (HTTPStatus.BAD_REQUEST, "Idempotency-Key: expected 1 to 255 visible characters of ASCII."),
    ProblemCode.KEY_REUSED: (HTTPStatus.UNPROCESSABLE_ENTITY, "The idempotency key was used for another request."),
    ProblemCode.KEY_IN_USE: (HTTPStatus.CONFLICT, "The first request of this idempotency key is still under way."),
    ProblemCode.RATE_LIMITED: (HTTPStatus.TOO_MANY_REQUESTS, "Too many requests; `Retry-After` says how long to wait."),
    ProblemCode.UNAVAILABLE: (HTTPStatus.SERVICE_UNAVAILABLE, "A store is out of reach; nothing is wrong with this."),
    ProblemCode.NOT_FOUND: (HTTPStatus.NOT_FOUND, "There is no such address."),
    ProblemCode.METHOD_NOT_ALLOWED: (HTTPStatus.METHOD_NOT_ALLOWED, "The address has no such method."),
    ProblemCode.UNKNOWN_WORKFLOW: (HTTPStatus.NOT_FOUND, "No Workflow of this key is offered."),
    ProblemCode.UNKNOWN_VERSION: (HTTPStatus.NOT_FOUND, "There is no such published version."),
    ProblemCode.UNKNOWN_SESSION: (HTTPStatus.NOT_FOUND, "There is no such Session that the token may see."),
    ProblemCode.UNKNOWN_PERSON: (HTTPStatus.NOT_FOUND, "There is no such person, or not where they are needed."),
    ProblemCode.UNKNOWN_TEAM: (HTTPStatus.UNPROCESSABLE_ENTITY, "There is no such team."),
    ProblemCode.UNKNOWN_FIELD: (HTTPStatus.UNPROCESSABLE_ENTITY, "The Workflow has no such Field."),
    ProblemCode.BAD_CONTENT: (HTTPStatus.UNPROCESSABLE_ENTITY, "No input of this Field's type can hold such a value."),
    ProblemCode.UNKNOWN_SECTION: (HTTPStatus.UNPROCESSABLE_ENTITY, "The Workflow has no first Section."),
    ProblemCode.EXTERNAL_ID_TAKEN: (HTTPStatus.CONFLICT, "Another Session, which the token may not see, has this id."),
    ProblemCode.SESSION_GONE: (HTTPStatus.CONFLICT, "The Session of this external id, or of this key, was deleted."),
    ProblemCode.FINISHED: (HTTPStatus.CONFLICT, "The Session is finished."),
    ProblemCode.NOT_ACTIVE: (HTTPStatus.CONFLICT, "The Session is paused."),
    ProblemCode.NOT_PAUSED: (HTTPStatus.CONFLICT, "The Session is not paused."),
    ProblemCode.VERSION_RECALLED: (HTTPStatus.CONFLICT, "Its version was recalled: end it, or let a person go on."),
    ProblemCode.UNKNOWN_REASON: (HTTPStatus.UNPROCESSABLE_ENTITY, "The reason is not on the installation's list."),
    ProblemCode.EMAIL_TAKEN: (HTTPStatus.CONFLICT, "Somebody is known by this e-mail address."),
    ProblemCode.BAD_NAME: (HTTPStatus.UNPROCESSABLE_ENTITY, "A name is one line of text."),
    ProblemCode.BAD_EMAIL: (HTTPStatus.UNPROCESSABLE_ENTITY, "Expected an address such as ana@example.org."),
}  # fmt: skip
"""What each code means, and the status that it comes with."""

ALWAYS = (
    ProblemCode.TOKEN_MISSING,
    ProblemCode.TOKEN_UNKNOWN,
    ProblemCode.SCOPE_MISSING,
    ProblemCode.BAD_PARAMETER,
    ProblemCode.RATE_LIMITED,
    ProblemCode.UNAVAILABLE,
)
"""What every operation may answer."""
WITH_BODY = (ProblemCode.BAD_BODY, ProblemCode.TOO_LARGE)
ON_POST = (ProblemCode.BAD_KEY, ProblemCode.KEY_REUSED, ProblemCode.KEY_IN_USE)


def problems_of(operation: Operation) -> tuple[ProblemCode, ...]:
    """All that it may answer."""
    with_body = WITH_BODY if operation.body is not None else ()
    on_post = ON_POST if operation.method == "POST" else ()
    # A name with a slash or a line break in it makes another address.
    of_path = (ProblemCode.NOT_FOUND,) if operation.places else ()
    return tuple(dict.fromkeys((*ALWAYS, *with_body, *on_post, *operation.problems, *of_path)))


def no(code: ProblemCode, detail: str, headers: Mapping[str, str] | None = None) -> HttpProblem:
    """The answer, with the status of its code."""
    return HttpProblem(PROBLEMS[code][0], code, detail, headers)
