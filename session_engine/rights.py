"""Who may send which command: the table of the domain as data.

A person's part in a Session follows from its owner, its seat and its teams;
roles of the installation alone give no right over a Session.

Rules: protocol/SPEC.md, RT.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from protocol.account import Policy
from protocol.base import Millis, TeamId
from protocol.commands import (
    AcceptSeat,
    AcceptSuggestion,
    AcceptTransfer,
    AnnotatePause,
    ApproveAction,
    AskForHelp,
    Back,
    CancelAction,
    CancelHelp,
    ClaimHelp,
    Command,
    Complete,
    CompleteTransfer,
    Continue,
    CorrectAction,
    CorrectField,
    DeclineSeat,
    DeclineTransfer,
    DismissSuggestion,
    EditAction,
    EditNotes,
    End,
    ExplainTake,
    GoTo,
    GrantSeat,
    HandBack,
    LeaveReview,
    LockAction,
    LookUpAction,
    MarkAction,
    MarkMoment,
    MuteSuggestions,
    OfferSeat,
    Pause,
    ReadWhisper,
    Reassign,
    RemoveAction,
    ReplyToWhisper,
    ReportHangUp,
    RequestSeat,
    Resume,
    SelectAnswer,
    SendAction,
    SetField,
    ShareScreen,
    Suggest,
    Switch,
    TakeSeat,
    Transfer,
    Undo,
    UnlockAction,
    UseResponse,
    Whisper,
    WithdrawSeat,
    WithdrawSuggestion,
    WithdrawTransfer,
)
from protocol.events import Party
from protocol.views import RUNNING, LiveTransfer, SessionStatus
from session_engine.context import Actor, Context, Permission, PersonRole
from session_engine.state import SessionState
from session_engine.state import Transfer as TransferState


class Participant(StrEnum):
    """What an actor is to one Session; several may hold at once."""

    DRIVER = "driver"
    OWNER_OFF_SEAT = "owner_off_seat"
    COACH = "coach"
    SUPERVISOR = "supervisor"
    TEAMMATE = "teammate"
    ADMIN = "admin"
    """Has no part in Sessions, but for unlocking an Action that failed too often."""
    ASKED = "asked"
    """Was asked to take the Session over: answers that, and is shown nothing of it before."""
    TAKER = "taker"
    """Came for it in a warm transfer: watches until it is handed over."""
    API_TOKEN = "api_token"
    """Acts from outside in the Sessions of its teams, and watches none of them."""


_DRIVER = frozenset({Participant.DRIVER})
_WATCHER = frozenset({Participant.OWNER_OFF_SEAT, Participant.COACH, Participant.SUPERVISOR})
_NO_WATCHERS = {Participant.TEAMMATE, Participant.ADMIN, Participant.ASKED, Participant.API_TOKEN}
_EVERYONE = frozenset(Participant) - _NO_WATCHERS
_TOKEN = frozenset({Participant.API_TOKEN})
_DRIVER_OR_SUPERVISOR = frozenset({Participant.DRIVER, Participant.SUPERVISOR})
_DRIVER_OR_OWNER = frozenset({Participant.DRIVER, Participant.OWNER_OFF_SEAT})
_DRIVER_OWNER_SUPERVISOR = _DRIVER_OR_OWNER | {Participant.SUPERVISOR}
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
    Pause: _DRIVER | _TOKEN,
    AnnotatePause: frozenset({Participant.DRIVER, Participant.OWNER_OFF_SEAT}),
    Resume: frozenset({Participant.DRIVER, Participant.OWNER_OFF_SEAT, Participant.TEAMMATE}) | _TOKEN,
    End: frozenset({Participant.DRIVER, Participant.OWNER_OFF_SEAT, Participant.SUPERVISOR}) | _TOKEN,
    ReportHangUp: _TOKEN,
    Reassign: frozenset({Participant.SUPERVISOR}),
    # Driving gives no right to these, only owning does: decided in transferring.py.
    Transfer: _DRIVER_OWNER_SUPERVISOR,
    WithdrawTransfer: _DRIVER_OWNER_SUPERVISOR,
    # The taker only once nobody is there any more who could.
    CompleteTransfer: _DRIVER_OWNER_SUPERVISOR | {Participant.TAKER},
    AcceptTransfer: frozenset({Participant.ASKED}),
    DeclineTransfer: frozenset({Participant.ASKED}),
    # What a token may suggest is decided in suggestions.py.
    Suggest: (_EVERYONE - _DRIVER - {Participant.TAKER}) | _TOKEN,
    AcceptSuggestion: _DRIVER,
    DismissSuggestion: _DRIVER,
    MuteSuggestions: _DRIVER,
    # Its maker, whatever they are by now.
    WithdrawSuggestion: _EVERYONE,
    EditNotes: _EVERYONE,
    MarkMoment: _EVERYONE,
    AskForHelp: _DRIVER_OR_OWNER,
    CancelHelp: _DRIVER_OR_OWNER,
    Whisper: _EVERYONE - _DRIVER - {Participant.TAKER},
    # Whom it was said to: decided in whispers.py.
    ReplyToWhisper: _EVERYONE,
    ReadWhisper: _EVERYONE,
    # The owner off the seat ends it only: decided in whispers.py.
    ShareScreen: _DRIVER_OR_OWNER,
    # Whoever needs it themselves cannot be who comes: decided in helping.py.
    ClaimHelp: frozenset({Participant.COACH, Participant.SUPERVISOR}),
    # The owner only retakes a seat whose driver is gone: decided in seat.py.
    TakeSeat: frozenset({Participant.OWNER_OFF_SEAT, Participant.SUPERVISOR}),
    HandBack: _DRIVER,
    RequestSeat: _WATCHER,
    OfferSeat: _DRIVER,
    GrantSeat: _DRIVER,
    AcceptSeat: _WATCHER,
    # Whoever was asked, whoever asked, whoever took it: decided in handovers.py and seat.py.
    DeclineSeat: _EVERYONE,
    WithdrawSeat: _EVERYONE,
    ExplainTake: _EVERYONE,
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
    shares_team = not actor.team_ids.isdisjoint(state.team_ids)
    if actor.is_token:
        return _TOKEN if shares_team else frozenset()
    found: set[Participant] = set()
    if actor.id == state.driver.id:
        found.add(Participant.DRIVER)
    elif actor.id == state.owner.id:
        found.add(Participant.OWNER_OFF_SEAT)
    if PersonRole.MANAGER in actor.roles or (PersonRole.SUPERVISOR in actor.roles and shares_team):
        found.add(Participant.SUPERVISOR)
    if PersonRole.COACH in actor.roles and shares_team:
        found.add(Participant.COACH)
    if state.taker is not None and actor.id == state.taker.id and may_own(state.team_ids, actor):
        found.add(Participant.TAKER)
    return frozenset(found)


def may_watch(state: SessionState, actor: Actor) -> bool:
    """Whether the actor is shown the Session."""
    return bool(participants(state, actor) - _TOKEN)


def may_hide(state: SessionState, actor: Actor) -> bool:
    """Whether the actor may watch unseen."""
    is_permitted = Permission.HIDDEN_WATCHING in actor.permissions and not must_be_seen(state, actor)
    return is_permitted and may_watch(state, actor)


def must_be_seen(state: SessionState, actor: Actor) -> bool:
    """Whether the actor has the call or its seat, or came for it: they watch, and never unseen."""
    parts = participants(state, actor)
    return actor.id == state.owner.id or not parts.isdisjoint({Participant.DRIVER, Participant.TAKER})


def may_stay(state: SessionState, actor: Actor, *, hidden: bool) -> bool:
    """Whether the actor goes on watching; who did so unseen and must be seen by now is not turned away, but shown."""
    is_seen_or_may_hide = not hidden or may_hide(state, actor) or must_be_seen(state, actor)
    return may_watch(state, actor) and is_seen_or_may_hide


def may_point(state: SessionState, actor: Actor) -> bool:
    """Whether the driver is shown what this person points at: as with suggestions, of which nothing is stored."""
    is_running = state.status in RUNNING
    return is_running and not state.suggestions_muted and bool(participants(state, actor) & RIGHTS[Suggest] - _TOKEN)


def may_own(team_ids: Collection[TeamId], person: Actor) -> bool:
    """Whether a Session of these teams can be given to this person."""
    return PersonRole.AGENT in person.roles and not person.team_ids.isdisjoint(team_ids)


def is_named(transfer: TransferState | LiveTransfer, actor: Actor) -> bool:
    """Whether the actor was asked to take a Session over, alone or with others of a team."""
    if transfer.to is not None:
        return actor.id == transfer.to.id
    is_of_team = transfer.team is not None and transfer.team.id in actor.team_ids
    return is_of_team and PersonRole.AGENT in actor.roles and actor.id != transfer.by.id


def may_answer(
    transfer: TransferState | LiveTransfer, owner: Party, team_ids: Collection[TeamId], actor: Actor
) -> bool:
    """Whether an open transfer of a Session waits for this actor's yes or no."""
    is_asked = transfer.accepted_by is None and is_named(transfer, actor) and may_own(team_ids, actor)
    return is_asked and actor.id != owner.id and all(party.id != actor.id for party in transfer.passed_by)


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
        return RIGHTS[Resume] - {Participant.TEAMMATE, Participant.API_TOKEN}
    row = RIGHTS[command_type]
    if not state.is_finished or row != _DRIVER_OR_SUPERVISOR:
        return row
    is_owners = state.owner.id == context.actor.id and context.now_ms < state.changed_ms + RECORD_MS
    return row | {Participant.OWNER_OFF_SEAT} if is_owners else row - {Participant.DRIVER}


def may_switch(state: SessionState, context: Context) -> bool:
    """Whether the actor may have the call of this Session go on in another."""
    is_open = state.status in RUNNING or must_be_left(state, context)
    return is_open and not rights_of(Switch, state, context).isdisjoint(participants(state, context.actor))


def may_start(actor: Actor, *, training: bool) -> bool:
    """Agents start Sessions, and API tokens for them; everyone may practise."""
    return actor.is_token or training or PersonRole.AGENT in actor.roles
