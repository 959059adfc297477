"""Actions that come and go with the call, are edited by one at a time, and are seen to on the record."""

from __future__ import annotations

from msgspec.structs import replace

from protocol.actions import ActionStatus, OutcomeKind
from protocol.commands import (
    Back,
    CorrectAction,
    CorrectField,
    EditAction,
    End,
    GoTo,
    LockAction,
    LookUpAction,
    MarkAction,
    RemoveAction,
    UnlockAction,
)
from protocol.conditions import ConditionOp, FieldCondition
from protocol.integrations import Safety
from protocol.refusals import RefuseCode
from protocol.views import Audience
from protocol.workflow import ActionTiming
from session_engine.actions import LOCK_MS
from session_engine.project import ops_between
from session_engine.workflow import Workflow
from tests.support.acting import Call
from tests.support.scenario import ADA, ANA, SAM
from tests.support.workflows import ACTING, ACTING_DOCUMENT, ACTING_VERSION, INTEGRATIONS, acting

DRAFT, WITHDRAWN, AWAITING = ActionStatus.DRAFT, ActionStatus.WITHDRAWN, ActionStatus.AWAITING_APPROVAL


def filled(amount: str = "1", workflow: Workflow = ACTING) -> Call:
    call = Call(workflow).fill(customer="Lovelace", email="ada@example.org", amount=amount, agrees=True, colour="red")
    return call.take("interested")


def back(call: Call, to_visit_id: str) -> Call:
    """Go back there."""
    call.when(Back(visit_id=call.state.current_visit_id, seat=call.state.seat, to_visit_id=to_visit_id))
    call.then_accepted()
    return call


def edit(call: Call, key: str, path: str = "subject", text: str | None = "Mine") -> Call:
    """Write something in the place of one of its values."""
    call.when(EditAction(action_id=call.id(key), path=path, text=text))
    call.then_accepted()
    return call


def keys(call: Call) -> list[str]:
    """The templates that were triggered, in order."""
    return [action.key for action in call.state.actions.values()]


class TestTriggers:
    def test_entering_a_section_triggers_its_actions(self) -> None:
        """[AC1] At the start and along an Answer, in the entry that enters it."""
        call = Call()
        assert keys(call) == ["greet", "trace"]
        assert len(call.entries) == 1
        call.take("refuses")
        assert keys(call) == ["greet", "trace", "survey"]
        assert call.action("survey").visit_id == "v2"

    def test_a_route_triggers_on_all_its_way(self) -> None:
        """[AC1] Where it leads, as if an Answer had."""
        call = filled("45")
        call.take("checked")
        assert call.state.current_visit.section_key == "lost"
        assert call.action("survey").visit_id == call.state.current_visit_id

    def test_a_jump_triggers(self) -> None:
        """[AC1] As an Answer would."""
        call = Call()
        call.when(GoTo(visit_id="v1", seat=1, section_key="offer"))
        assert call.action("order").visit_id == "v2"

    def test_once_a_session_or_at_every_visit(self) -> None:
        """[AC1] Coming back to a visit is the same one; entering the Section again is another."""
        call = filled().take("checked", "passed")
        assert keys(call).count("order") == 1
        assert [call.action("visit", number).visit_id for number in (0, 1)] == ["v2", "v4"]
        back(call.take("checked"), "v4")
        assert keys(call).count("visit") == 2

    def test_a_condition_that_turns_true_triggers_and_false_withdraws(self) -> None:
        """[AC1] A draft that nobody touched."""
        call = Call().take("interested")
        assert "gift" not in keys(call)
        call.fill(agrees=True)
        assert call.status("gift") is DRAFT
        call.fill(agrees=False)
        assert call.status("gift") is WITHDRAWN
        call.fill(agrees=True)
        assert call.status("gift") is DRAFT
        assert keys(call).count("gift") == 1

    def test_what_somebody_touched_stays_until_it_is_taken_back(self) -> None:
        """[AC1] Turning false, the condition leaves it; without the edit it goes at once."""
        call = edit(filled(), "gift", "body").fill(agrees=False)
        assert call.status("gift") is DRAFT
        edit(call, "gift", "body", None)
        assert call.status("gift") is WITHDRAWN

    def test_what_the_call_carries_over_is_judged_at_the_start(self) -> None:
        """[AC1] Fields that came from another Session count."""
        workflow = acting("greet", condition=FieldCondition(field="agrees", op=ConditionOp.EQ, value=True))
        call = Call(workflow)
        assert keys(call) == ["trace"]
        other = call.fill(agrees=True).go_on()
        assert other is not None
        assert [action.key for action in other.state.actions.values()] == ["greet", "trace"]


class TestBack:
    def test_back_withdraws_and_being_there_again_reinstates(self) -> None:
        """[AC2] The same Action, with its edits."""
        call = back(edit(filled(), "order", "customer"), "v1")
        assert call.status("order") is WITHDRAWN
        assert call.status("greet") is DRAFT
        call.take("interested")
        assert keys(call).count("order") == 1
        assert (call.status("order"), call.leaf("order", "customer").text) == (DRAFT, "Mine")
        assert call.action("order").visit_id == call.state.current_visit_id

    def test_what_makes_up_for_it_is_triggered_once(self) -> None:
        """[AC2] Of an Action that was fired on the visit that is left."""
        call = back(filled().send("order").attempt("order", results={"order_id": "o-1"}), "v1")
        made_up = call.action("cancel_order")
        assert (made_up.compensates, made_up.visit_id, made_up.status) == (call.id("order"), "v3", DRAFT)
        back(call.take("interested"), "v3")
        assert keys(call).count("cancel_order") == 1
        assert call.leaf("cancel_order", "subject").text == "Cancel o-1"

    def test_what_was_not_fired_needs_nothing_to_make_up_for_it(self) -> None:
        """[AC2] It is only withdrawn."""
        assert "cancel_order" not in keys(back(filled(), "v1"))

    def test_back_to_a_stay_leaves_what_was_fired_in_it(self) -> None:
        """[AC2] Also if Back came to it before; deeper, all of the stay is left behind."""
        call = back(filled().send("order").take("checked"), "v2")
        assert "cancel_order" not in keys(call)
        assert call.status("visit") is DRAFT
        back(call, "v1")
        assert "cancel_order" in keys(call)
        assert call.status("visit") is WITHDRAWN
        call.take("interested")
        assert [call.action("visit", number).status for number in (0, 1)] == [WITHDRAWN, DRAFT]

    def test_what_is_put_back_after_its_visit_was_left_goes_at_once(self) -> None:
        """[AC2] A draft of a visit that is left behind is no draft."""
        call = filled()
        call.when(RemoveAction(action_id=call.id("order"), removed=True))
        back(call, "v1").when(RemoveAction(action_id=call.id("order"), removed=False))
        assert call.status("order") is WITHDRAWN
        assert call.take("interested").status("order") is DRAFT


class TestEdits:
    def test_it_follows_the_fields_except_where_somebody_wrote(self) -> None:
        """[AC3] Null takes that back."""
        call = edit(filled(), "greet")
        shown = call.leaf("greet", "subject")
        assert (shown.text, shown.template_text, shown.edited) == ("Mine", "Hello Lovelace", True)
        call.fill(customer="Byron")
        assert call.leaf("greet", "html").text == "<p>Byron</p>"
        assert call.leaf("greet", "subject").text == "Mine"
        assert edit(call, "greet", text=None).leaf("greet", "subject").text == "Hello Byron"

    def test_only_what_the_author_allows_is_edited_or_removed(self) -> None:
        """[AC3] Neither a value that is none of the list, nor an Action that goes in any case."""
        call = filled()
        for key, path, code in [
            ("gift", "subject", RefuseCode.NOT_EDITABLE),
            ("trace", "data.notes", RefuseCode.NOT_EDITABLE),
            ("trace", "event", RefuseCode.NOT_EDITABLE),
            ("order", "nowhere", RefuseCode.UNKNOWN_PARAMETER),
        ]:
            call.when(EditAction(action_id=call.id(key), path=path, text="x"))
            call.then_refused(code)
        call.when(RemoveAction(action_id=call.id("trace"), removed=True))
        call.then_refused(RefuseCode.NOT_REMOVABLE)
        call.when(EditAction(action_id="a99", path="subject", text="x"))
        call.then_refused(RefuseCode.UNKNOWN_ACTION)

    def test_what_was_removed_can_be_put_back(self) -> None:
        """[AC3] With its edits; until then it is neither edited nor sent."""
        call = edit(filled(), "greet")
        call.when(LockAction(action_id=call.id("greet"), locked=True))
        call.when(RemoveAction(action_id=call.id("greet"), removed=True))
        assert (call.shown("greet").removed_by, call.shown("greet").locked_until_ms) == (ANA.party, None)
        call.send("greet").then_refused(RefuseCode.ACTION_SETTLED)
        call.when(RemoveAction(action_id=call.id("greet"), removed=False))
        assert (call.status("greet"), call.leaf("greet", "subject").text) == (DRAFT, "Mine")
        call.when(RemoveAction(action_id=call.id("greet"), removed=False))
        call.then_refused(RefuseCode.ACTION_SETTLED)

    def test_one_person_edits_it_at_a_time(self) -> None:
        """[AC4] For a minute from the last edit; others are told who."""
        call = filled()
        lock = LockAction(action_id=call.id("greet"), locked=True)
        call.when(lock)
        for command in (
            lock,
            EditAction(action_id=call.id("greet"), path="subject", text="x"),
            RemoveAction(action_id=call.id("greet"), removed=True),
        ):
            call.when(command, by=SAM)
            call.then_refused(RefuseCode.ACTION_LOCKED)
            assert "Ana edits" in str(call.refused)
        call.send("greet", by=SAM).then_refused(RefuseCode.ACTION_LOCKED)
        call.now_ms += LOCK_MS - 1_000
        edit(call, "greet")
        call.now_ms += LOCK_MS - 1_000
        call.when(lock, by=SAM)
        call.then_refused(RefuseCode.ACTION_LOCKED)
        call.now_ms += 1_000
        call.when(lock, by=SAM)
        call.then_accepted()
        assert call.action("greet").locked_by == SAM.party

    def test_who_lets_it_go_leaves_it_to_others(self) -> None:
        """[AC4] At once; and an edit without a lock takes none."""
        call = filled()
        call.when(LockAction(action_id=call.id("greet"), locked=True))
        call.when(LockAction(action_id=call.id("greet"), locked=False))
        call.when(EditAction(action_id=call.id("greet"), path="subject", text="x"), by=SAM)
        call.then_accepted()
        assert (call.shown("greet").locked_by, call.shown("greet").locked_until_ms) == (None, None)


class TestRecord:
    def test_a_failed_one_is_mended_and_sent_under_a_new_key(self) -> None:
        """[AC5, AC15] The message of a field stands at it until it is edited."""
        call = filled().send("greet").attempt("greet", OutcomeKind.REFUSED, field_messages={"subject": "is banned"})
        assert call.leaf("greet", "subject").problem == "is banned"
        edit(call, "greet")
        assert call.leaf("greet", "subject").problem is None
        assert call.send("greet").action("greet").dispatch == 2

    def test_what_failed_too_often_and_was_put_back_can_be_unlocked(self) -> None:
        """[AC15] It is a draft then, and as blocked as before."""
        call = filled()
        for _ in range(4):
            call.send("greet").attempt("greet", OutcomeKind.REFUSED)
        for removed in (True, False):
            call.when(RemoveAction(action_id=call.id("greet"), removed=removed))
        assert (call.status("greet"), call.shown("greet").blocked) == (DRAFT, True)
        call.send("greet").then_refused(RefuseCode.FAILED_TOO_OFTEN)
        call.when(UnlockAction(action_id=call.id("greet")), by=ADA)
        call.send("greet").then_accepted()

    def test_an_unknown_one_is_looked_up_marked_or_dismissed(self) -> None:
        """[AC15] Or sent again by who says that he checked; it is not edited."""
        call = filled().send("order").attempt("order", OutcomeKind.AMBIGUOUS, Safety.NONE)
        call.when(EditAction(action_id=call.id("order"), path="customer", text="x"))
        call.then_refused(RefuseCode.ACTION_SETTLED)
        call.when(LookUpAction(action_id=call.id("order")))
        assert (call.status("order"), call.action("order").recovers) == (ActionStatus.QUEUED, True)
        call.start("order", Safety.NONE)
        assert call.status("order") is ActionStatus.UNKNOWN
        call.when(MarkAction(action_id=call.id("order"), sent=False, reason="no matter"))
        assert (call.shown("order").dismissed_by, call.shown("order").reason) == (ANA.party, "no matter")
        call.when(MarkAction(action_id=call.id("order"), sent=True))
        assert (call.status("order"), call.shown("order").marked_by) == (ActionStatus.SENT, ANA.party)

    def test_who_checked_sends_it_again_though_nobody_can_be_asked(self) -> None:
        """[AC15] A look-up that could not be made does not stand in the way."""
        call = filled().send("order").attempt("order", OutcomeKind.AMBIGUOUS, Safety.NONE)
        call.when(LookUpAction(action_id=call.id("order")))
        call.start("order", Safety.NONE)
        call.send("order", again=True).start("order", Safety.NONE)
        assert call.status("order") is ActionStatus.IN_FLIGHT

    def test_what_was_not_fired_is_dismissed_on_the_record_only(self) -> None:
        """[AC15] During the call it is removed."""
        call = filled()
        call.when(MarkAction(action_id=call.id("greet"), sent=False))
        call.then_refused(RefuseCode.ACTION_SETTLED)
        call.when(End(reason_key="other"))
        call.when(MarkAction(action_id=call.id("greet"), sent=False))
        call.then_accepted()

    def test_what_is_out_of_date_gets_a_second_one(self) -> None:
        """[AC15] It says what was sent and what the Fields say now; the second one keeps what was written."""
        call = edit(filled(), "greet").send("greet").attempt("greet")
        assert not call.shown("greet").out_of_date
        call.when(CorrectAction(action_id=call.id("order")))
        call.then_refused(RefuseCode.ACTION_SETTLED)
        call.fill(email="byron@example.org")
        assert call.shown("greet").out_of_date
        shown = call.leaf("greet", "to")
        assert (shown.text, shown.template_text) == ("ada@example.org", "byron@example.org")
        first = call.id("greet")
        call.when(CorrectAction(action_id=first))
        assert (call.action("greet", 1).corrects, call.leaf("greet", "subject").text) == (first, "Mine")
        order = call.send("greet").action("greet", 1).order
        assert order is not None
        assert order.parameters["to"] == "byron@example.org"

    def test_staff_sees_neither_a_sensitive_value_nor_what_the_other_side_said(self) -> None:
        """[AC18] The owner does; and what is invalid about it, staff is told only that it is."""
        call = filled(workflow=acting("tell_pin", timing=ActionTiming.IMMEDIATE)).fill(pin="1234", health="well")
        call.send("tell_pin").attempt("tell_pin", message="1234 is known")
        for audience, text, message in ((Audience.OWNER, "1234", "1234 is known"), (Audience.STAFF, None, "")):
            assert call.leaf("tell_pin", "data.pin", audience).text == text
            assert call.leaf("tell_pin", "data.customer", audience).text == "Lovelace"
            assert call.shown("tell_pin", audience).message == message
            assert call.shown("tell_pin", audience).attempts[0].message == message

    def test_what_is_frozen_is_shown_as_it_was_sent(self) -> None:
        """[AC5] Lists and switches as text; nothing where nothing was."""
        call = filled(
            workflow=acting(
                "greet", parameters={"to": "{{ fields.email }}", "cc": "b@example.org,c@example.org", "subject": "S"}
            )
        )
        call.send("greet").send("order")
        assert call.leaf("greet", "cc").text == "b@example.org, c@example.org"
        assert call.leaf("greet", "body").text is None
        assert call.leaf("order", "agreed").text == "true"

    def test_what_the_fields_hold_and_no_filter_can_work_out_is_a_problem(self) -> None:
        """[TP3] Of the value; told without what the Fields hold, and mended by writing something else."""
        workflow = acting("visit", parameters={"subject": "{{ fields.customer | divided_by: 0 }}"})
        call = filled(workflow=workflow)
        leaf = call.leaf("visit", "subject")
        assert (leaf.text, leaf.problem) == (None, "cannot be worked out from what the Fields hold")
        assert not call.shown("visit").valid
        edit(call, "visit")
        assert call.shown("visit").valid

    def test_what_comes_of_results_changes_with_them(self) -> None:
        """[AC11, DL1] Also what an Action shows that no Field is written for."""
        call = filled(workflow=acting("order", results={})).send("order")
        before = call.state
        call.attempt("order", results={"order_id": "o-9"})
        changed = {op.id for op in ops_between(before, call.state, call.workflow, Audience.OWNER, notes_update=None)}
        assert {call.id("order"), call.id("confirm")} <= changed
        assert call.leaf("confirm", "subject").text == "Order o-9"
        before = call.take("accepts").over().state
        call.when(CorrectField(field_key="customer", content="Byron"))
        ops = ops_between(before, call.state, call.workflow, Audience.STAFF, notes_update=None)
        assert {"customer", "c1", call.id("order")} <= {op.id for op in ops}

    def test_an_erased_order_shows_nothing_and_is_not_sent(self) -> None:
        """[AC12] Whoever has it in flight cannot say what came of it: it may have been sent."""
        for started, status in ((False, ActionStatus.NOT_FIRED), (True, ActionStatus.UNKNOWN)):
            call = filled().send("order")
            if started:
                call.start("order")
            call.state = call.state.with_action(replace(call.action("order"), order=None))
            assert call.leaf("order", "customer").text is None
            call.start("order")
            assert call.status("order") is status

    def test_a_template_that_cannot_be_read_is_not_sent(self) -> None:
        """[TP1] Of a version from before publishing refused it; as of an unknown Integration."""
        for changes in ({"parameters": {"to": "{{ fields."}}, {"integration": "gone@1"}):
            call = filled(workflow=acting("greet", **changes))
            assert not call.shown("greet").valid
            call.send("greet").then_refused(RefuseCode.ACTION_INVALID)

    def test_without_actions_nothing_follows(self) -> None:
        """[AC1] And no Action is there."""
        sections = tuple(replace(section, actions=()) for section in ACTING_DOCUMENT.sections)
        workflow = Workflow(replace(ACTING_VERSION, document=replace(ACTING_DOCUMENT, sections=sections)), INTEGRATIONS)
        assert not Call(workflow).take("interested").state.actions
