"""When a condition holds."""

from __future__ import annotations

import json

import pytest

from protocol.base import FieldContent
from protocol.conditions import AllOf, AnyOf, Condition, ConditionOp, FieldCondition, Not
from protocol.fields import FieldDefinition, FieldType
from session_engine.conditions import fields_of, holds
from tests.support.condition_vectors import BERLIN, LONDON, PATH, text

NUMBER, MONEY, DATE, TIME, DATE_TIME = (
    FieldType.NUMBER,
    FieldType.MONEY,
    FieldType.DATE,
    FieldType.TIME,
    FieldType.DATE_TIME,
)
CHOICES, TEXT, YES_NO = FieldType.MULTIPLE_CHOICE, FieldType.TEXT, FieldType.YES_NO


def says(field_type: FieldType, content: FieldContent, op: str, value: FieldContent = None) -> bool:
    """Whether `content op value` holds for a Field of this type."""
    condition = FieldCondition(field="it", op=ConditionOp(op), value=value)
    contents = {} if content is None else {"it": content}
    return holds(condition, contents, {"it": FieldDefinition(key="it", type=field_type, label="It")})


@pytest.mark.parametrize(
    ("field_type", "content", "op", "value", "expected"),
    [
        (NUMBER, "7", "eq", "7.0", True),
        (NUMBER, "9", "lt", "10", True),
        (NUMBER, "many", "lt", "10", False),
        (NUMBER, "many", "ge", "10", False),
        (NUMBER, "12345678901234567890.1", "lt", "12345678901234567890.2", True),
        (MONEY, "20.00 GBP", "le", "20", True),
        (MONEY, "20.01 GBP", "gt", "20", True),
        (DATE, "2026-04-03", "lt", "2026-12-01", True),
        (TIME, "09:30", "ge", "15:00", False),
        (DATE_TIME, LONDON, "eq", BERLIN, True),
        (DATE_TIME, "2026-04-03T15:30", "gt", LONDON, False),
        (TEXT, "Lovelace", "eq", "lovelace", False),
        (TEXT, "Ada Lovelace", "contains", "LOVE", True),
        (TEXT, "Ada", "lt", "Bob", False),
        (YES_NO, False, "eq", False, True),
        (YES_NO, True, "contains", True, False),
        (CHOICES, ("red", "blue"), "eq", ("blue", "red"), True),
        (CHOICES, ("red",), "eq", "red", True),
        (CHOICES, ("red", "blue"), "contains", "blue", True),
        (CHOICES, ("red",), "contains", ("red", "blue"), False),
        (TEXT, None, "eq", "x", False),
        (TEXT, None, "ne", "x", True),
        (TEXT, None, "empty", None, True),
        (YES_NO, False, "filled", None, True),
        (NUMBER, None, "lt", "10", False),
        (TEXT, None, "contains", "x", False),
    ],
)
def test_comparisons(
    field_type: FieldType, content: FieldContent, op: str, value: FieldContent, expected: bool
) -> None:
    """[CD1] Numbers by value, moments by time, text exactly, and an empty Field is only empty or different."""
    assert says(field_type, content, op, value) is expected


def test_trees_are_all_any_and_not() -> None:
    """[CD2] Parts are joined as their names say, however deep."""
    filled = FieldCondition(field="one", op=ConditionOp.FILLED)
    other = FieldCondition(field="two", op=ConditionOp.FILLED)
    definitions = {key: FieldDefinition(key=key, type=TEXT, label=key) for key in ("one", "two")}

    def judge(condition: Condition) -> bool:
        return holds(condition, {"one": "x"}, definitions)

    assert judge(AnyOf(of=(other, filled)))
    assert not judge(AllOf(of=(filled, other)))
    assert judge(AllOf(of=(filled, Not(of=other))))
    assert fields_of(AllOf(of=(filled, Not(of=AnyOf(of=(other,)))))) == {"one", "two"}


def test_the_browser_has_the_same_answers() -> None:
    """[CD3] The vectors that the browser replays are what the engine says now."""
    assert PATH.read_text(encoding="utf-8") == text(), "stale: run python -m tests.support.condition_vectors"
    answers = {case["holds"] for case in json.loads(PATH.read_text(encoding="utf-8"))}
    assert answers == {True, False}
