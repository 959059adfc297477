"""Responses: what was said to an objection or a customer question.

Saying one is recorded with the visit, and does not move the Session.

Rules: protocol/SPEC.md, RS.
"""

from __future__ import annotations

from msgspec.structs import replace

from protocol.commands import UseResponse
from protocol.events import Event, Party, ResponseUsed, SuggestionKind
from protocol.refusals import RefuseCode
from session_engine.context import Context
from session_engine.refused import Refused
from session_engine.state import ResponseUse, SessionState
from session_engine.taken_up import taken_up
from session_engine.workflow import Workflow


def decide_use_response(
    state: SessionState, workflow: Workflow, command: UseResponse, context: Context
) -> tuple[Event, ...]:
    """Record that a Response was said.

    Raises:
        Refused: `unknown_response`.
    """
    if command.response_key not in workflow.responses:
        raise Refused(RefuseCode.UNKNOWN_RESPONSE, f"no response {command.response_key} in {state.version_id}")
    used = ResponseUsed(visit_id=state.current_visit_id, response_key=command.response_key)
    return (*taken_up(state, SuggestionKind.RESPONSE, command.response_key), used)


def evolve_response_used(state: SessionState, event: ResponseUsed, actor: Party, at_ms: int) -> SessionState:
    """Remember it, after those before."""
    use = ResponseUse(
        id=f"r{len(state.responses) + 1}",
        response_key=event.response_key,
        visit_id=event.visit_id,
        by=actor,
        at_ms=at_ms,
    )
    return replace(state, responses={**state.responses, use.id: use})
