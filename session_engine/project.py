"""What each audience sees: views and the ops between them. All masking is here.

The owner sees sensitive values; staff sees that they are filled and whether
they are valid, nothing else. Nothing that leaves the server is made from a
state in any other place.

Rules: protocol/SPEC.md, DL and MK.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TypeVar

from protocol.actions import ActionStatus
from protocol.base import FieldContent, Key, Millis, PersonId, Record
from protocol.events import SuggestionKind
from protocol.fields import FieldDefinition, FieldType
from protocol.ops import Collection, Op, Put, Remove
from protocol.views import (
    ActionView,
    Audience,
    CorrectionView,
    FieldView,
    HandoverView,
    HeadView,
    HelpView,
    LiveGiven,
    LiveHelp,
    LiveSession,
    LiveTransfer,
    MomentView,
    NotesUpdate,
    ReassignmentView,
    ResponseUseView,
    SeatChangeView,
    SuggestionView,
    TransferView,
    View,
    VisitView,
)
from session_engine.ownership import find_given
from session_engine.project_actions import action_view, may_differ
from session_engine.project_whispers import whisper_ops, whispers_of
from session_engine.state import (
    Correction,
    FieldValue,
    Handover,
    HelpRequest,
    Moment,
    Notes,
    Reassignment,
    ResponseUse,
    SeatChange,
    SessionState,
    Suggestion,
    Transfer,
    Visit,
)
from session_engine.values.contacts import shown_phone
from session_engine.workflow import VARIABLE, Workflow, is_sensitive

HEAD_ID = "session"

T = TypeVar("T")


def audience_of(state: SessionState, person_id: str) -> Audience:
    """The owner, on or off the seat, or staff: everyone else, a driver included."""
    return Audience.OWNER if person_id == state.owner.id else Audience.STAFF


def project(state: SessionState, workflow: Workflow, audience: Audience, person_id: PersonId | None = None) -> View:
    """The whole Session; with what was whispered by this person and to them, for nobody without any."""
    return View(
        head={HEAD_ID: _head(state, workflow)},
        visits={visit.id: _visit(visit) for visit in state.visits.values()},
        fields={key: _field(key, value, workflow, audience) for key, value in state.fields.items()},
        responses={use.id: _response_use(use) for use in state.responses.values()},
        actions={id_: action_view(state, workflow, action, audience) for id_, action in state.actions.items()},
        corrections={id_: _correction(each, workflow, audience) for id_, each in state.corrections.items()},
        suggestions={id_: _suggestion(each, workflow, audience) for id_, each in state.suggestions.items()},
        reassignments={id_: _reassignment(each) for id_, each in state.reassignments.items()},
        moments={id_: _moment(each) for id_, each in state.moments.items()},
        help_requests={id_: _help(each) for id_, each in state.help_requests.items()},
        handovers={id_: _handover(each) for id_, each in state.handovers.items()},
        seat_changes={id_: _seat_change(each) for id_, each in state.seat_changes.items()},
        transfers={id_: _transfer(each) for id_, each in state.transfers.items()},
        whispers=whispers_of(state, person_id),
        notes_updates=_notes(state.notes),
    )


def ops_between(
    before: SessionState,
    after: SessionState,
    workflow: Workflow,
    audience: Audience,
    person_id: PersonId | None = None,
    *,
    notes_update: str | None,
) -> tuple[Op, ...]:
    """What turns this audience's (and person's) view of `before` into its view of `after`.

    `notes_update` is the base64 update of the entry between them, if it edited the Notes.
    """
    ops: list[Op] = []
    if _head_changed(before, after, workflow):
        ops.append(Put(collection=Collection.HEAD, id=HEAD_ID, record=_head(after, workflow)))
    if after.visits is not before.visits:
        ops += _puts(Collection.VISITS, before.visits, after.visits, _visit)
    if after.fields is not before.fields:
        ops.extend(
            Put(collection=Collection.FIELDS, id=key, record=_field(key, value, workflow, audience))
            for key, value in after.fields.items()
            if before.fields.get(key) is not value
        )
        ops.extend(Remove(collection=Collection.FIELDS, id=key) for key in before.fields if key not in after.fields)
    if after.responses is not before.responses:
        ops += _puts(Collection.RESPONSES, before.responses, after.responses, _response_use)
    if after.actions:
        ops.extend(
            Put(collection=Collection.ACTIONS, id=view.id, record=view)
            for view in _changed_actions(before, after, workflow, audience)
        )
    if after.corrections is not before.corrections:
        correction = partial(_correction, workflow=workflow, audience=audience)
        ops += _puts(Collection.CORRECTIONS, before.corrections, after.corrections, correction)
    if after.suggestions is not before.suggestions:
        suggestion = partial(_suggestion, workflow=workflow, audience=audience)
        ops += _puts(Collection.SUGGESTIONS, before.suggestions, after.suggestions, suggestion)
    if after.reassignments is not before.reassignments:
        ops += _puts(Collection.REASSIGNMENTS, before.reassignments, after.reassignments, _reassignment)
    if after.moments is not before.moments:
        ops += _puts(Collection.MOMENTS, before.moments, after.moments, _moment)
    if after.help_requests is not before.help_requests:
        ops += _puts(Collection.HELP_REQUESTS, before.help_requests, after.help_requests, _help)
    if after.handovers is not before.handovers:
        ops += _puts(Collection.HANDOVERS, before.handovers, after.handovers, _handover)
    if after.seat_changes is not before.seat_changes:
        ops += _puts(Collection.SEAT_CHANGES, before.seat_changes, after.seat_changes, _seat_change)
    if after.transfers is not before.transfers:
        ops += _puts(Collection.TRANSFERS, before.transfers, after.transfers, _transfer)
    ops.extend(whisper_ops(before, after, person_id))
    if notes_update is not None and after.notes is not None:
        update = NotesUpdate(update=notes_update)
        ops.append(Put(collection=Collection.NOTES_UPDATES, id=str(after.notes.seq), record=update))
    return tuple(ops)


def _puts(
    collection: Collection, before: Mapping[str, T], after: Mapping[str, T], view: Callable[[T], Record]
) -> Iterator[Put]:
    """What is new, or another than before, as it is shown."""
    return (
        Put(collection=collection, id=id_, record=view(each))
        for id_, each in after.items()
        if before.get(id_) is not each
    )


def _changed_actions(
    before: SessionState, after: SessionState, workflow: Workflow, audience: Audience
) -> Iterator[ActionView]:
    """Actions that look otherwise than before: themselves changed, or what they would send."""
    for id_, action in after.actions.items():
        earlier = before.actions.get(id_)
        if earlier is action and not may_differ(before, after, workflow.actions[action.key]):
            continue
        view = action_view(after, workflow, action, audience)
        if earlier is None or view != action_view(before, workflow, earlier, audience):
            yield view


def live_session_changed(before: SessionState | None, after: SessionState, workflow: Workflow) -> bool:
    """Whether lists must hear of the difference."""
    return (
        before is None
        or before.help_requests is not after.help_requests
        or before.transfers is not after.transfers
        or (before.actions is not after.actions and _approval_asked_ms(before) != _approval_asked_ms(after))
        or _head_changed(before, after, workflow)
    )


def live_session(state: SessionState, workflow: Workflow) -> LiveSession | None:
    """The Session as lists show it; None once it is finished."""
    if state.is_finished:
        return None
    visit = state.current_visit
    return LiveSession(
        session_id=state.session_id,
        title=title_of(state, workflow),
        workflow_name=workflow.version.document.name,
        section_name=workflow.sections[visit.section_key].name,
        status=state.status,
        training=state.training,
        owner=state.owner,
        driver=state.driver,
        team_ids=state.team_ids,
        started_ms=state.started_ms,
        section_ms=visit.entered_ms,
        changed_ms=state.changed_ms,
        call_back_ms=state.call_back_ms,
        help=_live_help(state.open_help),
        transfer=_live_transfer(state.open_transfer),
        given=_live_given(find_given(state)),
        approval_asked_ms=_approval_asked_ms(state),
        workflow_key=workflow.version.document.key,
        section_key=visit.section_key,
    )


def _head_changed(before: SessionState, after: SessionState, workflow: Workflow) -> bool:
    return (
        before.current_visit_id != after.current_visit_id
        or before.seat != after.seat
        or before.status is not after.status
        or before.owner != after.owner
        or before.hung_up_ms != after.hung_up_ms
        or before.suggestions_muted is not after.suggestions_muted
        or before.screen_shared is not after.screen_shared
        or (before.paused_reason, before.call_back_ms) != (after.paused_reason, after.call_back_ms)
        or any(before.fields.get(key) is not after.fields.get(key) for key in workflow.title_keys)
    )


def _head(state: SessionState, workflow: Workflow) -> HeadView:
    return HeadView(
        session_id=state.session_id,
        version_id=state.version_id,
        title=title_of(state, workflow),
        status=state.status,
        training=state.training,
        owner=state.owner,
        team_ids=state.team_ids,
        driver=state.driver,
        seat=state.seat,
        seated_ms=state.seated_ms,
        current_visit_id=state.current_visit_id,
        path=state.path,
        started_ms=state.started_ms,
        changed_ms=state.changed_ms,
        paused_reason=state.paused_reason,
        pause_cause=state.pause_cause,
        call_back_ms=state.call_back_ms,
        end_reason=state.end_reason,
        end_reason_key=state.end_reason_key,
        end_cause=state.end_cause,
        switched_to=state.switched_to,
        switched_from=state.switched_from,
        external_id=state.external_id,
        missing=state.missing,
        came_from=state.came_from,
        undo_until_ms=state.undo_until_ms,
        won=state.won,
        hung_up_ms=state.hung_up_ms,
        suggestions_muted=state.suggestions_muted,
        screen_shared=state.screen_shared,
    )


def title_of(state: SessionState, workflow: Workflow) -> str:
    """What the Session is called, from the Fields that its Workflow names; empty until all are filled."""
    keys = workflow.title_keys
    if not keys or any(key not in state.fields for key in keys):
        return ""
    return VARIABLE.sub(lambda match: _in_title(match[1], state, workflow), workflow.version.document.title)


def _in_title(key: Key, state: SessionState, workflow: Workflow) -> str:
    # Publishing refuses such a title; a masked word here is the second lock.
    definition = workflow.fields[key]
    return "•••" if is_sensitive(definition) else shown(definition, state.fields[key].content)


def shown(definition: FieldDefinition, content: FieldContent) -> str:
    """Content as a person reads it: labels of options, yes or no."""
    labels = {option.value: option.label or option.value for option in definition.options}
    match content:
        case None:
            return ""
        case bool():
            return "Yes" if content else "No"
        case str():
            return labels.get(content) or _grouped(definition, content) or content
        case _:
            return ", ".join(labels.get(value, value) for value in content)


def _visit(visit: Visit) -> VisitView:
    return VisitView(
        id=visit.id,
        section_key=visit.section_key,
        entered=visit.entered,
        entered_ms=visit.entered_ms,
        left_ms=visit.left_ms,
        previous_id=visit.previous_id,
        continues=visit.continues,
        selected=visit.selected,
        answer_key=visit.answer_key,
        abandoned=visit.abandoned,
    )


def _field(key: Key, value: FieldValue, workflow: Workflow, audience: Audience) -> FieldView:
    masked = audience is Audience.STAFF and is_sensitive(workflow.fields[key])
    return FieldView(
        key=key,
        masked=masked,
        content=None if masked else value.content,
        shown=None if masked else _grouped(workflow.fields[key], value.content),
        valid=value.problem is None,
        problem=None if masked else value.problem,
        by=value.by,
        at_ms=value.at_ms,
        visit_id=value.visit_id,
        suggested_by=value.suggested_by,
    )


def _correction(correction: Correction, workflow: Workflow, audience: Audience) -> CorrectionView:
    masked = audience is Audience.STAFF and is_sensitive(workflow.fields[correction.field_key])
    return CorrectionView(
        id=correction.id,
        field_key=correction.field_key,
        masked=masked,
        content=None if masked or correction.was is None else correction.was.content,
        by=correction.by,
        at_ms=correction.at_ms,
    )


def _suggestion(suggestion: Suggestion, workflow: Workflow, audience: Audience) -> SuggestionView:
    definition = workflow.fields[suggestion.key or ""] if suggestion.kind is SuggestionKind.FIELD else None
    masked = audience is Audience.STAFF and definition is not None and is_sensitive(definition)
    return SuggestionView(
        id=suggestion.id,
        kind=suggestion.kind,
        key=suggestion.key,
        masked=masked,
        content=None if masked else suggestion.content,
        shown=None if masked or definition is None else _grouped(definition, suggestion.content),
        visit_id=suggestion.visit_id,
        by=suggestion.by,
        at_ms=suggestion.at_ms,
        outcome=suggestion.outcome,
        settled_by=suggestion.settled_by,
        settled_ms=suggestion.settled_ms,
    )


def _reassignment(change: Reassignment) -> ReassignmentView:
    return ReassignmentView(
        id=change.id, was=change.was, to=change.to, by=change.by, reason=change.reason, at_ms=change.at_ms
    )


def _moment(moment: Moment) -> MomentView:
    return MomentView(
        id=moment.id,
        label=moment.label,
        comment=moment.comment,
        visit_id=moment.visit_id,
        by=moment.by,
        at_ms=moment.at_ms,
    )


def _help(request: HelpRequest) -> HelpView:
    return HelpView(
        id=request.id,
        by=request.by,
        reason=request.reason,
        asked_ms=request.asked_ms,
        ring=request.ring,
        claimed_by=request.claimed_by,
        claimed_ms=request.claimed_ms,
        closed_ms=request.closed_ms,
    )


def _handover(handover: Handover) -> HandoverView:
    return HandoverView(
        id=handover.id,
        kind=handover.kind,
        by=handover.by,
        to=handover.to,
        asked_ms=handover.asked_ms,
        until_ms=handover.until_ms,
        outcome=handover.outcome,
        settled_by=handover.settled_by,
        settled_ms=handover.settled_ms,
    )


def _seat_change(change: SeatChange) -> SeatChangeView:
    return SeatChangeView(
        generation=change.generation,
        was=change.was,
        to=change.to,
        by=change.by,
        cause=change.cause,
        at_ms=change.at_ms,
        reason=change.reason,
    )


def _transfer(transfer: Transfer) -> TransferView:
    return TransferView(
        id=transfer.id,
        by=transfer.by,
        to=transfer.to,
        team=transfer.team,
        warm=transfer.warm,
        note=transfer.note,
        asked_ms=transfer.asked_ms,
        until_ms=transfer.until_ms,
        passed_by=transfer.passed_by,
        accepted_by=transfer.accepted_by,
        accepted_ms=transfer.accepted_ms,
        outcome=transfer.outcome,
        settled_by=transfer.settled_by,
        settled_ms=transfer.settled_ms,
    )


def _approval_asked_ms(state: SessionState) -> Millis | None:
    """Of the Action that waits longest for a second person."""
    asked = (action.approval for action in state.actions.values() if action.status is ActionStatus.AWAITING_APPROVAL)
    return min((approval.asked_ms for approval in asked if approval is not None), default=None)


def _live_help(request: HelpRequest | None) -> LiveHelp | None:
    if request is None:
        return None
    return LiveHelp(
        id=request.id,
        by=request.by,
        reason=request.reason,
        asked_ms=request.asked_ms,
        ring=request.ring,
        claimed_by=request.claimed_by,
        claimed_ms=request.claimed_ms,
    )


def _live_transfer(transfer: Transfer | None) -> LiveTransfer | None:
    if transfer is None:
        return None
    return LiveTransfer(
        id=transfer.id,
        by=transfer.by,
        to=transfer.to,
        team=transfer.team,
        warm=transfer.warm,
        note=transfer.note,
        asked_ms=transfer.asked_ms,
        until_ms=transfer.until_ms,
        passed_by=transfer.passed_by,
        accepted_by=transfer.accepted_by,
    )


def _live_given(change: Reassignment | None) -> LiveGiven | None:
    return None if change is None else LiveGiven(by=change.by, at_ms=change.at_ms)


def _grouped(definition: FieldDefinition, content: FieldContent) -> str | None:
    """A telephone number as people dial it, which a browser cannot know."""
    if definition.type is not FieldType.PHONE or not isinstance(content, str):
        return None
    return shown_phone(content)


def _response_use(use: ResponseUse) -> ResponseUseView:
    return ResponseUseView(id=use.id, response_key=use.response_key, visit_id=use.visit_id, by=use.by, at_ms=use.at_ms)


def _notes(notes: Notes | None) -> dict[str, NotesUpdate]:
    if notes is None:
        return {}
    return {str(notes.seq): NotesUpdate(update=base64.b64encode(notes.update).decode())}
