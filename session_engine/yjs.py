"""Yjs updates from outside: what may be merged, and whether all of it was.

pycrdt merges; this module reads what pycrdt does not tell, and turns every
way in which it can fail over bytes from outside into one exception. Format:
Yjs update v1, structs by client, then deleted ranges by client.

Rules: protocol/SPEC.md, NT2 and NT3.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pycrdt import Decoder, Doc, Text, get_update

_GC, _DELETED, _STRING, _SKIP = 0, 1, 4, 10
_HAS_ORIGIN, _HAS_RIGHT_ORIGIN, _HAS_PARENT_SUB = 0x80, 0x40, 0x20
_CONTENT = 0x1F
_ROOT_PARENT = 1


class BadUpdate(Exception):
    """An update that cannot be merged; the text says why, without its content."""


class _Reader(Decoder):
    """What pycrdt reads of its own encoding, and single bytes."""

    def read_byte(self) -> int:
        byte = self.stream[self.i0]
        self.i0 += 1
        self.length -= 1
        return byte


def open_text(root: str, update: bytes | None) -> Doc[Text]:
    """A document with this root text, and what a trusted update holds."""
    doc: Doc[Text] = Doc()
    doc.get(root, type=Text)
    if update is not None:
        doc.apply_update(update)
    return doc


def merge_text(doc: Doc[Text], root: str, update: bytes) -> None:
    """Merge an update that inserts and deletes plain text in this root only, all of it.

    Raises:
        BadUpdate: it is no such update. The document is spoiled then.
    """
    with _bad_if_unreadable():
        # Encoded anew by the library, so that what is judged here is what will be merged.
        _check_plain(_Reader(get_update(update, doc.get_state())), root)
        doc.apply_update(update)
        if not _is_complete(update, doc):
            raise BadUpdate("the update builds on an edit that is not here")


@contextmanager
def _bad_if_unreadable() -> Iterator[None]:
    try:
        yield
    except (ValueError, IndexError, RuntimeError):
        raise BadUpdate("expected a Yjs v1 update") from None
    except BaseException as error:
        # A panic of pycrdt's Rust: derived from BaseException, by a class that no module exports.
        if type(error).__name__ != "PanicException":
            raise
        raise BadUpdate("expected a Yjs v1 update") from None


def _check_plain(update: _Reader, root: str) -> None:
    """Refuse every struct but text in the root and what is left of deleted text.

    Looking at the merged text would not do: a root text shows nothing of the
    map entries, list items and binaries that the same root can hold.
    """
    for _ in range(update.read_var_uint()):
        structs, _client, _clock = (update.read_var_uint() for _ in range(3))
        for _ in range(structs):
            info = update.read_byte()
            content = info & _CONTENT
            if content not in (_GC, _SKIP):
                _check_place(update, info, root)
            if content == _STRING:
                update.read_var_string()
            elif content in (_GC, _SKIP, _DELETED):
                update.read_var_uint()
            else:
                raise BadUpdate("expected plain text only")


def _check_place(update: _Reader, info: int, root: str) -> None:
    """An insertion names its neighbours; without any, the root itself, and no key in it."""
    for _ in range(2 * bool(info & _HAS_ORIGIN) + 2 * bool(info & _HAS_RIGHT_ORIGIN)):
        update.read_var_uint()
    if info & (_HAS_ORIGIN | _HAS_RIGHT_ORIGIN):
        return
    if update.read_var_uint() != _ROOT_PARENT or update.read_var_string() != root or info & _HAS_PARENT_SUB:
        raise BadUpdate(f"expected text in the root {root!r} only")


def _is_complete(update: bytes, doc: Doc[Text]) -> bool:
    """Whether the document took in every insertion and deletion of the update.

    What is left of the update beyond the document's state must hold no
    structs, and its delete set must name no clock that the document lacks.
    """
    left = Decoder(get_update(update, doc.get_state()))
    if left.read_var_uint() != 0:
        return False
    state = Decoder(doc.get_state())
    clocks = {state.read_var_uint(): state.read_var_uint() for _ in range(state.read_var_uint())}
    for _ in range(left.read_var_uint()):
        known = clocks.get(left.read_var_uint(), 0)
        for _ in range(left.read_var_uint()):
            if left.read_var_uint() + left.read_var_uint() > known:
                return False
    return True
