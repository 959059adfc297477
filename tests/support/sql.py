"""A migrated SQL database in a file of the test's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from server.records.database import Database


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A fresh SQLite file with every table."""
    database = Database(f"sqlite:///{tmp_path / 'sidecoach.db'}")
    await database.migrate()
    yield database
    await database.close()
