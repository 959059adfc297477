"""A real server process's application on a loopback port, inside the test."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest_asyncio
import uvicorn

from server.app import build_app
from server.auth.demo import DEMO_PEOPLE, TEAM_ID, TEAM_NAME
from server.client import Page
from server.ports import SessionStore
from server.records.catalog import SqlCatalog
from server.records.database import Database
from server.records.people import SqlPeople
from server.settings import Settings
from server.store.memory import MemoryBus, MemoryStore
from server.worker import http_config
from tests.support.workflows import SMALL_DOCUMENT


class House:
    """One or several server processes' applications on one store and one database."""

    def __init__(self, data_dir: Path) -> None:
        self.bus = MemoryBus()
        self.version_id = ""
        self._data_dir = data_dir
        self._stack = AsyncExitStack()
        self.ports: list[int] = []
        self.apps: list[uvicorn.Server] = []
        self._stops: list[Callable[[], Awaitable[None]]] = []
        self.pages: list[Page] = []

    @property
    def database_url(self) -> str:
        """The SQL file."""
        return f"sqlite:///{self._data_dir / 'sidecoach.db'}"

    async def prepare(self) -> None:
        """Migrate, and put in the demo people and the small Workflow."""
        database = Database(self.database_url)
        await database.migrate()
        await SqlPeople(database).add_team(TEAM_ID, TEAM_NAME, [person.actor for person in DEMO_PEOPLE])
        published = await SqlCatalog(database).publish(SMALL_DOCUMENT)
        self.version_id = published.version.id
        await database.close()

    async def serve(self, store: SessionStore | None = None, *, demo_pace: float = 1.0) -> int:
        """Start one more process's application; returns its port."""
        listening = socket.create_server(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        name = f"w{len(self.ports) + 1}"
        settings = Settings(data_dir=str(self._data_dir), port=port, demo=True, process=name)
        app = build_app(settings, store or MemoryStore(self.bus), demo_pace=demo_pace)
        config = http_config(app)
        server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        task = asyncio.create_task(server.serve(sockets=[listening]))
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.get(f"http://127.0.0.1:{port}/healthz")
        self.ports.append(port)
        self.apps.append(server)

        async def stop() -> None:
            server.should_exit = True
            await task

        self._stack.push_async_callback(stop)
        self._stops.append(stop)
        return port

    async def stop(self, process: int) -> None:
        """End one process as a deployment does; returns when it is gone."""
        await self._stops[process]()

    async def cookie(self, label: str, port: int) -> str:
        """Sign a demo person in; the Cookie header of their browser."""
        host = f"{label}.localhost:{port}"
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            answer = await client.post("/api/demo/sign-in", headers={"Host": host, "Origin": f"http://{host}"})
        assert answer.status_code == 204, answer.text
        return answer.headers["set-cookie"].partition(";")[0]

    async def page(self, label: str, *, process: int = 0, client_id: str | None = None) -> Page:
        """A demo person's page, open on one of the processes."""
        port = self.ports[process]
        page = await Page.open(
            f"ws://127.0.0.1:{port}/ws",
            cookie=await self.cookie(label, port),
            client_id=client_id,
            origin=f"http://127.0.0.1:{port}",
        )
        self.pages.append(page)
        return page

    async def close(self) -> None:
        """Close every page, then every process."""
        for page in self.pages:
            await page.close()
        await self._stack.aclose()


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """One server process's application on the in-memory store."""
    house = House(tmp_path)
    await house.prepare()
    await house.serve()
    yield house
    await house.close()
