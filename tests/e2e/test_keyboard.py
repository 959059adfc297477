"""The keyboard of a live Session: what each key does, and what it never does."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Enter
from tests.e2e.screens import CALLBACK, EVERY_FIELD, Screen


@pytest.fixture
def ana(person: Enter) -> Screen:
    """Ana at the start of a callback, no hand on the mouse."""
    ana = person("agent")
    ana.start(CALLBACK)
    expect(ana.section).to_be_focused()
    return ana


def reach_the_end(ana: Screen) -> None:
    """To an end Section that wins."""
    ana.fill("Caller's name", "Mr Lindqvist")
    ana.go_on("Right person")
    ana.go_on("Settled on this call")
    expect(ana.button("Complete Session")).to_be_enabled()


class TestAnswers:
    def test_number_keys_select_and_do_not_move(self, ana: Screen) -> None:
        """[GD2] One after the other, the last one counts."""
        ana.press("3", "2")

        expect(ana.answer("Not there")).to_be_checked()
        expect(ana.answer("Not there")).to_be_focused()
        expect(ana.section).to_have_text("Returning the call")

    def test_number_keys_select_where_numbers_need_shift(self, ana: Screen) -> None:
        """[GD2] The key where 2 is on a French keyboard, which writes é."""
        ana.section.dispatch_event("keydown", {"key": "é", "code": "Digit2", "bubbles": True})

        expect(ana.answer("Not there")).to_be_checked()

    def test_a_number_without_an_answer_does_nothing(self, ana: Screen) -> None:
        """[GD2] Nor does it take the selection away."""
        ana.press("2", "9")

        expect(ana.answer("Not there")).to_be_checked()

    def test_numbers_typed_into_inputs_are_text(self, ana: Screen) -> None:
        """[FD1, NT1] In Fields, in searches, in the Notes."""
        ana.field("Caller's name").focus()
        ana.type("12")
        ana.notes.click()
        ana.type("12")

        ana.is_saved()
        assert ana.read() | {"answers": None} == {
            "section": "Returning the call",
            "answers": None,
            "selected": None,
            "fields": {"Caller's name": "12"},
            "notes": "12",
        }

    def test_a_key_held_down_counts_once(self, ana: Screen) -> None:
        """[GD2, GD3] Its repeats change nothing: neither the selection nor the Section."""
        ana.page.keyboard.down("1")
        expect(ana.answer("Right person")).to_be_checked()
        ana.choose("Not there")
        ana.page.keyboard.down("1")
        expect(ana.answer("Not there")).to_be_checked()
        ana.page.keyboard.up("1")
        ana.page.keyboard.down("Enter")
        expect(ana.section).to_have_text("Agree on a time")
        ana.page.keyboard.press("2")
        ana.page.keyboard.down("Enter")

        expect(ana.answer("No time found")).to_be_checked()
        expect(ana.section).to_have_text("Agree on a time")
        ana.page.keyboard.up("Enter")

    def test_number_keys_can_be_switched_off(self, person: Enter) -> None:
        """[GD2] In the list of keys, which `?` opens; Enter and Ctrl+Enter stay."""
        ana = person("agent", elsewhere=True)
        ana.start(CALLBACK)
        ana.press("?")
        sheet = ana.page.get_by_role("dialog", name="Keyboard")
        expect(sheet).to_contain_text("Complete Session")
        sheet.get_by_text("No single keys").click()
        ana.press("Escape")
        expect(sheet).to_be_hidden()

        ana.press("2")
        ana.answer("Right person").focus()
        ana.press("Space", "Enter")

        expect(ana.section).to_have_text("What it is about")

    def test_letters_may_stand_for_the_numbers(self, person: Enter) -> None:
        """[GD2] Chosen in the list of keys."""
        ana = person("agent", elsewhere=True)
        ana.start(CALLBACK)
        ana.press("?")
        sheet = ana.page.get_by_role("dialog", name="Keyboard")
        sheet.get_by_text("A to I").click()
        ana.press("Escape")
        expect(sheet).to_be_hidden()

        ana.press("1")
        expect(ana.answers.get_by_role("radio", checked=True)).to_have_count(0)
        ana.press("b")

        expect(ana.answer("Not there")).to_be_checked()

    def test_everything_that_can_be_done_is_found_by_typing(self, ana: Screen) -> None:
        """[GD2] Ctrl+K, a word, Enter: even from an input."""
        ana.field("Caller's name").focus()
        ana.press("Control+k")
        expect(ana.page.get_by_role("combobox", name="Find anything to do")).to_be_focused()
        ana.type("end ses")
        ana.press("Enter")

        expect(ana.page.get_by_role("dialog", name="End this Session early")).to_be_visible()

    def test_arrow_keys_select_and_never_advance(self, ana: Screen) -> None:
        """[GD2] Past the last one neither."""
        ana.press("1", "ArrowDown", "ArrowDown")
        expect(ana.answer("No longer interested")).to_be_checked()
        ana.press("ArrowRight", "ArrowLeft", "ArrowUp")

        expect(ana.answer("Not there")).to_be_checked()
        expect(ana.section).to_have_text("Returning the call")


class TestContinue:
    def test_enter_continues_from_the_answers_and_focus_goes_to_the_sections_name(self, ana: Screen) -> None:
        """[GD3] So that it is read out, and the next keys count there."""
        ana.press("1", "Enter")

        expect(ana.section).to_have_text("What it is about")
        expect(ana.section).to_be_focused()

    def test_enter_elsewhere_does_not_continue(self, ana: Screen) -> None:
        """[GD3] On the Section's name, in the Notes."""
        ana.press("1")
        ana.section.focus()
        ana.press("Enter")
        ana.notes.click()
        ana.type("a")
        ana.press("Enter")
        ana.type("b")

        expect(ana.notes).to_have_text(re.compile("a\n?b"))
        expect(ana.section).to_have_text("Returning the call")

    @pytest.mark.parametrize("place", ["Field", "Notes", "Section's name"])
    def test_ctrl_enter_continues_from_anywhere(self, ana: Screen, place: str) -> None:
        """[GD3, FD1] What was typed a moment ago is saved first, on the visit that it belongs to."""
        ana.press("1")
        if place == "Field":
            ana.field("Caller's name").focus()
            ana.type("Mr Lindqvist")
        elif place == "Notes":
            ana.notes.click()
            ana.type("Mr Lindqvist")
        else:
            ana.section.focus()

        ana.press("Control+Enter")

        expect(ana.section).to_have_text("What it is about")
        ana.is_saved()
        if place == "Field":
            expect(ana.page.get_by_role("button", name="Caller's name: Mr Lindqvist")).to_be_visible()
        elif place == "Notes":
            expect(ana.notes).to_have_text("Mr Lindqvist")

    def test_without_a_selection_nothing_continues(self, ana: Screen) -> None:
        """[GD3] Neither Enter nor Ctrl+Enter."""
        ana.press("Escape", "Control+Enter")
        ana.answer("Right person").focus()
        ana.press("Enter")

        expect(ana.section).to_have_text("Returning the call")


class TestFields:
    def test_enter_goes_from_field_to_field_and_esc_to_the_answers(self, person: Enter) -> None:
        """[FD1] After the last Field, Enter goes to the Answers as well."""
        ana = person("agent")
        ana.start()
        ana.field("Account number").focus()
        ana.type("12345678")
        ana.press("Enter")
        expect(ana.field("Security password")).to_be_focused()
        ana.type("blue")
        ana.press("Enter")
        expect(ana.field("Contact phone")).to_be_focused()

        ana.press("Escape")

        expect(ana.answers.get_by_role("radio").first).to_be_focused()
        ana.press("2")
        ana.field("Contact phone").focus()
        ana.press("Escape")
        expect(ana.answer("Failed verification")).to_be_focused()
        expect(ana.section).to_have_text("Greeting and verification")

    def test_enter_passes_a_choice_and_space_chooses(self, ana: Screen) -> None:
        """[FD1] Held down it chooses nothing either; Esc leads to the Answers from there, too."""
        ana.go_on("Not there")
        yes = ana.button("Yes")
        ana.field("Callback number").focus()
        for _ in range(3):
            ana.page.keyboard.down("Enter")
        expect(yes).to_be_focused()
        ana.page.keyboard.up("Enter")
        ana.press("Enter")
        expect(ana.answer("Time agreed")).to_be_focused()
        expect(yes).to_have_attribute("aria-pressed", "false")

        yes.focus()
        ana.press("Space", "Escape")

        expect(yes).to_have_attribute("aria-pressed", "true")
        expect(ana.answer("Time agreed")).to_be_focused()

    def test_enter_in_a_long_text_is_a_new_line(self, person: Enter) -> None:
        """[FD1] The Session does not move."""
        ana = person("agent")
        ana.start()
        ana.button("Go to Section…").click()
        ana.page.get_by_role("searchbox", name="Find a Section").fill("credit")
        ana.press("Enter")
        ana.field("Complaint").focus()
        ana.type("First")
        ana.press("Enter")
        ana.type("second")

        expect(ana.field("Complaint")).to_have_value("First\nsecond")
        ana.is_saved()

    def test_a_click_on_a_variable_leads_to_its_field(self, ana: Screen) -> None:
        """[DL3] Wherever the Field is; the empty one shows its label."""
        ana.go_on("Right person")

        ana.page.get_by_role("button", name="Caller's name, empty").click()

        expect(ana.field("Caller's name")).to_be_focused()
        ana.type("Mr Lindqvist")
        expect(ana.page.get_by_role("button", name="Caller's name: Mr Lindqvist")).to_be_visible()

    def test_a_variable_whose_field_is_not_offered_is_text(self, person: Enter) -> None:
        """[DL3] There is nothing that a click could lead to, until the Field appears."""
        ana = person("agent")
        ana.start(EVERY_FIELD)
        chip = ana.page.get_by_role("button", name="Refund, empty")
        expect(ana.page.get_by_role("main")).to_contain_text("You get back Refund.")
        expect(chip).to_have_count(0)

        ana.button("Yes").click()
        chip.click()

        expect(ana.field("Refund")).to_be_focused()


class TestEnd:
    def test_plain_enter_never_completes(self, ana: Screen) -> None:
        """[LC3] Not even on the button itself."""
        reach_the_end(ana)
        ana.press("Enter")
        ana.button("Complete Session").focus()
        ana.press("Enter", "Control+Enter")

        expect(ana.button("Complete Session")).to_be_enabled()
        expect(ana.section).to_have_text("Settled")

    def test_plain_enter_in_the_palette_leads_to_the_button_only(self, ana: Screen) -> None:
        """[LC3] Completing itself takes one more, deliberate press."""
        reach_the_end(ana)
        ana.press("Control+k")
        expect(ana.page.get_by_role("combobox", name="Find anything to do")).to_be_focused()
        ana.type("complete")
        ana.press("Enter")

        expect(ana.button("Complete Session")).to_be_focused()

    def test_enter_jumps_nowhere_before_a_section_was_named(self, ana: Screen) -> None:
        """[GD6] By typing, or by the arrow keys."""
        ana.press("j")
        dialog = ana.page.get_by_role("dialog", name="Go to Section")
        expect(dialog.get_by_role("searchbox")).to_be_focused()
        ana.press("Enter")
        expect(dialog).to_be_visible()
        ana.press("ArrowDown", "ArrowDown", "Enter")

        expect(ana.section).to_have_text("Agree on a time")

    def test_ctrl_shift_enter_completes(self, ana: Screen) -> None:
        """[LC3] From an input, too."""
        reach_the_end(ana)
        ana.notes.click()
        ana.press("Control+Shift+Enter")

        outcome = ana.page.get_by_role("status").filter(has_text="WON")
        expect(outcome, "it is read out").to_be_focused()

    def test_ctrl_shift_enter_does_nothing_before_the_end(self, ana: Screen) -> None:
        """[LC3] It is for end Sections."""
        ana.press("1", "Control+Shift+Enter")

        expect(ana.section).to_have_text("Returning the call")
        expect(ana.page.get_by_text("Not done")).to_be_hidden()

    def test_plain_enter_never_ends(self, ana: Screen) -> None:
        """[LC4] Neither in the dialog's input nor on its button."""
        ana.button("End Session").click()
        dialog = ana.page.get_by_role("dialog")
        expect(dialog.get_by_role("button", name="Customer hung up")).to_be_focused()
        ana.press("Enter")
        dialog.get_by_role("textbox", name="Remark").focus()
        ana.type("2")
        ana.press("Enter")
        expect(dialog).to_be_visible()
        ana.press("Escape")

        expect(dialog).to_be_hidden()
        expect(ana.section).to_have_text("Returning the call")
