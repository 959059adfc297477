"""Lists of Sessions page by page, and Sessions by a look-up value, as far as who asks may see them.

Rules: protocol/SPEC.md, SX5 to SX10.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from protocol.base import Millis, Record, SessionId
from protocol.lists import Outcome, SessionLine, SessionLines, SessionList
from server.http.me import Reception
from server.http.problems import HttpProblem
from server.ports import SessionQuery, SessionTable
from server.session_rows import look_up_value
from session_engine.context import Actor
from session_engine.guidance import session_id_of
from session_engine.values.reading import Reading

MOST_LINES = 200
MOST_WORDS = 200
FEWEST_SIGNS = 3
"""Of a look-up value; fewer are those of half the Sessions."""

Word = TypeVar("Word", SessionList, Outcome)

PARAMETERS = ("list", "q", "owner", "workflow", "outcome", "from", "to", "cursor", "limit")


class ExternalAnswer(Record, frozen=True, kw_only=True):
    """Answer of /api/external-ids."""

    session_id: SessionId


class SessionShelf:
    """Hands out what the mirror holds, to people who are signed in."""

    def __init__(self, table: SessionTable, reception: Reception) -> None:
        self._table = table
        self._reception = reception

    async def sessions(self, request: Request) -> Response:
        """GET /api/sessions"""
        actor = await self._reception.get_actor(request)
        return _answer(await self._table.find(read_query(request.query_params, actor), actor))

    async def look_up(self, request: Request) -> Response:
        """GET /api/look-up"""
        actor = await self._reception.get_actor(request)
        asked = request.query_params
        _refuse_others(asked, ("field", "value"))
        if not asked.get("field"):
            raise _bad("field: expected the key of a Field")
        value = look_up_value(asked.get("value", ""))
        lines: tuple[SessionLine, ...] = ()
        if value is not None:
            lines = await self._table.with_look_up(asked["field"], value, actor)
        return _answer(SessionLines(lines=lines, next=None, counts=None))

    async def external(self, request: Request) -> Response:
        """GET /api/external-ids/{external_id}: the id of the one Session that it stands for, started or not"""
        await self._reception.get_actor(request)
        external_id = request.path_params["external_id"]
        if not 1 <= len(external_id) <= MOST_WORDS:
            raise _bad(f"external id: expected 1 to {MOST_WORDS} characters")
        return _answer(ExternalAnswer(session_id=session_id_of(external_id)))

    async def owners(self, request: Request) -> Response:
        """GET /api/sessions/owners"""
        actor = await self._reception.get_actor(request)
        return _answer(await self._table.owners(actor))


def read_query(asked: Mapping[str, str], actor: Actor) -> SessionQuery:
    """What was asked for. Raises `HttpProblem` 400 that says what was expected."""
    _refuse_others(asked, PARAMETERS)
    name = _one_of(asked, "list", SessionList)
    if name is None:
        raise _bad(f"list: expected one of {', '.join(SessionList)}")
    words = " ".join(asked.get("q", "").split())
    if len(words) > MOST_WORDS:
        raise _bad(f"q: expected at most {MOST_WORDS} characters")
    zone = Reading(actor.locale, 0).zone
    return SessionQuery(
        list=name,
        title=words.casefold(),
        look_ups=look_ups_of(words, actor.locale.country),
        owner=asked.get("owner") or None,
        workflow=asked.get("workflow") or None,
        outcome=_one_of(asked, "outcome", Outcome),
        from_ms=_midnight(asked, "from", zone, days=0),
        until_ms=_midnight(asked, "to", zone, days=1),
        after=_cursor(asked, name),
        limit=_limit(asked),
    )


def look_ups_of(words: str, country: str) -> tuple[str, ...]:
    """With what a look-up value may begin that somebody means by these words."""
    value = look_up_value(words)
    if value is None or len(value) < FEWEST_SIGNS:
        return ()
    if re.fullmatch(r"0[\d\s()./-]*", words) is None:
        return (value,)
    if value.startswith("00"):
        return (value, value[2:])
    # A number as it is dialled in this country is stored with the country's code, and mostly without the 0.
    import phonenumbers  # 140 ms, and only when a number is looked for

    code = phonenumbers.country_code_for_region(country)
    return (value, f"{code}{value[1:]}", f"{code}{value}")


def _refuse_others(asked: Mapping[str, str], known: tuple[str, ...]) -> None:
    other = next((name for name in asked if name not in known), None)
    if other is not None:
        raise _bad(f"{other[:40]}: expected no other parameters than {', '.join(known)}")
    if any("\0" in value for value in asked.values()):
        raise _bad("expected text without NUL")


def _one_of(asked: Mapping[str, str], name: str, words: type[Word]) -> Word | None:
    text = asked.get(name)
    if not text:
        return None
    try:
        return words(text)
    except ValueError:
        raise _bad(f"{name}: expected one of {', '.join(words)}") from None


def _midnight(asked: Mapping[str, str], name: str, zone: tzinfo, days: int) -> Millis | None:
    """The start of a day, or of one some days later, by the asker's clock."""
    text = asked.get(name)
    if not text:
        return None
    try:
        day = date.fromisoformat(text) + timedelta(days=days)
        moment = datetime(day.year, day.month, day.day, tzinfo=zone)
        return max(0, round(moment.timestamp() * 1000))
    except (ValueError, OverflowError):
        raise _bad(f"{name}: expected a day such as 2026-01-31") from None


def _cursor(asked: Mapping[str, str], name: SessionList) -> tuple[int | str, ...] | None:
    text = asked.get("cursor")
    if not text:
        return None
    moments = 2 if name is SessionList.PAUSED else 1
    if re.fullmatch(rf"(?:[0-9]{{1,16}}\.){{{moments}}}[0-9a-f]{{32}}", text) is None:
        raise _bad("cursor: expected what this list gave as next")
    *numbers, session_id = text.split(".")
    return (*map(int, numbers), session_id)


def _limit(asked: Mapping[str, str]) -> int:
    text = asked.get("limit") or "50"
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= MOST_LINES:
        raise _bad(f"limit: expected 1 to {MOST_LINES}")
    return int(text)


def _bad(detail: str) -> HttpProblem:
    return HttpProblem(HTTPStatus.BAD_REQUEST, "bad_parameter", detail)


def _answer(body: Any) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json", headers={"Cache-Control": "no-store"})
