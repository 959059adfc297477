"""Whether a condition holds over Field values. The browser answers alike: see `protocol/vectors/conditions.json`.

An empty Field satisfies `empty` and `ne`, and no other comparison. Numbers
and amounts are compared as decimals (an amount by its number alone), moments
by time, text exactly except for `contains`, which ignores case. What cannot
be read as the Field's type is neither less nor greater than anything.

Rules: protocol/SPEC.md, CD.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from protocol.base import FieldContent, Key
from protocol.conditions import AllOf, AnyOf, Condition, ConditionOp, FieldCondition, Not
from protocol.fields import FieldDefinition, FieldType

Ordered = Decimal | datetime | str

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
    return all(isinstance(part, str) and part.casefold() in content.casefold() for part in wanted)


def _ordered(content: FieldContent, field_type: FieldType) -> Ordered | None:
    """The content as something that has an order; None if its type has none, or it cannot be read."""
    if not isinstance(content, str):
        return None
    try:
        match field_type:
            case FieldType.NUMBER:
                return Decimal(content)
            case FieldType.MONEY:
                return Decimal(content.partition(" ")[0])
            case FieldType.DATE_TIME:
                moment = datetime.fromisoformat(content.partition("[")[0])
                return moment if moment.tzinfo is not None else None
            case FieldType.DATE | FieldType.TIME:
                return content
    except (InvalidOperation, ValueError):
        return None
    return None


def _sign(one: Ordered, other: Ordered) -> int:
    return (one > other) - (one < other)  # type: ignore[operator]  # of one type: that of the Field
