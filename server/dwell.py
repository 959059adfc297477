"""How long visits of a Section last: counted by length when a Session is archived, told as a median.

Counted is by Workflow and Section key, whatever the version, in buckets that grow by an eighth of an octave, and by
week. Nobody is in it, so that erasing a Session leaves it as it is.

Rules: protocol/SPEC.md, AL1 and AL2.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Mapping

from protocol.alerts import Usual
from protocol.base import Key, Millis
from protocol.views import SessionStatus
from server.alert_ports import DwellTable
from server.ports import Stay
from session_engine.state import SessionState
from session_engine.workflow import Workflow

PER_OCTAVE = 8
"""A median is right to 9 %."""
LONGEST = 120
"""About nine hours; what is longer counts as that."""
WEEK_MS = 7 * 86_400_000
WEEKS = 13
ENOUGH = 30
"""Visits, before anybody is told what is usual."""
KNOWN_FOR_S = 60.0


SectionOf = tuple[Key, Key]


def stays_of(state: SessionState, workflow: Workflow) -> Mapping[Stay, int]:
    """The visits of a finished Session; none of practice. Where it was ended is no stay: it was cut off."""
    if state.training:
        return {}
    cut_off = state.current_visit_id if state.status is SessionStatus.ENDED else None
    return Counter(
        Stay(
            workflow_key=workflow.version.document.key,
            section_key=visit.section_key,
            week=visit.left_ms // WEEK_MS,
            bucket=bucket_of(visit.left_ms - visit.entered_ms),
        )
        for visit in state.visits.values()
        if visit.left_ms is not None and visit.id != cut_off
    )


def bucket_of(ms: Millis) -> int:
    """0 up to a second, then eight to each doubling."""
    return 0 if ms <= 1_000 else min(LONGEST, math.ceil(PER_OCTAVE * math.log2(ms / 1_000)))


def usual_of(visits_by_bucket: Mapping[int, int]) -> Usual | None:
    """The median, if there were visits enough; within its bucket they are taken to lie evenly."""
    visits = sum(visits_by_bucket.values())
    if visits < ENOUGH:
        return None
    passed = 0
    for bucket in sorted(visits_by_bucket):
        count = visits_by_bucket[bucket]
        if 2 * (passed + count) >= visits:
            share = (visits / 2 - passed) / count
            return Usual(median_s=max(1, round(2 ** ((bucket - 1 + share) / PER_OCTAVE))), visits=visits)
        passed += count
    raise AssertionError("half of all visits lie in some bucket")


class UsualTimes:
    """What is usual, as this process last read it."""

    def __init__(self, table: DwellTable, clock: Callable[[], Millis]) -> None:
        self._table = table
        self._clock = clock
        self._until_s = 0.0
        self._known: Mapping[SectionOf, Usual] = {}

    async def now(self) -> Mapping[SectionOf, Usual]:
        """By Workflow and Section key, at most a minute old. Raises `Unavailable`."""
        if time.monotonic() >= self._until_s:
            counted = await self._table.counted(self._clock() // WEEK_MS - WEEKS)
            told = {section: usual_of(by_bucket) for section, by_bucket in counted.items()}
            self._known = {section: usual for section, usual in told.items() if usual is not None}
            self._until_s = time.monotonic() + KNOWN_FOR_S
        return self._known
