"""Whether a Field's definition makes sense, and whether a written value fits it.

About definitions in a Workflow document. Judging what a person enters is
`fields.py`, which these checks ask about defaults and written values.

Rules: protocol/SPEC.md, WF6 to WF8.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from protocol.account import Locale
from protocol.base import FieldContent
from protocol.fields import FieldDefinition, FieldType, Rules
from protocol.workflow import Problem, ProblemCode
from session_engine.fields import judged
from session_engine.patterns import find_flaw
from session_engine.refused import Refused
from session_engine.values.moments import limit
from session_engine.values.numbers import number_text
from session_engine.values.reading import Reading
from session_engine.workflow import is_sensitive

READING = Reading(Locale(), 0)
"""Documents are judged alike wherever and whenever: in the plain form, with limits relative to today left out."""

NUMERIC = frozenset({FieldType.NUMBER, FieldType.MONEY})
MOMENTS = frozenset({FieldType.DATE, FieldType.TIME, FieldType.DATE_TIME})
CHOICES = frozenset({FieldType.SINGLE_CHOICE, FieldType.MULTIPLE_CHOICE})
TEXTS = frozenset(FieldType) - NUMERIC - MOMENTS - CHOICES - {FieldType.YES_NO}

TYPES_OF_RULE = {
    "min": NUMERIC,
    "max": NUMERIC,
    "min_length": TEXTS,
    "max_length": TEXTS,
    "pattern": TEXTS,
    "pattern_hint": TEXTS,
    "not_before": MOMENTS,
    "not_after": MOMENTS,
}
"""Which types a rule is for."""

_MOMENT = re.compile(
    r"today([+-]\d{1,4}d)?"
    r"|\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?)?"
    r"|([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?",
    re.ASCII,
)


def problem(code: ProblemCode, path: str, message: str) -> Problem:
    """A problem; only an unassigned Answer does not block publishing."""
    return Problem(code=code, path=path, message=message, blocks=code is not ProblemCode.UNASSIGNED)


def definition_problems(definition: FieldDefinition, path: str) -> Iterator[Problem]:
    """Rules that do not fit or cannot be met, options, the default, and what sensitive forbids."""
    misfits = tuple(_misfits(definition, path))
    yield from misfits
    if not misfits:
        yield from _impossible(definition.rules, f"{path}.rules")
    yield from _option_problems(definition, path)
    yield from value_problems(definition, definition.default, f"{path}.default")
    if definition.look_up and is_sensitive(definition):
        yield problem(
            ProblemCode.SENSITIVE_LOOK_UP,
            f"{path}.look_up",
            f"{definition.key} is sensitive; expected look_up on Fields that are not",
        )


def value_problems(definition: FieldDefinition, value: FieldContent, path: str) -> Iterator[Problem]:
    """Why a value in the document would be invalid in the Field; nothing while its rules are broken themselves."""
    if any(_impossible(definition.rules, "")):
        return
    rules = definition.rules
    for name in ("not_before", "not_after"):
        if (getattr(rules, name) or "").startswith("today"):
            rules = replace(rules, **{name: None})
    definition = replace(definition, rules=rules)
    try:
        _, found = judged(definition, value, READING)
    except Refused as refused:
        yield problem(ProblemCode.BAD_VALUE, path, refused.detail)
        return
    if found is not None:
        yield problem(ProblemCode.BAD_VALUE, path, f"not valid in field {definition.key}: expected {found.expected}")


def _misfits(definition: FieldDefinition, path: str) -> Iterator[Problem]:
    """Properties that a Field of this type cannot have."""
    given = [
        (f"rules.{rule}", types) for rule, types in TYPES_OF_RULE.items() if getattr(definition.rules, rule) is not None
    ]
    if definition.options:
        given.append(("options", CHOICES))
    if definition.unit is not None:
        given.append(("unit", frozenset({FieldType.NUMBER})))
    if definition.currency is not None:
        given.append(("currency", frozenset({FieldType.MONEY})))
    for name, types in given:
        if definition.type not in types:
            expected = ", ".join(sorted(types))
            yield problem(
                ProblemCode.RULE_NOT_FOR_TYPE, f"{path}.{name}", f"not for {definition.type}; expected {expected}"
            )


def _option_problems(definition: FieldDefinition, path: str) -> Iterator[Problem]:
    if definition.type in CHOICES and not definition.options:
        yield problem(ProblemCode.BAD_RULE, f"{path}.options", "nothing to choose from; expected at least one option")
    seen = set()
    for place, option in enumerate(definition.options):
        if option.value in seen:
            yield problem(
                ProblemCode.DUPLICATE_KEY,
                f"{path}.options[{place}].value",
                f"'{option.value}' is an option already; expected another value",
            )
        seen.add(option.value)


def _impossible(rules: Rules, path: str) -> Iterator[Problem]:
    """Rules that no value can meet, or that cannot be read."""
    for low, high in (("min", "max"), ("min_length", "max_length")):
        least, most = getattr(rules, low), getattr(rules, high)
        if least is not None and most is not None and least > most:
            yield problem(
                ProblemCode.BAD_RULE,
                f"{path}.{low}",
                f"{number_text(least, READING)} is above {high} {number_text(most, READING)}",
            )
    flaw = None if rules.pattern is None else find_flaw(rules.pattern)
    if flaw is not None:
        expected = "expected a regular expression in RE2 syntax (no look-around, no back-reference)"
        yield problem(ProblemCode.BAD_RULE, f"{path}.pattern", f"{flaw}; {expected}")
    for name in ("not_before", "not_after"):
        moment = getattr(rules, name)
        if moment is not None and not _is_moment(moment):
            yield problem(
                ProblemCode.BAD_RULE,
                f"{path}.{name}",
                f"'{moment}' is no moment; expected an ISO date or time, or 'today' with an offset such as 'today+3d'",
            )


def _is_moment(text: str) -> bool:
    try:
        limit(text, READING)
    except ValueError:
        return False
    return _MOMENT.fullmatch(text) is not None
