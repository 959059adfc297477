"""Workflows: published versions, which never change, and drafts.

A version's id carries a part of its content's hash, so that an id can never
mean two contents: not in a browser that keeps versions for a year, not after
an older backup was restored and another version took the same number.

Reading documents is `server/documents.py`; judging them is
`session_engine/workflow_graph.py`.

A recalled version stays where it is: Sessions are pinned to it. Only nobody
begins one on it any more, and the newest of the others is offered.

Rules: protocol/SPEC.md, HS4 to HS7 and HS34.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace
from sqlalchemy import Row, func, insert, select

from protocol.base import Key, VersionId
from protocol.integrations import IntegrationAction
from protocol.workflow import Problem, WorkflowDocument, WorkflowOffer, WorkflowVersion
from server.ports import Publication
from server.records.audit import audit_row
from server.records.clock import Clock, wall_clock_ms
from server.records.database import Database, insert_new
from server.records.first_steps import example_keys
from server.records.tables import connections, workflow_drafts, workflow_versions, workflows
from session_engine.workflow_graph import incomplete, problems

decode_document = msgspec.json.Decoder(WorkflowDocument).decode


class Blocked(Exception):
    """The document has problems that block publishing; nothing was stored."""

    def __init__(self, found: tuple[Problem, ...]) -> None:
        super().__init__(f"{len(found)} problems block publishing")
        self.problems = found


class SqlCatalog:
    """The `Catalog` port over SQL, and what authors do to it."""

    def __init__(
        self,
        database: Database,
        clock: Clock = wall_clock_ms,
        integrations: Mapping[str, IntegrationAction] | None = None,
    ) -> None:
        """`integrations` are what Actions of published documents may do, by id; without them any."""
        self._database = database
        self._integrations = integrations
        self._clock = clock
        self._versions: dict[VersionId, WorkflowVersion] = {}
        self._offers: dict[VersionId, WorkflowOffer] = {}

    async def find_version(self, version_id: VersionId) -> WorkflowVersion | None:
        """A published version, recalled or not; immutable, cached in process."""
        if version_id in self._versions:
            return self._versions[version_id]
        if "\0" in version_id:
            return None  # PostgreSQL would not even look
        async with self._database.reading() as connection:
            query = select(workflow_versions).where(workflow_versions.c.version_id == version_id)
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else self._keep(row)

    async def is_recalled(self, version_id: VersionId) -> bool:
        """Whether no Session may begin on this version any more, or go on from a pause; asked anew each time."""
        this = (workflow_versions.c.version_id == version_id) & workflow_versions.c.recalled_ms.is_not(None)
        async with self._database.reading() as connection:
            found = await connection.execute(select(workflow_versions.c.version_id).where(this))
            return found.one_or_none() is not None

    async def recall(self, key: Key, number: int | None = None, *, undo: bool = False) -> VersionId | None:
        """Recall a version, the newest if none is named, or take that back; None if there is no such version."""
        query = select(workflow_versions.c.version_id).where(workflow_versions.c.workflow_key == key)
        if number is not None:
            query = query.where(workflow_versions.c.number == number)
        async with self._database.writing() as connection:
            newest = query.order_by(workflow_versions.c.number.desc()).limit(1)
            version_id: VersionId | None = (await connection.execute(newest)).scalar_one_or_none()
            this = workflow_versions.c.version_id == version_id
            recalled_ms = None if undo else self._clock()
            await connection.execute(workflow_versions.update().where(this).values(recalled_ms=recalled_ms))
        return version_id

    async def recalled(self) -> tuple[VersionId, ...]:
        """Every version that was recalled."""
        query = select(workflow_versions.c.version_id).where(workflow_versions.c.recalled_ms.is_not(None))
        async with self._database.reading() as connection:
            return tuple((await connection.execute(query.order_by(workflow_versions.c.version_id))).scalars())

    async def offers(self) -> tuple[WorkflowOffer, ...]:
        """The newest version that was not recalled, of each Workflow that is not archived, by name."""
        newest = (
            select(workflow_versions.c.workflow_key, func.max(workflow_versions.c.number).label("number"))
            .where(workflow_versions.c.recalled_ms.is_(None))
            .group_by(workflow_versions.c.workflow_key)
            .subquery()
        )
        query = (
            select(workflow_versions.c.version_id)
            .join(newest, newest.c.workflow_key == workflow_versions.c.workflow_key)
            .join(workflows, workflows.c.key == workflow_versions.c.workflow_key)
            .where(workflow_versions.c.number == newest.c.number, workflows.c.archived.is_(False))
        )
        async with self._database.reading() as connection:
            version_ids = (await connection.execute(query)).scalars().all()
            examples = set(await example_keys(connection))
        offers = [await self._offer(version_id) for version_id in version_ids]
        marked = [replace(offer, example=True) if offer.key in examples else offer for offer in offers]
        return tuple(sorted(marked, key=lambda offer: offer.name))

    async def find_newest(self, key: Key) -> WorkflowVersion | None:
        """The last published version of a Workflow."""
        query = select(workflow_versions).where(workflow_versions.c.workflow_key == key)
        async with self._database.reading() as connection:
            row = (await connection.execute(query.order_by(workflow_versions.c.number.desc()).limit(1))).one_or_none()
        return None if row is None else self._keep(row)

    async def holds(self, document: WorkflowDocument) -> bool:
        """Whether any version of the Workflow, the newest or an older one, is this very document."""
        _, digest = _encode(document)
        this = (workflow_versions.c.workflow_key == document.key) & (workflow_versions.c.hash == digest)
        async with self._database.reading() as connection:
            found = await connection.execute(select(workflow_versions.c.version_id).where(this).limit(1))
            return found.one_or_none() is not None

    def digest(self, document: WorkflowDocument) -> str:
        """By which the same document is known."""
        return _encode(document)[1]

    def problems(self, document: WorkflowDocument) -> tuple[Problem, ...]:
        """What is wrong with the document, here where these Integrations are known."""
        return problems(document, self._integrations)

    async def publish(self, document: WorkflowDocument, by: str | None = None) -> Publication:
        """Make the document the next version, unless it is what the newest version holds; audited if somebody does it.

        Raises:
            Blocked: with every problem that must be mended first.
        """
        blocking = tuple(problem for problem in self.problems(document) if problem.blocks)
        if blocking:
            raise Blocked(blocking)
        encoded, digest = _encode(document)
        async with self._database.writing() as connection:
            await connection.execute(insert_new(connection, workflows, [{"key": document.key, "archived": False}]))
            # Of two who publish at once the second goes on from what the first made.
            this = select(workflows.c.key).where(workflows.c.key == document.key)
            await connection.execute(this.with_for_update())
            versions = select(workflow_versions).where(workflow_versions.c.workflow_key == document.key)
            newest = versions.order_by(workflow_versions.c.number.desc()).limit(1)
            row = (await connection.execute(newest)).one_or_none()
            if row is not None and row.hash == digest:
                return Publication(version=self._keep(row), is_new=False, is_recalled=row.recalled_ms is not None)
            number = 1 if row is None else row.number + 1
            version = WorkflowVersion(
                id=f"{document.key}@{number}x{digest[:12]}",
                number=number,
                published_ms=self._clock(),
                document=document,
            )
            await connection.execute(
                insert(workflow_versions).values(
                    version_id=version.id,
                    workflow_key=document.key,
                    number=version.number,
                    published_ms=version.published_ms,
                    document=encoded,
                    hash=digest,
                )
            )
            detail = {"name": document.name[:200], "number": str(number)}
            if by is not None:
                row_of_audit = audit_row(version.published_ms, by, "workflow_published", document.key, detail)
                await connection.execute(row_of_audit)
        return Publication(version=version, is_new=True)

    async def missing_connections(self, document: WorkflowDocument) -> tuple[tuple[Key, str | None], ...]:
        """Integration and Connection's name, or none, of what the document's Actions go through and nobody made yet."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(connections.c.integration, connections.c.name))
            there = {named for row in rows for named in ((row.integration, row.name), (row.integration, None))}
        return tuple(named for named in _connections_of(document) if named not in there)

    async def wanted_connections(self) -> tuple[tuple[Key, str | None], ...]:
        """Integration and Connection's name, or none, of what Actions of offered Workflows go through."""
        wanted: dict[tuple[Key, str | None], None] = {}
        for offer in await self.offers():
            version = await self.find_version(offer.version_id)
            if version is not None:
                wanted |= dict.fromkeys(_connections_of(version.document))
        return tuple(wanted)

    async def save_draft(self, document: WorkflowDocument) -> None:
        """Keep the document as the Workflow's one draft; nobody is offered it."""
        draft = {"saved_ms": self._clock(), "document": _encode(document)[0]}
        async with self._database.writing() as connection:
            await connection.execute(insert_new(connection, workflow_drafts, [{"workflow_key": document.key, **draft}]))
            this = workflow_drafts.c.workflow_key == document.key
            await connection.execute(workflow_drafts.update().where(this).values(**draft))

    async def drafts(self) -> tuple[Key, ...]:
        """Keys of the Workflows that have a draft."""
        async with self._database.reading() as connection:
            query = select(workflow_drafts.c.workflow_key).order_by(workflow_drafts.c.workflow_key)
            return tuple((await connection.execute(query)).scalars())

    async def _offer(self, version_id: VersionId) -> WorkflowOffer:
        if version_id not in self._offers:
            version = await self.find_version(version_id)
            assert version is not None, f"version {version_id}: versions are never deleted"
            document = version.document
            self._offers[version_id] = WorkflowOffer(
                version_id=version_id,
                key=document.key,
                name=document.name,
                description=document.description,
                category=document.category,
                sections=len(document.sections),
                incomplete=incomplete(document),
            )
        return self._offers[version_id]

    def _keep(self, row: Row[tuple[object, ...]]) -> WorkflowVersion:
        version = WorkflowVersion(
            id=row.version_id,
            number=row.number,
            published_ms=row.published_ms,
            document=decode_document(row.document),
        )
        return self._versions.setdefault(version.id, version)


def _connections_of(document: WorkflowDocument) -> Iterable[tuple[Key, str | None]]:
    return dict.fromkeys(
        (template.integration.partition(".")[0], template.connection)
        for section in document.sections
        for template in section.actions
    )


def _encode(document: WorkflowDocument) -> tuple[str, str]:
    """The document as it is stored, and the hash of that."""
    encoded = msgspec.json.encode(document)
    return encoded.decode(), hashlib.sha256(encoded).hexdigest()
