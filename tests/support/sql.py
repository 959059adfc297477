"""A migrated SQL database of the test's own: an SQLite file, or one in a private PostgreSQL.

A test module that says `SQL_KINDS = BOTH` runs each of its tests that use
`database` on the two; all others use SQLite.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from server.records.database import Database
from tests.support.postgres import Postgres, running

BOTH = ("sqlite", "postgresql")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each kind in turn, for the modules that ask for them."""
    kinds = getattr(metafunc.module, "SQL_KINDS", None)
    if kinds is not None and "sql_kind" in metafunc.fixturenames:
        metafunc.parametrize("sql_kind", kinds, indirect=True)


@pytest.fixture
def sql_kind(request: pytest.FixtureRequest) -> str:
    """Which database."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server that all tests of this process share."""
    with running() as postgres:
        yield postgres


@pytest.fixture(scope="session")
def migrated(postgres: Postgres) -> str:
    """The database that every test's own is a copy of."""
    name = postgres.create()

    async def migrate() -> None:
        database = Database(postgres.url(name))
        await database.migrate()
        await database.close()

    asyncio.run(migrate())
    return name


@pytest.fixture
def empty_url(sql_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Where nobody has made a table yet."""
    if sql_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    name = postgres.create()
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that every test's own is a copy of."""
    path = tmp_path_factory.mktemp("migrated") / "sidecoach.db"

    async def migrate() -> None:
        database = Database(f"sqlite:///{path}")
        await database.migrate()
        await database.close()

    asyncio.run(migrate())
    return path


@pytest.fixture
def database_url(sql_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Where the test's own database is, with every table."""
    if sql_kind == "sqlite":
        path = tmp_path / "sidecoach.db"
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        yield f"sqlite:///{path}"
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    name = postgres.lend(request.getfixturevalue("migrated"))
    yield postgres.url(name)
    postgres.give_back(name)


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A fresh database with every table."""
    database = Database(database_url)
    yield database
    await database.close()
