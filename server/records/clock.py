"""The wall clock of this machine, for rows that are dated but ordered by nothing."""

from __future__ import annotations

import time
from collections.abc import Callable

from protocol.base import Millis

Clock = Callable[[], Millis]


def wall_clock_ms() -> Millis:
    """Now."""
    return time.time_ns() // 1_000_000
