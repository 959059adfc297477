"""Contacts, deals and notes in HubSpot.

Everything is an upsert, so that twice is once: contacts by their address,
deals and notes by the idempotency key in a property of their own
(`sidecoach_action_id`, which an administrator creates in HubSpot with unique
values). An upsert cannot link, so links are made by a second request, which
may be repeated too.

Rules: protocol/SPEC.md, IN13 and IN25.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from protocol.actions import OutcomeKind
from protocol.integrations import Integration, IntegrationAction, Parameter, ParameterType, Safety, Setting
from server.actions.integrations.answers import get_text, judge_answer, kind_of, outcome, read_object
from server.actions.integrations.base import BadOrder, Connection, HttpRequest, HttpResponse, Order
from server.actions.integrations.parameters import read_parameters, write_json
from server.actions.integrations.settings import base_url, get_base, read_settings
from server.actions.outcomes import Outcome

KEY_PROPERTY = "sidecoach_action_id"
PROPERTIES = Parameter(
    key="properties",
    type=ParameterType.MAP,
    label="Other properties",
    max_length=65_536,
    help="By their internal names.",
)
CONTACT_ID = Parameter(
    key="contact_id",
    type=ParameterType.TEXT,
    label="Contact",
    max_length=40,
    help="Its record id; that of an upserted contact is the result id.",
)
DEAL_ID = Parameter(key="deal_id", type=ParameterType.TEXT, label="Deal", max_length=40, help="Its record id.")
CONTACT = IntegrationAction(
    id="hubspot.contact.upsert@1",
    name="Create or update a contact",
    target="email",
    parameters=(Parameter(key="email", type=ParameterType.EMAIL, label="E-mail", required=True), PROPERTIES),
    safety=Safety.NATURAL,
    results=("id", "new"),
)
DEAL = IntegrationAction(
    id="hubspot.deal.create@1",
    name="Create a deal",
    target="name",
    parameters=(
        Parameter(key="name", type=ParameterType.TEXT, label="Name", required=True, max_length=500),
        Parameter(key="stage", type=ParameterType.TEXT, label="Stage", required=True, max_length=200),
        Parameter(key="pipeline", type=ParameterType.TEXT, label="Pipeline", max_length=200),
        Parameter(key="amount", type=ParameterType.TEXT, label="Amount", max_length=40),
        Parameter(key="close_date", type=ParameterType.DATE, label="Close date"),
        PROPERTIES,
        CONTACT_ID,
    ),
    safety=Safety.NATURAL,
    results=("id",),
)
NOTE = IntegrationAction(
    id="hubspot.note.create@1",
    name="Create a note",
    target="contact_id",
    parameters=(
        Parameter(key="body", type=ParameterType.LONG_TEXT, label="Text", required=True, max_length=65_536),
        CONTACT_ID,
        DEAL_ID,
    ),
    safety=Safety.NATURAL,
    results=("id",),
)
DESCRIPTION = Integration(
    key="hubspot",
    name="HubSpot",
    help="Deals and notes need a property sidecoach_action_id with unique values on each of the two.",
    settings=(
        Setting(key="token", label="Private app token", secret=True),
        base_url("https://api.hubapi.com"),
    ),
    actions=(CONTACT, DEAL, NOTE),
)
ACTIONS = {action.id: action for action in DESCRIPTION.actions}
PLURALS = {CONTACT.id: "contacts", DEAL.id: "deals", NOTE.id: "notes"}
DEAL_PROPERTIES = {
    "name": "dealname",
    "stage": "dealstage",
    "pipeline": "pipeline",
    "amount": "amount",
    "close_date": "closedate",
}
DEFERRED = frozenset({"RATE_LIMITS", "RATE_LIMIT"})
UNAUTHORISED = frozenset({"MISSING_SCOPES", "INVALID_AUTHENTICATION", "EXPIRED_AUTHENTICATION", "BANNED"})


def build(order: Order, connection: Connection) -> HttpRequest:
    """An upsert of one; the key is its id, or at least the trace that HubSpot keeps of it."""
    parameters = read_parameters(order, ACTIONS[order.action])
    wrong_ids = {
        key: "expected the number of a record"
        for key in ("contact_id", "deal_id")
        if not (parameters.get(key, "0").isascii() and parameters.get(key, "0").isdigit())
    }
    if wrong_ids:
        raise BadOrder(wrong_ids)
    by_email = order.action == CONTACT.id
    properties = _properties(order, parameters)
    upsert = {
        "id": parameters["email"] if by_email else order.key,
        "idProperty": "email" if by_email else KEY_PROPERTY,
        "objectWriteTraceId": order.key,
        "properties": properties,
    }
    path = f"/crm/v3/objects/{PLURALS[order.action]}/batch/upsert"
    return _request("POST", path, connection, {"inputs": [upsert]})


def classify(order: Order, response: HttpResponse) -> Outcome:
    """Of several statuses in one answer (207) the one of the only record counts."""
    answer = read_object(response)
    if kind_of(response) is not OutcomeKind.SENT:
        return _judge(response, answer)
    errors = answer.get("errors") if answer is not None else None
    if isinstance(errors, list) and errors:
        first = errors[0] if isinstance(errors[0], dict) else {}
        category = get_text(first, "category")
        kind = (
            OutcomeKind.DEFERRED
            if category in DEFERRED
            else OutcomeKind.UNAUTHORISED
            if category in UNAUTHORISED
            else OutcomeKind.REFUSED
        )
        return outcome(response, kind, _said(first))
    results = answer.get("results") if answer is not None else None
    record = results[0] if isinstance(results, list) and results and isinstance(results[0], dict) else {}
    record_id = get_text(record, "id")
    if not record_id:
        return outcome(response, OutcomeKind.AMBIGUOUS, "HubSpot answered without the record's id")
    found: dict[str, Any] = {"id": record_id}
    if order.action == CONTACT.id and isinstance(record.get("new"), bool):
        found["new"] = record["new"]
    return outcome(response, OutcomeKind.SENT, results=found)


def follow_ups(order: Order, connection: Connection, outcome: Outcome) -> tuple[HttpRequest, ...]:
    """The links of a new deal or note, each by the kind that HubSpot makes by default."""
    plural, record_id = PLURALS[order.action], quote(get_text(outcome.results, "id"), safe="")
    linked = [("contact_id", "contacts"), ("deal_id", "deals")]
    return tuple(
        _request(
            "PUT",
            f"/crm/v4/objects/{plural}/{record_id}/associations/default/{to}/{order.parameters[key]}",
            connection,
        )
        for key, to in linked
        if order.parameters.get(key)
    )


def classify_follow_up(order: Order, response: HttpResponse) -> Outcome:
    """By its status."""
    return _judge(response, read_object(response))


def probe(connection: Connection) -> HttpRequest:
    """Whose account it is."""
    return _request("GET", "/account-info/v3/details", connection)


def classify_probe(response: HttpResponse) -> Outcome:
    """By its status."""
    return _judge(response, read_object(response))


def _properties(order: Order, parameters: dict[str, Any]) -> dict[str, str]:
    properties = dict(parameters.get("properties", {}))
    if order.action == CONTACT.id:
        return properties | {"email": parameters["email"]}
    if order.action == NOTE.id:
        at = datetime.fromtimestamp(order.fired_ms / 1_000, UTC).isoformat(timespec="milliseconds")
        ours = {"hs_note_body": parameters["body"], "hs_timestamp": at.replace("+00:00", "Z")}
    else:
        ours = {name: parameters[key] for key, name in DEAL_PROPERTIES.items() if key in parameters}
    return properties | ours | {KEY_PROPERTY: order.key}


def _request(method: str, path: str, connection: Connection, body: Any = None) -> HttpRequest:
    settings = read_settings(connection, DESCRIPTION)
    headers = {"authorization": f"Bearer {settings['token']}", "accept": "application/json"}
    if body is None:
        return HttpRequest(method, get_base(settings) + path, headers)
    return HttpRequest(
        method, get_base(settings) + path, headers | {"content-type": "application/json"}, write_json(body)
    )


def _judge(response: HttpResponse, answer: dict[str, Any] | None) -> Outcome:
    return judge_answer(response, said=_said(answer) if answer else "")


def _said(answer: dict[str, Any]) -> str:
    category = get_text(answer, "category") or get_text(answer, "errorType")
    return f"HubSpot says {category}: {get_text(answer, 'message')}" if category else ""
