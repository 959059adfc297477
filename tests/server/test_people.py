"""People, teams and the audit log over HTTP: what administrators do, and nobody else."""

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import insert

from protocol.account import PersonRole
from server.records.database import Database
from server.records.tables import audit, people, sessions
from tests.support.people import GOOD, Front, fronted, problem, rows_of_audit, sign_in
from tests.support.sql import BOTH

SQL_KINDS = BOTH
BEN = {"name": "Ben", "email": "ben@example.org", "roles": ["agent"], "team_ids": []}


@pytest.fixture
async def front(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Front]:
    async with fronted(database, database_url, tmp_path) as front:
        yield front


@pytest.fixture
async def ada(front: Front) -> httpx.AsyncClient:
    """An administrator."""
    _, browser = await front.arrive("Ada", PersonRole.ADMIN)
    return browser


async def added(ada: httpx.AsyncClient, **news: object) -> dict[str, Any]:
    answer = await ada.post("/api/people", json={**BEN, **news})
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["person"])


async def names(ada: httpx.AsyncClient, asked: str = "") -> list[str]:
    return [line["name"] for line in (await ada.get(f"/api/people?{asked}")).json()["lines"]]


class TestAdding:
    async def test_gives_a_link_that_lets_them_in(self, front: Front, ada: httpx.AsyncClient) -> None:
        """[PE8] The link is in this answer and in no other."""
        team = (await ada.post("/api/teams", json={"name": "North"})).json()["id"]
        new = {"name": "  Ben   Büttner ", "email": " Ben@Example.org", "roles": ["coach", "agent"], "team_ids": [team]}
        answer = await ada.post("/api/people", json=new)
        person, link = answer.json()["person"], answer.json()["link"]

        assert answer.status_code == 201
        assert person == {
            "id": person["id"],
            "name": "Ben Büttner",
            "email": "ben@example.org",
            "roles": ["agent", "coach"],
            "permissions": [],
            "team_ids": [team],
            "active": True,
            "has_password": False,
            "has_identity": False,
            "has_second_factor": False,
            "link_expires_ms": link["expires_ms"],
            "last_seen_ms": None,
        }
        token = link["url"].partition("#")[2]
        assert token not in (await ada.get("/api/people")).text
        browser = front.browser()
        assert (await browser.post("/api/links/use", json={"token": token, "password": GOOD})).status_code == 204
        assert (await browser.get("/api/me")).json()["person"]["id"] == person["id"]

    async def test_an_e_mail_is_one_persons(self, ada: httpx.AsyncClient) -> None:
        """[PE1] Whatever its case; of somebody who is deactivated, too."""
        ben = await added(ada)
        assert problem(await ada.post("/api/people", json={**BEN, "email": "BEN@example.org"})) == (409, "email_taken")
        await ada.post(f"/api/people/{ben['id']}/deactivate")
        assert problem(await ada.post("/api/people", json=BEN)) == (409, "email_taken")
        cleo = await added(ada, name="Cleo", email="cleo@example.org")
        changed = await ada.patch(f"/api/people/{cleo['id']}", json={"email": "Ben@example.org"})
        assert problem(changed) == (409, "email_taken")

    @pytest.mark.parametrize(
        ("news", "expected"),
        [
            ({"roles": []}, (400, "bad_body")),
            ({"roles": ["boss"]}, (400, "bad_body")),
            ({"name": 7}, (400, "bad_body")),
            ({"name": ""}, (400, "bad_body")),
            ({"name": "x" * 201}, (400, "bad_body")),
            ({"name": " "}, (422, "bad_name")),
            ({"name": "a\u0000b"}, (422, "bad_name")),
            ({"email": None}, (400, "bad_body")),
            ({"email": "ben"}, (422, "bad_email")),
            ({"email": "ben @example.org"}, (422, "bad_email")),
            ({"email": "b\u0000n@example.org"}, (422, "bad_email")),
            ({"email": "ß" * 300 + "@example.org"}, (422, "bad_email")),
            ({"team_ids": ["nowhere"]}, (422, "unknown_team")),
            ({"team_ids": ["a\u0000b"]}, (422, "unknown_team")),
            ({"admin": True}, (400, "bad_body")),
            ({"name": "x" * 70_000}, (413, "too_large")),
        ],
    )
    async def test_what_cannot_be_meant_is_refused(
        self, ada: httpx.AsyncClient, news: dict[str, object], expected: tuple[int, str]
    ) -> None:
        """[PE8] And nobody is added."""
        assert problem(await ada.post("/api/people", json={**BEN, **news})) == expected
        assert await names(ada) == ["Ada"]


class TestList:
    async def test_is_by_name_and_found_by_name_or_e_mail(self, ada: httpx.AsyncClient) -> None:
        """[PE8] Case makes no difference, of other letters than ASCII neither."""
        for name in ("Özlem", "ben", "Çelik"):
            await added(ada, name=name, email=f"{name}@example.org")
        gone = await added(ada, name="Gone", email="gone@example.org")
        await ada.post(f"/api/people/{gone['id']}/deactivate")

        assert set(await names(ada)) == {"Ada", "ben", "Çelik", "Özlem"}
        assert (await names(ada))[:2] == ["Ada", "ben"]
        assert await names(ada, "q=ÖZL") == ["Özlem"]
        assert await names(ada, "q=BEN%40EX") == ["ben"]
        assert await names(ada, "q=%25") == []
        assert await names(ada, "state=inactive") == ["Gone"]
        assert len(await names(ada, "state=all")) == 5

    async def test_comes_in_pages(self, ada: httpx.AsyncClient, database: Database) -> None:
        """[PE8] Of 100, and none is left out or shown twice."""
        rows = [
            {"id": f"p{n:03}", "name": "Same", "name_folded": "same", "roles": ["agent"], "active": True}
            for n in range(205)
        ]
        async with database.writing() as connection:
            await connection.execute(insert(people), rows)
        seen, after, pages = [], "", 0
        while after is not None:
            page = (await ada.get(f"/api/people?after={after}")).json()
            seen += [line["id"] for line in page["lines"]]
            after, pages = page["next"], pages + 1

        assert pages == 3
        assert len(seen) == len(set(seen)) == 206

    @pytest.mark.parametrize("asked", ["state=gone", "who=x", "q=" + "x" * 201, "q=%00"])
    async def test_what_cannot_be_asked_is_refused(self, ada: httpx.AsyncClient, asked: str) -> None:
        """[PE8] With what was expected."""
        assert problem(await ada.get(f"/api/people?{asked}")) == (400, "bad_parameter")

    async def test_tells_who_has_a_password_and_was_seen(self, front: Front, ada: httpx.AsyncClient) -> None:
        """[PE8] And who still has a link to use."""
        await front.arrive("Ana")
        await added(ada)
        lines = {line["name"]: line for line in (await ada.get("/api/people")).json()["lines"]}

        for name, is_in in (("Ana", True), ("Ben", False)):
            assert lines[name]["has_password"] is is_in
            assert (lines[name]["last_seen_ms"] is not None) is is_in
            assert (lines[name]["link_expires_ms"] is None) is is_in


class TestChanging:
    async def test_takes_only_what_is_given_and_counts_at_once(self, front: Front, ada: httpx.AsyncClient) -> None:
        """[PE8] The person's next request is judged by it."""
        ana, browser = await front.arrive("Ana")
        await browser.get("/api/me")
        answer = await ada.patch(f"/api/people/{ana}", json={"roles": ["agent", "admin"], "name": "Ana Lima"})

        assert answer.json()["roles"] == ["admin", "agent"]
        assert answer.json()["email"] == "ana@example.org"
        assert (await browser.get("/api/people")).status_code == 200
        await ada.patch(f"/api/people/{ana}", json={"roles": ["agent"], "email": "lima@example.org"})
        assert problem(await browser.get("/api/people")) == (403, "not_allowed")
        assert (await sign_in(front.browser(), "lima")).status_code == 204

    async def test_is_audited_by_what_changed(self, ada: httpx.AsyncClient, database: Database) -> None:
        """[PE12] What stays the same is no row."""
        ben = (await added(ada))["id"]
        team = (await ada.post("/api/teams", json={"name": "North"})).json()["id"]
        before = len(await rows_of_audit(database))
        for change in ({"roles": ["coach"]}, {"name": "Benno", "team_ids": [team]}, {"name": "Benno"}, {}):
            assert (await ada.patch(f"/api/people/{ben}", json=change)).status_code == 200
        rows = (await rows_of_audit(database))[before:]

        assert [(act, subject, detail) for _, act, subject, detail in rows] == [
            ("roles_changed", ben, {"from": "agent", "to": "coach"}),
            ("person_changed", ben, {"name": "Benno", "teams": team}),
        ]

    async def test_what_comes_with_no_role_is_given_and_taken(self, ada: httpx.AsyncClient, database: Database) -> None:
        """[PE17] One person at a time, with a row each; what is left out stays, and what is unknown is refused."""
        ben = (await added(ada, permissions=["hidden_watching"]))["id"]
        cat = await added(ada, name="Cat", email="cat@example.org")
        assert cat["permissions"] == []
        before = len(await rows_of_audit(database))
        for change, expected in (
            ({"name": "Benno"}, ["hidden_watching"]),
            ({"permissions": []}, []),
            ({"permissions": []}, []),
            ({"permissions": ["hidden_watching", "hidden_watching"]}, ["hidden_watching"]),
        ):
            assert (await ada.patch(f"/api/people/{ben}", json=change)).json()["permissions"] == expected
        assert (await ada.patch(f"/api/people/{ben}", json={"permissions": ["all"]})).status_code == 400
        rows = [row for row in (await rows_of_audit(database))[before:] if row[1] == "permissions_changed"]
        assert [detail for *_, detail in rows] == [
            {"from": "hidden_watching", "to": ""},
            {"from": "", "to": "hidden_watching"},
        ]

    @pytest.mark.parametrize("person_id", ["nobody", "%00", "x" * 100])
    async def test_nobody_is_told_as_such(self, ada: httpx.AsyncClient, person_id: str) -> None:
        """[PE8] Whatever is asked of them."""
        path = f"/api/people/{person_id}"
        answers = [
            await ada.patch(path, json={"name": "X"}),
            await ada.post(f"{path}/link"),
            await ada.post(f"{path}/deactivate"),
            await ada.post(f"{path}/activate"),
            await ada.get(f"{path}/sign-ins"),
            await ada.delete(f"{path}/sign-ins"),
        ]

        assert [problem(each) for each in answers] == [(404, "unknown_person")] * 6

    async def test_a_new_link_is_for_who_can_sign_in(self, ada: httpx.AsyncClient, database: Database) -> None:
        """[PE5] Not for who is deactivated or has no e-mail address."""
        async with database.writing() as connection:
            await connection.execute(insert(people).values(id="demo", name="Demo", roles=["agent"], active=True))
        ben = (await added(ada))["id"]
        link = (await ada.post(f"/api/people/{ben}/link")).json()
        await ada.post(f"/api/people/{ben}/deactivate")

        assert link["url"].startswith("http://localhost:8000/welcome#")
        for each in ("demo", ben):
            assert problem(await ada.post(f"/api/people/{each}/link")) == (409, "cannot_link")


class TestDeactivating:
    async def test_ends_sign_ins_and_counts_open_sessions(
        self, front: Front, ada: httpx.AsyncClient, database: Database
    ) -> None:
        """[PE9] Owned or driven, live or paused; finished ones are not open."""
        ana, browser = await front.arrive("Ana")
        rows = [
            _session(1, "live", owner=ana, driver="ben"),
            _session(2, "paused", owner="ben", driver=ana),
            _session(3, "finished", owner=ana, driver=ana),
            _session(4, "live", owner="ben", driver="ben"),
        ]
        async with database.writing() as connection:
            await connection.execute(insert(sessions), rows)
        answer = await ada.post(f"/api/people/{ana}/deactivate")

        assert (answer.json()["active"], answer.json()["open_sessions"]) == (False, 2)
        assert problem(await browser.get("/api/me")) == (401, "not_signed_in")
        assert problem(await sign_in(front.browser(), "ana")) == (401, "wrong_sign_in")
        back = (await ada.post(f"/api/people/{ana}/activate")).json()
        assert back["active"] is True
        assert "open_sessions" not in back
        assert (await sign_in(front.browser(), "ana")).status_code == 204
        acts = [act for _, act, subject, _ in await rows_of_audit(database) if subject == ana]
        assert acts[-4:] == ["deactivated", "sign_in_failed", "activated", "sign_in"]

    async def test_the_last_administrator_stays_one(self, front: Front, ada: httpx.AsyncClient) -> None:
        """[PE10] Until somebody else is, who is active."""
        me = (await ada.get("/api/me")).json()["person"]["id"]
        eve = (await added(ada, name="Eve", email="eve@example.org", roles=["admin"]))["id"]
        await ada.post(f"/api/people/{eve}/deactivate")

        assert problem(await ada.post(f"/api/people/{me}/deactivate")) == (409, "last_admin")
        assert problem(await ada.patch(f"/api/people/{me}", json={"roles": ["agent"]})) == (409, "last_admin")
        await ada.post(f"/api/people/{eve}/activate")
        assert (await ada.patch(f"/api/people/{me}", json={"roles": ["agent"]})).status_code == 200

    async def test_an_administrator_sees_and_ends_their_sign_ins(self, front: Front, ada: httpx.AsyncClient) -> None:
        """[PE6] All of them."""
        ana, browser = await front.arrive("Ana")
        lines = (await ada.get(f"/api/people/{ana}/sign-ins")).json()["lines"]

        assert [(line["browser"], line["is_here"]) for line in lines] == [("Firefox on Windows", False)]
        assert (await ada.delete(f"/api/people/{ana}/sign-ins")).status_code == 204
        assert problem(await browser.get("/api/me")) == (401, "not_signed_in")


class TestTeams:
    async def test_are_added_renamed_and_listed_with_their_members(
        self, ada: httpx.AsyncClient, database: Database
    ) -> None:
        """[PE11, PE12] Each change with its row of the audit log."""
        north = (await ada.post("/api/teams", json={"name": " North "})).json()
        await ada.post("/api/teams", json={"name": "east"})
        await added(ada, team_ids=[north["id"]])
        renamed = await ada.patch(f"/api/teams/{north['id']}", json={"name": "Far North"})
        lines = (await ada.get("/api/teams")).json()["lines"]

        assert north == {"id": north["id"], "name": "North", "members": 0}
        assert renamed.json() == {"id": north["id"], "name": "Far North", "members": 1}
        assert [(line["name"], line["members"]) for line in lines] == [("east", 0), ("Far North", 1)]
        acts = [(act, detail) for _, act, _, detail in await rows_of_audit(database) if act.startswith("team")]
        assert acts[0::2] == [("team_added", {"name": "North"}), ("team_renamed", {"name": "Far North"})]

    async def test_names_are_told_apart(self, ada: httpx.AsyncClient) -> None:
        """[PE11] Case makes none; one may keep one's own."""
        north = (await ada.post("/api/teams", json={"name": "North"})).json()["id"]

        assert problem(await ada.post("/api/teams", json={"name": "NORTH"})) == (409, "name_taken")
        assert (await ada.patch(f"/api/teams/{north}", json={"name": "NORTH"})).status_code == 200
        assert problem(await ada.patch("/api/teams/nowhere", json={"name": "South"})) == (404, "unknown_team")
        assert problem(await ada.patch("/api/teams/%00", json={"name": "South"})) == (404, "unknown_team")
        assert problem(await ada.post("/api/teams", json={"name": 1})) == (400, "bad_body")


class TestAuditLog:
    async def test_is_read_the_newest_first_and_found_by_who_what_and_when(
        self, front: Front, ada: httpx.AsyncClient
    ) -> None:
        """[PE13] With the names of those who acted."""
        me = (await ada.get("/api/me")).json()["person"]["id"]
        ben = (await added(ada))["id"]
        lines = (await ada.get("/api/audit")).json()["lines"]
        at_ms = lines[0]["at_ms"]

        assert [line["act"] for line in lines[:2]] == ["link_made", "person_added"]
        assert lines[0]["actor"] == {"id": me, "name": "Ada"}
        assert {line["actor"]["name"] for line in lines} == {"Ada", "Command line"}
        assert [line["id"] for line in lines] == sorted((line["id"] for line in lines), reverse=True)
        for asked, expected in (
            ("act=person_added", 2),
            (f"actor={me}&act=person_added", 1),
            (f"subject={ben}", 2),
            (f"to_ms={at_ms - 86_400_000}", 0),
            (f"subject={ben}&from_ms={at_ms - 86_400_000}&to_ms={at_ms + 1}", 2),
        ):
            assert len((await ada.get(f"/api/audit?{asked}")).json()["lines"]) == expected, asked

    async def test_comes_in_pages_of_100(self, ada: httpx.AsyncClient, database: Database) -> None:
        """[PE13] Rows that are added meanwhile move nothing."""
        await _write(database, 250)
        first = (await ada.get("/api/audit?act=seen")).json()
        await _write(database, 5)
        second = (await ada.get(f"/api/audit?act=seen&after={first['next']}")).json()
        third = (await ada.get(f"/api/audit?act=seen&after={second['next']}")).json()
        ids = [line["id"] for page in (first, second, third) for line in page["lines"]]

        assert [len(page["lines"]) for page in (first, second, third)] == [100, 100, 50]
        assert len(set(ids)) == 250
        assert third["next"] is None

    @pytest.mark.parametrize("asked", ["from_ms=soon", "after=-1", "to_ms=1e3", "who=x", "act=%00", "act=" + "x" * 201])
    async def test_what_cannot_be_asked_is_refused(self, ada: httpx.AsyncClient, asked: str) -> None:
        """[PE13] With what was expected."""
        for path in ("/api/audit", "/api/audit.csv"):
            assert problem(await ada.get(f"{path}?{asked}")) == (400, "bad_parameter")

    async def test_is_exported_whole_and_the_export_is_audited(
        self, ada: httpx.AsyncClient, database: Database
    ) -> None:
        """[PE13] By the same filters."""
        await _write(database, 2_345)
        answer = await ada.get("/api/audit.csv?act=seen")
        header, *rows = list(csv.reader(io.StringIO(answer.text)))

        assert answer.headers["content-type"].startswith("text/csv")
        assert 'filename="audit.csv"' in answer.headers["content-disposition"]
        assert header == ["id", "at", "actor_id", "actor", "act", "subject", "detail"]
        assert len({row[0] for row in rows}) == 2_345
        assert rows[-1][1:] == ["2023-11-14T22:13:20.000+00:00", "system", "System", "seen", "s", '{"a":"0"}']
        assert (await rows_of_audit(database))[-1][1:] == ("audit_exported", "audit", {"act": "seen"})

    @pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\t=1", " =1", "\r\n=1"])
    async def test_no_cell_is_a_formula(self, ada: httpx.AsyncClient, database: Database, text: str) -> None:
        """[PE13] Whoever opens it in a spreadsheet runs nothing."""
        row = {"at_ms": 1, "actor_id": text, "act": "seen", "subject": text, "detail": {}}
        async with database.writing() as connection:
            await connection.execute(insert(audit).values(row))
        rows = list(csv.reader(io.StringIO((await ada.get("/api/audit.csv?act=seen")).text)))

        assert rows[1][2:] == [f"'{text}", f"'{text}", "seen", f"'{text}", "{}"]


async def _write(database: Database, count: int) -> None:
    row = {"at_ms": 1_700_000_000_000, "actor_id": "system", "act": "seen", "subject": "s"}
    async with database.writing() as connection:
        await connection.execute(insert(audit), [{**row, "detail": {"a": str(n)}} for n in range(count)])


def _session(number: int, in_list: str, owner: str, driver: str) -> dict[str, object]:
    names = ("title", "title_folded", "workflow_key", "workflow_name", "version_id", "owner_name", "driver_name")
    return {
        **dict.fromkeys(names, "x"),
        "session_id": f"{number:032x}",
        "seq": 1,
        "list": in_list,
        "status": "active",
        "training": False,
        "owner_id": owner,
        "driver_id": driver,
        "started_ms": 1,
        "changed_ms": 1,
        "call_back_ms": 1,
    }
