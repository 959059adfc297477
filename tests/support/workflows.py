"""A small Workflow with one of everything that the engine knows."""

from __future__ import annotations

from protocol.conditions import ConditionOp, FieldCondition
from protocol.fields import FieldDefinition, FieldType, Option, Rules
from protocol.workflow import (
    Answer,
    AnswerWrite,
    Response,
    ResponseKind,
    Route,
    Section,
    WorkflowDocument,
    WorkflowVersion,
)
from session_engine.workflow import Workflow

SMALL_DOCUMENT = WorkflowDocument(
    format="sidecoach.workflow/1",
    key="small",
    name="Small call",
    title="{{customer}} · {{colour}}",
    start="opening",
    sections=(
        Section(
            key="opening",
            name="Opening",
            content="Hello **{{customer}}**.",
            answers=(
                Answer(key="interested", label="Is interested", to="offer"),
                Answer(key="refuses", label="Refuses", to="lost"),
                Answer(key="later", label="Wants it later"),
            ),
            fields=("customer", "pin"),
        ),
        Section(
            key="offer",
            name="Offer",
            answers=(
                Answer(key="accepts", label="Accepts", to="won"),
                Answer(key="unsure", label="Is unsure", to="opening"),
                Answer(key="checked", label="Wants a check", to="check"),
                Answer(
                    key="cabled",
                    label="Takes the cable",
                    to="won",
                    writes=AnswerWrite(field="colour", value="red"),
                    visible_when=FieldCondition(field="extras", op=ConditionOp.CONTAINS, value="cable"),
                ),
            ),
            fields=("amount", "agrees", "colour", "extras"),
            open_to_jumps=True,
        ),
        Section(
            key="check",
            name="Credit check",
            answers=(Answer(key="passed", label="Passed", to="offer"),),
            routes=(Route(when=FieldCondition(field="amount", op=ConditionOp.GE, value="40"), to="lost"),),
            open_to_jumps=True,
        ),
        Section(key="won", name="Sold", win=True),
        Section(key="lost", name="Not sold"),
    ),
    fields=(
        FieldDefinition(key="customer", type=FieldType.TEXT, label="Customer", rules=Rules(max_length=40)),
        FieldDefinition(key="pin", type=FieldType.MASKED, label="PIN", rules=Rules(pattern="[0-9]{4}", min_length=4)),
        FieldDefinition(key="health", type=FieldType.LONG_TEXT, label="Health", sensitive=True),
        FieldDefinition(key="amount", type=FieldType.NUMBER, label="Amount", rules=Rules(min=0, max=50)),
        FieldDefinition(
            key="agrees",
            type=FieldType.YES_NO,
            label="Agrees",
            required=True,
            visible_when=FieldCondition(field="amount", op=ConditionOp.FILLED),
        ),
        FieldDefinition(
            key="colour",
            type=FieldType.SINGLE_CHOICE,
            label="Colour",
            options=(Option(value="red", label="Bright red"), Option(value="blue")),
        ),
        FieldDefinition(
            key="extras",
            type=FieldType.MULTIPLE_CHOICE,
            label="Extras",
            options=(Option(value="case"), Option(value="cable"), Option(value="stand")),
        ),
    ),
    responses=(
        Response(key="too_dear", kind=ResponseKind.OBJECTION, name="Too expensive"),
        Response(key="how_long", kind=ResponseKind.CUSTOMER_QUESTION, name="How long does it take?"),
    ),
)

SMALL_VERSION = WorkflowVersion(id="small@1", number=1, published_ms=0, document=SMALL_DOCUMENT)
SMALL = Workflow(SMALL_VERSION)
