"""A real installation and a real Chromium. What failed leaves pictures and traces in `test-results/`."""

import asyncio
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from protocol.alerts import AlertRule
from protocol.commands import End
from server.auth.demo import TEAM_ID
from tests.e2e.screens import Screen
from tests.support.installation import Installation, eventually, installed
from tests.support.product import Product

SUPPORT = Path(__file__).resolve().parents[1] / "support"
RESULTS = Path(__file__).resolve().parents[2] / "test-results"

CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

expect.set_options(timeout=10_000)


def find_chromium() -> str | None:
    """Debian's Chromium without its windows, which takes half the time; else whatever Chromium is here."""
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")


Enter = Callable[..., Screen]


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """`sidecoach serve --demo` with two server processes, and two more Workflows."""
    with installed(tmp_path_factory.mktemp("e2e") / "data", "--demo", "--workers", "2") as installation:
        installation.start()
        for name in ("callback_request.yaml", "every_field.yaml"):
            command = [sys.executable, "-m", "server", "workflows", "import", str(SUPPORT / name), "--data-dir"]
            subprocess.run([*command, str(installation.data_dir)], check=True, capture_output=True)
        _alert_nobody(installation)
        yield installation


def _alert_nobody(installation: Installation) -> None:
    """Tests leave calls behind; whoever tests alerts switches them on."""
    with closing(sqlite3.connect(installation.data_dir / "sidecoach.db")) as database, database:
        off = json.dumps({rule.value: False for rule in AlertRule})
        database.execute("INSERT INTO alert_settings VALUES (?, ?)", (TEAM_ID, off))
        database.execute("UPDATE revisions SET number = number + 1 WHERE name = 'alerts'")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a process."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def house(installation: Installation) -> Installation:
    """The installation, up again after whatever the test before did to it."""
    eventually(lambda: len(installation.workers()) == 2 and installation.is_ready(), 20)
    return installation


@pytest.fixture
def empty_floor(house: Installation) -> None:
    """Nobody is on a call: what other tests left open is ended."""

    async def end_all() -> None:
        async with await Product(house).page("supervisor") as sam:
            await sam.follow_live()
            await sam.until(lambda: any(b'"list"' in frame for frame in sam.frames))
            for session_id in list(sam.live):
                await sam.join(session_id)
                await sam.command(session_id, End())
                await sam.leave(session_id)

    with ThreadPoolExecutor(1) as aside:  # the browser's loop runs in this thread
        aside.submit(asyncio.run, end_all()).result(60)


@pytest.fixture(scope="session")
def desks(browser: Browser) -> Iterator[dict[str, BrowserContext]]:
    """One browser profile per person, kept over all tests: signed in, with a warm cache."""
    desks: dict[str, BrowserContext] = {}
    yield desks
    for desk in desks.values():
        desk.close()


@pytest.fixture
def person(
    browser: Browser, desks: dict[str, BrowserContext], house: Installation, request: pytest.FixtureRequest
) -> Iterator[Enter]:
    """Opens a tab for somebody: at their own desk, at somebody else's, or on a device that nobody used before,
    a tablet too."""
    devices: list[BrowserContext] = []
    screens: list[Screen] = []

    def new_device(*, tablet: bool = False) -> BrowserContext:
        device = browser.new_context(
            viewport={"width": 820, "height": 1180} if tablet else {"width": 1440, "height": 900},
            has_touch=tablet,
            reduced_motion="reduce",
            permissions=["clipboard-write"],
        )
        device.tracing.start()
        return device

    def sit_down(label: str, *, beside: Screen | None = None, elsewhere: bool = False, tablet: bool = False) -> Screen:
        if elsewhere or tablet:
            device = new_device(tablet=tablet)
            devices.append(device)
        elif beside is not None:
            device = beside.page.context
        else:
            if label not in desks:
                desks[label] = new_device()
            device = desks[label]
        if all(screen.page.context is not device for screen in screens):
            device.tracing.start_chunk()
        screens.append(Screen(device, label, house.port))
        return screens[-1]

    yield sit_down

    has_failed = request.node.stash.get(FAILED, False)
    name = re.sub(r"\W+", "_", request.node.name)
    for number, screen in enumerate(screens):
        if has_failed:
            screen.page.screenshot(path=RESULTS / f"{name}-{number}-{screen.label}.png")
    for number, device in enumerate({id(screen.page.context): screen.page.context for screen in screens}.values()):
        device.tracing.stop_chunk(path=RESULTS / f"{name}-{number}.zip" if has_failed else None)
    for screen in screens:
        screen.page.close()
    for device in devices:
        device.close()
    assert has_failed or [problem for screen in screens for problem in screen.problems] == []


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Remember whether the test itself failed."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report
