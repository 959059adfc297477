"""Orders and Connections, one of each kind, as they come to the sender."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from protocol.actions import OutcomeKind
from protocol.integrations import IntegrationAction
from server.actions.integrations import find_action
from server.actions.integrations.base import Connection, HttpRequest, HttpResponse, IntegrationModule, Order

KEY = "act_0123456789abcdef0123456789abcdef_3_1"
FIRED_MS = 1_774_000_000_123
SIGNING_SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

SESSION: Mapping[str, Any] = {
    "key": "0123456789abcdef0123456789abcdef",
    "url": "https://calls.example.com/sessions/0123456789abcdef0123456789abcdef",
    "started_at": "2026-03-20T09:00:00Z",
    "completed_at": "2026-03-20T09:12:00Z",
    "workflow": {"key": "callback", "name": "Callback", "version": 3},
    "fields": {"name": "Zoë – 東京", "wants": ["a", "b"], "agreed": True},
    "won": True,
    "ended": None,
    "owner": {"id": "ana", "name": "Ana"},
}

PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "webhook.post@1": {"event": "callback.requested", "data": {"when": "tomorrow", "n": 1}},
    "http.request@1": {
        "method": "POST",
        "path": "/calls/a b/ü",
        "query": {"z": "1&2", "a": "ü"},
        "headers": {"Prefer": "return=minimal", "X-Own": "yes"},
        "body": {"b": 1, "a": ["ü", None]},
    },
    "email.send@1": {
        "to": ["bo@example.com"],
        "cc": ["cy@example.com", "di@example.com"],
        "subject": "Your call – thank you",
        "body": "Hello Bo,\n.\n.. and a line with a dot\nZoë\n",
        "html": "<p>Hello <b>Bo</b></p>",
    },
    "slack.message@1": {"channel": "#sales", "text": "A callback: Zoë"},
    "hubspot.contact.upsert@1": {"email": "bo@example.com", "properties": {"firstname": "Bo"}},
    "hubspot.deal.create@1": {
        "name": "Bo's deal",
        "stage": "appointmentscheduled",
        "amount": "12.50",
        "close_date": "2026-04-01",
        "contact_id": "501",
    },
    "hubspot.note.create@1": {"body": "Called back.", "contact_id": "501", "deal_id": "77"},
    "twilio.sms.send@1": {"to": "+4930123456", "body": "We call you back. Zoë"},
    "google_calendar.event.create@1": {
        "calendar_id": "team@example.com",
        "summary": "Callback",
        "start": "2026-03-31T14:00:00+02:00",
        "end": "2026-03-31T14:30:00+02:00",
        "attendees": ["bo@example.com"],
    },
}

SETTINGS: Mapping[str, Mapping[str, str]] = {
    "webhook": {"url": "https://crm.test/hooks"},
    "http": {"base_url": "https://crm.test/api", "auth": "bearer", "deduplicates": "yes"},
    "email": {"host": "mail.test", "username": "calls", "from_address": "calls@example.com"},
    "slack": {},
    "hubspot": {},
    "twilio": {"account_sid": "AC0123", "from_number": "+4930999999"},
    "google_calendar": {"client_id": "client"},
}
SECRETS: Mapping[str, Mapping[str, str]] = {
    "webhook": {"signing_secret": SIGNING_SECRET, "token": "tok-secret-1"},
    "http": {"credential": "cred-secret-2"},
    "email": {"password": "pass-secret-3"},
    "slack": {"token": "xoxb-secret-4"},
    "hubspot": {"token": "pat-secret-5"},
    "twilio": {"auth_token": "auth-secret-6"},
    "google_calendar": {
        "access_token": "old-secret-7",
        "refresh_token": "refresh-secret-8",
        "client_secret": "client-secret-9",
    },
}
HOSTS = {
    "slack": "slack.com",
    "hubspot": "api.hubapi.com",
    "twilio": "api.twilio.com",
    "google_calendar": "www.googleapis.com",
}
"""Of the vendors; all others are their Connection's."""


GOOD_ANSWERS: dict[str, dict[str, Any]] = {
    "slack.message@1": {"ok": True, "ts": "1.2", "channel": "C1"},
    "hubspot.contact.upsert@1": {"status": "COMPLETE", "results": [{"id": "501", "new": True}]},
    "hubspot.deal.create@1": {"status": "COMPLETE", "results": [{"id": "77", "new": True}]},
    "hubspot.note.create@1": {"status": "COMPLETE", "results": [{"id": "9", "new": True}]},
    "twilio.sms.send@1": {"sid": "SM1", "status": "queued"},
    "google_calendar.event.create@1": {"id": "x", "htmlLink": "https://calendar.example.com/x"},
}


def order(action: str, **changed: Any) -> Order:
    """A good one, but for what is said to be otherwise; None leaves a parameter out."""
    found = find_action(action)
    parameters = {key: value for key, value in {**PARAMETERS[action], **changed}.items() if value is not None}
    session = SESSION if found is not None and found[1].sends_session else {}
    return Order(action=action, key=KEY, parameters=parameters, session=session, fired_ms=FIRED_MS)


def connection(integration: str, **changed: str) -> Connection:
    """A good one, but for the settings said to be otherwise."""
    return Connection(
        id="c1",
        integration=integration,
        name="Customers",
        settings={**SETTINGS[integration], **changed},
        secrets=SECRETS[integration],
    )


def get(action: str) -> tuple[IntegrationModule, IntegrationAction]:
    """What does it, and its description."""
    found = find_action(action)
    assert found is not None
    return found


def build(action: str, **changed: Any) -> HttpRequest:
    """What a good order becomes, but for what is said to be otherwise."""
    module, _ = get(action)
    request = module.build(order(action, **changed), connection(module.DESCRIPTION.key))
    assert isinstance(request, HttpRequest)
    return request


def answer(status: int, body: Any = None, **headers: str) -> HttpResponse:
    """An answer; `_` in a header's name stands for a hyphen."""
    raw = b"" if body is None else json.dumps(body).encode()
    return HttpResponse(status, {name.replace("_", "-"): value for name, value in headers.items()}, raw)


def classify(action: str, response: HttpResponse, **changed: Any) -> OutcomeKind:
    """What the answer to a good order means."""
    return get(action)[0].classify(order(action, **changed), response).kind
