"""Sessions that wait already, once a time is shorter: each comes up when it should by the new one.

A longer time needs nothing: what comes up too early is put off by whoever
looks. What the due sets were last made for stands in SQL, so that a change is
followed whoever dies; one process at a time does it.

Rules: protocol/SPEC.md, SG2.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from protocol.account import Policy
from protocol.base import Position, SessionId
from protocol.house import HouseSettings
from server.folded import ForkedError
from server.ports import PolicyNow, SessionNotFound, SessionStore, Unavailable
from server.retention import Turns
from server.store.keyring import SealBroken
from server.submit import Submit
from server.timers import CLAIM_MS
from session_engine.lifecycle import due_ms, dues

log = logging.getLogger(__name__)

JOB = "due_mending"
LOOK_S = 2.0
TURN_MS = 60_000
AT_ONCE = 100
LOOK_MS = 60_000
TIMES = ("driver_left_s", "expires_days")


class OpenSessions(Protocol):
    """Which Sessions wait for a time, and for which times that was last looked after. Raises `Unavailable`."""

    async def open_ids(self, after: SessionId, limit: int) -> tuple[SessionId, ...]:
        """Live and paused ones, by id."""

    async def mended_for(self) -> Mapping[str, int] | None:
        """The times of the last mending; None before the first."""

    async def note_mended(self, times: Mapping[str, int]) -> None:
        """The due sets are as these times say."""


class DueMending:
    """One process's part in it."""

    def __init__(
        self,
        sessions: OpenSessions,
        turns: Turns,
        store: SessionStore,
        submit: Submit,
        house: Callable[[], HouseSettings],
        policy: PolicyNow,
    ) -> None:
        self._sessions = sessions
        self._turns = turns
        self._store = store
        self._submit = submit
        self._house = house
        self._policy = policy
        self._done: Mapping[str, int] | None = None
        self._watch: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look whether a time is shorter."""
        self._watch = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop where it is: it is begun anew elsewhere."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)

    async def look(self) -> int:
        """If a time is shorter and it is our turn, mend; how many Sessions come up sooner. Raises `Unavailable`."""
        now = self._house()
        times = {name: getattr(now, name) for name in TIMES}
        if times == self._done:
            return 0
        before = await self._sessions.mended_for()
        mended = 0
        if before is not None and any(times[name] < before.get(name, 0) for name in TIMES):
            if not await self._turns.take(JOB, TURN_MS):
                return 0
            mended = await self._mend_all()
            log.info("due_mending.done sessions=%d", mended)
        if before != times:
            await self._sessions.note_mended(times)
        await self._turns.put_off(JOB, 0)
        self._done = times
        return mended

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except Unavailable as error:
                log.info("due_mending.waiting reason=%s", error)
            except Exception:
                log.exception("due_mending.failed")
            await asyncio.sleep(LOOK_S)

    async def _mend_all(self) -> int:
        mended, after = 0, ""
        while page := await self._sessions.open_ids(after, AT_ONCE):
            for session_id in page:
                try:
                    mended += await mend_due(self._store, self._submit, self._policy(), session_id)
                except (SessionNotFound, ForkedError) as error:
                    log.info("due_mending.left session_id=%s reason=%s", session_id, error)
                except (SealBroken, msgspec.MsgspecError, ValueError):
                    log.exception("due_mending.unreadable session_id=%s", session_id)
            after = page[-1]
            await self._turns.put_off(JOB, TURN_MS)
        return mended


async def mend_due(store: SessionStore, submit: Submit, policy: Policy, session_id: SessionId) -> bool:
    """Have a Session come up when it should, if it would come up later or never; whether that was so.

    Raises:
        ForkedError, SessionNotFound, Unavailable.
    """
    state, _ = await submit.sessions.read(session_id)
    due = due_ms(state, policy)
    at = Position(seq=state.seq, entry_id=state.entry_id)
    # A driver who is here puts his Session off; what waits for a Connection is put off by a minute.
    slack_ms = LOOK_MS if dues(state) else policy.driver_left_ms
    latest_ms = max(due, await store.now_ms() + slack_ms + CLAIM_MS)
    return await store.mend_due(session_id, at, due, latest_ms)
