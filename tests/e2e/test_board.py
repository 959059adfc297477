"""A supervisor at a board of more than a thousand Sessions: every row by keyboard, still under the hand, kept views."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from playwright.sync_api import WebSocketRoute, expect

from protocol.events import Party
from protocol.views import LiveSession, SessionStatus
from tests.e2e.conftest import Enter
from tests.e2e.screens import Screen
from tests.e2e.test_accessible import axe_finds_nothing

MANY = 1_200
FOCUSED_ROW = "Number(document.activeElement?.closest('tr')?.getAttribute('aria-rowindex'))"


class FullFloor:
    """Puts many Sessions into the list on its way to a page, and can have more of them begin."""

    def __init__(self, screen: Screen) -> None:
        self._page: WebSocketRoute | None = None
        screen.page.route_web_socket(re.compile("/ws$"), self._between)

    def begin(self, number: int) -> None:
        """One more starts now."""
        assert self._page is not None
        frame = {"type": "list", "whole": False, "put": [session(number)], "remove": [], "changed": []}
        self._page.send(msgspec.json.encode(frame))

    def _between(self, page: WebSocketRoute) -> None:
        server = page.connect_to_server()
        self._page = page

        def hand_on(message: str | bytes) -> None:
            content = message.encode() if isinstance(message, str) else message
            page.send(with_many(content) if content.startswith(b'{"type":"list"') else content)

        server.on_message(hand_on)


def with_many(message: bytes) -> bytes:
    frame: dict[str, Any] = msgspec.json.decode(message)
    if frame["whole"]:
        frame["put"] += [session(number) for number in range(MANY)]
    return msgspec.json.encode(frame)


def session(number: int) -> LiveSession:
    owner = Party(id=f"agent_{number}", name=f"Agent {number}")
    return LiveSession(
        session_id=f"{number:032x}",
        title=f"Account {number:05}",
        workflow_name="Broadband",
        section_name=f"Section {number % 3}",
        status=SessionStatus.ACTIVE,
        training=False,
        owner=owner,
        driver=owner,
        team_ids=(),
        # Later than whatever else is on the floor: the list begins with these.
        started_ms=4_000_000_000_000 + number,
        section_ms=1_700_000_000_000,
        changed_ms=1_700_000_000_000,
        call_back_ms=None,
    )


def test_every_row_of_a_full_floor_is_reached_by_keyboard(person: Enter) -> None:
    """[BP4, BP5] Few are in the page; each is told by its number, and none is out of reach."""
    sam = person("supervisor")
    FullFloor(sam)
    page = sam.enter("/sessions").page
    grid = page.get_by_role("grid", name="Live Sessions")
    expect(grid).to_have_attribute("aria-rowcount", re.compile(r"^12\d\d$"))
    assert grid.get_by_role("row").count() < 60
    axe_finds_nothing(sam)

    grid.get_by_role("link", name=f"Account {MANY - 1:05}").focus()
    sam.press("ArrowDown")
    expect(grid.get_by_role("link", name=f"Account {MANY - 2:05}")).to_be_focused()
    reached = page.evaluate(FOCUSED_ROW)
    for _ in range(5):
        sam.press("PageDown")
    page.wait_for_function(f"{FOCUSED_ROW} > {reached} + 20")
    sam.press("End")
    page.wait_for_function(f"{FOCUSED_ROW} == document.querySelector('[role=grid]').ariaRowCount")
    expect(page.locator(":focus")).to_be_in_viewport()
    sam.press("Home")
    expect(grid.get_by_role("link", name=f"Account {MANY - 1:05}")).to_be_focused()
    expect(page.locator(":focus")).to_be_in_viewport()

    page.get_by_role("searchbox", name="Find Sessions").fill("Account")
    page.get_by_role("combobox", name="Groups").select_option("By Section")
    expect(grid.get_by_role("rowheader", name="Section 0 400")).to_be_visible()
    assert "group=section" in page.url
    axe_finds_nothing(sam)


@pytest.mark.long
def test_rows_stand_still_under_the_hand(person: Enter) -> None:
    """[BP6] What starts meanwhile waits, is counted, and comes at one press."""
    sam = person("supervisor")
    floor = FullFloor(sam)
    page = sam.enter("/sessions").page
    top = page.get_by_role("link", name=f"Account {MANY - 1:05}")
    top.hover()
    place = top.bounding_box()
    floor.begin(MANY)
    update = page.get_by_role("button", name="Put in order")
    expect(update).to_contain_text("1")
    assert top.bounding_box() == place
    update.click()
    expect(page.get_by_role("link", name=f"Account {MANY:05}")).to_be_visible()
    floor.begin(MANY + 1)
    expect(page.get_by_role("link", name=f"Account {MANY + 1:05}")).to_be_visible()


def test_a_view_is_kept_with_the_account(person: Enter) -> None:
    """[BP7, BP8] Under a name; another device opens with it; renamed, and taken away."""
    sam, laptop = person("supervisor"), person("supervisor", elsewhere=True)
    page = sam.enter("/sessions?sort=section&group=team&q=4711").page
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitem", name="Save this view").click()
    page.get_by_label("Name").fill("Long ones")
    page.get_by_label("Open Sessions with it").check()
    axe_finds_nothing(sam)
    sam.press("Enter")
    expect(page.get_by_role("button", name="Long ones")).to_be_visible()

    laptop.enter("/sessions")
    expect(laptop.page).to_have_url(re.compile(r"\?sort=section&group=team$"))
    laptop.page.get_by_role("button", name="Long ones").click()
    laptop.page.get_by_role("menuitem", name="Change “Long ones”").click()
    laptop.page.get_by_label("Name").fill("Longest first")
    laptop.page.get_by_role("button", name="Save").click()
    expect(laptop.page.get_by_role("button", name="Longest first")).to_be_visible()

    sam.enter("/sessions?sort=section&group=team")
    page.get_by_role("button", name="Longest first").click()
    page.get_by_role("menuitem", name="Change “Longest first”").click()
    page.get_by_role("button", name="Remove “Longest first”").click()
    expect(page.get_by_role("button", name="Views")).to_be_visible()


@pytest.mark.long
def test_the_board_tells_who_is_in_a_call(person: Enter) -> None:
    """[LL5] Within some seconds, and no longer than they are there."""
    ana, cleo, sam = person("agent"), person("coach"), person("supervisor")
    ana.start()
    session_id = ana.page.url.rsplit("/", 1)[1]
    cleo.enter(f"/sessions/{session_id}")
    row = sam.enter("/sessions").page.locator(f"[data-key='{session_id}']")
    expect(row).to_contain_text("In it: Cleo Coach (coach)", timeout=15_000)
    cleo.enter("/new")
    expect(row).not_to_contain_text("Cleo Coach", timeout=20_000)
