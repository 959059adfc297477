"""Who drives, on which tab and which device; and what becomes of what was typed too late."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

from playwright.sync_api import expect

from protocol.commands import Suggest
from protocol.events import SuggestionKind
from tests.e2e.conftest import Enter
from tests.e2e.screens import CALLBACK, Screen, all_see_the_same, card_of
from tests.e2e.test_accessible import axe_finds_nothing
from tests.support.installation import Installation
from tests.support.product import Product


def test_a_refresh_in_the_middle_loses_nothing(person: Enter) -> None:
    """[CN6, LG1] The page comes back on the same Section with all that was saved."""
    ana = person("agent")
    ana.start(CALLBACK)
    ana.fill("Caller's name", "Mr Lindqvist")
    ana.go_on("Right person")
    ana.notes.click()
    ana.type("Prefers mornings.")
    ana.is_saved()
    before = ana.read()

    ana.page.reload()

    expect(ana.section).to_have_text("What it is about")
    expect(ana.notes).to_have_text("Prefers mornings.")
    assert ana.read() == before
    expect(ana.page).to_have_title(re.compile("Mr Lindqvist"))


def test_two_tabs_of_the_agent_both_work(person: Enter) -> None:
    """[SE1] The seat is the person's: what one tab does, the other shows and goes on with."""
    ana = person("agent")
    ana.start(CALLBACK)
    second = person("agent", beside=ana).watch(ana)
    expect(second.seat).to_contain_text("You drive")

    ana.fill("Caller's name", "Mr Lindqvist")
    expect(second.field("Caller's name")).to_have_value("Mr Lindqvist")
    second.go_on("Right person")
    expect(ana.section).to_have_text("What it is about")
    ana.choose("Needs an expert")
    expect(second.answer("Needs an expert")).to_be_checked()
    second.onward.click()

    assert all_see_the_same(ana, second)["section"] == "Agree on a time"


def test_a_suggested_value_is_accepted_in_its_place_by_one_key(person: Enter, house: Installation) -> None:
    """[SU9] It covers nothing that is typed into, moves nothing, and counts only once it could be seen."""
    ana = person("agent")
    ana.start(CALLBACK)
    name = ana.field("Caller's name")
    name.fill("Mr Lind")
    before = [name.bounding_box(), ana.notes.bounding_box()]

    suggest(house, "coach", ana.session_id, "caller_name", "Mr Lindqvist")
    mark = ana.page.get_by_text("Cleo Coach: Mr Lindqvist")
    expect(mark).to_be_visible()
    assert [name.bounding_box(), ana.notes.bounding_box()] == before
    expect(name).to_be_focused()
    expect(name).to_have_value("Mr Lind")
    ana.press("Escape")
    accept = ana.button("Accept the suggestion for Caller's name")
    expect(ana.page.get_by_text("Suggested by Cleo Coach")).to_be_visible()
    assert [name.bounding_box(), ana.notes.bounding_box()] == before
    axe_finds_nothing(ana)
    expect(ana.page.locator("[data-suggested][data-ripe]")).to_be_visible()
    ana.press("Control+.")
    expect(accept).to_be_hidden()
    expect(name).to_have_value("Mr Lindqvist")

    suggest(house, "coach", ana.session_id, "caller_name", "Mrs Lindqvist")
    expect(ana.page.locator("[data-suggested][data-ripe]")).to_be_visible()
    ana.button("Dismiss the suggestion for Caller's name").click()
    expect(accept).to_be_hidden()
    expect(name).to_have_value("Mr Lindqvist")


def suggest(house: Installation, label: str, session_id: str, field_key: str, content: str) -> None:
    """As somebody who watches would; nobody sees their screen."""

    async def say() -> None:
        async with await Product(house).page(label) as page:
            replica = await page.join(session_id)
            visit_id = replica.head["current_visit_id"]
            kind = SuggestionKind.FIELD
            await page.command(session_id, Suggest(visit_id=visit_id, kind=kind, key=field_key, content=content))

    with ThreadPoolExecutor(1) as aside:  # the browser's loop runs in this thread
        aside.submit(asyncio.run, say()).result(20)


def test_a_call_paused_here_is_resumed_on_another_device(person: Enter) -> None:
    """[LC1, LC2, DL2] At the same place; meanwhile the first shows that it waits, and takes Notes."""
    ana = person("agent")
    ana.start(CALLBACK)
    ana.fill("Caller's name", "Mr Lindqvist")
    ana.go_on("Right person")

    ana.button("Pause").click()
    ana.page.get_by_label("Why it waits").fill("Door bell")
    ana.press("Enter")
    expect(ana.onward).to_be_disabled()
    ana.notes.click()
    ana.type("Back in five minutes.")
    elsewhere = person("agent", elsewhere=True).enter(ana.session_path)
    expect(elsewhere.page.get_by_role("region", name="Paused")).to_contain_text("Paused since")
    expect(elsewhere.page.get_by_label("Why it waits")).to_have_value("Door bell")
    expect(elsewhere.notes).to_have_text("Back in five minutes.")
    elsewhere.button("Resume").click()

    expect(elsewhere.seat).to_contain_text("You drive")
    expect(ana.page.get_by_role("region", name="Paused")).to_be_hidden()
    elsewhere.go_on("Settled on this call")
    expect(ana.section).to_have_text("Settled")


def test_a_watchers_screen_is_read_only_and_says_who_drives(person: Enter) -> None:
    """[RT3] Same screen, nothing on it moves the Session; the Notes are everybody's."""
    ana, sam = person("agent"), person("supervisor")
    ana.start(CALLBACK)
    sam.watch(ana)

    expect(sam.seat).to_contain_text("Watching · Ana Agent drives")
    expect(sam.field("Caller's name")).not_to_be_editable()
    sam.page.keyboard.press("1")
    card_of(sam.answer("Right person")).click(force=True)
    expect(sam.answers.get_by_role("radio", checked=True)).to_have_count(0)
    expect(sam.onward).to_be_disabled()
    expect(sam.button("Pause")).to_be_hidden()
    expect(sam.notes).to_be_editable()
    for screen in (ana, sam):
        here = screen.page.get_by_role("list", name="Who is here")
        expect(here.get_by_role("listitem")).to_have_count(2)
        expect(here).to_contain_text("Ana Agent")
        expect(here).to_contain_text("Sam Supervisor")
    assert ana.read()["selected"] is None


def test_a_teammates_call_is_found_and_gone_on_with(person: Enter) -> None:
    """[SX9, RT4] The offer moves no Field under the hands; who had the call is told where it went."""
    ana, ben = person("agent"), person("agent2")
    ana.start(CALLBACK)
    ana.go_on("Not there")
    ana.fill("Callback number", "+44 20 7946 0199")
    ana.button("Pause").click()
    ben.start(CALLBACK)
    ben.go_on("Not there")
    below = ben.page.locator("[data-field=may_leave_message]")
    before = below.bounding_box()
    ben.fill("Callback number", "+44 20 7946 0199")
    offer = ben.page.get_by_role("list", name="Other Sessions with this Callback number")
    expect(offer).to_be_visible()
    assert below.bounding_box() == before

    ana.button("Resume").click()
    expect(ana.answers).to_be_visible()
    ana.is_saved()
    offer.get_by_role("button", name="Resume").click()
    expect(offer).to_contain_text("Somebody else is driving.")
    ana.button("Pause").click()
    ana.is_saved()
    ben.page.reload()
    offer.get_by_role("button", name="Resume").click()

    expect(ben.seat).to_contain_text("You drive")
    expect(ana.page.get_by_text("It was yours; Ben Agent has it now.")).to_be_visible()


def take_seat_while_typing(ana: Screen, sam: Screen) -> str:
    """Ana is in the middle of a number, without a pause, while Sam takes the seat; what she typed until she saw it."""
    ana.field("Account number").focus()
    ana.type("1")
    sam.button("Take the seat").evaluate("(button) => { setTimeout(() => button.click()); }")
    typed = "1"
    while "took the seat" not in ana.seat.inner_text():
        ana.type("2")
        typed += "2"
    ana.type("3")
    return typed + "3"


def test_the_seat_taken_while_the_agent_types(person: Enter) -> None:
    """[SE2, SE3, SE4, MK1] Her late input is refused and kept on her screen with the reason, to be used again."""
    ana, sam = person("agent"), person("supervisor")
    ana.start()
    ana.fill("Security password", "Quetzal-4711")
    sam.watch(ana)

    typed = take_seat_while_typing(ana, sam)

    refused = ana.page.get_by_role("group", name="Not saved: Account number")
    expect(refused).to_contain_text(re.compile("Somebody else (was|is) driving."))
    late = refused.locator("p").nth(1).inner_text()
    # On a slow machine a pause may fall into the middle: what is refused first closes the Field to the rest.
    assert typed.startswith(late)
    expect(refused.get_by_role("button", name="Use again")).to_be_disabled()
    expect(sam.seat).to_contain_text("You drive Ana Agent’s Session")
    assert not sam.holds_text("Quetzal-4711"), "taking the seat reveals nothing"
    assert sam.read()["fields"]["Account number"] != late
    sam.fill("Account number", "87654321")
    expect(ana.field("Account number")).to_have_value("87654321")
    sam.go_on("Verified")
    expect(ana.section).to_have_text("Reason for call")
    expect(ana.button("Take the seat")).to_be_hidden()
    expect(ana.button("Ask for the seat")).to_be_enabled()

    sam.button("Hand back").click()

    expect(ana.seat).to_have_text(re.compile("You drive"))
    expect(sam.seat).to_contain_text("Ana Agent drives")
    expect(sam.onward).to_be_disabled()
    ana.page.get_by_role("button", name=re.compile("^Other Fields")).click()
    refused.get_by_role("button", name="Use again").click()
    expect(refused).to_be_hidden()
    expect(ana.field("Account number")).to_have_value(late)
    ana.is_saved()


def test_two_supervisors_tabs_take_at_once_and_one_seat_passes(person: Enter) -> None:
    """[SE1, SE3] The same person twice is one taking, and nobody is told of an error."""
    ana, sam = person("agent"), person("supervisor")
    ana.start()
    sam.watch(ana)
    second = person("supervisor", beside=sam).watch(ana)

    sam.button("Take the seat").click()
    expect(second.seat).to_contain_text("You drive")
    second.button("Hand back").click()

    expect(ana.seat).to_have_text(re.compile("You drive"))
    expect(sam.seat).to_contain_text("Watching · Ana Agent drives")
