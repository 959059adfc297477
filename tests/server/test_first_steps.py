"""The first quarter of an hour: what is done is told by what there is; examples; importing a document."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from protocol.account import PersonRole, Policy
from protocol.people import PersonChange
from server.http.first_steps import MOST_BYTES
from server.records.catalog import SqlCatalog
from server.records.database import Database
from server.records.first_steps import SqlFirstSteps
from server.records.sessions import SqlSessions
from server.records.tables import sessions
from tests.server.test_sessions_list import FINISHED, row
from tests.support.people import Front, fronted, problem, rows_of_audit
from tests.support.sql import BOTH
from tests.support.workflows import SMALL_DOCUMENT

SQL_KINDS = BOTH
SMALL_TEXT = """
format: sidecoach.workflow/1
key: greet
name: Greeting
start: hello
sections:
  - key: hello
    name: Hello
"""


@pytest.fixture
async def front(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Front]:
    async with fronted(database, database_url, tmp_path) as front:
        yield front


@pytest.fixture
async def ada(front: Front) -> httpx.AsyncClient:
    """An administrator."""
    _, browser = await front.arrive("Ada", PersonRole.ADMIN)
    return browser


async def steps(ada: httpx.AsyncClient) -> dict[str, Any]:
    return dict((await ada.get("/api/first-steps")).json())


async def upload(ada: httpx.AsyncClient, text: str | bytes, name: str = "greet.yaml") -> httpx.Response:
    return await ada.post(f"/api/workflows?name={name}", content=text)


class TestSteps:
    async def test_are_ticked_off_by_what_there_is(
        self, front: Front, ada: httpx.AsyncClient, database: Database
    ) -> None:
        """[FQ1] Not by a click: each is done when it is so."""
        nothing = dict.fromkeys(("named", "people", "team", "workflows", "connection", "practice", "dismissed"), False)
        assert await steps(ada) == {**nothing, "examples": 0}
        await ada.patch("/api/settings", json={"version": 0, "name": "North"})
        team = await front.roster.add_team("North", by="ada")
        for name in ("Ben", "Cleo"):
            person_id, _ = await front.add(name)
            await front.roster.change(person_id, PersonChange(team_ids=(team.id,)), by="ada")
        await upload(ada, SMALL_TEXT)
        order = {"integration": "webhook", "name": "Us", "settings": {"url": "https://example.org/hook"}}
        made = await ada.post("/api/connections", json=order)
        assert made.status_code == 201, made.text
        practice = row(1, FINISHED, session_id="a" * 32, seq=3)
        await front_table(database, practice)
        assert await steps(ada) == {
            **dict.fromkeys(nothing, True),
            "dismissed": False,
            "examples": 0,
        }

    async def test_are_dismissed_and_come_back(self, ada: httpx.AsyncClient) -> None:
        """[FQ2] For every administrator, and for no one else to see."""
        assert (await ada.put("/api/first-steps", json={"dismissed": True})).json()["dismissed"]
        assert (await steps(ada))["dismissed"]
        assert not (await ada.put("/api/first-steps", json={"dismissed": False})).json()["dismissed"]

    async def test_are_for_administrators(self, front: Front) -> None:
        """[FQ1, FQ3, FQ5] Reading, importing and removing alike."""
        _, ben = await front.arrive("Ben", PersonRole.AUTHOR)
        for method, path in (
            ("GET", "first-steps"),
            ("PUT", "first-steps"),
            ("POST", "examples"),
            ("DELETE", "examples"),
        ):
            assert problem(await ben.request(method, f"/api/{path}")) == (403, "not_allowed")
        assert problem(await upload(ben, SMALL_TEXT)) == (403, "not_allowed")


class TestExamples:
    async def test_come_in_one_press_and_go_in_one(
        self, ada: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """[FQ3, FQ4] What somebody changed stays; twice is once; they come back as they were."""
        other = SMALL_DOCUMENT.__class__(**{**_fields(SMALL_DOCUMENT), "key": "other", "name": "Other"})
        monkeypatch.setattr("server.http.first_steps._samples", lambda: (SMALL_DOCUMENT, other))
        first, again = await asyncio.gather(ada.post("/api/examples"), ada.post("/api/examples"))
        assert (first.json(), again.json()) == ({"workflows": 2}, {"workflows": 2})
        offers = (await ada.get("/api/workflows")).json()
        assert [(offer["name"], offer["example"]) for offer in offers] == [
            ("Other", True),
            (SMALL_DOCUMENT.name, True),
        ]

        changed = other.__class__(**{**_fields(other), "name": "Ours"})
        await SqlCatalog(database).publish(changed)
        assert (await steps(ada))["examples"] == 1
        assert (await ada.delete("/api/examples")).json() == {"workflows": 1}
        assert [(offer["name"], offer["example"]) for offer in (await ada.get("/api/workflows")).json()] == [
            ("Ours", False)
        ]
        assert (await ada.post("/api/examples")).json() == {"workflows": 1}
        assert len((await ada.get("/api/workflows")).json()) == 2
        acts = [(act, detail) for _, act, _, detail in await rows_of_audit(database) if act.startswith("examples")]
        assert acts == [
            ("examples_imported", {"workflows": "2"}),
            ("examples_removed", {"workflows": "1"}),
            ("examples_imported", {"workflows": "1"}),
        ]

    async def test_an_import_that_was_killed_is_made_again(
        self, ada: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """[FQ3] Marked first, published then: whatever is published by it can be removed."""
        monkeypatch.setattr("server.http.first_steps._samples", lambda: (SMALL_DOCUMENT,))
        await SqlFirstSteps(database).mark_examples(
            {SMALL_DOCUMENT.key: SqlCatalog(database).digest(SMALL_DOCUMENT)}, by="ada"
        )
        assert (await steps(ada))["examples"] == 0
        assert (await ada.post("/api/examples")).json() == {"workflows": 1}
        assert (await steps(ada))["examples"] == 1


class TestDocument:
    async def test_is_published(self, ada: httpx.AsyncClient, database: Database) -> None:
        """[FQ5] On record with who did it; the same again is nothing new, and leaves no second row."""
        answer = await upload(ada, SMALL_TEXT)
        assert answer.status_code == 201
        told = answer.json()
        assert (told["published"], told["name"], told["number"], told["is_new"]) == (True, "Greeting", 1, True)
        assert (await upload(ada, SMALL_TEXT)).json()["is_new"] is False
        assert [offer["key"] for offer in (await ada.get("/api/workflows")).json()] == ["greet"]
        ada_id = (await ada.get("/api/me")).json()["person"]["id"]
        rows = [row for row in await rows_of_audit(database) if row[1] == "workflow_published"]
        assert rows == [(ada_id, "workflow_published", "greet", {"name": "Greeting", "number": "1"})]

    @pytest.mark.parametrize(
        ("text", "path", "words"),
        [
            ("key: [", "", "not YAML"),
            (SMALL_TEXT.replace("name: Hello", "nome: Hello"), "sections[0]", "name"),
            (SMALL_TEXT.replace("start: hello", "start: nowhere"), "start", "nowhere"),
            (b"\xff\xfe", "", "UTF-8"),
        ],
    )
    async def test_problems_are_told_with_their_path(
        self, ada: httpx.AsyncClient, text: str | bytes, path: str, words: str
    ) -> None:
        """[FQ6] All of them, and nothing is stored."""
        answer = await upload(ada, text)
        assert answer.status_code == 422
        told = answer.json()
        assert told["published"] is False
        assert any(each["path"].startswith(path) and words in str(each) for each in told["problems"]), told
        assert (await ada.get("/api/workflows")).json() == []

    async def test_has_a_size(self, ada: httpx.AsyncClient) -> None:
        """[FQ6] What is too large is not even read."""
        assert problem(await upload(ada, b"x" * (MOST_BYTES + 1))) == (413, "too_large")


def _fields(document: Any) -> dict[str, Any]:
    return {name: getattr(document, name) for name in document.__struct_fields__}


async def front_table(database: Database, practice: Any) -> None:
    await SqlSessions(database, Policy).write([practice])
    async with database.writing() as connection:
        await connection.execute(update(sessions).values(training=True))
