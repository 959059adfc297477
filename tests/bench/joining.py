"""`make bench ARGS=joining`: how long it takes until who watches sees a call, with all that happened so far.

A call of 500 entries and, as its peer in the same run, one that has just
begun, opened in turn in a real browser: from the press on the list until the
Section and the last of the digest are drawn. Rule: protocol/SPEC.md, DG4.
"""

from __future__ import annotations

import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Page as BrowserPage
from playwright.async_api import async_playwright

from protocol.base import SessionId
from protocol.commands import Back, Continue, SelectAnswer, SetField
from server.client import Page
from tests.bench.board import DOCUMENT, FIELD
from tests.bench.houses import House, sidecoach
from tests.e2e.conftest import CHROMIUM_FLAGS, find_chromium

AIM_MS = 200

OPEN = """({ id, last }) => new Promise((done) => {
  const is_whole = () => document.querySelector("[data-section-name]") !== null
    && (document.querySelector("#digest")?.textContent ?? "").includes(last);
  const began = performance.now();
  const look = () => (is_whole() ? requestAnimationFrame(() => done(performance.now() - began)) : setTimeout(look, 1));
  document.querySelector(`a[href="/sessions/${id}"]`).click();
  look();
})"""


@dataclass(frozen=True)
class Plan:
    """How long a call, opened how often."""

    entries: int = 500
    rounds: int = 20


QUICK = Plan(entries=60, rounds=3)


async def make_call(house: House, number: int, entries: int) -> tuple[SessionId, str]:
    """A call of so many entries, that goes forth and back; and what its Field holds in the end."""
    here, cookie = f"127.0.0.1:{house.port}", house.cookies[number][0]
    async with await Page.open(f"ws://{here}/ws", cookie=cookie, origin=f"http://{here}") as page:
        session_id, visit, seq, last = await page.start(house.version_id), 1, 1, ""
        while seq < entries:
            first, second, last = f"v{visit}", f"v{visit + 1}", f"Caller {number} {seq}"
            seq = await page.command(session_id, SetField(visit_id=first, seat=1, field_key=FIELD, content=last))
            if seq + 3 <= entries:
                await page.command(session_id, SelectAnswer(visit_id=first, seat=1, answer_key="right_person"))
                await page.command(session_id, Continue(visit_id=first, seat=1))
                seq = await page.command(session_id, Back(visit_id=second, seat=1, to_visit_id=first))
                visit += 2
        return session_id, last


async def measure(browser: BrowserPage, house: House, calls: list[tuple[SessionId, str]], rounds: int) -> list[Any]:
    """Times in ms, per call; what the first round loads for the first time does not count."""
    times: list[list[float]] = [[] for _ in calls]
    for turn in range(rounds + 1):
        for place, (session_id, last) in enumerate(calls):
            await browser.goto(f"http://127.0.0.1:{house.port}/sessions")
            await browser.locator(f'a[href="/sessions/{session_id}"]').first.wait_for()
            await browser.wait_for_timeout(300)
            took_ms = await browser.evaluate(OPEN, {"id": session_id, "last": last})
            if turn:
                times[place].append(took_ms)
    return times


async def run(plan: Plan) -> int:
    """[DG4] Measure, print, and say whether it took longer than it may."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
        browser = await chromium.new_page(viewport={"width": 1440, "height": 900})
        with tempfile.TemporaryDirectory(prefix="sidecoach-bench-") as data_dir:
            async with sidecoach(Path(data_dir) / "data", 2, 1, DOCUMENT) as house:
                name, _, value = house.managers[0].partition("=")
                address = f"http://127.0.0.1:{house.port}"
                await browser.context.add_cookies([{"name": name, "value": value, "url": address}])
                calls = [await make_call(house, 0, plan.entries), await make_call(house, 1, 2)]
                long, new = await measure(browser, house, calls, plan.rounds)
    print(f"from the press on the list until Section and digest are drawn; {plan.rounds} times each, in turn\n")
    print("| call | p50 ms | worst ms |\n|---|---|---|")
    rows = ((f"{plan.entries} entries", long), ("2 entries", new))
    for label, times in rows:
        print(f"| {label} | {statistics.median(times):.0f} | {max(times):.0f} |")
    print(f"| ratio | {statistics.median(long) / statistics.median(new):.1f}x | {max(long) / max(new):.1f}x |")
    print(f"\nbench: {statistics.median(long):.0f} ms, the aim is below {AIM_MS}")
    return 0 if statistics.median(long) < AIM_MS else 1
