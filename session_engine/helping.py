"""Help: whoever has the call asks, and one coach or supervisor says that they come.

A request is open until whoever has the call needs it no more, or the Session
finishes. One is open at most; how long it took until somebody came stays on
the record. Who is asked first, and next, is in the request from the start:
with the time that makes of everybody who looks at it the same list.

Rules: protocol/SPEC.md, HP.
"""

from __future__ import annotations

from msgspec.structs import replace

from protocol.base import Millis
from protocol.commands import AskForHelp, CancelHelp, ClaimHelp
from protocol.events import Event, HelpAsked, HelpCancelled, HelpClaimed, Party, Ring
from protocol.refusals import RefuseCode
from session_engine.context import Context
from session_engine.refused import Refused
from session_engine.state import HelpRequest, SessionState
from session_engine.workflow import Workflow

RING_MS: Millis = 30_000
"""How long one person is asked before the next one is, too."""


def rung(ring: Ring, asked_ms: Millis, now_ms: Millis) -> Ring | None:
    """Who is asked by now; None: everybody."""
    count = 1 + max(0, now_ms - asked_ms) // RING_MS
    return None if count > len(ring) else ring[:count]


def decide_ask_for_help(
    state: SessionState, workflow: Workflow, command: AskForHelp, context: Context
) -> tuple[Event, ...]:
    """Ask; while a request is open, say why.

    Raises:
        Refused: `help_claimed` if somebody is coming already.
    """
    request = state.open_help
    if request is not None and request.claimed_by is not None:
        raise Refused(RefuseCode.HELP_CLAIMED, f"{request.claimed_by.id} comes for request {request.id}")
    if request is not None:
        return (HelpAsked(help_id=request.id, reason=command.reason or None),)
    help_id = f"h{len(state.help_requests) + 1}"
    return (HelpAsked(help_id=help_id, reason=command.reason or None, ring=context.ring),)


def decide_cancel_help(
    state: SessionState, workflow: Workflow, command: CancelHelp, context: Context
) -> tuple[Event, ...]:
    """Need no help any more.

    Raises:
        Refused: `help_over` if that request is not open.
    """
    return (HelpCancelled(help_id=_open(state, command.help_id).id),)


def decide_claim_help(
    state: SessionState, workflow: Workflow, command: ClaimHelp, context: Context
) -> tuple[Event, ...]:
    """Come.

    Raises:
        Refused: `help_over` if that request is not open; `help_claimed` if somebody else comes; `not_allowed` to
            whoever asked, or drives.
    """
    request = _open(state, command.help_id)
    if request.claimed_by is not None:
        raise Refused(RefuseCode.HELP_CLAIMED, f"{request.claimed_by.id} comes for request {request.id}")
    if context.actor.id in (request.by.id, state.driver.id):
        raise Refused(RefuseCode.NOT_ALLOWED, f"{context.actor.id} has the call; expected somebody else")
    return (HelpClaimed(help_id=request.id),)


def _open(state: SessionState, help_id: str) -> HelpRequest:
    request = state.open_help
    if request is None or request.id != help_id:
        raise Refused(RefuseCode.HELP_OVER, f"request {help_id} is not open")
    return request


def evolve_help_asked(state: SessionState, event: HelpAsked, actor: Party, at_ms: int) -> SessionState:
    """Somebody is to come; or it is known why."""
    asked = state.help_requests.get(event.help_id)
    if asked is not None:
        return state.with_help(replace(asked, reason=event.reason))
    return state.with_help(
        HelpRequest(id=event.help_id, by=actor, reason=event.reason, asked_ms=at_ms, ring=event.ring)
    )


def evolve_help_claimed(state: SessionState, event: HelpClaimed, actor: Party, at_ms: int) -> SessionState:
    """The actor comes."""
    return state.with_help(replace(state.help_requests[event.help_id], claimed_by=actor, claimed_ms=at_ms))


def evolve_help_cancelled(state: SessionState, event: HelpCancelled, actor: Party, at_ms: int) -> SessionState:
    """It is over."""
    return state.with_help(replace(state.help_requests[event.help_id], closed_ms=at_ms))
