"""Transfer: the owner or a supervisor asks somebody to take the Session over, who says yes or no.

Until then the Session stays where it is and nothing is interrupted. Asked is
a person, or a team, of which the first who accepts counts. *Cold*, who accepts
has it at once; *warm*, they come and watch until it is handed over. One is
open at most. To give without asking is `ownership.py`.

Rules: protocol/SPEC.md, TR.
"""

from __future__ import annotations

from msgspec.structs import replace

from protocol.base import Millis, PersonId, TransferId
from protocol.commands import (
    AcceptTransfer,
    CompleteTransfer,
    DeclineTransfer,
    LapseTransfer,
    Transfer,
    WithdrawTransfer,
)
from protocol.events import (
    Event,
    NamedTeam,
    OwnerChanged,
    Party,
    TransferAccepted,
    TransferAsked,
    TransferOutcome,
    TransferPassed,
    TransferSettled,
)
from protocol.refusals import RefuseCode
from session_engine.context import Context
from session_engine.refused import Refused
from session_engine.rights import Participant, may_answer, may_own, participants
from session_engine.seat import pass_seat
from session_engine.state import SessionState
from session_engine.state import Transfer as TransferState
from session_engine.workflow import Workflow

PERSON_ANSWERS_MS: Millis = 60_000
"""A minute: about as long as a caller is kept talking while somebody looks up from what they do."""
TEAM_ANSWERS_MS: Millis = 120_000
"""Twice that: whoever of a team is about to finish a call may still be who accepts."""


def decide_transfer(state: SessionState, workflow: Workflow, command: Transfer, context: Context) -> tuple[Event, ...]:
    """Ask.

    Raises:
        Refused: `not_allowed` to a driver who does not own it, and in practice; `transfer_open` while one is;
            `bad_command` unless one person or one team is named; `already_owner`; `unknown_person` if nobody active
            else is meant who is an agent of the Session's team; `unknown_team` if the team is none of the Session's.
    """
    _require_giver(state, context)
    if state.training:
        raise Refused(RefuseCode.NOT_ALLOWED, f"session {state.session_id} is practice, which stays its owner's")
    transfer = state.open_transfer
    if transfer is not None:
        raise Refused(RefuseCode.TRANSFER_OPEN, _who_asked(transfer))
    to, team = _asked(state, command, context)
    return (
        TransferAsked(
            transfer_id=f"t{len(state.transfers) + 1}",
            to=to,
            team=team,
            warm=command.warm,
            note=command.note or None,
            until_ms=context.now_ms + (TEAM_ANSWERS_MS if to is None else PERSON_ANSWERS_MS),
        ),
    )


def _asked(state: SessionState, command: Transfer, context: Context) -> tuple[Party | None, NamedTeam | None]:
    if (command.to_id is None) == (command.to_team_id is None):
        raise Refused(RefuseCode.BAD_COMMAND, "expected either to_id or to_team_id")
    if command.to_id is not None:
        return _get_taker(state, command.to_id, context), None
    if context.named_team is None or command.to_team_id not in state.team_ids:
        raise Refused(RefuseCode.UNKNOWN_TEAM, f"to_team_id {command.to_team_id}: expected a team of the session")
    return None, context.named_team


def decide_accept_transfer(
    state: SessionState, workflow: Workflow, command: AcceptTransfer, context: Context
) -> tuple[Event, ...]:
    """Take it over; of a warm one, come.

    Raises:
        Refused: `transfer_over` if it does not wait for this person's answer any more; `not_allowed` to who is no
            agent of the Session's team by now.
    """
    transfer = _answered(state, command.transfer_id, context)
    accepted = TransferAccepted(transfer_id=transfer.id)
    if transfer.warm:
        return (accepted,)
    return (accepted, *_handed_over(state, transfer, context.actor.party))


def decide_decline_transfer(
    state: SessionState, workflow: Workflow, command: DeclineTransfer, context: Context
) -> tuple[Event, ...]:
    """Not take it over. Of a team, the others may; who came for it and leaves ends it.

    Raises:
        Refused: as accepting.
    """
    transfer = _open(state, command.transfer_id)
    if transfer.accepted_by is None or transfer.accepted_by.id != context.actor.id:
        transfer = _answered(state, command.transfer_id, context)
        if transfer.team is not None:
            return (TransferPassed(transfer_id=transfer.id),)
    return (TransferSettled(transfer_id=transfer.id, outcome=TransferOutcome.DECLINED),)


def decide_withdraw_transfer(
    state: SessionState, workflow: Workflow, command: WithdrawTransfer, context: Context
) -> tuple[Event, ...]:
    """Ask nobody any more.

    Raises:
        Refused: `not_allowed` to a driver who does not own it; `transfer_over`.
    """
    _require_giver(state, context)
    transfer = _open(state, command.transfer_id)
    return (TransferSettled(transfer_id=transfer.id, outcome=TransferOutcome.WITHDRAWN),)


def decide_complete_transfer(
    state: SessionState, workflow: Workflow, command: CompleteTransfer, context: Context
) -> tuple[Event, ...]:
    """Make it theirs who came.

    Raises:
        Refused: `not_allowed` to a driver who does not own it; `driver_present` to who came, while a driver is there
            who could; `transfer_over`, also if nobody has come; `unknown_person` if who came is no agent of the
            Session's team any more.
    """
    transfer = _open(state, command.transfer_id)
    taker = transfer.accepted_by
    if taker is None or taker.id != command.to_id:
        raise Refused(RefuseCode.TRANSFER_OVER, f"{command.to_id} did not come for transfer {transfer.id}")
    if not _is_giver(state, context) and context.actor.id == taker.id:
        if not context.driver_absent:
            raise Refused(RefuseCode.DRIVER_PRESENT, f"{state.driver.id} drives and is present, and can hand over")
    else:
        _require_giver(state, context)
    return _handed_over(state, transfer, _get_taker(state, taker.id, context))


def decide_lapse_transfer(
    state: SessionState, workflow: Workflow, command: LapseTransfer, context: Context
) -> tuple[Event, ...]:
    """End it, since nobody answered.

    Raises:
        Refused: `transfer_over` if it is, or somebody has come, or there is time left.
    """
    transfer = _open(state, command.transfer_id)
    if transfer.accepted_by is not None or context.now_ms < transfer.until_ms:
        raise Refused(RefuseCode.TRANSFER_OVER, f"transfer {transfer.id} has not timed out")
    return (TransferSettled(transfer_id=transfer.id, outcome=TransferOutcome.TIMED_OUT),)


def _handed_over(state: SessionState, transfer: TransferState, to: Party) -> tuple[Event, ...]:
    settled = TransferSettled(transfer_id=transfer.id, outcome=TransferOutcome.HANDED_OVER)
    seated = () if state.driver.id == to.id else (pass_seat(state, to),)
    return (settled, OwnerChanged(to=to), *seated)


def _is_giver(state: SessionState, context: Context) -> bool:
    actor = context.actor
    return actor.id == state.owner.id or Participant.SUPERVISOR in participants(state, actor)


def _require_giver(state: SessionState, context: Context) -> None:
    if not _is_giver(state, context):
        raise Refused(RefuseCode.NOT_ALLOWED, f"{context.actor.id} drives; expected {state.owner.id} or a supervisor")


def _get_taker(state: SessionState, person_id: PersonId, context: Context) -> Party:
    """The person whom the command names, who could have the Session."""
    if person_id == state.owner.id:
        raise Refused(RefuseCode.ALREADY_OWNER, f"session {state.session_id} is {person_id}'s already")
    if context.named is None or not may_own(state.team_ids, context.named):
        raise Refused(RefuseCode.UNKNOWN_PERSON, f"to_id {person_id}: expected an active agent of the session's team")
    return context.named.party


def _open(state: SessionState, transfer_id: TransferId) -> TransferState:
    transfer = state.transfers.get(transfer_id)
    if transfer is None:
        raise Refused(RefuseCode.TRANSFER_OVER, f"there is no transfer {transfer_id}")
    if transfer.outcome is not None:
        by = transfer.accepted_by or transfer.settled_by
        who = f" by {by.name}" if by is not None else ""
        raise Refused(RefuseCode.TRANSFER_OVER, f"transfer {transfer_id} is {transfer.outcome}{who}")
    return transfer


def _answered(state: SessionState, transfer_id: TransferId, context: Context) -> TransferState:
    """The transfer, if it waits for the actor's yes or no."""
    transfer = _open(state, transfer_id)
    if may_answer(transfer, state.owner, state.team_ids, context.actor):
        return transfer
    if transfer.accepted_by is not None:
        raise Refused(RefuseCode.TRANSFER_OVER, f"{transfer.accepted_by.name} came for transfer {transfer_id}")
    raise Refused(RefuseCode.NOT_ALLOWED, f"transfer {transfer_id} does not wait for {context.actor.id}")


def _who_asked(transfer: TransferState) -> str:
    asked = transfer.to or transfer.team
    assert asked is not None
    came = "" if transfer.accepted_by is None else f", and {transfer.accepted_by.name} has come"
    return f"{transfer.by.name} asked {asked.name} already{came}; expected an answer, or that it is withdrawn"


def evolve_transfer_asked(state: SessionState, event: TransferAsked, actor: Party, at_ms: int) -> SessionState:
    """Somebody is to answer."""
    return state.with_transfer(
        TransferState(
            id=event.transfer_id,
            by=actor,
            to=event.to,
            team=event.team,
            warm=event.warm,
            note=event.note,
            asked_ms=at_ms,
            until_ms=event.until_ms,
        )
    )


def evolve_transfer_passed(state: SessionState, event: TransferPassed, actor: Party, at_ms: int) -> SessionState:
    """The actor does not take it."""
    transfer = state.transfers[event.transfer_id]
    return state.with_transfer(replace(transfer, passed_by=(*transfer.passed_by, actor)))


def evolve_transfer_accepted(state: SessionState, event: TransferAccepted, actor: Party, at_ms: int) -> SessionState:
    """The actor takes it, or comes for it."""
    return state.with_transfer(replace(state.transfers[event.transfer_id], accepted_by=actor, accepted_ms=at_ms))


def evolve_transfer_settled(state: SessionState, event: TransferSettled, actor: Party, at_ms: int) -> SessionState:
    """It is over."""
    return state.with_transfer_settled(event.outcome, actor, at_ms)
