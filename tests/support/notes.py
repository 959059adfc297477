"""Yjs updates as an editor would make them."""

from __future__ import annotations

import base64

from pycrdt import Doc, Text


class Editor:
    """Somebody's copy of the Notes."""

    def __init__(self) -> None:
        self.doc: Doc[Text] = Doc()
        self.text = self.doc.get("notes", type=Text)

    def type(self, text: str, at: int | None = None) -> str:
        """Insert text; the update in base64."""
        before = self.doc.get_state()
        self.text.insert(len(str(self.text)) if at is None else at, text)
        return base64.b64encode(self.doc.get_update(before)).decode()

    def delete(self, start: int, end: int) -> str:
        """Delete characters; the update in base64."""
        before = self.doc.get_state()
        del self.text[start:end]
        return base64.b64encode(self.doc.get_update(before)).decode()

    def merge(self, update: str) -> None:
        """Take in somebody else's update."""
        self.doc.apply_update(base64.b64decode(update))


def typing(text: str) -> str:
    """The update of somebody who types into empty Notes."""
    return Editor().type(text)
