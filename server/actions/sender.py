"""One attempt to send an Action, and what came of it.

Builds by the integration's module, sends through `egress.py` or `mail.py`, and
classifies here, once for all, whatever kept an answer from coming. What
happens next is not decided here: see `session_engine/action_machine.py`. Nor
is it remembered here what was sent.

Nothing that the other side does comes out as an exception; what does is a bug,
or this attempt being cancelled.

Rules: protocol/SPEC.md, IN8 and IN12 to IN19.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import msgspec

from protocol.actions import OutcomeKind
from protocol.integrations import Safety
from server.actions import mail
from server.actions.egress import Egress, EgressRules, Lost, NotSent, Resolve, ask_dns
from server.actions.integrations import INTEGRATIONS, find_action, safety_of
from server.actions.integrations.answers import EXCERPT_LENGTH, MESSAGE_LENGTH, outcome
from server.actions.integrations.base import (
    BadConnection,
    BadOrder,
    Connection,
    FollowsUp,
    HttpRequest,
    HttpResponse,
    IntegrationModule,
    LooksUp,
    MailMessage,
    MailServer,
    Order,
    Probe,
    Reach,
    Refreshes,
    Request,
)
from server.actions.outcomes import Outcome
from server.actions.redaction import Redaction

log = logging.getLogger(__name__)

ATTEMPT_S = 15.0
"""Token refresh, look-up and follow-ups included; half of the lease of an attempt."""
AUTHENTICATION_CODES = frozenset({530, 534, 535, 538})

KeepSecrets = Callable[[str, Mapping[str, str]], Awaitable[None]]
"""Stores secrets of a Connection, by its id, that were had anew."""


class Sender:
    """Sends orders with opened Connections."""

    def __init__(
        self,
        rules: EgressRules,
        *,
        resolve: Resolve = ask_dns,
        tls: ssl.SSLContext | None = None,
        attempt_s: float = ATTEMPT_S,
        keep_secrets: KeepSecrets | None = None,
    ) -> None:
        self._egress = Egress(rules, resolve=resolve, tls=tls)
        self._attempt_s = attempt_s
        self._keep_secrets = keep_secrets

    async def send(self, order: Order, connection: Connection) -> Outcome:
        """Try once."""
        found = find_action(order.action)
        if found is None or found[0].DESCRIPTION.key != connection.integration:
            return _mismatch(order.action, connection)
        attempt = self._attempt(found[0], connection)
        return await attempt.observe(attempt.send(order))

    async def recover(self, order: Order, connection: Connection) -> Outcome:
        """Settle what an earlier attempt of unknown outcome left open; sends again only where that is harmless."""
        found = find_action(order.action)
        if found is None or found[0].DESCRIPTION.key != connection.integration:
            return _mismatch(order.action, connection)
        module, action = found
        if safety_of(action, connection) is Safety.NONE:
            message = f"{connection.name} cannot be asked whether it was done"
            return Outcome(kind=OutcomeKind.AMBIGUOUS, message=message)
        attempt = self._attempt(module, connection)
        return await attempt.observe(attempt.recover(order))

    async def check(self, integration: str, connection: Connection) -> Outcome:
        """Whether the Connection works, by the cheapest thing that shows it; `sent` if it does."""
        module = INTEGRATIONS.get(integration)
        if module is None or integration != connection.integration:
            return _mismatch(integration, connection)
        attempt = self._attempt(module, connection)
        return await attempt.observe(attempt.check())

    def _attempt(self, module: IntegrationModule, connection: Connection) -> _Attempt:
        until = asyncio.get_running_loop().time() + self._attempt_s
        return _Attempt(self._egress, module, connection, until, self._keep_secrets)


class _Attempt:
    """One attempt with one Connection, whose token may be renewed on the way."""

    def __init__(
        self,
        egress: Egress,
        module: IntegrationModule,
        connection: Connection,
        until: float,
        keep_secrets: KeepSecrets | None,
    ) -> None:
        self._egress = egress
        self._module = module
        self._connection = connection
        self._until = until
        self._keep_secrets = keep_secrets
        self._secrets = [*connection.secrets.values()]
        """Every credential that went out, so that none of them comes back."""

    async def observe(self, doing: Awaitable[Outcome]) -> Outcome:
        """Make an outcome of whatever happens, without a credential in it. The one table of failures."""
        try:
            observed = await doing
        except BadOrder as error:
            observed = Outcome(kind=OutcomeKind.REFUSED, message=str(error), field_messages=error.problems)
        except BadConnection as error:
            observed = Outcome(kind=OutcomeKind.UNAUTHORISED, message=str(error))
        except NotSent as error:
            kind = OutcomeKind.REFUSED if error.is_permanent else OutcomeKind.RETRY
            observed = Outcome(kind=kind, message=str(error))
        except Lost as error:
            observed = Outcome(kind=OutcomeKind.AMBIGUOUS, message=str(error))
        except mail.MailRefused as error:
            observed = _judge_code(error)
        return self._without_credentials(observed)

    async def send(self, order: Order) -> Outcome:
        """Build, send, classify, and whatever belongs to it."""
        module = self._module
        request = module.build(order, self._connection)
        if isinstance(request, MailMessage):
            said = await mail.hand_in(self._egress, request, until=self._until)
            results = {"message_id": request.message_id}
            return Outcome(kind=OutcomeKind.SENT, status=mail.DONE, results=results, excerpt=said)

        observed = await self._ask(
            lambda connection: module.build(order, connection), lambda response: module.classify(order, response)
        )
        if observed.kind is OutcomeKind.SENT and isinstance(module, FollowsUp):
            return await self._follow_up(module, order, observed)
        return observed

    async def recover(self, order: Order) -> Outcome:
        """Look it up where that tells more than sending again does."""
        module = self._module
        if not isinstance(module, LooksUp):
            return await self.send(order)
        looks_up = module
        was_not_done = False

        def classify(response: HttpResponse) -> Outcome:
            nonlocal was_not_done
            observed = looks_up.classify_look_up(order, response)
            was_not_done = observed is None
            return observed or outcome(response, OutcomeKind.RETRY)

        try:
            observed = await self._ask(lambda connection: looks_up.build_look_up(order, connection), classify)
        except (NotSent, Lost) as error:
            # Of the look-up; what it should have found out is as unknown as before.
            return Outcome(kind=OutcomeKind.AMBIGUOUS, message=f"could not be looked up: {error}")
        if was_not_done:
            return await self.send(order)
        if observed.kind in (OutcomeKind.SENT, OutcomeKind.UNAUTHORISED):
            return observed
        message = f"could not be looked up: {observed.message}"
        return msgspec.structs.replace(observed, kind=OutcomeKind.AMBIGUOUS, message=message)

    async def check(self) -> Outcome:
        """The module's probe."""
        module = self._module
        match module.probe(self._connection):
            case MailServer() as server:
                await mail.check_server(self._egress, server, until=self._until)
            case Reach(url):
                await self._egress.reach(url, until=self._until)
            case HttpRequest():
                return await self._ask(module.probe, module.classify_probe)
        return Outcome(kind=OutcomeKind.SENT)

    async def _follow_up(self, module: FollowsUp, order: Order, done: Outcome) -> Outcome:
        for request in module.follow_ups(order, self._connection, done):
            try:
                observed = module.classify_follow_up(order, await self._egress.send(request, until=self._until))
            except (NotSent, Lost) as error:
                # The first request was done, and may be repeated: so may all of it.
                message = f"created, but not linked: {error}"
                return Outcome(kind=OutcomeKind.AMBIGUOUS, message=message, results=done.results)
            if observed.kind is not OutcomeKind.SENT:
                message = f"created, but not linked: {observed.message}"
                return msgspec.structs.replace(observed, message=message, results=done.results)
        return done

    async def _ask(
        self, build: Callable[[Connection], Request | Probe], classify: Callable[[HttpResponse], Outcome]
    ) -> Outcome:
        """One request; once more with a new token if the old one is not accepted, and there is a new one."""
        observed = classify(await self._exchange(build(self._connection)))
        if observed.kind is OutcomeKind.UNAUTHORISED and await self._refresh():
            return classify(await self._exchange(build(self._connection)))
        return observed

    async def _exchange(self, request: Request | Probe) -> HttpResponse:
        if not isinstance(request, HttpRequest):
            raise TypeError(f"expected an HttpRequest, found {type(request).__name__}")
        return await self._egress.send(request, until=self._until)

    async def _refresh(self) -> bool:
        module = self._module
        if not isinstance(module, Refreshes):
            return False
        request = module.build_refresh(self._connection)
        if request is None:
            return False
        try:
            answer = await self._egress.send(request, until=self._until)
        except Lost as error:
            # A token was asked for, not the Action: that had been turned down.
            raise NotSent(f"no new token: {error}") from error
        if answer.status == 429 or answer.status >= 500:
            raise NotSent(f"no new token: the answer was {answer.status}")
        secrets = module.read_refresh(answer)
        if secrets is None:
            return False
        self._secrets.extend(secrets.values())
        self._connection = replace(self._connection, secrets={**self._connection.secrets, **secrets})
        if self._keep_secrets is not None:
            try:
                await self._keep_secrets(self._connection.id, secrets)
            except Exception:
                # The Action must not be lost with it: this attempt goes on with what is in memory.
                log.exception("connection.secrets_not_kept connection_id=%s", self._connection.id)
        return True

    def _without_credentials(self, observed: Outcome) -> Outcome:
        # First redacted, then cut: half a credential would not be recognised.
        redact = Redaction(self._secrets, self._connection.settings.values())
        return msgspec.structs.replace(
            observed,
            message=redact(observed.message)[:MESSAGE_LENGTH],
            field_messages={path: redact(text)[:MESSAGE_LENGTH] for path, text in observed.field_messages.items()},
            results=redact.of_values(observed.results),
            excerpt=redact(observed.excerpt)[:EXCERPT_LENGTH],
        )


def _mismatch(wanted: str, connection: Connection) -> Outcome:
    message = f"{wanted} is unknown here, or needs another Connection than one of {connection.integration}"
    return Outcome(kind=OutcomeKind.REFUSED, message=message)


def _judge_code(error: mail.MailRefused) -> Outcome:
    if error.code in AUTHENTICATION_CODES:
        kind = OutcomeKind.UNAUTHORISED
    elif 400 <= error.code < 500:
        kind = OutcomeKind.DEFERRED
    else:
        kind = OutcomeKind.REFUSED
    return Outcome(
        kind=kind,
        message=str(error),
        field_messages={error.path: str(error)} if error.path is not None else {},
        status=error.code,
    )
