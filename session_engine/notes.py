"""Notes: one Yjs document of the whole Session, edited by several people at once.

Its only root is the text `notes`. An update is accepted if it decodes, is
complete (it refers to nothing that is not here yet) and leaves plain text.
The document is never rebuilt from its text: that would double the content.

Rules: protocol/SPEC.md, NT.
"""

from __future__ import annotations

import base64
import binascii

from msgspec.structs import replace
from pycrdt import Decoder, Doc, Text, get_update

from protocol.commands import EditNotes
from protocol.events import Event, NotesEdited, Party
from protocol.refusals import RefuseCode
from session_engine.context import Context
from session_engine.refused import Refused
from session_engine.state import Notes, SessionState
from session_engine.workflow import Workflow

MAX_CHARACTERS = 100_000
"""Length of the text; a page of notes is about 3,000."""
_ROOT = "notes"


def decide_edit_notes(
    state: SessionState, workflow: Workflow, command: EditNotes, context: Context
) -> tuple[Event, ...]:
    """Merge an update into the Notes.

    Raises:
        Refused: `bad_notes` if it is no complete Yjs update of plain text; `too_large` past the limit.
    """
    try:
        update = base64.b64decode(command.update, validate=True)
    except binascii.Error:
        raise Refused(RefuseCode.BAD_NOTES, "expected a base64 string") from None
    doc = _open(state.notes)
    try:
        doc.apply_update(update)
        is_complete = _is_complete(update, doc)
    except (ValueError, IndexError, RuntimeError):
        raise Refused(RefuseCode.BAD_NOTES, "expected a Yjs v1 update") from None
    if not is_complete:
        raise Refused(RefuseCode.BAD_NOTES, "the update builds on an edit that is not here")
    text = doc.get(_ROOT, type=Text)
    if list(doc.keys()) != [_ROOT] or any(not isinstance(run, str) or marks for run, marks in text.diff()):
        raise Refused(RefuseCode.BAD_NOTES, f"expected plain text in the root {_ROOT!r} only")
    if len(str(text)) > MAX_CHARACTERS:
        raise Refused(RefuseCode.TOO_LARGE, f"notes may hold {MAX_CHARACTERS} characters")
    return (NotesEdited(update=command.update),)


def evolve_notes_edited(state: SessionState, event: NotesEdited, actor: Party, at_ms: int) -> SessionState:
    """The merged document."""
    doc = _open(state.notes)
    doc.apply_update(base64.b64decode(event.update))
    return replace(state, notes=Notes(update=doc.get_update(), seq=state.seq + 1))


def read_text(update: bytes) -> str:
    """The text of a whole Notes document."""
    return str(_open(Notes(update=update, seq=0)).get(_ROOT, type=Text))


def _open(notes: Notes | None) -> Doc[Text]:
    doc: Doc[Text] = Doc()
    doc.get(_ROOT, type=Text)
    if notes is not None:
        doc.apply_update(notes.update)
    return doc


def _is_complete(update: bytes, doc: Doc[Text]) -> bool:
    """Whether the document took in every insertion and deletion of the update.

    What is left of the update beyond the document's state must hold no
    structs, and its delete set must name no clock that the document lacks
    (Yjs update v1: structs by client, then deleted ranges by client).
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
