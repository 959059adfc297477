"""The Workflow document: what authors write, import, export and publish.

A published version is the same document frozen, with everything it uses
embedded. Static problems are found by `session_engine/workflow_graph.py`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from msgspec import Meta, field

from protocol.base import FieldContent, Key, Millis, Name, Record, VersionId
from protocol.conditions import Condition
from protocol.fields import FieldDefinition
from protocol.integrations import IntegrationActionId

Markdown = Annotated[
    str,
    Meta(
        max_length=20_000,
        description="CommonMark without HTML: paragraphs, emphasis, lists, headings, links; {{key}} shows a Field.",
    ),
]


class AnswerWrite(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A value that choosing the Answer writes into a Field."""

    field: Key
    value: FieldContent


class Answer(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A choice on a Section."""

    key: Annotated[Key, Meta(description="Unique within its Section.")]
    label: Name
    to: Annotated[Key | None, Meta(description="The next Section; null while unassigned.")] = None
    writes: AnswerWrite | None = None
    visible_when: Condition | None = None


class Disclosure(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The content must be read verbatim."""

    min_s: Annotated[int, Meta(ge=0, le=3600, description="Fewest seconds that reading it takes.")] = 0


class Route(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Leads on by itself when its condition holds on entry."""

    when: Condition
    to: Key


class ActionTiming(StrEnum):
    """When a triggered Action is offered or fired."""

    IMMEDIATE = "immediate"
    DELAYED = "delayed"
    AUTOMATIC = "automatic"


class SecondPerson(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A second person must approve, always or above a limit of one Field."""

    field: Key | None = None
    above: float | None = None


class ActionTemplate(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that a Section triggers in an Integration."""

    key: Annotated[Key, Meta(description="Unique within the Workflow.")]
    name: Name
    integration: IntegrationActionId
    connection: Annotated[str, Meta(max_length=100, description="Connection by name; holds no secret.")] | None = None
    parameters: Annotated[dict[str, Any], Meta(description="JSON whose string leaves are templates.")] = field(
        default_factory=dict
    )
    timing: ActionTiming = ActionTiming.DELAYED
    condition: Condition | None = None
    every_visit: bool = False
    fires_on_any_end: bool = False
    removable: bool = True
    editable: Annotated[tuple[str, ...] | None, Meta(description="Editable parameters; null for all.")] = None
    second_person: SecondPerson | None = None
    hold_s: Annotated[int, Meta(ge=0, le=2_592_000, description="Seconds during which it can be cancelled.")] = 0
    compensates: Key | None = None
    after: Key | None = None
    results: Annotated[dict[str, Key], Meta(description="Field key by path of a value in the answer.")] = field(
        default_factory=dict
    )


class Section(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of a Workflow. Without Answers it is an end Section."""

    key: Key
    name: Name
    content: Markdown = ""
    answers: Annotated[tuple[Answer, ...], Meta(max_length=100)] = ()
    fields: Annotated[tuple[Key, ...], Meta(max_length=100, description="Keys of the attached Fields.")] = ()
    actions: Annotated[tuple[ActionTemplate, ...], Meta(max_length=50)] = ()
    routes: Annotated[tuple[Route, ...], Meta(max_length=50)] = ()
    win: Annotated[bool, Meta(description="Completing here is a win; of end Sections only.")] = False
    disclosure: Disclosure | None = None
    pause_recording: bool = False
    open_to_jumps: bool = False
    expected_s: Annotated[int, Meta(ge=1, le=86_400, description="Expected seconds on it.")] | None = None


class ResponseKind(StrEnum):
    """What the customer said that the Response meets."""

    OBJECTION = "objection"
    CUSTOMER_QUESTION = "customer_question"


class Response(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something to say off the path."""

    key: Key
    kind: ResponseKind
    name: Name
    content: Markdown = ""


class WorkflowDocument(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole Workflow with the definitions it uses."""

    format: Literal["sidecoach.workflow/1"]
    key: Key
    name: Name
    description: Annotated[str, Meta(max_length=1_000)] = ""
    category: Annotated[str, Meta(max_length=100)] = ""
    title: Annotated[
        str, Meta(max_length=200, description="Template of a Session's title, such as '{{company_name}}'.")
    ] = ""
    start: Annotated[Key | None, Meta(description="Key of the first Section.")] = None
    sections: Annotated[tuple[Section, ...], Meta(max_length=1_000)] = ()
    fields: Annotated[tuple[FieldDefinition, ...], Meta(max_length=500)] = ()
    responses: Annotated[tuple[Response, ...], Meta(max_length=500)] = ()


class WorkflowVersion(Record, frozen=True, kw_only=True):
    """An immutable published version; what a Session is pinned to and a browser fetches once."""

    id: VersionId
    number: Annotated[int, Meta(ge=1)]
    published_ms: Millis
    document: WorkflowDocument


class WorkflowOffer(Record, frozen=True, kw_only=True):
    """A Workflow as the picker lists it."""

    version_id: VersionId
    key: Key
    name: Name
    description: str
    category: str
    sections: int
    incomplete: Annotated[bool, Meta(description="At least one Answer is unassigned.")]
    example: Annotated[bool, Meta(description="It came with the product, and nobody changed it.")] = False


class ProblemCode(StrEnum):
    """Why a Workflow document is not fit; only `unassigned` does not block publishing."""

    SCHEMA = "schema"
    NO_START = "no_start"
    UNKNOWN_SECTION = "unknown_section"
    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_ACTION = "unknown_action"
    UNKNOWN_INTEGRATION = "unknown_integration"
    UNKNOWN_RESULT = "unknown_result"
    DUPLICATE_KEY = "duplicate_key"
    UNREACHABLE = "unreachable"
    TRAP = "trap"
    WIN_NOT_AT_END = "win_not_at_end"
    RULE_NOT_FOR_TYPE = "rule_not_for_type"
    BAD_RULE = "bad_rule"
    BAD_VALUE = "bad_value"
    BAD_TEMPLATE = "bad_template"
    BAD_PARAMETER = "bad_parameter"
    CYCLE = "cycle"
    SENSITIVE_TITLE = "sensitive_title"
    SENSITIVE_LOOK_UP = "sensitive_look_up"
    UNASSIGNED = "unassigned"


class Problem(Record, frozen=True, kw_only=True):
    """One thing wrong with a Workflow document."""

    code: ProblemCode
    path: Annotated[str, Meta(description="Where, as in sections[3].answers[0].to.")]
    message: Annotated[str, Meta(description="What is wrong and what was expected.")]
    blocks: Annotated[bool, Meta(description="Publishing waits until it is mended.")]
