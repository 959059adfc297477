"""A Workflow whose first Section triggers Actions of every kind, and an Integration that can do them."""

from __future__ import annotations

from protocol.actions import AttemptDetail, OutcomeKind
from protocol.commands import Complete, Continue, FinishAttempt, SelectAnswer, SendAction, SetField, StartAttempt
from protocol.fields import FieldDefinition, FieldType
from protocol.integrations import IntegrationAction, Parameter, ParameterType, Safety, Schedule
from protocol.workflow import (
    ActionTemplate,
    ActionTiming,
    Answer,
    SecondPerson,
    Section,
    WorkflowDocument,
    WorkflowVersion,
)
from session_engine.workflow import Workflow
from tests.support.scenario import Scenario

WRITE = IntegrationAction(
    id="crm.write@1",
    name="Write to the CRM",
    parameters=(Parameter(key="text", type=ParameterType.TEXT, label="Text", required=True),),
    safety=Safety.LOOKUP,
)
INTEGRATIONS = {WRITE.id: WRITE}

NOTE, ALERT, CREDIT = "a1", "a2", "a3"
"""Ids of its Actions, in the order in which they are triggered."""

CARE_DOCUMENT = WorkflowDocument(
    format="sidecoach.workflow/1",
    key="care",
    name="Care call",
    title="{{customer}}",
    start="opening",
    sections=(
        Section(
            key="opening",
            name="Opening",
            answers=(Answer(key="done", label="Done", to="goodbye"),),
            fields=("customer",),
            actions=(
                ActionTemplate(
                    key="note",
                    name="Write a note",
                    integration=WRITE.id,
                    connection="CRM",
                    parameters={"text": "{{ fields.customer }}"},
                ),
                ActionTemplate(
                    key="alert",
                    name="Alert the team",
                    integration=WRITE.id,
                    connection="Chat",
                    timing=ActionTiming.IMMEDIATE,
                    parameters={"text": "Call of {{ fields.customer }}"},
                ),
                ActionTemplate(
                    key="credit",
                    name="Credit the account",
                    integration=WRITE.id,
                    parameters={"text": "{{ fields.customer }}"},
                    second_person=SecondPerson(),
                ),
            ),
        ),
        Section(key="goodbye", name="Goodbye", win=True),
    ),
    fields=(FieldDefinition(key="customer", type=FieldType.TEXT, label="Customer"),),
)
CARE = Workflow(WorkflowVersion(id="care@1", number=1, published_ms=0, document=CARE_DOCUMENT), INTEGRATIONS)


def care_call(*, customer: str = "Ms Okonkwo", training: bool = False) -> Scenario:
    """Ana's call, with the customer's name filled in; the credit waits for a second person."""
    call = Scenario(CARE, training=training)
    call.when(SetField(visit_id="v1", seat=1, field_key="customer", content=customer))
    return call


def alerted(call: Scenario, kind: OutcomeKind, *, status: int | None = None) -> Scenario:
    """The alert is sent, and this comes of it."""
    call.when(SendAction(action_id=ALERT, again=True))
    call.when_time(StartAttempt(action_id=ALERT, safety=Safety.NONE))
    number = call.state.actions[ALERT].attempts[-1].number
    detail = AttemptDetail(status=status, message="Ms Okonkwo is not known here")
    call.when_time(
        FinishAttempt(
            action_id=ALERT,
            attempt=number,
            kind=kind,
            detail=detail,
            safety=Safety.NONE,
            schedule=Schedule.INTERACTIVE,
        )
    )
    call.then_accepted()
    return call


def completed(call: Scenario) -> Scenario:
    """To the end Section, through the review, and completed."""
    call.when(SelectAnswer(visit_id="v1", seat=1, answer_key="done"))
    call.when(Continue(visit_id="v1", seat=1))
    call.when(Complete(visit_id="v2", seat=1))
    call.when(Complete(visit_id="v2", seat=1, anyway=True))
    call.then_accepted()
    assert call.state.is_finished
    return call
