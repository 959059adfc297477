"""The settings of an installation that administrators change while it runs, over HTTP.

What one process has to know to start at all – addresses, ports, databases – is
in `server/settings.py`; the rules that decisions follow are `account.Policy`.

Rules: protocol/SPEC.md, SG and FQ.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from protocol.account import END_REASONS, EndReason
from protocol.base import Key, Name, Record
from protocol.workflow import Problem

Days = Annotated[int, Meta(description="Days; 0 keeps records for ever.")]
SettingsVersion = Annotated[int, Meta(ge=0, description="Rises with every change.")]


class HouseSettings(Record, frozen=True, kw_only=True):
    """What holds in an installation."""

    name: Name = "Sidecoach"
    language: Annotated[str, Meta(description="Language and region such as en-GB, of people who have none.")] = "en-GB"
    currency: Annotated[str, Meta(description="ISO 4217, of amounts typed without one.")] = "GBP"
    time_zone: Annotated[str, Meta(description="IANA name, of people who have none.")] = "Europe/London"
    end_reasons: Annotated[tuple[EndReason, ...], Meta(description="In the order offered; hidden ones last.")] = (
        END_REASONS
    )
    undo_s: Annotated[int, Meta(description="For how long completing can be undone.")] = 10
    driver_left_s: Annotated[int, Meta(description="A Session whose driver is gone so long is paused.")] = 900
    expires_days: Annotated[int, Meta(description="A Session that was paused so long is ended.")] = 14
    archive_after_s: Annotated[int, Meta(description="A record that is quiet so long leaves the store for SQL.")] = 600
    teammates_resume: Annotated[bool, Meta(description="Agents may resume paused Sessions of their team.")] = True
    retention_days: Annotated[Days, Meta(description="Records that ended so long ago are deleted.")] = 0
    workflow_retention_days: Annotated[
        dict[Key, Days], Meta(max_length=200, description="The same for records of one Workflow, by its key.")
    ] = {}


class SettingsAnswer(Record, frozen=True, kw_only=True):
    """Answer of /api/settings."""

    version: SettingsVersion
    settings: HouseSettings
    fixed: Annotated[
        dict[str, str], Meta(description="Settings given at the start, with the flag or variable that did.")
    ]


class GivenReason(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reason as it is to be offered; one whose label is another becomes a new one."""

    label: Name
    key: Annotated[Key | None, Meta(description="Null: it is new.")] = None


ShortText = Annotated[str, Meta(max_length=200)]
GivenReasons = Annotated[
    tuple[GivenReason, ...], Meta(max_length=50, description="Those to offer; all others are hidden.")
]
GivenDays = Annotated[dict[Key, int], Meta(max_length=200)]


class SettingsChange(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of PATCH /api/settings: what is to change, and of which version that was decided."""

    version: SettingsVersion
    name: ShortText | None = None
    language: ShortText | None = None
    currency: ShortText | None = None
    time_zone: ShortText | None = None
    end_reasons: GivenReasons | None = None
    undo_s: int | None = None
    driver_left_s: int | None = None
    expires_days: int | None = None
    archive_after_s: int | None = None
    teammates_resume: bool | None = None
    retention_days: int | None = None
    workflow_retention_days: GivenDays | None = None


class FirstSteps(Record, frozen=True, kw_only=True):
    """Answer of /api/first-steps: what of the first quarter of an hour is done, by what there is."""

    named: bool
    people: Annotated[bool, Meta(description="Somebody else was added.")]
    team: Annotated[bool, Meta(description="Two people who are active share a team.")]
    workflows: Annotated[bool, Meta(description="A Workflow is offered.")]
    connection: bool
    practice: Annotated[bool, Meta(description="Somebody made a practice call.")]
    dismissed: bool
    examples: Annotated[int, Meta(description="Example Workflows that are offered and that nobody changed.")]


class FirstStepsChange(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of PUT /api/first-steps."""

    dismissed: bool


class ExamplesAnswer(Record, frozen=True, kw_only=True):
    """Answer of POST and DELETE /api/examples: how many Workflows came, or went."""

    workflows: int


class ImportAnswer(Record, frozen=True, kw_only=True):
    """Answer of POST /api/workflows: what the document became, or why it became nothing."""

    published: Annotated[bool, Meta(description="It is offered now.")]
    name: Annotated[str, Meta(description="Of the Workflow; empty if the document could not be read.")]
    number: Annotated[int | None, Meta(description="Of the version that it is.")]
    is_new: Annotated[bool, Meta(description="It was not what the newest version holds already.")]
    problems: Annotated[tuple[Problem, ...], Meta(description="With their paths; those that block come first.")]
