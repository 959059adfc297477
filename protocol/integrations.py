"""Integrations: what can be done in other systems, and what a form must know to ask for it.

An Integration is a kind of outside system; each thing that it can do is an
`IntegrationAction` with a version in its id, so that a published Workflow
never meets another meaning. Forms are drawn, and parameters judged, from
these words alone: a new Integration needs no change in the browser. How
something is sent is in `server/actions/`.

Rules: protocol/SPEC.md, AC and IN.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from protocol.base import END, Key, Name, Record

IntegrationActionId = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+@[1-9][0-9]*" + END,
        max_length=100,
        description="The Integration's key, what is done, and a version: webhook.post@1.",
    ),
]


class ParameterType(StrEnum):
    """What a parameter holds once its template is rendered."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    HTML = "html"
    EMAIL = "email"
    EMAILS = "emails"
    PHONE = "phone"
    URL = "url"
    PATH = "path"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    DATE = "date"
    DATE_TIME = "date_time"
    MAP = "map"
    JSON = "json"


class ParameterOption(Record, frozen=True, kw_only=True):
    """One choice of a parameter."""

    value: str
    label: Name


class Parameter(Record, frozen=True, kw_only=True):
    """One parameter of an Action. `map` is an object of texts, `json` any JSON, `emails` a list of addresses.

    Of a `path` and a `url`, what a template puts in is one part of it, whatever it holds.
    """

    key: Key
    type: ParameterType
    label: Name
    required: bool = False
    templatable: Annotated[bool, Meta(description="Its text may name Fields; false for a host or a header's name.")] = (
        True
    )
    help: Annotated[str, Meta(max_length=500)] = ""
    options: Annotated[tuple[ParameterOption, ...], Meta(description="Of a choice only.")] = ()
    max_length: Annotated[int | None, Meta(description="In characters, of each text.")] = None


class Safety(StrEnum):
    """What makes a repeat after an attempt of unknown outcome harmless."""

    KEY = "key"
    """The receiver drops a second request with the same key."""
    NATURAL = "natural"
    """Doing it twice is doing it once: an upsert, or an id of ours."""
    LOOKUP = "lookup"
    """The receiver can be asked whether it happened."""
    NONE = "none"
    """Nothing does: a person decides."""


class Schedule(StrEnum):
    """How long is tried again."""

    INTERACTIVE = "interactive"
    DURABLE = "durable"


class IntegrationAction(Record, frozen=True, kw_only=True):
    """One thing that an Integration can do."""

    id: IntegrationActionId
    name: Annotated[Name, Meta(description="What it does, as a button would say: Send an e-mail.")]
    target: Annotated[
        Key | None, Meta(description="The parameter that says to whom, shown in one line with the name.")
    ] = None
    parameters: tuple[Parameter, ...]
    safety: Safety
    schedule: Schedule = Schedule.INTERACTIVE
    sends_session: Annotated[
        bool, Meta(description="The Session's own facts go along: when it began and ended, its Workflow, its Fields.")
    ] = False
    results: Annotated[
        tuple[Key, ...], Meta(description="Values of the answer that a template may write into Fields.")
    ] = ()


class Setting(Record, frozen=True, kw_only=True):
    """One thing that a Connection must know. A secret is written, and never read back."""

    key: Key
    label: Name
    secret: bool = False
    required: bool = True
    help: Annotated[str, Meta(max_length=500)] = ""
    options: tuple[ParameterOption, ...] = ()
    default: str = ""
    generated: Annotated[
        bool,
        Meta(description="Drawn here unless typed, shown once, and rotated: the one before it stays in use for a day."),
    ] = False


class Integration(Record, frozen=True, kw_only=True):
    """A kind of outside system, and all that can be done there."""

    key: Key
    name: Name
    help: Annotated[str, Meta(max_length=500)] = ""
    personal: Annotated[
        bool, Meta(description="People may have a Connection of their own, such as a mailbox or a calendar.")
    ] = False
    settings: Annotated[tuple[Setting, ...], Meta(description="What each Connection asks for.")]
    actions: tuple[IntegrationAction, ...]
