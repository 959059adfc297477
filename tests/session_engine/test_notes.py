"""Notes that several people type at once."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Array, Doc, Map, Text, merge_updates

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


def test_an_update_with_a_gap_is_refused(call: Scenario) -> None:
    """[NT2] The first and the third of three edits in one."""
    editor = Editor()
    first, _, third = (base64.b64decode(editor.type(word)) for word in ("one ", "two ", "three"))
    call.when(EditNotes(update=base64.b64encode(merge_updates(first, third)).decode()))
    call.then_refused(RefuseCode.BAD_NOTES)


def test_collected_garbage_is_no_content(call: Scenario) -> None:
    """[NT3] An editor may say of what it deleted only how long it was."""
    one_client, one_struct, client, clock, garbage, length, nothing_deleted = 1, 1, 7, 0, 0, 5, 0
    update = bytes([one_client, one_struct, client, clock, garbage, length, nothing_deleted])
    call.when(EditNotes(update=base64.b64encode(update).decode()))
    call.then_accepted()
    assert text_of(call) == ""


edits = st.tuples(st.booleans(), st.integers(0, 30), st.text(st.characters(codec="utf-8"), max_size=3))


@given(st.lists(edits, max_size=30))
def test_whatever_two_editors_make_is_accepted(steps: list[tuple[bool, int, str]]) -> None:
    """[NT1] Typing and deleting anywhere, each in turn on the other's words."""
    call, ana, cleo = Scenario(), Editor(), Editor()
    for is_ana, place, text in steps:
        editor, other = (ana, cleo) if is_ana else (cleo, ana)
        at = min(place, len(editor.text))
        # Python's indices of a Yjs text are bytes: a cut through a character is not what an editor makes.
        whole = str(editor.text).isascii()
        update = editor.type(text, at) if text and whole else editor.delete(0, at if whole else len(editor.text))
        call.when(EditNotes(update=update))
        call.then_accepted()
        other.merge(update)
    assert text_of(call) == str(ana.text) == str(cleo.text)


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


def _map_entry() -> str:
    doc: Doc[Map[str]] = Doc()
    doc.get("notes", type=Map)["key"] = "x" * 1_000
    return base64.b64encode(doc.get_update()).decode()


def _list_items() -> str:
    doc: Doc[Array[object]] = Doc()
    doc.get("notes", type=Array).extend(["seen by nobody", b"binary"])
    return base64.b64encode(doc.get_update()).decode()


PANIC = bytes.fromhex(
    "0103e4f4c7c1ebcacc04beffffffff040401056e6f74657302686581e4f4c7c1ebcacc04010284e4f4c7c1ebcacc0403076f20776f726c6401"
    "e4f4c7c1ebcacc04010202"
)
"""An update over which the library panics, which is no `Exception`."""

REFUSED = {
    "not base64": "not base64!",
    "not ASCII": "é",
    "no yjs": base64.b64encode(b"garbage").decode(),
    "a panic": base64.b64encode(PANIC).decode(),
    "another root": _other_root(),
    "formatting": _formatted(),
    "an embed": _embedded(),
    "a map entry": _map_entry(),
    "list items": _list_items(),
}


@pytest.mark.parametrize("update", REFUSED.values(), ids=REFUSED.keys())
def test_only_plain_text_is_accepted(call: Scenario, update: str) -> None:
    """[NT3] Anything but text in the one root is refused, and the Notes stay as they are."""
    call.when(EditNotes(update=typing("mine")))
    call.when(EditNotes(update=update))
    call.then_refused(RefuseCode.BAD_NOTES)
    assert text_of(call) == "mine"


def _deleted() -> str:
    editor = Editor()
    editor.type("some words, and é😀")
    editor.delete(2, 9)
    return editor.type("more", at=3)


SEEDS = [base64.b64decode(update) for update in (_deleted(), typing("hello"), *list(REFUSED.values())[3:])]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """An update with a few bytes changed, put in or cut out."""
    update = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(update)))
        update[place : place + draw(st.integers(0, 2))] = draw(
            st.sampled_from([b"", b"\x00", b"\x01", b"\x04", b"\x80", b"\xff" * 9 + b"\x01"]) | st.binary(max_size=2)
        )
    return bytes(update)


@given(updates=st.lists(mutated() | st.binary(max_size=40), min_size=1, max_size=2))
def test_bytes_from_outside_are_merged_or_refused(updates: list[bytes]) -> None:
    """[NT3] Whatever they are: nothing else is raised, and what was accepted can be folded and read."""
    call = Scenario()
    for update in updates:
        call.when(EditNotes(update=base64.b64encode(update).decode()))
        assert call.refused is None or call.refused.code is RefuseCode.BAD_NOTES
    assert text_of(call) == (read_text(notes.update) if (notes := call.refold().notes) else "")


def test_an_interruption_is_no_bad_update(call: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    """[NT3] Only what the library itself raises is the update's fault."""

    def interrupted(self: object, update: bytes) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Doc, "apply_update", interrupted)
    with pytest.raises(KeyboardInterrupt):
        call.when(EditNotes(update=typing("x")))


def test_notes_have_a_limit(call: Scenario) -> None:
    """[NT4] Past the limit the edit is refused and nothing that was there is lost."""
    editor = Editor()
    call.when(EditNotes(update=editor.type("x" * MAX_CHARACTERS)))
    call.then_accepted()
    call.when(EditNotes(update=editor.type("y")))
    call.then_refused(RefuseCode.TOO_LARGE)
    assert len(text_of(call)) == MAX_CHARACTERS


def test_what_was_deleted_has_a_limit_as_well(call: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    """[NT4] A document whose edits take too many bytes is refused, however short its text."""
    monkeypatch.setattr("session_engine.notes.MAX_BYTES", 1_000)
    editor = Editor()
    for _ in range(200):
        update = editor.type("x", at=0)
        call.when(EditNotes(update=update))
        if call.refused is not None:
            break
    call.then_refused(RefuseCode.TOO_LARGE)
    assert call.state.notes is not None
    assert 900 < len(call.state.notes.update) <= 1_000
    assert text_of(call) + "x" == str(editor.text)
