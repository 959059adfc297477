"""When a condition holds."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.base import FieldContent
from protocol.conditions import AllOf, AnyOf, Condition, ConditionOp, FieldCondition, Not
from protocol.fields import FieldDefinition, FieldType
from session_engine.conditions import fields_of, holds
from tests.support.condition_vectors import BERLIN, CONTENTS, LONDON, ODD, PATH, text

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
        (TEXT, "Straße", "contains", "STRASSE", False),
        (NUMBER, "nan", "lt", "10", False),
        (NUMBER, "1e5", "gt", "10", False),
        (NUMBER, "1_000", "eq", "1000", False),
        (NUMBER, "inf", "eq", "inf", True),
        (DATE, "soon", "gt", "2026-12-01", False),
        (DATE, "2026-02-30", "gt", "2026-01-01", False),
        (TIME, "9:30", "lt", "15:00", False),
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


contents: st.SearchStrategy[FieldContent] = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=20),
    st.from_regex(r"[-+0-9.eE_naif,: TZ\[\]]{0,20}", fullmatch=True),
    st.from_regex(r"-?[0-9]{1,30}(\.[0-9]{1,30})?( GBP)?", fullmatch=True),
    st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat()),
    st.datetimes().map(lambda moment: moment.isoformat()),
    st.dates().map(lambda day: day.isoformat()),
    st.sampled_from([each for field_type in ODD for each in (*CONTENTS[field_type], *ODD[field_type])]),
    st.lists(st.text(max_size=3), max_size=3).map(tuple),
)
leaves = st.builds(
    FieldCondition, field=st.sampled_from([*FieldType]), op=st.sampled_from([*ConditionOp]), value=contents
)
conditions: st.SearchStrategy[Condition] = st.recursive(
    leaves,
    lambda parts: st.one_of(
        st.builds(Not, of=parts),
        *(st.builds(kind, of=st.lists(parts, min_size=1, max_size=3).map(tuple)) for kind in (AllOf, AnyOf)),
    ),
    max_leaves=6,
)
held = st.dictionaries(st.sampled_from([*FieldType]), contents.filter(lambda content: content is not None))
EVERY_TYPE = {each.value: FieldDefinition(key=each, type=each, label=each) for each in FieldType}


@given(parts=st.lists(conditions, min_size=1, max_size=3).map(tuple), contents=held)
def test_whatever_the_fields_hold_a_condition_is_true_or_false(
    parts: tuple[Condition, ...], contents: dict[str, FieldContent]
) -> None:
    """[CD2] Nothing that can be typed makes it raise, and `not`, `all` and `any` are those of logic."""

    def judge(condition: Condition) -> bool:
        return holds(condition, contents, EVERY_TYPE)

    answers = [judge(part) for part in parts]
    assert set(answers) <= {True, False}
    assert [judge(Not(of=Not(of=part))) for part in parts] == answers
    assert judge(AllOf(of=parts)) is all(answers)
    assert judge(AnyOf(of=parts)) is any(answers)
    assert judge(Not(of=AllOf(of=parts))) is judge(AnyOf(of=tuple(Not(of=part) for part in parts)))


@given(field_type=st.sampled_from([*FieldType]), content=contents, value=contents)
def test_of_less_equal_and_greater_one_holds_or_none(
    field_type: FieldType, content: FieldContent, value: FieldContent
) -> None:
    """[CD1] Whatever has an order has one place in it; what has none is neither less nor greater."""
    found = {op: says(field_type, content, op, value) for op in ("lt", "le", "eq", "ne", "ge", "gt")}
    assert found["ne"] is not found["eq"]
    assert not (found["lt"] and found["gt"])
    if found["le"] or found["ge"]:
        assert [found["lt"], found["eq"], found["gt"]].count(True) == 1
        assert (found["le"], found["ge"]) == (not found["gt"], not found["lt"])
    else:
        assert (found["lt"], found["gt"]) == (False, False)


def test_the_browser_has_the_same_answers() -> None:
    """[CD3] The vectors that the browser replays are what the engine says now."""
    assert PATH.read_text(encoding="utf-8") == text(), "stale: run python -m tests.support.condition_vectors"
    answers = {case["holds"] for case in json.loads(PATH.read_text(encoding="utf-8"))}
    assert answers == {True, False}
