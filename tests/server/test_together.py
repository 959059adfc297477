"""Who asks while an answer is under way is served with all others who did."""

import asyncio

import pytest

from server.records.together import Together


class Counter:
    """Serves when it is let, and remembers whom it served."""

    def __init__(self) -> None:
        self.served: list[list[int]] = []
        self.let = asyncio.Event()

    async def serve(self, asked: list[int]) -> int:
        """How many were served with this one."""
        self.served.append(asked)
        await self.let.wait()
        if 13 in asked:
            raise ValueError(asked)
        return len(asked)


async def test_all_who_ask_meanwhile_are_served_at_once() -> None:
    """One transaction for the first, one for everybody else."""
    counter = Counter()
    together = Together(counter.serve)
    asking = [asyncio.create_task(together.ask(1))]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asking += [asyncio.create_task(together.ask(number)) for number in (2, 3, 4)]
    await asyncio.sleep(0)

    counter.let.set()

    assert await asyncio.gather(*asking) == [1, 3, 3, 3]
    assert counter.served == [[1], [2, 3, 4]]


async def test_who_goes_away_takes_nothing_from_the_others() -> None:
    """A closed tab does not end the read that another waits for."""
    counter = Counter()
    together = Together(counter.serve)
    gone, stays = [asyncio.create_task(together.ask(number)) for number in (1, 2)]
    await asyncio.sleep(0)

    gone.cancel()
    counter.let.set()

    assert await stays == 2


async def test_a_failure_is_everybodys_and_the_next_starts_afresh() -> None:
    """A database that was away is asked again."""
    counter = Counter()
    counter.let.set()
    together = Together(counter.serve)

    failed = await asyncio.gather(together.ask(12), together.ask(13), return_exceptions=True)

    assert [type(one) for one in failed] == [ValueError, ValueError]
    with pytest.raises(ValueError, match="13"):
        await together.ask(13)
    assert await together.ask(14) == 1
