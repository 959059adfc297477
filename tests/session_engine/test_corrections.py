"""Correcting a record: who may, until when, and what stays of what was."""

from __future__ import annotations

import pytest

from protocol.commands import Complete, CorrectField, End, SetField, TakeSeat, Undo
from protocol.refusals import RefuseCode
from protocol.views import Audience, CorrectionView
from session_engine.rights import RECORD_MS
from tests.session_engine.test_guidance import answer
from tests.support.scenario import ANA, CLEO, MIA, SAM, Scenario

PIN, CUSTOMER = "pin", "customer"


@pytest.fixture
def record() -> Scenario:
    """Ana's call, ended, with a name and a sensitive number."""
    call = Scenario()
    call.when(SetField(visit_id="v1", seat=1, field_key=CUSTOMER, content="Ms Ly"))
    call.when(SetField(visit_id="v1", seat=1, field_key=PIN, content="4111"))
    call.when(End())
    return call


def shown(call: Scenario, audience: Audience = Audience.OWNER) -> list[CorrectionView]:
    return list(call.view(audience).corrections.values())


def test_what_it_was_stays_with_who_and_when(record: Scenario) -> None:
    """[FD11] As often as it is corrected, empty ones too."""
    for by, content in ((ANA, "Ms Li"), (SAM, None), (ANA, "Ms Lee")):
        record.when(CorrectField(field_key=CUSTOMER, content=content), by=by)
        record.then_accepted()

    assert record.state.fields[CUSTOMER].content == "Ms Lee"
    assert [(was.id, was.content, was.by.id) for was in shown(record)] == [
        ("c1", "Ms Ly", "ana"),
        ("c2", "Ms Li", "sam"),
        ("c3", None, "ana"),
    ]
    assert shown(record)[2].at_ms == record.now_ms
    first = record.state.corrections["c1"].was
    assert first is not None
    assert (first.by.id, first.at_ms) == ("ana", 1_100), "who entered it, and when, is kept as well"
    assert record.refold() == record.state


def test_a_sensitive_value_is_masked_in_its_history(record: Scenario) -> None:
    """[FD12, MK1] Staff learns that it was corrected."""
    record.when(CorrectField(field_key=PIN, content="4112"))

    (owner,), (staff,) = shown(record), shown(record, Audience.STAFF)
    assert (owner.masked, owner.content) == (False, "4111")
    assert (staff.masked, staff.content, staff.by) == (True, None, owner.by)
    assert "411" not in repr(record.view(Audience.STAFF))


def test_it_is_judged_like_any_value(record: Scenario) -> None:
    """[FD10] Kept and marked; what cannot be a value at all is refused."""
    record.when(CorrectField(field_key="amount", content="lots"))
    record.then_accepted()
    assert record.state.fields["amount"].problem is not None
    record.when(CorrectField(field_key="nothing", content="x"))
    record.then_refused(RefuseCode.UNKNOWN_FIELD)
    record.when(CorrectField(field_key=CUSTOMER, content=True))
    record.then_refused(RefuseCode.BAD_CONTENT)


def test_a_running_session_is_filled_instead(call: Scenario) -> None:
    """[FD10] Nothing is corrected before it is a record."""
    call.when(CorrectField(field_key=CUSTOMER, content="x"))
    call.then_refused(RefuseCode.NOT_FINISHED)


def test_the_owner_has_a_day_and_a_supervisor_has_always(record: Scenario) -> None:
    """[FD10] Counted from when it finished."""
    over_ms = record.state.changed_ms + RECORD_MS
    record.now_ms = over_ms - 101
    record.when(CorrectField(field_key=CUSTOMER, content="Ms Li"))
    record.then_accepted()
    record.when(CorrectField(field_key=CUSTOMER, content="Ms Lee"))
    record.then_refused(RefuseCode.NOT_ALLOWED)
    for by in (SAM, MIA):
        record.when(CorrectField(field_key=CUSTOMER, content=by.name), by=by)
        record.then_accepted()
    record.when(CorrectField(field_key=CUSTOMER, content="x"), by=CLEO)
    record.then_refused(RefuseCode.NOT_ALLOWED)


def test_an_owner_off_the_seat_may(call: Scenario) -> None:
    """[FD10] It is his record, whoever drove."""
    call.when(TakeSeat(seat=1), by=SAM)
    call.when(End(), by=SAM)
    call.when(CorrectField(field_key=CUSTOMER, content="Ms Li"))
    call.then_accepted()


def test_an_undone_completion_goes_on_with_what_was_corrected(call: Scenario) -> None:
    """[FD11, LC6] From then on Fields are filled again, without a history."""
    answer(call, "refuses")
    call.when(Complete(visit_id="v2", seat=1))
    call.when(CorrectField(field_key=CUSTOMER, content="Ms Li"))
    call.when(Undo(seat=1))
    call.then_accepted()
    call.when(SetField(visit_id="v2", seat=1, field_key=CUSTOMER, content="Ms Lee"))
    assert [was.content for was in shown(call)] == [None]
