"""How much goes through one Connection: a rate, and a breaker that opens while its other side is down.

Kept by each process for itself, so an installation of N processes may send N
times the rate. Both only put off; nothing is dropped for them.

Rules: protocol/SPEC.md, DI.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from protocol.actions import OutcomeKind

PER_S = 10.0
BURST = 20.0
WINDOW_S = 300.0
REQUESTS_AT_LEAST = 10
FAILED_PART = 0.7
OPEN_S = 30.0
"""A Connection of which seven of ten requests failed, of at least ten within five minutes, rests for half a minute."""

_FAILED = frozenset({OutcomeKind.RETRY, OutcomeKind.AMBIGUOUS})
"""What says that the other side is down; a refusal says that it is up."""


@dataclass(slots=True)
class _Connection:
    tokens: float = BURST
    filled_s: float = 0.0
    seen: deque[tuple[float, bool]] = field(default_factory=deque)
    open_until_s: float = 0.0


class Limits:
    """One process's count of what it sends."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._connections: dict[str, _Connection] = {}

    def wait_s(self, connection_id: str) -> float:
        """How long to wait before the next attempt; 0 takes one from the rate."""
        now = self._clock()
        state = self._connections.setdefault(connection_id, _Connection(filled_s=now))
        if now < state.open_until_s:
            return state.open_until_s - now
        state.tokens = min(BURST, state.tokens + (now - state.filled_s) * PER_S)
        state.filled_s = now
        if state.tokens < 1:
            return (1 - state.tokens) / PER_S
        state.tokens -= 1
        return 0.0

    def open(self) -> int:
        """How many Connections rest because their other side is down."""
        now = self._clock()
        return sum(now < state.open_until_s for state in self._connections.values())

    def saw(self, connection_id: str, kind: OutcomeKind) -> None:
        """Count what came of an attempt."""
        now = self._clock()
        state = self._connections.setdefault(connection_id, _Connection(filled_s=now))
        state.seen.append((now, kind in _FAILED))
        while state.seen and now - state.seen[0][0] > WINDOW_S:
            state.seen.popleft()
        failed = sum(was_failure for _, was_failure in state.seen)
        if len(state.seen) >= REQUESTS_AT_LEAST and failed >= FAILED_PART * len(state.seen):
            state.open_until_s = now + OPEN_S
            state.seen.clear()
