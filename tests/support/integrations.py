"""Two Integrations that reach nobody, and a sender that says what a test wants to hear."""

from types import SimpleNamespace
from typing import Any

from protocol.actions import OutcomeKind
from protocol.integrations import (
    Integration,
    IntegrationAction,
    Parameter,
    ParameterOption,
    ParameterType,
    Safety,
    Schedule,
    Setting,
)
from server.actions.integrations.base import Connection, IntegrationModule, Order
from server.actions.outcomes import Outcome

HOOK = Integration(
    key="hook",
    name="Webhook",
    help="Tells a receiver of yours what happened in a call, signed by Standard Webhooks.",
    settings=(
        Setting(key="url", label="Address", help="Where to POST; https only."),
        Setting(
            key="format",
            label="Format",
            options=(ParameterOption(value="json", label="JSON"), ParameterOption(value="form", label="Form")),
            default="json",
        ),
        Setting(key="token", label="Bearer token", secret=True, required=False, help="Sent as Authorization."),
        Setting(key="signing_secret", label="Signing secret", secret=True, generated=True),
    ),
    actions=(
        IntegrationAction(
            id="hook.post@1",
            name="Post to a webhook",
            parameters=(
                Parameter(key="path", type=ParameterType.TEXT, label="Path", templatable=False),
                Parameter(key="data", type=ParameterType.MAP, label="Extra data"),
            ),
            safety=Safety.KEY,
            schedule=Schedule.DURABLE,
            sends_session=True,
        ),
    ),
)
MAIL = Integration(
    key="mail",
    name="E-mail",
    help="Sends through your mail server.",
    personal=True,
    settings=(
        Setting(key="host", label="Mail server"),
        Setting(key="sender", label="From", help="The address that people see."),
        Setting(key="password", label="Password", secret=True),
    ),
    actions=(
        IntegrationAction(
            id="mail.send@1",
            name="Send an e-mail",
            target="to",
            parameters=(
                Parameter(key="to", type=ParameterType.EMAIL, label="To", required=True),
                Parameter(key="subject", type=ParameterType.TEXT, label="Subject", required=True),
                Parameter(key="body", type=ParameterType.LONG_TEXT, label="Text"),
                Parameter(key="urgent", type=ParameterType.BOOLEAN, label="Urgent"),
                Parameter(key="copies", type=ParameterType.INTEGER, label="Copies"),
            ),
            safety=Safety.NONE,
        ),
    ),
)


def module_of(description: Integration) -> IntegrationModule:
    """A module with this description, and nothing else that anybody asks it here."""
    module: Any = SimpleNamespace(DESCRIPTION=description)
    return module


MODULES = {"hook": module_of(HOOK), "mail": module_of(MAIL)}

WORKS = Outcome(kind=OutcomeKind.SENT, message="The receiver answered.", status=200, excerpt='{"ok": true}')


class FakeSender:
    """Keeps what it is given, and answers `outcome`."""

    def __init__(self) -> None:
        self.outcome = WORKS
        self.checked: list[Connection] = []
        self.sent: list[tuple[Order, Connection]] = []

    async def check(self, integration: str, connection: Connection) -> Outcome:
        """Whether it works."""
        assert integration == connection.integration
        self.checked.append(connection)
        return self.outcome

    async def send(self, order: Order, connection: Connection) -> Outcome:
        """One attempt."""
        self.sent.append((order, connection))
        return self.outcome
