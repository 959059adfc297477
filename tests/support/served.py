"""A server that programs reach over a real socket, in a thread of its own: for clients that block."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn

from protocol.base import PersonId, SessionId
from server.app import build_app
from server.http.v1.rate import Rates
from server.records.database import Database
from server.settings import Settings
from server.store.memory import MemoryStore
from server.worker import http_config
from tests.support.api import arrange_team, make_token, publish

UNLIMITED = 1_000_000.0


@dataclass(frozen=True, slots=True)
class Served:
    """Where it is, and what is there."""

    address: str
    token: str
    """Of all scopes and teams."""
    version_id: str
    session_id: SessionId
    """Ana's call."""
    person_id: PersonId
    """Ana."""


@contextmanager
def served(data_dir: Path) -> Iterator[Served]:
    """One process's application on the in-memory store, with an agent and her call."""
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    found: list[Served] = []
    is_ready = threading.Event()
    servers: list[uvicorn.Server] = []

    async def serve() -> None:
        settings = Settings(data_dir=str(data_dir), port=listening.getsockname()[1])
        database = Database(settings.sql_url)
        await database.migrate()
        app = build_app(settings, MemoryStore(), rates=Rates(per_s=UNLIMITED, burst=UNLIMITED))
        (ana,) = await arrange_team(database, "north", "Ana")
        calls = await publish(database, app)
        token = await make_token(database)
        await database.close()
        server = uvicorn.Server(http_config(app))
        servers.append(server)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.get(f"{address}/healthz")
        session_id = await calls.start(ana, external_id="call-1")
        found.append(Served(address, token, calls.version_id, session_id, ana.id))
        is_ready.set()
        await serving

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert is_ready.wait(20), "it did not start"
        yield found[0]
    finally:
        for server in servers:
            server.should_exit = True
        thread.join(20)
