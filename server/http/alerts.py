"""Alerts put aside, rules kept quiet, what teams set; and how long Sections usually take.

What is open is pushed (`rooms/alert_board.py`).

Rules: protocol/SPEC.md, AL2 and AL10 to AL13.
"""

from __future__ import annotations

import logging
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from protocol.alerts import AlertSeen, AlertSettings, AlertTeams, DwellAnswer, SnoozeOrder, Usual
from protocol.base import Key, TeamId
from server.alert_ports import AlertBook
from server.alert_rules import TOLD, is_told
from server.dwell import UsualTimes
from server.http.asked import answer, refuse_others
from server.http.body import read_body
from server.http.me import Reception, refuse_other_origins, require_role
from server.http.problems import HttpProblem
from server.ports import SessionStore
from server.rooms.floor import LEADS
from session_engine.context import Actor, PersonRole

log = logging.getLogger(__name__)


class AlertDesk:
    """For who leads teams, and for administrators what those set."""

    def __init__(self, book: AlertBook, usual: UsualTimes, store: SessionStore, reception: Reception) -> None:
        self._book = book
        self._usual = usual
        self._store = store
        self._reception = reception

    async def dwell(self, request: Request) -> Response:
        """GET /api/floor/dwell: a `DwellAnswer`, to coaches, supervisors and managers"""
        await self._one_of(request, LEADS)
        refuse_others(request.query_params, ())
        workflows: dict[Key, dict[Key, Usual]] = {}
        for (workflow_key, section_key), usual in (await self._usual.now()).items():
            workflows.setdefault(workflow_key, {})[section_key] = usual
        return answer(DwellAnswer(workflows=workflows))

    async def see(self, request: Request) -> Response:
        """POST /api/alerts/seen: an `AlertSeen`"""
        actor = await self._one_of(request, TOLD)
        order: AlertSeen = await read_body(request, AlertSeen)
        if not await self._book.see(order.id, actor, await self._store.now_ms()):
            raise HttpProblem(HTTPStatus.NOT_FOUND, "unknown_alert", f"no alert {order.id} of your teams")
        log.info("alerts.seen alert_id=%d person_id=%s", order.id, actor.id)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def snooze(self, request: Request) -> Response:
        """POST /api/alerts/snooze: a `SnoozeOrder`"""
        actor = await self._one_of(request, TOLD)
        order: SnoozeOrder = await read_body(request, SnoozeOrder)
        await self._find_team(order.team_id, actor)
        if not is_told(actor, order.team_id):  # who administers it sets its rules, and is told nothing
            raise _unknown(order.team_id)
        until_ms = await self._store.now_ms() + order.minutes * 60_000
        await self._book.snooze(order.team_id, order.rule, until_ms, actor)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def teams(self, request: Request) -> Response:
        """GET /api/alerts/teams: an `AlertTeams`"""
        actor = await self._one_of(request, TOLD | {PersonRole.ADMIN})
        refuse_others(request.query_params, ())
        return answer(AlertTeams(teams=await self._book.teams(actor)))

    async def set(self, request: Request) -> Response:
        """PUT /api/alerts/teams/{id}: its `AlertSettings`"""
        actor = await self._one_of(request, TOLD | {PersonRole.ADMIN})
        team_id = request.path_params["id"]
        settings: AlertSettings = await read_body(request, AlertSettings)
        await self._find_team(team_id, actor)
        await self._book.set(team_id, settings, actor)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def _find_team(self, team_id: TeamId, actor: Actor) -> None:
        if all(team.team_id != team_id for team in await self._book.teams(actor)):
            raise _unknown(team_id)

    async def _one_of(self, request: Request, roles: frozenset[PersonRole]) -> Actor:
        if request.method != "GET":
            refuse_other_origins(request)
        actor = await self._reception.get_actor(request)
        require_role(actor, roles)
        return actor


def _unknown(team_id: TeamId) -> HttpProblem:
    return HttpProblem(HTTPStatus.NOT_FOUND, "unknown_team", f"no team {team_id[:64]} of yours")
