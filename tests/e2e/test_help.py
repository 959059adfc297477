"""An agent asks for help, a supervisor comes, and sees what happened so far."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Enter
from tests.e2e.test_accessible import axe_finds_nothing, never_scrolls_sideways

PASSWORD = "Quetzal-4711"


@pytest.mark.usefixtures("empty_floor")
def test_an_agent_asks_for_help_and_a_supervisor_comes(person: Enter) -> None:
    """[HP1, HP2, HP4, HP5, HP6, HP7, HP10, HP11, DG1, DG2, DG3, MK1] F2 from an input; then the digest is there."""
    ana, sam = person("agent"), person("supervisor")
    sam.enter("/sessions")
    ana.start()
    page = ana.page
    page.get_by_label("Account number").fill("12345678")
    page.get_by_label("Security password").fill(PASSWORD)
    top = ana.section.bounding_box()
    page.get_by_role("textbox", name="Account number").focus()
    ana.press("F2")
    expect(ana.seat).to_contain_text("Sam Supervisor is asked")
    assert ana.section.bounding_box() == top
    page.get_by_label("Why, if you like").fill("She wants a manager")
    ana.press("Enter")
    expect(ana.seat).to_contain_text("She wants a manager")

    expect(sam.page).to_have_title("(1) Live Sessions · Sidecoach")
    expect(sam.page.get_by_role("navigation", name="Main").get_by_role("link", name="Live 1")).to_be_visible()
    asked = sam.page.get_by_role("region", name="Help")
    expect(asked).to_contain_text("Ana Agent")
    expect(asked).to_contain_text("You are asked")
    expect(asked).to_contain_text("She wants a manager")
    expect(sam.page.get_by_text("Ana Agent asks you for help")).to_have_count(1)
    asked.get_by_role("button", name="I’m coming").click()

    expect(ana.seat).to_contain_text("Sam Supervisor is here")
    expect(sam.seat).to_contain_text("You came for Ana Agent: She wants a manager")
    expect(sam.page).to_have_title(re.compile(r"^[^(]"))
    so_far = sam.page.get_by_role("region", name="So far")
    for text in ("Ana Agent drives since", ana.section.inner_text(), "12345678", "Filled, hidden"):
        expect(so_far).to_contain_text(text)
    assert PASSWORD not in sam.page.content()
    digest, section = so_far.bounding_box(), sam.section.bounding_box()
    assert digest is not None
    assert section is not None
    assert digest["y"] + digest["height"] <= section["y"]
    assert digest["height"] < 900 / 3
    so_far.get_by_role("button", name="So far").click()
    expect(so_far).not_to_contain_text("12345678")
    expect(page.get_by_role("region", name="So far")).to_be_hidden()

    ana.button("Done").click()
    expect(ana.button("Ask for help")).to_be_visible()
    ana.button("End Session").click()
    page.get_by_role("dialog").get_by_text("Customer hung up").click()
    expect(page.get_by_role("region", name="Help")).to_contain_text("Sam Supervisor came after 0:")


@pytest.mark.long
@pytest.mark.usefixtures("empty_floor")
def test_whoever_came_and_left_is_said_to_and_help_is_asked_anew(person: Enter) -> None:
    """[HP12] By one key; the next one is asked."""
    ana, sam, cleo = person("agent"), person("supervisor"), person("coach")
    sam.enter("/sessions")
    cleo.enter("/sessions")
    ana.start()
    ana.press("F2")
    sam.page.get_by_role("region", name="Help").get_by_role("button", name="I’m coming").click()
    expect(ana.seat).to_contain_text("Sam Supervisor is here")
    asked = cleo.page.get_by_role("region", name="Help")
    expect(asked).to_contain_text("Sam Supervisor is there")
    sam.page.goto("about:blank")
    expect(ana.seat).to_contain_text("Sam Supervisor is not here any more", timeout=30_000)
    expect(asked).to_contain_text("Sam Supervisor is not there any more")
    axe_finds_nothing(ana)
    ana.press("F2")
    expect(ana.seat).not_to_contain_text("Sam Supervisor is not here any more")
    expect(ana.page.get_by_label("Why, if you like")).to_be_visible()


@pytest.mark.long
def test_axe_finds_nothing_where_help_is_asked_for(person: Enter) -> None:
    """[HP5, HP7] On the agent's screen, in the list, and on the screen of who came."""
    ana, sam = person("agent"), person("supervisor")
    sam.enter("/sessions")
    ana.start()
    ana.button("Ask for help").click()
    expect(ana.seat).to_contain_text("is asked")
    axe_finds_nothing(ana)
    asked = sam.page.get_by_role("region", name="Help")
    expect(asked).to_be_visible()
    axe_finds_nothing(sam)
    asked.get_by_role("button", name="I’m coming").first.click()
    expect(sam.seat).to_contain_text("You came")
    axe_finds_nothing(sam)
    for screen in (ana, sam):
        screen.page.set_viewport_size({"width": 320, "height": 640})
        assert never_scrolls_sideways(screen)


@pytest.mark.long
def test_a_supervisor_reads_the_floor_by_person(person: Enter) -> None:
    """[BP1, BP2, BP3, BP4] Who is in a Session, and where; who is signed in without one; kept in the address."""
    ana, ben, sam = person("agent"), person("agent2"), person("supervisor")
    ana.start()
    ben.enter("/new")
    sam.enter("/sessions?view=people")
    rows = sam.page.get_by_role("row")
    expect(rows.filter(has_text="Ben Agent")).to_contain_text("Signed in", timeout=20_000)
    expect(rows.filter(has_text="Ana Agent").first).to_contain_text("Active")
    axe_finds_nothing(sam)
    sam.page.get_by_role("searchbox", name="Find Sessions").fill("Ben")
    expect(rows.filter(has_text="Ana Agent")).to_have_count(0)
    assert "view=people&q=Ben" in sam.page.url
    sam.page.get_by_role("searchbox", name="Find Sessions").fill("")
    sam.page.get_by_role("combobox", name="Groups").select_option("By status")
    expect(sam.page.get_by_role("rowheader", name="Signed in")).to_be_visible()
    axe_finds_nothing(sam)
    ana.enter("/sessions")
    expect(ana.page.get_by_role("link", name="By person")).to_be_hidden()


@pytest.mark.long
@pytest.mark.usefixtures("empty_floor")
def test_help_rings_one_person_and_after_half_a_minute_the_next(person: Enter) -> None:
    """[HP9, HP10, HP11] Whoever is not asked sees who is, and is asked 30 s later."""
    ana, cleo, sam = person("agent"), person("coach"), person("supervisor")
    for screen in (ana, cleo, sam):
        screen.page.clock.install()
    cleo.enter("/sessions")
    sam.enter("/sessions")
    ana.start()
    ana.press("F2")
    expect(ana.seat).to_contain_text("is asked")
    # Who was asked longest ago depends on the tests before.
    name = "Cleo Coach" if "Cleo Coach" in ana.seat.inner_text() else "Sam Supervisor"
    first, second = (cleo, sam) if name == "Cleo Coach" else (sam, cleo)
    expect(first.page).to_have_title("(1) Live Sessions · Sidecoach")
    expect(first.page.get_by_role("region", name="Help")).to_contain_text("You are asked")
    expect(second.page.get_by_role("region", name="Help")).to_contain_text(f"{name} is asked")
    expect(second.page).to_have_title("Live Sessions · Sidecoach")
    for screen in (ana, second):
        screen.page.clock.fast_forward(30_000)
    expect(ana.seat).to_contain_text("are asked")
    expect(second.page).to_have_title("(1) Live Sessions · Sidecoach")
    second.page.get_by_role("region", name="Help").get_by_role("button", name="I’m coming").click()
    expect(ana.seat).to_contain_text("is here")
    ana.button("End Session").click()
    ana.page.get_by_role("dialog").get_by_text("Customer hung up").click()
    expect(ana.page.get_by_role("region", name="Help")).to_contain_text(f"{name} was asked first")
