"""Erasing as the log tells it: what leaves the state, and with which Actions. Rules: protocol/SPEC.md, ER."""

import pytest
from msgspec.structs import replace

from protocol.actions import OutcomeKind
from protocol.commands import CorrectField, EditAction, EditNotes, End, EraseContent, SendAction, SetField, StartAttempt
from protocol.integrations import Safety
from protocol.ops import Collection
from protocol.refusals import RefuseCode
from protocol.views import Audience
from protocol.workflow import ActionTemplate, Section, WorkflowVersion
from session_engine.erasing import actions_with, check_erasable
from session_engine.project import ops_between
from session_engine.refused import Refused
from session_engine.snapshot import decode_snapshot, encode_snapshot
from session_engine.workflow import Workflow
from tests.support.care import ALERT, CARE, CARE_DOCUMENT, WRITE, alerted, care_call
from tests.support.notes import Editor
from tests.support.scenario import ANA, MIA, SAM, Scenario

SLOTS = ("action/note#1", "field/customer#1", "snapshot#1")


def erase(call: Scenario, field_key: str | None = "customer") -> None:
    call.when_time(EraseContent(field_key=field_key, slots=SLOTS, by=MIA.party))
    call.then_accepted()


def workflow_with(*templates: ActionTemplate, sends_session: bool = False) -> Workflow:
    first, *others = CARE_DOCUMENT.sections
    sections: tuple[Section, ...] = (replace(first, actions=templates), *others)
    document = replace(CARE_DOCUMENT, sections=sections)
    tells_all = replace(WRITE, sends_session=True, parameters=()) if sends_session else WRITE
    return Workflow(WorkflowVersion(id="care@2", number=2, published_ms=0, document=document), {WRITE.id: tells_all})


def template(key: str, text: str, **others: object) -> ActionTemplate:
    known = {"key": key, "name": key, "integration": WRITE.id, "parameters": {"text": text}}
    return ActionTemplate(**known | others)  # type: ignore[arg-type]


class TestWhatGoes:
    def test_a_field_is_as_if_it_had_never_been_filled(self) -> None:
        """[ER3] Value, title, and what stood in its correction; when it was corrected stays."""
        call = care_call()
        call.when(End())
        call.when(CorrectField(field_key="customer", content="Mr Okonkwo"), by=SAM)
        call.then_accepted()

        before = call.state
        erase(call)

        assert "customer" not in call.state.fields
        assert [(each.was, each.by) for each in call.state.corrections.values()] == [(None, SAM.party)]
        assert "Okonkwo" not in repr(call.state.fields) + repr(call.state.corrections) + repr(call.view())
        ops = ops_between(before, call.state, call.workflow, Audience.OWNER, notes_update=None)
        assert {op.collection for op in ops} >= {Collection.FIELDS, Collection.CORRECTIONS}

    def test_actions_forget_what_they_sent_and_were_answered(self) -> None:
        """[ER3] Edits, order, answers and results; that it was sent stays."""
        call = care_call()
        call.when(EditAction(action_id=ALERT, path="text", text="Ms Okonkwo waits"))
        alerted(call, OutcomeKind.SENT)
        assert "Okonkwo" in repr(call.state.actions[ALERT])
        status = call.state.actions[ALERT].status

        erase(call)

        sent = call.state.actions[ALERT]
        assert "Okonkwo" not in repr(sent)
        assert (sent.status, sent.order, sent.results, len(sent.attempts)) == (status, None, {}, 1)
        assert sent.attempts[0].kind is OutcomeKind.SENT

    def test_notes_go_as_a_whole(self) -> None:
        """[ER5] And Fields stay."""
        call = care_call()
        call.when(EditNotes(update=Editor().type("calls back")))
        call.when(End())

        erase(call, None)

        assert call.state.notes is None
        assert "customer" in call.state.fields

    def test_another_value_can_be_entered(self) -> None:
        """[ER4] In the new slot, which the state knows through every snapshot."""
        call = care_call()
        erase(call)
        call.when(SetField(visit_id="v1", seat=1, field_key="customer", content="Mr Li"))

        assert call.state.fields["customer"].content == "Mr Li"
        assert call.state.renewed == SLOTS
        assert decode_snapshot(encode_snapshot(call.state)) == call.state


class TestWhichActions:
    def test_those_that_name_the_field_and_those_that_use_their_results(self) -> None:
        """[ER3] Down the whole chain; what names neither stays."""
        workflow = workflow_with(
            template("first", "{{ fields.customer }}"),
            template("second", "{{ results.first.id }}", after="first"),
            template("third", "{{ results.second.id }}", after="second"),
            template("filling", "Hello", results={"name": "customer"}),
            template("other", "Hello"),
            template("telling", "{{ notes }}"),
        )

        assert actions_with(workflow, "customer") == ("filling", "first", "second", "third")
        assert actions_with(workflow, None) == ("telling",)

    def test_those_that_are_told_all_fields(self) -> None:
        """[ER3] But for sensitive ones, which no Integration is told by itself."""
        workflow = workflow_with(template("hook", "", parameters={}), sends_session=True)
        hidden = replace(CARE_DOCUMENT.fields[0], sensitive=True)
        document = replace(workflow.version.document, title="", fields=(hidden,))
        masked = Workflow(replace(workflow.version, document=document), workflow.integrations)

        assert actions_with(workflow, "customer") == ("hook",)
        assert actions_with(masked, "customer") == ()


class TestWhen:
    @pytest.mark.parametrize(
        ("field_key", "code"), [("nobody", RefuseCode.UNKNOWN_FIELD), (None, RefuseCode.NOT_FINISHED)]
    )
    def test_what_is_not_there_or_still_written_is_refused(self, field_key: str | None, code: RefuseCode) -> None:
        """[ER5] Pages of an open Session would send its Notes again."""
        with pytest.raises(Refused) as refused:
            check_erasable(care_call().state, CARE, field_key)
        assert refused.value.code is code

    def test_not_while_an_attempt_may_bring_it_back(self) -> None:
        """[ER5] It is asked for again once the attempt is over."""
        call = care_call()
        check_erasable(call.state, CARE, "customer")
        call.when(SendAction(action_id=ALERT), by=ANA)
        call.when_time(StartAttempt(action_id=ALERT, safety=Safety.NONE))
        call.then_accepted()
        with pytest.raises(Refused) as refused:
            check_erasable(call.state, CARE, "customer")
        assert refused.value.code is RefuseCode.ACTION_SETTLED
