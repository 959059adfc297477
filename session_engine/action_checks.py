"""Whether the Actions of a Workflow document can do what they say, as far as that is known before any call.

Their templates, what these name, their parameters, and which Action waits for
which. Parameters and results are judged only by who knows the Integrations:
without them a document is judged by what is in it.

Rules: protocol/SPEC.md, WF4, WF5, WF9 and WF17 to WF19.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from protocol.base import Key
from protocol.integrations import IntegrationAction, Parameter, ParameterType
from protocol.workflow import ActionTemplate, ActionTiming, Problem, ProblemCode, WorkflowDocument
from session_engine.field_checks import problem
from session_engine.parameters import MAX_LEAVES, Leaf, rendered
from session_engine.reference_checks import References
from session_engine.templates import BadTemplate, Template, parse

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PARTS = frozenset({ParameterType.MAP, ParameterType.EMAILS})
"""Made of texts; JSON may be made of anything, all else is one value."""
_SHAPES: dict[ParameterType, tuple[tuple[type, ...], str]] = {
    ParameterType.INTEGER: ((str, int), "expected a whole number"),
    ParameterType.NUMBER: ((str, int, float), "expected a number such as 1234.5"),
    ParameterType.BOOLEAN: ((str, bool), "expected true or false"),
    ParameterType.EMAILS: ((str, list), "expected addresses: a text, or a list of texts"),
    ParameterType.MAP: ((dict,), "expected an object of texts"),
    ParameterType.JSON: ((object,), ""),
}
"""As what a constant may be written; all others are texts."""
_KINDS_INSIDE = {
    ParameterType.EMAILS: ParameterType.EMAIL,
    ParameterType.MAP: ParameterType.TEXT,
    ParameterType.JSON: ParameterType.TEXT,
}


@dataclass(frozen=True, slots=True)
class _Value:
    """One value among an Action's parameters."""

    path: str
    """In the document."""
    steps: tuple[str | int, ...]
    content: Any

    @property
    def name(self) -> str:
        """As `editable` names it."""
        return ".".join(str(step) for step in self.steps)

    @property
    def has_template(self) -> bool:
        """Whether it is worked out anew for each Session."""
        return isinstance(self.content, str) and ("{{" in self.content or "{%" in self.content)


class ActionChecks:
    """A document's Actions by key, and the checks of each."""

    def __init__(
        self, document: WorkflowDocument, references: References, integrations: Mapping[str, IntegrationAction] | None
    ) -> None:
        self._references = references
        self._integrations = integrations
        self._places: dict[Key, str] = {}
        self._templates: dict[Key, ActionTemplate] = {}
        for i, section in enumerate(document.sections):
            for j, template in enumerate(section.actions):
                self._places.setdefault(template.key, f"sections[{i}].actions[{j}]")
                self._templates.setdefault(template.key, template)
        self._circles = _closing(self._templates)

    def problems(self, template: ActionTemplate, path: str) -> Iterator[Problem]:
        """Everything that is wrong with one template."""
        first = self._places[template.key]
        if first != path:
            yield problem(
                ProblemCode.DUPLICATE_KEY,
                f"{path}.key",
                f"{template.key} is taken by {first}.key; expected another key",
            )
        action = self._find(template)
        if action is None and self._integrations is not None:
            expected = ", ".join(sorted(self._integrations)) or "none"
            yield problem(
                ProblemCode.UNKNOWN_INTEGRATION,
                f"{path}.integration",
                f"no Integration here does {template.integration}; expected one of {expected}",
            )
        yield from self._parameter_problems(template, action, f"{path}.parameters")
        yield from self._references.condition_problems(template.condition, f"{path}.condition")
        if action is not None:
            yield from _editable_problems(template, action, f"{path}.editable")
        if template.second_person is not None and template.second_person.field is not None:
            yield from self._references.field_problems(template.second_person.field, f"{path}.second_person.field")
        yield from self._order_problems(template, path)
        for name, key in template.results.items():
            yield from _result_problems(name, template.integration, action, f"{path}.results{_step(name)}")
            yield from self._references.field_problems(key, f"{path}.results{_step(name)}")

    def _find(self, template: ActionTemplate) -> IntegrationAction | None:
        """What it does, if that is known here."""
        return None if self._integrations is None else self._integrations.get(template.integration)

    def _parameter_problems(
        self, template: ActionTemplate, action: IntegrationAction | None, path: str
    ) -> Iterator[Problem]:
        yield from _name_problems(template.parameters, path)
        values = tuple(islice(_values(template.parameters, path), MAX_LEAVES + 1))
        if len(values) > MAX_LEAVES:
            # Reading each could take minutes.
            yield problem(ProblemCode.BAD_PARAMETER, path, f"more than {MAX_LEAVES} values; expected no more")
            return
        known = {parameter.key: parameter for parameter in action.parameters} if action else {}
        fit: dict[str | int, Parameter] = {}
        for key, content in template.parameters.items() if action else ():
            found = tuple(_given_problems(template, known.get(key), key, content, path))
            yield from found
            if key in known and not found:
                fit[key] = known[key]
        for value in values:
            yield from self._value_problems(value, template, fit.get(value.steps[0]))
        for parameter in known.values():
            if parameter.required and parameter.key not in template.parameters:
                yield problem(
                    ProblemCode.BAD_PARAMETER,
                    f"{path}.{parameter.key}",
                    f'{parameter.key} is missing; expected a value, or "" for a person to fill in',
                )

    def _value_problems(
        self, value: _Value, template: ActionTemplate, parameter: Parameter | None
    ) -> Iterator[Problem]:
        """Of a value of this parameter; of one that is none, or is wrong as a whole, its template only."""
        if not isinstance(value.content, str):
            if parameter is not None and parameter.type in _PARTS and len(value.steps) > 1:
                yield problem(ProblemCode.BAD_VALUE, value.path, f"no text in {parameter.key}; expected texts only")
            return
        try:
            parsed = parse(value.content)
        except BadTemplate as bad:
            reason = f"the template {bad}; a Field is written {{{{ fields.key }}}}"
            yield problem(ProblemCode.BAD_TEMPLATE, value.path, reason)
            return
        yield from self._named_problems(parsed, value.path, template)
        if parameter is not None:
            yield from _text_problems(value, parsed, parameter)

    def _named_problems(self, parsed: Template, path: str, template: ActionTemplate) -> Iterator[Problem]:
        for key in sorted(parsed.uses.fields):
            yield from self._references.field_problems(key, path)
        for key in sorted(parsed.uses.results):
            if key != template.after:
                yield problem(
                    ProblemCode.UNKNOWN_ACTION,
                    path,
                    f"names the results of {key}; expected those of the Action that `after` names",
                )
        before = None if template.after is None else self._templates.get(template.after)
        if before is not None and template.after in parsed.uses.results:
            for name in _result_names(parsed.source, before.key):
                yield from _result_problems(name, before.integration, self._find(before), path)

    def _order_problems(self, template: ActionTemplate, path: str) -> Iterator[Problem]:
        for name, other in _ways(template):
            if other == template.key or other not in self._templates:
                yield problem(
                    ProblemCode.UNKNOWN_ACTION, f"{path}.{name}", f"no other Action {other}; expected the key of one"
                )
            elif (template.key, name) in self._circles and self._templates[template.key] is template:
                yield problem(
                    ProblemCode.CYCLE,
                    f"{path}.{name}",
                    f"{other} itself waits for {template.key}, or is there only after it; expected no circle",
                )


def _given_problems(
    template: ActionTemplate, parameter: Parameter | None, key: str, content: Any, path: str
) -> Iterator[Problem]:
    """Of a parameter as a whole: whether there is such a one, and a value of its shape."""
    at = path + _step(key)
    if parameter is None:
        yield problem(
            ProblemCode.BAD_PARAMETER, at, f"{template.integration} has no parameter {key!r}; expected one that it has"
        )
    elif _is_empty(content):
        if parameter.required and not _may_be_filled_in(template, parameter, content):
            yield problem(ProblemCode.BAD_PARAMETER, at, f"{key} is empty, and nobody can fill it in; expected a value")
    else:
        shapes, expected = _SHAPES.get(parameter.type, ((str,), "expected a text"))
        # To Python yes and no are whole numbers.
        if not isinstance(content, shapes) or (isinstance(content, bool) and int in shapes):
            yield problem(ProblemCode.BAD_VALUE, at, f"not fit for {key}; {expected}")


def _text_problems(value: _Value, parsed: Template, parameter: Parameter) -> Iterator[Problem]:
    """Of a text whose parameter is known: a template where none may be, or a constant that cannot be sent."""
    if parameter.type in _PARTS and len(value.steps) > 2:
        yield problem(ProblemCode.BAD_VALUE, value.path, f"too deep in {parameter.key}; expected texts only")
    elif value.has_template:
        if not parameter.templatable:
            yield problem(
                ProblemCode.BAD_PARAMETER, value.path, f"{parameter.key} takes no template; expected a constant"
            )
    elif value.content.strip():
        is_nested = len(value.steps) > 1
        kind = _KINDS_INSIDE.get(parameter.type, parameter.type) if is_nested else parameter.type
        leaf = Leaf(value.name, value.steps, parameter, parameter.label, kind, parsed)
        flaw = rendered(leaf, None, {}, frozenset()).problem
        if flaw is not None:
            choices = ", ".join(option.value for option in parameter.options)
            yield problem(
                ProblemCode.BAD_VALUE, value.path, f"not fit for {parameter.key}; {flaw}{choices and f': {choices}'}"
            )


def _editable_problems(template: ActionTemplate, action: IntegrationAction, path: str) -> Iterator[Problem]:
    """What may be edited is a parameter, or one value among those given."""
    names = {parameter.key for parameter in action.parameters}
    names |= {value.name for value in _values(template.parameters, "")}
    for place, name in enumerate(template.editable or ()):
        if name not in names:
            yield problem(
                ProblemCode.BAD_PARAMETER,
                f"{path}[{place}]",
                f"no parameter or value {name!r}; expected a parameter's key, or the path of a value as in data.note",
            )


def _result_problems(name: str, integration: str, action: IntegrationAction | None, path: str) -> Iterator[Problem]:
    """One if the answer is known to hold nothing of this name."""
    if action is not None and name not in action.results:
        expected = ", ".join(action.results)
        yield problem(
            ProblemCode.UNKNOWN_RESULT,
            path,
            f"{integration} brings back no {name!r}; expected {f'one of {expected}' if expected else 'no results'}",
        )


def _result_names(source: str, key: Key) -> Iterator[str]:
    """Which results of this Action a template names: `id` of `{{ results.order.id }}`."""
    from liquid import Environment

    found = Environment().from_string(source).analyze(include_partials=False)
    places = [each.segments[1:3] for each in found.globals["results"]]
    named = (place[1] for place in places if place[0] == key and len(place) > 1)
    yield from dict.fromkeys(name for name in named if isinstance(name, str))


def _name_problems(value: Any, path: str) -> Iterator[Problem]:
    """Names inside the parameters are joined by dots to say which value is meant, and so can hold none."""
    if isinstance(value, dict):
        for name, part in value.items():
            if not name or "." in name:
                yield problem(
                    ProblemCode.BAD_PARAMETER,
                    path + _step(name),
                    f"the name {name!r} holds a dot; expected none" if name else "a name is empty; expected some text",
                )
            yield from _name_problems(part, path + _step(name))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _name_problems(part, f"{path}[{place}]")


def _values(content: Any, path: str, steps: tuple[str | int, ...] = ()) -> Iterator[_Value]:
    """Every value in it, with its path; what is empty is one too."""
    if isinstance(content, dict) and (content or not steps):
        for name, part in content.items():
            yield from _values(part, path + _step(name), (*steps, name))
    elif isinstance(content, list) and content:
        for place, part in enumerate(content):
            yield from _values(part, f"{path}[{place}]", (*steps, place))
    else:
        yield _Value(path, steps, content)


def _is_empty(content: Any) -> bool:
    """Whether it is left out of what is sent."""
    return content is None or content in ([], {}) or (isinstance(content, str) and not content.strip())


def _may_be_filled_in(template: ActionTemplate, parameter: Parameter, content: Any) -> bool:
    """Whether a person is asked before it goes, and may write something there."""
    is_open = template.editable is None or parameter.key in template.editable
    is_asked = template.timing is not ActionTiming.AUTOMATIC
    return isinstance(content, str) and parameter.templatable and is_open and is_asked


def _ways(template: ActionTemplate) -> Iterator[tuple[str, Key]]:
    """Actions without which there is none of this one, and where that is said."""
    if template.compensates is not None:
        yield "compensates", template.compensates
    if template.after is not None:
        yield "after", template.after


def _closing(templates: Mapping[Key, ActionTemplate]) -> frozenset[tuple[Key, str]]:
    """Which ways close a circle; without them there would be none."""
    closing: set[tuple[Key, str]] = set()
    under_way: set[Key] = set()
    done: set[Key] = set()
    for start in templates:
        waiting = [(start, _ways(templates[start]))] if start not in done else []
        under_way.update(key for key, _ in waiting)
        while waiting:
            key, ways = waiting[-1]
            name, other = next(ways, ("", None))
            if other is None:
                waiting.pop()
                under_way.discard(key)
                done.add(key)
            elif other in under_way:
                closing.add((key, name))
            elif other in templates and other not in done:
                under_way.add(other)
                waiting.append((other, _ways(templates[other])))
    return frozenset(closing)


def _step(name: str) -> str:
    """A property in a path: `.name`, or quoted where that would be unclear."""
    return f".{name}" if _PLAIN_NAME.fullmatch(name) else f'["{name}"]'
