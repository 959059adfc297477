"""Workflows and Sessions as programs read them: what is theirs to see, and never anything sensitive."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from protocol.commands import Continue, End, Pause, SelectAnswer, SetField, UseResponse
from server.records.database import Database
from session_engine.context import Actor
from tests.support.api import Calls, arrange_team, make_token, program, publish
from tests.support.people import Front, fronted, problem, rows_of_audit

NORTH, SOUTH = "north", "south"


@pytest.fixture
async def front(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Front]:
    async with fronted(database, database_url, tmp_path) as front:
        yield front


@pytest.fixture
async def calls(front: Front, database: Database) -> Calls:
    return await publish(database, front.app)


@pytest.fixture
async def ana(database: Database) -> Actor:
    """An agent in the north."""
    (ana,) = await arrange_team(database, NORTH, "Ana")
    return ana


@pytest.fixture
async def crm(front: Front, database: Database) -> httpx.AsyncClient:
    """A program of the north."""
    await arrange_team(database, NORTH, "Ana")
    return program(front.app, await make_token(database, name="CRM", team_ids=(NORTH,)))


async def listed(crm: httpx.AsyncClient, query: str, count: int) -> list[dict[str, object]]:
    """The lines of a list, which follows the logs in a moment."""
    for _ in range(100):
        lines = (await crm.get(f"/api/v1/sessions?{query}")).json()["lines"]
        if len(lines) == count:
            return list(lines)
        await asyncio.sleep(0.02)
    raise AssertionError(f"{query}: {len(lines)} lines, expected {count}")


class TestWorkflows:
    async def test_are_those_that_are_offered(self, crm: httpx.AsyncClient, calls: Calls) -> None:
        """[AP9]"""
        assert (await crm.get("/api/v1/workflows")).json()["lines"] == [
            {"key": "small", "name": "Small call", "category": None, "version_id": calls.version_id}
        ]

    async def test_a_version_tells_what_can_be_filled_and_chosen(self, crm: httpx.AsyncClient, calls: Calls) -> None:
        """[AP9] And which Fields are sensitive."""
        version = (await crm.get(f"/api/v1/versions/{calls.version_id}")).json()
        fields = {field["key"]: field for field in version["fields"]}
        assert version["start"] == "opening"
        assert fields["pin"]["sensitive"] is True
        assert fields["health"]["sensitive"] is True
        assert fields["customer"]["sensitive"] is False
        assert fields["colour"]["options"] == ["red", "blue"]
        assert version["sections"][0]["answers"][0] == {"key": "interested", "label": "Is interested", "to": "offer"}
        assert problem(await crm.get("/api/v1/versions/small@9")) == (404, "unknown_version")
        assert problem(await crm.get("/api/v1/versions/small")) == (404, "unknown_version")


class TestRecord:
    async def test_is_what_a_watcher_sees(self, crm: httpx.AsyncClient, calls: Calls, ana: Actor) -> None:
        """[AP11] Path, values, Responses, by the names that people know."""
        session_id = await calls.start(ana, external_id="call 7/1")
        await calls.do(
            session_id,
            ana,
            SetField(visit_id="v1", seat=1, field_key="customer", content="Ms Okonkwo"),
            SetField(visit_id="v1", seat=1, field_key="colour", content="blue"),
            UseResponse(visit_id="v1", seat=1, response_key="too_dear"),
            SelectAnswer(visit_id="v1", seat=1, answer_key="interested"),
            Continue(visit_id="v1", seat=1),
            Pause(visit_id="v2", seat=1, reason="asks her husband"),
        )
        record = (await crm.get(f"/api/v1/sessions/{session_id}")).json()
        assert (record["status"], record["external_id"], record["workflow_key"]) == ("paused", "call 7/1", "small")
        assert (record["title"], record["section_key"]) == ("Ms Okonkwo · blue", "offer")
        assert record["owner"] == {"id": "ana_id", "name": "Ana"}
        assert (record["pause_cause"], record["pause_reason"]) == ("person", "asks her husband")
        assert [(visit["section_name"], visit["answer_key"]) for visit in record["visits"]] == [
            ("Opening", "interested"),
            ("Offer", None),
        ]
        assert [(field["label"], field["content"], field["masked"]) for field in record["fields"]] == [
            ("Customer", "Ms Okonkwo", False),
            ("Colour", "blue", False),
        ]
        assert [use["name"] for use in record["responses"]] == ["Too expensive"]
        found = (await crm.get("/api/v1/external-ids/call%207/1")).json()
        assert found == {"session_id": session_id, "url": f"http://localhost:8000/sessions/{session_id}"}

    async def test_sensitive_values_are_in_nothing(self, crm: httpx.AsyncClient, calls: Calls, ana: Actor) -> None:
        """[AP11] That they are filled is told, and no more."""
        session_id = await calls.start(ana)
        pin = SetField(visit_id="v1", seat=1, field_key="pin", content="4711")
        health = SetField(visit_id="v1", seat=1, field_key="health", content="short of breath")
        await calls.do(session_id, ana, pin, health)
        answer = await crm.get(f"/api/v1/sessions/{session_id}")
        assert {(field["key"], field["masked"], field["content"]) for field in answer.json()["fields"]} == {
            ("pin", True, None),
            ("health", True, None),
        }
        await listed(crm, "list=live", 1)
        seen = answer.text + (await crm.get("/api/v1/sessions?list=live")).text
        assert "4711" not in seen
        assert "breath" not in seen

    async def test_of_other_teams_and_practice_is_unknown(
        self, front: Front, crm: httpx.AsyncClient, calls: Calls, ana: Actor, database: Database
    ) -> None:
        """[AP11] As if it were not there; the token of all teams sees it."""
        (zoe,) = await arrange_team(database, SOUTH, "Zoe")
        theirs, practice = await calls.start(zoe, external_id="x"), await calls.start(ana, training=True)
        for path in (
            f"sessions/{theirs}",
            f"sessions/{practice}",
            "external-ids/x",
            "sessions/" + "0" * 32,
            "sessions/a",
        ):
            assert problem(await crm.get(f"/api/v1/{path}")) == (404, "unknown_session")
        everywhere = program(front.app, await make_token(database))
        assert (await everywhere.get(f"/api/v1/sessions/{theirs}")).status_code == 200
        assert problem(await everywhere.get(f"/api/v1/sessions/{practice}")) == (404, "unknown_session")

    async def test_that_it_was_read_is_on_record(
        self, crm: httpx.AsyncClient, calls: Calls, ana: Actor, database: Database
    ) -> None:
        """[AP11]"""
        session_id = await calls.start(ana)
        await crm.get(f"/api/v1/sessions/{session_id}")
        assert ("watch", session_id, {"as": "api_token"}) in [each[1:] for each in await rows_of_audit(database)]


class TestLists:
    async def test_are_filtered_as_in_the_browser(
        self, crm: httpx.AsyncClient, calls: Calls, ana: Actor, database: Database
    ) -> None:
        """[AP10] Of the token's teams alone."""
        (zoe,) = await arrange_team(database, SOUTH, "Zoe")
        await calls.start(zoe)
        first, second, third = [await calls.start(ana) for _ in range(3)]
        name = SetField(visit_id="v1", seat=1, field_key="customer", content="Ms Okonkwo")
        colour = SetField(visit_id="v1", seat=1, field_key="colour", content="red")
        await calls.do(first, ana, name, colour)
        await calls.do(second, ana, Pause(visit_id="v1", seat=1))
        await calls.do(third, ana, End(reason_key="hung_up"))

        assert [line["title"] for line in await listed(crm, "q=OKON", 1)] == ["Ms Okonkwo · Bright red"]
        assert [line["session_id"] for line in await listed(crm, "list=paused", 1)] == [second]
        (ended,) = await listed(crm, "list=finished&outcome=ended&workflow=small&owner=ana_id", 1)
        assert (ended["session_id"], ended["outcome"], ended["end_reason_key"]) == (third, "ended", "hung_up")
        assert await listed(crm, "list=finished&to_ms=1", 0) == []
        assert await listed(crm, "list=finished&owner=zoe_id", 0) == []

    async def test_come_in_pages(self, crm: httpx.AsyncClient, calls: Calls, ana: Actor) -> None:
        """[AP10] By the cursor that a page gives; another one is refused."""
        started = {await calls.start(ana) for _ in range(5)}
        await listed(crm, "list=live", 5)
        seen: list[str] = []
        cursor, pages = "", 0
        while cursor is not None:
            asked = {"limit": "2", **({"cursor": cursor} if cursor else {})}
            page = (await crm.get("/api/v1/sessions", params=asked)).json()
            seen += [line["session_id"] for line in page["lines"]]
            cursor, pages = page["next"], pages + 1
        assert (set(seen), len(seen), pages) == (started, 5, 3)
        assert problem(await crm.get("/api/v1/sessions?cursor=1.2")) == (400, "bad_parameter")
