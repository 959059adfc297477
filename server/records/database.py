"""The SQL database: connecting, transactions, migrating, and how it fails.

SQLite in a file by default, PostgreSQL by URL. Nothing else here knows a
dialect except for inserts that tolerate a row which exists (`insert_new`,
`replace_rows`, `replace_older`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import Any
from weakref import WeakSet

import aiosqlite
from sqlalchemy import URL, Connection, Insert, Table, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from server.ports import Unavailable
from server.settings import CannotRun
from server.watching import figures

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}

SCRUBS, SCRUB_AGAIN_S = 40, 0.05
"""SQLite's log cannot be emptied while somebody reads what is in it."""

FINISH_WITHIN_S = 5
"""What SQLite still does for a task that was cancelled; nobody waits longer when connections are freed."""

CONNECT_WITHIN_S = 5
"""A PostgreSQL that does not even answer is away."""
MIGRATING = 0x51DEC0AC
"""The advisory lock of whoever migrates."""

ALEMBIC_VERSION = "alembic_version"
"""Alembic's own table."""

READING, WRITING = figures.SQL_S.labels("reading"), figures.SQL_S.labels("writing")

MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """One process's connections to the SQL database. Nothing is opened before it is used."""

    def __init__(self, url: str) -> None:
        self._url = _read_url(url)
        self._threads: WeakSet[Thread] = WeakSet()
        if self._url.get_backend_name() == "sqlite":
            # isolation_level None: the driver starts no transactions by itself; `_begin_sqlite` does.
            self._engine = create_async_engine(
                self._url,
                hide_parameters=True,
                connect_args={"isolation_level": None, "async_creator_fn": self._open_sqlite},
            )
            event.listen(self._engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self._engine.sync_engine, "begin", _begin_sqlite)
            # One at a time: who finds the file locked only tries again and again, until it has waited too long.
            self._turn: AbstractAsyncContextManager[None] = asyncio.Lock()
        else:
            self._engine = create_async_engine(
                self._url, hide_parameters=True, pool_pre_ping=True, connect_args={"connect_timeout": CONNECT_WITHIN_S}
            )
            self._turn = nullcontext()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A consistent view. Raises `Unavailable` when the database is out of reach."""
        with _told_as_unavailable(), READING.time():
            async with self._engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """A view that stays as it is at its first query, however much is read. Raises `Unavailable`."""
        with _told_as_unavailable():
            async with self._engine.connect() as connection:
                if connection.dialect.name == "postgresql":  # SQLite's transactions are so by themselves
                    await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that is committed at the end. Raises `Unavailable`."""
        with _told_as_unavailable(), WRITING.time():
            async with self._turn, self._engine.connect() as plain:
                connection = await plain.execution_options(writes=True)
                async with connection.begin():
                    yield connection

    async def scrub(self) -> None:
        """Leave nothing in SQLite's file and its log of what was deleted, unless somebody reads all the time.

        PostgreSQL's own VACUUM does it there, in its own time.
        """
        if self._url.get_backend_name() != "sqlite":
            return
        for _ in range(SCRUBS):
            with _told_as_unavailable():
                async with self._turn, self._engine.connect() as plain:
                    connection = await plain.execution_options(begins=False)
                    row = (await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))).one()
            if row[0] == 0:
                return
            await asyncio.sleep(SCRUB_AGAIN_S)

    async def check(self) -> None:
        """Raises `Unavailable` when the database does not answer."""
        async with self.reading() as connection:
            await connection.execute(text("SELECT 1"))

    async def describe(self) -> tuple[str, str, int, str | None, str]:
        """Dialect, the server's version in words and as a number, the tables' revision, and that of this release.

        Raises `Unavailable`.
        """
        if self._url.get_backend_name() == "sqlite":
            if not await asyncio.to_thread(Path(self._url.database or "").is_file):  # connecting would make one
                return "sqlite", "SQLite", 0, None, newest_revision()
            asked, named = "SELECT sqlite_version(), 0", "SQLite"
        else:
            asked, named = (
                "SELECT current_setting('server_version'), current_setting('server_version_num')",
                "PostgreSQL",
            )
        async with self.reading() as connection:
            version, number = (await connection.execute(text(asked))).one()
            revision = await connection.run_sync(find_revision)
        return self._url.get_backend_name(), f"{named} {version}", int(number), revision, newest_revision()

    async def migrate(self, revision: str = "head") -> None:
        """Bring the tables to what this release expects, or an earlier one did. Repeated calls are harmless."""
        if self._url.get_backend_name() == "sqlite" and self._url.database:
            Path(self._url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        async with self.writing() as connection:
            if connection.dialect.name == "postgresql":
                # SQLite's transactions that write come one after the other; here the others wait at this.
                await connection.execute(text("SELECT pg_advisory_xact_lock(:one)"), {"one": MIGRATING})
            await connection.run_sync(_upgrade, revision)

    async def close(self) -> None:
        """Free the connections. What a cancelled task had begun comes to its end before the event loop does."""
        await self._engine.dispose()
        until = monotonic() + FINISH_WITHIN_S
        for thread in [thread for thread in self._threads if thread.is_alive()]:
            await asyncio.to_thread(thread.join, max(0, until - monotonic()))

    def _open_sqlite(self, *arguments: Any, **options: Any) -> aiosqlite.Connection:
        connection = aiosqlite.connect(*arguments, **options)
        connection._thread.daemon = True  # as SQLAlchemy does: it must not keep a process that ends
        self._threads.add(connection._thread)
        return connection


def insert_new(connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> Insert:
    """An INSERT that leaves rows alone which are there already."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table).values(list(rows)).on_conflict_do_nothing()
    return postgresql.insert(table).values(list(rows)).on_conflict_do_nothing()


def replace_rows(connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> Insert:
    """An INSERT that replaces rows which are there already."""
    statement = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table).values(list(rows))
    news = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    replacing: Insert = statement.on_conflict_do_update(index_elements=table.primary_key.columns, set_=news)
    return replacing


def replace_older(connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]], age: str) -> Insert:
    """An INSERT that replaces rows which have a lower `age`, and leaves the others alone."""
    statement = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table).values(list(rows))
    news = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    replacing: Insert = statement.on_conflict_do_update(
        index_elements=table.primary_key.columns, set_=news, where=table.c[age] < statement.excluded[age]
    )
    return replacing


def _read_url(text: str) -> URL:
    try:
        url = make_url(text)
        return url.set(drivername=DRIVERS[url.get_backend_name()])
    except (ArgumentError, KeyError):
        # The address may hold a password: it is not repeated.
        raise CannotRun("DATABASE_URL: expected an address such as postgresql://user@host/name") from None


def _prepare_sqlite(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    # How long to wait comes first: the next may have to wait for whoever makes the tables at the same time.
    pragmas = ("busy_timeout = 15000", "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")
    # What is deleted is overwritten, not only forgotten.
    for pragma in (*pragmas, "secure_delete = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later fails at once, whatever the busy time-out, if another
    # process wrote in between: one that will write takes the write lock at its beginning.
    options = connection.get_execution_options()
    writes = options.get("writes", False)
    if options.get("begins", True):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _upgrade(connection: Connection, revision: str) -> None:
    # Loaded by whoever migrates: server processes, which do not, start sooner without.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def find_revision(connection: Connection) -> str | None:
    """Of the tables, by Alembic; None if there are none yet. For `run_sync`."""
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """That of the tables as this release has them."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""


def knows_revision(revision: str) -> bool:
    """Whether this release knows the tables of that revision."""
    from alembic.script import ScriptDirectory

    return any(step.revision == revision for step in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


@contextmanager
def _told_as_unavailable() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise  # a broken constraint is a bug or a race of ours, not a database out of reach
    except (DBAPIError, NoConnectionFree, OSError) as error:
        figures.SQL_UNAVAILABLE.inc()
        raise Unavailable(f"SQL database: {type(error).__name__}") from error
