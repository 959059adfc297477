"""What the server needs to know of notices, as an interface; `records/notices.py` implements it over SQL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from protocol.base import PersonId, SessionId
from protocol.notices import Notice, NoticeId, NoticeLine


class TooManyNotices(Exception):
    """As many stand as there may."""


class NoticeBook(Protocol):
    """Notices, kept."""

    async def standing(self) -> tuple[Notice, ...]:
        """Those that stand now, the newest first. Raises `Unavailable`."""

    async def lines(self, is_shown: Callable[[Notice], bool]) -> tuple[NoticeLine, ...]:
        """Of those that are shown, the ones that stand, then those that are over, the newest first; nobody's yet."""

    async def find(self, notice_id: NoticeId) -> Notice | None:
        """One that stands."""

    async def write(self, notice: Notice, at_most: int) -> None:
        """Have it stand, with its audit row. Raises `TooManyNotices` if as many do already."""

    async def take_back(self, notice_id: NoticeId, by: PersonId) -> bool:
        """Whether it stood until now."""

    async def note_reached(self, sessions: Mapping[NoticeId, Collection[SessionId]]) -> None:
        """In these Sessions it was on the driver's screen; told again it counts once. Raises `Unavailable`."""
