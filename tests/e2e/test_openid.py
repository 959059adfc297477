"""Signing in with the company's account, in a browser: there, back, and what is said when it comes to nothing."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.screens import Screen
from tests.e2e.test_accessible import axe_finds_nothing, never_scrolls_sideways
from tests.support.installation import Installation, installed
from tests.support.openid import CLIENT_ID, SECRET, VERIFIED, Company, company

LABEL = "Sign in with Harbour Ltd"


@pytest.fixture(scope="module")
def employer() -> Iterator[Company]:
    """Ana and Ben work there; nobody signs in by themselves."""
    with company() as employer:
        ben = {**VERIFIED, "email": "ben@example.org"}
        employer.tell(accounts={"ana": VERIFIED, "ben": ben}, who=None)
        yield employer


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, employer: Company) -> Iterator[Installation]:
    """An installation that knows Ana, and her company."""
    path = tmp_path_factory.mktemp("openid")
    (path / "secret").write_text(SECRET)
    flags = ["--oidc-issuer", employer.issuer, "--oidc-client-id", CLIENT_ID, "--oidc-label", LABEL]
    with installed(path / "data", *flags, "--oidc-secret-file", str(path / "secret")) as house:
        house.start()
        employer.tell(redirect_uris=[f"http://localhost:{house.port}/api/oidc/callback"])
        add(house, "ana@example.org", "Ana Agent")
        yield house


def add(house: Installation, email: str, name: str) -> None:
    """By the command line; their link is used by nobody."""
    command = [sys.executable, "-m", "server", "people", "add", email, "--name", name, "--role", "agent"]
    subprocess.run([*command, "--data-dir", str(house.data_dir)], check=True, capture_output=True)


@pytest.fixture
def screen(house: Installation, browser: Browser) -> Iterator[Screen]:
    """A browser that nobody used before, at the page of an account."""
    device = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    screen = Screen(device, "somebody", house.port)
    screen.home = f"http://localhost:{house.port}"
    screen.page.goto(f"{screen.home}/account")
    yield screen
    device.close()
    assert screen.problems == []


def be(screen: Screen, who: str) -> None:
    """On the provider's own page."""
    expect(screen.page.get_by_role("heading", name="Who are you?")).to_be_visible()
    screen.page.get_by_role("link", name=who, exact=True).click()


def test_a_company_account_signs_in_and_leads_back(screen: Screen) -> None:
    """[OI4, OI8, OI10, PE16] Cancelled once, then through to the page asked for; no password is asked of her."""
    button = screen.page.get_by_role("link", name=LABEL)
    expect(button).to_be_visible()
    expect(screen.page.get_by_label("Password", exact=True)).to_be_visible()
    axe_finds_nothing(screen)
    button.click()
    be(screen, "cancel")
    expect(screen.page.get_by_role("heading", name="You are not signed in")).to_be_visible()
    axe_finds_nothing(screen)
    screen.page.get_by_role("link", name="Back to signing in").click()

    button.click()
    be(screen, "ana")
    expect(screen.page).to_have_url(f"{screen.home}/account")
    expect(screen.page.get_by_text("ana@example.org")).to_be_visible()
    expect(screen.page.get_by_text("Signed in with your company account")).to_be_visible()
    expect(screen.page.get_by_role("heading", name="Password")).to_have_count(0)
    axe_finds_nothing(screen)


@pytest.mark.long
def test_the_door_fits_wherever_it_is_shown(screen: Screen) -> None:
    """[OI10] On a telephone, too; somebody who was not added is told what to do."""
    screen.page.set_viewport_size({"width": 320, "height": 640})
    assert never_scrolls_sideways(screen)
    screen.page.get_by_role("link", name=LABEL).click()
    be(screen, "ben")
    expect(screen.page.get_by_role("heading", name="You were not added yet")).to_be_visible()
    assert never_scrolls_sideways(screen)
