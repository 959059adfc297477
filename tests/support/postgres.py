"""A private PostgreSQL: its own directory, its own socket, no network, nothing kept."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest

MISSING = "PostgreSQL is missing: `make test` installs it; by hand, on Debian: apt-get install postgresql"

SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
}
"""For tests: nothing survives a power cut, and only this machine's sockets lead there."""

WITH_US = ("--pdeathsig", "QUIT")
"""Whoever kills the tests has no PostgreSQL left."""


def find_binaries() -> Path:
    """Where initdb and postgres are; the newest, if there are several."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    here = shutil.which("initdb")
    if not found and here is None:
        pytest.fail(MISSING, pytrace=False)
    return found[-1].parent if found else Path(str(here)).parent


def as_nobody_special() -> list[str]:
    """PostgreSQL refuses to run as root: words that make it somebody else."""
    return (
        ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", *WITH_US]
        if os.getuid() == 0
        else []
    )


class Postgres:
    """One running server; makes databases that are copies of one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        self._made = 0
        self._free: list[str] = []

    def url(self, name: str) -> str:
        """As `DATABASE_URL` would name it."""
        return f"postgresql://{self._user}@/{name}?host={self._folder}"

    def create(self, template: str | None = None) -> str:
        """A new database, empty or a copy; gives its name."""
        self._made += 1
        name = f"t{self._made}"
        self.run(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        return name

    def drop(self, name: str) -> None:
        """Take it away, whoever is connected."""
        self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def lend(self, template: str) -> str:
        """A database as the template is; one that was given back is emptied, which is ten times as fast as a copy."""
        while self._free:
            name = self._free.pop()
            try:
                self._empty(name, template)
                return name
            except psycopg.Error:  # somebody changed its tables
                self.drop(name)
        return self.create(template)

    def give_back(self, name: str) -> None:
        """Nobody uses it any more."""
        self._free.append(name)

    def _empty(self, name: str, template: str) -> None:
        self.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        with psycopg.connect(self.url(template)) as kept, psycopg.connect(self.url(name)) as connection:
            connection.execute("SET session_replication_role = replica")  # in whatever order
            for (table,) in connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall():
                connection.execute(f'DELETE FROM "{table}"')
                rows = kept.execute(f'SELECT * FROM "{table}"').fetchall()
                for row in rows:
                    places = ", ".join(["%s"] * len(row))
                    connection.execute(f'INSERT INTO "{table}" VALUES ({places})', row)
            for (sequence,) in connection.execute("SELECT sequencename FROM pg_sequences").fetchall():
                connection.execute(f'ALTER SEQUENCE "{sequence}" RESTART')

    def run(self, statement: str) -> None:
        """As its administrator."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running() -> Iterator[Postgres]:
    """A server of this process's own, gone with all it had at the end."""
    binaries, words = find_binaries(), as_nobody_special()
    # A short path of its own: a socket's may have 107 characters only, and others may not enter pytest's folders.
    folder = Path(mkdtemp(prefix="sc-pg-"))
    if words:
        shutil.chown(folder, "postgres", "postgres")
    cluster, said = folder / "data", folder / "said"
    initdb = [*words, str(binaries / "initdb"), "--pgdata", str(cluster), "--auth", "trust", "--no-sync"]
    subprocess.run([*initdb, "--encoding", "UTF8", "--locale", "C.UTF-8"], check=True, capture_output=True, cwd=folder)
    settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
    command = [*words, str(binaries / "postgres"), "-D", str(cluster), "-k", str(folder), *settings]
    with said.open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=folder)
    try:
        postgres = Postgres(folder)
        _wait_for(postgres, server, said)
        yield postgres
    finally:
        server.kill() if server.poll() is not None else server.send_signal(3)  # SIGQUIT: at once, with its children
        server.wait()
        shutil.rmtree(folder)


def _wait_for(postgres: Postgres, server: subprocess.Popen[bytes], said: Path) -> None:
    give_up_s = time.monotonic() + 30
    while True:
        assert server.poll() is None, f"PostgreSQL ended:\n{said.read_text()}"
        try:
            return postgres.run("SELECT 1")
        except psycopg.OperationalError:
            assert time.monotonic() < give_up_s, f"PostgreSQL does not answer:\n{said.read_text()}"
            time.sleep(0.05)
