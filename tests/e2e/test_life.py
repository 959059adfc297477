"""What happens to a Session besides its Sections: pausing, switching, ending, completing, taking back."""

import re

from playwright.sync_api import expect

from tests.e2e.conftest import Enter
from tests.e2e.screens import BROADBAND, CALLBACK, Screen


def strip(screen: Screen):  # type: ignore[no-untyped-def]
    """The strip of one's open Sessions."""
    return screen.page.get_by_role("navigation", name="Open Sessions")


def reach_the_end(screen: Screen) -> None:
    """To the Section Settled of the callback Workflow."""
    screen.go_on("Right person")
    screen.go_on("Settled on this call")


def test_one_whole_call_without_a_pointer(person: Enter) -> None:
    """[GD2, GD3, RS1, LC2, LC5, LC6] From the picker to the record, with keys alone."""
    ana = person("agent", elsewhere=True)
    ana.enter("/new")
    search = ana.page.get_by_role("textbox", name="Find a Workflow")
    expect(search).to_be_focused()
    ana.type("broadband")
    ana.press("Enter")
    beside = ana.button("Start beside it")
    expect(beside.or_(ana.answers).first).to_be_visible()
    if beside.is_visible():
        beside.focus()
        ana.press("Enter")
    expect(ana.section).to_have_text("Greeting and verification")
    expect(ana.section).to_be_focused()

    ana.press("l")
    ana.type("12345678")
    ana.press("Enter")
    ana.type("blue")
    ana.press("Enter")
    ana.type("020 7946 0018")
    ana.press("Escape", "o")
    expect(ana.page.get_by_role("dialog", name="Handle Objection")).to_be_visible()
    ana.type("hold")
    ana.press("Enter")
    ana.press("Escape")
    ana.press("n")
    expect(ana.notes).to_be_focused()
    ana.type("Was on hold for an hour.")
    ana.press("Escape", "p")
    expect(ana.page.get_by_role("region", name="Paused")).to_be_visible()
    ana.press("p")
    expect(ana.page.get_by_role("region", name="Paused")).to_be_hidden()
    ana.press("2", "Control+Enter")
    expect(ana.section).not_to_have_text("Greeting and verification")
    while ana.answers.is_visible():
        before = ana.section.inner_text()
        ana.press("Escape", "1", "Control+Enter")
        expect(ana.section).not_to_have_text(before)
    ana.press("Control+Shift+Enter")
    anyway = ana.button("Finish anyway")
    outcome = ana.page.locator("[data-outcome]")
    expect(anyway.or_(outcome)).to_be_visible()
    if anyway.is_visible():
        anyway.focus()
        ana.press("Space")

    expect(outcome).to_be_visible()
    expect(ana.page.get_by_text("Response: ")).to_be_visible()
    expect(ana.notes).to_have_text("Was on hold for an hour.")
    ana.press("u")
    expect(ana.button("Complete Session")).to_be_visible()


def test_completing_asks_once_for_required_fields(person: Enter) -> None:
    """[LC5] A click leads to the Field; finishing anyway is recorded."""
    ana = person("agent")
    ana.start(CALLBACK)
    reach_the_end(ana)
    ana.button("Complete Session").click()
    question = ana.page.get_by_role("dialog", name="A required Field is empty")
    question.get_by_role("button", name="Caller's name").click()
    expect(ana.field("Caller's name")).to_be_focused()

    ana.button("Complete Session").click()
    question.get_by_role("button", name="Finish anyway").click()

    expect(ana.page.get_by_role("status").filter(has_text="WON")).to_be_visible()
    expect(ana.page.get_by_text("Required, left empty")).to_have_count(1)


def test_completing_can_be_taken_back_for_some_seconds(person: Enter) -> None:
    """[LC6] Everybody sees the call go on; later the offer is gone."""
    ana, sam = person("agent"), person("supervisor")
    ana.start(CALLBACK)
    sam.watch(ana)
    ana.fill("Caller's name", "Mr Lindqvist")
    reach_the_end(ana)
    ana.button("Complete Session").click()
    expect(sam.page.get_by_role("status").filter(has_text="WON")).to_be_visible()
    expect(sam.button("Undo")).to_have_count(0)

    ana.button("Undo").click()

    for screen in (ana, sam):
        expect(screen.section).to_have_text("Settled")
    ana.button("Complete Session").click()
    expect(ana.button("Undo")).to_be_visible()
    expect(ana.button("Undo")).to_be_hidden(timeout=15_000)


def test_ending_takes_one_number_key(person: Enter) -> None:
    """[LC4, LC7] The reason stands on the record."""
    ana = person("agent")
    ana.start(CALLBACK)

    ana.press("x")
    expect(ana.page.get_by_role("dialog", name="End this Session early")).to_be_visible()
    ana.press("2")

    expect(ana.page.locator("[data-outcome]")).to_contain_text("Ended early: Call dropped")


def test_a_pause_says_why_and_when_to_call_back(person: Enter) -> None:
    """[LC1] Said after pausing; every screen shows it."""
    ana, sam = person("agent"), person("supervisor")
    ana.start(CALLBACK)
    sam.watch(ana)
    ana.button("Pause").click()
    band = ana.page.get_by_role("region", name="Paused")

    band.get_by_label("Why it waits").fill("Waits for the engineer")
    band.get_by_role("button", name="In 1 hour").click()

    expect(band).to_contain_text("Call back at")
    expect(sam.page.get_by_role("region", name="Paused")).to_contain_text("Waits for the engineer")
    expect(sam.page.get_by_role("region", name="Paused")).to_contain_text("Call back at")
    band.get_by_role("button", name="No call back").click()
    expect(sam.page.get_by_role("region", name="Paused")).not_to_contain_text("Call back at")


def test_two_calls_are_juggled(person: Enter) -> None:
    """[LC1, LL1] Starting the second pauses the first; one key goes from one to the other."""
    ana = person("agent2", elsewhere=True)
    ana.start(CALLBACK)
    ana.fill("Caller's name", "Mr Lindqvist")
    first = ana.session_path
    ana.enter("/new")
    ana.page.get_by_role("radio", name=BROADBAND).check(force=True)
    ana.button("Start").click()
    ana.button("Pause it and start").click()
    expect(ana.section).to_have_text("Greeting and verification")
    ana.fill("Account number", "12345678")
    expect(strip(ana).get_by_role("link", name="Mr Lindqvist")).to_contain_text("Mr Lindqvist")
    expect(strip(ana).get_by_role("link", name="12345678")).to_have_attribute("aria-current", "page")

    while ana.session_path != first:
        ana.press("F8")
        ana.page.wait_for_timeout(200)

    expect(ana.page.get_by_role("region", name="Paused")).to_be_visible()
    ana.press("p")
    expect(ana.field("Caller's name")).to_have_value("Mr Lindqvist")
    ana.go_on("Right person")


def test_another_workflow_goes_on_with_what_was_entered(person: Enter) -> None:
    """[LC8] Field values of the same keys and the Notes; records linked both ways."""
    ana, sam = person("agent"), person("supervisor")
    ana.start()
    ana.fill("Contact phone", "020 7946 0018")
    ana.notes.click()
    ana.type("Rather wants to be called.")
    ana.is_saved()
    before = ana.session_path
    sam.watch(ana)

    ana.button("More").click()
    ana.page.get_by_role("menuitem", name="Switch Workflow").click()
    ana.page.get_by_role("searchbox", name="Find a Workflow").fill("callback")
    ana.press("Enter")

    expect(ana.section).to_have_text("Returning the call")
    expect(ana.notes).to_have_text("Rather wants to be called.")
    expect(sam.page.locator("[data-outcome]")).to_contain_text("Switched to another Workflow")
    sam.page.get_by_role("link", name="The Session that went on").click()
    expect(sam.section).to_have_text("Returning the call")
    assert ana.session_path != before


def test_signing_out_pauses_what_runs(person: Enter) -> None:
    """[LC1] Each open Session is named; nothing runs on without its agent."""
    ana, sam = person("agent2", elsewhere=True), person("supervisor")
    ana.start(CALLBACK)
    ana.fill("Caller's name", "Mr Lindqvist")
    sam.watch(ana)

    ana.button("Sign out").click()
    expect(ana.page.get_by_role("dialog", name="You have Sessions open")).to_contain_text("Mr Lindqvist")
    ana.button("Pause them and sign out").click()

    expect(ana.page.get_by_role("button", name=re.compile("^Continue as"))).to_be_visible()
    expect(sam.page.get_by_role("region", name="Paused")).to_be_visible()


def test_another_systems_link_starts_once_and_then_opens(person: Enter) -> None:
    """[LC10] By its own name of the call; for whoever may see it."""
    ana, sam = person("agent"), person("supervisor")
    link = "/start?workflow=callback_request&external_id=CALL%2F2026-11-23%20%23771"
    ana.enter(link).start_beside()
    expect(ana.section).to_have_text("Returning the call")
    ana.fill("Caller's name", "Mr Lindqvist")
    first = ana.session_path

    sam.enter(link)
    expect(sam.field("Caller's name")).to_have_value("Mr Lindqvist")
    expect(sam.seat).to_contain_text("Ana Agent drives")
    ana.enter(link)
    expect(ana.field("Caller's name")).to_have_value("Mr Lindqvist")
    assert ana.session_path == first

    ana.enter("/start?workflow=nothing&external_id=7")
    expect(ana.page.get_by_role("heading", name="This link starts nothing")).to_be_visible()
