"""Alerting supervisors: looks at running Sessions every few seconds, and has alerts raised and ended.

One process at a time looks; whoever does has the turn for one look, and any process takes the next: nobody is missed
who dies. Looking twice at once raises nothing twice (`records/alerts.py`).

What a summary does not tell is asked for only when it could matter: a driver who stepped, or had a page open, at some
time cannot have been away for longer than since then. What is over at once (an objection, a disclosure that was left)
is noted by the process that commits it, soon and in the background.

Rules: protocol/SPEC.md, AL3 to AL9.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence

from protocol.alerts import AlertSettings
from protocol.base import Millis, Record, Seq, SessionId
from protocol.views import LiveSession
from server.alert_ports import AlertBook, AlertState, Condition, Sign
from server.alert_rules import (
    SHOWN_MS,
    Watched,
    conditions_of,
    hurried,
    is_watched,
    quieted,
    runs_since,
    signs_of,
    spikes,
)
from server.dwell import UsualTimes
from server.folded import FoldedSessions, ForkedError
from server.ports import SessionNotFound, SessionStore, Unavailable
from server.retention import Turns
from server.rooms.floor import ELSEWHERE, FLOOR
from session_engine.state import SessionState
from session_engine.workflow import Workflow

log = logging.getLogger(__name__)

JOB = "alerts"
LOOK_S = 1.0
TURN_MS = 3_000
AT_ONCE = 50
"""Sessions that are asked about side by side."""
NOTED_AT_MOST = 10_000

LiveSessions = Callable[[], Awaitable[Sequence[LiveSession]]]


class _Step(Record, frozen=True, kw_only=True):
    """A driver's last step, as of the entry that the log ended with."""

    seq: Seq
    driver_id: str
    at_ms: Millis


class AlertWatch:
    """One process's part in it."""

    def __init__(
        self,
        book: AlertBook,
        turns: Turns,
        store: SessionStore,
        sessions: FoldedSessions,
        live: LiveSessions,
        usual: UsualTimes,
    ) -> None:
        self._book = book
        self._turns = turns
        self._store = store
        self._sessions = sessions
        self._live = live
        self._usual = usual
        self._state: AlertState | None = None
        self._steps: dict[SessionId, _Step] = {}
        self._seen: dict[tuple[SessionId, str], Millis] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop; what was raised stays."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def look(self) -> None:
        """If it is our turn, have told what there is to tell, and no more than that. Raises `Unavailable`."""
        if not await self._turns.take(JOB, TURN_MS):
            return
        now_ms = await self._store.now_ms()
        state = await self._read()
        found = await self._find(quieted(state.settings, state.snoozes, now_ms), now_ms)
        wanted = {each.key for each in found}
        are_held = any(each.alert.held and not each.is_seen for each in state.open)
        if are_held or wanted != {each.key for each in state.open}:
            raised = await self._book.settle(found, now_ms, await self._store.now_ms())
            if raised:
                log.info("alerts.raised count=%d open=%d", raised, len(wanted))

    async def _run(self) -> None:
        while True:
            # Processes that started together do not stay together.
            await asyncio.sleep(LOOK_S * random.uniform(0.5, 1.5))
            try:
                await self.look()
            except Unavailable as error:
                log.info("alerts.waiting reason=%s", error)
            except Exception:
                log.exception("alerts.failed")

    async def _read(self) -> AlertState:
        if self._state is None or await self._book.revision() != self._state.revision:
            self._state = await self._book.read()
        return self._state

    async def _find(self, settings: Mapping[str, AlertSettings], now_ms: Millis) -> list[Condition]:
        """All that is so now."""
        usual = await self._usual.now()
        running = [live for live in await self._live() if is_watched(live)]
        await self._look_up(running, settings, now_ms)
        found: list[Condition] = []
        for live in running:
            step = self._steps.get(live.session_id)
            watched = Watched(
                live=live,
                usual=usual.get((live.workflow_key or "", live.section_key or "")),
                step_ms=None if step is None or step.driver_id != live.driver.id else step.at_ms,
                seen_ms=self._seen.get((live.session_id, live.driver.id)),
            )
            found += conditions_of(watched, settings, now_ms)
        found += hurried(await self._book.disclosures(now_ms - SHOWN_MS), settings, now_ms)
        found += spikes(await self._book.objections(now_ms), settings)
        return found

    async def _look_up(
        self, running: Sequence[LiveSession], settings: Mapping[str, AlertSettings], now_ms: Millis
    ) -> None:
        """Of those that may be left alone: the driver's last step, and when a page of theirs was last there."""
        here = {live.session_id for live in running}
        self._steps = {id_: step for id_, step in self._steps.items() if id_ in here}
        drivers = {(live.session_id, live.driver.id) for live in running}
        self._seen = {place: ms for place, ms in self._seen.items() if place in drivers}
        idle, gone = [], []
        for live in running:
            rules = [settings.get(team_id, AlertSettings()) for team_id in live.team_ids]
            idle_ms = min((each.idle_minutes * 60_000 for each in rules if each.idle), default=None)
            step = self._steps.get(live.session_id)
            stepped_ms = max(runs_since(live), step.at_ms if step and step.driver_id == live.driver.id else 0)
            if idle_ms is not None and now_ms - stepped_ms >= idle_ms:
                idle.append(live)
            gone_ms = min((each.disconnected_s * 1_000 for each in rules if each.disconnected), default=None)
            seen_ms = self._seen.get((live.session_id, live.driver.id), live.started_ms)
            if gone_ms is not None and now_ms - seen_ms >= gone_ms:
                gone.append(live)
        positions = await self._store.positions([live.session_id for live in idle]) if idle else {}
        for start in range(0, len(idle), AT_ONCE):
            some = [live for live in idle[start : start + AT_ONCE] if live.session_id in positions]
            await asyncio.gather(*[self._find_step(live, positions[live.session_id].seq) for live in some])
        for start in range(0, len(gone), AT_ONCE):
            await asyncio.gather(*[self._find_page(live, now_ms) for live in gone[start : start + AT_ONCE]])

    async def _find_step(self, live: LiveSession, seq: Seq) -> None:
        known = self._steps.get(live.session_id)
        if known is not None and (known.seq, known.driver_id) == (seq, live.driver.id):
            return
        try:
            state, _ = await self._sessions.read(live.session_id)
            entry = await self._sessions.find_last(live.session_id, lambda entry: entry.actor.id == live.driver.id)
        except (SessionNotFound, ForkedError) as error:
            log.info("alerts.skipped session_id=%s reason=%s", live.session_id, error)
            return
        # Whoever was given the seat need not have done anything yet.
        at_ms = max(entry.at_ms if entry is not None else 0, state.seated_ms, runs_since(live))
        self._steps[live.session_id] = _Step(seq=seq, driver_id=live.driver.id, at_ms=at_ms)

    async def _find_page(self, live: LiveSession, now_ms: Millis) -> None:
        """When the driver had a page open, here or anywhere; of who never had one nothing is known."""
        seen_ms = 0
        for place in (live.session_id, ELSEWHERE, FLOOR):
            seen_ms = max(seen_ms, await self._store.last_seen_ms(place, live.driver.id) or 0)
            if seen_ms >= now_ms:
                break
        if seen_ms:
            # A lease may be given up before it ends: they were seen now, and no later.
            self._seen[live.session_id, live.driver.id] = min(seen_ms, now_ms)


class SignNotes:
    """What this process commits that alerts look at, on its way to SQL."""

    def __init__(self, book: AlertBook) -> None:
        self._book = book
        self._waiting: dict[tuple[str, SessionId, str], Sign] = {}
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def note(self, before: SessionState | None, after: SessionState, workflow: Workflow) -> None:
        """Hear of a commit."""
        try:
            signs = signs_of(before, after, workflow)
        except Exception:
            # The commit is done: whatever is wrong here must not reach who waits for it.
            log.exception("alerts.unreadable session_id=%s seq=%d", after.session_id, after.seq)
            return
        if signs and len(self._waiting) < NOTED_AT_MOST:
            self._waiting.update({(sign.team_id, sign.session_id, sign.sign): sign for sign in signs})
            self._news.set()

    def start(self) -> None:
        """Write what is noted, from now on."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Write what waits, if SQL takes it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        try:
            await self.write()
        except Unavailable:
            log.warning("alerts.left_behind signs=%d", len(self._waiting))

    async def write(self) -> None:
        """Write what waits. Raises `Unavailable`."""
        batch = dict(self._waiting)
        await self._book.write_signs(batch.values())
        for place in batch:
            del self._waiting[place]

    async def _run(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            await asyncio.sleep(LOOK_S / 2)
            try:
                await self.write()
            except Unavailable as error:
                log.info("alerts.waiting signs=%d reason=%s", len(self._waiting), error)
                self._news.set()
            except Exception:
                log.exception("alerts.failed signs=%d", len(self._waiting))
                self._waiting.clear()
