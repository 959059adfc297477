"""Simulated calls of a demo: asked for by a button, conducted by one process, ended when it is over."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from server.auth.demo import SIMULATED_PEOPLE
from server.client import Page
from server.demo_calls import FOR_MS, OVER
from server.demo_script import Choose, Finish, Type, steps_on
from server.records.database import Database
from server.records.demo_calls import SqlCallsBook
from server.samples import sample_documents
from tests.support.server import House

DOCUMENTS = {document.key: document for document in sample_documents()}
SIMULATED = {person.id for person in SIMULATED_PEOPLE}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """One process in which nobody takes any time."""
    house = House(tmp_path)
    await house.prepare()
    await house.serve(demo_pace=0.02)
    yield house
    await house.close()


def door(house: House, process: int = 0) -> httpx.AsyncClient:
    home = f"http://localhost:{house.ports[process]}"
    return httpx.AsyncClient(base_url=home, headers={"Origin": home}, trust_env=False)


def owners(page: Page) -> set[str]:
    return {live["owner"]["id"] for live in page.live.values()}


class TestScript:
    def test_is_the_same_for_the_same_seed(self) -> None:
        """[FQ9] And another one for another."""

        def calls(seed: str) -> list[Any]:
            rng = Random(seed)
            return [
                list(steps_on(document, section, rng))
                for document in DOCUMENTS.values()
                for section in document.sections
            ]

        assert calls("1/mia") == calls("1/mia")
        assert calls("1/mia") != calls("2/mia")

    def test_every_section_leads_on_or_ends_the_call(self) -> None:
        """[FQ9] A Workflow with Actions is ended: nobody would be there to review them."""
        for document in DOCUMENTS.values():
            has_actions = any(section.actions for section in document.sections)
            for section in document.sections:
                *_, (seconds, last) = steps_on(document, section, Random(1))
                assert 0 < seconds < 30
                assert isinstance(last, Choose if section.answers else Finish)
                assert not isinstance(last, Finish) or last.completes != has_actions

    def test_fields_are_typed_word_by_word(self) -> None:
        """[FQ9] As a person does it, so that it is seen on the way."""
        document = DOCUMENTS["broadband_retention"]
        typed = [
            step.contents
            for section in document.sections
            for _, step in steps_on(document, section, Random(3))
            if isinstance(step, Type)
        ]
        assert any(len(contents) > 2 for contents in typed)
        assert all(str(contents[-1]).startswith(str(contents[0])) for contents in typed)


class TestCalls:
    async def test_come_alive_on_the_supervisors_list_and_end_when_stopped(self, house: House) -> None:
        """[FQ8, FQ10] Only people who are named so; what somebody real does stays untouched."""
        agent, supervisor = await house.page("agent"), await house.page("supervisor")
        mine = await agent.start(house.version_id)
        await supervisor.follow_live()
        async with door(house) as client:
            assert (await client.get("/api/demo/calls")).json() == {"until_ms": None}
            until_ms = (await client.post("/api/demo/calls")).json()["until_ms"]
            assert 0 < until_ms - time.time() * 1_000 <= FOR_MS
            assert (await client.post("/api/demo/calls")).json() == {"until_ms": until_ms}, "it runs already"
            await supervisor.until(lambda: len(owners(supervisor) & SIMULATED) >= 3)
            assert all(
                live["owner"]["name"].startswith("Simulated ")
                for live in supervisor.live.values()
                if live["session_id"] != mine
            )
            await client.delete("/api/demo/calls")
            await supervisor.until(lambda: owners(supervisor) == {"demo_agent"})
            assert (await client.get("/api/demo/calls")).json() == {"until_ms": None}
        assert agent.sessions[mine].head["status"] == "active"
        assert agent.sessions[mine].seqs == []

    @pytest.mark.long
    async def test_stop_by_themselves(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        """[FQ10] After ten minutes, whoever has forgotten them."""
        monkeypatch.setattr("server.demo_calls.FOR_MS", 1_500)
        supervisor = await house.page("supervisor")
        await supervisor.follow_live()
        async with door(house) as client:
            await client.post("/api/demo/calls")
            await supervisor.until(lambda: bool(owners(supervisor)))
            await supervisor.until(lambda: not owners(supervisor))

    @pytest.mark.long
    async def test_another_process_goes_on_with_them(self, house: House) -> None:
        """[FQ10] What the one left in the middle is not begun anew by the next one, but ended in its time."""
        supervisor = await house.page("supervisor")
        await supervisor.follow_live()
        async with door(house) as client:
            await client.post("/api/demo/calls")
            await supervisor.until(lambda: len(owners(supervisor)) >= 3)
        await house.serve(demo_pace=0.02)
        other = await house.page("supervisor", process=1)
        await other.follow_live()
        await other.until(lambda: bool(other.live))
        await house.stop(0)
        left = set(other.live)
        async with door(house, 1) as client:
            await other.until(lambda: bool(set(other.live) - left), 20)
            await client.delete("/api/demo/calls")
            await other.until(lambda: not owners(other), 20)

    @pytest.mark.long
    async def test_left_open_when_they_were_stopped_are_ended_by_the_next_process(self, house: House) -> None:
        """[FQ10] Also if the one that conducted them was gone before it saw the button pressed."""
        supervisor = await house.page("supervisor")
        await supervisor.follow_live()
        async with door(house) as client:
            await client.post("/api/demo/calls")
            await supervisor.until(lambda: len(owners(supervisor)) >= 3)
        await house.stop(0)
        database = Database(house.database_url)
        await SqlCallsBook(database).write(OVER)
        await database.close()
        await house.serve(demo_pace=0.02)
        other = await house.page("supervisor", process=1)
        await other.follow_live()
        await other.until(lambda: any(b'"type":"list"' in frame for frame in other.frames))
        await other.until(lambda: not owners(other), 20)

    async def test_are_for_this_machines_own_page(self, house: House) -> None:
        """[FQ7] A page from elsewhere cannot press the button."""
        async with door(house) as client:
            for method in ("POST", "DELETE"):
                answer = await client.request(method, "/api/demo/calls", headers={"Origin": "http://elsewhere.example"})
                assert answer.status_code == 403
