"""A real `sidecoach serve`, in processes of its own, to be used and to be killed."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil

T = TypeVar("T")

READY_WITHIN_S = 30.0


def eventually(look: Callable[[], T], within_s: float = 10.0) -> T:
    """What `look` gives as soon as it is true; for things that other processes do in their own time."""
    give_up_s = time.monotonic() + within_s
    while not (found := look()):
        assert time.monotonic() < give_up_s, f"not within {within_s} s"
        time.sleep(0.02)
    return found


class Installation:
    """One data directory, and whatever runs on it."""

    def __init__(self, data_dir: Path, *flags: str) -> None:
        self.data_dir = data_dir
        self._flags = flags
        self._output = data_dir.with_name(f"{data_dir.name}.output")
        self.launcher: subprocess.Popen[bytes] | None = None
        self.address = ""

    def start(self, port: int = 0) -> "Installation":
        """Start it and wait until it says that it is ready."""
        self.launch(port)
        self.address = eventually(self._find_address, READY_WITHIN_S)
        return self

    def launch(self, port: int = 0) -> subprocess.Popen[bytes]:
        """Start it, ready or not."""
        flags = ["--data-dir", str(self.data_dir), "--port", str(port), *self._flags]
        with self._output.open("wb") as output:
            self.launcher = subprocess.Popen(
                [sys.executable, "-m", "server", "serve", *flags], stdout=output, stderr=subprocess.STDOUT
            )
        return self.launcher

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.address.rsplit(":", 1)[1])

    @property
    def output(self) -> str:
        """All that it said since its last start."""
        return self._output.read_text()

    def workers(self) -> list[psutil.Process]:
        """The server processes of this launcher."""
        return [process for process in self._children() if _runs(process, "worker-process")]

    def receiver(self) -> psutil.Process:
        """The process of the demo's receiver."""
        return next(process for process in self._children() if _runs(process, "receiver-process"))

    @property
    def receiver_address(self) -> str:
        """Where the demo's receiver is, as the start message says."""
        if told := self.facts("ready").get("receiver"):
            return str(told).rstrip("/")
        said = next(line for line in self.output.splitlines() if line.startswith("Demo receiver: "))
        return said.removeprefix("Demo receiver: ").partition(" ")[0].rstrip("/")

    def valkey(self) -> psutil.Process:
        """The store's process, whoever started it."""
        process = self.find_valkey()
        assert process is not None, f"no Valkey runs on {self.data_dir}"
        return process

    def find_valkey(self) -> psutil.Process | None:
        """The same, if there is one at the moment."""
        directory = str(self.data_dir.resolve())
        for process in psutil.process_iter(["name", "cwd"]):
            if "valkey-server" in process.info["name"] and (process.info["cwd"] or "").startswith(directory):
                return process
        return None

    @property
    def is_running(self) -> bool:
        """Whether its launcher lives."""
        return self.launcher is not None and self.launcher.poll() is None

    def is_ready(self) -> bool:
        """Whether a server process answers that it is."""
        try:
            return httpx.get(f"{self.address}/readyz", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> int:
        """Ask it to stop, and wait; gives the exit status."""
        assert self.launcher is not None
        self.launcher.send_signal(signal.SIGTERM)
        return self.launcher.wait(30)

    def facts(self, event: str) -> dict[str, Any]:
        """Of the first log line of this event, where lines are JSON; none if there is no such line."""
        lines = [json.loads(line) for line in self.output.splitlines() if line.startswith("{") and line.endswith("}")]
        return next((line for line in lines if line["event"] == event), {})

    def _find_address(self) -> str | None:
        assert self.launcher is not None
        assert self.launcher.poll() is None, f"it ended before it was ready:\n{self.output}"
        said = [line for line in self.output.splitlines() if line.startswith("Sidecoach is ready: ")]
        return said[0].removeprefix("Sidecoach is ready: ") if said else self.facts("ready").get("address")

    def _children(self) -> list[psutil.Process]:
        assert self.launcher is not None
        return psutil.Process(self.launcher.pid).children(recursive=True)


def _runs(process: psutil.Process, command: str) -> bool:
    try:
        return command in process.cmdline()
    except psutil.Error:  # it went meanwhile
        return False


@contextmanager
def installed(data_dir: Path, *flags: str) -> Iterator[Installation]:
    """An installation of which nothing is left running."""
    installation = Installation(data_dir, *flags)
    try:
        yield installation
    finally:
        if installation.is_running:
            installation.stop()
