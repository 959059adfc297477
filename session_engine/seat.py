"""The seat: who drives. Its generation rises each time another person sits down.

A command names the generation that its sender saw, so a key pressed before
the seat passed is refused, never merged.

Rules: protocol/SPEC.md, SE.
"""

from __future__ import annotations

from msgspec.structs import replace

from protocol.commands import HandBack, TakeSeat
from protocol.events import Event, Party, SeatPassed
from protocol.refusals import RefuseCode
from session_engine.context import Context
from session_engine.refused import Refused
from session_engine.rights import Participant, participants
from session_engine.state import SessionState
from session_engine.workflow import Workflow


def decide_take_seat(state: SessionState, workflow: Workflow, command: TakeSeat, context: Context) -> tuple[Event, ...]:
    """A supervisor takes the seat; the owner retakes it from a driver who is gone.

    Raises:
        Refused: `already_driving`; `driver_present` to an owner whose driver is here.
    """
    if context.actor.id == state.driver.id:
        raise Refused(RefuseCode.ALREADY_DRIVING, f"{state.driver.id} drives already")
    is_supervisor = Participant.SUPERVISOR in participants(state, context.actor)
    if not is_supervisor and not context.driver_absent:
        raise Refused(RefuseCode.DRIVER_PRESENT, f"{state.driver.id} drives and is present")
    return (pass_seat(state, context.actor.party),)


def decide_hand_back(state: SessionState, workflow: Workflow, command: HandBack, context: Context) -> tuple[Event, ...]:
    """Give the seat to the owner.

    Raises:
        Refused: `already_driving` if the driver is the owner.
    """
    if state.driver.id == state.owner.id:
        raise Refused(RefuseCode.ALREADY_DRIVING, f"{state.owner.id} owns the session and drives it")
    return (pass_seat(state, state.owner),)


def pass_seat(state: SessionState, to: Party) -> SeatPassed:
    """The event that seats another person."""
    return SeatPassed(to=to, generation=state.seat + 1)


def evolve_seat_passed(state: SessionState, event: SeatPassed, actor: Party, at_ms: int) -> SessionState:
    """Another person drives, hears what others suggest, and shares no screen."""
    return replace(
        state,
        driver=event.to,
        seat=event.generation,
        seated_ms=at_ms,
        suggestions_muted=False,
        screen_shared=False,
    )
