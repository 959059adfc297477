"""An Action's parameters: which values there are, what each would be now, and whether it may be sent so.

Values are rendered, never documents: each text inside the JSON is a template
of its own, judged by the type of the parameter that it belongs to, and put
into its place afterwards. What a person wrote in a value's place counts
instead of its template.

Rules: protocol/SPEC.md, AC and TP.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import isinf
from typing import Any

from msgspec import json

from protocol.account import Locale
from protocol.actions import LeafPath
from protocol.base import MAX_SAFE_INT, FieldContent, Key
from protocol.fields import FieldDefinition, FieldType
from protocol.integrations import IntegrationAction, Parameter, ParameterType
from protocol.workflow import ActionTemplate
from session_engine.conditions import has_order
from session_engine.templates import (
    NOTHING,
    BadTemplate,
    Missing,
    Template,
    Uses,
    escaped,
    for_html,
    for_url,
    parse,
)
from session_engine.values.contacts import read_email, read_phone
from session_engine.values.numbers import plain_decimal
from session_engine.values.reading import Reading

MAX_LEAVES = 200
MOST_ADDRESSES = 50
_READING = Reading(Locale(), 0)
_ANY = FieldDefinition(key="any", type=FieldType.TEXT, label="Any")
_ONE_LINE = re.compile(r"[^\x00-\x1f\x7f\x85\u2028\u2029]*")
_SEPARATOR = re.compile(r"[,;]")
_EXPECTED = {
    ParameterType.EMAIL: "expected an address such as ada@example.org",
    ParameterType.EMAILS: "expected addresses such as ada@example.org, separated by commas",
    ParameterType.PHONE: "expected a telephone number with + and the country's code, without an extension",
    ParameterType.URL: "expected an address that begins with https://",
    ParameterType.INTEGER: "expected a whole number",
    ParameterType.NUMBER: "expected a number such as 1234.5",
    ParameterType.BOOLEAN: "expected true or false",
    ParameterType.CHOICE: "expected one of the choices",
    ParameterType.DATE: "expected a date such as 2026-01-31",
    ParameterType.DATE_TIME: "expected a moment such as 2026-01-31T09:30:00+00:00",
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value among the parameters of a template."""

    path: LeafPath
    steps: tuple[str | int, ...]
    parameter: Parameter
    label: str
    type: ParameterType
    source: Template | None
    """None of a constant that is no text."""
    constant: Any = None
    is_given: bool = True
    """The author's; else it stands here so that a person may fill it in."""

    @property
    def uses(self) -> Uses:
        """What its template names."""
        return NOTHING if self.source is None else self.source.uses


@dataclass(frozen=True, slots=True)
class Value:
    """What a leaf would be now."""

    leaf: Leaf
    text: str | None
    """None if it needs what is not there."""
    template_text: str | None
    is_edited: bool
    problem: str | None
    missing: tuple[Key, ...]
    sent: Any
    """In the type of its parameter; None if it cannot be sent, or is left out."""


def leaves_of(template: ActionTemplate, action: IntegrationAction | None) -> tuple[Leaf, ...]:
    """Every value of a template, and an empty one for each plain parameter that its author left out.

    Raises:
        BadTemplate: a text cannot be a template; with its path.
    """
    known = {parameter.key: parameter for parameter in action.parameters} if action else {}
    leaves: list[Leaf] = []
    for steps, value in _walk(template.parameters, ()):
        parameter = known.get(str(steps[0])) or Parameter(
            key="other", type=ParameterType.JSON, label=_label(str(steps[0]))
        )
        path = ".".join(str(step) for step in steps)
        is_nested = len(steps) > 1
        try:
            source = parse(value) if isinstance(value, str) else None
        except BadTemplate as bad:
            raise BadTemplate(f"{path} {bad}") from None
        leaves.append(
            Leaf(
                path=path,
                steps=steps,
                parameter=parameter,
                label=_label(str(steps[-1])) if is_nested and not isinstance(steps[-1], int) else parameter.label,
                type=_type_of(parameter.type, is_nested=is_nested),
                source=source,
                constant=None if isinstance(value, str) else value,
            )
        )
    for key, parameter in known.items():
        if key not in template.parameters and parameter.type not in (ParameterType.JSON, ParameterType.MAP):
            leaves.append(
                Leaf(
                    path=key,
                    steps=(key,),
                    parameter=parameter,
                    label=parameter.label,
                    type=parameter.type,
                    source=parse(""),
                    is_given=False,
                )
            )
    return tuple(leaves)


def rendered(leaf: Leaf, override: str | None, facts: Mapping[str, Any], empty: frozenset[Key]) -> Value:
    """What the leaf is, with these facts, or what a person wrote in its place.

    `empty` are the Fields that it names and that hold nothing.
    """
    if leaf.source is None:
        return Value(leaf, _shown(leaf.constant), None, False, None, (), leaf.constant)
    template_text: str | None = None
    problem: str | None = None
    missing: tuple[Key, ...] = ()
    try:
        template_text = leaf.source.render(_escaped_for(leaf.type, facts))
    except Missing:
        missing = tuple(sorted(empty))
        problem = "needs a value that is not there yet"
    except BadTemplate as bad:
        problem = str(bad)
    if override is not None:
        return _judged(leaf, override, template_text, is_edited=True)
    if template_text is None:
        return Value(leaf, None, None, False, problem, missing, None)
    return _judged(leaf, template_text, template_text, is_edited=False)


def composed(values: tuple[Value, ...]) -> dict[str, Any]:
    """The parameters as they are sent: each value in its place, what was left out left out."""
    whole: dict[str, Any] = {}
    for value in values:
        if value.sent is None and not value.leaf.is_given:
            continue
        _put(whole, value.leaf.steps, value.sent)
    return whole


def with_value(whole: Mapping[str, Any], steps: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """The same parameters with another value in this place."""
    copied: dict[str, Any] = json.decode(json.encode(whole))
    at: Any = copied
    for step in steps[:-1]:
        at = at[step]
    at[steps[-1]] = value
    return copied


def content_text(content: FieldContent) -> str | bool:
    """A Field's content as templates see it: chosen options as one text."""
    if isinstance(content, tuple):
        return ", ".join(content)
    return content if isinstance(content, bool) else content or ""


def _judged(leaf: Leaf, text: str, template_text: str | None, *, is_edited: bool) -> Value:
    sent, problem = _coerced(leaf, text)
    return Value(leaf, text, template_text, is_edited, problem, (), sent)


def _coerced(leaf: Leaf, text: str) -> tuple[Any, str | None]:
    """The value in its parameter's type, or why there is none."""
    parameter = leaf.parameter
    if not text.strip():
        if parameter.required and len(leaf.steps) == 1:
            return None, "expected a value"
        return (text if leaf.is_given and leaf.type in _TEXTS else None), None
    if parameter.max_length is not None and len(text) > parameter.max_length:
        return None, f"expected at most {parameter.max_length} characters"
    if leaf.type in _TEXTS:
        is_fine = leaf.type not in _LINES or _ONE_LINE.fullmatch(text) is not None
        return (text, None) if is_fine else (None, "expected one line")
    value = _read(leaf, text.strip())
    return value, None if value is not None else _EXPECTED[leaf.type]


_LINES = frozenset({ParameterType.TEXT, ParameterType.PATH})
_TEXTS = frozenset({*_LINES, ParameterType.LONG_TEXT, ParameterType.HTML})


def _read(leaf: Leaf, text: str) -> Any:
    match leaf.type:
        case ParameterType.EMAIL:
            return _address(text)
        case ParameterType.EMAILS:
            found = [_address(part) for part in _SEPARATOR.split(text) if part.strip()]
            return found if 0 < len(found) <= MOST_ADDRESSES and all(found) else None
        case ParameterType.PHONE:
            phone = read_phone(text, _ANY, _READING) if text.startswith("+") else None
            return None if phone is None or ";" in phone else phone
        case ParameterType.URL:
            return text if text.startswith(("https://", "http://")) else None
        case ParameterType.INTEGER:
            number = plain_decimal(text)
            is_whole = number is not None and abs(number) <= MAX_SAFE_INT and number == int(number)
            return int(number) if number is not None and is_whole else None
        case ParameterType.NUMBER:
            number = plain_decimal(text)
            return None if number is None or isinf(float(number)) else float(number)
        case ParameterType.BOOLEAN:
            return {"true": True, "false": False}.get(text.lower())
        case ParameterType.DATE:
            return text if has_order(text, FieldType.DATE) else None
        case ParameterType.DATE_TIME:
            return text.partition("[")[0] if has_order(text, FieldType.DATE_TIME) else None
        case _:
            return text if any(option.value == text for option in leaf.parameter.options) else None


def _address(text: str) -> str | None:
    """One that every mail server takes: in ASCII."""
    address = read_email(text, _ANY, _READING)
    return address if address is not None and address.isascii() else None


def _type_of(kind: ParameterType, *, is_nested: bool) -> ParameterType:
    """Inside an object or a list of texts, each value is a text of any length."""
    if kind in (ParameterType.JSON, ParameterType.MAP):
        return ParameterType.LONG_TEXT
    return ParameterType.EMAIL if is_nested and kind is ParameterType.EMAILS else kind


def _escaped_for(kind: ParameterType, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    match kind:
        case ParameterType.HTML:
            return dict(escaped(facts, for_html))
        case ParameterType.URL | ParameterType.PATH:
            return dict(escaped(facts, for_url))
        case _:
            return facts


def _shown(constant: Any) -> str:
    match constant:
        case bool():
            return "true" if constant else "false"
        case None | {} | []:
            return ""
        case _:
            return str(constant)


def _walk(value: Any, steps: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, dict) and (value or not steps):
        for key, part in value.items():
            yield from _walk(part, (*steps, key))
    elif isinstance(value, list) and value:
        for place, part in enumerate(value):
            yield from _walk(part, (*steps, place))
    else:
        yield steps, value


def _put(whole: dict[str, Any], steps: tuple[str | int, ...], value: Any) -> None:
    """Set a value deep inside, making what is on the way; lists are filled in order."""
    at: Any = whole
    for step, following in pairwise(steps):
        fresh: Any = [] if isinstance(following, int) else {}
        if isinstance(at, list):
            if len(at) == step:
                at.append(fresh)
            at = at[int(step)]
        else:
            at = at.setdefault(step, fresh)
    if isinstance(at, list):
        at.append(value)
    else:
        at[steps[-1]] = value


def _label(name: str) -> str:
    words = name.replace("_", " ").replace("-", " ").strip() or name
    return words[:1].upper() + words[1:]
