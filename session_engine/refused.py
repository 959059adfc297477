"""The one way in which the engine says no."""

from __future__ import annotations

from protocol.refusals import RefuseCode


class Refused(Exception):
    """A command is not accepted now. Nothing changed; the detail names ids, never call content."""

    def __init__(self, code: RefuseCode, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
