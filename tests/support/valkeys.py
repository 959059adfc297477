"""Real Valkeys that stand together: a cluster of three, and a pair that a Sentinel watches."""

import asyncio
import socket
import subprocess
import time
from pathlib import Path

from server.embedded import find_valkey_server
from server.store.address import Access, Address
from server.store.wire import Wire


class Cluster:
    """Three primaries on free loopback ports."""

    def __init__(self, folder: Path) -> None:
        ports = _free_ports(6)
        self.addresses = [Address("127.0.0.1", port) for port in ports[:3]]
        self._bus_ports = ports[3:]
        self.servers = [
            self._launch(folder / str(address.port), address.port, bus_port)
            for address, bus_port in zip(self.addresses, self._bus_ports, strict=True)
        ]

    @property
    def url(self) -> str:
        """For `RedisStore`; one node is enough to find the others."""
        return f"redis+cluster://{self.addresses[0]}"

    async def join(self) -> None:
        """Make one cluster of the three and wait until each knows all."""
        wires = [await _open_when_up(address) for address in self.addresses]
        bounds = (0, 5_461, 10_923, 16_384)
        for number, wire in enumerate(wires):
            await wire.call("CLUSTER", "ADDSLOTSRANGE", bounds[number], bounds[number + 1] - 1)
            await wire.call("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for address, bus_port in zip(self.addresses, self._bus_ports, strict=True):
            await wires[0].call("CLUSTER", "MEET", address.host, address.port, bus_port)
        async with asyncio.timeout(20):
            for wire in wires:
                await _until_it_says(b"cluster_known_nodes:3", wire, "CLUSTER", "INFO")
                await _until_it_says(b"cluster_state:ok", wire, "CLUSTER", "INFO")
                wire.cut()

    def kill(self) -> None:
        """End the three."""
        for server in self.servers:
            server.kill()
        for server in self.servers:
            server.wait()

    def _launch(self, folder: Path, port: int, bus_port: int) -> subprocess.Popen[bytes]:
        folder.mkdir()
        settings = {
            "port": str(port), "bind": "127.0.0.1", "dir": str(folder), "save": "", "cluster-enabled": "yes",
            "cluster-port": str(bus_port), "cluster-node-timeout": "5000", "logfile": "valkey.log",
        }  # fmt: skip
        words = [word for name, value in settings.items() for word in (f"--{name}", value)]
        return subprocess.Popen([str(find_valkey_server()), *words], stdout=subprocess.DEVNULL)


class SentinelPair:
    """A primary, its replica, and one Sentinel that promotes the replica."""

    def __init__(self, folder: Path) -> None:
        self.primary, self.replica, self.sentinel = [Address("127.0.0.1", port) for port in _free_ports(3)]
        of_primary = ("--replicaof", self.primary.host, str(self.primary.port))
        self._settings = folder / "sentinel.conf"
        self._settings.write_text(
            f"port {self.sentinel.port}\nbind 127.0.0.1\nlogfile {folder}/sentinel.log\n"
            f"sentinel monitor main {self.primary.host} {self.primary.port} 1\n"
            "sentinel down-after-milliseconds main 500\n"
        )
        self.servers = [
            self._launch(folder, self.primary, "--repl-diskless-sync-delay", "0"),
            self._launch(folder, self.replica, *of_primary),
        ]

    @property
    def url(self) -> str:
        """For `RedisStore`."""
        return f"redis+sentinel://{self.sentinel}/main"

    async def join(self) -> None:
        """Wait until the Sentinel knows a replica that has everything."""
        async with asyncio.timeout(20):
            replica = await _open_when_up(self.replica)
            await _until_it_says(b"master_link_status:up", replica, "INFO", "replication")
            # Only now: a Sentinel that sees no replica at first looks again after 10 s.
            self._launch_sentinel()
            sentinel = await _open_when_up(self.sentinel)
            await _until_it_says(b"name", sentinel, "SENTINEL", "REPLICAS", "main")
        sentinel.cut()
        replica.cut()

    def _launch_sentinel(self) -> None:
        self.servers.append(subprocess.Popen([str(find_valkey_server()), str(self._settings), "--sentinel"]))

    def kill_primary(self) -> None:
        """With -9."""
        self.servers[0].kill()
        self.servers[0].wait()

    def kill(self) -> None:
        """End all."""
        for server in self.servers:
            server.kill()
            server.wait()

    def _launch(self, folder: Path, address: Address, *more: str) -> subprocess.Popen[bytes]:
        log = folder / f"{address.port}.log"
        words = ("--port", str(address.port), "--bind", address.host, "--save", "", "--dir", str(folder))
        return subprocess.Popen([str(find_valkey_server()), *words, "--logfile", str(log), *more])


async def _until_it_says(words: bytes, wire: Wire, *command: str) -> None:
    while True:
        if words in repr(await wire.call(*command)).encode():
            return
        await asyncio.sleep(0.05)


async def _open_when_up(address: Address) -> Wire:
    give_up_s = time.monotonic() + 10
    while True:
        try:
            return await Wire.open(address, Access())
        except Exception:
            assert time.monotonic() < give_up_s, f"{address} does not answer"
            await asyncio.sleep(0.02)


def _free_ports(count: int) -> list[int]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(listener.getsockname()[1]) for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports
