"""Writes `protocol/vectors/conditions.json`: what the engine says, for the browser to say alike.

`python -m tests.support.condition_vectors` writes it; a test holds it fresh.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import msgspec

from protocol.base import FieldContent
from protocol.conditions import AllOf, AnyOf, Condition, ConditionOp, FieldCondition, Not
from protocol.fields import FieldDefinition, FieldType, Option
from session_engine.conditions import holds

PATH = Path(__file__).resolve().parents[2] / "protocol/vectors/conditions.json"

LONDON, BERLIN = "2026-04-03T15:00:00+01:00[Europe/London]", "2026-04-03T16:00:00+02:00[Europe/Berlin]"
CONTENTS: dict[FieldType, tuple[FieldContent, ...]] = {
    FieldType.TEXT: (None, "Lovelace", "lovelace", "Ada LOVE", "7"),
    FieldType.NUMBER: (None, "7", "7.0", "-7", "10", "0.1", "12345678901234567890.1", "12345678901234567890.2", "many"),
    FieldType.MONEY: (None, "20.00 GBP", "20", "20.01 GBP", "20.00 EUR", "about 20"),
    FieldType.DATE: (None, "2026-04-03", "2026-12-01", "soon"),
    FieldType.TIME: (None, "09:30", "15:00"),
    FieldType.DATE_TIME: (
        None,
        LONDON,
        BERLIN,
        "2026-04-03T15:30:00+01:00[Europe/London]",
        "2026-04-03T15:30",
        "later",
    ),
    FieldType.YES_NO: (None, True, False),
    FieldType.SINGLE_CHOICE: (None, "red", "blue"),
    FieldType.MULTIPLE_CHOICE: (None, ("red",), ("red", "blue"), ("blue", "red"), "red", ("green",)),
}
"""Contents that meet each other, by type; the first of a pair is held, the second is compared with."""

ODD: dict[FieldType, tuple[str, ...]] = {
    FieldType.TEXT: ("STRASSE", "Straße", "ΟΔΟΣ", "οδος", "οδός", "İzmir", "izmir", "ﬁn", "FIN"),
    FieldType.NUMBER: (
        *("nan", "NaN", "sNaN", "inf", "-Infinity", "1e5", "1_000", "1,000", " 7", "7\n", "٧"),
        *(".5", "5.", "+5", "-", ".", "", "0x10"),
    ),
    FieldType.MONEY: ("nan GBP", "1e5 GBP", "inf", "-5.00 GBP", "5.00 GBP "),
    FieldType.DATE: (
        *("20260403", "2026-W14-5", "2026-4-3", "2026-02-30", "2028-02-29", "2026-13-01", "2026-00-10", "0000-01-01"),
        *("٢٠٢٦-04-03", "2026-04-03\n", "\U0001f600", "\ufffd"),
    ),
    FieldType.TIME: ("9:30", "24:00", "15:60", "15:00:30", "3pm"),
    FieldType.DATE_TIME: (
        "2026-04-03T14:00:00Z",
        "2026-04-03T14:00Z",
        "20260403T150000+0100",
        "3 Apr 2026 15:00 +01:00",
        "2026-02-30T15:00:00+01:00[Europe/London]",
        "2026-04-03T24:00:00+01:00",
        "2026-04-03T15:00:60+01:00",
        "2026-04-03T15:00:00+24:00",
        "2026-04-03T15:00:00.5+01:00",
        "1840-04-03T15:00:00-00:01:15[Europe/London]",
        "1840-04-03T15:01:15Z",
        "9999-12-31T23:59:59-23:59",
    ),
}
"""Contents that one language might read and another not: each meets the first of its type, itself and the next."""

COMPARING = [op for op in ConditionOp if op not in (ConditionOp.FILLED, ConditionOp.EMPTY)]


def vectors() -> list[dict[str, Any]]:
    """Every comparison of every type, and some trees."""
    cases = []
    for field_type, contents in CONTENTS.items():
        for op in ConditionOp:
            values = contents[1:] if op in COMPARING else (None,)
            for content, value in itertools.product(contents, values):
                condition = FieldCondition(field="it", op=op, value=value)
                cases.append(_case(condition, {"it": (field_type, content)}))
    for field_type, odd in ODD.items():
        first = CONTENTS[field_type][1]
        for here, there in zip(odd, (*odd[1:], odd[0]), strict=True):
            for content, value in ((here, first), (first, here), (here, here), (here, there), (there, here)):
                conditions = (FieldCondition(field="it", op=op, value=value) for op in COMPARING)
                cases.extend(_case(condition, {"it": (field_type, content)}) for condition in conditions)
    yes, no = (FieldCondition(field=key, op=ConditionOp.EQ, value="1") for key in ("one", "two"))
    fields: dict[str, tuple[FieldType, FieldContent]] = {"one": (FieldType.NUMBER, "1"), "two": (FieldType.NUMBER, "2")}
    trees: tuple[Condition, ...] = (
        *(kind(of=parts) for kind in (AllOf, AnyOf) for parts in ((yes, yes), (yes, no), (no, yes), (no, no), (yes,))),
        Not(of=yes),
        Not(of=AllOf(of=(yes, AnyOf(of=(no, Not(of=no)))))),
    )
    return [*cases, *(_case(tree, fields) for tree in trees)]


def text() -> str:
    """The file, a case a line."""
    return "[\n" + ",\n".join(json.dumps(case, ensure_ascii=False) for case in vectors()) + "\n]\n"


def _case(condition: Condition, fields: dict[str, tuple[FieldType, FieldContent]]) -> dict[str, Any]:
    definitions = {
        key: FieldDefinition(key=key, type=field_type, label=key, options=(Option(value="red"),))
        for key, (field_type, _) in fields.items()
    }
    contents = {key: content for key, (_, content) in fields.items() if content is not None}
    return {
        "condition": msgspec.to_builtins(condition),
        "fields": {key: {"type": field_type, "content": content} for key, (field_type, content) in fields.items()},
        "holds": holds(condition, contents, definitions),
    }


if __name__ == "__main__":
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(text(), encoding="utf-8")
