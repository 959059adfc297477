"""How often a program may ask: a token bucket for each API token, in each process for itself.

An installation of N processes lets through up to N times the rate; nothing
is dropped for it, whoever asks too often is told when to come back.

Rules: protocol/SPEC.md, AP5.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from protocol.api import ProblemCode
from server.http.v1.operation import no

PER_S = 10.0
BURST = 100.0
REMEMBERED = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at_s: float


class Rates:
    """One process's count."""

    def __init__(
        self, monotonic_s: Callable[[], float] = time.monotonic, per_s: float = PER_S, burst: float = BURST
    ) -> None:
        self._monotonic_s = monotonic_s
        self._per_s = per_s
        self._burst = burst
        self._buckets: dict[str, _Bucket] = {}

    def take(self, token_id: str) -> None:
        """Count a request. Raises `HttpProblem` 429 that says when the next one may come."""
        now_s = self._monotonic_s()
        if len(self._buckets) >= REMEMBERED:
            self._buckets.clear()
        bucket = self._buckets.setdefault(token_id, _Bucket(self._burst, now_s))
        bucket.left = min(self._burst, bucket.left + (now_s - bucket.at_s) * self._per_s)
        bucket.at_s = now_s
        if bucket.left < 1:
            wait_s = math.ceil((1 - bucket.left) / self._per_s)
            detail = f"expected at most {self._per_s:g} requests a second, and {self._burst:g} at once"
            raise no(ProblemCode.RATE_LIMITED, detail, {"Retry-After": str(wait_s)})
        bucket.left -= 1
