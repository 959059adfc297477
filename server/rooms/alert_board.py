"""Open alerts, shown to who leads the team: whole with the live list, and again within a second or two of each change.

Rules: protocol/SPEC.md, AL10.
"""

from __future__ import annotations

import asyncio
import logging

from protocol import codec
from protocol.alerts import Alert, AlertRule
from protocol.base import Millis, SessionId
from protocol.frames import AlertsFrame
from server.alert_ports import AlertBook, AlertState
from server.alert_rules import TOLD, is_told
from server.ports import SessionStore, Unavailable
from server.rooms.room import Member
from session_engine.context import Actor

log = logging.getLogger(__name__)

LOOK_S = 1.0


class AlertBoard:
    """This process's members who are told of alerts."""

    def __init__(self, book: AlertBook, store: SessionStore) -> None:
        self._book = book
        self._store = store
        self._members: dict[str, tuple[Member, bytes]] = {}
        self._state: AlertState | None = None
        self._now_ms: Millis = 0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look whether anything changed."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop looking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def arrive(self, member: Member) -> None:
        """A member follows the live list, or has other rights than before: shown alerts with the next look."""
        if member.actor.roles.isdisjoint(TOLD):
            if self._members.pop(member.connection_id, None) is not None:
                member.send(codec.encode(AlertsFrame(alerts=(), snoozes=())))
            return
        self._members[member.connection_id] = (member, b"")
        if self._state is not None:
            self._show(self._state, member, b"", self._now_ms)

    def depart(self, member: Member) -> None:
        """A member follows it no more."""
        self._members.pop(member.connection_id, None)

    async def look(self) -> None:
        """Show members what changed since they were shown it. Raises `Unavailable`."""
        if not self._members:
            self._state = None  # read anew for who comes next
            return
        if self._state is None or await self._book.revision() != self._state.revision:
            self._state = await self._book.read()
        self._now_ms = await self._store.now_ms()
        for member, shown in list(self._members.values()):
            self._show(self._state, member, shown, self._now_ms)

    def _show(self, state: AlertState, member: Member, shown: bytes, now_ms: Millis) -> None:
        frame = codec.encode(frame_for(member.actor, state, now_ms))
        if frame != shown:
            self._members[member.connection_id] = (member, frame)
            member.send(frame)

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except Unavailable as error:
                log.info("alerts.unknown reason=%s", error)
            except Exception:
                log.exception("alerts.failed")
            await asyncio.sleep(LOOK_S)


def frame_for(actor: Actor, state: AlertState, now_ms: Millis) -> AlertsFrame:
    """What this person is shown: of a Session of several teams an alert once, one that is not held first."""
    alerts: dict[tuple[AlertRule, SessionId | None, Millis], Alert] = {}
    for alert in sorted((each.alert for each in state.open if not each.is_seen), key=lambda each: each.held):
        if is_told(actor, alert.team_id):
            alerts.setdefault((alert.rule, alert.session_id, alert.since_ms), alert)
    snoozes = (each for each in state.snoozes if each.until_ms > now_ms and is_told(actor, each.team_id))
    return AlertsFrame(alerts=tuple(alerts.values()), snoozes=tuple(snoozes))
