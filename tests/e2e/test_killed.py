"""Machines killed under people's hands: they are told the truth, and nothing that was acknowledged is lost."""

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect

from protocol.events import Entry
from tests.e2e.conftest import Enter
from tests.e2e.screens import Screen, all_see_the_same
from tests.support.installation import Installation
from tests.support.product import Product


def log_of(house: Installation, screen: Screen) -> list[Entry]:
    """The Session's log as it lies in the store."""
    with ThreadPoolExecutor(1) as thread:  # the browser's driver holds this thread's event loop
        return thread.submit(asyncio.run, Product(house).log(screen.session_id)).result()


def nothing_is_lost_or_doubled(house: Installation, *screens: Screen) -> None:
    """All that these pages sent is in the log, once, where they were told."""
    for screen in screens:
        entries = {entry.csn: entry.seq for entry in log_of(house, screen) if entry.client_id == screen.client_id}
        written = [entry.csn for entry in log_of(house, screen) if entry.client_id == screen.client_id]
        assert sorted(screen.sent) == written
        assert screen.acknowledged == entries


@pytest.mark.long
def test_two_server_processes_killed_while_people_type(person: Enter, house: Installation) -> None:
    """[CN5, CM5, DL2] On different processes: both are told that they are offline, type on, and are saved."""
    ana, sam = person("agent"), person("supervisor")
    ana.start()
    sam.watch(ana)
    sam.on_other_process_than(ana)
    assert {ana.process, sam.process} == {"w1", "w2"}
    expect(sam.notes).to_be_editable()
    ana.field("Account number").focus()
    ana.type("1234")
    expect(sam.field("Account number")).to_have_value("1234")
    sam.notes.click()
    sam.type("Before. ")

    for worker in house.workers():
        worker.kill()
    ana.type("5678")
    sam.type("Meanwhile. ")
    for screen in (ana, sam):
        expect(screen.banner).to_be_visible()
        expect(screen.saved).to_have_text("Not saved yet")
    ana.press("Enter")
    ana.type("secret-42")

    for screen in (ana, sam):
        expect(screen.banner).to_be_hidden(timeout=20_000)
        screen.is_saved()
    seen = all_see_the_same(ana, sam)
    assert seen["fields"]["Account number"] == "12345678"
    assert seen["fields"]["Security password"] == "secret-42"
    assert seen["notes"] == "Before. Meanwhile."
    nothing_is_lost_or_doubled(house, ana, sam)


def test_the_store_hangs_and_is_killed_while_the_agent_types(person: Enter, house: Installation) -> None:
    """[CM10] What cannot be stored says so, is sent again, and is saved; nothing overtakes it."""
    ana, sam = person("agent"), person("supervisor")
    ana.start()
    sam.watch(ana)
    ana.fill("Account number", "1234")
    expect(sam.field("Account number")).to_have_value("1234")

    valkey = house.valkey()
    valkey.send_signal(signal.SIGSTOP)
    ana.field("Account number").focus()
    ana.press("End")
    ana.type("5678")
    expect(ana.saved).to_have_text("Not saved yet")
    valkey.kill()
    ana.press("Enter")
    ana.type("secret-42")
    ana.press("Escape", "1")

    ana.is_saved()
    seen = all_see_the_same(ana, sam)
    assert seen["fields"]["Account number"] == "12345678"
    assert seen["selected"] == "Verified"
    nothing_is_lost_or_doubled(house, ana)
    ana.press("Enter")
    expect(sam.section).to_have_text("Reason for call")


def test_a_network_cut_is_told_and_what_was_done_meanwhile_is_saved(person: Enter) -> None:
    """[CN5] Selecting and continuing go on, and reach the watcher when the line is back."""
    ana, sam = person("agent", elsewhere=True), person("supervisor")
    ana.start()
    sam.watch(ana)

    ana.page.context.set_offline(True)
    expect(ana.banner).to_be_visible()
    ana.field("Account number").fill("12345678")
    ana.press("Escape", "1", "Enter")
    expect(ana.section).to_have_text("Reason for call")
    expect(ana.saved).to_have_text("Not saved yet")
    expect(sam.section).to_have_text("Greeting and verification")
    ana.page.context.set_offline(False)

    ana.is_saved()
    expect(ana.banner).to_be_hidden()
    expect(sam.section).to_have_text("Reason for call")
