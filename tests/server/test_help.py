"""Asking for help over real sockets: who is on the floor, who is shown it, who comes. Rules: protocol/SPEC.md, HP."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from protocol.commands import AskForHelp, CancelHelp, ClaimHelp
from protocol.refusals import RefuseCode
from server.client import Page
from server.records.database import Database
from server.records.people import people_changed
from server.records.tables import people
from server.rooms.floor import FLOOR
from session_engine.refused import Refused
from tests.server.test_figures import value_of
from tests.support.server import House


async def floor(house: House, label: str, port: int) -> list[str]:
    """Who could come, asked of the server process at this port."""
    headers = {"Host": f"{label}.localhost:{port}", "Cookie": await house.cookie(label, port)}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        answer = await client.get("/api/floor", headers=headers)
    assert answer.status_code == 200
    return [person["id"] for person in answer.json()["people"]]


async def until_floor(house: House, label: str, port: int, expected: list[str]) -> None:
    """Wait until these could come."""
    for _ in range(40):
        if (found := await floor(house, label, port)) == expected:
            return
        await asyncio.sleep(0.05)
    assert found == expected


def help_of(page: Page, session_id: str) -> dict[str, Any] | None:
    """The open request as this page's list shows it."""
    request: dict[str, Any] | None = page.live[session_id]["help"]
    return request


async def test_who_asks_is_told_who_is_on_the_floor(house: House) -> None:
    """[HP4] Those who follow the live list, on whichever process, until they leave; no agent, and not oneself."""
    here, there = house.ports[0], await house.serve()
    agent, coach = await house.page("agent"), await house.page("coach", process=1)
    await agent.follow_live()
    assert await floor(house, "agent", here) == []
    await coach.follow_live()
    for port in (here, there):
        await until_floor(house, "agent", port, ["demo_coach"])
    assert await floor(house, "coach", here) == []
    await coach.close()
    await until_floor(house, "agent", here, [])


async def test_what_a_lease_says_in_words_of_another_release_is_passed_over(house: House) -> None:
    """[HP4] The others are there."""
    coach = await house.page("coach")
    await coach.follow_live()
    await until_floor(house, "agent", house.ports[0], ["demo_coach"])
    house.bus.leases[FLOOR]["someone/else"] = (2**52, b"no json")
    assert await floor(house, "agent", house.ports[0]) == ["demo_coach"]


async def test_everybody_on_the_floor_sees_it_and_one_comes(house: House) -> None:
    """[HP1, HP2, HP5] With why, which is readable nowhere else."""
    agent, coach, supervisor = [await house.page(label) for label in ("agent", "coach", "supervisor")]
    for page in (coach, supervisor):
        await page.follow_live()
    session_id = await agent.start(house.version_id)
    await agent.command(session_id, AskForHelp(reason="Quetzal"))
    for page in (coach, supervisor):
        await page.until(lambda page=page: session_id in page.live and help_of(page, session_id) is not None)  # type: ignore[misc]
        assert (help_of(page, session_id) or {})["reason"] == "Quetzal"
    assert b"Quetzal" not in house.bus.live[session_id]
    replica = await coach.join(session_id)
    assert replica.view["help_requests"]["h1"]["reason"] == "Quetzal"
    await supervisor.join(session_id)
    await coach.command(session_id, ClaimHelp(help_id="h1"))
    with pytest.raises(Refused) as refused:
        await supervisor.command(session_id, ClaimHelp(help_id="h1"))
    assert (refused.value.code, "demo_coach" in refused.value.detail) == (RefuseCode.HELP_CLAIMED, True)
    await supervisor.until(lambda: (help_of(supervisor, session_id) or {})["claimed_by"] is not None)
    await agent.command(session_id, CancelHelp(help_id="h1"))
    await supervisor.until(lambda: help_of(supervisor, session_id) is None)
    stored = b"".join(entry.payload for entry in house.bus.logs[session_id])
    assert b"Quetzal" not in stored


async def test_who_is_free_is_asked_and_who_was_asked_longest_ago_comes_first(house: House) -> None:
    """[HP9, HP11] On whichever process it is asked; who drives, comes or is being asked is left out."""
    await house.serve()
    agent, ben = await house.page("agent"), await house.page("agent2", process=1)
    coach, supervisor = await house.page("coach"), await house.page("supervisor", process=1)
    for page in (agent, ben, coach, supervisor):
        await page.follow_live()
    await until_floor(house, "agent", house.ports[0], ["demo_coach", "demo_supervisor"])

    async def asked(page: Page) -> tuple[str, list[str]]:
        """The Session in which this page asks, and in which order who is asked."""
        session_id = await page.start(house.version_id)
        await page.command(session_id, AskForHelp())
        await supervisor.until(lambda: (supervisor.live.get(session_id) or {}).get("help") is not None)
        await coach.until(lambda: (coach.live.get(session_id) or {}).get("help") is not None)
        return session_id, [person["id"] for person in supervisor.live[session_id]["help"]["ring"]]

    first, ring = await asked(agent)
    assert ring == ["demo_coach", "demo_supervisor"]
    second, ring = await asked(ben)
    assert ring == ["demo_supervisor"], "the coach is being asked"
    third, ring = await asked(agent)
    assert ring == [], "nobody is free, so that everybody is asked at once"
    for page, session_id in ((agent, first), (ben, second), (agent, third)):
        await page.command(session_id, CancelHelp(help_id="h1"))
        await coach.until(lambda session_id=session_id: coach.live[session_id]["help"] is None)  # type: ignore[misc]
        await supervisor.until(lambda session_id=session_id: help_of(supervisor, session_id) is None)  # type: ignore[misc]
    await supervisor.join(first)
    before = value_of("sidecoach_help_wait_seconds_count", outcome="claimed")
    fourth, ring = await asked(ben)
    assert ring == ["demo_coach", "demo_supervisor"], "the supervisor was asked later"
    await coach.join(fourth)
    await coach.command(fourth, ClaimHelp(help_id="h1"))
    assert value_of("sidecoach_help_wait_seconds_count", outcome="claimed") == before + 1
    await supervisor.until(lambda: supervisor.live[fourth]["help"]["claimed_by"] is not None)
    await coach.until(lambda: coach.live[fourth]["help"]["claimed_by"] is not None)
    fifth, ring = await asked(agent)
    assert ring == ["demo_supervisor"], "the coach is coming to somebody"
    seen = agent.sessions[fifth].view["help_requests"]["h1"]["ring"]
    assert [person["name"] for person in seen] == ["Sam Supervisor"]


async def test_the_board_tells_who_has_a_page_open(house: House) -> None:
    """[BP1, BP2] Agents by name, to those who lead, on any page; nobody else is told."""
    port = house.ports[0]
    page = await house.page("agent2")
    await page.follow_live()

    async def board(label: str) -> httpx.Response:
        headers = {"Host": f"{label}.localhost:{port}", "Cookie": await house.cookie(label, port)}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            return await client.get("/api/floor/agents", headers=headers)

    for label in ("coach", "supervisor"):
        agents = {agent["id"]: agent["here"] for agent in (await board(label)).json()["agents"]}
        assert (agents["demo_agent2"], agents["demo_agent"]) == (True, False)
        assert "demo_coach" not in agents
    assert (await board("agent")).status_code == 403
    await page.close()
    for _ in range(40):
        agents = {agent["id"]: agent["here"] for agent in (await board("coach")).json()["agents"]}
        if not agents["demo_agent2"]:
            return
        await asyncio.sleep(0.05)
    pytest.fail("expected the agent to be offline")


async def test_who_becomes_a_lead_is_on_the_floor_from_then_on(house: House) -> None:
    """[HP4] And holds no lease twice."""
    agent = await house.page("agent2")
    await agent.follow_live()
    database = Database(house.database_url)
    async with database.writing() as connection:
        await connection.execute(update(people).where(people.c.id == "demo_agent2").values(roles=["coach"]))
        await people_changed(connection)
    await database.close()
    for _ in range(80):
        if await floor(house, "agent", house.ports[0]) == ["demo_agent2"]:
            break
        await asyncio.sleep(0.05)
    assert [name.partition("/")[0] for name in house.bus.leases[FLOOR]] == ["demo_agent2"]
