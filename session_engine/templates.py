"""Templates of Action parameters: Liquid, cut down to what is surely quick and pure.

Output, `if`, `unless`, `case` and comments; the filters of `FILTERS`; no
loops, no ranges, nothing that reads a clock, at most 10 kB of source and
64 kB from any filter. What a template names is known without rendering it.

Source of the language: https://shopify.github.io/liquid.

Rules: protocol/SPEC.md, TP.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from protocol.base import Key

if TYPE_CHECKING:
    import liquid

MAX_SOURCE = 10_000
MAX_RESULT = 64_000
MAX_NUMBER = 10**30
"""Numbers beyond it are nobody's; without an end, a row of `times` would be worked out for half a minute."""

FILTERS = frozenset(
    {
        "abs", "append", "capitalize", "ceil", "default", "divided_by", "downcase", "escape", "first", "floor", "join",
        "last", "lstrip", "minus", "modulo", "newline_to_br", "plus", "prepend", "remove", "replace", "round", "rstrip",
        "size", "slice", "split", "squish", "strip", "strip_newlines", "times", "truncate", "upcase", "url_encode",
    }
)  # fmt: skip
TAGS = frozenset({"#", "case", "comment", "content", "if", "illegal", "output", "unless"})
NAMES = frozenset({"fields", "notes", "answers", "responses", "owner", "session", "results"})
"""What a template may name."""

Escape = Callable[[str], str]


class BadTemplate(Exception):
    """It cannot be rendered, whatever the Fields hold; the text says what was expected."""


class Missing(Exception):
    """It needs something that is not there."""


@dataclass(frozen=True, slots=True)
class Uses:
    """What a template names."""

    fields: frozenset[Key]
    results: frozenset[Key]
    """Actions whose results it names."""
    others: bool
    """Notes, Answers, Responses, owner or Session."""

    def __or__(self, other: Uses) -> Uses:
        return Uses(self.fields | other.fields, self.results | other.results, self.others or other.others)


NOTHING = Uses(frozenset(), frozenset(), others=False)


@dataclass(frozen=True, slots=True)
class Template:
    """One parsed text."""

    source: str
    uses: Uses
    _parsed: liquid.BoundTemplate | None
    """None if there is nothing to render."""

    def render(self, facts: Mapping[str, Any]) -> str:
        """The text.

        Raises:
            Missing: it needs a Field or a result that is empty.
            BadTemplate: what a Field holds does not go with a filter.
        """
        if self._parsed is None:
            return self.source
        from liquid.exceptions import LiquidError, UndefinedError

        try:
            return self._parsed.render(**facts)
        except UndefinedError:
            raise Missing from None
        except (LiquidError, ArithmeticError, ValueError, TypeError):
            # The error may quote what a Field holds.
            raise BadTemplate("cannot be worked out from what the Fields hold") from None


@lru_cache(maxsize=5_000)
def parse(source: str) -> Template:
    """The template of this source.

    Raises:
        BadTemplate: with what was expected.
    """
    if "{{" not in source and "{%" not in source:
        return Template(source, NOTHING, None)
    if len(source) > MAX_SOURCE:
        raise BadTemplate(f"is {len(source)} characters long; expected at most {MAX_SOURCE}")
    from liquid.exceptions import LiquidError

    try:
        parsed = _environment().from_string(source)
    except LiquidError as error:
        raise BadTemplate(f"cannot be read: {error.message}") from None
    _refuse_ranges(parsed)
    return Template(source, _uses_of(parsed), parsed)


def escaped(value: Any, escape: Escape) -> Any:
    """The same facts with every text escaped, for a target that is not plain text."""
    match value:
        case str():
            return escape(value)
        case Mapping():
            return {key: escaped(part, escape) for key, part in value.items()}
        case list() | tuple():
            return [escaped(part, escape) for part in value]
        case _:
            return value


def for_html(text: str) -> str:
    """Nothing in it is markup."""
    return html.escape(text)


def for_url(text: str) -> str:
    """One part of a path or of a query, whatever it holds (RFC 3986, section 2.1)."""
    return quote(text, safe="")


def _refuse_ranges(parsed: liquid.BoundTemplate) -> None:
    """`(1..100000000)` would be made whole before any limit is looked at."""
    from liquid import RenderContext
    from liquid.builtin.expressions.primitive import RangeLiteral

    nodes: list[Any] = list(parsed.nodes)
    expressions: list[Any] = []
    context = RenderContext(parsed)
    while nodes:
        node = nodes.pop()
        nodes.extend(node.children(context))
        expressions.extend(node.expressions())
    while expressions:
        expression = expressions.pop()
        if isinstance(expression, RangeLiteral):
            raise BadTemplate("has a range; expected none")
        expressions.extend(expression.children())


def _uses_of(parsed: liquid.BoundTemplate) -> Uses:
    found = parsed.analyze(include_partials=False)
    for name in found.filters:
        if name not in _environment().filters:
            raise BadTemplate(f"uses the filter {name!r}; expected one of {', '.join(sorted(_environment().filters))}")
    fields: set[Key] = set()
    results: set[Key] = set()
    others = False
    for name, places in found.globals.items():
        if name not in NAMES:
            raise BadTemplate(f"names {name!r}; expected one of {', '.join(sorted(NAMES))}")
        for place in places:
            if name not in ("fields", "results"):
                others = True
                continue
            if len(place.segments) < 2 or not isinstance(place.segments[1], str):
                raise BadTemplate(f"names {name} without a key; expected {name}.key")
            (fields if name == "fields" else results).add(place.segments[1])
    return Uses(frozenset(fields), frozenset(results), others)


def _bounded(name: str, apply: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, refusing to make something huge, before it is made where that can be foreseen."""

    @wraps(apply)
    def bounded(*arguments: Any, **named: Any) -> Any:
        if _foreseen(name, arguments) > MAX_RESULT:
            raise ValueError(f"{name} would make more than {MAX_RESULT} characters")
        result = apply(*arguments, **named)
        if isinstance(result, str | list) and len(result) > MAX_RESULT:
            raise ValueError(f"{name} makes more than {MAX_RESULT} characters")
        if isinstance(result, int | float | Decimal) and not -MAX_NUMBER <= result <= MAX_NUMBER:
            raise ValueError(f"{name} makes a number beyond {MAX_NUMBER}")
        return result

    return bounded


def _foreseen(name: str, arguments: tuple[Any, ...]) -> int:
    """How many characters those two filters add at most that can make much of little."""
    match name, arguments:
        case "replace", (text, search, *new):
            return str(text).count(str(search)) * len(str(new[0] if new else ""))
        case "join", (list() | tuple() as parts, separator):
            return len(parts) * len(str(separator))
        case _:
            return 0


def _date(value: Any, form: Any) -> str:
    """A date or a moment in another form (C's strftime); what is neither stays as it is."""
    text, wanted = str(value), str(form)
    try:
        plain = text.partition("[")[0]
        moment = datetime.fromisoformat(plain) if "T" in plain else date.fromisoformat(plain)
        return moment.strftime(wanted[:100])
    except ValueError:
        return text


@lru_cache(maxsize=1)
def _environment() -> liquid.Environment:
    import liquid  # 200 ms, and only where a Workflow has templates

    class EmptyIsFalse(liquid.FalsyStrictUndefined):
        """What is not there may be asked about and may have a default; shown, it is missing."""

        force_liquid_default = True

    class Bounded(liquid.Environment):
        """Stops at once where a template says too much."""

        output_stream_limit = MAX_RESULT

    environment = Bounded(undefined=EmptyIsFalse)
    environment.tags = {name: tag for name, tag in environment.tags.items() if name in TAGS}
    kept = {name: apply for name, apply in environment.filters.items() if name in FILTERS}
    environment.filters = {name: _bounded(name, apply) for name, apply in {**kept, "date": _date}.items()}
    return environment
