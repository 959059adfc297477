"""What each audience sees, and what lists show."""

from __future__ import annotations

from msgspec.structs import replace

from protocol.commands import Complete, SetField, TakeSeat
from protocol.views import Audience
from protocol.workflow import WorkflowVersion
from session_engine.project import audience_of, live_session, shown
from session_engine.workflow import Workflow
from tests.session_engine.test_guidance import answer
from tests.support.scenario import ANA, SAM, Scenario
from tests.support.workflows import SMALL, SMALL_DOCUMENT


def fill(call: Scenario, **fields: str) -> None:
    """Ana fills Fields."""
    for key, content in fields.items():
        call.when(SetField(visit_id=call.state.current_visit_id, seat=1, field_key=key, content=content))


def test_the_title_appears_once_its_fields_are_filled(call: Scenario) -> None:
    """[DL3] Empty until every Field that the Workflow names is filled; choices by their label."""
    fill(call, customer="Lovelace")
    assert call.view().head["session"].title == ""
    fill(call, colour="red")
    assert call.view().head["session"].title == "Lovelace · Bright red"


def test_a_sensitive_field_is_masked_in_a_title_too() -> None:
    """[MK2] Publishing refuses such a title; the view masks it all the same."""
    document = replace(SMALL_DOCUMENT, title="{{customer}} {{pin}}")
    version = WorkflowVersion(id="small@1", number=1, published_ms=0, document=document)
    call = Scenario(Workflow(version))
    fill(call, customer="Lovelace", pin="1234")
    assert call.view().head["session"].title == "Lovelace •••"


def test_the_owner_sees_sensitive_values_and_a_driver_who_is_not_the_owner_does_not(call: Scenario) -> None:
    """[MK1] Taking the seat does not reveal."""
    fill(call, pin="12")
    call.when(TakeSeat(seat=1), by=SAM)
    assert audience_of(call.state, ANA.id) is Audience.OWNER
    assert audience_of(call.state, SAM.id) is Audience.STAFF
    masked = call.view(Audience.STAFF).fields["pin"]
    assert (masked.content, masked.valid, masked.problem) == (None, False, None)


def test_content_is_shown_as_a_person_reads_it() -> None:
    """[DL3] Labels of options, yes and no."""
    assert shown(SMALL.fields["agrees"], True) == "Yes"
    assert shown(SMALL.fields["agrees"], False) == "No"
    assert shown(SMALL.fields["extras"], ("case", "hat")) == "case, hat"
    assert shown(SMALL.fields["extras"], None) == ""


def test_a_finished_session_leaves_the_live_list(call: Scenario) -> None:
    """[LL1] Only open Sessions are live."""
    assert live_session(call.state, SMALL) is not None
    answer(call, "refuses")
    call.when(Complete(visit_id="v2", seat=1))
    assert live_session(call.state, SMALL) is None
