"""A webhook: what happened in a Session, posted to an address of the customer's.

The body has the reference product's five properties (`key`, `started_at`,
`completed_at`, `workflow`, `fields`), and ours beside them. It is signed.

Rules: protocol/SPEC.md, IN9 and IN20.
"""

from __future__ import annotations

import time

from protocol.integrations import (
    Integration,
    IntegrationAction,
    Parameter,
    ParameterType,
    Safety,
    Schedule,
    Setting,
)
from server.actions.integrations.answers import judge_answer
from server.actions.integrations.base import BadConnection, Connection, HttpRequest, HttpResponse, Order, Reach
from server.actions.integrations.parameters import read_parameters, write_json
from server.actions.integrations.settings import YES_NO, read_settings
from server.actions.outcomes import Outcome
from server.actions.signing import sign

POST = IntegrationAction(
    id="webhook.post@1",
    name="Send a webhook",
    target="event",
    parameters=(
        Parameter(
            key="event",
            type=ParameterType.TEXT,
            label="Event",
            required=True,
            max_length=200,
            help="What the receiver tells its webhooks apart by, such as callback.requested.",
        ),
        Parameter(key="data", type=ParameterType.JSON, label="Data", help="Whatever else the receiver is to know."),
    ),
    safety=Safety.KEY,
    schedule=Schedule.DURABLE,
    sends_session=True,
)
DESCRIPTION = Integration(
    key="webhook",
    name="Webhook",
    help="Posts JSON to an address, signed by Standard Webhooks.",
    settings=(
        Setting(key="url", label="Address", help="Begins with https://."),
        Setting(
            key="signing_secret",
            label="Signing secret",
            secret=True,
            generated=True,
            help="Begins with whsec_; the receiver verifies by it that we sent the webhook.",
        ),
        Setting(
            key="token",
            label="Bearer token",
            secret=True,
            required=False,
            help="Sent as Authorization: Bearer, if the receiver wants one.",
        ),
        Setting(
            key="deduplicates",
            label="Receiver drops repeats",
            options=YES_NO,
            default="yes",
            help="Whether it drops a second webhook with the same webhook-id. If not, a webhook whose answer was "
            "lost is not sent again by itself.",
        ),
    ),
    actions=(POST,),
)
TOP_LEVEL = ("key", "started_at", "completed_at", "workflow", "fields")


def build(order: Order, connection: Connection) -> HttpRequest:
    """The same body for the same order; the signature holds the time."""
    settings = read_settings(connection, DESCRIPTION)
    parameters = read_parameters(order, POST)
    session = dict(order.session)
    body = write_json(
        {
            **{key: session.pop(key, None) for key in TOP_LEVEL},
            "session": session,
            "event": parameters["event"],
            "data": parameters.get("data"),
            "action": {"id": order.action, "key": order.key},
        }
    )
    headers = {"content-type": "application/json"}
    try:
        headers |= sign(settings["signing_secret"].split(), order.key, int(time.time()), body)
    except ValueError as error:
        raise BadConnection(f"{connection.name}: Signing secret: {error}") from error
    if settings["token"]:
        headers["authorization"] = f"Bearer {settings['token']}"
    return HttpRequest("POST", settings["url"], headers, body)


def classify(order: Order, response: HttpResponse) -> Outcome:
    """By its status."""
    return judge_answer(response)


def probe(connection: Connection) -> Reach:
    """A receiver of webhooks knows no harmless request."""
    return Reach(read_settings(connection, DESCRIPTION)["url"])


def classify_probe(response: HttpResponse) -> Outcome:
    """By its status."""
    return judge_answer(response)
