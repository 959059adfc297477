"""Notices for processes without SQL: none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from protocol.base import PersonId, SessionId
from protocol.notices import Notice, NoticeId, NoticeLine
from server.ports import SessionStore
from server.rooms.notices import Notices


class NoNotices:
    """A `NoticeBook` that holds nothing."""

    async def standing(self) -> tuple[Notice, ...]:
        """None."""
        return ()

    async def lines(self, is_shown: Callable[[Notice], bool]) -> tuple[NoticeLine, ...]:
        """None."""
        return ()

    async def find(self, notice_id: NoticeId) -> Notice | None:
        """None."""
        return None

    async def write(self, notice: Notice, at_most: int) -> None:
        """Keep nothing."""

    async def take_back(self, notice_id: NoticeId, by: PersonId) -> bool:
        """It never stood."""
        return False

    async def note_reached(self, sessions: Mapping[NoticeId, Collection[SessionId]]) -> None:
        """Keep nothing."""


def no_notices(store: SessionStore) -> Notices:
    """A board on which nothing ever stands."""
    return Notices(NoNotices(), store, lambda: 0)
