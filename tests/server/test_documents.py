"""Workflow documents as files."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.fields import FieldType
from protocol.workflow import WorkflowDocument
from server.actions.integrations import INTEGRATIONS
from server.document_text import MAX_DEPTH, MAX_VALUES, scalar
from server.documents import BadDocument, read_document, write_document
from server.parts import actions_of
from server.samples import SAMPLES
from session_engine.workflow_graph import problems

KNOWN = actions_of(INTEGRATIONS)
SMALL = "format: sidecoach.workflow/1\nkey: w\nname: W\n"


def sample(name: str) -> WorkflowDocument:
    path = SAMPLES / name
    return read_document(path.read_bytes(), path.name)


def told(source: str | bytes, name: str = "w.yaml") -> list[tuple[str, str]]:
    """Path and message of each problem."""
    with pytest.raises(BadDocument) as caught:
        read_document(source, name)
    assert all(each.blocks for each in caught.value.problems)
    return [(each.path, each.message) for each in caught.value.problems]


class TestSamples:
    def test_the_broadband_workflow_is_whole(self) -> None:
        """[WF1] 27 Sections, 55 Answers, 26 Fields, 12 Responses, 10 Actions, 9 ends, 4 of them wins."""
        workflow = sample("broadband_retention.yaml")
        sections = {section.key: section for section in workflow.sections}

        @cache
        def paths(key: str) -> int:
            return sum(paths(answer.to or "") for answer in sections[key].answers) or 1

        assert problems(workflow, KNOWN) == ()
        assert len(workflow.sections) == 27
        assert sum(len(section.answers) for section in workflow.sections) == 55
        assert len(workflow.fields) == 26
        assert len(workflow.responses) == 12
        assert sum(len(section.actions) for section in workflow.sections) == 10
        assert sum(not section.answers for section in workflow.sections) == 9
        assert sum(section.win for section in workflow.sections) == 4
        assert paths(workflow.start or "") == 854

    def test_every_field_of_the_broadband_workflow_is_attached_and_every_text_is_there(self) -> None:
        """[WF1] Nothing is defined and then forgotten."""
        workflow = sample("broadband_retention.yaml")

        attached = {key for section in workflow.sections for key in section.fields}
        assert attached == {definition.key for definition in workflow.fields}
        assert all(len(each.content) > 150 for each in (*workflow.sections, *workflow.responses))

    @pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
    def test_importing_an_export_is_identity(self, path: Path) -> None:
        """[WF14] In YAML and, since the schema is the same, in JSON."""
        workflow = sample(path.name)

        assert read_document(write_document(workflow), "again.yaml") == workflow
        assert read_document(msgspec.json.encode(workflow), "again.json") == workflow


keys = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
storable = st.characters(codec="utf-8", exclude_characters="\0")
texts = st.one_of(
    st.text(storable, max_size=40),
    st.sampled_from(
        ["yes", "no", "on", "~", "null", "08", "1e5", "0x1f", "1_000", "12:30", "2026-02-28", "=", "<<", ""]
    ),
    st.sampled_from(
        ["a\nb", " a\n b\n", "a \nb", "\n", "a\n\n\n", "a\tb\n", "# a\nb: c\n", "a\u0085b\u2028c\n", "- a", "a: b"]
    ),
)
numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([5e-324, 1e22, -0.0, 0.1, 1.7976931348623157e308])
)
names = texts.filter(bool)
contents = st.one_of(st.none(), st.booleans(), texts, st.lists(texts, max_size=3).map(tuple))
comparisons = st.fixed_dictionaries(
    {"type": st.just("field"), "field": keys, "op": st.sampled_from(["eq", "ne", "filled"]), "value": contents}
)
conditions = st.recursive(
    comparisons,
    lambda parts: st.one_of(
        st.fixed_dictionaries({"type": st.sampled_from(["all", "any"]), "of": st.lists(parts, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"type": st.just("not"), "of": parts}),
    ),
    max_leaves=4,
)
parameters = st.dictionaries(
    texts,
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), numbers, texts),
        lambda parts: st.one_of(st.lists(parts, max_size=3), st.dictionaries(texts, parts, max_size=3)),
        max_leaves=6,
    ),
    max_size=3,
)


def some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(strategy, max_size=2)


def record(required: dict[str, Any], **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


answers = record(
    {"key": keys, "label": names},
    to=st.one_of(st.none(), keys),
    writes=st.fixed_dictionaries({"field": keys, "value": contents}),
    visible_when=conditions,
)
actions = record(
    {"key": keys, "name": names, "integration": st.from_regex(r"[a-z]{1,5}\.[a-z]{1,5}@[1-9]", fullmatch=True)},
    parameters=parameters,
    timing=st.sampled_from(["immediate", "delayed", "automatic"]),
    editable=st.one_of(st.none(), some(texts)),
    second_person=record({}, field=keys, above=numbers),
    results=st.dictionaries(texts, keys, max_size=2),
)
sections = record(
    {"key": keys, "name": names},
    content=texts,
    answers=some(answers),
    fields=some(keys),
    actions=some(actions),
    routes=some(st.fixed_dictionaries({"when": conditions, "to": keys})),
    win=st.booleans(),
    disclosure=record({}, min_s=st.integers(0, 3600)),
    expected_s=st.integers(1, 86_400),
)
definitions = record(
    {"key": keys, "type": st.sampled_from([each.value for each in FieldType]), "label": names},
    default=contents,
    rules=record({}, min=numbers, pattern=texts, min_length=st.integers(1, 9)),
    options=some(record({"value": names}, label=st.one_of(st.none(), names))),
    visible_when=conditions,
)
workflows = record(
    {"format": st.just("sidecoach.workflow/1"), "key": keys, "name": names},
    title=texts,
    start=st.one_of(st.none(), keys),
    sections=some(sections),
    fields=some(definitions),
    responses=some(st.fixed_dictionaries({"key": keys, "kind": st.just("objection"), "name": names, "content": texts})),
).map(lambda built: msgspec.convert(built, WorkflowDocument))


@given(workflows)
def test_whatever_is_written_reads_back_the_same(workflow: WorkflowDocument) -> None:
    """[WF14] Any text, any value, any nesting."""
    assert read_document(write_document(workflow), "w.yaml") == workflow


@given(st.text(max_size=30))
def test_no_text_is_read_with_another_error(text: str) -> None:
    """[WF10] Whatever it is, it is told as problems."""
    for name in ("w.yaml", "w.json"):
        assert told(text, name)


class TestText:
    def test_a_fault_of_syntax_has_line_and_column(self) -> None:
        """[WF10] In both languages."""
        assert told(SMALL + "sections: [\n") == [
            ("", "not YAML: did not find expected node content (line 5, column 1)")
        ]
        assert told("key: 'a\n") == [("", "not YAML: found unexpected end of stream (line 2, column 1)")]
        assert told('{"key": "a"', "w.JSON") == [("", "not JSON: Expecting ',' delimiter (line 1, column 12)")]

    def test_every_repeated_key_is_told_with_its_path(self) -> None:
        """[WF11] The later one would silently win."""
        twice = SMALL + "key: v\nsections:\n- {key: a, name: A, key: b}\n"

        assert told(twice) == [
            ("key", "'key' is there twice; expected each key once (line 4, column 1)"),
            ("sections[0].key", "'key' is there twice; expected each key once (line 6, column 21)"),
        ]

    def test_every_repeated_key_in_json_is_told_with_its_path(self) -> None:
        """[WF11] As in YAML."""
        source = '{"key": "w", "sections": [{"name": "A", "name": "B", "win": true, "win": true}]}'

        assert told(source, "w.json") == [
            ("sections[0].name", "'name' is there twice; expected each key once"),
            ("sections[0].win", "'win' is there twice; expected each key once"),
        ]
        assert told('{"a": {"b": 1, "b": 2}, "a": 3}', "w.json")[0][1].startswith("'b' is there twice")

    def test_yes_no_on_and_dates_are_text(self) -> None:
        """[WF11] As their author meant them; only true and false are booleans."""
        options = "[{value: yes}, {value: no}, {value: on}, {value: 2026-02-28}, {value: 12:30}]"
        workflow = read_document(
            SMALL + f"fields: [{{key: f, type: single_choice, label: F, options: {options}}}]", "w.yaml"
        )

        assert [option.value for option in workflow.fields[0].options] == ["yes", "no", "on", "2026-02-28", "12:30"]

    def test_plain_text_that_yaml_takes_for_something_else_is_explained(self) -> None:
        """[WF11] A number or a boolean where text is expected wants quotes; `yes` is no boolean."""
        source = SMALL + (
            "fields:\n- {key: f, type: single_choice, label: 7, required: yes, options: [{value: true}, {value: 1}]}\n"
        )

        assert told(source) == [
            ("fields[0].label", "found 7; expected text; put it in quotes to make it text"),
            ("fields[0].required", "found 'yes'; expected true or false; yes, no, on and off are text"),
            ("fields[0].options[0].value", "found true; expected text; put it in quotes to make it text"),
            ("fields[0].options[1].value", "found 1; expected text; put it in quotes to make it text"),
        ]

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("", None),
            ("~", None),
            ("true", True),
            ("FALSE", False),
            ("-12", -12),
            ("1e3", 1000.0),
            (".5", 0.5),
            ("x", "x"),
        ],
    )
    def test_plain_scalars_follow_the_core_schema(self, text: str, value: Any) -> None:
        """[WF11] YAML 1.2, section 10.3."""
        assert scalar(text) == value

    def test_aliases_stand_for_what_they_name(self) -> None:
        """[WF12] A little repetition may be saved."""
        workflow = read_document(SMALL + "description: &d Hello\ncategory: *d\n", "w.yaml")

        assert workflow.category == "Hello"

    def test_a_bomb_of_aliases_is_refused_at_once(self) -> None:
        """[WF12] Ten levels of ten would be ten thousand million values."""
        levels = "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 11))

        ((path, message),) = told("a0: &a0 x\n" + levels)
        assert (path, message.startswith("too much")) == ("", True)

    @pytest.mark.parametrize(
        ("source", "says"),
        [
            ("a: &a [*a]", "*a stands for nothing"),
            ("a: *b", "*b stands for nothing"),
            ("a: !!python/name:os.system x", "expected no tags"),
            ("a: !!int 3", "expected no tags"),
            ("? [a]\n: b", "a key that is no text"),
            ("a: &a [1]\n*a : b", "a key that is no text"),
            ("a: 1\n---\nb: 2", "a second document begins"),
            ("[" * 20_000, "nested too deeply"),
            ("a: " + "9" * 400 + "\nb: \x07", "not YAML"),
        ],
    )
    def test_what_yaml_could_do_and_documents_need_not_is_refused(self, source: str, says: str) -> None:
        """[WF12] In words, with the place."""
        assert says in told(source)[0][1]

    @pytest.mark.parametrize(
        ("source", "says"),
        [
            ("[" * 200_000, "expected at most 64 levels"),
            ('{"a":' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1), "nested too deeply"),
            ('{"a": ' + "9" * 5000 + "}", "numbers of at most 400 digits"),
            ("[" + "1," * MAX_VALUES + "1]", "too much"),
            ('{"a": 1e999}', "not a finite number"),
            ('{"a": NaN}', "not a finite number"),
            ('{"a": "\\ud800"}', "half a character"),
            ('{"a": "\\u0000"}', "NUL"),
            ('{"\\ud800": 1}', "a key with"),
        ],
    )
    def test_what_json_could_carry_and_no_store_keeps_is_refused(self, source: str, says: str) -> None:
        """[WF12] Before it gets anywhere."""
        assert says in told(source, "w.json")[0][1]

    def test_more_than_five_megabytes_are_not_even_read(self) -> None:
        """[WF12] As bytes and as text; a byte-order mark is no fault."""
        size = 5 * 1024 * 1024

        assert told(b" " * (size + 1)) == [("", f"{size + 1} bytes; expected at most {size}")]
        assert told("ä" * (size // 2 + 1)) == [("", f"{size + 2} bytes; expected at most {size}")]
        assert read_document(b"\xef\xbb\xbf" + SMALL.encode(), "w.yaml") == read_document("\ufeff" + SMALL, "w.yaml")

    def test_bytes_that_are_no_text_are_told(self) -> None:
        """[WF10] With the place of the first."""
        assert told(b"key: \xff") == [("", "byte 5 is not UTF-8; expected text in UTF-8")]


class TestSchema:
    def test_a_broken_document_lists_all_that_is_wrong(self) -> None:
        """[WF13] Found and expected, each with its path; the alternative that was meant is the one that speaks."""
        source = """
        format: sidecoach.workflow/2
        key: Bad Key
        nam: X
        sections:
        - key: a
          name: ""
          expected_s: 0
          fields: a
          answers:
          - {key: x, label: X, visible_when: {type: fld, field: q, op: eq}}
          - {key: y, label: Y, visible_when: {field: q, op: eq}}
          - {key: z, label: Z, visible_when: {type: all, of: []}}
          - {key: w, lable: W, visible_when: 5, writes: {field: f, value: {}}}
          - {key: v, label: V, visible_when: {type: not, of: {type: field, field: q, op: is}}}
        - a
        fields:
        - {key: f, type: txt, label: F, default: [1], rules: {min: "3"}}
        """
        tags = "type: field or type: all or type: any or type: not"

        assert sorted(told(source)) == sorted(
            [
                ("format", "found 'sidecoach.workflow/2'; expected sidecoach.workflow/1, perhaps"),
                (
                    "key",
                    "found 'Bad Key'; expected text that fits ^[a-z][a-z0-9_]{0,63}$"
                    " (Stable name in snake_case, unique among its kind.)",
                ),
                ("nam", "unknown property; expected name, perhaps"),
                ("name", "missing; expected it to be given"),
                ("sections[0].name", "found 0 characters; expected at least 1"),
                ("sections[0].expected_s", "found 0; expected at least 1"),
                ("sections[0].fields", "found 'a'; expected a list"),
                ("sections[0].answers[0].visible_when", f"found a mapping; expected {tags}"),
                ("sections[0].answers[1].visible_when", f"found a mapping; expected {tags}"),
                ("sections[0].answers[2].visible_when.of", "found 0 items; expected at least 1"),
                ("sections[0].answers[3].label", "missing; expected it to be given"),
                ("sections[0].answers[3].lable", "unknown property; expected label, perhaps"),
                ("sections[0].answers[3].visible_when", "found 5; expected a mapping or nothing"),
                (
                    "sections[0].answers[3].writes.value",
                    "found a mapping; expected text or true or false or a list or nothing",
                ),
                (
                    "sections[0].answers[4].visible_when.of.op",
                    "found 'is'; expected one of contains, empty, eq, filled, ge, gt, le, lt, ne",
                ),
                ("sections[1]", "found 'a'; expected a mapping"),
                ("fields[0].type", "found 'txt'; expected text, perhaps"),
                ("fields[0].default[0]", "found 1; expected text; put it in quotes to make it text"),
                ("fields[0].rules.min", "found '3'; expected a number or nothing"),
            ]
        )

    @pytest.mark.parametrize(("source", "found"), [("", "nothing"), ("- a", "a list"), ("x" * 50, f"'{'x' * 40}…'")])
    def test_a_document_is_a_mapping(self, source: str, found: str) -> None:
        """[WF13] An empty file, a list, a sentence."""
        assert told(source) == [("", f"found {found}; expected a mapping")]

    def test_the_error_reads_as_one_line(self) -> None:
        """[WF13] For whoever only logs it."""
        with pytest.raises(BadDocument, match="document: found nothing; expected a mapping"):
            read_document(json.dumps(None), "w.json")
