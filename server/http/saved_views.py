"""Views of lists of Sessions that people keep under a name: everybody's own.

Rules: protocol/SPEC.md, BP7 to BP9.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from protocol.lists import SavedViews, ViewChoice
from server.http.asked import answer, refuse_others
from server.http.body import read_body
from server.http.me import Reception, refuse_other_origins
from server.http.problems import HttpProblem
from server.people_ports import TooManyViews, ViewNameTaken, ViewShelf

ASKED = frozenset({"list", "view", "sort", "group", "owner", "workflow", "outcome", "from", "to"})
"""What an address of the lists knows, but for words searched for: those are of somebody's call."""


class ViewDesk:
    """Keeps and gives them."""

    def __init__(self, shelf: ViewShelf, reception: Reception) -> None:
        self._shelf = shelf
        self._reception = reception

    async def views(self, request: Request) -> Response:
        """GET /api/me/views: `SavedViews`"""
        actor = await self._reception.get_actor(request)
        refuse_others(request.query_params, ())
        return answer(SavedViews(views=await self._shelf.of(actor.id)))

    async def keep(self, request: Request) -> Response:
        """PUT /api/me/views/{id}: a `ViewChoice`"""
        refuse_other_origins(request)
        actor = await self._reception.get_actor(request)
        choice = await read_body(request, ViewChoice)
        unknown = [name for name, _ in parse_qsl(choice.search, keep_blank_values=True) if name not in ASKED]
        if unknown:
            expected = f"expected of {', '.join(sorted(ASKED))}"
            raise HttpProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "unknown_search", f"{expected}; got {unknown[0]}")
        try:
            await self._shelf.keep(actor.id, _id_in(request), choice)
        except ViewNameTaken:
            raise HttpProblem(HTTPStatus.CONFLICT, "name_taken", "another view of yours has this name") from None
        except TooManyViews:
            raise HttpProblem(HTTPStatus.CONFLICT, "too_many", "you keep as many views as there can be") from None
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def drop(self, request: Request) -> Response:
        """DELETE /api/me/views/{id}"""
        refuse_other_origins(request)
        actor = await self._reception.get_actor(request)
        if not await self._shelf.drop(actor.id, _id_in(request)):
            raise _unknown_view()
        return Response(status_code=HTTPStatus.NO_CONTENT)


def _id_in(request: Request) -> str:
    view_id = str(request.path_params["id"])
    if re.fullmatch(r"[0-9a-f]{32}", view_id) is None:
        raise _unknown_view()
    return view_id


def _unknown_view() -> HttpProblem:
    return HttpProblem(HTTPStatus.NOT_FOUND, "unknown_view", "you keep no such view")
