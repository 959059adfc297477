"""The pictures of the documentation, taken of the product as it is.

Without `--pictures FOLDER` one test takes two of them, to show that it works;
`make docs` has all of them taken. `tests/docs` holds that pages show exactly
those that are taken here.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

from tests.e2e.screens import BROADBAND, CALLBACK, Screen
from tests.support.installation import Installation

SIZE: ViewportSize = {"width": 1280, "height": 760}
MAKE_TOKEN = """async (token) => {
  const headers = { "content-type": "application/json" };
  return (await fetch("/api/tokens", { method: "POST", headers, body: JSON.stringify(token) })).json();
}"""
Desk = Callable[[str], Screen]


class Picture(Protocol):
    """Takes one under a name: of a page as it stands, or of a part of it."""

    def __call__(self, name: str, of: Page | Locator) -> None: ...


@pytest.fixture
def picture(request: pytest.FixtureRequest, tmp_path: Path) -> Picture:
    """Into the folder that was asked for, else into one that nobody looks at."""
    asked: str | None = request.config.getoption("--pictures")
    folder = tmp_path if asked is None else Path(asked)

    def take(name: str, of: Page | Locator) -> None:
        taken = of.screenshot(path=folder / f"{name}.png", animations="disabled")
        assert taken.startswith(b"\x89PNG")

    return take


@pytest.fixture
def desk(browser: Browser, house: Installation) -> Iterator[Desk]:
    """Opens a tab for somebody on a small screen, in light colours."""
    desks: list[BrowserContext] = []

    def sit_down(label: str) -> Screen:
        desk = browser.new_context(viewport=SIZE, color_scheme="light", reduced_motion="reduce", locale="en-GB")
        desks.append(desk)
        return Screen(desk, label, house.port)

    yield sit_down
    for desk in desks:
        desk.close()


def to_the_reason(screen: Screen, account: str = "47110815") -> None:
    """A call about broadband, past the greeting."""
    screen.start(BROADBAND)
    screen.fill("Account number", account)
    screen.fill("Contact phone", "020 7946 0018")
    screen.go_on("Verified")


def region(screen: Screen, name: str) -> Locator:
    """A part of the screen, once it is there."""
    found = screen.page.get_by_role("region", name=name, exact=True)
    expect(found).to_be_visible()
    return found


def test_a_call_and_the_picker(desk: Desk, picture: Picture) -> None:
    """How a call is started, and what it looks like: whether pictures can be taken at all."""
    ana = desk("agent")
    ana.enter("/new")
    expect(ana.page.get_by_role("radio", name=BROADBAND)).to_be_visible()
    picture("picker", ana.page)

    to_the_reason(ana)
    ana.choose("No connection")
    expect(ana.notes).to_be_visible()
    ana.is_saved()
    picture("call", ana.page)


@pytest.mark.long
def test_an_agents_day(desk: Desk, picture: Picture) -> None:
    """Two calls, a value that breaks its rule, no network for a while, and a pause."""
    ana = desk("agent")
    ana.start(BROADBAND)
    ana.fill("Account number", "4711")
    ana.fill("Contact phone", "020 7946 0018")
    picture("fields", region(ana, "Fields"))

    ana.start(CALLBACK)
    ana.fill("Caller's name", "Ada Example")
    picture("open-sessions", ana.page.get_by_role("navigation", name="Open Sessions"))

    ana.page.context.set_offline(True)
    expect(ana.banner).to_be_visible()
    ana.choose("Right person")
    picture("offline", ana.page)
    ana.page.context.set_offline(False)
    expect(ana.banner).to_be_hidden(timeout=20_000)
    ana.is_saved()

    ana.button("Pause").click()
    region(ana, "Paused")
    picture("paused", ana.page)


@pytest.mark.long
def test_what_a_program_may_do(desk: Desk, picture: Picture, house: Installation) -> None:
    """A value that a CRM suggests, and what describes the API."""
    ana, ada = desk("agent"), desk("admin")
    ana.start(CALLBACK)
    ada.enter("/tokens")
    made = ada.page.evaluate(MAKE_TOKEN, {"name": "CRM", "scopes": ["sessions:control"]})
    httpx.post(
        f"http://localhost:{house.port}/api/v1/sessions/{ana.session_id}/suggestions",
        headers={"Authorization": f"Bearer {made['token']}"},
        json={"field": "caller_name", "content": "Ada Example"},
    ).raise_for_status()
    expect(ana.page.locator("[data-suggested][data-ripe]")).to_be_visible()
    picture("suggestion", region(ana, "Fields"))

    ada.page.goto(f"{ada.home}/api/docs")
    expect(ada.page.get_by_role("heading", name="Sidecoach API")).to_be_visible()
    picture("api-docs", ada.page)


@pytest.mark.long
def test_a_supervisors_view(desk: Desk, picture: Picture) -> None:
    """The live list, and the same call on another screen."""
    ana, ben, sam = desk("agent"), desk("agent2"), desk("supervisor")
    to_the_reason(ana)
    ana.choose("Slow")
    ben.start(CALLBACK)
    ben.fill("Caller's name", "Ada Example")
    sam.enter("/sessions")
    expect(sam.page.get_by_role("row").filter(has_text="Ada Example").first).to_be_visible()
    picture("live-list", sam.page)

    sam.watch(ana)
    expect(sam.answer("Slow")).to_be_checked()
    expect(sam.notes).to_be_visible()
    picture("watching", sam.page)


@pytest.mark.long
def test_actions_from_the_card_to_the_record(desk: Desk, picture: Picture) -> None:
    """One that waits, one that needs a second person, the review, the record, and what needs attention."""
    ana, sam = desk("agent"), desk("supervisor")
    to_the_reason(ana, "47110816")
    ana.go_on("No connection")
    ana.go_on("Known outage")
    card = region(ana, "Actions waiting")
    picture("action-card", card)

    ana.go_on("Wants credit")
    ana.fill("Credit", "35")
    sam.watch(ana)
    picture("approval", region(sam, "Approvals"))

    ana.go_on("Credit accepted")
    ana.button("Complete Session").click()
    expect(ana.page.get_by_role("heading", name="Review Actions")).to_be_visible()
    picture("review", ana.page)

    ana.button("Complete Session & Fire Actions").click()
    anyway = ana.page.get_by_role("dialog").get_by_role("button", name="Finish anyway")
    expect(anyway).to_be_visible()
    anyway.click()
    expect(ana.page.get_by_text("What happened")).to_be_visible()
    expect(ana.button("Undo")).to_be_hidden(timeout=20_000)
    picture("record", ana.page)

    sam.enter(f"{ana.session_path}/replay#at=visits/v3")
    expect(sam.page.get_by_role("slider", name="Moment of the call")).to_be_visible()
    expect(sam.page).to_have_url(re.compile(r"#at=\d+$"))
    picture("replay", sam.page)

    sam.enter("/attention")
    expect(sam.page.get_by_role("row").nth(1)).to_be_visible()
    picture("attention", sam.page)
    sam.enter("/sessions?list=finished")
    expect(sam.page.get_by_role("row").nth(1)).to_be_visible()
    picture("finished", sam.page)


@pytest.mark.long
def test_an_administrators_pages(desk: Desk, picture: Picture, house: Installation) -> None:
    """The door, people, Integrations and the audit log."""
    ada = desk("admin")
    ada.page.goto(f"http://localhost:{house.port}/")
    expect(ada.page.get_by_role("heading", name="Sidecoach")).to_be_visible()
    picture("demo-door", ada.page)
    ada.enter("/people")
    expect(ada.page.get_by_role("row").filter(has_text="Sam Supervisor")).to_be_visible()
    picture("people", ada.page)
    ada.enter("/integrations")
    expect(ada.page.get_by_text("Receivers on our own network")).to_be_attached()
    picture("integrations", ada.page)
    ada.enter("/settings")
    expect(ada.page.get_by_label("Time zone")).to_be_visible()
    picture("settings", ada.page)
    ada.enter("/first-steps")
    expect(ada.page.get_by_role("heading", name="Make a practice call")).to_be_visible()
    picture("first-steps", ada.page)
    ada.enter("/audit")
    expect(ada.page.get_by_role("row").nth(2)).to_be_visible()
    picture("audit", ada.page)
