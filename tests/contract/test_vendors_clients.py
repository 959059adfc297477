"""What we send is what the vendors' own clients send, and what they read in an answer is what we read.

Each client speaks to a receiver on loopback, and so does our sender; the two
requests are compared by what they mean. HubSpot's, Slack's and Twilio's
clients are Python, Google's is JavaScript. What HubSpot calls the properties
of a record is not proven here: to its client they are data.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hubspot import HubSpot
from hubspot.crm import contacts, deals
from hubspot.crm.objects import notes
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client as TwilioClient

from protocol.actions import OutcomeKind
from server.actions.integrations.google_calendar import event_id
from tests.support.node import MODULES, complaints_of_compiler, run_script
from tests.support.orders import KEY, PARAMETERS, SECRETS, SETTINGS, build, order
from tests.support.receivers import Received, Receiver
from tests.support.sending import connection_to, sender_to, telling

FORM = "application/x-www-form-urlencoded"
Parameters = Mapping[str, Any]
Call = Callable[[str, Parameters], Mapping[str, Any]]
"""Has a vendor's client do it at this address, and tells what it read in the answer."""


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients would go through them, even to loopback."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


@dataclass(frozen=True)
class Meaning:
    """A request, however it is written."""

    method: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    credential: str | None
    media_type: str | None
    """Of the body; nothing without one."""
    body: Any


def read(received: Received) -> Meaning:
    """What it means by the standards of HTTP, URLs, forms and JSON."""
    target = urlsplit(received.target)
    media_type = received.headers.get("content-type", "").partition(";")[0] if received.body else None
    text = received.body.decode()
    body = dict(parse_qsl(text, keep_blank_values=True)) if media_type == FORM else json.loads(text or "null")
    return Meaning(
        method=received.method,
        path=tuple(unquote(part) for part in target.path.split("/")),
        query=dict(parse_qsl(target.query, keep_blank_values=True)),
        credential=received.headers.get("authorization"),
        media_type=media_type,
        body=body,
    )


def slack(url: str) -> WebClient:
    return WebClient(SECRETS["slack"]["token"], base_url=f"{url}/api/")


def twilio(url: str) -> TwilioClient:
    client = TwilioClient(SETTINGS["twilio"]["account_sid"], SECRETS["twilio"]["auth_token"])
    client.api.base_url = url
    return client


def hubspot(url: str, api: Callable[[HubSpot], Any]) -> Any:
    found = api(HubSpot(access_token=SECRETS["hubspot"]["token"]))
    found.api_client.configuration.host = url
    return found


def google(url: str, method: str, *, tokens: Mapping[str, str] | None = None, **parameters: Any) -> Any:
    held = tokens or {"access_token": SECRETS["google_calendar"]["access_token"]}
    return run_script("google_client.mjs", {"url": url, "tokens": held, "method": method, "parameters": parameters})


def post_message(url: str, said: Parameters) -> Mapping[str, Any]:
    answer = slack(url).chat_postMessage(channel=said["channel"], text=said["text"])
    return {"ts": answer["ts"], "channel": answer["channel"]}


def send_sms(url: str, said: Parameters) -> Mapping[str, Any]:
    sent = twilio(url).messages.create(to=said["to"], from_=SETTINGS["twilio"]["from_number"], body=said["body"])
    return {"sid": sent.sid}


def upsert_contact(url: str, said: Parameters) -> Mapping[str, Any]:
    one = contacts.SimplePublicObjectBatchInputUpsert(
        id=said["email"],
        id_property="email",
        object_write_trace_id=KEY,
        properties={**said["properties"], "email": said["email"]},
    )
    [record] = (
        hubspot(url, lambda client: client.crm.contacts.batch_api)
        .upsert(contacts.BatchInputSimplePublicObjectBatchInputUpsert(inputs=[one]))
        .results
    )
    return {"id": record.id, "new": record.new}


def upsert_deal(url: str, said: Parameters) -> Mapping[str, Any]:
    one = deals.SimplePublicObjectBatchInputUpsert(
        id=KEY,
        id_property="sidecoach_action_id",
        object_write_trace_id=KEY,
        properties={
            "dealname": said["name"],
            "dealstage": said["stage"],
            "pipeline": said["pipeline"],
            "amount": said["amount"],
            "closedate": said["close_date"],
            "dealtype": said["properties"]["dealtype"],
            "sidecoach_action_id": KEY,
        },
    )
    [record] = (
        hubspot(url, lambda client: client.crm.deals.batch_api)
        .upsert(deals.BatchInputSimplePublicObjectBatchInputUpsert(inputs=[one]))
        .results
    )
    link(url, "deals", record.id, "contacts", said["contact_id"])
    return {"id": record.id}


def upsert_note(url: str, said: Parameters) -> Mapping[str, Any]:
    one = notes.SimplePublicObjectBatchInputUpsert(
        id=KEY,
        id_property="sidecoach_action_id",
        object_write_trace_id=KEY,
        properties={
            "hs_note_body": said["body"],
            "hs_timestamp": "2026-03-20T09:46:40.123Z",
            "sidecoach_action_id": KEY,
        },
    )
    [record] = (
        hubspot(url, lambda client: client.crm.objects.notes.batch_api)
        .upsert(notes.BatchInputSimplePublicObjectBatchInputUpsert(inputs=[one]))
        .results
    )
    link(url, "notes", record.id, "contacts", said["contact_id"])
    link(url, "notes", record.id, "deals", said["deal_id"])
    return {"id": record.id}


def link(url: str, kind: str, record_id: str, to_kind: str, to_id: str) -> None:
    associations = hubspot(url, lambda client: client.crm.associations.v4.basic_api)
    associations.create_default(kind, record_id, to_kind, to_id, _preload_content=False)


def insert_event(url: str, said: Parameters) -> Mapping[str, Any]:
    event = {
        "id": EVENT_ID,
        "summary": said["summary"],
        "description": said["description"],
        "start": {"dateTime": said["start"]},
        "end": {"dateTime": said["end"]},
        "attendees": [{"email": address} for address in said["attendees"]],
    }
    answer = google(url, "insert", calendarId=said["calendar_id"], sendUpdates="all", requestBody=event)
    return {"id": answer["id"], "url": answer["htmlLink"]}


EVENT_ID = event_id(order("google_calendar.event.create@1"))
AT = "2026-03-20T09:46:41Z"
RECORD = {"id": "501", "new": True, "properties": {}, "createdAt": AT, "updatedAt": AT, "archived": False}
UPSERTED = {"status": "COMPLETE", "startedAt": AT, "completedAt": AT, "results": [RECORD]}
EVENT = {"kind": "calendar#event", "id": EVENT_ID, "htmlLink": "https://calendar.example.com/x"}

CASES: Mapping[str, tuple[Call, Parameters, Any]] = {
    "slack.message@1": (post_message, {}, {"ok": True, "ts": "1503435956.000247", "channel": "C0123456789"}),
    "twilio.sms.send@1": (send_sms, {}, {"sid": "SM0123456789abcdef0123456789abcdef", "status": "queued"}),
    "hubspot.contact.upsert@1": (upsert_contact, {}, UPSERTED),
    "hubspot.deal.create@1": (
        upsert_deal, {"pipeline": "default", "properties": {"dealtype": "newbusiness"}}, UPSERTED,
    ),
    "hubspot.note.create@1": (upsert_note, {}, UPSERTED),
    "google_calendar.event.create@1": (insert_event, {"description": "Zoë\nasks for 50 % off"}, EVENT),
}  # fmt: skip
"""By action: the vendor's client, what the order says besides, and the vendor's answer."""


@pytest.mark.parametrize("action", CASES)
async def test_our_requests_are_those_of_the_vendors_client(action: str) -> None:
    """[IN23, IN24, IN25, IN26] Method, path, query, credential and body; and the answer gives the same results."""
    call, besides, told = CASES[action]
    integration = action.partition(".")[0]
    async with Receiver([telling(200, told)]) as theirs, Receiver([telling(200, told)]) as ours:
        expected = await asyncio.to_thread(call, theirs.url(), {**PARAMETERS[action], **besides})
        observed = await sender_to(ours).send(order(action, **besides), connection_to(ours, integration))

    assert [read(received) for received in ours.received] == [read(received) for received in theirs.received]
    assert (observed.kind, observed.results) == (OutcomeKind.SENT, expected)


async def test_event_is_looked_up_as_their_client_looks_it_up() -> None:
    """[IN17] After an attempt of unknown outcome."""
    action = "google_calendar.event.create@1"
    async with Receiver([telling(200, EVENT)]) as theirs, Receiver([telling(200, EVENT)]) as ours:
        calendar = PARAMETERS[action]["calendar_id"]
        await asyncio.to_thread(google, theirs.url(), "get", calendarId=calendar, eventId=EVENT_ID)
        observed = await sender_to(ours).recover(order(action), connection_to(ours, "google_calendar"))

    assert [read(received) for received in ours.received] == [read(received) for received in theirs.received]
    assert (observed.kind, observed.results) == (OutcomeKind.SENT, {"id": EVENT_ID, "url": EVENT["htmlLink"]})


async def test_token_is_had_anew_as_their_client_has_it_anew() -> None:
    """[IN16] By the refresh token; the request then goes with the new one."""
    token = telling(200, {"access_token": "new-secret-10", "expires_in": 3_600, "token_type": "Bearer"})
    held = {key: secret for key, secret in SECRETS["google_calendar"].items() if key != "access_token"}
    tokens = {**held, "client_id": SETTINGS["google_calendar"]["client_id"]}
    action = "google_calendar.event.create@1"
    async with (
        Receiver([token, telling(200, EVENT)]) as theirs,
        Receiver([telling(401, {}), token, telling(200, EVENT)]) as ours,
    ):
        call = partial(google, theirs.url(), "insert", tokens=tokens, calendarId="primary", requestBody={})
        await asyncio.to_thread(call)
        observed = await sender_to(ours).send(order(action), connection_to(ours, "google_calendar"))

    assert observed.kind is OutcomeKind.SENT
    assert read(ours.received[1]) == read(theirs.received[0])
    assert read(ours.received[2]).credential == read(theirs.received[1]).credential == "Bearer new-secret-10"


@pytest.mark.parametrize(
    ("integration", "call"),
    [
        ("slack", lambda url: slack(url).auth_test()),
        ("twilio", lambda url: twilio(url).api.accounts(SETTINGS["twilio"]["account_sid"]).fetch()),
        ("google_calendar", lambda url: google(url, "list", calendarId="primary", maxResults=1)),
    ],
)
async def test_connection_is_tried_by_a_request_that_their_client_knows(
    integration: str, call: Callable[[str], Any]
) -> None:
    """[IN19] With the same credential; whether an empty object is sent along or nothing is all the same."""
    async with Receiver([telling(200, {"ok": True})]) as theirs, Receiver([telling(200, {"ok": True})]) as ours:
        await asyncio.to_thread(call, theirs.url())
        observed = await sender_to(ours).check(integration, connection_to(ours, integration))

    [their, our] = [replace(read(side.received[0]), media_type=None) for side in (theirs, ours)]
    assert observed.kind is OutcomeKind.SENT
    assert replace(our, body=our.body or None) == their


def slack_error(url: str) -> str:
    with pytest.raises(SlackApiError) as raised:
        post_message(url, PARAMETERS["slack.message@1"])
    return f"Slack says {raised.value.response['error']}"


def twilio_error(url: str) -> str:
    with pytest.raises(TwilioRestException) as raised:
        send_sms(url, PARAMETERS["twilio.sms.send@1"])
    return f"Twilio says {raised.value.code}: {raised.value.msg.removeprefix('Unable to create record: ')}"


def hubspot_error(url: str) -> str:
    api = hubspot(url, lambda client: client.crm.contacts.batch_api)
    [error] = api.upsert(contacts.BatchInputSimplePublicObjectBatchInputUpsert(inputs=[])).errors
    return f"HubSpot says {error.category}: {error.message}"


FAILED = {
    **UPSERTED,
    "results": [],
    "numErrors": 1,
    "errors": [
        {
            "status": "error",
            "category": "VALIDATION_ERROR",
            "message": "no such property",
            "errors": [],
            "context": {},
            "links": {},
        }
    ],
}


@pytest.mark.parametrize(
    ("action", "call", "status", "told"),
    [
        ("slack.message@1", slack_error, 200, {"ok": False, "error": "channel_not_found"}),
        ("twilio.sms.send@1", twilio_error, 400, {"code": 21211, "message": "Invalid 'To'", "status": 400}),
        ("hubspot.contact.upsert@1", hubspot_error, 207, FAILED),
    ],
)
async def test_reason_of_a_refusal_is_what_their_client_reads(
    action: str, call: Callable[[str], str], status: int, told: Any
) -> None:
    """[IN23, IN24, IN25] In the places where it looks for it."""
    async with Receiver([telling(status, told)]) as theirs, Receiver([telling(status, told)]) as ours:
        expected = await asyncio.to_thread(call, theirs.url())
        observed = await sender_to(ours).send(order(action), connection_to(ours, action.partition(".")[0]))

    assert (observed.kind, observed.message) == (OutcomeKind.REFUSED, expected)


@pytest.mark.parametrize(("extra", "is_right"), [({}, True), ({"sumary": "x"}, False), ({"end": "14:30"}, False)])
def test_event_has_the_type_that_google_gives_it(tmp_path: Path, extra: dict[str, Any], is_right: bool) -> None:
    """[IN26] Google's client would send any object; the TypeScript compiler knows which are events."""
    event = json.loads(build("google_calendar.event.create@1", description="Zoë").body) | extra
    module = tmp_path / "event.mts"
    module.write_text(
        f'import type {{ calendar_v3 }} from "{MODULES}/@googleapis/calendar/build/v3.js";\n'
        f"export const event: calendar_v3.Schema$Event = {json.dumps(event)};\n"
    )

    complaints = complaints_of_compiler(module)
    assert ("Schema$Event" in complaints, complaints == "") == (not is_right, is_right), complaints
