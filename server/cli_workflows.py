"""`sidecoach workflows import | list | export | recall`: what the command line does with Workflows.

Rules: protocol/SPEC.md, HS4 to HS7, HS34 and WF20.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from protocol.base import Key
from protocol.workflow import Problem, WorkflowDocument
from server.actions.integrations import INTEGRATIONS
from server.documents import BadDocument, read_document, write_document
from server.parts import actions_of
from server.records.audit import COMMAND_LINE
from server.records.catalog import Blocked, SqlCatalog
from server.records.database import Database
from server.settings import Settings


@asynccontextmanager
async def opened_catalog(settings: Settings) -> AsyncIterator[SqlCatalog]:
    """The installation's Workflows, whether or not it is running."""
    database = Database(settings.sql_url)
    try:
        await database.migrate()
        yield SqlCatalog(database, integrations=actions_of(INTEGRATIONS))
    finally:
        await database.close()


async def import_document(catalog: SqlCatalog, path: Path, content: bytes, draft: bool) -> int:
    """Publish the file's Workflow, or keep it as a draft; every problem is told. Returns the exit status."""
    try:
        document = read_document(content, path.name)
    except BadDocument as error:
        _tell(f"{path}: nothing was imported", error.problems)
        return 1

    found = catalog.problems(document)
    if draft:
        await catalog.save_draft(document)
        _tell(f"{path}: kept as the draft of {document.key}, not published", found)
        await _tell_missing(catalog, document)
        return 0
    try:
        publication = await catalog.publish(document, by=COMMAND_LINE)
    except Blocked:
        _tell(f"{path}: nothing was published", found)
        return 1
    version = publication.version
    news = "published" if publication.is_new else "nothing new, it is what is published"
    recalled = ", which was recalled; `recall --undo` offers it again" if publication.is_recalled else ""
    _tell(f"{path}: {news} as {document.key} version {version.number} ({version.id}){recalled}", found)
    await _tell_missing(catalog, document)
    return 0


async def list_offers(catalog: SqlCatalog) -> int:
    """Print what agents are offered, which versions were recalled, and which drafts there are."""
    for offer in await catalog.offers():
        mark = "  incomplete" if offer.incomplete else ""
        print(f"{offer.version_id}  {offer.name}  {offer.sections} Sections{mark}")
    for version_id in await catalog.recalled():
        print(f"{version_id}  recalled")
    for key in await catalog.drafts():
        print(f"{key}  draft")
    return 0


async def export_newest(catalog: SqlCatalog, key: Key) -> int:
    """Print the newest version's document, as `import` reads it."""
    version = await catalog.find_newest(key)
    if version is None:
        _tell(f"there is no published Workflow {key}; `sidecoach workflows list` shows what there is")
        return 1
    sys.stdout.write(write_document(version.document))
    return 0


async def recall(catalog: SqlCatalog, key: Key, number: int | None, undo: bool) -> int:
    """Have nobody begin on a version any more, or take that back."""
    version_id = await catalog.recall(key, number, undo=undo)
    if version_id is None:
        wanted = f"Workflow {key}" if number is None else f"version {number} of Workflow {key}"
        _tell(f"there is no published {wanted}; `sidecoach workflows list` shows what there is")
        return 1
    offered = next((offer.version_id for offer in await catalog.offers() if offer.key == key), "nothing")
    _tell(f"{version_id} is {'not recalled any more' if undo else 'recalled'}; offered of {key} is {offered}")
    return 0


async def _tell_missing(catalog: SqlCatalog, document: WorkflowDocument) -> None:
    for integration, name in await catalog.missing_connections(document):
        called = "" if name is None else f" {name!r}"
        print(f"  note: no Connection{called} for {integration} yet: its Actions will wait", file=sys.stderr)


def _tell(sentence: str, found: Iterable[Problem] = ()) -> None:
    print(f"sidecoach: {sentence}", file=sys.stderr)
    for problem in found:
        print(f"  {problem.path}: {problem.message} [{problem.code}]", file=sys.stderr)
