"""One installation for all fault tests: starting it takes seconds, and surviving its neighbours is part of the test."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.faults.crew import Crew
from tests.support.installation import Installation, eventually, installed
from tests.support.product import Product


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A demo with two server processes and its own Valkey."""
    with installed(tmp_path_factory.mktemp("faults") / "data", "--demo", "--workers", "2") as installation:
        installation.start()
        yield installation


@pytest_asyncio.fixture
async def product(installation: Installation) -> Product:
    """The installation, up again after whatever the test before did to it."""
    await asyncio.to_thread(eventually, lambda: len(installation.workers()) == 2 and installation.is_ready(), 20)
    product = Product(installation)
    await product.prepare()
    return product


@pytest_asyncio.fixture
async def crew(product: Product) -> AsyncIterator[Crew]:
    """Everybody on two Sessions."""
    crew = await Crew(product).gather()
    yield crew
    await crew.close()
