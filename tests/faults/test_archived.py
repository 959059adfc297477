"""The real product archives what is finished, and nobody who opens it notices."""

import asyncio
from collections.abc import Iterator

import pytest

from protocol.commands import CorrectField, End, SetField
from server.ports import SessionNotFound
from tests.support.installation import Installation, installed
from tests.support.product import Product


@pytest.fixture
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A demo with two server processes that archives after a second."""
    flags = ("--demo", "--workers", "2", "--archive-after-s", "1")
    with installed(tmp_path_factory.mktemp("archive") / "data", *flags) as installation:
        yield installation.start()


async def is_archived(product: Product, session_id: str) -> None:
    """Wait until the store has no log of it."""
    async with asyncio.timeout(40):
        while True:
            try:
                await product.log(session_id)
            except SessionNotFound:
                return
            await asyncio.sleep(0.3)


async def test_a_record_goes_comes_back_is_corrected_and_goes_again(installation: Installation) -> None:
    """[AR1, AR5, AR7, FD10] On whichever process."""
    product = Product(installation)
    await product.prepare()
    page = await product.page("agent", process="w1")
    session_id = await page.start(product.version.id)
    at = {"visit_id": "v1", "seat": 1}
    await page.command(session_id, SetField(**at, field_key="account_number", content="12345678"))
    await page.command(session_id, End(reason=""))
    await page.close()
    await is_archived(product, session_id)

    page = await product.page("agent", process="w2")
    await page.join(session_id)
    assert page.sessions[session_id].view["fields"]["account_number"]["content"] == "12345678"
    await page.command(session_id, CorrectField(field_key="account_number", content="12345679"))
    assert [entry.seq for entry in await product.log(session_id)] == [1, 2, 3, 4, 5, 6]
    await page.close()
    await is_archived(product, session_id)

    page = await product.page("agent", process="w1")
    await page.join(session_id)
    view = page.sessions[session_id].view
    assert view["fields"]["account_number"]["content"] == "12345679"
    assert [was["content"] for was in view["corrections"].values()] == ["12345678"]
    await page.close()
