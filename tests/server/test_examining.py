"""What the doctor finds around an installation, and what it advises."""

import time
from pathlib import Path

import pytest

from server.__main__ import main
from server.examining import Finding, Level, look_at_machine, look_at_store, look_at_tables
from server.ports import StoreCondition, StoreServer
from server.records.database import Database, newest_revision
from server.settings import Settings
from server.store.keyring import KeyRing
from tests.support.sql import BOTH

SQL_KINDS = BOTH

GOOD = StoreServer(version="9.0.1", memory_bytes=1_000, eviction="noeviction", is_appending=True, fsync="always")


def condition(server: StoreServer = GOOD, oldest_due_ms: int | None = None) -> StoreCondition:
    """A store of one server."""
    return StoreCondition(servers=(server,), scheduled=1, overdue=1, oldest_due_ms=oldest_due_ms)


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    """What was looked at."""
    return {finding.what: finding for finding in findings}


def now_ms() -> int:
    """The machine's clock."""
    return time.time_ns() // 1_000_000


def test_a_good_store_has_nothing_to_advise() -> None:
    """[OP14] All ok."""
    found = list(look_at_store(condition(), now_ms()))

    assert {finding.level for finding in found} == {Level.OK}
    assert not any(finding.advice for finding in found)


@pytest.mark.parametrize(
    ("server", "what", "level"),
    [
        (StoreServer(version="6.2.1"), "store version", Level.FAIL),
        (StoreServer(is_appending=False, fsync="always"), "store durability", Level.FAIL),
        (StoreServer(is_appending=True, fsync="everysec"), "store durability", Level.WARN),
        (StoreServer(), "store durability", Level.WARN),
        (StoreServer(eviction="allkeys-lru"), "store eviction", Level.FAIL),
        (StoreServer(memory_bytes=90, memory_limit_bytes=100), "store memory", Level.WARN),
    ],
)
def test_a_store_that_may_forget_is_told_with_what_to_do(server: StoreServer, what: str, level: Level) -> None:
    """[OP14] Each by its own line."""
    found = by_name(list(look_at_store(condition(server), now_ms())))[what]

    assert found.level is level
    assert found.advice


def test_a_clock_that_differs_and_work_that_waits_are_told() -> None:
    """[OP14] The store's clock is what Sessions follow."""
    store_ms = now_ms() + 90_000

    found = by_name(list(look_at_store(condition(oldest_due_ms=store_ms - 61_000), store_ms)))

    assert (found["clock"].level, found["due"].level) == (Level.WARN, Level.FAIL)
    assert "90 s ahead" in found["clock"].found
    assert "61 s" in found["due"].found


def test_a_machine_is_looked_at(tmp_path: Path) -> None:
    """[OP14] Rights, keys and address; a password in an address is not told."""
    tmp_path.chmod(0o755)
    settings = Settings(data_dir=str(tmp_path), public_url="http://coach.example.org")

    found = by_name(list(look_at_machine(settings)))
    assert found["data directory"].level is Level.FAIL
    assert "chmod 700" in found["data directory"].advice
    assert found["key ring"].level is Level.FAIL
    assert found["address"].level is Level.FAIL
    assert not (tmp_path / "keys.json").exists(), "looking makes nothing"

    tmp_path.chmod(0o700)
    KeyRing.open(tmp_path / "keys.json")
    found = by_name(list(look_at_machine(Settings(data_dir=str(tmp_path), public_url="https://coach.example.org"))))
    assert found["data directory"].level is found["key ring"].level is found["address"].level is Level.OK


async def test_tables_of_every_age_are_told_apart(empty_url: str) -> None:
    """[OP14] None, earlier, as they should be, later."""
    database = Database(empty_url)
    head = newest_revision()

    async def level() -> tuple[Level, str]:
        tables = by_name(list(look_at_tables(*await database.describe())))["tables"]
        return tables.level, tables.found

    assert await level() == (Level.FAIL, "there are none")
    await database.migrate("0008")
    assert await level() == (Level.FAIL, "of an earlier release (0008)")
    await database.migrate()
    assert await level() == (Level.OK, f"as this release has them ({head})")
    assert by_name(list(look_at_tables("sqlite", "", 0, "9999", head)))["tables"].level is Level.FAIL
    await database.close()


def test_where_nothing_runs_that_is_a_line_and_no_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """[OP14] In words, with status 1; nothing is made."""
    assert main(["doctor", "--data-dir", str(tmp_path)]) == 1

    told = capsys.readouterr().out
    assert "FAIL  key ring: " in told
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_is_away_is_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """[OP14] And the database is looked at all the same."""
    tmp_path.chmod(0o700)
    KeyRing.open(tmp_path / "keys.json")

    assert main(["doctor", "--data-dir", str(tmp_path), "--redis-url", "redis://127.0.0.1:1"]) == 1

    told = capsys.readouterr().out
    assert "FAIL  store: " in told
    assert "FAIL  tables: there are none" in told
    assert not (tmp_path / "sidecoach.db").exists()
