"""What is whispered beside the call: the agent answers by a key, and a customer sees nothing of it."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Enter
from tests.e2e.screens import CALLBACK
from tests.e2e.test_accessible import axe_finds_nothing

WORDS = "She has called twice today: apologise first."


def test_a_coach_whispers_and_the_agent_answers_by_a_key(person: Enter) -> None:
    """[WH4, WH7, WH9, WH10] Nothing moves and the focus stays in the Field; nobody else's page holds a word of it."""
    ana, cleo, sam = person("agent"), person("coach"), person("supervisor")
    ana.start(CALLBACK)
    cleo.watch(ana)
    sam.watch(ana)
    name = ana.field("Caller's name")
    name.click()
    places = [ana.section, ana.answer("Right person"), name]
    before = [place.bounding_box() for place in places]

    cleo.press("y")
    cleo.type(WORDS)
    cleo.press("Enter")
    whisper = ana.page.get_by_role("region", name="Whispered by Cleo Coach")
    expect(whisper).to_contain_text(WORDS)
    expect(ana.page.locator("[data-whisper][data-ripe]")).to_be_visible()
    expect(name).to_be_focused()
    assert [place.bounding_box() for place in places] == before
    axe_finds_nothing(ana)
    axe_finds_nothing(cleo)
    said = cleo.page.locator("[data-whispered]")
    expect(said).to_contain_text("delivered")
    ana.page.reload()
    expect(whisper).to_contain_text(WORDS)
    ana.page.locator("[data-whisper][data-ripe]").wait_for()
    ana.press("Alt+3")

    expect(whisper).to_be_hidden()
    expect(said).to_contain_text("Ana Agent: Thanks, I have it")
    assert WORDS not in sam.page.content()
    ana.button("End Session").click()
    ana.press("1")
    expect(ana.page.get_by_role("heading", name="Between you and colleagues")).to_be_visible()
    assert WORDS not in ana.page.content()
    ana.button("Show 1 message").click()
    expect(ana.page.get_by_role("list", name="Whispers")).to_contain_text("Thanks, I have it")
    expect(sam.page.get_by_role("heading", name="What happened")).to_be_visible()
    expect(sam.page.get_by_role("heading", name="Between you and colleagues")).to_be_hidden()


@pytest.mark.long
def test_an_answer_in_own_words_leads_back_to_where_the_focus_was(person: Enter) -> None:
    """[WH9] Sent, and left by Esc: into the Field, where a digit is typed and selects nothing."""
    ana, cleo = person("agent"), person("coach")
    ana.start(CALLBACK)
    cleo.watch(ana)
    name = ana.field("Caller's name")
    name.click()
    cleo.page.get_by_label("Whisper, which the customer never sees").fill(WORDS)
    cleo.press("Enter")
    ana.page.locator("[data-whisper][data-ripe]").wait_for()
    answer = ana.page.get_by_label("Answer Cleo Coach")
    ana.press("Alt+4")
    expect(answer).to_be_focused()
    ana.press("Escape")
    expect(name).to_be_focused()
    ana.press("Alt+4")
    expect(answer).to_be_focused()
    ana.type("I will")
    ana.press("Enter")

    expect(ana.page.locator("[data-whisper]")).to_be_hidden()
    expect(name).to_be_focused()
    ana.type("1")
    expect(name).to_have_value("1")
    expect(ana.answers.get_by_role("radio", checked=True)).to_have_count(0)


@pytest.mark.long
def test_while_the_screen_is_shared_only_that_something_waits_is_on_it(person: Enter) -> None:
    """[WH5, WH9] In the whole page, announcements too; one press brings it back."""
    ana, cleo = person("agent"), person("coach")
    ana.start(CALLBACK)
    cleo.watch(ana)
    ana.share_screen()
    expect(cleo.button("Screen shared")).to_be_visible()
    cleo.press("y")
    cleo.type(WORDS)
    cleo.press("Enter")

    expect(ana.page.get_by_text("1 waits")).to_be_visible()
    assert "apologise" not in ana.page.content()
    assert "Cleo Coach whispers" not in ana.page.content()
    axe_finds_nothing(ana)
    ana.button("Screen shared · End").click()
    expect(ana.page.get_by_role("region", name="Whispered by Cleo Coach")).to_contain_text(WORDS)
