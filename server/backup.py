"""`sidecoach backup`: all of an installation in one file, while it runs or not.

The SQL tables are read in one transaction, as they are at its beginning; after that the log of each Session that
they know, from the store or, if it went there meanwhile, from the archive. So a log is as new as its row in the
lists, or newer, and its keys are there: nothing that was acknowledged before the backup began is missing.

Rules: protocol/SPEC.md, BK1 and BK2.
"""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from pathlib import Path
from secrets import token_hex

from protocol.base import SessionId
from server.backup_file import LOGS, BackupWriter, Manifest, contents, table_member, writing_backup
from server.opening import open_storage
from server.parts import Parts, build_parts
from server.ports import SessionNotFound, StoredEntry
from server.records.archive import pack
from server.records.whole import snapshot
from server.settings import CannotRun, Settings


def run(settings: Settings, path: Path) -> int:
    """Write the file; the exit status.

    Raises:
        CannotRun, Unavailable: the file is there already, or what it is made from is out of reach.
    """
    return asyncio.run(_back_up(settings, path))


async def _back_up(settings: Settings, path: Path) -> int:
    if not settings.key_ring_path.exists():
        raise CannotRun(f"{settings.data_path} holds no installation: expected its --data-dir")
    async with open_storage(settings) as settings:
        parts = build_parts(settings)
        await parts.live.start(lambda push: None)
        try:
            with writing_backup(path) as writer:
                manifest = await write(parts, settings.key_ring_path, writer)
        finally:
            await parts.live.close()
            await parts.database.close()
    print(f"{path}: {contents(manifest)}")
    print("It holds the keys to all content: keep it as safe as the installation, and no longer than its content.")
    return 0


async def write(parts: Parts, key_ring_path: Path, writer: BackupWriter) -> Manifest:
    """All of it into the file."""
    writer.write_keys(await asyncio.to_thread(key_ring_path.read_bytes))
    at_ms = await parts.live.now_ms()
    async with snapshot(parts.database) as tables:
        for name in tables.columns:
            with writer.rows(table_member(name)) as member:
                async for rows in tables.rows(name):
                    member.add(rows)
        with writer.rows(LOGS) as member:
            async for session_ids in tables.session_ids():
                archived = await tables.archived(session_ids)
                logs = [(each, await _read_log(parts, each, each in archived)) for each in session_ids]
                member.add((each, pack(entries)) for each, entries in logs if entries)
        return writer.finish(
            backup_id=token_hex(16),
            release=version("sidecoach"),
            revision=tables.revision,
            at_ms=at_ms,
            columns=tables.columns,
        )


async def _read_log(parts: Parts, session_id: SessionId, is_archived: bool) -> tuple[StoredEntry, ...]:
    """The log in the store; of one that went to the archive since the tables were read, that."""
    try:
        return await parts.live.read(session_id)
    except SessionNotFound:
        if is_archived:
            return ()
        return await parts.archive.read(session_id) or ()
