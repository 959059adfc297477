"""What an integration is: a module that describes itself, builds a request and reads the answer.

Everything in it is pure; sending is `server/actions/sender.py`, through the
one guarded door of `egress.py`. `tests/contract/test_integrations.py` runs
the same suite over all of them.

Rules: protocol/SPEC.md, IN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

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
    """One HTTP request; `body` is the very bytes that go out and that are signed."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What came back: at most 64 KiB of it."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


@dataclass(frozen=True, slots=True)
class MailMessage:
    """One e-mail to one or more addresses, as RFC 5322 bytes."""

    sender: str
    recipients: tuple[str, ...]
    message: bytes


Request = HttpRequest | MailMessage


class BadOrder(Exception):
    """It cannot be sent as it is; by path of the parameter, what was expected."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{path}: {text}" for path, text in problems.items()))
        self.problems = dict(problems)


class IntegrationModule(Protocol):
    """What each module of this package offers."""

    @property
    def DESCRIPTION(self) -> Integration:  # noqa: N802  # a constant of the module
        """What people and forms see."""

    def build(self, order: Order, connection: Connection) -> Request:
        """The request. Pure: the same order and connection give the same bytes (but for a signature's time).

        Raises:
            BadOrder: with what was expected, by path of the parameter.
        """

    def classify(self, order: Order, response: HttpResponse) -> Outcome:
        """What an answer means. What went wrong on the way is classified once for all, in `sender.py`."""
