"""Working on without a network: what was done is kept, outlives the page, and is saved or told about."""

import asyncio
import json
import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from playwright.sync_api import Dialog, Page, expect

from server.store.keys import log_key
from tests.e2e.conftest import Enter
from tests.e2e.screens import BROADBAND, Screen, all_see_the_same
from tests.e2e.test_killed import log_of, nothing_is_lost_or_doubled
from tests.support.installation import Installation, eventually
from tests.support.product import Product

KEPT = """() => new Promise((resolve, reject) => {
  const request = indexedDB.open("sidecoach");
  request.onerror = () => reject(request.error);
  request.onsuccess = () => {
    const all = request.result.transaction("commands").objectStore("commands").getAll();
    all.onsuccess = () => { request.result.close(); resolve(all.result.map((row) => JSON.stringify(row))); };
  };
})"""
"""What lies on this computer, each row as text."""

PASSWORD = "Quetzal-4711"


@contextmanager
def hanging_store(house: Installation) -> Iterator[None]:
    """Pages load, and nothing can be stored."""
    valkey = house.valkey()
    valkey.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        valkey.send_signal(signal.SIGCONT)


def leaving_is_asked(page: Page) -> list[str]:
    """Answers yes to the browser's own question, and notes that it was asked."""
    asked: list[str] = []

    def agree(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", agree)
    return asked


@pytest.mark.long
def test_a_minute_without_network_in_the_middle_of_a_call(person: Enter, house: Installation) -> None:
    """[CM20, CM22, CM38] Selecting, Continue, Fields and Notes go on; the banner tells how much waits and what of it
    hangs on this page; afterwards everything is there, once."""
    ana, sam = person("agent", elsewhere=True), person("supervisor")
    ana.start()
    sam.watch(ana)
    ana.notes.click()
    ana.type("Before. ")
    ana.is_saved()

    ana.page.context.set_offline(True)
    expect(ana.banner).to_be_visible()
    ana.field("Account number").fill("12345678")
    ana.field("Contact phone").fill("020 7946 0018")
    ana.press("Escape", "1", "Enter")
    expect(ana.section).to_have_text("Reason for call")
    ana.notes.click()
    ana.type("Meanwhile. ")
    ana.press("Escape", "1", "Enter")
    expect(ana.section).to_have_text("Outage check")
    told = ana.page.get_by_role("status").filter(has_text=re.compile(r"\d inputs wait since \d\d:\d\d\."))
    expect(told).to_be_visible()
    ana.page.wait_for_timeout(60_000)
    expect(ana.saved).to_have_text("Not saved yet")
    ana.page.context.set_offline(False)

    ana.is_saved()
    expect(ana.banner).to_be_hidden()
    seen = all_see_the_same(ana, sam)
    assert (seen["section"], seen["notes"]) == ("Outage check", "Before. Meanwhile.")
    nothing_is_lost_or_doubled(house, ana)


def test_a_refresh_with_unsaved_inputs_loses_none_but_sensitive_ones(person: Enter, house: Installation) -> None:
    """[CM37, CM38, CM39, CM40] The browser asks first; what was not kept is told where it was typed."""
    ana, sam = person("agent", elsewhere=True), person("supervisor")
    ana.start()
    sam.watch(ana)
    asked = leaving_is_asked(ana.page)

    with hanging_store(house):
        ana.field("Account number").fill("12345678")
        ana.field("Security password").fill(PASSWORD)
        ana.notes.click()
        ana.type("Call again at six.")
        ana.press("Escape", "1")
        expect(ana.saved).to_have_text("Not saved yet")
        before = ana.client_id
        ana.page.reload()
        kept = ana.page.evaluate(KEPT)
    assert asked == ["beforeunload"]
    assert {json.loads(row)["command"]["type"] for row in kept} == {"set_field", "edit_notes", "select_answer"}
    assert PASSWORD not in "".join(kept)

    ana.is_saved()
    assert ana.client_id == before
    seen = all_see_the_same(ana, sam)
    assert seen["fields"]["Account number"] == "12345678"
    assert (seen["selected"], seen["notes"]) == ("Verified", "Call again at six.")
    refused = ana.page.get_by_role("group", name="Not saved: Security password")
    expect(refused).to_contain_text("not kept while the page was closed")
    refused.get_by_role("button", name="Dismiss").click()
    ana.fill("Security password", PASSWORD)
    assert ana.page.evaluate(KEPT) == []
    csns = [entry.csn for entry in log_of(house, ana) if entry.client_id == before]
    assert csns == sorted(set(csns))


def test_another_tab_saves_what_a_closed_one_left(person: Enter, house: Installation) -> None:
    """[CM39] The closed tab's inputs are saved by the one that is still open."""
    ana, sam = person("agent", elsewhere=True), person("supervisor")
    ana.start()
    sam.watch(ana)
    other = person("agent", beside=ana).enter()
    with hanging_store(house):
        ana.field("Account number").fill("12345678")
        ana.field("Account number").blur()
        expect(ana.saved).to_have_text("Not saved yet")
        ana.page.close()

    expect(sam.field("Account number")).to_have_value("12345678")
    eventually(lambda: other.page.evaluate(KEPT) == [])
    assert other.client_id == ana.client_id


def test_what_was_refused_meanwhile_is_listed_and_can_be_copied(person: Enter) -> None:
    """[CM24, CM40, SE2] The supervisor took over while the agent was offline: nothing is merged, nothing typed is
    gone, and a page that shows something else leads there."""
    ana, sam = person("agent", elsewhere=True), person("supervisor")
    ana.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ana.start()
    sam.watch(ana)
    ana.page.context.set_offline(True)
    ana.field("Account number").fill("12345678")
    ana.press("Escape", "1", "Enter")
    expect(ana.section).to_have_text("Reason for call")
    sam.button("Take the seat").click()
    sam.go_on("Opens with cancel")
    ana.page.get_by_role("link", name="Sidecoach", exact=True).click()
    expect(ana.page).to_have_url(re.compile("/sessions$"))
    ana.page.context.set_offline(False)

    ana.page.get_by_role("link", name="See what").click()

    expect(ana.section).to_have_text(sam.section.inner_text())
    told = ana.page.get_by_role("listitem").filter(has_text="Not done:")
    expect(told).to_have_count(3)
    account = told.filter(has_text="Account number: 12345678")
    account.get_by_role("button", name="Copy what was entered").click()
    assert ana.page.evaluate("navigator.clipboard.readText()") == "12345678"
    ana.button("Dismiss all 3").click()
    expect(told).to_have_count(0)
    expect(sam.field("Account number")).to_have_count(0)


@pytest.mark.long
def test_signing_out_asks_before_it_discards_and_leaves_nothing_behind(person: Enter, house: Installation) -> None:
    """[CM41] Nothing typed stays on a shared computer."""
    ana = person("agent2", elsewhere=True)
    ana.start()
    with hanging_store(house):
        ana.field("Account number").fill("12345678")
        ana.field("Account number").blur()
        expect(ana.saved).to_have_text("Not saved yet")
        ana.button("Sign out").click()
        ana.button("Leave them running").click()
        question = ana.page.get_by_role("dialog", name="Not everything is saved")
        expect(question).to_contain_text("1 input is not saved yet")
        question.get_by_role("button", name="Sign out and lose it").click()
        expect(ana.page.get_by_role("button", name="Continue as")).to_be_visible()
    assert ana.page.evaluate(KEPT) == []


def test_signing_out_without_the_server_says_so_and_keeps_everything(person: Enter) -> None:
    """[CM41] One is still signed in, and what was typed is saved later."""
    ana = person("agent2", elsewhere=True)
    ana.start()
    ana.page.context.set_offline(True)  # before the Notes were loaded, as like as not: the screen stands that, too
    ana.field("Account number").fill("12345678")
    ana.field("Account number").blur()
    expect(ana.saved).to_have_text("Not saved yet")
    ana.button("Sign out").click()
    ana.button("Leave them running").click()
    ana.button("Sign out and lose it").click()
    expect(ana.page.get_by_role("dialog", name="The server cannot be reached")).to_be_visible()
    ana.button("Stay").click()
    ana.page.context.set_offline(False)
    ana.is_saved()
    expect(ana.field("Account number")).to_have_value("12345678")


def test_acknowledged_work_that_the_store_lost_is_told(person: Enter, house: Installation) -> None:
    """[CN6, DL5, DL25] As after a failover that lost the end of the log: what was saved and is missing is listed."""
    ana, sam = person("agent"), person("supervisor")
    ana.start(BROADBAND)
    sam.watch(ana)
    ana.fill("Account number", "12345678")
    expect(sam.field("Account number")).to_have_value("12345678")

    forget_last_entry(house, ana)

    lost = ana.page.get_by_role("dialog", name="Saved work was lost on the server")
    expect(lost).to_contain_text("Account number: 12345678")
    lost.get_by_role("button", name="I have read this").click()
    sam.page.get_by_role("dialog").get_by_role("button", name="I have read this").click()
    assert all_see_the_same(ana, sam)["fields"]["Account number"] == ""
    ana.fill("Account number", "87654321")
    expect(sam.field("Account number")).to_have_value("87654321")


FORGET_LAST = """
local entries = redis.call('XRANGE', KEYS[1], '-', '+')
redis.call('DEL', KEYS[1])
for at = 1, #entries - 1 do redis.call('XADD', KEYS[1], entries[at][1], unpack(entries[at][2])) end
"""


def forget_last_entry(house: Installation, screen: Screen) -> None:
    """As if the store had never had it."""

    async def forget() -> None:
        async with Product(house).operator() as operator:
            await operator.call("EVAL", FORGET_LAST, 1, log_key(screen.session_id))

    with ThreadPoolExecutor(1) as thread:  # the browser's driver holds this thread's event loop
        thread.submit(asyncio.run, forget()).result()


def test_a_page_of_an_earlier_release_asks_to_be_reloaded(person: Enter) -> None:
    """[CN34] As soon as something on it is gone from the server; it does not stay dead without a word."""
    ana = person("agent", elsewhere=True)
    ana.start()
    other = '<script type="module" src="/assets/index-other.js"></script>'
    ana.page.route("**/assets/*.js", lambda route: route.fulfill(status=404))
    ana.page.route(f"{ana.home}/", lambda route: route.fulfill(body=other, content_type="text/html"))
    updated = ana.page.get_by_role("status").filter(has_text="Sidecoach was updated.")
    expect(updated).to_have_count(0)
    ana.button("More").click()
    ana.page.get_by_role("menuitem", name="Transfer…").click()
    expect(updated).to_be_visible()

    ana.page.unroute_all()
    updated.get_by_role("link", name="Reload").click()
    expect(ana.section).to_have_text("Greeting and verification")
    expect(updated).to_have_count(0)
