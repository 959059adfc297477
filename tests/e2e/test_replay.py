"""A call is looked at again, moment by moment: from its record, and while it goes on."""

import re

from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Enter
from tests.e2e.screens import Screen
from tests.e2e.test_accessible import axe_finds_nothing, never_scrolls_sideways

PASSWORD = "Quetzal-4711"


def slider(screen: Screen) -> Locator:
    """What tells the moment, and of how much."""
    return screen.page.get_by_role("slider", name="Moment of the call")


def changed(screen: Screen) -> Locator:
    """What the entry on screen changed, in words."""
    return screen.page.locator("[data-change]")


def test_a_record_is_replayed_and_a_moment_is_shown_to_a_colleague(person: Enter) -> None:
    """[RP6, RP7, RP8, RP9, MK1] Scrub, step, jump by Section, play; the address leads a colleague to the moment."""
    ana, sam, cleo = person("agent"), person("supervisor"), person("coach")
    ana.start()
    ana.fill("Account number", "12345678")
    ana.fill("Security password", PASSWORD)
    greeting = ana.section.inner_text()
    ana.go_on("Verified")
    reason = ana.section.inner_text()
    ana.section.focus()
    ana.press("k", "1")
    expect(ana.page.get_by_role("dialog")).to_be_hidden()
    ana.button("Handle Objection").click()
    expect(ana.page.get_by_role("searchbox", name="Find what the customer says")).to_be_focused()
    ana.type("hold")
    ana.press("Enter")
    ana.press("Escape")
    session = ana.session_path
    ana.button("End Session").click()
    ana.press("1")
    expect(ana.page.get_by_role("status").filter(has_text="Ended early")).to_be_visible()
    happened = ana.page.get_by_role("list", name="What happened on it").get_by_role("listitem")
    expect(happened).to_have_text([re.compile("Well done, Ana Agent"), re.compile("Response: ")])

    sam.enter(session)
    sam.button("Edit").click()
    sam.page.get_by_role("textbox", name="Account number").fill("12345679")
    sam.button("Save").click()
    expect(sam.page.get_by_role("definition").filter(has_text="12345679")).to_be_visible()
    sam.page.get_by_role("link", name="Replay", exact=True).click()
    expect(slider(sam)).to_have_attribute("aria-valuetext", re.compile(rf"^0:00 of \d:\d\d, Section {greeting}$"))
    expect(changed(sam)).to_contain_text("Started")
    expect(sam.section).to_have_text(greeting)
    sam.press("ArrowRight")
    expect(changed(sam)).to_contain_text("Account number: 1")
    expect(sam.page.locator("[data-field=account_number]")).to_have_attribute("data-changed", "Ana Agent")
    assert sam.field("Account number").input_value().startswith("1")
    sam.press("Shift+ArrowRight")
    expect(changed(sam)).to_contain_text(f"Verified → {reason}")
    expect(sam.section).to_have_text(reason)
    expect(sam.page.get_by_role("region", name="So far")).to_contain_text("Filled, hidden")
    expect(sam.onward).to_be_disabled()
    sam.press("End")
    expect(sam.page.get_by_role("region", name="Record", exact=True)).to_contain_text("Ended early")
    expect(changed(sam)).to_contain_text("Account number: 12345678 → 12345679")
    expect(sam.page.locator("[data-record-field=account_number]")).to_have_attribute("data-changed", "Sam Supervisor")
    sam.press("Home", " ")
    sam.button("10 times as fast").click()
    sam.page.get_by_role("switch", name="Skip silences").click()
    expect(sam.page.get_by_role("region", name="Record", exact=True)).to_be_visible()
    expect(sam.button("Play")).to_be_visible()
    box = slider(sam).bounding_box()
    assert box is not None
    sam.page.mouse.click(box["x"] + 12, box["y"] + box["height"] - 8)
    expect(sam.section).to_have_text(greeting)
    assert not sam.holds_text(PASSWORD)
    axe_finds_nothing(sam)
    assert never_scrolls_sideways(sam)

    sam.press("Escape")
    expect(sam.page).to_have_url(re.compile(f"{session}$"))
    sam.page.get_by_role("link", name="Replay from here", exact=True).click()
    expect(changed(sam)).to_contain_text("Marked: Well done")
    expect(sam.page).to_have_url(re.compile(r"/replay#at=\d+$"))
    cleo.enter().enter(sam.page.url.removeprefix(sam.home))
    expect(changed(cleo)).to_contain_text("Marked: Well done")
    expect(cleo.section).to_have_text(reason)
    cleo.button("What happened").click()
    cleo.page.get_by_role("dialog").get_by_role("button", name=re.compile("Ended")).click()
    expect(cleo.page.get_by_role("region", name="Record", exact=True)).to_be_visible()


def test_a_watcher_rewinds_while_the_agent_goes_on(person: Enter) -> None:
    """[RP6, RP8] Nobody notices; what comes meanwhile extends the scrubber; back to live is one key."""
    ana, sam = person("agent"), person("supervisor")
    ana.start()
    ana.fill("Account number", "12345678")
    greeting = ana.section.inner_text()
    sam.watch(ana)
    sam.section.focus()
    sam.press("w")
    expect(changed(sam)).to_contain_text("Account number: 12345678")
    sam.press("Home")
    expect(changed(sam)).to_contain_text("Started")
    expect(sam.field("Account number")).to_have_value("")
    sent = len(sam.sent)

    ana.go_on("Verified")
    expect(slider(sam)).to_have_attribute("aria-valuemax", re.compile(r"^([4-9]|\d\d)$"))
    expect(sam.section).to_have_text(greeting)
    expect(changed(sam)).to_contain_text("Started")
    sam.press("End")
    expect(sam.section).to_have_text(ana.section.inner_text())
    ana.go_on("Slow")
    expect(sam.section).to_have_text(ana.section.inner_text())
    sam.press("Escape")
    expect(sam.seat).to_contain_text("Watching")
    expect(sam.section).to_have_text(ana.section.inner_text())
    assert len(sam.sent) == sent
