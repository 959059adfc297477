"""`sidecoach backup` and `sidecoach restore`, of a real installation that people work on meanwhile."""

import asyncio
import contextlib
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from protocol.commands import End, Pause, SelectAnswer, SetField
from server.__main__ import main
from server.backup_file import MANIFEST
from server.client import Page
from server.embedded import EmbeddedValkey
from server.ports import SessionNotFound
from server.store.keyring import KeyRing
from tests.support.installation import Installation, installed
from tests.support.postgres import Postgres
from tests.support.product import Product

AT_START = {"visit_id": "v1", "seat": 1}
FLAGS = ("--demo", "--archive-after-s", "1")


def sidecoach(*words: str | Path) -> "subprocess.CompletedProcess[str]":
    """One command, to its end."""
    command = [sys.executable, "-m", "server", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


class Calls:
    """What was going on when the backup was made: each Session's view, by what became of it."""

    def __init__(self) -> None:
        self.views: dict[str, dict[str, Any]] = {}
        self.ids: dict[str, str] = {}
        self.cookie = ""
        self.typed = 0
        """Of the call that went on meanwhile: what was acknowledged before the backup began."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Calls]:
    """A backup of an installation that ran, a second one after it was stopped, and what was in it."""
    folder = tmp_path_factory.mktemp("backup")
    running, stopped = folder / "running.backup", folder / "stopped.backup"
    with installed(folder / "data", *FLAGS) as installation:
        installation.start()
        calls = asyncio.run(work(Product(installation), installation, running))
        installation.stop()
        told = sidecoach("backup", stopped, "--data-dir", installation.data_dir)
        assert told.returncode == 0, told.stderr
    return running, stopped, calls


async def work(product: Product, installation: Installation, path: Path) -> Calls:
    """People start calls, pause and finish some; the backup is made while one goes on."""
    await product.prepare()
    calls = Calls()
    calls.cookie = await product.cookie("agent")
    async with await product.page("agent") as page:
        for name in ("archived", "paused", "going on"):
            calls.ids[name] = session_id = await page.start(product.version.id)
            await page.command(session_id, SetField(**AT_START, field_key="account_number", content="12345678"))
        await page.command(calls.ids["archived"], End(reason="rang off"))
        await page.command(calls.ids["paused"], Pause(**AT_START))
    await until_archived(product, calls.ids["archived"])
    async with await product.page("agent") as page:
        await look(page, calls)
        going_on = calls.ids["going on"]
        await page.join(going_on)
        async with typing(page, going_on) as typed:
            await page.until(lambda: typed.count > 5)
            calls.typed = typed.count
            told = await asyncio.to_thread(sidecoach, "backup", path, "--data-dir", installation.data_dir)
        assert told.returncode == 0, told.stderr
        assert "5 people" in told.stdout
        assert typed.count > calls.typed, "nobody could work while the backup was made"
    return calls


async def until_archived(product: Product, session_id: str) -> None:
    """Wait until the store has no log of it."""
    with contextlib.suppress(SessionNotFound):
        async with asyncio.timeout(40):
            while await product.log(session_id):  # noqa: ASYNC110 another process tells nobody
                await asyncio.sleep(0.2)


async def look(page: Page, calls: Calls) -> None:
    """Remember what the screen shows of those that nobody works on."""
    for name in ("archived", "paused"):
        replica = await page.join(calls.ids[name])
        calls.views[name] = replica.view
        await page.leave(calls.ids[name])


class Typed:
    """How many times."""

    def __init__(self) -> None:
        self.count = 0


@contextlib.asynccontextmanager
async def typing(page: Page, session_id: str) -> AsyncIterator[Typed]:
    """Somebody types on; each is counted when it is acknowledged."""
    typed = Typed()

    async def type_on() -> None:
        while True:
            content = str(10_000_000 + typed.count + 1)
            await page.command(session_id, SetField(**AT_START, field_key="account_number", content=content))
            typed.count += 1

    task = asyncio.create_task(type_on())
    try:
        yield typed
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def elsewhere(tmp_path: Path, postgres: Postgres) -> Iterator[tuple[str, ...]]:
    """Flags that name other stores than the embedded ones."""
    valkey = EmbeddedValkey(tmp_path / "valkey", tmp_path)
    name = postgres.create()
    with asyncio.Runner() as runner:
        runner.run(valkey.start())
        yield "--redis-url", valkey.url, "--database-url", postgres.url(name)
        runner.run(valkey.stop())
    postgres.drop(name)


def test_everything_goes_on_with_postgresql_and_a_valkey_of_its_own(
    made: tuple[Path, Path, Calls], elsewhere: tuple[str, ...], tmp_path: Path
) -> None:
    """[BK1, BK3, BK4] Sign-ins, records, paused and open Sessions; nothing is restored over them."""
    backup, other, calls = made
    with installed(tmp_path / "data", *FLAGS, *elsewhere) as installation:
        told = sidecoach("restore", backup, "--data-dir", installation.data_dir, *elsewhere)
        assert told.returncode == 0, told.stderr
        assert "5 people" in told.stdout
        assert "2 of these are open" in told.stdout
        installation.start()
        asyncio.run(go_on(Product(installation), calls))
        told = sidecoach("restore", other, "--data-dir", installation.data_dir, *elsewhere)
        assert "already runs" in told.stderr
        installation.stop()
        told = sidecoach("restore", other, "--data-dir", installation.data_dir, *elsewhere)
        assert "the database is not empty" in told.stderr


async def go_on(product: Product, calls: Calls) -> None:
    """The same people, by the same sign-in, find what they left."""
    await product.prepare()
    product.sign_in_with("agent", calls.cookie)
    async with await product.page("agent") as page:
        await page.follow_live()
        await page.until(lambda: set(page.live) == {calls.ids["paused"], calls.ids["going on"]})
        for name, view in calls.views.items():
            assert (await page.join(calls.ids[name])).view == view
        replica = await page.join(calls.ids["going on"])
        held = replica.view["fields"]["account_number"]["content"]
        assert int(held) >= 10_000_000 + calls.typed
        await page.command(calls.ids["going on"], SelectAnswer(**AT_START, answer_key="verified"))
        await page.command(calls.ids["going on"], End(reason=""))


def test_a_stopped_installation_is_backed_up_as_it_is(made: tuple[Path, Path, Calls], tmp_path: Path) -> None:
    """[BK1, BK2] What was typed last is in it; the file is its user's alone, and written over no other."""
    running, stopped, _ = made
    assert stopped.stat().st_mode & 0o777 == 0o600
    assert rows_of(stopped)["sql/archived_logs"] >= rows_of(running)["sql/archived_logs"] == 1
    before = stopped.read_bytes()

    told = sidecoach("backup", stopped, "--data-dir", tmp_path / "data")

    assert told.returncode == 1
    assert stopped.read_bytes() == before
    assert not list(stopped.parent.glob("*.part"))


def rows_of(path: Path) -> dict[str, int]:
    """How many, by member."""
    with zipfile.ZipFile(path) as archive:
        return dict(msgspec.json.decode(archive.read(MANIFEST))["rows"])


@pytest.mark.long
def test_whoever_is_killed_while_restoring_has_it_done_again(made: tuple[Path, Path, Calls], tmp_path: Path) -> None:
    """[BK3, BK5] At whatever moment; with the embedded stores."""
    backup, _, calls = made
    with installed(tmp_path / "data", *FLAGS) as installation:
        for wait_s in (0.6, 1.0, 1.4):
            command = ["-m", "server", "restore", str(backup), "--data-dir", str(installation.data_dir)]
            restoring = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            with contextlib.suppress(subprocess.TimeoutExpired):
                restoring.wait(wait_s)
            restoring.send_signal(signal.SIGKILL)
            restoring.communicate()
        told = sidecoach("restore", backup, "--data-dir", installation.data_dir)
        assert told.returncode == 0, told.stderr
        installation.start()
        asyncio.run(go_on(Product(installation), calls))


Refused = Callable[[str, Path, Path, str], None]


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Refused:
    """A command with a file and a data directory, which is told in one sentence why not."""

    def refused(command: str, file: Path, data_dir: Path, why: str) -> None:
        assert main([command, str(file), "--data-dir", str(data_dir)]) == 1
        told = capsys.readouterr().err
        assert re.fullmatch(f"sidecoach: .*{re.escape(why)}.*\n", told), told

    return refused


class TestRefusals:
    def test_a_file_that_is_not_whole(self, made: tuple[Path, Path, Calls], refused: Refused, tmp_path: Path) -> None:
        """[BK4] Cut off, one byte changed, no backup at all, or not there."""
        whole = made[0].read_bytes()
        middle = len(whole) // 2
        damaged = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
        for name, content, why in (
            ("cut", whole[:middle], "is not a whole backup"),
            ("damaged", damaged, "is damaged"),
            ("text", b"hello", "is not a whole backup"),
        ):
            (tmp_path / name).write_bytes(content)
            refused("restore", tmp_path / name, tmp_path / "data", why)
        refused("restore", tmp_path / "nothing", tmp_path / "data", "cannot be read")
        assert not (tmp_path / "data").exists()

    def test_a_file_of_a_later_release(self, made: tuple[Path, Path, Calls], refused: Refused, tmp_path: Path) -> None:
        """[BK4] Of tables, or of a form, that are not known here."""
        for name, value in (("revision", "9999"), ("format", 2)):
            later = tmp_path / name
            with zipfile.ZipFile(made[0]) as source, zipfile.ZipFile(later, "w") as target:
                for member in source.namelist():
                    content = source.read(member)
                    if member == MANIFEST:
                        content = msgspec.json.encode(msgspec.json.decode(content) | {name: value})
                    target.writestr(member, content)
            refused("restore", later, tmp_path / "data", "expected that one or a later one here")
        assert not (tmp_path / "data").exists()

    def test_the_keys_of_another_installation(
        self, made: tuple[Path, Path, Calls], refused: Refused, tmp_path: Path
    ) -> None:
        """[BK4] They open what is there, and nothing else does."""
        (tmp_path / "data").mkdir()
        KeyRing.open(tmp_path / "data" / "keys.json")
        before = (tmp_path / "data" / "keys.json").read_bytes()

        refused("restore", made[0], tmp_path / "data", "holds the keys of another installation")

        assert (tmp_path / "data" / "keys.json").read_bytes() == before

    def test_nothing_to_back_up(self, refused: Refused, tmp_path: Path) -> None:
        """[BK1] A folder without an installation; none is made of it."""
        refused("backup", tmp_path / "file", tmp_path / "data", "holds no installation")
        assert not (tmp_path / "data").exists()
