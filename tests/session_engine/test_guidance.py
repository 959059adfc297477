"""Moving through a Workflow."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from protocol.commands import Back, Continue, GoTo, SelectAnswer, SetField, StartSession, UseResponse
from protocol.conditions import ConditionOp, FieldCondition, Not
from protocol.refusals import RefuseCode
from protocol.views import Audience
from protocol.workflow import Route, WorkflowVersion
from session_engine.guidance import decide_start
from session_engine.refused import Refused
from session_engine.workflow import Workflow
from tests.support.scenario import ANA, CLEO, NORTH, S1, Scenario
from tests.support.workflows import SMALL_DOCUMENT

ALWAYS = Not(of=FieldCondition(field="customer", op=ConditionOp.FILLED))
"""True of a call in which nothing was typed."""


def answer(call: Scenario, key: str) -> None:
    """Select an Answer and continue."""
    visit, seat = call.state.current_visit_id, call.state.seat
    call.when(SelectAnswer(visit_id=visit, seat=seat, answer_key=key))
    call.then_accepted()
    call.when(Continue(visit_id=visit, seat=seat))


class TestStart:
    def test_the_starter_owns_and_drives_on_the_first_section(self, call: Scenario) -> None:
        """[GD1] A Session starts on the first Section with its starter as owner and driver, seat 1."""
        state = call.state
        assert (state.owner, state.driver, state.seat) == (ANA.party, ANA.party, 1)
        assert state.current_visit.section_key == "opening"
        assert state.team_ids == (NORTH,)

    def test_a_coach_may_start_practice_only(self) -> None:
        """[RT1] Agents start Sessions; practice is open to every role."""
        with pytest.raises(Refused) as refused:
            Scenario(owner=CLEO)
        assert refused.value.code is RefuseCode.NOT_ALLOWED
        assert Scenario(owner=CLEO, training=True).state.training

    def test_a_workflow_without_a_first_section_cannot_start(self, call: Scenario) -> None:
        """[GD1] Without a start there is nothing to stand on."""
        version = WorkflowVersion(id="small@2", number=2, published_ms=0, document=replace(SMALL_DOCUMENT, start=None))
        with pytest.raises(Refused) as refused:
            decide_start(Workflow(version), S1, StartSession(version_id="small@2"), call.context(ANA))
        assert refused.value.code is RefuseCode.UNKNOWN_SECTION

    def test_a_running_session_cannot_be_started_again(self, call: Scenario) -> None:
        """[CM8] An id that is in use is refused."""
        call.when(StartSession(version_id="small@1"))
        call.then_refused(RefuseCode.SESSION_EXISTS)


class TestAnswers:
    def test_selecting_does_not_move(self, call: Scenario) -> None:
        """[GD2] Select marks an Answer; Continue moves."""
        call.when(SelectAnswer(visit_id="v1", seat=1, answer_key="interested"))
        assert call.state.current_visit.selected == "interested"
        assert call.state.current_visit_id == "v1"

    def test_a_selection_can_be_taken_back(self, call: Scenario) -> None:
        """[GD2] Selecting nothing clears the mark."""
        call.when(SelectAnswer(visit_id="v1", seat=1, answer_key="interested"))
        call.when(SelectAnswer(visit_id="v1", seat=1, answer_key=None))
        assert call.state.current_visit.selected is None

    def test_continue_leads_to_the_answers_section(self, call: Scenario) -> None:
        """[GD3] Continue ends the visit and starts the next one."""
        answer(call, "interested")
        assert call.state.current_visit.section_key == "offer"
        assert call.state.visits["v1"].answer_key == "interested"
        assert call.state.visits["v1"].left_ms == call.now_ms

    def test_continue_without_a_selection_is_refused(self, call: Scenario) -> None:
        """[GD3] Continue needs a selected Answer."""
        call.when(Continue(visit_id="v1", seat=1))
        call.then_refused(RefuseCode.NO_ANSWER_SELECTED)

    def test_an_unassigned_answer_leads_nowhere_yet(self, call: Scenario) -> None:
        """[GD4] It can be selected; Continue is refused and nothing moves."""
        answer(call, "later")
        call.then_refused(RefuseCode.LEADS_NOWHERE)
        assert call.state.current_visit_id == "v1"

    def test_an_answer_of_another_section_is_refused(self, call: Scenario) -> None:
        """[GD2] Only Answers of the current Section can be selected."""
        call.when(SelectAnswer(visit_id="v1", seat=1, answer_key="accepts"))
        call.then_refused(RefuseCode.UNKNOWN_ANSWER)

    def test_a_visit_that_is_over_takes_no_command(self, call: Scenario) -> None:
        """[CM4] A driving command names its visit; a stale one is refused."""
        answer(call, "interested")
        call.when(Continue(visit_id="v1", seat=1))
        call.then_refused(RefuseCode.STALE_VISIT)


class TestBack:
    def test_back_starts_a_new_visit_that_continues_the_earlier_one(self, call: Scenario) -> None:
        """[GD5] Later visits stay, marked abandoned; the earlier Answer is preselected."""
        answer(call, "interested")
        answer(call, "unsure")
        answer(call, "interested")
        call.when(Back(visit_id="v4", seat=1, to_visit_id="v2"))
        state = call.state
        assert state.current_visit_id == "v5"
        assert state.current_visit.section_key == "offer"
        assert state.current_visit.continues == "v2"
        assert state.current_visit.selected == "unsure"
        assert [visit.id for visit in state.visits.values() if visit.abandoned] == ["v3", "v4"]
        assert state.path == ("v1", "v5")

    @pytest.mark.parametrize("target", ["v2", "v3", "v9"])
    def test_back_goes_to_an_earlier_visit_of_the_path_only(self, call: Scenario, target: str) -> None:
        """[GD5] Not to the current, an abandoned or an unknown visit."""
        answer(call, "interested")
        call.when(Back(visit_id="v2", seat=1, to_visit_id="v1"))
        answer(call, "interested")
        assert call.state.path == ("v3", "v4")
        call.when(Back(visit_id="v4", seat=1, to_visit_id="v4" if target == "v3" else target))
        call.then_refused(RefuseCode.NOT_ON_PATH)


class TestGoTo:
    def test_a_section_open_to_jumps_is_entered_by_jump(self, call: Scenario) -> None:
        """[GD6] The visit is recorded as jumped and stays on the path."""
        call.when(GoTo(visit_id="v1", seat=1, section_key="offer"))
        assert call.state.current_visit.entered == "jump"
        assert call.state.path == ("v1", "v2")
        assert call.state.visits["v1"].answer_key is None

    def test_other_sections_are_closed_to_jumps(self, call: Scenario) -> None:
        """[GD6] Its author decides."""
        call.when(GoTo(visit_id="v1", seat=1, section_key="won"))
        call.then_refused(RefuseCode.NOT_OPEN_TO_JUMPS)
        call.when(GoTo(visit_id="v1", seat=1, section_key="nowhere"))
        call.then_refused(RefuseCode.UNKNOWN_SECTION)


class TestConditions:
    def test_an_answer_whose_condition_fails_can_be_neither_selected_nor_followed(self, call: Scenario) -> None:
        """[GD8] Also if it was selected while the condition held."""
        answer(call, "interested")
        call.when(SelectAnswer(visit_id="v2", seat=1, answer_key="cabled"))
        call.then_refused(RefuseCode.ANSWER_HIDDEN)
        call.when(SetField(visit_id="v2", seat=1, field_key="extras", content=("cable",)))
        call.when(SelectAnswer(visit_id="v2", seat=1, answer_key="cabled"))
        call.then_accepted()
        call.when(SetField(visit_id="v2", seat=1, field_key="extras", content=("case",)))
        call.when(Continue(visit_id="v2", seat=1))
        call.then_refused(RefuseCode.ANSWER_HIDDEN)

    def test_an_answer_writes_its_value_on_the_visit_that_it_leaves(self, call: Scenario) -> None:
        """[GD9] Entered like typed, by who continued."""
        answer(call, "interested")
        call.when(SetField(visit_id="v2", seat=1, field_key="extras", content=("cable",)))
        answer(call, "cabled")
        written = call.state.fields["colour"]
        assert (written.content, written.visit_id, written.by) == ("red", "v2", ANA.party)
        assert call.state.current_visit.section_key == "won"

    def test_a_route_that_holds_on_entry_leads_on_at_once(self, call: Scenario) -> None:
        """[GD10] Both stays are visits of the path, in one entry."""
        call.when(SetField(visit_id="v1", seat=1, field_key="amount", content="45"))
        answer(call, "interested")
        entries = len(call.entries)
        answer(call, "checked")
        assert len(call.entries) == entries + 2
        assert [(visit.section_key, visit.entered) for visit in call.state.visits.values()][2:] == [
            ("check", "answer"),
            ("lost", "route"),
        ]
        assert call.state.path == ("v1", "v2", "v3", "v4")

    def test_a_route_that_does_not_hold_leaves_the_choice_to_the_agent(self, call: Scenario) -> None:
        """[GD10] And Back stays where it goes, even if the route holds by then."""
        call.when(SetField(visit_id="v1", seat=1, field_key="amount", content="39.9"))
        answer(call, "interested")
        answer(call, "checked")
        assert call.state.current_visit.section_key == "check"
        answer(call, "passed")
        call.when(SetField(visit_id="v4", seat=1, field_key="amount", content="45"))
        call.when(Back(visit_id="v4", seat=1, to_visit_id="v3"))
        assert call.state.current_visit.section_key == "check"

    def test_a_jump_follows_routes_too(self, call: Scenario) -> None:
        """[GD10] Whatever way a Section is entered, but Back."""
        call.when(SetField(visit_id="v1", seat=1, field_key="amount", content="45"))
        call.when(GoTo(visit_id="v1", seat=1, section_key="check"))
        assert call.state.current_visit.section_key == "lost"

    def test_routes_in_a_circle_end(self) -> None:
        """[GD10] One move enters no Section twice."""
        circle = tuple(
            replace(section, routes=(Route(when=ALWAYS, to=to),))
            for section, to in zip(SMALL_DOCUMENT.sections, ("offer", "check", "opening"), strict=False)
        )
        document = replace(SMALL_DOCUMENT, sections=(*circle, *SMALL_DOCUMENT.sections[3:]))
        call = Scenario(Workflow(WorkflowVersion(id="small@2", number=2, published_ms=0, document=document)))
        assert [visit.section_key for visit in call.state.visits.values()] == ["opening", "offer", "check"]


class TestResponses:
    def test_saying_a_response_is_recorded_and_moves_nothing(self, call: Scenario) -> None:
        """[RS1] Each time it is said, with the visit, for everybody to see."""
        for _ in range(2):
            call.when(UseResponse(visit_id="v1", seat=1, response_key="too_dear"))
        uses = call.view(Audience.STAFF).responses
        assert [(use.id, use.response_key, use.visit_id, use.by) for use in uses.values()] == [
            ("r1", "too_dear", "v1", ANA.party),
            ("r2", "too_dear", "v1", ANA.party),
        ]
        assert call.state.current_visit_id == "v1"

    def test_an_unknown_response_is_refused(self, call: Scenario) -> None:
        """[RS1] Only what the version has."""
        call.when(UseResponse(visit_id="v1", seat=1, response_key="nonsense"))
        call.then_refused(RefuseCode.UNKNOWN_RESPONSE)
