"""A person's page in Python: speaks the protocol as the browser does, over a real socket.

For the self-test and the tests. It keeps each joined Session's view by the
same generic apply, checks that deltas follow each other, and knows which of
its commands were acknowledged. It does not reconnect by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import secrets
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from protocol.base import PROTOCOL, Csn, Position, Seq, SessionId, VersionId
from protocol.commands import Command, StartSession
from protocol.frames import EphemeralUp, Hello, Join, JoinList, Leave, Pong
from protocol.refusals import RefuseCode
from protocol.views import Audience
from session_engine.refused import Refused

WAIT_S = 10.0
"""Longer than any repair that the server promises."""


class Replica:
    """One Session as this page sees it."""

    def __init__(self) -> None:
        self.position: Position | None = None
        self.audience: Audience | None = None
        self.reason = ""
        self.view: dict[str, dict[str, Any]] = {}
        self.people: list[dict[str, Any]] = []
        self.doing: dict[str, dict[str, Any]] = {}
        self.seqs: list[Seq] = []

    @property
    def head(self) -> dict[str, Any]:
        """The record that is one per Session."""
        record: dict[str, Any] = self.view["head"]["session"]
        return record

    @property
    def visit(self) -> dict[str, Any]:
        """The current visit."""
        record: dict[str, Any] = self.view["visits"][self.head["current_visit_id"]]
        return record

    def take_view(self, frame: dict[str, Any]) -> None:
        """Replace everything."""
        self.position = msgspec.convert(frame["position"], Position)
        self.audience, self.reason, self.view = Audience(frame["audience"]), frame["reason"], frame["view"]

    def take_delta(self, frame: dict[str, Any]) -> None:
        """Apply the next entry; one that was seen before is dropped.

        Raises:
            RuntimeError: the delta does not follow.
        """
        assert self.position is not None
        if frame["seq"] <= self.position.seq:
            return
        if (frame["seq"], frame["previous_id"]) != (self.position.seq + 1, self.position.entry_id):
            raise RuntimeError(f"delta {frame['seq']} does not follow {self.position}")
        for op in frame["ops"]:
            if op["op"] == "put":
                self.view[op["collection"]][op["id"]] = op["record"]
            else:
                del self.view[op["collection"]][op["id"]]
        self.position = Position(seq=frame["seq"], entry_id=frame["entry_id"])
        self.seqs.append(frame["seq"])


class Page:
    """One connection of one person."""

    def __init__(self, socket: ClientConnection, client_id: str) -> None:
        self.client_id = client_id
        self.welcome: dict[str, Any] = {}
        self.sessions: dict[SessionId, Replica] = {}
        self.live: dict[SessionId, dict[str, Any]] = {}
        self.alerts: list[dict[str, Any]] = []
        self.snoozes: list[dict[str, Any]] = []
        self.frames: list[bytes] = []
        self.close_code: int | None = None
        self.closing: dict[str, Any] | None = None
        self._socket = socket
        self._csns = itertools.count(1)
        self._replies: dict[Csn, asyncio.Future[Seq]] = {}
        self._joins: dict[SessionId, asyncio.Future[None]] = {}
        self._changed = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, url: str, *, cookie: str, client_id: str | None = None, origin: str | None = None) -> Self:
        """Connect and say hello.

        Args:
            url: `ws://host:port/ws`.
            cookie: the Cookie header of the sign-in.
            client_id: 32 hex digits; drawn if not given.
            origin: the Origin header, if any.
        """
        socket = await connect(
            url,
            subprotocols=[PROTOCOL],  # type: ignore[list-item]
            additional_headers={"Cookie": cookie, **({"Origin": origin} if origin else {})},
            max_size=None,
            compression=None,
            ping_interval=None,
            proxy=None,
        )
        page = cls(socket, client_id or secrets.token_hex(16))
        await page.send(Hello(client_id=page.client_id, build="python"))
        await page.until(lambda: bool(page.welcome) or page.close_code is not None)
        return page

    @property
    def local_address(self) -> tuple[str, int]:
        """This end of the connection."""
        host, port = self._socket.local_address[:2]
        return host, port

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Leave as a closed tab does."""
        await self._socket.close()
        await self._reader

    async def drop(self) -> None:
        """Vanish without a word, as a dead laptop does."""
        self._socket.transport.abort()
        await self._reader

    async def send(self, frame: msgspec.Struct) -> None:
        """Send one frame."""
        await self._socket.send(msgspec.json.encode(frame))

    async def send_raw(self, message: bytes | str) -> None:
        """Send one message as it is."""
        await self._socket.send(message)

    async def join(self, session_id: SessionId, position: Position | None = None) -> Replica:
        """Follow a Session; returns once it is shown.

        Raises:
            Refused: with the server's code.
        """
        replica = self.sessions.setdefault(session_id, Replica())
        joined = self._joins[session_id] = asyncio.get_running_loop().create_future()
        await self.send(Join(session_id=session_id, position=position, audience=replica.audience))
        await asyncio.wait_for(joined, WAIT_S)
        return replica

    async def leave(self, session_id: SessionId) -> None:
        """Stop following."""
        await self.send(Leave(session_id=session_id))
        self.sessions.pop(session_id, None)

    async def follow_live(self) -> None:
        """Follow the list of live Sessions."""
        await self.send(JoinList())

    async def say_doing(self, frame: EphemeralUp) -> None:
        """Tell the others what this person is doing."""
        await self.send(frame)

    async def start(self, version_id: VersionId, *, training: bool = False) -> SessionId:
        """Start a Session and join it."""
        session_id = secrets.token_hex(16)
        await self.command(session_id, StartSession(version_id=version_id, training=training))
        await self.join(session_id)
        return session_id

    async def command(self, session_id: SessionId, command: Command, *, csn: Csn | None = None) -> Seq:
        """Send a command and wait until it is stored; returns its seq.

        Raises:
            Refused: with the server's code. ConnectionError: closed before the answer.
        """
        csn = next(self._csns) if csn is None else csn
        reply = self.expect(csn)
        body = msgspec.json.encode(command)
        await self._socket.send(
            b'{"type":"command","session_id":"%s","csn":%d,"body":%s}' % (session_id.encode(), csn, body)
        )
        return await asyncio.wait_for(reply, WAIT_S)

    def expect(self, csn: Csn) -> asyncio.Future[Seq]:
        """The answer to a command that is or was sent under this csn."""
        reply: asyncio.Future[Seq] = asyncio.get_running_loop().create_future()
        self._replies[csn] = reply
        return reply

    async def until(self, holds: Callable[[], bool], timeout_s: float = WAIT_S) -> None:
        """Wait for frames until something holds.

        Raises:
            TimeoutError: it did not.
        """
        async with asyncio.timeout(timeout_s):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                assert isinstance(message, bytes)
                self.frames.append(message)
                await self._take(msgspec.json.decode(message))
                self._changed.set()
        except ConnectionClosed:
            pass
        finally:
            self.close_code = self._socket.close_code
            self._changed.set()
            pending: list[asyncio.Future[Any]] = [*self._replies.values(), *self._joins.values()]
            for waiting in pending:
                if not waiting.done():
                    waiting.set_exception(ConnectionError(f"closed with {self.close_code}"))
                    # Who stopped waiting must not be told twice.
                    with contextlib.suppress(ConnectionError):
                        waiting.exception()

    async def _take(self, frame: dict[str, Any]) -> None:
        replica = self.sessions.get(frame.get("session_id", ""))
        match frame["type"]:
            case "welcome":
                self.welcome = frame
            case "view" if replica is not None:
                replica.take_view(frame)
                self._joined(frame["session_id"])
            case "resumed" if replica is not None:
                replica.audience, replica.reason = Audience(frame["audience"]), "resumed"
                self._joined(frame["session_id"])
            case "delta":
                if replica is not None:
                    replica.take_delta(frame)
                if frame["client_id"] == self.client_id:
                    self._settle(frame["csn"], frame["seq"])
            case "acknowledged":
                self._settle(frame["csn"], frame["seq"])
            case "refusal":
                self._refuse(frame)
            case "presence" if replica is not None:
                replica.people = frame["people"]
            case "ephemeral" if replica is not None:
                replica.doing[frame["person_id"]] = frame
            case "list":
                if frame["whole"]:
                    self.live.clear()
                self.live.update({live["session_id"]: live for live in frame["put"]})
                for session_id in frame["remove"]:
                    self.live.pop(session_id, None)
            case "alerts":
                self.alerts, self.snoozes = frame["alerts"], frame["snoozes"]
            case "ping":
                await self.send(Pong())
            case "closing":
                self.closing = frame

    def _joined(self, session_id: SessionId) -> None:
        waiting = self._joins.get(session_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    def _settle(self, csn: Csn, seq: Seq) -> None:
        reply = self._replies.pop(csn, None)
        if reply is not None and not reply.done():
            reply.set_result(seq)

    def _refuse(self, frame: dict[str, Any]) -> None:
        refused = Refused(RefuseCode(frame["code"]), frame["detail"])
        waiting: asyncio.Future[Any] | None
        if frame["csn"] is None:
            waiting = self._joins.get(frame["session_id"])
        else:
            waiting = self._replies.pop(frame["csn"], None)
        if waiting is not None and not waiting.done():
            waiting.set_exception(refused)
