"""What `sidecoach doctor` looks at around an installation: this machine, the store, the database.

Each look gives findings: what was looked at, what it is like, and what to do if
it is not as it should be. What Sessions and Connections are like is in `doctor.py`.

Rules: protocol/SPEC.md, OP14.
"""

from __future__ import annotations

import os
import shutil
import stat
import time
from collections.abc import Iterator
from enum import StrEnum
from urllib.parse import urlsplit

from protocol.base import Record
from server.auth.browser import host_name
from server.http.static import CLIENT
from server.ports import StoreCondition, StoreServer
from server.settings import Settings, is_loopback
from server.store.keyring import KeyRing, KeyRingRefused

MEGABYTE, GIGABYTE = 1_000_000, 1_000_000_000
LITTLE_BYTES, NO_BYTES = 2 * GIGABYTE, GIGABYTE // 5
"""Free space below which somebody should look, and below which stores stop to write."""
OLDEST_STORE = 7
"""Redis 7 has sharded channels; every Valkey does."""
OLDEST_POSTGRESQL = 140_000
NEARLY_FULL = 0.85
SKEW_MS = 2_000
LATE_MS = 60_000


class Level(StrEnum):
    """How a finding is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Finding(Record, frozen=True, kw_only=True):
    """One line of the doctor's."""

    level: Level
    what: str
    found: str
    advice: str = ""
    """What to do; empty if it is well."""


def ok(what: str, found: str) -> Finding:
    """It is as it should be."""
    return Finding(level=Level.OK, what=what, found=found)


def warn(what: str, found: str, advice: str) -> Finding:
    """It works; somebody should know."""
    return Finding(level=Level.WARN, what=what, found=found, advice=advice)


def fail(what: str, found: str, advice: str) -> Finding:
    """It needs a person."""
    return Finding(level=Level.FAIL, what=what, found=found, advice=advice)


def look_at_machine(settings: Settings) -> Iterator[Finding]:
    """The data directory, its disk, the keys, the browser's part, the address."""
    yield from _look_at_directory(settings)
    yield _look_at_keys(settings)
    if (CLIENT / "index.html").is_file():
        yield ok("client", "built")
    else:
        yield fail("client", "the browser's part is not built", "install a released package, or run `make serve` once")
    yield _look_at_address(settings)


def _look_at_directory(settings: Settings) -> Iterator[Finding]:
    directory = settings.data_path
    if not directory.is_dir():
        yield fail("data directory", f"{directory} is not there", "start `sidecoach serve`, or give --data-dir")
        return
    mode = stat.S_IMODE(directory.stat().st_mode)
    if mode & 0o077:
        yield fail("data directory", f"others may read {directory} ({mode:04o})", f"chmod 700 {directory}")
    elif not os.access(directory, os.W_OK | os.X_OK):
        yield fail("data directory", f"{directory} cannot be written to", "run as the user that owns it")
    else:
        yield ok("data directory", str(directory))
    disk = shutil.disk_usage(directory)
    found = f"{disk.free / GIGABYTE:.1f} GB of {disk.total / GIGABYTE:.0f} GB are free"
    if disk.free < NO_BYTES:
        yield fail("disk", found, "make room: a store that cannot write refuses to save")
    elif disk.free < LITTLE_BYTES:
        yield warn("disk", found, "make room")
    else:
        yield ok("disk", found)


def _look_at_keys(settings: Settings) -> Finding:
    try:
        KeyRing.open(settings.key_ring_path, create=False)
    except (KeyRingRefused, OSError) as error:
        return fail("key ring", str(error), "put it back from its copy or out of a backup: nothing opens without it")
    return ok("key ring", str(settings.key_ring_path))


def _look_at_address(settings: Settings) -> Finding:
    if settings.public_url is None:
        return ok("address", "none is named: people open it on this machine")
    url = urlsplit(settings.public_url)
    if url.scheme != "https" and not is_loopback(host_name(url.netloc)):
        return fail(
            "address", f"{settings.public_url} is not https", "put a proxy with TLS in front, and name it by PUBLIC_URL"
        )
    return ok("address", settings.public_url)


def look_at_store(condition: StoreCondition, now_ms: int) -> Iterator[Finding]:
    """What the store's servers tell of themselves; `now_ms` is the store's clock."""
    for server in condition.servers:
        yield from _look_at_server(server)
    ahead_ms = now_ms - time.time_ns() // 1_000_000
    if abs(ahead_ms) > SKEW_MS:
        found = f"the store's is {abs(ahead_ms) / 1000:.0f} s {'ahead of' if ahead_ms > 0 else 'behind'} this machine's"
        yield warn("clock", found, "Sessions follow the store's, logs and sign-ins this one's: let NTP set both")
    else:
        yield ok("clock", "store and machine agree")
    late_ms = 0 if condition.oldest_due_ms is None else now_ms - condition.oldest_due_ms
    if late_ms > LATE_MS:
        found = f"{condition.overdue} Sessions are due, the oldest for {late_ms / 1000:.0f} s"
        yield fail("due", found, "nobody looks: is a server or a `sidecoach worker` up, and does it reach the store?")
    else:
        yield ok("due", f"{condition.scheduled} Sessions are scheduled, {condition.overdue} due")


def _look_at_server(server: StoreServer) -> Iterator[Finding]:
    major = server.version.partition(".")[0]
    if major.isdigit() and int(major) < OLDEST_STORE:
        yield fail("store version", server.version, "use Valkey, or Redis 7 or later")
    else:
        yield ok("store version", server.version or "it does not tell")
    if server.is_appending is False:
        yield fail("store durability", "it keeps no log on disk", "appendonly yes, appendfsync always")
    elif server.fsync == "always":
        yield ok("store durability", "every write is on disk before it is acknowledged")
    elif server.fsync:
        found = f"appendfsync {server.fsync}: a power cut may take what was acknowledged a moment before"
        yield warn("store durability", found, "appendfsync always; or a replica and min-replicas-to-write 1")
    else:
        yield warn("store durability", "it does not tell", "ask who runs it whether every write is on disk")
    if server.eviction not in {"", "noeviction"}:
        yield fail("store eviction", f"{server.eviction}: a full store forgets Sessions", "maxmemory-policy noeviction")
    used = f"{server.memory_bytes / MEGABYTE:,.0f} MB in use"
    if server.memory_limit_bytes and server.memory_bytes > NEARLY_FULL * server.memory_limit_bytes:
        yield warn("store memory", f"{used} of {server.memory_limit_bytes / MEGABYTE:,.0f}", "raise maxmemory")
    else:
        yield ok("store memory", used)


def look_at_tables(dialect: str, version: str, number: int, revision: str | None, head: str) -> Iterator[Finding]:
    """The database's own version, and that of our tables."""
    if dialect == "postgresql" and number < OLDEST_POSTGRESQL:
        yield warn("database version", version, "PostgreSQL 14 or later")
    else:
        yield ok("database version", version)
    if revision == head:
        yield ok("tables", f"as this release has them ({head})")
    elif revision is None:
        yield fail("tables", "there are none", "start `sidecoach serve`, which makes them")
    elif revision < head:
        yield fail("tables", f"of an earlier release ({revision})", "start `sidecoach serve`, which brings them up")
    else:
        yield fail("tables", f"of a later release ({revision})", "use that release: there is no way back but a backup")
