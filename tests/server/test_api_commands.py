"""What programs do to Sessions over the HTTP API, once however often they ask."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from protocol.commands import End, SetField
from server.records.database import Database
from session_engine.context import Actor
from tests.support.api import Calls, arrange_team, make_token, program, publish
from tests.support.people import Front, fronted, problem

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
async def dialler(front: Front, database: Database, ana: Actor) -> httpx.AsyncClient:
    """A telephone system of the north."""
    return program(front.app, await make_token(database, name="Dialler", team_ids=(NORTH,)))


def order(**more: object) -> dict[str, object]:
    return {"workflow": "small", "owner": "ana_id", **more}


async def started(dialler: httpx.AsyncClient, key: str | None = None, **more: object) -> tuple[int, dict[str, Any]]:
    headers = {} if key is None else {"Idempotency-Key": key}
    answer = await dialler.post("/api/v1/sessions", json=order(**more), headers=headers)
    return answer.status_code, answer.json()


async def record(dialler: httpx.AsyncClient, session_id: str) -> dict[str, Any]:
    return dict((await dialler.get(f"/api/v1/sessions/{session_id}")).json())


async def do(dialler: httpx.AsyncClient, session_id: str, what: str, key: str = "", **body: object) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await dialler.post(f"/api/v1/sessions/{session_id}/{what}", json=body, headers=headers)


class TestStart:
    async def test_is_the_agents_call_with_what_is_known(self, dialler: httpx.AsyncClient, calls: Calls) -> None:
        """[AP12] Filled in from the first moment; a sensitive value goes in, and never out."""
        fields = {"customer": "Ms Okonkwo", "colour": "red", "pin": "4711"}
        status, opened = await started(dialler, fields=fields)
        session_id = opened["session_id"]
        assert status == 201
        assert opened == {
            "session_id": session_id,
            "url": f"http://localhost:8000/sessions/{session_id}",
            "is_new": True,
        }
        found = await record(dialler, session_id)
        assert (found["owner"]["name"], found["driver"]["name"], found["team_ids"]) == ("Ana", "Ana", [NORTH])
        assert {field["key"]: field["content"] for field in found["fields"]} == {
            "customer": "Ms Okonkwo",
            "colour": "red",
            "pin": None,
        }

    async def test_finds_the_agent_by_e_mail(self, front: Front, database: Database, calls: Calls) -> None:
        """[AP12] As the directory of the telephone system knows them."""
        ben_id, _ = await front.arrive("Ben")
        await front.roster.add_team("North", by="ada")
        (team,) = (await front.roster.teams()).lines
        client = program(front.app, await make_token(database))
        await client.patch(f"/api/v1/people/{ben_id}", json={"team_ids": [team.id]})
        status, opened = await started(client, owner=" BEN@example.org")
        assert status == 201
        assert (await record(client, opened["session_id"]))["owner"]["id"] == ben_id

    async def test_an_external_id_is_one_session(self, dialler: httpx.AsyncClient, calls: Calls) -> None:
        """[AP12] Whoever comes second opens what the first one started; all at once, too."""
        tries = await asyncio.gather(*(started(dialler, external_id="call-7") for _ in range(4)))
        assert len({opened["session_id"] for _, opened in tries}) == 1
        assert sorted(status for status, _ in tries) == [200, 200, 200, 201]
        assert sorted(opened["is_new"] for _, opened in tries) == [False, False, False, True]

    async def test_an_external_id_stands_whatever_became_of_what_it_was_started_with(
        self, dialler: httpx.AsyncClient, calls: Calls, ana: Actor
    ) -> None:
        """[AP12] The Session is finished, and the Workflow is another one now."""
        session_id = await calls.start(ana, external_id="call-7")
        await calls.do(session_id, ana, End())
        assert await started(dialler, external_id="call-7", workflow="other", owner="gone") == (
            200,
            {"session_id": session_id, "url": f"http://localhost:8000/sessions/{session_id}", "is_new": False},
        )

    @pytest.mark.parametrize(
        ("news", "expected"),
        [
            ({"workflow": "other"}, (404, "unknown_workflow")),
            ({"owner": "nobody"}, (404, "unknown_person")),
            ({"owner": "nobody@example.org"}, (404, "unknown_person")),
            ({"owner": "zoe_id"}, (404, "unknown_person")),
            ({"fields": {"shoe_size": "44"}}, (422, "unknown_field")),
            ({"fields": {"agrees": "yes"}}, (422, "bad_content")),
            ({"fields": {"Customer": "x"}}, (400, "bad_body")),
            ({"training": True}, (400, "bad_body")),
        ],
    )
    async def test_what_cannot_be_started_is_refused(
        self,
        dialler: httpx.AsyncClient,
        calls: Calls,
        database: Database,
        news: dict[str, object],
        expected: tuple[int, str],
    ) -> None:
        """[AP12] An agent of another team among it."""
        await arrange_team(database, SOUTH, "Zoe")
        assert problem(await dialler.post("/api/v1/sessions", json=order(**news))) == expected

    async def test_another_teams_external_id_is_taken(
        self, dialler: httpx.AsyncClient, calls: Calls, database: Database
    ) -> None:
        """[AP12] And nothing is told of whose it is."""
        (zoe,) = await arrange_team(database, SOUTH, "Zoe")
        await calls.start(zoe, external_id="call-7")
        answer = await dialler.post("/api/v1/sessions", json=order(external_id="call-7"))
        assert problem(answer) == (409, "external_id_taken")


class TestAskingAgain:
    async def test_a_start_is_known_by_its_log(self, dialler: httpx.AsyncClient, calls: Calls) -> None:
        """[AP7] The same key starts one Session, whatever else was started meanwhile; another key another one."""
        first = await started(dialler, "k1")
        assert await started(dialler, "k1") == first
        other = await started(dialler, "k2")
        assert (first[0], other[0]) == (201, 201)
        assert first[1]["session_id"] != other[1]["session_id"]
        with_id = await started(dialler, "k3", external_id="call-7")
        assert await started(dialler, "k3", external_id="call-7") == with_id
        assert (await started(dialler, "k4", external_id="call-7"))[0] == 200

    async def test_a_key_is_for_one_thing(self, dialler: httpx.AsyncClient, calls: Calls) -> None:
        """[AP7] Of a start and of what comes after it."""
        _, opened = await started(dialler, "k1")
        headers = {"Idempotency-Key": "k1"}
        again = await dialler.post("/api/v1/sessions", json=order(fields={"customer": "x"}), headers=headers)
        assert problem(again) == (422, "key_reused")
        session_id = opened["session_id"]
        await do(dialler, session_id, "suggestions", "k2", field="customer", content="Ms Okonkwo")
        other = await do(dialler, session_id, "suggestions", "k2", field="customer", content="Mr Okonkwo")
        assert problem(other) == (422, "key_reused")

    async def test_a_command_is_one_entry(self, dialler: httpx.AsyncClient, calls: Calls) -> None:
        """[AP7] A repeat gets the first answer, also when it would not be accepted any more."""
        _, opened = await started(dialler)
        session_id = opened["session_id"]
        first = await do(dialler, session_id, "pause", "k1", reason="call back")
        await do(dialler, session_id, "resume", "k2")
        again = await do(dialler, session_id, "pause", "k1", reason="call back")
        assert (first.status_code, first.content) == (again.status_code, again.content) == (200, first.content)
        assert (await record(dialler, session_id))["status"] == "active"
        assert problem(await do(dialler, session_id, "resume", "k3")) == (409, "not_paused")


class TestControl:
    async def test_pauses_resumes_and_ends(self, dialler: httpx.AsyncClient, calls: Calls) -> None:
        """[AP16] As the token, with what was said about it."""
        _, opened = await started(dialler)
        session_id = opened["session_id"]
        await do(dialler, session_id, "pause", reason="asks her husband", call_back_ms=1_800_000_000_000)
        paused = await record(dialler, session_id)
        assert (paused["status"], paused["pause_reason"]) == ("paused", "asks her husband")
        assert paused["call_back_ms"] == 1_800_000_000_000
        assert problem(await do(dialler, session_id, "pause")) == (409, "not_active")
        assert (await dialler.post(f"/api/v1/sessions/{session_id}/resume")).status_code == 200
        assert problem(await do(dialler, session_id, "end", reason_key="bored")) == (422, "unknown_reason")
        done = (await do(dialler, session_id, "end", reason_key="hung_up", reason="no more")).json()
        ended = await record(dialler, session_id)
        assert (ended["status"], ended["end_reason_key"], ended["end_reason"]) == ("ended", "hung_up", "no more")
        assert done == {"session_id": session_id, "seq": ended["seq"]}
        assert problem(await do(dialler, session_id, "end")) == (409, "finished")

    async def test_of_another_team_is_unknown(
        self, dialler: httpx.AsyncClient, calls: Calls, database: Database
    ) -> None:
        """[AP16] As if it were not there."""
        (zoe,) = await arrange_team(database, SOUTH, "Zoe")
        session_id = await calls.start(zoe)
        for what, body in (
            ("pause", {}),
            ("resume", {}),
            ("end", {}),
            ("hang-up", {}),
            ("suggestions", {"field": "customer", "content": "x"}),
        ):
            assert problem(await do(dialler, session_id, what, **body)) == (404, "unknown_session")


class TestEvents:
    async def test_a_hang_up_is_told_and_ends_nothing(self, dialler: httpx.AsyncClient, calls: Calls) -> None:
        """[AP17]"""
        _, opened = await started(dialler)
        assert (await do(dialler, opened["session_id"], "hang-up")).status_code == 200
        found = await record(dialler, opened["session_id"])
        assert found["status"] == "active"
        assert found["hung_up_ms"] >= found["started_ms"]

    async def test_a_suggestion_waits_for_the_driver(
        self, front: Front, dialler: httpx.AsyncClient, calls: Calls, ana: Actor
    ) -> None:
        """[AP17] It fills nothing by itself; a Field that there is not, and a value of no such shape, are refused."""
        _, opened = await started(dialler)
        session_id = opened["session_id"]
        assert (await do(dialler, session_id, "suggestions", field="customer", content="Ms Okonkwo")).status_code == 200
        assert (await record(dialler, session_id))["fields"] == []
        state, _ = await front.app.state.submit.sessions.read(session_id)
        (suggestion,) = state.suggestions.values()
        assert (suggestion.content, suggestion.by.name) == ("Ms Okonkwo", "Dialler")
        unknown = await do(dialler, session_id, "suggestions", field="shoe_size", content="44")
        assert problem(unknown) == (422, "unknown_field")
        shape = await do(dialler, session_id, "suggestions", field="agrees", content="yes")
        assert problem(shape) == (422, "bad_content")

    async def test_whoever_is_deactivated_leaves_a_session_that_waits(
        self, dialler: httpx.AsyncClient, calls: Calls, ana: Actor
    ) -> None:
        """[AP13] As when an administrator does it."""
        session_id = await calls.start(ana)
        await calls.do(session_id, ana, SetField(visit_id="v1", seat=1, field_key="customer", content="x"))
        assert (await dialler.post("/api/v1/people/ana_id/deactivate")).json()["active"] is False
        assert (await record(dialler, session_id))["status"] == "paused"
        assert problem(await dialler.post("/api/v1/sessions", json=order())) == (404, "unknown_person")
