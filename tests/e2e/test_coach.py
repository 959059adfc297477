"""A coach beside the call: what they suggest, what the agent sees of it, and what they hear back."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Enter
from tests.e2e.screens import CALLBACK, Screen, card_of
from tests.e2e.test_accessible import axe_finds_nothing

LINE = "Ask whether she has the letter at hand."


def waits_ripe(ana: Screen) -> None:
    expect(ana.page.locator("[data-aside][data-ripe]")).to_be_visible()


def test_a_coach_suggests_from_the_shadowed_screen_and_hears_what_became_of_it(person: Enter) -> None:
    """[SU3, SU11, SU12] A line and an Answer by one key; nothing moves; what was not taken up is over."""
    ana, cleo = person("agent"), person("coach")
    ana.start(CALLBACK)
    cleo.watch(ana)
    heard = cleo.page.get_by_role("form", name="Suggest", exact=True).get_by_role("status")
    places = [ana.section, ana.answer("Right person"), ana.field("Caller's name")]
    before = [place.bounding_box() for place in places]

    cleo.press("s")
    cleo.type(LINE)
    cleo.press("Enter")
    waits_ripe(ana)
    expect(ana.page.get_by_role("region", name="Suggested by Cleo Coach")).to_contain_text(LINE)
    cleo.button("Suggest the Answer Right person").click()
    expect(ana.answers.get_by_text("Suggested by Cleo Coach")).to_be_visible()
    assert [place.bounding_box() for place in places] == before
    axe_finds_nothing(ana)
    axe_finds_nothing(cleo)
    ana.press("Control+.")
    expect(heard).to_contain_text("accepted")
    waits_ripe(ana)
    ana.press("Control+.")

    expect(ana.answer("Right person")).to_be_checked()
    expect(heard).to_contain_text("Right person · accepted")
    cleo.button("Suggest… a value for Caller's name").click()
    cleo.type("Mr Lindqvist")
    cleo.press("Enter")
    expect(ana.page.get_by_text("Suggested by Cleo Coach")).to_be_visible()
    ana.onward.click()
    expect(heard).to_contain_text("Mr Lindqvist · not taken up")


@pytest.mark.long
def test_no_word_of_a_suggested_line_is_on_a_shared_screen(person: Enter) -> None:
    """[SU13, WH5] Only that one waits, announcements too, and no key decides about it; one press brings it back."""
    ana, cleo = person("agent"), person("coach")
    ana.start(CALLBACK)
    cleo.watch(ana)
    ana.share_screen()
    expect(cleo.button("Screen shared")).to_be_visible()
    cleo.press("s")
    cleo.type(LINE)
    cleo.press("Enter")
    expect(ana.seat).to_contain_text("1 waits")
    expect(cleo.page.get_by_role("form", name="Suggest", exact=True)).to_contain_text("until the screen is not shared")
    ana.page.wait_for_timeout(500)
    ana.press("Control+.")
    ana.press("Control+Shift+.")

    assert "letter at hand" not in ana.page.content()
    assert "Cleo Coach suggests" not in ana.page.content()
    axe_finds_nothing(ana)
    ana.button("Screen shared · End").click()
    expect(ana.page.get_by_role("region", name="Suggested by Cleo Coach")).to_contain_text(LINE)
    expect(ana.page.get_by_text("Cleo Coach suggests")).to_be_attached()


IS_WHOLE = "(it) => it.scrollWidth <= it.clientWidth && it.scrollHeight <= it.clientHeight"
IS_ON_TOP = """(it) => {
  const { left, top, width, height } = it.getBoundingClientRect();
  return [0.1, 0.5, 0.9].every((down) => it.contains(document.elementFromPoint(left + width / 2, top + height * down)));
}"""


@pytest.mark.long
def test_what_is_suggested_is_read_whole_and_covers_nothing(person: Enter) -> None:
    """[SU9, SU12] A telephone number in its Field, also while somebody is in it; a line of 80 characters; by key both
    are dismissed, and who types goes on."""
    ana, cleo = person("agent"), person("coach")
    ana.start()
    cleo.watch(ana)
    cleo.button("Suggest… a value for Contact phone").click()
    cleo.type("+44 20 7946 0958")
    cleo.press("Enter")
    value = ana.page.locator("[data-field=contact_phone] [data-suggested]").get_by_text("+44 20 7946 0958")
    for width in (1440, 820):
        ana.page.set_viewport_size({"width": width, "height": 900})
        ana.section.focus()
        expect(ana.page.locator("[data-ripe] strong")).to_be_visible()
        assert value.locator("xpath=..").evaluate(IS_WHOLE)
        ana.field("Contact phone").focus()
        expect(ana.page.locator("[data-ripe] strong")).to_be_hidden()
        assert value.evaluate(IS_WHOLE)
    expect(ana.page.locator("[data-suggested][data-ripe]")).to_be_visible()
    ana.type("+44 1")
    ana.press("Control+Shift+.")
    expect(ana.page.locator("[data-suggested]")).to_be_hidden()
    expect(ana.field("Contact phone")).to_be_focused()
    expect(ana.field("Contact phone")).to_have_value("+44 1")

    cleo.section.focus()
    cleo.press("s")
    cleo.type("Say that the engineer comes today between 2 and 4, and that there is no charge.")
    cleo.press("Enter")
    waits_ripe(ana)
    words = ana.page.locator("[data-aside] [aria-expanded] > span")
    for width, height in ((390, 844), (820, 1180), (1440, 900)):
        ana.page.set_viewport_size({"width": width, "height": height})
        assert words.evaluate(IS_WHOLE)
        assert ana.section.evaluate(IS_ON_TOP)
        for tab in ana.page.get_by_role("navigation", name="Panels").get_by_role("button").all():
            assert not tab.is_visible() or tab.evaluate(IS_ON_TOP)
    ana.press("Control+Shift+.")
    expect(ana.page.locator("[data-aside]")).to_be_hidden()


IS_CLEAR = """(aside) => {
  const seat = aside.closest("[aria-label=Seat]");
  const line = aside.getBoundingClientRect();
  const help = seat.querySelector(":scope > [data-open]").getBoundingClientRect();
  return line.width >= 300 && line.right <= help.left && seat.scrollWidth <= seat.clientWidth;
}"""


@pytest.mark.long
def test_a_suggested_line_stands_clear_of_a_long_request_for_help(person: Enter) -> None:
    """[SU12, SE20] Beside who drives for somebody else, who is asked why, too; the strip keeps its height."""
    ana, cleo, sam = person("agent"), person("coach"), person("supervisor")
    ana.start()
    ana.press("F2")
    ana.page.get_by_label("Why, if you like").fill("The refund is above my limit, and the customer threatens to cancel")
    ana.press("Enter")
    sam.watch(ana)
    sam.button("I’m coming").click()
    sam.button("Take the seat").click()
    expect(sam.seat).to_contain_text("You drive Ana Agent’s Session")
    heights = {width: sam.seat_height(width) for width in (1440, 1280, 1100)}
    cleo.watch(ana)
    cleo.press("s")
    cleo.type("Say that the engineer comes today between 2 and 4, and that there is no charge.")
    cleo.press("Enter")
    waits_ripe(sam)

    for width, height in heights.items():
        assert sam.seat_height(width) == height == 38
        assert sam.page.locator("[data-aside]").evaluate(IS_CLEAR)


@pytest.mark.long
def test_who_watches_sees_the_call_beside_what_happened_so_far(person: Enter) -> None:
    """[DG3] The digest is open, can be scrolled by keys, and an Answer is in sight."""
    ana, cleo = person("agent"), person("coach")
    ana.start()
    ana.fill("Account number", "12345678")
    ana.fill("Contact phone", "+44 20 7946 0958")
    cleo.watch(ana)

    digest = cleo.page.get_by_role("region", name="Digest")
    expect(digest).to_contain_text("12345678")
    expect(digest).not_to_contain_text("Not fired")
    expect(cleo.answer("Verified")).to_be_in_viewport(ratio=1)
    digest.focus()
    expect(digest).to_be_focused()


@pytest.mark.long
def test_on_a_tablet_nothing_lies_on_the_way_to_suggest(person: Enter) -> None:
    """[SU11] Beside a filled Field's label, too."""
    ana, cleo = person("agent"), person("coach", tablet=True)
    ana.start()
    ana.fill("Account number", "12345678")
    cleo.watch(ana)

    assert cleo.button("Suggest… a value for Account number").evaluate(
        """(it) => {
          const { left, top, width, height } = it.getBoundingClientRect();
          return [0.1, 0.5, 0.9].every((along) =>
            it.contains(document.elementFromPoint(left + width * along, top + height / 2)));
        }"""
    )


@pytest.mark.long
def test_a_muted_coach_sees_that(person: Enter) -> None:
    """[SU7, SU11] What stands is dismissed, and nothing is offered."""
    ana, cleo = person("agent"), person("coach")
    ana.start(CALLBACK)
    cleo.watch(ana)
    cleo.button("Suggest the Answer Right person").click()
    waits_ripe(ana)
    ana.button("More").click()
    ana.page.get_by_role("menuitem", name="Mute suggestions").click()

    expect(ana.page.locator("[data-aside]")).to_be_hidden()
    expect(cleo.page.get_by_text("Ana Agent hears no suggestions now")).to_be_visible()
    expect(cleo.button("Suggest the Answer Right person")).to_be_hidden()


@pytest.mark.long
def test_a_supervisor_gives_a_session_to_another_agent(person: Enter) -> None:
    """[RA6, RA8] Found by name, with a reason; the seat goes along, and the former owner is told, later, too."""
    ana, sam = person("agent"), person("supervisor")
    ana.start(CALLBACK)
    sam.watch(ana)
    sam.button("More").click()
    sam.page.get_by_role("menuitem", name="Give to…").click()
    sam.page.get_by_label("Find an agent").fill("ben")
    expect(sam.button("Give to Ben Agent")).to_be_enabled()
    axe_finds_nothing(sam)
    sam.page.get_by_label("Reason (optional)").fill("Ana's shift is over.")
    sam.button("Give to Ben Agent").click()

    expect(sam.seat).to_contain_text("Ben Agent drives")
    expect(ana.page.get_by_text("It was yours; Ben Agent has it now, given by Sam Supervisor.")).to_be_visible()
    ana.page.reload()
    expect(ana.page.get_by_text("It was yours; Ben Agent has it now, given by Sam Supervisor.")).to_be_visible()
    expect(person("agent2").enter(sam.session_path).seat).to_contain_text("You drive")


@pytest.mark.long
def test_whoever_is_given_a_call_is_told_by_whom_on_every_page(person: Enter) -> None:
    """[RA7] Nothing moves, nothing takes the focus; counted until it is opened or put away, in whatever tab."""
    ana, sam, ben = person("agent"), person("supervisor"), person("agent2")
    tab = person("agent2", beside=ben)
    ben.enter("/new")
    tab.enter("/account")
    ben.page.get_by_role("radio").first.focus()

    give_away(sam, ana.start(CALLBACK), reason="Quetzal is ill.")
    card = ben.page.get_by_role("region", name="Given to you")
    for text in ("Sam Supervisor gave you a call", CALLBACK, "It is yours, and you drive."):
        expect(card).to_contain_text(text)
    expect(ben.page.get_by_role("status").filter(has_text="Sam Supervisor gave you a call")).to_have_count(1)
    expect(card).not_to_contain_text("Quetzal")
    for each in (ben, tab):
        expect(each.page).to_have_title(re.compile(r"^\(1\) "))
    expect(ben.page.get_by_role("radio").first).to_be_focused()
    axe_finds_nothing(ben)
    ben.page.reload()
    expect(card).to_be_visible()
    ben.page.wait_for_timeout(500)  # it counts nothing in its first 0.4 s
    ben.button("Open it").click()
    expect(ben.seat).to_contain_text("You drive")
    expect(card).to_be_hidden()
    expect(tab.page.get_by_role("region", name="Given to you")).to_be_hidden()
    for each in (ben, tab):
        expect(each.page).to_have_title(re.compile(r"^[^(]"))

    give_away(sam, ana.start(CALLBACK))
    expect(card).to_be_visible()
    ben.page.wait_for_timeout(500)
    card.get_by_role("button", name="Put away").click()
    for each in (ben, tab):
        expect(each.page.get_by_role("region", name="Given to you")).to_be_hidden()
        each.page.reload()
        expect(each.page.get_by_role("link", name="Skip to content")).to_be_attached()
        expect(each.page).to_have_title(re.compile(r"^[^(]"))


def give_away(sam: Screen, ana: Screen, reason: str = "") -> None:
    """To Ben, from the menu of the call."""
    sam.watch(ana)
    sam.button("More").click()
    sam.page.get_by_role("menuitem", name="Give to…").click()
    sam.page.get_by_label("Find an agent").fill("ben")
    sam.page.get_by_label("Reason (optional)").fill(reason)
    sam.button("Give to Ben Agent").click()
    expect(sam.seat).to_contain_text("Ben Agent drives")


@pytest.mark.long
def test_a_moment_is_marked_by_one_key_and_stands_on_the_path(person: Enter) -> None:
    """[MM2, MM4] For the Section that was on the screen; the agent sees it, and so does the record."""
    ana, cleo = person("agent"), person("coach")
    ana.start(CALLBACK)
    cleo.watch(ana)
    cleo.press("k")
    expect(cleo.page.get_by_role("dialog")).to_contain_text("Mark this moment")
    ana.go_on("Right person")
    cleo.page.get_by_label("Comment (optional)").fill("Calm and clear.")
    axe_finds_nothing(cleo)
    cleo.button("Well done").click()

    first = ana.page.get_by_role("navigation", name="Path").get_by_role("listitem").first
    expect(first).to_contain_text("Well done · Calm and clear.")
    ana.button("End Session").click()
    ana.press("1")
    expect(ana.page.get_by_role("list", name="What happened on it")).to_contain_text("Cleo Coach")


@pytest.mark.long
def test_a_coach_points_at_an_answer(person: Enter) -> None:
    """[PT1, PT2] With Alt and a click; nothing moves or is selected, and it goes by itself."""
    ana, cleo = person("agent"), person("coach")
    ana.start(CALLBACK)
    cleo.watch(ana)
    before = ana.answer("Right person").bounding_box()
    card_of(cleo.answer("Right person")).click(modifiers=["Alt"], force=True)

    pointed = ana.page.locator("[data-pointed='Cleo Coach']")
    expect(pointed).to_contain_text("Right person")
    expect(ana.page.get_by_text("Cleo Coach points at Right person")).to_be_attached()
    assert ana.answer("Right person").bounding_box() == before
    axe_finds_nothing(ana)
    expect(pointed).to_be_hidden()
    assert ana.read()["selected"] is None


@pytest.mark.long
def test_a_supervisor_gives_all_of_an_agent_away(person: Enter) -> None:
    """[RA6] Two calls at once; the other one first, the one on the screen last."""
    ana, sam = person("agent2"), person("supervisor")
    ana.start(CALLBACK)
    first = ana.session_id
    ana.start(CALLBACK)
    sam.watch(ana)
    sam.button("More").click()
    sam.page.get_by_role("menuitem", name="Give to…").click()
    sam.page.get_by_label("Find an agent").fill("ana")
    sam.page.get_by_role("checkbox", name=re.compile(r"All \d+ open Sessions of Ben Agent")).check()
    sam.button("Give to Ana Agent").click()

    expect(sam.seat).to_contain_text("Ana Agent drives")
    expect(ana.page.get_by_text("It was yours; Ana Agent has it now, given by Sam Supervisor.")).to_be_visible()
    sam.enter(f"/sessions/{first}")
    expect(sam.seat).to_contain_text("Ana Agent drives")
