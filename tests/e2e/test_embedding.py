"""Sidecoach within a CRM's page, in a browser: the origins that are named may show it, others may not, and none speaks
for whoever is signed in."""

import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

from tests.e2e.conftest import SUPPORT
from tests.e2e.screens import CALLBACK
from tests.support.installation import Installation, installed
from tests.support.openid import CLIENT_ID, SECRET, VERIFIED, company
from tests.support.tls_front import tls_front

PASSWORD = "harbour lantern quilt"
LABEL = "Sign in with Harbour Ltd"

Show = Callable[..., Page]


class CrmPage(BaseHTTPRequestHandler):
    """A customer's record, with Sidecoach in a frame, and a form that would like to sign people out there.

    On a real address of this machine: from what a test only pretends to be, browsers let nothing reach it.
    """

    def do_GET(self) -> None:
        src = parse_qs(urlsplit(self.path).query)["src"][0]
        body = f"""<!doctype html><title>CRM</title><h1>Customer</h1>
            <form method="post" action="{urljoin(src, "/api/sign-out")}" target="_blank"><button>Leave</button></form>
            <iframe src="{src}" title="Sidecoach" style="width: 100%; height: 760px"></iframe>"""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


class Coach:
    """An installation behind TLS, the origin that may show it and another; and an agent's e-mail address."""

    def __init__(self, installation: Installation, address: str, crm_port: int) -> None:
        self.installation = installation
        self.address = address
        self.crm = f"https://crm.localhost:{crm_port}"
        self.other = f"https://other.localhost:{crm_port}"

    def run(self, *arguments: str) -> str:
        """A command of the command line."""
        command = [sys.executable, "-m", "server", *arguments, "--data-dir", str(self.installation.data_dir)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@contextmanager
def crm() -> Iterator[int]:
    """The port at which its pages are, by whatever name."""
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), CrmPage) as server,
        tls_front("crm.localhost", "other.localhost") as front,
    ):
        front.behind = server.server_port
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield front.port
        finally:
            server.shutdown()
            serving.join()


@pytest.fixture(scope="module")
def coach(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coach]:
    """Ana chose a password, and her company knows her; there is a Workflow."""
    path = tmp_path_factory.mktemp("embedding")
    (path / "secret").write_text(SECRET)
    with company() as employer, crm() as crm_port, tls_front("coach.localhost") as front:
        address = f"https://coach.localhost:{front.port}"
        employer.tell(accounts={"ana": VERIFIED}, who="ana", redirect_uris=[f"{address}/api/oidc/callback"])
        flags = [
            "--public-url",
            address,
            "--frame-ancestors",
            f"https://desk.localhost https://crm.localhost:{crm_port}",
        ]
        flags += ["--oidc-issuer", employer.issuer, "--oidc-client-id", CLIENT_ID, "--oidc-label", LABEL]
        with installed(path / "data", *flags, "--oidc-secret-file", str(path / "secret")) as installation:
            with socket.create_server(("127.0.0.1", 0)) as free:
                front.behind = free.getsockname()[1]
            installation.start(front.behind)
            coach = Coach(installation, address, crm_port)
            coach.run("workflows", "import", str(SUPPORT / "callback_request.yaml"))
            link = coach.run("people", "add", "ana@example.org", "--name", "Ana Agent", "--role", "agent")
            use = {"token": re.findall(r"/welcome#([\w-]+)", link)[0], "password": PASSWORD}
            home = f"http://localhost:{front.behind}"
            httpx.post(f"{home}/api/links/use", json=use, headers={"Origin": home}).raise_for_status()
            yield coach


@pytest.fixture
def device(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that nobody used before, and that trusts our certificate."""
    device = browser.new_context(
        viewport={"width": 1440, "height": 900}, ignore_https_errors=True, reduced_motion="reduce"
    )
    yield device
    device.close()


@pytest.fixture
def show(device: BrowserContext, coach: Coach) -> Show:
    """A page of another origin with Sidecoach in a frame."""

    def show(origin: str, path: str = "/new") -> Page:
        page = device.new_page()
        page.goto(f"{origin}/customer?{urlencode({'src': coach.address + path})}")
        return page

    return show


def sign_in(frame: FrameLocator) -> None:
    """By password, within the frame."""
    frame.get_by_label("E-mail").fill("ana@example.org")
    frame.get_by_label("Password", exact=True).fill(PASSWORD)
    frame.get_by_role("button", name="Sign in", exact=True).click()
    expect(frame.get_by_role("link", name="Skip to content")).to_be_attached()


def test_an_agent_works_within_the_crm_that_is_named(show: Show, coach: Coach, device: BrowserContext) -> None:
    """[EM1, EM2, EM4] Signs in, starts a Session, types, and finds it again; a form of the CRM changes nothing."""
    page = show(coach.crm)
    frame = page.frame_locator("iframe")
    sign_in(frame)
    frame.get_by_role("radio", name=CALLBACK).locator("xpath=ancestor::label").click()
    frame.get_by_role("button", name="Start", exact=True).click()
    name = frame.get_by_label(re.compile("^Caller's name")).and_(frame.locator("input"))
    name.fill("Ida Harbour")
    name.blur()
    expect(frame.get_by_role("status").filter(has_text=re.compile("^Saved$"))).to_be_visible()
    session = page.frames[1].url

    (cookie,) = [each for each in device.cookies(coach.address) if each["name"] == "sidecoach"]
    assert (cookie["sameSite"], cookie["secure"], cookie["partitionKey"]) == ("None", True, "https://crm.localhost")
    with device.expect_page() as posted:
        page.get_by_role("button", name="Leave").click()
    expect(posted.value.get_by_text("other_origin")).to_be_visible()
    again = show(coach.crm, session.removeprefix(coach.address)).frame_locator("iframe")
    expect(again.get_by_label(re.compile("^Caller's name")).and_(again.locator("input"))).to_have_value("Ida Harbour")


@pytest.mark.long
def test_another_origin_shows_nothing(show: Show, coach: Coach) -> None:
    """[EM1] The browser itself refuses."""
    page = show(coach.other)
    expect(page.get_by_role("heading", name="Customer")).to_be_visible()

    assert page.frames[1].url == "chrome-error://chromewebdata/"
    assert page.frame_locator("iframe").get_by_label("E-mail").count() == 0


@pytest.mark.long
def test_a_code_brings_the_company_account_into_the_frame(show: Show, coach: Coach, device: BrowserContext) -> None:
    """[EM5] Providers are not framed: a new tab goes there, and shows what is typed here."""
    frame = show(coach.crm, "/account").frame_locator("iframe")
    with device.expect_page() as opened:
        frame.get_by_role("link", name=LABEL).click()
    tab = opened.value
    tab.get_by_role("button", name="Show a code").click()
    code = tab.locator("code").inner_text()
    frame.get_by_label("Code from the new tab").fill("AAAAA-AAAAA")
    frame.get_by_role("button", name="Use the code").click()
    expect(frame.get_by_text("This code is over, or mistyped.")).to_be_visible()
    frame.get_by_label("Code from the new tab").fill(code.lower())
    frame.get_by_role("button", name="Use the code").click()

    expect(frame.get_by_role("heading", name="My account")).to_be_visible()
    expect(frame.get_by_text("ana@example.org")).to_be_visible()
