"""How text is read: in whose locale, and when."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec.structs import replace

from protocol.account import Locale
from protocol.base import Millis

if TYPE_CHECKING:
    import babel

PLAIN_LANGUAGE = "en-GB"
"""The form in which documents, Answers and carried-over values write: a decimal point, ISO dates."""


class Reading:
    """A locale and a moment; what is asked of them is worked out once."""

    def __init__(self, locale: Locale, now_ms: Millis) -> None:
        self.locale = locale
        self.now_ms = now_ms

    @property
    def plain(self) -> Reading:
        """The same place and time, for text that no person typed."""
        return Reading(replace(self.locale, language=PLAIN_LANGUAGE), self.now_ms)

    @cached_property
    def language(self) -> babel.Locale:
        """Names and separators; English where the language is not known."""
        import babel  # 40 ms, and only when a number or a date is typed

        try:
            return babel.Locale.parse(self.locale.language, sep="-")
        except (babel.UnknownLocaleError, ValueError):
            return babel.Locale.parse(PLAIN_LANGUAGE, sep="-")

    @cached_property
    def zone(self) -> ZoneInfo:
        """The person's time zone."""
        return find_zone(self.locale.time_zone) or ZoneInfo("UTC")


def find_zone(name: str) -> ZoneInfo | None:
    """A time zone by its IANA name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
