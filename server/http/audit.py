"""The audit log as administrators read and export it.

Rules: protocol/SPEC.md, PE12 and PE13.
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus

import msgspec
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from protocol.people import AuditLine, AuditLines
from server.http.asked import bad, refuse_others, whole_number
from server.http.integrations import admin_only, answer_json
from server.http.me import Reception
from server.people_ports import Audit, AuditQuery

FILTERS = ("act", "actor", "subject", "from_ms", "to_ms")
COLUMNS = ("id", "at", "actor_id", "actor", "act", "subject", "detail")
MOST_CHARACTERS = 200
LINES_AT_ONCE = 1_000
FORMULA = ("=", "+", "-", "@")
"""What spreadsheets take a cell for a formula by, some of them after spaces and line breaks, too."""


class AuditDesk:
    """For administrators only."""

    def __init__(self, audit: Audit, reception: Reception) -> None:
        self._audit = audit
        self._reception = reception

    async def lines(self, request: Request) -> Response:
        """GET /api/audit?act=&actor=&subject=&from_ms=&to_ms=&after="""
        await admin_only(self._reception, request)
        return answer_json(await self._audit.find(_read_query(request.query_params)))

    async def export(self, request: Request) -> Response:
        """GET /api/audit.csv, by the same filters"""
        actor = await admin_only(self._reception, request)
        asked = request.query_params
        query = replace(_read_query(asked), limit=LINES_AT_ONCE)
        filters = {name: asked[name] for name in FILTERS if asked.get(name)}
        await self._audit.record(actor.id, "audit_exported", "audit", filters)
        first = await self._audit.find(query)  # before anything is answered: it may be out of reach
        headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="audit.csv"'}
        return StreamingResponse(self._csv(query, first), HTTPStatus.OK, headers, media_type="text/csv")

    async def _csv(self, query: AuditQuery, page: AuditLines) -> AsyncIterator[str]:
        yield _rows([COLUMNS])
        yield _rows(map(_cells, page.lines))
        while page.next is not None:
            page = await self._audit.find(replace(query, after=int(page.next)))
            yield _rows(map(_cells, page.lines))


def _read_query(asked: Mapping[str, str]) -> AuditQuery:
    refuse_others(asked, (*FILTERS, "after"))
    for name in ("act", "actor", "subject"):
        if len(asked.get(name, "")) > MOST_CHARACTERS:
            raise bad(f"{name}: expected at most {MOST_CHARACTERS} characters")
    return AuditQuery(
        act=asked.get("act") or None,
        actor=asked.get("actor") or None,
        subject=asked.get("subject") or None,
        from_ms=whole_number(asked, "from_ms"),
        to_ms=whole_number(asked, "to_ms"),
        after=whole_number(asked, "after"),
    )


def _cells(line: AuditLine) -> list[str]:
    at = datetime.fromtimestamp(line.at_ms / 1_000, UTC).isoformat(timespec="milliseconds")
    detail = msgspec.json.encode(line.detail).decode()
    return [str(line.id), at, line.actor.id, line.actor.name, line.act, line.subject, detail]


def _rows(rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([_defused(cell) for cell in row] for row in rows)
    return text.getvalue()


def _defused(cell: str) -> str:
    return f"'{cell}" if cell.lstrip().startswith(FORMULA) else cell
