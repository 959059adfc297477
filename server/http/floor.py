"""Who has a page open: asked by whoever asks for help, and for the board of agents.

Rules: protocol/SPEC.md, HP4 and BP.
"""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from protocol.lists import BoardAnswer, BoardPerson, FloorAnswer
from server.http.asked import answer, refuse_others
from server.http.me import Reception
from server.http.problems import HttpProblem
from server.people_ports import People
from server.rooms.floor import LEADS, Floor


class FloorDesk:
    """Says who of one's teams is here."""

    def __init__(self, floor: Floor, people: People, reception: Reception) -> None:
        self._floor = floor
        self._people = people
        self._reception = reception

    async def leads(self, request: Request) -> Response:
        """GET /api/floor: a `FloorAnswer`"""
        actor = await self._reception.get_actor(request)
        refuse_others(request.query_params, ())
        return answer(FloorAnswer(people=await self._floor.leads_of(actor)))

    async def agents(self, request: Request) -> Response:
        """GET /api/floor/agents: a `BoardAnswer`, to coaches, supervisors and managers"""
        actor = await self._reception.get_actor(request)
        if actor.roles.isdisjoint(LEADS):
            roles = ", ".join(sorted(LEADS))
            raise HttpProblem(HTTPStatus.FORBIDDEN, "not_allowed", f"expected one of the roles {roles}")
        refuse_others(request.query_params, ())
        here = await self._floor.with_page()
        agents = await self._people.agents_of(actor)
        return answer(
            BoardAnswer(
                agents=tuple(BoardPerson(id=each.id, name=each.name, here=each.id in here) for each in agents),
                teams=await self._people.teams_of(actor),
            )
        )
