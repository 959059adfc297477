"""The private Valkey: started, adopted, refused, stopped. Rules: protocol/SPEC.md, ST15."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from redis.asyncio import Redis

from server.embedded import EmbeddedRefused, EmbeddedValkey, find_valkey_server
from server.store.redis import RedisStore
from tests.support.stores import Log, Process


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short one: sockets have short paths."""
    with TemporaryDirectory(prefix="sc-") as folder:
        yield Path(folder)


async def write_log(valkey: EmbeddedValkey) -> Log:
    """A Session of three entries."""
    process = await Process(RedisStore(valkey.url)).start()
    log = await Log(process).create()
    await log.append(b"two", b"three")
    await process.store.close()
    return log


async def holds(valkey: EmbeddedValkey, log: Log) -> bool:
    """The Session is there, whole."""
    process = await Process(RedisStore(valkey.url)).start()
    found = await process.store.read(log.session_id)
    await process.store.close()
    return found == tuple(log.entries)


async def test_stopped_and_started_again_holds_all(folder: Path) -> None:
    """[ST15] Nothing runs after stop; the next start has everything."""
    valkey = EmbeddedValkey(folder / "data", folder / "run")
    await valkey.start()
    log = await write_log(valkey)
    pid = valkey.pid
    await valkey.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    await valkey.start()
    assert await holds(valkey, log)
    await valkey.stop()


async def test_settings_are_the_promised_ones(folder: Path) -> None:
    """[ST15] On disk before answered, never evicting, no TCP port, the socket for its user only."""
    valkey = EmbeddedValkey(folder / "data", folder / "run")
    await valkey.start()
    socket_path = folder / "run" / "valkey.sock"
    promised = {
        "appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction", "port": "0",
        "aof-load-truncated": "yes", "dir": str((folder / "data").resolve()),
    }  # fmt: skip
    async with Redis.from_url(valkey.url, decode_responses=True) as operator:
        assert await operator.config_get(*promised) == promised
    assert socket_path.stat().st_mode & 0o077 == 0
    await valkey.stop()


async def test_orphan_is_adopted(folder: Path) -> None:
    """[ST15] After kill -9 of the launcher its Valkey runs on; the next launcher takes it over and can stop it."""
    orphan = EmbeddedValkey(folder / "data", folder / "run")
    await orphan.start()
    log = await write_log(orphan)
    adopter = EmbeddedValkey(folder / "data", folder / "run")
    await adopter.start()
    assert adopter.pid == orphan.pid
    assert await holds(adopter, log)
    await adopter.stop()
    await orphan.died()


async def test_death_is_noticed(folder: Path) -> None:
    """[ST15] Of a child and of an adopted one, so that the launcher can start it again."""
    child = EmbeddedValkey(folder / "data", folder / "run")
    await child.start()
    adopted = EmbeddedValkey(folder / "data", folder / "run")
    await adopted.start()
    noticed = asyncio.gather(child.died(), adopted.died())
    await asyncio.sleep(0.05)
    assert not noticed.done()
    os.kill(child.pid, signal.SIGKILL)
    async with asyncio.timeout(5):
        await noticed
    await adopted.start()
    await adopted.stop()


async def test_death_of_a_child_that_nobody_buries_is_noticed(folder: Path) -> None:
    """[ST15] An adopted server whose parent lives on and never waits for it stays listed as a zombie."""
    adopted = EmbeddedValkey(folder / "data", folder / "run")
    child = bear(folder, adopted._settings())
    try:
        async with asyncio.timeout(10):
            while not await adopted._adopt():  # noqa: ASYNC110 no event tells that it listens
                await asyncio.sleep(0.02)
            assert adopted.pid == child.pid
            child.kill()
            await adopted.died()
        assert child.returncode is None
    finally:
        child.kill()
        child.wait()


def bear(folder: Path, settings: list[str]) -> subprocess.Popen[bytes]:
    """A server that this process started and does not wait for."""
    for directory in (folder / "data", folder / "run"):
        directory.mkdir()
    return subprocess.Popen([str(find_valkey_server()), *settings])


async def test_torn_log_is_loaded(folder: Path) -> None:
    """[ST15] A write cut short by a crash is dropped; what was answered before it is there."""
    valkey = EmbeddedValkey(folder / "data", folder / "run")
    await valkey.start()
    log = await write_log(valkey)
    os.kill(valkey.pid, signal.SIGKILL)
    await valkey.died()
    [written] = (folder / "data" / "appendonlydir").glob("*.incr.aof")
    with written.open("ab") as file:
        file.write(b"*3\r\n$3\r\nSET\r\n$4\r\nto")
    await valkey.start()
    assert await holds(valkey, log)
    await valkey.stop()


async def test_server_of_others_is_not_adopted(folder: Path) -> None:
    """[ST15] A server on our socket with other data is refused by name of that data, and left alone."""
    other = EmbeddedValkey(folder / "other", folder / "run")
    await other.start()
    with pytest.raises(EmbeddedRefused, match="other"):
        await EmbeddedValkey(folder / "data", folder / "run").start()
    assert other.pid
    await other.stop()


async def test_broken_data_is_said(folder: Path) -> None:
    """[ST15] A server that will not start says so at once, and where to read why."""
    (folder / "data" / "appendonlydir").mkdir(parents=True)
    (folder / "data" / "appendonlydir" / "appendonly.aof.manifest").write_text("nonsense\n")
    with pytest.raises(EmbeddedRefused, match=r"valkey\.log"):
        await EmbeddedValkey(folder / "data", folder / "run").start()


async def test_long_path_is_refused(folder: Path) -> None:
    """[ST15] A socket's path over 107 bytes fails later and obscurely otherwise."""
    with pytest.raises(EmbeddedRefused, match="shorter"):
        await EmbeddedValkey(folder / "data", folder / ("x" * 100)).start()
