"""The built client: its files, and its one page under every address that is a page's.

Rules: protocol/SPEC.md, HS20.
"""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path, PurePosixPath

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

CLIENT = Path(__file__).parent.parent / "static"

NONCE = "sidecoach.nonce"
"""Where a request's scope holds what the style sheets of the page that answers it must carry."""

HASHED = "assets"
"""Where the build puts files that carry a hash of their content in their name."""

PROGRAMS = {"api", "ws"}
"""First parts of addresses that are for programs: unknown ones are not answered with a page."""
API_DOCS = "api/docs"
"""The page that tells people how programs use them."""

NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sidecoach</title></head>
<body><h1>The client is not built</h1>
<p>The server runs, but its pages are missing. In a checkout, <code>make serve</code> builds them.</p></body></html>
"""


class ClientFiles(StaticFiles):
    """Files by their names; the client's page for all else that looks like a page."""

    def __init__(self, directory: Path = CLIENT) -> None:
        super().__init__(directory=directory, check_dir=False)
        self._index = directory / "index.html"

    async def check_config(self) -> None:
        """Nothing to check: a client that is not built is told to whoever asks for its page."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer one request; `path` is relative to the directory."""
        if scope["path"].startswith("//"):
            raise HTTPException(HTTPStatus.NOT_FOUND)  # taken for an address it would lead to another host
        first = PurePosixPath(path).parts[:1]
        if first and first[0] in PROGRAMS and path != API_DOCS:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        # A missing script or picture that is answered with a page would fail far from its cause.
        if PurePosixPath(path).suffix == "" and HASHED not in first:
            if not self._index.is_file():
                return HTMLResponse(NOT_BUILT, HTTPStatus.SERVICE_UNAVAILABLE)
            return self._page(scope)
        response = await super().get_response(path, scope)
        lasting = HASHED in first
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if lasting else "no-cache"
        return response

    def _page(self, scope: Scope) -> Response:
        # Kept by nobody: answered from a cache it would come with the nonce of another answer.
        mark = f'<meta property="csp-nonce" nonce="{scope.get(NONCE, "")}">'
        page = self._index.read_text("utf-8").replace("</head>", f"{mark}</head>", 1)
        return HTMLResponse(page, headers={"Cache-Control": "no-store"})
