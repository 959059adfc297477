"""API tokens as administrators manage them: making, seeing, revoking.

Rules: protocol/SPEC.md, AT1 to AT3.
"""

from __future__ import annotations

from http import HTTPStatus

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from protocol.api_tokens import ApiTokenMade, NewApiToken
from server.api_ports import ApiTokens
from server.http.body import read_body
from server.http.integrations import admin_only, answer_json
from server.http.me import Reception
from server.http.people import clean_name
from server.http.problems import HttpProblem
from server.people_ports import UnknownTeam


class TokenDesk:
    """For administrators only."""

    def __init__(self, tokens: ApiTokens, reception: Reception) -> None:
        self._tokens = tokens
        self._reception = reception

    async def tokens(self, request: Request) -> Response:
        """GET /api/tokens"""
        await admin_only(self._reception, request)
        return answer_json(await self._tokens.lines())

    async def make(self, request: Request) -> Response:
        """POST /api/tokens: a `NewApiToken`"""
        actor = await admin_only(self._reception, request)
        new = await read_body(request, NewApiToken)
        new = replace(new, name=clean_name(new.name))
        try:
            line, token = await self._tokens.make(new, by=actor.id)
        except UnknownTeam as error:
            detail = f"team_ids: there is no team {error}"
            raise HttpProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "unknown_team", detail) from None
        return answer_json(ApiTokenMade(line=line, token=token), HTTPStatus.CREATED)

    async def revoke(self, request: Request) -> Response:
        """POST /api/tokens/{id}/revoke"""
        actor = await admin_only(self._reception, request)
        token_id = request.path_params["id"]
        if not token_id.isprintable() or not await self._tokens.revoke(token_id, by=actor.id):
            raise HttpProblem(HTTPStatus.NOT_FOUND, "unknown_token", f"there is no token {token_id[:64]}")
        return Response(status_code=HTTPStatus.NO_CONTENT)
