"""The line: what the launcher and a server process say to each other, over a socket pair.

The launcher writes the orders on it, once; the process answers `READY`. That
it ends says the rest: whoever still reads knows that the other is gone.

Rules: protocol/SPEC.md, HS24 to HS27.
"""

from __future__ import annotations

from protocol.base import Record
from server.settings import Settings

READY = b"ready\n"

DRAIN_S = 10.0
"""The longest that a process says goodbye to its clients."""

LAST_REQUESTS_S = 3
"""The longest that requests under way may take after that."""

STOP_S = DRAIN_S + LAST_REQUESTS_S + 2
"""A process that was told to stop and has not gone by then is killed."""

ORPHAN_S = 5.0
"""The longest that a process outlives its launcher: a new one waits for the port."""


class Orders(Record, frozen=True, kw_only=True):
    """What the launcher tells a new process."""

    settings: Settings
    listening_fd: int
    mail_fd: int | None = None
