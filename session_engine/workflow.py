"""A published version, indexed for the questions that the engine asks of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from protocol.base import Key
from protocol.fields import FieldDefinition, FieldType
from protocol.integrations import IntegrationAction
from protocol.workflow import ActionTemplate, Response, Section, WorkflowVersion
from session_engine.conditions import fields_of
from session_engine.parameters import Leaf, leaves_of
from session_engine.templates import NOTHING, BadTemplate, Uses

VARIABLE = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")
"""A Field in content or in a title: `{{field_key}}`."""


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """An Action template, where it stands, and what it takes to send it."""

    template: ActionTemplate
    section_key: Key
    action: IntegrationAction | None
    """None if this server knows no such Integration."""
    leaves: tuple[Leaf, ...]
    uses: Uses
    """All that its parameters name."""
    judged_by: frozenset[Key]
    """Fields of its condition and of its second-person rule."""
    sensitive: frozenset[str]
    """Paths of parameters that name a sensitive Field, or the result of an Action that does."""
    tells_sensitive: bool
    """Whether what the other side answers may hold something sensitive: it was sent such, or writes such a Field."""

    def may_edit(self, leaf: Leaf) -> bool:
        """Whether a person may write something else in the value's place."""
        editable = self.template.editable
        if leaf.source is None or not leaf.parameter.templatable:
            return False
        return editable is None or leaf.path in editable or str(leaf.steps[0]) in editable


@dataclass(frozen=True, slots=True)
class Workflow:
    """One version and its Sections, Fields, Responses and Actions by key."""

    version: WorkflowVersion
    integrations: Mapping[str, IntegrationAction] = field(default_factory=dict)
    """By id, all that this server can do elsewhere."""
    public_url: str = ""
    """Where people find this installation; begins the address of a Session."""
    sections: dict[Key, Section] = field(init=False)
    fields: dict[Key, FieldDefinition] = field(init=False)
    responses: dict[Key, Response] = field(init=False)
    actions: dict[Key, PlannedAction] = field(init=False)
    title_keys: tuple[Key, ...] = field(init=False)

    def __post_init__(self) -> None:
        document = self.version.document
        object.__setattr__(self, "sections", {section.key: section for section in document.sections})
        object.__setattr__(self, "fields", {definition.key: definition for definition in document.fields})
        object.__setattr__(self, "responses", {response.key: response for response in document.responses})
        object.__setattr__(self, "title_keys", tuple(VARIABLE.findall(document.title)))
        hidden = frozenset(key for key, definition in self.fields.items() if is_sensitive(definition))
        planned: dict[Key, PlannedAction] = {}
        for section in document.sections:
            for template in section.actions:
                planned[template.key] = self._plan(template, section.key, hidden)
        object.__setattr__(self, "actions", _with_hidden_results(planned))

    def _plan(self, template: ActionTemplate, section_key: Key, hidden: frozenset[Key]) -> PlannedAction:
        action = self.integrations.get(template.integration)
        try:
            leaves = leaves_of(template, action)
        except BadTemplate:
            # Publishing refuses it; one from before that check stays not fired, as of an unknown Integration.
            action, leaves = None, ()
        uses = NOTHING
        for leaf in leaves:
            uses |= leaf.uses
        judged_by = frozenset[Key]() if template.condition is None else fields_of(template.condition)
        if template.second_person is not None and template.second_person.field is not None:
            judged_by |= {template.second_person.field}
        sensitive = frozenset(leaf.path for leaf in leaves if leaf.uses.fields & hidden)
        return PlannedAction(
            template=template,
            section_key=section_key,
            action=action,
            leaves=leaves,
            uses=uses,
            judged_by=judged_by,
            sensitive=sensitive,
            tells_sensitive=bool(sensitive) or not hidden.isdisjoint(template.results.values()),
        )


def _with_hidden_results(planned: dict[Key, PlannedAction]) -> dict[Key, PlannedAction]:
    """The same with what comes from an answer that may hold something sensitive hidden too, down the whole chain."""
    while True:
        telling = {key for key, plan in planned.items() if plan.tells_sensitive}
        found = {
            key: frozenset(leaf.path for leaf in plan.leaves if leaf.uses.results & telling) - plan.sensitive
            for key, plan in planned.items()
        }
        if not any(found.values()):
            return planned
        planned = {
            key: replace(plan, sensitive=plan.sensitive | found[key], tells_sensitive=True) if found[key] else plan
            for key, plan in planned.items()
        }


def is_sensitive(definition: FieldDefinition) -> bool:
    """Whether everyone but the owner sees validity only."""
    return definition.sensitive or definition.type is FieldType.MASKED
