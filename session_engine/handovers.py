"""Handovers: two agree that the seat passes. Somebody asks the driver for it, or is offered it.

One is open at most. It is over once it was answered or taken back, 30 s after
it began, and when the seat passes otherwise, the Session pauses, gets another
owner or finishes. What was agreed is done in the same entry: there is nothing
that could be granted and then not come.

Rules: protocol/SPEC.md, SE8 to SE13.
"""

from __future__ import annotations

from protocol.base import HandoverId, Millis
from protocol.commands import AcceptSeat, DeclineSeat, GrantSeat, OfferSeat, RequestSeat, WithdrawSeat
from protocol.events import (
    Event,
    HandoverKind,
    HandoverOutcome,
    HandoverSettled,
    Party,
    SeatCause,
    SeatOffered,
    SeatRequested,
)
from protocol.refusals import RefuseCode
from session_engine.context import Context
from session_engine.refused import Refused
from session_engine.seat import pass_seat
from session_engine.state import Handover, SessionState
from session_engine.workflow import Workflow

ANSWER_WITHIN_MS: Millis = 30_000


def decide_request_seat(
    state: SessionState, workflow: Workflow, command: RequestSeat, context: Context
) -> tuple[Event, ...]:
    """Ask the driver for it.

    Raises:
        Refused: `already_driving`; `handover_open` if somebody asked before, or was offered it.
    """
    if context.actor.id == state.driver.id:
        raise Refused(RefuseCode.ALREADY_DRIVING, f"{state.driver.id} drives already")
    return (SeatRequested(handover_id=_next_id(state, context), until_ms=context.now_ms + ANSWER_WITHIN_MS),)


def decide_offer_seat(
    state: SessionState, workflow: Workflow, command: OfferSeat, context: Context
) -> tuple[Event, ...]:
    """Ask somebody who is here to take it over: whoever is shown the Session may drive it when they are asked to.

    Raises:
        Refused: `already_driving` if the driver is meant; `handover_open` if somebody asked before, or was offered
            it; `not_present`.
    """
    if command.to_id == state.driver.id:
        raise Refused(RefuseCode.ALREADY_DRIVING, f"{state.driver.id} drives already")
    handover_id = _next_id(state, context)
    to = _present(command.to_id, context)
    return (SeatOffered(handover_id=handover_id, to=to, until_ms=context.now_ms + ANSWER_WITHIN_MS),)


def decide_grant_seat(
    state: SessionState, workflow: Workflow, command: GrantSeat, context: Context
) -> tuple[Event, ...]:
    """Give it to who asked.

    Raises:
        Refused: `handover_over`; `not_allowed` if it is an offer; `not_present` if who asked is gone.
    """
    handover = _get_open(state, command.handover_id, context)
    if handover.kind is not HandoverKind.REQUEST:
        raise Refused(RefuseCode.NOT_ALLOWED, f"{handover.id} is an offer; expected that {handover.to.id} accepts it")
    return (pass_seat(state, _present(handover.to.id, context), SeatCause.GRANTED),)


def decide_accept_seat(
    state: SessionState, workflow: Workflow, command: AcceptSeat, context: Context
) -> tuple[Event, ...]:
    """Drive, as one was asked to.

    Raises:
        Refused: `handover_over`; `not_allowed` if it was not offered to the actor.
    """
    handover = _get_open(state, command.handover_id, context)
    if handover.kind is not HandoverKind.OFFER or handover.to.id != context.actor.id:
        raise Refused(RefuseCode.NOT_ALLOWED, f"{handover.id} is no offer to {context.actor.id}")
    return (pass_seat(state, context.actor.party, SeatCause.ACCEPTED),)


def decide_decline_seat(
    state: SessionState, workflow: Workflow, command: DeclineSeat, context: Context
) -> tuple[Event, ...]:
    """Leave it as it is: the driver what was asked for, anybody what they were offered.

    Raises:
        Refused: `handover_over`; `not_allowed` to anybody else.
    """
    handover = _get_open(state, command.handover_id, context)
    asked = state.driver if handover.kind is HandoverKind.REQUEST else handover.to
    if asked.id != context.actor.id:
        raise Refused(RefuseCode.NOT_ALLOWED, f"{asked.id} was asked, not {context.actor.id}")
    return (HandoverSettled(handover_id=handover.id, outcome=HandoverOutcome.DECLINED),)


def decide_withdraw_seat(
    state: SessionState, workflow: Workflow, command: WithdrawSeat, context: Context
) -> tuple[Event, ...]:
    """Take it back.

    Raises:
        Refused: `handover_over`; `not_allowed` for another's.
    """
    handover = _get_open(state, command.handover_id, context)
    if handover.by.id != context.actor.id:
        raise Refused(RefuseCode.NOT_ALLOWED, f"{handover.id} is of {handover.by.id}")
    return (HandoverSettled(handover_id=handover.id, outcome=HandoverOutcome.WITHDRAWN),)


def _next_id(state: SessionState, context: Context) -> HandoverId:
    handover = state.find_open_handover(context.now_ms)
    if handover is not None:
        asked = "asked for the seat" if handover.kind is HandoverKind.REQUEST else "was offered the seat"
        raise Refused(RefuseCode.HANDOVER_OPEN, f"{handover.to.name} {asked} before")
    return f"p{len(state.handovers) + 1}"


def _get_open(state: SessionState, handover_id: HandoverId, context: Context) -> Handover:
    handover = state.find_open_handover(context.now_ms)
    if handover is None or handover.id != handover_id:
        raise Refused(RefuseCode.HANDOVER_OVER, f"{handover_id} is not open")
    return handover


def _present(person_id: str, context: Context) -> Party:
    if context.receiver is None or context.receiver.id != person_id:
        raise Refused(RefuseCode.NOT_PRESENT, f"{person_id} does not have the session open")
    return context.receiver


def evolve_seat_requested(state: SessionState, event: SeatRequested, actor: Party, at_ms: int) -> SessionState:
    """The driver is asked."""
    return state.with_handover(
        Handover(
            id=event.handover_id,
            kind=HandoverKind.REQUEST,
            by=actor,
            to=actor,
            asked_ms=at_ms,
            until_ms=event.until_ms,
        )
    )


def evolve_seat_offered(state: SessionState, event: SeatOffered, actor: Party, at_ms: int) -> SessionState:
    """Somebody is asked by the driver."""
    return state.with_handover(
        Handover(
            id=event.handover_id,
            kind=HandoverKind.OFFER,
            by=actor,
            to=event.to,
            asked_ms=at_ms,
            until_ms=event.until_ms,
        )
    )


def evolve_handover_settled(state: SessionState, event: HandoverSettled, actor: Party, at_ms: int) -> SessionState:
    """The seat stays."""
    return state.with_handover_settled(event.outcome, actor, at_ms)
