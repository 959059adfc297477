"""YAML and JSON to plain values, strictly and within bounds.

YAML is read by the core schema of version 1.2: `yes`, `no`, `on`, dates and
times are text; only `true` and `false` are booleans. Keys are text. No tags,
no merge keys; aliases are allowed but count as what they stand for.

Rules: protocol/SPEC.md, WF10 to WF12.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

import yaml

MAX_DEPTH = 64
MAX_VALUES = 200_000
"""About three times what 1,000 Sections with 5,000 Answers need, aliases expanded."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's parser, ten times faster, is optional
_INTEGER = re.compile(r"[-+]?[0-9]{1,400}", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class BadText(Exception):
    """The text cannot be read; `faults` are (path, message)."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(message for _, message in faults))
        self.faults = faults


def step(name: str | int) -> str:
    """One step of a path: `[3]`, `.name`, or quoted where a name would be unclear."""
    if isinstance(name, int):
        return f"[{name}]"
    return f".{name}" if _PLAIN_NAME.fullmatch(name) else f"[{json.dumps(name, ensure_ascii=False)}]"


def scalar(text: str) -> Any:
    """What plain text stands for in YAML 1.2."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def parse_yaml(text: str) -> Any:
    """The one document in the text.

    Raises:
        BadText: every repeated key, or the first thing that stops reading, with line and column.
    """
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise BadText([("", f"not YAML: {error.problem or error.context}{_at(mark)}")]) from None
    except yaml.YAMLError as error:
        raise BadText([("", f"not YAML: {error}".replace("\n", " "))]) from None
    if builder.faults:
        raise BadText(builder.faults)
    return _sound(builder.value)


def parse_json(text: str) -> Any:
    """The value in the text.

    Raises:
        BadText: every repeated key, or the first thing that stops reading, with line and column.
    """
    repeats: list[tuple[dict[str, Any], list[str]]] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) < len(pairs):
            names = [name for name, _ in pairs]
            repeats.append((value, [name for name in value if names.count(name) > 1]))
        return value

    try:
        value = json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise BadText([("", f"not JSON: {error.msg} (line {error.lineno}, column {error.colno})")]) from None
    except (RecursionError, ValueError):
        raise BadText([("", f"expected at most {MAX_DEPTH} levels and numbers of at most 400 digits")]) from None
    value = _sound(value)
    if repeats:
        paths = {id(part): path for path, part in _walk(value)}
        # One that is inside a repeated key's earlier value has no path: that value is gone.
        raise BadText(
            [
                (f"{paths.get(id(part), '')}{step(name)}".lstrip("."), _twice(name))
                for part, names in repeats
                for name in names
            ]
        )
    return value


class _Builder:
    """Plain values from YAML events: no recursion, so that no text is too deep to be refused."""

    def __init__(self) -> None:
        self.value: Any = None
        self.faults: list[tuple[str, str]] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._documents = 0
        self._values = 0

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise BadText([("", f"a second document begins{_at(event.start_mark)}; expected one")])
        elif isinstance(event, yaml.CollectionEndEvent):
            done = self._open.pop()
            self._add(done.value, self._values - done.values_before, done.anchor, event)
        elif isinstance(event, yaml.NodeEvent):
            self._node(event)

    def _node(self, event: yaml.NodeEvent) -> None:
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise BadText([(self._path(), f"*{event.anchor} stands for nothing{_at(event.start_mark)}")])
            value, size = self._anchors[event.anchor]
            self._count(size, event)
            self._add(value, size, None, event)
            return
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            raise BadText([(self._path(), f"tag {tag}{_at(event.start_mark)}; expected no tags")])
        self._count(1, event)
        if isinstance(event, yaml.ScalarEvent):
            is_key = bool(self._open) and self._open[-1].awaits_key
            self._add(event.value if is_key or not event.implicit[0] else scalar(event.value), 1, event.anchor, event)
            return
        if self._open and self._open[-1].awaits_key:
            raise BadText([(self._path(), f"a key that is no text{_at(event.start_mark)}")])
        if len(self._open) >= MAX_DEPTH:
            raise BadText([("", f"nested too deeply{_at(event.start_mark)}; expected at most {MAX_DEPTH} levels")])
        self._open.append(
            _Open({} if isinstance(event, yaml.MappingStartEvent) else [], event.anchor, self._values - 1)
        )

    def _add(self, value: Any, size: int, anchor: str | None, event: yaml.Event) -> None:
        """Put a finished value where it belongs."""
        if anchor is not None:
            self._anchors[anchor] = (value, size)
        if not self._open:
            self.value = value
            return
        parent = self._open[-1]
        if isinstance(parent.value, list):
            parent.value.append(value)
        elif not parent.awaits_key:
            parent.value[parent.key] = value
            parent.key = None
        elif not isinstance(value, str):
            raise BadText([(self._path(), f"a key that is no text{_at(event.start_mark)}")])
        else:
            parent.key = value
            if value in parent.value:
                self.faults.append((self._path(), _twice(value) + _at(event.start_mark)))

    def _count(self, size: int, event: yaml.Event) -> None:
        self._values += size
        if self._values > MAX_VALUES:
            raise BadText([("", f"too much{_at(event.start_mark)}; expected at most {MAX_VALUES} values")])

    def _path(self) -> str:
        steps = [step(len(each.value) if isinstance(each.value, list) else each.key or "") for each in self._open]
        return "".join(steps).lstrip(".")


class _Open:
    """A mapping or list whose end was not read yet."""

    def __init__(self, value: Any, anchor: str | None, values_before: int) -> None:
        self.value = value
        self.anchor = anchor
        self.values_before = values_before
        self.key: str | None = None

    @property
    def awaits_key(self) -> bool:
        return isinstance(self.value, dict) and self.key is None


def _sound(value: Any) -> Any:
    """The value, if every part can be stored: bounded, finite, and text without NUL or half characters."""
    faults = []
    for count, (path, part) in enumerate(_walk(value)):
        if count > MAX_VALUES:
            raise BadText([("", f"too much; expected at most {MAX_VALUES} values")])
        if isinstance(part, float) and not math.isfinite(part):
            faults.append((path, "not a finite number; expected one"))
        elif isinstance(part, str) and not _is_storable(part):
            faults.append((path, "text with a NUL or half a character; expected Unicode text"))
        elif isinstance(part, dict) and not all(map(_is_storable, part)):
            faults.append((path, "a key with a NUL or half a character; expected Unicode text"))
    if faults:
        raise BadText(faults)
    return value


def _is_storable(text: str) -> bool:
    return not re.search("[\0\ud800-\udfff]", text)


def _walk(value: Any) -> Iterator[tuple[str, Any]]:
    """Every value with its path, in no particular order."""
    waiting: list[tuple[str, int, Any]] = [("", 0, value)]
    while waiting:
        path, depth, part = waiting.pop()
        if depth > MAX_DEPTH:
            raise BadText([("", f"nested too deeply; expected at most {MAX_DEPTH} levels")])
        yield path.lstrip("."), part
        if isinstance(part, dict):
            waiting += [(path + step(name), depth + 1, each) for name, each in part.items()]
        elif isinstance(part, list):
            waiting += [(path + step(place), depth + 1, each) for place, each in enumerate(part)]


def _twice(name: str) -> str:
    return f"'{name}' is there twice; expected each key once"


def _at(mark: Any) -> str:
    return f" (line {mark.line + 1}, column {mark.column + 1})" if mark is not None else ""
