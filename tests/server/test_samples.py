"""The Workflows that come with the product: whole, and true to where they come from."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache

import pytest
from msgspec.structs import replace

from protocol.fields import FieldType
from protocol.workflow import WorkflowDocument
from server.actions.integrations import INTEGRATIONS
from server.documents import read_document
from server.parts import actions_of
from server.samples import SAMPLES, sample_documents
from server.samples.abcd.convert import (
    HERE,
    Branch,
    BranchRow,
    FieldRow,
    Procedure,
    TableField,
    UnfitTable,
    convert,
    convert_all,
    read_procedures,
)
from session_engine.workflow_graph import incomplete, problems


@cache
def library() -> tuple[tuple[Procedure, WorkflowDocument], ...]:
    """Each procedure with its Workflow."""
    procedures = read_procedures(json.loads((HERE / "guidelines.json").read_text()))
    return tuple(zip(procedures, convert_all(), strict=True))


def test_there_are_57_and_nothing_is_wrong_with_any() -> None:
    """[WF1, WF18] Two real ones and 55 of the library, under keys of their own."""
    documents = [*sample_documents()]

    assert len({document.key for document in documents}) == 57
    known = actions_of(INTEGRATIONS)
    assert [document.key for document in documents if problems(document, known) or incomplete(document)] == []
    assert sum(document.category.startswith("Sample library / ") for document in documents) == 55


def test_the_discovery_workflow_is_whole() -> None:
    """[WF1] 20 Sections, 47 Answers, 18 Fields, 11 Responses, 9 Actions, 7 ends, one of them a win."""
    path = SAMPLES / "outbound_discovery.yaml"
    workflow = read_document(path.read_bytes(), path.name)

    assert len(workflow.sections) == 20
    assert sum(len(section.answers) for section in workflow.sections) == 47
    assert len(workflow.fields) == 18
    assert len(workflow.responses) == 11
    assert sum(len(section.actions) for section in workflow.sections) == 9
    assert sum(not section.answers for section in workflow.sections) == 7
    assert [section.key for section in workflow.sections if section.win] == ["demo_confirmed"]
    assert {key for section in workflow.sections for key in section.fields} == {field.key for field in workflow.fields}
    assert workflow.sections[6].key == "size"
    assert any(answer.to == "size" for answer in workflow.sections[10].answers), "a Section can be visited twice"


def words_of(text: str) -> list[str]:
    """The words, without what only sets them."""
    return re.findall(r"[^\W_]+|[$%]", text)


def test_every_step_stands_word_for_word_in_its_workflow() -> None:
    """[WF1] 255 steps of 55 procedures, each a Section; nothing is added to the words but Answers and Fields."""
    steps = 0
    for procedure, workflow in library():
        assert len(workflow.sections) == len(procedure.steps) + 1
        for number, (step, section) in enumerate(zip(procedure.steps, workflow.sections, strict=False)):
            steps += 1
            before = procedure.instructions[0] if number == 0 else ""
            said = "" if step.text.strip() == "x" else step.text
            expected = words_of("\n".join([before, said, *step.subtext]))
            without_marks = expected if "<or>" not in step.words else [word for word in expected if word != "or"]
            here = [word for word in words_of(section.content) if "<or>" not in step.words or word != "or"]
            assert here == without_marks
        assert words_of(workflow.sections[-1].content) == words_of("\n".join(procedure.instructions[1:]))
    assert steps == 255


def test_what_the_tables_made_of_it() -> None:
    """[WF1] Counted, so that a change of a table shows."""
    answers = Counter(
        len(section.answers) for _, workflow in library() for section in workflow.sections if section.answers
    )
    fields = Counter(field.type for _, workflow in library() for field in workflow.fields)

    assert answers == {1: 183, 2: 65, 3: 5, 4: 2}
    assert fields == {
        "text": 157,
        "single_choice": 54,
        "email": 18,
        "yes_no": 18,
        "money": 13,
        "masked": 9,
        "date": 3,
        "number": 2,
    }


def test_no_end_of_the_library_is_a_win() -> None:
    """[WF1] The guidelines know none."""
    assert not any(section.win for _, workflow in library() for section in workflow.sections)


UNSAID = TableField(key="coin", type=FieldType.SINGLE_CHOICE, label="Coin", options=("Bitcoin",))


@pytest.mark.parametrize(
    ("branches", "fields", "reason"),
    [
        ([BranchRow(at=("P 1",), answers=(Branch(says="never said", label="A", to="end"),))], [], "not said there"),
        (
            [],
            [
                FieldRow(
                    at=("P 1",), fields=(TableField(key="a", type="single_choice", label="A", options=("Crypto",)),)
                )
            ],  # type: ignore[arg-type]
            "not said there",
        ),
    ],
    ids=["a branch", "an option"],
)
def test_a_table_that_does_not_fit_the_words_is_refused(
    branches: list[BranchRow], fields: list[FieldRow], reason: str
) -> None:
    """[WF1] The tables cannot drift from the text."""
    procedure = replace(library()[0][0], name="P")

    with pytest.raises(UnfitTable, match=reason):
        convert(procedure, branches, fields)
