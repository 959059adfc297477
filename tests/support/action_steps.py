"""What people, time and a dispatcher try with Actions in random histories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from protocol.actions import AttemptDetail, OutcomeKind
from protocol.commands import (
    ApproveAction,
    AwaitConnection,
    CancelAction,
    Command,
    CorrectAction,
    EditAction,
    FinishAttempt,
    LeaveReview,
    LockAction,
    LookUpAction,
    MarkAction,
    RemoveAction,
    SendAction,
    StartAttempt,
    SystemCommand,
    UnlockAction,
)
from protocol.events import (
    ActionApproved,
    ActionCancelled,
    ActionEdited,
    ActionFired,
    ActionMarked,
    ActionRemoved,
    ActionRestored,
    ActionUnlocked,
    Event,
    LookUpAsked,
)
from protocol.integrations import Safety, Schedule
from session_engine.action_machine import may
from session_engine.context import Actor
from tests.support.scenario import ADA, SAM, ZOE, Scenario

PLANTED = "planted-9f3e"
"""A value that no watcher may ever be sent."""

ACTION_KINDS = [
    *["send_action", "approve_action", "start_attempt", "finish_attempt", "attempt", "attempt", "time", "time"],
    *["lock_action", "edit_action", "remove_action", "cancel_action", "look_up_action", "mark_action"],
    *["correct_action", "unlock_action", "leave_review", "await_connection"],
]

ACTION_CHOICES: dict[str, Sequence[Any]] = {
    "action": range(13),
    "yes": (True, False),
    "stale": (*[False] * 9, True),
    "safety": (*Safety,),
    "schedule": (*Schedule,),
    "outcome": (*OutcomeKind, OutcomeKind.SENT, OutcomeKind.REFUSED),
    "passes_ms": (500, 2_500, 11_000, 31_000, 400_000, 40_000_000),
    "path": range(7),
    "text": (None, "", "x", "bob@example.org", "y" * 61),
    "by": (*[None] * 6, SAM, SAM, ADA, ZOE),
}


def perform_on_actions(call: Scenario, kind: str, actor: Actor, choices: dict[str, Any]) -> None:
    """Try one of these on the Session as it stands."""
    ids = _fitting(call, kind, choices) or [*call.state.actions, "a99"]
    action_id = ids[choices["action"] % len(ids)]
    actor = choices["by"] or {"approve_action": SAM, "unlock_action": ADA}.get(kind, actor)
    if kind == "time":
        call.now_ms += choices["passes_ms"]
    elif kind in ("start_attempt", "finish_attempt", "attempt", "await_connection"):
        for command in _of_the_server(call, kind, action_id, choices):
            call.when_time(command)
    else:
        call.when(_of_people(call, kind, action_id, choices), by=actor)


def _fitting(call: Scenario, kind: str, choices: dict[str, Any]) -> list[str]:
    """Mostly those that it may be done with."""
    fitting: dict[str, type[Event]] = {
        "send_action": ActionFired,
        "approve_action": ActionApproved,
        "edit_action": ActionEdited,
        "remove_action": ActionRemoved if choices["yes"] else ActionRestored,
        "cancel_action": ActionCancelled,
        "look_up_action": LookUpAsked,
        "mark_action": ActionMarked,
        "unlock_action": ActionUnlocked,
    }
    event_type = fitting.get(kind)
    if event_type is None or choices["stale"]:
        return []
    return [action.id for action in call.state.actions.values() if may(action, event_type)]


def _of_people(call: Scenario, kind: str, action_id: str, choices: dict[str, Any]) -> Command:
    yes, seen = choices["yes"], call.state.seq - 3 if choices["stale"] else None
    match kind:
        case "send_action":
            return SendAction(action_id=action_id, again=yes, seen=seen)
        case "approve_action":
            return ApproveAction(action_id=action_id, approved=yes, reason="so")
        case "lock_action":
            return LockAction(action_id=action_id, locked=yes)
        case "edit_action":
            action = call.state.actions.get(action_id)
            leaves = call.workflow.actions[action.key].leaves if action else ()
            path = leaves[choices["path"] % len(leaves)].path if leaves and not choices["stale"] else "nowhere"
            return EditAction(action_id=action_id, path=path, text=choices["text"])
        case "remove_action":
            return RemoveAction(action_id=action_id, removed=yes)
        case "cancel_action":
            return CancelAction(action_id=action_id)
        case "look_up_action":
            return LookUpAction(action_id=action_id)
        case "mark_action":
            return MarkAction(action_id=action_id, sent=yes, reason="asked there")
        case "correct_action":
            return CorrectAction(action_id=action_id)
        case "unlock_action":
            return UnlockAction(action_id=action_id)
        case _:
            state = call.state
            return LeaveReview(visit_id=state.current_visit_id, seat=state.seat + int(choices["stale"]))


def _of_the_server(call: Scenario, kind: str, action_id: str, choices: dict[str, Any]) -> list[SystemCommand]:
    due = [action for action in call.state.actions.values() if action.due_ms is not None]
    action = due[choices["action"] % len(due)] if due else call.state.actions.get(action_id)
    if action is None:
        return [StartAttempt(action_id=action_id, safety=choices["safety"])]
    if kind == "attempt" and action.due_ms is not None and choices["yes"]:
        call.now_ms = max(call.now_ms, action.due_ms)
    described = call.workflow.actions[action.key].action
    assert described is not None
    # Mostly what it is; a Connection may say otherwise.
    safety = choices["safety"] if choices["stale"] else described.safety
    started = StartAttempt(action_id=action.id, safety=safety)
    number = len(action.attempts) + (1 if kind == "attempt" and not choices["stale"] else 0)
    finished = FinishAttempt(
        action_id=action.id,
        attempt=max(number, 1),
        kind=choices["outcome"],
        detail=AttemptDetail(
            message=f"says {PLANTED}" if call.workflow.actions[action.key].tells_sensitive else "says so",
            field_messages={"subject": "is not known"},
            results={"order_id": "o-1", "token": PLANTED} if choices["yes"] else {},
        ),
        safety=safety,
        schedule=choices["schedule"],
        retry_after_ms=30_000 if choices["yes"] else None,
        jitter=-1 if choices["yes"] else 0.5,
    )
    awaited = AwaitConnection(action_id=action.id, reason="no Connection of that name")
    commands: dict[str, list[SystemCommand]] = {
        "start_attempt": [started],
        "finish_attempt": [finished],
        "attempt": [started, finished],
        "await_connection": [awaited],
    }
    return commands[kind]
