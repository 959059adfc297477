"""Asking for help, and who comes. Rules: protocol/SPEC.md, HP."""

from __future__ import annotations

import itertools

import msgspec
import pytest

from protocol.commands import ApproveAction, AskForHelp, CancelHelp, ClaimHelp, End, Pause, TakeSeat
from protocol.refusals import RefuseCode
from protocol.views import Audience, LiveHelp
from session_engine.evolve import evolve, fold
from session_engine.helping import RING_MS, rung
from session_engine.project import live_session, live_session_changed, project
from tests.session_engine.test_properties import apply_delta, builtins, delta_of
from tests.support.acting import Call
from tests.support.scenario import ANA, CLEO, RING, SAM, Scenario


class TestAsking:
    def test_lists_and_views_tell_it_and_the_record_how_long_it_took(self, call: Scenario) -> None:
        """[HP1, HP5, HP6] Why is part of it, to all who may watch."""
        call.when(AskForHelp(reason="The tariff is not in the list"))
        asked_ms = call.now_ms
        listed = live_session(call.state, call.workflow)
        assert listed is not None
        why = "The tariff is not in the list"
        assert listed.help == LiveHelp(id="h1", by=ANA.party, reason=why, asked_ms=asked_ms, ring=RING, claimed_by=None)
        call.when(ClaimHelp(help_id="h1"), by=CLEO)
        for audience in Audience:
            (request,) = call.view(audience).help_requests.values()
            assert (request.reason, request.by) == ("The tariff is not in the list", ANA.party)
            assert (request.claimed_by, request.claimed_ms) == (CLEO.party, asked_ms + 100)

    def test_asked_again_it_says_why(self, call: Scenario) -> None:
        """[HP1] One is open; the time counts from the first."""
        call.when(AskForHelp())
        asked_ms = call.now_ms
        call.when(AskForHelp(reason="lost"))
        (request,) = call.state.help_requests.values()
        assert (request.reason, request.asked_ms) == ("lost", asked_ms)

    def test_the_owner_off_the_seat_asks_too(self, call: Scenario) -> None:
        """[HP1] And a paused Session needs nobody."""
        call.when(TakeSeat(seat=1), by=SAM)
        call.when(AskForHelp())
        call.then_accepted()
        call.when(CancelHelp(help_id="h1"), by=SAM)
        call.then_accepted()
        call.when(Pause(visit_id="v1", seat=2), by=SAM)
        call.when(AskForHelp())
        call.then_refused(RefuseCode.NOT_ACTIVE)

    def test_who_is_coming_is_not_asked_for_again(self, call: Scenario) -> None:
        """[HP1] A new request is another one, after the first was closed."""
        call.when(AskForHelp())
        call.when(ClaimHelp(help_id="h1"), by=CLEO)
        call.when(AskForHelp())
        call.then_refused(RefuseCode.HELP_CLAIMED)
        call.when(CancelHelp(help_id="h1"))
        call.when(AskForHelp())
        call.then_accepted()
        assert [*call.state.help_requests] == ["h1", "h2"]


class TestRinging:
    def test_one_after_the_other_then_everybody(self) -> None:
        """[HP9] Every 30 s one more; after the last of them, everybody."""
        first, both = RING[:1], RING
        asked_ms = 7_000
        for after_ms, expected in [(-5, first), (0, first), (RING_MS - 1, first), (RING_MS, both)]:
            assert rung(RING, asked_ms, asked_ms + after_ms) == expected
        assert rung(RING, asked_ms, asked_ms + 2 * RING_MS - 1) == both
        assert rung(RING, asked_ms, asked_ms + 2 * RING_MS) is None
        assert rung(first, asked_ms, asked_ms + RING_MS) is None

    def test_where_nobody_is_free_everybody_is_asked_at_once(self) -> None:
        """[HP9] So is it for requests from before there was an order."""
        assert rung((), 7_000, 7_000) is None

    def test_who_is_asked_first_is_settled_by_asking(self, call: Scenario) -> None:
        """[HP9, HP11] Saying why changes neither order nor time; views, lists and the record tell it."""
        call.when(AskForHelp())
        asked_ms = call.now_ms
        call.when(AskForHelp(reason="lost"))
        call.when(ClaimHelp(help_id="h1"), by=CLEO)
        for audience in Audience:
            (request,) = call.view(audience).help_requests.values()
            assert (request.ring, request.asked_ms) == (RING, asked_ms)


class TestComing:
    def test_one_comes_and_the_other_is_told_who(self, call: Scenario) -> None:
        """[HP2] The second is refused with a name."""
        call.when(AskForHelp())
        call.when(ClaimHelp(help_id="h1"), by=CLEO)
        call.when(ClaimHelp(help_id="h1"), by=SAM)
        call.then_refused(RefuseCode.HELP_CLAIMED)
        assert call.refused is not None
        assert CLEO.id in call.refused.detail

    @pytest.mark.parametrize("command", [ClaimHelp(help_id="h1"), ClaimHelp(help_id="h2")])
    def test_a_request_that_is_over_is_not_claimed(self, call: Scenario, command: ClaimHelp) -> None:
        """[HP2] Nor one that never was."""
        call.when(AskForHelp())
        call.when(CancelHelp(help_id="h1"))
        call.when(command, by=SAM)
        call.then_refused(RefuseCode.HELP_OVER)

    def test_another_request_than_the_open_one_is_not_claimed(self, call: Scenario) -> None:
        """[HP2] The id that was seen counts."""
        call.when(AskForHelp())
        call.when(ClaimHelp(help_id="h2"), by=SAM)
        call.then_refused(RefuseCode.HELP_OVER)

    def test_a_finished_session_needs_nobody(self, call: Scenario) -> None:
        """[HP3] Lists hear of the end with the Session's."""
        call.when(AskForHelp())
        before = call.state
        call.when(End())
        (request,) = call.state.help_requests.values()
        assert (request.claimed_by, request.closed_ms) == (None, call.now_ms)
        assert live_session_changed(before, call.state, call.workflow)


def test_deltas_make_the_same_of_it_as_a_fresh_view(call: Scenario) -> None:
    """[DL1, HP1] Every step of a request."""
    call.when(AskForHelp())
    call.when(AskForHelp(reason="lost"))
    call.when(ClaimHelp(help_id="h1"), by=CLEO)
    call.when(CancelHelp(help_id="h1"))
    for audience in Audience:
        view = builtins(project(fold(call.entries[:1]), call.workflow, audience))
        states = [*itertools.accumulate(call.entries[1:], evolve, initial=fold(call.entries[:1]))]
        for entry, before, after in zip(call.entries[1:], states, states[1:], strict=False):
            assert live_session_changed(before, after, call.workflow)
            view = apply_delta(view, msgspec.json.decode(delta_of(call, entry, before, after, audience)))
        assert view == builtins(call.view(audience))


def test_lists_tell_since_when_an_action_waits_for_a_second_person() -> None:
    """[HP8] From when it was asked until the answer."""
    call = Call().fill(customer="Lovelace", email="ada@example.org", amount="35", agrees=True, colour="red")
    call.take("interested")
    listed = live_session(call.state, call.workflow)
    asked = call.action("credit").approval
    assert listed is not None
    assert asked is not None
    assert listed.approval_asked_ms == asked.asked_ms
    before = call.state
    call.when(ApproveAction(action_id=call.id("credit"), approved=True), by=SAM)
    call.then_accepted()
    assert live_session_changed(before, call.state, call.workflow)
    listed = live_session(call.state, call.workflow)
    assert listed is not None
    assert listed.approval_asked_ms is None


def test_the_view_tells_since_when_the_driver_drives(call: Scenario) -> None:
    """[DG2] From the start, and from each change of the seat."""
    head = call.view().head["session"]
    assert head.seated_ms == head.started_ms
    call.when(TakeSeat(seat=1), by=SAM)
    assert call.view().head["session"].seated_ms == call.now_ms
