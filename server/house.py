"""What holds in this installation now: what was given at the start, then what administrators set, then defaults.

Each process looks once a second whether something was set, so that a change
holds everywhere within two. As long as SQL is out of reach, what was read last
goes on holding; before it was ever read, nothing is done that time would do.

Rules: protocol/SPEC.md, SG1 to SG3.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from protocol.account import Locale, Policy
from protocol.base import PersonId, Record
from protocol.house import HouseSettings
from server.ports import Unavailable
from server.settings import Settings, locale_of, policy_of

log = logging.getLogger(__name__)

LOOK_S = 1.0


class SettingsChanged(Exception):
    """Somebody else changed them since that version."""


class SetSettings(Record, frozen=True, kw_only=True):
    """What was set, at one moment."""

    version: int
    values: dict[str, Any]


class SettingChange(Record, frozen=True, kw_only=True):
    """A new value, and the change in words for the audit log."""

    value: Any
    before: str
    after: str


class HouseBook(Protocol):
    """Where what administrators set is kept. Raises `Unavailable`."""

    async def version(self) -> int:
        """Rises with every change. What is read after it is at least as new."""

    async def read(self) -> SetSettings:
        """What was set, and nothing that was not."""

    async def change(self, version: int, changes: Mapping[str, SettingChange], by: PersonId) -> None:
        """Set all of these or none, if the version is still the newest. Raises `SettingsChanged`."""


class House:
    """One process's knowledge of it."""

    def __init__(self, settings: Settings, book: HouseBook) -> None:
        self.fixed: Mapping[str, str] = settings.fixed
        self._given = settings.house
        self._book = book
        self._version: int | None = None
        self._watch: asyncio.Task[None] | None = None
        self._on_locale: list[Callable[[], None]] = []
        self._take(self._given)

    @property
    def now(self) -> HouseSettings:
        """All of it."""
        return self._now

    def policy(self) -> Policy:
        """The rules that decisions depend on."""
        return self._policy

    def locale(self) -> Locale:
        """Of people who have none of their own."""
        return self._locale

    def on_locale(self, heard: Callable[[], None]) -> None:
        """Have somebody hear when the locale is another one."""
        self._on_locale.append(heard)

    async def start(self, on_known: Callable[[], None]) -> None:
        """Begin to look; says when it is known for the first time, which is at once if SQL is there."""
        try:
            await self.look()
        except Unavailable as error:
            log.warning("house.unknown reason=%s", error)
        else:
            on_known()
        self._watch = asyncio.create_task(self._look_all_the_time(on_known))

    async def close(self) -> None:
        """Stop looking."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)

    async def look(self) -> None:
        """See whether something was set. Raises `Unavailable`."""
        if self._version is None or await self._book.version() != self._version:
            await self.read()

    async def read(self) -> tuple[int, HouseSettings]:
        """What holds now, read anew, and its version. Raises `Unavailable`."""
        found = await self._book.read()
        news = with_values(self._given, {name: found.values[name] for name in found.values.keys() - self.fixed.keys()})
        if self._version is None or found.version >= self._version:
            self._version = found.version
            self._take(news)
        return found.version, news

    def _take(self, now: HouseSettings) -> None:
        self._now, self._policy, locale = now, policy_of(now), locale_of(now)
        is_other = getattr(self, "_locale", locale) != locale
        self._locale = locale
        if is_other:
            for heard in self._on_locale:
                heard()

    async def _look_all_the_time(self, on_known: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            was_known = self._version is not None
            try:
                await self.look()
            except Unavailable as error:
                log.info("house.waiting reason=%s", error)
                continue
            except Exception:
                log.exception("house.failed")
                continue
            if not was_known:
                on_known()


def with_values(given: HouseSettings, values: Mapping[str, Any]) -> HouseSettings:
    """The settings with these values, as SQL holds them, in the place of others; what is no setting is left out."""
    known = {name: value for name, value in values.items() if name in HouseSettings.__struct_fields__}
    return msgspec.convert({**msgspec.to_builtins(given), **known}, HouseSettings)
