"""Asking somebody to take a Session over, and what becomes of it. Rules: protocol/SPEC.md, TR."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from protocol.commands import (
    AcceptTransfer,
    Complete,
    CompleteTransfer,
    DeclineTransfer,
    EditNotes,
    End,
    LapseTransfer,
    Pause,
    Reassign,
    Resume,
    SetField,
    Suggest,
    TakeSeat,
    Transfer,
    WithdrawTransfer,
)
from protocol.events import SuggestionKind, TransferOutcome
from protocol.refusals import RefuseCode
from protocol.views import Audience, LiveTransfer, SessionStatus, TransferView
from session_engine.context import Actor, PersonRole
from session_engine.evolve import evolve, fold
from session_engine.lifecycle import due_ms, dues
from session_engine.project import audience_of, live_session, live_session_changed, project
from session_engine.rights import may_answer, may_watch, participants
from tests.session_engine.test_guidance import answer
from tests.session_engine.test_properties import apply_delta, builtins, delta_of
from tests.support.notes import typing
from tests.support.scenario import ANA, BEN, CLEO, MIA, NORTH, SAM, SOUTH, Scenario, person

DAN = person("Cleo", PersonRole.AGENT)
"""A third agent of the team: the coach, who takes calls as well."""
T1_ACCEPTED, T1_DECLINED = AcceptTransfer(transfer_id="t1"), DeclineTransfer(transfer_id="t1")
T1_WITHDRAWN, T1_LAPSED = WithdrawTransfer(transfer_id="t1"), LapseTransfer(transfer_id="t1")
TO_BEN = CompleteTransfer(transfer_id="t1", to_id="ben")


def t1(call: Scenario) -> TransferView:
    """The first transfer as everybody who watches sees it."""
    seen = [call.view(audience).transfers["t1"] for audience in Audience]
    assert seen[0] == seen[1]
    return seen[0]


def listed(call: Scenario) -> LiveTransfer | None:
    """The open transfer as lists show it."""
    live = live_session(call.state, call.workflow)
    assert live is not None
    return live.transfer


def asks(call: Scenario, actor: Actor) -> bool:
    """Whether lists ask this person."""
    transfer = listed(call)
    return transfer is not None and may_answer(transfer, call.state.owner, call.state.team_ids, actor)


class TestAsking:
    def test_the_session_stays_where_it_is(self, call: Scenario) -> None:
        """[TR1, TR8] Whoever watches sees who asked whom, how and with what note."""
        call.when(Transfer(to_id="ben", note="Wants a refund"))
        transfer = t1(call)
        assert (transfer.by, transfer.to, transfer.team) == (ANA.party, BEN.party, None)
        assert (transfer.warm, transfer.note, transfer.asked_ms) == (False, "Wants a refund", call.now_ms)
        assert (call.state.owner, call.state.driver, call.state.seat) == (ANA.party, ANA.party, 1)
        call.when(SetField(visit_id="v1", seat=1, field_key="customer", content="Lovelace"))
        call.then_accepted()

    @pytest.mark.parametrize("actor", [SAM, MIA], ids=["supervisor", "manager"])
    def test_a_supervisor_asks_too(self, call: Scenario, actor: Actor) -> None:
        """[TR1] Of a Session that somebody else owns."""
        call.when(Transfer(to_id="ben"), by=actor)
        call.then_accepted()
        assert t1(call).by == actor.party

    def test_the_owner_off_the_seat_asks_and_a_driver_who_is_not_the_owner_does_not(self, call: Scenario) -> None:
        """[TR1] Driving gives no right to it; a coach who was handed the seat only drives."""
        call.when(TakeSeat(seat=1), by=SAM)
        call.state = msgspec.structs.replace(call.state, driver=CLEO.party)
        call.when(Transfer(to_id="ben"), by=CLEO)
        call.then_refused(RefuseCode.NOT_ALLOWED)
        call.when(Transfer(to_id="ben", warm=True))
        call.then_accepted()
        call.when(T1_WITHDRAWN, by=CLEO)
        call.then_refused(RefuseCode.NOT_ALLOWED)
        call.when(T1_ACCEPTED, by=BEN)
        call.when(TO_BEN, by=CLEO)
        call.then_refused(RefuseCode.NOT_ALLOWED)

    @pytest.mark.parametrize(
        ("command", "code"),
        [
            (Transfer(to_id="ana"), RefuseCode.ALREADY_OWNER),
            (Transfer(to_id="cleo"), RefuseCode.UNKNOWN_PERSON),
            (Transfer(to_id="zoe"), RefuseCode.UNKNOWN_PERSON),
            (Transfer(to_id="nobody"), RefuseCode.UNKNOWN_PERSON),
            (Transfer(to_team_id=SOUTH), RefuseCode.UNKNOWN_TEAM),
            (Transfer(to_team_id="nowhere"), RefuseCode.UNKNOWN_TEAM),
            (Transfer(), RefuseCode.BAD_COMMAND),
            (Transfer(to_id="ben", to_team_id=NORTH), RefuseCode.BAD_COMMAND),
        ],
        ids=["owner", "no agent", "other team", "deactivated", "other's team", "no team", "nobody", "both"],
    )
    def test_only_an_agent_or_a_team_of_the_session_is_asked(
        self, call: Scenario, command: Transfer, code: RefuseCode
    ) -> None:
        """[TR1] And exactly one of them."""
        call.when(command)
        call.then_refused(code)

    def test_practice_stays_its_owners(self) -> None:
        """[TR1] It is shown to nobody else."""
        call = Scenario(training=True)
        call.when(Transfer(to_id="ben"))
        call.then_refused(RefuseCode.NOT_ALLOWED)

    def test_a_second_one_is_told_who_asked_whom(self, call: Scenario) -> None:
        """[TR2] Also once somebody has come; after it is over another may be asked."""
        call.when(Transfer(to_id="ben", warm=True))
        call.when(Transfer(to_team_id=NORTH), by=SAM)
        call.then_refused(RefuseCode.TRANSFER_OPEN)
        assert call.refused is not None
        assert "Ana asked Ben" in call.refused.detail
        call.when(T1_ACCEPTED, by=BEN)
        call.when(Transfer(to_team_id=NORTH), by=SAM)
        assert call.refused is not None
        assert "Ben has come" in call.refused.detail
        call.when(T1_WITHDRAWN)
        call.when(Transfer(to_team_id=NORTH))
        call.then_accepted()
        assert [*call.state.transfers] == ["t1", "t2"]


class TestAnswering:
    @pytest.mark.parametrize("paused", [False, True])
    def test_cold_who_accepts_has_it_at_once(self, call: Scenario, paused: bool) -> None:
        """[TR4] With the seat; what the former driver presses then is late; a paused one waits for its new owner."""
        call.when(SetField(visit_id="v1", seat=1, field_key="customer", content="Lovelace"))
        if paused:
            call.when(Pause(visit_id="v1", seat=1))
        call.when(Transfer(to_id="ben"))
        call.when(T1_ACCEPTED, by=BEN)
        call.then_accepted()
        state = call.state
        assert (state.owner, state.driver, state.seat) == (BEN.party, BEN.party, 2)
        assert state.status is (SessionStatus.PAUSED if paused else SessionStatus.ACTIVE)
        assert state.fields["customer"].content == "Lovelace"
        assert not participants(state, ANA)
        assert audience_of(state, "ben") is Audience.OWNER
        transfer = t1(call)
        assert (transfer.outcome, transfer.accepted_by) == (TransferOutcome.HANDED_OVER, BEN.party)
        [change] = call.view().reassignments.values()
        assert (change.was, change.to) == (ANA.party, BEN.party)
        call.when(SetField(visit_id="v1", seat=1, field_key="customer", content="late"), by=BEN)
        call.then_refused(RefuseCode.STALE_SEAT)

    def test_the_seat_comes_along_whoever_has_it(self, call: Scenario) -> None:
        """[TR4] A supervisor who drives goes on watching."""
        call.when(TakeSeat(seat=1), by=SAM)
        call.when(Transfer(to_id="ben"), by=SAM)
        call.when(T1_ACCEPTED, by=BEN)
        assert (call.state.owner, call.state.driver, call.state.seat) == (BEN.party, BEN.party, 3)

    def test_who_drives_already_keeps_the_seat(self, call: Scenario) -> None:
        """[TR4, SE1] Its generation stays while the person does."""
        call.when(TakeSeat(seat=1), by=SAM)
        call.state = msgspec.structs.replace(call.state, driver=BEN.party)
        call.when(Transfer(to_id="ben"))
        call.when(T1_ACCEPTED, by=BEN)
        assert (call.state.owner, call.state.driver, call.state.seat) == (BEN.party, BEN.party, 2)

    @pytest.mark.parametrize("actor", [ANA, SAM, CLEO, MIA], ids=["owner", "supervisor", "coach", "manager"])
    @pytest.mark.parametrize("command", [T1_ACCEPTED, T1_DECLINED])
    def test_nobody_else_answers(self, call: Scenario, command: AcceptTransfer, actor: Actor) -> None:
        """[TR3] Whatever part they have in it; nor one that never was."""
        call.when(Transfer(to_id="ben"))
        call.when(command, by=actor)
        call.then_refused(RefuseCode.NOT_ALLOWED)
        call.when(AcceptTransfer(transfer_id="t9"), by=BEN)
        call.then_refused(RefuseCode.NOT_ALLOWED)

    def test_who_is_no_agent_of_the_team_by_now_does_not_get_it(self, call: Scenario) -> None:
        """[TR3] The roles of the moment count."""
        call.when(Transfer(to_id="ben"))
        call.when(T1_ACCEPTED, by=msgspec.structs.replace(BEN, roles=frozenset({PersonRole.COACH})))
        call.then_refused(RefuseCode.NOT_ALLOWED)

    def test_of_a_team_the_first_has_it_and_the_next_is_told_who(self, call: Scenario) -> None:
        """[TR3] Everybody of it is asked but who asked."""
        call.when(Transfer(to_team_id=NORTH))
        team = t1(call).team
        assert team is not None
        assert (team.id, t1(call).to) == (NORTH, None)
        assert [asks(call, actor) for actor in (ANA, BEN, DAN, CLEO, SAM)] == [False, True, True, False, False]
        call.when(T1_ACCEPTED, by=BEN)
        call.then_accepted()
        call.when(T1_ACCEPTED, by=DAN)
        call.then_refused(RefuseCode.TRANSFER_OVER)
        assert call.refused is not None
        assert "Ben" in call.refused.detail

    def test_the_owner_is_not_asked_for_their_own(self, call: Scenario) -> None:
        """[TR3] When a supervisor asks their team."""
        call.when(Transfer(to_team_id=NORTH), by=SAM)
        assert not asks(call, ANA)
        call.when(T1_ACCEPTED)
        call.then_refused(RefuseCode.NOT_ALLOWED)

    def test_of_a_team_who_declines_leaves_it_to_the_others(self, call: Scenario) -> None:
        """[TR3, TR8] And is not asked again."""
        call.when(Transfer(to_team_id=NORTH))
        call.when(T1_DECLINED, by=DAN)
        assert (t1(call).passed_by, t1(call).outcome) == ((DAN.party,), None)
        assert not asks(call, DAN)
        call.when(T1_DECLINED, by=DAN)
        call.then_refused(RefuseCode.NOT_ALLOWED)
        call.when(T1_ACCEPTED, by=BEN)
        assert call.state.owner == BEN.party

    def test_a_person_who_declines_ends_it(self, call: Scenario) -> None:
        """[TR3, TR6] It stays with its owner; what is over is not accepted."""
        call.when(Transfer(to_id="ben"))
        call.when(T1_DECLINED, by=BEN)
        assert (t1(call).outcome, t1(call).settled_by) == (TransferOutcome.DECLINED, BEN.party)
        assert (call.state.owner, call.state.driver) == (ANA.party, ANA.party)
        call.when(T1_ACCEPTED, by=BEN)
        call.then_refused(RefuseCode.TRANSFER_OVER)


class TestWarm:
    @pytest.fixture
    def came(self, call: Scenario) -> Scenario:
        """Ben was asked and has come."""
        call.when(Transfer(to_id="ben", warm=True))
        assert not may_watch(call.state, BEN)
        call.when(T1_ACCEPTED, by=BEN)
        call.then_accepted()
        return call

    def test_who_accepts_watches_first(self, came: Scenario) -> None:
        """[TR5] As staff; Notes and moments, no more."""
        assert (came.state.owner, came.state.driver, came.state.seat) == (ANA.party, ANA.party, 1)
        assert may_watch(came.state, BEN)
        assert audience_of(came.state, "ben") is Audience.STAFF
        assert not asks(came, BEN)
        came.when(EditNotes(update=typing("He is kind.")), by=BEN)
        came.then_accepted()
        for command in (
            SetField(visit_id="v1", seat=1, field_key="customer", content="x"),
            Suggest(visit_id="v1", kind=SuggestionKind.LINE, content="x"),
            End(),
        ):
            came.when(command, by=BEN)
            came.then_refused(RefuseCode.NOT_ALLOWED)

    @pytest.mark.parametrize(
        "change",
        [{"team_ids": frozenset({"other"})}, {"roles": frozenset[PersonRole]()}],
        ids=["another team", "no agent"],
    )
    def test_who_came_and_could_not_have_it_any_more_watches_no_more(
        self, came: Scenario, change: dict[str, Any]
    ) -> None:
        """[TR5, RT2] Having come is no part of its own in a Session."""
        assert not may_watch(came.state, replace(BEN, **change))

    @pytest.mark.parametrize("giver", [ANA, SAM], ids=["owner", "supervisor"])
    def test_it_is_handed_over_by_one_press(self, came: Scenario, giver: Actor) -> None:
        """[TR5, TR4] To who came, with the seat."""
        came.when(TO_BEN, by=giver)
        came.then_accepted()
        assert (came.state.owner, came.state.driver, came.state.seat) == (BEN.party, BEN.party, 2)
        assert t1(came).outcome is TransferOutcome.HANDED_OVER
        assert came.state.taker is None

    def test_not_to_somebody_else_than_was_seen(self, came: Scenario) -> None:
        """[TR5] Nor before anybody has come."""
        came.when(CompleteTransfer(transfer_id="t1", to_id="cleo"))
        came.then_refused(RefuseCode.TRANSFER_OVER)
        came.when(T1_WITHDRAWN)
        came.when(Transfer(to_id="ben", warm=True))
        came.when(CompleteTransfer(transfer_id="t2", to_id="ben"))
        came.then_refused(RefuseCode.TRANSFER_OVER)

    def test_not_to_who_could_not_have_it_any_more(self, came: Scenario) -> None:
        """[TR5] Deactivated, or out of the team, since they came."""
        gone = PersonGone(came)
        gone.when(TO_BEN)
        gone.then_refused(RefuseCode.UNKNOWN_PERSON)

    def test_who_came_takes_it_once_nobody_else_could_hand_it_over(self, came: Scenario) -> None:
        """[TR5] The driver's laptop died."""
        came.when(TO_BEN, by=BEN)
        came.then_refused(RefuseCode.DRIVER_PRESENT)
        came.when(TO_BEN, by=BEN, driver_absent=True)
        assert came.state.owner == BEN.party

    @pytest.mark.parametrize(
        ("command", "by", "outcome"),
        [(T1_DECLINED, BEN, TransferOutcome.DECLINED), (T1_WITHDRAWN, ANA, TransferOutcome.WITHDRAWN)],
        ids=["who came leaves", "the giver thinks better of it"],
    )
    def test_without_handing_over_it_stays_with_its_owner(
        self, came: Scenario, command: DeclineTransfer, by: Actor, outcome: TransferOutcome
    ) -> None:
        """[TR5, TR6] And who had come is shown nothing more."""
        came.when(command, by=by)
        assert (t1(came).outcome, came.state.owner) == (outcome, ANA.party)
        assert not may_watch(came.state, BEN)

    def test_nobody_else_comes_after_the_first(self, call: Scenario) -> None:
        """[TR3] Nor declines; the first of the team still may."""
        call.when(Transfer(to_team_id=NORTH, warm=True))
        call.when(T1_ACCEPTED, by=BEN)
        for command in (T1_ACCEPTED, T1_DECLINED):
            call.when(command, by=DAN)
            call.then_refused(RefuseCode.TRANSFER_OVER)
        call.when(T1_DECLINED, by=BEN)
        assert t1(call).outcome is TransferOutcome.DECLINED


class PersonGone(Scenario):
    """The same call, in a house where nobody is active whom a command names."""

    def __init__(self, call: Scenario) -> None:
        self.__dict__ |= call.__dict__

    def context(self, actor: Actor, named: Actor | None = None, **known: bool):  # type: ignore[no-untyped-def]
        return super().context(actor, None, **known)


class TestEnding:
    @pytest.mark.parametrize(("command", "seconds"), [(Transfer(to_id="ben"), 60), (Transfer(to_team_id=NORTH), 120)])
    def test_unanswered_it_times_out(self, call: Scenario, command: Transfer, seconds: int) -> None:
        """[TR6] Not a moment before; time is told when."""
        call.when(command)
        over_ms = call.now_ms + seconds * 1_000
        assert t1(call).until_ms == over_ms == due_ms(call.state, call.policy)
        call.now_ms = over_ms - 1
        call.when_time(T1_LAPSED)
        call.then_refused(RefuseCode.TRANSFER_OVER)
        call.now_ms = over_ms
        call.when_time(T1_LAPSED)
        assert (t1(call).outcome, call.state.owner) == (TransferOutcome.TIMED_OUT, ANA.party)
        assert not dues(call.state)
        call.when_time(T1_LAPSED)
        call.then_refused(RefuseCode.TRANSFER_OVER)

    def test_who_came_is_not_timed_out(self, call: Scenario) -> None:
        """[TR6] An introduction takes as long as it takes."""
        call.when(Transfer(to_id="ben", warm=True))
        call.when(T1_ACCEPTED, by=BEN)
        assert not dues(call.state)
        call.now_ms += 3_600_000
        call.when_time(T1_LAPSED)
        call.then_refused(RefuseCode.TRANSFER_OVER)

    @pytest.mark.parametrize("actor", [ANA, SAM], ids=["owner", "supervisor"])
    def test_it_is_withdrawn(self, call: Scenario, actor: Actor) -> None:
        """[TR6] By the owner or a supervisor, whoever asked."""
        call.when(Transfer(to_id="ben"), by=SAM)
        call.when(T1_WITHDRAWN, by=actor)
        assert (t1(call).outcome, t1(call).settled_by) == (TransferOutcome.WITHDRAWN, actor.party)
        call.when(T1_WITHDRAWN, by=actor)
        call.then_refused(RefuseCode.TRANSFER_OVER)

    def test_pausing_leaves_it_open(self, call: Scenario) -> None:
        """[TR6] And it is asked for, withdrawn and accepted while paused, too."""
        call.when(Transfer(to_id="ben"))
        call.when(Pause(visit_id="v1", seat=1))
        assert t1(call).outcome is None
        call.when(T1_WITHDRAWN)
        call.when(Transfer(to_id="ben", warm=True))
        call.when(AcceptTransfer(transfer_id="t2"), by=BEN)
        call.when(CompleteTransfer(transfer_id="t2", to_id="ben"))
        assert (call.state.owner, call.state.status) == (BEN.party, SessionStatus.PAUSED)
        call.when(Resume(), by=BEN)
        call.then_accepted()

    @pytest.mark.parametrize("case", ["ended", "completed", "given", "resumed by a teammate"])
    def test_it_is_overtaken(self, call: Scenario, case: str) -> None:
        """[TR6] By the end of the Session, or by another owner; then nobody can accept."""
        if case == "completed":
            answer(call, "refuses")
        call.when(Transfer(to_id="ben"))
        match case:
            case "ended":
                call.when(End())
            case "completed":
                call.when(Complete(visit_id=call.state.current_visit_id, seat=1))
            case "given":
                call.when(Reassign(to_id="ben"), by=SAM)
            case _:
                call.when(Pause(visit_id="v1", seat=1))
                call.when(Resume(), by=BEN)
        call.then_accepted()
        assert t1(call).outcome is TransferOutcome.OVERTAKEN
        call.when(T1_ACCEPTED, by=BEN)
        call.then_refused(RefuseCode.FINISHED if call.state.is_finished else RefuseCode.TRANSFER_OVER)


def test_deltas_make_the_same_of_it_as_a_fresh_view_and_lists_hear_of_it(call: Scenario) -> None:
    """[DL1, LL1, TR7, TR8] Every step of two transfers."""
    call.when(Transfer(to_team_id=NORTH, note="Refund"))
    transfer = listed(call)
    assert transfer is not None
    assert (transfer.note, transfer.accepted_by) == ("Refund", None)
    call.when(T1_DECLINED, by=DAN)
    call.when(T1_WITHDRAWN)
    assert listed(call) is None
    call.when(Transfer(to_id="ben", warm=True))
    call.when(AcceptTransfer(transfer_id="t2"), by=BEN)
    call.when(CompleteTransfer(transfer_id="t2", to_id="ben"))
    for audience in Audience:
        view = builtins(project(fold(call.entries[:1]), call.workflow, audience))
        states = [*itertools.accumulate(call.entries[1:], evolve, initial=fold(call.entries[:1]))]
        for entry, before, after in zip(call.entries[1:], states, states[1:], strict=False):
            assert live_session_changed(before, after, call.workflow)
            view = apply_delta(view, msgspec.json.decode(delta_of(call, entry, before, after, audience)))
        assert view == builtins(call.view(audience))
