"""A record: what was entered can be corrected, and what it was stays in sight."""

import re

from playwright.sync_api import expect

from tests.e2e.conftest import Enter


def test_a_record_is_corrected_and_shows_what_was(person: Enter) -> None:
    """[FD10, FD11] By its owner; a supervisor who looks at it sees both at once."""
    ana, sam = person("agent"), person("supervisor")
    ana.enter("/new").start()
    ana.fill("Account number", "12345678")
    ana.button("End Session").click()
    ana.page.keyboard.press("1")
    expect(ana.page.get_by_role("status").filter(has_text="Ended early")).to_be_visible()
    sam.watch(ana)

    ana.button("Edit").click()
    fields = ana.page.get_by_role("region", name="Fields", exact=True)
    fields.get_by_role("textbox", name="Account number").fill("12345679")
    ana.button("Save").click()

    for screen in (ana, sam):
        held = screen.page.get_by_role("definition").filter(has_text="12345679")
        expect(held).to_have_text(re.compile("^12345679was 12345678, changed by Ana Agent at "))
    expect(ana.button("Edit")).to_be_focused()
    expect(sam.button("Edit")).to_be_visible()
