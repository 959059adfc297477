"""Static problems of Workflow documents, and how their Sections hang together."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest

from protocol.workflow import ProblemCode, WorkflowDocument
from session_engine.workflow_graph import incomplete, problems, reachable, trapped

FIELDS = (
    {"key": "name", "type": "text", "label": "Name"},
    {"key": "secret", "type": "masked", "label": "Secret"},
    {"key": "size", "type": "number", "label": "Size", "rules": {"min": 1, "max": 9}},
    {"key": "fee", "type": "money", "label": "Fee"},
    {"key": "sure", "type": "yes_no", "label": "Sure"},
    {"key": "one", "type": "single_choice", "label": "One", "options": [{"value": "a"}, {"value": "b"}]},
    {"key": "many", "type": "multiple_choice", "label": "Many", "options": [{"value": "a"}, {"value": "b"}]},
    {"key": "day", "type": "date", "label": "Day"},
    {"key": "call", "type": "date_time", "label": "Call"},
    {"key": "refund", "type": "money", "label": "Refund", "currency": "EUR"},
)


def answer(to: str | None, key: str = "next", **more: Any) -> dict[str, Any]:
    return {"key": key, "label": key, "to": to, **more}


def section(key: str, *answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"key": key, "name": key, "answers": answers, **more}


def action(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "name": key, "integration": "webhook.post@1", **more}


def document(*sections: dict[str, Any], start: str | None = "s", **more: Any) -> WorkflowDocument:
    built = {"format": "sidecoach.workflow/1", "key": "w", "name": "W", "start": start, "fields": FIELDS}
    return msgspec.convert({**built, "sections": sections, **more}, WorkflowDocument)


def with_field(**definition: Any) -> WorkflowDocument:
    return document(section("s"), fields=[{"key": "f", "label": "F", **definition}])


def with_condition(field: str, op: str, value: Any = None) -> WorkflowDocument:
    condition = {"type": "field", "field": field, "op": op, "value": value}
    return document(section("s", answer("e", visible_when=condition)), section("e"))


def found(workflow: WorkflowDocument) -> list[tuple[str, str]]:
    """What is wrong and where."""
    return [(each.code.value, each.path) for each in problems(workflow)]


class TestGraph:
    def test_a_good_document_has_no_problems(self) -> None:
        """[WF1] Silence means fit to publish."""
        good = document(
            section(
                "s",
                answer("e", writes={"field": "one", "value": "a"}),
                content="Hello {{name}}, {{ secret }}.",
                fields=["name", "size"],
                actions=[
                    action("a", parameters={"to": "{{ fields.name }}", "n": [1, "{{ notes }}", "{{ responses }}"]}),
                    action("b", after="a", second_person={"field": "fee", "above": 20}, results={"id": "name"}),
                    action("c", compensates="b", second_person={"above": 20}),
                ],
            ),
            section("e", win=True),
            title="{{name}}",
        )

        assert problems(good) == ()
        assert not incomplete(good)

    def test_without_a_start_nothing_is_called_unreachable(self) -> None:
        """[WF2] One cause, one problem."""
        assert found(document(section("s"), start=None)) == [("no_start", "start")]

    def test_a_start_that_is_no_section_is_unknown(self) -> None:
        """[WF2] A key that names nothing is told where it stands."""
        assert found(document(section("s"), start="x")) == [("unknown_section", "start")]

    def test_an_answer_or_route_to_nowhere_is_unknown(self) -> None:
        """[WF2] The same for every way on."""
        route = {"when": {"type": "field", "field": "sure", "op": "filled"}, "to": "y"}

        assert found(document(section("s", answer("x"), routes=[route]))) == [
            ("unknown_section", "sections[0].answers[0].to"),
            ("unknown_section", "sections[0].routes[0].to"),
        ]

    def test_an_unassigned_answer_is_told_and_does_not_block(self) -> None:
        """[WF1] An incomplete Workflow may be published."""
        workflow = document(section("s", answer(None)))

        assert [(each.code, each.path, each.blocks) for each in problems(workflow)] == [
            (ProblemCode.UNASSIGNED, "sections[0].answers[0].to", False)
        ]
        assert incomplete(workflow)

    def test_a_section_that_nothing_leads_to_is_unreachable(self) -> None:
        """[WF3] Nobody would ever see it."""
        workflow = document(section("s"), section("island", answer("isle")), section("isle"))

        assert found(workflow) == [("unreachable", "sections[1]"), ("unreachable", "sections[2]")]

    def test_a_jump_or_a_route_reaches_a_section(self) -> None:
        """[WF3] Answers are not the only way."""
        route = {"when": {"type": "field", "field": "sure", "op": "eq", "value": True}, "to": "routed"}
        workflow = document(section("s", routes=[route]), section("open", open_to_jumps=True), section("routed"))

        assert reachable(workflow) == {"s", "open", "routed"}
        assert problems(workflow) == ()

    def test_a_circle_without_a_way_out_is_a_trap(self) -> None:
        """[WF3] Every Section that leads only into it is told."""
        workflow = document(
            section("s", answer("a"), answer("e", "leave")),
            section("a", answer("b")),
            section("b", answer("c")),
            section("c", answer("b")),
            section("e"),
        )

        assert trapped(workflow) == {"a", "b", "c"}
        assert found(workflow) == [("trap", f"sections[{place}]") for place in (1, 2, 3)]

    def test_an_unassigned_answer_is_a_way_out_of_a_circle(self) -> None:
        """[WF3] Who writes on it will link it."""
        assert found(document(section("s", answer("s", "again"), answer(None)))) == [
            ("unassigned", "sections[0].answers[1].to")
        ]

    def test_a_win_on_a_section_with_answers_is_told(self) -> None:
        """[WF3] Only end Sections win."""
        assert found(document(section("s", answer("e"), win=True), section("e"))) == [
            ("win_not_at_end", "sections[0].win")
        ]

    def test_a_thousand_sections_are_judged_well_under_a_second(self) -> None:
        """[WF1] Linear in Sections, Answers and Actions; what many of these say in the same words is read once."""
        last = 999

        def chained(place: int) -> dict[str, Any]:
            data = {"place": place, "name": "{{ fields.name | upcase }}", "notes": "{{ notes }}"}
            return action(f"a{place}", parameters={"data": data}, after=f"a{place - 1}" if place else None)

        sections = [
            section(
                "s" if place == 0 else f"s{place}",
                *(answer(f"s{min(last, place + ahead)}", f"a{ahead}") for ahead in range(1, 6)),
                content="{{name}} {{size}}",
                fields=["name"],
                actions=[chained(place)],
            )
            for place in range(last)
        ]
        workflow = document(*sections, section(f"s{last}", actions=[chained(last)]))
        problems(document(section("s", actions=[chained(0)])))  # reading the first template loads what reads it

        began = time.process_time()
        assert problems(workflow) == ()
        assert time.process_time() - began < 1.0


class TestNames:
    def test_every_repeated_key_names_the_first_that_has_it(self) -> None:
        """[WF4] Sections, Fields, Responses, Actions; Answers and attached Fields within their Section; options."""
        response = {"key": "r", "kind": "objection", "name": "R"}
        workflow = document(
            section("s", answer("e"), answer("e"), fields=["name", "name"], actions=[action("a"), action("a")]),
            section("e"),
            section("e"),
            fields=[*FIELDS[:1], *FIELDS[:1], {**FIELDS[5], "options": [{"value": "a"}, {"value": "a"}]}],
            responses=[response, response],
        )

        assert found(workflow) == [
            ("duplicate_key", "sections[2].key"),
            ("duplicate_key", "sections[0].answers[1].key"),
            ("duplicate_key", "sections[0].fields[1]"),
            ("duplicate_key", "sections[0].actions[1].key"),
            ("duplicate_key", "fields[2].options[1].value"),
            ("duplicate_key", "fields[1].key"),
            ("duplicate_key", "responses[1].key"),
        ]
        assert "sections[1].key" in problems(workflow)[0].message

    def test_the_same_answer_key_on_two_sections_is_fine(self) -> None:
        """[WF4] Answers are named within their Section."""
        assert problems(document(section("s", answer("t")), section("t", answer("e")), section("e"))) == ()

    def test_everything_that_names_a_field_must_name_one(self) -> None:
        """[WF5] Texts, attachments, writes, conditions, routes, Actions."""
        unknown = {"type": "field", "field": "x", "op": "filled"}
        deep = {"type": "all", "of": [{"type": "any", "of": [{"type": "not", "of": unknown}]}]}
        template = action(
            "a",
            parameters={"body": {"a b": ["{{ fields.x | upcase }}", "{{ fields.x }}"]}},
            condition=unknown,
            second_person={"field": "x", "above": 1},
            results={"order.id": "x"},
        )
        workflow = document(
            section(
                "s",
                answer("s2", writes={"field": "x", "value": "y"}, visible_when=deep),
                content="{{x}} and {{x}} again",
                fields=["x"],
                actions=[template],
                routes=[{"when": unknown, "to": "s2"}],
            ),
            section("s2"),
            title="{{x}}",
            fields=[{"key": "f", "type": "text", "label": "F", "visible_when": unknown}],
            responses=[{"key": "r", "kind": "objection", "name": "R", "content": "{{ Not A Key }}"}],
        )

        assert found(workflow) == [
            ("unknown_field", path)
            for path in (
                "title",
                "sections[0].content",
                "sections[0].answers[0].writes.field",
                "sections[0].answers[0].visible_when.of[0].of[0].of.field",
                "sections[0].fields[0]",
                'sections[0].actions[0].parameters.body["a b"][0]',
                'sections[0].actions[0].parameters.body["a b"][1]',
                "sections[0].actions[0].condition.field",
                "sections[0].actions[0].second_person.field",
                'sections[0].actions[0].results["order.id"]',
                "sections[0].routes[0].when.field",
                "fields[0].visible_when.field",
                "responses[0].content",
            )
        ]

    def test_an_action_names_other_actions_only(self) -> None:
        """[WF5] It can neither wait for itself nor for one that is not there."""
        workflow = document(section("s", actions=[action("a", after="a"), action("b", compensates="x")]))

        assert found(workflow) == [
            ("unknown_action", "sections[0].actions[0].after"),
            ("unknown_action", "sections[0].actions[1].compensates"),
        ]


class TestDefinitions:
    @pytest.mark.parametrize(
        ("definition", "where"),
        [
            ({"type": "text", "rules": {"min": 1}}, "rules.min"),
            ({"type": "yes_no", "rules": {"max": 1}}, "rules.max"),
            ({"type": "number", "rules": {"min_length": 1}}, "rules.min_length"),
            ({"type": "date", "rules": {"max_length": 1}}, "rules.max_length"),
            ({"type": "money", "rules": {"pattern": "x"}}, "rules.pattern"),
            ({"type": "time", "rules": {"pattern_hint": "x"}}, "rules.pattern_hint"),
            ({"type": "text", "rules": {"not_before": "today"}}, "rules.not_before"),
            ({"type": "number", "rules": {"not_after": "today"}}, "rules.not_after"),
            ({"type": "text", "options": [{"value": "a"}]}, "options"),
            ({"type": "text", "unit": "kg"}, "unit"),
            ({"type": "number", "currency": "EUR"}, "currency"),
        ],
    )
    def test_a_rule_must_be_for_the_type(self, definition: dict[str, Any], where: str) -> None:
        """[WF6] What could never apply is a mistake, not a wish."""
        assert found(with_field(**definition)) == [("rule_not_for_type", f"fields[0].{where}")]

    @pytest.mark.parametrize(
        ("definition", "where"),
        [
            ({"type": "number", "rules": {"min": 2, "max": 1}}, "rules.min"),
            ({"type": "text", "rules": {"min_length": 2, "max_length": 1}}, "rules.min_length"),
            ({"type": "text", "rules": {"pattern": "("}}, "rules.pattern"),
            ({"type": "text", "rules": {"pattern": "(?<=a)b"}}, "rules.pattern"),
            ({"type": "text", "rules": {"pattern": r"(a)\1"}}, "rules.pattern"),
            ({"type": "text", "rules": {"pattern": r"(\pL{0,500}a){9}"}}, "rules.pattern"),
            ({"type": "date", "rules": {"not_before": "tomorrow"}}, "rules.not_before"),
            ({"type": "date", "rules": {"not_after": "2026-13-01"}}, "rules.not_after"),
            ({"type": "single_choice"}, "options"),
            ({"type": "multiple_choice"}, "options"),
        ],
    )
    def test_a_rule_that_nothing_can_meet_is_told(self, definition: dict[str, Any], where: str) -> None:
        """[WF6] The author hears of it, not the agent on a call."""
        assert found(with_field(**definition)) == [("bad_rule", f"fields[0].{where}")]

    @pytest.mark.parametrize("moment", ["today", "today+3d", "today-10d", "2026-02-28", "2026-02-28T09:30", "09:30"])
    def test_moments_are_dates_times_or_relative_to_today(self, moment: str) -> None:
        """[WF6] Both forms that a rule may have."""
        assert found(with_field(type="date_time", rules={"not_before": moment})) == []

    @pytest.mark.parametrize(
        ("definition", "value"),
        [
            ({"type": "number", "rules": {"max": 5}}, "6"),
            ({"type": "number"}, "six"),
            ({"type": "text", "rules": {"pattern": "[0-9]+"}}, "x"),
            ({"type": "text"}, True),
            ({"type": "yes_no"}, "yes"),
            ({"type": "single_choice", "options": [{"value": "a"}]}, "b"),
            ({"type": "multiple_choice", "options": [{"value": "a"}]}, ["a", "b"]),
            ({"type": "multiple_choice", "options": [{"value": "a"}]}, "a"),
        ],
    )
    def test_a_default_must_be_valid_itself(self, definition: dict[str, Any], value: Any) -> None:
        """[WF7] By the rules that hold for what a person enters."""
        assert found(with_field(**definition, default=value)) == [("bad_value", "fields[0].default")]

    def test_a_default_is_not_judged_by_a_broken_rule(self) -> None:
        """[WF7] The rule is the problem."""
        assert found(with_field(type="text", rules={"pattern": "("}, default="x")) == [
            ("bad_rule", "fields[0].rules.pattern")
        ]

    def test_a_written_value_must_be_valid(self) -> None:
        """[WF7] An Answer cannot write what a person could not enter."""
        workflow = document(section("s", answer("e", writes={"field": "one", "value": "c"})), section("e"))

        assert found(workflow) == [("bad_value", "sections[0].answers[0].writes.value")]

    @pytest.mark.parametrize(
        ("field", "op", "value", "code", "at"),
        [
            ("name", "gt", "a", "rule_not_for_type", "op"),
            ("sure", "contains", True, "rule_not_for_type", "op"),
            ("name", "filled", "a", "bad_value", "value"),
            ("name", "eq", None, "bad_value", "value"),
            ("one", "eq", "c", "bad_value", "value"),
            ("many", "contains", "c", "bad_value", "value"),
            ("sure", "ne", "no", "bad_value", "value"),
            ("fee", "gt", "much", "bad_value", "value"),
            ("fee", "gt", "1,000", "bad_value", "value"),
            ("day", "lt", "3 April 2026", "bad_value", "value"),
            ("call", "lt", "2026-04-03 15:00", "bad_value", "value"),
        ],
    )
    def test_a_comparison_must_make_sense(self, field: str, op: str, value: Any, code: str, at: str) -> None:
        """[WF7] One that can never be true, or never false, is a mistake."""
        assert found(with_condition(field, op, value)) == [(code, f"sections[0].answers[0].visible_when.{at}")]

    @pytest.mark.parametrize(
        ("field", "op", "value"),
        [
            ("name", "contains", "x"),
            ("many", "contains", "a"),
            ("many", "eq", ["a", "b"]),
            ("fee", "gt", "20.50"),
            ("refund", "gt", "20.50"),
            ("day", "lt", "2026-04-03"),
            ("call", "lt", "2026-04-03T15:00:00+01:00[Europe/London]"),
            ("size", "le", "100"),  # above what the Field allows: kept values may be invalid
            ("sure", "eq", False),
            ("secret", "empty", None),
        ],
    )
    def test_a_sensible_comparison_is_left_alone(self, field: str, op: str, value: Any) -> None:
        """[WF7] Limits and the currency of the Field do not limit what it is compared with."""
        assert found(with_condition(field, op, value)) == []

    def test_nothing_sensitive_is_in_a_title_or_looked_up(self) -> None:
        """[WF8] Titles are in every list; look-ups are answered to people who may not see the value."""
        workflow = document(
            section("s"),
            title="{{name}} {{secret}} {{pin}}",
            fields=[
                *FIELDS[:1],
                {"key": "secret", "type": "masked", "label": "S", "look_up": True},
                {"key": "pin", "type": "text", "label": "P", "sensitive": True, "look_up": True},
            ],
        )

        assert found(workflow) == [
            ("sensitive_title", "title"),
            ("sensitive_title", "title"),
            ("sensitive_look_up", "fields[1].look_up"),
            ("sensitive_look_up", "fields[2].look_up"),
        ]
