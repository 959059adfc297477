"""The real product as its users and its operator meet it: signing in, pages on a chosen process, its log."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import httpx
import msgspec
import psutil
from websockets.exceptions import WebSocketException

from protocol.base import ClientId, PersonId, SessionId
from protocol.events import Entry
from protocol.workflow import WorkflowVersion
from server.auth.browser import COOKIE
from server.client import WAIT_S, Page
from server.records.database import Database
from server.records.people import SqlPeople
from server.records.session_keys import SqlSessionKeys
from server.records.sign_ins import SqlSignIns
from server.settings import Settings
from server.store.address import Access, Address
from server.store.keyring import KeyRing
from server.store.redis import RedisStore
from server.store.sealing import Sealing
from server.store.wire import Wire
from session_engine.context import Actor, PersonRole
from tests.support.installation import Installation

WORKFLOW = "broadband_retention"

Gone = (ConnectionError, WebSocketException)
"""How a page hears that the process that it talks to was killed."""


class Product:
    """A running demo installation."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.version: WorkflowVersion
        self._settings = Settings(data_dir=str(installation.data_dir.resolve()))
        self._cookies: dict[str, str] = {}

    async def prepare(self) -> None:
        """Fetch the version that the tests use."""
        headers = {"Cookie": await self.cookie("agent")}
        async with self._http() as browser:
            offers = (await browser.get("/api/workflows", headers=headers)).json()
            version_id = next(offer["version_id"] for offer in offers if offer["key"] == WORKFLOW)
            version = await browser.get(f"/api/versions/{version_id}", headers=headers)
        self.version = msgspec.json.decode(version.content, type=WorkflowVersion)

    async def cookie(self, label: str) -> str:
        """The Cookie header of a demo person's browser, who signs in once."""
        if label not in self._cookies:
            host = f"{label}.localhost:{self.installation.port}"
            async with self._http() as browser:
                answer = await browser.post("/api/demo/sign-in", headers={"Host": host, "Origin": f"http://{host}"})
            assert answer.status_code == 204, answer.text
            self._cookies[label] = answer.headers["set-cookie"].partition(";")[0]
        return self._cookies[label]

    def sign_in_with(self, label: str, cookie: str) -> None:
        """Be somebody by a Cookie header that was given before."""
        self._cookies[label] = cookie

    async def add_people(self, label: str, count: int, role: PersonRole, team_id: str, team: str) -> list[PersonId]:
        """Sign more people in, whose pages are opened by their ids."""
        made = [
            Actor(
                id=f"{label}_{number}", name=f"{label} {number}", roles=frozenset({role}), team_ids=frozenset({team_id})
            )
            for number in range(count)
        ]
        database = Database(self._settings.sql_url)
        try:
            people = SqlPeople(database)
            await people.add_team(team_id, team, made)
            for person in made:
                self._cookies[person.id] = f"{COOKIE}={await SqlSignIns(database, people).sign_in(person.id)}"
        finally:
            await database.close()
        return [person.id for person in made]

    async def page(self, label: str, *, process: str | None = None, client_id: ClientId | None = None) -> Page:
        """A demo person's page; which process takes a connection is chance, so one is tried until it is the named one.

        Raises:
            One of `Gone`, TimeoutError: the process went while it was asked.
        """
        async with asyncio.timeout(2 * WAIT_S):
            while True:
                page = await self._open(label, client_id)
                if process is None or page.welcome["process"] == process:
                    return page
                await page.close()

    async def _open(self, label: str, client_id: ClientId | None) -> Page:
        port = self.installation.port
        url, origin = f"ws://127.0.0.1:{port}/ws", f"http://127.0.0.1:{port}"
        page = await Page.open(url, cookie=await self.cookie(label), client_id=client_id, origin=origin)
        if not page.welcome:
            raise ConnectionError(f"closed with {page.close_code} before welcome")
        return page

    async def log(self, session_id: SessionId) -> list[Entry]:
        """The Session's log as it lies in the store: the truth to compare with."""
        store, database = RedisStore(self._store_url), Database(self._settings.sql_url)
        await store.start(lambda _: None)
        try:
            keys = SqlSessionKeys(database, KeyRing.open(self._settings.key_ring_path))
            seal = await Sealing(keys).get(session_id)
            return [seal.unseal(stored) for stored in await store.read(session_id)]
        finally:
            await store.close()
            await database.close()

    @asynccontextmanager
    async def operator(self) -> AsyncIterator[Wire]:
        """Somebody at the store's command line."""
        wire = await Wire.open(Address(self._store_url.removeprefix("unix://")), Access())
        try:
            yield wire
        finally:
            wire.cut()

    @contextmanager
    def stopped_store(self) -> Iterator[None]:
        """The store hangs: it takes everything and answers nothing."""
        valkey = self.installation.valkey()
        valkey.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            valkey.send_signal(signal.SIGCONT)

    def worker_of(self, page: Page) -> psutil.Process:
        """The server process that holds a page's connection."""
        for worker in self.installation.workers():
            if any(link.raddr and tuple(link.raddr) == page.local_address for link in worker.net_connections("tcp")):
                return worker
        raise AssertionError(f"no server process holds {page.local_address}")

    @property
    def _store_url(self) -> str:
        return f"unix://{self._settings.runtime_path / 'valkey.sock'}"

    def _http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.installation.address, trust_env=False)
