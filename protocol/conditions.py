"""Conditions: one small JSON tree over Field values.

Written in *visible when* of Answers and Fields, in routes and in Action
templates. What a condition names is checked by
`session_engine/reference_checks.py`; none is evaluated.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from protocol.base import FieldContent, Key, Record


class ConditionOp(StrEnum):
    """How a Field's content is compared; `filled` and `empty` take no value."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    CONTAINS = "contains"
    FILLED = "filled"
    EMPTY = "empty"


class FieldCondition(Record, frozen=True, kw_only=True, tag_field="type", tag="field", forbid_unknown_fields=True):
    """Compares one Field's content with a constant."""

    field: Key
    op: ConditionOp
    value: FieldContent = None


class AllOf(Record, frozen=True, kw_only=True, tag_field="type", tag="all", forbid_unknown_fields=True):
    """True if every part is true."""

    of: Annotated[tuple[Condition, ...], Meta(min_length=1, max_length=50)]


class AnyOf(Record, frozen=True, kw_only=True, tag_field="type", tag="any", forbid_unknown_fields=True):
    """True if at least one part is true."""

    of: Annotated[tuple[Condition, ...], Meta(min_length=1, max_length=50)]


class Not(Record, frozen=True, kw_only=True, tag_field="type", tag="not", forbid_unknown_fields=True):
    """True if its part is false."""

    of: Condition


Condition = FieldCondition | AllOf | AnyOf | Not
