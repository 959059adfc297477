"""The transport as a connection sees it, and its ASGI form.

A connection sends bytes and never waits. The adapter owns the outgoing queue,
counts what waits, and stops reading while the connection asks it to.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from protocol.refusals import CloseCode


class Socket(Protocol):
    """One WebSocket: frames come in by callback, bytes go out without waiting."""

    peer: str

    @property
    def waiting_bytes(self) -> int:
        """Bytes given to `send` that the network did not take yet."""

    def send(self, message: bytes) -> None:
        """Queue one binary message."""

    def close(self, code: CloseCode) -> None:
        """Send what is queued if the network takes it soon, then close. Later calls do nothing."""


class AsgiSocket:
    """A `Socket` over Starlette's WebSocket."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._queue: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self._waiting_bytes = 0
        self._close_code: CloseCode | None = None
        client = websocket.client
        self.peer = f"{client.host}:{client.port}" if client is not None else "local"

    @property
    def waiting_bytes(self) -> int:
        """Bytes given to `send` that the network did not take yet."""
        return self._waiting_bytes

    def send(self, message: bytes) -> None:
        """Queue one binary message; after `close`, drop it."""
        if self._close_code is None:
            self._queue.append(message)
            self._waiting_bytes += len(message)
            self._wake.set()

    def close(self, code: CloseCode) -> None:
        """Close after what is queued; a slow receiver's queue is dropped at once."""
        if self._close_code is None:
            self._close_code = code
            if code is CloseCode.SLOW:
                self._queue.clear()
            self._wake.set()

    async def run(self, on_message: Callable[[bytes | str], Awaitable[None]]) -> None:
        """Carry messages both ways until either side closes."""
        writer = asyncio.create_task(self._write())
        reader = asyncio.create_task(self._read(on_message))
        try:
            done, _ = await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (reader, writer):
                task.cancel()
            await asyncio.gather(reader, writer, return_exceptions=True)
        for task in done:
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error

    async def _read(self, on_message: Callable[[bytes | str], Awaitable[None]]) -> None:
        while self._close_code is None:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            content = message.get("bytes")
            await on_message(content if content is not None else message["text"])
        await asyncio.get_running_loop().create_future()  # the writer closes; nothing more is read

    async def _write(self) -> None:
        try:
            while True:
                while self._queue:
                    message = self._queue.popleft()
                    await self._websocket.send({"type": "websocket.send", "bytes": message})
                    self._waiting_bytes -= len(message)
                if self._close_code is not None:
                    await self._websocket.close(self._close_code)
                    return
                self._wake.clear()
                await self._wake.wait()
        except WebSocketDisconnect:
            return
