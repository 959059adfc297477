"""Processes killed without warning while people work: nothing that was acknowledged is lost, nothing is done twice."""

import asyncio
import signal

from tests.faults.crew import Crew
from tests.support.installation import eventually
from tests.support.product import Product


async def test_killed_server_processes_cost_nothing(product: Product, crew: Crew) -> None:
    """[CN5, CM3, CM5, CM6, DL1, DL2] Tabs come back to whichever process is there, and send what was not answered."""
    assert {tab.processes[0] for tab in crew.tabs} == {"w1", "w2"}
    async with crew.at_work():
        for _ in range(3):
            await crew.some_work()
            max(product.installation.workers(), key=lambda worker: worker.create_time()).kill()
        await crew.some_work()

    await crew.level()
    await crew.check()
    assert sum(len(tab.processes) for tab in crew.tabs) > len(crew.tabs), "nobody lost a connection"
    assert "resumed" in {reason for tab in crew.tabs for reason in tab.reasons[1:]}


async def test_a_killed_store_costs_nothing(product: Product, crew: Crew) -> None:
    """[CM9, CM10] Commands wait, or are `not_saved_yet`, until it is started again, and none overtakes another."""
    killed: set[int] = set()
    async with crew.at_work():
        for _ in range(3):
            await crew.some_work()
            valkey = await asyncio.to_thread(eventually, product.installation.find_valkey)
            valkey.kill()
            killed.add(valkey.pid)
        await crew.some_work()

    await crew.level()
    await crew.check()
    assert len(killed) == 3


async def test_a_killed_launcher_and_a_new_start_cost_nothing(product: Product, crew: Crew) -> None:
    """[CN5, CM5] Its orphans say goodbye, a new start adopts the store, and everybody is back where they were."""
    installation = product.installation
    assert installation.launcher is not None
    async with crew.at_work():
        await crew.some_work()
        installation.launcher.kill()
        installation.launcher.wait()
        await asyncio.to_thread(installation.start, installation.port)
        await crew.some_work()

    await crew.level()
    await crew.check()


async def test_everything_killed_at_once_costs_nothing(product: Product, crew: Crew) -> None:
    """[CN5, CM5] As a power cut: launcher, server processes and store."""
    installation = product.installation
    assert installation.launcher is not None
    async with crew.at_work():
        await crew.some_work()
        everything = [installation.valkey(), *installation.workers()]
        installation.launcher.kill()
        for process in everything:
            process.send_signal(signal.SIGKILL)
        installation.launcher.wait()
        await asyncio.to_thread(installation.start, installation.port)
        await crew.some_work()

    await crew.level()
    await crew.check()
