"""When supervisors are alerted, on a clock that the test moves; and how long Sections usually take."""

from __future__ import annotations

import math
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol.alerts import AlertRule, AlertSettings, Snooze, Usual
from protocol.commands import Back, Complete, Continue, End, Pause, SelectAnswer, UseResponse
from protocol.views import LiveSession, SessionStatus
from protocol.workflow import Disclosure
from server.alert_ports import ObjectionCount, Sign, SignKind
from server.alert_rules import (
    LEAST_OBJECTIONS,
    LEAST_SLOTS,
    SHOWN_MS,
    Watched,
    conditions_of,
    hurried,
    is_told,
    is_watched,
    quieted,
    signs_of,
    spikes,
)
from server.dwell import ENOUGH, bucket_of, stays_of, usual_of
from session_engine.project import live_session
from session_engine.workflow import Workflow
from tests.support.scenario import ADA, ANA, CLEO, MIA, NORTH, SAM, SOUTH, ZOE, Scenario
from tests.support.workflows import SMALL, SMALL_DOCUMENT, SMALL_VERSION

S = 1_000
MIN = 60 * S
T0 = 1_000 * MIN
READ_OUT = Workflow(
    replace(
        SMALL_VERSION,
        document=replace(
            SMALL_DOCUMENT,
            sections=tuple(
                replace(each, disclosure=Disclosure(min_s=20)) if each.key in ("opening", "won") else each
                for each in SMALL_DOCUMENT.sections
            ),
        ),
    )
)


def running(**news: Any) -> LiveSession:
    """Ana's call, on its first Section since T0."""
    live = live_session(Scenario().state, SMALL)
    assert live is not None
    return replace(live, **{"section_ms": T0, "changed_ms": T0, "started_ms": T0, **news})


def rules_of(watched: Watched, now_ms: int, **set_: Any) -> list[AlertRule]:
    """What is told of it."""
    return [each.rule for each in conditions_of(watched, {NORTH: AlertSettings(**set_)}, now_ms)]


class TestTooLong:
    def test_more_than_three_times_what_is_usual(self) -> None:
        """[AL4] And not at exactly that."""
        watched = Watched(live=running(), usual=Usual(median_s=50, visits=30))
        assert rules_of(watched, T0 + 150 * S) == []
        (told,) = conditions_of(watched, {}, T0 + 150 * S + 1)
        assert (told.rule, told.team_id, told.session_id) == (AlertRule.DWELL, NORTH, watched.live.session_id)
        assert (told.since_ms, told.about.usual, told.about.what) == (T0, 50, "Opening")
        assert told.about.person == ANA.party

    def test_never_within_a_minute_nor_where_nobody_knows_what_is_usual(self) -> None:
        """[AL4][AL2]"""
        quick = Watched(live=running(), usual=Usual(median_s=2, visits=500))
        assert rules_of(quick, T0 + MIN) == []
        assert rules_of(quick, T0 + MIN + 1) == [AlertRule.DWELL]
        assert rules_of(Watched(live=running()), T0 + 60 * MIN) == []

    def test_a_pause_is_not_time_on_the_section(self) -> None:
        """[AL4] Counted from when the Session went on."""
        resumed = Watched(live=running(changed_ms=T0 + 30 * MIN), usual=Usual(median_s=50, visits=30))
        assert rules_of(resumed, T0 + 31 * MIN) == []

    def test_the_team_says_how_many_times(self) -> None:
        """[AL13]"""
        watched = Watched(live=running(), usual=Usual(median_s=50, visits=30))
        assert rules_of(watched, T0 + 101 * S, dwell_times=2) == [AlertRule.DWELL]
        assert rules_of(watched, T0 + 60 * MIN, dwell=False) == []


class TestNoStepAndGone:
    def test_no_step_for_five_minutes(self) -> None:
        """[AL5]"""
        watched = Watched(live=running(), step_ms=T0 + S)
        assert rules_of(watched, T0 + 5 * MIN) == []
        assert rules_of(watched, T0 + 5 * MIN + S) == [AlertRule.IDLE]
        assert rules_of(watched, T0 + 2 * MIN, idle_minutes=1) == [AlertRule.IDLE]
        assert rules_of(watched, T0 + 50 * MIN, idle=False) == []

    def test_gone_for_45_seconds(self) -> None:
        """[AL6] A lease that ends later is a page that is there."""
        watched = Watched(live=running(), seen_ms=T0)
        assert rules_of(watched, T0 + 45 * S - 1) == []
        assert rules_of(watched, T0 + 45 * S) == [AlertRule.DISCONNECTED]
        assert rules_of(watched, T0 - 30 * S) == []
        assert rules_of(watched, T0 + 5 * MIN, disconnected=False) == []

    def test_one_thing_is_told_of_a_session_at_once(self) -> None:
        """[AL3] Who is gone is neither slow nor idle, who is slow is not idle as well."""
        live, now = running(), T0 + 60 * MIN
        everything = Watched(live=live, usual=Usual(median_s=50, visits=30), step_ms=T0, seen_ms=T0)
        assert rules_of(everything, now) == [AlertRule.DISCONNECTED]
        assert rules_of(everything, now, disconnected=False) == [AlertRule.DWELL]
        assert rules_of(everything, now, disconnected=False, dwell=False) == [AlertRule.IDLE]

    def test_each_team_by_its_own_rules(self) -> None:
        """[AL13] Of a Session of two teams."""
        watched = Watched(live=running(team_ids=(NORTH, SOUTH)), step_ms=T0)
        settings = {SOUTH: AlertSettings(idle_minutes=10)}
        assert [each.team_id for each in conditions_of(watched, settings, T0 + 6 * MIN)] == [NORTH]
        assert [each.team_id for each in conditions_of(watched, settings, T0 + 10 * MIN)] == [NORTH, SOUTH]

    @pytest.mark.parametrize(
        ("news", "is_looked_at"),
        [
            ({}, True),
            ({"status": SessionStatus.REVIEWING}, True),
            ({"status": SessionStatus.PAUSED}, False),
            ({"training": True}, False),
        ],
    )
    def test_only_what_runs_and_is_no_practice(self, news: dict[str, Any], is_looked_at: bool) -> None:
        """[AL3]"""
        assert is_watched(running(**news)) is is_looked_at

    def test_a_rule_that_is_kept_quiet_tells_nothing(self) -> None:
        """[AL12] Until it is time, and for its team only."""
        watched = Watched(live=running(team_ids=(NORTH, SOUTH)), step_ms=T0)
        quiet = Snooze(team_id=NORTH, team_name="", rule=AlertRule.IDLE, until_ms=T0 + 20 * MIN, by=SAM.party)
        for now_ms, told in ((T0 + 10 * MIN, [SOUTH]), (T0 + 20 * MIN, [NORTH, SOUTH])):
            found = conditions_of(watched, quieted({}, [quiet], now_ms), now_ms)
            assert [each.team_id for each in found] == told

    def test_supervisors_of_the_team_and_managers_are_told(self) -> None:
        """[AL11] Nobody else: no agent, no coach, no administrator as such."""
        assert [who.name for who in (ANA, CLEO, SAM, ZOE, MIA, ADA) if is_told(who, NORTH)] == ["Sam", "Mia"]


class TestDisclosure:
    def left(self, call: Scenario) -> list[tuple[str, int]]:
        """What is noted of the last commit: visit, and seconds on it."""
        before, call_now = self.before, call.state
        return [(sign.sign, sign.stayed_ms // S) for sign in signs_of(before, call_now, call.workflow)]

    def step(self, call: Scenario, command: Any, after_s: float = 0) -> None:
        call.now_ms += round(after_s * S) - 100
        self.before = call.state
        call.when(command)
        call.then_accepted()

    def test_left_sooner_than_it_can_be_read(self) -> None:
        """[AL7] By going on."""
        call = Scenario(READ_OUT)
        self.step(call, SelectAnswer(visit_id="v1", seat=1, answer_key="interested"), 5)
        assert self.left(call) == []
        self.step(call, Continue(visit_id="v1", seat=1), 10)
        assert self.left(call) == [("v1", 15)]
        (sign,) = signs_of(self.before, call.state, READ_OUT)
        assert (sign.kind, sign.what, sign.person, sign.team_id) == (SignKind.DISCLOSURE, "Opening", ANA.party, NORTH)
        assert [each.about.found for each in hurried([sign], {}, call.now_ms)] == [15]
        assert list(hurried([sign], {NORTH: AlertSettings(disclosure_percent=75)}, call.now_ms)) == []
        assert list(hurried([sign], {NORTH: AlertSettings(disclosure=False)}, call.now_ms)) == []
        assert list(hurried([sign], {}, sign.at_ms + SHOWN_MS)) == []

    def test_read_to_the_end_is_nothing_to_tell(self) -> None:
        """[AL7]"""
        call = Scenario(READ_OUT)
        self.step(call, SelectAnswer(visit_id="v1", seat=1, answer_key="interested"))
        self.step(call, Continue(visit_id="v1", seat=1), 20)
        assert self.left(call) == []

    def test_who_comes_back_reads_on(self) -> None:
        """[AL7] What was read before counts; who goes back from it has not passed it."""
        call = Scenario(READ_OUT)
        self.step(call, SelectAnswer(visit_id="v1", seat=1, answer_key="interested"))
        self.step(call, Continue(visit_id="v1", seat=1), 15)
        self.step(call, Back(visit_id="v2", seat=1, to_visit_id="v1"), 30)
        self.step(call, SelectAnswer(visit_id="v3", seat=1, answer_key="interested"))
        self.step(call, Continue(visit_id="v3", seat=1), 10)
        assert "v3" not in dict(self.left(call))
        call = Scenario(READ_OUT)
        self.step(call, SelectAnswer(visit_id="v1", seat=1, answer_key="interested"))
        self.step(call, Continue(visit_id="v1", seat=1), 25)
        self.step(call, SelectAnswer(visit_id="v2", seat=1, answer_key="unsure"))
        self.step(call, Continue(visit_id="v2", seat=1))
        self.step(call, Back(visit_id="v3", seat=1, to_visit_id="v2"), 1)
        assert self.left(call) == []

    def test_completing_on_one_is_leaving_it_and_ending_is_not(self) -> None:
        """[AL7]"""
        for command, noted in ((Complete(visit_id="v3", seat=1, anyway=True), [("v3", 3)]), (End(), [])):
            call = Scenario(READ_OUT)
            for visit, answer in (("v1", "interested"), ("v2", "accepts")):
                self.step(call, SelectAnswer(visit_id=visit, seat=1, answer_key=answer))
                self.step(call, Continue(visit_id=visit, seat=1), 30)
            self.step(call, command, 3)
            assert self.left(call) == noted

    def test_practice_is_nobodys_concern(self) -> None:
        """[AL3]"""
        call = Scenario(READ_OUT, training=True)
        self.step(call, SelectAnswer(visit_id="v1", seat=1, answer_key="interested"))
        self.step(call, Continue(visit_id="v1", seat=1), 1)
        assert self.left(call) == []
        assert stays_of(call.state, READ_OUT) == {}


class TestObjections:
    def test_what_is_used_is_noted_with_all_before_it(self) -> None:
        """[AL8] Customer questions are not; noted twice, it is the same."""
        call = Scenario()
        for key in ("too_dear", "how_long", "too_dear"):
            before = call.state
            call.when(UseResponse(visit_id="v1", seat=1, response_key=key))
        signs = signs_of(before, call.state, SMALL)
        assert [(sign.sign, sign.what) for sign in signs] == [("r1", "Too expensive"), ("r3", "Too expensive")]
        assert {sign.kind for sign in signs} == {SignKind.OBJECTION}
        assert signs_of(None, call.state, SMALL) == []

    @pytest.mark.parametrize(
        ("lately", "usual", "slots", "is_told"),
        [
            (LEAST_OBJECTIONS, 1.5, LEAST_SLOTS, True),
            (LEAST_OBJECTIONS - 1, 1.0, LEAST_SLOTS, False),
            (6, 2.0, LEAST_SLOTS, False),
            (7, 2.0, LEAST_SLOTS, True),
            (50, 1.0, LEAST_SLOTS - 1, False),
        ],
    )
    def test_many_more_than_usual(self, lately: int, usual: float, slots: int, is_told: bool) -> None:
        """[AL8] At least five, more than three times, and only where it is known what is usual."""
        last = Sign(
            team_id=NORTH,
            session_id="1" * 32,
            sign="r1",
            kind=SignKind.OBJECTION,
            at_ms=T0,
            what="Too expensive",
            person=ANA.party,
        )
        count = ObjectionCount(team_id=NORTH, lately=lately, usual=usual, slots=slots, last=last, most="Too expensive")
        found = list(spikes([count], {}))
        assert [(each.since_ms, each.about.found) for each in found] == ([(T0, lately)] if is_told else [])
        assert list(spikes([count], {NORTH: AlertSettings(objections=False)})) == []


class TestUsual:
    def test_visits_are_counted_by_section(self) -> None:
        """[AL1] All that were left; not the one on which a Session was ended."""
        call = Scenario()
        call.when(SelectAnswer(visit_id="v1", seat=1, answer_key="interested"))
        call.now_ms += 60 * S
        call.when(Continue(visit_id="v1", seat=1))
        call.when(Pause(visit_id="v2", seat=1))
        call.when(End())
        ((stay, visits),) = stays_of(call.state, SMALL).items()
        assert (stay.workflow_key, stay.section_key, stay.bucket, visits) == ("small", "opening", bucket_of(60_200), 1)

    def test_it_takes_thirty_visits_to_tell(self) -> None:
        """[AL2]"""
        assert usual_of({bucket_of(60 * S): ENOUGH - 1}) is None
        usual = usual_of({bucket_of(60 * S): ENOUGH})
        assert usual is not None
        assert usual.visits == ENOUGH

    @given(st.lists(st.integers(2 * S, 3 * 60 * MIN), min_size=ENOUGH, max_size=200))
    def test_the_median_is_right_to_nine_percent(self, lengths: list[int]) -> None:
        """[AL2] But for rounding to seconds, and where the two in the middle lie apart."""
        counted: dict[int, int] = {}
        for length in lengths:
            counted[bucket_of(length)] = counted.get(bucket_of(length), 0) + 1
        usual = usual_of(counted)
        assert usual is not None
        ordered = sorted(lengths)
        low = ordered[math.ceil(len(ordered) / 2) - 1] / S
        assert low / 1.0906 - 1 <= usual.median_s <= max(low, median(lengths) / S) * 1.0906 + 1
