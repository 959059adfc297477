"""Whether what a Workflow document names is there: Fields and the values compared or written.

Variables in texts, conditions, and Answers' writes. What Actions name is
`action_checks.py`, which asks here.

Rules: protocol/SPEC.md, WF5, WF7 and WF8.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from protocol.base import FieldContent, Key
from protocol.conditions import AllOf, AnyOf, Condition, ConditionOp, FieldCondition, Not
from protocol.fields import FieldDefinition, FieldType, Rules
from protocol.workflow import Problem, ProblemCode, WorkflowDocument
from session_engine.conditions import has_order
from session_engine.field_checks import MOMENTS, NUMERIC, problem, value_problems
from session_engine.workflow import VARIABLE, is_sensitive

_BRACES = re.compile(r"\{\{([^{}]*)\}\}")
_ORDERED = frozenset({ConditionOp.LT, ConditionOp.LE, ConditionOp.GT, ConditionOp.GE})
_VALUELESS = frozenset({ConditionOp.FILLED, ConditionOp.EMPTY})
_CONTAINING = frozenset(FieldType) - NUMERIC - MOMENTS - {FieldType.YES_NO, FieldType.SINGLE_CHOICE}

_FORMS = {
    FieldType.NUMBER: "a number such as 1234.5",
    FieldType.MONEY: "a number such as 1234.5",
    FieldType.DATE: "a date such as 2026-01-31",
    FieldType.TIME: "a time such as 09:30",
    FieldType.DATE_TIME: "a moment such as 2026-01-31T09:30:00+00:00",
}
"""How what has an order is written where it is compared with."""


class References:
    """What a document defines, by key, and the checks of what names it."""

    def __init__(self, document: WorkflowDocument) -> None:
        self.sections = frozenset(section.key for section in document.sections)
        self.fields: dict[Key, FieldDefinition] = {definition.key: definition for definition in document.fields}

    def field_problems(self, key: str, path: str) -> Iterator[Problem]:
        """One if the document defines no such Field."""
        if key not in self.fields:
            yield problem(ProblemCode.UNKNOWN_FIELD, path, f"no Field {key!r}; expected the key of a Field")

    def value_problems(self, key: Key, value: FieldContent, path: str) -> Iterator[Problem]:
        """Why an Answer cannot write the value: `path` is that of the write."""
        yield from self.field_problems(key, f"{path}.field")
        if key in self.fields:
            yield from value_problems(self.fields[key], value, f"{path}.value")

    def content_problems(self, text: str, path: str) -> Iterator[Problem]:
        """Variables that name no Field, each once."""
        for inside in dict.fromkeys(_BRACES.findall(text)):
            variable = VARIABLE.fullmatch(f"{{{{{inside}}}}}")
            yield from self.field_problems(variable[1] if variable else inside.strip(), path)

    def title_problems(self, title: str, path: str) -> Iterator[Problem]:
        """As for content; and a title is shown in every list, so nothing sensitive may be in it."""
        yield from self.content_problems(title, path)
        for key in dict.fromkeys(VARIABLE.findall(title)):
            if key in self.fields and is_sensitive(self.fields[key]):
                yield problem(ProblemCode.SENSITIVE_TITLE, path, f"{key} is sensitive; expected Fields that are not")

    def condition_problems(self, condition: Condition | None, path: str) -> Iterator[Problem]:
        """Unknown Fields and comparisons that cannot be made, anywhere in the tree."""
        match condition:
            case AllOf() | AnyOf():
                for place, part in enumerate(condition.of):
                    yield from self.condition_problems(part, f"{path}.of[{place}]")
            case Not():
                yield from self.condition_problems(condition.of, f"{path}.of")
            case None:
                pass
            case _:
                yield from self.field_problems(condition.field, f"{path}.field")
                if condition.field in self.fields:
                    yield from _comparison_problems(self.fields[condition.field], condition, path)


def _comparison_problems(definition: FieldDefinition, condition: FieldCondition, path: str) -> Iterator[Problem]:
    op, value = condition.op, condition.value
    if (op in _ORDERED and definition.type not in NUMERIC | MOMENTS) or (
        op is ConditionOp.CONTAINS and definition.type not in _CONTAINING
    ):
        yield problem(ProblemCode.RULE_NOT_FOR_TYPE, f"{path}.op", f"{op} does not compare {definition.type}")
    elif op in _VALUELESS and value is not None:
        yield problem(ProblemCode.BAD_VALUE, f"{path}.value", f"{op} compares with nothing; expected no value")
    elif op not in _VALUELESS and value is None:
        yield problem(ProblemCode.BAD_VALUE, f"{path}.value", f"{op} has nothing to compare with; expected a value")
    elif value is not None:
        found = tuple(value_problems(_comparable(definition), _as_list(definition, value), f"{path}.value"))
        yield from found
        if not found and definition.type in NUMERIC | MOMENTS and not has_order(value, definition.type):
            yield problem(
                ProblemCode.BAD_VALUE,
                f"{path}.value",
                f"'{value}' cannot be compared; expected {_FORMS[definition.type]}",
            )


def _comparable(definition: FieldDefinition) -> FieldDefinition:
    """The Field without its rules: a limit may be compared with that no value may reach. Amounts are bare numbers."""
    kind = FieldType.NUMBER if definition.type in NUMERIC else definition.type
    return replace(definition, type=kind, rules=Rules(), currency=None)


def _as_list(definition: FieldDefinition, value: FieldContent) -> FieldContent:
    """One option stands for a list of one where several can be chosen."""
    return (value,) if definition.type is FieldType.MULTIPLE_CHOICE and isinstance(value, str) else value
