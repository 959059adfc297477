"""The demo's front door: who one can be, and becoming it by the host's name. Its routes exist with `--demo` only.

Rules: protocol/SPEC.md, HS11, HS12 and FQ7 to FQ10.
"""

from __future__ import annotations

import os
import secrets
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from protocol.base import Millis, Name, PersonId, Record
from server.auth.browser import browser_name, give_token, host_name
from server.auth.demo import DEMO_PEOPLE, find_demo_person
from server.demo_calls import DemoCalls
from server.http.integrations import answer_json
from server.http.me import refuse_other_origins
from server.http.problems import HttpProblem
from server.people_ports import SignIns
from server.settings import Settings
from session_engine.context import PersonRole


class DemoLink(Record, frozen=True, kw_only=True):
    """Somebody to be, and where."""

    id: PersonId
    name: Name
    role: PersonRole
    url: str


class DemoAnswer(Record, frozen=True, kw_only=True):
    """Answer of /api/demo."""

    people: tuple[DemoLink, ...]
    here: DemoLink | None
    receiver_url: str | None
    pid: int
    """Of the process that answered: to be killed, and to see that nothing is lost."""


class DemoCallsAnswer(Record, frozen=True, kw_only=True):
    """Answer of /api/demo/calls: until when calls are simulated; null if none are."""

    until_ms: Millis | None


def demo_links(scheme: str, port: int | None) -> tuple[DemoLink, ...]:
    """Everybody's address on a server that answers at this port."""
    tail = "" if port is None else f":{port}"
    return tuple(
        DemoLink(
            id=person.actor.id,
            name=person.name,
            role=person.role,
            url=f"{scheme}://{person.label}.localhost{tail}/",
        )
        for person in DEMO_PEOPLE
    )


class DemoDoor:
    """Signs in whoever the host stands for."""

    def __init__(self, sign_ins: SignIns, calls: DemoCalls, settings: Settings) -> None:
        self._sign_ins = sign_ins
        self._calls = calls
        self._settings = settings

    async def people(self, request: Request) -> Response:
        """GET /api/demo"""
        links = demo_links(request.url.scheme, request.url.port)
        person = find_demo_person(host_name(request.headers.get("host", "")))
        here = next((link for link in links if person is not None and link.id == person.actor.id), None)
        return answer_json(
            DemoAnswer(people=links, here=here, receiver_url=self._settings.receiver_url, pid=os.getpid())
        )

    async def calls(self, _: Request) -> Response:
        """GET /api/demo/calls"""
        order = await self._calls.find_running()
        return answer_json(DemoCallsAnswer(until_ms=None if order is None else order.until_ms))

    async def start_calls(self, request: Request) -> Response:
        """POST /api/demo/calls: for some minutes from now on; those that run already go on as they are"""
        refuse_other_origins(request)
        order = await self._calls.find_running() or await self._calls.ask(secrets.randbits(32))
        return answer_json(DemoCallsAnswer(until_ms=order.until_ms))

    async def stop_calls(self, request: Request) -> Response:
        """DELETE /api/demo/calls"""
        refuse_other_origins(request)
        await self._calls.stop()
        return answer_json(DemoCallsAnswer(until_ms=None))

    async def sign_in(self, request: Request) -> Response:
        """POST /api/demo/sign-in"""
        refuse_other_origins(request)
        name = host_name(request.headers.get("host", ""))
        person = find_demo_person(name)
        if person is None:
            known = ", ".join(f"{person.label}.localhost" for person in DEMO_PEOPLE)
            raise HttpProblem(HTTPStatus.NOT_FOUND, "nobody_at_host", f"nobody is at {name}; there are {known}")
        token = await self._sign_ins.sign_in(person.actor.id, browser_name(request), by="demo")
        response = Response(status_code=HTTPStatus.NO_CONTENT)
        give_token(response, token, self._settings)
        return response
