"""What the archive keeps of a log, and what it never lets go: SQLite and PostgreSQL. Rules: protocol/SPEC.md, AR."""

import asyncio
from secrets import token_bytes

import pytest

from protocol.base import SessionId
from server.ports import StoredEntry
from server.records.archive import SqlArchive, pack, unpack
from server.records.database import Database
from tests.support.sql import BOTH
from tests.support.stores import NOWHERE, at, entry_after, new_id

SQL_KINDS = BOTH

Entries = tuple[StoredEntry, ...]


@pytest.fixture
def archive(database: Database) -> SqlArchive:
    return SqlArchive(database)


def grown(entries: Entries, count: int) -> Entries:
    """The log after so many entries more."""
    for _ in range(count):
        entries += (entry_after(at(entries[-1]) if entries else NOWHERE, token_bytes(40)),)
    return entries


async def keep(archive: SqlArchive, session_id: SessionId, entries: Entries) -> bool:
    """Whether the archive holds exactly this log afterwards, by what it says and by what it gives."""
    kept = session_id in await archive.write({session_id: entries})
    assert kept == (await archive.read(session_id) == entries)
    return kept


async def test_a_log_comes_back_as_it_went(archive: SqlArchive) -> None:
    """[AR2] Ids, order and bytes."""
    session_id, entries = new_id(), grown((), 30)

    assert await archive.write({session_id: entries}) == {session_id}

    assert await archive.read(session_id) == entries
    assert await archive.positions([session_id, new_id()]) == {session_id: at(entries[-1])}
    assert await archive.read(new_id()) is None
    assert await archive.positions([]) == {}


async def test_kept_twice_is_kept_once(archive: SqlArchive) -> None:
    """[AR2] Who died after writing is followed by somebody who writes the same."""
    session_id, entries = new_id(), grown((), 3)
    for _ in range(2):
        assert await keep(archive, session_id, entries)


async def test_a_longer_log_replaces_what_it_goes_on_from(archive: SqlArchive) -> None:
    """[AR3] After later commands it is archived again."""
    session_id, entries = new_id(), grown((), 3)
    assert await keep(archive, session_id, entries)
    assert await keep(archive, session_id, grown(entries, 4))


async def test_a_shorter_log_replaces_nothing(archive: SqlArchive) -> None:
    """[AR3] Of somebody who is late; he is told, and deletes nothing."""
    session_id, entries = new_id(), grown((), 5)
    assert await keep(archive, session_id, entries)

    assert not await keep(archive, session_id, entries[:3])

    assert await archive.read(session_id) == entries


@pytest.mark.parametrize("length", [2, 5, 9])
async def test_another_history_replaces_nothing(archive: SqlArchive, length: int) -> None:
    """[AR3] Shorter, as long, or longer: what was acknowledged before the store lost it stays kept."""
    session_id, entries = new_id(), grown((), 5)
    assert await keep(archive, session_id, entries)

    assert not await keep(archive, session_id, grown(entries[:1], length - 1))

    assert await archive.read(session_id) == entries


async def test_many_in_one_go(archive: SqlArchive) -> None:
    """[AR2, AR3] New ones, the same, longer and other ones side by side."""
    new, same, longer, other = [new_id() for _ in range(4)]
    logs = {session_id: grown((), 4) for session_id in (same, longer, other)}
    assert await archive.write(logs) == set(logs)

    again = {new: grown((), 2), same: logs[same], longer: grown(logs[longer], 1), other: grown((), 6)}
    assert await archive.write(again) == {new, same, longer}

    assert await archive.read(longer) == again[longer]
    assert await archive.read(other) == logs[other]
    assert await archive.write({}) == set()


async def test_processes_that_write_at_once_lose_nothing(archive: SqlArchive) -> None:
    """[AR3] Whatever the order, the longest is kept."""
    logs = {new_id(): grown((), 10) for _ in range(5)}
    writes = [
        archive.write({session_id: entries[:length] for session_id, entries in logs.items()})
        for length in (3, 10, 7, 10, 1)
    ]
    await asyncio.gather(*writes)

    for session_id, entries in logs.items():
        assert await archive.read(session_id) == entries


def test_a_packed_log_is_small() -> None:
    """[AR2] Ids and payloads alone; what repeats costs next to nothing."""
    entries: Entries = ()
    for _ in range(100):
        entries += (entry_after(at(entries[-1]) if entries else NOWHERE, b'{"events":[{"type":"field_set"}]}' * 8),)
    packed = pack(entries)
    assert len(packed) < 100 * 40
    assert unpack(packed) == entries
