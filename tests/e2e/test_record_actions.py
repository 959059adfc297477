"""What becomes of Actions after the call: sent, failed, tried again, perhaps sent, held, corrected, and in practice."""

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from playwright.sync_api import Locator, expect

from server.receiver.behaviour import Behaviour, Misbehaviour
from server.receiver.secret import demo_signing_secret
from server.settings import Settings
from tests.e2e.conftest import SUPPORT, Enter
from tests.e2e.screens import Screen
from tests.e2e.test_accessible import axe_finds_nothing
from tests.support.installation import Installation

BREAKDOWN = "Breakdown call"
TRUCK, GARAGE, TAXI, HIRE_CAR = "Send a tow truck", "Tell the garage", "Pay for the taxi", "Book a hire car"

DROPS_REPEATS = {"Tow trucks": "yes", "Garages": "yes", "Taxi desk": "no", "Hire desk": "no"}
"""By Connection; whose receiver does not, is sent nothing twice by itself."""

DROPS_AFTER_EFFECT = {"drop": True, "after_effect": True, "times": 1}

RETRIED_MS = 20_000
UNDO_OVER_MS = 30_000


class Receiver:
    """The demo's receiver: told how to behave, asked what arrived."""

    def __init__(self, address: str) -> None:
        self._http = httpx.Client(base_url=address, trust_env=False, timeout=10)

    def misbehave(self, *ways: tuple[str, dict[str, Any]]) -> None:
        """Each hook in its way, and all others well."""
        told = Behaviour(misbehaviours=tuple(Misbehaviour(name=name, **way) for name, way in ways))
        self._http.put("/api/behaviour", content=msgspec.json.encode(told)).raise_for_status()

    def effects(self, name: str, key: str, value: str) -> list[dict[str, Any]]:
        """Of the webhooks whose data say this: their data, the oldest first."""
        entries = self._http.get("/api/deliveries").json()["entries"]
        done = [entry for entry in entries if entry["kind"] == "delivery" and entry["has_effect"]]
        sent = [msgspec.json.decode(entry["body"])["data"] for entry in done if entry["name"] == name]
        return [data for data in sent if data[key] == value]

    def close(self) -> None:
        """Ask it nothing more."""
        self._http.close()


@pytest.fixture(scope="module", autouse=True)
def breakdown(installation: Installation) -> None:
    """The Workflow, and Connections of its own to the demo's receiver."""
    command = [sys.executable, "-m", "server", "workflows", "import", str(SUPPORT / "breakdown.yaml"), "--data-dir"]
    subprocess.run([*command, str(installation.data_dir)], check=True, capture_output=True)
    secret = demo_signing_secret(Settings(data_dir=str(installation.data_dir.resolve())))
    host = f"admin.localhost:{installation.port}"
    at_home = {"Host": host, "Origin": f"http://{host}"}
    with httpx.Client(base_url=installation.address, headers=at_home, trust_env=False, timeout=10) as admin:
        signed_in = admin.post("/api/demo/sign-in").raise_for_status()
        admin.headers["Cookie"] = signed_in.headers["set-cookie"].partition(";")[0]
        for name, drops_repeats in DROPS_REPEATS.items():
            url = f"{installation.receiver_address}/hooks/{hook(name)}"
            settings = {"url": url, "deduplicates": drops_repeats}
            asked = {"integration": "webhook", "name": name, "settings": settings}
            admin.post("/api/connections", json=asked | {"secrets": {"signing_secret": secret}}).raise_for_status()


@pytest.fixture
def receiver(house: Installation) -> Iterator[Receiver]:
    """It behaves, before and after."""
    receiver = Receiver(house.receiver_address)
    receiver.misbehave()
    yield receiver
    receiver.misbehave()
    receiver.close()


def hook(connection: str) -> str:
    """The last part of the address that a Connection leads to."""
    return connection.lower().replace(" ", "-")


def line(screen: Screen, name: str) -> Locator:
    """One Action in the review or on the record; the first of two."""
    button = screen.page.get_by_role("button", name=re.compile(f"^{name}"))
    return screen.page.get_by_role("listitem").filter(has=button).first


def unfold(screen: Screen, name: str) -> Locator:
    """The same, with its values and what may be done about it."""
    found = line(screen, name)
    found.get_by_role("button").first.click()
    expect(found.get_by_role("region", name=f"Values of {name}")).to_be_visible()
    return found


def press(found: Locator, name: str) -> None:
    """One of an Action's buttons."""
    found.get_by_role("button", name=name, exact=True).click()


def take_call(screen: Screen, driver: str, *, practice: bool = False, station: str = "Main Street") -> str:
    """A call with all that its Actions need; its number plate."""
    screen.start(BREAKDOWN, practice=practice)
    plate = f"{driver.upper()}-{screen.session_id[:8]}"
    screen.fill("Driver", driver)
    screen.fill("Number plate", plate)
    if station:
        screen.fill("Hire station", station)
    return plate


def end(screen: Screen) -> None:
    """Early: nothing is fired, and the record opens on that."""
    screen.button("End Session").click()
    screen.press("1")
    expect(screen.page.locator("[data-outcome=ended]")).to_be_visible()
    expect(screen.button("Hide Actions")).to_be_visible()


def totals(screen: Screen) -> Locator:
    """How many stand where."""
    return screen.page.get_by_role("region", name="Actions", exact=True).get_by_role("paragraph").first


def is_told(found: Locator, *words: str | re.Pattern[str], within_ms: int = 10_000) -> None:
    """What stands on the Action's line."""
    for each in words:
        expect(found.get_by_role("button").first).to_contain_text(each, timeout=within_ms)


def test_a_won_call_is_completed_and_its_actions_are_fired(person: Enter, receiver: Receiver) -> None:
    """[AX4, AX5, AX8, AC8] Over the review to the record; nothing leaves while it can be undone."""
    ana = person("agent")
    plate = take_call(ana, "Winona", station="")
    ana.go_on("Help is on its way")
    ana.button("Complete Session").click()
    expect(ana.page.get_by_role("heading", name="Review Actions")).to_be_visible()
    ana.button("Complete Session & Fire Actions").click()
    ana.page.get_by_role("dialog", name="1 Action stays not fired").get_by_role("button", name="Finish anyway").click()

    outcome = ana.page.locator("[data-outcome=won]")
    expect(outcome).to_contain_text("WON")
    expect(totals(ana)).to_have_text("Pending 3 · Not fired 1")
    expect(ana.button("Undo")).to_be_visible()
    assert receiver.effects("tow-trucks", "plate", plate) == []
    red, green, blue = map(int, re.findall(r"\d+", outcome.evaluate("it => getComputedStyle(it).borderLeftColor")))
    assert green > max(red, blue), "the stripe of a won call is green"
    expect(outcome).to_have_css("border-left-width", "6px")

    ana.button("Show Actions").click()
    is_told(line(ana, TRUCK), "Pending", "Goes out at")
    is_told(line(ana, HIRE_CAR), "Not fired", "Needs Hire station")
    expect(totals(ana)).to_have_text("Sent 3 · Not fired 1", timeout=UNDO_OVER_MS)
    is_told(line(ana, TRUCK), "to Tow trucks", "Sent", "At ")
    expect(ana.button("Undo")).to_be_hidden()
    assert receiver.effects("tow-trucks", "plate", plate) == [{"plate": plate}]


def test_a_failed_action_is_edited_and_sent_from_the_record(person: Enter, receiver: Receiver) -> None:
    """[AX9, AC15] It says why it failed; what is typed instead is what arrives; each attempt is listed."""
    ana = person("agent")
    plate = take_call(ana, "Fay")
    receiver.misbehave(("garages", {"status": 422, "times": 1}))
    end(ana)
    garage = unfold(ana, GARAGE)
    press(garage, f"Send {GARAGE}")
    is_told(garage, "Failed", "The receiver answered 422")
    expect(totals(ana)).to_have_text("Failed 1 · Not fired 3")
    assert receiver.effects("garages", "plate", plate) == []

    field = garage.get_by_role("textbox", name="Plate")
    expect(field).to_have_value(plate)
    field.fill(f"{plate}-X")
    field.blur()
    ana.is_saved()
    expect(garage).to_contain_text(f"The template says: {plate}")
    press(garage, f"Send {GARAGE}")

    is_told(garage, "Sent")
    attempts = garage.get_by_role("list").get_by_role("listitem")
    expect(attempts).to_contain_text([re.compile(r"Refused \(422\)"), re.compile(r"Sent \(200\)")])
    expect(field).not_to_be_editable()
    assert receiver.effects("garages", "plate", f"{plate}-X") == [{"plate": f"{plate}-X"}]


@pytest.mark.long
def test_what_can_be_tried_again_says_when_and_is(person: Enter, receiver: Receiver) -> None:
    """[AX8, AC13] Counted down, without anybody's hand."""
    ana = person("agent")
    plate = take_call(ana, "Rita")
    receiver.misbehave(("tow-trucks", {"status": 503, "times": 1}))
    end(ana)

    truck = unfold(ana, TRUCK)
    press(truck, f"Send {TRUCK}")
    is_told(truck, "Pending", "The receiver answered 503", re.compile(r"Next try .+, in \d s"))
    expect(truck.get_by_role("button", name=f"Cancel {TRUCK}")).to_be_visible()

    is_told(truck, "Sent", within_ms=RETRIED_MS)
    expect(truck.get_by_role("list").get_by_role("listitem")).to_have_count(2)
    assert receiver.effects("tow-trucks", "plate", plate) == [{"plate": plate}]


@pytest.mark.long
def test_what_may_have_been_sent_is_for_people_to_settle(person: Enter, receiver: Receiver) -> None:
    """[AX9, AC13, AC15] Not sent again by itself; again after a question, marked as sent, or dismissed."""
    ana = person("agent")
    plate = take_call(ana, "Una")
    receiver.misbehave(("taxi-desk", DROPS_AFTER_EFFECT), ("hire-desk", DROPS_AFTER_EFFECT))
    end(ana)
    taxi, hire_car = unfold(ana, TAXI), unfold(ana, HIRE_CAR)
    press(taxi, f"Send {TAXI}")
    press(hire_car, f"Send {HIRE_CAR}")
    for found in (taxi, hire_car):
        is_told(found, "May have been sent", "Check before sending again")
        expect(found.get_by_role("button", name="Look up")).to_have_count(0)
    expect(totals(ana)).to_have_text("May have been sent 2 · Not fired 2")
    assert receiver.effects("taxi-desk", "plate", plate) == [{"plate": plate}]

    press(taxi, "Send again…")
    question = taxi.get_by_role("group", name="Send again")
    expect(question).to_contain_text("may then arrive twice")
    expect(question.get_by_role("button", name="Back")).to_be_focused()
    ana.press("Enter")
    expect(question).to_be_hidden()
    is_told(taxi, "May have been sent")
    press(taxi, "Send again…")
    press(question, "Send again")
    is_told(taxi, re.compile("Sent.*At "))
    expect(taxi.get_by_role("list").get_by_role("listitem")).to_contain_text(
        [re.compile("No clear answer"), re.compile(r"Sent \(200\)")]
    )

    press(hire_car, "Mark as sent…")
    hire_car.get_by_label("Why (optional)").fill("They have it")
    press(hire_car, "Mark as sent")
    is_told(hire_car, "Sent", "Marked by Ana Agent", "They have it")
    assert receiver.effects("hire-desk", "plate", plate) == [{"plate": plate, "station": "Main Street"}]


@pytest.mark.long
def test_what_may_have_been_sent_is_dismissed_with_a_reason(person: Enter, receiver: Receiver) -> None:
    """[AX9, AC15] It stays what it is, and says who wants nothing more of it."""
    ana = person("agent")
    take_call(ana, "Dora")
    receiver.misbehave(("taxi-desk", DROPS_AFTER_EFFECT))
    end(ana)
    taxi = unfold(ana, TAXI)
    press(taxi, f"Send {TAXI}")
    is_told(taxi, "May have been sent")

    press(taxi, "Dismiss…")
    taxi.get_by_label("Why (optional)").fill("Paid in cash")
    press(taxi, "Dismiss")

    is_told(taxi, "May have been sent", "Dismissed by Ana Agent: Paid in cash")
    expect(taxi.get_by_role("button", name="Dismiss…")).to_have_count(0)


@pytest.mark.long
def test_what_is_held_can_be_cancelled(person: Enter, receiver: Receiver) -> None:
    """[AX9, AC8] A day is time enough to think again; the rest goes."""
    ana = person("agent")
    ana.start()
    account = str(int(ana.session_id[:7], 16)).zfill(9)
    ana.fill("Account number", account)
    ana.go_on("Verified")
    ana.go_on("Wants to leave")
    ana.go_on("Price")
    ana.go_on("Declines")
    ana.button("Complete Session").click()
    anyway = ana.button("Finish anyway")
    fire = ana.button("Complete Session & Fire Actions")
    expect(fire).to_be_visible()
    fire.click()
    anyway.click()
    ana.button("Show Actions").click()
    order = unfold(ana, "Cease the service")
    is_told(order, "Pending", re.compile(r"Goes out at \d+ \w+"))

    press(order, "Cancel Cease the service")

    is_told(order, "Not fired")
    expect(order.get_by_role("button", name="Send Cease the service")).to_be_enabled()
    is_told(line(ana, "Report the outcome"), "Sent", within_ms=UNDO_OVER_MS)
    assert receiver.effects("billing", "account_number", account) == []


def test_a_field_that_was_sent_and_is_corrected_leads_to_a_second_send(person: Enter, receiver: Receiver) -> None:
    """[AX9, AC15, FD10] Sent and now stand beside each other; the receiver gets both."""
    ana = person("agent")
    plate = take_call(ana, "Cora")
    end(ana)
    truck = unfold(ana, TRUCK)
    press(truck, f"Send {TRUCK}")
    is_told(truck, "Sent")

    ana.button("Edit").click()
    ana.field("Number plate").fill(f"{plate}-NEW")
    ana.button("Save").click()
    is_told(truck, "Out of date")
    old = truck.get_by_role("region", name=f"Out of date: {TRUCK}")
    expect(old.get_by_role("row")).to_have_text([re.compile("Sent.*Now"), f"Plate{plate}{plate}-NEW"])
    press(old, "Prepare a corrected send")
    expect(old).to_contain_text("A corrected send is prepared.")
    second = ana.page.get_by_role("listitem").filter(has_text="Corrects an earlier send")
    expect(second.get_by_role("button").first).to_be_focused()
    press(second, f"Send {TRUCK}")

    is_told(second, "Sent")
    expect(old).to_contain_text("A corrected send went out.")
    expect(old.get_by_role("button")).to_have_text(["Go to it"])
    expect(ana.page.get_by_text("Out of date", exact=True)).to_have_count(0)
    assert receiver.effects("tow-trucks", "plate", plate) == [{"plate": plate}]
    assert receiver.effects("tow-trucks", "plate", f"{plate}-NEW") == [{"plate": f"{plate}-NEW"}]


@pytest.mark.long
def test_practice_sends_nothing_and_says_so(person: Enter, receiver: Receiver) -> None:
    """[DI4] All goes as in a call, but for the receiver."""
    ana = person("agent")
    plate = take_call(ana, "Petra", practice=True)
    end(ana)

    truck = unfold(ana, TRUCK)
    press(truck, f"Send {TRUCK}")

    is_told(truck, "Sent", "Practice: nothing was sent.")
    assert receiver.effects("tow-trucks", "plate", plate) == []


@pytest.mark.long
def test_a_supervisor_sees_what_becomes_of_it_as_it_happens(person: Enter, receiver: Receiver) -> None:
    """[AX3, AX8, AX9] On a page of their own; and may go on where the agent stopped."""
    ana, sam = person("agent"), person("supervisor")
    take_call(ana, "Sue")
    receiver.misbehave(("garages", {"status": 422, "times": 1}))
    end(ana)
    sam.watch(ana)
    expect(totals(sam)).to_have_text("Not fired 4")
    theirs, ours = unfold(sam, GARAGE), unfold(ana, GARAGE)

    press(ours, f"Send {GARAGE}")
    is_told(theirs, "Failed", "The receiver answered 422")
    expect(totals(sam)).to_have_text("Failed 1 · Not fired 3")
    press(theirs, f"Send {GARAGE}")

    for found in (theirs, ours):
        is_told(found, "Sent")
        expect(found.get_by_role("list").get_by_role("listitem")).to_have_count(2)


@pytest.mark.long
def test_axe_finds_nothing_on_a_record_with_all_that_can_become_of_actions(person: Enter, receiver: Receiver) -> None:
    """[AX8, AX9] Failed, perhaps sent, pending, sent and out of date; all unfolded, light and dark."""
    ana = person("agent", elsewhere=True)
    plate = take_call(ana, "Axel")
    receiver.misbehave(
        ("garages", {"status": 422}),
        ("taxi-desk", DROPS_AFTER_EFFECT),
        ("hire-desk", {"status": 503, "retry_after": "600"}),
    )
    end(ana)
    became = {TRUCK: "Sent", GARAGE: "Failed", TAXI: "May have been sent", HIRE_CAR: "Pending"}
    for name, status in became.items():
        found = unfold(ana, name)
        press(found, f"Send {name}")
        is_told(found, status)
    ana.button("Edit").click()
    ana.field("Number plate").fill(f"{plate}-NEW")
    ana.button("Save").click()
    is_told(line(ana, TRUCK), "Out of date")
    press(line(ana, TAXI), "Mark as sent…")

    axe_finds_nothing(ana)

    press(line(ana, HIRE_CAR), f"Cancel {HIRE_CAR}")
    is_told(line(ana, HIRE_CAR), "Not fired")
