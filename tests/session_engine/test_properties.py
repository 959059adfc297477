"""What holds for every history, whoever did whatever in whatever order."""

from __future__ import annotations

import base64
import itertools
from typing import Any

import msgspec
import pytest
from hypothesis import given
from pycrdt import merge_updates

from protocol import codec
from protocol.base import Position
from protocol.events import (
    EVENT_TYPES,
    CompletionUndone,
    Entry,
    FieldSet,
    NotesEdited,
    OwnerChanged,
    SessionReassigned,
    SuggestionOutcome,
    SuggestionSettled,
    TransferAccepted,
    TransferOutcome,
    TransferSettled,
)
from protocol.frames import Delta, ViewFrame, ViewReason
from protocol.views import Audience, SessionStatus, View
from session_engine.evolve import EVOLVERS, evolve, fold
from session_engine.notes import read_text
from session_engine.project import live_session, live_session_changed, ops_between, project
from session_engine.project_whispers import told_apart, whisper_ops, whispering, whispers_of
from session_engine.snapshot import decode_snapshot, encode_snapshot
from session_engine.state import SessionState
from tests.support.action_steps import PLANTED
from tests.support.histories import QUIET, History, begin, histories, perform
from tests.support.notes import Editor
from tests.support.outside_steps import whispered
from tests.support.scenario import BOT, PEOPLE, Scenario


def play(history: History) -> list[tuple[Scenario, list[SessionState]]]:
    """Every Session that the call went through, after all steps, and its state after each entry."""
    name, steps = history
    calls, editor = [begin(name)], Editor()
    for step in steps:
        goes_on = perform(calls[-1], step, editor)
        if goes_on is not calls[-1]:
            calls.append(goes_on)
    return [(call, [*itertools.accumulate(call.entries[1:], evolve, initial=fold(call.entries[:1]))]) for call in calls]


def comparable(view: dict[str, Any]) -> dict[str, Any]:
    """A view with its Notes as text: two documents with the same text are the same Notes."""
    updates = [base64.b64decode(record["update"]) for record in view["notes_updates"].values()]
    return {**view, "notes_updates": read_text(merge_updates(*updates)) if updates else ""}


def text_of(state: SessionState) -> str:
    """What its Notes say."""
    return "" if state.notes is None else read_text(state.notes.update)


def builtins(view: View) -> dict[str, Any]:
    """The view as a browser decodes it."""
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(view))
    return decoded


def apply_delta(view: dict[str, Any], delta: dict[str, Any]) -> dict[str, Any]:
    """The browser's generic apply."""
    changed = {name: dict(records) for name, records in view.items()}
    for op in delta["ops"]:
        if op["op"] == "put":
            changed[op["collection"]][op["id"]] = op["record"]
        else:
            del changed[op["collection"]][op["id"]]
    return changed


def delta_of(call: Scenario, entry: Entry, before: SessionState, after: SessionState, audience: Audience) -> bytes:
    """The frame that this entry becomes for an audience."""
    update = next((event.update for event in entry.events if isinstance(event, NotesEdited)), None)
    return codec.encode(
        Delta(
            session_id=after.session_id,
            seq=entry.seq,
            entry_id=entry.entry_id,
            previous_id=entry.previous_id,
            client_id=entry.client_id,
            csn=entry.csn,
            at_ms=entry.at_ms,
            ops=ops_between(before, after, call.workflow, audience, notes_update=update),
        )
    )


@given(histories)
def test_whatever_people_do_a_session_stays_whole(history: History) -> None:
    """[GD7] One current visit, a path without abandoned visits, a seat that changes only with its person."""
    for call, states in play(history):
        for state in states:
            assert state.current_visit_id == state.path[-1]
            assert not any(state.visits[visit_id].abandoned for visit_id in state.path)
            assert [visit.id for visit in state.visits.values() if visit.left_ms is None] == (
                [] if state.is_finished else [state.current_visit_id]
            )
            assert list(state.visits) == [f"v{number + 1}" for number in range(len(state.visits))]
        for (before, after), entry in zip(itertools.pairwise(states), call.entries[1:], strict=True):
            assert after.seat - before.seat == int(after.driver != before.driver)
            assert after.at_ms >= before.at_ms
            given = (SessionReassigned, TransferSettled)
            if after.owner != before.owner and not any(isinstance(event, given) for event in entry.events):
                assert before.status is SessionStatus.PAUSED, "else only by resuming what was paused"
                assert entry.actor.id == after.owner.id == after.driver.id
            if before.driver == before.owner:  # the seat goes along
                assert after.owner == before.owner or after.driver == after.owner
            if before.is_finished and not after.is_finished:  # only an undo in time leads back
                assert before.status is SessionStatus.COMPLETED
                assert isinstance(entry.events[0], CompletionUndone)
            elif before.is_finished and any(isinstance(event, FieldSet) for event in entry.events):
                assert len(after.corrections) > len(before.corrections), "else it is corrected, and what was is kept"
        assert len(call.entries) == len(states)
        assert all(entry.events for entry in call.entries)


@given(histories)
def test_who_may_not_changes_nothing(history: History) -> None:
    """[CM2] A refused command leaves the state as it was, and only parties of the call get anywhere."""
    name, steps = history
    calls, editor = [begin(name)], Editor()
    for step in steps:
        call = calls[-1]
        before, written = encode_snapshot(call.state), len(call.entries)
        goes_on = perform(call, step, editor)
        if goes_on is not call:
            calls.append(goes_on)
        elif len(call.entries) == written and step[0] not in QUIET:
            assert call.refused is not None
        if len(call.entries) == written:
            assert encode_snapshot(call.state) == before
    entries = [entry for call in calls for entry in call.entries]
    given = (OwnerChanged, SessionReassigned)
    resumed = {event.to.id for entry in entries for event in entry.events if isinstance(event, given)}
    asked = {"ben"} if any(call.state.transfers for call in calls) else set()
    known = {"ana", "cleo", "sam", "mia", "ada", "system", BOT.id}
    assert {entry.actor.id for entry in entries} <= known | resumed | asked
    assert resumed <= {"ana", "ben"}, "nobody but an agent of the team"


@given(histories)
def test_a_call_that_goes_on_elsewhere_is_whose_it_was(history: History) -> None:
    """[LC8, LC11] Owner, teams and practice stay, the driver drives, values and Notes are there; they are linked."""
    played = play(history)
    for (left, _), (_, states) in itertools.pairwise(played):
        before, after = left.state, states[0]
        assert (after.owner, after.team_ids, after.training) == (before.owner, before.team_ids, before.training)
        assert after.driver in (before.driver, before.owner)
        assert {key: value.content for key, value in after.fields.items()} == {
            key: value.content for key, value in before.fields.items()
        }
        assert text_of(after) == text_of(before)
        assert after.switched_from == before.session_id
        assert before.switched_to == (after.session_id if before.is_finished else None)


@given(histories)
def test_the_whole_log_folds_to_the_state(history: History) -> None:
    """[LG1] Snapshot at any entry and the tail after it is the same as folding everything."""
    for call, states in play(history):
        assert call.refold() == call.state
        for state, entry, after in zip(states, call.entries[1:], states[1:], strict=False):
            # From one entry to the next, and so from any snapshot to the end.
            restored = decode_snapshot(encode_snapshot(state))
            assert restored == state
            assert evolve(restored, entry) == after
        assert decode_snapshot(encode_snapshot(call.state)) == call.state


@given(histories)
def test_first_view_and_deltas_make_a_fresh_view(history: History) -> None:
    """[DL1] For every audience, from any position."""
    for call, states in play(history):
        for audience in Audience:
            view = builtins(project(states[0], call.workflow, audience))
            for entry, before, after in zip(call.entries[1:], states, states[1:], strict=False):
                view = apply_delta(view, msgspec.json.decode(delta_of(call, entry, before, after, audience)))
                assert comparable(view) == comparable(builtins(project(after, call.workflow, audience)))


@given(histories)
def test_a_whisper_is_shown_to_nobody_whom_it_does_not_concern(history: History) -> None:
    """[WH1, WH4, WH5, DL1] What each is sent makes what they are shown; nobody is sent others' words, or any shared."""
    for call, states in play(history):
        for person_id in (None, *(person.id for person in PEOPLE)):
            mine = {each.id for each in call.state.whispers.values() if person_id in each.concerned}
            shown, sent = whispers_of(states[0], person_id), b""
            for before, after in itertools.pairwise(states):
                ops = [*whisper_ops(before, after, person_id)]
                assert not ops or person_id in told_apart(before, after), "one frame serves all others"
                shown = {**shown, **{op.id: op.record for op in ops}}
                assert shown == whispers_of(after, person_id)
                assert not shown or person_id in whispering(after)
                is_shared = after.screen_shared and not after.is_finished
                assert not (is_shared and any(each.text is not None for each in shown.values()))
                sent += b"".join(msgspec.json.encode(op) for op in ops)
            assert {*shown} == mine
            assert not any(whispered(id_).encode() in sent for id_ in call.state.whispers if id_ not in mine)
        whole = msgspec.json.encode(project(call.state, call.workflow, Audience.OWNER))
        assert b"whispered as" not in whole + msgspec.json.encode(live_session(call.state, call.workflow))


@given(histories)
def test_a_sensitive_value_is_in_no_frame_of_a_watcher(history: History) -> None:
    """[MK1] Staff is told that it is filled and whether it is valid, never what it is."""
    for call, states in play(history):
        frames = [
            delta_of(call, entry, before, after, Audience.STAFF)
            for entry, before, after in zip(call.entries[1:], states, states[1:], strict=False)
        ]
        for state in states:
            view = project(state, call.workflow, Audience.STAFF)
            position = Position(seq=state.seq, entry_id=state.entry_id)
            frame = ViewFrame(
                session_id=state.session_id,
                position=position,
                reason=ViewReason.JOINED,
                audience=Audience.STAFF,
                view=view,
            )
            frames.append(codec.encode(frame))
            frames.append(msgspec.json.encode(live_session(state, call.workflow)))
            for key in ("pin", "health", "token"):
                if key in view.fields:
                    shown = view.fields[key]
                    assert (shown.masked, shown.content, shown.problem) == (True, None, None)
                    assert project(state, call.workflow, Audience.OWNER).fields[key].content == PLANTED
            for suggested in view.suggestions.values():
                assert suggested.masked == (suggested.key in ("pin", "health", "token"))
        assert not any(PLANTED.encode() in frame for frame in frames)


@given(histories)
def test_a_suggestion_that_is_over_never_applies(history: History) -> None:
    """[SU2, SU3, SU5] At most one is open in each place; what is accepted was open, and a person's, for this visit."""
    for call, states in play(history):
        for before, after, entry in zip(states, states[1:], call.entries[1:], strict=False):
            standing = [each for each in after.suggestions.values() if each.is_open]
            assert len({each.place for each in standing}) == len(standing)
            assert all(each.stays or each.visit_id == after.current_visit_id for each in standing)
            assert not (standing and after.is_finished)
            for event in entry.events:
                if isinstance(event, SuggestionSettled):
                    settled = before.suggestions[event.suggestion_id]
                    assert settled.is_open
                    accepted = event.outcome is SuggestionOutcome.ACCEPTED
                    assert not accepted or settled.stays or settled.visit_id == before.current_visit_id
                if isinstance(event, FieldSet) and event.suggested_by is not None:
                    assert isinstance(entry.events[0], SuggestionSettled)
            for id_, settled in before.suggestions.items():
                assert settled.is_open or after.suggestions[id_].outcome is settled.outcome


@given(histories)
def test_a_transfer_leads_to_who_was_asked_or_to_nobody(history: History) -> None:
    """[TR2, TR3, TR4, TR6] One is open at most; only who accepted owns and drives by it; it never opens again."""
    for call, states in play(history):
        for before, after, entry in zip(states, states[1:], call.entries[1:], strict=False):
            open_ids = [each.id for each in after.transfers.values() if each.outcome is None]
            assert len(open_ids) <= 1
            assert not (open_ids and after.is_finished)
            for id_, earlier in before.transfers.items():
                assert earlier.outcome is None or after.transfers[id_] == earlier
            for event in entry.events:
                if isinstance(event, TransferAccepted):
                    transfer = after.transfers[event.transfer_id]
                    assert transfer.accepted_by == entry.actor
                    assert transfer.to in (None, entry.actor)
                if isinstance(event, TransferSettled):
                    transfer = after.transfers[event.transfer_id]
                    if event.outcome is TransferOutcome.HANDED_OVER:
                        assert transfer.accepted_by == after.owner == after.driver != before.owner
                    else:
                        assert after.owner == before.owner


@given(histories)
def test_lists_hear_of_every_difference_that_they_show(history: History) -> None:
    """[LL1] A summary that differs is never left out."""
    for call, states in play(history):
        for before, after in itertools.pairwise(states):
            if live_session(before, call.workflow) != live_session(after, call.workflow):
                assert live_session_changed(before, after, call.workflow)


@given(histories)
def test_an_entry_that_does_not_follow_is_never_folded(history: History) -> None:
    """[LG2] Seq and previous id must both fit."""
    for call, states in play(history):
        stray = msgspec.structs.replace(call.entries[-1], previous_id="f" * 16)
        for state in [None, *states]:
            if state is None and stray.seq == 1:
                continue
            with pytest.raises(ValueError, match=r"cannot be the first|does not follow"):
                evolve(state, stray)


def test_every_event_has_an_evolver() -> None:
    """[LG1] The fold is total."""
    assert {*EVOLVERS} == {*EVENT_TYPES[1:]}


def test_an_empty_log_has_no_state() -> None:
    """[LG2] A Session begins with its first entry."""
    with pytest.raises(ValueError, match="empty log"):
        fold([])
