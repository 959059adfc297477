"""Messages in Slack, by a bot.

Slack answers nearly everything with 200; whether it was done stands in the
body. Of two of its errors it says itself that something may have happened.

Rules: protocol/SPEC.md, IN13 and IN23.
"""

from __future__ import annotations

from protocol.actions import OutcomeKind
from protocol.integrations import Integration, IntegrationAction, Parameter, ParameterType, Safety, Setting
from server.actions.integrations.answers import get_text, judge_answer, kind_of, outcome, read_object
from server.actions.integrations.base import Connection, HttpRequest, HttpResponse, Order
from server.actions.integrations.parameters import read_parameters, write_json
from server.actions.integrations.settings import base_url, get_base, read_settings
from server.actions.outcomes import Outcome

MESSAGE = IntegrationAction(
    id="slack.message@1",
    name="Post a message",
    target="channel",
    parameters=(
        Parameter(
            key="channel",
            type=ParameterType.TEXT,
            label="Channel",
            required=True,
            max_length=100,
            help="Its id (C0123456789) or its name (#sales); the bot must be in it.",
        ),
        Parameter(key="text", type=ParameterType.LONG_TEXT, label="Text", required=True, max_length=12_000),
    ),
    safety=Safety.NONE,
    results=("ts", "channel"),
)
DESCRIPTION = Integration(
    key="slack",
    name="Slack",
    help="Posts as the bot of a Slack app with the scope chat:write.",
    settings=(
        Setting(key="token", label="Bot token", secret=True, help="Begins with xoxb-."),
        base_url("https://slack.com"),
    ),
    actions=(MESSAGE,),
)
AMBIGUOUS = frozenset({"internal_error", "fatal_error", "service_unavailable"})
DEFERRED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
UNAUTHORISED = frozenset(
    {
        "access_denied", "account_inactive", "ekm_access_denied", "enterprise_is_restricted", "invalid_auth",
        "missing_scope", "no_permission", "not_allowed_token_type", "not_authed", "org_login_required",
        "team_access_not_granted", "token_expired", "token_revoked",
    }
)  # fmt: skip
ABOUT_CHANNEL = frozenset({"channel_not_found", "not_in_channel", "is_archived", "restricted_action"})
ABOUT_TEXT = frozenset({"msg_too_long", "no_text", "msg_blocks_too_long"})


def build(order: Order, connection: Connection) -> HttpRequest:
    """Nothing of the key goes along: Slack would take it and do nothing with it."""
    parameters = read_parameters(order, MESSAGE)
    return _call("chat.postMessage", connection, {"channel": parameters["channel"], "text": parameters["text"]})


def classify(order: Order, response: HttpResponse) -> Outcome:
    """By `ok`; by the status only where Slack's own words are missing."""
    return _classify(response)


def probe(connection: Connection) -> HttpRequest:
    """Who the token is."""
    return _call("auth.test", connection, {})


def classify_probe(response: HttpResponse) -> Outcome:
    """The same words."""
    return _classify(response)


def _call(method: str, connection: Connection, body: dict[str, str]) -> HttpRequest:
    settings = read_settings(connection, DESCRIPTION)
    headers = {"authorization": f"Bearer {settings['token']}", "content-type": "application/json; charset=utf-8"}
    return HttpRequest("POST", f"{get_base(settings)}/api/{method}", headers, write_json(body))


def _classify(response: HttpResponse) -> Outcome:
    if kind_of(response) is not OutcomeKind.SENT:
        return judge_answer(response)
    answer = read_object(response)
    if answer is None or not isinstance(answer.get("ok"), bool):
        return outcome(response, OutcomeKind.AMBIGUOUS, "Slack answered without saying whether it was done")
    if answer["ok"]:
        results = {key: answer[key] for key in MESSAGE.results if isinstance(answer.get(key), str)}
        return outcome(response, OutcomeKind.SENT, results=results)
    error = get_text(answer, "error") or "no reason"
    if error in AMBIGUOUS:
        kind = OutcomeKind.AMBIGUOUS
    elif error in DEFERRED:
        kind = OutcomeKind.DEFERRED
    elif error in UNAUTHORISED:
        kind = OutcomeKind.UNAUTHORISED
    else:
        kind = OutcomeKind.REFUSED
    about = "channel" if error in ABOUT_CHANNEL else "text" if error in ABOUT_TEXT else None
    field_messages = {about: f"Slack says {error}"} if about is not None else {}
    return outcome(response, kind, f"Slack says {error}", field_messages=field_messages)
