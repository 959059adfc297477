"""Every figure that Prometheus may ask for, by name and meaning.

One process's own, in memory; `scrape.py` shows those of all processes. What has
to be looked up is in `looking.py`. No label holds an id, an address or anything
typed, and each has a handful of values: those of an enum, or the Integrations.

Rules: protocol/SPEC.md, OP2 to OP4.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

disable_created_metrics()  # type: ignore[no-untyped-call]  # three samples for each counter otherwise, and Prometheus has no use for them

FIGURES = CollectorRegistry()
"""Those of this process."""

QUICK_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
PERSON_S = (5.0, 10.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 300.0)
SLOW_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0)


class Timing(Collector):
    """A histogram for the hot path: 0.3 µs an observation, where the library's own takes 2.4 (tests/bench)."""

    def __init__(self, name: str, documentation: str, bounds: tuple[float, ...] = QUICK_S) -> None:
        self._name = name
        self._documentation = documentation
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum_s = 0.0
        FIGURES.register(self)

    def observe(self, seconds: float) -> None:
        """Count one."""
        self._counts[bisect_left(self._bounds, seconds)] += 1
        self._sum_s += seconds

    def collect(self) -> Iterable[Metric]:
        """See `Collector`."""
        buckets, seen = [], 0
        for bound, count in zip((*self._bounds, float("inf")), self._counts, strict=True):
            seen += count
            buckets.append((str(bound) if bound < float("inf") else "+Inf", float(seen)))
        yield HistogramMetricFamily(self._name, self._documentation, buckets=buckets, sum_value=self._sum_s)


class Tally(Collector):
    """A counter with one label for the hot path."""

    def __init__(self, name: str, documentation: str, label: str) -> None:
        self._name = name
        self._documentation = documentation
        self._label = label
        self._counts: dict[str, int] = {}
        FIGURES.register(self)

    def count(self, value: str) -> None:
        """One more of these."""
        self._counts[value] = self._counts.get(value, 0) + 1

    def collect(self) -> Iterable[Metric]:
        """See `Collector`."""
        family = CounterMetricFamily(self._name, self._documentation, labels=[self._label])
        for value, count in list(self._counts.items()):
            family.add_metric([value], count)
        yield family


def _counter(name: str, documentation: str, *labels: str) -> Counter:
    return Counter(name, documentation, labels, registry=FIGURES)


def _gauge(name: str, documentation: str, *labels: str) -> Gauge:
    return Gauge(name, documentation, labels, registry=FIGURES)


# --- connections and HTTP -------------------------------------------------------------------

CONNECTIONS = _gauge("sidecoach_connections", "WebSocket connections: waiting for hello, or open.", "state")
HELLOS = _counter("sidecoach_hellos_total", "Connections that said hello and were welcomed.")
UPGRADES_REFUSED = _counter("sidecoach_upgrades_refused_total", "WebSockets of another host, origin or protocol.")
CLOSED = _counter("sidecoach_connections_closed_total", "Connections that this side ended, by close code.", "code")
HTTP = Tally("sidecoach_http_requests_total", "HTTP requests, by the status that they were answered with.", "status")
SIGN_INS = _counter("sidecoach_sign_ins_total", "Sign-ins by password: in, wrong, slowed.", "result")

# --- commands and rooms ---------------------------------------------------------------------

COMMANDS = Tally("sidecoach_commands_total", "Commands: accepted, repeated, or the code of the refusal.", "result")
COMMAND_S = Timing("sidecoach_command_seconds", "From a command's arrival until all who follow here were told.")
COMMIT_S = Timing("sidecoach_commit_seconds", "From handing a commit to the store until it is acknowledged.")
CONFLICTS = _counter("sidecoach_commit_conflicts_total", "Commits decided again, since another process was faster.")
ROOMS = _gauge("sidecoach_rooms", "Sessions that somebody here follows.")
MEMBERS = _gauge("sidecoach_room_members", "Connections that follow a Session, counted once for each.")
INTERRUPTIONS = _counter("sidecoach_push_interruptions_total", "Push connections that were lost and made anew.")
REPAIRS = _counter("sidecoach_repairs_total", "Rooms that read the log because a push was missing.")
VIEWS = _counter("sidecoach_views_total", "Whole views that were encoded, by reason.", "reason")
FORKS = _counter("sidecoach_forks_total", "Sessions whose log lost entries that were acknowledged.")

HELP_S = Histogram(
    "sidecoach_help_wait_seconds",
    "From asking for help until somebody said they come (claimed), or it was over before (unanswered).",
    ["outcome"],
    buckets=PERSON_S,
    registry=FIGURES,
)

# --- store and SQL --------------------------------------------------------------------------

STORE_UP = _gauge("sidecoach_store_up", "1 if the store answered the last look.")
STORE_S = _gauge("sidecoach_store_round_trip_seconds", "What the last look at the store took.")
STORE_MEMORY = _gauge("sidecoach_store_memory_bytes", "Memory in use, over all servers of the store.")
STORE_LIMIT = _gauge("sidecoach_store_memory_limit_bytes", "Their maxmemory; 0 if any has none.")
STORE_UNAVAILABLE = _counter("sidecoach_store_unavailable_total", "Calls to the store that were given up.")
SQL_UP = _gauge("sidecoach_sql_up", "1 if the database answered the last look.")
SQL_S = Histogram(
    "sidecoach_sql_seconds", "Transactions, with waiting for one's turn.", ["kind"], buckets=QUICK_S, registry=FIGURES
)
SQL_UNAVAILABLE = _counter("sidecoach_sql_unavailable_total", "Transactions that failed because SQL was away.")
ROWS_WAITING = _gauge("sidecoach_list_rows_waiting", "Sessions whose row in the lists is not written yet.")

# --- what time does -------------------------------------------------------------------------

SCHEDULED = _gauge("sidecoach_scheduled_sessions", "Sessions in the due sets.")
OVERDUE = _gauge("sidecoach_due_sessions", "Sessions in the due sets whose time has come.")
DUE_LAG_S = _gauge("sidecoach_due_lag_seconds", "For how long the oldest of them has waited.")
ATTEMPTS = _counter("sidecoach_attempts_total", "Attempts to send, by what came of them.", "integration", "outcome")
ATTEMPT_S = Histogram(
    "sidecoach_attempt_seconds", "What an attempt took.", ["integration"], buckets=SLOW_S, registry=FIGURES
)
EVENTS = _counter("sidecoach_event_attempts_total", "Attempts to tell other systems of events.", "outcome")
BREAKERS_OPEN = _gauge("sidecoach_breakers_open", "Connections that rest because their other side is down.")
ARCHIVED = _counter("sidecoach_archived_total", "Sessions that moved to the archive.")
ARCHIVE_BACKLOG = _gauge("sidecoach_archive_backlog_sessions", "Finished Sessions overdue for the archive.")
ARCHIVE_AGE_S = _gauge("sidecoach_archive_backlog_age_seconds", "For how long the oldest of them is overdue.")

# --- the process ----------------------------------------------------------------------------

LOOP_LAG_S = Timing("sidecoach_event_loop_lag_seconds", "How late the event loop was, four times a second.")
CPU_S = _counter("sidecoach_cpu_seconds_total", "User and system time of the process.")
MEMORY = _gauge("sidecoach_resident_memory_bytes", "Resident memory of the process.")
