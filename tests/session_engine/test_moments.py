"""Moments that somebody marks. Rules: protocol/SPEC.md, MM."""

from __future__ import annotations

from protocol.commands import End, MarkMoment, Pause
from protocol.events import MomentLabel
from protocol.ops import Collection
from protocol.refusals import RefuseCode
from protocol.views import Audience
from session_engine.moments import MAX_MOMENTS
from session_engine.project import ops_between
from tests.session_engine.test_guidance import answer
from tests.support.scenario import ANA, CLEO, SAM, Scenario


def test_everybody_in_the_call_marks_and_sees_moments(call: Scenario) -> None:
    """[MM1, MM2] With label, comment, time and the visit that the marker saw; nothing else changes."""
    answer(call, "interested")
    call.when(MarkMoment(seen_visit_id="v1", label=MomentLabel.WELL_DONE, comment="  Calm \n tone. "), by=CLEO)
    first_ms = call.now_ms
    call.when(Pause(visit_id="v2", seat=1))
    call.when(MarkMoment(seen_visit_id="v2", label=MomentLabel.PROMISE, comment=" "), by=SAM)
    call.then_accepted()
    for audience in Audience:
        first, second = call.view(audience).moments.values()
        assert (first.id, first.by, first.at_ms, first.visit_id) == ("m1", CLEO.party, first_ms, "v1")
        assert (first.label, first.comment) == (MomentLabel.WELL_DONE, "Calm tone.")
        assert (second.label, second.comment, second.by) == (MomentLabel.PROMISE, None, SAM.party)


def test_who_watches_is_told_of_a_moment_alone(call: Scenario) -> None:
    """[MM1, DL1] Not again of those before it."""
    call.when(MarkMoment(seen_visit_id="v1", label=MomentLabel.WELL_DONE), by=CLEO)
    before = call.state
    call.when(MarkMoment(seen_visit_id="v1", label=MomentLabel.PROMISE), by=SAM)
    for audience in Audience:
        ops = ops_between(before, call.state, call.workflow, audience, notes_update=None)
        assert [(op.collection, op.id) for op in ops] == [(Collection.MOMENTS, "m2")]


def test_what_cannot_be_marked_is_refused(call: Scenario) -> None:
    """[MM1, MM3] A visit that never was; more than anybody reads; a record."""
    call.when(MarkMoment(seen_visit_id="v7", label=MomentLabel.OTHER))
    call.then_refused(RefuseCode.STALE_VISIT)
    for _ in range(MAX_MOMENTS):
        call.when(MarkMoment(seen_visit_id="v1", label=MomentLabel.OTHER), by=ANA)
        call.then_accepted()
    call.when(MarkMoment(seen_visit_id="v1", label=MomentLabel.OTHER))
    call.then_refused(RefuseCode.TOO_LARGE)
    call.when(End())
    call.when(MarkMoment(seen_visit_id="v1", label=MomentLabel.OTHER))
    call.then_refused(RefuseCode.FINISHED)
