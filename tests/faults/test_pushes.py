"""Pushes lost, and a store that hangs: everybody is level again within ten seconds, by themselves."""

import asyncio

from protocol.commands import SetField
from tests.faults.crew import Crew
from tests.support.product import Product

STORE_HANGS_S = 3.0


async def test_members_on_different_processes_see_the_same(crew: Crew) -> None:
    """[DL2] Two processes, two Sessions, members of each on both."""
    assert {tab.processes[0] for tab in crew.tabs} == {"w1", "w2"}
    async with crew.at_work():
        await crew.some_work()

    await crew.level()
    await crew.check()
    assert all(len(tab.processes) == 1 for tab in crew.tabs), "somebody lost a connection"


async def test_lost_pushes_and_a_store_that_hangs_are_made_up(product: Product, crew: Crew) -> None:
    """[DL4, CM10] Every push connection is cut, then the store hangs, while everybody works."""
    async with crew.at_work(), product.operator() as operator:
        await crew.some_work()
        for _ in range(3):
            assert await operator.call("CLIENT", "KILL", "TYPE", "pubsub") > 0
            await crew.some_work(10)
        with product.stopped_store():
            await asyncio.sleep(STORE_HANGS_S)
        await crew.some_work()

    assert await crew.level(within_s=10) < 10
    await crew.check()


async def test_a_last_entry_whose_push_was_lost_is_shown_nevertheless(product: Product, crew: Crew) -> None:
    """[DL4] Nothing comes after it that would show the gap: only the comparison with the log does."""
    async with product.operator() as operator:
        writer = crew.tabs[0]
        writer.give(SetField(visit_id="v1", seat=1, field_key="account_number", content="last words"))
        _, killed = await asyncio.gather(writer.settle(), operator.call("CLIENT", "KILL", "TYPE", "pubsub"))
        assert killed > 0
    for tab in crew.tabs[1:4]:
        await tab.reaches(writer.acknowledged[1])
