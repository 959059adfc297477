"""What Prometheus is shown: of one process, and of all of them."""

from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from protocol.account import Policy
from protocol.base import MAX_SAFE_INT
from protocol.commands import End, SetField
from server.ports import DueChange, StoredEntry, Unavailable
from server.settings import CannotRun, Settings
from server.store.memory import MemoryBus, MemoryStore
from server.watching import figures
from server.watching.looking import Looking
from server.watching.scrape import Processes, answer_launcher, figures_of, listen_for_prometheus, socket_path
from session_engine.refused import Refused
from tests.support.server import House

LABELS = {"state", "code", "status", "result", "reason", "kind", "integration", "outcome", "le"}
"""Each has a handful of values, none of which anybody typed."""


def value_of(name: str, **labels: str) -> float:
    """A figure of this process; 0 if there is none yet."""
    found = [
        sample.value
        for family in figures.FIGURES.collect()
        for sample in family.samples
        if sample.name == name and sample.labels == labels
    ]
    return found[0] if found else 0.0


def test_names_say_what_they_are_and_labels_have_a_handful_of_values() -> None:
    """[OP2] One prefix, base units, counters end in _total; no label could hold an id or a name."""
    for family in text_string_to_metric_families(generate_latest(figures.FIGURES).decode()):
        assert family.name.startswith("sidecoach_")
        assert family.documentation
        assert not family.name.endswith(("_ms", "_milliseconds", "_kb"))
        assert {label for sample in family.samples for label in sample.labels} <= LABELS


def test_a_timing_counts_what_took_at_most_so_long() -> None:
    """[OP2] Buckets are cumulative, the last one holds all."""
    registry = CollectorRegistry()
    timing = figures.Timing("sidecoach_test_seconds", "Of a test.", (0.1, 1.0))
    figures.FIGURES.unregister(timing)
    registry.register(timing)

    for seconds in (0.1, 0.5, 7.0):
        timing.observe(seconds)

    lines = generate_latest(registry).decode().splitlines()
    assert [line for line in lines if "bucket" in line] == [
        'sidecoach_test_seconds_bucket{le="0.1"} 1.0',
        'sidecoach_test_seconds_bucket{le="1.0"} 2.0',
        'sidecoach_test_seconds_bucket{le="+Inf"} 3.0',
    ]
    assert "sidecoach_test_seconds_sum 7.6" in lines


async def test_what_a_call_does_is_counted(house: House) -> None:
    """[OP2] A connection, its commands by result, and how long they took; a refusal by its code."""
    names = (
        ("sidecoach_hellos_total", {}),
        ("sidecoach_commands_total", {"result": "accepted"}),
        ("sidecoach_commands_total", {"result": "unknown_field"}),
        ("sidecoach_command_seconds_count", {}),
        ("sidecoach_commit_seconds_count", {}),
        ("sidecoach_views_total", {"reason": "joined"}),
        ("sidecoach_http_requests_total", {"status": "204"}),
        ("sidecoach_connections_closed_total", {"code": "4500"}),
    )
    before = [value_of(name, **labels) for name, labels in names]

    page = await house.page("agent")
    session_id = await page.start(house.version_id)
    with pytest.raises(Refused, match="unknown_field"):
        await page.command(session_id, SetField(visit_id="v1", seat=1, field_key="none", content="Kim"))
    await page.command(session_id, End(reason_key="hung_up"))
    await page.send_raw(b"{}")
    await page.until(lambda: page.close_code is not None)

    grown = [value_of(name, **labels) - earlier for (name, labels), earlier in zip(names, before, strict=True)]
    assert grown == [1, 2, 1, 2, 1, 1, 1, 1]


async def test_the_store_and_what_time_has_to_do_are_looked_up() -> None:
    """[OP3] Reachable or not; how many Sessions are due, and for how long the oldest waits."""
    bus = MemoryBus(lambda: 100_000)
    store = MemoryStore(bus)
    entry = StoredEntry(seq=1, entry_id="e1", previous_id="", payload=b"")
    await store.create("1" * 32, entry, None, DueChange(due_ms=70_000))
    await store.create("2" * 32, entry, None, DueChange(due_ms=MAX_SAFE_INT))

    async def sql_away() -> None:
        raise Unavailable("SQL")

    async def backlog(before_ms: int) -> tuple[int, int | None]:
        return 3, before_ms - 1_000

    looking = Looking(store, sql_away, backlog, lambda: Policy(archive_after_ms=5_000), lambda: None)
    await looking.look_around()
    await looking.look_here()
    await looking.look_at_archive()

    assert value_of("sidecoach_store_up") == 1
    assert value_of("sidecoach_sql_up") == 0
    assert value_of("sidecoach_scheduled_sessions") == 2
    assert value_of("sidecoach_due_sessions") == 1
    assert value_of("sidecoach_due_lag_seconds") == 30
    assert value_of("sidecoach_archive_backlog_sessions") == 3
    assert value_of("sidecoach_archive_backlog_age_seconds") == 121
    assert value_of("sidecoach_resident_memory_bytes") > 1_000_000

    bus.is_down = True
    await looking.look_around()
    assert value_of("sidecoach_store_up") == 0


async def test_a_process_whose_event_loop_is_stuck_is_seen(tmp_path: Path) -> None:
    """[OP5] It answers from a thread."""
    settings = Settings(data_dir=str(tmp_path), process="w1")
    socket_path(settings, "w1").parent.mkdir(mode=0o700, exist_ok=True)
    answer_launcher(settings)

    told = figures_of(socket_path(settings, "w1"))  # nothing else runs on this loop meanwhile

    assert b"sidecoach_event_loop_lag_seconds_bucket" in told


async def test_one_scrape_shows_every_process_and_which_of_them_is_silent(tmp_path: Path) -> None:
    """[OP1] Figures carry the process that they are of; one that does not answer is down, and told once."""
    settings = Settings(data_dir=str(tmp_path), process="w1", metrics_port=0)
    socket_path(settings, "w1").parent.mkdir(mode=0o700, exist_ok=True)
    answer_launcher(settings)
    processes = Processes(
        {name: lambda name=name: figures_of(socket_path(settings, name)) for name in ("w1", "w2")}  # type: ignore[misc]
    )
    processes.restarted("w2")

    with listen_for_prometheus(settings, processes) as port:
        async with httpx.AsyncClient(trust_env=False) as prometheus:
            answer = await prometheus.get(f"http://127.0.0.1:{port}/metrics")
        with (
            pytest.raises(CannotRun, match="--metrics-port"),
            listen_for_prometheus(Settings(data_dir="", metrics_port=port), processes),
        ):
            pass

    assert 'sidecoach_process_up{process="w1"} 1.0' in answer.text
    assert 'sidecoach_process_up{process="w2"} 0.0' in answer.text
    assert answer.text.count("# TYPE sidecoach_hellos_total counter") == 1
    assert 'sidecoach_process_restarts_total{process="w2"} 1.0' in answer.text
    assert 'sidecoach_hellos_total{process="w1"}' in answer.text
    assert "sidecoach_build_info{" in answer.text
