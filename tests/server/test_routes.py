"""Every route of the server, and who may ask it: one table, held against the routes that there are.

The verdict is about who asks, never about what is asked: whoever is let in is
told that there is no `x`, that a body is not what was expected, or is served.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from starlette.routing import BaseRoute, Mount, Route

from protocol.account import PersonRole
from protocol.api_tokens import Scope
from server.app import build_app
from server.http.v1.operations import OPERATIONS
from server.http.v1.rate import Rates
from server.records.database import Database
from server.records.people import SqlPeople
from server.records.sign_ins import SqlSignIns
from server.records.tables import api_tokens
from server.settings import Settings
from server.store.memory import MemoryStore
from session_engine.context import Actor
from tests.support.api import make_token, program
from tests.support.people import ADDRESS, fronted

NOBODY, DEACTIVATED = "nobody", "deactivated"
ROLES = tuple(role.value for role in PersonRole)
WHO = (NOBODY, DEACTIVATED, *ROLES)

Everybody, SignedIn, Managers, Admins = frozenset(WHO), frozenset(ROLES), frozenset({"manager"}), frozenset({"admin"})

# Who is let in, by method and path. A browser's route: nobody else than these, no token, and no page of elsewhere.
BROWSER: dict[tuple[str, str], frozenset[str]] = {
    ("GET", "/healthz"): Everybody,
    ("GET", "/readyz"): Everybody,
    ("GET", "/api/house"): Everybody,
    ("POST", "/api/sign-in"): Everybody,
    ("POST", "/api/sign-out"): Everybody,
    ("POST", "/api/links/look"): Everybody,
    ("POST", "/api/links/use"): Everybody,
    ("GET", "/api/v1/openapi.json"): Everybody,
    ("GET", "/{path:path}"): Everybody,
    ("GET", "/api/me"): SignedIn,
    ("PUT", "/api/me/locale"): SignedIn,
    ("POST", "/api/me/password"): SignedIn,
    ("GET", "/api/me/sign-ins"): SignedIn,
    ("DELETE", "/api/me/sign-ins/{id}"): SignedIn,
    ("GET", "/api/me/views"): SignedIn,
    ("PUT", "/api/me/views/{id}"): SignedIn,
    ("DELETE", "/api/me/views/{id}"): SignedIn,
    ("GET", "/api/me/second-factor"): SignedIn,
    ("PUT", "/api/me/second-factor"): SignedIn,
    ("POST", "/api/me/second-factor/offer"): SignedIn,
    ("POST", "/api/me/second-factor/off"): SignedIn,
    ("GET", "/api/workflows"): SignedIn,
    ("GET", "/api/versions/{version_id}"): SignedIn,
    ("GET", "/api/sessions"): SignedIn,
    ("GET", "/api/sessions/owners"): SignedIn,
    ("GET", "/api/sessions/transfer"): frozenset({"agent", "supervisor", "manager"}),
    ("GET", "/api/look-up"): SignedIn,
    ("GET", "/api/floor"): SignedIn,
    ("GET", "/api/floor/agents"): frozenset({"coach", "supervisor", "manager"}),
    ("GET", "/api/floor/dwell"): frozenset({"coach", "supervisor", "manager"}),
    ("POST", "/api/alerts/seen"): frozenset({"supervisor", "manager"}),
    ("POST", "/api/alerts/snooze"): frozenset({"supervisor", "manager"}),
    ("GET", "/api/alerts/teams"): frozenset({"supervisor", "manager", "admin"}),
    ("PUT", "/api/alerts/teams/{id}"): frozenset({"supervisor", "manager", "admin"}),
    ("GET", "/api/notices"): frozenset({"supervisor", "manager", "author"}),
    ("POST", "/api/notices"): frozenset({"supervisor", "manager", "author"}),
    ("POST", "/api/notices/{id}/take-back"): frozenset({"supervisor", "manager", "author"}),
    ("GET", "/api/external-ids/{external_id:path}"): SignedIn,
    ("GET", "/api/integrations"): SignedIn,
    # One's own Connections are everybody's to make and change; whose they are is looked at behind this table.
    ("GET", "/api/connections"): SignedIn,
    ("POST", "/api/connections"): SignedIn,
    ("GET", "/api/connections/{id}"): SignedIn,
    ("PUT", "/api/connections/{id}"): SignedIn,
    ("DELETE", "/api/connections/{id}"): SignedIn,
    ("POST", "/api/connections/{id}/check"): SignedIn,
    ("POST", "/api/connections/{id}/rotate"): SignedIn,
    ("GET", "/api/attention"): SignedIn,
    ("GET", "/api/attention/count"): SignedIn,
    ("POST", "/api/attention/act"): SignedIn,
    # Who has a part in the Session; that is looked at behind this table.
    ("GET", "/api/sessions/{id}/replay"): SignedIn,
    ("DELETE", "/api/sessions/{id}"): Managers,
    ("POST", "/api/sessions/{id}/erase"): Managers,
    ("GET", "/api/sessions/{id}/export"): Managers,
    ("GET", "/api/people-search"): Managers,
    ("POST", "/api/connections/{id}/test-fire"): Admins,
    ("GET", "/api/connections/{id}/deliveries"): Admins,
    ("GET", "/api/connections/{id}/events"): Admins,
    ("PUT", "/api/connections/{id}/events"): Admins,
    ("POST", "/api/connections/{id}/events/send-again"): Admins,
    ("GET", "/api/people"): Admins,
    ("POST", "/api/people"): Admins,
    ("PATCH", "/api/people/{id}"): Admins,
    ("POST", "/api/people/{id}/link"): Admins,
    ("POST", "/api/people/{id}/deactivate"): Admins,
    ("POST", "/api/people/{id}/activate"): Admins,
    ("DELETE", "/api/people/{id}/identity"): Admins,
    ("DELETE", "/api/people/{id}/second-factor"): Admins,
    ("GET", "/api/people/{id}/sessions"): Admins,
    ("GET", "/api/people/{id}/sign-ins"): Admins,
    ("DELETE", "/api/people/{id}/sign-ins"): Admins,
    ("GET", "/api/teams"): Admins,
    ("POST", "/api/teams"): Admins,
    ("PATCH", "/api/teams/{id}"): Admins,
    ("GET", "/api/tokens"): Admins,
    ("POST", "/api/tokens"): Admins,
    ("POST", "/api/tokens/{id}/revoke"): Admins,
    ("GET", "/api/audit"): Admins,
    ("GET", "/api/audit.csv"): Admins,
    ("PUT", "/api/integrations/{key}"): Admins,
    ("GET", "/api/settings"): Admins,
    ("PATCH", "/api/settings"): Admins,
    ("GET", "/api/first-steps"): Admins,
    ("PUT", "/api/first-steps"): Admins,
    ("POST", "/api/examples"): Admins,
    ("DELETE", "/api/examples"): Admins,
    ("POST", "/api/workflows"): Admins,
    ("GET", "/api/egress-rules"): Admins,
    ("PUT", "/api/egress-rules"): Admins,
}

# Which scope lets a token in. No browser is, whoever is signed in there.
API: dict[tuple[str, str], str] = {
    ("GET", "/api/v1/workflows"): "workflows:read",
    ("GET", "/api/v1/versions/{version_id}"): "workflows:read",
    ("GET", "/api/v1/sessions"): "sessions:read",
    ("GET", "/api/v1/sessions/{session_id}"): "sessions:read",
    ("GET", "/api/v1/external-ids/{external_id:path}"): "sessions:read",
    ("POST", "/api/v1/sessions"): "sessions:start",
    ("POST", "/api/v1/sessions/{session_id}/pause"): "sessions:control",
    ("POST", "/api/v1/sessions/{session_id}/resume"): "sessions:control",
    ("POST", "/api/v1/sessions/{session_id}/end"): "sessions:control",
    ("POST", "/api/v1/sessions/{session_id}/hang-up"): "sessions:control",
    ("POST", "/api/v1/sessions/{session_id}/suggestions"): "sessions:control",
    ("GET", "/api/v1/people"): "people:read",
    ("GET", "/api/v1/people/{person_id}"): "people:read",
    ("GET", "/api/v1/teams"): "people:read",
    ("POST", "/api/v1/people"): "people:write",
    ("PATCH", "/api/v1/people/{person_id}"): "people:write",
    ("POST", "/api/v1/people/{person_id}/deactivate"): "people:write",
    ("POST", "/api/v1/people/{person_id}/activate"): "people:write",
    ("GET", "/api/v1/connections"): "connections:read",
    ("GET", "/api/v1/audit"): "audit:read",
}

TOKENS: dict[str, tuple[Scope, ...]] = {
    "without a scope": (),
    **{scope.value: (scope,) for scope in Scope},
}


def routes_of(routes: list[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Method and path of all of them."""
    for route in routes:
        if isinstance(route, Mount):
            yield from routes_of(list(route.routes), prefix + route.path)
        elif isinstance(route, Route):
            for method in (route.methods or {"GET"}) - {"HEAD"}:
                yield method, prefix + route.path


def address_of(path: str) -> str:
    """An address of this route, of something that is not there."""
    parts = ["x" if part.startswith("{") else part for part in path.split("/")]
    return "/".join(parts)


def is_let_in(answer: httpx.Response) -> bool:
    """Whether the door was passed; what stands behind it is another matter."""
    code = answer.json()["code"] if "problem" in answer.headers.get("content-type", "") else ""
    closed = {
        (401, "not_signed_in"),
        (403, "not_allowed"),
        (403, "other_origin"),
        (401, "token_missing"),
        (401, "token_unknown"),
        (403, "scope_missing"),
    }
    return (answer.status_code, code) not in closed


class Everyone:
    """A browser for each kind of person, and a client for each kind of token."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.browsers: dict[str, httpx.AsyncClient] = {}
        self.programs: dict[str, httpx.AsyncClient] = {}


@pytest.fixture
async def everyone(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Everyone]:
    rates = Rates(per_s=1e6, burst=1e6)
    async with fronted(database, database_url, tmp_path, rates) as front:
        everyone = Everyone(front.app)
        store, sign_ins = SqlPeople(database), SqlSignIns(database, SqlPeople(database))
        for who in (*ROLES, DEACTIVATED):
            role = PersonRole.ADMIN if who == DEACTIVATED else PersonRole(who)
            person = Actor(id=f"{who}_id", name=who, roles=frozenset({role}), team_ids=frozenset({"team"}))
            await store.add_team("team", "Team", [person])
            cookie = await sign_ins.sign_in(person.id)
            everyone.browsers[who] = browser = front.browser()
            browser.cookies.set("sidecoach", cookie)
        await store.set_active([f"{DEACTIVATED}_id"], False)
        everyone.browsers[NOBODY] = front.browser()
        for name, scopes in TOKENS.items():
            token = await make_token(database, *scopes) if scopes else await _bare(database)
            everyone.programs[name] = program(front.app, token)
        yield everyone


async def _bare(database: Database) -> str:
    """A token of which every scope was taken away: none can be made so."""
    token = await make_token(database, Scope.AUDIT_READ, name="Bare")
    async with database.writing() as connection:
        await connection.execute(update(api_tokens).where(api_tokens.c.name == "Bare").values(scopes=[]))
    return token


def test_the_table_names_every_route_and_no_other(tmp_path: Path) -> None:
    """[AP2] Whoever adds a route says here whom it lets in."""
    found = set(routes_of(list(build_app(Settings(data_dir=str(tmp_path)), MemoryStore()).routes)))
    assert found - set(BROWSER) - set(API) == set(), "routes that the table does not name"
    assert (set(BROWSER) | set(API)) - found == set(), "routes that there are not"
    assert {(each.method, each.path) for each in OPERATIONS} == {
        (method, path.replace(":path", "")) for method, path in API
    }


async def test_a_browsers_route_lets_in_whom_the_table_says(everyone: Everyone) -> None:
    """[AP2] Each kind of person, and no token."""
    wrong = []
    for (method, path), let_in in BROWSER.items():
        # Signing out last would be enough; but nobody is to be signed out by this test.
        if path == "/api/sign-out":
            continue
        for who, browser in everyone.browsers.items():
            answer = await browser.request(method, address_of(path), json=_body(method))
            if is_let_in(answer) != (who in let_in):
                wrong.append(f"{method} {path}: {who} got {answer.status_code}")
        if let_in != Everybody:
            for name, client in everyone.programs.items():
                headers = {"Origin": ADDRESS}
                answer = await client.request(method, address_of(path), json=_body(method), headers=headers)
                if is_let_in(answer):
                    wrong.append(f"{method} {path}: a token {name} got {answer.status_code}")
    assert wrong == []


async def test_an_operation_lets_in_tokens_of_its_scope(everyone: Everyone) -> None:
    """[AP2][AT6] And no person, whoever it is."""
    wrong = []
    for (method, path), scope in API.items():
        for who, browser in everyone.browsers.items():
            answer = await browser.request(method, address_of(path), json=_body(method))
            if is_let_in(answer):
                wrong.append(f"{method} {path}: {who} got {answer.status_code}")
        for name, client in everyone.programs.items():
            answer = await client.request(method, address_of(path), json=_body(method))
            if is_let_in(answer) != (name == scope):
                wrong.append(f"{method} {path}: a token {name} got {answer.status_code}")
    assert wrong == []


async def test_no_page_of_elsewhere_changes_anything(everyone: Everyone) -> None:
    """[AP2][HS17] Whoever is signed in, on every route that changes something."""
    wrong = []
    for method, path in BROWSER:
        if method == "GET":
            continue
        for who in ("admin", "manager", NOBODY):
            for origin in ("https://elsewhere.example", "null"):
                answer = await everyone.browsers[who].request(
                    method, address_of(path), json=_body(method), headers={"Origin": origin}
                )
                if (answer.status_code, answer.json().get("code")) != (403, "other_origin"):
                    wrong.append(f"{method} {path}: {who} of {origin} got {answer.status_code}")
    assert wrong == []


def _body(method: str) -> dict[str, object] | None:
    return None if method in ("GET", "DELETE") else {}
