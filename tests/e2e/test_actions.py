"""Actions during a call, in the review and on the record, by several people in real browsers."""

import re
import subprocess
import sys

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import SUPPORT, Enter
from tests.e2e.screens import Screen
from tests.e2e.test_accessible import axe_finds_nothing
from tests.support.installation import Installation

ORDER = "Order with Actions"
FIRE = "Complete Session & Fire Actions"


@pytest.fixture(scope="module", autouse=True)
def order(installation: Installation) -> None:
    """The Workflow whose first Section triggers all of them."""
    command = [sys.executable, "-m", "server", "workflows", "import", str(SUPPORT / "actions.yaml"), "--data-dir"]
    subprocess.run([*command, str(installation.data_dir)], check=True, capture_output=True)


def card(screen: Screen, name: str = "Confirm by e-mail") -> Locator:
    """One immediate Action that waits."""
    return screen.page.get_by_role("region", name="Actions waiting").get_by_role("article", name=name)


def sent_card(screen: Screen, name: str = "Confirm by e-mail") -> Locator:
    """One that says what became of it."""
    return screen.page.get_by_role("region", name="Actions sent").get_by_role("article", name=name)


def line(screen: Screen, name: str) -> Locator:
    """One Action in the review or on the record."""
    return screen.page.get_by_role("listitem").filter(
        has=screen.page.get_by_role("button", name=re.compile(f"^{name}"))
    )


def customer(screen: Screen) -> Locator:
    """The value that the shipment sends."""
    return line(screen, "Ship the order").get_by_role("textbox", name="Customer")


def review(screen: Screen) -> None:
    """Go to the end Section and ask for completion."""
    screen.go_on("Ordered")
    screen.button("Complete Session").click()
    expect(screen.page.get_by_role("heading", name="Review Actions")).to_be_visible()


def fill_in(screen: Screen, *, credit: str | None = None) -> None:
    """Everything that the Actions need."""
    screen.fill("Customer", "Mr Lindqvist")
    screen.fill("E-mail", "lindqvist@example.com")
    if credit is not None:
        screen.fill("Credit", credit)


def test_an_immediate_action_can_be_sent_once_what_it_needs_is_typed(person: Enter) -> None:
    """[AX1, AX3] Off and naming the Field; a click leads there; sent, it says so to everybody, and has no Send."""
    ana, cleo = person("agent"), person("coach")
    ana.start(ORDER)
    cleo.watch(ana)
    expect(ana.section).to_be_focused()
    send = card(ana).get_by_role("button", name="Send", exact=True)
    expect(send).to_be_disabled()
    expect(card(ana)).to_contain_text("Needs E-mail and Customer")

    card(ana).get_by_role("button", name="E-mail", exact=True).click()
    expect(ana.field("E-mail")).to_be_focused()
    fill_in(ana)
    expect(send).to_be_enabled()
    expect(card(ana)).to_contain_text("to lindqvist@example.com")
    expect(card(cleo)).to_contain_text("to lindqvist@example.com")
    expect(card(cleo).get_by_role("button", name="Send", exact=True)).to_have_count(0)
    expect(ana.page.get_by_text("Action waiting: Confirm by e-mail")).to_be_attached()
    expect(cleo.section).to_be_focused()
    send.dblclick()

    for screen in (ana, cleo):
        expect(card(screen)).to_have_count(0)
        expect(sent_card(screen)).to_contain_text("Waits for Mail")
        expect(sent_card(screen).get_by_role("button")).to_have_text("Hide")
        expect(screen.page.get_by_text("Confirm by e-mail: not sent yet, it waits for its Connection")).to_be_attached()
        expect(screen.page.get_by_text("Action waiting:")).to_have_count(0)
    expect(ana.page.get_by_text("Not done")).to_have_count(0)
    expect(cleo.section).to_be_focused()
    sent_card(cleo).get_by_role("button", name="Hide").click()
    expect(sent_card(cleo)).to_have_count(0)
    expect(cleo.page.get_by_role("button", name=re.compile("waiting$"))).to_have_count(0)


def test_a_card_says_that_it_was_sent_and_goes(person: Enter) -> None:
    """[AX1] Said once, and gone by itself; the keyboard is back at the Answers."""
    ana = person("agent")
    ana.start(ORDER, practice=True)
    fill_in(ana)
    ana.section.click()
    ana.press("m")
    expect(card(ana).get_by_role("button", name="Send", exact=True)).to_be_focused()
    ana.press("Control+e")

    expect(sent_card(ana)).to_contain_text("Sent. Practice: nothing was sent")
    expect(ana.page.get_by_text("Confirm by e-mail: sent", exact=True)).to_be_attached()
    expect(ana.answer("Ordered")).to_be_focused()
    expect(sent_card(ana)).to_have_count(0)
    expect(ana.page.get_by_text("Confirm by e-mail: sent", exact=True)).to_have_count(0)


def test_the_keyboard_goes_on_to_the_next_card(person: Enter) -> None:
    """[AX1] From one that is hidden, removed or sent; but not out of an input, when somebody else does it."""
    ana, sam = person("agent"), person("supervisor")
    ana.start(ORDER)
    ana.go_on("Wants extras")
    sam.watch(ana)
    card(ana, "Insure the parcel").get_by_role("button", name="Hide").focus()
    ana.press("Enter")
    expect(card(ana).get_by_role("button", name="View Details")).to_be_focused()
    card(ana).get_by_role("button", name="Remove Confirm by e-mail").focus()
    ana.press("Enter")
    expect(card(ana)).to_have_count(0)
    expect(ana.answer("Ordered")).to_be_focused()

    ana.press("m")
    card(ana, "Insure the parcel").get_by_role("button", name="View Details").click()
    drawer = ana.page.get_by_role("dialog", name="Insure the parcel")
    drawer.get_by_role("button", name="Send", exact=True).click()
    expect(sent_card(ana, "Insure the parcel")).to_be_visible()
    expect(ana.answer("Ordered")).to_be_focused()
    expect(sam.section).to_be_focused()

    ana.start(ORDER)
    fill_in(ana)
    sam.watch(ana)
    card(ana).get_by_role("button", name="Send", exact=True).focus()
    ana.field("Credit").focus()
    card(sam).get_by_role("button", name="Send", exact=True).click()
    expect(sent_card(ana)).to_be_visible()
    expect(ana.field("Credit")).to_be_focused()


def test_hidden_actions_wait_behind_the_lightning(person: Enter) -> None:
    """[AX1] With their count; a key brings them back. The trash removes one for good."""
    ana = person("agent")
    ana.start(ORDER)

    card(ana).get_by_role("button", name="Hide").click()
    expect(card(ana)).to_have_count(0)
    expect(ana.button("1 Action waiting")).to_be_visible()
    ana.section.click()
    ana.press("m")
    expect(card(ana)).to_be_visible()
    expect(ana.button("1 Action waiting")).to_have_count(0)

    card(ana).get_by_role("button", name="Remove Confirm by e-mail").click()
    expect(card(ana)).to_have_count(0)
    expect(ana.button("1 Action waiting")).to_have_count(0)


def test_a_narrow_screen_shows_the_lightning_only(person: Enter) -> None:
    """[AX1] Until it is pressed; the way on is not covered either way."""
    ana = person("agent", elsewhere=True)
    ana.page.set_viewport_size({"width": 390, "height": 844})
    ana.start(ORDER)
    expect(card(ana)).to_have_count(0)

    ana.button("1 Action waiting").click()

    expect(card(ana)).to_be_visible()
    ana.choose("Ordered")
    ana.onward.click()
    expect(ana.section).to_have_text("Order taken")


def test_details_are_edited_and_led_back_to_the_template(person: Enter) -> None:
    """[AX2] Saved as typed; marked, with what the template says."""
    ana, sam = person("agent"), person("supervisor")
    ana.start(ORDER)
    fill_in(ana)
    sam.watch(ana)
    card(ana).get_by_role("button", name="View Details").click()
    drawer = ana.page.get_by_role("dialog", name="Confirm by e-mail")
    subject = drawer.get_by_label(re.compile("^Subject"))
    expect(subject).to_have_value("Your order, Mr Lindqvist")

    subject.fill("About your order")
    expect(drawer).to_contain_text("The template says: Your order, Mr Lindqvist")
    card(sam).get_by_role("button", name="View Details").click()
    theirs = sam.page.get_by_role("dialog", name="Confirm by e-mail")
    expect(theirs).to_contain_text("Ana Agent is editing this")
    expect(theirs.get_by_label(re.compile("^Subject"))).to_have_value("About your order")
    expect(theirs.get_by_label(re.compile("^Subject"))).not_to_be_editable()

    drawer.get_by_role("button", name="Back to the template: Subject").click()
    expect(subject).to_have_value("Your order, Mr Lindqvist")
    ana.press("Escape")
    expect(theirs).not_to_contain_text("is editing this")


def test_the_review_leads_to_what_is_missing_and_then_fires(person: Enter) -> None:
    """[AX4, AX5] Invalid first and open; typed beside it; removed and put back; then it completes."""
    ana = person("agent")
    ana.start(ORDER)
    ana.fill("Customer", "Mr Lindqvist")
    review(ana)
    first = ana.page.locator("[data-review-line]").first
    expect(first).to_contain_text("Confirm by e-mail")
    expect(first).to_have_attribute("data-wrong", "true")
    expect(first.get_by_label(re.compile("^To"))).to_have_attribute("aria-invalid", "true")
    expect(ana.page.get_by_text("1 Action sent by itself after completion")).to_be_visible()

    ana.page.get_by_role("button", name="E-mail", exact=True).first.click()
    expect(ana.field("E-mail")).to_be_focused()
    ana.type("lindqvist@example.com")
    expect(first).not_to_have_attribute("data-wrong", "true")
    expect(first.get_by_label(re.compile("^To"))).to_have_value("lindqvist@example.com")
    line(ana, "Ship the order").get_by_role("button").first.click()
    expect(line(ana, "Ship the order")).to_contain_text("Always sent")
    line(ana, "Send a leaflet").get_by_role("button").first.click()
    ana.button("Remove Send a leaflet").click()
    expect(ana.button("Put back Send a leaflet")).to_be_visible()

    ana.button(FIRE).focus()
    ana.press("Enter")
    expect(ana.button(FIRE)).to_be_visible()
    ana.press("Control+Shift+Enter")

    expect(ana.page.locator("[data-outcome=won]")).to_be_visible()
    ana.button("Undo").click()
    expect(ana.page.get_by_role("heading", name="Review Actions")).to_be_visible()
    ana.button("Back to the Section").click()
    expect(ana.section).to_have_text("Order taken")
    expect(ana.section).to_be_focused()


def test_finishing_anyway_is_asked_once(person: Enter) -> None:
    """[AX5, AX8] What stays not fired is named, and offered by the record."""
    ana = person("agent")
    ana.start(ORDER)
    ana.fill("Customer", "Mr Lindqvist")
    review(ana)

    ana.button(FIRE).click()
    dialog = ana.page.get_by_role("dialog", name="1 Action stays not fired")
    expect(dialog).to_contain_text("Confirm by e-mail · needs E-mail")
    dialog.get_by_role("button", name="Back to the review").click()
    ana.button(FIRE).click()
    dialog.get_by_role("button", name="Finish anyway").click()

    expect(ana.page.locator("[data-outcome=won]")).to_be_visible()
    expect(ana.page.get_by_text(re.compile(r"Not fired 1"))).to_be_visible()
    ana.button("Show Actions").click()
    expect(line(ana, "Confirm by e-mail")).to_contain_text("Not fired")


def test_two_people_review_together(person: Enter) -> None:
    """[AX2, AX4, AX6] One edits at a time, by name and live; what the other may approve is open before him."""
    ana, sam = person("agent"), person("supervisor")
    ana.start(ORDER)
    fill_in(ana, credit="50")
    review(ana)
    sam.enter(ana.session_path)
    expect(sam.page.get_by_role("heading", name="Review Actions")).to_be_visible()
    expect(sam.page.locator("[data-review-line]").first).to_contain_text("Grant the credit")
    sam.button("Approve Grant the credit").click()
    expect(line(ana, "Grant the credit")).to_contain_text("Approved by Sam Supervisor")
    expect(sam.button(FIRE)).to_be_disabled()

    line(sam, "Ship the order").get_by_role("button").first.click()
    line(ana, "Ship the order").get_by_role("button").first.click()
    customer(sam).fill("Mrs Lindqvist")
    expect(line(ana, "Ship the order")).to_contain_text("Sam Supervisor is editing this")
    expect(customer(ana)).to_have_value("Mrs Lindqvist")
    expect(customer(ana)).not_to_be_editable()
    line(sam, "Send a leaflet").get_by_role("button").first.focus()
    expect(customer(ana)).to_be_editable()

    ana.button(FIRE).click()
    for screen in (ana, sam):
        expect(screen.page.locator("[data-outcome=won]")).to_be_visible()


def test_a_call_paused_in_its_review_waits_there(person: Enter) -> None:
    """[LC1] Everybody sees what it will go on with; after resuming it is fired."""
    ana, sam = person("agent"), person("supervisor")
    ana.start(ORDER)
    fill_in(ana)
    review(ana)
    ana.button("Pause").click()
    sam.enter(ana.session_path)
    for screen in (ana, sam):
        expect(screen.page.get_by_role("region", name="Paused")).to_be_visible()
        expect(screen.page.get_by_role("heading", name="Review Actions")).to_be_visible()
        expect(screen.button(FIRE)).to_be_disabled()

    ana.button("Resume").click()
    ana.button(FIRE).click()
    for screen in (ana, sam):
        expect(screen.page.locator("[data-outcome=won]")).to_be_visible()


def test_a_change_that_was_not_seen_fires_nothing(person: Enter) -> None:
    """[AX6] What was asked for over a slow line meets another Action than was on screen."""
    ana, sam = person("agent", elsewhere=True), person("supervisor")
    ana.start(ORDER)
    fill_in(ana)
    review(ana)
    sam.enter(ana.session_path)
    line(sam, "Send a leaflet").get_by_role("button").first.click()
    ana.page.context.set_offline(True)
    expect(ana.banner).to_be_visible()
    sam.button("Remove Send a leaflet").click()
    sam.is_saved()
    expect(sam.button("Put back Send a leaflet")).to_be_visible()

    ana.button(FIRE).click()
    ana.page.context.set_offline(False)

    expect(ana.page.get_by_role("alert").filter(has_text="Sam Supervisor changed something")).to_be_visible()
    expect(line(ana, "Send a leaflet")).to_contain_text("Changed")
    ana.button(FIRE).click()
    expect(ana.page.locator("[data-outcome=won]")).to_be_visible()


def test_a_second_person_approves_during_the_call(person: Enter) -> None:
    """[AX7] The driver waits, the supervisor decides; a decline says why, an edit asks anew."""
    ana, sam, cleo = person("agent"), person("supervisor"), person("coach")
    ana.start(ORDER)
    sam.watch(ana)
    cleo.watch(ana)
    fill_in(ana, credit="50")
    strip = ana.page.get_by_role("region", name="Approvals")
    expect(strip).to_contain_text("Grant the credit · Waiting for approval")
    expect(cleo.page.get_by_role("region", name="Approvals")).to_contain_text("Waiting for approval")
    expect(ana.button("Approve Grant the credit")).to_have_count(0)
    expect(cleo.button("Approve Grant the credit")).to_have_count(0)

    question = sam.page.get_by_role("article", name="Approve Grant the credit")
    expect(question).to_contain_text("50")
    question.get_by_role("button", name="Decline").click()
    question.get_by_label("Why (optional)").fill("Too much")
    sam.press("Enter")
    for screen in (ana, sam, cleo):
        approvals = screen.page.get_by_role("region", name="Approvals")
        expect(approvals).to_contain_text("Grant the credit · Declined by Sam Supervisor: Too much")
    ana.fill("Credit", "30")
    expect(strip).to_contain_text("Waiting for approval")
    question.get_by_role("button", name="Approve").click()

    for screen in (ana, sam, cleo):
        approvals = screen.page.get_by_role("region", name="Approvals")
        expect(approvals).to_contain_text("Grant the credit · Approved by Sam Supervisor")
        expect(screen.page.get_by_text("Grant the credit: Approved by Sam Supervisor")).to_be_attached()
    review(ana)
    expect(line(ana, "Grant the credit")).to_contain_text("Approved by Sam Supervisor")


def test_an_ended_sessions_record_opens_on_what_was_not_fired(person: Enter) -> None:
    """[AX8, AX9, AX10] Named in the dialog; edited and sent from the record."""
    ana = person("agent")
    ana.start(ORDER)
    ana.fill("Customer", "Mr Lindqvist")
    expect(card(ana)).to_contain_text("Needs E-mail")
    ana.section.click()
    ana.press("x")
    dialog = ana.page.get_by_role("dialog", name="End this Session early")
    expect(dialog).to_contain_text("4 Actions are not fired")
    expect(dialog).to_contain_text("Ship the order")
    ana.press("2")

    expect(ana.page.get_by_text("Not fired 4")).to_be_visible()
    email = line(ana, "Confirm by e-mail")
    expect(email.get_by_role("button", name="Send Confirm by e-mail")).to_be_disabled()
    email.get_by_label(re.compile("^To")).fill("lindqvist@example.com")
    email.get_by_label(re.compile("^To")).blur()
    email.get_by_role("button", name="Send Confirm by e-mail").click()
    expect(email).not_to_contain_text("Not fired")
    line(ana, "Send a leaflet").get_by_role("button").first.click()
    line(ana, "Send a leaflet").get_by_role("button", name="Dismiss…").click()
    line(ana, "Send a leaflet").get_by_label("Why (optional)").fill("Has one")
    line(ana, "Send a leaflet").get_by_role("button", name="Dismiss", exact=True).click()
    expect(line(ana, "Send a leaflet")).to_contain_text("Dismissed by Ana Agent: Has one")


def test_going_back_says_what_it_does_to_actions(person: Enter) -> None:
    """[AX10] Only if there is something to say."""
    ana = person("agent")
    ana.start(ORDER)
    ana.go_on("Ordered")
    back = ana.page.get_by_role("button", name=re.compile("^Back to Taking the order"))
    back.click()
    expect(ana.section).to_have_text("Taking the order")
    ana.go_on("Wants extras")
    card(ana, "Insure the parcel").get_by_role("button", name="Send", exact=True).click()
    expect(card(ana, "Insure the parcel")).to_have_count(0)

    back.click()
    dialog = ana.page.get_by_role("dialog", name="Back to Taking the order")
    expect(dialog).to_contain_text("Wrap it as a gift")
    expect(dialog).to_contain_text("Insure the parcel · “Take the insurance back” makes up for it")
    dialog.get_by_role("button", name="Go back").click()

    expect(ana.section).to_have_text("Taking the order")
    review(ana)
    expect(line(ana, "Take the insurance back")).to_be_visible()
    expect(line(ana, "Wrap it as a gift")).to_have_count(0)


@pytest.mark.long
def test_axe_finds_nothing_during_the_call(person: Enter) -> None:
    """[AX1, AX2, AX7] Cards, form and approvals, light and dark."""
    ana, sam = person("agent", elsewhere=True), person("supervisor", elsewhere=True)
    ana.start(ORDER)
    sam.watch(ana)
    axe_finds_nothing(ana)
    card(ana).get_by_role("button", name="View Details").click()
    expect(ana.page.get_by_role("dialog").get_by_label(re.compile("^To"))).to_be_visible()
    axe_finds_nothing(ana)
    ana.press("Escape")
    ana.fill("Customer", "Mr Lindqvist")
    ana.fill("Credit", "50")
    expect(sam.button("Approve Grant the credit")).to_be_visible()
    axe_finds_nothing(sam)


def test_axe_finds_nothing_in_the_review_and_on_the_record(person: Enter) -> None:
    """[AX4, AX5, AX8] With what cannot be sent open, light and dark."""
    ana = person("agent", elsewhere=True)
    ana.start(ORDER)
    ana.fill("Customer", "Mr Lindqvist")
    review(ana)
    expect(ana.page.get_by_label(re.compile("^Subject"))).to_be_visible()
    axe_finds_nothing(ana)
    ana.button(FIRE).click()
    ana.button("Finish anyway").click()
    ana.button("Show Actions").click()
    line(ana, "Confirm by e-mail").get_by_role("button").first.click()
    expect(ana.page.get_by_label(re.compile("^Subject"))).to_be_visible()
    axe_finds_nothing(ana)
