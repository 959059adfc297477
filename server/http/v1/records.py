"""What programs read of an installation beside Sessions: whether its Connections work, and its audit log.

Rules: protocol/SPEC.md, AP15.
"""

from __future__ import annotations

import msgspec

from protocol.api import ApiConnection, ApiConnections, AuditAsked, AuditRow, AuditRows
from server.http.v1.operation import ApiParts, Call
from server.people_ports import AuditQuery


async def list_connections(parts: ApiParts, call: Call) -> ApiConnections:
    """Those of the account, without settings and secrets."""
    switched = await parts.connections.enabled()
    return ApiConnections(
        lines=tuple(
            ApiConnection(
                id=view.id,
                integration=view.integration,
                integration_enabled=switched.get(view.integration, True),
                name=view.name,
                status=view.status,
                reason=view.reason,
            )
            for view in await parts.connections.list(None)
            if view.owner is None and view.integration in parts.integrations
        )
    )


async def list_audit(parts: ApiParts, call: Call) -> AuditRows:
    """A page, the newest first."""
    asked: AuditAsked = call.asked
    query = AuditQuery(
        act=asked.act or None,
        actor=asked.actor or None,
        subject=asked.subject or None,
        from_ms=asked.from_ms,
        to_ms=asked.to_ms,
        after=asked.cursor,
        limit=asked.limit,
    )
    await parts.audit.record(call.caller.id, "audit_read", "audit", {})
    found = await parts.audit.find(query)
    return AuditRows(
        lines=tuple(msgspec.convert(line, AuditRow, from_attributes=True) for line in found.lines), next=found.next
    )
