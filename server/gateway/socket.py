"""The transport as a connection sees it, and the one that there is.

uvicorn accepts the connection and reads the upgrade; from there on `UvicornSocket`
speaks, with the sans-I/O protocol of `websockets` and without ASGI: a message
goes straight to the connection and straight to the network, no task in between.

Rules: protocol/SPEC.md, CN1 and CL.
"""

from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import Coroutine
from http import HTTPStatus
from typing import Any, Protocol, cast

import uvicorn
from starlette.requests import HTTPConnection
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from protocol.base import PROTOCOL
from protocol.refusals import CloseCode

log = logging.getLogger(__name__)
log.setLevel(logging.WARNING)  # `websockets` tells of every connection that opens

CLOSE_WITHIN_S = 10.0
"""A browser that reads nothing for this long is not waited for: it finds the connection broken, and comes back."""

GOING_AWAY = 1012
"""What is left when the process stops; the drain has told everybody by then."""


class Socket(Protocol):
    """One WebSocket: frames come in by `Receiver`, bytes go out without waiting."""

    peer: str

    @property
    def waiting_bytes(self) -> int:
        """Bytes given to `send` that the network did not take yet."""

    def send(self, message: bytes) -> None:
        """Queue one binary message; after `close`, drop it."""

    def close(self, code: CloseCode) -> None:
        """Send what is queued if the network takes it soon, then close. Later calls do nothing."""


class Receiver(Protocol):
    """Who is told what a WebSocket brings."""

    def receive(self, message: bytes | str) -> Coroutine[Any, Any, None] | None:
        """Take one message. What is returned is done before the next one is given."""


class Door(Protocol):
    """Who lets WebSockets in; uvicorn hands it to each one as `state["door"]`."""

    def admit(self, socket: Socket, upgrade: HTTPConnection) -> Receiver | None:
        """Whoever takes what this one brings; None refuses the upgrade. It may be sent to from now on."""

    def lost(self, receiver: Any) -> None:
        """It is over, whoever ended it."""


class UvicornSocket(asyncio.Protocol):
    """A `Socket`, and the protocol class that uvicorn makes one of for each upgrade."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self.peer = "local"
        self._door: Door = app_state["door"]
        self._siblings: set[Any] = server_state.connections
        self._words = ServerProtocol(subprotocols=cast("Any", [PROTOCOL]), max_size=config.ws_max_size, logger=log)
        self._transport: asyncio.Transport
        self._receiver: Receiver | None = None
        self._parts = bytearray()
        self._is_text = False
        self._unread: list[bytes | str] = []
        self._work: asyncio.Task[None] | None = None
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._is_holding = True
        self._close_code: CloseCode | None = None
        self._give_up: asyncio.TimerHandle | None = None
        self._is_over = False
        self._is_lost = False

    # --- as a Socket --------------------------------------------------------------------

    @property
    def waiting_bytes(self) -> int:
        """Bytes given to `send` that the network did not take yet."""
        return self._held_bytes + self._transport.get_write_buffer_size()

    def send(self, message: bytes) -> None:
        """Queue one binary message; after `close`, drop it."""
        if self._is_over:
            return
        framed = _frame_header(len(message)) + message
        if self._is_holding:
            self._held.append(framed)
            self._held_bytes += len(framed)
        else:
            self._transport.write(framed)

    def close(self, code: CloseCode) -> None:
        """Close after what is queued; a slow receiver's queue is dropped at once."""
        if self._is_over:
            return
        self._is_over = True
        self._close_code = code
        if code is CloseCode.SLOW:
            self._held.clear()
            self._held_bytes = 0
        self._give_up = asyncio.get_running_loop().call_later(CLOSE_WITHIN_S, self._transport.abort)
        if not self._held:
            self._say_close()

    # --- as uvicorn's protocol ------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._transport = cast("asyncio.Transport", transport)
        self._siblings.add(self)
        address = transport.get_extra_info("peername")
        if address:
            self.peer = f"{address[0]}:{address[1]}"

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self._words.receive_data(data)
        for event in self._words.events_received():
            if isinstance(event, Request):
                self._on_upgrade(event)
            elif isinstance(event, Frame) and event.opcode in (Opcode.BINARY, Opcode.TEXT, Opcode.CONT):
                self._on_frame(event)
        self._flush()

    def pause_writing(self) -> None:
        """See `asyncio.Protocol`. Who does not read is not read: even pongs would pile up."""
        self._is_holding = True
        self._read_or_not()

    def resume_writing(self) -> None:
        """See `asyncio.Protocol`."""
        self._is_holding = False
        while self._held and not self._is_holding:
            framed = self._held.pop(0)
            self._held_bytes -= len(framed)
            self._transport.write(framed)
        if self._close_code is not None and not self._held:
            self._say_close()
        self._read_or_not()

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._is_over = self._is_lost = True
        self._siblings.discard(self)
        if self._give_up is not None:
            self._give_up.cancel()
        if self._work is not None:
            self._work.cancel()
        elif self._receiver is not None:
            self._door.lost(self._receiver)

    def shutdown(self) -> None:
        """The process stops: end now."""
        self._is_over = True
        self._words.fail(GOING_AWAY)
        self._flush()
        self._transport.close()

    # --- in -------------------------------------------------------------------------------

    def _on_upgrade(self, request: Request) -> None:
        path, _, query = request.path.partition("?")
        lines = request.headers.raw_items()
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in lines]
        scope = {"type": "websocket", "path": path, "query_string": query.encode("latin-1"), "headers": headers}
        self._receiver = self._door.admit(self, HTTPConnection(scope))
        if self._receiver is None:
            self._words.send_response(self._words.reject(HTTPStatus.FORBIDDEN, ""))
            return
        self._words.send_response(self._words.accept(request))
        self._flush()
        self.resume_writing()

    def _on_frame(self, frame: Frame) -> None:
        if frame.opcode is not Opcode.CONT:
            self._parts.clear()
            self._is_text = frame.opcode is Opcode.TEXT
        self._parts += frame.data
        if frame.fin:
            message = bytes(self._parts)
            self._unread.append(message.decode(errors="replace") if self._is_text else message)
            self._give()

    def _give(self) -> None:
        """Give the receiver what came, until it has work to do first."""
        assert self._receiver is not None
        while self._unread and self._work is None and not self._is_over:
            work = self._receiver.receive(self._unread.pop(0))
            if work is not None:
                self._work = asyncio.get_running_loop().create_task(work)
                self._work.add_done_callback(self._on_done)
                self._read_or_not()

    def _on_done(self, work: asyncio.Task[None]) -> None:
        self._work = None
        if self._is_lost:
            self._door.lost(self._receiver)
        if work.cancelled():
            return
        try:
            work.result()
        except BaseException:
            self._transport.abort()
            raise
        self._give()
        self._read_or_not()

    def _read_or_not(self) -> None:
        """Take bytes from the network only while nothing is to be done first and the other side takes ours."""
        if self._transport.is_closing():
            return
        if self._work is not None or self._is_holding:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    # --- out ------------------------------------------------------------------------------

    def _say_close(self) -> None:
        if self._words.state is State.OPEN:
            assert self._close_code is not None
            self._words.send_close(self._close_code)
            self._flush()

    def _flush(self) -> None:
        """Send what the protocol itself has to say: the answer to the upgrade, pongs, closes."""
        for data in self._words.data_to_send():
            if data:
                self._transport.write(data)
            else:
                self._is_over = True
                self._transport.close()


def _frame_header(size: int) -> bytes:
    # One binary frame, whole and unmasked (RFC 6455, 5.2). Saves 3 µs a message over `ServerProtocol.send_binary`.
    if size < 126:
        return struct.pack("!BB", 0x82, size)
    if size < 65_536:
        return struct.pack("!BBH", 0x82, 126, size)
    return struct.pack("!BBQ", 0x82, 127, size)
