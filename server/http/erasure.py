"""What a manager does about somebody's data: find their Sessions, export one, delete one, have a value erased.

Rules: protocol/SPEC.md, ER1 and ER5 to ER7.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from protocol.base import Key, Record, SessionId, VersionId
from protocol.lists import SessionLine, SessionLines
from protocol.refusals import RefuseCode
from protocol.views import View
from server.erasing import Eraser
from server.folded import ForkedError
from server.http.asked import answer, bad, refuse_others
from server.http.body import read_body
from server.http.me import Reception, refuse_other_origins
from server.http.problems import HttpProblem
from server.people_ports import Audit
from server.ports import SessionNotFound, SessionTable
from server.session_rows import look_up_value
from server.submit import Submit
from session_engine.context import Actor, PersonRole
from session_engine.notes import read_text
from session_engine.project import audience_of, project
from session_engine.refused import Refused


class EraseOrder(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of /api/sessions/{id}/erase."""

    field_key: Annotated[Key | None, Meta(description="Null: the Notes; a Field may be called so.")]


class SessionExport(Record, frozen=True, kw_only=True):
    """All that is held of a Session."""

    session_id: SessionId
    version_id: VersionId
    view: Annotated[View, Meta(description="As its owner sees it.")]
    notes: str


class ErasureDesk:
    """For managers only."""

    def __init__(self, eraser: Eraser, submit: Submit, table: SessionTable, reception: Reception, audit: Audit) -> None:
        self._eraser = eraser
        self._submit = submit
        self._table = table
        self._reception = reception
        self._audit = audit

    async def delete(self, request: Request) -> Response:
        """DELETE /api/sessions/{id}"""
        actor = await self._manager(request)
        session_id = request.path_params["id"]
        try:
            await self._eraser.delete(session_id, actor)
        except (ForkedError, Refused, SessionNotFound) as error:
            raise _problem(session_id, error) from None
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def erase(self, request: Request) -> Response:
        """POST /api/sessions/{id}/erase: an `EraseOrder`"""
        actor = await self._manager(request)
        session_id = request.path_params["id"]
        order = await read_body(request, EraseOrder)
        try:
            await self._eraser.erase(session_id, order.field_key, actor)
        except (ForkedError, Refused, SessionNotFound) as error:
            raise _problem(session_id, error) from None
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def export(self, request: Request) -> Response:
        """GET /api/sessions/{id}/export"""
        actor = await self._manager(request)
        session_id = request.path_params["id"]
        try:
            state, workflow = await self._submit.sessions.read(session_id)
        except (ForkedError, SessionNotFound) as error:
            raise _problem(session_id, error) from None
        await self._audit.record(actor.id, "export", session_id, {})
        return answer(
            SessionExport(
                session_id=session_id,
                version_id=state.version_id,
                view=project(state, workflow, audience_of(state, actor.id)),
                notes=read_text(state.notes.update) if state.notes is not None else "",
            )
        )

    async def find_person(self, request: Request) -> Response:
        """GET /api/people-search"""
        actor = await self._manager(request)
        asked = request.query_params
        refuse_others(asked, ("field", "value"))
        field_key = asked.get("field")
        if not field_key:
            raise bad("field: expected the key of a Field")
        value = look_up_value(asked.get("value", ""))
        await self._audit.record(actor.id, "find_person", field_key[:200], {})
        lines: tuple[SessionLine, ...] = ()
        if value is not None:
            lines = await self._table.of_person(field_key, value, actor)
        return answer(SessionLines(lines=lines, next=None, counts=None))

    async def _manager(self, request: Request) -> Actor:
        if request.method != "GET":
            refuse_other_origins(request)
        actor = await self._reception.get_actor(request, is_read_now=True)
        if PersonRole.MANAGER not in actor.roles:
            raise HttpProblem(HTTPStatus.FORBIDDEN, "not_allowed", "expected a manager")
        return actor


def _problem(session_id: SessionId, error: ForkedError | Refused | SessionNotFound) -> HttpProblem:
    match error:
        case SessionNotFound():
            return HttpProblem(HTTPStatus.NOT_FOUND, RefuseCode.UNKNOWN_SESSION, f"no session {session_id}")
        case Refused(code=code, detail=detail):
            is_unknown = code is RefuseCode.UNKNOWN_FIELD
            return HttpProblem(HTTPStatus.NOT_FOUND if is_unknown else HTTPStatus.CONFLICT, code, detail)
        case _:
            return HttpProblem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", f"{error}; try again")
