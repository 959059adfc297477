"""Every Field type as people of two countries type it, and what everybody then sees."""

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Enter
from tests.e2e.screens import EVERY_FIELD, Screen

TYPED = {
    "agent": {
        "Text": ("O’Brien & Söhne ✓", "O’Brien & Söhne ✓"),
        "Long text": ("First line", "First line"),
        "Number": ("1,234.5", "1,234.5"),
        "Money": ("£1234.5", "£1,234.50"),
        "Date": ("3 April 2027", "Sat, 3 Apr 2027"),
        "Time": ("3pm", "15:00"),
        "Date and time": ("3/4/2027 3.30pm", "Sat, 3 Apr 2027, 15:30"),
        "E-mail": ("Ana.Lind@EXAMPLE.com", "Ana.Lind@example.com"),
        "Phone": ("020 7946 0018", "+44 20 7946 0018"),
        "Link": ("example.com/a", "https://example.com/a"),
        "Postcode": ("sw1a1aa", "SW1A 1AA"),
        "Country": ("germany", "Germany"),
        "Password": ("Quetzal-4711", "Quetzal-4711"),
    },
    "agent2": {
        "Text": ("Jürgen", "Jürgen"),
        "Long text": ("Erste Zeile", "Erste Zeile"),
        "Number": ("1.234,5", "1.234,5"),
        "Money": ("1234,5", "1.234,50\u00a0€"),
        "Date": ("3. April 2027", "Sa., 3. Apr. 2027"),
        "Time": ("15 Uhr", "15:00"),
        "Date and time": ("3.4.2027 15:30", "Sa., 3. Apr. 2027, 15:30"),
        "E-mail": ("jb@example.de", "jb@example.de"),
        "Phone": ("030 901820", "+49 30 901820"),
        "Link": ("https://example.de", "https://example.de"),
        "Postcode": ("10115", "10115"),
        "Country": ("Frankreich", "Frankreich"),
        "Password": ("Quetzal-4711", "Quetzal-4711"),
    },
}
"""By agent: what is typed into each Field, and what stands in it once it is left."""

ODD = {
    "Number": ("about ten", "a number"),
    "Money": ("a few quid", "an amount"),
    "Date": ("next year", "a date"),
    "Time": ("25:61", "a time"),
    "Date and time": ("soon", "a date and a time"),
    "E-mail": ("ana at home", "ada@example.org"),
    "Phone": ("12", "phone number"),
    "Link": ("not a link", "address"),
    "Postcode": ("???", "postcode"),
    "Country": ("Atlantis", "country"),
}
"""What nobody can read, and a part of what is then said to be expected."""


@pytest.mark.parametrize("agent", ["agent2", pytest.param("agent", marks=pytest.mark.long)])
def test_every_field_type_is_typed_as_the_country_writes(person: Enter, agent: str) -> None:
    """[FD5, FD6] By keyboard from Field to Field; still there after a refresh, and for who watches."""
    ana, sam = person(agent), person("supervisor")
    ana.start(EVERY_FIELD)
    sam.watch(ana)
    for label, (typed, _) in TYPED[agent].items():
        ana.field(label).focus()
        ana.type(typed)
        ana.press("Tab")
    choose_everywhere(ana)
    ana.is_saved()

    for _ in range(2):
        for label, (_, shown) in TYPED[agent].items():
            expect(ana.field(label), label).to_have_value(shown)
        expect(ana.page.get_by_text("Kept, but not valid")).to_have_count(0)
        expect(ana.page.get_by_role("radio", name="Bert")).to_be_checked()
        expect(ana.page.get_by_role("checkbox", name="Zither")).to_be_checked()
        expect(ana.page.get_by_role("button", name="Yes", exact=True)).to_have_attribute("aria-pressed", "true")
        expect(ana.field("Refund"), "shown once it is needed").to_be_visible()
        ana.page.reload()
        expect(ana.answers).to_be_visible()
    expect(sam.field("Text")).to_have_value(TYPED[agent]["Text"][0])
    expect(sam.page.locator("[data-field=masked]")).to_contain_text("hidden · valid")


def choose_everywhere(screen: Screen) -> None:
    """Yes, Bert, and all but the middle one."""
    screen.button("Yes").click()
    screen.page.get_by_role("radio", name="Bert").check()
    screen.page.get_by_role("checkbox", name="Xylo").check()
    screen.page.get_by_role("checkbox", name="Zither").check()


def test_what_nobody_can_read_is_kept_and_says_what_was_expected(person: Enter) -> None:
    """[FD3] In the words that were typed; the call goes on."""
    ana = person("agent")
    ana.start(EVERY_FIELD)
    for label, (typed, _) in ODD.items():
        ana.fill(label, typed)

    for label, (typed, expected) in ODD.items():
        expect(ana.field(label)).to_have_value(typed)
        row = ana.field(label).locator("xpath=ancestor::*[@data-field]")
        expect(row).to_contain_text("Kept, but not valid: expected")
        assert expected in row.inner_text(), row.inner_text()
    ana.go_on("Done")
    expect(ana.section).to_have_text("The end")


def test_two_countries_see_one_value_each_in_their_own_way(person: Enter) -> None:
    """[FD5] What is stored has no locale."""
    bert, sam = person("agent2"), person("supervisor")
    bert.start(EVERY_FIELD)
    bert.fill("Number", "1.234,5")
    bert.fill("Money", "20 €")
    bert.fill("Date", "31.12.2027")
    sam.watch(bert)

    expect(bert.field("Money")).to_have_value("20,00\u00a0€")
    expect(sam.field("Number")).to_have_value("1,234.5")
    expect(sam.field("Money")).to_have_value("€20.00")
    expect(sam.field("Date")).to_have_value("Fri, 31 Dec 2027")


def test_a_wrong_clock_of_the_laptop_changes_no_time(person: Enter) -> None:
    """[FD6] The server's clock says what `tomorrow` is, how long ago things were, and which moments are today's."""
    ana, dee = person("agent"), person("agent", elsewhere=True)
    ana.start(EVERY_FIELD)
    dee.page.clock.install()
    dee.page.clock.fast_forward(26 * 3600 * 1000)
    dee.start(EVERY_FIELD)
    for screen in (ana, dee):
        screen.fill("Date", "tomorrow")

    expect(dee.field("Date")).to_have_value(ana.field("Date").input_value())
    dee.button("Pause").click()
    band = dee.page.get_by_role("region", name="Paused")
    band.get_by_role("button", name="In 1 hour").click()
    at = band.get_by_label("Call back at").input_value()
    expect(band.get_by_text("Call back at", exact=False).first).to_contain_text(at[-5:])


def test_too_much_text_is_stopped_at_the_field(person: Enter) -> None:
    """[FD1] Pasting more than 10,000 characters changes nothing and says so."""
    ana = person("agent")
    ana.start(EVERY_FIELD)
    ana.fill("Long text", "what was there")

    ana.field("Long text").fill("x" * 10_001)

    expect(ana.page.get_by_role("alert")).to_contain_text("At most 10,000 characters fit. Nothing was changed.")
    expect(ana.field("Long text")).to_have_value("what was there")


def test_card_numbers_are_warned_of(person: Enter) -> None:
    """[FD1, NT1] Free text that looks like a card number, in the Notes, too; nothing is kept from being stored."""
    ana = person("agent")
    ana.start(EVERY_FIELD)

    ana.fill("Text", "4111 1111 1111 1111")

    caution = ana.page.get_by_text("This looks like a card number.")
    expect(caution).to_be_visible()
    ana.fill("Text", "")
    expect(caution).to_have_count(0)
    ana.notes.click()
    ana.type("paid with 4111 1111 1111 1111 123")
    expect(caution).to_be_visible()
    for _ in range(20):
        ana.press("Backspace")
    expect(caution).to_have_count(0)


def test_the_other_fields_of_the_workflow_are_found_by_name(person: Enter) -> None:
    """[FD1] Wherever the call is; also right after typing into another Field."""
    ana = person("agent")
    ana.start()
    ana.field("Account number").fill("1234")

    ana.page.get_by_role("button", name="Other Fields").click()
    ana.page.get_by_role("searchbox", name="Find a Field").fill("competitor p")

    ana.fill("Competitor's price a month", "24.99")
    expect(ana.field("Competitor's price a month")).to_have_value("£24.99")


def test_a_field_stays_where_it_is_while_it_is_typed_into(person: Enter) -> None:
    """[FD1] Among the other Fields, where filled ones come first: from the next opening on."""
    ana = person("agent")
    ana.start()
    other_fields = ana.page.get_by_role("button", name="Other Fields")
    other_fields.click()
    place = ana.page.locator("[data-field]:has([id=field-competitor_price]) ~ [data-field]")
    below = place.count()

    ana.fill("Competitor's price a month", "24.99")

    expect(place).to_have_count(below)
    other_fields.click()
    other_fields.click()
    assert place.count() > below


def test_a_date_time_keeps_its_zone_while_it_is_typed_anew(person: Enter) -> None:
    """[FD7] Also after a refresh, when what was chosen is known from the value alone."""
    ana = person("agent")
    ana.start(EVERY_FIELD)
    ana.page.get_by_label("Time zone of Date and time").select_option("America/New_York")
    ana.fill("Date and time", "3 April 2027 9:00")
    ana.page.reload()
    ana.field("Date and time").click()
    ana.press("Control+a")
    ana.type("3 Apr")
    ana.is_saved()
    ana.type(" 2027 10:30")
    ana.press("Tab")

    expect(ana.field("Date and time")).to_have_value("Sat, 3 Apr 2027, 10:30")
    expect(ana.page.get_by_label("Time zone of Date and time")).to_have_value("America/New_York")
    expect(ana.page.get_by_text("3 Apr, 15:30 for you")).to_be_visible()


def test_what_is_typed_into_a_filled_field_replaces_it(person: Enter) -> None:
    """[FD5] By keyboard, by Tab or Enter, in whatever form it is shown and edited; by pointer it is only gone into."""
    ana = person("agent")
    ana.start(EVERY_FIELD)
    number, phone = ana.field("Number"), ana.field("Phone")
    ana.fill("Number", "1234")
    expect(number).to_have_value("1,234")
    ana.fill("Phone", "020 7946 0018")

    def replaced(field: Locator, key: str, typed: str, shown: str) -> None:
        while not field.evaluate("it => it === document.activeElement"):
            ana.press(key)
        ana.type(typed)
        ana.is_saved()
        field.blur()
        expect(field).to_have_value(shown)
        field.focus()

    replaced(phone, "Tab", "020 7946 0111", "+44 20 7946 0111")
    replaced(number, "Shift+Tab", "1111", "1,111")
    replaced(phone, "Enter", "020 7946 0222", "+44 20 7946 0222")
    phone.click()
    ana.press("End")
    ana.type("9")
    ana.is_saved()
    assert phone.input_value().endswith("02229")


def test_a_field_is_copied_with_one_press(person: Enter) -> None:
    """[FD1] The value as it is written, and a word that it is done."""
    ana = person("agent", elsewhere=True)
    ana.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ana.start(EVERY_FIELD)
    ana.fill("Phone", "020 7946 0018")

    ana.page.get_by_role("button", name="Copy Phone").click()

    expect(ana.page.get_by_role("status").filter(has_text="Copied")).to_be_attached()
    assert ana.page.evaluate("navigator.clipboard.readText()") == "+44 20 7946 0018"


def test_a_persons_own_language_and_region(person: Enter) -> None:
    """[HS33] Chosen once, where their name stands."""
    ana = person("agent", elsewhere=True)
    ana.start(EVERY_FIELD)
    ana.fill("Number", "1,234.5")
    ana.page.get_by_role("button", name="my account").click()
    ana.page.get_by_role("menuitem", name="Language and region").click()
    form = ana.page.get_by_role("dialog", name="Language and region")
    form.get_by_label("Language").select_option("fr-FR")
    expect(form).to_contain_text("£GB")
    form.get_by_role("button", name="Save").click()
    expect(form).to_be_hidden()

    expect(ana.field("Number")).to_have_value("1\u202f234,5")
    ana.page.get_by_role("button", name="my account").click()
    ana.page.get_by_role("menuitem", name="Language and region").click()
    form.get_by_role("button", name="As the installation").click()
    expect(form).to_be_hidden()
    expect(ana.field("Number")).to_have_value("1,234.5")


def test_five_megabytes_pasted_into_the_notes_change_nothing(person: Enter) -> None:
    """[NT4] The limit is named, and what was there stays; 90,000 characters fit."""
    ana = person("agent", elsewhere=True)
    ana.start(EVERY_FIELD)
    ana.notes.click()
    ana.type("What was there. ")
    paste(ana, "x" * 5_000_000)

    expect(ana.page.get_by_role("alert")).to_contain_text("at most 100,000 characters")
    expect(ana.notes).to_have_text("What was there. ")

    paste(ana, "\u6771" * 90_000)
    ana.is_saved()
    expect(ana.page.get_by_role("alert")).to_be_hidden()
    ana.page.reload()
    expect(ana.notes).to_contain_text("What was there. \u6771\u6771")


def paste(screen: Screen, text: str) -> None:
    """As Ctrl+V does."""
    screen.notes.evaluate(
        """(editor, text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          editor.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        text,
    )
