"""Who could come: asked by whoever asks for help.

Rules: protocol/SPEC.md, HP4.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from protocol.lists import FloorAnswer
from server.http.asked import answer, refuse_others
from server.http.me import Reception
from server.rooms.floor import Floor


class FloorDesk:
    """Says who of one's teams' coaches and supervisors is on the floor."""

    def __init__(self, floor: Floor, reception: Reception) -> None:
        self._floor = floor
        self._reception = reception

    async def people(self, request: Request) -> Response:
        """GET /api/floor: a `FloorAnswer`"""
        actor = await self._reception.get_actor(request)
        refuse_others(request.query_params, ())
        return answer(FloorAnswer(people=await self._floor.leads_of(actor)))
