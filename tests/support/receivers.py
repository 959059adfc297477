"""Receivers on loopback that answer as they are told, and remember what they were sent."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from server.actions.addresses import Allow
from server.actions.egress import EgressRules, Resolve

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Received:
    """One request, as it arrived."""

    method: str
    target: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


Answer = Callable[[Received, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Receiver:
    """Answers the n-th request by the n-th answer, and every further one by the last."""

    answers: Sequence[Answer]
    tls: ssl.SSLContext | None = None
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, LOOPBACK, 0, ssl=self.tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        await self._server.wait_closed()

    @property
    def rules(self) -> EgressRules:
        """What lets a request out to here."""
        return EgressRules(allow=(Allow.parse(f"{LOOPBACK}/32:{self.port}"),))

    def url(self, path: str = "", host: str = LOOPBACK) -> str:
        """An address of it."""
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            request = await _read(reader)
            if request is not None:
                answer = self.answers[min(len(self.received), len(self.answers) - 1)]
                self.received.append(request)
                self.asked.set()
                await answer(request, writer)
                await writer.drain()
        except (ConnectionError, ssl.SSLError):
            pass  # whoever asked is gone
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Received | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    pairs = (line.split(": ", 1) for line in lines)
    headers = {name.lower(): value for name, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Received(method, target, headers, body)


def answering(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
    """An answer of one status."""

    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status} Told", f"content-length: {len(body)}", "connection: close"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    return answer


def saying(raw: bytes) -> Answer:
    """These bytes, and the end of the connection."""

    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)

    return answer


def dripping(raw: bytes, every_s: float = 0.02) -> Answer:
    """These bytes, one at a time, and then one more for as long as anybody listens."""

    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        for byte in raw:
            writer.write(bytes([byte]))
        while not writer.is_closing():
            writer.write(b"a")
            await writer.drain()
            await asyncio.sleep(every_s)

    return answer


def pouring(head: bytes, total_bytes: int) -> Answer:
    """A body of this length at most, as fast as it is taken."""

    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        for _ in range(total_bytes // 65_536):
            writer.write(b"a" * 65_536)
            await writer.drain()

    return answer


def names(**addresses: str | Sequence[str]) -> Resolve:
    """A resolver that knows these names only; `_` stands for a dot."""

    known = {name.replace("_", "."): (held,) if isinstance(held, str) else held for name, held in addresses.items()}

    async def resolve(host: str, port: int) -> Sequence[str]:
        if host == LOOPBACK:
            return (LOOPBACK,)
        if host not in known:
            raise OSError(f"{host} is not known")
        return known[host]

    return resolve
