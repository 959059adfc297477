"""What happens to an Action once it is fired: attempts, what they bring, when the next one is due.

A dispatcher claims a due Action by `start_attempt` before the first byte
leaves, and says by `finish_attempt` what came of it; only the live attempt's
word counts. An attempt that never came back is not repeated blindly: what is
done follows from the Integration's safety.

Rules: protocol/SPEC.md, AC.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from protocol.actions import ActionStatus, Attempt, AttemptDetail, OutcomeKind
from protocol.base import FieldContent, Millis
from protocol.commands import AwaitConnection, FinishAttempt, StartAttempt
from protocol.events import (
    ActionCancelled,
    ActionReleased,
    AttemptFinished,
    AttemptStarted,
    ConnectionAwaited,
    Event,
    FieldSet,
    Party,
)
from protocol.integrations import Safety, Schedule
from protocol.refusals import RefuseCode
from session_engine.action_machine import after, require
from session_engine.action_values import completed_order
from session_engine.actions import get_action
from session_engine.context import Context
from session_engine.fields import evolve_field_set, field_set, reading_of
from session_engine.firing import abandoned
from session_engine.refused import Refused
from session_engine.state import Action, SessionState
from session_engine.workflow import Workflow

LEASE_MS = 30_000
"""Twice what an attempt may take: who has not come back by then has died."""
LOST_AT_MOST = 5
"""Attempts in a row that never came back, after which it is the Action that is at fault."""
DELAYS_MS = {
    Schedule.INTERACTIVE: (2_000, 10_000, 60_000, 300_000),
    Schedule.DURABLE: (5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 36_000_000),
}
"""Between one try and the next."""
JITTER = 0.2
DEFERRALS_AT_MOST = 10
DEFERRED_AT_MOST_MS = 3_600_000
CONNECTION_LOOK_MS = 60_000
"""How often it is looked whether a Connection can be used again."""
MAX_WAIT_MS = 900_000
UNAUTHORISED = "the other side does not accept this Connection's credentials"


def decide_start_attempt(
    state: SessionState, workflow: Workflow, command: StartAttempt, context: Context
) -> tuple[Event, ...]:
    """Claim it; if the one who claimed it before never came back, recover as safely as the Connection allows.

    Raises:
        Refused: `unknown_action`; `action_settled`, also if it is not due or in somebody's hands.
    """
    action = get_action(state, command.action_id)
    require(action, AttemptStarted)
    _require_due(action, context)
    # What was erased cannot be sent; and what may have been sent, only a person sends again.
    is_lost, is_erased = action.status is ActionStatus.IN_FLIGHT, action.order is None
    if is_lost and (is_erased or command.safety is Safety.NONE or _lost_in_a_row(action) >= LOST_AT_MOST):
        return _lost_for_good(state, action)
    if not is_lost and (is_erased or (command.safety is Safety.NONE and _needs_a_look(action))):
        return _taken_back(state, action)
    return (
        AttemptStarted(
            action_id=action.id,
            attempt=len(action.attempts) + 1,
            recovers=(is_lost or action.recovers) and command.safety in (Safety.LOOKUP, Safety.NATURAL),
            lease_ms=context.now_ms + LEASE_MS,
        ),
    )


def decide_finish_attempt(
    state: SessionState, workflow: Workflow, command: FinishAttempt, context: Context
) -> tuple[Event, ...]:
    """What came of the live attempt, and what follows from it.

    Raises:
        Refused: `unknown_action`; `stale_attempt` from who was given up on.
    """
    action = get_action(state, command.action_id)
    live = action.attempts[-1] if action.attempts else None
    if action.status is not ActionStatus.IN_FLIGHT or live is None or live.number != command.attempt:
        raise Refused(RefuseCode.STALE_ATTEMPT, f"attempt {command.attempt} of action {action.id} is over")
    status, due_ms, recovers = _follows(action, command, context.now_ms)
    finished = AttemptFinished(
        action_id=action.id,
        action_key=action.key,
        attempt=command.attempt,
        kind=command.kind,
        detail=command.detail,
        status=status,
        due_ms=due_ms,
        recovers=recovers,
    )
    if status is ActionStatus.SENT:
        return (finished, *_follow_sent(state, workflow, finished, context))
    if status in (ActionStatus.FAILED, ActionStatus.UNKNOWN):
        return (finished, *abandoned(state, action))
    return (finished,)


def decide_await_connection(
    state: SessionState, workflow: Workflow, command: AwaitConnection, context: Context
) -> tuple[Event, ...]:
    """Leave it waiting; nothing is dropped, and no try is used up.

    Raises:
        Refused: `unknown_action`; `action_settled`, also if it is not due.
    """
    action = get_action(state, command.action_id)
    require(action, ConnectionAwaited)
    _require_due(action, context)
    due_ms = context.now_ms + CONNECTION_LOOK_MS
    return (ConnectionAwaited(action_id=action.id, reason=command.reason, due_ms=due_ms),)


def evolve_attempt_started(state: SessionState, event: AttemptStarted, actor: Party, at_ms: int) -> SessionState:
    """In flight until the lease ends."""
    action = state.actions[event.action_id]
    attempt = Attempt(number=event.attempt, dispatch=max(action.dispatch, 1), recovers=event.recovers, started_ms=at_ms)
    return state.with_action(
        replace(
            action,
            status=after(action, AttemptStarted),
            attempts=(*action.attempts, attempt),
            due_ms=event.lease_ms,
            recovers=event.recovers,
            waits_reason=None,
        )
    )


def evolve_attempt_finished(state: SessionState, event: AttemptFinished, actor: Party, at_ms: int) -> SessionState:
    """Settled, or waiting for the next try."""
    action = state.actions[event.action_id]
    detail = event.detail or AttemptDetail()
    attempts = tuple(
        replace(attempt, finished_ms=at_ms, kind=event.kind, detail=detail)
        if attempt.number == event.attempt
        else attempt
        for attempt in action.attempts
    )
    is_settled = event.status in (ActionStatus.SENT, ActionStatus.FAILED, ActionStatus.UNKNOWN)
    is_deferred = event.kind is OutcomeKind.DEFERRED
    uses_try = event.kind not in (OutcomeKind.DEFERRED, OutcomeKind.UNAUTHORISED)
    return state.with_action(
        replace(
            action,
            status=event.status,
            attempts=attempts,
            due_ms=event.due_ms,
            recovers=event.recovers,
            tries=action.tries + uses_try,
            deferrals=action.deferrals + 1 if is_deferred else 0,
            deferred_ms=(action.deferred_ms or at_ms) if is_deferred else None,
            failures=action.failures + (event.status is ActionStatus.FAILED),
            settled_ms=at_ms if is_settled else None,
            results=detail.results if event.status is ActionStatus.SENT else action.results,
            # Its own words, and not the other side's, which may quote what it was sent.
            waits_reason=UNAUTHORISED if event.status is ActionStatus.WAITING_FOR_CONNECTION else None,
        )
    )


def evolve_connection_awaited(state: SessionState, event: ConnectionAwaited, actor: Party, at_ms: int) -> SessionState:
    """It waits until its Connection can be used."""
    action = state.actions[event.action_id]
    return state.with_action(
        replace(
            action,
            status=after(action, ConnectionAwaited),
            due_ms=event.due_ms,
            waits_reason=event.reason,
            # Whoever had it in hand died: nobody knows what became of that.
            recovers=action.recovers or action.status is ActionStatus.IN_FLIGHT,
        )
    )


def evolve_released(state: SessionState, event: ActionReleased, actor: Party, at_ms: int) -> SessionState:
    """The result is there: it goes, or waits for its time."""
    action = state.actions[event.action_id]
    status = ActionStatus.HELD if event.due_ms > at_ms else ActionStatus.QUEUED
    return state.with_action(replace(action, status=status, order=event.order, due_ms=event.due_ms, waits_for=None))


def _follows(action: Action, command: FinishAttempt, now_ms: Millis) -> tuple[ActionStatus, Millis | None, bool]:
    """The status, when the next try is due, and whether it asks first."""
    match command.kind:
        case OutcomeKind.SENT:
            return ActionStatus.SENT, None, False
        case OutcomeKind.REFUSED:
            return _given_up(action), None, False
        case OutcomeKind.UNAUTHORISED:
            return ActionStatus.WAITING_FOR_CONNECTION, now_ms + CONNECTION_LOOK_MS, action.recovers
        case OutcomeKind.DEFERRED:
            return _deferred(action, command, now_ms)
        case OutcomeKind.AMBIGUOUS if command.safety is Safety.NONE:
            return ActionStatus.UNKNOWN, None, False
    delays = DELAYS_MS[command.schedule]
    is_ambiguous = command.kind is OutcomeKind.AMBIGUOUS
    if action.tries >= len(delays):
        return (ActionStatus.UNKNOWN if is_ambiguous else _given_up(action)), None, False
    wait_ms = delays[action.tries] * (1 + JITTER * command.jitter)
    asks_first = command.safety in (Safety.LOOKUP, Safety.NATURAL) and (is_ambiguous or action.recovers)
    return ActionStatus.WAITING_TO_RETRY, now_ms + round(wait_ms), asks_first


def _deferred(action: Action, command: FinishAttempt, now_ms: Millis) -> tuple[ActionStatus, Millis | None, bool]:
    since_ms = action.deferred_ms if action.deferred_ms is not None else now_ms
    if action.deferrals >= DEFERRALS_AT_MOST or now_ms - since_ms >= DEFERRED_AT_MOST_MS:
        return _given_up(action), None, False
    delays = DELAYS_MS[command.schedule]
    base = delays[min(action.tries, len(delays) - 1)]
    wait_ms = min(max(command.retry_after_ms or base, base), max(2 * base, MAX_WAIT_MS))
    return ActionStatus.WAITING_TO_RETRY, now_ms + wait_ms, action.recovers


def _given_up(action: Action) -> ActionStatus:
    """Failed; or unknown, if an earlier attempt under this key may have worked."""
    before = replace(action, attempts=action.attempts[:-1])
    return ActionStatus.UNKNOWN if before.may_have_been_sent else ActionStatus.FAILED


def _needs_a_look(action: Action) -> bool:
    """Whether it may have been sent since a person last said to send it."""
    since = tuple(attempt for attempt in action.attempts if attempt.started_ms >= (action.fired_ms or 0))
    return action.recovers or replace(action, attempts=since).may_have_been_sent


def _lost_in_a_row(action: Action) -> int:
    lost = 0
    for attempt in reversed(action.attempts):
        if attempt.finished_ms is not None:
            break
        lost += 1
    return lost


def _lost_for_good(state: SessionState, action: Action) -> tuple[Event, ...]:
    finished = AttemptFinished(
        action_id=action.id,
        action_key=action.key,
        attempt=action.attempts[-1].number,
        kind=OutcomeKind.AMBIGUOUS,
        detail=AttemptDetail(message="The server that was sending it went away; it may have been sent."),
        status=ActionStatus.UNKNOWN,
    )
    return (finished, *abandoned(state, action))


def _follow_sent(
    state: SessionState, workflow: Workflow, finished: AttemptFinished, context: Context
) -> tuple[Event, ...]:
    """What its answer writes, and whom it releases: these see what was written."""
    actor, now_ms = context.actor.party, context.now_ms
    sent = evolve_attempt_finished(state, finished, actor, now_ms)
    action = sent.actions[finished.action_id]
    written = _written(sent, workflow, action, context)
    for event in written:
        sent = evolve_field_set(sent, event, actor, now_ms)
    return (*written, *_released(sent, workflow, action, context))


def _written(state: SessionState, workflow: Workflow, action: Action, context: Context) -> tuple[FieldSet, ...]:
    """What the answer says, in the Fields that the template names."""
    events = []
    for name, field_key in workflow.actions[action.key].template.results.items():
        found = action.results.get(name)
        content: FieldContent = found if isinstance(found, bool | None) else str(found)
        if content is not None:
            try:
                events.append(
                    field_set(workflow.fields[field_key], content, action.visit_id, reading_of(context).plain)
                )
            except Refused:
                continue  # An answer of another shape than the Field's writes nothing.
    return tuple(events)


def _released(state: SessionState, workflow: Workflow, sent: Action, context: Context) -> Iterator[Event]:
    """Those that waited for its result: frozen now that it is there, or not sent if it is not what they need."""
    written = frozenset(workflow.actions[sent.key].template.results.values())
    for action in state.actions.values():
        if action.waits_for != sent.id or action.status is not ActionStatus.WAITING_FOR_RESULT:
            continue
        order = completed_order(state, workflow, action, written)
        if order is None:
            yield ActionCancelled(action_id=action.id, because_of=sent.id)
            yield from abandoned(state, action)
            continue
        held_ms = (action.fired_ms or 0) + workflow.actions[action.key].template.hold_s * 1_000
        undo_ms = (state.undo_until_ms or 0) if action.by_completing else 0
        yield ActionReleased(
            action_id=action.id,
            action_key=action.key,
            order=order,
            due_ms=max(context.now_ms, held_ms, undo_ms),
        )


def _require_due(action: Action, context: Context) -> None:
    if action.due_ms is None or context.now_ms < action.due_ms:
        raise Refused(RefuseCode.ACTION_SETTLED, f"action {action.id} is not due before {action.due_ms} ms")


def _taken_back(state: SessionState, action: Action) -> tuple[Event, ...]:
    return (ActionCancelled(action_id=action.id), *abandoned(state, action))
