"""Entering values, and what becomes of odd ones."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.account import Locale
from protocol.base import FieldContent
from protocol.commands import SetField
from protocol.events import FieldProblem
from protocol.fields import FieldDefinition, FieldType, Option, Rules
from protocol.refusals import RefuseCode
from session_engine.fields import judged
from session_engine.project import shown
from session_engine.values.reading import Reading
from tests.support.scenario import ANA, Scenario
from tests.support.workflows import SMALL

PLAIN = Reading(Locale(), 1_775_000_000_000)
"""London, in the night to 1 April 2026."""


def canonical(definition: FieldDefinition, content: FieldContent) -> FieldContent:
    """What is stored, judgement aside."""
    return judged(definition, content, PLAIN)[0]


def find_problem(definition: FieldDefinition, content: FieldContent) -> FieldProblem | None:
    """How it is judged."""
    return judged(definition, content, PLAIN)[1]


def enter(call: Scenario, key: str, content: FieldContent) -> None:
    """Ana enters a value on the current visit."""
    call.when(SetField(visit_id=call.state.current_visit_id, seat=call.state.seat, field_key=key, content=content))


def test_a_value_is_held_with_who_when_and_which_visit(call: Scenario) -> None:
    """[FD1] A Field holds its value, its author, its time and its visit."""
    enter(call, "customer", "Lovelace")
    value = call.state.fields["customer"]
    assert (value.content, value.by, value.at_ms, value.visit_id) == ("Lovelace", ANA.party, call.now_ms, "v1")


@pytest.mark.parametrize("blank", [None, "", "   "])
def test_blank_empties_a_field(call: Scenario, blank: str | None) -> None:
    """[FD2] Blank text is no value."""
    enter(call, "customer", "Lovelace")
    enter(call, "customer", blank)
    assert "customer" not in call.state.fields


@pytest.mark.parametrize(
    ("key", "content", "kind", "expected"),
    [
        ("amount", "lots", "not_a_number", "a number from 0 to 50"),
        ("amount", "51", "too_large", "a number from 0 to 50"),
        ("amount", "-1", "too_small", "a number from 0 to 50"),
        ("pin", "12", "too_short", "at least 4 characters"),
        ("pin", "12ab", "pattern", "text matching [0-9]{4}"),
        ("customer", "x" * 41, "too_long", "at most 40 characters"),
        ("colour", "green", "not_an_option", "one of the listed options"),
        ("extras", ("case", "hat"), "not_an_option", "one of the listed options"),
    ],
)
def test_a_value_that_breaks_a_rule_is_kept_and_explained(
    call: Scenario, key: str, content: FieldContent, kind: str, expected: str
) -> None:
    """[FD3] Nothing that was typed is lost: it is kept with what was expected."""
    enter(call, key, content)
    value = call.state.fields[key]
    assert value.content == content
    assert value.problem is not None
    assert (value.problem.kind, value.problem.expected) == (kind, expected)


@pytest.mark.parametrize(
    ("key", "content"), [("agrees", "yes"), ("extras", "case"), ("customer", True), ("amount", ("1",))]
)
def test_content_that_no_input_produces_is_refused(call: Scenario, key: str, content: FieldContent) -> None:
    """[FD4] The shape must fit the Field's type."""
    enter(call, key, content)
    call.then_refused(RefuseCode.BAD_CONTENT)


def test_an_unknown_field_is_refused(call: Scenario) -> None:
    """[FD4] Only Fields of the Workflow can be set."""
    enter(call, "shoe_size", "43")
    call.then_refused(RefuseCode.UNKNOWN_FIELD)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [(" 007 ", "7"), ("+1.50", "1.5"), (".5", "0.5"), ("-0", "0"), ("3.", "3"), ("1" * 41, "1" * 41)],
)
def test_numbers_are_stored_as_their_shortest_decimal(typed: str, stored: str) -> None:
    """[FD5] One number has one stored form."""
    assert canonical(SMALL.fields["amount"], typed) == stored


def test_choices_are_stored_once_in_the_options_order() -> None:
    """[FD5] One set of choices has one stored form; unknown ones come last."""
    assert canonical(SMALL.fields["extras"], ("stand", "hat", "case", "stand")) == ("case", "stand", "hat")
    assert canonical(SMALL.fields["extras"], ()) is None


@pytest.mark.parametrize(
    ("rules", "expected"),
    [(Rules(), "a number"), (Rules(min=1), "a number of at least 1"), (Rules(max=9.5), "a number of at most 9.5")],
)
def test_what_is_expected_of_a_number_is_said_in_words(rules: Rules, expected: str) -> None:
    """[FD3] The explanation names the bounds that exist."""
    problem = find_problem(FieldDefinition(key="n", type=FieldType.NUMBER, label="N", rules=rules), "x")
    assert problem is not None
    assert problem.expected == expected


def test_no_pattern_stops_the_process() -> None:
    """[FD3] A pattern over which backtracking takes ages is judged at once."""
    rules = Rules(pattern="([A-Z0-9]+ ?)+")
    definition = FieldDefinition(key="code", type=FieldType.TEXT, label="Code", rules=rules)
    before_s = time.process_time()
    problem = find_problem(definition, "A" * 9_999 + "!")
    assert time.process_time() - before_s < 0.5
    assert problem is not None
    assert problem.kind == "pattern"
    assert find_problem(definition, "A1 " * 3_333) is None


definitions = st.builds(
    FieldDefinition,
    key=st.just("field"),
    type=st.sampled_from(FieldType),
    label=st.just("Field"),
    options=st.just((Option(value="a"), Option(value="b"))),
    rules=st.builds(Rules, max_length=st.none() | st.integers(1, 5), max=st.none() | st.integers(0, 9)),
)


@given(definition=definitions, text=st.text(max_size=60))
def test_canonical_content_is_its_own_canonical_form(definition: FieldDefinition, text: str) -> None:
    """[FD5] Storing what is stored changes nothing, whatever was typed."""
    content: FieldContent = text
    if definition.type is FieldType.YES_NO:
        content = len(text) % 2 == 0
    elif definition.type is FieldType.MULTIPLE_CHOICE:
        content = tuple(text)
    stored = canonical(definition, content)
    assert canonical(definition, stored) == stored
    find_problem(definition, stored)
    assert isinstance(shown(definition, stored), str)
