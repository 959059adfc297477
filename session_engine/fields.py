"""Entering Field values: the canonical form, and judging it by the Field's rules.

What a person types is read in their locale (`values/`); what a document, an
Answer or an earlier Session wrote is read in the plain form. A value that
cannot be read or breaks a rule is kept with its problem; only content of a
shape that no input of this type can produce is refused.

Rules: protocol/SPEC.md, FD.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from msgspec.structs import replace

from protocol.base import FieldContent, Key, VisitId
from protocol.commands import SetField
from protocol.events import Event, FieldProblem, FieldSet, Party, ProblemKind
from protocol.fields import FieldDefinition, FieldType, Rules
from protocol.refusals import RefuseCode
from session_engine.context import Context
from session_engine.patterns import matches
from session_engine.refused import Refused
from session_engine.state import Correction, FieldValue, SessionState
from session_engine.values.contacts import read_email, read_phone, read_url
from session_engine.values.moments import date_example, is_past, limit, limit_text, read_date, read_date_time, read_time
from session_engine.values.numbers import number_example, number_text, read_money, read_number
from session_engine.values.places import postcode_example, read_country, read_postcode
from session_engine.values.reading import Reading
from session_engine.workflow import Workflow

Reader = Callable[[str, FieldDefinition, Reading], str | None]
Example = Callable[[FieldDefinition, Reading], str]

READERS: dict[FieldType, tuple[Reader, ProblemKind, Example]] = {
    FieldType.NUMBER: (
        read_number,
        ProblemKind.NOT_A_NUMBER,
        lambda field, reading: _range("a number", field.rules, reading),
    ),
    FieldType.MONEY: (
        read_money,
        ProblemKind.NOT_AN_AMOUNT,
        lambda field, reading: f"{_range('an amount', field.rules, reading)}, such as {number_example(reading)}",
    ),
    FieldType.DATE: (read_date, ProblemKind.NOT_A_DATE, lambda _, reading: f"a date such as {date_example(reading)}"),
    FieldType.TIME: (read_time, ProblemKind.NOT_A_TIME, lambda *_: "a time such as 15:00"),
    FieldType.DATE_TIME: (
        read_date_time,
        ProblemKind.NOT_A_DATE_TIME,
        lambda _, reading: f"a date and a time such as {date_example(reading)} 15:00",
    ),
    FieldType.EMAIL: (read_email, ProblemKind.NOT_AN_EMAIL, lambda *_: "an address such as ada@example.org"),
    FieldType.PHONE: (
        read_phone,
        ProblemKind.NOT_A_PHONE,
        lambda *_: "a telephone number, with + and the country's code if it is abroad",
    ),
    FieldType.URL: (read_url, ProblemKind.NOT_A_URL, lambda *_: "a web address such as https://example.org"),
    FieldType.POSTCODE: (read_postcode, ProblemKind.NOT_A_POSTCODE, lambda _, reading: postcode_example(reading)),
    FieldType.COUNTRY: (read_country, ProblemKind.NOT_A_COUNTRY, lambda *_: "the name of a country, or its code"),
}
"""By type: what reads its text, which problem it is if it cannot, and what was expected then."""


def decide_set_field(state: SessionState, workflow: Workflow, command: SetField, context: Context) -> tuple[Event, ...]:
    """Enter a value in canonical form, judged.

    Raises:
        Refused: `unknown_field`; `bad_content` if the content's shape does not fit the Field's type.
    """
    definition = get_definition(workflow, command.field_key)
    return (field_set(definition, command.content, state.current_visit_id, reading_of(context)),)


def get_definition(workflow: Workflow, key: Key) -> FieldDefinition:
    """The Field of this key.

    Raises:
        Refused: `unknown_field`.
    """
    definition = workflow.fields.get(key)
    if definition is None:
        raise Refused(RefuseCode.UNKNOWN_FIELD, f"no field {key} in {workflow.version.id}")
    return definition


def reading_of(context: Context) -> Reading:
    """As the actor writes."""
    return Reading(context.actor.locale, context.now_ms)


def field_set(
    definition: FieldDefinition,
    typed: FieldContent,
    visit_id: VisitId,
    reading: Reading,
    suggested_by: Party | None = None,
) -> FieldSet:
    """The event that what was typed, or written by an Answer, becomes.

    Raises:
        Refused: `bad_content` if the content's shape does not fit the Field's type.
    """
    content, problem = judged(definition, typed, reading)
    return FieldSet(
        field_key=definition.key, content=content, problem=problem, visit_id=visit_id, suggested_by=suggested_by
    )


def evolve_field_set(state: SessionState, event: FieldSet, actor: Party, at_ms: int) -> SessionState:
    """Hold the value, or nothing if it was emptied. Once the Session is finished, what was is kept."""
    if state.is_finished:
        id_ = f"c{len(state.corrections) + 1}"
        was = state.fields.get(event.field_key)
        correction = Correction(id=id_, field_key=event.field_key, was=was, by=actor, at_ms=at_ms)
        state = replace(state, corrections={**state.corrections, id_: correction})
    fields = dict(state.fields)
    if event.content is None:
        fields.pop(event.field_key, None)
    else:
        fields[event.field_key] = FieldValue(
            content=event.content,
            problem=event.problem,
            by=actor,
            at_ms=at_ms,
            visit_id=event.visit_id,
            suggested_by=event.suggested_by,
        )
    return replace(state, fields=fields)


def judged(
    definition: FieldDefinition, typed: FieldContent, reading: Reading
) -> tuple[FieldContent, FieldProblem | None]:
    """The stored form, and the first rule that it breaks. Blank is None; what cannot be read stays as typed.

    Raises:
        Refused: `bad_content` if the shape does not fit the Field's type.
    """
    match definition.type, typed:
        case _, None:
            return None, None
        case FieldType.YES_NO, bool():
            return typed, None
        case FieldType.MULTIPLE_CHOICE, tuple():
            chosen = _in_order(definition, typed)
            problems = (_option_problem(definition, value) for value in chosen)
            return chosen or None, next((problem for problem in problems if problem is not None), None)
        case ((FieldType.YES_NO | FieldType.MULTIPLE_CHOICE), _):
            pass
        case _, str():
            return _judged_text(definition, typed, reading) if typed.strip() else (None, None)
    expected = {FieldType.YES_NO: "true or false", FieldType.MULTIPLE_CHOICE: "a list of options"}
    raise Refused(
        RefuseCode.BAD_CONTENT, f"field {definition.key}: expected {expected.get(definition.type, 'text')} or null"
    )


def _judged_text(definition: FieldDefinition, typed: str, reading: Reading) -> tuple[str, FieldProblem | None]:
    if definition.type is FieldType.SINGLE_CHOICE:
        return typed, _option_problem(definition, typed)
    if definition.type not in READERS:
        return typed, _text_problem(definition.rules, typed)
    read, kind, example = READERS[definition.type]
    content = read(typed, definition, reading)
    if content is None:
        return typed, FieldProblem(kind=kind, expected=example(definition, reading))
    return content, (
        _range_problem(definition, content, reading)
        or _moment_problem(definition.rules, content, reading)
        or _text_problem(definition.rules, content)
    )


def _in_order(definition: FieldDefinition, values: tuple[str, ...]) -> tuple[str, ...]:
    order = {option.value: place for place, option in enumerate(definition.options)}
    return tuple(sorted(dict.fromkeys(values), key=lambda value: order.get(value, len(order))))


def _range_problem(definition: FieldDefinition, content: str, reading: Reading) -> FieldProblem | None:
    """A number or an amount that is too small or too large, or in another currency than the Field's."""
    rules = definition.rules
    if definition.type not in (FieldType.NUMBER, FieldType.MONEY):
        return None
    amount, _, currency = content.partition(" ")
    if definition.currency is not None and currency != definition.currency:
        return FieldProblem(kind=ProblemKind.WRONG_CURRENCY, expected=f"an amount in {definition.currency}")
    expected = _range("a number" if definition.type is FieldType.NUMBER else "an amount", rules, reading)
    if rules.min is not None and Decimal(amount) < Decimal(str(rules.min)):
        return FieldProblem(kind=ProblemKind.TOO_SMALL, expected=expected)
    if rules.max is not None and Decimal(amount) > Decimal(str(rules.max)):
        return FieldProblem(kind=ProblemKind.TOO_LARGE, expected=expected)
    return None


def _range(what: str, rules: Rules, reading: Reading) -> str:
    low = None if rules.min is None else number_text(rules.min, reading)
    high = None if rules.max is None else number_text(rules.max, reading)
    if low is not None and high is not None:
        return f"{what} from {low} to {high}"
    if low is not None:
        return f"{what} of at least {low}"
    return what if high is None else f"{what} of at most {high}"


def _moment_problem(rules: Rules, content: str, reading: Reading) -> FieldProblem | None:
    if rules.not_before is not None and is_past(content, limit(rules.not_before, reading)) < 0:
        return FieldProblem(kind=ProblemKind.TOO_EARLY, expected=f"not before {limit_text(rules.not_before, reading)}")
    if rules.not_after is not None and is_past(content, limit(rules.not_after, reading)) > 0:
        return FieldProblem(kind=ProblemKind.TOO_LATE, expected=f"not after {limit_text(rules.not_after, reading)}")
    return None


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
