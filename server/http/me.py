"""Who asks: /api/me and signing out. `Reception` is what other handlers ask for the person.

Rules: protocol/SPEC.md, HS8, HS9 and HS17.
"""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from protocol.account import Locale, Policy
from protocol.base import Name, PersonId, Record
from server.auth.browser import find_token, is_same_origin, take_token
from server.http.problems import HttpProblem
from server.ports import Audit, SignIns
from server.settings import Settings
from session_engine.context import Actor, PersonRole


class Person(Record, frozen=True, kw_only=True):
    """A person as their own browser learns of them."""

    id: PersonId
    name: Name
    roles: tuple[PersonRole, ...]
    locale: Locale


class MeAnswer(Record, frozen=True, kw_only=True):
    """Answer of /api/me."""

    person: Person
    demo: bool
    policy: Policy


def refuse_other_origins(request: Request) -> None:
    """Raises `HttpProblem` unless our own page sent the request."""
    if not is_same_origin(request):
        raise HttpProblem(HTTPStatus.FORBIDDEN, "other_origin", "this request must come from a page of this very host")


class Reception:
    """Knows people by their browsers."""

    def __init__(self, sign_ins: SignIns, audit: Audit, settings: Settings) -> None:
        self._sign_ins = sign_ins
        self._audit = audit
        self._settings = settings

    async def get_actor(self, request: Request) -> Actor:
        """Who asks. Raises `HttpProblem` 401 if nobody we know."""
        token = find_token(request)
        actor = await self._sign_ins.find_actor(token) if token else None
        if actor is None:
            raise HttpProblem(HTTPStatus.UNAUTHORIZED, "not_signed_in", "nobody is signed in at this host")
        return actor

    async def me(self, request: Request) -> Response:
        """GET /api/me"""
        actor = await self.get_actor(request)
        person = Person(id=actor.id, name=actor.name, roles=tuple(sorted(actor.roles)), locale=actor.locale)
        answer = MeAnswer(person=person, demo=self._settings.demo, policy=self._settings.policy)
        body = msgspec.json.encode(answer)
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})

    async def sign_out(self, request: Request) -> Response:
        """POST /api/sign-out"""
        refuse_other_origins(request)
        token = find_token(request)
        if token is not None and (actor := await self._sign_ins.find_actor(token)) is not None:
            await self._sign_ins.revoke(token)
            await self._audit.record(actor.id, "sign_out", actor.id, {})
        response = Response(status_code=HTTPStatus.NO_CONTENT)
        take_token(response)
        return response
