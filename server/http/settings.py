"""Settings of the installation as administrators see and change them.

Rules: protocol/SPEC.md, SG1 to SG6.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from protocol.account import EndReason
from protocol.house import GivenReason, HouseSettings, SettingsAnswer, SettingsChange
from server.house import House, HouseBook, SettingChange, SettingsChanged, with_values
from server.http.body import read_body
from server.http.integrations import admin_only, answer_json
from server.http.me import Reception
from server.http.people import clean_name
from server.http.problems import HttpProblem
from server.settings import RANGES, CannotRun, locale_of, read_currency, read_language, read_time_zone
from session_engine.values.places import locale_problem

MOST_OFFERED = 9
"""One number key each."""
MOST_REASONS = 200
"""With those that are offered no more."""
MOST_DAYS = 36_500
READERS = {"language": read_language, "currency": read_currency, "time_zone": read_time_zone}


class SettingsDesk:
    """For administrators only."""

    def __init__(self, house: House, book: HouseBook, reception: Reception) -> None:
        self._house = house
        self._book = book
        self._reception = reception

    async def settings(self, request: Request) -> Response:
        """GET /api/settings, read now"""
        await admin_only(self._reception, request)
        return await self._answer()

    async def change(self, request: Request) -> Response:
        """PATCH /api/settings: a `SettingsChange`"""
        actor = await admin_only(self._reception, request)
        change = await read_body(request, SettingsChange)
        asked = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not None}
        del asked["version"]
        for name in asked:
            if name in self._house.fixed:
                detail = f"{name}: {self._house.fixed[name]} fixes it; expected that to be taken away at the next start"
                raise HttpProblem(HTTPStatus.CONFLICT, "setting_fixed", detail)
        version, before = await self._house.read()
        if version != change.version:
            raise _changed()
        after = with_values(before, {name: judged(name, value, before) for name, value in asked.items()})
        if locale_of(after) != locale_of(before) and (expected := locale_problem(locale_of(after))) is not None:
            raise _bad("language", expected)
        changes = {
            name: SettingChange(
                value=msgspec.to_builtins(getattr(after, name)),
                before=in_words(getattr(before, name)),
                after=in_words(getattr(after, name)),
            )
            for name in asked
            if getattr(after, name) != getattr(before, name)
        }
        if changes:
            try:
                await self._book.change(version, changes, by=actor.id)
            except SettingsChanged:
                raise _changed() from None
        return await self._answer()

    async def _answer(self) -> Response:
        version, settings = await self._house.read()
        return answer_json(SettingsAnswer(version=version, settings=settings, fixed=dict(self._house.fixed)))


def judged(name: str, value: Any, before: HouseSettings) -> Any:
    """A value as it is stored. Raises `HttpProblem` 422 with what was expected."""
    if name in READERS:
        try:
            return READERS[name](value)
        except CannotRun as error:
            raise _bad(name, re.sub(r"^.* is not ", "", str(error))) from None
    if name in RANGES:
        return _within(name, value, *RANGES[name])
    match name:
        case "name":
            return clean_name(value)
        case "retention_days":
            return _within(name, value, 0, MOST_DAYS)
        case "workflow_retention_days":
            return {key: _within(f"{name}.{key}", days, 0, MOST_DAYS) for key, days in value.items()}
        case "end_reasons":
            return msgspec.to_builtins(reasons_after(before.end_reasons, value))
    return value


def reasons_after(before: tuple[EndReason, ...], given: tuple[GivenReason, ...]) -> tuple[EndReason, ...]:
    """Those given, in their order, then all others, hidden: what a record names stays what it was called then.

    Raises:
        HttpProblem: 422 with what was expected.
    """
    if len(given) > MOST_OFFERED:
        raise _bad("end_reasons", f"at most {MOST_OFFERED}, one number key each")
    known = {reason.key: reason for reason in before}
    labels_seen: set[str] = set()
    offered: list[EndReason] = []
    for place, reason in enumerate(given):
        label = clean_name(reason.label)
        if label.casefold() in labels_seen:
            raise _bad(f"end_reasons.{place}", "each of them once")
        labels_seen.add(label.casefold())
        if reason.key is not None and reason.key not in known:
            raise _bad(f"end_reasons.{place}", f"the key of one of them, or none, instead of {reason.key}")
        # A name that was offered before is the reason that it was then, wherever it comes from.
        same = known.get(reason.key or "")
        if same is None or same.label != label:
            same = next((each for each in before if each.label == label), None)
        key = same.key if same is not None else _draw_key(label, known.keys() | {each.key for each in offered})
        offered.append(EndReason(key=key, label=label))
    keys = {reason.key for reason in offered}
    hidden = [EndReason(key=each.key, label=each.label, hidden=True) for each in before if each.key not in keys]
    if len(offered) + len(hidden) > MOST_REASONS:
        raise _bad("end_reasons", f"at most {MOST_REASONS} with those that were offered before")
    return (*offered, *hidden)


def in_words(value: Any) -> str:
    """A value as the audit log tells it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(reason.label for reason in value if not reason.hidden)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {days}" for key, days in sorted(value.items()))
    return str(value)


def _draw_key(label: str, taken: set[str]) -> str:
    base = re.sub(r"[^a-z0-9]+", "_", label.casefold()).strip("_")[:48]
    base = base if base[:1].isalpha() and base.isascii() else f"reason_{base}".rstrip("_")
    numbered = (base if number == 1 else f"{base}_{number}" for number in range(1, MOST_REASONS + 2))
    return next(key for key in numbered if key not in taken)


def _within(name: str, value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise _bad(name, f"{least} to {most} instead of {value}")
    return value


def _bad(name: str, expected: str) -> HttpProblem:
    return HttpProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_setting", f"{name}: expected {expected}")


def _changed() -> HttpProblem:
    detail = "somebody changed the settings meanwhile; nothing of yours was saved: look at theirs, then save again"
    return HttpProblem(HTTPStatus.CONFLICT, "settings_changed", detail)
