"""A receiver that does not read: sent away, and nobody else notices."""

import asyncio
import contextlib
import itertools
import socket
import time
from collections.abc import AsyncIterator

import msgspec
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from protocol.base import PROTOCOL, SessionId
from protocol.commands import EditNotes, SetField
from protocol.frames import Hello, Join
from protocol.refusals import CloseCode
from server.client import Page
from tests.support.notes import Editor
from tests.support.product import Product

LARGE_TEXT = "☎" * 45_000
"""A Notes edit of about 180 KB; dozens fill every buffer on the way and then the queue."""


@pytest_asyncio.fixture
async def session(product: Product) -> AsyncIterator[tuple[Page, SessionId]]:
    """Ana's page and Session, on w1."""
    async with await product.page("agent", process="w1") as page:
        yield page, await page.start(product.version.id)


async def stop_reading(product: Product, session_id: SessionId) -> ClientConnection:
    """Sam's browser, frozen right after it joined; on the process of the others."""
    while True:
        plain = socket.create_connection(("127.0.0.1", product.installation.port))
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        frozen = await connect(
            f"ws://127.0.0.1:{product.installation.port}/ws",
            sock=plain,
            origin=f"http://127.0.0.1:{product.installation.port}",  # type: ignore[arg-type]
            subprotocols=[PROTOCOL],  # type: ignore[list-item]
            additional_headers={"Cookie": await product.cookie("supervisor")},
            max_size=None,
            max_queue=1,
            compression=None,
            ping_interval=None,
            proxy=None,
        )
        await frozen.send(msgspec.json.encode(Hello(client_id="5" * 32, build="python")))
        if msgspec.json.decode(await frozen.recv())["process"] == "w1":
            await frozen.send(msgspec.json.encode(Join(session_id=session_id)))
            return frozen
        await frozen.close()


async def close_code(connection: ClientConnection) -> int | None:
    """Read again, to the end."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            await connection.recv()
    return connection.close_code


async def test_a_receiver_that_stops_reading_is_sent_away(product: Product, session: tuple[Page, SessionId]) -> None:
    """[CL4, PR1] It is closed 4008 and gone from the list of who is here; the writer and a watcher do not notice."""
    writer, session_id = session
    watcher = await product.page("coach", process="w1")
    await watcher.join(session_id)
    frozen = await stop_reading(product, session_id)
    seen = writer.sessions[session_id]
    await writer.until(lambda: "demo_supervisor" in {person["person_id"] for person in seen.people})
    editor = Editor()
    slowest_s = 0.0
    for number in range(80):
        update = editor.type(LARGE_TEXT) if number % 2 == 0 else editor.delete(0, len(LARGE_TEXT.encode()))
        began_s = time.monotonic()
        await writer.command(session_id, EditNotes(update=update))
        slowest_s = max(slowest_s, time.monotonic() - began_s)

    await writer.until(lambda: "demo_supervisor" not in {person["person_id"] for person in seen.people})
    code = await asyncio.wait_for(close_code(frozen), 10)
    seq = await writer.command(session_id, SetField(visit_id="v1", seat=1, field_key="outage_ref", content="after"))
    await watcher.until(lambda: watcher.sessions[session_id].seqs[-1:] == [seq])

    assert code == CloseCode.SLOW
    assert slowest_s < 2, "the writer waited for the receiver that did not read"
    assert watcher.close_code is None
    seqs = watcher.sessions[session_id].seqs
    assert all(after == before + 1 for before, after in itertools.pairwise(seqs))
    await watcher.close()
