"""Telling other systems what happens in Sessions: reads logs that went on, and sends what they tell.

Every process does it; each event is claimed by one. What is sent is a webhook like an Action's, through the same
Connections, the same guarded way out and into the same delivery log. A receiver that is down is tried for a day and
a half; then its events wait until somebody has them sent again.

Rules: protocol/SPEC.md, EV.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Sequence

import msgspec

from protocol.actions import OutcomeKind
from protocol.base import Millis, SessionId
from protocol.connections import ConnectionStatus, ConnectionView, Delivery
from protocol.integrations import Schedule
from server.actions.connection_forms import receiver_host
from server.actions.integrations import webhook
from server.actions.integrations.base import Order
from server.actions.limits import Limits
from server.actions.outcomes import Outcome
from server.event_ports import Behind, DueEvent, EventBook
from server.ports import Archive, Connections, Sender, SessionNotFound, SessionStore, StoredEntry, Unavailable
from server.store.sealing import read_at_rest
from server.told_events import read_told
from server.watching import figures
from session_engine.attempts import DELAYS_MS, JITTER

log = logging.getLogger(__name__)

EVERY_S = 1.0
CLOSE_WITHIN_S = 2.0
QUIET_S = 5.0
"""Between looks while nobody is told of anything."""
READ_AT_ONCE = 50
SEND_AT_ONCE = 16
ROUNDS = 20
"""Of that many, before it is looked again what went on."""
LEASE_MS: Millis = 30_000
DELAYS = DELAYS_MS[Schedule.DURABLE]


def _now_ms() -> Millis:
    return time.time_ns() // 1_000_000


class EventTeller:
    """One process's part in telling."""

    def __init__(
        self,
        book: EventBook,
        store: SessionStore,
        archive: Archive,
        connections: Connections,
        sender: Sender,
        public_url: str,
        clock: Callable[[], Millis] = _now_ms,
    ) -> None:
        self._book = book
        self._store = store
        self._archive = archive
        self._connections = connections
        self._sender = sender
        self._public_url = public_url.rstrip("/")
        self._clock = clock
        self._limits = Limits(time.monotonic)
        self._task: asyncio.Task[None] | None = None
        self._is_closing = asyncio.Event()

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Finish what is under way, if it takes no longer than a moment; else its lease ends, and another goes on."""
        self._is_closing.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=CLOSE_WITHIN_S)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def look(self) -> bool:
        """Read what went on, send what is due; whether anybody is told of anything. Raises `Unavailable`."""
        if not await self._book.is_anybody_told():
            return False
        for behind in await self._book.behind(READ_AT_ONCE):
            try:
                await self._read(behind)
            except (msgspec.MsgspecError, ValueError, LookupError):
                log.exception("events.unreadable session_id=%s", behind.session_id)  # the others are told all the same
        for _ in range(ROUNDS):
            claimed = await self._book.claim(SEND_AT_ONCE, LEASE_MS)
            await self._send(claimed)
            if len(claimed) < SEND_AT_ONCE or self._is_closing.is_set():
                break
        return True

    async def _run(self) -> None:
        pause_s = EVERY_S
        while True:
            try:
                # Processes that started together do not stay together.
                async with asyncio.timeout(pause_s * random.uniform(0.5, 1.5)):
                    await self._is_closing.wait()
                return
            except TimeoutError:
                pass
            try:
                pause_s = EVERY_S if await self.look() else QUIET_S
            except Unavailable as error:
                log.info("events.waiting reason=%s", error)
            except Exception:
                log.exception("events.failed")

    async def _read(self, behind: Behind) -> None:
        stored = await self._entries(behind.session_id)
        if stored is None:
            await self._book.forget(behind.session_id)
            return
        told = read_told(behind.session_id, map(read_at_rest, stored), behind.told_seq)
        await self._book.store(behind, told, f"{self._public_url}/sessions/{behind.session_id}")

    async def _entries(self, session_id: SessionId) -> Sequence[StoredEntry] | None:
        """The whole log, without bringing back what is archived."""
        try:
            return await self._store.read(session_id)
        except SessionNotFound:
            return await self._archive.read(session_id)

    async def _send(self, events: Sequence[DueEvent]) -> None:
        sending = [self._send_one(event) for event in events]
        for event, done in zip(events, await asyncio.gather(*sending, return_exceptions=True), strict=True):
            if isinstance(done, Unavailable):
                log.info("event.put_off key=%s reason=%s", event.key, done)  # its lease ends
            elif isinstance(done, Exception):
                log.error("event.broke key=%s", event.key, exc_info=done)
            elif isinstance(done, BaseException):
                raise done

    async def _send_one(self, event: DueEvent) -> None:
        view = await self._connections.get(event.connection_id)
        opened = await self._connections.open(event.connection_id)
        if view is None or opened is None:
            return  # it goes with its Connection
        if wait_s := self._limits.wait_s(view.id):
            await self._book.put_off(event.id, self._clock() + round(wait_s * 1_000), event.attempt)
            return
        body = msgspec.json.decode(event.body)
        parameters = {"event": event.kind.value, "data": body["data"]}
        order = Order(webhook.POST.id, event.key, parameters, body["session"], event.at_ms)
        at_ms, started_s = self._clock(), time.monotonic()
        outcome = await self._sender.send(order, opened)
        self._limits.saw(view.id, outcome.kind)
        figures.EVENTS.labels(outcome.kind.value).inc()
        await self._settle(event, outcome)
        await self._remember(event, view, outcome, at_ms, round((time.monotonic() - started_s) * 1_000))

    async def _settle(self, event: DueEvent, outcome: Outcome) -> None:
        log.info("event.sent key=%s kind=%s outcome=%s status=%s", event.key, event.kind, outcome.kind, outcome.status)
        if outcome.kind is OutcomeKind.SENT:
            await self._book.note_sent(event.id)
        elif event.attempt >= len(DELAYS):
            await self._book.put_off(event.id, None, event.attempt + 1)
        else:
            wait_ms = DELAYS[event.attempt] * (1 + JITTER * random.uniform(-1, 1))
            await self._book.put_off(event.id, self._clock() + round(wait_ms), event.attempt + 1)

    async def _remember(
        self, event: DueEvent, view: ConnectionView, outcome: Outcome, at_ms: Millis, took_ms: int
    ) -> None:
        """The delivery log, and what the attempt showed of the Connection."""
        delivery = Delivery(
            at_ms=at_ms,
            connection_id=view.id,
            session_id=event.session_id,
            action_name=event.kind.value,
            action=webhook.POST.id,
            attempt=event.attempt + 1,
            key=event.key,
            kind=outcome.kind,
            status=outcome.status,
            duration_ms=took_ms,
            message=outcome.message,
            excerpt=outcome.excerpt,
            host=receiver_host(webhook.DESCRIPTION, view.settings),
        )
        await self._connections.note_attempt(delivery)
        if outcome.disables_connection:
            reason = f"the other side answered {outcome.status}"
            await self._connections.mark(view.id, ConnectionStatus.DISABLED, reason)
        elif outcome.kind is OutcomeKind.UNAUTHORISED:
            reason = "the other side does not accept its credentials"
            await self._connections.mark(view.id, ConnectionStatus.NEEDS_ATTENTION, reason)
