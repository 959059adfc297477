"""An agent asks a colleague to take a call over, who declines, or accepts and has it."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Enter
from tests.e2e.screens import Screen
from tests.e2e.test_accessible import axe_finds_nothing, never_scrolls_sideways

PASSWORD = "Quetzal-4711"


def ask(giver: Screen, whom: str, *, note: str = "", warm: bool = False) -> None:
    """From the menu of the Session's screen."""
    giver.page.get_by_role("button", name="More").click()
    giver.page.get_by_role("menuitem", name="Transfer…").click()
    dialog = giver.page.get_by_role("dialog", name="Transfer…")
    dialog.get_by_role("button", name=whom).click()
    if warm:
        dialog.get_by_label("Introduce first").click()
    dialog.get_by_label("Note for them").fill(note)
    dialog.get_by_role("button", name=f"Ask {whom}").click()
    expect(dialog).to_be_hidden()


def card_of(asked: Screen) -> Locator:
    """What the asked person is shown, on whatever page."""
    card = asked.page.get_by_role("region", name="Asked to take over")
    expect(card).to_be_visible()
    asked.page.wait_for_timeout(500)  # it counts nothing in its first 0.4 s
    return card


def test_a_colleague_declines_and_then_has_the_call(person: Enter) -> None:
    """[TR1, TR3, TR4, TR6, TR7, TR8, TR10, MK1] Cold, to a person; by button, then by key from an input."""
    ana, ben = person("agent"), person("agent2")
    ben.enter("/new")
    ana.start()
    ana.page.get_by_label("Account number").fill("12345678")
    ana.page.get_by_label("Security password").fill(PASSWORD)
    top = ana.section.bounding_box()
    ask(ana, "Ben Agent", note="Wants a refund")
    expect(ana.seat).to_contain_text("You asked Ben Agent to take over")
    assert ana.section.bounding_box() == top
    card = card_of(ben)
    for text in ("Ana Agent asks you", ana.section.inner_text(), "Wants a refund", "at once"):
        expect(card).to_contain_text(text)
    ben.page.set_viewport_size({"width": 390, "height": 844})
    expect(card.get_by_text("It is yours, and you drive, at once.")).to_be_visible()
    ben.page.set_viewport_size({"width": 1440, "height": 900})
    expect(ben.page).to_have_title(re.compile(r"^\(1\) "))
    assert PASSWORD not in ben.page.content()
    card.get_by_role("button", name="Decline").click()
    expect(card).to_be_hidden()
    expect(ana.seat).to_contain_text("Ben Agent declined")
    expect(ana.seat).to_contain_text("You drive")
    ana.page.get_by_role("button", name="Dismiss").click()

    ask(ana, "Ben Agent")
    card_of(ben)
    ben.page.get_by_role("radio").first.focus()
    ben.press("Shift+F9")
    expect(ben.seat).to_contain_text("You drive")
    expect(ben.seat).not_to_contain_text("took it over")
    expect(ben.page.get_by_role("textbox", name="Account number")).to_have_value("12345678")
    expect(ben.page.get_by_role("textbox", name="Security password")).to_have_value(PASSWORD)
    expect(ben.page).to_have_title(re.compile(r"^[^(]"))
    expect(ana.page.get_by_role("heading", name="This Session is yours no more")).to_be_visible()
    expect(ana.page.get_by_text("Not saved")).to_be_hidden()
    ben.button("End Session").click()
    ben.page.get_by_role("dialog").get_by_text("Customer hung up").click()
    transfers = ben.page.get_by_role("region", name="Transfers")
    expect(transfers).to_contain_text("Ana Agent asked Ben Agent: Wants a refund")
    expect(transfers).to_contain_text("Ben Agent took it over")
    expect(ben.page.get_by_role("region", name="Who owned it")).to_contain_text("Ana Agent → Ben Agent")


@pytest.mark.long
def test_a_call_is_introduced_and_handed_over(person: Enter) -> None:
    """[TR5, TR6, TR9, TR10] Warm; both see each other; the giver is told that it is stored, and sees it no more."""
    ana, ben = person("agent"), person("agent2")
    ben.enter("/sessions")
    ana.start()
    ask(ana, "Ben Agent", warm=True)
    axe_finds_nothing(ana)
    card = card_of(ben)
    axe_finds_nothing(ben)
    for screen in (ana, ben):
        screen.page.set_viewport_size({"width": 320, "height": 640})
        assert never_scrolls_sideways(screen)
        screen.page.set_viewport_size({"width": 1440, "height": 900})
    card.get_by_role("button", name="Come").click()
    expect(ben.seat).to_contain_text("You came: Ana Agent hands over to you")
    expect(ben.page.get_by_role("list", name="Who is here")).to_contain_text("Ana Agent")
    expect(ana.page.get_by_role("list", name="Who is here")).to_contain_text("Ben Agent, taker")
    expect(ana.seat).to_contain_text("Ben Agent is here")
    ana.button("Hand over now").click()
    expect(ben.seat).to_contain_text("You drive")
    expect(ana.page.get_by_role("heading", name="This Session is yours no more")).to_be_visible()
    expect(ana.page.get_by_text("Not saved")).to_be_hidden()
    ask(ben, "Ana Agent")
    gone = card_of(ana)
    ben.button("Withdraw").click()
    expect(gone).to_contain_text("does not wait for you any more")
    ben.button("End Session").click()
    ben.page.get_by_role("dialog").get_by_text("Customer hung up").click()
    expect(ben.page.get_by_role("region", name="Transfers")).to_contain_text("Ben Agent took back asking Ana Agent")
