"""What pages show of the product itself: written when the site is built, never by hand.

Each function gives Markdown. A page names one by a comment on a line of its
own: `<!-- generated: settings -->`, with words behind it if the function asks
for any. `<!-- tests: SE2 -->`, anywhere, becomes the tests that show a rule.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, get_args

from docs.architecture import HOUSE, draw
from protocol.api_tokens import Scope
from protocol.commands import Command
from protocol.event_hooks import EventKind
from protocol.integrations import IntegrationAction, Safety, Schedule
from protocol.workflow import ProblemCode
from server.__main__ import build_parser
from server.actions.integrations import INTEGRATIONS
from server.http.v1.operations import OPERATIONS
from server.settings import SETTINGS
from server.watching.figures import FIGURES
from session_engine.action_machine import diagram
from session_engine.rights import RIGHTS, Participant
from session_engine.templates import FILTERS, NAMES

SAFETY = {
    Safety.KEY: "the receiver drops a second one with the same key, if the Connection says that it does",
    Safety.NATURAL: "doing it twice is doing it once",
    Safety.LOOKUP: "the receiver is asked whether it happened",
    Safety.NONE: "at most once: what may have been sent is not sent again by itself",
}
SCHEDULE = {
    Schedule.INTERACTIVE: "after 2 s, 10 s, 1 min and 5 min",
    Schedule.DURABLE: "at growing distances from 5 s to 10 h",
}
PARTICIPANTS = {
    Participant.DRIVER: "driver",
    Participant.OWNER_OFF_SEAT: "owner off the seat",
    Participant.COACH: "coach",
    Participant.SUPERVISOR: "supervisor, manager",
    Participant.TEAMMATE: "teammate",
    Participant.ADMIN: "admin",
}


def settings() -> str:
    """Every setting: flag, variable, meaning, default."""
    rows = [
        (f"`{each.flag}`", f"`{each.variable}`", each.meaning, f"`{each.default}`" if each.default else "")
        for each in SETTINGS
    ]
    return _table(("flag", "variable", "meaning", "default"), rows)


def command_line() -> str:
    """Every command with what it takes."""
    return "\n\n".join(_commands(build_parser(), "sidecoach"))


def _commands(parser: argparse.ArgumentParser, name: str) -> Iterator[str]:
    flags = {setting.flag for setting in SETTINGS}
    for sub, told in _subcommands(parser):
        full = f"{name} {sub.prog.rpartition(' ')[2]}"
        if not told:
            continue  # for its own processes
        own = [action for action in sub._actions if not isinstance(action, argparse._SubParsersAction)]
        taken = [action for action in own if action.option_strings and action.option_strings[0] in flags]
        rows = [
            (_spelling(action), (action.help or "").replace("|", "\\|"))
            for action in own
            if action not in taken and action.dest != "help"
        ]
        if not any(isinstance(action, argparse._SubParsersAction) for action in sub._actions):
            yield f"### `{full}`\n\n{told[0].upper()}{told[1:]}."
            if rows:
                yield _table(("argument", "meaning"), rows)
            if len(taken) == len(flags):
                yield "Takes every [setting](settings.md)."
            elif taken:
                yield "Settings that it takes: " + ", ".join(f"`{action.option_strings[0]}`" for action in taken) + "."
        yield from _commands(sub, full)


def _subcommands(parser: argparse.ArgumentParser) -> Iterator[tuple[argparse.ArgumentParser, str]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            told = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, sub in action.choices.items():
                yield sub, told.get(name, "")


def _spelling(action: argparse.Action) -> str:
    if not action.option_strings:
        return f"`{(action.metavar or action.dest)!s}`".upper()
    value = "" if action.nargs == 0 else f" {action.metavar or '|'.join(action.choices or ()) or action.dest.upper()}"
    return f"`{action.option_strings[-1]}{value}`".replace("|", "\\|")


def integration(key: str) -> str:
    """Settings of a Connection and everything that can be done there."""
    description = INTEGRATIONS[key].DESCRIPTION
    settings = [
        (
            each.label,
            "secret, drawn here unless you type one"
            if each.generated
            else "secret"
            if each.secret
            else " · ".join(option.label for option in each.options),
            "yes" if each.required and not each.default else "",
            " ".join(filter(None, (each.help, f"Default: {_default(each)}." if each.default else ""))),
        )
        for each in description.settings
    ]
    text = ["## What a Connection asks for", _table(("setting", "kind", "required", "meaning"), settings)]
    personal = "may" if description.personal else "may not"
    text.append(f"People {personal} have a Connection of their own.")
    for action in description.actions:
        text += [f"## {action.name}: `{action.id}`", _parameters(action), _behaviour(action)]
    return "\n\n".join(text)


def _default(setting: Any) -> str:
    return next((option.label for option in setting.options if option.value == setting.default), f"`{setting.default}`")


def _parameters(action: IntegrationAction) -> str:
    rows = [
        (
            f"`{each.key}`",
            each.label,
            each.type.replace("_", " "),
            "yes" if each.required else "",
            " ".join(filter(None, (each.help, _choices(each), "" if each.templatable else "Takes no template."))),
        )
        for each in action.parameters
    ]
    return _table(("parameter", "on screen", "type", "required", "meaning"), rows)


def _choices(parameter: Any) -> str:
    return "One of " + ", ".join(f"`{option.value}`" for option in parameter.options) + "." if parameter.options else ""


def _behaviour(action: IntegrationAction) -> str:
    results = ", ".join(f"`{key}`" for key in action.results) or "none"
    return (
        f"- *Once* means here: {SAFETY[action.safety]}.\n"
        f"- Tried again {SCHEDULE[action.schedule]}.\n"
        f"- Results that may be written into Fields: {results}."
    )


def rights() -> str:
    """Who may send which command."""
    rows = [
        (f"`{command.__struct_config__.tag}`", *("✓" if each in RIGHTS[command] else "" for each in Participant))
        for command in get_args(Command)
        if command in RIGHTS
    ]
    return _table(("command", *(PARTICIPANTS.get(each, each.replace("_", " ")) for each in Participant)), rows)


def action_statuses() -> str:
    """The table of an Action's life."""
    reached: dict[tuple[str, str], list[str]] = {}
    for source, target, event in re.findall(r"^ +(\S+) --> (\S+): (\w+)$", diagram(), re.MULTILINE):
        reached.setdefault((event, target), []).append("–" if source == "[*]" else source.replace("_", " "))
    rows = [(f"`{event}`", ", ".join(sources), to.replace("_", " ")) for (event, to), sources in reached.items()]
    return _table(("event", "from", "to"), rows)


def template_words() -> str:
    """What a template may name, and its filters."""
    return (
        "Names: " + ", ".join(f"`{name}`" for name in sorted(NAMES)) + ".\n\n"
        "Filters: " + ", ".join(f"`{name}`" for name in sorted(FILTERS)) + "."
    )


def problem_codes() -> str:
    """Codes of what can be wrong with a Workflow document."""
    return ", ".join(f"`{code.value}`" for code in ProblemCode)


def event_kinds() -> str:
    """What a webhook Connection can be told of Sessions, in the words of the dialog."""
    words = (HOUSE / "client/src/features/integrations/words.ts").read_text()
    told = dict(re.findall(r'^  "([a-z._]+)": "([^"]+)",$', words, re.MULTILINE))
    return _table(("kind", "when"), [(f"`{kind.value}`", told[kind.value]) for kind in EventKind])


def figures() -> str:
    """What Prometheus may ask for."""
    rows = [
        (f"`{family.name}{'_total' if family.type == 'counter' else ''}`", family.type, family.documentation)
        for family in FIGURES.collect()
    ]
    return _table(("figure", "kind", "is"), rows)


def scopes() -> str:
    """What a token may do, in the words of the page where it is made."""
    words = (HOUSE / "client/src/features/api/words.ts").read_text()
    told = re.findall(r'value: "([a-z:]+)",\s+label: "([^"]+)",\s+help:\s+"([^"]+)"', words)
    assert {scope for scope, *_ in told} == set(Scope), "the page API names every scope"
    return _table(("scope", "on the page", "means"), [(f"`{scope}`", label, means) for scope, label, means in told])


def operations() -> str:
    """Everything that the API can do."""
    rows = [(f"`{each.method} {each.path}`", each.summary, f"`{each.scope}`") for each in OPERATIONS]
    return _table(("request", "does", "scope"), rows)


def architecture() -> str:
    """The map."""
    return f'<figure markdown="0" class="map">\n{draw()}\n</figure>'


PARTS: dict[str, Callable[..., str]] = {
    part.__name__: part
    for part in (
        settings, command_line, integration, rights, action_statuses, template_words, problem_codes, event_kinds,
        scopes, operations,
        figures, architecture,
    )
}  # fmt: skip
MARKER = re.compile(r"^<!-- generated: (\w+)((?: \w+)*) -->$", re.MULTILINE)


TESTS = re.compile(r"<!-- tests: ([A-Z0-9 ]+) -->")


def fill(markdown: str) -> str:
    """A page with everything in it that it names."""
    filled = MARKER.sub(lambda found: PARTS[found[1]](*found[2].split()), markdown)
    return TESTS.sub(lambda found: ", ".join(f"`{file}`" for file in tests_of(found[1].split())), filled)


def tests_of(rules: Sequence[str]) -> list[str]:
    """For each rule the file whose tests cite it most often.

    Raises:
        LookupError: no test cites one of them.
    """
    found: list[str] = []
    for rule in rules:
        citing = citations().get(rule)
        if citing is None:
            raise LookupError(f"no test cites {rule}")
        found.append(citing.most_common(1)[0][0])
    return list(dict.fromkeys(found))


@cache
def citations() -> dict[str, Counter[str]]:
    """How often each file of tests cites each rule."""
    found: dict[str, Counter[str]] = {}
    for file in (*sorted((HOUSE / "tests").rglob("*.py")), *sorted((HOUSE / "client/src").rglob("*.test.ts*"))):
        for bracket in re.findall(r"\[((?:[A-Z]{2}\d+[, ]*)+)\]", file.read_text()):
            for rule in re.findall(r"[A-Z]{2}\d+", bracket):
                found.setdefault(rule, Counter())[file.relative_to(HOUSE).as_posix()] += 1
    return found


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("\n", " ") for cell in line) + " |" for line in lines)
