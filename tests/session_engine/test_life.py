"""Pause, resume, complete, end, and the seat."""

from __future__ import annotations

import re
from typing import Any

import pytest
from msgspec.structs import replace

from protocol.account import Policy
from protocol.commands import (
    AnnotatePause,
    Back,
    Complete,
    DriverLeft,
    EditNotes,
    End,
    Expire,
    HandBack,
    Pause,
    Resume,
    SelectAnswer,
    SetField,
    StartSession,
    Switch,
    TakeSeat,
    Undo,
)
from protocol.events import SessionStarted
from protocol.fields import FieldType, Rules
from protocol.refusals import RefuseCode
from protocol.views import Audience, SessionStatus
from session_engine.context import Actor, Context, PersonRole
from session_engine.guidance import decide_start, session_id_of
from session_engine.lifecycle import due_ms, is_settled
from session_engine.project import audience_of
from session_engine.refused import Refused
from session_engine.rights import participants
from session_engine.workflow import Workflow
from tests.session_engine.test_guidance import answer
from tests.support.notes import typing
from tests.support.scenario import ANA, BEN, CLEO, MIA, SAM, ZOE, Scenario
from tests.support.workflows import SMALL


def version(**changes: Any) -> Workflow:
    """Another version of the small Workflow."""
    return Workflow(replace(SMALL.version, document=replace(SMALL.version.document, **changes)))


class TestLife:
    def test_a_paused_session_resumes_where_it_was(self, call: Scenario) -> None:
        """[LC1] Pause keeps visit, selection and seat."""
        call.when(SelectAnswer(visit_id="v1", seat=1, answer_key="interested"))
        call.when(Pause(visit_id="v1", seat=1, reason="fetches the contract"))
        assert (call.state.status, call.state.paused_reason) == ("paused", "fetches the contract")
        call.when(Resume())
        assert call.state.status == "active"
        assert call.state.current_visit.selected == "interested"
        assert call.state.paused_reason is None
        assert call.state.seat == 1

    def test_a_paused_session_takes_notes_but_no_driving(self, call: Scenario) -> None:
        """[LC2] Paused accepts resume, end and Notes only."""
        call.when(Pause(visit_id="v1", seat=1))
        call.when(SetField(visit_id="v1", seat=1, field_key="customer", content="x"))
        call.then_refused(RefuseCode.NOT_ACTIVE)
        call.when(EditNotes(update=typing("hello")))
        call.then_accepted()
        call.when(End(reason="hung up"))
        assert call.state.status == "ended"

    def test_only_a_paused_session_resumes(self, call: Scenario) -> None:
        """[LC1] Resume needs a pause."""
        call.when(Resume())
        call.then_refused(RefuseCode.NOT_PAUSED)

    @pytest.mark.parametrize(("last", "won"), [("won", True), ("lost", False)])
    def test_completing_is_a_win_where_the_section_says_so(self, call: Scenario, last: str, won: bool) -> None:
        """[LC3] Complete works at an end Section; its win switch decides."""
        if won:
            answer(call, "interested")
        answer(call, "accepts" if won else "refuses")
        assert call.state.current_visit.section_key == last
        call.when(Complete(visit_id=call.state.current_visit_id, seat=1))
        assert (call.state.status, call.state.won) == ("completed", won)
        assert call.state.current_visit.left_ms == call.now_ms

    def test_a_section_with_answers_cannot_complete(self, call: Scenario) -> None:
        """[LC3] Complete elsewhere is refused."""
        call.when(Complete(visit_id="v1", seat=1))
        call.then_refused(RefuseCode.NOT_AT_END)

    def test_a_finished_session_is_a_read_only_record(self, call: Scenario) -> None:
        """[LC4] Nothing is accepted any more, Notes included."""
        call.when(End())
        for command in (EditNotes(update=typing("x")), Resume(), End(), TakeSeat(seat=1)):
            call.when(command, by=SAM)
            call.then_refused(RefuseCode.FINISHED)


class TestSeat:
    def test_a_late_key_press_of_the_former_driver_is_refused(self, call: Scenario) -> None:
        """[SE2] A command names the seat that it was pressed in."""
        call.when(TakeSeat(seat=1), by=SAM)
        assert (call.state.driver, call.state.seat) == (SAM.party, 2)
        call.when(SetField(visit_id="v1", seat=1, field_key="customer", content="late"))
        call.then_refused(RefuseCode.STALE_SEAT)
        assert call.state.fields == {}

    def test_taking_the_seat_never_changes_the_owner(self, call: Scenario) -> None:
        """[SE1] The Session stays the agent's."""
        call.when(TakeSeat(seat=1), by=SAM)
        assert call.state.owner == ANA.party

    def test_the_second_of_two_takers_is_told_who_drives(self, call: Scenario) -> None:
        """[SE3] Take names the generation that was seen."""
        call.when(TakeSeat(seat=1), by=SAM)
        call.when(TakeSeat(seat=1), by=MIA)
        call.then_refused(RefuseCode.STALE_SEAT)
        assert call.refused is not None
        assert "Sam" in call.refused.detail

    def test_hand_back_seats_the_owner_at_once(self, call: Scenario) -> None:
        """[SE4] Seat and generation pass to the owner."""
        call.when(TakeSeat(seat=1), by=SAM)
        call.when(HandBack(seat=2), by=SAM)
        assert (call.state.driver, call.state.seat) == (ANA.party, 3)

    def test_the_owner_has_nothing_to_hand_back(self, call: Scenario) -> None:
        """[SE4] Hand back is for a driver who is not the owner."""
        call.when(HandBack(seat=1))
        call.then_refused(RefuseCode.ALREADY_DRIVING)

    def test_the_driver_cannot_take_his_own_seat(self, call: Scenario) -> None:
        """[SE3] Taking twice is refused."""
        call.when(TakeSeat(seat=1), by=SAM)
        call.when(TakeSeat(seat=2), by=SAM)
        call.then_refused(RefuseCode.ALREADY_DRIVING)

    def test_the_owner_retakes_a_dead_seat_only(self, call: Scenario) -> None:
        """[SE5] While the taker is present the owner waits for hand back."""
        call.when(TakeSeat(seat=1), by=SAM)
        call.when(TakeSeat(seat=2), by=ANA)
        call.then_refused(RefuseCode.DRIVER_PRESENT)
        call.when(TakeSeat(seat=2), by=ANA, driver_absent=True)
        assert call.state.driver == ANA.party

    def test_resume_by_the_owner_off_the_seat_seats_him(self, call: Scenario) -> None:
        """[LC1] The seat passes to who resumes."""
        call.when(TakeSeat(seat=1), by=SAM)
        call.when(Pause(visit_id="v1", seat=2), by=SAM)
        call.when(Resume(), by=ANA)
        assert (call.state.driver, call.state.seat) == (ANA.party, 3)


class TestPausing:
    def test_a_reason_and_a_call_back_may_be_said_afterwards(self, call: Scenario) -> None:
        """[LC2] Both are replaced as a whole, and forgotten when it goes on."""
        call.when(Pause(visit_id="v1", seat=1))
        call.when(AnnotatePause(reason="fetches a colleague", call_back_ms=50_000))
        assert (call.state.paused_reason, call.state.call_back_ms) == ("fetches a colleague", 50_000)
        assert call.view().head["session"].call_back_ms == 50_000
        call.when(AnnotatePause())
        assert (call.state.paused_reason, call.state.call_back_ms) == (None, None)
        call.when(Resume())
        call.when(AnnotatePause(reason="too late"))
        call.then_refused(RefuseCode.NOT_PAUSED)

    def test_a_teammate_goes_on_and_owns_it(self, call: Scenario) -> None:
        """[RT4] Owner and driver change together; the former owner has no part in it any more."""
        call.when(SetField(visit_id="v1", seat=1, field_key="pin", content="1234"))
        call.when(Pause(visit_id="v1", seat=1))
        call.when(Resume(), by=BEN)
        assert (call.state.owner.id, call.state.driver.id, call.state.seat) == ("ben", "ben", 2)
        assert not participants(call.state, ANA)
        assert call.view(Audience.OWNER).fields["pin"].content == "1234"

    @pytest.mark.parametrize("role", [PersonRole.COACH, PersonRole.SUPERVISOR])
    def test_an_agent_who_leads_the_team_too_goes_on_like_any_other(self, call: Scenario, role: PersonRole) -> None:
        """[RT4] What he may besides takes nothing away."""
        leader = replace(BEN, roles=BEN.roles | {role})
        call.when(Pause(visit_id="v1", seat=1))
        call.when(Resume(), by=leader)
        call.then_accepted()
        assert (call.state.owner.id, call.state.driver.id, call.state.seat) == ("ben", "ben", 2)

    def test_a_supervisor_who_resumes_drives_but_owns_nothing(self, call: Scenario) -> None:
        """[SE1] Only a teammate's resume changes the owner: the owner off the seat keeps what is his."""
        call.when(TakeSeat(seat=1), by=SAM)
        call.when(Pause(visit_id="v1", seat=2), by=SAM)
        call.when(Resume())
        assert (call.state.owner.id, call.state.driver.id, call.state.seat) == ("ana", "ana", 3)

    @pytest.mark.parametrize("case", ["running", "setting", "other team", "no agent"])
    def test_otherwise_a_teammate_is_a_stranger(self, case: str) -> None:
        """[RT4] Only paused, only if the installation lets them, only an agent of the team."""
        call = Scenario(policy=Policy(teammates_resume=case != "setting"))
        if case != "running":
            call.when(Pause(visit_id="v1", seat=1))
        by = {"other team": ZOE, "no agent": MIA}.get(case, BEN)
        call.when(Resume(), by=by)
        call.then_refused(RefuseCode.NOT_ALLOWED)


class TestRequired:
    def test_empty_required_fields_are_asked_for_once(self, call: Scenario) -> None:
        """[LC5] Refused, and then completed anyway, which the record tells."""
        answer(call, "interested")
        call.when(SetField(visit_id="v2", seat=1, field_key="amount", content="7"))
        answer(call, "accepts")
        call.when(Complete(visit_id="v3", seat=1))
        call.then_refused(RefuseCode.FIELDS_MISSING)
        call.when(Complete(visit_id="v3", seat=1, anyway=True))
        assert call.view().head["session"].missing == ("agrees",)

    def test_what_is_hidden_filled_or_left_behind_is_not_missing(self, call: Scenario) -> None:
        """[LC5] Hidden by its condition; filled with No; on an abandoned visit only."""
        answer(call, "interested")
        answer(call, "accepts")
        call.when(Complete(visit_id="v3", seat=1))
        call.then_accepted()
        call.when(Undo(seat=1))
        call.when(SetField(visit_id="v3", seat=1, field_key="amount", content="7"))
        call.when(SetField(visit_id="v3", seat=1, field_key="agrees", content=False))
        call.when(Complete(visit_id="v3", seat=1))
        assert call.state.missing == ()
        call.when(Undo(seat=1))
        call.when(SetField(visit_id="v3", seat=1, field_key="agrees", content=None))
        call.when(Back(visit_id="v3", seat=1, to_visit_id="v1"))
        answer(call, "refuses")
        call.when(Complete(visit_id=call.state.current_visit_id, seat=1))
        call.then_accepted()


class TestUndo:
    def test_completing_can_be_undone_for_some_seconds(self, call: Scenario) -> None:
        """[LC6] It goes on where it was, as if it had never been completed."""
        answer(call, "refuses")
        before = call.view()
        call.when(Complete(visit_id="v2", seat=1))
        assert call.view().head["session"].undo_until_ms == call.now_ms + 10_000
        call.when(Undo(seat=1))
        after = call.view()
        assert after.visits == before.visits
        assert after.head["session"].status == "active"
        assert after.head["session"].undo_until_ms is None

    def test_later_it_is_a_record(self, call: Scenario) -> None:
        """[LC6] From the named moment on it is too late; nothing else is undone at all."""
        call.when(Undo(seat=1))
        call.then_refused(RefuseCode.UNDO_OVER)
        answer(call, "refuses")
        call.when(Complete(visit_id="v2", seat=1))
        call.now_ms += 9_900
        call.when(Undo(seat=1))
        call.then_refused(RefuseCode.UNDO_OVER)


class TestEnding:
    def test_the_reason_is_one_of_the_list(self, call: Scenario) -> None:
        """[LC7] By its key; another one is refused and nothing ends."""
        call.when(End(reason_key="bored"))
        call.then_refused(RefuseCode.UNKNOWN_REASON)
        call.when(End(reason_key="hung_up", reason="in the middle of a word"))
        head = call.view().head["session"]
        assert (head.end_reason_key, head.end_reason, head.end_cause) == (
            "hung_up",
            "in the middle of a word",
            "person",
        )

    def test_another_systems_name_stands_for_one_session(self) -> None:
        """[LC10] The id is made from it; under another id it is refused."""
        session_id = session_id_of("call 771")
        start = StartSession(version_id="small@1", external_id="call 771")
        context = Context(now_ms=1, actor=ANA, client_id="c" * 32, csn=1)

        started = decide_start(SMALL, session_id, start, context)

        assert isinstance(started[0], SessionStarted)
        assert started[0].external_id == "call 771"
        assert re.fullmatch("[0-9a-f]{32}", session_id)
        assert session_id != session_id_of("call 772")
        with pytest.raises(Refused, match="expected session"):
            decide_start(SMALL, "f" * 32, start, context)

    def test_switching_carries_values_and_notes_over(self, call: Scenario) -> None:
        """[LC8] First the new one starts, then the other ends; each names the other."""
        call.when(SetField(visit_id="v1", seat=1, field_key="customer", content="Lovelace"))
        call.when(SetField(visit_id="v1", seat=1, field_key="amount", content="45"))
        call.when(SetField(visit_id="v1", seat=1, field_key="colour", content="red"))
        call.when(EditNotes(update=typing("likes trains")))
        definitions = tuple(
            replace(each, type=FieldType.YES_NO, rules=Rules()) if each.key == "customer" else each
            for each in SMALL.version.document.fields
            if each.key != "colour"
        )
        other = call.go_on(workflow=version(start="check", fields=definitions, title=""))
        assert other is not None
        assert [type(event).__name__ for event in other.entries[0].events] == [
            *("SessionStarted", "VisitStarted", "FieldSet", "NotesEdited", "VisitStarted"),
        ]
        assert {key: value.content for key, value in other.state.fields.items()} == {"amount": "45"}
        assert other.state.current_visit.section_key == "lost"
        assert (call.state.status, other.state.switched_from) == ("active", call.state.session_id)

        call.when(Switch(visit_id="v1", seat=1, to_session_id=other.state.session_id), is_continued=True)
        assert (call.state.end_cause, call.state.switched_to) == ("switched", other.state.session_id)

    def test_without_notes_none_are_carried_over(self, call: Scenario) -> None:
        """[LC8] Nor is an edit that says nothing."""
        other = call.go_on()
        assert other is not None
        assert other.state.notes is None

    def test_a_driver_who_is_not_the_owner_stays_just_that(self, call: Scenario) -> None:
        """[LC8, MK1] A supervisor who is no agent may switch, owns nothing by it, and is shown no sensitive value."""
        call.when(SetField(visit_id="v1", seat=1, field_key="pin", content="1234"))
        call.when(TakeSeat(seat=1), by=SAM)
        other = call.go_on(by=SAM)
        assert other is not None
        assert (other.state.owner, other.state.driver, other.state.seat) == (ANA.party, SAM.party, 1)
        assert other.state.team_ids == call.state.team_ids
        shown = other.view(audience_of(other.state, "sam")).fields["pin"]
        assert (shown.masked, shown.content) == (True, None)
        other.when(HandBack(seat=1), by=SAM)
        assert (other.state.driver, other.state.seat) == (ANA.party, 2)
        assert other.view(audience_of(other.state, "ana")).fields["pin"].content == "1234"

    def test_what_was_for_the_owner_alone_goes_into_no_open_field(self, call: Scenario) -> None:
        """[LC8, MK1] Whatever the other Workflow's author thinks of a Field of that name."""
        call.when(SetField(visit_id="v1", seat=1, field_key="pin", content="1234"))
        call.when(SetField(visit_id="v1", seat=1, field_key="health", content="asthma"))
        definitions = tuple(
            replace(each, sensitive=False) if each.key == "health" else each for each in SMALL.version.document.fields
        )
        other = call.go_on(workflow=version(fields=definitions))
        assert other is not None
        assert [*other.state.fields] == ["pin"]

    @pytest.mark.parametrize("training", [True, False])
    def test_practice_goes_on_as_practice_only(self, training: bool) -> None:
        """[LC8] And a call never as practice."""
        call = Scenario(training=training)
        assert call.go_on(training=not training) is None
        call.then_refused(RefuseCode.NOT_SWITCHED)
        other = call.go_on()
        assert other is not None
        assert other.state.training is training

    @pytest.mark.parametrize("case", ["another agent", "owner off the seat", "paused", "finished"])
    def test_only_who_drives_an_active_session_switches_it(self, call: Scenario, case: str) -> None:
        """[LC8] It lends its values to nobody else."""
        if case == "owner off the seat":
            call.when(TakeSeat(seat=1), by=SAM)
        if case == "paused":
            call.when(Pause(visit_id="v1", seat=1))
        if case == "finished":
            call.when(End())
        assert call.go_on(by=BEN if case == "another agent" else ANA) is None
        call.then_refused(RefuseCode.NOT_SWITCHED)

    def test_without_the_session_that_goes_on_nothing_ends(self, call: Scenario) -> None:
        """[LC8] A start that was refused takes no call with it."""
        call.when(Switch(visit_id="v1", seat=1, to_session_id="2" * 32), is_continued=False)
        call.then_refused(RefuseCode.NOT_SWITCHED)
        assert call.state.status == "active"


class TestRecalled:
    """What a Session does whose version was recalled."""

    @pytest.fixture
    def left(self) -> Scenario:
        """Ana's call, on the second Section and driven by Sam, who paused it before its version was recalled."""
        call = Scenario()
        answer(call, "interested")
        call.when(TakeSeat(seat=1), by=SAM)
        call.when(Pause(visit_id="v2", seat=2), by=SAM)
        return call

    def test_paused_it_is_not_resumed(self, left: Scenario) -> None:
        """[LC11] By nobody; it ends, or the recall is taken back."""
        for by in (ANA, SAM, BEN):
            left.when(Resume(), by=by, version_recalled=True)
            left.then_refused(RefuseCode.VERSION_RECALLED)
        left.when(End(), version_recalled=True)
        assert left.state.status == "ended"

    def test_active_it_goes_on(self, call: Scenario) -> None:
        """[LC11] Nobody is interrupted in the middle of a sentence; leaving it is up to him."""
        call.when(Resume(), version_recalled=True)
        call.then_refused(RefuseCode.NOT_PAUSED)
        answer(call, "interested")
        call.then_accepted()
        other = call.go_on(section_key="offer", version_recalled=True)
        assert other is not None
        assert other.state.current_visit.section_key == "offer"

    @pytest.mark.parametrize("by", [ANA, SAM], ids=["owner", "driver"])
    def test_paused_its_driver_or_owner_goes_on_with_another_version(self, left: Scenario, by: Actor) -> None:
        """[LC11] On the Section where it was left, without having been resumed."""
        left.when(Switch(visit_id="v2", seat=2, to_session_id="2" * 32), by=by, is_continued=True)
        left.then_refused(RefuseCode.NOT_ALLOWED if by is ANA else RefuseCode.NOT_ACTIVE)
        assert left.go_on(by=by) is None
        other = left.go_on(by=by, section_key="offer", version_recalled=True)
        assert other is not None
        assert (other.state.owner, other.state.driver) == (ANA.party, by.party)
        assert (other.state.current_visit.section_key, other.state.current_visit.entered) == ("offer", "start")
        switch = Switch(visit_id="v2", seat=2, to_session_id=other.state.session_id)
        left.when(switch, by=by, version_recalled=True, is_continued=True)
        assert (left.state.end_cause, left.state.switched_to) == ("switched", other.state.session_id)

    def test_nobody_else_does(self, left: Scenario) -> None:
        """[LC11] Not even a teammate, who was shown nothing of it."""
        for by in (BEN, CLEO, MIA):
            assert left.go_on(by=by, version_recalled=True) is None
            left.then_refused(RefuseCode.NOT_SWITCHED)
            left.when(Switch(visit_id="v2", seat=2, to_session_id="2" * 32), by=by, version_recalled=True)
            left.then_refused(RefuseCode.NOT_ALLOWED)

    def test_without_such_a_section_it_begins_at_the_start(self, left: Scenario) -> None:
        """[LC11] Sections are known by their keys."""
        other = left.go_on(section_key="gone", version_recalled=True)
        assert other is not None
        assert other.state.current_visit.section_key == "opening"

    def test_otherwise_no_section_is_named(self, call: Scenario) -> None:
        """[LC11] A start is no way past the Sections that are closed to jumps."""
        assert call.go_on(section_key="offer") is None
        call.then_refused(RefuseCode.BAD_COMMAND)
        start = StartSession(version_id="small@1", section_key="offer")
        with pytest.raises(Refused) as refused:
            decide_start(SMALL, "2" * 32, start, call.context(ANA, version_recalled=True))
        assert refused.value.code is RefuseCode.BAD_COMMAND


class TestTime:
    def test_without_its_driver_it_is_paused_by_itself(self, call: Scenario) -> None:
        """[LC9] Driver left; nothing while somebody drives, or when it waits or is finished already."""
        assert due_ms(call.state, call.policy) == call.state.changed_ms + 15 * 60_000
        call.when_time(DriverLeft(), driver_absent=False)
        call.then_refused(RefuseCode.DRIVER_PRESENT)
        call.when_time(DriverLeft(), driver_absent=True)
        assert (call.state.status, call.state.pause_cause) == ("paused", "driver_left")
        assert call.state.driver.id == "ana"
        call.when_time(DriverLeft(), driver_absent=True)
        call.then_refused(RefuseCode.NOT_ACTIVE)

    def test_paused_for_long_it_expires(self, call: Scenario) -> None:
        """[LC9] After the days of the setting, not before."""
        call.when_time(Expire())
        call.then_refused(RefuseCode.NOT_PAUSED)
        call.when(Pause(visit_id="v1", seat=1))
        due = due_ms(call.state, call.policy)
        assert due == call.state.changed_ms + 14 * 86_400_000
        call.when_time(Expire())
        call.then_refused(RefuseCode.NOT_PAUSED)
        call.now_ms = due
        call.when_time(Expire())
        assert (call.state.status, call.state.end_cause) == (SessionStatus.ENDED, "expired")
        call.when_time(Expire())
        call.then_refused(RefuseCode.FINISHED)

    def test_finished_it_is_due_for_the_archive(self, call: Scenario) -> None:
        """[AR1] Once nothing happened for some time; settled only when completing cannot be undone any more."""
        assert not is_settled(call.state, call.now_ms)
        call.when(End())
        assert is_settled(call.state, call.now_ms)
        assert due_ms(call.state, call.policy) == call.now_ms + 10 * 60_000

    def test_completed_it_is_settled_when_undo_is_over(self) -> None:
        """[AR1, LC6] Not a moment before."""
        call = Scenario(policy=Policy(archive_after_ms=1_000))
        answer(call, "refuses")
        call.when(Complete(visit_id="v2", seat=1))
        over_ms = call.now_ms + 10_000
        assert not is_settled(call.state, over_ms - 1)
        assert is_settled(call.state, over_ms)
        assert due_ms(call.state, call.policy) == over_ms + 1_000
