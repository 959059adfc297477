"""Notices as supervisors, managers and authors write them and take them back.

Rules: protocol/SPEC.md, NC1 to NC3 and NC7.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from protocol.base import Key, Millis
from protocol.notices import MOST_SIGNS, NewNotice, Notice, NoticeLines
from protocol.workflow import WorkflowVersion
from server.http.asked import answer, refuse_others
from server.http.body import read_body
from server.http.integrations import answer_json
from server.http.me import Reception, refuse_other_origins, require_role
from server.http.problems import HttpProblem
from server.notice_ports import NoticeBook, TooManyNotices
from server.rooms.notices import (
    EVERYWHERE,
    STAND_AT_MOST,
    WRITERS,
    Notices,
    may_concern,
    may_take_back,
)
from session_engine.context import Actor

MOST_MS: Millis = 366 * 24 * 3_600_000
FindNewest = Callable[[Key], Awaitable[WorkflowVersion | None]]


class NoticeDesk:
    """For those who may write one."""

    def __init__(
        self,
        book: NoticeBook,
        board: Notices,
        find_newest: FindNewest,
        reception: Reception,
        clock: Callable[[], Millis],
    ) -> None:
        self._book = book
        self._board = board
        self._find_newest = find_newest
        self._reception = reception
        self._clock = clock

    async def lines(self, request: Request) -> Response:
        """GET /api/notices: `NoticeLines`"""
        actor = await self._writer(request)
        refuse_others(request.query_params, ())
        lines = await self._book.lines(lambda line: may_concern(line, actor) or line.by.id == actor.id)
        return answer(
            NoticeLines(
                lines=tuple(replace(line, mine=line.ended_ms is None and may_take_back(line, actor)) for line in lines)
            )
        )

    async def write(self, request: Request) -> Response:
        """POST /api/notices: a `NewNotice`; answers with the `Notice`"""
        actor = await self._writer(request)
        new = await read_body(request, NewNotice)
        text = " ".join(new.text.split())
        if not text or len(text) > MOST_SIGNS or not text.isprintable():
            raise _bad("text", f"1 to {MOST_SIGNS} characters")
        now_ms = self._clock()
        if new.until_ms is not None and not now_ms < new.until_ms <= now_ms + MOST_MS:
            raise _bad("until_ms", "a moment from now on, within a year")
        everywhere = not EVERYWHERE.isdisjoint(actor.roles)
        if not everywhere and not actor.team_ids:
            raise _bad("team_ids", "that you are in a team, whose Sessions are told")
        version = await self._find_newest(new.workflow_key)
        if version is None:
            raise _bad("workflow_key", "the key of a Workflow that was published")
        sections = {section.key: section.name for section in version.document.sections}
        if new.section_key is not None and new.section_key not in sections:
            raise _bad("section_key", "a Section of the newest version")
        notice = Notice(
            id=secrets.token_hex(16),
            workflow_key=new.workflow_key,
            workflow_name=version.document.name,
            section_key=new.section_key,
            section_name=None if new.section_key is None else sections[new.section_key],
            team_ids=() if everywhere else tuple(sorted(actor.team_ids)),
            text=text,
            severity=new.severity,
            by=actor.party,
            made_ms=now_ms,
            until_ms=new.until_ms,
        )
        try:
            await self._book.write(notice, STAND_AT_MOST)
        except TooManyNotices:
            detail = f"{STAND_AT_MOST} notices stand already: take one back first"
            raise HttpProblem(HTTPStatus.CONFLICT, "too_many_notices", detail) from None
        await self._board.changed()
        return answer_json(notice, HTTPStatus.CREATED)

    async def take_back(self, request: Request) -> Response:
        """POST /api/notices/{id}/take-back"""
        actor = await self._writer(request)
        notice_id = request.path_params["id"]
        notice = await self._book.find(notice_id) if notice_id.isprintable() else None
        if notice is None or not (may_concern(notice, actor) or may_take_back(notice, actor)):
            raise _over(notice_id)
        if not may_take_back(notice, actor):
            detail = f"expected {notice.by.name}, a manager or an author"
            raise HttpProblem(HTTPStatus.FORBIDDEN, "not_allowed", detail)
        if not await self._book.take_back(notice.id, actor.id):
            raise _over(notice_id)
        await self._board.changed()
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def _writer(self, request: Request) -> Actor:
        if request.method != "GET":
            refuse_other_origins(request)
        actor = await self._reception.get_actor(request, is_read_now=True)
        require_role(actor, WRITERS)
        return actor


def _bad(name: str, expected: str) -> HttpProblem:
    return HttpProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_notice", f"{name}: expected {expected}")


def _over(notice_id: str) -> HttpProblem:
    return HttpProblem(HTTPStatus.NOT_FOUND, "unknown_notice", f"no notice {notice_id[:64]!r} stands")
