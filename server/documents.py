"""Workflow documents as files: YAML or JSON in, YAML out.

Reading tells everything that is wrong with the text and its shape; what is
wrong with a well-shaped Workflow is for `session_engine/workflow_graph.py`,
since a draft may keep such problems. Text to plain values is
`document_text.py`, readable schema problems are `schema_problems.py`.

Rules: protocol/SPEC.md, WF10 to WF14.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
import yaml

from protocol.workflow import Problem, ProblemCode, WorkflowDocument
from server.document_text import BadText, parse_json, parse_yaml, scalar
from server.schema_problems import schema_problems

MAX_BYTES = 5 * 1024 * 1024
_BREAKS = re.compile("[\r\x85\u2028\u2029]")
"""Line breaks to some readers of YAML and not to others: only escapes keep them."""


class BadDocument(Exception):
    """The text is no Workflow document; `problems` has everything that is wrong with it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{each.path or 'document'}: {each.message}" for each in problems))
        self.problems = problems


def read_document(source: str | bytes, name: str) -> WorkflowDocument:
    """The document in a file of this name: JSON if it ends in .json, else YAML, which most JSON is too.

    Raises:
        BadDocument: too large, not YAML or JSON, or not of the schema.
    """
    try:
        text = _text(source)
        values = parse_json(text) if name.lower().endswith(".json") else parse_yaml(text)
    except BadText as error:
        raise BadDocument(tuple(_schema_problem(path, message) for path, message in error.faults)) from None
    try:
        return msgspec.convert(values, WorkflowDocument)
    except msgspec.ValidationError as error:
        found = schema_problems(values) or (_schema_problem("", str(error)),)
        raise BadDocument(found) from None


def write_document(document: WorkflowDocument) -> str:
    """YAML that reads back as the same document. What has its default is left out."""
    return yaml.dump(_plain(document), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


def _text(source: str | bytes) -> str:
    size = len(source) if isinstance(source, bytes) else len(source.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise BadText([("", f"{size} bytes; expected at most {MAX_BYTES}")])
    if isinstance(source, str):
        return source.removeprefix("\ufeff")
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadText([("", f"byte {error.start} is not UTF-8; expected text in UTF-8")]) from None


def _schema_problem(path: str, message: str) -> Problem:
    return Problem(code=ProblemCode.SCHEMA, path=path, message=message, blocks=True)


# --- writing ------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        config = value.__struct_config__
        tag = {} if config.tag is None else {config.tag_field: config.tag}
        filled = {field.name: getattr(value, field.name) for field in _filled(value)}
        return tag | {name: _plain(part) for name, part in filled.items()}
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    return msgspec.to_builtins(value)


def _filled(struct: msgspec.Struct) -> list[msgspec.structs.FieldInfo]:
    """The properties that differ from their default."""
    return [
        field
        for field in msgspec.structs.fields(struct)
        if field.required or getattr(struct, field.name) != _default(field)
    ]


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


class _Dumper(yaml.SafeDumper):
    """Long texts as blocks; quotes wherever a reader, old or new, could take text for something else."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if _BREAKS.search(text) or scalar(text) != text:
        style: str | None = '"'
    else:
        style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)
