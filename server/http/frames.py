"""Signing in within another site's frame, by a code from a tab where one is signed in already.

The way to the OpenID provider and back needs a tab of its own: providers
refuse to be framed, and what a browser stores there is kept apart from the frame.

Rules: protocol/SPEC.md, EM5.
"""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from protocol.people import FrameCodeUse
from server.auth.browser import browser_name, find_token, give_token
from server.http.body import read_body
from server.http.integrations import answer_json
from server.http.me import Reception, refuse_other_origins
from server.http.problems import HttpProblem
from server.people_ports import FrameCodes
from server.settings import Settings


class FrameDoor:
    """Makes codes, and takes them."""

    def __init__(self, codes: FrameCodes, reception: Reception, settings: Settings) -> None:
        self._codes = codes
        self._reception = reception
        self._settings = settings

    async def make(self, request: Request) -> Response:
        """POST /api/me/frame-code"""
        refuse_other_origins(request)
        actor = await self._reception.get_actor(request, is_read_now=True)
        return answer_json(await self._codes.make(actor.id, find_token(request) or ""), HTTPStatus.CREATED)

    async def use(self, request: Request) -> Response:
        """POST /api/frame-codes/use: a `FrameCodeUse`"""
        refuse_other_origins(request)
        use = await read_body(request, FrameCodeUse)
        token = await self._codes.use(use.code, browser_name(request))
        if token is None:
            detail = "this code was used, replaced or is too old: make another"
            raise HttpProblem(HTTPStatus.NOT_FOUND, "code_over", detail)
        response = Response(status_code=HTTPStatus.NO_CONTENT)
        give_token(response, token, self._settings)
        return response
