"""A small Workflow with one of everything that the engine knows, and the same with Actions of every kind."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from protocol.conditions import ConditionOp, FieldCondition
from protocol.fields import FieldDefinition, FieldType, Option, Rules
from protocol.integrations import IntegrationAction, Parameter, ParameterOption, ParameterType, Safety, Schedule
from protocol.workflow import (
    ActionTemplate,
    ActionTiming,
    Answer,
    AnswerWrite,
    Response,
    ResponseKind,
    Route,
    SecondPerson,
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


def parameter(key: str, kind: ParameterType, **more: Any) -> Parameter:
    """One whose label is its key."""
    return Parameter(key=key, type=kind, label=key, **more)


MAIL = IntegrationAction(
    id="mail.send@1",
    name="Send a mail",
    target="to",
    parameters=(
        parameter("to", ParameterType.EMAIL, required=True),
        parameter("cc", ParameterType.EMAILS),
        parameter("subject", ParameterType.TEXT, required=True, max_length=60),
        parameter("body", ParameterType.LONG_TEXT),
        parameter("html", ParameterType.HTML),
    ),
    safety=Safety.NONE,
)
HOOK = IntegrationAction(
    id="hook.post@1",
    name="Post",
    parameters=(
        parameter("event", ParameterType.TEXT, required=True, templatable=False),
        parameter("data", ParameterType.JSON),
    ),
    safety=Safety.KEY,
    schedule=Schedule.DURABLE,
    sends_session=True,
)
ORDER = IntegrationAction(
    id="shop.order@1",
    name="Order",
    parameters=(
        parameter("customer", ParameterType.TEXT, required=True),
        parameter("count", ParameterType.INTEGER),
        parameter("price", ParameterType.NUMBER),
        parameter("agreed", ParameterType.BOOLEAN),
        parameter("colour", ParameterType.CHOICE, options=(ParameterOption(value="red", label="Red"),)),
        parameter("page", ParameterType.URL),
        parameter("phone", ParameterType.PHONE),
        parameter("day", ParameterType.DATE),
        parameter("at", ParameterType.DATE_TIME),
        parameter("labels", ParameterType.MAP),
    ),
    safety=Safety.LOOKUP,
    results=("order_id", "token"),
)
TICKET = IntegrationAction(
    id="desk.ticket@1",
    name="Open a ticket",
    parameters=(parameter("subject", ParameterType.TEXT, required=True), parameter("body", ParameterType.LONG_TEXT)),
    safety=Safety.NATURAL,
)
INTEGRATIONS = {described.id: described for described in (MAIL, HOOK, ORDER, TICKET)}


def template(
    key: str, integration: str, timing: ActionTiming, parameters: dict[str, Any], **more: Any
) -> ActionTemplate:
    """One whose name is its key."""
    return ActionTemplate(key=key, name=key, integration=integration, timing=timing, parameters=parameters, **more)


IMMEDIATE, DELAYED, AUTOMATIC = ActionTiming
ACTION_TEMPLATES: dict[str, tuple[ActionTemplate, ...]] = {
    "opening": (
        template(
            "greet",
            MAIL.id,
            IMMEDIATE,
            {
                "to": "{{ fields.email }}",
                "subject": "Hello {{ fields.customer }}",
                "html": "<p>{{ fields.customer | default: 'you' }}</p>",
            },
        ),
        template(
            "trace",
            HOOK.id,
            AUTOMATIC,
            {"event": "call.over", "data": {"notes": "{{ notes }}", "by": ["{{ owner.name }}", 7, None, {}]}},
            fires_on_any_end=True,
            removable=False,
            editable=(),
        ),
    ),
    "offer": (
        template(
            "order",
            ORDER.id,
            IMMEDIATE,
            {
                "customer": "{{ fields.customer }}",
                "count": "{{ fields.amount | default: '1' }}",
                "agreed": "{{ fields.agrees | default: 'false' }}",
                "page": "https://example.org/{{ fields.customer }}?from={{ session.key }}",
                "labels": {"sort": "{{ fields.extras | default: 'none' }}"},
            },
            results={"order_id": "order_id", "token": "token"},
        ),
        template(
            "confirm",
            MAIL.id,
            DELAYED,
            {
                "to": "{{ fields.email }}",
                "subject": "Order {{ results.order.order_id }}",
                "body": "{{ fields.order_id | default: 'none yet' }} {{ answers.offer }} {{ responses }}",
            },
            after="order",
        ),
        template("follow", TICKET.id, DELAYED, {"subject": "Follow {{ fields.customer }}"}, after="confirm"),
        template(
            "credit",
            TICKET.id,
            DELAYED,
            {"subject": "Credit {{ fields.amount }}"},
            second_person=SecondPerson(field="amount", above=20),
            fires_on_any_end=True,
        ),
        template("visit", TICKET.id, IMMEDIATE, {"subject": "Seen"}, every_visit=True, hold_s=30),
        template(
            "cancel_order", TICKET.id, DELAYED, {"subject": "Cancel {{ results.order.order_id }}"}, compensates="order"
        ),
        template(
            "tell_pin",
            HOOK.id,
            DELAYED,
            {"event": "pin.told", "data": {"pin": "{{ fields.pin }}", "customer": "{{ fields.customer }}"}},
        ),
        template(
            "gift",
            TICKET.id,
            DELAYED,
            {"subject": "Gift", "body": "In {{ fields.colour }}"},
            condition=FieldCondition(field="agrees", op=ConditionOp.EQ, value=True),
            editable=("body",),
        ),
        template("echo", TICKET.id, DELAYED, {"subject": "Token {{ results.order.token }}"}, after="order"),
    ),
    "won": (template("report", HOOK.id, AUTOMATIC, {"event": "won", "data": {"won": "{{ session.won }}"}}),),
    "lost": (
        template(
            "survey",
            MAIL.id,
            DELAYED,
            {"to": "{{ fields.email }}", "subject": "How was it?"},
            second_person=SecondPerson(),
        ),
    ),
}
ACTING_DOCUMENT = replace(
    SMALL_DOCUMENT,
    key="acting",
    sections=tuple(
        replace(section, actions=ACTION_TEMPLATES.get(section.key, ())) for section in SMALL_DOCUMENT.sections
    ),
    fields=(
        *SMALL_DOCUMENT.fields,
        FieldDefinition(key="email", type=FieldType.EMAIL, label="E-mail"),
        FieldDefinition(key="order_id", type=FieldType.TEXT, label="Order"),
        FieldDefinition(key="token", type=FieldType.TEXT, label="Token", sensitive=True),
    ),
)
ACTING_VERSION = WorkflowVersion(id="acting@1", number=1, published_ms=0, document=ACTING_DOCUMENT)
ACTING = Workflow(ACTING_VERSION, INTEGRATIONS, "https://coach.example.org")


def acting(key: str, **changes: Any) -> Workflow:
    """The same with this Action template changed."""
    sections = tuple(
        replace(
            section,
            actions=tuple(replace(each, **changes) if each.key == key else each for each in section.actions),
        )
        for section in ACTING_DOCUMENT.sections
    )
    document = replace(ACTING_DOCUMENT, sections=sections)
    return Workflow(replace(ACTING_VERSION, document=document), INTEGRATIONS, "https://coach.example.org")
