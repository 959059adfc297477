"""What time does by itself: every process looks through the due set, and whoever claims a Session acts.

A claim is a lease: the Session is moved `CLAIM_MS` ahead in the due set, so
that it comes up again if the process dies in the middle. What is done goes
through `Submit` like everything else, so acting twice changes nothing. What
is settled goes to the archive (`archiver.py`), after all else.

Rules: protocol/SPEC.md, LC9, AR1 and ST23.
"""

from __future__ import annotations

import asyncio
import logging
import random

from protocol.account import Policy
from protocol.base import Millis
from protocol.commands import DriverLeft, Expire
from protocol.views import SessionStatus
from server.archiver import Archiver, Settled
from server.folded import ForkedError
from server.ports import Due, SessionNotFound, SessionStore, Unavailable
from server.session_rows import row_of
from server.submit import Submit
from session_engine.lifecycle import due_ms, is_settled
from session_engine.state import SessionState

log = logging.getLogger(__name__)

EVERY_S = 1.0
AT_ONCE = 16
"""Of each partition in one round; what is left comes with the next."""
CLAIM_MS = 30_000


class Timers:
    """One process's watch."""

    def __init__(self, store: SessionStore, submit: Submit, archiver: Archiver, policy: Policy) -> None:
        self._store = store
        self._submit = submit
        self._archiver = archiver
        self._policy = policy
        self._watch: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._watch = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop; what is claimed comes up again elsewhere."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)

    async def look(self) -> None:
        """One round. Raises `Unavailable`."""
        settled: list[Settled] = []
        for due in await self._store.due(await self._store.now_ms(), AT_ONCE):
            claimed = Due(session_id=due.session_id, due_ms=await self._store.now_ms() + CLAIM_MS)
            if await self._store.reschedule(due, claimed.due_ms):
                found = await self._act(claimed)
                settled += [found] if found is not None else []
        await self._archiver.put_away(settled)

    async def _run(self) -> None:
        while True:
            # Processes that started together do not stay together.
            await asyncio.sleep(EVERY_S * random.uniform(0.5, 1.5))
            try:
                await self.look()
            except Unavailable as error:
                log.info("timers.waiting reason=%s", error)
            except Exception:
                log.exception("timers.failed")

    async def _act(self, claimed: Due) -> Settled | None:
        """Do what time does; what may be archived is given back."""
        try:
            state, workflow = await self._submit.sessions.read(claimed.session_id)
            next_ms = await self._next_ms(state)
            now_ms = await self._store.now_ms()
            if next_ms > now_ms:
                await self._store.reschedule(claimed, next_ms)
                return None
            if is_settled(state, now_ms):
                return Settled(claimed=claimed, row=row_of(state, workflow))
            command = Expire() if state.status is SessionStatus.PAUSED else DriverLeft()
            outcome = await self._submit.submit_system(claimed.session_id, command)
            log.info(
                "timers.acted session_id=%s did=%s outcome=%s", claimed.session_id, type(command).__name__, outcome
            )
        except SessionNotFound:
            await self._store.reschedule(claimed, None)
        except ForkedError as error:
            log.warning("timers.skipped session_id=%s reason=%s", claimed.session_id, error)
        return None

    async def _next_ms(self, state: SessionState) -> Millis:
        """When time may do something to it, knowing when its driver was last here."""
        next_ms = due_ms(state, self._policy)
        if state.status is not SessionStatus.ACTIVE:
            return next_ms
        seen_ms = await self._store.last_seen_ms(state.session_id, state.driver.id)
        return max(next_ms, (seen_ms or 0) + self._policy.driver_left_ms)
