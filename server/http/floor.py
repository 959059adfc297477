"""Who has a page open: asked by whoever asks for help, or hands a Session on, and for the board of agents.

Rules: protocol/SPEC.md, HP4, BP and TR9.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from protocol.base import PersonId
from protocol.lists import BoardAnswer, BoardPerson, FloorAnswer, TakerState, TransferTaker, TransferTakers
from server.http.asked import answer, refuse_others
from server.http.me import Reception, require_role
from server.people_ports import People
from server.ports import SessionTable
from server.rooms.floor import LEADS
from server.rooms.live_list import LiveList
from session_engine.context import PersonRole

HANDS_ON = frozenset({PersonRole.AGENT, PersonRole.SUPERVISOR, PersonRole.MANAGER})


class FloorDesk:
    """Says who of one's teams is here."""

    def __init__(self, live_list: LiveList, people: People, table: SessionTable, reception: Reception) -> None:
        self._floor = live_list.floor
        self._live_list = live_list
        self._people = people
        self._table = table
        self._reception = reception

    async def leads(self, request: Request) -> Response:
        """GET /api/floor: a `FloorAnswer`"""
        actor = await self._reception.get_actor(request)
        refuse_others(request.query_params, ())
        return answer(FloorAnswer(people=await self._floor.leads_of(actor)))

    async def agents(self, request: Request) -> Response:
        """GET /api/floor/agents: a `BoardAnswer`, to coaches, supervisors and managers"""
        actor = await self._reception.get_actor(request)
        require_role(actor, LEADS)
        refuse_others(request.query_params, ())
        here = await self._floor.with_page()
        agents = await self._table.takers(actor)
        return answer(
            BoardAnswer(
                agents=tuple(
                    BoardPerson(id=each.id, name=each.name, team_ids=each.team_ids, here=each.id in here)
                    for each in agents
                ),
                teams=await self._people.teams_of(actor),
            )
        )

    async def transfer(self, request: Request) -> Response:
        """GET /api/sessions/transfer: `TransferTakers`, to agents, supervisors and managers"""
        actor = await self._reception.get_actor(request)
        require_role(actor, HANDS_ON)
        refuse_others(request.query_params, ())
        here, on_call = await self._floor.with_page(), await self._live_list.on_call()

        def state_of(person_id: PersonId) -> TakerState:
            if person_id not in here:
                return TakerState.OFFLINE
            return TakerState.ON_CALL if person_id in on_call else TakerState.FREE

        takers = await self._table.takers(actor)
        people = tuple(
            TransferTaker(id=each.id, name=each.name, team_ids=each.team_ids, state=state_of(each.id))
            for each in takers
        )
        return answer(TransferTakers(people=people, teams=await self._people.teams_of(actor)))
