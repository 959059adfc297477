"""Who does by themselves what was suggested has taken it up.

Rules: protocol/SPEC.md, SU10.
"""

from __future__ import annotations

from protocol.base import Key
from protocol.events import SuggestionKind, SuggestionOutcome, SuggestionSettled
from session_engine.state import SessionState


def taken_up(state: SessionState, kind: SuggestionKind, key: Key | None) -> tuple[SuggestionSettled, ...]:
    """The open suggestion to do just this is accepted; nothing if there is none."""
    return tuple(
        SuggestionSettled(suggestion_id=each.id, outcome=SuggestionOutcome.ACCEPTED)
        for each in state.suggestions.values()
        if each.is_open and each.kind is kind and each.key == key
    )
