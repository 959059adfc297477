"""Notes: one Yjs document of the whole Session, edited by several people at once.

Its only root is the text `notes`. An update is accepted if it decodes, is
complete (it refers to nothing that is not here yet) and holds plain text;
judging that is `yjs.py`. The document is never rebuilt from its text: that
would double the content.

Rules: protocol/SPEC.md, NT.
"""

from __future__ import annotations

import base64

from msgspec.structs import replace
from pycrdt import Text

from protocol.commands import EditNotes
from protocol.events import Event, NotesEdited, Party
from protocol.refusals import RefuseCode
from session_engine.context import Context
from session_engine.refused import Refused
from session_engine.state import Notes, SessionState
from session_engine.workflow import Workflow
from session_engine.yjs import BadUpdate, merge_text, open_text

MAX_CHARACTERS = 100_000
"""Length of the text; a page of notes is about 3,000."""
MAX_BYTES = 1_000_000
"""Size of the document, which keeps a trace of what was deleted. Every whole view carries it, so it stays far
below what a receiver may let wait (16 MB); an edit elsewhere in the text costs some 15 bytes."""
_ROOT = "notes"


def decide_edit_notes(
    state: SessionState, workflow: Workflow, command: EditNotes, context: Context
) -> tuple[Event, ...]:
    """Merge an update into the Notes.

    Raises:
        Refused: `bad_notes` if it is no complete Yjs update of plain text; `too_large` past a limit.
    """
    try:
        update = base64.b64decode(command.update, validate=True)
    except ValueError:
        raise Refused(RefuseCode.BAD_NOTES, "expected a base64 string") from None
    doc = open_text(_ROOT, state.notes.update if state.notes else None)
    try:
        merge_text(doc, _ROOT, update)
    except BadUpdate as bad:
        raise Refused(RefuseCode.BAD_NOTES, str(bad)) from None
    if len(str(doc[_ROOT])) > MAX_CHARACTERS:
        raise Refused(RefuseCode.TOO_LARGE, f"notes may hold {MAX_CHARACTERS} characters")
    if len(doc.get_update()) > MAX_BYTES:
        raise Refused(RefuseCode.TOO_LARGE, f"notes and their past edits may take {MAX_BYTES} bytes")
    return (NotesEdited(update=command.update),)


def evolve_notes_edited(state: SessionState, event: NotesEdited, actor: Party, at_ms: int) -> SessionState:
    """The merged document."""
    doc = open_text(_ROOT, state.notes.update if state.notes else None)
    doc.apply_update(base64.b64decode(event.update))
    return replace(state, notes=Notes(update=doc.get_update(), seq=state.seq + 1))


def read_text(update: bytes) -> str:
    """The text of a whole Notes document."""
    return str(open_text(_ROOT, update).get(_ROOT, type=Text))
