"""What the storm and its dispatchers agree on: Integrations for every strategy, Connections, a clock that hurries.

Leases, claims and delays are a tenth of the product's, so that what takes an
hour there is over here in a minute. Their proportions are the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace

import msgspec

from protocol.actions import OutcomeKind
from protocol.integrations import Integration, IntegrationAction, Parameter, ParameterType, Safety, Setting
from protocol.workflow import ActionTemplate, Section, WorkflowDocument
from server import timers
from server.actions.integrations import INTEGRATIONS
from server.actions.integrations.answers import judge_answer
from server.actions.integrations.base import Connection, HttpRequest, HttpResponse, IntegrationModule, Order
from server.actions.outcomes import Outcome
from session_engine import attempts

HURRY = 10
ATTEMPT_S = 1.5
STRATEGIES = ("key", "natural", "lookup", "none")
_TEXT = (Parameter(key="event", type=ParameterType.TEXT, label="Event", required=True),)


def hurry() -> None:
    """Have this process's clock run ten times as fast, for whatever an Action waits for."""
    attempts.LEASE_MS //= HURRY
    attempts.CONNECTION_LOOK_MS //= HURRY
    attempts.DELAYS_MS = {
        schedule: tuple(min(delay // HURRY, 3_000) for delay in delays)
        for schedule, delays in attempts.DELAYS_MS.items()
    }
    timers.CLAIM_MS //= HURRY
    timers.EVERY_S /= 4


def _request(order: Order, connection: Connection) -> HttpRequest:
    body = msgspec.json.encode(dict(order.parameters), order="sorted")
    headers = {"content-type": "application/json", "idempotency-key": order.key}
    return HttpRequest("POST", f"{connection.settings['url']}/http/storm", headers, body)


def _build_look_up(order: Order, connection: Connection) -> HttpRequest:
    return HttpRequest("GET", f"{connection.settings['url']}/api/effects", {})


def _classify_look_up(order: Order, response: HttpResponse) -> Outcome | None:
    if response.status != 200:
        return Outcome(kind=OutcomeKind.AMBIGUOUS, message="cannot be found out now")
    by_id: Mapping[str, int] = msgspec.json.decode(response.body)["by_id"]
    return Outcome(kind=OutcomeKind.SENT) if by_id.get(order.key) else None


def _module(key: str, safety: Safety, **more: object) -> IntegrationModule:
    action = IntegrationAction(id=f"{key}.send@1", name="Send", parameters=_TEXT, safety=safety)
    settings = (Setting(key="url", label="Address"),)
    description = Integration(key=key, name=key, settings=settings, actions=(action,))
    return SimpleNamespace(  # type: ignore[return-value]  # shaped like a module, which is what is asked for
        DESCRIPTION=description,
        build=_request,
        classify=lambda order, response: judge_answer(response),
        probe=lambda connection: _request(Order(action.id, "probe", {}, {}, 0), connection),
        classify_probe=judge_answer,
        **more,
    )


STORM: Mapping[str, IntegrationModule] = {
    "storm_natural": _module("storm_natural", Safety.NATURAL),
    "storm_lookup": _module(
        "storm_lookup", Safety.LOOKUP, build_look_up=_build_look_up, classify_look_up=_classify_look_up
    ),
}


def register() -> Mapping[str, IntegrationModule]:
    """All Integrations of the storm, known to whoever sends."""
    INTEGRATIONS.update(STORM)
    return INTEGRATIONS


def _template(strategy: str) -> ActionTemplate:
    integration = "webhook.post@1" if strategy in ("key", "none") else f"storm_{strategy}.send@1"
    return ActionTemplate(
        key=strategy,
        name=strategy,
        integration=integration,
        connection=strategy,
        parameters={"event": f"storm.{strategy}"},
        fires_on_any_end=True,
    )


DOCUMENT = WorkflowDocument(
    format="sidecoach.workflow/1",
    key="storm",
    name="Storm",
    start="only",
    sections=(Section(key="only", name="Only", actions=tuple(_template(strategy) for strategy in STRATEGIES)),),
)
