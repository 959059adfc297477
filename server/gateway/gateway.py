"""All connections of this process: the upgrade's checks, and the drain.

The upgrade checks Host, Origin and subprotocol. Whether the browser is signed in is
answered after hello, by a close code: a browser cannot read a refused upgrade.

Rules: protocol/SPEC.md, CN1 to CN3 and CL.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets

from starlette.requests import HTTPConnection

from protocol.base import PROTOCOL
from server.auth.browser import find_token, is_our_host, is_same_origin
from server.gateway.connection import Connection, Services
from server.gateway.socket import Socket
from server.ports import Unavailable
from server.settings import Settings
from server.watching import figures

log = logging.getLogger(__name__)

PATH = "/ws"
DRAIN_BATCH = 100
DRAIN_PAUSE_S = 0.1
FLUSH_WITHIN_S = 5.0
CHECK_EVERY_S = 1.0
"""What was taken away is noticed within this; it has to take effect within 2 s, on a busy process too."""
CHECK_SLICES = 10
"""Connections are checked a part at a time: 3,000 at once would hold every message up for 30 ms (tests/bench)."""
RETRY_MS = 2_000


class Gateway:
    """The door of every WebSocket, and how they all end."""

    def __init__(self, services: Services, settings: Settings) -> None:
        self._services = services
        self._settings = settings
        self._connections: set[Connection] = set()
        self._is_draining = False
        self._none_left = asyncio.Event()
        self._none_left.set()
        self._watch: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch over the connections."""
        self._watch = asyncio.create_task(self._watch_over())

    async def close(self) -> None:
        """Stop watching."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)

    def admit(self, socket: Socket, upgrade: HTTPConnection) -> Connection | None:
        """Let a WebSocket of our own pages in; None refuses the upgrade."""
        offered = upgrade.headers.get("sec-websocket-protocol", "").replace(" ", "").split(",")
        is_ours = is_our_host(upgrade, self._settings) and is_same_origin(upgrade)
        if upgrade.scope["path"] != PATH or not is_ours or PROTOCOL not in offered:
            figures.UPGRADES_REFUSED.inc()
            return None
        connection = Connection(socket, self._services, find_token(upgrade) or "")
        self._connections.add(connection)
        self._none_left.clear()
        if self._is_draining:
            connection.announce_closing(RETRY_MS)
        return connection

    def lost(self, connection: Connection) -> None:
        """A WebSocket is over."""
        connection.gone()
        self._connections.discard(connection)
        if not self._connections:
            self._none_left.set()

    def count(self) -> None:
        """Tell how many there are."""
        opened = sum(connection.is_open for connection in self._connections)
        figures.CONNECTIONS.labels("open").set(opened)
        figures.CONNECTIONS.labels("waiting").set(len(self._connections) - opened)

    async def drain(self) -> None:
        """Send every client away in batches, each told when to come back; then there are none."""
        self._is_draining = True
        waiting = list(self._connections)
        log.info("gateway.draining connections=%d", len(waiting))
        for start in range(0, len(waiting), DRAIN_BATCH):
            for connection in waiting[start : start + DRAIN_BATCH]:
                connection.announce_closing(secrets.randbelow(RETRY_MS))
            await asyncio.sleep(DRAIN_PAUSE_S)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FLUSH_WITHIN_S):
                await self._none_left.wait()

    async def _watch_over(self) -> None:
        while True:
            # Tabs of one sign-in beside each other: it is looked up once for all of them.
            everyone = sorted(self._connections, key=lambda connection: connection.token)
            size = -(-len(everyone) // CHECK_SLICES)
            for part in range(CHECK_SLICES):
                await asyncio.sleep(CHECK_EVERY_S / CHECK_SLICES)
                try:
                    await self._check(everyone[part * size : (part + 1) * size])
                except Exception:
                    log.exception("gateway.check_failed")

    async def _check(self, connections: list[Connection]) -> None:
        """Who is still there, and who is still signed in."""
        for connection in connections:
            connection.check_heartbeat()
        opened = [connection for connection in connections if connection.is_open]
        if not opened:
            return
        try:
            actors = await self._services.sign_ins.find_actors({connection.token for connection in opened})
        except Unavailable as error:
            # Live calls go on while SQL is away; who signed in stays who they are.
            log.warning("sign_ins.unchecked connections=%d reason=%s", len(opened), error)
            return
        for connection in opened:
            connection.take_sign_in(actors.get(connection.token))
