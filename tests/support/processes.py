"""Server processes and pages without sockets, for tests that look between two steps."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

import msgspec

from protocol.account import Policy
from protocol.base import ClientId, Csn, SessionId
from protocol.commands import Command
from server.client import Replica
from server.folded import Accepted
from server.records.archive import SqlArchive
from server.records.catalog import SqlCatalog
from server.records.database import Database
from server.records.people import SqlPeople
from server.records.session_keys import SqlSessionKeys
from server.recreating import RecreatingStore
from server.rooms.live_list import LiveList
from server.rooms.rooms import Rooms
from server.store.keyring import KeyRing
from server.store.memory import MemoryStore
from server.store.sealing import Sealing
from server.submit import Submit
from session_engine.context import Actor
from session_engine.refused import Refused
from tests.support.notes import Editor
from tests.support.notices import no_notices


class Process:
    """One server process without its sockets."""

    def __init__(self, store: MemoryStore, database: Database, key_ring: KeyRing) -> None:
        self.live = store
        self.archive = SqlArchive(database)
        self.store = RecreatingStore(store, self.archive, Policy)
        sealing = Sealing(SqlSessionKeys(database, key_ring))
        people = SqlPeople(database)
        self.submit = Submit(
            self.store,
            SqlCatalog(database),
            sealing,
            key_ring,
            Policy,
            find_people=people.find_active,
            find_team=people.find_team,
        )
        self.rooms = Rooms(self.submit, self.store, LiveList(self.store, key_ring), no_notices(self.store))

    async def start(self) -> None:
        """Begin to listen."""
        await self.store.start(self.rooms.on_push)

    async def close(self) -> None:
        """Stop."""
        await self.rooms.close()
        await self.submit.close()
        await self.store.close()


async def nothing_to_record() -> None:
    """Stands for the audit row of a watcher."""


async def submit(
    door: Submit, session_id: SessionId, command: Command, actor: Actor, client_id: ClientId, csn: Csn
) -> Accepted:
    """Have a command decided and wait for the outcome.

    Raises:
        Refused: nothing changed.
    """
    outcomes: asyncio.Future[Accepted | Refused] = asyncio.get_running_loop().create_future()
    door.enqueue(await door.sessions.open(session_id), command, actor, client_id, csn, outcomes.set_result)
    outcome = await outcomes
    if isinstance(outcome, Refused):
        raise outcome
    return outcome


class Tab:
    """One page: holds a view, sends numbered commands, may lose its connection and come back elsewhere."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.connection_id = ""
        self.is_gone = False
        self.is_behind = False
        self.live: dict[SessionId, dict[str, Any]] = {}
        self.client_id = secrets.token_hex(16)
        self.replica = Replica()
        self.process: Process | None = None
        self.accepted: dict[int, int] = {}
        self.csn = 0
        self.editor = Editor()
        self._frames: list[bytes] = []

    def send(self, frame: bytes) -> None:
        """Take a frame in."""
        decoded: dict[str, Any] = msgspec.json.decode(frame)
        if decoded["type"] == "view":
            self.replica.take_view(decoded)
        elif decoded["type"] == "list":
            self.live.update({live["session_id"]: live for live in decoded["put"]})
        elif decoded["type"] == "delta":
            self.replica.take_delta(decoded)
            if decoded["client_id"] == self.client_id:
                self.accepted[decoded["csn"]] = decoded["seq"]

    send_droppable = send

    async def connect(self, process: Process, session_id: SessionId) -> None:
        """Join on a process, from the position held."""
        self.disconnect(session_id)
        self.process, self.connection_id = process, secrets.token_hex(8)
        await process.rooms.join(self, session_id, self.replica.position, None, nothing_to_record)

    def disconnect(self, session_id: SessionId) -> None:
        """The connection breaks."""
        if self.process is not None:
            self.process.rooms.leave(self, session_id, broke=True)
            self.process = None
