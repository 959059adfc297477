"""One connection to a Valkey or Redis server.

Commands of all callers share it: each is queued, what gathers within a
millisecond goes out in one write, and replies are matched in order. A caller
that goes away leaves its place in the queue, so no reply reaches another
caller. A connection from which nothing comes while replies are due is cut.
Which server to ask, and asking again, is in `nodes.py`.

Rules: protocol/SPEC.md, ST9, ST10.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, cast

import hiredis

from server.ports import Unavailable
from server.store.address import Access, Address

GATHER_S = 0.001
"""While replies are due, commands wait this long for company: a write costs about as much as five commands."""

SILENCE_S = 1.5
"""No byte for this long with replies due = gone. Well above a slow fsync, below the 2 s that callers bear."""

LAST_CHANCE_S = 0.05
CONNECT_S = 1.0
MOST_WAITING = 20_000
"""Commands under way on one connection; beyond it the server is overloaded, and waiting would not help."""

Argument = str | bytes | int
OnPush = Callable[[bytes, bytes], None]


class Wire(asyncio.Protocol):
    """A pipelined connection; `open` makes one. With `on_push` it delivers the messages of sharded channels."""

    def __init__(self, address: Address, on_push: OnPush | None = None) -> None:
        self.address = address
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._loop = asyncio.get_running_loop()
        self._on_push = on_push
        self._reader = hiredis.Reader()
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._unsent: list[bytes] = []
        self._sent = 0
        self._flush: asyncio.Handle | None = None
        self._silence: asyncio.TimerHandle | None = None
        self._heard = 0.0

    @classmethod
    async def open(
        cls,
        address: Address,
        access: Access,
        greeting: Sequence[Sequence[Argument]] = (),
        on_push: OnPush | None = None,
    ) -> Wire:
        """Connect, sign in and send the greeting commands.

        Raises:
            Unavailable: the server cannot be reached in time, or refuses.
        """
        loop = asyncio.get_running_loop()
        wire = cls(address, on_push)
        try:
            async with asyncio.timeout(CONNECT_S):
                if address.port:
                    await loop.create_connection(lambda: wire, address.host, address.port, ssl=access.tls)
                else:
                    await loop.create_unix_connection(lambda: wire, address.host)
                await asyncio.gather(*[wire.call(*command) for command in (*_sign_in(access), *greeting)])
        except (OSError, TimeoutError, hiredis.ReplyError, Unavailable) as error:
            wire.cut()
            raise Unavailable(f"{address}: {error or 'no answer'}") from error
        except BaseException:
            wire.cut()
            raise
        return wire

    @property
    def is_up(self) -> bool:
        """The connection takes commands."""
        return not self.lost.done()

    def call(self, *arguments: Argument) -> asyncio.Future[Any]:
        """Queue one command; the future is its reply.

        Raises (in the future): Unavailable if the connection is lost, hiredis.ReplyError if the server refuses.
        """
        reply: asyncio.Future[Any] = self._loop.create_future()
        if self.lost.done() or len(self._waiting) >= MOST_WAITING:
            reply.set_exception(Unavailable(f"{self.address}: {'lost' if self.lost.done() else 'overloaded'}"))
            return reply
        self._waiting.append(reply)
        self._unsent.append(hiredis.pack_command(cast("Any", arguments)))
        if self._flush is None:
            self._flush = (
                self._loop.call_later(GATHER_S, self._send) if self._sent else self._loop.call_soon(self._send)
            )
        return reply

    def cut(self) -> None:
        """Drop the connection; every reply that is due becomes Unavailable."""
        if self._transport is not None:
            self._transport.abort()
        self.connection_lost(None)

    async def finish(self) -> None:
        """Wait for the replies that are due, then close."""
        if self._waiting:
            last = self.call("PING")  # answered after all others, even if their callers went away
            last.add_done_callback(asyncio.Future.exception)
            await asyncio.wait([last, self.lost], return_when=asyncio.FIRST_COMPLETED)
        self.cut()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self._heard = self._loop.time()
        reader, waiting, on_push = self._reader, self._waiting, self._on_push
        try:
            reader.feed(data)
            while (reply := reader.gets()) is not False:
                if on_push is not None and type(reply) is list and reply[0] == b"smessage":
                    on_push(reply[1], reply[2])
                    continue
                if not waiting:
                    # A channel taken away with its slot, or a server out of step: start afresh either way.
                    raise hiredis.ProtocolError(f"unexpected reply {reply!r:.40}")
                self._sent -= 1
                due = waiting.popleft()
                if due.done():
                    continue
                if isinstance(reply, hiredis.ReplyError):
                    due.set_exception(reply)
                else:
                    due.set_result(reply)
        except hiredis.ProtocolError:
            self.cut()
            return
        if self._unsent and not self._sent:
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        if self.lost.done():
            return
        self.lost.set_result(None)
        for timer in (self._flush, self._silence):
            if timer is not None:
                timer.cancel()
        for due in self._waiting:
            if not due.done():
                due.set_exception(Unavailable(f"{self.address}: connection lost"))
        self._waiting.clear()
        self._unsent.clear()

    def _send(self) -> None:
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        if self._transport is None or not self._unsent:
            return
        if not self._sent:
            self._heard = self._loop.time()
        if self._silence is None:
            self._silence = self._loop.call_later(SILENCE_S, self._check_silence)
        self._sent += len(self._unsent)
        self._transport.write(b"".join(self._unsent))
        self._unsent.clear()

    def _check_silence(self, is_last_chance: bool = False) -> None:
        self._silence = None
        if not self._sent:
            return
        left_s = self._heard + SILENCE_S - self._loop.time()
        if left_s > 0:
            self._silence = self._loop.call_later(left_s, self._check_silence)
        elif is_last_chance:
            self.cut()
        else:
            # If it was this process that stood still, the bytes are there and will be read first.
            self._silence = self._loop.call_later(LAST_CHANCE_S, self._check_silence, True)


def _sign_in(access: Access) -> list[tuple[Argument, ...]]:
    commands: list[tuple[Argument, ...]] = []
    if "password" in access.options:
        commands.append(("AUTH", access.options.get("username", "default"), access.options["password"]))
    if access.options.get("db"):
        commands.append(("SELECT", access.options["db"]))
    return commands
