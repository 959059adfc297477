"""Connections over HTTP: who may do what, what forms are told, what trying one out leaves behind."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from protocol.actions import OutcomeKind
from server.actions.outcomes import Outcome
from server.app import build_app
from server.auth.demo import DEMO_PEOPLE, TEAM_ID, TEAM_NAME
from server.records.database import Database
from server.records.people import SqlPeople
from server.records.tables import audit
from server.settings import Settings
from server.store.memory import MemoryStore
from tests.support.integrations import MODULES, FakeSender

TOKEN = "tok_live_51Hq8Zc9aa2f"
HOOK = {"integration": "hook", "name": "Backoffice", "settings": {"url": "https://a.example"}}
MAIL = {"integration": "mail", "name": "Mailbox", "settings": {"host": "h", "sender": "a@b.example"}}
PASSWORD = {"secrets": {"password": "correct horse battery"}}

Browsers = Callable[[str], httpx.AsyncClient]


@pytest.fixture
def sender() -> FakeSender:
    return FakeSender()


@pytest.fixture
async def browsers(
    tmp_path: Path, database: Database, sender: FakeSender
) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """A signed-in browser of each demo person, by label."""
    await SqlPeople(database).add_team(TEAM_ID, TEAM_NAME, [person.actor for person in DEMO_PEOPLE])
    app = build_app(Settings(data_dir=str(tmp_path), demo=True), MemoryStore(), MODULES, sender)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        browsers = {}
        for label in ("admin", "agent", "agent2"):
            address = f"http://{label}.localhost:8000"
            browsers[label] = httpx.AsyncClient(transport=transport, base_url=address, headers={"Origin": address})
            await browsers[label].post("/api/demo/sign-in")
        yield browsers


@pytest.fixture
def ada(browsers: dict[str, httpx.AsyncClient]) -> httpx.AsyncClient:
    return browsers["admin"]


@pytest.fixture
def ana(browsers: dict[str, httpx.AsyncClient]) -> httpx.AsyncClient:
    return browsers["agent"]


@pytest.fixture
def ben(browsers: dict[str, httpx.AsyncClient]) -> httpx.AsyncClient:
    return browsers["agent2"]


async def made(browser: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    answer = await browser.post("/api/connections", json=body)
    assert answer.status_code == 201, answer.text
    connection: dict[str, Any] = answer.json()["connection"]
    return connection


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


class TestCatalogue:
    async def test_tells_everybody_what_there_is_and_whose_connections_are_theirs(
        self, ada: httpx.AsyncClient, ana: httpx.AsyncClient
    ) -> None:
        """[CO11] Forms are drawn from it; an agent sees nothing of the account's credentials."""
        await made(ada, HOOK)
        await made(ana, {**MAIL, **PASSWORD, "personal": True})
        of_ada, of_ana = [(await each.get("/api/integrations")).json() for each in (ada, ana)]

        assert [each["integration"]["name"] for each in of_ana["integrations"]] == ["E-mail", "Webhook"]
        assert of_ana["integrations"][1]["integration"]["settings"][0]["label"] == "Address"
        assert [each["name"] for each in of_ana["connections"]] == ["Mailbox"]
        assert [each["name"] for each in of_ada["connections"]] == ["Backoffice", "Mailbox"]

    async def test_is_sent_again_only_when_it_changed(self, ada: httpx.AsyncClient) -> None:
        """[CO11] By its ETag."""
        first = await ada.get("/api/integrations")
        headers = {"If-None-Match": first.headers["etag"]}
        same = await ada.get("/api/integrations", headers=headers)
        await ada.put("/api/integrations/hook", json={"enabled": False})
        changed = await ada.get("/api/integrations", headers=headers)

        assert (same.status_code, same.content) == (304, b"")
        assert changed.status_code == 200
        assert [each["enabled"] for each in changed.json()["integrations"]] == [True, False]

    async def test_strangers_are_told_nothing(self, ada: httpx.AsyncClient) -> None:
        """[CO11] Sign in first."""
        ada.cookies.clear()

        for path in ("integrations", "connections", "egress-rules"):
            assert problem(await ada.get(f"/api/{path}")) == (401, "not_signed_in")


class TestRights:
    async def test_the_accounts_are_for_administrators(self, ada: httpx.AsyncClient, ana: httpx.AsyncClient) -> None:
        """[CO3] An agent does not even learn that it is there."""
        path = f"/api/connections/{(await made(ada, HOOK))['id']}"
        tries = [
            await ana.post("/api/connections", json=HOOK),
            await ana.put("/api/integrations/hook", json={"enabled": False}),
            await ana.get("/api/egress-rules"),
            await ana.put("/api/egress-rules", json={"rules": []}),
            await ana.get(f"{path}/deliveries"),
            await ana.post(f"{path}/test-fire", json={"action": "hook.post@1"}),
        ]
        unseen = [
            await ana.get(path),
            await ana.put(path, json={"name": "Mine"}),
            await ana.delete(path),
            await ana.post(f"{path}/check"),
            await ana.post(f"{path}/rotate", json={"setting": "signing_secret"}),
        ]

        assert [problem(each) for each in tries] == [(403, "not_allowed")] * 6
        assert [problem(each) for each in unseen] == [(404, "unknown_connection")] * 5

    async def test_a_personal_one_is_its_owners_alone(
        self, ada: httpx.AsyncClient, ana: httpx.AsyncClient, ben: httpx.AsyncClient
    ) -> None:
        """[CO3] Administrators see that it is there; a colleague does not."""
        mine = await made(ana, {**MAIL, **PASSWORD, "personal": True})
        path = f"/api/connections/{mine['id']}"

        assert mine["owner"] == {"id": "demo_agent", "name": "Ana Agent"}
        assert (await ada.get(path)).json()["name"] == "Mailbox"
        assert problem(await ada.put(path, json={"name": "Hers"})) == (403, "not_allowed")
        assert problem(await ada.delete(path)) == (403, "not_allowed")
        assert problem(await ada.post(f"{path}/test-fire", json={"action": "mail.send@1"})) == (403, "not_allowed")
        assert problem(await ben.get(path)) == (404, "unknown_connection")
        assert problem(await ben.delete(path)) == (404, "unknown_connection")
        assert (await ana.put(path, json={"name": "Post"})).json()["name"] == "Post"
        assert (await ana.post(f"{path}/check")).json()["excerpt"] == ""
        assert (await ana.delete(path)).status_code == 204
        assert (await ana.get("/api/connections")).json() == []

    async def test_an_integration_says_whether_people_may_have_their_own(self, ana: httpx.AsyncClient) -> None:
        """[CO3] Else anybody could have webhooks sent to themselves."""
        assert problem(await ana.post("/api/connections", json={**HOOK, "personal": True})) == (403, "not_allowed")

    async def test_other_pages_change_nothing(self, ada: httpx.AsyncClient) -> None:
        """[CO3, HS17] Whatever cookie the browser adds."""
        path = f"/api/connections/{(await made(ada, HOOK))['id']}"
        ada.headers["Origin"] = "http://evil.example"
        tries = [
            await ada.post("/api/connections", json=HOOK),
            await ada.put(path, json={"name": "Evil"}),
            await ada.delete(path),
            await ada.post(f"{path}/check"),
            await ada.post(f"{path}/test-fire", json={"action": "hook.post@1"}),
            await ada.post(f"{path}/rotate", json={"setting": "signing_secret"}),
            await ada.put("/api/integrations/hook", json={"enabled": False}),
            await ada.put("/api/egress-rules", json={"rules": []}),
        ]

        assert [problem(each) for each in tries] == [(403, "other_origin")] * 8


class TestChanging:
    async def test_making_one_shows_its_drawn_secret_once(self, ada: httpx.AsyncClient) -> None:
        """[CO2, CO6] And what was typed never."""
        answer = await ada.post("/api/connections", json={**HOOK, "secrets": {"token": TOKEN}})
        drawn = answer.json()["drawn"]
        later = await ada.get(f"/api/connections/{answer.json()['connection']['id']}")

        assert answer.headers["cache-control"] == "no-store"
        assert list(drawn) == ["signing_secret"]
        assert TOKEN not in answer.text
        assert drawn["signing_secret"] not in later.text
        assert later.json()["settings"] == {"url": "https://a.example"}
        secret = later.json()["secrets"]["token"]
        assert (secret["set"], secret["last4"]) == (True, "aa2f")

    async def test_what_will_not_do_is_told_with_its_path(self, ada: httpx.AsyncClient) -> None:
        """[CO3] And nothing is made."""
        tries = {
            "secrets.password: expected a text for Password": MAIL,
            "settings.nonsense: ": {**HOOK, "settings": {"url": "https://a", "nonsense": "x"}},
            "name: expected": {**HOOK, "name": "  "},
        }
        for expected, body in tries.items():
            answer = await ada.post("/api/connections", json=body)
            assert problem(answer) == (422, "bad_connection")
            assert answer.json()["detail"].startswith(expected)
        unknown = await ada.post("/api/connections", json={**HOOK, "integration": "fax"})

        assert problem(unknown) == (404, "unknown_integration")
        assert problem(await ada.put("/api/integrations/fax", json={"enabled": True})) == (404, "unknown_integration")
        assert problem(await ada.post("/api/connections", json={**HOOK, "id": "x"})) == (400, "bad_body")
        assert (await ada.get("/api/connections")).json() == []

    async def test_a_change_is_judged_like_a_new_one(self, ada: httpx.AsyncClient) -> None:
        """[CO3, CO5] Blank secrets stay; names collide; disabling and enabling are changes."""
        one = await made(ada, {**MAIL, **PASSWORD})
        await made(ada, {**MAIL, **PASSWORD, "name": "Other"})
        path = f"/api/connections/{one['id']}"

        settings = {"settings": {"host": "new", "sender": "a@b.example"}, "secrets": {"password": ""}}
        assert (await ada.put(path, json=settings)).json()["settings"]["host"] == "new"
        assert problem(await ada.put(path, json={"settings": {"host": "new"}})) == (422, "bad_connection")
        assert problem(await ada.put(path, json={"name": "Other"})) == (409, "name_taken")
        assert problem(await ada.post("/api/connections", json={**MAIL, **PASSWORD})) == (409, "name_taken")
        assert (await ada.put(path, json={"enabled": False})).json()["status"] == "disabled"
        assert (await ada.put(path, json={"enabled": True})).json()["status"] == "ok"

    async def test_rotating_shows_the_new_secret_once(self, ada: httpx.AsyncClient) -> None:
        """[CO6] Drawn, or the receiver's own; only what is drawn can be rotated."""
        first = await ada.post("/api/connections", json=HOOK)
        path = f"/api/connections/{first.json()['connection']['id']}/rotate"
        drawn = (await ada.post(path, json={"setting": "signing_secret"})).json()
        typed = (await ada.post(path, json={"setting": "signing_secret", "secret": "whsec_theirs"})).json()

        assert drawn["drawn"]["signing_secret"] != first.json()["drawn"]["signing_secret"]
        assert drawn["connection"]["rotating_until_ms"] > 0
        assert typed["drawn"] == {}
        assert problem(await ada.post(path, json={"setting": "token"})) == (422, "bad_setting")


class TestTrying:
    async def test_a_check_is_logged_and_decides_the_status(self, ada: httpx.AsyncClient, sender: FakeSender) -> None:
        """[CO5, CO8] Refused credentials need attention; a success mends; one that is gone is disabled."""
        one = await made(ada, {**HOOK, "secrets": {"token": TOKEN}})
        path = f"/api/connections/{one['id']}"
        sender.outcome = Outcome(
            kind=OutcomeKind.UNAUTHORISED, status=401, message=f"refused {TOKEN}", excerpt=f"no {TOKEN}"
        )
        refused = (await ada.post(f"{path}/check")).json()
        sender.outcome = Outcome(kind=OutcomeKind.RETRY, status=503)
        busy = (await ada.post(f"{path}/check")).json()
        sender.outcome = Outcome(kind=OutcomeKind.SENT, status=200)
        works = (await ada.post(f"{path}/check")).json()
        sender.outcome = Outcome(kind=OutcomeKind.REFUSED, status=410, disables_connection=True)
        gone = (await ada.post(f"{path}/check")).json()

        assert [each["connection"]["status"] for each in (refused, busy, works, gone)] == [
            "needs_attention",
            "needs_attention",
            "ok",
            "disabled",
        ]
        assert refused["message"] == refused["connection"]["reason"] == "refused •••"
        assert refused["excerpt"] == "no •••"
        assert sender.checked[0].secrets["token"] == TOKEN
        log = await ada.get(f"{path}/deliveries")
        assert [each["status"] for each in log.json()["deliveries"]] == [410, 200, 503, 401]
        assert log.json()["deliveries"][0]["host"] == "a.example"
        assert TOKEN not in log.text

    async def test_a_test_fire_sends_once_and_is_audited(
        self, ada: httpx.AsyncClient, sender: FakeSender, database: Database
    ) -> None:
        """[CO8] With facts of a Session that never was."""
        one = await made(ada, HOOK)
        body = {"action": "hook.post@1", "parameters": {"data": {"a": "b"}}}
        answer = await ada.post(f"/api/connections/{one['id']}/test-fire", json=body)

        assert answer.json()["kind"] == "sent"
        ((order, connection),) = sender.sent
        assert (order.action, order.parameters, connection.id) == ("hook.post@1", {"data": {"a": "b"}}, one["id"])
        assert order.session["test"] is True
        async with database.reading() as connection_:
            rows = (await connection_.execute(select(audit).where(audit.c.act == "test_fire"))).all()
        assert [(row.actor_id, row.subject, row.detail["key"]) for row in rows] == [
            ("demo_admin", one["id"], order.key)
        ]

    async def test_an_unknown_action_is_refused(self, ada: httpx.AsyncClient, sender: FakeSender) -> None:
        """[CO8] Of another Integration too."""
        one = await made(ada, HOOK)
        answer = await ada.post(f"/api/connections/{one['id']}/test-fire", json={"action": "mail.send@1"})

        assert problem(answer) == (422, "bad_action")
        assert sender.sent == []

    async def test_the_log_is_searched_and_paged(self, ada: httpx.AsyncClient, sender: FakeSender) -> None:
        """[CO7] What is asked wrongly is told what was expected."""
        one = await made(ada, HOOK)
        path = f"/api/connections/{one['id']}"
        for status in (200, 201, 202):
            sender.outcome = Outcome(kind=OutcomeKind.SENT, status=status, message=f"answer {status}")
            await ada.post(f"{path}/check")

        page = (await ada.get(f"{path}/deliveries?limit=2")).json()
        rest = (await ada.get(f"{path}/deliveries?limit=2&after={page['next']}")).json()
        found = (await ada.get(f"{path}/deliveries?search=ANSWER 201")).json()

        assert [each["status"] for each in page["deliveries"] + rest["deliveries"]] == [202, 201, 200]
        assert rest["next"] is None
        assert [each["status"] for each in found["deliveries"]] == [201]
        for wrong in ("after=x", "limit=0", "limit=201", "search=" + "x" * 201):
            assert problem(await ada.get(f"{path}/deliveries?{wrong}")) == (400, "bad_parameter")
        unknown = await ada.get(f"/api/connections/{'0' * 32}/deliveries")
        assert problem(unknown) == (404, "unknown_connection")


class TestEgressRules:
    async def test_are_replaced_whole_and_kept_in_canonical_form(self, ada: httpx.AsyncClient) -> None:
        """[CO9] One address is a network of one; the same twice is once."""
        rules = [
            {"network": "10.20.0.7", "port": 8443, "note": " the  CRM "},
            {"network": "10.20.0.7/32", "port": 8443, "note": "the CRM"},
            {"network": "10.9.0.0/24", "port": 443},
        ]
        answer = await ada.put("/api/egress-rules", json={"rules": rules})

        assert answer.json() == (await ada.get("/api/egress-rules")).json()
        assert answer.json()["rules"] == [
            {"network": "10.20.0.7/32", "port": 8443, "note": "the CRM"},
            {"network": "10.9.0.0/24", "port": 443, "note": ""},
        ]

    async def test_one_that_will_not_do_refuses_them_all(self, ada: httpx.AsyncClient) -> None:
        """[CO9] With its place."""
        rules = [{"network": "10.20.0.7", "port": 8443}, {"network": "10.0.0.0/8", "port": 443}]
        answer = await ada.put("/api/egress-rules", json={"rules": rules})

        assert problem(answer) == (422, "bad_rule")
        assert answer.json()["detail"] == "rules.1: 10.0.0.0/8: expected a network of /16 or narrower"
        assert (await ada.get("/api/egress-rules")).json() == {"rules": []}
