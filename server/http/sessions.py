"""Lists of Sessions page by page, and Sessions by a look-up value, as far as who asks may see them.

Rules: protocol/SPEC.md, SX5 to SX10.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from protocol.base import Record, SessionId
from protocol.lists import Outcome, SessionLine, SessionLines, SessionList
from server.http.asked import MOST_WORDS, answer, bad, limit_of, midnight, one_of, refuse_others, words_of
from server.http.me import Reception
from server.ports import SessionQuery, SessionTable
from server.session_rows import look_up_value
from session_engine.context import Actor
from session_engine.guidance import session_id_of
from session_engine.values.reading import Reading

FEWEST_SIGNS = 3
"""Of a look-up value; fewer are those of half the Sessions."""

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
        return answer(await self._table.find(read_query(request.query_params, actor), actor))

    async def look_up(self, request: Request) -> Response:
        """GET /api/look-up"""
        actor = await self._reception.get_actor(request)
        asked = request.query_params
        refuse_others(asked, ("field", "value"))
        if not asked.get("field"):
            raise bad("field: expected the key of a Field")
        value = look_up_value(asked.get("value", ""))
        lines: tuple[SessionLine, ...] = ()
        if value is not None:
            lines = await self._table.with_look_up(asked["field"], value, actor)
        return answer(SessionLines(lines=lines, next=None, counts=None))

    async def external(self, request: Request) -> Response:
        """GET /api/external-ids/{external_id}: the id of the one Session that it stands for, started or not"""
        await self._reception.get_actor(request)
        external_id = request.path_params["external_id"]
        if not 1 <= len(external_id) <= MOST_WORDS:
            raise bad(f"external id: expected 1 to {MOST_WORDS} characters")
        return answer(ExternalAnswer(session_id=session_id_of(external_id)))

    async def owners(self, request: Request) -> Response:
        """GET /api/sessions/owners"""
        actor = await self._reception.get_actor(request)
        return answer(await self._table.owners(actor))


def read_query(asked: Mapping[str, str], actor: Actor) -> SessionQuery:
    """What was asked for. Raises `HttpProblem` 400 that says what was expected."""
    refuse_others(asked, PARAMETERS)
    name = one_of(asked, "list", SessionList)
    if name is None:
        raise bad(f"list: expected one of {', '.join(SessionList)}")
    words = words_of(asked, "q")
    zone = Reading(actor.locale, 0).zone
    return SessionQuery(
        list=name,
        title=words.casefold(),
        look_ups=look_ups_of(words, actor.locale.country),
        owner=asked.get("owner") or None,
        workflow=asked.get("workflow") or None,
        outcome=one_of(asked, "outcome", Outcome),
        from_ms=midnight(asked, "from", zone, days=0),
        until_ms=midnight(asked, "to", zone, days=1),
        after=_cursor(asked, name),
        limit=limit_of(asked),
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


def _cursor(asked: Mapping[str, str], name: SessionList) -> tuple[int | str, ...] | None:
    text = asked.get("cursor")
    if not text:
        return None
    moments = 2 if name is SessionList.PAUSED else 1
    if re.fullmatch(rf"(?:[0-9]{{1,16}}\.){{{moments}}}[0-9a-f]{{32}}", text) is None:
        raise bad("cursor: expected what this list gave as next")
    *numbers, session_id = text.split(".")
    return (*map(int, numbers), session_id)
