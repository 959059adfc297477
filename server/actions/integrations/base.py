"""What an integration is: a module that describes itself, builds a request and reads the answer.

Everything in it is pure; sending is `server/actions/sender.py`, through the
one guarded door of `egress.py`. `tests/contract/test_integrations.py` runs
the same suite over all of them.

Rules: protocol/SPEC.md, IN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from protocol.integrations import Integration
from server.actions.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Connection:
    """One set of credentials, opened. Lives in the memory of who sends, and nowhere else."""

    id: str
    integration: str
    name: str
    settings: Mapping[str, str] = field(default_factory=dict)
    """What is not secret, by the key of its `Setting`."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be sent: frozen when it was fired, the same bytes under the same key however often it is tried."""

    action: str
    """Id of the `IntegrationAction`."""
    key: str
    """Idempotency key `act_<session>_<n>_<dispatch>`: letters, digits and `_`."""
    parameters: Mapping[str, Any]
    session: Mapping[str, Any]
    """The Session's facts as of firing; empty unless the action `sends_session`."""
    fired_ms: int


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One HTTP request; `body` is the very bytes that go out and that are signed.

    Its text shows the method only: addresses of some receivers are secrets, and headers hold credentials.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What came back: at most 64 KiB of it."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = field(repr=False)
    is_complete: bool = True
    """False if it was longer, or broke off."""
    received_ms: int = 0


class MailSecurity(StrEnum):
    """How a mail server is spoken to."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in. Without a username nobody logs in."""

    host: str
    port: int
    security: MailSecurity
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class MailMessage:
    """One e-mail to one or more addresses, as RFC 5322 bytes."""

    server: MailServer
    sender: str
    recipients: tuple[tuple[str, str], ...]
    """The path of the parameter that names it, and the address."""
    message_id: str
    message: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reach:
    """Resolve, connect, shake hands, and send nothing: the test of a receiver that knows no harmless request."""

    url: str = field(repr=False)


Request = HttpRequest | MailMessage
Probe = HttpRequest | MailServer | Reach
"""The cheapest thing that shows whether a Connection works."""


class BadOrder(Exception):
    """It cannot be sent as it is; by path of the parameter, what was expected."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{path}: {text}" for path, text in problems.items()))
        self.problems = dict(problems)


class BadConnection(Exception):
    """The Connection must be mended first; says which setting, and what was expected of it."""


class IntegrationModule(Protocol):
    """What each module of this package offers."""

    @property
    def DESCRIPTION(self) -> Integration:  # noqa: N802  # a constant of the module
        """What people and forms see."""

    def build(self, order: Order, connection: Connection) -> Request:
        """The request. Pure: the same order and connection give the same bytes (but for a signature's time).

        Raises:
            BadOrder: with what was expected, by path of the parameter.
            BadConnection: a setting is missing or wrong.
        """

    def classify(self, order: Order, response: HttpResponse) -> Outcome:
        """What an answer means. What went wrong on the way is classified once for all, in `sender.py`."""

    def probe(self, connection: Connection) -> Probe:
        """What to try so as to see whether the Connection works.

        Raises:
            BadConnection: a setting is missing or wrong.
        """

    def classify_probe(self, response: HttpResponse) -> Outcome:
        """What the answer says about the Connection."""


@runtime_checkable
class Refreshes(Protocol):
    """An integration whose access tokens run out and are had anew."""

    def build_refresh(self, connection: Connection) -> HttpRequest | None:
        """Ask for a new token; nothing if this Connection cannot."""

    def read_refresh(self, response: HttpResponse) -> Mapping[str, str] | None:
        """The secrets that changed; nothing if it was refused."""


@runtime_checkable
class LooksUp(Protocol):
    """An integration that can be asked whether something was done."""

    def build_look_up(self, order: Order, connection: Connection) -> HttpRequest:
        """Ask."""

    def classify_look_up(self, order: Order, response: HttpResponse) -> Outcome | None:
        """Sent, or not to be found out; nothing if it surely was not done."""


@runtime_checkable
class FollowsUp(Protocol):
    """An integration that needs more than one request. Each may be repeated without harm."""

    def follow_ups(self, order: Order, connection: Connection, outcome: Outcome) -> tuple[HttpRequest, ...]:
        """What is still to be sent once the first is done, in this order."""

    def classify_follow_up(self, order: Order, response: HttpResponse) -> Outcome:
        """What an answer to one of them means."""
