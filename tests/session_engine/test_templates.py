"""Templates of Action parameters, and the values that they become."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.base import Key
from protocol.integrations import ParameterType
from session_engine.parameters import Value, composed, content_text, leaves_of, rendered
from session_engine.templates import (
    FILTERS,
    MAX_RESULT,
    MAX_SOURCE,
    NOTHING,
    BadTemplate,
    Missing,
    Uses,
    escaped,
    for_html,
    for_url,
    parse,
)
from tests.support.workflows import DELAYED, INTEGRATIONS, MAIL, ORDER, template

NONE: frozenset[Key] = frozenset()
pieces = st.sampled_from(
    [
        *["{{ ", " }}", "{% ", " %}", "{%-", "-%}", "if ", "endif", "unless ", "endunless", "case ", "when ", "else"],
        *["elsif ", "comment", "endcomment", "raw", "endraw", "assign x = ", "for i in ", "endfor", "capture ", "#"],
        *[
            "fields.a",
            "fields['a']",
            "fields",
            "fields[0]",
            "results.b.c",
            "notes",
            "owner.name",
            "x",
            "1",
            "-1",
            "1.5",
        ],
        *[
            "(1..9)",
            "'t'",
            '"',
            " | upcase",
            " | times: 3",
            " | join",
            " | nope",
            " | default: fields.a",
            " and ",
            " == ",
        ],
        *["nil", "empty", "blank", "forloop", "[", "]", ".", ":", ",", " ", "\n", "\0", "é", "text"],
    ]
)
sources = st.one_of(st.text(max_size=80), st.lists(pieces, max_size=14).map("".join))
texts = st.text(max_size=60) | st.sampled_from(["inf", "nan", "1e308", "9" * 4_000, "-0", "{{ fields.a }}", "<b>&"])


def given_facts(**fields: Any) -> dict[str, Any]:
    return {"fields": fields, "results": {}, "notes": "", "owner": {"id": "ana", "name": "Ana"}}


class TestLanguage:
    def test_text_without_a_template_stays_as_it_is(self) -> None:
        """[TP1] However long it is: nothing is parsed."""
        plain = "x" * (MAX_SOURCE + 1)
        assert parse(plain).render({}) == plain
        assert parse(plain).uses == NOTHING

    @pytest.mark.parametrize(
        ("source", "shown"),
        [
            ("Hello {{ fields.a | upcase }}", "Hello ADA"),
            ("{% if fields.b %}yes{% else %}no{% endif %}", "no"),
            ("{% unless fields.a == 'Ada' %}x{% endunless %}", ""),
            ("{% case fields.a %}{% when 'Ada' %}she{% endcase %}", "she"),
            ("{% # nothing %}{% comment %}{{ nonsense }}{% endcomment %}!", "!"),
            ("{{ fields.b | default: 'nobody' }}", "nobody"),
            ("{{ fields.day | date: '%d.%m.%Y' }}", "31.01.2026"),
            ("{{ fields.at | date: '%H:%M' }}", "09:30"),
            ("{{ fields.a | date: '%Y' }}", "Ada"),
            ("{{ owner.name }}", "Ana"),
            ("{{ fields.a | split: 'd' | join: '+' }}", "A+a"),
        ],
    )
    def test_what_a_template_can_do(self, source: str, shown: str) -> None:
        """[TP1] Output, if, unless, case, comments, filters."""
        facts = given_facts(a="Ada", day="2026-01-31", at="2026-01-31T09:30:00+00:00[Europe/London]")
        assert parse(source).render(facts) == shown

    @pytest.mark.parametrize(
        ("source", "reason"),
        [
            ("{% for i in fields.a %}{% endfor %}", "cannot be read"),
            ("{% assign x = 1 %}", "cannot be read"),
            ("{% capture x %}{% endcapture %}", "cannot be read"),
            ("{% include 'x' %}", "cannot be read"),
            ("{{ fields.a", "cannot be read"),
            ("{{ 'now' | strftime }}", "the filter 'strftime'"),
            ("{{ customer }}", "names 'customer'"),
            ("{{ fields }}", "names fields without a key"),
            ("{{ fields[fields.a] }}", "names fields without a key"),
            ("{{ results }}", "names results without a key"),
            ("{{ (1..3) | join }}", "has a range"),
            ("{% case 1 %}{% when (1..3) %}{% endcase %}", "has a range"),
            ("{{ fields.a | default: (1..3) }}", "has a range"),
            ("{% if fields.a %}{% unless (1..3) contains 3 %}{% endunless %}{% endif %}", "has a range"),
            ("{{ fields.a }}" + "x" * MAX_SOURCE, "characters long"),
        ],
    )
    def test_what_is_refused_says_why(self, source: str, reason: str) -> None:
        """[TP1] Nothing that loops, reads a clock, or names what is not there."""
        with pytest.raises(BadTemplate, match=reason):
            parse(source)

    def test_a_huge_range_is_refused_at_once(self) -> None:
        """[TP1] It would be made whole before any limit is looked at."""
        began = time.perf_counter()
        with pytest.raises(BadTemplate, match="range"):
            parse("{{ (1..100000000) | join }}")
        assert time.perf_counter() - began < 1

    def test_every_filter_of_the_list_is_there(self) -> None:
        """[TP1] A name that the library does not know would be a promise not kept."""
        for name in FILTERS:
            assert parse(f"{{{{ fields.a | {name} }}}}").uses.fields == {"a"}

    @given(sources)
    def test_any_text_is_a_template_or_is_refused(self, source: str) -> None:
        """[TP1] Nothing else is raised."""
        try:
            found = parse(source)
        except BadTemplate:
            return
        assert found.source == source

    @given(sources, texts)
    def test_whatever_a_field_holds_rendering_ends(self, source: str, text: str) -> None:
        """[TP3] With a text, as missing, or as what cannot be worked out."""
        try:
            shown = parse(source).render(given_facts(a=text))
        except (Missing, BadTemplate):
            return
        assert isinstance(shown, str)


class TestUses:
    def test_what_it_names_is_known_without_rendering(self) -> None:
        """[TP2] Fields, results, and whether anything else."""
        named = parse("{% if fields.a %}{{ fields['b'] | append: results.c.id }}{% endif %}{{ notes }}").uses
        assert named == Uses(frozenset({"a", "b"}), frozenset({"c"}), others=True)
        assert named | NOTHING == named
        assert parse("{{ 'x' }}").uses == NOTHING

    def test_an_empty_field_makes_it_missing(self) -> None:
        """[TP2] Unless it asks, or has a default."""
        for source in ("{{ fields.a }}", "{{ fields.a.b }}", "{{ results.a.id }}"):
            with pytest.raises(Missing):
                parse(source).render(given_facts())
        assert parse("{% if fields.a %}{{ fields.a }}{% endif %}").render(given_facts()) == ""


class TestLimits:
    @pytest.mark.parametrize(
        "source",
        [
            "{{ fields.a | replace: 'a', fields.a }}",
            "{{ fields.a | split: '' | join: fields.a }}",
            "{{ fields.a" + " | append: fields.a" * 30 + " }}",
            "{{ fields.n" + " | times: fields.n" * 500 + " }}",
            "{{ fields.n | times: fields.n | minus: fields.n }}",
            "{{ fields.one | divided_by: 0 }}",
            "{{ fields.inf | plus: 1 }}",
            "{{ fields.a | slice: 'x' }}",
        ],
    )
    def test_what_would_be_huge_or_cannot_be_worked_out_is_a_problem(self, source: str) -> None:
        """[TP3] Told at once, and without what the Fields hold."""
        began = time.perf_counter()
        with pytest.raises(BadTemplate, match=r"^cannot be worked out from what the Fields hold$"):
            parse(source).render(given_facts(a="a" * 4_000, n="9" * 4_000, one="1", inf="inf"))
        assert time.perf_counter() - began < 1

    def test_a_filter_may_give_up_to_its_limit(self) -> None:
        """[TP3] And not one more."""
        source = "{{ fields.a | append: fields.b }}"
        assert len(parse(source).render(given_facts(a="a" * (MAX_RESULT - 1), b="b"))) == MAX_RESULT
        with pytest.raises(BadTemplate):
            parse(source).render(given_facts(a="a" * MAX_RESULT, b="b"))
        assert parse("{{ fields.a | replace: 'a' }}").render(given_facts(a="aba")) == "b"


def values(parameters: dict[str, Any], action: Any = ORDER, facts: Any = None, **overrides: str) -> dict[str, Value]:
    leaves = leaves_of(template("t", action.id, DELAYED, parameters), action)
    return {leaf.path: rendered(leaf, overrides.get(leaf.path), facts or given_facts(), NONE) for leaf in leaves}


class TestValues:
    @pytest.mark.parametrize(
        ("key", "text", "sent"),
        [
            ("customer", " Ada ", " Ada "),
            ("count", "7", 7),
            ("count", "7.0", 7),
            ("count", "7.5", None),
            ("count", "9007199254740993", None),
            ("price", "7.5", 7.5),
            ("price", "1" * 400, None),
            ("price", "nan", None),
            ("agreed", "True", True),
            ("agreed", "no", None),
            ("colour", "red", "red"),
            ("colour", "blue", None),
            ("page", "https://example.org/", "https://example.org/"),
            ("page", "javascript:alert(1)", None),
            ("phone", "+44 20 7946 0018", "+442079460018"),
            ("phone", "020 7946 0018", None),
            ("day", "2026-01-31", "2026-01-31"),
            ("day", "tomorrow", None),
            ("at", "2026-01-31T09:30:00+00:00[Europe/London]", "2026-01-31T09:30:00+00:00"),
            ("at", "soon", None),
        ],
    )
    def test_a_value_is_read_by_its_type(self, key: str, text: str, sent: Any) -> None:
        """[TP4] Or has a problem that says what was expected."""
        for value in (values({key: text})[key], values({}, **{key: text})[key]):
            assert (value.sent is None) == (sent is None)
            assert (value.problem is None) == (sent is not None)
            assert value.sent == sent
            if value.problem is not None:
                assert value.problem.startswith("expected")

    def test_addresses_are_a_list(self) -> None:
        """[TP4] Separated by commas or semicolons, each judged."""
        assert values({"cc": "ada@example.org; bob@example.org,"}, MAIL)["cc"].sent == [
            "ada@example.org",
            "bob@example.org",
        ]
        assert values({"cc": "ada@example.org, bob"}, MAIL)["cc"].problem is not None
        assert values({"cc": ["ada@example.org", "bob"]}, MAIL)["cc.1"].problem is not None
        assert values({"cc": ";"}, MAIL)["cc"].problem is not None

    def test_what_is_required_may_not_be_blank_and_what_is_limited_not_long(self) -> None:
        """[TP4] What an author left out may be filled in by a person, and is left out otherwise."""
        found = values({"to": " ", "subject": "x" * 61}, MAIL)
        assert found["to"].problem == "expected a value"
        assert found["subject"].problem == "expected at most 60 characters"
        assert (found["cc"].sent, found["cc"].problem) == (None, None)
        assert composed(tuple(values({"to": "a@example.org", "subject": "s"}, MAIL).values())) == {
            "to": "a@example.org",
            "subject": "s",
        }

    def test_values_are_put_into_their_places(self) -> None:
        """[TP4] Whatever a text holds, the shape is the author's; what is no text stays as it is."""
        data = {"a": [{"b": "{{ fields.x }}"}, ["{{ fields.x }}", 1.5], [], {}, None, True], "c d": "k"}
        leaves = leaves_of(template("t", "hook.post@1", DELAYED, {"data": data, "n": 7}), INTEGRATIONS["hook.post@1"])
        nasty = '"}], "b": {'
        found = tuple(rendered(leaf, None, given_facts(x=nasty), NONE) for leaf in leaves)
        assert composed(found) == {
            "data": {"a": [{"b": nasty}, [nasty, 1.5], [], {}, None, True], "c d": "k"},
            "n": 7,
        }
        assert [(value.leaf.path, value.text, value.leaf.label) for value in found][:8] == [
            ("data.a.0.b", nasty, "B"),
            ("data.a.1.0", nasty, "data"),
            ("data.a.1.1", "1.5", "data"),
            ("data.a.2", "", "data"),
            ("data.a.3", "", "data"),
            ("data.a.4", "", "data"),
            ("data.a.5", "true", "data"),
            ("data.c d", "k", "C d"),
        ]

    def test_markup_is_escaped_and_addresses_are_encoded(self) -> None:
        """[TP4] Only what Fields and people brought, never what the author wrote; and only for such a target."""
        facts = given_facts(x="<b>&\"'/?#% é", flag=True)
        assert values({"html": "<p>{{ fields.x }} {{ fields.flag }}</p>"}, MAIL, facts)["html"].text == (
            "<p>&lt;b&gt;&amp;&quot;&#x27;/?#% é true</p>"
        )
        page = values({"page": "https://example.org/a b/{{ fields.x }}"}, ORDER, facts)["page"].text
        assert page == "https://example.org/a b/%3Cb%3E%26%22%27%2F%3F%23%25%20%C3%A9"
        assert values({"body": "{{ fields.x }}"}, MAIL, facts)["body"].text == "<b>&\"'/?#% é"

    def test_every_text_of_the_facts_is_escaped(self) -> None:
        """[TP4] However deep."""
        assert escaped({"a": ["<", ("&",)], "n": 1}, for_html) == {"a": ["&lt;", ["&amp;"]], "n": 1}
        assert for_url("a/b c") == "a%2Fb%20c"

    @given(texts, st.sampled_from(ParameterType))
    def test_whatever_is_typed_is_judged(self, text: str, kind: ParameterType) -> None:
        """[TP4] A value or a problem, never neither for what is not blank."""
        keys = {each.type: (action, each.key) for action in INTEGRATIONS.values() for each in action.parameters}
        if kind not in keys or kind in (ParameterType.JSON, ParameterType.MAP):
            return
        action, key = keys[kind]
        value = values({}, action, **{key: text})[key]
        assert value.problem is not None or value.sent is not None or not text.strip()

    def test_a_bad_text_says_where_it_stands(self) -> None:
        """[TP1] With its path."""
        with pytest.raises(BadTemplate, match=r"^data\.a\.0 cannot be read"):
            leaves_of(template("t", "hook.post@1", DELAYED, {"data": {"a": ["{{ x"]}}), None)

    def test_options_are_one_text(self) -> None:
        """[TP1] As templates see what a Field holds."""
        assert content_text(("case", "cable")) == "case, cable"
        assert content_text(None) == ""
        assert content_text(False) is False
        assert content_text("x") == "x"
