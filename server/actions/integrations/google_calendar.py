"""Events in Google Calendar, under an id that is made of the key.

Google answers a repeat with 409, which means that it is there. As it does not
promise to notice every repeat at once, an attempt of unknown outcome is looked
up first.

Rules: protocol/SPEC.md, IN16, IN17 and IN26.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from protocol.actions import OutcomeKind
from protocol.integrations import Integration, IntegrationAction, Parameter, ParameterType, Safety, Setting
from server.actions.integrations.answers import get_text, judge_answer, kind_of, outcome, read_object
from server.actions.integrations.base import BadOrder, Connection, HttpRequest, HttpResponse, Order
from server.actions.integrations.parameters import get_instant, read_parameters, write_json
from server.actions.integrations.settings import base_url, get_base, read_settings
from server.actions.outcomes import Outcome

EVENT = IntegrationAction(
    id="google_calendar.event.create@1",
    name="Create an event",
    target="summary",
    parameters=(
        Parameter(
            key="calendar_id",
            type=ParameterType.TEXT,
            label="Calendar",
            required=True,
            max_length=300,
            help="Its address; primary is that of whoever gave access.",
        ),
        Parameter(key="summary", type=ParameterType.TEXT, label="Title", required=True, max_length=1_000),
        Parameter(key="start", type=ParameterType.DATE_TIME, label="Begins", required=True),
        Parameter(key="end", type=ParameterType.DATE_TIME, label="Ends", required=True),
        Parameter(key="description", type=ParameterType.LONG_TEXT, label="Description", max_length=8_000),
        Parameter(
            key="attendees", type=ParameterType.EMAILS, label="Guests", help="Each gets an invitation from Google."
        ),
    ),
    safety=Safety.NATURAL,
    results=("id", "url"),
)
DESCRIPTION = Integration(
    key="google_calendar",
    name="Google Calendar",
    help="Needs the scope calendar.events.",
    personal=True,
    settings=(
        Setting(key="access_token", label="Access token", secret=True, required=False),
        Setting(key="refresh_token", label="Refresh token", secret=True, required=False),
        Setting(key="client_id", label="Client id", required=False),
        Setting(key="client_secret", label="Client secret", secret=True, required=False),
        Setting(
            key="token_url",
            label="Token address",
            required=False,
            default="https://oauth2.googleapis.com/token",
            help="Leave empty for Google's.",
        ),
        base_url("https://www.googleapis.com"),
    ),
    actions=(EVENT,),
)
LIMITS = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "calendarUsageLimitsExceeded"})


def build(order: Order, connection: Connection) -> HttpRequest:
    """The same id for the same key."""
    parameters = read_parameters(order, EVENT)
    if get_instant(parameters["end"]) <= get_instant(parameters["start"]):
        raise BadOrder({"end": "expected a time after the beginning"})
    event: dict[str, Any] = {
        "id": event_id(order),
        "summary": parameters["summary"],
        "start": {"dateTime": parameters["start"]},
        "end": {"dateTime": parameters["end"]},
    }
    if "description" in parameters:
        event["description"] = parameters["description"]
    if "attendees" in parameters:
        event["attendees"] = [{"email": address} for address in parameters["attendees"]]
    path = f"/calendars/{quote(parameters['calendar_id'], safe='')}/events?sendUpdates=all"
    return _request("POST", path, connection, write_json(event))


def event_id(order: Order) -> str:
    """Digits and a to v, as Google wants them."""
    return base64.b32hexencode(hashlib.sha256(order.key.encode()).digest()).decode().rstrip("=").lower()


def classify(order: Order, response: HttpResponse) -> Outcome:
    """Our own id in the way is a success; a limit is no question of rights."""
    if response.status == 409:
        return outcome(response, OutcomeKind.SENT, results={"id": event_id(order)})
    answer = read_object(response)
    if kind_of(response) is OutcomeKind.SENT:
        found = {"id": event_id(order), "url": get_text(answer, "htmlLink")}
        return outcome(response, OutcomeKind.SENT, results={key: value for key, value in found.items() if value})
    return _judge(response, answer)


def build_look_up(order: Order, connection: Connection) -> HttpRequest:
    """The event itself."""
    calendar = quote(str(order.parameters["calendar_id"]), safe="")
    return _request("GET", f"/calendars/{calendar}/events/{event_id(order)}", connection)


def classify_look_up(order: Order, response: HttpResponse) -> Outcome | None:
    """There, or not there; one that somebody deleted since was there."""
    if response.status == 404:
        return None
    if response.status == 410:
        return outcome(response, OutcomeKind.SENT, results={"id": event_id(order)})
    return classify(order, response)


def probe(connection: Connection) -> HttpRequest:
    """One event of the own calendar."""
    return _request("GET", "/calendars/primary/events?maxResults=1", connection)


def classify_probe(response: HttpResponse) -> Outcome:
    """As for an event."""
    return _judge(response, read_object(response))


def build_refresh(connection: Connection) -> HttpRequest | None:
    """The refresh of OAuth 2 (RFC 6749, section 6)."""
    settings = read_settings(connection, DESCRIPTION)
    wanted = {key: settings[key] for key in ("refresh_token", "client_id", "client_secret")}
    if not all(wanted.values()):
        return None
    form = urlencode({"grant_type": "refresh_token", **wanted})
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    return HttpRequest("POST", settings["token_url"], headers, form.encode())


def read_refresh(response: HttpResponse) -> Mapping[str, str] | None:
    """The new access token, and the new refresh token if there is one."""
    answer = read_object(response)
    if response.status != 200 or not get_text(answer, "access_token"):
        return None
    found = {key: get_text(answer, key) for key in ("access_token", "refresh_token")}
    return {key: token for key, token in found.items() if token}


def _request(method: str, path: str, connection: Connection, body: bytes = b"") -> HttpRequest:
    settings = read_settings(connection, DESCRIPTION)
    headers = {"accept": "application/json"}
    # Without one the answer is 401, which asks for a refresh.
    if settings["access_token"]:
        headers["authorization"] = f"Bearer {settings['access_token']}"
    if body:
        headers["content-type"] = "application/json"
    return HttpRequest(method, f"{get_base(settings)}/calendar/v3{path}", headers, body)


def _judge(response: HttpResponse, answer: dict[str, Any] | None) -> Outcome:
    error = (answer or {}).get("error")
    reasons = error.get("errors") if isinstance(error, dict) else None
    reason = get_text(reasons[0], "reason") if isinstance(reasons, list) and reasons else ""
    said = f"Google says {reason}: {get_text(error, 'message')}" if reason else ""
    if response.status == 403 and reason in LIMITS:
        return outcome(response, OutcomeKind.DEFERRED, said)
    return judge_answer(response, said=said)
