"""Whether a condition holds over Field values. The browser answers alike: see `protocol/vectors/conditions.json`.

An empty Field satisfies `empty` and `ne`, and no other comparison. Numbers
and amounts are compared as decimals (an amount by its number alone), moments
by time, text exactly except for `contains`, which ignores case. What is not
in its type's plain form is neither less nor greater than anything: a Field
keeps whatever was typed, and nothing here raises.

Rules: protocol/SPEC.md, CD.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal

from protocol.base import FieldContent, Key
from protocol.conditions import AllOf, AnyOf, Condition, ConditionOp, FieldCondition, Not
from protocol.fields import FieldDefinition, FieldType
from session_engine.values.numbers import plain_decimal

Ordered = Decimal | date | time | datetime

_DATE = r"[1-9]\d{3}-\d\d-\d\d"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
_MOMENTS: dict[FieldType, tuple[re.Pattern[str], Callable[[str], Ordered]]] = {
    FieldType.DATE: (re.compile(_DATE, re.ASCII), date.fromisoformat),
    FieldType.TIME: (re.compile(_TIME, re.ASCII), time.fromisoformat),
    FieldType.DATE_TIME: (
        re.compile(rf"{_DATE}T{_TIME}(?::[0-5]\d)?(?:Z|[+-]{_TIME}(?::[0-5]\d)?)", re.ASCII),
        datetime.fromisoformat,
    ),
}
"""By type: the one form that is compared, the same as in the browser, which knows other ISO forms than Python."""

_COMPARE: dict[ConditionOp, Callable[[int], bool]] = {
    ConditionOp.LT: lambda sign: sign < 0,
    ConditionOp.LE: lambda sign: sign <= 0,
    ConditionOp.GT: lambda sign: sign > 0,
    ConditionOp.GE: lambda sign: sign >= 0,
}


def holds(
    condition: Condition, contents: Mapping[Key, FieldContent], definitions: Mapping[Key, FieldDefinition]
) -> bool:
    """Whether the condition is true of these contents; a Field that is not among them is empty."""
    match condition:
        case AllOf():
            return all(holds(part, contents, definitions) for part in condition.of)
        case AnyOf():
            return any(holds(part, contents, definitions) for part in condition.of)
        case Not():
            return not holds(condition.of, contents, definitions)
        case _:
            return _compare(condition, contents.get(condition.field), definitions[condition.field].type)


def fields_of(condition: Condition) -> frozenset[Key]:
    """Every Field that the condition names."""
    if isinstance(condition, FieldCondition):
        return frozenset({condition.field})
    parts = (condition.of,) if isinstance(condition, Not) else condition.of
    return frozenset().union(*[fields_of(part) for part in parts])


def has_order(value: FieldContent, field_type: FieldType) -> bool:
    """Whether a Field of this type can be less or greater than the value, or equal to it in another spelling."""
    return _ordered(value, field_type) is not None


def _compare(condition: FieldCondition, content: FieldContent, field_type: FieldType) -> bool:
    match condition.op:
        case ConditionOp.EMPTY:
            return content is None
        case ConditionOp.FILLED:
            return content is not None
        case ConditionOp.EQ:
            return _is_equal(content, condition.value, field_type)
        case ConditionOp.NE:
            return not _is_equal(content, condition.value, field_type)
        case ConditionOp.CONTAINS:
            return _contains(content, condition.value)
        case _:
            return _is_ordered(condition, content, field_type)


def _is_ordered(condition: FieldCondition, content: FieldContent, field_type: FieldType) -> bool:
    one, other = _ordered(content, field_type), _ordered(condition.value, field_type)
    if one is None or other is None:
        return False
    return _COMPARE[condition.op](_sign(one, other))


def _is_equal(content: FieldContent, value: FieldContent, field_type: FieldType) -> bool:
    if content is None:
        return False
    if isinstance(content, tuple):
        wanted = value if isinstance(value, tuple) else (value,)
        return set(content) == set(wanted)
    one, other = _ordered(content, field_type), _ordered(value, field_type)
    if one is None or other is None:
        return content == value
    return _sign(one, other) == 0


def _contains(content: FieldContent, value: FieldContent) -> bool:
    wanted = value if isinstance(value, tuple) else (value,)
    if isinstance(content, tuple):
        return all(option in content for option in wanted)
    if not isinstance(content, str):
        return False
    # Not casefold, which the browser does not have.
    return all(isinstance(part, str) and part.lower() in content.lower() for part in wanted)


def _ordered(content: FieldContent, field_type: FieldType) -> Ordered | None:
    """The content as something that has an order; None if its type has none, or it cannot be read."""
    if not isinstance(content, str):
        return None
    match field_type:
        case FieldType.NUMBER:
            return plain_decimal(content)
        case FieldType.MONEY:
            return plain_decimal(content.partition(" ")[0])
        case FieldType.DATE_TIME:
            return _moment(content.partition("[")[0], field_type)
        case FieldType.DATE | FieldType.TIME:
            return _moment(content, field_type)
        case _:
            return None


def _moment(text: str, field_type: FieldType) -> Ordered | None:
    form, read = _MOMENTS[field_type]
    if form.fullmatch(text) is None:
        return None
    try:
        return read(text)
    except ValueError:
        return None


def _sign(one: Ordered, other: Ordered) -> int:
    return (one > other) - (one < other)  # type: ignore[operator]  # of one type: that of the Field
