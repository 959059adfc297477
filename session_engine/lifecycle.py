"""Pause and resume, review, complete and undo, end, switch; and what time does by itself.

active ⇄ reviewing, where Actions are looked at before they are fired; either
⇄ paused; either → completed at an end Section, and back by undo within some
seconds; any of them → ended. A finished Session is a record. Whose driver is
gone for long, it is paused; paused for long, it is ended; settled for long,
it may go to the archive: `due_ms` says when to look.

Rules: protocol/SPEC.md, LC.
"""

from __future__ import annotations

from msgspec.structs import replace

from protocol.account import Policy
from protocol.actions import ActionId
from protocol.base import Key, Millis, TransferId
from protocol.commands import (
    AnnotatePause,
    Complete,
    DriverLeft,
    End,
    Expire,
    LeaveReview,
    Pause,
    ReportHangUp,
    Resume,
    Switch,
    Undo,
)
from protocol.events import (
    CompletionUndone,
    EndCause,
    Event,
    HandoverOutcome,
    HangUpReported,
    OwnerChanged,
    Party,
    PauseAnnotated,
    PauseCause,
    ReviewLeft,
    ReviewStarted,
    SeatCause,
    SessionCompleted,
    SessionEnded,
    SessionPaused,
    SessionResumed,
    SuggestionOutcome,
    TransferOutcome,
)
from protocol.refusals import RefuseCode
from protocol.views import SessionStatus
from session_engine.action_machine import PENDING, after
from session_engine.actions import require_seen
from session_engine.conditions import holds
from session_engine.context import Context
from session_engine.firing import fired_by_completing, fired_by_ending, needs_review, stay_behind
from session_engine.guidance import contents_of
from session_engine.refused import Refused
from session_engine.rights import must_be_left
from session_engine.seat import pass_seat
from session_engine.state import Action, SessionState
from session_engine.workflow import Workflow


def due_ms(state: SessionState, policy: Policy) -> Millis:
    """When time may do something to this Session, to one of its Actions or to its transfer."""
    times = [at_ms for _, at_ms in dues(state)]
    # A Session with an Action that is on its way is left where it is, however long that takes.
    return min(times) if times and state.is_finished else min([life_due_ms(state, policy), *times])


def dues(state: SessionState) -> frozenset[tuple[ActionId | TransferId, Millis]]:
    """When each of its Actions wants to be looked at, and the transfer that nobody answered."""
    actions = frozenset((action.id, action.due_ms) for action in state.actions.values() if action.due_ms is not None)
    transfer = state.open_transfer
    if transfer is None or transfer.accepted_by is not None:
        return actions
    return actions | {(transfer.id, transfer.until_ms)}


def life_due_ms(state: SessionState, policy: Policy) -> Millis:
    """When its driver is gone for long, it was paused for long, or it is a record that may go to the archive."""
    match state.status:
        case SessionStatus.ACTIVE | SessionStatus.REVIEWING:
            return state.changed_ms + policy.driver_left_ms
        case SessionStatus.PAUSED:
            return state.changed_ms + policy.expires_ms
    return max(state.at_ms, state.undo_until_ms or 0) + policy.archive_after_ms


def is_settled(state: SessionState, now_ms: Millis) -> bool:
    """Whether only a person can still change it: finished, not to be undone any more, and no Action on its way."""
    return (
        state.is_finished
        and (state.undo_until_ms is None or now_ms >= state.undo_until_ms)
        and not any(action.status in PENDING for action in state.actions.values())
    )


def decide_pause(state: SessionState, workflow: Workflow, command: Pause, context: Context) -> tuple[Event, ...]:
    """Interrupt; the seat stays."""
    return (SessionPaused(reason=command.reason or None, call_back_ms=command.call_back_ms),)


def decide_annotate_pause(
    state: SessionState, workflow: Workflow, command: AnnotatePause, context: Context
) -> tuple[Event, ...]:
    """Say why it is paused and when to call back.

    Raises:
        Refused: `not_paused`.
    """
    _require_paused(state)
    return (PauseAnnotated(reason=command.reason or None, call_back_ms=command.call_back_ms),)


def decide_resume(state: SessionState, workflow: Workflow, command: Resume, context: Context) -> tuple[Event, ...]:
    """Go on; the seat passes to who resumes, or to the owner if a token does. A teammate becomes its owner, too.

    Raises:
        Refused: `not_paused`; `version_recalled` if it can only be switched to another version, or ended.
    """
    _require_paused(state)
    if must_be_left(state, context):
        raise Refused(RefuseCode.VERSION_RECALLED, f"version {state.version_id} was recalled; expected switch or end")
    actor = context.actor
    driver = state.owner if actor.is_token else actor.party
    if driver.id == state.driver.id:
        return (SessionResumed(),)
    if driver.id == state.owner.id:
        return (SessionResumed(), pass_seat(state, driver, SeatCause.RESUMED))
    return (SessionResumed(), OwnerChanged(to=actor.party), pass_seat(state, actor.party, SeatCause.RESUMED))


def decide_complete(state: SessionState, workflow: Workflow, command: Complete, context: Context) -> tuple[Event, ...]:
    """Finish at an end Section; its win switch decides the outcome. What is to be reviewed, is first.

    Raises:
        Refused: `not_at_end` on a Section with Answers; `review_changed` if somebody else changed what would be
            fired; `fields_missing` if required Fields are empty, and `actions_invalid` if Actions would stay not
            fired, unless the command says to finish anyway.
    """
    section = workflow.sections[state.current_visit.section_key]
    if section.answers:
        raise Refused(RefuseCode.NOT_AT_END, f"section {section.key} has answers; expected an end section")
    if state.status is SessionStatus.ACTIVE and needs_review(state, workflow):
        return (ReviewStarted(),)
    require_seen(state, command.seen, context)
    missing = missing_fields(state, workflow)
    if missing and not command.anyway:
        raise Refused(RefuseCode.FIELDS_MISSING, f"required and empty: {', '.join(missing)}")
    behind = stay_behind(state, workflow)
    if behind and not command.anyway:
        raise Refused(RefuseCode.ACTIONS_INVALID, f"actions {', '.join(behind)} would stay not fired")
    completed = SessionCompleted(
        won=section.win, missing=missing, undo_until_ms=context.now_ms + context.policy.undo_ms
    )
    after_it = evolve_completed(state, completed, context.actor.party, context.now_ms)
    return (completed, *fired_by_completing(after_it, workflow, context))


def decide_leave_review(
    state: SessionState, workflow: Workflow, command: LeaveReview, context: Context
) -> tuple[Event, ...]:
    """Back on the Section.

    Raises:
        Refused: `not_in_review`.
    """
    if state.status is not SessionStatus.REVIEWING:
        raise Refused(RefuseCode.NOT_IN_REVIEW, f"session {state.session_id} is {state.status}")
    return (ReviewLeft(),)


def missing_fields(state: SessionState, workflow: Workflow) -> tuple[Key, ...]:
    """Required Fields that are empty, of visited and not abandoned Sections, whose visible-when holds."""
    contents = contents_of(state)
    visited = {visit.section_key: None for visit in state.visits.values() if not visit.abandoned}
    attached = dict.fromkeys(key for section in visited for key in workflow.sections[section].fields)
    return tuple(
        key
        for key in attached
        if (definition := workflow.fields[key]).required
        and contents.get(key) is None
        and (definition.visible_when is None or holds(definition.visible_when, contents, workflow.fields))
    )


def decide_undo(state: SessionState, workflow: Workflow, command: Undo, context: Context) -> tuple[Event, ...]:
    """Take completing back.

    Raises:
        Refused: `undo_over` if it is too late, or nothing was completed.
    """
    if state.undo_until_ms is None or context.now_ms >= state.undo_until_ms:
        raise Refused(RefuseCode.UNDO_OVER, f"session {state.session_id}: nothing can be undone any more")
    return (CompletionUndone(),)


def decide_end(state: SessionState, workflow: Workflow, command: End, context: Context) -> tuple[Event, ...]:
    """Finish early.

    Raises:
        Refused: `unknown_reason` if the key is not on the account's list.
    """
    known = {reason.key for reason in context.policy.end_reasons if not reason.hidden}
    if command.reason_key is not None and command.reason_key not in known:
        raise Refused(RefuseCode.UNKNOWN_REASON, f"no reason {command.reason_key}; expected one of the list, or none")
    return _ended(state, workflow, context, SessionEnded(reason=command.reason or None, reason_key=command.reason_key))


def decide_switch(state: SessionState, workflow: Workflow, command: Switch, context: Context) -> tuple[Event, ...]:
    """Finish as switched, once the Session that goes on has begun: nothing is lost in between.

    Raises:
        Refused: `not_switched` if the other Session was not started from this one.
    """
    if not context.is_continued:
        raise Refused(
            RefuseCode.NOT_SWITCHED,
            f"session {command.to_session_id} does not go on from {state.session_id}; expected start_session first",
        )
    return _ended(
        state,
        workflow,
        context,
        SessionEnded(reason=None, cause=EndCause.SWITCHED, switched_to=command.to_session_id),
    )


def decide_report_hang_up(
    state: SessionState, workflow: Workflow, command: ReportHangUp, context: Context
) -> tuple[Event, ...]:
    """Tell that the customer hung up; what the driver does about it is theirs."""
    return (HangUpReported(),)


def decide_driver_left(
    state: SessionState, workflow: Workflow, command: DriverLeft, context: Context
) -> tuple[Event, ...]:
    """Pause a Session whose driver is gone.

    Raises:
        Refused: `driver_present` if the driver is back.
    """
    if not context.driver_absent:
        raise Refused(RefuseCode.DRIVER_PRESENT, f"{state.driver.id} drives and is present")
    return (SessionPaused(reason=None, cause=PauseCause.DRIVER_LEFT),)


def decide_expire(state: SessionState, workflow: Workflow, command: Expire, context: Context) -> tuple[Event, ...]:
    """End a Session that was paused for long.

    Raises:
        Refused: `not_paused`, also if it was not paused for long enough.
    """
    _require_paused(state)
    if context.now_ms < state.changed_ms + context.policy.expires_ms:
        raise Refused(RefuseCode.NOT_PAUSED, f"session {state.session_id} was not paused for long")
    return _ended(state, workflow, context, SessionEnded(reason=None, cause=EndCause.EXPIRED))


def evolve_paused(state: SessionState, event: SessionPaused, actor: Party, at_ms: int) -> SessionState:
    """It waits."""
    return replace(
        state.with_handover_settled(HandoverOutcome.OVERTAKEN, actor, at_ms),
        status=SessionStatus.PAUSED,
        came_from=state.status,
        changed_ms=at_ms,
        paused_reason=event.reason,
        pause_cause=event.cause,
        call_back_ms=event.call_back_ms,
    )


def evolve_pause_annotated(state: SessionState, event: PauseAnnotated, actor: Party, at_ms: int) -> SessionState:
    """Why it waits, and until when."""
    return replace(state, paused_reason=event.reason, call_back_ms=event.call_back_ms)


def evolve_resumed(state: SessionState, event: SessionResumed, actor: Party, at_ms: int) -> SessionState:
    """It goes on where it was."""
    return replace(_without_pause(state), status=_came_from(state), came_from=None, changed_ms=at_ms)


def evolve_hang_up_reported(state: SessionState, event: HangUpReported, actor: Party, at_ms: int) -> SessionState:
    """The customer is gone; the last time counts."""
    return replace(state, hung_up_ms=at_ms)


def evolve_completed(state: SessionState, event: SessionCompleted, actor: Party, at_ms: int) -> SessionState:
    """A record, won or not."""
    return replace(
        _left(state, actor, at_ms),
        status=SessionStatus.COMPLETED,
        came_from=state.status,
        changed_ms=at_ms,
        won=event.won,
        missing=event.missing,
        undo_until_ms=event.undo_until_ms,
    )


def evolve_completion_undone(state: SessionState, event: CompletionUndone, actor: Party, at_ms: int) -> SessionState:
    """It goes on where it was, and what completing fired is to be fired again."""
    back = state.with_visit(replace(state.current_visit, left_ms=None))
    actions = {id_: _not_fired(action) if action.by_completing else action for id_, action in state.actions.items()}
    return replace(
        back,
        status=_came_from(state),
        came_from=None,
        changed_ms=at_ms,
        won=False,
        missing=(),
        undo_until_ms=None,
        actions=actions,
    )


def evolve_review_started(state: SessionState, event: ReviewStarted, actor: Party, at_ms: int) -> SessionState:
    """Its Actions are looked at."""
    return replace(state, status=SessionStatus.REVIEWING, changed_ms=at_ms)


def evolve_review_left(state: SessionState, event: ReviewLeft, actor: Party, at_ms: int) -> SessionState:
    """It goes on where it was."""
    return replace(state, status=SessionStatus.ACTIVE, changed_ms=at_ms)


def evolve_ended(state: SessionState, event: SessionEnded, actor: Party, at_ms: int) -> SessionState:
    """A record, ended early."""
    return replace(
        _without_pause(_left(state, actor, at_ms)),
        status=SessionStatus.ENDED,
        changed_ms=at_ms,
        end_reason=event.reason,
        end_reason_key=event.reason_key,
        end_cause=event.cause,
        switched_to=event.switched_to,
    )


def _ended(state: SessionState, workflow: Workflow, context: Context, ended: SessionEnded) -> tuple[Event, ...]:
    """Ended, and what fires on any end is fired."""
    after_it = evolve_ended(state, ended, context.actor.party, context.now_ms)
    return (ended, *fired_by_ending(after_it, workflow, context))


def _not_fired(action: Action) -> Action:
    """The same as before it was fired; the number of its dispatch is used up."""
    return replace(
        action,
        status=after(action, CompletionUndone),
        order=None,
        fired_by=None,
        fired_ms=None,
        by_completing=False,
        due_ms=None,
        waits_for=None,
    )


def _came_from(state: SessionState) -> SessionStatus:
    return state.came_from or SessionStatus.ACTIVE


def _require_paused(state: SessionState) -> None:
    if state.status is not SessionStatus.PAUSED:
        raise Refused(RefuseCode.NOT_PAUSED, f"session {state.session_id} is {state.status}")


def _without_pause(state: SessionState) -> SessionState:
    return replace(state, paused_reason=None, pause_cause=None, call_back_ms=None)


def _left(state: SessionState, actor: Party, at_ms: int) -> SessionState:
    left = state.with_visit(replace(state.current_visit, left_ms=at_ms))
    left = left.with_suggestions_settled(lambda each: True, SuggestionOutcome.EXPIRED, actor, at_ms)
    left = left.with_handover_settled(HandoverOutcome.OVERTAKEN, actor, at_ms)
    left = left.with_transfer_settled(TransferOutcome.OVERTAKEN, actor, at_ms)
    request = left.open_help
    return left if request is None else left.with_help(replace(request, closed_ms=at_ms))
