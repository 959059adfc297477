"""API tokens as administrators make, see and revoke them, over HTTP.

A token is in the answer that made it, and in no other. What programs do with
one is `protocol/api.py`.

Rules: protocol/SPEC.md, AT.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from protocol.base import END, Millis, Name, Record, TeamId
from protocol.events import Party

TokenId = Annotated[str, Meta(pattern=r"^api_[0-9a-f]{28}" + END, description="Names a token; proves nothing.")]


class Scope(StrEnum):
    """What a token may do."""

    WORKFLOWS_READ = "workflows:read"
    SESSIONS_READ = "sessions:read"
    SESSIONS_START = "sessions:start"
    SESSIONS_CONTROL = "sessions:control"
    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    CONNECTIONS_READ = "connections:read"
    AUDIT_READ = "audit:read"


Scopes = Annotated[tuple[Scope, ...], Meta(min_length=1, max_length=20)]
TokenTeams = Annotated[
    tuple[TeamId, ...] | None,
    Meta(description="Whose Sessions it sees, and starts; null for those of all teams."),
]


class ApiTokenLine(Record, frozen=True, kw_only=True):
    """A token as administrators see it."""

    id: TokenId
    name: Name
    hint: Annotated[str, Meta(description="How the token begins, to know it again.")]
    scopes: tuple[Scope, ...]
    team_ids: TokenTeams
    made_by: Party
    made_ms: Millis
    expires_ms: Annotated[Millis | None, Meta(description="Null: it does not expire.")]
    last_used_ms: Annotated[Millis | None, Meta(description="To the minute; null if it never was.")]
    revoked_ms: Millis | None


class ApiTokenLines(Record, frozen=True, kw_only=True):
    """Answer of /api/tokens: those that work by name, then the others."""

    lines: tuple[ApiTokenLine, ...]


class NewApiToken(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST /api/tokens."""

    name: Name
    scopes: Scopes
    team_ids: Annotated[
        Annotated[tuple[TeamId, ...], Meta(min_length=1, max_length=200)] | None, Meta(description="Null: all teams.")
    ] = None
    expires_ms: Millis | None = None


class ApiTokenMade(Record, frozen=True, kw_only=True):
    """Answer of POST /api/tokens."""

    line: ApiTokenLine
    token: Annotated[str, Meta(description="Shown now and never again.")]
