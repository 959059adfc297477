"""Text messages by Twilio, which knows no key for them.

Rules: protocol/SPEC.md, IN24.
"""

from __future__ import annotations

import base64
from urllib.parse import quote, urlencode

from protocol.actions import OutcomeKind
from protocol.integrations import Integration, IntegrationAction, Parameter, ParameterType, Safety, Setting
from server.actions.integrations.answers import get_text, judge_answer, kind_of, outcome, read_object
from server.actions.integrations.base import Connection, HttpRequest, HttpResponse, Order
from server.actions.integrations.parameters import read_parameters
from server.actions.integrations.settings import base_url, get_base, read_settings
from server.actions.outcomes import Outcome

SMS = IntegrationAction(
    id="twilio.sms.send@1",
    name="Send a text message",
    target="to",
    parameters=(
        Parameter(key="to", type=ParameterType.PHONE, label="To", required=True, help="With its country: +4930123456."),
        Parameter(key="body", type=ParameterType.LONG_TEXT, label="Text", required=True, max_length=1_600),
    ),
    safety=Safety.NONE,
    results=("sid",),
)
DESCRIPTION = Integration(
    key="twilio",
    name="Twilio",
    help="Sends text messages from a number of a Twilio account.",
    settings=(
        Setting(key="account_sid", label="Account SID", help="Begins with AC."),
        Setting(key="auth_token", label="Auth token", secret=True),
        Setting(key="from_number", label="From", help="A number of the account, or a sender that it may use."),
        base_url("https://api.twilio.com"),
    ),
    actions=(SMS,),
)
ABOUT = {
    "21211": "to", "21214": "to", "21217": "to", "21265": "to", "21408": "to", "21610": "to", "21612": "to",
    "21614": "to", "21602": "body", "21605": "body", "21617": "body",
}  # fmt: skip
"""The parameter that an error of theirs is about."""


def build(order: Order, connection: Connection) -> HttpRequest:
    """A form, as their API wants it."""
    settings = read_settings(connection, DESCRIPTION)
    parameters = read_parameters(order, SMS)
    form = urlencode([("To", parameters["to"]), ("From", settings["from_number"]), ("Body", parameters["body"])])
    headers = _credential(settings) | {"content-type": "application/x-www-form-urlencoded"}
    return HttpRequest("POST", f"{_account(settings)}/Messages.json", headers, form.encode())


def classify(order: Order, response: HttpResponse) -> Outcome:
    """Their code says more than the status."""
    answer = read_object(response)
    if kind_of(response) is OutcomeKind.SENT:
        sid = get_text(answer, "sid")
        if not sid:
            return outcome(response, OutcomeKind.AMBIGUOUS, "Twilio answered without the message's id")
        return outcome(response, OutcomeKind.SENT, results={"sid": sid})
    code, said = get_text(answer, "code"), get_text(answer, "message")
    field_messages = {ABOUT[code]: said or f"Twilio says {code}"} if code in ABOUT else {}
    return judge_answer(response, said=f"Twilio says {code}: {said}" if code else "", field_messages=field_messages)


def probe(connection: Connection) -> HttpRequest:
    """The account itself."""
    settings = read_settings(connection, DESCRIPTION)
    return HttpRequest("GET", f"{_account(settings)}.json", _credential(settings))


def classify_probe(response: HttpResponse) -> Outcome:
    """By its status."""
    return judge_answer(response)


def _account(settings: dict[str, str]) -> str:
    return f"{get_base(settings)}/2010-04-01/Accounts/{quote(settings['account_sid'], safe='')}"


def _credential(settings: dict[str, str]) -> dict[str, str]:
    pair = f"{settings['account_sid']}:{settings['auth_token']}".encode()
    return {"authorization": f"Basic {base64.b64encode(pair).decode()}"}
