"""An e-mail through the customer's own server.

Mail knows no idempotency: the Message-ID is made of the key, so that a person
who looks at a mailbox sees a repeat, but no server promises to drop one.

Rules: protocol/SPEC.md, IN14, IN15 and IN22.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from protocol.integrations import (
    Integration,
    IntegrationAction,
    Parameter,
    ParameterOption,
    ParameterType,
    Safety,
    Setting,
)
from server.actions.integrations.answers import judge_answer
from server.actions.integrations.base import (
    BadConnection,
    BadOrder,
    Connection,
    HttpResponse,
    MailMessage,
    MailSecurity,
    MailServer,
    Order,
)
from server.actions.integrations.parameters import EMAIL, read_parameters
from server.actions.integrations.settings import read_settings
from server.actions.outcomes import Outcome

POLICY = SMTP.clone(cte_type="7bit")
"""Every server takes seven bits; not every one takes eight."""
SEND = IntegrationAction(
    id="email.send@1",
    name="Send an e-mail",
    target="to",
    parameters=(
        Parameter(key="to", type=ParameterType.EMAILS, label="To", required=True),
        Parameter(key="cc", type=ParameterType.EMAILS, label="Cc"),
        Parameter(key="subject", type=ParameterType.TEXT, label="Subject", required=True, max_length=500),
        Parameter(key="body", type=ParameterType.LONG_TEXT, label="Text", required=True, max_length=100_000),
        Parameter(
            key="html",
            type=ParameterType.HTML,
            label="HTML",
            max_length=200_000,
            help="Shown instead of the text by programs that can.",
        ),
    ),
    safety=Safety.NONE,
    results=("message_id",),
)
DESCRIPTION = Integration(
    key="email",
    name="E-mail",
    help="Hands mail in at a server by SMTP.",
    personal=True,
    settings=(
        Setting(key="host", label="Server"),
        Setting(key="port", label="Port", default="587"),
        Setting(
            key="security",
            label="Security",
            options=(
                ParameterOption(value="starttls", label="STARTTLS"),
                ParameterOption(value="tls", label="TLS"),
                ParameterOption(value="none", label="None"),
            ),
            default="starttls",
        ),
        Setting(key="username", label="Username", required=False, help="Leave empty if nobody logs in."),
        Setting(key="password", label="Password", secret=True, required=False),
        Setting(key="from_address", label="From", help="The address that mail comes from."),
    ),
    actions=(SEND,),
)


def build(order: Order, connection: Connection) -> MailMessage:
    """The message's bytes; its time is when it was fired, whenever it is sent."""
    settings = read_settings(connection, DESCRIPTION)
    server = _server(settings)
    parameters = read_parameters(order, SEND)
    message = EmailMessage(policy=POLICY)
    try:
        message["From"] = settings["from_address"]
        message["To"] = ", ".join(parameters["to"])
        if "cc" in parameters:
            message["Cc"] = ", ".join(parameters["cc"])
        message["Subject"] = parameters["subject"]
    except ValueError as error:
        raise BadOrder({"subject": "expected one line"}) from error
    message["Date"] = format_datetime(datetime.fromtimestamp(order.fired_ms // 1_000, UTC))
    message_id = f"<{order.key}@{settings['from_address'].rpartition('@')[2]}>"
    message["Message-ID"] = message_id
    message.set_content(parameters["body"])
    if "html" in parameters:
        message.add_alternative(parameters["html"], subtype="html")
        # Drawn by the library it would differ at each try.
        message.set_boundary("=_" + hashlib.sha256(order.key.encode()).hexdigest()[:40])
    return MailMessage(
        server=server,
        sender=settings["from_address"],
        recipients=tuple(
            (f"{key}.{place}", address) for key in ("to", "cc") for place, address in enumerate(parameters.get(key, ()))
        ),
        message_id=message_id,
        message=message.as_bytes(),
    )


def classify(order: Order, response: HttpResponse) -> Outcome:
    """Never asked: mail is answered by codes, which `sender.py` classifies."""
    return judge_answer(response)


def probe(connection: Connection) -> MailServer:
    """Greet, log in, and go."""
    return _server(read_settings(connection, DESCRIPTION))


def classify_probe(response: HttpResponse) -> Outcome:
    """Never asked, for the same reason."""
    return judge_answer(response)


def _server(settings: dict[str, str]) -> MailServer:
    port = settings["port"]
    if not (port.isdigit() and 1 <= int(port) <= 65_535):
        raise BadConnection("Port: expected a number from 1 to 65535")
    if EMAIL.fullmatch(settings["from_address"]) is None:
        raise BadConnection("From: expected one e-mail address, such as calls@example.com")
    if settings["username"] and not settings["password"]:
        raise BadConnection("Password is missing")
    return MailServer(
        host=settings["host"],
        port=int(port),
        security=MailSecurity(settings["security"]),
        username=settings["username"],
        password=settings["password"],
    )
