"""A published version, indexed for the questions that the engine asks of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from protocol.base import Key
from protocol.fields import FieldDefinition, FieldType
from protocol.workflow import Response, Section, WorkflowVersion

VARIABLE = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")
"""A Field in content or in a title: `{{field_key}}`."""


@dataclass(frozen=True, slots=True)
class Workflow:
    """One version and its Sections, Fields and Responses by key."""

    version: WorkflowVersion
    sections: dict[Key, Section] = field(init=False)
    fields: dict[Key, FieldDefinition] = field(init=False)
    responses: dict[Key, Response] = field(init=False)
    title_keys: tuple[Key, ...] = field(init=False)

    def __post_init__(self) -> None:
        document = self.version.document
        object.__setattr__(self, "sections", {section.key: section for section in document.sections})
        object.__setattr__(self, "fields", {definition.key: definition for definition in document.fields})
        object.__setattr__(self, "responses", {response.key: response for response in document.responses})
        object.__setattr__(self, "title_keys", tuple(VARIABLE.findall(document.title)))


def is_sensitive(definition: FieldDefinition) -> bool:
    """Whether everyone but the owner sees validity only."""
    return definition.sensitive or definition.type is FieldType.MASKED
