"""What the server needs to know of API tokens, and of requests that were made before."""

from __future__ import annotations

from typing import Protocol

from protocol.api_tokens import ApiTokenLine, ApiTokenLines, NewApiToken, Scope
from protocol.base import Name, PersonId, Record, TeamId


class ApiCaller(Record, frozen=True, kw_only=True):
    """A program that asks, by the token that it showed."""

    id: str
    name: Name
    scopes: frozenset[Scope]
    team_ids: frozenset[TeamId]
    is_limited: bool
    """To these teams, whichever there will be."""


class ApiTokens(Protocol):
    """Tokens of programs. Knows hashes only; every change writes its audit row."""

    async def find_caller(self, token: str) -> ApiCaller | None:
        """Whose a token is that works: neither revoked, in any process for 2 s, nor expired."""

    async def lines(self) -> ApiTokenLines:
        """All of them, as administrators see them."""

    async def make(self, new: NewApiToken, by: PersonId) -> tuple[ApiTokenLine, str]:
        """A new one, and the token itself. Raises `UnknownTeam`."""

    async def revoke(self, token_id: str, by: PersonId) -> bool:
        """End it in all processes within 2 s; whether there is such a token. Repeated calls are harmless."""


class KeyReused(Exception):
    """The idempotency key was used for another request."""


class KeyInUse(Exception):
    """The first request of this idempotency key is not answered yet."""


class KeptAnswer(Record, frozen=True, kw_only=True):
    """What a request was answered."""

    status: int
    body: bytes


class AnswerBook(Protocol):
    """Answers by idempotency key, for a day; what is kept can be read only with the token and the key."""

    async def begin(self, token: str, key: str, fingerprint: str) -> KeptAnswer | None:
        """What the same request was answered before; None: it is the first. Raises `KeyReused`, `KeyInUse`."""

    async def finish(self, token: str, key: str, answer: KeptAnswer) -> None:
        """Keep its answer."""

    async def give_up(self, token: str, key: str) -> None:
        """It came to nothing: the next one with this key is the first."""
