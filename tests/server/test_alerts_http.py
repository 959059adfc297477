"""Alerts over real sockets and HTTP: who is shown them, who puts them aside, who sets the rules."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from protocol.alerts import AlertAbout, AlertRule
from server.alert_ports import Condition
from server.auth.demo import TEAM_ID
from server.client import Page
from server.ports import Stay
from server.records.alerts import SqlAlerts
from server.records.clock import wall_clock_ms
from server.records.database import Database
from server.records.dwell import count_stays
from server.records.people import SqlPeople
from server.rooms import alert_board
from server.rooms.alert_board import frame_for
from session_engine.context import PersonRole
from tests.support.scenario import CLEO, MIA, NORTH, SAM, SOUTH, person
from tests.support.server import House

IDS = ("1" * 32, "2" * 32)


@pytest.fixture
async def sql(house: House) -> AsyncIterator[Database]:
    """The database of these processes."""
    database = Database(house.database_url)
    yield database
    await database.close()


async def raised(sql: Database, *session_ids: str, team_id: str = TEAM_ID) -> SqlAlerts:
    """Somebody found these idle; the watch is not asked, and ends none that it did not see begin."""
    book = SqlAlerts(sql)
    later_ms = wall_clock_ms() + 3_600_000
    found = [
        Condition(
            team_id=team_id,
            rule=AlertRule.IDLE,
            session_id=session_id,
            since_ms=1_000,
            about=AlertAbout(what="Opening"),
        )
        for session_id in session_ids
    ]
    await book.settle(found, 0, later_ms)
    return book


def ids_of(page: Page) -> list[str]:
    """Sessions of the alerts that this page shows."""
    return [alert["session_id"] for alert in page.alerts]


async def ask(house: House, label: str, method: str, path: str, body: Any = None) -> httpx.Response:
    """As this demo person's browser."""
    port = house.ports[0]
    host = f"{label}.localhost:{port}"
    headers = {"Host": host, "Origin": f"http://{host}", "Cookie": await house.cookie(label, port)}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        return await client.request(method, path, json=body, headers=headers)


async def test_who_leads_the_team_is_shown_them_within_moments(house: House, sql: Database) -> None:
    """[AL11] On every process; a coach and an agent are not."""
    await house.serve()
    supervisor, coach = await house.page("supervisor"), await house.page("coach")
    there = await house.page("supervisor", process=1)
    for page in (supervisor, coach, there):
        await page.follow_live()
    await raised(sql, *IDS)
    for page in (supervisor, there):
        await page.until(lambda page=page: sorted(ids_of(page)) == sorted(IDS))  # type: ignore[misc]
    late = await house.page("supervisor")
    await late.follow_live()
    await late.until(lambda: len(late.alerts) == 2)
    assert coach.alerts == []


async def test_one_puts_it_aside_for_all(house: House, sql: Database) -> None:
    """[AL12] It goes from every page; a coach may not."""
    page, other = await house.page("supervisor"), await house.page("supervisor")
    for each in (page, other):
        await each.follow_live()
    await raised(sql, IDS[0])
    await page.until(lambda: len(page.alerts) == 1)
    seen = {"id": page.alerts[0]["id"]}
    assert (await ask(house, "coach", "POST", "/api/alerts/seen", seen)).status_code == 403
    assert (await ask(house, "supervisor", "POST", "/api/alerts/seen", {"id": 999})).status_code == 404
    for _ in range(2):
        assert (await ask(house, "supervisor", "POST", "/api/alerts/seen", seen)).status_code == 204
    await other.until(lambda: other.alerts == [])


async def test_a_rule_is_kept_quiet_and_woken(house: House) -> None:
    """[AL12] Everybody who leads the team reads who did, and until when."""
    page = await house.page("supervisor")
    await page.follow_live()
    order = {"team_id": TEAM_ID, "rule": "idle", "minutes": 30}
    assert (await ask(house, "supervisor", "POST", "/api/alerts/snooze", order)).status_code == 204
    await page.until(lambda: [each["rule"] for each in page.snoozes] == ["idle"])
    assert page.snoozes[0]["by"]["id"] == "demo_supervisor"
    assert (await ask(house, "supervisor", "POST", "/api/alerts/snooze", order | {"minutes": 0})).status_code == 204
    await page.until(lambda: page.snoozes == [])


async def test_each_team_has_its_own_rules(house: House, sql: Database) -> None:
    """[AL13] Of another team there is nothing to see and to set; what cannot be meant changes nothing."""
    await SqlPeople(sql).add_team("other", "Other", [MIA])
    (own,) = (await ask(house, "supervisor", "GET", "/api/alerts/teams")).json()["teams"]
    assert (own["team_id"], own["settings"]["idle_minutes"]) == (TEAM_ID, 5)
    news = own["settings"] | {"idle_minutes": 8}
    for team_id, status in (("other", 404), (TEAM_ID, 204)):
        answer = await ask(house, "supervisor", "PUT", f"/api/alerts/teams/{team_id}", news)
        assert answer.status_code == status
    order = {"team_id": "other", "rule": "idle", "minutes": 30}
    assert (await ask(house, "supervisor", "POST", "/api/alerts/snooze", order)).status_code == 404
    answer = await ask(house, "supervisor", "PUT", f"/api/alerts/teams/{TEAM_ID}", news | {"idle_minutes": 0})
    assert answer.status_code == 400
    teams = (await ask(house, "admin", "GET", "/api/alerts/teams")).json()["teams"]
    assert {team["team_id"]: team["settings"]["idle_minutes"] for team in teams} == {"other": 5, TEAM_ID: 8}
    # Who administers it may set its rules, and is told of nothing.
    assert (await ask(house, "admin", "POST", "/api/alerts/snooze", order)).status_code == 403


async def test_how_long_sections_usually_take(house: House, sql: Database) -> None:
    """[AL2] From thirty visits on; to whoever leads."""
    async with sql.writing() as connection:
        stay = Stay(workflow_key="small", section_key="opening", week=wall_clock_ms() // 604_800_000, bucket=40)
        await count_stays(connection, {stay: 30})
        await count_stays(connection, {Stay(workflow_key="small", section_key="offer", week=stay.week, bucket=40): 29})
    assert (await ask(house, "agent", "GET", "/api/floor/dwell")).status_code == 403
    answer = (await ask(house, "coach", "GET", "/api/floor/dwell")).json()
    assert answer == {"workflows": {"small": {"opening": {"median_s": 31, "visits": 30}}}}


async def test_of_another_team_nothing_is_shown(house: House, sql: Database) -> None:
    """[AL11] A manager is shown all; of a Session of two teams an alert once."""
    book = await raised(sql, IDS[0], team_id=NORTH)
    await raised(sql, IDS[0], team_id=SOUTH)
    state = await book.read()
    zoe = person("Zoe", PersonRole.SUPERVISOR, team="elsewhere")
    shown = {who.name: len(frame_for(who, state, 0).alerts) for who in (SAM, MIA, CLEO, zoe)}
    assert shown == {"Sam": 1, "Mia": 1, "Cleo": 0, "Zoe": 0}


async def test_a_board_that_lost_its_database_shows_what_it_knew(
    house: House, sql: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[AL11] And goes on when it is there again."""
    monkeypatch.setattr(alert_board, "LOOK_S", 0.02)
    page = await house.page("supervisor")
    await page.follow_live()
    await raised(sql, IDS[0])
    await page.until(lambda: len(page.alerts) == 1)
    read = SqlAlerts.revision

    async def away(book: SqlAlerts) -> int:
        raise alert_board.Unavailable("away")

    monkeypatch.setattr(SqlAlerts, "revision", away)
    await asyncio.sleep(0.1)
    assert len(page.alerts) == 1
    monkeypatch.setattr(SqlAlerts, "revision", read)
    await raised(sql, *IDS)
    await page.until(lambda: len(page.alerts) == 2)
