"""A company's OpenID provider, a certified one, in a process of its own that obeys the test; and whom it sends to us.

Test modules that import `running`, `employer` and `doors` have them as fixtures.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from server.records.database import Database
from tests.support.node import HERE, NODE
from tests.support.people import Front, fronted

CLIENT_ID = "sidecoach"
SECRET = "not a secret/+"
VERIFIED = {"email": "Ana@Example.org", "email_verified": True, "name": "Ana Agent"}


class Company:
    """The provider, as those see it who run it."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    def tell(self, **news: Any) -> None:
        """Change what it knows or does; see `openid_provider.mjs`."""
        httpx.post(f"{self.issuer}/control", json=news, trust_env=False).raise_for_status()

    def employ(self, subject: str = "a-1", **claims: Any) -> None:
        """From now on exactly this person is there, and signs in by themselves."""
        self.tell(accounts={subject: {**VERIFIED, **claims}}, who=subject)


@contextmanager
def company() -> Iterator[Company]:
    """Runs until it is no longer needed."""
    script = HERE / "openid_provider.mjs"
    with subprocess.Popen([NODE, script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Company(process.stdout.readline().strip())
        finally:
            process.kill()


async def walk(address: str) -> str:
    """From the provider's address to where it sends the browser back: what a browser of nobody does."""
    async with httpx.AsyncClient(trust_env=False) as browser:
        host = urlsplit(address).netloc
        for _ in range(8):
            answer = await browser.get(address)
            assert answer.is_redirect, answer.text
            address = str(answer.next_request.url) if answer.next_request else ""
            if urlsplit(address).netloc != host:
                return address
    raise AssertionError(f"still at {host}")


def query_of(address: str) -> dict[str, str]:
    """What stands behind the question mark."""
    return dict(parse_qsl(urlsplit(address).query))


@pytest.fixture(scope="module")
def running() -> Iterator[Company]:
    """One for all tests of a module; each says who works there."""
    with company() as running:
        yield running


@pytest.fixture
def employer(running: Company) -> Company:
    """Ana works there, in no group."""
    running.employ()
    return running


class Doors:
    """Opens an installation with the settings that a test wants."""

    def __init__(self, stack: AsyncExitStack, database: Database, url: str, path: Path, employer: Company) -> None:
        self._stack = stack
        self._given = (database, url, path)
        self._employer = employer

    async def open(self, groups: Any = None, **settings: Any) -> Front:
        """Signing in with the company's account, and with a password."""
        _, _, path = self._given
        (path / "secret").write_text(f"{SECRET}\n")
        if groups is not None:
            (path / "groups.json").write_text(json.dumps(groups))
            settings["oidc_groups_file"] = str(path / "groups.json")
        named = {"oidc_issuer": self._employer.issuer, "oidc_client_id": CLIENT_ID}
        settings = {**named, "oidc_secret_file": str(path / "secret"), **settings}
        return await self._stack.enter_async_context(fronted(*self._given, **settings))


@pytest.fixture
async def doors(database: Database, database_url: str, tmp_path: Path, employer: Company) -> AsyncIterator[Doors]:
    async with AsyncExitStack() as stack:
        yield Doors(stack, database, database_url, tmp_path, employer)


async def go(browser: httpx.AsyncClient, to: str = "/") -> str:
    """To the provider and back; the address that this browser was sent back to."""
    started = await browser.get("/api/oidc/start", params={"to": to})
    assert started.status_code == 303, started.text
    return await walk(started.headers["location"])


async def enter(browser: httpx.AsyncClient, to: str = "/") -> str:
    """All the way; where the browser is at the end."""
    answer = await browser.get(await go(browser, to))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def why(location: str) -> str:
    """What the page says that a browser ended on."""
    assert urlsplit(location).path == "/sign-in/problem", location
    return query_of(location)["why"]


async def me(browser: httpx.AsyncClient) -> dict[str, Any]:
    """Who is signed in."""
    answer = await browser.get("/api/me")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())
