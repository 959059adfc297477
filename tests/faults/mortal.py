"""A process that archives a Session, or brings one back, and is killed at the step that it was told.

`python -m tests.faults.mortal STORE DATABASE SESSION WHAT STEP`: nothing catches this, nothing is cleaned up.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from protocol.account import Policy
from server.archiver import Archiver, Settled
from server.ports import Due
from server.records.archive import SqlArchive
from server.records.database import Database
from server.records.sessions import SqlSessions
from server.recreating import RecreatingStore
from server.store.redis import RedisStore
from tests.server.test_sessions_list import FINISHED, row

STEPS = (
    ("archive", "read the store"),
    ("archive", "wrote the row"),
    ("archive", "wrote the archive"),
    ("archive", "deleted"),
    ("recreate", "read the archive"),
    ("recreate", "recreated"),
)
"""After each it may be over; before the next is the same."""


def dies(at_step: str, step: str, call: Callable[..., Any]) -> Callable[..., Any]:
    """The same call, with death as soon as it was answered, if it is the one."""

    async def mortal(*arguments: Any) -> Any:
        answer = await call(*arguments)
        if at_step == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return mortal


async def run(store_url: str, database_url: str, session_id: str, what: str, at_step: str) -> None:
    """Do it; no further than the step."""
    database = Database(database_url)
    live: Any = RedisStore(store_url)
    await live.start(lambda push: None)
    archive: Any = SqlArchive(database)
    table: Any = SqlSessions(database, Policy)
    entries = await live.read(session_id) if what == "archive" else ()
    for name, owner, call in (
        ("read the store", live, "read"),
        ("deleted", live, "delete"),
        ("recreated", live, "recreate"),
        ("wrote the archive", archive, "write"),
        ("read the archive", archive, "read"),
        ("wrote the row", table, "write"),
    ):
        setattr(owner, call, dies(at_step, name, getattr(owner, call)))
    if what == "archive":
        settled = Settled(
            claimed=Due(session_id=session_id, due_ms=1),
            row=row(1, FINISHED, session_id=session_id, seq=len(entries)),
        )
        await Archiver(live, archive, table, Policy).put_away([settled])
    else:
        await RecreatingStore(live, archive, Policy).read(session_id)
    await live.close()
    await database.close()


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:]))
