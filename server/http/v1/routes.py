"""The addresses of the API: one route per path of the table, its document, and no other.

Rules: protocol/SPEC.md, AP1 and AP8.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, Router

from server.http.v1.door import ApiDoor
from server.http.v1.openapi import document_of
from server.http.v1.operation import Operation
from server.http.v1.operations import OPERATIONS

PREFIX = "/api/v1"


def api_routes(door: ApiDoor, operations: Sequence[Operation] = OPERATIONS) -> Mount:
    """All of them. Mounted, since the page behind every other address would answer GET where only POST is known."""
    text = msgspec.json.encode(document_of(operations))

    async def document(_: Request) -> Response:
        return Response(text, media_type="application/json", headers={"Cache-Control": "no-cache"})

    by_path: dict[str, dict[str, Operation]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, {})[operation.method] = operation
    routes = [
        Route(_pattern(path), door.endpoint(methods), methods=list(methods), name=path)
        for path, methods in by_path.items()
    ]
    return Mount(PREFIX, Router([Route("/openapi.json", document), *routes], redirect_slashes=False))


def _pattern(path: str) -> str:
    """Within the mount; an external id may hold slashes."""
    return path.removeprefix(PREFIX).replace("{external_id}", "{external_id:path}")
