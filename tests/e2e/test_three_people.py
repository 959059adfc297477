"""One call from hello to win: Ana leads, Sam watches from the start, Cleo joins in the middle."""

import time
from pathlib import Path

from playwright.sync_api import expect

from protocol.fields import FieldDefinition, FieldType
from protocol.workflow import Section, WorkflowDocument
from server.documents import read_document
from server.samples import SAMPLES
from tests.e2e.conftest import Enter
from tests.e2e.screens import Screen, all_see_the_same

PASSWORD = "Quetzal-4711"
SAVED_WITHIN_S = 0.3
NOTICED_WITHIN_S = 2.0
"""From the last key to the watcher's screen on a busy machine: the pause, the store, three browsers."""

TYPED = {
    FieldType.MASKED: PASSWORD,
    FieldType.NUMBER: "42",
    FieldType.MONEY: "12.50",
    FieldType.PHONE: "020 7946 0018",
    FieldType.POSTCODE: "SW1A 1AA",
    FieldType.DATE_TIME: "2027-02-03 10:00",
    FieldType.LONG_TEXT: "First line, and more of it",
}


def longest_way_to_win(document: WorkflowDocument) -> list[tuple[Section, int]]:
    """The Sections of a way that visits as many as possible, with the place of the Answer that leads on."""
    sections = {section.key: section for section in document.sections}

    def ways(way: list[tuple[Section, int]], section: Section) -> list[list[tuple[Section, int]]]:
        if section.win:
            return [way]
        been = {step.key for step, _ in way} | {section.key}
        found: list[list[tuple[Section, int]]] = []
        for place, answer in enumerate(section.answers):
            if answer.to is not None and answer.to not in been:
                found += ways([*way, (section, place)], sections[answer.to])
        return found

    return max(ways([], sections[document.start]), key=len)


def fill_by_keyboard(ana: Screen, field: FieldDefinition) -> None:
    """Fill the Field that has the focus, and go to the next one by keyboard."""
    match field.type:
        case FieldType.YES_NO:
            ana.press("Space")
        case FieldType.SINGLE_CHOICE if len(field.options) > 4:
            ana.press("ArrowDown")
        case FieldType.SINGLE_CHOICE | FieldType.MULTIPLE_CHOICE:
            ana.press("Space")
        case _:
            ana.type(TYPED.get(field.type, "12345678"))


def test_an_agent_leads_a_call_to_a_win_and_all_three_see_the_same(person: Enter) -> None:
    """[DL1, DL2, GD2, GD3, FD1, MK1, LC3] By keyboard: numbers, Esc, Enter, Ctrl+Shift+Enter."""
    document = read_document(Path(SAMPLES / "broadband_retention.yaml").read_bytes(), "broadband_retention.yaml")
    fields = {field.key: field for field in document.fields}
    way = longest_way_to_win(document)
    assert len(way) > 10
    ana, sam, cleo = person("agent"), person("supervisor"), person("coach")
    ana.start()
    sam.watch(ana)
    watchers = [sam]

    for step, (section, place) in enumerate(way):
        expect(ana.section).to_have_text(section.name)
        expect(ana.section).to_be_focused()
        for key in section.fields:
            ana.page.locator(f"[data-field={key}]").locator("input, textarea, select, button").first.focus()
            fill_by_keyboard(ana, fields[key])
        if section.fields:
            ana.press("Escape")
        if step == len(way) // 2:
            cleo.watch(ana)
            watchers.append(cleo)
        ana.press("1" if place == 0 else str(place + 1))
        for watcher in watchers:
            expect(watcher.answer(section.answers[place].label)).to_be_checked()
            expect(watcher.section).to_have_text(section.name)
        seen = all_see_the_same(ana, *watchers)
        assert seen["selected"] == section.answers[place].label
        assert all(seen["fields"][fields[key].label] for key in section.fields), seen["fields"]
        ana.press("Enter")
        for screen in (ana, *watchers):
            expect(screen.section).not_to_have_text(section.name)
    while ana.button("Hide").count():  # what waits to be sent lies over the Notes until it is put away
        ana.button("Hide").first.click()
    ana.notes.click()
    ana.type("Stays for another two years.")
    seen = all_see_the_same(ana, sam, cleo)
    assert seen["notes"] == "Stays for another two years."

    ana.press("Escape", "Enter", "Control+Shift+Enter")
    for screen in (ana, sam, cleo):
        expect(screen.page.get_by_role("heading", name="Review Actions")).to_be_visible()
    ana.press("Control+Shift+Enter")
    won = ana.page.get_by_role("status").filter(has_text="WON")
    anyway = ana.button("Finish anyway")
    expect(won.or_(anyway).first).to_be_visible()
    if anyway.is_visible():
        anyway.click()

    for screen in (ana, sam, cleo):
        expect(screen.page.get_by_role("status").filter(has_text="WON")).to_be_visible()
        expect(screen.page.get_by_role("definition").filter(has_text="12345678").first).to_be_visible()
        expect(screen.page.get_by_role("definition").filter(has_text="Not Provided").first).to_be_visible()
        expect(screen.notes).to_have_text("Stays for another two years.")
    for watcher in (sam, cleo):
        assert not watcher.holds_text(PASSWORD)
        expect(watcher.page.get_by_text("hidden · valid").first).to_be_visible()


def test_a_value_is_on_the_watchers_screen_after_a_pause_in_typing(person: Enter) -> None:
    """[FD1, MK1, PR3] 300 ms after the last key, without leaving the Field; until then they see that Ana types."""
    ana, sam = person("agent"), person("supervisor")
    ana.start()
    sam.watch(ana)
    ana.field("Account number").focus()

    ana.type("87654321")
    began_s = time.monotonic()
    expect(sam.page.get_by_text("Ana Agent is typing…")).to_be_visible()
    expect(sam.field("Account number")).to_have_value("87654321")
    took_s = time.monotonic() - began_s

    assert SAVED_WITHIN_S <= took_s < NOTICED_WITHIN_S
    expect(ana.field("Account number")).to_be_focused()
    ana.is_saved()


def test_a_hidden_value_is_nowhere_in_a_watchers_page(person: Enter) -> None:
    """[MK1] Not in what is shown and not in what is underneath; that it is filled and valid is."""
    ana, sam = person("agent"), person("supervisor")
    ana.start()
    sam.watch(ana)

    ana.fill("Security password", PASSWORD)

    expect(sam.page.get_by_text("hidden · valid")).to_be_visible()
    assert not sam.holds_text(PASSWORD)
    assert ana.holds_text(PASSWORD)


def test_notes_of_two_people_who_type_at_once_merge(person: Enter) -> None:
    """[NT1] Both see both."""
    ana, sam = person("agent"), person("supervisor")
    ana.start()
    sam.watch(ana)
    ana.notes.click()
    sam.notes.click()

    for word in ("one ", "two ", "three "):
        ana.type(word)
        sam.type(word.upper())
    words = {"one", "two", "three", "ONE", "TWO", "THREE"}
    expect(sam.notes).to_contain_text("three")
    expect(ana.notes).to_contain_text("THREE")

    merged = all_see_the_same(ana, sam)["notes"]
    for letters in sorted(words):
        assert all(letter in merged for letter in letters)
