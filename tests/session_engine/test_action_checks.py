"""What is told of Actions before their Workflow is published."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from protocol.integrations import IntegrationAction, Parameter, ParameterOption, ParameterType, Safety
from protocol.workflow import Problem, WorkflowDocument
from session_engine.workflow_graph import problems

FIELDS = ({"key": "name", "type": "text", "label": "Name"}, {"key": "mail", "type": "email", "label": "Mail"})
AT = "sections[0].actions[0]"


def parameter(key: str, kind: ParameterType, **more: Any) -> Parameter:
    return Parameter(key=key, type=kind, label=key, **more)


KIT = IntegrationAction(
    id="kit.use@1",
    name="Use all of the kit",
    parameters=(
        *(parameter(kind.value, kind) for kind in ParameterType if kind is not ParameterType.CHOICE),
        parameter("choice", ParameterType.CHOICE, options=(ParameterOption(value="a", label="A"),)),
        parameter("short", ParameterType.JSON, max_length=3),
        parameter("fixed", ParameterType.MAP, templatable=False),
    ),
    safety=Safety.KEY,
    results=("id", "url"),
)
NOTE = IntegrationAction(
    id="note.add@1",
    name="Add a note",
    parameters=(
        parameter("to", ParameterType.TEXT, required=True),
        parameter("place", ParameterType.TEXT, required=True, templatable=False),
        parameter("data", ParameterType.JSON),
    ),
    safety=Safety.KEY,
)
WHOLE = {"to": "x", "place": "y"}
INTEGRATIONS = {KIT.id: KIT, NOTE.id: NOTE}


def action(key: str = "a", integration: str = KIT.id, **more: Any) -> dict[str, Any]:
    return {"key": key, "name": key, "integration": integration, **more}


def document(*actions: dict[str, Any]) -> WorkflowDocument:
    section = {"key": "s", "name": "S", "actions": actions}
    built = {"format": "sidecoach.workflow/1", "key": "w", "name": "W", "start": "s"}
    return msgspec.convert({**built, "sections": [section], "fields": FIELDS}, WorkflowDocument)


def judged(*actions: dict[str, Any]) -> tuple[Problem, ...]:
    """What is wrong where the Integrations are known; all of it blocks."""
    found = problems(document(*actions), INTEGRATIONS)
    assert all(each.blocks for each in found)
    return found


def unjudged(*actions: dict[str, Any]) -> list[tuple[str, str]]:
    """What is wrong whatever the Integrations are."""
    return places(problems(document(*actions)))


def places(found: tuple[Problem, ...]) -> list[tuple[str, str]]:
    return [(each.code.value, each.path) for each in found]


def kit(**parameters: Any) -> list[tuple[str, str]]:
    """What is wrong with these parameters, each by its path below them."""
    return [
        (code, path.removeprefix(f"{AT}.parameters.")) for code, path in places(judged(action(parameters=parameters)))
    ]


class TestTemplates:
    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("{{ fields.name", "cannot be read"),
            ("{% for i in fields.name %}{% endfor %}", "unexpected tag 'for'"),
            ("{{ (1..100000000) | join }}", "has a range"),
            ("{{ fields.name | sort }}", "uses the filter 'sort'"),
            ("{{ fields }}", "names fields without a key"),
            ("{{ fields.name }}" + "x" * 10_000, "expected at most 10000"),
            ("{{ name }}", "names 'name'"),
        ],
    )
    def test_a_text_that_is_no_template_is_told_with_its_place_and_why(self, text: str, reason: str) -> None:
        """[WF9][TP1] One that loops or explodes is refused when it is saved, not when it is sent."""
        found = problems(document(action(parameters={"data": {"note": text, "rest": ["", text]}})))

        assert places(found) == [
            ("bad_template", f"{AT}.parameters.data.note"),
            ("bad_template", f"{AT}.parameters.data.rest[1]"),
        ]
        assert all(reason in each.message for each in found)
        assert found[0].message.endswith("a Field is written {{ fields.key }}")

    def test_what_templates_may_name_is_left_alone(self) -> None:
        """[WF5] Whatever is none of the document's own keys."""
        texts = ["{{ notes }}", "{{ responses }}", "{{ answers.s }}", "{{ owner.name }}", "{{ session.url }}", "{ x }"]

        assert unjudged(action(parameters={"data": texts})) == []

    def test_every_field_that_a_template_names_is_one(self) -> None:
        """[WF5] By key, wherever it is named; each once in a text."""
        text = "{% if fields.x %}{{ fields.name }}{{ fields.y | append: fields.x }}{% endif %}"

        assert unjudged(action(parameters={"data": text})) == [("unknown_field", f"{AT}.parameters.data")] * 2

    def test_results_are_those_of_the_action_before(self) -> None:
        """[WF5] Of no other Action would they be there for sure."""
        data = {"mine": "{{ results.b.id }}", "other": "{{ results.c.id }}", "none": "{{ results.x.id }}"}

        assert unjudged(action(parameters={"data": data}, after="b"), action("b"), action("c")) == [
            ("unknown_action", f"{AT}.parameters.data.other"),
            ("unknown_action", f"{AT}.parameters.data.none"),
        ]
        assert unjudged(action("b"), action(parameters={"data": "{{ results.b.id }}"})) == [
            ("unknown_action", "sections[0].actions[1].parameters.data")
        ]

    def test_of_a_result_of_an_action_that_is_not_there_only_that_is_told(self) -> None:
        """[WF5] One cause, one problem."""
        assert places(judged(action(parameters={"json": "{{ results.x.id }}"}, after="x"))) == [
            ("unknown_action", f"{AT}.after")
        ]

    def test_names_inside_hold_no_dot_and_are_not_empty(self) -> None:
        """[WF9] A value is named by its names, joined by dots."""
        assert unjudged(action(parameters={"a.b": 1, "data": [{"": {"c.d": "{{ fields.x }}"}}]})) == [
            ("bad_parameter", f'{AT}.parameters["a.b"]'),
            ("bad_parameter", f'{AT}.parameters.data[0][""]'),
            ("bad_parameter", f'{AT}.parameters.data[0][""]["c.d"]'),
            ("unknown_field", f'{AT}.parameters.data[0][""]["c.d"]'),
        ]

    def test_at_most_200_values_are_read(self) -> None:
        """[WF9] What is empty counts, and beyond that number nothing is read."""
        assert unjudged(action(parameters={"data": [{}, [], *["x"] * 198]})) == []
        assert unjudged(action(parameters={"data": [{}, [], *["{{ x }}"] * 199]})) == [
            ("bad_parameter", f"{AT}.parameters")
        ]


class TestOrder:
    def test_actions_that_wait_for_each_other_are_told_where_the_circle_closes(self) -> None:
        """[WF17] Each circle once, and not what leads into it."""
        circles = (
            action("in", after="a"),
            action("a", after="b"),
            action("b", after="c"),
            action("c", after="a"),
            action("d", after="e"),
            action("e", after="d"),
        )

        assert unjudged(*circles) == [
            ("cycle", "sections[0].actions[3].after"),
            ("cycle", "sections[0].actions[5].after"),
        ]

    def test_an_action_cannot_wait_for_what_is_there_only_after_it(self) -> None:
        """[WF17] What compensates comes after what it compensates."""
        assert unjudged(action("a", after="b"), action("b", compensates="a")) == [
            ("cycle", "sections[0].actions[1].compensates")
        ]
        assert unjudged(action("a", compensates="b"), action("b", compensates="a")) == [
            ("cycle", "sections[0].actions[1].compensates")
        ]

    def test_another_action_of_the_same_key_is_in_no_circle(self) -> None:
        """[WF17] Its key is what is wrong with it."""
        twice = (action("a", after="b"), action("b", after="a"), action("b", after="c"), action("c"))

        assert unjudged(*twice) == [
            ("cycle", "sections[0].actions[1].after"),
            ("duplicate_key", "sections[0].actions[2].key"),
        ]

    def test_two_ways_to_the_same_action_are_no_circle(self) -> None:
        """[WF17] What compensates may need the result of what it compensates."""
        chain = (action("a", compensates="b", after="b"), action("b", after="c"), action("c"), action("d", after="c"))

        assert unjudged(*chain) == []

    def test_thousands_in_one_row_are_no_deeper_than_one(self) -> None:
        """[WF1] Told, not crashed upon."""
        row = [action(f"a{place}", after=f"a{place + 1}") for place in range(49)]
        sections = [
            {"key": f"s{at}", "name": "S", "open_to_jumps": True, "actions": [
                {**each, "key": f"{each['key']}_{at}", "after": f"{each['after']}_{at}"} for each in row
            ] + [action(f"a49_{at}", after=f"a0_{at + 1}")]}
            for at in range(100)
        ]  # fmt: skip
        built = {"format": "sidecoach.workflow/1", "key": "w", "name": "W", "start": "s0", "sections": sections}

        assert places(problems(msgspec.convert(built, WorkflowDocument))) == [
            ("unknown_action", "sections[99].actions[49].after")
        ]


class TestIntegrations:
    def test_an_action_that_nobody_can_do_is_told_with_those_that_there_are(self) -> None:
        """[WF18] Another version is another Action; nothing else of it is judged."""
        found = judged(action(integration="kit.use@2", parameters={"x": 1}, editable=["y"], results={"z": "name"}))

        assert places(found) == [("unknown_integration", f"{AT}.integration")]
        assert "kit.use@1, note.add@1" in found[0].message
        assert "expected one of none" in problems(document(action()), {})[0].message

    def test_without_the_integrations_nothing_of_them_is_judged(self) -> None:
        """[WF18] A document alone is no worse for what it does elsewhere."""
        strange = action(integration="x.y@7", parameters={"z": 1}, editable=["y"], results={"q": "name"})

        assert unjudged(strange, action("b", after="a", parameters={"n": "{{ results.a.q }}"})) == []

    def test_a_parameter_that_there_is_not_is_told(self) -> None:
        """[WF18] It would be refused when it is sent; its template is judged all the same."""
        assert kit(tex="x", json="{{ notes }}", data=["{{ fields.x }}"]) == [
            ("bad_parameter", "tex"),
            ("bad_parameter", "data"),
            ("unknown_field", "data[0]"),
        ]

    def test_what_is_required_is_there(self) -> None:
        """[WF18] As a value, as a template, or as an empty text for a person to fill in."""
        assert places(judged(action(integration=NOTE.id))) == [
            ("bad_parameter", f"{AT}.parameters.to"),
            ("bad_parameter", f"{AT}.parameters.place"),
        ]
        assert judged(action(integration=NOTE.id, parameters={**WHOLE, "to": "{{ fields.name }}"})) == ()
        assert judged(action(integration=NOTE.id, parameters={**WHOLE, "to": " "})) == ()

    @pytest.mark.parametrize(
        ("empty", "more"),
        [
            ({"to": None}, {}),
            ({"to": []}, {}),
            ({"to": ""}, {"timing": "automatic"}),
            ({"to": ""}, {"editable": ["data"]}),
            ({"place": ""}, {}),
        ],
    )
    def test_what_is_required_is_not_left_empty_where_nobody_can_fill_it_in(
        self, empty: dict[str, Any], more: dict[str, Any]
    ) -> None:
        """[WF18] It could never be sent."""
        template = action(integration=NOTE.id, parameters={**WHOLE, "data": {}, **empty}, **more)

        assert places(judged(template)) == [("bad_parameter", f"{AT}.parameters.{next(iter(empty))}")]

    def test_what_may_be_edited_may_be_filled_in(self) -> None:
        """[WF18] By the parameter's key."""
        assert judged(action(integration=NOTE.id, parameters={**WHOLE, "to": ""}, editable=["to"])) == ()

    def test_a_template_is_only_where_one_may_be(self) -> None:
        """[WF18] A host or a header's name is the author's."""
        assert kit(fixed={"a": "{{ fields.name }}", "b": "{% if fields.name %}x{% endif %}", "c": "x"}) == [
            ("bad_parameter", "fixed.a"),
            ("bad_parameter", "fixed.b"),
        ]

    def test_what_may_be_edited_is_there(self) -> None:
        """[WF18] Parameters by key, whether given or not, and given values by path."""
        editable = ["text", "map", "json", "json.a.0", "json.a", "json.b", "x"]
        found = judged(action(parameters={"json": {"a": ["x"]}}, editable=editable))

        assert places(found) == [("bad_parameter", f"{AT}.editable[{place}]") for place in (4, 5, 6)]

    @pytest.mark.parametrize(
        "parameters",
        [
            {"text": "x", "long_text": "x\ny", "html": "<p>x</p>", "email": "a@b.example", "phone": "+4930123456"},
            {"url": "https://a.example", "integer": 7, "number": 1.5, "boolean": True, "choice": "a"},
            {
                "integer": "7",
                "number": 2,
                "boolean": "false",
                "date": "2026-01-31",
                "emails": "a@b.example, c@d.example",
            },
            {"date_time": "2026-01-31T09:30:00+00:00", "emails": ["a@b.example", "{{ fields.mail }}"]},
            {"map": {"a": "x", "b": ""}, "json": {"a": [1, None, True, {"b": "x"}]}, "short": ["abc", 12345]},
            {"text": None, "map": {}, "emails": [], "integer": "", "json": None, "choice": None},
            {"integer": "{{ fields.name }}", "choice": "{{ fields.name }}", "email": "{{ fields.mail }}"},
        ],
    )
    def test_a_constant_of_its_type_and_any_template_is_left_alone(self, parameters: dict[str, Any]) -> None:
        """[WF18] As it may be written; what a template gives is judged when it is there."""
        assert kit(**parameters) == []

    @pytest.mark.parametrize(
        ("key", "content", "below"),
        [
            ("text", 7, ""),
            ("text", {"a": "x"}, ""),
            ("email", "ada", ""),
            ("phone", "030 1", ""),
            ("url", "ftp://a.example", ""),
            ("integer", "0.5", ""),
            ("integer", 1.5, ""),
            ("integer", True, ""),
            ("number", False, ""),
            ("number", "much", ""),
            ("boolean", 1, ""),
            ("boolean", "yes", ""),
            ("choice", "b", ""),
            ("date", "31.1.2026", ""),
            ("date_time", "2026-01-31", ""),
            ("emails", 7, ""),
            ("emails", ["a@b.example", "b"], "[1]"),
            ("emails", [None], "[0]"),
            ("emails", [["a@b.example"]], "[0][0]"),
            ("map", "x", ""),
            ("map", {"a": 1}, ".a"),
            ("map", {"a": {"b": "x"}}, ".a.b"),
            ("short", {"a": "abcd"}, ".a"),
        ],
    )
    def test_a_constant_of_another_type_is_told(self, key: str, content: Any, below: str) -> None:
        """[WF18] It could never be sent."""
        assert kit(**{key: content}) == [("bad_value", key + below)]

    def test_a_constant_that_is_no_choice_is_told_with_the_choices(self) -> None:
        """[WF18] Whoever wrote it sees which there are."""
        assert judged(action(parameters={"choice": "b"}))[0].message.endswith("expected one of the choices: a")


class TestResults:
    def test_what_is_written_into_fields_is_brought_back(self) -> None:
        """[WF19] Each with those that there are."""
        found = judged(
            action(results={"id": "name", "order.id": "x"}),
            action("b", integration=NOTE.id, parameters=WHOLE, results={"id": "name"}),
        )

        assert places(found) == [
            ("unknown_result", f'{AT}.results["order.id"]'),
            ("unknown_field", f'{AT}.results["order.id"]'),
            ("unknown_result", "sections[0].actions[1].results.id"),
        ]
        assert "expected one of id, url" in found[0].message
        assert "expected no results" in found[2].message

    def test_what_templates_name_of_the_action_before_is_brought_back(self) -> None:
        """[WF19] By its name; each once in a text, and not what is looked up by what a Field holds."""
        text = (
            "{{ results.b.id }} {{ results.b.idd }} {{ results.b['idd'] }} {{ results.b }} {{ results.b[0] }}"
            "{{ results.b[fields.name] }}"
        )

        assert places(judged(action(parameters={"json": {"n": [text]}}, after="b"), action("b"))) == [
            ("unknown_result", f"{AT}.parameters.json.n[0]")
        ]

    def test_of_another_action_nothing_is_said_beside_that(self) -> None:
        """[WF19] Only those of the Action before are looked at."""
        text = "{{ results.b.id }} {{ results.c.idd }}"

        assert places(judged(action(parameters={"json": text}, after="b"), action("b"), action("c"))) == [
            ("unknown_action", f"{AT}.parameters.json")
        ]
