"""Moments: what somebody in the call marks, to come back to it afterwards.

They move nothing and are never taken back.

Rules: protocol/SPEC.md, MM.
"""

from __future__ import annotations

from msgspec.structs import replace

from protocol.commands import MarkMoment
from protocol.events import Event, MomentMarked, Party
from protocol.refusals import RefuseCode
from session_engine.context import Context
from session_engine.refused import Refused
from session_engine.state import Moment, SessionState
from session_engine.workflow import Workflow

MAX_MOMENTS = 200
"""Per Session; who marks more than one a minute in the longest of calls marks nothing any more."""


def decide_mark_moment(
    state: SessionState, workflow: Workflow, command: MarkMoment, context: Context
) -> tuple[Event, ...]:
    """Mark it, on the visit that its marker saw: the driver may have gone on since.

    Raises:
        Refused: `stale_visit` if there never was such a visit; `too_large` after 200.
    """
    if command.seen_visit_id not in state.visits:
        raise Refused(RefuseCode.STALE_VISIT, f"no visit {command.seen_visit_id} in session {state.session_id}")
    if len(state.moments) >= MAX_MOMENTS:
        raise Refused(RefuseCode.TOO_LARGE, f"session {state.session_id} has {MAX_MOMENTS} moments; expected fewer")
    comment = " ".join(command.comment.split()) if command.comment is not None else ""
    return (MomentMarked(visit_id=command.seen_visit_id, label=command.label, comment=comment or None),)


def evolve_moment_marked(state: SessionState, event: MomentMarked, actor: Party, at_ms: int) -> SessionState:
    """Remember it, after those before."""
    moment = Moment(
        id=f"m{len(state.moments) + 1}",
        label=event.label,
        comment=event.comment,
        visit_id=event.visit_id,
        by=actor,
        at_ms=at_ms,
    )
    return replace(state, moments={**state.moments, moment.id: moment})
