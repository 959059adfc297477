"""`make bench`: what a delivered message costs, and how long it takes; with `ARGS=board`, what a full floor costs;
with `ARGS=joining`, how long it takes to open a call.

The same load on Sidecoach and on the floor, in one run; a table, and a last
line that says whether every update arrived. See README.md for the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import uvloop

from tests.bench import board, joining
from tests.bench.houses import House, floor, sidecoach
from tests.bench.load import Load

WARM_UP_S = 3.0
COME_BACK_AT_ONCE = 100


@dataclass(frozen=True)
class Plan:
    """How much, how fast, how long."""

    sessions: int
    rate: float
    seconds: float
    join_s: float
    idle_s: float


FULL = Plan(sessions=1_000, rate=1_500, seconds=30, join_s=20, idle_s=5)
QUICK = Plan(sessions=100, rate=150, seconds=5, join_s=2, idle_s=1)


@dataclass(frozen=True)
class Figures:
    """What one house did under the load."""

    server_us: float
    store_us: float
    p50_ms: float
    p99_ms: float
    idle_kib: float
    idle_busy: float
    joins_per_s: float | None
    delivered: int
    lost: int
    disordered: int
    refused: list[str]
    load_busy: float
    load_late_ms: float
    delta_bytes: int

    @property
    def total_us(self) -> float:
        """CPU of server and store per delivered message."""
        return self.server_us + self.store_us


async def measure(name: str, house: House, plan: Plan) -> Figures:
    """Join, idle, update, come back."""
    load = Load(house)
    _say(f"{name}: joining")
    resident = house.server.memory_info().rss
    await load.begin(plan.sessions, plan.join_s)
    await asyncio.sleep(plan.idle_s)
    lines = plan.sessions * 3
    _say(f"{name}: idle")
    idle_kib = (house.server.memory_info().rss - resident) / 1024 / lines
    idle_busy = await _busy_while(house.server, asyncio.sleep(plan.idle_s))

    _say(f"{name}: updates")
    await load.update(plan.rate, min(WARM_UP_S, plan.seconds))
    await load.until_heard(5)
    load.latencies_ms.clear()
    load.late_ms.clear()
    load.delivered = 0
    before = _cpu_s(house.server), _cpu_s(house.store), time.process_time(), time.perf_counter()
    await load.update(plan.rate, plan.seconds)
    lost = await load.until_heard(10)
    after = _cpu_s(house.server), _cpu_s(house.store), time.process_time(), time.perf_counter()

    _say(f"{name}: coming back")
    server_s, store_s, load_s, wall_s = (later - earlier for later, earlier in zip(after, before, strict=True))
    each = 1e6 / max(load.delivered, 1)
    cut = statistics.quantiles(load.latencies_ms, n=100)
    return Figures(
        server_us=server_s * each,
        store_us=store_s * each,
        p50_ms=cut[49],
        p99_ms=cut[98],
        idle_kib=idle_kib,
        idle_busy=idle_busy,
        joins_per_s=await load.come_back(COME_BACK_AT_ONCE) if house.cookies else None,
        delivered=load.delivered,
        lost=lost,
        disordered=load.disordered,
        refused=[*load.refused],
        load_busy=load_s / wall_s,
        load_late_ms=statistics.quantiles(load.late_ms, n=100)[98],
        delta_bytes=load.delta_bytes,
    )


async def run(plan: Plan) -> int:
    """Measure both, print, and say whether all arrived."""
    with tempfile.TemporaryDirectory(prefix="sidecoach-bench-") as data_dir:
        async with sidecoach(Path(data_dir) / "data", plan.sessions) as house:
            ours = await measure("sidecoach", house, plan)
    async with floor() as house:
        least = await measure("floor", house, plan)
    _print_table(plan, ours, least)
    return 0 if not (ours.lost or ours.disordered or ours.refused or least.lost) else 1


def _say(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {words}", file=sys.stderr)


def _cpu_s(process: psutil.Process | None) -> float:
    if process is None:
        return 0.0
    times = process.cpu_times()
    return float(times.user + times.system)


async def _busy_while(process: psutil.Process, waiting: asyncio.Future[None] | object) -> float:
    before, started = _cpu_s(process), time.perf_counter()
    await waiting  # type: ignore[misc]
    return (_cpu_s(process) - before) / (time.perf_counter() - started)


def _print_table(plan: Plan, ours: Figures, least: Figures) -> None:
    print(
        f"{plan.sessions} Sessions x 3 connections, joined over {plan.join_s:g} s; "
        f"{plan.rate:g} updates/s for {plan.seconds:g} s; one server process\n"
    )
    columns = "CPU µs per delivered message", "server", "store", "p50 ms", "p99 ms", "KiB per connection", "idle CPU"
    rows = [
        (name, f"{f.total_us:.0f}", f"{f.server_us:.0f}", f"{f.store_us:.0f}", f"{f.p50_ms:.1f}", f"{f.p99_ms:.1f}",
         f"{f.idle_kib:.1f}", f"{f.idle_busy:.1%}")
        for name, f in (("sidecoach", ours), ("floor", least))
    ]  # fmt: skip
    ratios = (
        _ratio(ours.total_us, least.total_us), "", "", _ratio(ours.p50_ms, least.p50_ms),
        _ratio(ours.p99_ms, least.p99_ms), _ratio(ours.idle_kib, least.idle_kib), "",
    )  # fmt: skip
    print("| |" + "|".join(columns) + "|")
    print("|---" * (len(columns) + 1) + "|")
    for row in (*rows, ("ratio", *ratios)):
        print("| " + " | ".join(row) + " |")
    print()
    for name, f in (("sidecoach", ours), ("floor", least)):
        limit = " (the bottleneck: figures are those of the load)" if f.load_busy > 0.8 else ""
        print(
            f"{name}: {f.delta_bytes} bytes a delta; the load took {f.load_busy:.0%} of a core{limit}, "
            f"updates left up to {f.load_late_ms:.1f} ms late (p99)"
        )
    for words in ours.refused[:5]:
        print(f"refused: {words}")
    print(
        f"bench: {ours.delivered} delivered, lost {ours.lost}, out of order {ours.disordered}, "
        f"{ours.total_us:.0f} µs each, p99 {ours.p99_ms:.1f} ms, {ours.idle_kib:.1f} KiB per connection, "
        f"{ours.joins_per_s:.0f} joins/s"
    )


def _ratio(ours: float, least: float) -> str:
    return f"{ours / least:.1f}x" if least > 0 else "-"  # a short run may be below what the system counts


def _read_arguments(arguments: list[str]) -> Coroutine[None, None, int]:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.partition("\n")[0])
    parser.add_argument("part", nargs="?", choices=("messages", "board", "joining"), default="messages")
    parser.add_argument("--sessions", type=int, help="each with one writer and two watchers")
    parser.add_argument("--rate", type=float, help="updates per second, over all Sessions")
    parser.add_argument("--seconds", type=float, help="how long the updates are measured")
    parser.add_argument("--join-seconds", type=float, dest="join_s", help="time over which people join")
    parser.add_argument("--quick", action="store_true", help="does it run? The figures mean little")
    given = vars(parser.parse_args(arguments))
    part, is_quick = given.pop("part"), given.pop("quick")
    chosen = {name: value for name, value in given.items() if value is not None}
    if part == "joining":
        for name in chosen:
            parser.error(f"{name} is no choice of joining, which opens two calls in turn")
        return joining.run(joining.QUICK if is_quick else joining.Plan())
    if part == "board":
        for name in {"rate", "join_s"} & chosen.keys():
            parser.error(f"{name} is no choice of the board, whose Sessions change once a second")
        return board.run(replace(board.QUICK if is_quick else board.Plan(), **chosen))
    return run(replace(QUICK if is_quick else FULL, **chosen))


if __name__ == "__main__":
    sys.exit(uvloop.run(_read_arguments(sys.argv[1:])))
