"""Who may ask at all for people, passwords and the audit log, in which shape, and what a browser tells of itself."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.requests import Request

from protocol.account import PersonRole
from server.auth.browser import browser_name, network_address
from server.records.database import Database
from tests.support.people import GOOD, Front, fronted, problem

EDGE = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"


@pytest.fixture
async def front(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Front]:
    async with fronted(database, database_url, tmp_path) as front:
        yield front


class TestRights:
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/api/people"),
            ("POST", "/api/people"),
            ("PATCH", "/api/people/x"),
            ("POST", "/api/people/x/link"),
            ("POST", "/api/people/x/deactivate"),
            ("GET", "/api/people/x/sessions"),
            ("POST", "/api/people/x/activate"),
            ("GET", "/api/people/x/sign-ins"),
            ("DELETE", "/api/people/x/sign-ins"),
            ("GET", "/api/teams"),
            ("POST", "/api/teams"),
            ("PATCH", "/api/teams/x"),
            ("GET", "/api/audit"),
            ("GET", "/api/audit.csv"),
        ],
    )
    async def test_are_the_administrators(self, front: Front, method: str, path: str) -> None:
        """[PE8, PE11, PE13] A manager is told no, a stranger to sign in, a page of elsewhere nothing."""
        _, mia = await front.arrive("Mia", PersonRole.MANAGER, PersonRole.SUPERVISOR)

        assert problem(await mia.request(method, path, json={})) == (403, "not_allowed")
        assert problem(await front.browser().request(method, path, json={})) == (401, "not_signed_in")
        if method != "GET":
            elsewhere = await mia.request(method, path, json={}, headers={"Origin": "http://evil.example"})
            assert problem(elsewhere) == (403, "other_origin")


class TestBodies:
    @pytest.mark.parametrize("origin", ["http://evil.example", "null", None])
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/api/sign-in"),
            ("POST", "/api/links/look"),
            ("POST", "/api/links/use"),
            ("POST", "/api/me/password"),
            ("DELETE", "/api/me/sign-ins/1"),
        ],
    )
    async def test_a_page_of_another_host_cannot_ask(
        self, front: Front, method: str, path: str, origin: str | None
    ) -> None:
        """[HS17] Before anything is read."""
        headers = {} if origin is None else {"Origin": origin}
        browser = front.browser()
        browser.headers.pop("Origin")

        assert problem(await browser.request(method, path, headers=headers)) == (403, "other_origin")

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/api/sign-in", {}),
            ("/api/sign-in", {"email": "a@b.example", "password": 7}),
            ("/api/sign-in", {"email": ["a@b.example"], "password": GOOD}),
            ("/api/sign-in", {"email": "a" * 321, "password": GOOD}),
            ("/api/sign-in", {"email": "a@b.example", "password": "x" * 4_001}),
            ("/api/sign-in", {"email": "a@b.example", "password": GOOD, "remember": True}),
            ("/api/links/look", {"token": 1}),
            ("/api/links/look", {"token": "x" * 201}),
            ("/api/links/use", {"token": "x"}),
            ("/api/links/use", [1]),
        ],
    )
    async def test_what_is_of_another_shape_is_refused(self, front: Front, path: str, body: object) -> None:
        """[HS33] With what was expected, and nothing is counted as a try."""
        assert problem(await front.browser().post(path, json=body)) == (400, "bad_body")

    @pytest.mark.parametrize("path", ["/api/sign-in", "/api/links/look", "/api/links/use"])
    async def test_what_is_too_large_is_refused(self, front: Front, path: str) -> None:
        """[HS33] Unread."""
        assert problem(await front.browser().post(path, content=b"x" * 70_000)) == (413, "too_large")

    async def test_half_a_character_is_nobodys_address(self, front: Front) -> None:
        """[PE2] A lone surrogate is no text."""
        body = rb'{"email": "\ud800@example.org", "password": "seven quiet herons"}'

        assert problem(await front.browser().post("/api/sign-in", content=body)) == (400, "bad_body")


def _request(user_agent: str = "", client: str | None = None) -> Request:
    headers = [(b"user-agent", user_agent.encode())] if user_agent else []
    return Request({"type": "http", "headers": headers, "client": None if client is None else (client, 1)})


class TestWhatABrowserTells:
    @pytest.mark.parametrize(
        ("user_agent", "name"),
        [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            (EDGE, "Edge on macOS"),
            (
                "Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
            ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 OPR/120.0", "Opera on Windows"),
            ("<script>alert(1)</script>", ""),
            ("curl/8.0 (Linux)", "Linux"),
            ("", ""),
        ],
    )
    def test_is_said_in_our_own_words(self, user_agent: str, name: str) -> None:
        """[PE6] Nothing of what it sends is kept."""
        assert browser_name(_request(user_agent)) == name

    @pytest.mark.parametrize(
        ("client", "address"),
        [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("fe80::1%eth0", "fe80::/64"),
            ("unix", "unix"),
            (None, ""),
        ],
    )
    def test_an_address_of_ipv6_stands_for_its_network(self, client: str | None, address: str) -> None:
        """[PE3] Whoever has one has all of them."""
        assert network_address(_request(client=client)) == address
