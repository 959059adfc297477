"""The seat passes because two agree, because somebody takes it, or because its driver is gone; everybody is told."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Enter
from tests.e2e.screens import CALLBACK, Screen
from tests.e2e.test_accessible import axe_finds_nothing
from tests.e2e.test_seat import take_seat_while_typing


def waits_ripe(screen: Screen) -> None:
    expect(screen.page.locator("[data-seat-asked=ripe]")).to_be_visible()


def test_a_coach_asks_and_the_agent_grants_by_one_key(person: Enter) -> None:
    """[SE8, SE9, SE20, SE21, SE22, SE26] From within a Field; nothing moves, and every screen says who drives."""
    ana, cleo, sam = person("agent"), person("coach"), person("supervisor")
    ana.start(CALLBACK)
    cleo.watch(ana)
    sam.watch(ana)
    expect(cleo.button("Ask for the seat")).to_be_visible()
    expect(cleo.button("Take the seat")).to_be_hidden()
    name = ana.field("Caller's name")
    name.fill("Mr Lind")
    before = [ana.section.bounding_box(), name.bounding_box()]

    cleo.press("v")
    waits_ripe(ana)
    expect(ana.seat).to_contain_text("You drive")
    expect(ana.seat).to_contain_text("Cleo Coach asks you for the seat")
    expect(sam.seat).to_contain_text("Cleo Coach asks Ana Agent for the seat")
    expect(name).to_be_focused()
    assert [ana.section.bounding_box(), name.bounding_box()] == before
    axe_finds_nothing(ana)
    ana.press("F4")

    expect(cleo.seat).to_contain_text("You drive Ana Agent’s Session")
    expect(cleo.seat).to_contain_text("Ana Agent granted you the seat")
    for watcher in (ana, sam):
        expect(watcher.seat).to_contain_text("Watching · Cleo Coach drives")
    cleo.fill("Caller's name", "Mr Lindqvist")
    cleo.go_on("Right person")
    expect(ana.section).to_have_text("What it is about")
    cleo.button("Hand back").click()
    expect(ana.seat).to_contain_text("You drive")
    expect(cleo.seat).to_contain_text("Ana Agent drives")

    ana.button("More").click()
    ana.page.get_by_role("menuitem", name="Offer the seat to Cleo Coach").click()
    waits_ripe(cleo)
    cleo.press("Shift+F4")
    expect(ana.seat).to_contain_text("Cleo Coach declined")
    ana.button("End Session").click()
    ana.press("1")
    for told in ("Ana Agent granted Cleo Coach the seat", "handed the seat back", "(declined)"):
        expect(ana.page.get_by_role("region", name="What happened")).to_contain_text(told)


def test_a_supervisor_takes_it_and_says_why_afterwards(person: Enter) -> None:
    """[SE3, SE6, SE24, SE25] The agent's late input is suggested to whoever drives now, by one press."""
    ana, sam = person("agent"), person("supervisor")
    ana.start()
    sam.watch(ana)
    take_seat_while_typing(ana, sam)
    why = sam.page.get_by_label("Why you took the seat, if you like")
    why.fill("She was shouted at.")
    sam.press("Enter")
    expect(why).to_be_hidden()

    refused = ana.page.get_by_role("group", name="Not saved: Account number")
    expect(refused).to_be_visible()
    ana.is_saved()  # what is refused next would come to it
    late = refused.locator("p").nth(1).inner_text()
    refused.get_by_role("button", name="Suggest to Sam Supervisor").click()
    expect(refused).to_be_hidden()
    expect(sam.page.locator("[data-suggested][data-ripe]")).to_be_visible()
    sam.press("Control+.")
    expect(sam.field("Account number")).to_have_value(late)
    sam.button("Hand back").click()
    expect(ana.seat).to_contain_text("You drive")
    ana.button("End Session").click()
    ana.page.get_by_role("dialog").get_by_text("Customer hung up").click()
    happened = ana.page.get_by_role("region", name="What happened")
    expect(happened).to_contain_text("Sam Supervisor took the seat: She was shouted at.")


def test_the_agent_drives_again_by_one_key_when_the_driver_is_gone(person: Enter) -> None:
    """[SE5, SE23] And not before."""
    ana, sam = person("agent"), person("supervisor")
    ana.start(CALLBACK)
    sam.watch(ana)
    sam.button("Take the seat").click()
    expect(ana.seat).to_contain_text("Sam Supervisor took the seat")
    expect(ana.button("Drive again")).to_be_hidden()
    sam.enter("/sessions")

    expect(ana.seat).to_contain_text("Sam Supervisor is gone")
    waits_ripe(ana)
    axe_finds_nothing(ana)
    ana.press("F4")
    expect(ana.seat).to_have_text(re.compile("You drive"))


@pytest.mark.long
def test_a_request_that_nobody_answers_is_over_for_both(person: Enter) -> None:
    """[SE11, SE21] After 30 s, without anything being pressed."""
    ana, cleo = person("agent"), person("coach")
    ana.start(CALLBACK)
    cleo.watch(ana)
    cleo.button("Ask for the seat").click()
    waits_ripe(ana)
    for screen in (ana, cleo):
        expect(screen.seat).to_contain_text("The request was not answered", timeout=40_000)
        expect(screen.page.locator("[data-seat-asked]")).to_be_hidden()
    expect(ana.seat).to_contain_text("You drive")
    expect(cleo.button("Ask for the seat")).to_be_enabled()
