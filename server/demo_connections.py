"""The demo's Connections: whatever the sample Workflows send goes to the receiver that runs beside the demo.

The receiver is on this machine, which nothing that is sent may reach without
a rule that says so: the demo makes one, and every administrator sees it.

Rules: protocol/SPEC.md, RX.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from protocol.connections import EgressRule
from protocol.workflow import WorkflowDocument
from server.receiver.secret import demo_signing_secret
from server.records.connections import SqlConnections
from server.records.egress_rules import SqlEgressRules
from server.settings import Settings

LOOPBACK = "127.0.0.1"
NOTE = "The demo's receiver"


async def seed_connections(
    connections: SqlConnections,
    rule_book: SqlEgressRules,
    documents: tuple[WorkflowDocument, ...],
    settings: Settings,
) -> None:
    """Make those that are missing, and have those of an earlier start lead to where the receiver is now."""
    await _let_out(rule_book, settings)
    for integration, name in dict.fromkeys(_named(documents)):
        wanted = _settings_of(integration, name, settings)
        if wanted is None:
            continue
        secrets = {"signing_secret": demo_signing_secret(settings)} if integration == "webhook" else {}
        found = await connections.ensure(integration, name, wanted, secrets)
        leads_here = LOOPBACK in (found.settings.get("url") or found.settings.get("host") or "")
        if leads_here and found.settings != wanted:
            await connections.update(found.id, "system", settings=wanted)


async def _let_out(rule_book: SqlEgressRules, settings: Settings) -> None:
    ports = [urlsplit(settings.receiver_url or "").port, settings.receiver_mail_port]
    wanted = [EgressRule(network=f"{LOOPBACK}/32", port=port, note=NOTE) for port in ports if port is not None]
    rules = await rule_book.rules()
    kept = [rule for rule in rules if rule.note != NOTE]
    if set(rules) != {*kept, *wanted}:
        await rule_book.replace((*kept, *wanted), "system")


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
