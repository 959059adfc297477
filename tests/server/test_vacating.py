"""Deactivating who has Sessions open: a colleague goes on with them, or they wait. Over real sockets."""

from __future__ import annotations

from typing import Any

import httpx
import pytest_asyncio

from protocol.base import SessionId
from protocol.commands import Pause, Resume, SetField, TakeSeat
from server.records.database import Database
from tests.support.people import problem, rows_of_audit
from tests.support.server import House


class Admin:
    """Ada's browser."""

    def __init__(self, house: House, cookie: str) -> None:
        self._port = house.ports[0]
        host = f"admin.localhost:{self._port}"
        self._headers = {"Host": host, "Origin": f"http://{host}", "Cookie": cookie}

    async def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self._port}", trust_env=False) as client:
            return await client.request(method, path, headers=self._headers, json=body)

    async def deactivate(self, person: str, to: str | None = None) -> dict[str, Any]:
        body = None if to is None else {"reassign_to": to}
        answer = await self.ask("POST", f"/api/people/{person}/deactivate", body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@pytest_asyncio.fixture
async def ada(house: House) -> Admin:
    return Admin(house, await house.cookie("admin", house.ports[0]))


def counts(answer: dict[str, Any]) -> tuple[int, int, int]:
    return answer["reassigned"], answer["paused"], len(answer["failed"])


class TestReassigning:
    async def test_the_colleague_has_them_at_once_and_goes_on(self, house: House, ada: Admin) -> None:
        """[RA5, RA7] Running and paused ones, and who gave them; asked again there is nothing left to do."""
        agent, other = await house.page("agent"), await house.page("agent2")
        running, paused = await agent.start(house.version_id), await agent.start(house.version_id)
        await agent.command(paused, Pause(visit_id="v1", seat=1))
        await other.follow_live()

        answer = await ada.deactivate("demo_agent", "demo_agent2")

        assert (answer["active"], counts(answer)) == (False, (2, 0, 0))
        await other.until(lambda: {running, paused} <= set(other.live))
        assert {live["owner"]["id"] for live in other.live.values()} == {"demo_agent2"}
        assert {live["given"]["by"]["name"] for live in other.live.values()} == {"Ada Admin"}
        await other.join(running)
        await other.command(running, SetField(visit_id="v1", seat=2, field_key="customer", content="Lovelace"))
        assert counts(await ada.deactivate("demo_agent", "demo_agent2")) == (0, 0, 0)
        database = Database(house.database_url)
        told = [(act, detail) for _, act, subject, detail in await rows_of_audit(database) if subject == "demo_agent"]
        await database.close()
        assert told[-2:] == [
            ("deactivated", {"to": "Ben Agent"}),
            ("sessions_reassigned", {"to": "Ben Agent", "sessions": "2"}),
        ]

    async def test_only_to_a_colleague_who_takes_calls(self, house: House, ada: Admin) -> None:
        """[RA5] What cannot be meant changes nothing; who can is offered, with how many are open."""
        assert (await ada.ask("GET", "/api/people/demo_agent/sessions")).json() == {
            "open_sessions": 0,
            "colleagues": [{"id": "demo_agent2", "name": "Ben Agent"}],
            "api_tokens": 0,
        }
        for nobody in ("demo_coach", "demo_agent", "nobody"):
            answer = await ada.ask("POST", "/api/people/demo_agent/deactivate", {"reassign_to": nobody})
            assert problem(answer) == (422, "no_colleague")
        assert await house.page("agent")

    async def test_what_cannot_be_given_waits_and_is_told(self, house: House, ada: Admin) -> None:
        """[RA5] Of a team that the colleague is not in."""
        agent = await house.page("agent")
        session_id = await agent.start(house.version_id)
        team = (await ada.ask("POST", "/api/teams", {"name": "Other"})).json()["id"]
        for person in ("demo_agent", "demo_agent2"):
            await ada.ask("PATCH", f"/api/people/{person}", {"team_ids": [team]})

        answer = await ada.deactivate("demo_agent", "demo_agent2")

        assert counts(answer) == (0, 0, 1)
        failed = answer["failed"][0]
        assert (failed["session_id"], failed["code"]) == (session_id, "unknown_person")
        assert await status_of(house, session_id) == "paused"


class TestLeaving:
    async def test_they_wait_for_a_teammate(self, house: House, ada: Admin) -> None:
        """[RA4, RA5] Paused at once, not after the time that drivers have."""
        agent, other = await house.page("agent"), await house.page("agent2")
        session_id = await agent.start(house.version_id)
        assert counts(await ada.deactivate("demo_agent")) == (0, 1, 0)
        await other.command(session_id, Resume())
        replica = await other.join(session_id)
        assert (replica.head["owner"]["id"], replica.head["status"]) == ("demo_agent2", "active")

    async def test_the_seat_of_anothers_session_goes_back(self, house: House, ada: Admin) -> None:
        """[RA4] The owner drives again without having to take it."""
        agent, supervisor = await house.page("agent"), await house.page("supervisor")
        session_id = await agent.start(house.version_id)
        await supervisor.join(session_id)
        await supervisor.command(session_id, TakeSeat(seat=1))
        assert counts(await ada.deactivate("demo_supervisor")) == (0, 0, 0)
        await agent.command(session_id, SetField(visit_id="v1", seat=3, field_key="customer", content="Lovelace"))


async def status_of(house: House, session_id: SessionId) -> str:
    """As its team's supervisor sees it."""
    page = await house.page("supervisor")
    replica = await page.join(session_id)
    return str(replica.head["status"])
