"""Programs that use the HTTP API: tokens for them, and clients that show one."""

from __future__ import annotations

from typing import Any

import httpx

from protocol.account import PersonRole
from protocol.api_tokens import NewApiToken, Scope
from protocol.base import SessionId
from protocol.commands import Command, StartSession
from server.folded import Accepted
from server.records.api_tokens import SqlApiTokens
from server.records.catalog import SqlCatalog
from server.records.database import Database
from server.records.people import SqlPeople
from server.submit import Submit
from session_engine.context import Actor
from session_engine.guidance import session_id_of
from tests.support.people import ADDRESS
from tests.support.workflows import SMALL_DOCUMENT

ALL_SCOPES = tuple(Scope)


async def make_token(
    database: Database, *scopes: Scope, name: str = "Dialler", team_ids: tuple[str, ...] | None = None
) -> str:
    """A token with these scopes, of all teams unless some are named."""
    new = NewApiToken(name=name, scopes=scopes or ALL_SCOPES, team_ids=team_ids)
    _, token = await SqlApiTokens(database).make(new, by="ada")
    return token


def program(app: Any, token: str | None) -> httpx.AsyncClient:
    """A client of an application in this process; without Origin, as programs are."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS, headers=headers)


class Calls:
    """Sessions of agents, started past the API."""

    def __init__(self, app: Any, version_id: str) -> None:
        self._submit: Submit = app.state.submit
        self.version_id = version_id
        self._number = 0

    async def start(self, agent: Actor, *, external_id: str | None = None, training: bool = False) -> SessionId:
        """A new one on its first Section."""
        self._number += 1
        session_id = f"{self._number:032x}" if external_id is None else session_id_of(external_id)
        command = StartSession(version_id=self.version_id, external_id=external_id, training=training)
        await self._submit.start(session_id, command, agent, "a" * 32, 1)
        return session_id

    async def do(self, session_id: SessionId, agent: Actor, *commands: Command) -> None:
        """What the agent does in it."""
        folded = await self._submit.sessions.open(session_id)
        for command in commands:
            csn = folded.state.seq + 1
            accepted = await self._submit.submit(folded, command, agent, "a" * 32, csn)
            assert isinstance(accepted, Accepted), accepted


async def publish(database: Database, app: Any) -> Calls:
    """The small Workflow, and calls of it."""
    published = await SqlCatalog(database).publish(SMALL_DOCUMENT)
    return Calls(app, published.version.id)


async def arrange_team(database: Database, team_id: str, *names: str) -> tuple[Actor, ...]:
    """Agents of a team of their own."""
    members = tuple(
        Actor(id=f"{name.casefold()}_id", name=name, roles=frozenset({PersonRole.AGENT}), team_ids=frozenset({team_id}))
        for name in names
    )
    await SqlPeople(database).add_team(team_id, team_id.capitalize(), members)
    return members
