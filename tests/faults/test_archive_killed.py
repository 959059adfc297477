"""kill -9 at each step of going to the archive and of coming back: nothing is lost, nothing is doubled."""

import asyncio
import signal
import sys

import pytest

from protocol.account import Policy
from server.archiver import Archiver, Settled
from server.embedded import EmbeddedValkey
from server.ports import Due, DueChange, SessionNotFound
from server.records.archive import SqlArchive
from server.records.database import Database
from server.records.sessions import SqlSessions
from server.recreating import RecreatingStore
from server.store.redis import RedisStore
from tests.faults.mortal import STEPS
from tests.server.test_sessions_list import FINISHED, row
from tests.support.stores import Log, Process


async def until_killed(*words: str) -> None:
    """Have a process of its own do it; it is killed on the way."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.faults.mortal", *words)
    assert await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL, "it came through alive"


@pytest.mark.parametrize(("what", "step"), STEPS)
async def test_a_process_killed_at_any_step_costs_nothing(
    what: str, step: str, embedded: EmbeddedValkey, database: Database, database_url: str
) -> None:
    """[AR2, AR5] The log is whole in the store, in both or in SQL; whoever comes next finishes it, and it goes on."""
    live = RedisStore(embedded.url)
    log = await Log(await Process(live).start()).create(due=DueChange(due_ms=1))
    await log.append(b"second", b"third")
    archive, store = SqlArchive(database), RecreatingStore(live, SqlArchive(database), Policy)
    archiver = Archiver(live, archive, SqlSessions(database, Policy), Policy)

    async def put_away() -> None:
        seq = len(log.entries)
        settled_row = row(1, FINISHED, session_id=log.session_id, seq=seq)
        await archiver.put_away([Settled(claimed=Due(session_id=log.session_id, due_ms=1), row=settled_row)])

    if what == "recreate":
        await put_away()
    await until_killed(embedded.url, database_url, log.session_id, what, step)

    kept = await archive.read(log.session_id)
    assert kept in (None, tuple(log.entries))
    if step in ("deleted", "read the archive"):
        with pytest.raises(SessionNotFound):
            await live.read(log.session_id)
        assert kept is not None
    else:
        assert await live.read(log.session_id) == tuple(log.entries)

    assert await store.read(log.session_id) == tuple(log.entries)
    log.process.store = store
    await log.append(b"a correction")
    await put_away()
    assert await archive.read(log.session_id) == tuple(log.entries)
    assert await live.positions([log.session_id]) == {}
    assert await store.read(log.session_id) == tuple(log.entries)
    await live.close()
