"""The load: Sessions with three connections each, and what they are sent.

One writer (the owner) and two watchers. Updates leave by the clock, whether
or not earlier ones were answered. Every update must reach all three, in order
and whole. What is under load is in `houses.py`.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import msgspec
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from protocol.base import PROTOCOL
from tests.bench.houses import House

FIELD = "complaint_text"
FILLING = "The line drops every evening between six and nine, and nobody rang back"
"""With the number in front, about 100 bytes of content."""

ANSWER_WITHIN_S = 30.0


class _Down(msgspec.Struct):
    """What the load wants to know of a frame."""

    type: str
    csn: int | None = None
    seq: int = 0
    entry_id: str = ""
    position: Any = None


_decode = msgspec.json.Decoder(_Down).decode


class Line(WSListener):  # type: ignore[misc]
    """One connection of one person to one Session."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        self._call = call
        self._awaited: dict[str, asyncio.Future[_Down]] = {}
        self._heard_csn = 0
        self.position: dict[str, Any] | None = None
        self.transport: WSTransport

    async def open(self, house: House, cookie: str) -> None:
        """Connect, and say hello where anyone listens."""
        headers = {"Sec-WebSocket-Protocol": PROTOCOL, "Origin": f"http://127.0.0.1:{house.port}", "Cookie": cookie}
        path = "ws" if cookie else self._call.session_id
        self.transport, _ = await ws_connect(
            lambda: self, f"ws://127.0.0.1:{house.port}/{path}", extra_headers=headers, websocket_handshake_timeout=30
        )
        if cookie:
            await self.ask("welcome", type="hello", client_id=secrets.token_hex(16), build="bench")

    async def join(self) -> None:
        """Follow the Session, from where this line was."""
        asked = "view" if self.position is None else "resumed"
        answer = await self.ask(asked, type="join", session_id=self._call.session_id, position=self.position)
        self.position = answer.position or self.position

    async def ask(self, answer: str, **frame: Any) -> _Down:
        """Send a frame and wait for the answer of this type."""
        reply = self._awaited[answer] = asyncio.get_running_loop().create_future()
        self.send(json.dumps(frame).encode())
        return await asyncio.wait_for(reply, ANSWER_WITHIN_S)

    def send(self, message: bytes) -> None:
        """Send one frame."""
        self.transport.send(WSMsgType.BINARY, message)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.BINARY:
            return
        heard_at = perf_counter()
        message = frame.get_payload_as_bytes()
        down = _decode(message)
        if down.type in ("delta", "command"):  # the floor gives commands back
            if down.csn == self._heard_csn + 1 and b'"%d %s"' % (down.csn, FILLING.encode()) in message:
                self._call.heard(down.csn, heard_at)
            else:
                self._call.load.disordered += 1
            self._heard_csn = down.csn or 0
            self.position = {"seq": down.seq, "entry_id": down.entry_id}
            self._call.load.delta_bytes = len(message)
        elif down.type == "ping":
            self.send(b'{"type":"pong"}')
        elif down.type in ("refusal", "closing"):
            self._call.load.refused.append(message.decode())
            for awaited in self._awaited.values():
                awaited.set_exception(ConnectionError(message.decode()))
            self._awaited.clear()
        elif (awaited := self._awaited.pop(down.type, None)) is not None:
            awaited.set_result(down)


class Call:
    """One Session: its writer and its watchers."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.session_id = secrets.token_hex(16)
        self.lines: list[Line] = []
        self._csn = 0
        self._sent: dict[int, tuple[float, int]] = {}

    async def begin(self, house: House, cookies: tuple[str, str, str] | None) -> None:
        """Start the Session and have everybody join it."""
        for place, cookie in enumerate(cookies or ("", "", "")):
            line = Line(self)
            await line.open(house, cookie)
            self.lines.append(line)
            if cookie and place == 0:
                body = {"type": "start_session", "version_id": house.version_id}
                await line.ask("acknowledged", type="command", session_id=self.session_id, csn=10**6, body=body)
                # The rest counts from one on a page of its own.
                line.transport.disconnect()
                await line.open(house, cookie)
            if cookie:
                await line.join()

    def update(self) -> None:
        """The writer types."""
        self._csn += 1
        self._sent[self._csn] = perf_counter(), len(self.lines)
        self.lines[0].send(
            b'{"type":"command","session_id":"%s","csn":%d,"body":{"type":"set_field","visit_id":"v1","seat":1,'
            b'"field_key":"%s","content":"%d %s"}}'
            % (self.session_id.encode(), self._csn, self.load.field_key.encode(), self._csn, FILLING.encode())
        )

    def heard(self, csn: int, at: float) -> None:
        """One of the lines was told of an update."""
        sent_at, missing = self._sent[csn]
        self.load.delivered += 1
        if missing == 1:
            del self._sent[csn]
            self.load.latencies_ms.append((at - sent_at) * 1000)
        else:
            self._sent[csn] = sent_at, missing - 1

    @property
    def missing(self) -> int:
        """Deliveries still due."""
        return sum(missing for _, missing in self._sent.values())


@dataclass
class Load:
    """All calls, and what was measured of them."""

    house: House
    field_key: str = FIELD
    calls: list[Call] = field(default_factory=list)
    delivered: int = 0
    disordered: int = 0
    delta_bytes: int = 0
    refused: list[str] = field(default_factory=list)
    latencies_ms: list[float] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)
    """How late each update left, because this process was busy."""

    async def begin(self, sessions: int, within_s: float) -> None:
        """Start the Sessions, evenly over a time."""
        self.calls = [Call(self) for _ in range(sessions)]
        cookies = self.house.cookies or [None] * sessions

        async def begin(number: int) -> None:
            await asyncio.sleep(within_s * number / sessions)
            await self.calls[number].begin(self.house, cookies[number])

        await asyncio.gather(*[begin(number) for number in range(sessions)])

    async def update(self, rate: float, seconds: float) -> None:
        """Updates by the clock, the writers in turn."""
        started, sent, due = perf_counter(), 0, int(rate * seconds)
        while sent < due:
            now = perf_counter()
            while sent < due and (due_at := started + sent / rate) <= now:
                self.calls[sent % len(self.calls)].update()
                self.late_ms.append((now - due_at) * 1000)
                sent += 1
            await asyncio.sleep(0.001)

    async def until_heard(self, within_s: float) -> int:
        """Wait for what is still due; gives what never came."""
        give_up = perf_counter() + within_s
        while (missing := sum(call.missing for call in self.calls)) and perf_counter() < give_up:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        return missing

    async def come_back(self, at_once: int) -> float:
        """Cut every line, then have all come back, so many at once; gives the joins per second."""
        lines = [
            (line, cookie)
            for call, cookies in zip(self.calls, self.house.cookies, strict=True)
            for line, cookie in zip(call.lines, cookies, strict=True)
        ]
        for line, _ in lines:
            line.transport.disconnect()
        await asyncio.sleep(1)

        async def come(line: Line, cookie: str) -> None:
            await line.open(self.house, cookie)
            await line.join()

        started = perf_counter()
        await _some_at_once((lambda line=line, cookie=cookie: come(line, cookie) for line, cookie in lines), at_once)
        return len(lines) / (perf_counter() - started)


async def _some_at_once(works: Iterable[Callable[[], Any]], at_once: int) -> None:
    waiting = iter(works)

    async def take() -> None:
        for work in waiting:
            await work()

    await asyncio.gather(*[take() for _ in range(at_once)])
