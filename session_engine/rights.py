"""Who may send which command: the table of the domain as data.

A person's part in a Session follows from its owner, its seat and its teams;
roles of the installation alone give no right over a Session.

Rules: protocol/SPEC.md, RT.
"""

from __future__ import annotations

from enum import StrEnum

from protocol.account import Policy
from protocol.base import Millis
from protocol.commands import (
    AnnotatePause,
    ApproveAction,
    Back,
    CancelAction,
    Command,
    Complete,
    Continue,
    CorrectAction,
    CorrectField,
    EditAction,
    EditNotes,
    End,
    GoTo,
    HandBack,
    LeaveReview,
    LockAction,
    LookUpAction,
    MarkAction,
    Pause,
    RemoveAction,
    Resume,
    SelectAnswer,
    SendAction,
    SetField,
    Switch,
    TakeSeat,
    Undo,
    UnlockAction,
    UseResponse,
)
from protocol.views import SessionStatus
from session_engine.context import Actor, Context, PersonRole
from session_engine.state import SessionState


class Participant(StrEnum):
    """What an actor is to one Session; several may hold at once."""

    DRIVER = "driver"
    OWNER_OFF_SEAT = "owner_off_seat"
    COACH = "coach"
    SUPERVISOR = "supervisor"
    TEAMMATE = "teammate"
    ADMIN = "admin"
    """Has no part in Sessions, but for unlocking an Action that failed too often."""


_DRIVER = frozenset({Participant.DRIVER})
_EVERYONE = frozenset(Participant) - {Participant.TEAMMATE, Participant.ADMIN}
_DRIVER_OR_SUPERVISOR = frozenset({Participant.DRIVER, Participant.SUPERVISOR})
RECORD_MS: Millis = 24 * 3_600_000
"""For how long the owner may still do something to a record."""

RIGHTS: dict[type[Command], frozenset[Participant]] = {
    SelectAnswer: _DRIVER,
    Continue: _DRIVER,
    Back: _DRIVER,
    GoTo: _DRIVER,
    SetField: _DRIVER,
    # Of a record: its owner for a day, or a supervisor; decided in corrections.py.
    CorrectField: frozenset({Participant.DRIVER, Participant.OWNER_OFF_SEAT, Participant.SUPERVISOR}),
    UseResponse: _DRIVER,
    Complete: _DRIVER,
    Undo: _DRIVER,
    Switch: _DRIVER,
    Pause: _DRIVER,
    AnnotatePause: frozenset({Participant.DRIVER, Participant.OWNER_OFF_SEAT}),
    Resume: frozenset({Participant.DRIVER, Participant.OWNER_OFF_SEAT, Participant.TEAMMATE}),
    End: frozenset({Participant.DRIVER, Participant.OWNER_OFF_SEAT, Participant.SUPERVISOR}),
    EditNotes: _EVERYONE,
    # The owner only retakes a seat whose driver is gone: decided in seat.py.
    TakeSeat: frozenset({Participant.OWNER_OFF_SEAT, Participant.SUPERVISOR}),
    HandBack: _DRIVER,
    LeaveReview: _DRIVER,
    LockAction: _DRIVER_OR_SUPERVISOR,
    EditAction: _DRIVER_OR_SUPERVISOR,
    RemoveAction: _DRIVER_OR_SUPERVISOR,
    SendAction: _DRIVER_OR_SUPERVISOR,
    CancelAction: _DRIVER_OR_SUPERVISOR,
    LookUpAction: _DRIVER_OR_SUPERVISOR,
    MarkAction: _DRIVER_OR_SUPERVISOR,
    CorrectAction: _DRIVER_OR_SUPERVISOR,
    # Who is the second person, and not the first, is decided in firing.py.
    ApproveAction: frozenset({Participant.SUPERVISOR}),
    UnlockAction: frozenset({Participant.ADMIN}),
}
"""Every command of a running Session. `StartSession` is in `may_start`; joining is open to every participant."""


def participants(state: SessionState, actor: Actor) -> frozenset[Participant]:
    """What the actor is to this Session; empty: a stranger, who may do and see nothing."""
    found: set[Participant] = set()
    if actor.id == state.driver.id:
        found.add(Participant.DRIVER)
    elif actor.id == state.owner.id:
        found.add(Participant.OWNER_OFF_SEAT)
    shares_team = not actor.team_ids.isdisjoint(state.team_ids)
    if PersonRole.MANAGER in actor.roles or (PersonRole.SUPERVISOR in actor.roles and shares_team):
        found.add(Participant.SUPERVISOR)
    if PersonRole.COACH in actor.roles and shares_team:
        found.add(Participant.COACH)
    return frozenset(found)


def may_unlock(actor: Actor) -> bool:
    """Whether the actor may let an Action be tried again that failed too often, without seeing the Session."""
    return PersonRole.ADMIN in actor.roles


def may_resume_for_colleague(state: SessionState, actor: Actor, policy: Policy) -> bool:
    """Whether an agent may go on with this paused Session of a teammate, whatever else he is to it."""
    return (
        policy.teammates_resume
        and state.status is SessionStatus.PAUSED
        and PersonRole.AGENT in actor.roles
        and not actor.team_ids.isdisjoint(state.team_ids)
    )


def must_be_left(state: SessionState, context: Context) -> bool:
    """Whether it waits on a recalled version: it cannot be resumed, but switched as it is."""
    return state.status is SessionStatus.PAUSED and context.version_recalled


def rights_of(command_type: type[Command], state: SessionState, context: Context) -> frozenset[Participant]:
    """Who may send it now: the table's row, but of a record the owner's for a day, and the supervisor's.

    To leave a recalled version is for those who could else resume.
    """
    if command_type is Switch and must_be_left(state, context):
        return RIGHTS[Resume] - {Participant.TEAMMATE}
    row = RIGHTS[command_type]
    if not state.is_finished or row != _DRIVER_OR_SUPERVISOR:
        return row
    is_owners = state.owner.id == context.actor.id and context.now_ms < state.changed_ms + RECORD_MS
    return row | {Participant.OWNER_OFF_SEAT} if is_owners else row - {Participant.DRIVER}


def may_switch(state: SessionState, context: Context) -> bool:
    """Whether the actor may have the call of this Session go on in another."""
    is_open = state.status in (SessionStatus.ACTIVE, SessionStatus.REVIEWING) or must_be_left(state, context)
    return is_open and not rights_of(Switch, state, context).isdisjoint(participants(state, context.actor))


def may_start(actor: Actor, *, training: bool) -> bool:
    """Agents start Sessions; everyone may practise."""
    return training or PersonRole.AGENT in actor.roles
