"""What came of one attempt: data, because it becomes an event of the Session's log.

An integration's `classify` makes one of what the other side answered, or of
how reaching it failed. What happens next is not decided here: see
`session_engine/action_machine.py`.

Rules: protocol/SPEC.md, AC.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from protocol.actions import OutcomeKind
from protocol.base import Record


class Outcome(Record, frozen=True, kw_only=True):
    """One attempt's outcome. Nothing in it holds a credential."""

    kind: OutcomeKind
    message: Annotated[str, Meta(max_length=500, description="For the person who looks at the Action.")] = ""
    field_messages: Annotated[
        dict[str, str], Meta(description="What the other side finds wrong, by path of the parameter.")
    ] = {}
    results: Annotated[dict[str, Any], Meta(description="Values of the answer, for Fields and later Actions.")] = {}
    retry_after_ms: Annotated[int | None, Meta(description="How long the other side asks to wait.")] = None
    status: Annotated[int | None, Meta(description="HTTP status or SMTP code.")] = None
    excerpt: Annotated[str, Meta(max_length=4_096, description="Of the answer, redacted; for administrators.")] = ""
    disables_connection: Annotated[bool, Meta(description="The receiver is gone for good (410).")] = False
