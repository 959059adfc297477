"""What operators are given: containers, a proxy, a unit, alert rules, a dashboard; and the keys that servers share."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from server import operating
from server.__main__ import main
from server.settings import SETTINGS
from server.store.keyring import KeyRing, KeyRingRefused
from server.watching.figures import FIGURES
from server.watching.scrape import Processes

HOUSE = Path(__file__).resolve().parents[2]
HERE = operating.HERE

OUR_LABELS = {"process", "state", "code", "status", "result", "reason", "kind", "integration", "outcome", "le"}
PROMETHEUS_LABELS = {"instance", "job"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The cluster."""
    return dict(yaml.safe_load((HOUSE / "docker-compose.yml").read_text()))


def figures_there_are() -> set[str]:
    """Names of samples, as Prometheus stores them."""
    names = {"up"}
    processes = Processes({})
    for family in [*FIGURES.collect(), *processes.collect()]:
        suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(family.type, ("",))
        names |= {f"{family.name}{suffix}" for suffix in suffixes}
    return names


def expressions() -> list[str]:
    """Every query that ships."""
    rules = yaml.safe_load((HERE / "alerts.yml").read_text())["groups"]
    dashboard = json.loads((HERE / "dashboard.json").read_text())
    asked = [rule["expr"] for group in rules for rule in group["rules"]]
    asked += [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    asked += [variable["query"]["query"] for variable in dashboard["templating"]["list"] if variable["type"] == "query"]
    return asked


@pytest.mark.parametrize("asked", expressions())
def test_rules_and_dashboard_ask_for_what_there_is(asked: str) -> None:
    """[OP4] Figures and labels alike."""
    assert set(re.findall(r"\bsidecoach_\w+|\bup\b", asked)) <= figures_there_are()
    grouped = {label for by in re.findall(r"by \(([^)]*)\)", asked) for label in re.split(r"[ ,]+", by) if label}
    matched = set(re.findall(r'(\w+)(?:=~|!=|!~|=)"', asked))
    assert grouped | matched <= OUR_LABELS | PROMETHEUS_LABELS


def test_every_alert_is_explained() -> None:
    """[OP4] In the guide, by its name."""
    guide = (HERE / "README.md").read_text()
    names = re.findall(r"- alert: (\w+)", (HERE / "alerts.yml").read_text())

    assert [name for name in names if f"`{name}`" not in guide] == []


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is Prometheus' own; not here")
def test_prometheus_understands_every_query(tmp_path: Path) -> None:
    """[OP4] Rules and dashboard, by its own tool."""
    subprocess.run(["promtool", "check", "rules", str(HERE / "alerts.yml")], check=True, capture_output=True)
    queries = [asked.replace("$__rate_interval", "5m") for asked in expressions() if not asked.startswith("label_")]
    rules = [{"record": f"asked:{number}", "expr": asked} for number, asked in enumerate(queries)]
    file = tmp_path / "asked.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "asked", "rules": rules}]}))
    subprocess.run(["promtool", "check", "rules", str(file)], check=True, capture_output=True)


def test_the_clusters_store_keeps_what_it_acknowledged(compose: dict[str, Any]) -> None:
    """[OP12] Every write on disk, nothing evicted, and time to write all before it goes."""
    valkey = compose["services"]["valkey"]

    command = " ".join(valkey["command"])
    assert "--appendonly yes --appendfsync always --maxmemory-policy noeviction" in command
    assert valkey["volumes"] == ["valkey:/data"]


def test_only_the_proxy_is_reachable(compose: dict[str, Any]) -> None:
    """[OP12] Stores are in a network that leads nowhere."""
    services = compose["services"]

    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert services["proxy"]["networks"] == ["front"]
    assert services["valkey"]["networks"] == services["postgres"]["networks"] == ["stores"]
    assert compose["networks"]["stores"] == {"internal": True}


def test_no_password_is_ours(compose: dict[str, Any]) -> None:
    """[OP12] Every one has to be given, in a file that git does not see."""
    text = (HOUSE / "docker-compose.yml").read_text()
    wanted = set(re.findall(r"\$\{(\w+):\?", text))
    example = dict(line.split("=", 1) for line in (HOUSE / ".env.example").read_text().splitlines() if "=" in line)

    assert {"VALKEY_PASSWORD", "POSTGRES_PASSWORD", "SIDECOACH_DOMAIN"} == wanted
    assert all(example[name] == "" for name in wanted)
    assert {"/secrets/", ".env"} <= set((HOUSE / ".gitignore").read_text().splitlines())
    assert compose["secrets"] == {"keys": {"file": "./secrets/keys.json"}}


def test_servers_cannot_write_where_they_run(compose: dict[str, Any]) -> None:
    """[OP12] Nobody special, no capabilities, a read-only file system; and time enough to drain."""
    for name in ("server1", "server2", "worker"):
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["stop_grace_period"] == "30s"
        known = {setting.variable for setting in SETTINGS} | {"FORWARDED_ALLOW_IPS"}
        assert set(service["environment"]) <= known
    dockerfile = (HOUSE / "Dockerfile").read_text()
    last = dockerfile[dockerfile.rindex("\nFROM ") :]
    assert "\nUSER 10001\n" in last
    assert "HEALTHCHECK" in last
    assert 'ENTRYPOINT ["tini", "--", "sidecoach"]' in last
    assert "COPY --from=client /src/server/static/" in dockerfile


def test_what_the_image_copies_is_not_ignored() -> None:
    """[OP12] And nothing that was built or is secret goes along."""
    ignored = (HOUSE / ".dockerignore").read_text().splitlines()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (HOUSE / "Dockerfile").read_text(), re.MULTILINE)
    roots = {source.split("/")[0] + ("/" if "/" in source else "") for line in copied for source in line.split()}

    assert ignored[1] == "*"
    assert {f"!{root}" for root in roots} <= set(ignored)
    assert {"client/node_modules/", "server/static/"} <= set(ignored)


@pytest.mark.skipif(shutil.which("caddy") is None, reason="caddy is not here")
def test_the_proxy_understands_its_file() -> None:
    """[OP12] By its own check."""
    command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(HERE / "Caddyfile")]
    subprocess.run(command, check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_understands_the_unit() -> None:
    """[OP12] But for the program, which is not installed here."""
    command = ["systemd-analyze", "verify", str(HERE / "sidecoach.service")]
    told = subprocess.run(command, capture_output=True, text=True, check=False)

    assert [
        line for line in told.stderr.splitlines() if "sidecoach.service:" in line and "not executable" not in line
    ] == []


def test_the_units_variables_are_settings() -> None:
    """[OP12] Nothing in it is without effect."""
    lines = (HERE / "sidecoach.env").read_text().splitlines()
    names = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}

    assert names - {"TMPDIR"} <= {setting.variable for setting in SETTINGS}


def test_operating_files_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """[OP12] From wherever the package is installed."""
    assert main(["operating-files", str(tmp_path / "files")]) == 0

    written = {path.name for path in (tmp_path / "files").iterdir()}
    assert {"Caddyfile", "sidecoach.service", "alerts.yml", "dashboard.json", "README.md"} <= written
    assert "Caddyfile" in capsys.readouterr().out


class TestSharedKeys:
    def test_a_ring_is_made_once(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """[OP11] A second time would take every Session's content along."""
        file = tmp_path / "keys.json"

        assert main(["key-ring", str(file)]) == 0
        before = file.read_bytes()
        assert main(["key-ring", str(file)]) == 1

        assert file.read_bytes() == before
        assert file.stat().st_mode & 0o777 == 0o600
        assert "is there already" in capsys.readouterr().err

    def test_one_that_is_named_and_missing_is_not_made(self, tmp_path: Path) -> None:
        """[OP11] Each machine would have its own."""
        with pytest.raises(KeyRingRefused, match=r"sidecoach key-ring"):
            KeyRing.open(tmp_path / "keys.json", create=False)

        assert not (tmp_path / "keys.json").exists()

    def test_a_start_without_it_says_so_in_a_sentence(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """[OP11, HS2] Before anything else is written."""
        flags = ["--key-ring", str(tmp_path / "none.json"), "--redis-url", "redis://127.0.0.1:1"]

        assert main(["worker", "--data-dir", str(tmp_path / "data"), *flags]) == 1

        assert "none.json is not there" in capsys.readouterr().err
