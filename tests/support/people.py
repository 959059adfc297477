"""People who sign in by e-mail and password: quick hashing, a clock that stands still, an app."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from sqlalchemy import select

from protocol.account import PersonRole
from protocol.people import NewPerson
from server.app import build_app
from server.auth.passwords import Passwords
from server.records.accounts import SqlAccounts
from server.records.database import Database
from server.records.people import SqlPeople
from server.records.roster import SqlRoster
from server.records.sign_ins import SqlSignIns
from server.records.tables import audit
from server.settings import Settings
from server.store.memory import MemoryStore

ADDRESS = "http://localhost:8000"
GOOD = "seven quiet herons on a roof"
BETTER = "an umbrella full of marmalade"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


class StillClock:
    """Stands still unless moved."""

    def __init__(self) -> None:
        self.now_ms = 1_700_000_000_000

    def __call__(self) -> int:
        return self.now_ms

    def advance(self, ms: int) -> None:
        self.now_ms += ms


class CountingHasher(PasswordHasher):
    """Argon2id at its cheapest, and how often it was asked."""

    def __init__(self, time_cost: int = 1) -> None:
        super().__init__(time_cost=time_cost, memory_cost=8, parallelism=1)
        self.verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002
        self.verified += 1
        return super().verify(hash, password)


class Office:
    """One process's people, over a database that others may share."""

    def __init__(self, database: Database, clock: StillClock) -> None:
        people = SqlPeople(database)
        self.database = database
        self.people = people
        self.sign_ins = SqlSignIns(database, people, clock, lambda: clock.now_ms / 1_000)
        self.accounts = SqlAccounts(database, self.sign_ins, clock)
        self.roster = SqlRoster(database, self.sign_ins, clock)

    async def add(self, name: str, *roles: PersonRole) -> tuple[str, str]:
        """Somebody, by first name: their id, and the token of their link."""
        new = NewPerson(name=name, email=f"{name.casefold()}@example.org", roles=roles or (PersonRole.AGENT,))
        person_id, link = await self.roster.add(new, by="ada")
        return person_id, link.token

    async def audited(self) -> list[tuple[str, str, str, dict[str, str]]]:
        """Who did what, on what."""
        return await rows_of_audit(self.database)


async def rows_of_audit(database: Database) -> list[tuple[str, str, str, dict[str, str]]]:
    """Who did what, on what."""
    async with database.reading() as connection:
        rows = (await connection.execute(select(audit).order_by(audit.c.id))).all()
    return [(row.actor_id, row.act, row.subject, row.detail) for row in rows]


class Front:
    """A server process's application, with a browser for whoever needs one."""

    def __init__(self, app: Any, hasher: CountingHasher, roster: SqlRoster) -> None:
        self._app = app
        self.hasher = hasher
        self.roster = roster

    def browser(self, client: str = "192.0.2.1", user_agent: str = FIREFOX) -> httpx.AsyncClient:
        """A new one, signed in as nobody."""
        transport = httpx.ASGITransport(self._app, client=(client, 50_000))
        headers = {"Origin": ADDRESS, "User-Agent": user_agent}
        return httpx.AsyncClient(transport=transport, base_url=ADDRESS, headers=headers)

    async def add(self, name: str, *roles: PersonRole) -> tuple[str, str]:
        """Somebody with a link: id and token."""
        new = NewPerson(name=name, email=f"{name.casefold()}@example.org", roles=roles or (PersonRole.AGENT,))
        person_id, link = await self.roster.add(new, by="command_line")
        return person_id, link.token

    async def arrive(self, name: str, *roles: PersonRole) -> tuple[str, httpx.AsyncClient]:
        """Somebody who used their link: id and browser."""
        person_id, token = await self.add(name, *roles)
        browser = self.browser()
        answer = await browser.post("/api/links/use", json={"token": token, "password": GOOD})
        assert answer.status_code == 204, answer.text
        return person_id, browser


@asynccontextmanager
async def fronted(database: Database, database_url: str, data_dir: Path, **given: Any) -> AsyncIterator[Front]:
    """The application over the test's own database; `given` are more settings of its start."""
    hasher = CountingHasher()
    url = None if database_url.startswith("sqlite") else database_url
    settings = Settings(data_dir=str(data_dir), database_url=url, **given)
    app = build_app(settings, MemoryStore(), passwords=Passwords(hasher))
    sign_ins = SqlSignIns(database, SqlPeople(database))
    async with app.router.lifespan_context(app):
        yield Front(app, hasher, SqlRoster(database, sign_ins))


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


async def sign_in(browser: httpx.AsyncClient, name: str, password: str = GOOD) -> httpx.Response:
    """By the address that this name has here."""
    return await browser.post("/api/sign-in", json={"email": f"{name}@example.org", "password": password})
