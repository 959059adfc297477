"""Keeping one process alive: starting it, restarting it when it dies, stopping it.

What a server process does is `worker.py`; the demo's receiver is kept the same way.

Rules: protocol/SPEC.md, HS24 to HS26.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress

import msgspec

from server.line import READY, STOP_S, Orders
from server.settings import CannotRun, Settings

log = logging.getLogger(__name__)

STEADY_S = 10.0
"""A process that lived this long is restarted at once when it dies."""


def pause_s(quick_deaths: int) -> float:
    """How long to wait before the next start, after so many deaths in a row of processes that never got steady."""
    return 0.0 if quick_deaths == 0 else min(10.0, 0.25 * 2.0**quick_deaths)


Restarted = Callable[[str], None]
"""Hears the name of a process that died and is started again."""


def tell_nobody(name: str) -> None:
    """A `Restarted` while nobody counts."""


class WorkerKeeper:
    """One process, over all its lives."""

    def __init__(
        self,
        name: str,
        prepared: asyncio.Future[Settings],
        listening: socket.socket,
        restarted: Restarted = tell_nobody,
        *,
        command: str = "worker-process",
        mail: socket.socket | None = None,
    ) -> None:
        self._name = name
        self._prepared = prepared
        self._listening = listening
        self._restarted = restarted
        self._command = command
        self._mail = mail
        self._process: asyncio.subprocess.Process | None = None
        self.ready = asyncio.Event()

    async def keep(self) -> None:
        """Run until cancelled, then stop the process.

        Raises:
            CannotRun: the process died before it ever was ready: starting it again would not help.
        """
        quick_deaths = 0
        while True:
            began_s = time.monotonic()
            status = await self._live_once()
            if not self.ready.is_set():
                raise CannotRun(f"process {self._name} ended with status {status} before it was ready")
            quick_deaths = 0 if time.monotonic() - began_s > STEADY_S else quick_deaths + 1
            after_s = pause_s(quick_deaths)
            log.warning("worker.died name=%s status=%d restart_after_s=%s", self._name, status, after_s)
            self._restarted(self._name)
            await asyncio.sleep(after_s)

    def kill(self) -> None:
        """Do not wait for it any longer."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def _live_once(self) -> int:
        ours, theirs = socket.socketpair()
        listening_fd = self._listening.fileno()
        mail_fd = None if self._mail is None else self._mail.fileno()
        process = self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "server", self._command),
            stdin=theirs.fileno(),
            pass_fds=(listening_fd,) if mail_fd is None else (listening_fd, mail_fd),
            start_new_session=True,  # Ctrl+C is for the launcher, which drains
        )
        theirs.close()
        words, line = await asyncio.open_connection(sock=ours)
        try:
            settings = (await asyncio.shield(self._prepared)).for_process(self._name)
            orders = Orders(settings=settings, listening_fd=listening_fd, mail_fd=mail_fd)
            line.write(msgspec.json.encode(orders) + b"\n")
            if await _hears_ready(words):
                self.ready.set()
            return await process.wait()
        finally:
            await _stop(process)
            line.close()


async def _hears_ready(words: asyncio.StreamReader) -> bool:
    try:
        return await words.readline() == READY
    except ConnectionError:
        return False


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):  # it may end by itself this very moment
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        log.warning("worker.killed pid=%d after_s=%s", process.pid, STOP_S)
        process.kill()
        await process.wait()
