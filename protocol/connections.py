"""Connections as their administrators and owners see and change them, over HTTP.

What a Connection must know is said by its Integration (`integrations.py`). No
secret is in anything that is read; what a sender gets is
`server/actions/integrations/base.py`.

Rules: protocol/SPEC.md, CO.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta

from protocol.actions import OutcomeKind
from protocol.base import END, Key, Millis, Name, Record
from protocol.events import Party
from protocol.integrations import Integration, IntegrationActionId

ConnectionId = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}" + END, description="128 random bits in hex.")]
SettingText = Annotated[str, Meta(max_length=4_000)]
SettingTexts = Annotated[dict[Key, SettingText], Meta(max_length=50, description="By the key of their Setting.")]


class ConnectionStatus(StrEnum):
    """Whether Actions can be sent through it."""

    OK = "ok"
    NEEDS_ATTENTION = "needs_attention"
    DISABLED = "disabled"


class SecretState(Record, frozen=True, kw_only=True):
    """All that is ever read of a secret."""

    set: bool
    last4: Annotated[str, Meta(description="Its last four characters; empty if it is too short to tell them.")] = ""
    updated_ms: Millis | None = None


class RecentDeliveries(Record, frozen=True, kw_only=True):
    """The last attempts through a Connection, at most ten, of the last day."""

    failed: Annotated[int, Meta(description="Those that were not sent, whatever became of it later.")]
    of: int


class ConnectionView(Record, frozen=True, kw_only=True):
    """One Connection, without its secrets."""

    id: ConnectionId
    integration: Key
    name: Name
    owner: Annotated[Party | None, Meta(description="Whose it is; null if it is the account's.")]
    status: ConnectionStatus
    reason: Annotated[str, Meta(description="Why it is not ok, in words.")]
    settings: dict[str, str]
    secrets: Annotated[dict[str, SecretState], Meta(description="By the key of their Setting.")]
    rotating_until_ms: Annotated[
        Millis | None, Meta(description="Until then the secret before the last one signs too.")
    ]
    created_ms: Millis
    updated_ms: Millis
    recent: Annotated[RecentDeliveries | None, Meta(description="In lists; null if nothing was sent lately.")] = None


class OfferedIntegration(Record, frozen=True, kw_only=True):
    """An Integration of this installation, and whether it is switched on."""

    integration: Integration
    enabled: bool


class MissingConnection(Record, frozen=True, kw_only=True):
    """What Workflows send through, and nobody made yet."""

    integration: Key
    name: Annotated[str | None, Meta(description="Null: any one would do.")]


class IntegrationsAnswer(Record, frozen=True, kw_only=True):
    """Answer of /api/integrations: forms are drawn from it."""

    integrations: tuple[OfferedIntegration, ...]
    connections: Annotated[
        tuple[ConnectionView, ...], Meta(description="For administrators all of them, for others their own.")
    ]
    missing: Annotated[
        tuple[MissingConnection, ...],
        Meta(description="To administrators: what Actions of offered Workflows wait for."),
    ] = ()


class IntegrationChange(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of PUT /api/integrations/{key}."""

    enabled: bool


class NewConnection(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST /api/connections."""

    integration: Key
    name: Name
    personal: Annotated[bool, Meta(description="Of who makes it, instead of the account's.")] = False
    settings: SettingTexts = {}
    secrets: SettingTexts = {}


class ConnectionChange(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of PUT /api/connections/{id}; null leaves a part as it is, and so does a blank secret."""

    name: Name | None = None
    settings: SettingTexts | None = None
    secrets: SettingTexts = {}
    enabled: bool | None = None


class ConnectionMade(Record, frozen=True, kw_only=True):
    """A Connection that was made, or whose secret was rotated."""

    connection: ConnectionView
    drawn: Annotated[dict[str, str], Meta(description="Secrets that were drawn for it: shown now and never again.")]


class Rotation(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST /api/connections/{id}/rotate."""

    setting: Key
    secret: Annotated[SettingText, Meta(description="The new one; blank to have it drawn.")] = ""


class TrialOrder(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST /api/connections/{id}/test-fire: what is sent, once, outside any Session."""

    action: IntegrationActionId
    parameters: dict[str, Any] = {}


class Trial(Record, frozen=True, kw_only=True):
    """What came of testing a Connection."""

    kind: OutcomeKind
    message: str
    field_messages: dict[str, str]
    status: int | None
    duration_ms: int
    excerpt: str
    connection: ConnectionView


class Delivery(Record, frozen=True, kw_only=True):
    """One attempt through a Connection, as its delivery log keeps it. Holds no credential."""

    at_ms: Millis
    connection_id: ConnectionId
    session_id: Annotated[str | None, Meta(description="Null if it was a test.")] = None
    action_id: str | None = None
    action_name: Annotated[str, Meta(max_length=200)] = ""
    action: Annotated[str, Meta(description="Id of the Integration's action.")]
    attempt: int = 1
    key: Annotated[str, Meta(description="Idempotency key that went along.")] = ""
    kind: OutcomeKind
    status: Annotated[int | None, Meta(description="HTTP status or SMTP code.")] = None
    duration_ms: int = 0
    message: str = ""
    excerpt: Annotated[str, Meta(description="Of the answer: at most 4 KiB, without secrets.")] = ""
    host: Annotated[str, Meta(description="Where it went.")] = ""


class Deliveries(Record, frozen=True, kw_only=True):
    """Answer of /api/connections/{id}/deliveries, the newest first."""

    deliveries: tuple[Delivery, ...]
    next: Annotated[str | None, Meta(description="What the page after this is asked by; null if there is none.")]


class EgressRule(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Receivers on a network of one's own that may be reached, though such addresses otherwise are not."""

    network: Annotated[str, Meta(max_length=50, description="One address or network such as 10.20.0.0/24.")]
    port: Annotated[int, Meta(ge=1, le=65_535)]
    note: Annotated[str, Meta(max_length=200, description="What is there.")] = ""


class EgressRules(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Answer and body of /api/egress-rules."""

    rules: Annotated[tuple[EgressRule, ...], Meta(max_length=100)]
