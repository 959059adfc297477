"""What time does by itself: every process looks through the due set, and whoever claims a Session acts.

A claim is a lease: the Session is moved `CLAIM_MS` ahead in the due set, so
that it comes up again if the process dies in the middle. What is done goes
through `Submit` like everything else, so acting twice changes nothing. Sending
a due Action is `actions/dispatcher.py`; what is settled goes to the archive
(`archiver.py`), several at a time.

Rules: protocol/SPEC.md, LC9, TR6, AR1, ST23 and DI.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Mapping
from typing import Protocol

from protocol.actions import ActionId
from protocol.base import Millis, TransferId
from protocol.commands import DriverLeft, Expire, LapseTransfer
from protocol.refusals import RefuseCode
from protocol.views import SessionStatus
from server.archiver import Archiver, Settled
from server.dwell import stays_of
from server.folded import ForkedError
from server.ports import Due, PolicyNow, SessionNotFound, SessionStore, Unavailable
from server.session_rows import row_of
from server.submit import Submit
from session_engine.lifecycle import due_ms, dues, is_settled, life_due_ms
from session_engine.refused import Refused
from session_engine.state import Action, SessionState
from session_engine.workflow import Workflow

log = logging.getLogger(__name__)

EVERY_S = 1.0
AT_ONCE = 16
"""Of each partition in one round; what is left comes with the next."""
IN_HAND = 64
"""Sessions that one process acts on at a time; those that it cannot take, it leaves to others."""
CLAIM_MS = 30_000


class Dispatch(Protocol):
    """Sends due Actions."""

    async def dispatch(self, state: SessionState, workflow: Workflow, action: Action) -> float | None:
        """Try; for how many seconds it has to wait, if nothing became true."""


class Timers:
    """One process's watch."""

    def __init__(
        self,
        store: SessionStore,
        submit: Submit,
        archiver: Archiver,
        policy: PolicyNow,
        dispatcher: Dispatch | None = None,
    ) -> None:
        self._store = store
        self._submit = submit
        self._archiver = archiver
        self._policy = policy
        self._dispatcher = dispatcher
        self._watch: asyncio.Task[None] | None = None
        self._in_hand: set[asyncio.Task[None]] = set()
        self._settled: list[Settled] = []
        self._news = asyncio.Event()

    def start(self) -> None:
        """Begin to look."""
        self._watch = asyncio.create_task(self._run())

    def note(self, before: SessionState | None, after: SessionState, workflow: Workflow) -> None:
        """Hear of a commit of this process: what it made due at once is not left to the next look."""
        if before is None or before.actions is not after.actions:
            due = [action.due_ms for action in after.actions.values() if action.due_ms is not None]
            if due and min(due) <= after.at_ms:
                self._news.set()

    async def close(self) -> None:
        """Stop; what is claimed and not yet begun comes up again elsewhere, what is in flight is finished."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        await asyncio.gather(*self._in_hand, return_exceptions=True)

    async def look(self) -> None:
        """One round, and all that it finds to do. Raises `Unavailable`."""
        await self._claim_due()
        await asyncio.gather(*self._in_hand)
        await self._put_away()

    async def _run(self) -> None:
        while True:
            # Processes that started together do not stay together.
            try:
                async with asyncio.timeout(EVERY_S * random.uniform(0.5, 1.5)):
                    await self._news.wait()
            except TimeoutError:
                pass
            self._news.clear()
            try:
                await self._claim_due()
                await self._put_away()
            except Unavailable as error:
                log.info("timers.waiting reason=%s", error)
            except Exception:
                log.exception("timers.failed")

    async def _claim_due(self) -> None:
        found = list(await self._store.due(await self._store.now_ms(), AT_ONCE))
        random.shuffle(found)  # else every process would ask for the same ones first
        for due in found:
            if len(self._in_hand) >= IN_HAND:
                return
            claimed = Due(session_id=due.session_id, due_ms=await self._store.now_ms() + CLAIM_MS)
            if await self._store.reschedule(due, claimed.due_ms):
                task = asyncio.create_task(self._act(claimed))
                self._in_hand.add(task)
                task.add_done_callback(self._in_hand.discard)

    async def _act(self, claimed: Due) -> None:
        try:
            state, workflow = await self._submit.sessions.read(claimed.session_id)
            now_ms = await self._store.now_ms()
            if is_settled(state, now_ms) and due_ms(state, self._policy()) <= now_ms:
                self._settled.append(
                    Settled(claimed=claimed, row=row_of(state, workflow), stays=stays_of(state, workflow))
                )
                return
            put_off = await self._do(state, workflow, now_ms)
            # A commit may have moved it meanwhile: then it stays where that put it.
            state, _ = await self._submit.sessions.read(claimed.session_id)
            await self._store.reschedule(claimed, await self._next_ms(state, put_off))
        except SessionNotFound:
            await self._store.reschedule(claimed, None)
        except ForkedError as error:
            log.warning("timers.skipped session_id=%s reason=%s", claimed.session_id, error)
        except Unavailable as error:
            log.info("timers.put_off session_id=%s reason=%s", claimed.session_id, error)
        except Exception:
            log.exception("timers.failed session_id=%s", claimed.session_id)

    async def _put_away(self) -> None:
        """Archive what was found settled: what fails here comes up again when its claim lapses."""
        settled, self._settled = self._settled, []
        await self._archiver.put_away(settled)

    async def _do(self, state: SessionState, workflow: Workflow, now_ms: Millis) -> dict[ActionId, Millis]:
        """Do what is due; until when to leave those Actions alone that could not be sent."""
        put_off: dict[ActionId | TransferId, Millis] = {}
        if self._dispatcher is not None:
            due = [action for action in state.actions.values() if action.due_ms is not None and action.due_ms <= now_ms]
            tries = [self._dispatcher.dispatch(state, workflow, action) for action in due]
            for action, done in zip(due, await asyncio.gather(*tries, return_exceptions=True), strict=True):
                if isinstance(done, BaseException):
                    _tell(state, action, done)
                elif done is not None:
                    put_off[action.id] = await self._store.now_ms() + round(done * 1000)
        transfer = state.open_transfer
        if transfer is not None and (transfer.id, transfer.until_ms) in dues(state) and transfer.until_ms <= now_ms:
            await self._say(state, LapseTransfer(transfer_id=transfer.id))
        if not state.is_finished and life_due_ms(state, self._policy()) <= now_ms:
            await self._act_on_life(state, now_ms)
        return put_off

    async def _act_on_life(self, state: SessionState, now_ms: Millis) -> None:
        if state.status is not SessionStatus.PAUSED and await self._left_ms(state) > now_ms:
            return
        await self._say(state, Expire() if state.status is SessionStatus.PAUSED else DriverLeft())

    async def _say(self, state: SessionState, command: DriverLeft | Expire | LapseTransfer) -> None:
        outcome = await self._submit.submit_system(state.session_id, command)
        if isinstance(outcome, Refused) and outcome.code is RefuseCode.NOT_SAVED_YET:
            raise Unavailable(str(outcome))
        log.info("timers.acted session_id=%s did=%s outcome=%s", state.session_id, type(command).__name__, outcome)

    async def _next_ms(self, state: SessionState, put_off: Mapping[ActionId, Millis]) -> Millis:
        """When to look again, knowing when its driver was last here and what has to wait."""
        times = [max(at_ms, put_off.get(id_, 0)) for id_, at_ms in dues(state)]
        if state.is_finished and times:
            return min(times)
        is_running = state.status not in (SessionStatus.PAUSED, SessionStatus.COMPLETED, SessionStatus.ENDED)
        return min([await self._left_ms(state) if is_running else life_due_ms(state, self._policy()), *times])

    async def _left_ms(self, state: SessionState) -> Millis:
        """When its driver counts as gone; who was just given it has the same time to come."""
        seen_ms = await self._store.last_seen_ms(state.session_id, state.driver.id)
        given_ms = max((change.at_ms for change in state.reassignments.values()), default=0)
        return max(state.changed_ms, given_ms, seen_ms or 0) + self._policy().driver_left_ms


def _tell(state: SessionState, action: Action, error: BaseException) -> None:
    """What kept an Action from being tried: it comes up again by its lease or its due time."""
    if isinstance(error, Unavailable):
        log.info("action.put_off session_id=%s action_id=%s reason=%s", state.session_id, action.id, error)
    elif isinstance(error, Exception):
        log.error("action.broke session_id=%s action_id=%s", state.session_id, action.id, exc_info=error)
    else:
        raise error  # the process is stopping
