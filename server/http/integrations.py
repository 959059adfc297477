"""Integrations as people see them: what there is, what is switched on, and which own networks may be reached.

Connections, which are what an Integration is used through, are
`connections.py`; reaching other systems is `server/actions/`.

Rules: protocol/SPEC.md, CO3, CO9 and CO11.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from protocol.base import Key
from protocol.connections import (
    ConnectionView,
    EgressRules,
    IntegrationChange,
    IntegrationsAnswer,
    MissingConnection,
    OfferedIntegration,
)
from server.actions.connection_forms import canonical, egress_problem
from server.actions.integrations.base import IntegrationModule
from server.http.body import read_body
from server.http.me import Reception, refuse_other_origins
from server.http.problems import HttpProblem
from server.ports import Connections, EgressRuleBook
from session_engine.context import Actor, PersonRole


class WantsConnections(Protocol):
    """Knows what published Workflows send through. Raises `Unavailable`."""

    async def wanted_connections(self) -> tuple[tuple[Key, str | None], ...]:
        """Integration and Connection's name, or none, of what Actions of offered Workflows go through."""


class IntegrationShelf:
    """Hands out what there is to people who are signed in, and lets administrators switch it."""

    def __init__(
        self,
        modules: Mapping[Key, IntegrationModule],
        connections: Connections,
        rule_book: EgressRuleBook,
        catalog: WantsConnections,
        reception: Reception,
    ) -> None:
        self._catalog = catalog
        self._modules = modules
        self._connections = connections
        self._rule_book = rule_book
        self._reception = reception

    async def integrations(self, request: Request) -> Response:
        """GET /api/integrations: read again when something in it changed"""
        actor = await self._reception.get_actor(request)
        switched = await self._connections.enabled()
        seen = await self._connections.list(None if is_admin(actor) else actor.id)
        answer = IntegrationsAnswer(
            integrations=tuple(
                OfferedIntegration(integration=module.DESCRIPTION, enabled=switched.get(key, True))
                for key, module in sorted(self._modules.items(), key=lambda each: each[1].DESCRIPTION.name.casefold())
            ),
            connections=tuple(view for view in seen if view.integration in self._modules),
            missing=await self._missing(seen) if is_admin(actor) else (),
        )
        body = msgspec.json.encode(answer)
        headers = {"Cache-Control": "private, no-cache", "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"'}
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(body, media_type="application/json", headers=headers)

    async def _missing(self, seen: Sequence[ConnectionView]) -> tuple[MissingConnection, ...]:
        accounts = [view for view in seen if view.owner is None]
        there = {named for view in accounts for named in ((view.integration, view.name), (view.integration, None))}
        wanted = await self._catalog.wanted_connections()
        return tuple(MissingConnection(integration=key, name=name) for key, name in wanted if (key, name) not in there)

    async def switch(self, request: Request) -> Response:
        """PUT /api/integrations/{key}"""
        actor = await admin_only(self._reception, request)
        key = request.path_params["key"]
        if key not in self._modules:
            raise unknown_integration(key, self._modules)
        change = await read_body(request, IntegrationChange)
        await self._connections.set_enabled(key, change.enabled, by=actor.id)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def egress_rules(self, request: Request) -> Response:
        """GET /api/egress-rules"""
        await admin_only(self._reception, request)
        return answer_json(EgressRules(rules=await self._rule_book.rules()))

    async def set_egress_rules(self, request: Request) -> Response:
        """PUT /api/egress-rules"""
        actor = await admin_only(self._reception, request)
        given = await read_body(request, EgressRules)
        for place, rule in enumerate(given.rules):
            if (problem := egress_problem(rule)) is not None:
                raise HttpProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_rule", f"rules.{place}: {problem}")
        rules = {(rule.network, rule.port): rule for rule in map(canonical, given.rules)}
        await self._rule_book.replace(tuple(rules.values()), by=actor.id)
        return answer_json(EgressRules(rules=await self._rule_book.rules()))


def is_admin(actor: Actor) -> bool:
    """Whether Integrations are this person's to manage."""
    return PersonRole.ADMIN in actor.roles


async def admin_only(reception: Reception, request: Request) -> Actor:
    """Who asks. Raises `HttpProblem` unless that is an administrator, on a page of ours if something is to change."""
    if request.method != "GET":
        refuse_other_origins(request)
    actor = await reception.get_actor(request, is_read_now=True)
    if not is_admin(actor):
        raise HttpProblem(HTTPStatus.FORBIDDEN, "not_allowed", "expected an administrator")
    return actor


def unknown_integration(key: str, modules: Mapping[Key, IntegrationModule]) -> HttpProblem:
    """There is none of this key."""
    known = ", ".join(sorted(modules)) or "none"
    return HttpProblem(HTTPStatus.NOT_FOUND, "unknown_integration", f"there is no Integration {key[:64]}, but {known}")


def answer_json(body: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """JSON for this person and this moment only."""
    headers = {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(body), status, headers, media_type="application/json")
