"""Whose a Session is, when that changes: a supervisor reassigns it, or its owner was deactivated.

A teammate who resumes owns it too: `lifecycle.py`; so does who
was asked and took it over: `transferring.py`. Here nobody resumes anything; a
paused Session stays paused. The seat goes along only if the former owner had
it: who took the seat keeps it.

Rules: protocol/SPEC.md, RA.
"""

from __future__ import annotations

from msgspec.structs import replace

from protocol.base import PersonId
from protocol.commands import Reassign, Vacate
from protocol.events import (
    Event,
    HandoverOutcome,
    OwnerChanged,
    Party,
    PauseCause,
    SeatCause,
    SessionPaused,
    SessionReassigned,
    TransferOutcome,
)
from protocol.refusals import RefuseCode
from protocol.views import Passed, SessionStatus
from session_engine.context import Context
from session_engine.refused import Refused
from session_engine.rights import may_own
from session_engine.seat import pass_seat
from session_engine.state import Reassignment, SessionState
from session_engine.workflow import Workflow


def decide_reassign(state: SessionState, workflow: Workflow, command: Reassign, context: Context) -> tuple[Event, ...]:
    """Make it another agent's.

    Raises:
        Refused: `unknown_person` if nobody active is meant, no agent, or none of the Session's team; `already_owner`.
    """
    return _given(state, command.to_id, context.actor.party, command.reason or None, context)


def decide_vacate(state: SessionState, workflow: Workflow, command: Vacate, context: Context) -> tuple[Event, ...]:
    """Free what this person holds. A Session that stays theirs waits, for a teammate or a supervisor.

    Raises:
        Refused: `not_allowed` if there is nothing to free, also because it was freed before; `unknown_person`.
    """
    owns, drives = command.person_id == state.owner.id, command.person_id == state.driver.id
    if owns and command.to_id is not None:
        return _given(state, command.to_id, command.by, None, context)
    if drives and not owns:
        return (pass_seat(state, state.owner, SeatCause.FREED),)
    if drives and state.status is not SessionStatus.PAUSED:
        return (SessionPaused(reason=None, cause=PauseCause.DRIVER_LEFT),)
    held = "stays theirs and waits" if owns else "is not theirs"
    raise Refused(RefuseCode.NOT_ALLOWED, f"session {state.session_id} {held}: nothing of {command.person_id} to free")


def _given(state: SessionState, to_id: str, by: Party, reason: str | None, context: Context) -> tuple[Event, ...]:
    if to_id == state.owner.id:
        raise Refused(RefuseCode.ALREADY_OWNER, f"session {state.session_id} is {to_id}'s already")
    if context.named is None or not may_own(state.team_ids, context.named):
        raise Refused(RefuseCode.UNKNOWN_PERSON, f"to_id {to_id}: expected an active agent of the session's team")
    to = context.named.party
    reassigned = SessionReassigned(was=state.owner, to=to, by=by, reason=reason)
    return (reassigned, pass_seat(state, to)) if state.driver.id == state.owner.id else (reassigned,)


def evolve_reassigned(state: SessionState, event: SessionReassigned, actor: Party, at_ms: int) -> SessionState:
    """It is another person's, by somebody's decision."""
    return _owned(state, event.to, event.by, event.reason, at_ms, agreed=False)


def evolve_owner_changed(state: SessionState, event: OwnerChanged, actor: Party, at_ms: int) -> SessionState:
    """It is the person's who resumed it, or took it over."""
    return _owned(state, event.to, actor, None, at_ms, agreed=True)


def find_given(state: SessionState) -> Reassignment | None:
    """How its owner got it, if somebody else decided that: they may not know of it yet."""
    last = state.reassignments.get(f"o{len(state.reassignments)}")
    return None if last is None or last.agreed or last.by.id == last.to.id else last


def find_passed(state: SessionState, person_id: PersonId) -> Passed | None:
    """Who has it now, for one who owned it before; nothing for anybody else."""
    if state.owner.id == person_id or all(change.was.id != person_id for change in state.reassignments.values()):
        return None
    given = find_given(state)
    return Passed(to=state.owner, by=None if given is None or given.by.id == person_id else given.by)


def _owned(state: SessionState, to: Party, by: Party, reason: str | None, at_ms: int, *, agreed: bool) -> SessionState:
    id_ = f"o{len(state.reassignments) + 1}"
    change = Reassignment(id=id_, was=state.owner, to=to, by=by, reason=reason, at_ms=at_ms, agreed=agreed)
    # Who asked for the seat, or was offered it, may have no part in it any more.
    state = state.with_handover_settled(HandoverOutcome.OVERTAKEN, by, at_ms)
    owned = replace(state, owner=to, reassignments={**state.reassignments, id_: change})
    return owned.with_transfer_settled(TransferOutcome.OVERTAKEN, by, at_ms)
