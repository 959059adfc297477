"""Whatever pages name of the product exists: commands, flags, variables, addresses, keys, files, pictures."""

import argparse
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from starlette.routing import BaseRoute, Mount, Route

from docs.pictures import named_by
from server.__main__ import build_parser
from server.app import build_app
from server.settings import SETTINGS, read_settings
from server.store.memory import MemoryStore
from server.watching.figures import FIGURES
from tests.docs.pages import HOUSE, PAGES, pages

CODE = re.compile(r"^ *```(?:sh|text)\n.*?```|`[^`\n]+`", re.DOTALL | re.MULTILINE)
OF_OTHERS = {
    "--proxy-headers", "--wheel", "--header", "--json", "--upgrade",
    "FORWARDED_ALLOW_IPS",  # uvicorn's
    "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_TRACES_SAMPLER",
}  # fmt: skip
"""Flags and variables of other programs."""


def code() -> Iterator[tuple[str, str]]:
    """Every piece of code on every page."""
    for path, text in pages().items():
        for piece in CODE.findall(text):
            yield path, piece.strip("`")


def commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command by its words, nested ones too."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, sub in action.choices.items():
                yield name, sub
                yield from ((f"{name} {verb}", below) for verb, below in commands(sub))


def test_every_make_target_exists() -> None:
    declared = re.search(r"^\.PHONY: (help .*)$", (HOUSE / "Makefile").read_text(), re.MULTILINE)
    named = {(path, target) for path, piece in code() for target in re.findall(r"\bmake ([a-z0-9]+)\b", piece)}

    assert declared is not None
    assert named
    assert {each for each in named if each[1] not in declared[1].split()} == set()


def test_every_command_exists() -> None:
    known = dict(commands(build_parser()))
    named = {
        (path, words)
        for path, piece in code()
        for words in re.findall(r"(?<![\w/])sidecoach ((?:[a-z][a-z-]* ?)+)", piece)
    }
    verbs = {name.split()[0] for name in known if " " in name}

    def exists(words: str) -> bool:
        first, *rest = words.split()
        return first in known if first not in verbs or not rest else f"{first} {rest[0]}" in known

    assert len(named) > 10
    assert {each for each in named if not each[1].startswith("external id") and not exists(each[1])} == set()


def test_every_flag_exists() -> None:
    flags = {
        flag for _, parser in commands(build_parser()) for action in parser._actions for flag in action.option_strings
    }
    named = {(path, flag) for path, piece in code() for flag in re.findall(r"(?<![\w-])--[a-z][a-z-]+", piece)}

    assert {each for each in named if each[1] not in flags | OF_OTHERS} == set()


def test_every_variable_exists() -> None:
    variables = {setting.variable for setting in SETTINGS}
    shaped = re.compile(r"\b(?:SIDECOACH_[A-Z_]+|[A-Z]+_URL|[A-Z]+_ALLOW_IPS)\b")
    named = {(path, name) for path, piece in code() for name in shaped.findall(piece)}

    assert {each for each in named if each[1] not in variables | OF_OTHERS} == set()


def paths(routes: Iterable[BaseRoute], before: str = "") -> Iterator[str]:
    """Of all routes, mounted ones too."""
    for route in routes:
        if isinstance(route, Mount):
            yield from paths(route.routes, before + route.path)
        elif isinstance(route, Route):
            yield before + route.path


def test_every_address_exists(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    given = {
        "data_dir": str(tmp_path),
        "public_url": "https://coach.example.org",
        "oidc_issuer": "https://login.example.org",
        "oidc_client_id": "sidecoach",
        "oidc_secret_file": str(secret),
    }
    app = build_app(read_settings(given, {}), MemoryStore())
    routes = {*paths(app.routes), "/api/v1", "/api/docs"} - {"/{path:path}"}  # what the API begins with; a page
    shapes = [re.compile(re.sub(r"\{[^}]+\}", "[^/]+", route)) for route in routes]
    named = {
        (path, address)
        for path, piece in code()
        for address in re.findall(r"(?<![\w.])/(?:api/[\w/{}.…-]+|healthz|readyz)", piece)
    }

    assert named
    assert {each for each in named if not any(shape.fullmatch(each[1]) for shape in shapes)} == set()


def test_every_figure_exists() -> None:
    names = {family.name for family in FIGURES.collect()}
    named = {(path, name) for path, piece in code() for name in re.findall(r"\bsidecoach_[a-z_]+\b", piece)}
    ours = {"sidecoach_process_up"}  # told by who collects them
    others = {"sidecoach_action_id", "sidecoach_client", "sidecoach_acme"}  # no figures

    assert named
    assert {each for each in named if each[1].removesuffix("_total") not in names | ours | others} == set()


def test_every_file_exists() -> None:
    shaped = re.compile(r"^(?:server|session_engine|protocol|client|tests|docs)/[\w/.-]+\.\w+$")
    named = {(path, piece) for path, piece in code() if shaped.match(piece)}

    assert named
    assert {each for each in named if not (HOUSE / each[1]).exists()} == set()


def keys_in_sources() -> set[tuple[str, str]]:
    """Every key that some screen listens for, as its sheet shows it, with the label if that is a constant."""
    found = set()
    entry = re.compile(r'label: (?:"([^"]+)"|[^\n]*?),\s+keys: \[([^\]]+)\]', re.DOTALL)
    for file in (HOUSE / "client/src").rglob("*.ts*"):
        if ".test." not in file.name:
            found |= {(label, shown(keys)) for label, keys in entry.findall(file.read_text())}
    return found


def shown(keys: str) -> str:
    """As `keysText` of the client writes it."""
    each = re.findall(r'"([^"]+)"', keys)
    if len(each) > 2:
        return f"{each[0]} – {each[-1]}"
    text = ", ".join(
        key.upper() if len(key) == 1 else re.sub(r"\+(\w)$", lambda last: "+" + last[1].upper(), key) for key in each
    )
    names = {"Mod": "Ctrl", "Escape": "Esc", "ArrowLeft": "←", "ArrowRight": "→", "+": " + "}
    for name, seen in names.items():
        text = text.replace(name, seen)
    return text


def test_the_page_of_keys_has_every_key_and_no_other() -> None:
    page = (PAGES / "agents/keyboard.md").read_text()
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \|", page, re.MULTILINE)
    told = {key for key, _ in rows}
    known = {(label, keys) for label, keys in keys_in_sources() if keys}

    assert len(known) > 20
    assert {keys for _, keys in known} - told == set()
    assert told - {keys for _, keys in known} - {"O", "Q"} == set()  # of Responses: their keys stand in a list
    labels = {label for _, label in rows}
    assert {label for label, _ in known if label} - labels == set()


def test_every_picture_is_taken_and_every_one_taken_is_shown() -> None:
    taken = re.findall(r'\bpicture\(\s*"([\w-]+)"', (HOUSE / "tests/e2e/test_pictures.py").read_text())

    assert sorted(set(taken)) == sorted(taken)
    assert set(taken) == named_by(PAGES)
