"""What is taken away ends within 2 s, on a process that had nothing to do with it. Rules: protocol/SPEC.md, RT7."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import msgspec
from sqlalchemy import update

from protocol.account import Permission, PersonRole
from protocol.commands import SetField
from protocol.people import PersonChange
from protocol.refusals import CloseCode
from server.auth.browser import COOKIE
from server.client import Page
from server.records.database import Database
from server.records.people import SqlPeople
from server.records.roster import SqlRoster
from server.records.sign_ins import SqlSignIns
from server.records.tables import people
from session_engine.context import Actor
from tests.support.server import House

ENDS_WITHIN_S = 2.0
LOOKED_AT_S = 3.2
SPOKEN = ("delta", "view", "presence", "ephemeral", "list")
"""Frames that tell of a Session."""

MANY = {
    "role": Actor(id="role", name="Rob", roles=frozenset({PersonRole.SUPERVISOR}), team_ids=frozenset({"demo_team"})),
    "team": Actor(id="team", name="Tea", roles=frozenset({PersonRole.COACH}), team_ids=frozenset({"demo_team"})),
    "hidden": Actor(id="hidden", name="Hid", roles=frozenset({PersonRole.COACH}), team_ids=frozenset({"demo_team"})),
    "out": Actor(id="out", name="Otto", roles=frozenset({PersonRole.COACH}), team_ids=frozenset({"demo_team"})),
    "gone": Actor(id="gone", name="Gus", roles=frozenset({PersonRole.MANAGER}), team_ids=frozenset()),
    "stays": Actor(id="stays", name="Sue", roles=frozenset({PersonRole.COACH}), team_ids=frozenset({"demo_team"})),
}


class Heard:
    """When a page was told what of a Session."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.told_s: list[tuple[float, str]] = []

    async def listen(self) -> None:
        """Note frames as they come."""
        seen = len(self.page.frames)
        while True:
            await asyncio.sleep(0.005)
            for frame in self.page.frames[seen:]:
                kind = msgspec.json.decode(frame)
                if kind["type"] in SPOKEN and not (kind["type"] == "list" and kind["put"] == []):
                    self.told_s.append((time.monotonic(), kind["type"]))
            seen = len(self.page.frames)


async def test_nothing_is_told_of_a_session_two_seconds_after_the_right_is_gone(house: House) -> None:
    """[RT7, HS9, PR6, LL2] Role, team, permission, sign-in and person: rooms, live list and watching unseen."""
    database = Database(house.database_url)
    await house.serve()
    await SqlPeople(database).add_team("demo_team", "Demo team", [*MANY.values()])
    async with database.writing() as connection:
        given = update(people).where(people.c.id == "hidden").values(permissions=[Permission.HIDDEN_WATCHING.value])
        await connection.execute(given)
    sign_ins = SqlSignIns(database, SqlPeople(database))
    roster = SqlRoster(database, sign_ins)
    ana = await house.page("agent")
    session_id = await ana.start(house.version_id)
    heard: dict[str, Heard] = {}
    for name in MANY:
        cookie, port = f"{COOKIE}={await sign_ins.sign_in(name)}", house.ports[1]
        page = await Page.open(f"ws://127.0.0.1:{port}/ws", cookie=cookie, origin=f"http://127.0.0.1:{port}")
        house.pages.append(page)
        await page.follow_live()
        await page.join(session_id, hidden=name == "hidden")
        heard[name] = Heard(page)
    listening = [asyncio.create_task(each.listen()) for each in heard.values()]
    number = 0

    async def go_on(for_s: float) -> None:
        """Ana types: a delta for every watcher, and a new title for every list, twenty times a second."""
        nonlocal number
        until_s = time.monotonic() + for_s
        while time.monotonic() < until_s:
            number += 1
            command = SetField(visit_id="v1", seat=1, field_key="customer", content=f"Customer {number}")
            await ana.command(session_id, command)
            await asyncio.sleep(0.05)

    await go_on(0.5)
    by = "demo_admin"
    changes: dict[str, Callable[[], Awaitable[object]]] = {
        "role": lambda: roster.change("role", PersonChange(roles=(PersonRole.AGENT,)), by),
        "team": lambda: roster.change("team", PersonChange(team_ids=()), by),
        "hidden": lambda: roster.change("hidden", PersonChange(permissions=()), by),
        "out": lambda: sign_ins.end("out", None, by),
        "gone": lambda: roster.set_active("gone", False, by),
    }
    changed_s: dict[str, float] = {}
    for name, change in changes.items():
        await change()
        changed_s[name] = time.monotonic()
    await go_on(LOOKED_AT_S)
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    late = {
        name: [(round(at_s - since_s, 2), kind) for at_s, kind in heard[name].told_s if at_s - since_s > ENDS_WITHIN_S]
        for name, since_s in changed_s.items()
    }
    # Who may no longer be unseen is still listed what the role shows.
    late["hidden"] = [told for told in late["hidden"] if told[1] != "list"]
    assert late == {name: [] for name in changes}
    assert all(heard[name].told_s for name in MANY), "everybody was told before"
    now_s = time.monotonic()
    assert any(now_s - at_s < 1.0 and kind == "delta" for at_s, kind in heard["stays"].told_s)
    assert [heard[name].page.close_code for name in ("out", "gone")] == [CloseCode.NOT_SIGNED_IN] * 2
    await database.close()
