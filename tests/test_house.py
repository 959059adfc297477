"""The house itself: what its papers promise is there."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from protocol.events import EVENT_TYPES
from protocol.refusals import CloseCode, RefuseCode
from server.settings import SETTINGS

HOUSE = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def targets() -> set[str]:
    """The commands that the Makefile declares."""
    declared = re.search(r"^\.PHONY: (help .*)$", (HOUSE / "Makefile").read_text(), re.MULTILINE)
    assert declared is not None
    return set(declared[1].split())


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return dict(yaml.safe_load((HOUSE / "docker-compose.dev.yml").read_text())["services"])


def test_help_lists_every_target(targets: set[str]) -> None:
    told = subprocess.run(["make", "help"], cwd=HOUSE, capture_output=True, text=True, check=True).stdout

    assert set(re.findall(r"^make ([a-z0-9]+) +\S", told, re.MULTILINE)) == targets


def test_readme_names_every_target(targets: set[str]) -> None:
    readme = (HOUSE / "README.md").read_text()

    assert set(re.findall(r"`make ([a-z0-9]+)`", readme)) == targets
    assert {"make serve", "make test"} <= {line.partition("#")[0].strip() for line in readme.splitlines()}


def test_developers_stores_are_reachable_from_this_machine_only(services: dict[str, Any]) -> None:
    assert set(services) == {"valkey", "postgres"}
    for service in services.values():
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        assert service["healthcheck"]["test"]


def test_developers_valkey_keeps_what_it_acknowledged(services: dict[str, Any]) -> None:
    command = " ".join(services["valkey"]["command"])

    assert "--appendonly yes --appendfsync always --maxmemory-policy noeviction" in command


def test_lock_files_lead_to_the_public_index_only() -> None:
    """A lock made against a private index or a folder would install on the machine that made it and nowhere else."""
    indexes = set(re.findall(r'source = \{ (\w+) = "([^"]+)" \}', (HOUSE / "uv.lock").read_text()))

    assert {kind for kind, _ in indexes} == {"registry", "editable"}
    assert len(indexes) == 2
    assert '"resolved"' not in (HOUSE / "client/package-lock.json").read_text()


RULE = re.compile(r"\b([A-Z]{2}\d+)\b")


def rules_of_spec() -> set[str]:
    """Ids of every rule that SPEC.md states."""
    return set(re.findall(r"^- \*\*\[([A-Z]{2}\d+)\]\*\*", (HOUSE / "protocol/SPEC.md").read_text(), re.MULTILINE))


def cited_rules() -> set[str]:
    """Ids in square brackets, one or several, in the tests of both languages."""
    files = [*(HOUSE / "tests").rglob("*.py"), *(HOUSE / "client/src").rglob("*.test.ts*")]
    brackets = (match for file in files for match in re.findall(r"\[((?:[A-Z]{2}\d+[, ]*)+)\]", file.read_text()))
    return {rule for bracket in brackets for rule in RULE.findall(bracket)}


def test_every_rule_is_shown_by_a_test_and_every_cited_rule_exists() -> None:
    assert rules_of_spec() - cited_rules() == set(), "rules that no test cites"
    assert cited_rules() - rules_of_spec() == set(), "cited rules that SPEC.md lacks"


def test_every_refusal_and_close_code_is_explained() -> None:
    spec = (HOUSE / "protocol/SPEC.md").read_text()

    assert [code for code in RefuseCode if f"| `{code}` |" not in spec] == []
    assert [code for code in CloseCode if f"| {code.value} |" not in spec] == []


def test_every_event_is_in_the_engines_readme() -> None:
    readme = (HOUSE / "session_engine/README.md").read_text()

    assert [event for event in EVENT_TYPES if f"`{event.__struct_config__.tag}`" not in readme] == []


def test_every_setting_is_in_the_readme() -> None:
    readme = (HOUSE / "README.md").read_text()

    assert [setting.name for setting in SETTINGS if f"| `{setting.flag}` | `{setting.variable}` |" not in readme] == []
