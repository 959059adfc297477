"""Correcting a record: a Field of a finished Session gets another value, and what it was stays.

A correction is a Field that is set once the Session is finished; there is no
event of its own, and `fields.py` keeps what was.

Rules: protocol/SPEC.md, FD10 to FD12.
"""

from __future__ import annotations

from protocol.commands import CorrectField
from protocol.events import Event
from protocol.refusals import RefuseCode
from session_engine.context import Context
from session_engine.fields import field_set, get_definition, reading_of
from session_engine.refused import Refused
from session_engine.rights import RECORD_MS, Participant, participants
from session_engine.state import SessionState
from session_engine.workflow import Workflow


def decide_correct_field(
    state: SessionState, workflow: Workflow, command: CorrectField, context: Context
) -> tuple[Event, ...]:
    """Enter another value, read and judged like any other.

    Raises:
        Refused: `not_finished`; `not_allowed` to an owner who comes too late; `unknown_field`, `bad_content`.
    """
    if not state.is_finished:
        raise Refused(RefuseCode.NOT_FINISHED, f"session {state.session_id} is {state.status}; expected set_field")
    until_ms = state.changed_ms + RECORD_MS
    leads = Participant.SUPERVISOR in participants(state, context.actor)
    if not leads and (context.actor.id != state.owner.id or context.now_ms >= until_ms):
        raise Refused(RefuseCode.NOT_ALLOWED, f"expected the owner until {until_ms} ms, or a supervisor")
    definition = get_definition(workflow, command.field_key)
    return (field_set(definition, command.content, state.current_visit_id, reading_of(context)),)
