"""Who is here, when the process that would say goodbye for them is killed."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from protocol.base import SessionId
from server.client import Page
from server.store.keys import presence_key
from tests.support.product import Product

LEASE_S = 45
SOON_S = 7
"""Everybody's list is compared with the leases every 5 s."""


@pytest_asyncio.fixture
async def ghost(product: Product) -> AsyncIterator[tuple[Page, SessionId]]:
    """Ana's page on w1, which shows Cleo, whose process was killed and who did not come back."""
    async with await product.page("agent", process="w1") as page:
        session_id = await page.start(product.version.id)
        coach = await product.page("coach", process="w2")
        await coach.join(session_id)
        await page.until(lambda: "demo_coach" in people_at(page, session_id))
        product.worker_of(coach).kill()
        await coach.until(lambda: coach.close_code is not None)
        yield page, session_id


def people_at(page: Page, session_id: SessionId) -> set[str]:
    """Whom the page shows as here."""
    return {person["person_id"] for person in page.sessions[session_id].people}


async def test_who_comes_back_never_went(product: Product, ghost: tuple[Page, SessionId]) -> None:
    """[PR1, PR2] A killed process is no coming and going of its people."""
    page, session_id = ghost
    async with await product.page("coach") as back:
        shown = len(page.sessions[session_id].people)
        await back.join(session_id)
        await back.until(lambda: people_at(back, session_id) == {"demo_agent", "demo_coach"})
    assert shown == 2
    assert people_at(page, session_id) == {"demo_agent", "demo_coach"}


async def test_a_lapsed_lease_leaves_no_ghost(product: Product, ghost: tuple[Page, SessionId]) -> None:
    """[PR1] The lease of somebody whose process was killed is not renewed; brought forward to now, they are gone."""
    page, session_id = ghost
    async with product.operator() as operator:
        held = await operator.call("HGETALL", presence_key(session_id))
        leases = {name.decode(): value for name, value in zip(held[::2], held[1::2], strict=True)}
        (name,) = [name for name in leases if name.startswith("demo_coach/")]
        end_ms, says = leases[name].split(b" ", 1)
        now_s, _ = await operator.call("TIME")
        assert int(end_ms) / 1000 - int(now_s) <= LEASE_S + 1
        await operator.call("HSET", presence_key(session_id), name, b"%d %s" % (int(now_s) * 1000, says))

    await page.until(lambda: people_at(page, session_id) == {"demo_agent"}, timeout_s=SOON_S)


@pytest.mark.long
async def test_a_killed_process_leaves_no_ghost_after_fifty_seconds(ghost: tuple[Page, SessionId]) -> None:
    """[PR1] The same with nobody's help."""
    page, session_id = ghost
    await page.until(lambda: people_at(page, session_id) == {"demo_agent"}, timeout_s=LEASE_S + 5)
