"""Two installations behind the proxy that ships, restarted one after the other while people work."""

import asyncio
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from server import operating
from server.client import Page
from server.embedded import EmbeddedValkey
from server.store import keyring
from tests.faults.crew import Crew
from tests.support.installation import Installation, eventually, installed
from tests.support.postgres import Postgres
from tests.support.product import Product


def free_port() -> int:
    """One that nobody has at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])


class Behind(Product):
    """The product at the proxy's address, which chooses the server."""

    def __init__(self, front: Installation, store_url: str, database_url: str, key_ring: Path) -> None:
        super().__init__(front)
        self._settings = replace(self._settings, database_url=database_url, key_ring=str(key_ring))
        self._url = store_url

    async def page(self, label: str, *, process: str | None = None, client_id: str | None = None) -> Page:
        """Whichever server takes it."""
        return await super().page(label, client_id=client_id)

    @property
    def _store_url(self) -> str:
        return self._url


@contextmanager
def proxied(servers: list[Installation], data_dir: Path) -> Iterator[Installation]:
    """The proxy that ships, in front of these servers, as if it were one installation."""
    front = Installation(data_dir)
    front.address = f"http://127.0.0.1:{free_port()}"
    environment = {
        **os.environ,
        "HOME": str(data_dir),
        "SIDECOACH_SITE": f"http://:{front.port}",
        "SIDECOACH_UPSTREAMS": " ".join(f"127.0.0.1:{server.port}" for server in servers),
        "SIDECOACH_PROXY_ADMIN": "off",
    }
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(operating.HERE / "Caddyfile")]
    proxy = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: answers(f"{front.address}/api/house"), 15)
        yield front
    finally:
        proxy.terminate()
        proxy.wait(20)


def answers(address: str) -> bool:
    """Whether somebody is there."""
    try:
        return httpx.get(address, timeout=2, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.long
@pytest.mark.skipif(shutil.which("caddy") is None, reason="caddy is not here")
async def test_servers_restarted_one_after_the_other_cost_nothing(
    own_valkey: EmbeddedValkey, postgres: Postgres, tmp_path: Path
) -> None:
    """[OP13, OP11, CN5, CM5] Through the proxy that ships, on one Valkey and one PostgreSQL, with shared keys."""
    database_url, key_ring = postgres.url(postgres.create()), tmp_path / "keys.json"
    keyring.make(key_ring)
    flags = ["--demo", "--redis-url", own_valkey.url, "--database-url", database_url, "--key-ring", str(key_ring)]
    with ExitStack() as stack:
        servers = [stack.enter_context(installed(tmp_path / name, *flags)) for name in ("a", "b")]
        for server in servers:
            await asyncio.to_thread(server.start)
        front = await asyncio.to_thread(stack.enter_context, proxied(servers, tmp_path / "proxy"))
        product = Behind(front, own_valkey.url, database_url, key_ring)
        await product.prepare()
        crew = await Crew(product).gather()
        async with crew.at_work(within_s=120):
            for server in servers:
                await crew.some_work()
                assert await asyncio.to_thread(server.stop) == 0
                await crew.some_work()
                await asyncio.to_thread(server.start, server.port)
            await crew.some_work()

        await crew.level()
        await crew.check()
        moved = sum(len(tab.processes) for tab in crew.tabs) - len(crew.tabs)
        await crew.close()
    assert moved >= len(crew.tabs), "everybody was sent away at least once"
