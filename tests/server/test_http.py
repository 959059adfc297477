"""Plain HTTP: signing in and out, what is handed out to whom, and how no is said."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import msgspec
import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.responses import Response

from protocol.workflow import Answer, Section, WorkflowDocument, WorkflowVersion
from server.app import build_app
from server.auth.browser import give_token
from server.auth.demo import DEMO_PEOPLE, TEAM_ID, TEAM_NAME
from server.http.static import ClientFiles
from server.ports import Unavailable
from server.records.catalog import SqlCatalog
from server.records.database import Database
from server.records.people import SqlPeople
from server.records.tables import audit
from server.settings import Settings
from server.store.memory import MemoryStore

SALES = WorkflowDocument(
    format="sidecoach.workflow/1",
    key="sales",
    name="Sales",
    start="greeting",
    sections=(
        Section(key="greeting", name="Greeting", answers=(Answer(key="done", label="Done", to="goodbye"),)),
        Section(key="goodbye", name="Goodbye"),
    ),
)
AGENT = "http://agent.localhost:8000"

Browse = Callable[[str], httpx.AsyncClient]


class AwayStore(MemoryStore):
    """A store that can be out of reach."""

    is_away = False

    async def presence(self, session_id: str) -> dict[str, bytes]:
        if self.is_away:
            raise Unavailable("store: connection refused")
        return await super().presence(session_id)


@pytest.fixture
def store() -> AwayStore:
    return AwayStore()


@asynccontextmanager
async def running(app: Starlette) -> AsyncIterator[Browse]:
    """The app with its parts started; each host name gets a browser of its own."""
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        yield lambda address: httpx.AsyncClient(transport=transport, base_url=address, headers={"Origin": address})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=str(tmp_path), demo=True)


@pytest.fixture
async def app(settings: Settings, store: AwayStore, database: Database) -> Starlette:
    await SqlPeople(database).add_team(TEAM_ID, TEAM_NAME, [person.actor for person in DEMO_PEOPLE])
    return build_app(settings, store)


@pytest.fixture
async def browse(app: Starlette) -> AsyncIterator[Browse]:
    async with running(app) as browse:
        yield browse


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert set(body) == {"title", "status", "code", "detail"}
    assert body["status"] == answer.status_code
    return answer.status_code, body["code"]


class TestSigningIn:
    async def test_the_host_decides_who_one_is(self, browse: Browse) -> None:
        """[HS11] A cookie per host: one browser can be several people."""
        for label, name in (("agent", "Ana Agent"), ("supervisor", "Sam Supervisor")):
            browser = browse(f"http://{label}.localhost:8000")
            answer = await browser.post("/api/demo/sign-in")
            me = (await browser.get("/api/me")).json()

            assert answer.status_code == 204
            assert me["person"]["name"] == name
            assert me["demo"] is True

    async def test_the_cookie_is_for_this_host_and_out_of_scripts_reach(self, browse: Browse) -> None:
        """[HS11] HttpOnly, SameSite=Lax, no Domain."""
        answer = await browse(AGENT).post("/api/demo/sign-in")

        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Domain" not in cookie

    async def test_it_is_audited(self, browse: Browse, database: Database) -> None:
        """[HS31] From the first release."""
        browser = browse(AGENT)
        await browser.post("/api/demo/sign-in")
        await browser.post("/api/sign-out")

        async with database.reading() as connection:
            rows = (await connection.execute(select(audit).order_by(audit.c.id))).all()
        assert [(row.actor_id, row.act) for row in rows] == [("demo_agent", "sign_in"), ("demo_agent", "sign_out")]

    async def test_signing_out_ends_the_sign_in_itself(self, browse: Browse) -> None:
        """[HS9] A copy of the cookie is worth nothing afterwards."""
        browser = browse(AGENT)
        await browser.post("/api/demo/sign-in")
        kept = dict(browser.cookies)
        await browser.post("/api/sign-out")

        assert dict(browser.cookies) == {}
        browser.cookies.update(kept)
        assert code(await browser.get("/api/me")) == (401, "not_signed_in")

    async def test_a_person_may_read_and_write_otherwise_than_the_installation(self, browse: Browse) -> None:
        """[HS33] Until they take it back."""
        browser = browse(AGENT)
        await browser.post("/api/demo/sign-in")
        french = {"language": "fr-CH", "country": "CH", "currency": "CHF", "time_zone": "Europe/Zurich"}

        assert (await browser.put("/api/me/locale", json=french)).status_code == 204
        assert (await browser.get("/api/me")).json()["person"]["locale"] == french
        assert (await browser.put("/api/me/locale", content=b"null")).status_code == 204
        assert (await browser.get("/api/me")).json()["person"]["locale"]["language"] == "en-GB"

    @pytest.mark.parametrize(
        ("body", "status", "expected"),
        [
            ({"language": "xx-XX"}, 422, "en-GB"),
            ({"country": "QQ"}, 422, "GB"),
            ({"currency": "ZZZ"}, 422, "GBP"),
            ({"time_zone": "Mars/Olympus"}, 422, "Europe/London"),
            ({"language": 7}, 400, "language"),
            ({"language": "x" * 70_000}, 413, "65536"),
        ],
    )
    async def test_a_locale_nobody_knows_is_answered_with_what_was_expected(
        self, browse: Browse, body: dict[str, object], status: int, expected: str
    ) -> None:
        """[HS33] And changes nothing."""
        browser = browse(AGENT)
        await browser.post("/api/demo/sign-in")
        before = (await browser.get("/api/me")).json()

        answer = await browser.put("/api/me/locale", json=body)

        assert answer.status_code == status
        assert expected in answer.json()["detail"]
        assert (await browser.get("/api/me")).json() == before

    async def test_a_host_that_stands_for_nobody_is_told_who_there_is(self, browse: Browse) -> None:
        """[HS12] A mistyped link explains itself."""
        answer = await browse("http://nobody.localhost:8000").post("/api/demo/sign-in")

        assert code(answer) == (404, "nobody_at_host")
        assert "agent.localhost" in answer.json()["detail"]

    @pytest.mark.parametrize("origin", ["http://evil.example", "http://coach.localhost:8000", "null", None])
    @pytest.mark.parametrize("path", ["/api/demo/sign-in", "/api/sign-out"])
    async def test_a_page_of_another_host_cannot_ask(self, browse: Browse, origin: str | None, path: str) -> None:
        """[HS17] Not even of another of our own hosts."""
        browser = browse(AGENT)
        del browser.headers["Origin"]

        answer = await browser.post(path, headers={} if origin is None else {"Origin": origin})

        assert code(answer) == (403, "other_origin")
        assert "set-cookie" not in answer.headers

    async def test_the_landing_page_learns_everybodys_link(self, browse: Browse) -> None:
        """[HS12] At the port that was asked."""
        answer = (await browse("http://localhost:8123").get("/api/demo")).json()

        assert {person["url"] for person in answer["people"]} == {
            f"http://{label}.localhost:8123/" for label in ("agent", "agent2", "coach", "supervisor", "admin")
        }
        assert answer["here"] is None
        assert (await browse(AGENT).get("/api/demo")).json()["here"]["name"] == "Ana Agent"

    async def test_without_a_demo_there_is_no_such_address(self, settings: Settings, database: Database) -> None:
        """[HS13] Nobody signs in yet."""
        async with running(build_app(msgspec.structs.replace(settings, demo=False), AwayStore())) as browse:
            assert code(await browse(AGENT).post("/api/demo/sign-in")) == (404, "not_found")
            assert code(await browse(AGENT).get("/api/demo")) == (404, "not_found")


class TestHosts:
    @pytest.mark.parametrize("host", ["http://evil.example", "http://localhost.evil.example", "http://10.0.0.1:8000"])
    async def test_a_host_that_is_not_ours_gets_nothing(self, browse: Browse, host: str) -> None:
        """[HS16] A page elsewhere cannot make its own name lead here."""
        assert code(await browse(host).get("/api/me")) == (421, "unknown_host")

    async def test_the_public_address_is_ours(self, settings: Settings, database: Database) -> None:
        """[HS16] A proxy in front passes the host on."""
        public = msgspec.structs.replace(settings, public_url="https://coach.example.org")
        async with running(build_app(public, AwayStore())) as browse:
            assert code(await browse("https://coach.example.org").get("/api/me")) == (401, "not_signed_in")

    def test_behind_https_the_cookie_travels_by_https_only(self, settings: Settings) -> None:
        """[HS11] Never in the clear, though the proxy asks us in the clear."""
        answer = Response()

        give_token(answer, "token", msgspec.structs.replace(settings, public_url="https://coach.example.org"))

        assert "Secure" in answer.headers["set-cookie"]


class TestWorkflows:
    async def test_nothing_is_handed_out_to_strangers(self, browse: Browse) -> None:
        """[HS18] Workflows are the installation's own."""
        for path in ("/api/workflows", "/api/versions/sales@1", "/api/me"):
            assert code(await browse(AGENT).get(path)) == (401, "not_signed_in")

    async def test_offers_and_the_version_they_name(self, browse: Browse, database: Database) -> None:
        """[HS18] A version is fetched once and kept."""
        published = (await SqlCatalog(database).publish(SALES)).version
        browser = browse(AGENT)
        await browser.post("/api/demo/sign-in")

        (offer,) = (await browser.get("/api/workflows")).json()
        answer = await browser.get(f"/api/versions/{offer['version_id']}")

        assert msgspec.json.decode(answer.content, type=WorkflowVersion) == published
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["cache-control"].startswith("private")
        again = await browser.get(answer.url.path, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")

    async def test_an_unknown_version_is_a_problem(self, browse: Browse) -> None:
        """[HS18] With the id in it."""
        browser = browse(AGENT)
        await browser.post("/api/demo/sign-in")

        answer = await browser.get("/api/versions/sales@9")

        assert code(answer) == (404, "unknown_version")
        assert "sales@9" in answer.json()["detail"]


class TestHealth:
    async def test_ready_when_store_and_sql_answer(self, browse: Browse) -> None:
        """[HS19] And says which process it is; whatever host the prober names."""
        for address in (AGENT, "http://10.0.0.7:8000"):
            for path in ("/healthz", "/readyz"):
                answer = await browse(address).get(path)
                assert (answer.status_code, answer.json()) == (200, {"process": "w1"})

    async def test_not_ready_while_the_store_is_away_though_alive(self, browse: Browse, store: AwayStore) -> None:
        """[HS19] Restarting the process would not help."""
        store.is_away = True

        answer = await browse(AGENT).get("/readyz")

        assert code(answer) == (503, "unavailable")
        assert answer.headers["retry-after"]
        assert (await browse(AGENT).get("/healthz")).status_code == 200

    async def test_not_ready_once_draining(self, browse: Browse, app: Starlette) -> None:
        """[HS19] New traffic goes elsewhere first."""
        await app.state.drain()

        assert code(await browse(AGENT).get("/readyz")) == (503, "draining")


class TestPages:
    @pytest.fixture
    def client(self, tmp_path: Path) -> Path:
        built = tmp_path / "static"
        (built / "assets").mkdir(parents=True)
        (built / "index.html").write_text("<title>Sidecoach</title>")
        (built / "assets" / "index-a1b2c3.js").write_text("export {};")
        (tmp_path / "secret.txt").write_text("not the client's")
        return built

    @pytest.fixture
    def pages(self, client: Path) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(Starlette(routes=_routes(client))), base_url="http://localhost:8000"
        )

    @pytest.mark.parametrize("path", ["/", "/sessions/live", "/session/0123", "/anything"])
    async def test_every_address_of_a_page_gets_the_page(self, pages: httpx.AsyncClient, path: str) -> None:
        """[HS20] The client knows which exist; it is asked again each time."""
        answer = await pages.get(path)

        assert answer.text == "<title>Sidecoach</title>"
        assert answer.headers["cache-control"] == "no-store"

    async def test_files_with_a_hash_in_their_name_are_kept(self, pages: httpx.AsyncClient) -> None:
        """[HS20] Another content has another name."""
        answer = await pages.get("/assets/index-a1b2c3.js")

        assert answer.text == "export {};"
        assert "immutable" in answer.headers["cache-control"]

    @pytest.mark.parametrize(
        "path", ["/assets/index-old.js", "/assets/none", "/robots.txt", "/../secret.txt", "/%2e%2e/secret.txt"]
    )
    async def test_a_missing_file_is_not_a_page(self, pages: httpx.AsyncClient, path: str) -> None:
        """[HS20] A page in place of a script would fail far from its cause."""
        assert (await pages.get(path)).status_code == 404

    @pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
    async def test_an_unknown_address_for_programs_is_a_problem(self, browse: Browse, method: str) -> None:
        """[HS20] In the form that programs read."""
        assert code(await browse(AGENT).request(method, "/api/nothing")) == (404, "not_found")

    async def test_a_path_that_would_lead_to_another_host_is_no_page(self, pages: httpx.AsyncClient) -> None:
        """[HS20] Whoever goes on to it after signing in stays here."""
        answer = await pages.get("http://localhost:8000//evil.example/login")

        assert answer.status_code == 404

    async def test_an_unbuilt_client_says_so(self, tmp_path: Path) -> None:
        """[HS20] Instead of a blank page."""
        app = Starlette(routes=_routes(tmp_path / "none"))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as pages:
            answer = await pages.get("/")

        assert answer.status_code == 503
        assert "The client is not built" in answer.text

    async def test_every_answer_keeps_the_page_to_itself(self, browse: Browse) -> None:
        """[HS21] No foreign script, no frame around us, no guessing of types."""
        for path in ("/", "/api/me", "/api/nothing"):
            headers = (await browse(AGENT).get(path)).headers
            policy = headers["content-security-policy"]

            assert "script-src 'self';" in policy
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "same-origin"

    async def test_the_pages_own_style_sheets_are_known_by_a_word_of_this_answer(self, browse: Browse) -> None:
        """[HS21] Each answer has another."""
        nonces = set()
        for _ in range(2):
            answer = await browse(AGENT).get("/")
            in_policy = re.search(r"style-src 'self' 'nonce-([^']{20,})';", answer.headers["content-security-policy"])
            assert in_policy is not None
            if answer.status_code == 200:  # the client is built
                assert f'<meta property="csp-nonce" nonce="{in_policy[1]}">' in answer.text
            nonces.add(in_policy[1])

        assert len(nonces) == 2


def _routes(client: Path):
    from starlette.routing import Route

    return [Route("/{path:path}", ClientFiles(client))]
