"""The Sessions page: three lists, found how people look for calls, gone on with from there."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Enter
from tests.e2e.screens import CALLBACK, Screen
from tests.e2e.test_accessible import axe_finds_nothing


def paused_call(screen: Screen, name: str, phone: str, *, call_back_min: int | None = None) -> str:
    """A call that waits; its id."""
    screen.start(CALLBACK)
    screen.fill("Caller's name", name)
    screen.go_on("Not there")
    screen.fill("Callback number", phone)
    screen.button("Pause").click()
    if call_back_min is not None:
        at = datetime.now(ZoneInfo("Europe/London")) + timedelta(minutes=call_back_min)
        screen.page.get_by_label("Call back at (optional)").fill(at.strftime("%Y-%m-%dT%H:%M"))
        screen.page.get_by_label("Call back at (optional)").blur()
        expect(screen.page.get_by_role("button", name="No call back")).to_be_visible()
    screen.is_saved()
    return screen.session_id


def row(screen: Screen, name: str) -> Locator:
    """The line of a list with this title."""
    return screen.page.get_by_role("row").filter(has_text=name)


def search(screen: Screen, words: str) -> None:
    """Type into the search box."""
    screen.page.get_by_role("searchbox", name="Find Sessions").fill(words)


def go_to(screen: Screen, name: str) -> None:
    """Choose a list."""
    screen.page.get_by_role("navigation", name="Lists").get_by_role("link", name=name).click()
    expect(screen.page.get_by_role("heading", name=f"{name} Sessions")).to_be_visible()


def test_due_call_backs_come_first_and_calls_are_found_by_title_and_phone(person: Enter) -> None:
    """[SX5, SX7, SX8] The list comes by itself; the address holds what was looked for."""
    ana = person("agent")
    paused_call(ana, "Waits Aylward", "020 7946 0101")
    paused_call(ana, "Later Bexley", "020 7946 0102", call_back_min=90)
    paused_call(ana, "Due Carraway", "020 7946 0103", call_back_min=-5)

    ana.enter("/sessions?list=paused")
    lines = ana.page.get_by_role("row").filter(has_text=re.compile("Aylward|Bexley|Carraway"))
    expect(lines).to_have_count(3)
    expect(lines.nth(0)).to_contain_text("Due Carraway")
    expect(lines.nth(0)).to_contain_text(re.compile(r"due \d+ min ago"))
    expect(lines.nth(1)).to_contain_text("Later Bexley")
    expect(lines.nth(2)).to_contain_text("Waits Aylward")
    axe_finds_nothing(ana)

    search(ana, "bexl")
    expect(lines).to_have_count(1)
    search(ana, "020 7946 0101")
    expect(lines).to_have_count(1)
    expect(lines).to_contain_text("Waits Aylward")
    ana.page.reload()
    expect(lines).to_have_count(1)
    search(ana, "nobody of this name")
    expect(ana.page.get_by_text("No paused Session matches")).to_be_visible()
    ana.page.get_by_role("link", name="Show all").click()
    expect(lines).to_have_count(3)

    row(ana, "Waits Aylward").get_by_role("link").focus()
    ana.press("Enter")
    expect(ana.page.get_by_role("region", name="Paused")).to_be_visible()


def test_a_teammate_goes_on_with_a_paused_call(person: Enter) -> None:
    """[SX6, RT4] Without having been shown it; then it is his."""
    ana, ben = person("agent"), person("agent2")
    session_id = paused_call(ana, "Mr Dunmore", "020 7946 0104")

    ben.enter("/sessions?list=paused")
    line = row(ben, "Mr Dunmore")
    expect(line).to_contain_text("Ana Agent")
    expect(line.get_by_role("link")).to_have_count(0)
    line.get_by_role("button", name="Resume Mr Dunmore").press("Enter")

    expect(ben.page).to_have_url(re.compile(session_id))
    expect(ben.section).to_have_text("Agree on a time")
    expect(ben.onward).to_be_visible()


def test_who_comes_too_late_is_told_why(person: Enter) -> None:
    """[RT4] Its owner went on with it a moment before."""
    ana, ben = person("agent"), person("agent2")
    paused_call(ana, "Mrs Jessop", "020 7946 0108")
    ben.enter("/sessions?list=paused")
    line = row(ben, "Mrs Jessop")
    expect(line).to_be_visible()

    ana.button("Resume").click()
    ana.is_saved()
    line.get_by_role("button", name="Resume Mrs Jessop").click()

    expect(line.get_by_role("status")).to_have_text(re.compile("^It is not open to you any more"))


def test_records_are_found_by_outcome(person: Enter) -> None:
    """[SX1, SX8] Ended ones with their reason; a click opens the record."""
    ana, sam = person("agent"), person("supervisor")
    paused_call(ana, "Ms Eastwick", "020 7946 0105")
    ana.button("End Session").click()
    ana.page.get_by_role("dialog").get_by_text("Customer hung up").click()
    expect(ana.page.get_by_text("Ended early").first).to_be_visible()

    sam.enter("/sessions?list=finished")
    expect(row(sam, "Ms Eastwick")).to_contain_text("Customer hung up")
    sam.button("Filters").click()
    sam.page.get_by_label("Outcome").select_option("Won")
    expect(row(sam, "Ms Eastwick")).to_be_hidden()
    expect(sam.page).to_have_url(re.compile("outcome=won"))
    sam.page.get_by_label("Outcome").select_option("Ended early")
    axe_finds_nothing(sam)
    row(sam, "Ms Eastwick").click()
    expect(sam.page.get_by_text("Ended early").first).to_be_visible()


def test_the_same_callers_other_call_is_offered_while_typing(person: Enter) -> None:
    """[SX9] A quiet line under the Field, which leads there."""
    ana, ben = person("agent"), person("agent2")
    session_id = paused_call(ana, "Mrs Fairfax", "020 7946 0106")
    ben.start(CALLBACK)
    ben.go_on("Not there")

    ben.fill("Callback number", "0044 20 7946 0106")

    offer = ben.page.get_by_role("list", name="Other Sessions with this Callback number")
    expect(offer).to_contain_text("Also in: Mrs Fairfax (paused, Ana Agent)")
    expect(offer.get_by_role("link")).to_have_count(0)
    offer.get_by_role("button", name="Resume").click()
    expect(ben.page).to_have_url(re.compile(session_id))


def test_a_list_that_cannot_be_loaded_says_so_and_is_tried_again(person: Enter) -> None:
    """What is on screen stays there, marked as of a moment ago."""
    ana = person("agent")
    paused_call(ana, "Dr Galbraith", "020 7946 0107")
    ana.page.route("**/api/sessions?*", lambda route: route.abort())
    ana.enter("/sessions?list=paused")
    expect(ana.page.get_by_text("The list could not be loaded")).to_be_visible()

    ana.page.unroute("**/api/sessions?*")
    ana.button("Try again").click()
    expect(row(ana, "Dr Galbraith")).to_be_visible()
