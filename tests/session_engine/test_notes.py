"""Notes that several people type at once."""

from __future__ import annotations

import base64

import pytest
from pycrdt import Doc, Map, Text

from protocol.commands import EditNotes
from protocol.refusals import RefuseCode
from session_engine.notes import MAX_CHARACTERS, read_text
from tests.support.notes import Editor, typing
from tests.support.scenario import CLEO, Scenario


def text_of(call: Scenario) -> str:
    """What the Notes say."""
    return read_text(call.state.notes.update) if call.state.notes else ""


def test_two_people_typing_at_once_both_stay(call: Scenario) -> None:
    """[NT1] Updates merge; nobody's words are lost."""
    call.when(EditNotes(update=typing("ana ")))
    call.when(EditNotes(update=typing("cleo ")), by=CLEO)
    assert sorted(text_of(call).split()) == ["ana", "cleo"]


def test_an_update_that_came_twice_counts_once(call: Scenario) -> None:
    """[NT1] Merging the same update again changes nothing."""
    update = typing("once")
    call.when(EditNotes(update=update))
    call.when(EditNotes(update=update))
    assert text_of(call) == "once"


def test_deleting_text_works(call: Scenario) -> None:
    """[NT1] Deletions merge as well."""
    editor = Editor()
    call.when(EditNotes(update=editor.type("hello world")))
    call.when(EditNotes(update=editor.delete(0, 6)))
    assert text_of(call) == "world"


def test_an_update_whose_ground_is_missing_is_refused(call: Scenario) -> None:
    """[NT2] Insertions and deletions must build on what is here: nothing accepted stays invisible."""
    editor = Editor()
    first = editor.type("first")
    second = editor.type(" second")
    gone = editor.delete(0, 2)
    for update in (second, gone):
        call.when(EditNotes(update=update))
        call.then_refused(RefuseCode.BAD_NOTES)
    for update in (first, second, gone):
        call.when(EditNotes(update=update))
        call.then_accepted()
    assert text_of(call) == "rst second"


def _other_root() -> str:
    doc: Doc[Map[str]] = Doc()
    doc.get("other", type=Map)["key"] = "value"
    return base64.b64encode(doc.get_update()).decode()


def _formatted() -> str:
    doc: Doc[Text] = Doc()
    text = doc.get("notes", type=Text)
    text += "bold"
    text.format(0, 2, {"bold": True})
    return base64.b64encode(doc.get_update()).decode()


def _embedded() -> str:
    doc: Doc[Text] = Doc()
    doc.get("notes", type=Text).insert_embed(0, {"image": "x"})
    return base64.b64encode(doc.get_update()).decode()


@pytest.mark.parametrize(
    "update",
    ["not base64!", base64.b64encode(b"garbage").decode(), _other_root(), _formatted(), _embedded()],
    ids=["not base64", "no yjs", "another root", "formatting", "an embed"],
)
def test_only_plain_text_is_accepted(call: Scenario, update: str) -> None:
    """[NT3] Anything but text in the one root is refused, and the Notes stay as they are."""
    call.when(EditNotes(update=typing("mine")))
    call.when(EditNotes(update=update))
    call.then_refused(RefuseCode.BAD_NOTES)
    assert text_of(call) == "mine"


def test_notes_have_a_limit(call: Scenario) -> None:
    """[NT4] Past the limit the edit is refused and nothing that was there is lost."""
    editor = Editor()
    call.when(EditNotes(update=editor.type("x" * MAX_CHARACTERS)))
    call.then_accepted()
    call.when(EditNotes(update=editor.type("y")))
    call.then_refused(RefuseCode.TOO_LARGE)
    assert len(text_of(call)) == MAX_CHARACTERS
