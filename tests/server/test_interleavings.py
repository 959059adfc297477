"""Whoever takes, grants, offers, hands back and types at the same moment: one drives. Rules: protocol/SPEC.md, SE."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from time import perf_counter

import pytest

import server.submit
from server.embedded import EmbeddedValkey
from server.ports import SessionStore
from server.store.keyring import KeyRing
from server.store.memory import MemoryBus, MemoryStore
from server.store.redis import RedisStore
from tests.support.interleavings import World
from tests.support.stores import embedded as embedded

log = logging.getLogger(__name__)

QUICK, LONG = 2_000, 100_000
AT_ONCE = 32
"""Over a real store: while one waits for it, others go on."""


async def interleave(stores: list[SessionStore], folder: Path, number: int, at_once: int) -> World:
    """As many schedules as there are seeds below `number`; all of them judged."""
    world = World(stores, KeyRing.open(folder / "keys.json"), at_once)
    await world.start()
    seeds = iter(range(number))

    async def go_on() -> None:
        for seed in seeds:
            await world.interleave(seed)

    began_s = perf_counter()
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(go_on())
    finally:
        await world.close()
    log.info("%d interleavings in %.0f s: %s", number, perf_counter() - began_s, dict(sorted(world.counts.items())))
    return world


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits for company: what comes together is drawn by the schedule."""
    monkeypatch.setattr(server.submit, "GATHER_S", 0)


WAYS = ("seat taken", "seat retaken", "seat granted", "seat accepted", "seat handed_back")
LATE = ("refused stale_seat", "refused handover_open", "refused handover_over", "refused not_present")


@pytest.mark.parametrize("number", [QUICK, pytest.param(LONG, marks=pytest.mark.long)])
async def test_no_late_command_moves_the_seat_or_types(number: int, tmp_path: Path) -> None:
    """[SE2, SE12] Two or three processes over one store, each behind the log by as much as chance will have it."""
    bus = MemoryBus()
    two, three = [[MemoryStore(bus) for _ in range(processes)] for processes in (2, 3)]
    worlds = [await interleave([*stores], tmp_path, number // 2, 1) for stores in (two, three)]
    for happened in (*WAYS, *LATE):
        assert sum(world.counts[happened] for world in worlds) > 0, f"{happened} is among what was tried"


@pytest.mark.long
async def test_nor_over_a_real_valkey(embedded: EmbeddedValkey, tmp_path: Path) -> None:
    """[SE2, SE12] By the script that decides there which commit is first."""
    stores: list[SessionStore] = [RedisStore(embedded.url) for _ in range(3)]
    world = await interleave(stores, tmp_path, LONG, AT_ONCE)
    for happened in (*WAYS, *LATE):
        assert world.counts[happened] > 0, f"{happened} is among what was tried"
