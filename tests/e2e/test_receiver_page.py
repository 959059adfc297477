"""The demo receiver's page: what arrives appears, in words; misbehaving is a click; everybody can use it."""

import re
import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from standardwebhooks.webhooks import Webhook

from server.receiver.behaviour import Behaviour, MailFault, MailMisbehaviour, Misbehaviour
from tests.e2e.test_accessible import AXE, RULES, RUN_AXE
from tests.support.storm_receiver import SECRET, StormReceiver, storm_receiver

pytestmark = pytest.mark.long
"""The receiver is a tool of ours, and its page is tried when it changes."""

BODY = '{"event":"session.completed","fields":{"email":"zoe@example.org","note":"' + "long " * 60 + '"}}'


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StormReceiver]:
    with storm_receiver(tmp_path_factory.mktemp("receiver") / "output") as receiver:
        yield receiver


@pytest.fixture
def receiver(running: StormReceiver) -> StormReceiver:
    """A receiver that behaves and has received nothing."""
    running.behave(Behaviour())
    running.clear()
    return running


@pytest.fixture
def page(browser: Browser, receiver: StormReceiver) -> Iterator[Page]:
    """Its page. Nothing that the page does may be complained about by the browser."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=receiver.address)
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(receiver.address)
    yield page
    context.close()
    assert problems == []


def deliver(receiver: StormReceiver, message_id: str, *, name: str = "crm", secret: str | None = SECRET) -> int:
    """One delivery; its status."""
    headers = {"webhook-id": message_id}
    if secret is not None:
        now = datetime.now(UTC)
        headers["webhook-timestamp"] = str(int(now.timestamp()))
        headers["webhook-signature"] = Webhook(secret).sign(message_id, now, BODY)
    return httpx.post(receiver.hook(name), content=BODY, headers=headers).status_code


def send_email(receiver: StormReceiver) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "coach@example.org", "zoe@example.org", "Your appointment"
    message.set_content("See you on Friday.")
    with smtplib.SMTP("127.0.0.1", receiver.mail_port) as sender:
        sender.send_message(message)


def fill(receiver: StormReceiver) -> None:
    """One arrival of each kind, and something of each kind switched on."""
    deliver(receiver, "act_1")
    deliver(receiver, "act_1")
    deliver(receiver, "act_2", secret=None, name="erp")
    deliver(receiver, "act_3", secret="whsec_c29tZWJvZHkgZWxzZQ==")
    send_email(receiver)
    receiver.behave(
        Behaviour(
            misbehaviours=(Misbehaviour(name="crm", status=429, retry_after="7", probability=0.2),),
            mail=(MailMisbehaviour(fault=MailFault.REFUSE_FOR_NOW, times=3),),
        )
    )


def test_says_what_will_appear_and_then_shows_it(page: Page, receiver: StormReceiver) -> None:
    """[RX9] The newest on top, its mark in words, its body when it is opened."""
    expect(page.get_by_role("heading", name="Nothing has arrived yet")).to_be_visible()
    expect(page.get_by_text(f"POST {receiver.address}/hooks/NAME")).to_be_visible()
    expect(page.get_by_text(f"127.0.0.1, port {receiver.mail_port}")).to_be_visible()

    fill(receiver)

    rows = page.get_by_role("list").first.get_by_role("listitem")
    expect(rows).to_contain_text(
        [
            re.compile("E-mail.*Your appointment.*zoe@example.org.*250 ok"),
            re.compile("Wrong signature.*crm.*Answered 401.*No effect"),
            re.compile("Not signed.*erp.*Answered 200.*One effect"),
            re.compile("Verified.*crm.*Answered 200.*Repeat, no new effect"),
            re.compile("Verified.*crm.*session.completed.*Answered 200.*One effect"),
        ]
    )
    expect(page.get_by_role("status")).to_have_text("5 arrivals, 3 effects")
    expect(page.get_by_role("heading", name="Nothing has arrived yet")).to_be_hidden()

    rows.nth(1).locator("summary").click()
    expect(rows.nth(1)).to_contain_text("Wrong: no signature fits the receiver's secret")
    expect(rows.nth(1)).to_contain_text('"email": "zoe@example.org"')


def test_filters_copies_and_clears(page: Page, receiver: StormReceiver) -> None:
    """[RX9] By name; what comes later is filtered, too."""
    fill(receiver)
    rows = page.locator("#list > li:visible")
    expect(rows).to_have_count(5)

    page.get_by_label("Show").select_option("erp")
    expect(rows).to_have_count(1)
    deliver(receiver, "act_4", name="erp", secret=None)
    expect(rows).to_have_count(2)
    rows.first.locator("summary").click()
    rows.first.get_by_role("button", name="Copy").click()
    expect(rows.first.get_by_role("button", name="Copied")).to_be_visible()
    assert '"event": "session.completed"' in page.evaluate("navigator.clipboard.readText()")

    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("heading", name="Nothing has arrived yet")).to_be_visible()
    deliver(receiver, "act_5")
    expect(rows).to_have_count(1)


def test_misbehaves_and_behaves_again_by_keyboard_alone(page: Page, receiver: StormReceiver) -> None:
    """[RX9] Focus stays where one can go on."""
    page.get_by_label("Hook", exact=True).focus()
    page.keyboard.type("crm")
    page.keyboard.press("Tab")
    page.keyboard.type("Until")
    button = page.get_by_role("button", name="Answer 503")
    while not button.evaluate("(element) => element === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("crm: 503", exact=True)).to_be_visible()
    assert [deliver(receiver, "act_1"), deliver(receiver, "act_2", name="erp")] == [503, 200]
    expect(page.get_by_text("Answered 503")).to_be_visible()

    off = page.get_by_role("button", name="Switch off: crm: 503")
    while not off.evaluate("(element) => element === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_text("Nothing: everything is answered at once")).to_be_visible()
    expect(page.get_by_role("button", name="Behave again")).to_be_focused()
    assert deliver(receiver, "act_3") == 200


def test_every_button_misbehaves_as_it_says(page: Page, receiver: StormReceiver) -> None:
    """[RX9] Each with what it needs; the list says all that is on, and one click ends it."""
    page.get_by_label("How often").select_option("By chance")
    page.get_by_label("Percent").fill("25")
    buttons = page.get_by_role("group").get_by_role("button")
    expect(buttons).to_have_count(11)
    active = page.get_by_role("list", name="Switched on").get_by_role("listitem")
    for place, button in enumerate(buttons.all()):
        button.click()
        expect(active).to_have_count(place + 1)
    told = httpx.get(f"{receiver.address}/api/behaviour").json()
    assert all(rule["probability"] == 0.25 for rule in [*told["misbehaviours"], *told["mail"]])
    assert told["misbehaviours"][1]["retry_after"] == "5"
    assert told["misbehaviours"][2]["errors"] == {"email": "is not accepted"}
    expect(active.first).to_contain_text("All hooks: 503, 25 % of the time")

    page.get_by_label("A repeated id counts once").uncheck()
    page.get_by_role("button", name="Behave again").click()
    expect(active).to_have_count(0)
    left = httpx.get(f"{receiver.address}/api/behaviour").json()
    assert (left["idempotent"], left["misbehaviours"], left["mail"]) == (False, [], [])


def test_says_when_the_receiver_is_gone_and_finds_the_next_one(browser: Browser, tmp_path: Path) -> None:
    """[RX9] What the one before had received is gone with it."""
    page = browser.new_page()
    with storm_receiver(tmp_path / "first") as receiver:
        port = int(receiver.address.rpartition(":")[2])
        page.goto(receiver.address)
        deliver(receiver, "act_1")
        expect(page.locator("#list > li")).to_have_count(1)
    expect(page.get_by_role("alert")).to_contain_text("does not answer")

    with storm_receiver(tmp_path / "second", port=port):
        expect(page.get_by_role("alert")).to_be_empty()
        expect(page.locator("#list > li")).to_have_count(0)
    page.close()


@pytest.mark.parametrize("is_filled", [False, True], ids=["empty", "filled"])
@pytest.mark.parametrize("width", [320, 1440])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    page: Page, receiver: StormReceiver, width: int, is_filled: bool
) -> None:
    """[RX9] WCAG 2.2 A and AA in light and dark, on a phone and on a desk."""
    page.set_viewport_size({"width": width, "height": 900})
    if is_filled:
        fill(receiver)
        expect(page.locator("#list > li")).to_have_count(5)
        for row in page.locator("summary").all():
            row.click()
        expect(page.locator("#active > li")).to_have_count(2)
    page.evaluate(AXE)
    for colours, rules in RULES.items():
        page.emulate_media(color_scheme=colours, reduced_motion="reduce")
        found: list[str] = page.evaluate(RUN_AXE, rules)
        assert not found, "\n".join([f"in {colours} colours:", *found])
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
