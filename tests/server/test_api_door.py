"""The door of the HTTP API: who may come in, how often, and asking for what in which shape."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from protocol.account import PersonRole
from protocol.api_tokens import Scope
from server.http.v1.rate import Rates
from server.records.api_tokens import SqlApiTokens
from server.records.database import Database
from tests.support.api import make_token, program
from tests.support.people import Front, StillClock, fronted, problem

BEN = {"name": "Ben", "email": "ben@example.org", "roles": ["agent"]}


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
async def front(database: Database, database_url: str, tmp_path: Path, clock: StillClock) -> AsyncIterator[Front]:
    async with fronted(database, database_url, tmp_path, Rates(lambda: clock.now_ms / 1_000)) as front:
        yield front


@pytest.fixture
async def hr(front: Front, database: Database) -> httpx.AsyncClient:
    """A program that adds people."""
    return program(front.app, await make_token(database, Scope.PEOPLE_READ, Scope.PEOPLE_WRITE))


class TestWhoAsks:
    @pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic sc_x", "sc_x"])
    async def test_without_a_token_nobody_comes_in(self, front: Front, header: str | None) -> None:
        """[AT5] And is told which one is expected, as RFC 6750 has it."""
        headers = {} if header is None else {"Authorization": header}
        answer = await program(front.app, None).get("/api/v1/people", headers=headers)
        assert problem(answer) == (401, "token_missing")
        assert answer.headers["www-authenticate"] == "Bearer"

    async def test_a_token_that_was_never_made_is_none(self, front: Front) -> None:
        """[AT5]"""
        answer = await program(front.app, "sc_" + "a" * 49).get("/api/v1/people")
        assert problem(answer) == (401, "token_unknown")

    async def test_a_browser_is_not_asked_for_its_cookie(self, front: Front) -> None:
        """[AT5] Whoever is signed in there."""
        _, ada = await front.arrive("Ada", PersonRole.ADMIN)
        assert problem(await ada.get("/api/v1/people")) == (401, "token_missing")

    async def test_a_token_opens_no_page_of_the_browsers(self, front: Front, database: Database) -> None:
        """[AT5] Nor anything else that browsers ask for."""
        client = program(front.app, await make_token(database))
        assert problem(await client.get("/api/me")) == (401, "not_signed_in")
        assert problem(await client.get("/api/people")) == (401, "not_signed_in")

    async def test_a_token_in_the_address_is_not_looked_at(self, front: Front, database: Database) -> None:
        """[AT5] Addresses are written down in too many places."""
        token = await make_token(database)
        answer = await program(front.app, None).get(f"/api/v1/people?access_token={token}")
        assert problem(answer) == (401, "token_missing")

    async def test_a_scope_is_needed_for_each_thing(self, front: Front, database: Database) -> None:
        """[AT6] The right scope is named."""
        client = program(front.app, await make_token(database, Scope.PEOPLE_READ))
        assert (await client.get("/api/v1/people")).status_code == 200
        answer = await client.post("/api/v1/people", json=BEN)
        assert problem(answer) == (403, "scope_missing")
        assert "people:write" in answer.json()["detail"]

    async def test_a_revoked_token_is_dead(self, front: Front, database: Database) -> None:
        """[AT3] Here at once, since nobody has asked with it; elsewhere within two seconds."""
        tokens = SqlApiTokens(database)
        token = await make_token(database)
        (line,) = (await tokens.lines()).lines
        await tokens.revoke(line.id, by="ada")
        assert problem(await program(front.app, token).get("/api/v1/people")) == (401, "token_unknown")


class TestHowOften:
    async def test_who_asks_too_often_is_told_to_wait(
        self, front: Front, hr: httpx.AsyncClient, clock: StillClock
    ) -> None:
        """[AP5] A hundred at once, then ten a second; another token is not held up."""
        for _ in range(100):
            assert (await hr.get("/api/v1/people/nobody")).status_code == 404
        answer = await hr.get("/api/v1/people/nobody")
        assert problem(answer) == (429, "rate_limited")
        assert answer.headers["retry-after"] == "1"
        clock.advance(1_000)
        assert (await hr.get("/api/v1/people/nobody")).status_code == 404


class TestShape:
    @pytest.mark.parametrize("query", ["state=gone", "other=1", "q=a&q=b", "q=a%00b", "q=" + "x" * 201])
    async def test_parameters_are_those_of_the_table(self, hr: httpx.AsyncClient, query: str) -> None:
        """[AP4]"""
        assert problem(await hr.get(f"/api/v1/people?{query}")) == (400, "bad_parameter")

    async def test_a_body_is_of_the_struct_and_no_larger_than_64_kib(self, hr: httpx.AsyncClient) -> None:
        """[AP4]"""
        assert problem(await hr.post("/api/v1/people", json={**BEN, "admin": True})) == (400, "bad_body")
        assert problem(await hr.post("/api/v1/people", content=b"\xff")) == (400, "bad_body")
        assert problem(await hr.post("/api/v1/people", json={**BEN, "name": "x" * 70_000})) == (413, "too_large")

    async def test_other_addresses_and_methods_are_told_apart(self, hr: httpx.AsyncClient) -> None:
        """[AP4] With the methods that there are."""
        assert problem(await hr.get("/api/v1/nothing")) == (404, "not_found")
        answer = await hr.delete("/api/v1/people")
        assert problem(answer) == (405, "method_not_allowed")
        assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
