"""A hundred people watch one Session: who is here stays true, whatever dies, and costs each little."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable

import msgspec
import pytest
import pytest_asyncio

from protocol.base import PersonId, SessionId
from server.auth.demo import TEAM_ID, TEAM_NAME
from server.client import Page
from session_engine.context import PersonRole
from tests.support.product import Gone, Product

CROWD = 100
LEASE_S = 45
LINGER_S = 3.0
"""Somebody whose connection broke stays present for so long."""


class Watcher:
    """Somebody who watches, and comes back to whichever process is there."""

    def __init__(self, product: Product, person_id: PersonId, session_id: SessionId) -> None:
        self.person_id = person_id
        self._product = product
        self._session_id = session_id
        self.page: Page

    async def come(self, process: str | None = None) -> None:
        """Connect and join, however often it takes."""
        while True:
            try:
                self.page = await self._product.page(self.person_id, process=process)
                await self.page.join(self._session_id)
                return
            except (*Gone, TimeoutError):
                await asyncio.sleep(0.2)


class Crowd:
    """The agent, whose page shows who is here, and everybody who watches, half on each process."""

    def __init__(self, agent: Page, session_id: SessionId, watchers: list[Watcher]) -> None:
        self.agent = agent
        self.session_id = session_id
        self.watchers = watchers

    @property
    def shown(self) -> set[PersonId]:
        """Whom the agent sees."""
        return {person["person_id"] for person in self.agent.sessions[self.session_id].people}

    def ever_shown(self, since_frame: int) -> list[set[PersonId]]:
        """Whom the agent saw, one set per change."""
        frames = [msgspec.json.decode(frame) for frame in self.agent.frames[since_frame:]]
        return [{person["person_id"] for person in frame["people"]} for frame in frames if frame["type"] == "presence"]

    def of(self, process: str) -> list[Watcher]:
        """Those whose connection is there."""
        return [watcher for watcher in self.watchers if watcher.page.welcome["process"] == process]


@pytest_asyncio.fixture
async def crowd(product: Product) -> AsyncIterator[Crowd]:
    """Ana on w1, and everybody there."""
    person_ids = await product.add_people("crowd", CROWD, PersonRole.COACH, TEAM_ID, TEAM_NAME)
    async with await product.page("agent", process="w1") as agent:
        session_id = await agent.start(product.version.id)
        watchers = [Watcher(product, person_id, session_id) for person_id in person_ids]
        await together(watcher.come(f"w{1 + place % 2}") for place, watcher in enumerate(watchers))
        crowd = Crowd(agent, session_id, watchers)
        await agent.until(lambda: crowd.shown == {"demo_agent", *person_ids})
        yield crowd
        for watcher in watchers:
            await watcher.page.close()


async def together(comings: Iterable[object]) -> None:
    """All at once."""
    await asyncio.gather(*comings)


async def test_a_network_that_flaps_is_no_coming_and_going(crowd: Crowd) -> None:
    """[PR2] Everybody's connection breaks, three times, and is back within 3 s: nobody leaves the agent's list."""
    seen = len(crowd.agent.frames)
    for _ in range(3):
        await together(watcher.page.drop() for watcher in crowd.watchers)
        began_s = time.monotonic()
        await together(watcher.come() for watcher in crowd.watchers)
        assert time.monotonic() - began_s < LINGER_S, "too slow to say anything about it"
        await asyncio.sleep(0.5)
    await asyncio.sleep(LINGER_S + 1)
    assert all(len(people) == CROWD + 1 for people in crowd.ever_shown(seen))
    assert len(crowd.shown) == CROWD + 1


@pytest.mark.long
async def test_a_killed_process_takes_its_people_from_the_list_and_nobody_else(product: Product, crowd: Crowd) -> None:
    """[PR1, PR2] A third of them come back, the others are gone after 50 s at the latest; nobody else ever was."""
    seen = len(crowd.agent.frames)
    killed = crowd.of("w2")
    product.worker_of(killed[0].page).kill()
    back, away = killed[::3], {watcher.person_id for place, watcher in enumerate(killed) if place % 3}
    await together(watcher.come() for watcher in back)
    stay = {"demo_agent", *(watcher.person_id for watcher in crowd.watchers)} - away
    await crowd.agent.until(lambda: crowd.shown == stay, timeout_s=LEASE_S + 5)
    assert all(stay <= people for people in crowd.ever_shown(seen))
