"""What holds for the Actions of every history, whoever did whatever in whatever order."""

from __future__ import annotations

import itertools
from collections import Counter
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.actions import ActionStatus, AttemptDetail, OutcomeKind
from protocol.base import Record
from protocol.events import (
    EVENT_TYPES,
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
    ActionTriggered,
    ActionUnlocked,
    ActionWithdrawn,
    ApprovalAsked,
    ApprovalVoided,
    AttemptFinished,
    AttemptStarted,
    ConnectionAwaited,
    ContentErased,
    Entry,
    Event,
    FrozenOrder,
    LookUpAsked,
)
from protocol.integrations import Safety
from protocol.refusals import RefuseCode
from protocol.views import Audience
from session_engine.action_machine import DUE, FAILURES_AT_MOST, PENDING, TABLE
from session_engine.action_values import is_valid, lacks_approval
from session_engine.evolve import EVOLVERS
from session_engine.lifecycle import due_ms
from session_engine.project import project
from session_engine.snapshot import decode_snapshot, encode_snapshot
from session_engine.state import Action, SessionState
from session_engine.triggers import approvals, triggered
from tests.session_engine.test_properties import play
from tests.support.histories import ACTING_BEGINNINGS, History, acting_histories, begin, history_of, perform
from tests.support.notes import Editor
from tests.support.scenario import ANA, Scenario
from tests.support.workflows import ACTING

REFUSALS = frozenset(
    {
        RefuseCode.IN_REVIEW, RefuseCode.APPROVAL_NEEDED, RefuseCode.ACTIONS_INVALID, RefuseCode.ACTION_LOCKED,
        RefuseCode.REVIEW_CHANGED, RefuseCode.STALE_ATTEMPT, RefuseCode.CHECK_FIRST, RefuseCode.FAILED_TOO_OFTEN,
    }
)  # fmt: skip
SETTLED = frozenset({ActionStatus.SENT, ActionStatus.FAILED, ActionStatus.UNKNOWN})


@settings(max_examples=25)
@given(acting_histories)
def test_every_fired_action_goes_on_and_no_settled_one_does(history: History) -> None:
    """[AC17] It is due, or in flight until its lease ends, or waits for one that is itself under way."""
    for call, states in play(history):
        for state in states:
            for action in state.actions.values():
                if action.status is ActionStatus.WAITING_FOR_RESULT:
                    assert action.due_ms is None
                    assert action.waits_for is not None
                    assert state.actions[action.waits_for].status in PENDING
                elif action.status in DUE | {ActionStatus.IN_FLIGHT}:
                    assert action.due_ms is not None
                    assert action.order is not None
                    assert due_ms(state, call.policy) is not None
                else:
                    assert action.due_ms is None
                    assert action.waits_for is None
                assert (action.settled_ms is not None) == (action.status in SETTLED)
            assert list(state.actions) == [f"a{number + 1}" for number in range(len(state.actions))]


@settings(max_examples=25)
@given(acting_histories)
def test_an_action_has_one_live_attempt_at_most(history: History) -> None:
    """[AC12] Numbers rise by one; one that was lost is followed by another, or settled."""
    for _, states in play(history):
        for before, after in itertools.pairwise(states):
            for action in after.actions.values():
                numbers = [attempt.number for attempt in action.attempts]
                assert numbers == list(range(1, len(numbers) + 1))
                earlier = before.actions.get(action.id)
                if earlier is None or len(action.attempts) == len(earlier.attempts):
                    continue
                assert earlier.due_ms is not None
                assert earlier.due_ms <= after.at_ms
                assert action.status is ActionStatus.IN_FLIGHT


@settings(max_examples=25)
@given(acting_histories)
def test_under_one_key_the_same_is_sent(history: History) -> None:
    """[AC5] What is frozen under a dispatch number stays; the number never falls."""
    for _, states in play(history):
        sent: dict[tuple[str, int], FrozenOrder] = {}
        for state in states:
            for action in state.actions.values():
                if action.attempts and action.order is not None:
                    key = (action.id, action.attempts[-1].dispatch)
                    if action.status in PENDING and action.dispatch == key[1]:
                        assert sent.setdefault(key, action.order) == action.order
        for before, after in itertools.pairwise(states):
            assert all(action.dispatch <= after.actions[id_].dispatch for id_, action in before.actions.items())


@settings(max_examples=25)
@given(acting_histories)
def test_nobody_is_asked_about_what_cannot_be_sent(history: History) -> None:
    """[AC10] What waits for a second person is valid, at every moment."""
    for call, states in play(history):
        for state in states:
            for action in state.actions.values():
                if action.status is ActionStatus.AWAITING_APPROVAL:
                    assert is_valid(state, call.workflow, action, call.workflow.actions[action.key])


def is_lost(states: list[SessionState], entry: Entry, event: AttemptStarted) -> bool:
    """Whether the attempt before never came back."""
    before = states[entry.seq - 2].actions[event.action_id]
    return before.status is ActionStatus.IN_FLIGHT


@settings(max_examples=25)
@given(acting_histories)
def test_what_may_have_been_sent_is_not_sent_again_unasked(history: History) -> None:
    """[AC13, AC14] Without a key, an attempt that may have worked is followed by a person's word, not by another."""
    for call, states in play(history):
        doubtful: set[str] = set()
        for entry, state in zip(call.entries, states, strict=True):
            for event in entry.events:
                match event:
                    case AttemptFinished(kind=OutcomeKind.AMBIGUOUS):
                        doubtful.add(event.action_id)
                    case LookUpAsked() | ActionFired():
                        doubtful.discard(event.action_id)
                    case AttemptStarted() if event.action_id in doubtful or is_lost(states, entry, event):
                        assert call.safeties[entry.seq] is not Safety.NONE
            for action in state.actions.values():
                if action.status in (ActionStatus.FAILED, ActionStatus.NOT_FIRED):
                    assert not action.may_have_been_sent


@settings(max_examples=25)
@given(acting_histories)
def test_who_fails_too_often_is_let_be(history: History) -> None:
    """[AC15] Four failures at most, until somebody unlocks it."""
    for _, states in play(history):
        for state in states:
            assert all(action.failures <= FAILURES_AT_MOST + 1 for action in state.actions.values())


@settings(max_examples=25)
@given(acting_histories)
def test_nothing_that_completing_fires_leaves_while_it_can_be_undone(history: History) -> None:
    """[AC8] Undoing takes back all of it."""
    for _, states in play(history):
        for state in states:
            undo_ms = state.undo_until_ms
            if undo_ms is None:
                assert not any(action.by_completing for action in state.actions.values())
                continue
            for action in state.actions.values():
                if action.by_completing:
                    assert action.due_ms is None or action.due_ms >= undo_ms
                    assert all(
                        attempt.started_ms >= undo_ms
                        for attempt in action.attempts
                        if attempt.dispatch == action.dispatch
                    )


@settings(max_examples=25)
@given(acting_histories)
def test_once_a_session_means_once(history: History) -> None:
    """[AC1] Of a template there is one Action, but for every visit and for those that correct."""
    for call, states in play(history):
        first = [action for action in states[-1].actions.values() if not action.corrects and not action.compensates]
        counted = Counter(action.key for action in first)
        for key, number in counted.items():
            assert number == 1 or call.workflow.actions[key].template.every_visit


@settings(max_examples=25)
@given(acting_histories)
def test_what_follows_has_followed(history: History) -> None:
    """[AC1, AC2, AC10] After every entry of an open Session nothing is left to trigger, to withdraw or to ask."""
    for call, states in play(history):
        for state in states:
            if not state.is_finished:
                assert triggered(None, state, call.workflow) == ()
                assert [*approvals(state, state, call.workflow)] == []
            for action in state.actions.values():
                assert (action.locked_by is None) == (action.locked_until_ms is None)


@settings(max_examples=25)
@given(acting_histories)
def test_nothing_is_sent_that_needs_a_yes_and_has_none(history: History) -> None:
    """[AC10] What is frozen is what was put before a second person, who had no hand in it."""
    for call, states in play(history):
        for (before, after), entry in zip(itertools.pairwise(states), call.entries[1:], strict=True):
            for event in entry.events:
                if (
                    isinstance(event, ActionFired)
                    and before.actions[event.action_id].status is not ActionStatus.UNKNOWN
                ):
                    action = after.actions[event.action_id]
                    assert not lacks_approval(after, action, call.workflow.actions[action.key])
                if isinstance(event, ActionApproved):
                    assert entry.actor.id not in {before.driver.id, before.owner.id}


def test_histories_come_everywhere() -> None:
    """[AC17] Every event, and every refusal that Actions bring, in so many of them."""
    events: set[type[Event]] = set()
    refusals: set[RefuseCode] = set()

    random = Random(6)
    for name in ACTING_BEGINNINGS * 150:
        calls, editor = [begin(name)], Editor()
        for step in history_of(random, name, 40)[1]:
            goes_on = perform(calls[-1], step, editor)
            if goes_on is not calls[-1]:
                calls.append(goes_on)
        events.update(type(event) for call in calls for entry in call.entries for event in entry.events)
        refusals.update(*(call.refusals for call in calls))
    assert set(EVENT_TYPES) - events == {ContentErased}, "erasing is asked for outside of a call"
    assert REFUSALS - refusals == set()


def carries_an_action(event_type: type[Record]) -> bool:
    return "action_id" in event_type.__struct_fields__


def test_every_event_of_an_action_is_in_the_table() -> None:
    """[AC17] But for the one that begins its life; and undoing, which is of all of them."""
    carrying = {event_type for event_type in EVENT_TYPES if carries_an_action(event_type)}
    assert carrying - {ActionTriggered} == {each for each in TABLE if carries_an_action(each)}


some_ms = st.integers(0, 10_000)
orders = st.none() | st.just(FrozenOrder(parameters={"subject": "Seen"}))
any_event: st.SearchStrategy[Event] = st.one_of(
    st.sampled_from(
        [
            ActionWithdrawn(action_id="a1"),
            ActionReinstated(action_id="a1", visit_id="v1"),
            ActionEdited(action_id="a1", action_key="visit", path="subject", text="x"),
            ActionRemoved(action_id="a1"),
            ActionRestored(action_id="a1"),
            ApprovalAsked(action_id="a1"),
            ApprovalVoided(action_id="a1"),
            ActionApproved(action_id="a1"),
            ActionDeclined(action_id="a1", reason=None),
            ActionCancelled(action_id="a1"),
            ActionUnlocked(action_id="a1"),
        ]
    ),
    st.builds(ActionLocked, action_id=st.just("a1"), until_ms=st.none() | some_ms),
    st.builds(ActionMarked, action_id=st.just("a1"), sent=st.booleans(), reason=st.none()),
    st.builds(LookUpAsked, action_id=st.just("a1"), due_ms=some_ms),
    st.builds(ConnectionAwaited, action_id=st.just("a1"), reason=st.just("none"), due_ms=some_ms),
    st.builds(
        ActionFired,
        action_id=st.just("a1"),
        action_key=st.just("visit"),
        order=orders,
        dispatch=st.integers(1, 3),
        due_ms=some_ms,
        by_completing=st.booleans(),
        waits_for=st.sampled_from([None, "a1"]),
    ),
    st.builds(ActionReleased, action_id=st.just("a1"), action_key=st.just("visit"), order=orders, due_ms=some_ms),
    st.builds(
        AttemptStarted, action_id=st.just("a1"), attempt=st.integers(1, 3), recovers=st.booleans(), lease_ms=some_ms
    ),
    st.builds(
        AttemptFinished,
        action_id=st.just("a1"),
        action_key=st.just("visit"),
        attempt=st.integers(1, 3),
        kind=st.sampled_from(OutcomeKind),
        detail=st.none() | st.just(AttemptDetail(message="m", results={"order_id": 1})),
        status=st.sampled_from([*SETTLED, ActionStatus.WAITING_TO_RETRY, ActionStatus.WAITING_FOR_CONNECTION]),
        due_ms=st.none() | some_ms,
        recovers=st.booleans(),
    ),
)


@given(st.lists(any_event, max_size=12))
def test_folding_never_fails(events: list[Event]) -> None:
    """[LG1, AC17] Not even events that no decision of today would bring, in an old log; and what they make is shown."""
    call = Scenario(ACTING)
    state: SessionState = call.state.with_action(Action(id="a1", key="visit", visit_id="v1"))
    for event in events:
        state = EVOLVERS[type(event)](state, event, ANA.party, 5_000)
        assert decode_snapshot(encode_snapshot(state)) == state
        for audience in Audience:
            assert project(state, ACTING, audience).actions["a1"].status is state.actions["a1"].status
