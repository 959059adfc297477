"""Connections as people manage them: making, changing, trying out, rotating, removing, and their delivery log.

The account's are the administrators', a personal one is its owner's. No
answer holds a secret, but for one that was drawn here a moment ago.

Rules: protocol/SPEC.md, CO2 to CO8.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from secrets import token_hex
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from protocol.actions import OutcomeKind
from protocol.base import Key
from protocol.connections import (
    ConnectionChange,
    ConnectionMade,
    ConnectionStatus,
    ConnectionView,
    Delivery,
    NewConnection,
    Rotation,
    Trial,
    TrialOrder,
)
from protocol.integrations import Setting
from server.actions.connection_forms import form_problem, given_settings, receiver_host
from server.actions.credentials import redact
from server.actions.integrations.base import Connection, IntegrationModule, Order
from server.actions.outcomes import Outcome
from server.actions.signing import draw_signing_secret
from server.http.body import read_body
from server.http.integrations import admin_only, answer_json, is_admin, unknown_integration
from server.http.me import Reception, refuse_other_origins
from server.http.problems import HttpProblem
from server.people_ports import Audit
from server.ports import Connections, DeliveryQuery, NameTaken, Sender
from session_engine.action_values import iso
from session_engine.context import Actor

MOST_WORDS = 200
MOST_DELIVERIES = 200


class ConnectionDesk:
    """Lets people manage the Connections that are theirs to manage."""

    def __init__(
        self,
        modules: Mapping[Key, IntegrationModule],
        connections: Connections,
        sender: Sender | None,
        reception: Reception,
        audit: Audit,
    ) -> None:
        self._modules = modules
        self._connections = connections
        self._sender = sender
        self._reception = reception
        self._audit = audit

    async def connections(self, request: Request) -> Response:
        """GET /api/connections: all of them for administrators, one's own for others"""
        actor = await self._reception.get_actor(request)
        return answer_json(await self._connections.list(None if is_admin(actor) else actor.id))

    async def connection(self, request: Request) -> Response:
        """GET /api/connections/{id}"""
        actor = await self._reception.get_actor(request)
        view = await self._connections.get(request.path_params["id"])
        if view is None or not (is_admin(actor) or _is_own(view, actor)):
            raise _unknown(request)
        return answer_json(view)

    async def create(self, request: Request) -> Response:
        """POST /api/connections"""
        actor = await self._asker(request)
        new = await read_body(request, NewConnection)
        module = self._modules.get(new.integration)
        if module is None:
            raise unknown_integration(new.integration, self._modules)
        description = module.DESCRIPTION
        if not new.personal and not is_admin(actor):
            raise _not_allowed("a Connection of the account is made by an administrator")
        if new.personal and not description.personal:
            raise _not_allowed(f"{description.name} has no personal Connections")
        secrets = {key: text for key, text in new.secrets.items() if text}
        settings = given_settings(description, new.settings) | _unknown_keys(new.settings, description.settings)
        _refuse(form_problem(description, settings, secrets))
        drawn = {
            setting.key: draw_signing_secret()
            for setting in description.settings
            if setting.generated and setting.key not in secrets
        }
        try:
            view = await self._connections.create(
                new.integration,
                _clean(new.name),
                actor.id if new.personal else None,
                settings,
                {**secrets, **drawn},
                by=actor.id,
            )
        except NameTaken:
            raise _name_taken(new.name) from None
        return answer_json(ConnectionMade(connection=view, drawn=drawn), HTTPStatus.CREATED)

    async def update(self, request: Request) -> Response:
        """PUT /api/connections/{id}"""
        actor, view = await self._theirs(request)
        change = await read_body(request, ConnectionChange)
        description = self._module(view).DESCRIPTION
        secrets = {key: text for key, text in change.secrets.items() if text}
        settings = None
        if change.settings is not None:
            settings = given_settings(description, change.settings) | _unknown_keys(
                change.settings, description.settings
            )
        if settings is not None or secrets:
            now = view.settings if settings is None else settings
            _refuse(form_problem(description, now, secrets, kept=view.secrets))
        name = None if change.name is None else _clean(change.name)
        try:
            changed = await self._connections.update(
                view.id, actor.id, name=name, settings=settings, secrets=secrets, enabled=change.enabled
            )
        except NameTaken:
            raise _name_taken(change.name or "") from None
        if changed is None:
            raise _unknown(request)
        return answer_json(changed)

    async def delete(self, request: Request) -> Response:
        """DELETE /api/connections/{id}"""
        actor, view = await self._theirs(request)
        await self._connections.delete(view.id, by=actor.id)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def rotate(self, request: Request) -> Response:
        """POST /api/connections/{id}/rotate"""
        actor, view = await self._theirs(request)
        rotation = await read_body(request, Rotation)
        settings = self._module(view).DESCRIPTION.settings
        rotated = [setting.key for setting in settings if setting.generated]
        if rotation.setting not in rotated:
            expected = ", ".join(rotated) or "nothing: no secret of it is rotated"
            raise HttpProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_setting", f"setting: expected {expected}")
        drawn = {} if rotation.secret else {rotation.setting: draw_signing_secret()}
        secret = rotation.secret or drawn[rotation.setting]
        _refuse(form_problem(self._module(view).DESCRIPTION, view.settings, {rotation.setting: secret}, view.secrets))
        changed = await self._connections.rotate(view.id, rotation.setting, secret, by=actor.id)
        if changed is None:
            raise _unknown(request)
        return answer_json(ConnectionMade(connection=changed, drawn=drawn))

    async def check(self, request: Request) -> Response:
        """POST /api/connections/{id}/check: does it work, without doing anything there"""
        actor, view = await self._theirs(request)
        integration, sender = self._module(view).DESCRIPTION.key, self._get_sender()

        async def attempt(connection: Connection) -> Outcome:
            return await sender.check(integration, connection)

        return answer_json(await self._try(actor, view, "Test connection", f"{view.integration}.check@1", attempt))

    async def test_fire(self, request: Request) -> Response:
        """POST /api/connections/{id}/test-fire: does it once, with these parameters"""
        actor = await admin_only(self._reception, request)
        _, view = await self._theirs(request)
        sender = self._get_sender()
        asked = await read_body(request, TrialOrder)
        actions = {action.id: action for action in self._module(view).DESCRIPTION.actions}
        action = actions.get(asked.action)
        if action is None:
            expected = ", ".join(actions)
            raise HttpProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_action", f"action: expected one of {expected}")
        now_ms = _now_ms()
        order = Order(
            action=action.id,
            key=f"test_{token_hex(12)}",
            parameters=asked.parameters,
            session=_sample_session(now_ms) if action.sends_session else {},
            fired_ms=now_ms,
        )
        await self._audit.record(actor.id, "test_fire", view.id, {"action": action.id, "key": order.key})

        async def attempt(connection: Connection) -> Outcome:
            return await sender.send(order, connection)

        return answer_json(await self._try(actor, view, action.name, action.id, attempt, order.key))

    async def deliveries(self, request: Request) -> Response:
        """GET /api/connections/{id}/deliveries?search=&after=&limit="""
        await admin_only(self._reception, request)
        view = await self._connections.get(request.path_params["id"])
        if view is None:
            raise _unknown(request)
        return answer_json(await self._connections.deliveries(_read_query(view.id, request.query_params)))

    async def _try(
        self,
        actor: Actor,
        view: ConnectionView,
        name: str,
        action: str,
        attempt: Callable[[Connection], Awaitable[Outcome]],
        key: str = "",
    ) -> Trial:
        opened = await self._connections.open(view.id)
        if opened is None:
            raise HttpProblem(HTTPStatus.NOT_FOUND, "unknown_connection", "the Connection was removed meanwhile")
        texts = opened.secrets.values()
        at_ms, started_s = _now_ms(), time.monotonic()
        outcome = await attempt(opened)
        duration_ms = round((time.monotonic() - started_s) * 1_000)
        await self._connections.note_attempt(
            Delivery(
                at_ms=at_ms,
                connection_id=view.id,
                action_name=name,
                action=action,
                key=key,
                kind=outcome.kind,
                status=outcome.status,
                duration_ms=duration_ms,
                message=outcome.message,
                excerpt=outcome.excerpt,
                host=receiver_host(self._module(view).DESCRIPTION, view.settings),
            )
        )
        if (shown := _status_shown_by(outcome)) is not None:
            reason = "" if shown is ConnectionStatus.OK else redact(outcome.message, texts)
            await self._connections.mark(view.id, shown, reason, by=actor.id)
        now = await self._connections.get(view.id)
        return Trial(
            kind=outcome.kind,
            message=redact(outcome.message, texts),
            field_messages={path: redact(text, texts) for path, text in outcome.field_messages.items()},
            status=outcome.status,
            duration_ms=duration_ms,
            excerpt=redact(outcome.excerpt, texts) if is_admin(actor) else "",
            connection=now or view,
        )

    def _get_sender(self) -> Sender:
        if self._sender is None:
            detail = "nothing is sent from here: expected a server that sends"
            raise HttpProblem(HTTPStatus.SERVICE_UNAVAILABLE, "nothing_sends", detail)
        return self._sender

    async def _asker(self, request: Request) -> Actor:
        refuse_other_origins(request)
        return await self._reception.get_actor(request, is_read_now=True)

    async def _theirs(self, request: Request) -> tuple[Actor, ConnectionView]:
        """Who asks, and the Connection that is theirs to manage. Raises `HttpProblem`."""
        actor = await self._asker(request)
        view = await self._connections.get(request.path_params["id"])
        if view is None or not (is_admin(actor) or _is_own(view, actor)):
            raise _unknown(request)
        if view.owner is not None and not _is_own(view, actor):
            raise _not_allowed("a personal Connection is managed by its owner")
        return actor, view

    def _module(self, view: ConnectionView) -> IntegrationModule:
        module = self._modules.get(view.integration)
        if module is None:
            raise unknown_integration(view.integration, self._modules)
        return module


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _is_own(view: ConnectionView, actor: Actor) -> bool:
    return view.owner is not None and view.owner.id == actor.id


def _status_shown_by(outcome: Outcome) -> ConnectionStatus | None:
    if outcome.disables_connection:
        return ConnectionStatus.DISABLED
    if outcome.kind is OutcomeKind.UNAUTHORISED:
        return ConnectionStatus.NEEDS_ATTENTION
    return ConnectionStatus.OK if outcome.kind is OutcomeKind.SENT else None


def _sample_session(now_ms: int) -> dict[str, Any]:
    """The facts of a Session that never was, for trying out what sends them."""
    return {
        "key": "0" * 32,
        "url": "",
        "started_at": iso(now_ms - 60_000),
        "completed_at": iso(now_ms),
        "workflow": {"key": "test_fire", "name": "Test fire", "version": 1},
        "fields": {},
        "won": False,
        "ended": None,
        "owner": {"id": "nobody", "name": "Test fire"},
        "test": True,
    }


def _unknown_keys(given: Mapping[str, str], settings: tuple[Setting, ...]) -> dict[str, str]:
    """What no form asks for, so that it is refused instead of dropped."""
    known = {setting.key for setting in settings if not setting.secret}
    return {key: text for key, text in given.items() if key not in known}


def _read_query(connection_id: str, asked: Mapping[str, str]) -> DeliveryQuery:
    words = " ".join(asked.get("search", "").split())
    if len(words) > MOST_WORDS:
        raise _bad(f"search: expected at most {MOST_WORDS} characters")
    limit = asked.get("limit") or "50"
    if not re.fullmatch(r"[0-9]{1,3}", limit) or not 1 <= int(limit) <= MOST_DELIVERIES:
        raise _bad(f"limit: expected 1 to {MOST_DELIVERIES}")
    after = asked.get("after") or None
    if after is not None and re.fullmatch(r"[0-9]{1,16}\.[0-9]{1,16}", after) is None:
        raise _bad("after: expected what this log gave as next")
    at_ms, _, row_id = (after or "").partition(".")
    cursor = (int(at_ms), int(row_id)) if after is not None else None
    return DeliveryQuery(connection_id=connection_id, search=words, after=cursor, limit=int(limit))


def _clean(name: str) -> str:
    words = " ".join(name.split())
    _refuse(None if words else "name: expected a name that people tell it by")
    return words


def _refuse(problem: str | None) -> None:
    if problem is not None:
        raise HttpProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_connection", problem)


def _bad(detail: str) -> HttpProblem:
    return HttpProblem(HTTPStatus.BAD_REQUEST, "bad_parameter", detail)


def _not_allowed(detail: str) -> HttpProblem:
    return HttpProblem(HTTPStatus.FORBIDDEN, "not_allowed", detail)


def _name_taken(name: str) -> HttpProblem:
    detail = f"name: there is a Connection called {_clean(name)} already, expected another name"
    return HttpProblem(HTTPStatus.CONFLICT, "name_taken", detail)


def _unknown(request: Request) -> HttpProblem:
    connection_id = request.path_params["id"][:64]
    return HttpProblem(HTTPStatus.NOT_FOUND, "unknown_connection", f"there is no Connection {connection_id} of yours")
