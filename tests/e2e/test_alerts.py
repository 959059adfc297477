"""A supervisor sets when to be alerted, is alerted of a call, and puts it aside for everybody."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Enter
from tests.e2e.test_accessible import axe_finds_nothing, never_scrolls_sideways

RULE = "No page open"


def set_rule(page: Page, *, on: bool, seconds: str = "45") -> None:
    """On the page of alerts."""
    page.get_by_label(RULE, exact=True).set_checked(on)
    if on:
        page.get_by_label("Whoever drives has no page open for").fill(seconds)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="Saved. It holds from now on.")).to_be_visible()


@pytest.mark.long
@pytest.mark.usefixtures("empty_floor")
def test_a_supervisor_is_alerted_when_a_driver_is_gone(person: Enter) -> None:
    """[AL6, AL9, AL11, AL12, AL13] Told within seconds, gone from every screen when one has seen it."""
    ana, sam, tablet = person("agent"), person("supervisor"), person("supervisor", tablet=True)
    sam.enter("/alerts")
    set_rule(sam.page, on=True, seconds="15")
    try:
        ana.start()
        session_path = ana.session_path
        tablet.enter("/sessions")
        sam.page.get_by_role("navigation", name="Main").get_by_role("link", name="Live").click()
        ana.page.goto("about:blank")
        for screen in (sam, tablet):
            told = screen.page.get_by_role("region", name="Alerts")
            expect(told.get_by_role("listitem").filter(has_text="Ana Agent")).to_contain_text(
                "no page open for", timeout=40_000
            )
        expect(sam.page).to_have_title("(1) Live Sessions · Sidecoach")
        axe_finds_nothing(sam)
        never_scrolls_sideways(tablet)
        sam.page.get_by_role("region", name="Alerts").get_by_role("link", name="Ana Agent").click()
        expect(sam.section).to_be_visible()
        assert sam.page.url.endswith(session_path)
        told.get_by_role("button", name="Seen").tap()
        expect(told).to_be_hidden()
        expect(
            sam.page.get_by_role("navigation", name="Main").get_by_role("link", name="Live", exact=True)
        ).to_be_visible()
    finally:
        sam.enter("/alerts")
        set_rule(sam.page, on=False)
        ana.enter(session_path)
        ana.button("End Session").click()
        ana.page.get_by_role("dialog").get_by_text("Customer hung up").click()
