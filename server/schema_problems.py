"""What is wrong with a document's shape, in words, by its JSON Schema.

jsonschema finds every fault; here each is told as what was found and what was
expected. Where the schema has alternatives, the faults are those of the one
that was meant.

Rules: protocol/SPEC.md, WF13.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from protocol.base import END
from protocol.generate import schema_of
from protocol.workflow import Problem, ProblemCode
from server.document_text import step

WORDS = {
    "string": "text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}
UNITS = {"minLength": "characters", "maxLength": "characters", "minItems": "items", "maxItems": "items"}


def schema_problems(values: Any) -> tuple[Problem, ...]:
    """Every way in which the values are not a Workflow document."""
    told = (each for error in _validator().iter_errors(values) for fault in _meant(error) for each in _tell(fault))
    return tuple(
        Problem(code=ProblemCode.SCHEMA, path=path.lstrip("."), message=message, blocks=True)
        for path, message in dict.fromkeys(told)
    )


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(schema_of("workflow_document"))


def _meant(error: ValidationError) -> Iterator[ValidationError]:
    """The error; for one with alternatives, those of the alternative whose kind fits."""
    if error.validator != "anyOf":
        yield error
        return
    by_alternative: dict[Any, list[ValidationError]] = defaultdict(list)
    for each in error.context or ():
        by_alternative[each.relative_schema_path[0]].append(each)
    for faults in by_alternative.values():
        if not any(_is_of_another_kind(fault) for fault in faults):
            for fault in faults:
                yield from _meant(fault)
            return
    yield error


def _is_of_another_kind(fault: ValidationError) -> bool:
    """Whether it says that another alternative was meant: the JSON type differs, or the tag."""
    at_root = len(fault.relative_path) == 0
    if fault.validator == "anyOf":
        return at_root and all(_is_of_another_kind(each) for each in fault.context or ())
    return _tag(fault) is not None or (at_root and fault.validator == "type")


def _tag(fault: ValidationError) -> str | None:
    """The tag that a tagged alternative asks for, if the fault is that it is missing or another."""
    schema: Any = fault.schema
    instance: Any = fault.instance
    if fault.validator == "enum" and list(fault.relative_path) == ["type"]:
        return str(schema["enum"][0])
    if fault.validator == "required" and not fault.relative_path and "type" in set(schema["required"]) - set(instance):
        return str(schema["properties"]["type"]["enum"][0])
    return None


def _tell(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Path and message; several where one error is about several properties."""
    path = "".join(step(each) for each in error.absolute_path)
    wanted: Any = error.validator_value
    found: Any = error.instance
    schema: Any = error.schema
    match error.validator:
        case "additionalProperties":
            known = list(schema["properties"])
            for name in [name for name in found if name not in known]:
                yield path + step(name), f"unknown property; expected {_likely(name, known)}"
        case "required":
            for name in [name for name in wanted if name not in found]:
                yield path + step(name), "missing; expected it to be given"
        case "type":
            yield path, f"found {_shown(found)}; expected {WORDS[wanted]}{_hint(found, {wanted})}"
        case "anyOf":
            kinds = dict.fromkeys(_kinds(error))
            expected = " or ".join(dict.fromkeys([*(WORDS[kind] for kind in kinds if kind in WORDS), *_tags(error)]))
            yield path, f"found {_shown(found)}; expected {expected}{_hint(found, set(kinds))}"
        case "enum":
            yield path, f"found {_shown(found)}; expected {_likely(str(found), [str(each) for each in wanted])}"
        case "pattern":
            meaning = f" ({schema['description']})" if "description" in schema else ""
            yield path, f"found {_shown(found)}; expected text that fits {wanted.replace(END, '$')}{meaning}"
        case "minimum" | "maximum" | "minLength" | "maxLength" | "minItems" | "maxItems":
            bound = "at least" if str(error.validator).startswith("min") else "at most"
            size = f"{len(found)} {UNITS[error.validator]}" if error.validator in UNITS else _shown(found)
            yield path, f"found {size}; expected {bound} {wanted}"
        case _:
            yield path, error.message


def _kinds(error: ValidationError) -> Iterator[str]:
    """The JSON types of the alternatives."""
    for each in error.context or ():
        if each.validator == "anyOf":
            yield from _kinds(each)
        elif each.validator == "type" and not each.relative_path:
            yield str(each.validator_value)


def _tags(error: ValidationError) -> Iterator[str]:
    """What `type` could be, if it is that which fits no alternative."""
    for each in error.context or ():
        tag = _tag(each)
        if each.validator == "anyOf":
            yield from _tags(each)
        elif tag is not None:
            yield f"type: {tag}"


def _hint(found: Any, wanted: set[str]) -> str:
    """What an author of YAML may have overlooked."""
    if "string" in wanted and isinstance(found, bool | int | float):
        return "; put it in quotes to make it text"
    if "boolean" in wanted and isinstance(found, str):
        return "; yes, no, on and off are text"
    return ""


def _likely(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"{close[0]}, perhaps" if close else f"one of {', '.join(known)}" if len(known) > 1 else known[0]


def _shown(found: Any) -> str:
    """A little of what was found: documents hold no call content."""
    match found:
        case None:
            return "nothing"
        case bool():
            return str(found).lower()
        case str():
            return f"'{found}'" if len(found) <= 40 else f"'{found[:40]}…'"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case _:
            return str(found)[:40]
