"""The sender, and Connections to receivers on loopback."""

from __future__ import annotations

import json
import ssl
from typing import Any

from server.actions.integrations import INTEGRATIONS
from server.actions.integrations.base import Connection
from server.actions.sender import Sender
from tests.support.orders import connection
from tests.support.receivers import Answer, Receiver, answering, names


def telling(status: int, body: Any) -> Answer:
    """An answer in JSON."""
    return answering(status, json.dumps(body).encode(), {"content-type": "application/json"})


def sender_to(receiver: Receiver, *, attempt_s: float = 5.0, **more: Any) -> Sender:
    """A sender that is let out to it."""
    return Sender(receiver.rules, resolve=names(), tls=ssl.create_default_context(), attempt_s=attempt_s, **more)


def connection_to(receiver: Receiver, integration: str, **changed: str) -> Connection:
    """A Connection whose receiver it is."""
    places = {"url": receiver.url("/hooks"), "token_url": receiver.url("/token"), "base_url": receiver.url()}
    known = {setting.key for setting in INTEGRATIONS[integration].DESCRIPTION.settings}
    return connection(integration, **{key: place for key, place in places.items() if key in known}, **changed)
