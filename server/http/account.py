"""What people do about their own account: change the password, see where they are signed in, and end that.

Rules: protocol/SPEC.md, PE3, PE4, PE6 and PE7.
"""

from __future__ import annotations

import re
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from protocol.people import PasswordChange
from server.auth.browser import find_token, network_address
from server.auth.passwords import Passwords
from server.http.body import read_body
from server.http.entrance import begin_try, refuse_weak
from server.http.integrations import answer_json
from server.http.me import Reception, refuse_other_origins
from server.http.problems import HttpProblem
from server.people_ports import Accounts, SignIns, Try


class OwnAccount:
    """Everybody's own, and nobody else's."""

    def __init__(self, accounts: Accounts, sign_ins: SignIns, passwords: Passwords, reception: Reception) -> None:
        self._accounts = accounts
        self._sign_ins = sign_ins
        self._passwords = passwords
        self._reception = reception

    async def change_password(self, request: Request) -> Response:
        """POST /api/me/password: a `PasswordChange`"""
        refuse_other_origins(request)
        actor = await self._reception.get_actor(request, is_read_now=True)
        change = await read_body(request, PasswordChange)
        credential = await self._accounts.of_person(actor.id)
        if credential is None or credential.hash is None or credential.email is None:
            raise _wrong_password()
        refuse_weak(change.password, credential.name, credential.email)
        tried = Try(email=credential.email, address=network_address(request))
        await begin_try(self._accounts, tried)
        is_right = await self._passwords.verify(credential.hash, change.current)
        is_changed = False
        if is_right:
            new_hash = await self._passwords.hash(change.password)
            token = find_token(request) or ""
            is_changed = await self._accounts.change_password(credential, tried, new_hash, token)
        if not is_changed:
            await self._accounts.note_failure(tried)
            raise _wrong_password()
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def sign_ins(self, request: Request) -> Response:
        """GET /api/me/sign-ins"""
        actor = await self._reception.get_actor(request)
        return answer_json(await self._sign_ins.lines(actor.id, find_token(request)))

    async def end_sign_in(self, request: Request) -> Response:
        """DELETE /api/me/sign-ins/{id}"""
        refuse_other_origins(request)
        actor = await self._reception.get_actor(request, is_read_now=True)
        sign_in_id = request.path_params["id"]
        is_one = re.fullmatch(r"[0-9a-f]{32}", sign_in_id) is not None
        if not is_one or await self._sign_ins.end(actor.id, sign_in_id, by=actor.id) == 0:
            raise HttpProblem(HTTPStatus.NOT_FOUND, "unknown_sign_in", "you have no such sign-in, or it is over")
        return Response(status_code=HTTPStatus.NO_CONTENT)


def _wrong_password() -> HttpProblem:
    return HttpProblem(HTTPStatus.FORBIDDEN, "wrong_password", "the current password is wrong")
