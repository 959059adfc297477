"""A supervisor tells every call of a Workflow something, and takes it back."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Enter
from tests.e2e.screens import BROADBAND, Screen
from tests.e2e.test_accessible import axe_finds_nothing, never_scrolls_sideways

TEXT = "Outage in Leeds: do not book engineers there"


def warn(sam: Screen, text: str) -> None:
    """Every call of the Workflow, at once."""
    sam.enter("/sessions")
    sam.page.get_by_role("link", name="Notices").click()
    sam.button("Write a notice").first.click()
    form = sam.page.get_by_role("dialog")
    form.get_by_label("Workflow").select_option(label=BROADBAND)
    form.get_by_label("What is told").fill(text)
    form.get_by_text("Warning", exact=True).click()
    expect(form).to_contain_text("at once")
    form.get_by_role("button", name="Show it now").click()


def test_a_notice_is_on_the_screen_at_once_and_moves_nothing(person: Enter) -> None:
    """[NC1, NC2, NC3, NC5, NC6] While the agent types; put aside and found again; in the picker; taken back."""
    ana, ben, sam = person("agent"), person("agent2"), person("supervisor")
    ana.start()
    page = ana.page
    box = page.get_by_role("textbox", name="Account number")
    box.fill("1234")
    places = [ana.section.bounding_box(), box.bounding_box(), page.get_by_role("radio").first.bounding_box()]

    warn(sam, TEXT)

    notice = page.get_by_role("button", name=f"Warning from Sam Supervisor: {TEXT}")
    expect(notice).to_be_visible()
    expect(page.get_by_role("status").filter(has_text=f"Warning from Sam Supervisor: {TEXT}")).to_have_count(1)
    expect(box).to_be_focused()
    assert places == [ana.section.bounding_box(), box.bounding_box(), page.get_by_role("radio").first.bounding_box()]
    axe_finds_nothing(ana)
    row = sam.page.get_by_role("row").filter(has_text=TEXT)
    expect(row).to_contain_text("1 Session", timeout=15_000)
    axe_finds_nothing(sam)

    page.get_by_role("button", name="Put the notice aside").click()
    expect(notice).to_be_hidden()
    page.get_by_role("button", name=f"Notice, put aside: {TEXT}").click()
    page.get_by_role("button", name="Show it again").click()
    expect(notice).to_be_visible()
    page.set_viewport_size({"width": 360, "height": 740})
    assert never_scrolls_sideways(ana)
    expect(notice).to_be_visible()
    page.set_viewport_size({"width": 1440, "height": 900})

    ben.enter("/new")
    ben.page.get_by_role("radio", name=BROADBAND).check(force=True)
    expect(ben.page.get_by_role("region", name="Chosen Workflow")).to_contain_text(TEXT)
    row.get_by_role("button", name="Take back").click()
    sam.page.get_by_role("dialog").get_by_role("button", name="Take it back").click()
    expect(notice).to_be_hidden()
    expect(ben.page.get_by_role("region", name="Chosen Workflow")).not_to_contain_text(TEXT)
    expect(row).to_contain_text("Taken back by Sam Supervisor")


@pytest.mark.long
def test_a_warning_keeps_its_first_words(person: Enter) -> None:
    """[NC5] Whole where there is room, on a phone, and beside what a coach suggests."""
    ana, cleo, sam = person("agent"), person("coach"), person("supervisor")
    ana.start()
    cleo.watch(ana)
    warn(sam, "Outage in York: do not promise an engineer before 18:00. Say: we are working on it.")
    words = ana.page.get_by_role("button", name="Warning from Sam Supervisor").get_by_text("Outage in York")
    expect(words).to_be_visible()
    assert words.evaluate("(it) => it.scrollWidth <= it.clientWidth")
    ana.page.set_viewport_size({"width": 390, "height": 844})
    assert words.evaluate("(it) => it.clientWidth * Math.round(it.clientHeight / 13) > 180")

    cleo.press("s")
    cleo.type("Ask her for the letter.")
    cleo.press("Enter")
    for width in (820, 1440):
        ana.page.set_viewport_size({"width": width, "height": 900})
        expect(ana.page.locator("[data-aside]")).to_be_visible()
        assert words.evaluate("(it) => it.clientWidth") > 100
    row = sam.page.get_by_role("row").filter(has_text="Outage in York")
    row.get_by_role("button", name="Take back").click()
    sam.page.get_by_role("dialog").get_by_role("button", name="Take it back").click()
    expect(words).to_be_hidden()
