"""`sidecoach restore`: an installation as a backup holds it, where none is yet, on whatever store and database.

First the key ring, then the SQL tables in one transaction, then each log with its place in the lists and in time.
Whoever dies in between has it done again by the same command: what stands already stays.

Rules: protocol/SPEC.md, BK3 to BK5.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

from server.backup_file import LOGS, Backup, contents, reading_backup, table_member
from server.folded import ForkedError
from server.opening import open_storage
from server.parts import Parts, build_parts
from server.records.archive import unpack
from server.records.database import Database, knows_revision
from server.records.whole import fill
from server.settings import CannotRun, Settings
from server.store.keyring import KeyRingRefused, SealBroken, put_back
from session_engine.action_machine import PENDING


def run(settings: Settings, path: Path) -> int:
    """Put it back; the exit status.

    Raises:
        CannotRun, Unavailable: the file is not whole, there is an installation already, or something is out of reach.
    """
    with reading_backup(path) as backup:
        return asyncio.run(_restore(settings, backup))


async def _restore(settings: Settings, backup: Backup) -> int:
    manifest = backup.manifest
    if not knows_revision(manifest.revision):
        raise CannotRun(f"written by release {manifest.release}: expected that one or a later one here")
    try:
        put_back(settings.key_ring_path, backup.keys)
    except KeyRingRefused as error:
        raise CannotRun(str(error)) from None
    async with open_storage(settings, running=False) as settings:
        await restore_tables(Database(settings.sql_url), backup)
        parts = build_parts(settings)
        await parts.live.start(lambda push: None)
        try:
            counts = await restore_logs(parts, backup)
        finally:
            await parts.submit.close()
            await parts.live.close()
            await parts.database.close()
    print(f"restored: {contents(manifest)}; {counts['open']} of these are open")
    if counts["pending"]:
        print(
            f"{counts['pending']} Actions were on their way when the backup was made, and will be again when"
            " `sidecoach serve` starts. If that installation went on after the backup, look at them first."
        )
    print(
        "What was revoked, erased or deactivated after the backup is as it was then: look at API tokens and people."
        " Event webhooks that waited then are sent again."
    )
    return 0


async def restore_tables(database: Database, backup: Backup) -> None:
    """Make and fill the SQL tables, then let go of the database."""
    manifest = backup.manifest
    try:
        await fill(
            database,
            manifest.revision,
            manifest.columns,
            lambda name: backup.rows(table_member(name)),
            told=(manifest.at_ms, "restored", manifest.id),
        )
    finally:
        await database.close()


async def restore_logs(parts: Parts, backup: Backup) -> Counter[str]:
    """Put every log into the store; how many are open, and how many Actions are on their way."""
    counts: Counter[str] = Counter()
    for rows in backup.rows(LOGS):
        for session_id, packed in rows:
            try:
                state = await parts.submit.put_back(session_id, unpack(packed))
            except (ForkedError, SealBroken) as error:
                raise CannotRun(str(error)) from None
            counts["open"] += not state.is_finished
            counts["pending"] += sum(action.status in PENDING for action in state.actions.values())
    return counts
