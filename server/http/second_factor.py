"""Switching the second step of signing in on and off: everybody's own, and by administrators for who lost it.

Rules: protocol/SPEC.md, TF4 and TF5.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from protocol.base import Millis
from protocol.people import OwnPassword, RecoveryCodes, SecondFactorChoice
from server.auth.browser import network_address
from server.auth.passwords import Passwords
from server.auth.second_factor import SecondFactors, draw_recovery, hash_recovery
from server.http.body import read_body
from server.http.entrance import begin_try
from server.http.integrations import admin_only, answer_json
from server.http.me import Reception, refuse_other_origins
from server.http.problems import HttpProblem
from server.people_ports import Accounts, Factors, Try
from session_engine.context import Actor


class SecondFactorDesk:
    """Whoever asks proves the password first: a browser that was left open is not enough."""

    def __init__(
        self,
        accounts: Accounts,
        factors: Factors,
        second: SecondFactors,
        passwords: Passwords,
        reception: Reception,
        house_name: Callable[[], str],
    ) -> None:
        self._accounts = accounts
        self._factors = factors
        self._second = second
        self._passwords = passwords
        self._reception = reception
        self._house_name = house_name

    async def state(self, request: Request) -> Response:
        """GET /api/me/second-factor"""
        actor = await self._reception.get_actor(request)
        return answer_json(await self._factors.state(actor.id))

    async def offer(self, request: Request) -> Response:
        """POST /api/me/second-factor/offer: an `OwnPassword`"""
        actor, email = await self._proven(request)
        return answer_json(self._second.offer(actor.id, email, self._house_name(), _now_ms()))

    async def switch_on(self, request: Request) -> Response:
        """PUT /api/me/second-factor: a `SecondFactorChoice`"""
        refuse_other_origins(request)
        actor = await self._reception.get_actor(request, is_read_now=True)
        choice = await read_body(request, SecondFactorChoice)
        accepted = self._second.accept(actor.id, choice.offer, choice.code, _now_ms())
        if accepted is None:
            detail = "expected the code that the app shows now; begin anew if it took longer than 15 minutes"
            raise HttpProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "wrong_code", detail)
        codes = draw_recovery()
        if not await self._factors.switch_on(actor.id, *accepted, [hash_recovery(code) for code in codes]):
            raise HttpProblem(HTTPStatus.CONFLICT, "second_factor_is_on", "it is on already: switch it off first")
        return answer_json(RecoveryCodes(codes=codes))

    async def switch_off(self, request: Request) -> Response:
        """POST /api/me/second-factor/off: an `OwnPassword`"""
        actor, _ = await self._proven(request)
        await self._factors.switch_off(actor.id, by=actor.id)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def switch_off_for(self, request: Request) -> Response:
        """DELETE /api/people/{id}/second-factor"""
        actor = await admin_only(self._reception, request)
        person_id = request.path_params["id"]
        if not person_id.isprintable() or not await self._factors.switch_off(person_id, by=actor.id):
            detail = "there is no second step of signing in to switch off"
            raise HttpProblem(HTTPStatus.NOT_FOUND, "no_second_factor", detail)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def _proven(self, request: Request) -> tuple[Actor, str]:
        """Who asks, and their e-mail address. Raises `HttpProblem` 403 unless the password is theirs."""
        refuse_other_origins(request)
        actor = await self._reception.get_actor(request, is_read_now=True)
        given = await read_body(request, OwnPassword)
        credential = await self._accounts.of_person(actor.id)
        if credential is not None and credential.hash is not None and credential.email is not None:
            tried = Try(email=credential.email, address=network_address(request))
            await begin_try(self._accounts, tried)
            if await self._passwords.verify(credential.hash, given.password):
                await self._accounts.forgive(tried)
                return actor, credential.email
            await self._accounts.note_failure(tried)
        raise HttpProblem(HTTPStatus.FORBIDDEN, "wrong_password", "expected your password of now")


def _now_ms() -> Millis:
    return time.time_ns() // 1_000_000
