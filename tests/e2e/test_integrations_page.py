"""The page of Integrations: an administrator's work from the first Connection to its delivery log, and one's own."""

import asyncio
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Locator, expect

from protocol.actions import OutcomeKind
from server.actions.outcomes import Outcome
from server.app import build_app
from server.auth.demo import DEMO_PEOPLE, TEAM_ID, TEAM_NAME
from server.records.database import Database
from server.records.people import SqlPeople
from server.settings import Settings
from server.store.memory import MemoryStore
from server.worker import http_config
from tests.e2e.screens import Screen
from tests.e2e.test_accessible import axe_finds_nothing, never_scrolls_sideways
from tests.support.installation import eventually
from tests.support.integrations import MODULES, FakeSender

TOKEN = "tok_live_51Hq8Zc9aa2f"


@dataclass
class Office:
    """A server with two Integrations that reach nobody, and who comes to it."""

    port: int
    browser: Browser
    sender: FakeSender
    screens: list[Screen] = field(default_factory=list)

    def enter(self, label: str, path: str = "/integrations") -> Screen:
        """Somebody's tab in a browser of their own."""
        device = self.browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
        screen = Screen(device, label, self.port).enter(path)
        self.screens.append(screen)
        return screen


@pytest.fixture
def office(tmp_path: Path, browser: Browser) -> Iterator[Office]:
    """Up for one test."""
    sender = FakeSender()
    listening = socket.create_server(("127.0.0.1", 0))
    port: int = listening.getsockname()[1]
    servers: list[uvicorn.Server] = []

    async def serve() -> None:
        settings = Settings(data_dir=str(tmp_path), port=port, demo=True)
        database = Database(settings.sql_url)
        await database.migrate()
        await SqlPeople(database).add_team(TEAM_ID, TEAM_NAME, [person.actor for person in DEMO_PEOPLE])
        await database.close()
        server = uvicorn.Server(http_config(build_app(settings, MemoryStore(), MODULES, sender)))
        servers.append(server)
        await server.serve(sockets=[listening])

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    eventually(lambda: servers and servers[0].started, 20)
    office = Office(port, browser, sender)
    yield office
    for screen in office.screens:
        screen.page.context.close()
    servers[0].should_exit = True
    thread.join()
    assert [problem for screen in office.screens for problem in screen.problems] == []


def card(screen: Screen, name: str) -> Locator:
    """One Integration."""
    return screen.page.get_by_role("region", name=name, exact=True)


def dialog(screen: Screen, name: str) -> Locator:
    """What is asked."""
    return screen.page.get_by_role("dialog", name=name)


def choose(screen: Screen, connection: str, item: str) -> None:
    """An entry of a Connection's menu."""
    screen.button(f"More for {connection}").click()
    screen.page.get_by_role("menuitem", name=item).click()


def make_webhook(screen: Screen, name: str = "Backoffice") -> str:
    """The account's Connection; its drawn secret."""
    screen.button("Add Connection to Webhook").click()
    form = dialog(screen, "New Connection: Webhook")
    form.get_by_label("Name").fill(name)
    form.get_by_label("Address").fill("https://hooks.example.org/calls")
    form.get_by_label("Bearer token").fill(TOKEN)
    form.get_by_role("button", name="Save").click()
    shown = dialog(screen, f"Secret of {name}")
    secret = shown.locator("code").inner_text()
    axe_finds_nothing(screen)
    shown.get_by_role("button", name="I have put it away").click()
    expect(shown).to_be_hidden()
    return secret


def test_an_administrator_makes_tests_and_reads_a_connection(office: Office) -> None:
    """[CO12, CO2, CO7, CO8] The form is drawn from the description; no secret comes back to the page."""
    ada = office.enter("admin")
    expect(card(ada, "Webhook")).to_contain_text("No Connection yet")
    axe_finds_nothing(ada)
    secret = make_webhook(ada)
    assert secret.startswith("whsec_")

    ada.button("Test connection").click()
    expect(card(ada, "Webhook").get_by_role("status")).to_contain_text("Works")
    office.sender.outcome = Outcome(
        kind=OutcomeKind.UNAUTHORISED, status=401, message="The receiver refused the token.", excerpt=f"no {TOKEN}"
    )
    ada.button("Test connection").click()
    expect(card(ada, "Webhook")).to_contain_text("Needs attention")
    banner = ada.page.get_by_role("status").filter(has_text="Backoffice was not let in")
    expect(banner).to_contain_text("nothing is lost: give it good credentials by Edit, then test it")
    expect(card(ada, "Webhook").get_by_role("status")).to_contain_text("no •••")
    axe_finds_nothing(ada)

    choose(ada, "Backoffice", "Edit…")
    form = dialog(ada, "Edit Backoffice")
    expect(form.get_by_label("Bearer token")).to_have_attribute("placeholder", "Set, ends in …aa2f")
    expect(form).to_contain_text("Leave empty to keep it.")
    axe_finds_nothing(ada)
    form.get_by_label("Bearer token").fill(TOKEN + "-next")
    form.get_by_role("button", name="Save").click()
    expect(card(ada, "Webhook")).to_contain_text("OK")
    expect(banner).to_have_count(0)

    choose(ada, "Backoffice", "Deliveries")
    expect(ada.page.get_by_role("heading", name="Deliveries of Backoffice")).to_be_visible()
    rows = ada.page.get_by_role("row").filter(has_text="Test connection")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("Not let in · 401")
    rows.nth(0).get_by_role("button", name=re.compile("^Details")).click()
    expect(ada.page.get_by_text("no •••")).to_be_visible()
    axe_finds_nothing(ada)
    ada.page.get_by_role("searchbox", name="Find deliveries").fill("401")
    expect(rows).to_have_count(1)
    ada.page.get_by_role("searchbox", name="Find deliveries").fill("nothing like it")
    expect(ada.page.get_by_text("No delivery matches")).to_be_visible()
    assert not ada.holds_text(TOKEN)


@pytest.mark.long
def test_rotating_disabling_and_deleting(office: Office) -> None:
    """[CO12, CO5, CO6] What cannot be undone is asked about first."""
    ada = office.enter("admin")
    first = make_webhook(ada)

    choose(ada, "Backoffice", "Rotate secret…")
    axe_finds_nothing(ada)
    ada.button("Rotate secret").click()
    shown = dialog(ada, "Secret of Backoffice")
    expect(shown.locator("code")).to_have_text(re.compile("^whsec_"))
    assert shown.locator("code").inner_text() != first
    shown.get_by_role("button", name="I have put it away").click()
    expect(card(ada, "Webhook")).to_contain_text("both secrets sign until")

    choose(ada, "Backoffice", "Disable")
    expect(card(ada, "Webhook")).to_contain_text("Disabled")
    choose(ada, "Backoffice", "Enable")
    expect(card(ada, "Webhook")).to_contain_text("OK")

    card(ada, "Webhook").get_by_role("switch").press("Space")
    expect(card(ada, "Webhook").get_by_role("switch")).not_to_be_checked()

    choose(ada, "Backoffice", "Delete…")
    axe_finds_nothing(ada)
    ada.button("Delete").click()
    expect(card(ada, "Webhook")).to_contain_text("No Connection yet")


@pytest.mark.long
def test_a_test_fire_sends_what_was_typed(office: Office) -> None:
    """[CO8, CO12] Its form is drawn from the action's parameters; what the other side finds wrong is shown."""
    ada = office.enter("admin")
    ada.button("Add Connection to E-mail").click()
    form = dialog(ada, "New Connection: E-mail")
    for label, text in {"Name": "Mailbox", "Mail server": "mail.example.org", "From": "a@b.example"}.items():
        form.get_by_label(label).fill(text)
    form.get_by_label(re.compile("^Password")).fill("correct horse battery")
    form.get_by_role("button", name="Save").click()

    choose(ada, "Mailbox", "Test fire…")
    fire = dialog(ada, "Test fire: Mailbox")
    fire.get_by_label("To", exact=False).first.fill("ada@example.org")
    fire.get_by_label("Urgent").check()
    fire.get_by_label("Copies").fill("2")
    axe_finds_nothing(ada)
    fire.get_by_role("button", name="Send now").click()
    expect(fire.get_by_role("status")).to_contain_text("Sent")

    ((order, _),) = office.sender.sent
    assert order.parameters == {
        "to": "ada@example.org",
        "subject": "Test from Sidecoach",
        "body": "This is a test from Sidecoach.",
        "urgent": True,
        "copies": 2,
    }


@pytest.mark.long
def test_receivers_on_our_own_network(office: Office) -> None:
    """[CO9, CO12] Allowed one by one, and withdrawn."""
    ada = office.enter("admin")
    rules = card(ada, "Receivers on our own network")
    rules.get_by_label("Address or network").fill("10.0.0.0/8")
    rules.get_by_role("button", name="Allow").click()
    expect(rules.get_by_role("alert")).to_have_text("10.0.0.0/8: expected a network of /16 or narrower")
    rules.get_by_label("Address or network").fill("10.20.0.7")
    rules.get_by_label("Port").fill("8443")
    rules.get_by_label("What is there").fill("The CRM")
    rules.get_by_role("button", name="Allow").click()
    expect(rules).to_contain_text("10.20.0.7/32 port 8443")
    axe_finds_nothing(ada)

    rules.get_by_role("button", name="Allow 10.20.0.7/32 port 8443 no more").click()
    expect(rules).to_contain_text("None is allowed.")


def test_people_see_their_own_and_where_it_is_allowed(office: Office) -> None:
    """[CO3, CO12] No webhook, no switch, no log; an administrator sees that it is there."""
    office.enter("admin")
    ana = office.enter("agent", "/sessions")
    ana.page.get_by_role("link", name="My Connections").click()
    expect(ana.page.get_by_role("heading", name="My Connections")).to_be_visible()
    expect(card(ana, "E-mail")).to_be_visible()
    expect(card(ana, "Webhook")).to_be_hidden()
    expect(ana.page.get_by_role("switch")).to_be_hidden()

    ana.button("Add Connection to E-mail").click()
    form = dialog(ana, "New Connection: E-mail")
    for label, text in {"Name": "My mailbox", "Mail server": "mail.example.org", "From": "a@b.example"}.items():
        form.get_by_label(label).fill(text)
    form.get_by_label(re.compile("^Password")).fill("correct horse battery")
    form.get_by_role("button", name="Save").click()
    expect(card(ana, "E-mail")).to_contain_text("Mine")
    axe_finds_nothing(ana)

    ada = office.enter("admin")
    expect(card(ada, "E-mail")).to_contain_text("Ana Agent's own")
    expect(card(ada, "E-mail").get_by_role("button", name="Test connection")).to_be_hidden()


@pytest.mark.long
@pytest.mark.parametrize("width", [390, 911])
def test_a_small_screen_reaches_everything(office: Office, width: int) -> None:
    """[CO12] Nothing scrolls sideways, the log neither."""
    ada = office.enter("admin")
    make_webhook(ada, "A Connection with a rather long name, as departments have them")
    ada.button("Test connection").click()
    ada.page.set_viewport_size({"width": width, "height": 844})
    assert never_scrolls_sideways(ada)
    choose(ada, "A Connection with a rather long name, as departments have them", "Deliveries")
    expect(ada.page.get_by_role("row").first).to_be_visible()
    assert never_scrolls_sideways(ada)
    axe_finds_nothing(ada)
