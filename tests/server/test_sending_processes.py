"""`sidecoach worker` and `sidecoach doctor` beside a running installation, as an operator meets them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from protocol.base import SessionId
from protocol.commands import End, SetField
from server.settings import Settings
from server.store.address import Access, Address
from server.store.keys import due_key, partition_of
from server.store.wire import Wire
from tests.support.installation import Installation, eventually, installed
from tests.support.product import Product


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[Product]:
    """A demo installation with its receiver."""
    with installed(tmp_path / "data", "--demo") as installation:
        installation.start()
        product = Product(installation)
        await product.prepare()
        yield product


async def ended_call(product: Product) -> SessionId:
    """A call that was ended: its Action is on its way."""
    page = await product.page("agent")
    session_id = await page.start(product.version.id)
    await page.join(session_id)
    for key, content in (("account_number", "AB12345678"), ("issue_type", "billing")):
        await page.command(session_id, SetField(visit_id="v1", seat=1, field_key=key, content=content))
    await page.command(session_id, End(reason_key="hung_up"))
    await page.close()
    return session_id


def events(product: Product) -> list[str]:
    """What the demo's receiver got, by event."""
    answer = httpx.get(f"{product.installation.receiver_address}/api/deliveries", trust_env=False)
    return [entry["event"] for entry in answer.json()["entries"]]


def doctor(installation: Installation, *flags: str) -> subprocess.CompletedProcess[str]:
    """`sidecoach doctor`, run."""
    command = [sys.executable, "-m", "server", "doctor", "--data-dir", str(installation.data_dir), *flags]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def worker(installation: Installation) -> Iterator[subprocess.Popen[str]]:
    """`sidecoach worker`, running."""
    settings = Settings(data_dir=str(installation.data_dir.resolve()))
    command = [sys.executable, "-m", "server", "worker", "--data-dir", settings.data_dir]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


async def test_a_worker_sends_beside_the_server_and_stops_when_told(product: Product) -> None:
    """[DI6] Whoever of the two takes it: the receiver gets it once; told to stop, it goes with status 0."""
    with worker(product.installation) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Sidecoach sends what is due.")
        await ended_call(product)
        eventually(lambda: events(product) == ["call.finished"])

        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert events(product) == ["call.finished"]


def test_a_worker_says_what_it_lacks(tmp_path: Path) -> None:
    """[DI6] Where nothing runs it has nothing to connect to."""
    command = [sys.executable, "-m", "server", "worker", "--data-dir", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert run.returncode == 1
    assert run.stderr.startswith("sidecoach: nothing runs on ")
    assert "Traceback" not in run.stderr


async def test_the_doctor_puts_back_what_the_due_set_lost(product: Product) -> None:
    """[DI7, OP14] An open call comes up again when its driver counts as gone; a second look finds nothing to mend."""
    page = await product.page("agent")
    session_id = await page.start(product.version.id)
    key = due_key(partition_of(session_id))
    settings = Settings(data_dir=str(product.installation.data_dir.resolve()))
    wire = await Wire.open(Address(str(settings.runtime_path / "valkey.sock")), Access())
    assert await wire.call("ZREM", key, session_id) == 1

    first, second = doctor(product.installation), doctor(product.installation, "--json")

    assert (first.returncode, second.returncode) == (0, 0), first.stdout + first.stderr
    assert "ok    due sets: 1 Sessions looked at, 1 mended" in first.stdout
    report = json.loads(second.stdout)
    assert report["ok"] is True
    found = {finding["what"]: finding["found"] for finding in report["findings"]}
    assert found["due sets"] == "1 Sessions looked at, 0 mended"
    assert found["store durability"] == "every write is on disk before it is acknowledged"
    assert found["tables"].startswith("as this release has them")
    assert await wire.call("ZSCORE", key, session_id) is not None
    wire.cut()
    await page.close()
