"""The demo's Connections: whatever the sample Workflows send goes to the receiver that runs beside the demo.

Rules: protocol/SPEC.md, RX.
"""

from __future__ import annotations

from collections.abc import Iterator

from protocol.workflow import WorkflowDocument
from server.receiver.secret import demo_signing_secret
from server.records.connections import SqlConnections
from server.settings import Settings

LOOPBACK = "127.0.0.1"


async def seed_connections(
    connections: SqlConnections, documents: tuple[WorkflowDocument, ...], settings: Settings
) -> None:
    """Make those that are missing, and have those of an earlier start lead to where the receiver is now."""
    for integration, name in dict.fromkeys(_named(documents)):
        wanted = _settings_of(integration, name, settings)
        if wanted is None:
            continue
        secrets = {"signing_secret": demo_signing_secret(settings)} if integration == "webhook" else {}
        found = await connections.ensure(integration, name, wanted, secrets)
        leads_here = LOOPBACK in (found.settings.get("url") or found.settings.get("host") or "")
        if leads_here and found.settings != wanted:
            await connections.update(found.id, "system", settings=wanted)


def _named(documents: tuple[WorkflowDocument, ...]) -> Iterator[tuple[str, str]]:
    for document in documents:
        for section in document.sections:
            for template in section.actions:
                if template.connection is not None:
                    yield template.integration.partition(".")[0], template.connection


def _settings_of(integration: str, name: str, settings: Settings) -> dict[str, str] | None:
    """None if the receiver is no such system."""
    match integration:
        case "webhook":
            return {"url": f"{settings.receiver_url}hooks/{_slug(name)}", "deduplicates": "yes"}
        case "email":
            sender = f"{_slug(name)}@sidecoach.example"
            port = str(settings.receiver_mail_port)
            return {"host": LOOPBACK, "port": port, "security": "none", "from_address": sender}
        case _:
            return None


def _slug(name: str) -> str:
    return "-".join(name.lower().split())
