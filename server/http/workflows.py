"""Workflows as the browser reads them: what the picker offers, and whole versions.

A version never changes, so a browser fetches it once.

Rules: protocol/SPEC.md, HS18.
"""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from server.http.me import Reception
from server.http.problems import HttpProblem
from server.ports import Catalog


class WorkflowShelf:
    """Hands out what the catalog holds, to people who are signed in."""

    def __init__(self, catalog: Catalog, reception: Reception) -> None:
        self._catalog = catalog
        self._reception = reception

    async def offers(self, request: Request) -> Response:
        """GET /api/workflows"""
        await self._reception.get_actor(request)
        body = msgspec.json.encode(await self._catalog.offers())
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})

    async def version(self, request: Request) -> Response:
        """GET /api/versions/{version_id}"""
        await self._reception.get_actor(request)
        version_id = request.path_params["version_id"]
        version = await self._catalog.find_version(version_id)
        if version is None:
            raise HttpProblem(HTTPStatus.NOT_FOUND, "unknown_version", f"there is no version {version_id}")
        headers = {"Cache-Control": "private, max-age=31536000, immutable", "ETag": f'"{version.id}"'}
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(msgspec.json.encode(version), media_type="application/json", headers=headers)
