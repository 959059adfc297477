"""What one connection may do, on by default.

Rules: protocol/SPEC.md, CN and CL.
"""

from __future__ import annotations

from collections.abc import Callable

from protocol.frames import Limits

HELLO_WITHIN_S = 10.0
HELLO_BYTES = 16 * 1024
MESSAGE_BYTES = 64 * 1024
NOTES_BYTES = 512 * 1024
"""Room for 100,000 characters of any writing in one paste, in base64."""
WAITING_BYTES = 1024 * 1024
SLOW_AT_MOST_S = 4.0
"""How long more than `WAITING_BYTES` may wait for a receiver."""
WAITING_BYTES_EVER = 16 * 1024 * 1024
"""Above the largest view: 500 Fields of 10,000 characters, and the Notes."""
PING_EVERY_S = 25.0
PONG_WITHIN_S = 25.0
SESSIONS = 50
UNACKNOWLEDGED = 16
RATE_PER_S = 20.0
BURST = 40.0
HELD_AT_MOST_S = 30.0

LIMITS = Limits(message_bytes=MESSAGE_BYTES, notes_bytes=NOTES_BYTES, unacknowledged=UNACKNOWLEDGED, sessions=SESSIONS)


class TokenBucket:
    """A rate with a burst. Whoever finds it empty is told how long to wait."""

    def __init__(self, clock: Callable[[], float], rate_per_s: float = RATE_PER_S, burst: float = BURST) -> None:
        self._clock = clock
        self._rate = rate_per_s
        self._burst = burst
        self._tokens = burst
        self._at = clock()

    def take(self) -> float:
        """Take one token; the seconds until it is really there, 0 if it is now."""
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate) - 1
        self._at = now
        return max(0.0, -self._tokens / self._rate)
