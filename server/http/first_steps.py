"""The first quarter of an hour of an administrator: what is done, the examples, and importing a document.

Rules: protocol/SPEC.md, FQ1 to FQ6.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from protocol.base import Key, PersonId
from protocol.house import ExamplesAnswer, FirstSteps, FirstStepsChange, ImportAnswer
from protocol.workflow import Problem, WorkflowDocument
from server.http.body import read_body
from server.http.integrations import admin_only, answer_json
from server.http.me import Reception
from server.http.problems import HttpProblem
from server.ports import Publication

MOST_BYTES = 1024 * 1024
"""Of a document that is sent by a browser; the command line takes larger ones."""
MOST_PROBLEMS = 100


class Steps(Protocol):
    """What is done, and which Workflows are examples. Raises `Unavailable`."""

    async def read(self, is_demo: bool) -> FirstSteps:
        """What is done; a demo begins with everything dismissed."""

    async def set_dismissed(self, dismissed: bool) -> None:
        """For every administrator."""

    async def mark_examples(self, digests: Mapping[Key, str], by: PersonId) -> tuple[Key, ...]:
        """Say which documents are examples, before they are published; which Workflows may be."""

    async def remove_examples(self, by: PersonId) -> int:
        """Archive those that nobody changed; how many went."""


class Publisher(Protocol):
    """Who publishes documents. Raises `Unavailable`."""

    def digest(self, document: WorkflowDocument) -> str:
        """By which the same document is known."""

    def problems(self, document: WorkflowDocument) -> tuple[Problem, ...]:
        """What is wrong with it."""

    async def publish(self, document: WorkflowDocument, by: str | None = None) -> Publication:
        """Make it the next version, unless it is what the newest holds; nothing that blocks is wrong with it."""


class FirstStepsDesk:
    """For administrators only."""

    def __init__(self, steps: Steps, catalog: Publisher, reception: Reception, is_demo: bool) -> None:
        self._steps = steps
        self._catalog = catalog
        self._reception = reception
        self._is_demo = is_demo

    async def steps(self, request: Request) -> Response:
        """GET /api/first-steps"""
        await admin_only(self._reception, request)
        return answer_json(await self._steps.read(self._is_demo))

    async def change(self, request: Request) -> Response:
        """PUT /api/first-steps: a `FirstStepsChange`"""
        await admin_only(self._reception, request)
        change = await read_body(request, FirstStepsChange)
        await self._steps.set_dismissed(change.dismissed)
        return answer_json(await self._steps.read(self._is_demo))

    async def import_examples(self, request: Request) -> Response:
        """POST /api/examples"""
        actor = await admin_only(self._reception, request)
        documents = {document.key: document for document in await asyncio.to_thread(_samples)}
        digests = {key: self._catalog.digest(document) for key, document in documents.items()}
        keys = await self._steps.mark_examples(digests, by=actor.id)
        for key in keys:
            await self._catalog.publish(documents[key])
        return answer_json(ExamplesAnswer(workflows=len(keys)))

    async def remove_examples(self, request: Request) -> Response:
        """DELETE /api/examples"""
        actor = await admin_only(self._reception, request)
        return answer_json(ExamplesAnswer(workflows=await self._steps.remove_examples(by=actor.id)))

    async def import_document(self, request: Request) -> Response:
        """POST /api/workflows?name=FILE: the text of a document, YAML or JSON"""
        actor = await admin_only(self._reception, request)
        text = await _text(request)
        name = request.query_params.get("name", "")[:200]
        # In a thread: a large document takes seconds, and calls go on meanwhile.
        read = await asyncio.to_thread(_read, text, name)
        if isinstance(read, tuple):
            return _not_imported("", read)
        found = await asyncio.to_thread(self._catalog.problems, read)
        if any(problem.blocks for problem in found):
            return _not_imported(read.name, found)
        publication = await self._catalog.publish(read, by=actor.id)
        answer = ImportAnswer(
            published=True,
            name=read.name,
            number=publication.version.number,
            is_new=publication.is_new,
            problems=found[:MOST_PROBLEMS],
        )
        return answer_json(answer, HTTPStatus.CREATED if publication.is_new else HTTPStatus.OK)


def _not_imported(name: str, found: tuple[Problem, ...]) -> Response:
    first = sorted(found, key=lambda problem: not problem.blocks)[:MOST_PROBLEMS]
    answer = ImportAnswer(published=False, name=name, number=None, is_new=False, problems=tuple(first))
    return answer_json(answer, HTTPStatus.UNPROCESSABLE_ENTITY)


async def _text(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            detail = f"expected at most {MOST_BYTES} bytes; `sidecoach workflows import` takes larger documents"
            raise HttpProblem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", detail)
    return bytes(body)


def _samples() -> tuple[WorkflowDocument, ...]:
    # Here, as in `_read`: only who imports something loads what reads documents.
    from server.samples import sample_documents

    return tuple(sample_documents())


def _read(text: bytes, name: str) -> WorkflowDocument | tuple[Problem, ...]:
    from server.documents import BadDocument, read_document

    try:
        return read_document(text, name)
    except BadDocument as error:
        return error.problems
