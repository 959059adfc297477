"""A Session moment by moment, for whoever may watch it or open its record.

Rules: protocol/SPEC.md, RP1 to RP5.
"""

from __future__ import annotations

import re
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from protocol.refusals import RefuseCode
from server.http.asked import answer, refuse_others, whole_number
from server.http.me import Reception
from server.http.problems import HttpProblem
from server.people_ports import Audit
from server.ports import SessionNotFound
from server.replaying import Replaying
from session_engine.refused import Refused


class ReplayDesk:
    """Hands out pages of a replay; that one began is on record before anything of it is given."""

    def __init__(self, replaying: Replaying, reception: Reception, audit: Audit) -> None:
        self._replaying = replaying
        self._reception = reception
        self._audit = audit

    async def page(self, request: Request) -> Response:
        """GET /api/sessions/{id}/replay: a `ReplayPage`, of the steps after `from_seq`"""
        actor = await self._reception.get_actor(request)
        refuse_others(request.query_params, ("from_seq",))
        from_seq = whole_number(request.query_params, "from_seq") or 0
        session_id = request.path_params["id"]

        async def on_record(is_owner: bool) -> None:
            if not is_owner:
                await self._audit.record(actor.id, "replay", session_id, {})

        try:
            if re.fullmatch(r"[0-9a-f]{32}", session_id) is None:
                raise SessionNotFound(session_id)
            return answer(await self._replaying.page(session_id, actor, from_seq, on_record))
        except SessionNotFound:
            raise HttpProblem(
                HTTPStatus.NOT_FOUND, RefuseCode.UNKNOWN_SESSION, f"no session {session_id[:40]}"
            ) from None
        except Refused as refused:
            raise HttpProblem(HTTPStatus.FORBIDDEN, refused.code, refused.detail) from None
