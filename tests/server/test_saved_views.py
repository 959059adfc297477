"""Views of lists that people keep under a name. Rules: protocol/SPEC.md, BP7 to BP9."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.records.database import Database
from server.records.saved_views import AT_MOST
from tests.support.people import GOOD, Front, fronted
from tests.support.sql import BOTH

SQL_KINDS = BOTH
ONE, TWO = "1" * 32, "2" * 32


@pytest.fixture
async def front(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Front]:
    async with fronted(database, database_url, tmp_path) as front:
        yield front


async def enter(front: Front, name: str) -> httpx.AsyncClient:
    await front.arrive(name)
    browser = front.browser()
    order = {"email": f"{name.casefold()}@example.org", "password": GOOD}
    assert (await browser.post("/api/sign-in", json=order)).status_code == 204
    return browser


async def keep(browser: httpx.AsyncClient, view_id: str, name: str, search: str = "sort=section", **more: Any) -> int:
    answer = await browser.put(f"/api/me/views/{view_id}", json={"name": name, "search": search, **more})
    return answer.status_code


async def names(browser: httpx.AsyncClient) -> list[tuple[str, str, bool]]:
    views = (await browser.get("/api/me/views")).json()["views"]
    return [(view["name"], view["search"], view["is_default"]) for view in views]


async def test_views_are_kept_renamed_and_taken_away(front: Front) -> None:
    """[BP7] By name; another device of the same person finds them, nobody else does."""
    ana, ben = await enter(front, "Ana"), await enter(front, "Ben")
    assert await keep(ana, TWO, "Retention", "group=team&workflow=broadband") == 204
    assert await keep(ana, ONE, "long ones") == 204
    assert await names(ana) == [
        ("long ones", "sort=section", False),
        ("Retention", "group=team&workflow=broadband", False),
    ]
    assert await names(ben) == []
    assert (await ben.delete(f"/api/me/views/{ONE}")).status_code == 404
    assert await keep(ana, ONE, "Longest first") == 204
    assert [name for name, *_ in await names(ana)] == ["Longest first", "Retention"]
    assert (await ana.delete(f"/api/me/views/{ONE}")).status_code == 204
    assert [name for name, *_ in await names(ana)] == ["Retention"]
    again = front.browser()
    assert (await again.post("/api/sign-in", json={"email": "ana@example.org", "password": GOOD})).status_code == 204
    assert [name for name, *_ in await names(again)] == ["Retention"]


async def test_one_view_is_the_default(front: Front) -> None:
    """[BP8] The last that was made so."""
    ana = await enter(front, "Ana")
    await keep(ana, ONE, "One", is_default=True)
    await keep(ana, TWO, "Two", is_default=True)
    assert [(name, is_default) for name, _, is_default in await names(ana)] == [("One", False), ("Two", True)]
    await keep(ana, TWO, "Two")
    assert not any(is_default for *_, is_default in await names(ana))


async def test_a_name_is_used_once_and_there_is_an_end(front: Front) -> None:
    """[BP8] Whatever its letters; and nothing is changed then."""
    ana = await enter(front, "Ana")
    await keep(ana, ONE, "Mine")
    assert await keep(ana, TWO, "MINE") == 409
    for number in range(AT_MOST - 1):
        assert await keep(ana, f"{number:032x}", f"View {number}") == 204
    assert await keep(ana, TWO, "One more") == 409
    assert await keep(ana, ONE, "Mine still") == 204
    assert len(await names(ana)) == AT_MOST


@pytest.mark.parametrize(
    ("search", "name", "status"),
    [
        ("q=020+7946", "Mine", 422),
        ("sort=section&moon=full", "Mine", 422),
        ("sort=section", "", 400),
        ("sort=section", " Mine", 400),
        ("list=" + "x" * 500, "Mine", 400),
    ],
)
async def test_words_searched_for_and_what_no_list_knows_are_not_kept(
    front: Front, search: str, name: str, status: int
) -> None:
    """[BP9] They are of somebody's call; nothing is kept then."""
    ana = await enter(front, "Ana")
    assert await keep(ana, ONE, name, search) == status
    assert await names(ana) == []


async def test_what_is_no_id_is_no_view(front: Front) -> None:
    """[BP7] An id is 32 digits, base 16."""
    ana = await enter(front, "Ana")
    assert await keep(ana, "mine", "Mine") == 404
    assert (await ana.delete("/api/me/views/mine")).status_code == 404
