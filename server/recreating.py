"""The store as everything above it sees it: live Sessions, and archived ones as if they had never left.

Where the live store does not know a Session, the archive is asked; what it
has is put back as the same log, and the question asked again. So a later
command, join or read of a record goes through the same door as any other.
Moving Sessions the other way is `archiver.py`.

Rules: protocol/SPEC.md, AR5 to AR7.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection
from typing import TypeVar

from protocol.base import Position, SessionId
from server.ports import (
    Archive,
    Commit,
    DueChange,
    LiveChange,
    Loaded,
    PolicyNow,
    SessionExists,
    SessionNotFound,
    SessionStore,
    StoredEntry,
    Unavailable,
)

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")


class RecreatingStore:
    """`SessionStore` over the live store and the archive."""

    def __init__(self, live: SessionStore, archive: Archive, policy: PolicyNow) -> None:
        self._live = live
        self._archive = archive
        self._policy = policy
        # What an archived Session has no part in goes straight to the live store.
        self.start, self.close, self.now_ms = live.start, live.close, live.now_ms
        self.delete, self.erase, self.recreate = live.delete, live.erase, live.recreate
        self.save_snapshot, self.condition = live.save_snapshot, live.condition
        self.live, self.due, self.reschedule, self.mend_due = live.live, live.due, live.reschedule, live.mend_due
        self.subscribe, self.unsubscribe, self.subscribe_live = live.subscribe, live.unsubscribe, live.subscribe_live
        self.signal, self.presence, self.last_seen_ms = live.signal, live.presence, live.last_seen_ms
        self.attendance = live.attendance
        self.lease_presence, self.release_presence = live.lease_presence, live.release_presence

    async def create(
        self, session_id: SessionId, entry: StoredEntry, live: LiveChange | None, due: DueChange | None = None
    ) -> None:
        """See `SessionStore`: an id that the archive holds is in use, too."""
        try:
            # Read, not tried: between a look into the archive and a try, a Session could go there.
            held: tuple[StoredEntry, ...] | None = await self._live.read(session_id)
        except SessionNotFound:
            held = await self._archive.read(session_id)
        if held is None:
            await self._live.create(session_id, entry, live, due)
        elif held[0].entry_id != entry.entry_id:
            raise SessionExists(held[0])

    async def commit(self, commit: Commit) -> None:
        """See `SessionStore`."""
        await self._with_archive(commit.session_id, lambda: self._live.commit(commit))

    async def read(self, session_id: SessionId, after_seq: int = 0) -> tuple[StoredEntry, ...]:
        """See `SessionStore`."""
        return await self._with_archive(session_id, lambda: self._live.read(session_id, after_seq))

    async def load(self, session_id: SessionId, engine: str) -> Loaded:
        """See `SessionStore`."""
        return await self._with_archive(session_id, lambda: self._live.load(session_id, engine))

    async def positions(self, session_ids: Collection[SessionId]) -> dict[SessionId, Position]:
        """See `SessionStore`: an archived log ends where it is kept; it is not put back for this."""
        found = await self._live.positions(session_ids)
        missing = [session_id for session_id in session_ids if session_id not in found]
        return {**await self._archive.positions(missing), **found} if missing else found

    async def _with_archive(self, session_id: SessionId, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        try:
            return await ask()
        except SessionNotFound:
            now_ms = await self._live.now_ms()
            entries = await self._archive.read(session_id)
            if entries is None:
                raise
        quiet_ms = self._policy().archive_after_ms
        # Nothing that went on since can be archived again before the quiet time is over: half of it is soon enough
        # to know that what was read is the newest that the archive has, whatever the clocks.
        if not await self._live.recreate(session_id, entries, now_ms + quiet_ms, now_ms + quiet_ms // 2):
            raise Unavailable(f"session {session_id}: {entries[-1].seq} archived entries were read too long ago")
        log.info("archive.recreated session_id=%s seq=%d", session_id, entries[-1].seq)
        return await ask()
