"""What happens to a Session besides its Sections: pausing, switching, ending, completing, taking back."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import SUPPORT, Enter
from tests.e2e.screens import BROADBAND, CALLBACK, EVERY_FIELD, Screen, card_of
from tests.support.installation import Installation


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
    expect(ana.page.get_by_role("searchbox", name="Find what the customer says")).to_be_focused()
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
    expect(ana.page.get_by_role("heading", name="Review Actions")).to_be_focused()
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
    expect(ana.button("Complete Session & Fire Actions")).to_be_visible()


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


@pytest.mark.long
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


def test_what_is_said_about_a_pause_on_a_slow_line_is_kept_whole(person: Enter) -> None:
    """[LC2] The time, and the reason while the time is still on its way: both are replaced as a whole."""
    ana, sam = person("agent", elsewhere=True), person("supervisor")
    ana.start(CALLBACK)
    sam.watch(ana)
    ana.button("Pause").click()
    band = ana.page.get_by_role("region", name="Paused")
    expect(band).to_be_visible()
    ana.page.context.set_offline(True)
    expect(ana.banner).to_be_visible()

    band.get_by_role("button", name="In 1 hour").click()
    band.get_by_label("Why it waits").fill("Waits for the engineer")
    band.get_by_label("Why it waits").blur()
    ana.page.context.set_offline(False)

    ana.is_saved()
    for screen in (ana, sam):
        expect(screen.page.get_by_role("region", name="Paused")).to_contain_text("Call back at")
    expect(sam.page.get_by_role("region", name="Paused")).to_contain_text("Waits for the engineer")
    expect(band.get_by_label("Why it waits")).to_have_value("Waits for the engineer")


def test_two_calls_are_juggled(person: Enter) -> None:
    """[LC1, LL1] Starting the second pauses the first; one key goes from one to the other."""
    ana = person("agent2", elsewhere=True)
    ana.start(CALLBACK)
    ana.fill("Caller's name", "Mr Lindqvist")
    first = ana.session_path
    ana.enter("/new")
    card_of(ana.page.get_by_role("radio", name=BROADBAND)).click()
    ana.button("Start").click()
    ana.page.get_by_role("button", name=re.compile("^Pause (it|them) and start$")).click()
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
    """[LC8] Field values of the same keys and the Notes; records linked both ways; no plain Enter does it."""
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
    ana.press("Enter", "Enter")
    expect(ana.button("Switch to Callback request")).to_be_focused()
    ana.press("Control+Shift+Enter")

    expect(ana.section).to_have_text("Returning the call")
    expect(ana.notes).to_have_text("Rather wants to be called.")
    expect(sam.page.locator("[data-outcome]")).to_contain_text("Switched to another Workflow")
    sam.page.get_by_role("link", name="The Session that went on").click()
    expect(sam.section).to_have_text("Returning the call")
    assert ana.session_path != before
    sam.page.get_by_role("link", name="The Session before").click()
    expect(sam.page.locator("[data-outcome]")).to_contain_text("Switched to another Workflow")


def test_what_is_to_be_read_word_for_word_is_counted_down(person: Enter) -> None:
    """[GD3] It holds nobody up; the Section says that the recording is to be paused, too."""
    ana = person("agent")
    ana.start(EVERY_FIELD)
    ana.go_on("Read aloud")

    section = ana.page.get_by_role("main")
    expect(section).to_contain_text(re.compile(r"Read word for word · about [12] s left"))
    expect(section).to_contain_text("The recording is to be paused on this Section")
    expect(section).not_to_contain_text("s left")
    expect(section).to_contain_text("Read word for word")


def test_a_section_without_an_answer_that_applies_says_so(person: Enter) -> None:
    """[GD8] Until a Field makes one appear."""
    ana = person("agent")
    ana.start(EVERY_FIELD)
    ana.go_on("Read aloud")
    expect(ana.page.get_by_text("No Answer applies to what was entered.")).to_be_visible()
    expect(ana.onward).to_be_disabled()

    ana.page.get_by_role("button", name="Other Fields").click()
    ana.button("Yes").click()
    ana.go_on("Agreed")

    expect(ana.section).to_have_text("The end")


@pytest.mark.long
def test_a_recalled_workflow_is_left_for_the_newer_version(person: Enter, house: Installation, tmp_path: Path) -> None:
    """[LC11, HS34] Resuming leads to a choice; the newer version goes on at the same Section with what was entered."""
    text = (SUPPORT / "callback_request.yaml").read_text().replace("callback_request", "withdrawn_script")
    document = tmp_path / "recalled.yaml"
    document.write_text(text.replace("name: Callback request", "name: Withdrawn script"))
    workflows(house, "import", str(document))
    ana = person("agent2", elsewhere=True)
    ana.start("Withdrawn script")
    ana.fill("Caller's name", "Mr Lindqvist")
    ana.go_on("Right person")
    ana.button("Pause").click()
    workflows(house, "recall", "withdrawn_script")
    band = ana.page.get_by_role("region", name="Paused")

    band.get_by_role("button", name="Resume").click()
    expect(band).to_contain_text("There is no newer one.")
    document.write_text(document.read_text().replace("Settled on this call", "Settled at once"))
    workflows(house, "import", str(document))
    ana.page.reload()
    band.get_by_role("button", name="Resume").click()
    band.get_by_role("button", name="Go on in the newer version").click()

    expect(ana.section).to_have_text("What it is about")
    expect(ana.answer("Settled at once")).to_be_visible()
    ana.page.get_by_role("button", name=re.compile("^Other Fields")).click()
    expect(ana.field("Caller's name")).to_have_value("Mr Lindqvist")
    ana.page.get_by_role("link", name="The Session before").click()
    expect(ana.page.locator("[data-outcome]")).to_contain_text("Switched to another Workflow")


def workflows(house: Installation, *words: str) -> None:
    """What an author does at the command line."""
    command = [sys.executable, "-m", "server", "workflows", *words, "--data-dir", str(house.data_dir)]
    subprocess.run(command, check=True, capture_output=True)


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
    """[LC10, AP20] By its own name of the call; for whoever may see it. The address alone starts nothing."""
    ana, sam = person("agent"), person("supervisor")
    link = "/start?workflow=callback_request&external_id=CALL%2F2026-11-23%20%23771"
    fields = "&field.caller_name=Mr%20Lindqvist&field.may_leave_message=yes&field.topics=&field.shoe_size=44"
    ana.enter(link + fields)
    question = ana.page.get_by_role("main")
    expect(question).to_contain_text("Caller's nameMr Lindqvist")
    expect(question).to_contain_text("May we leave a message?Yes")
    expect(question).to_contain_text("Not filled in from the link: shoe_size.")
    expect(ana.button("Start the Session")).to_be_focused()
    ana.press("Enter")
    ana.start_beside()
    expect(ana.section).to_have_text("Returning the call")
    expect(ana.field("Caller's name")).to_have_value("Mr Lindqvist")
    first = ana.session_path

    sam.enter(link)
    expect(sam.field("Caller's name")).to_have_value("Mr Lindqvist")
    expect(sam.seat).to_contain_text("Ana Agent drives")
    expect(sam.page.get_by_role("region", name="Session")).to_contain_text("Call CALL/2026-11-23 #771")
    ana.enter(link)
    expect(ana.field("Caller's name")).to_have_value("Mr Lindqvist")
    assert ana.session_path == first

    ana.enter("/start?workflow=nothing&external_id=7")
    expect(ana.page.get_by_role("heading", name="This link starts nothing")).to_be_visible()
