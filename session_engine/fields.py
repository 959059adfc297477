"""Entering Field values: the canonical form, and judging it by the Field's rules.

A value that breaks a rule is kept with its problem; only content of a shape
that no input of this type can produce is refused. Types beyond text, numbers,
yes/no and choices are judged as text by length and pattern.

Rules: protocol/SPEC.md, FD.
"""

from __future__ import annotations

import re
from decimal import Decimal

from msgspec.structs import replace

from protocol.base import FieldContent
from protocol.commands import SetField
from protocol.events import Event, FieldProblem, FieldSet, Party, ProblemKind
from protocol.fields import FieldDefinition, FieldType, Rules
from protocol.refusals import RefuseCode
from session_engine.context import Context
from session_engine.patterns import matches
from session_engine.refused import Refused
from session_engine.state import FieldValue, SessionState
from session_engine.workflow import Workflow

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)", re.ASCII)
_MAX_DIGITS = 40


def decide_set_field(state: SessionState, workflow: Workflow, command: SetField, context: Context) -> tuple[Event, ...]:
    """Enter a value in canonical form, judged.

    Raises:
        Refused: `unknown_field`; `bad_content` if the content's shape does not fit the Field's type.
    """
    definition = workflow.fields.get(command.field_key)
    if definition is None:
        raise Refused(RefuseCode.UNKNOWN_FIELD, f"no field {command.field_key} in {state.version_id}")
    content = canonical(definition, command.content)
    return (
        FieldSet(
            field_key=definition.key,
            content=content,
            problem=find_problem(definition, content),
            visit_id=state.current_visit_id,
        ),
    )


def evolve_field_set(state: SessionState, event: FieldSet, actor: Party, at_ms: int) -> SessionState:
    """Hold the value, or nothing if it was emptied."""
    fields = dict(state.fields)
    if event.content is None:
        fields.pop(event.field_key, None)
    else:
        fields[event.field_key] = FieldValue(
            content=event.content, problem=event.problem, by=actor, at_ms=at_ms, visit_id=event.visit_id
        )
    return replace(state, fields=fields)


def canonical(definition: FieldDefinition, content: FieldContent) -> FieldContent:
    """The stored form: blank is None, a number its shortest decimal string, choices in the options' order.

    Raises:
        Refused: `bad_content` if the shape does not fit the Field's type.
    """
    if content is None:
        return None
    match definition.type, content:
        case FieldType.YES_NO, bool():
            return content
        case FieldType.MULTIPLE_CHOICE, tuple():
            order = {option.value: place for place, option in enumerate(definition.options)}
            chosen = dict.fromkeys(content)
            return tuple(sorted(chosen, key=lambda value: order.get(value, len(order)))) or None
        case ((FieldType.YES_NO | FieldType.MULTIPLE_CHOICE), _):
            pass
        case FieldType.NUMBER, str():
            return _canonical_number(content)
        case _, str():
            return content if content.strip() else None
    expected = {FieldType.YES_NO: "true or false", FieldType.MULTIPLE_CHOICE: "a list of options"}
    raise Refused(
        RefuseCode.BAD_CONTENT, f"field {definition.key}: expected {expected.get(definition.type, 'text')} or null"
    )


def find_problem(definition: FieldDefinition, content: FieldContent) -> FieldProblem | None:
    """The first rule that canonical content breaks; None if it is empty or valid."""
    if isinstance(content, tuple):
        return next((problem for value in content if (problem := _option_problem(definition, value))), None)
    if not isinstance(content, str):
        return None
    if definition.type is FieldType.SINGLE_CHOICE:
        return _option_problem(definition, content)
    if definition.type is FieldType.NUMBER:
        return _number_problem(definition.rules, content)
    return _text_problem(definition.rules, content)


def _canonical_number(text: str) -> str | None:
    stripped = text.strip()
    if not stripped:
        return None
    if not _DECIMAL.fullmatch(stripped) or len(stripped) > _MAX_DIGITS:
        return text
    number = format(Decimal(stripped), "f")
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    return "0" if number == "-0" else number


def _number_problem(rules: Rules, content: str) -> FieldProblem | None:
    expected = _number_expected(rules)
    if not _DECIMAL.fullmatch(content) or len(content) > _MAX_DIGITS:
        return FieldProblem(kind=ProblemKind.NOT_A_NUMBER, expected=expected)
    number = Decimal(content)
    if rules.min is not None and number < Decimal(str(rules.min)):
        return FieldProblem(kind=ProblemKind.TOO_SMALL, expected=expected)
    if rules.max is not None and number > Decimal(str(rules.max)):
        return FieldProblem(kind=ProblemKind.TOO_LARGE, expected=expected)
    return None


def _number_expected(rules: Rules) -> str:
    low, high = rules.min, rules.max
    if low is not None and high is not None:
        return f"a number from {low:g} to {high:g}"
    if low is not None:
        return f"a number of at least {low:g}"
    return "a number" if high is None else f"a number of at most {high:g}"


def _text_problem(rules: Rules, content: str) -> FieldProblem | None:
    if rules.min_length is not None and len(content) < rules.min_length:
        return FieldProblem(kind=ProblemKind.TOO_SHORT, expected=f"at least {rules.min_length} characters")
    if rules.max_length is not None and len(content) > rules.max_length:
        return FieldProblem(kind=ProblemKind.TOO_LONG, expected=f"at most {rules.max_length} characters")
    if rules.pattern is not None and not matches(rules.pattern, content):
        return FieldProblem(kind=ProblemKind.PATTERN, expected=rules.pattern_hint or f"text matching {rules.pattern}")
    return None


def _option_problem(definition: FieldDefinition, value: str) -> FieldProblem | None:
    if any(option.value == value for option in definition.options):
        return None
    return FieldProblem(kind=ProblemKind.NOT_AN_OPTION, expected="one of the listed options")
