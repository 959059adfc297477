"""`make bench ARGS=board`: what a full floor costs, and how smoothly a page shows it.

2,000 live Sessions that change once a second each, and some lists of all of
them, one in a real browser; then 200 watchers of one Session. The peers, in
the same run, are the floor (`floor.py`) and an empty page.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import msgspec
import psutil
from picows import WSFrame, WSMsgType, ws_connect
from playwright.async_api import Page, async_playwright

from protocol.base import PROTOCOL
from tests.bench.houses import House, floor, sidecoach
from tests.bench.load import Call, Line, Load
from tests.e2e.conftest import CHROMIUM_FLAGS, find_chromium

DOCUMENT = Path(__file__).resolve().parents[1] / "support" / "callback_request.yaml"
FIELD = "caller_name"
"""Its title is made of it, and nothing else: its change is one of the list."""
JOIN_AT_ONCE = 50
SETTLE_S = 5.0
CATCH_UP_S = 120.0


@dataclass(frozen=True)
class Plan:
    """How full, for how long."""

    sessions: int = 2_000
    lists: int = 8
    seconds: float = 20
    watchers: int = 200
    updates_per_s: float = 5
    is_shown: bool = True
    """In a browser, too."""


QUICK = Plan(sessions=60, lists=2, seconds=3, watchers=10, is_shown=False)


@dataclass(frozen=True)
class BoardFigures:
    """What one house did with the floor."""

    server_us: float
    store_us: float
    busy: float
    p50_ms: float
    p99_ms: float
    kib_per_s: float
    frames_per_s: float
    caught_up_s: float
    untold: int
    refused: list[str]
    load_busy: float
    load_late_ms: float


@dataclass(frozen=True)
class CrowdFigures:
    """What one house did with many watchers of one Session."""

    cpu_us: float
    p50_ms: float
    p99_ms: float
    delivered: int
    lost: int


@dataclass(frozen=True)
class PageFigures:
    """How a page moved: times between its frames, and what held it up for more than 50 ms."""

    per_s: float
    p50_ms: float
    p95_ms: float
    long_tasks: int
    longest_ms: float


class Writer(Line):
    """An agent's page: it follows the own Session, and the list as every page does. Nobody looks at what it is told."""

    csn = 0

    def on_ws_frame(self, transport: Any, frame: WSFrame) -> None:
        message = frame.get_payload_as_bytes()
        if self._awaited or not message.startswith((b'{"type":"delta"', b'{"type":"list"', b'{"type":"ack')):
            super().on_ws_frame(transport, frame)


class ListLine(Line):
    """A list of all Sessions. One of them reads what it is told, the others only count it."""

    frames = 0
    bytes = 0

    def __init__(self, board: Board, *, reads: bool) -> None:
        super().__init__(Call(board.load))
        self._board = board
        self._reads = reads

    def on_ws_frame(self, transport: Any, frame: WSFrame) -> None:
        heard_at = perf_counter()
        message = frame.get_payload_as_bytes()
        if frame.msg_type != WSMsgType.BINARY or message.startswith((b'{"type":"welcome"', b'{"type":"ping"')):
            super().on_ws_frame(transport, frame)
            return
        self.frames += 1
        self.bytes += len(message)
        if self._reads:
            for session_id, title in _titles_in(message):
                self._board.hear(session_id, title, heard_at)


def _titles_in(message: bytes) -> Iterable[tuple[str, str]]:
    if not message.startswith(b"{"):  # the floor hands on what the writer said
        session_id, title = message.decode().split()
        yield session_id, title
        return
    told = msgspec.json.decode(message)
    if told["type"] != "list":
        return  # notices and alerts come with it
    for live in told["put"]:
        yield live["session_id"], live["title"]
    for change in told.get("changed", ()):
        if (title := change["to"].get("title")) is not None:
            yield change["session_id"], title


@dataclass
class Board:
    """All Sessions of the floor, who writes, and who has the list."""

    house: House
    load: Load
    writers: list[tuple[str, Writer]] = field(default_factory=list)
    lists: list[ListLine] = field(default_factory=list)
    behind_ms: list[float] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)
    _number: int = 10_000_000
    _sent: dict[str, tuple[str, float]] = field(default_factory=dict)

    async def begin(self, plan: Plan) -> None:
        """Everybody comes."""
        at_once = asyncio.Semaphore(JOIN_AT_ONCE)

        async def come(number: int) -> None:
            async with at_once:
                self.writers.append(await self._begin(number))

        await asyncio.gather(*[come(number) for number in range(plan.sessions)])
        for number in range(plan.lists):
            line = ListLine(self, reads=number == 0)
            self.lists.append(line)
            if self.house.managers:
                await line.open(self.house, self.house.managers[number])
                line.send(b'{"type":"join_list","takes_changes":true}')
            else:
                await _connect(line, self.house, "board")

    async def _begin(self, number: int) -> tuple[str, Writer]:
        call = Call(self.load)
        line = Writer(call)
        if not self.house.cookies:
            await _connect(line, self.house, "board?tells")
            return call.session_id, line
        cookie = self.house.cookies[number][0]
        await line.open(self.house, cookie)
        body = {"type": "start_session", "version_id": self.house.version_id}
        await line.ask("acknowledged", type="command", session_id=call.session_id, csn=10**6, body=body)
        line.transport.disconnect()  # what follows counts from one on a page of its own
        await line.open(self.house, cookie)
        await line.join()
        line.send(b'{"type":"join_list","takes_changes":true}')
        return call.session_id, line

    async def change(self, seconds: float) -> int:
        """Each Session changes once a second, by the clock, in turn; how many changes left."""
        rate, started, sent = len(self.writers), perf_counter(), 0
        while sent < rate * seconds:
            now = perf_counter()
            while sent < rate * seconds and (due_at := started + sent / rate) <= now:
                self._tell(*self.writers[sent % rate])
                self.late_ms.append((now - due_at) * 1000)
                sent += 1
            await asyncio.sleep(0.001)
        return sent

    def _tell(self, session_id: str, line: Writer) -> None:
        self._number += 1
        line.csn += 1
        title = str(self._number)
        self._sent[session_id] = title, perf_counter()
        command = (
            b'{"type":"command","session_id":"%s","csn":%d,"body":{"type":"set_field","visit_id":"v1","seat":1,'
            b'"field_key":"%s","content":"%s"}}' % (session_id.encode(), line.csn, FIELD.encode(), title.encode())
        )
        line.send(command if self.house.cookies else f"{session_id} {title}".encode())

    def hear(self, session_id: str, title: str, heard_at: float) -> None:
        """A list was told of a Session: how far behind it was, if that is the last there is to tell."""
        last, sent_at = self._sent.get(session_id, ("", 0.0))
        if last and title == last:
            del self._sent[session_id]
            self.behind_ms.append((heard_at - sent_at) * 1000)

    async def until_heard(self) -> int:
        """Wait for what is on its way; gives for how many Sessions the last change never came."""
        give_up = perf_counter() + CATCH_UP_S
        while self._sent and perf_counter() < give_up:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        return len(self._sent)

    def end(self) -> None:
        """Everybody goes."""
        for line in [*[line for _, line in self.writers], *self.lists]:
            line.transport.disconnect()


async def _connect(line: Line, house: House, path: str) -> None:
    headers = {"Sec-WebSocket-Protocol": PROTOCOL}
    line.transport, _ = await ws_connect(lambda: line, f"ws://127.0.0.1:{house.port}/{path}", extra_headers=headers)


async def measure_board(house: House, plan: Plan, page: Page | None) -> tuple[BoardFigures, PageFigures | None]:
    """Begin, let it settle, then change."""
    board = Board(house, Load(house))
    await board.begin(plan)
    if page is not None:
        await page.goto(f"http://127.0.0.1:{house.port}/sessions" if house.managers else "about:blank")
    await board.change(min(SETTLE_S, plan.seconds))
    board.behind_ms.clear()
    board.late_ms.clear()
    for line in board.lists:
        line.frames = line.bytes = 0
    before = _cpu_s(house.server), _cpu_s(house.store), time.process_time(), perf_counter()
    shown = asyncio.create_task(watch_page(page, plan.seconds)) if page is not None else None
    changes = await board.change(plan.seconds)
    told = statistics.mean(line.frames for line in board.lists), statistics.mean(line.bytes for line in board.lists)
    changed_s = perf_counter() - before[3]
    untold = await board.until_heard()
    after = _cpu_s(house.server), _cpu_s(house.store), time.process_time(), perf_counter()
    server_s, store_s, load_s, wall_s = (later - earlier for later, earlier in zip(after, before, strict=True))
    cut = statistics.quantiles(board.behind_ms, n=100) if len(board.behind_ms) > 1 else [float("inf")] * 99
    figures = BoardFigures(
        server_us=server_s / changes * 1e6,
        store_us=store_s / changes * 1e6,
        busy=server_s / wall_s,
        p50_ms=cut[49],
        p99_ms=cut[98],
        kib_per_s=told[1] / 1024 / changed_s,
        frames_per_s=told[0] / changed_s,
        caught_up_s=wall_s - changed_s,
        untold=untold,
        refused=[*board.load.refused],
        load_busy=load_s / wall_s,
        load_late_ms=statistics.quantiles(board.late_ms, n=100)[98],
    )
    found = None if shown is None else await shown
    board.end()
    return figures, found


WATCH_FRAMES = """(seconds) => new Promise((done) => {
  const gaps = [], tasks = [];
  const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map((task) => task.duration)));
  observer.observe({ type: "longtask" });
  const began = performance.now();
  let last = began;
  const next = (now) => {
    gaps.push(now - last);
    last = now;
    if (now - began < seconds * 1000) return requestAnimationFrame(next);
    gaps.sort((one, other) => one - other);
    done({
      per_s: gaps.length / ((now - began) / 1000), p50_ms: gaps[Math.floor(gaps.length * 0.5)],
      p95_ms: gaps[Math.floor(gaps.length * 0.95)], long_tasks: tasks.length, longest_ms: Math.max(0, ...tasks),
    });
  };
  requestAnimationFrame(next);
})"""


async def watch_page(page: Page, seconds: float) -> PageFigures:
    """How its frames come, while they do."""
    return PageFigures(**await page.evaluate(WATCH_FRAMES, seconds))


async def measure_crowd(house: House, plan: Plan) -> CrowdFigures:
    """One writer, many watchers."""
    load = Load(house, FIELD)
    call = Call(load)
    load.calls = [call]
    owner, *_ = house.cookies[0] if house.cookies else ("",)
    watching = (house.managers * plan.watchers)[: plan.watchers] if house.cookies else [""] * plan.watchers
    await call.begin(house, (owner, *watching))
    await asyncio.sleep(min(SETTLE_S, plan.seconds))
    before = _cpu_s(house.server) + _cpu_s(house.store)
    await load.update(plan.updates_per_s, plan.seconds)
    lost = await load.until_heard(10)
    cut = statistics.quantiles(load.latencies_ms, n=100)
    cpu_us = (_cpu_s(house.server) + _cpu_s(house.store) - before) / max(load.delivered, 1) * 1e6
    for line in call.lines:
        line.transport.disconnect()
    return CrowdFigures(cpu_us=cpu_us, p50_ms=cut[49], p99_ms=cut[98], delivered=load.delivered, lost=lost)


async def run(plan: Plan) -> int:
    """Measure both, print, and say whether all that had to be told was told."""
    async with async_playwright() as playwright:
        page = None
        if plan.is_shown:
            browser = await playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
            page = await browser.new_page(viewport={"width": 1440, "height": 900})
        with tempfile.TemporaryDirectory(prefix="sidecoach-bench-") as data_dir:
            async with sidecoach(Path(data_dir) / "data", plan.sessions, max(plan.lists, 1), DOCUMENT) as house:
                if page is not None:
                    name, _, value = house.managers[0].partition("=")
                    await page.context.add_cookies(
                        [{"name": name, "value": value, "url": f"http://127.0.0.1:{house.port}"}]
                    )
                crowd = await measure_crowd(house, plan)
                ours, rows = await measure_board(house, plan, page)
        async with floor() as house:
            least_crowd = await measure_crowd(house, plan)
            least, empty = await measure_board(house, plan, page)
    _print(plan, (ours, least), (crowd, least_crowd), (rows, empty))
    return 0 if not (ours.untold or ours.refused or crowd.lost) else 1


def _print(
    plan: Plan,
    boards: tuple[BoardFigures, BoardFigures],
    crowds: tuple[CrowdFigures, CrowdFigures],
    pages: tuple[PageFigures | None, PageFigures | None],
) -> None:
    print(
        f"{plan.sessions} live Sessions, one change a second each; {plan.lists} lists of all of them; "
        f"{plan.seconds:g} s; one server process\n"
    )
    _table(
        "board",
        ("server_us", "store_us", "p50_ms", "p99_ms", "kib_per_s", "frames_per_s", "caught_up_s"),
        boards,
        ("sidecoach", "floor"),
    )
    print(f"\n{plan.watchers} watchers of one Session, {plan.updates_per_s:g} updates/s\n")
    _table("crowd", ("cpu_us", "p50_ms", "p99_ms"), crowds, ("sidecoach", "floor"))
    if pages[0] is not None:
        print("\nThe page, while all of that changes\n")
        _table("page", ("per_s", "p50_ms", "p95_ms", "long_tasks", "longest_ms"), pages, ("rows", "empty page"))
    ours, least = boards
    print(
        f"\nthe server took {ours.busy:.0%} of a core, the floor {least.busy:.0%}; the load took {ours.load_busy:.0%}, "
        f"changes left up to {ours.load_late_ms:.1f} ms late (p99)"
    )
    for words in ours.refused[:5]:
        print(f"refused: {words}")
    print(f"bench: {ours.untold} Sessions untold, {crowds[0].delivered} delivered to watchers, lost {crowds[0].lost}")


def _table(name: str, columns: tuple[str, ...], rows: tuple[Any, Any], names: tuple[str, str]) -> None:
    print(f"| {name} | " + " | ".join(columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for label, row in zip(names, rows, strict=True):
        print(f"| {label} | " + " | ".join(f"{getattr(row, column):.1f}" for column in columns) + " |")
    ratios = [_ratio(getattr(rows[0], column), getattr(rows[1], column)) for column in columns]
    print("| ratio | " + " | ".join(ratios) + " |")


def _ratio(ours: float, least: float) -> str:
    return f"{ours / least:.1f}x" if least > 0 else "-"


def _cpu_s(process: psutil.Process | None) -> float:
    if process is None:
        return 0.0
    times = process.cpu_times()
    return float(times.user + times.system)
