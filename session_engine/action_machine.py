"""Life of an Action: which event takes it from where to where. Data, and the pictures drawn from it.

    draft ─fire─► held, queued or waiting for another's result ─attempt─► in flight ─► sent, failed, unknown
      ▲                                                             ▲        │
      └── withdrawn, removed, awaiting approval, declined           └────────┴─ waiting to retry, or for its Connection

A decider asks `require` before it says that something became true; an evolver
takes the status from `after`. `python -m session_engine.action_machine`
prints the diagram of the README.

Rules: protocol/SPEC.md, AC.
"""

from __future__ import annotations

from collections.abc import Mapping

from protocol.actions import ActionStatus, ShownStatus
from protocol.events import (
    ActionApproved,
    ActionCancelled,
    ActionDeclined,
    ActionEdited,
    ActionFired,
    ActionLocked,
    ActionMarked,
    ActionReinstated,
    ActionReleased,
    ActionRemoved,
    ActionRestored,
    ActionUnlocked,
    ActionWithdrawn,
    ApprovalAsked,
    ApprovalVoided,
    AttemptFinished,
    AttemptStarted,
    CompletionUndone,
    ConnectionAwaited,
    Event,
    LookUpAsked,
)
from protocol.refusals import RefuseCode
from session_engine.refused import Refused
from session_engine.state import Action

S = ActionStatus

UNFIRED = frozenset({S.DRAFT, S.AWAITING_APPROVAL, S.DECLINED, S.WITHDRAWN, S.REMOVED, S.NOT_FIRED})
PENDING = frozenset({S.HELD, S.WAITING_FOR_RESULT, S.QUEUED, S.IN_FLIGHT, S.WAITING_TO_RETRY, S.WAITING_FOR_CONNECTION})
FOLLOWS_FIELDS = frozenset({S.DRAFT, S.AWAITING_APPROVAL, S.DECLINED, S.WITHDRAWN, S.NOT_FIRED, S.FAILED, S.REMOVED})
"""What is shown is what the Fields say now; of all others, what was frozen."""
DUE = PENDING - {S.WAITING_FOR_RESULT, S.IN_FLIGHT}
EDITABLE = frozenset({S.DRAFT, S.AWAITING_APPROVAL, S.DECLINED, S.FAILED, S.NOT_FIRED})
SENDABLE = frozenset({S.DRAFT, S.AWAITING_APPROVAL, S.DECLINED, S.NOT_FIRED, S.FAILED, S.UNKNOWN})

FAILURES_AT_MOST = 3
"""After more than these it is sent no more, until an administrator unlocks it: the reference product's rule."""

TABLE: Mapping[type[Event], Mapping[ActionStatus, ActionStatus | None]] = {
    ActionWithdrawn: {S.DRAFT: S.WITHDRAWN, S.AWAITING_APPROVAL: S.WITHDRAWN, S.DECLINED: S.WITHDRAWN},
    ActionReinstated: {S.WITHDRAWN: S.DRAFT},
    ActionLocked: {status: status for status in EDITABLE},
    ActionEdited: {
        S.DRAFT: S.DRAFT,
        S.AWAITING_APPROVAL: S.DRAFT,
        S.DECLINED: S.DRAFT,
        S.FAILED: S.FAILED,
        S.NOT_FIRED: S.NOT_FIRED,
    },
    ActionRemoved: dict.fromkeys((S.DRAFT, S.AWAITING_APPROVAL, S.DECLINED, S.FAILED, S.NOT_FIRED), S.REMOVED),
    ActionRestored: {S.REMOVED: S.DRAFT},
    ApprovalAsked: {S.DRAFT: S.AWAITING_APPROVAL, S.NOT_FIRED: S.AWAITING_APPROVAL, S.FAILED: S.AWAITING_APPROVAL},
    ApprovalVoided: {
        S.DRAFT: S.DRAFT,
        S.AWAITING_APPROVAL: S.DRAFT,
        S.DECLINED: S.DRAFT,
        S.FAILED: S.FAILED,
        S.NOT_FIRED: S.NOT_FIRED,
    },
    ActionApproved: {S.AWAITING_APPROVAL: S.DRAFT},
    ActionDeclined: {S.AWAITING_APPROVAL: S.DECLINED},
    ActionFired: dict.fromkeys(SENDABLE - {S.AWAITING_APPROVAL, S.DECLINED}),
    ActionReleased: {S.WAITING_FOR_RESULT: None},
    ActionCancelled: dict.fromkeys(DUE | {S.WAITING_FOR_RESULT}),
    AttemptStarted: dict.fromkeys(DUE | {S.IN_FLIGHT}, S.IN_FLIGHT),
    AttemptFinished: {S.IN_FLIGHT: None},
    ConnectionAwaited: dict.fromkeys(DUE | {S.IN_FLIGHT}, S.WAITING_FOR_CONNECTION),
    LookUpAsked: {S.UNKNOWN: S.QUEUED},
    ActionMarked: dict.fromkeys(SENDABLE),
    ActionUnlocked: {status: status for status in EDITABLE | {S.REMOVED}},
    CompletionUndone: {S.HELD: S.DRAFT, S.QUEUED: S.DRAFT, S.WAITING_FOR_RESULT: S.DRAFT},
}
"""By event: from which statuses it may come, and to which it leads; None: the event itself says where."""

SHOWN: Mapping[ActionStatus, ShownStatus] = {
    **dict.fromkeys(UNFIRED, ShownStatus.NOT_FIRED),
    **dict.fromkeys(PENDING, ShownStatus.PENDING),
    S.AWAITING_APPROVAL: ShownStatus.PENDING,
    S.SENT: ShownStatus.SENT,
    S.FAILED: ShownStatus.FAILED,
    S.UNKNOWN: ShownStatus.UNKNOWN,
}


def may(action: Action, event_type: type[Event]) -> bool:
    """Whether that may become true of the Action as it stands."""
    return action.status in TABLE[event_type]


def require(action: Action, event_type: type[Event]) -> None:
    """Refuse what cannot be of an Action as it stands.

    Raises:
        Refused: `action_settled`.
    """
    if not may(action, event_type):
        expected = ", ".join(sorted(TABLE[event_type]))
        raise Refused(RefuseCode.ACTION_SETTLED, f"action {action.id} is {action.status}; expected {expected}")


def after(action: Action, event_type: type[Event]) -> ActionStatus:
    """The status that follows; the same if the event does not say, or does not fit, so that folding never fails."""
    return TABLE[event_type].get(action.status) or action.status


def diagram() -> str:
    """The table as a Mermaid state diagram (https://mermaid.js.org/syntax/stateDiagram.html)."""
    lines = ["stateDiagram-v2", "    [*] --> draft: ActionTriggered"]
    ends = {
        ActionFired: (S.HELD, S.QUEUED, S.WAITING_FOR_RESULT),
        ActionReleased: (S.HELD, S.QUEUED),
        ActionCancelled: (S.NOT_FIRED, S.UNKNOWN),
        AttemptFinished: (S.SENT, S.FAILED, S.UNKNOWN, S.WAITING_TO_RETRY, S.WAITING_FOR_CONNECTION),
        ActionMarked: (S.SENT,),
    }
    for event_type, moves in TABLE.items():
        for start in sorted(moves):
            to = moves[start]
            found = ends[event_type] if to is None else (to,)
            lines.extend(f"    {start} --> {end}: {event_type.__name__}" for end in found if end != start)
    return "\n".join(lines)


if __name__ == "__main__":
    print(diagram())  # noqa: T201  # it is asked for on a terminal
