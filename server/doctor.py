"""`sidecoach doctor`: looks whether everything is where it belongs, and mends the due sets from the logs.

A line per thing that was looked at; the exit status is 1 if something needs a
person. It may be run at any time: what it mends, it mends only while the log
still ends where it was read.

Rules: protocol/SPEC.md, DI.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec

from protocol.account import Policy
from protocol.base import SessionId
from protocol.connections import ConnectionStatus
from server.due_mending import mend_due
from server.folded import ForkedError
from server.parts import Parts, build_parts, find_store
from server.ports import SessionNotFound, Unavailable
from server.records.session_keys import SqlSessionKeys
from server.settings import Settings, policy_of
from server.store.keyring import SealBroken

AT_ONCE = 500


def run(settings: Settings) -> int:
    """Look at everything; the exit status.

    Raises:
        CannotRun, Unavailable: the store or the database cannot be reached.
    """
    return asyncio.run(_examine(find_store(settings)))


async def _examine(settings: Settings) -> int:
    parts = build_parts(settings)
    policy = policy_of((await parts.house.read())[1])
    await parts.store.start(lambda push: None)
    try:
        print(f"ok    store: {await _live(parts)} live Sessions")
        await parts.database.check()
        print("ok    database")
        unreadable = await _mend_due_sets(parts, policy)
        waiting = await _look_at_connections(parts)
        return 1 if unreadable or waiting else 0
    finally:
        await parts.submit.close()
        await parts.store.close()
        await parts.database.close()


async def _live(parts: Parts) -> int:
    return len(await parts.store.live())


async def _mend_due_sets(parts: Parts, policy: Policy) -> int:
    """Whether each Session with a log comes up when it should; how many could not be read."""
    seen = mended = unreadable = 0
    async for session_id in _session_ids(parts):
        try:
            mended += await mend_due(parts.store, parts.submit, policy, session_id)
        except SessionNotFound:
            continue  # a record: nothing of it is in the store
        except (ForkedError, SealBroken, Unavailable, msgspec.MsgspecError, ValueError) as error:
            print(f"ILL   session {session_id}: {error}")
            unreadable += 1
            continue
        seen += 1
    print(f"ok    due sets: {seen} Sessions looked at, {mended} mended")
    return unreadable


async def _session_ids(parts: Parts) -> AsyncIterator[SessionId]:
    keys, after = SqlSessionKeys(parts.database, parts.key_ring), ""
    while found := await keys.session_ids(after, AT_ONCE):
        # A record that is archived stays there: nothing of it is due.
        for session_id in await parts.live.positions(found):
            yield session_id
        after = found[-1]


async def _look_at_connections(parts: Parts) -> int:
    """Connections that their Actions wait for."""
    ill = [view for view in await parts.connections.list(None) if view.status is ConnectionStatus.NEEDS_ATTENTION]
    for view in ill:
        print(f"ILL   Connection {view.name} ({view.integration}): {view.reason}")
    if not ill:
        print("ok    Connections")
    return len(ill)
