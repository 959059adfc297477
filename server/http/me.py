"""Who asks: /api/me, how they read and write, and signing out. `Reception` is what other handlers ask for the person.

Rules: protocol/SPEC.md, HS8, HS9, HS17, HS33, PE16 and EM3.
"""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from protocol.account import Locale, Policy
from protocol.base import Name, PersonId, Record
from server.auth.browser import find_token, is_same_origin, take_token
from server.auth.proof import Proofs
from server.house import House
from server.http.body import read_body
from server.http.problems import HttpProblem
from server.people_ports import People, SignIns
from server.settings import Settings
from session_engine.context import Actor, Permission, PersonRole
from session_engine.values.places import locale_problem


class Person(Record, frozen=True, kw_only=True):
    """A person as their own browser learns of them."""

    id: PersonId
    name: Name
    email: str | None
    has_password: bool
    roles: tuple[PersonRole, ...]
    permissions: tuple[Permission, ...]
    has_team: bool
    locale: Locale


class MeAnswer(Record, frozen=True, kw_only=True):
    """Answer of /api/me."""

    person: Person
    way: str
    """How this browser was signed in: `password`, `link`, `oidc`; empty if nobody knows any more."""
    csrf: str | None
    """What requests that change something have to bring as X-CSRF-Token; null where none is asked for."""
    house: Name
    demo: bool
    policy: Policy


def refuse_other_origins(request: Request) -> None:
    """Raises `HttpProblem` unless our own page sent the request."""
    if not is_same_origin(request):
        raise HttpProblem(HTTPStatus.FORBIDDEN, "other_origin", "this request must come from a page of this very host")


class Reception:
    """Knows people by their browsers."""

    def __init__(
        self, sign_ins: SignIns, people: People, house: House, settings: Settings, proofs: Proofs | None
    ) -> None:
        self._sign_ins = sign_ins
        self._people = people
        self._house = house
        self._settings = settings
        self._proofs = proofs

    async def get_actor(self, request: Request, *, is_read_now: bool = False) -> Actor:
        """Who asks. Raises `HttpProblem` 401 if nobody we know."""
        token = find_token(request)
        actor: Actor | None = None
        if token and is_read_now:
            actor = (await self._sign_ins.find_actors([token])).get(token)
        elif token:
            actor = await self._sign_ins.find_actor(token)
        if actor is None:
            raise _not_signed_in()
        return actor

    async def me(self, request: Request) -> Response:
        """GET /api/me, read now: what was changed a moment ago shows."""
        actor = await self.get_actor(request, is_read_now=True)
        token = find_token(request) or ""
        standing = await self._sign_ins.standing(token)
        if standing is None:
            raise _not_signed_in()
        person = Person(
            id=actor.id,
            name=actor.name,
            email=standing.email,
            has_password=standing.has_password,
            roles=tuple(sorted(actor.roles)),
            permissions=tuple(sorted(actor.permissions)),
            has_team=bool(actor.team_ids),
            locale=actor.locale,
        )
        answer = MeAnswer(
            person=person,
            way=standing.way,
            csrf=None if self._proofs is None else self._proofs.of(token),
            demo=self._settings.demo,
            house=self._house.now.name,
            policy=self._house.policy(),
        )
        body = msgspec.json.encode(answer)
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})

    async def set_locale(self, request: Request) -> Response:
        """PUT /api/me/locale: a `Locale`, or null for the installation's"""
        refuse_other_origins(request)
        actor = await self.get_actor(request)
        locale = await read_body(request, Locale | None)
        expected = None if locale is None else locale_problem(locale)
        if expected is not None:
            raise HttpProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "unknown_locale", f"expected {expected}")
        await self._people.set_locale(actor.id, locale)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def sign_out(self, request: Request) -> Response:
        """POST /api/sign-out"""
        refuse_other_origins(request)
        token = find_token(request)
        if token is not None:
            await self._sign_ins.revoke(token)
        response = Response(status_code=HTTPStatus.NO_CONTENT)
        take_token(response, self._settings)
        return response


def require_role(actor: Actor, roles: frozenset[PersonRole]) -> None:
    """Raises `HttpProblem` 403 unless the actor has one of these."""
    if actor.roles.isdisjoint(roles):
        raise HttpProblem(HTTPStatus.FORBIDDEN, "not_allowed", f"expected one of the roles {', '.join(sorted(roles))}")


def _not_signed_in() -> HttpProblem:
    return HttpProblem(HTTPStatus.UNAUTHORIZED, "not_signed_in", "nobody is signed in at this host")
