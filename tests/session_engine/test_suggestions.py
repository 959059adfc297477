"""Suggestions: made, accepted, dismissed, replaced, withdrawn and expired. Rules: protocol/SPEC.md, SU."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from protocol.account import Locale
from protocol.commands import (
    AcceptSuggestion,
    Complete,
    Continue,
    DismissSuggestion,
    EraseContent,
    LeaveReview,
    MuteSuggestions,
    Pause,
    SelectAnswer,
    SetField,
    Suggest,
    TakeSeat,
    UseResponse,
    WithdrawSuggestion,
)
from protocol.events import SuggestionKind, SuggestionOutcome
from protocol.refusals import RefuseCode
from protocol.views import Audience, SessionStatus
from session_engine.context import Actor
from session_engine.rights import may_point
from session_engine.suggestions import MAX_LINE
from tests.session_engine.test_guidance import answer
from tests.support.acting import Call
from tests.support.scenario import ANA, BOT, CLEO, MIA, PEOPLE, SAM, Scenario

FIELD, ANSWER, RESPONSE, LINE = SuggestionKind


def suggest(
    call: Scenario, kind: SuggestionKind, key: str | None = None, content: str | None = None, by: Actor = CLEO
) -> None:
    """Suggest it for the current visit; a token names none."""
    visit = None if by.is_token else call.state.current_visit_id
    call.when(Suggest(visit_id=visit, kind=kind, key=key, content=content), by=by)


def accept(call: Scenario, suggestion_id: str = "s1", by: Actor = ANA) -> None:
    state = call.state
    call.when(AcceptSuggestion(visit_id=state.current_visit_id, seat=state.seat, suggestion_id=suggestion_id), by=by)


def select(call: Scenario, key: str) -> None:
    call.when(SelectAnswer(visit_id=call.state.current_visit_id, seat=call.state.seat, answer_key=key))
    call.then_accepted()


def outcomes(call: Scenario) -> list[SuggestionOutcome | None]:
    return [each.outcome for each in call.state.suggestions.values()]


class TestMaking:
    @pytest.mark.parametrize(
        ("kind", "key", "content"),
        [
            (FIELD, "customer", "Lovelace"),
            (ANSWER, "interested", None),
            (RESPONSE, "too_dear", None),
            (LINE, None, "  Ask for \n the address. "),
        ],
    )
    def test_everybody_sees_what_is_suggested(
        self, call: Scenario, kind: SuggestionKind, key: str | None, content: str | None
    ) -> None:
        """[SU1] A value, an Answer, a Response or a line, by whom and when; nothing else changes."""
        suggest(call, kind, key, content)
        shown = call.view(Audience.STAFF).suggestions["s1"]
        assert (shown.kind, shown.key, shown.by, shown.at_ms) == (kind, key, CLEO.party, call.now_ms)
        assert shown.content == (content and " ".join(content.split()))
        assert (shown.outcome, shown.settled_by, shown.visit_id) == (None, None, "v1")
        assert call.state.fields == {}
        assert call.state.current_visit.selected is None

    @pytest.mark.parametrize(
        ("kind", "key", "content", "code"),
        [
            (FIELD, "nonsense", "x", RefuseCode.UNKNOWN_FIELD),
            (FIELD, None, "x", RefuseCode.UNKNOWN_FIELD),
            (FIELD, "customer", " ", RefuseCode.BAD_CONTENT),
            (FIELD, "agrees", "x", RefuseCode.BAD_CONTENT),
            (ANSWER, "accepts", None, RefuseCode.UNKNOWN_ANSWER),
            (ANSWER, None, None, RefuseCode.UNKNOWN_ANSWER),
            (RESPONSE, "nonsense", None, RefuseCode.UNKNOWN_RESPONSE),
            (LINE, None, " ", RefuseCode.BAD_CONTENT),
            (LINE, None, None, RefuseCode.BAD_CONTENT),
            (LINE, None, "x" * (MAX_LINE + 1), RefuseCode.BAD_CONTENT),
            (LINE, "customer", "x", RefuseCode.BAD_CONTENT),
        ],
    )
    def test_what_the_driver_could_not_do_is_not_suggested(
        self, call: Scenario, kind: SuggestionKind, key: str | None, content: str | None, code: RefuseCode
    ) -> None:
        """[SU1] Refused as the driver would be."""
        suggest(call, kind, key, content)
        call.then_refused(code)

    def test_a_new_one_takes_the_place(self, call: Scenario) -> None:
        """[SU2] One is open in each place, whoever made it; other places are untouched."""
        suggest(call, FIELD, "customer", "Lovelace")
        suggest(call, FIELD, "amount", "7")
        suggest(call, ANSWER, "interested")
        suggest(call, ANSWER, "refuses", by=SAM)
        suggest(call, FIELD, "customer", "Byron", by=BOT)
        replaced = SuggestionOutcome.REPLACED
        assert outcomes(call) == [replaced, None, replaced, None, None]
        assert call.state.suggestions["s1"].settled_by == BOT.party

    def test_who_suggests_names_the_visit_that_they_saw(self, call: Scenario) -> None:
        """[SU3] Late, it is refused; a person who names none, too."""
        answer(call, "interested")
        call.when(Suggest(visit_id="v1", kind=LINE, content="Hello"), by=CLEO)
        call.then_refused(RefuseCode.STALE_VISIT)
        call.when(Suggest(kind=LINE, content="Hello"), by=CLEO)
        call.then_refused(RefuseCode.BAD_COMMAND)

    def test_a_token_suggests_values_only(self, call: Scenario) -> None:
        """[SU4] Without a visit, for it sees none."""
        suggest(call, FIELD, "customer", "Lovelace", by=BOT)
        call.then_accepted()
        suggest(call, LINE, None, "Hello", by=BOT)
        call.then_refused(RefuseCode.NOT_ALLOWED)


class TestAccepting:
    def test_a_value_is_set_as_by_the_driver(self, call: Scenario) -> None:
        """[SU5] Set by the driver, suggested by somebody; judged like what is typed."""
        suggest(call, FIELD, "customer", "x" * 41)
        accept(call)
        held = call.view(Audience.STAFF).fields["customer"]
        assert (held.by, held.suggested_by, held.valid) == (ANA.party, CLEO.party, False)
        assert outcomes(call) == [SuggestionOutcome.ACCEPTED]
        call.when(SetField(visit_id="v1", seat=1, field_key="customer", content="Byron"))
        assert call.state.fields["customer"].suggested_by is None

    def test_it_was_read_as_who_suggested_it_writes(self, call: Scenario) -> None:
        """[SU5] And is not read again as the driver does."""
        german = replace(CLEO, locale=Locale(language="de", country="DE"))
        suggest(call, FIELD, "amount", "12,5", by=german)
        accept(call)
        assert call.state.fields["amount"].content == "12.5"

    def test_an_answer_is_selected_and_does_not_move(self, call: Scenario) -> None:
        """[SU5] Continue stays the driver's."""
        suggest(call, ANSWER, "refuses")
        accept(call)
        assert (call.state.current_visit_id, call.state.current_visit.selected) == ("v1", "refuses")

    def test_a_response_is_used(self, call: Scenario) -> None:
        """[SU5] As if the driver had found it."""
        suggest(call, RESPONSE, "too_dear")
        accept(call)
        assert [(use.response_key, use.by) for use in call.state.responses.values()] == [("too_dear", ANA.party)]

    def test_a_line_is_accepted_and_nothing_else(self, call: Scenario) -> None:
        """[SU5] That it was, is on the record."""
        suggest(call, LINE, None, "Hello")
        accept(call)
        assert (outcomes(call), call.state.suggestions["s1"].settled_by) == ([SuggestionOutcome.ACCEPTED], ANA.party)

    def test_an_answer_that_is_hidden_by_now_is_refused(self, call: Scenario) -> None:
        """[SU5] Its condition is judged again."""
        answer(call, "interested")
        call.when(SetField(visit_id="v2", seat=1, field_key="extras", content=("cable",)))
        suggest(call, ANSWER, "cabled")
        call.when(SetField(visit_id="v2", seat=1, field_key="extras", content=None))
        accept(call)
        call.then_refused(RefuseCode.ANSWER_HIDDEN)

    def test_in_the_review_no_answer_is_suggested_or_accepted(self) -> None:
        """[SU5] The review does not move."""
        call = Call().fill(customer="Lovelace", amount="1", agrees=True, colour="red").take("interested", "accepts")
        call.complete()
        assert call.state.status is SessionStatus.REVIEWING
        suggest(call, ANSWER, "interested")
        call.then_refused(RefuseCode.IN_REVIEW)
        suggest(call, FIELD, "customer", "Byron")
        accept(call)
        call.then_accepted()
        call.when(LeaveReview(visit_id=call.state.current_visit_id, seat=1))

    @pytest.mark.parametrize("suggestion_id", ["s1", "s2"])
    def test_what_is_over_or_unknown_is_refused(self, call: Scenario, suggestion_id: str) -> None:
        """[SU5] Once is once."""
        suggest(call, LINE, None, "Hello")
        accept(call)
        accept(call, suggestion_id)
        expected = {"s1": RefuseCode.SUGGESTION_SETTLED, "s2": RefuseCode.UNKNOWN_SUGGESTION}
        call.then_refused(expected[suggestion_id])


class TestTakingUp:
    def test_whoever_selects_the_suggested_answer_has_taken_it_up(self, call: Scenario) -> None:
        """[SU10] Another Answer leaves the suggestion as it is."""
        suggest(call, ANSWER, "interested")
        suggest(call, LINE, None, "Hello")
        select(call, "refuses")
        assert outcomes(call) == [None, None]
        select(call, "interested")
        assert outcomes(call) == [SuggestionOutcome.ACCEPTED, None]
        select(call, "interested")
        assert call.state.suggestions["s1"].settled_by == ANA.party

    def test_whoever_uses_the_suggested_response_has_taken_it_up(self, call: Scenario) -> None:
        """[SU10] It is said once."""
        suggest(call, RESPONSE, "too_dear")
        call.when(UseResponse(visit_id="v1", seat=1, response_key="too_dear"))
        assert outcomes(call) == [SuggestionOutcome.ACCEPTED]
        assert len(call.state.responses) == 1


class TestEnding:
    def test_it_expires_with_its_visit_but_for_a_tokens(self, call: Scenario) -> None:
        """[SU3] Whatever a person suggested is over; a token's value stays, and is set on the visit of then."""
        suggest(call, FIELD, "customer", "Lovelace")
        suggest(call, RESPONSE, "too_dear")
        suggest(call, FIELD, "amount", "7", by=BOT)
        call.when(SelectAnswer(visit_id="v1", seat=1, answer_key="interested"))
        call.when(Continue(visit_id="v1", seat=1))
        assert outcomes(call) == [SuggestionOutcome.EXPIRED, SuggestionOutcome.EXPIRED, None]
        accept(call, "s1")
        call.then_refused(RefuseCode.SUGGESTION_SETTLED)
        accept(call, "s3")
        assert call.state.fields["amount"].visit_id == "v2"

    def test_everything_expires_with_the_session(self, call: Scenario) -> None:
        """[SU3] A token's, too; undoing brings none back."""
        answer(call, "refuses")
        suggest(call, FIELD, "customer", "Lovelace", by=BOT)
        suggest(call, LINE, None, "Goodbye")
        call.when(Complete(visit_id="v2", seat=1))
        assert outcomes(call) == [SuggestionOutcome.EXPIRED] * 2

    def test_it_is_dismissed_by_the_driver(self, call: Scenario) -> None:
        """[SU6] The outcome is kept."""
        suggest(call, LINE, None, "Hello")
        call.when(DismissSuggestion(visit_id="v1", seat=1, suggestion_id="s1"))
        assert outcomes(call) == [SuggestionOutcome.DISMISSED]

    def test_its_maker_takes_it_back_and_nobody_else(self, call: Scenario) -> None:
        """[SU6] Not even who leads the team."""
        suggest(call, LINE, None, "Hello")
        call.when(WithdrawSuggestion(suggestion_id="s1"), by=SAM)
        call.then_refused(RefuseCode.NOT_ALLOWED)
        call.when(WithdrawSuggestion(suggestion_id="s1"), by=CLEO)
        assert outcomes(call) == [SuggestionOutcome.WITHDRAWN]

    def test_who_drives_by_now_withdraws_what_was_suggested_before(self, call: Scenario) -> None:
        """[SU6] Sitting down takes no right away."""
        suggest(call, LINE, None, "Hello", by=SAM)
        call.when(TakeSeat(seat=1), by=SAM)
        call.when(WithdrawSuggestion(suggestion_id="s1"), by=SAM)
        call.then_accepted()


class TestMuting:
    def test_a_driver_hears_no_person_and_all_see_that(self, call: Scenario) -> None:
        """[SU7] What stands of persons is dismissed; a token still proposes; then it is as before."""
        suggest(call, LINE, None, "Hello")
        suggest(call, FIELD, "customer", "Lovelace", by=BOT)
        call.when(MuteSuggestions(seat=1, muted=True))
        assert call.view(Audience.STAFF).head["session"].suggestions_muted
        assert outcomes(call) == [SuggestionOutcome.DISMISSED, None]
        suggest(call, LINE, None, "Hello")
        call.then_refused(RefuseCode.SUGGESTIONS_MUTED)
        suggest(call, FIELD, "amount", "7", by=BOT)
        call.then_accepted()
        call.when(MuteSuggestions(seat=1, muted=False))
        suggest(call, LINE, None, "Hello")
        assert outcomes(call) == [SuggestionOutcome.DISMISSED, None, None, None]

    def test_the_next_driver_hears_them(self, call: Scenario) -> None:
        """[SU7] It was the other's wish."""
        call.when(MuteSuggestions(seat=1, muted=True))
        call.when(TakeSeat(seat=1), by=MIA)
        assert not call.view().head["session"].suggestions_muted


class TestPointing:
    def test_whoever_may_suggest_points_while_they_are_heard(self, call: Scenario) -> None:
        """[PT1] Not the driver, a token or a stranger; nobody while it is muted, paused or over."""
        assert [actor.id for actor in PEOPLE if may_point(call.state, actor)] == ["cleo", "sam", "mia"]
        assert not may_point(call.state, BOT)
        call.when(MuteSuggestions(seat=1, muted=True))
        assert not may_point(call.state, CLEO)
        call.when(MuteSuggestions(seat=1, muted=False))
        call.when(Pause(visit_id="v1", seat=1))
        assert not may_point(call.state, CLEO)


class TestKeeping:
    def test_a_sensitive_value_is_its_owners_alone(self, call: Scenario) -> None:
        """[MK1, SU8] Whoever suggested it is staff, too, and so is a driver who is not the owner."""
        suggest(call, FIELD, "pin", "1234")
        owner, staff = call.view().suggestions["s1"], call.view(Audience.STAFF).suggestions["s1"]
        assert (owner.masked, owner.content) == (False, "1234")
        assert (staff.masked, staff.content, staff.shown, staff.key) == (True, None, None, "pin")

    def test_erasing_a_field_erases_what_was_suggested_for_it(self, call: Scenario) -> None:
        """[ER3] Open ones are over; other places stay."""
        suggest(call, FIELD, "customer", "Byron")
        suggest(call, FIELD, "customer", "Lovelace")
        suggest(call, LINE, None, "Hello")
        call.when_time(EraseContent(field_key="customer", slots=("field/customer#1",), by=MIA.party))
        first, second, line = call.state.suggestions.values()
        assert (first.content, first.outcome) == (None, SuggestionOutcome.REPLACED)
        assert (second.content, second.outcome) == (None, SuggestionOutcome.EXPIRED)
        assert (line.content, line.outcome) == ("Hello", None)
