"""The front door of people who were added: signing in by e-mail and password, and one-time links.

The demo's own is `demo.py`. Whether an e-mail address is known here is told to
nobody: neither by an answer nor by the time that it takes.

Rules: protocol/SPEC.md, PE1 to PE7, OI9, TF2 and TF3.
"""

from __future__ import annotations

import time
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from protocol.people import House, LinkLook, LinkUse, SignInOrder
from server.auth.browser import browser_name, give_token, network_address
from server.auth.email_addresses import folded_email
from server.auth.password_rules import password_problem
from server.auth.passwords import Passwords
from server.auth.second_factor import SecondFactors
from server.house import House as HouseNow
from server.http.body import read_body
from server.http.integrations import answer_json
from server.http.me import refuse_other_origins
from server.http.problems import HttpProblem
from server.people_ports import Accounts, Factors, Roster, Try
from server.settings import Settings
from server.watching import figures


class Entrance:
    """Lets people in."""

    def __init__(
        self,
        accounts: Accounts,
        roster: Roster,
        passwords: Passwords,
        factors: Factors,
        second: SecondFactors,
        house: HouseNow,
        settings: Settings,
    ) -> None:
        self._accounts = accounts
        self._factors = factors
        self._second = second
        self._roster = roster
        self._passwords = passwords
        self._house = house
        self._settings = settings

    async def house(self, _: Request) -> Response:
        """GET /api/house"""
        settings = self._settings
        has_people = settings.oidc_newcomers or await self._roster.has_people()
        provider = None if settings.oidc_issuer is None else settings.oidc_label
        house = House(
            name=self._house.now.name,
            demo=settings.demo,
            has_people=has_people,
            passwords=settings.password_sign_in,
            provider=provider,
        )
        return answer_json(house)

    async def sign_in(self, request: Request) -> Response:
        """POST /api/sign-in: a `SignInOrder`"""
        refuse_other_origins(request)
        if not self._settings.password_sign_in:
            detail = "nobody signs in by password here; a one-time link lets in whoever has to"
            raise HttpProblem(HTTPStatus.FORBIDDEN, "no_passwords", detail)
        order = await read_body(request, SignInOrder)
        email = folded_email(order.email)
        # Of what cannot be an address at all nothing is looked for: no database could.
        tried = Try(email=email if email.isprintable() else "", address=network_address(request))
        await begin_try(self._accounts, tried)
        credential = await self._accounts.find(tried.email)
        kept = None if credential is None else credential.hash
        token = None
        wrong = ("wrong_sign_in", "e-mail or password is wrong")
        if await self._passwords.verify(kept, order.password) and credential is not None and kept is not None:
            factor = await self._factors.find(credential.person_id)
            proof = None
            if factor is not None:
                if not order.code:
                    detail = "expected the code of the authenticator app, or a recovery code"
                    raise HttpProblem(HTTPStatus.UNAUTHORIZED, "code_needed", detail)
                proof = self._second.judge(credential.person_id, factor, order.code, time.time_ns() // 1_000_000)
                wrong = ("wrong_code", "this code is wrong, was used, or is too old")
            if factor is None or proof is not None:
                news = await self._passwords.hash(order.password) if self._passwords.is_outdated(kept) else None
                token = await self._accounts.let_in(credential, tried, browser_name(request), news, proof)
        if token is None:
            await self._accounts.note_failure(tried)
            figures.SIGN_INS.labels("wrong").inc()
            raise HttpProblem(HTTPStatus.UNAUTHORIZED, *wrong)
        figures.SIGN_INS.labels("in").inc()
        return self._signed_in(token)

    async def look(self, request: Request) -> Response:
        """POST /api/links/look: a `LinkLook`"""
        refuse_other_origins(request)
        look = await read_body(request, LinkLook)
        link = await self._accounts.find_link(look.token)
        if link is None:
            raise _link_over()
        return answer_json(link)

    async def use(self, request: Request) -> Response:
        """POST /api/links/use: a `LinkUse`"""
        refuse_other_origins(request)
        use = await read_body(request, LinkUse)
        link = await self._accounts.find_link(use.token)
        if link is None:
            raise _link_over()
        refuse_weak(use.password, link.name, link.email)
        new_hash = await self._passwords.hash(use.password)
        token = await self._accounts.use_link(use.token, new_hash, browser_name(request))
        if token is None:
            raise _link_over()
        return self._signed_in(token)

    def _signed_in(self, token: str) -> Response:
        response = Response(status_code=HTTPStatus.NO_CONTENT)
        give_token(response, token, self._settings)
        return response


async def begin_try(accounts: Accounts, tried: Try) -> None:
    """Raises `HttpProblem` 429 while there is to wait, whatever the password is."""
    if (wait_ms := await accounts.begin_try(tried)) > 0:
        figures.SIGN_INS.labels("slowed").inc()
        wait_s = -(-wait_ms // 1_000)
        detail = f"too many failed sign-ins: try again in {wait_s} s"
        raise HttpProblem(HTTPStatus.TOO_MANY_REQUESTS, "slow_down", detail, {"Retry-After": str(wait_s)})


def refuse_weak(password: str, name: str, email: str | None) -> None:
    """Raises `HttpProblem` 422 with what was expected instead."""
    if (expected := password_problem(password, name, email)) is not None:
        raise HttpProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "weak_password", expected)


def _link_over() -> HttpProblem:
    detail = (
        "this link was used, replaced or is too old; ask an administrator for a new one, "
        "or run `sidecoach people link EMAIL`"
    )
    return HttpProblem(HTTPStatus.NOT_FOUND, "link_over", detail)
