"""Workflows from the ABCD agent guidelines: a Workflow per procedure, a Section per step, in the guidelines' words.

What the words say beyond their order is kept in two tables, `branches.yaml`
and `fields.yaml`. A row that quotes words which are not there, or that fits no
step, is refused: the tables cannot drift from the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import yaml
from msgspec import Meta

from protocol.base import Key, Record
from protocol.fields import FieldDefinition, FieldType, Option
from protocol.workflow import Answer, Section, WorkflowDocument

HERE = Path(__file__).parent
CATEGORY = "Sample library"
END = "wrap_up"

ASKED_FOR = {
    "Username": ("username", FieldType.TEXT),
    "Email Address": ("email", FieldType.EMAIL),
    "Order ID": ("order_id", FieldType.TEXT),
    "Account ID": ("account_id", FieldType.TEXT),
    "Full name": ("full_name", FieldType.TEXT),
    "Zip Code": ("zip_code", FieldType.TEXT),
    "Phone number": ("phone_number", FieldType.TEXT),
    "Telephone Number": ("phone_number", FieldType.TEXT),
    "PIN Number": ("pin", FieldType.MASKED),
    "Password": ("password", FieldType.MASKED),
}
"""What a line of a step asks for with its first words, and the Field that it becomes."""
ASKING_BUTTONS = {"Validate Purchase", "Verify Identity"}


class Step(Record, frozen=True, kw_only=True):
    """One action of a procedure."""

    button: str
    text: str
    subtext: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """All of it."""
        return "\n".join((self.text, *self.subtext))


class Procedure(Record, frozen=True, kw_only=True, dict=True, gc=True):
    """One subflow."""

    flow: str
    name: str
    instructions: tuple[str, ...]
    steps: tuple[Step, ...]

    @cached_property
    def words(self) -> str:
        """All of it."""
        return "\n".join((*self.instructions, *(step.words for step in self.steps)))


class Branch(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An Answer that the words speak of."""

    says: str
    label: str
    to: Annotated[int, Meta(ge=1)] | Literal["next", "end"]
    implied: bool = False


class BranchRow(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the way parts."""

    at: tuple[str, ...]
    answers: tuple[Branch, ...]


class TableField(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A Field that the words ask for."""

    key: Key
    type: FieldType
    label: str
    options: tuple[str, ...] | Literal["listed"] = ()
    unit: str | None = None
    currency: str | None = None


class FieldRow(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to find out or enter, at the steps named or at those whose button and words fit."""

    fields: tuple[TableField, ...]
    at: tuple[str, ...] = ()
    button: str | None = None
    says: str = ""


class UnfitTable(Exception):
    """A row of a table does not fit the guidelines; the text says which and why."""


def read_procedures(source: Mapping[str, Any]) -> tuple[Procedure, ...]:
    """The guidelines' procedures, in their order."""
    return tuple(
        Procedure(
            flow=flow,
            name=name,
            instructions=tuple(subflow["instructions"]),
            steps=tuple(
                Step(button=action["button"], text=action["text"], subtext=tuple(action.get("subtext", ())))
                for action in subflow["actions"]
            ),
        )
        for flow, content in source.items()
        for name, subflow in content["subflows"].items()
    )


def convert_all() -> tuple[WorkflowDocument, ...]:
    """All procedures as Workflows. Raises `UnfitTable`."""
    procedures = read_procedures(json.loads((HERE / "guidelines.json").read_text()))
    branches = _read_table("branches.yaml", BranchRow)
    fields = _read_table("fields.yaml", FieldRow)
    _require_places(procedures, [place for row in (*branches, *fields) for place in row.at])
    return tuple(convert(procedure, branches, fields) for procedure in procedures)


def convert(procedure: Procedure, branches: Sequence[BranchRow], fields: Sequence[FieldRow]) -> WorkflowDocument:
    """One procedure. Raises `UnfitTable`."""
    definitions: dict[Key, FieldDefinition] = {}
    sections = []
    for number, step in enumerate(procedure.steps, 1):
        asked = {field.key: field for field in _fields_of(procedure, number, step, fields)}
        definitions |= {key: field for key, field in asked.items() if key not in definitions}
        sections.append(
            Section(
                key=f"step_{number}",
                name=f"{number}. {_name_of(step)}",
                content=_content(step, procedure.instructions[:1] if number == 1 else ()),
                fields=tuple(asked),
                answers=tuple(_answers(procedure, number, branches)),
            )
        )
    end = Section(key=END, name="Wrap up", content="\n\n".join(map(_escape, procedure.instructions[1:])))
    document = WorkflowDocument(
        format="sidecoach.workflow/1",
        key="abcd_" + _key(f"{procedure.flow} {procedure.name}"),
        name=procedure.name,
        description=procedure.instructions[0],
        category=f"{CATEGORY} / {procedure.flow}",
        title="{{account}}" if "account" in definitions else "",
        start="step_1",
        sections=(*sections, end),
        fields=tuple(definitions.values()),
    )
    # Made, not read: only reading checks lengths and forms.
    return msgspec.convert(msgspec.to_builtins(document), WorkflowDocument)


def _answers(procedure: Procedure, number: int, branches: Sequence[BranchRow]) -> Iterator[Answer]:
    place = f"{procedure.name} {number}"
    onward = f"step_{number + 1}" if number < len(procedure.steps) else END
    rows = [row for row in branches if place in row.at]
    if not rows:
        yield Answer(key="done", label="Done", to=onward)
    for branch in (branch for row in rows for branch in row.answers):
        if branch.says not in procedure.words:
            raise UnfitTable(f"branches.yaml: {place}: {branch.says!r} is not said there")
        targets = {"next": onward, "end": END}
        to = targets.get(branch.to, "") if isinstance(branch.to, str) else f"step_{branch.to}"
        yield Answer(key=_key(branch.label), label=branch.label, to=to)


def _fields_of(procedure: Procedure, number: int, step: Step, rows: Sequence[FieldRow]) -> Iterator[FieldDefinition]:
    if step.button in ASKING_BUTTONS:
        for line in step.subtext:
            for words, (key, field_type) in ASKED_FOR.items():
                if line.startswith(words):
                    yield FieldDefinition(key=key, type=field_type, label=words)
    place = f"{procedure.name} {number}"
    for row in rows:
        fits = row.button == step.button and row.says in step.words
        if place in row.at or fits:
            yield from (_definition(procedure, place, step, field) for field in row.fields)


def _definition(procedure: Procedure, place: str, step: Step, field: TableField) -> FieldDefinition:
    if field.options == "listed":
        options: tuple[str, ...] = tuple(re.split(r"(?<=\?), |, ", procedure.instructions[-1]))
    else:
        options = field.options
        unsaid = [option for option in options if option.casefold() not in step.words.casefold()]
        if unsaid and field.key != "member_level":  # the four levels hold wherever one of them is named
            raise UnfitTable(f"fields.yaml: {place}: {unsaid} is not said there")
    return FieldDefinition(
        key=field.key,
        type=field.type,
        label=field.label,
        options=tuple(Option(value=option) for option in options),
        unit=field.unit,
        currency=field.currency,
    )


def _require_places(procedures: Sequence[Procedure], places: Sequence[str]) -> None:
    known = {f"{procedure.name} {number}" for procedure in procedures for number in range(1, len(procedure.steps) + 1)}
    for place in places:
        if place not in known:
            raise UnfitTable(f"there is no step {place!r}")


def _read_table(name: str, row: Any) -> tuple[Any, ...]:
    values = yaml.safe_load((HERE / name).read_text())
    return msgspec.convert(values, tuple[row, ...])


def _name_of(step: Step) -> str:
    return "Talk to the customer" if step.button == "N/A" else step.button


def _content(step: Step, before: Sequence[str]) -> str:
    """The step's words as Markdown: lines of the step as a list, what hangs on a line a level below."""
    lines = [f"*{_escape(text.strip())}*\n" for text in before]
    if step.text.strip() != "x":  # stands for no text at all
        lines.append(_escape(step.text) + "\n")
    for item in step.subtext:
        first, *rest = re.split(r"\s*(?<!KB Query )(?<!KB Query)> |\s*<or>\s*", item)
        lines += [f"- {_escape(first)}", *(f"  - {_escape(line)}" for line in rest)]
    return "\n".join(lines).strip()


def _escape(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", " ".join(text.split()))


def _key(text: str) -> Key:
    key = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:60]
    return key if key[0].isalpha() else f"is_{key}"
