"""Needs attention: what nobody fired is found, dealt with many at once, and what was refused is told."""

import json
import re
import subprocess
import sys
from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.e2e.conftest import SUPPORT, Enter
from tests.e2e.screens import Screen
from tests.e2e.test_accessible import axe_finds_nothing
from tests.support.installation import Installation

PARCEL = "Parcel claim"
COUNT = re.compile(r"/api/attention/count$")
LIST = re.compile(r"/api/attention(\?|$)")


@pytest.fixture(scope="module", autouse=True)
def workflow(installation: Installation) -> None:
    """One whose Actions fire when it is completed, and stay behind when it ends early."""
    command = [sys.executable, "-m", "server", "workflows", "import", str(SUPPORT / "parcel_claim.yaml"), "--data-dir"]
    subprocess.run([*command, str(installation.data_dir)], check=True, capture_output=True)


def ended_call(screen: Screen, claimant: str) -> str:
    """A call that ended early; its id."""
    screen.start(PARCEL)
    screen.fill("Claimant", claimant)
    screen.button("End Session").click()
    screen.page.get_by_role("dialog").get_by_text("Customer hung up").click()
    expect(screen.page.get_by_text("Ended early").first).to_be_visible()
    return screen.session_id


def rows(screen: Screen, name: str) -> Locator:
    """The Actions of this person's call."""
    return screen.page.get_by_role("row").filter(has_text=name)


def pick(screen: Screen, action: str, name: str) -> Locator:
    """The box of an Action."""
    return screen.page.get_by_role("checkbox", name=f"Select {action} of {name}")


def look_for(screen: Screen, words: str, count: int) -> None:
    """Open the page with a search."""
    screen.enter(f"/attention?q={words}")
    expect(rows(screen, words)).to_have_count(count)


def line(number: int, kind: str = "failed", **others: Any) -> dict[str, Any]:
    """An Action as the server tells of it."""
    causes = {
        "failed": ("failed", "refused"),
        "unknown": ("unknown", "no_answer"),
        "not_fired": ("not_fired", "never_fired"),
        "awaiting": ("pending", "second_person"),
        "waiting_for_connection": ("pending", "connection"),
    }
    shown, cause = causes[kind]
    known = {
        "session_id": f"{number:032x}",
        "action_id": "a1",
        "title": f"Customer {number}",
        "workflow_name": "Broadband support and retention",
        "owner": {"id": "demo_agent", "name": "Ana Agent"},
        "action_key": "report",
        "name": ("Book a technician", "Apply the credit", "Report the outcome")[number % 3],
        "integration": "webhook.post@1",
        "integration_name": "Send a webhook",
        "connection": ("Field service", "Billing", "Call reporting")[number % 3],
        "kind": kind,
        "cause": cause,
        "code": 422 if kind == "failed" else None,
        "status": kind,
        "shown": shown,
        "since_ms": 1_800_000_000_000 - number * 61_000,
        "blocked": False,
        "may_act": True,
    }
    return known | others


KINDS = ("failed", "unknown", "not_fired", "awaiting", "waiting_for_connection")


def shown(screen: Screen, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Let this person's page have these lines; what it asks to be done is kept, and all of it refused."""
    asked: list[dict[str, Any]] = []

    def give(route: Route) -> None:
        cursor = re.search(r"cursor=(\d+)", route.request.url)
        limit = re.search(r"limit=(\d+)", route.request.url)
        start, most = int(cursor[1]) if cursor else 0, int(limit[1]) if limit else 100
        page = {
            "lines": lines[start : start + most],
            "next": str(start + most) if start + most < len(lines) else None,
            "count": None if cursor else len(lines),
            "at_most": 1_000,
            "choices": None if cursor else {"connections": ["Billing"], "integrations": []},
        }
        route.fulfill(json=page)

    def take(route: Route) -> None:
        order = json.loads(route.request.post_data or "")
        asked.append(order)
        route.fulfill(json={"results": [{**item, "code": "failed_too_often", "detail": ""} for item in order["items"]]})

    screen.page.route(LIST, give)
    screen.page.route(COUNT, lambda route: route.fulfill(json={"count": len(lines), "at_most": 1_000}))
    screen.page.route("**/api/attention/act", take)
    return asked


def test_what_nobody_fired_is_dealt_with_many_at_once(person: Enter) -> None:
    """[NA1, NA6, NA7, NA10] By keyboard alone; what a colleague settled meanwhile is told by name."""
    ana, sam = person("agent"), person("supervisor")
    ended_call(ana, "Mr Abernathy")
    ended_call(ana, "Mr Abernathy")
    look_for(sam, "Abernathy", 4)
    expect(rows(sam, "Abernathy").first).to_contain_text("The Session finished without it")
    expect(sam.page.get_by_role("link", name=re.compile(r"^Needs attention \d+\+?$"))).to_be_visible()
    axe_finds_nothing(sam)

    look_for(ana, "Abernathy", 4)
    pick(ana, "Open a claim", "Mr Abernathy").first.focus()
    ana.press("Space")
    ana.button("Mark as sent").press("Enter")
    expect(ana.page.get_by_text("1 Action marked as sent.")).to_be_visible()
    expect(rows(ana, "Abernathy")).to_have_count(3)

    # Her supervisor's page has not heard of it yet.
    sam.page.route(LIST, lambda route: route.abort())
    sam.page.get_by_role("checkbox", name="Select all 4").press("Space")
    expect(sam.page.get_by_text("4 selected")).to_be_visible()
    sam.button("Dismiss").press("Enter")
    dialog = sam.page.get_by_role("dialog")
    expect(dialog.get_by_role("textbox")).to_be_focused()
    sam.press("Enter")
    expect(dialog).to_be_visible()
    sam.type("Told the depot by telephone")
    axe_finds_nothing(sam)
    sam.press("Enter")

    told = sam.page.get_by_role("status").filter(has_text="3 Actions dismissed.")
    expect(told).to_be_focused()
    expect(told).to_contain_text("1 was refused:")
    expect(told.get_by_role("listitem")).to_have_text("Open a claim, Mr Abernathy: It was dealt with meanwhile")
    axe_finds_nothing(sam)
    sam.page.unroute(LIST)
    look_for(sam, "Abernathy", 0)
    expect(sam.page.get_by_text("No Action matches")).to_be_visible()


@pytest.mark.long
def test_it_is_found_by_what_happened_and_over_which_connection(person: Enter) -> None:
    """[NA5] The address keeps it; the title leads to the record."""
    ana = person("agent")
    session_id = ended_call(ana, "Ms Bellweather")
    look_for(ana, "Bellweather", 2)

    ana.button("Filters").click()
    ana.page.get_by_label("Connection", exact=True).select_option("Depot")
    expect(rows(ana, "Bellweather")).to_have_count(1)
    expect(ana.page).to_have_url(re.compile("connection=Depot"))
    ana.page.get_by_label("What happened").select_option("Failed")
    expect(ana.page.get_by_text("No Action matches")).to_be_visible()
    ana.page.get_by_label("What happened").select_option("Not fired")
    rows(ana, "Bellweather").get_by_role("link").press("Enter")
    expect(ana.page).to_have_url(re.compile(session_id))


@pytest.mark.long
def test_a_coach_sees_and_cannot_select(person: Enter) -> None:
    """[NA4] What the engine would refuse is not offered."""
    ana, cleo = person("agent"), person("coach")
    ended_call(ana, "Dr Cavendish")

    look_for(cleo, "Cavendish", 2)
    expect(rows(cleo, "Cavendish").get_by_role("checkbox")).to_have_count(0)
    expect(cleo.page.get_by_role("checkbox", name="Select all 0")).to_be_disabled()


@pytest.mark.long
def test_what_may_have_been_sent_asks_first(person: Enter) -> None:
    """[NA7, NA10] A plain Enter sends nothing; the others can be sent alone."""
    ana = person("agent")
    asked = shown(ana, [line(1, "unknown"), line(2), line(3, "awaiting")])
    ana.enter("/attention")
    ana.page.get_by_role("checkbox", name="Select all 3").check()
    expect(ana.button("Look up (1)")).to_be_enabled()

    ana.button("Send again (2)").click()
    dialog = ana.page.get_by_role("dialog", name="One of them may have been sent")
    expect(dialog).to_contain_text("Apply the credit, Customer 1")
    ana.button("I checked: send again").press("Enter")
    assert asked == []
    axe_finds_nothing(ana)
    ana.button("Send the others only").press("Enter")
    expect(ana.page.get_by_text("It failed too often: an administrator may unlock it")).to_be_visible()
    assert [(order["again"], len(order["items"])) for order in asked] == [(False, 1)]

    pick(ana, "Apply the credit", "Customer 1").check()
    ana.button("Send again").click()
    ana.button("I checked: send again").press("Space")
    expect(ana.page.get_by_text("2 were refused:")).to_be_visible()
    assert [(order["again"], len(order["items"])) for order in asked[1:]] == [(True, 2)]


@pytest.mark.long
def test_a_thousand_come_page_by_page(person: Enter) -> None:
    """[NA5, NA6] And are asked for in requests that the server takes."""
    ana = person("agent")
    asked = shown(ana, [line(number, KINDS[number % 5]) for number in range(1, 1_001)])
    ana.enter("/attention")
    for _ in range(9):
        ana.button("Show more").click()
    expect(ana.page.get_by_role("row")).to_have_count(1_001)
    expect(ana.button("Show more")).to_be_hidden()

    ana.page.get_by_role("checkbox", name="Select all 1000").check()
    ana.button("Look up (200)").click()
    expect(ana.page.get_by_text("200 were refused:")).to_be_visible()
    ana.page.get_by_role("checkbox", name="200 selected").check()
    ana.button("Mark as sent (800)").click()
    expect(ana.page.get_by_text("800 were refused:")).to_be_visible(timeout=30_000)
    assert [len(order["items"]) for order in asked] == [200] * 5


def test_nothing_needs_attention(person: Enter) -> None:
    """[NA10] Said in words; the menu has no number."""
    ana = person("agent")
    shown(ana, [])
    ana.enter("/attention")

    expect(ana.page.get_by_text("Nothing needs attention.")).to_be_visible()
    expect(ana.page.get_by_role("link", name="Needs attention", exact=True)).to_be_visible()
    axe_finds_nothing(ana)


@pytest.mark.long
def test_small_screens_show_cards(person: Enter) -> None:
    """[NA10] Nothing is cut off, and what is pressed can be reached."""
    ana = person("agent", elsewhere=True)
    ana.page.set_viewport_size({"width": 390, "height": 844})
    shown(ana, [line(number, KINDS[number % 5]) for number in range(1, 20)])
    ana.enter("/attention")
    expect(ana.page.get_by_role("row").first).to_be_visible()

    width = ana.page.evaluate("document.scrollingElement.scrollWidth")
    assert width <= 390
    assert ana.page.evaluate("document.querySelector('#content').scrollWidth") <= 390
    axe_finds_nothing(ana)
