"""Definition of a Field, as a Workflow document carries it and a published version freezes it.

What a Session holds for a Field is in `views.py` (`FieldView`) and
`events.py` (`FieldSet`); judging a value is `session_engine/fields.py`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from protocol.base import END, FieldContent, Key, Name, Record
from protocol.conditions import Condition

Pattern = Annotated[
    str, Meta(max_length=200, description="Regular expression in RE2 syntax that the whole text must match.")
]
Moment = Annotated[
    str, Meta(max_length=40, description="ISO date or time, or 'today' with an offset such as 'today+3d'.")
]


class FieldType(StrEnum):
    """The types an author may choose."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    TIME = "time"
    DATE_TIME = "date_time"
    YES_NO = "yes_no"
    SINGLE_CHOICE = "single_choice"
    MULTIPLE_CHOICE = "multiple_choice"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    POSTCODE = "postcode"
    COUNTRY = "country"
    MASKED = "masked"


class Option(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One choice of a single or multiple choice Field."""

    value: Annotated[str, Meta(min_length=1, max_length=200, description="Stored and compared.")]
    label: Annotated[Name | None, Meta(description="Shown; the value if null.")] = None


class Rules(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a value must satisfy. A value that breaks a rule is kept and marked, never rejected."""

    min: Annotated[float | None, Meta(description="Smallest number or amount.")] = None
    max: Annotated[float | None, Meta(description="Largest number or amount.")] = None
    min_length: Annotated[int, Meta(ge=1, le=10_000, description="In characters.")] | None = None
    max_length: Annotated[int, Meta(ge=1, le=10_000, description="In characters.")] | None = None
    pattern: Pattern | None = None
    pattern_hint: Annotated[str, Meta(max_length=200, description="The pattern in words.")] | None = None
    not_before: Moment | None = None
    not_after: Moment | None = None


class FieldDefinition(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A form field. One value per Session, shared by all Sections that show it."""

    key: Key
    type: FieldType
    label: Name
    help: Annotated[str, Meta(max_length=500)] | None = None
    required: bool = False
    default: Annotated[FieldContent, Meta(description="Shown in content while the Field is empty.")] = None
    rules: Rules = Rules()
    options: Annotated[tuple[Option, ...], Meta(max_length=200, description="Of choice types only.")] = ()
    unit: Annotated[str, Meta(max_length=20, description="Shown after a number.")] | None = None
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}" + END, description="ISO 4217, of money only.")] | None = None
    sensitive: Annotated[bool, Meta(description="Masked for everyone but the Session's owner.")] = False
    look_up: Annotated[bool, Meta(description="Finds Sessions by this value; never of a sensitive Field.")] = False
    visible_when: Condition | None = None
