"""One server process: takes its orders from the launcher, serves, drains, goes.

When the launcher is gone, however it went, the line (`line.py`) ends and the
process goes too.

Rules: protocol/SPEC.md, HS24 to HS27.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from io import BufferedReader
from types import FrameType

import msgspec
import uvicorn

from server.app import build_app
from server.gateway.socket import UvicornSocket
from server.line import DRAIN_S, LAST_REQUESTS_S, ORPHAN_S, READY, Orders
from server.log import log_to_stderr
from server.watching import tracing
from server.watching.scrape import answer_launcher

log = logging.getLogger(__name__)

MESSAGE_BYTES = 600_000
"""Above every limit that the gateway applies itself (Notes: 512 KiB), so that it is the gateway that answers."""

SWITCH_S = 0.0005
"""A thread that reads SQL gives the interpreter back to the event loop after this long; Python's 5 ms were most of what
the slowest hundredth of all messages waited for (tests/bench)."""

COLLECT = 5_000, 2, 100
"""When to look for cycles. Sessions and entries have none, and Python's own thresholds walk them all the time: that was
a fifth of the CPU under load. A look at 20,000 new objects held everybody up for 35 ms (tests/bench)."""


class DrainingServer(uvicorn.Server):
    """uvicorn, except that clients are told before it stops."""

    def __init__(self, config: uvicorn.Config, drain: Callable[[], Awaitable[None]], on_ready: Callable[[], None]):
        super().__init__(config)
        self._drain = drain
        self._on_ready = on_ready
        self._draining: asyncio.Task[None] | None = None

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until asked to stop."""
        self._loop = asyncio.get_running_loop()
        await super().serve(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self._on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Asked to stop: drain first. Asked again: stop."""
        self._loop.call_soon_threadsafe(self._begin_drain)

    def abandon(self) -> None:
        """The launcher is gone: give up the port at once, then as when asked to stop. From any thread."""
        self._loop.call_soon_threadsafe(self._stop_listening)
        self._loop.call_soon_threadsafe(self._begin_drain)

    def _stop_listening(self) -> None:
        for server in self.servers:
            server.close()

    def _begin_drain(self) -> None:
        if self._draining is None:
            self._draining = asyncio.create_task(self._drain_and_stop())
        else:
            self.should_exit = True

    async def _drain_and_stop(self) -> None:
        try:
            async with asyncio.timeout(DRAIN_S):
                await self._drain()
        except TimeoutError:
            log.warning("drain.late after_s=%s", DRAIN_S)
        finally:
            self.should_exit = True


def run() -> int:
    """Serve until told to stop. Standard input is the process's end of the line."""
    line = socket.socket(fileno=os.dup(sys.stdin.fileno()))
    words = line.makefile("rb")
    told = words.readline()
    if not told:
        return 0  # the launcher was gone before it had orders
    orders = msgspec.json.decode(told, type=Orders)
    settings = orders.settings
    log_to_stderr(settings.process, settings.log_format)
    if settings.metrics_port is not None:
        answer_launcher(settings)
    tracing.start(settings.process)

    sys.setswitchinterval(SWITCH_S)
    app = build_app(settings)
    gc.freeze()
    gc.set_threshold(*COLLECT)
    server = DrainingServer(http_config(app), app.state.drain, lambda: line.sendall(READY))
    listening = socket.socket(fileno=orders.listening_fd)
    threading.Thread(target=_leave_with_launcher, args=(words, server), daemon=True).start()
    server.run(sockets=[listening])
    tracing.stop()
    return 0


def http_config(app: object) -> uvicorn.Config:
    """How uvicorn serves the app, in a server process and in tests alike."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]  # uvicorn's own words for an ASGI application differ from Starlette's
        lifespan="on",
        ws=UvicornSocket,
        ws_max_size=MESSAGE_BYTES,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=LAST_REQUESTS_S,
    )


def _leave_with_launcher(words: BufferedReader, server: DrainingServer) -> None:
    # A thread, so that a process whose loop is stuck goes as well.
    words.read()
    log.warning("launcher.gone")
    if server.started:
        server.abandon()
    else:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(ORPHAN_S)
    os._exit(1)
