"""Today's code on the data directories that earlier releases left: `make.py` made them, with the code of then."""

import asyncio
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from protocol.base import SessionId
from protocol.commands import End, Resume, SetField
from server.client import Page
from server.records.database import Database, newest_revision
from tests.support.installation import installed
from tests.support.product import Product
from tests.upgrade.make import FIELD

ARCHIVES = sorted(Path(__file__).parent.glob("*.tar.xz"))

FOR_EVER = ("--driver-left-s", "315360000", "--expires-days", "3650")
"""Nobody drove for as long as the archive is old: time would pause and end what the test goes on with."""


def unpacked(archive: Path, folder: Path) -> dict[str, Any]:
    """The data directory in a folder; what must be found in it."""
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    (folder / "data").chmod(0o700)  # the filter leaves the modes of folders to the umask
    return dict(json.loads((folder / "said.json").read_text()))


def typed(page: Page, session_id: SessionId) -> str:
    """What the page shows in the Field."""
    fields = page.sessions[session_id].view["fields"]
    return str(fields[FIELD]["content"])


def test_there_is_something_to_start_on() -> None:
    """[OP15] At least the first release's."""
    assert ARCHIVES


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda archive: archive.name.removesuffix(".tar.xz"))
async def test_what_an_earlier_release_left_goes_on(archive: Path, tmp_path: Path) -> None:
    """[OP15, LG1] Tables are brought up, logs are read as they were written; live, paused and finished calls go on."""
    said = unpacked(archive, tmp_path)
    calls: dict[str, dict[str, Any]] = said["sessions"]
    with installed(tmp_path / "data", "--demo", *FOR_EVER) as installation:
        await asyncio.to_thread(installation.start)
        product = Product(installation)
        await product.prepare()

        for call in calls.values():
            then = call["log"]
            now = msgspec.json.decode(msgspec.json.encode(await product.log(call["session_id"])))
            assert [entry["entry_id"] for entry in now[: len(then)]] == [entry["entry_id"] for entry in then]
            for before, after in zip(then, now, strict=False):
                for event_before, event_after in zip(before["events"], after["events"], strict=True):
                    assert {**event_after, **event_before} == event_after, "an event means what it meant"

        agent, colleague = await product.page("agent"), await product.page("agent2")
        live, paused, finished = (calls[what]["session_id"] for what in ("live", "paused", "finished"))
        await agent.join(live)
        assert typed(agent, live) == calls["live"]["content"]
        await agent.command(live, SetField(visit_id="v1", seat=1, field_key=FIELD, content="acc-today"))
        await agent.command(live, End(reason_key="hung_up"))

        await colleague.join(paused)
        assert typed(colleague, paused) == calls["paused"]["content"]
        await colleague.command(paused, Resume())
        await colleague.command(paused, SetField(visit_id="v1", seat=1, field_key=FIELD, content="acc-today"))
        assert typed(colleague, paused) == "acc-today"

        await agent.join(finished)
        assert typed(agent, finished) == calls["finished"]["content"]
        await agent.close()
        await colleague.close()

        command = [sys.executable, "-m", "server", "doctor", "--data-dir", str(installation.data_dir), *FOR_EVER]
        for _ in range(10):  # what became due while nothing ran is taken up within seconds
            told = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
            if told.returncode == 0:
                break
            await asyncio.sleep(1)
        assert told.returncode == 0, told.stdout
        database = Database(f"sqlite:///{tmp_path}/data/sidecoach.db")
        assert (await database.describe())[3] == newest_revision()
        await database.close()
