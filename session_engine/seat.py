"""The seat: who drives. Its generation rises each time another person sits down.

A command names the generation that its sender saw, so a key pressed before
the seat passed is refused, never merged. Here it passes by one person's act;
that two agree on it is `handovers.py`.

Rules: protocol/SPEC.md, SE1 to SE7.
"""

from __future__ import annotations

from msgspec.structs import replace

from protocol.commands import ExplainTake, HandBack, TakeSeat
from protocol.events import Event, HandoverOutcome, Party, SeatCause, SeatPassed, TakeExplained
from protocol.refusals import RefuseCode
from session_engine.context import Context
from session_engine.refused import Refused
from session_engine.rights import Participant, participants
from session_engine.state import SeatChange, SessionState
from session_engine.workflow import Workflow

AGREED = (SeatCause.GRANTED, SeatCause.ACCEPTED)


def decide_take_seat(state: SessionState, workflow: Workflow, command: TakeSeat, context: Context) -> tuple[Event, ...]:
    """A supervisor takes the seat; the owner retakes it from a driver who is gone.

    Raises:
        Refused: `already_driving`; `driver_present` to an owner whose driver is here.
    """
    if context.actor.id == state.driver.id:
        raise Refused(RefuseCode.ALREADY_DRIVING, f"{state.driver.id} drives already")
    if context.actor.id == state.owner.id and context.driver_absent:
        return (pass_seat(state, context.actor.party, SeatCause.RETAKEN),)
    if Participant.SUPERVISOR not in participants(state, context.actor):
        raise Refused(RefuseCode.DRIVER_PRESENT, f"{state.driver.id} drives and is present")
    return (pass_seat(state, context.actor.party, SeatCause.TAKEN),)


def decide_explain_take(
    state: SessionState, workflow: Workflow, command: ExplainTake, context: Context
) -> tuple[Event, ...]:
    """Say why one took it, while one drives or later.

    Raises:
        Refused: `not_taken` if the actor did not take it in that generation.
    """
    change = state.seat_changes.get(str(command.generation))
    if change is None or change.cause is not SeatCause.TAKEN or change.to.id != context.actor.id:
        detail = f"{context.actor.id} did not take the seat in generation {command.generation}"
        raise Refused(RefuseCode.NOT_TAKEN, detail)
    return (TakeExplained(generation=command.generation, reason=command.reason or None),)


def decide_hand_back(state: SessionState, workflow: Workflow, command: HandBack, context: Context) -> tuple[Event, ...]:
    """Give the seat to the owner.

    Raises:
        Refused: `already_driving` if the driver is the owner.
    """
    if state.driver.id == state.owner.id:
        raise Refused(RefuseCode.ALREADY_DRIVING, f"{state.owner.id} owns the session and drives it")
    return (pass_seat(state, state.owner, SeatCause.HANDED_BACK),)


def pass_seat(state: SessionState, to: Party, cause: SeatCause = SeatCause.WITH_SESSION) -> SeatPassed:
    """The event that seats another person; unless it says otherwise, together with a new owner."""
    return SeatPassed(to=to, generation=state.seat + 1, cause=cause)


def evolve_seat_passed(state: SessionState, event: SeatPassed, actor: Party, at_ms: int) -> SessionState:
    """Another person drives, hears what others suggest, and nobody waits for the seat any more."""
    outcome = HandoverOutcome.AGREED if event.cause in AGREED else HandoverOutcome.OVERTAKEN
    change = SeatChange(
        generation=event.generation, was=state.driver, to=event.to, by=actor, cause=event.cause, at_ms=at_ms
    )
    return replace(
        state.with_handover_settled(outcome, actor, at_ms),
        driver=event.to,
        seat=event.generation,
        seated_ms=at_ms,
        suggestions_muted=False,
        seat_changes={**state.seat_changes, str(event.generation): change},
    )


def evolve_take_explained(state: SessionState, event: TakeExplained, actor: Party, at_ms: int) -> SessionState:
    """It is known why."""
    id_ = str(event.generation)
    return replace(
        state, seat_changes={**state.seat_changes, id_: replace(state.seat_changes[id_], reason=event.reason)}
    )
