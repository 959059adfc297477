"""People, teams, Connections and the audit log over the HTTP API."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from protocol.account import PersonRole
from protocol.api_tokens import Scope
from server.records.database import Database
from tests.support.api import make_token, program
from tests.support.people import GOOD, Front, fronted, problem, rows_of_audit, sign_in

BEN = {"name": " Ben  B ", "email": "Ben@example.org", "roles": ["agent"]}


@pytest.fixture
async def front(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Front]:
    async with fronted(database, database_url, tmp_path) as front:
        yield front


@pytest.fixture
async def hr(front: Front, database: Database) -> httpx.AsyncClient:
    """A program that may do everything."""
    return program(front.app, await make_token(database))


class TestPeople:
    async def test_are_added_with_a_link_and_found(
        self, front: Front, hr: httpx.AsyncClient, database: Database
    ) -> None:
        """[AP13] As an administrator does it in the browser; the audit log tells which token."""
        invited = (await hr.post("/api/v1/people", json=BEN)).json()
        person = invited["person"]
        assert person == {
            "id": person["id"],
            "name": "Ben B",
            "email": "ben@example.org",
            "roles": ["agent"],
            "team_ids": [],
            "active": True,
            "last_seen_ms": None,
        }
        browser, token = front.browser(), invited["link"].partition("#")[2]
        assert (await browser.post("/api/links/use", json={"token": token, "password": GOOD})).status_code == 204
        assert (await hr.get(f"/api/v1/people/{person['id']}")).json()["id"] == person["id"]
        assert [line["name"] for line in (await hr.get("/api/v1/people?q=BEN")).json()["lines"]] == ["Ben B"]
        by = {each[0] for each in await rows_of_audit(database) if each[1] == "person_added"}
        assert all(actor.startswith("api_") for actor in by)

    async def test_are_changed_deactivated_and_activated(self, front: Front, hr: httpx.AsyncClient) -> None:
        """[AP13] Who is deactivated is out."""
        person_id, browser = await front.arrive("Ben")
        patched = await hr.patch(f"/api/v1/people/{person_id}", json={"name": "Benno", "roles": ["coach", "agent"]})
        assert (patched.json()["name"], patched.json()["roles"]) == ("Benno", ["agent", "coach"])
        assert (await hr.post(f"/api/v1/people/{person_id}/deactivate")).json()["active"] is False
        assert problem(await sign_in(front.browser(), "ben")) == (401, "wrong_sign_in")
        assert (await hr.post(f"/api/v1/people/{person_id}/activate")).json()["active"] is True
        assert (await sign_in(front.browser(), "ben")).status_code == 204
        assert (await browser.get("/api/me")).status_code == 401

    @pytest.mark.parametrize("role", ["supervisor", "manager"])
    async def test_who_leads_others_is_made_and_changed_by_people_only(
        self, front: Front, hr: httpx.AsyncClient, role: str
    ) -> None:
        """[AP14] Or a token would give what it may not have: sensitive values, by one's own supervisor."""
        lead_id, _ = await front.arrive("Lea", PersonRole(role))
        ben_id, _ = await front.arrive("Ben")
        tries = [
            await hr.post("/api/v1/people", json={**BEN, "email": "new@example.org", "roles": ["agent", role]}),
            await hr.patch(f"/api/v1/people/{ben_id}", json={"roles": [role]}),
            await hr.patch(f"/api/v1/people/{lead_id}", json={"email": "me@example.org"}),
            await hr.post(f"/api/v1/people/{lead_id}/deactivate"),
        ]
        assert {problem(answer) for answer in tries} == {(403, "not_allowed")}

    async def test_a_token_for_some_teams_provisions_these_only(self, front: Front, database: Database) -> None:
        """[AP14] Neither into another team, nor who is in one."""
        red, blue = [(await front.roster.add_team(name, by="ada")).id for name in ("Red", "Blue")]
        hr = program(front.app, await make_token(database, team_ids=(red,)))
        made = await hr.post("/api/v1/people", json={**BEN, "team_ids": [red]})
        assert made.status_code == 201
        ben_id = made.json()["person"]["id"]
        order = {**BEN, "email": "cleo@example.org", "team_ids": [blue]}
        assert problem(await hr.post("/api/v1/people", json=order)) == (403, "not_allowed")
        assert problem(await hr.patch(f"/api/v1/people/{ben_id}", json={"team_ids": [blue]})) == (403, "not_allowed")

        all_teams = program(front.app, await make_token(database, name="All"))
        assert (await all_teams.patch(f"/api/v1/people/{ben_id}", json={"team_ids": [blue]})).status_code == 200
        assert problem(await hr.post(f"/api/v1/people/{ben_id}/deactivate")) == (403, "not_allowed")

    async def test_administrators_are_made_and_changed_by_people_only(
        self, front: Front, hr: httpx.AsyncClient
    ) -> None:
        """[AP14] A token that leaks makes nobody an administrator."""
        ada_id, _ = await front.arrive("Ada", PersonRole.ADMIN)
        ben_id, _ = await front.arrive("Ben")
        tries = [
            await hr.post("/api/v1/people", json={**BEN, "roles": ["admin"]}),
            await hr.patch(f"/api/v1/people/{ben_id}", json={"roles": ["admin", "agent"]}),
            await hr.patch(f"/api/v1/people/{ada_id}", json={"email": "me@example.org"}),
            await hr.post(f"/api/v1/people/{ada_id}/deactivate"),
            await hr.post(f"/api/v1/people/{ada_id}/activate"),
        ]
        assert {problem(answer) for answer in tries} == {(403, "not_allowed")}

    @pytest.mark.parametrize(
        ("news", "expected"),
        [
            ({"name": "\n"}, (422, "bad_name")),
            ({"email": "ben"}, (422, "bad_email")),
            ({"team_ids": ["nowhere"]}, (422, "unknown_team")),
        ],
    )
    async def test_what_cannot_be_meant_is_refused(
        self, hr: httpx.AsyncClient, news: dict[str, object], expected: tuple[int, str]
    ) -> None:
        """[AP13] Alike for somebody new and for somebody who is there."""
        assert problem(await hr.post("/api/v1/people", json={**BEN, **news})) == expected
        ben = (await hr.post("/api/v1/people", json=BEN)).json()["person"]
        assert problem(await hr.patch(f"/api/v1/people/{ben['id']}", json=news)) == expected

    async def test_whoever_is_not_there_is_unknown(self, hr: httpx.AsyncClient) -> None:
        """[AP13]"""
        for answer in (
            await hr.get("/api/v1/people/nobody"),
            await hr.get("/api/v1/people/a%00b"),
            await hr.get("/api/v1/people/" + "x" * 65),
            await hr.patch("/api/v1/people/nobody", json={}),
            await hr.post("/api/v1/people/nobody/deactivate"),
        ):
            assert problem(answer) == (404, "unknown_person")


class TestTheRest:
    async def test_teams_by_name(self, front: Front, hr: httpx.AsyncClient) -> None:
        """[AP13]"""
        _, ada = await front.arrive("Ada", PersonRole.ADMIN)
        for name in ("South", "North"):
            await ada.post("/api/teams", json={"name": name})
        assert [line["name"] for line in (await hr.get("/api/v1/teams")).json()["lines"]] == ["North", "South"]

    async def test_connections_without_anything_secret(self, front: Front, hr: httpx.AsyncClient) -> None:
        """[AP15] Nor their settings, nor those of people."""
        _, ada = await front.arrive("Ada", PersonRole.ADMIN)
        settings, secrets = {"url": "https://crm.example.com/in"}, {}
        new = {"integration": "webhook", "name": "CRM", "settings": settings, "secrets": secrets}
        made = await ada.post("/api/connections", json=new)
        assert made.status_code == 201, made.text
        (line,) = (await hr.get("/api/v1/connections")).json()["lines"]
        assert line == {
            "id": made.json()["connection"]["id"],
            "integration": "webhook",
            "integration_enabled": True,
            "name": "CRM",
            "status": "ok",
            "reason": "",
        }

    async def test_the_audit_log_names_tokens(self, hr: httpx.AsyncClient) -> None:
        """[AP15] Page by page; that it is read is in it."""
        for _ in range(3):
            await hr.get("/api/v1/audit")
        page = (await hr.get("/api/v1/audit?act=audit_read&limit=3")).json()
        assert [line["actor"]["name"] for line in page["lines"]] == ["Dialler"] * 3
        rest = (await hr.get(f"/api/v1/audit?act=audit_read&limit=3&cursor={page['next']}")).json()
        assert {line["id"] for line in rest["lines"]}.isdisjoint({line["id"] for line in page["lines"]})

    async def test_each_is_a_scope_of_its_own(self, front: Front, database: Database) -> None:
        """[AT6]"""
        client = program(front.app, await make_token(database, Scope.CONNECTIONS_READ))
        assert (await client.get("/api/v1/connections")).status_code == 200
        assert problem(await client.get("/api/v1/audit")) == (403, "scope_missing")
