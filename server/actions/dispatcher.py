"""Sending what was fired: claim by a command, one attempt, say by a command what came of it.

The rules are the engine's (`session_engine/attempts.py`); this is the hand
that does. Whichever process finds an Action due takes it; if it dies in the
middle, the lease in the due set ends and another recovers. Nothing after the
attempt can turn *sent* into a second sending: what came of it is said until
it is stored, or until somebody else was given the Action.

Rules: protocol/SPEC.md, DI.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Coroutine, Mapping
from typing import Any
from urllib.parse import urlsplit

from protocol.actions import ActionId, ActionStatus, AttemptDetail, OutcomeKind
from protocol.base import EntryId, SessionId
from protocol.commands import AwaitConnection, FinishAttempt, StartAttempt, SystemCommand
from protocol.connections import ConnectionStatus, Delivery
from protocol.events import ActionFired, Entry
from protocol.integrations import IntegrationAction, Safety
from protocol.refusals import RefuseCode
from server.actions.integrations import safety_of
from server.actions.integrations.base import Connection, Order
from server.actions.limits import Limits
from server.actions.outcomes import Outcome
from server.folded import Accepted
from server.ports import Connections, Sender, SessionNotFound, Unavailable
from server.submit import Submit
from server.watching import figures, tracing
from session_engine.refused import Refused
from session_engine.state import Action, SessionState
from session_engine.workflow import Workflow

log = logging.getLogger(__name__)

SAY_AGAIN_S = 0.5
SAY_FOR_S = 60.0
"""Twice the lease of an attempt: by then whoever has the Action now has said something else."""
PRACTICE = "Practice: nothing was sent."


class Dispatcher:
    """One process's hand."""

    def __init__(self, submit: Submit, connections: Connections, sender: Sender, limits: Limits | None = None) -> None:
        self._submit = submit
        self._connections = connections
        self._sender = sender
        self._limits = limits or Limits(time.monotonic)

    async def dispatch(self, state: SessionState, workflow: Workflow, action: Action) -> float | None:
        """Try to send one due Action; if it has to wait without anything becoming true, for how many seconds.

        Raises:
            Unavailable: the store or SQL is away; it comes up again by itself.
        """
        described = workflow.actions[action.key].action
        if described is None:
            integration = workflow.actions[action.key].template.integration
            return await self._await_connection(
                state, action, f"this server does not know {integration}", is_recoverable=False
            )
        if state.training:
            await self._practise(state.session_id, action, described)
            return None
        name = workflow.actions[action.key].template.connection
        resolved = await self._connections.find(described.id.partition(".")[0], name, state.owner.id)
        connection = resolved.connection
        if connection is None:
            is_recoverable = described.safety is not Safety.NONE
            return await self._await_connection(state, action, resolved.reason, is_recoverable=is_recoverable)
        wait_s = self._limits.wait_s(connection.id)
        if wait_s > 0:
            return wait_s
        safety = safety_of(described, connection)
        claimed = await self._claim(state.session_id, action, safety)
        if claimed is None:
            return None
        order = _order_of(claimed, described, state.session_id)
        began = time.monotonic()
        recovers = claimed.attempts[-1].recovers
        sending = (self._sender.recover if recovers else self._sender.send)(order, connection)
        outcome = await (sending if tracing.tracer is None else self._traced(sending, state.session_id, claimed, order))
        took_ms = round((time.monotonic() - began) * 1000)
        integration = described.id.partition(".")[0]
        figures.ATTEMPTS.labels(integration, outcome.kind.value).inc()
        figures.ATTEMPT_S.labels(integration).observe(took_ms / 1000)
        await self._finish(state.session_id, claimed, outcome, safety, described)
        self._limits.saw(connection.id, outcome.kind)
        await self._remember(state.session_id, workflow, claimed, connection, order, outcome, took_ms)
        return None

    async def _traced(
        self, sending: Coroutine[Any, Any, Outcome], session_id: SessionId, claimed: Action, order: Order
    ) -> Outcome:
        """The attempt as a part of the trace of what fired it."""

        assert tracing.tracer is not None, "asked for by who saw it"
        attributes: dict[str, str | int] = {
            "sidecoach.session_id": session_id,
            "sidecoach.action_id": claimed.id,
            "sidecoach.attempt": claimed.attempts[-1].number,
            "sidecoach.integration": order.action,
        }
        fired = await self._find_firing(session_id, claimed.id)
        with tracing.tracer.attempt(session_id, fired, attributes) as span:
            outcome = await sending
            span.set_attribute("sidecoach.outcome", outcome.kind.value)
            if outcome.status is not None:
                span.set_attribute("sidecoach.status", outcome.status)
        return outcome

    async def _find_firing(self, session_id: SessionId, action_id: ActionId) -> EntryId | None:
        """The entry that fired it; None if that cannot be found out now: it is claimed, and must not wait for this."""

        def fired_it(entry: Entry) -> bool:
            return any(isinstance(event, ActionFired) and event.action_id == action_id for event in entry.events)

        try:
            entry = await self._submit.sessions.find_last(session_id, fired_it)
        except Exception:
            log.exception("trace.unconnected session_id=%s action_id=%s", session_id, action_id)
            return None
        return None if entry is None else entry.entry_id

    async def _claim(self, session_id: SessionId, action: Action, safety: Safety) -> Action | None:
        """The Action with its live attempt; None if another process has it, or nothing is to be sent any more."""
        accepted = await self._say(session_id, StartAttempt(action_id=action.id, safety=safety))
        if isinstance(accepted, Refused):
            if accepted.code is RefuseCode.NOT_SAVED_YET:
                raise Unavailable(str(accepted))
            log.info("action.not_claimed session_id=%s action_id=%s reason=%s", session_id, action.id, accepted.code)
            return None
        folded = await self._submit.sessions.open(session_id)
        claimed = folded.state.actions[action.id]
        return claimed if claimed.status is ActionStatus.IN_FLIGHT else None

    async def _finish(
        self, session_id: SessionId, claimed: Action, outcome: Outcome, safety: Safety, described: IntegrationAction
    ) -> None:
        """Say what came of it until it is stored, or counts no more."""
        command = FinishAttempt(
            action_id=claimed.id,
            attempt=claimed.attempts[-1].number,
            kind=outcome.kind,
            detail=AttemptDetail(
                message=outcome.message,
                field_messages=outcome.field_messages,
                results=outcome.results,
                status=outcome.status,
                excerpt=outcome.excerpt,
            ),
            safety=safety,
            schedule=described.schedule,
            retry_after_ms=outcome.retry_after_ms,
            jitter=random.uniform(-1, 1),
        )
        until = time.monotonic() + SAY_FOR_S
        while True:
            try:
                said = await self._say(session_id, command)
            except Unavailable as error:
                said = Refused(RefuseCode.NOT_SAVED_YET, str(error))
            except SessionNotFound:
                log.warning("action.session_gone session_id=%s action_id=%s", session_id, claimed.id)
                return
            if isinstance(said, Accepted):
                log.info(
                    "action.attempted session_id=%s action_id=%s attempt=%d outcome=%s status=%s",
                    session_id, claimed.id, command.attempt, outcome.kind, outcome.status,
                )  # fmt: skip
                return
            if said.code is not RefuseCode.NOT_SAVED_YET or time.monotonic() > until:
                log.warning(
                    "action.outcome_refused session_id=%s action_id=%s attempt=%d outcome=%s reason=%s",
                    session_id, claimed.id, command.attempt, outcome.kind, said.code,
                )  # fmt: skip
                return
            await asyncio.sleep(SAY_AGAIN_S)

    async def _await_connection(
        self, state: SessionState, action: Action, reason: str, *, is_recoverable: bool
    ) -> float | None:
        if action.status is ActionStatus.WAITING_FOR_CONNECTION and action.waits_reason == reason:
            return 60.0  # it is known already
        if action.status is ActionStatus.IN_FLIGHT and not is_recoverable:
            # Whoever had it died, and there is nothing to find out by: that it may have been sent is said at once.
            await self._say(state.session_id, StartAttempt(action_id=action.id, safety=Safety.NONE))
            return None
        await self._say(state.session_id, AwaitConnection(action_id=action.id, reason=reason[:500]))
        return None

    async def _practise(self, session_id: SessionId, action: Action, described: IntegrationAction) -> None:
        claimed = await self._claim(session_id, action, Safety.NATURAL)
        if claimed is not None:
            outcome = Outcome(kind=OutcomeKind.SENT, message=PRACTICE)
            await self._finish(session_id, claimed, outcome, Safety.NATURAL, described)

    async def _remember(
        self,
        session_id: SessionId,
        workflow: Workflow,
        claimed: Action,
        connection: Connection,
        order: Order,
        outcome: Outcome,
        took_ms: int,
    ) -> None:
        """The delivery log, and what the attempt showed of the Connection. The outcome is stored already."""
        plan = workflow.actions[claimed.key]
        hides = plan.tells_sensitive  # an answer may quote what it was sent
        delivery = Delivery(
            at_ms=claimed.attempts[-1].started_ms,
            connection_id=connection.id,
            session_id=session_id,
            action_id=claimed.id,
            action_name=plan.template.name,
            action=order.action,
            attempt=claimed.attempts[-1].number,
            key=order.key,
            kind=outcome.kind,
            status=outcome.status,
            duration_ms=took_ms,
            message="" if hides else outcome.message,
            excerpt="" if hides else outcome.excerpt,
            host=_host_of(connection.settings),
        )
        # In our own words: the other side's may quote what it was sent, and these are kept for good.
        reason = (
            f"the other side answered {outcome.status}"
            if outcome.status is not None
            else "its credentials are missing or wrong"
        )
        try:
            await self._connections.note_attempt(delivery)
            if outcome.disables_connection:
                await self._connections.mark(connection.id, ConnectionStatus.DISABLED, reason)
            elif outcome.kind is OutcomeKind.UNAUTHORISED:
                await self._connections.mark(connection.id, ConnectionStatus.NEEDS_ATTENTION, reason)
        except Unavailable as error:
            log.warning("delivery.unlogged session_id=%s action_id=%s reason=%s", session_id, claimed.id, error)

    async def _say(self, session_id: SessionId, command: SystemCommand) -> Accepted | Refused:
        return await self._submit.submit_system(session_id, command)


def _order_of(action: Action, described: IntegrationAction, session_id: SessionId) -> Order:
    frozen = action.order
    return Order(
        action=described.id,
        key=f"act_{session_id}_{action.id[1:]}_{action.dispatch}",
        parameters=frozen.parameters if frozen is not None else {},
        session=frozen.session if frozen is not None else {},
        fired_ms=action.fired_ms or 0,
    )


def _host_of(settings: Mapping[str, str]) -> str:
    """Where it goes, as far as that is no secret."""
    for name in ("url", "base_url", "host"):
        if value := settings.get(name):
            return urlsplit(value).hostname or value if "://" in value else value
    return ""
