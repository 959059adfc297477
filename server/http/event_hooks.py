"""What a webhook Connection is told of Sessions, as administrators choose it.

Rules: protocol/SPEC.md, EV4 and EV7.
"""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from protocol.connections import ConnectionView
from protocol.event_hooks import EventChoice
from server.actions.integrations import webhook
from server.event_ports import EventBook
from server.http.body import read_body
from server.http.integrations import admin_only, answer_json
from server.http.me import Reception
from server.http.problems import HttpProblem
from server.ports import Connections


class EventDesk:
    """For administrators only."""

    def __init__(self, book: EventBook, connections: Connections, reception: Reception) -> None:
        self._book = book
        self._connections = connections
        self._reception = reception

    async def feed(self, request: Request) -> Response:
        """GET /api/connections/{id}/events"""
        await admin_only(self._reception, request)
        view = await self._webhook(request)
        return answer_json(await self._book.feed(view.id))

    async def choose(self, request: Request) -> Response:
        """PUT /api/connections/{id}/events: an `EventChoice`"""
        actor = await admin_only(self._reception, request)
        view = await self._webhook(request)
        choice = await read_body(request, EventChoice)
        await self._book.choose(view.id, choice.kinds, by=actor.id)
        return answer_json(await self._book.feed(view.id))

    async def send_again(self, request: Request) -> Response:
        """POST /api/connections/{id}/events/send-again: what was given up"""
        actor = await admin_only(self._reception, request)
        view = await self._webhook(request)
        await self._book.send_again(view.id, by=actor.id)
        return answer_json(await self._book.feed(view.id))

    async def _webhook(self, request: Request) -> ConnectionView:
        connection_id = request.path_params["id"]
        view = await self._connections.get(connection_id) if connection_id.isprintable() else None
        if view is None or view.integration != webhook.DESCRIPTION.key or view.owner is not None:
            detail = f"there is no Connection {connection_id[:64]!r} of the account for webhooks"
            raise HttpProblem(HTTPStatus.NOT_FOUND, "unknown_connection", detail)
        return view
