"""What is put under load: Sidecoach as an admin starts it, and the floor.

Each is a process of its own (two for Sidecoach: server and store) on a free
port, and of nobody's data. What the load sends them is in `load.py`.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from protocol.base import VersionId
from protocol.workflow import WorkflowVersion
from server.auth.browser import COOKIE
from server.documents import read_document
from server.records.catalog import SqlCatalog
from server.records.database import Database
from server.records.people import SqlPeople
from server.records.sign_ins import SqlSignIns
from session_engine.context import Actor, PersonRole
from tests.support.installation import installed

WORKFLOW = "broadband_retention"
AGENTS_PER_TEAM = 10
"""Each team also has a supervisor and a coach, who watch all its Sessions."""


@dataclass(frozen=True)
class House:
    """A server under load, and who comes to it."""

    port: int
    server: psutil.Process
    store: psutil.Process | None = None
    version_id: VersionId = ""
    cookies: list[tuple[str, str, str]] = field(default_factory=list)
    """Per Session: the Cookie headers of its agent, supervisor and coach."""
    managers: list[str] = field(default_factory=list)
    """Cookie headers of people who see every Session."""


@asynccontextmanager
async def sidecoach(
    data_dir: Path, sessions: int, managers: int = 0, document: Path | None = None
) -> AsyncIterator[House]:
    """`sidecoach serve --demo` with one server process, and enough people signed in."""
    with installed(data_dir, "--demo") as installation:
        installation.start()
        database = Database(f"sqlite:///{data_dir / 'sidecoach.db'}")
        version = await _version(SqlCatalog(database), document)
        cookies = await _sign_people_in(database, sessions)
        above = await _sign_managers_in(database, managers)
        await database.close()
        (server,) = installation.workers()
        try:
            yield House(installation.port, server, installation.valkey(), version.id, cookies, above)
        except Exception:
            print(installation.output)
            raise


@asynccontextmanager
async def floor() -> AsyncIterator[House]:
    """The least that a fan-out can cost here: `floor.py`."""
    command = sys.executable, "-m", "tests.bench.floor"
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield House(int(await process.stdout.readline()), psutil.Process(process.pid))
    finally:
        process.terminate()
        await process.wait()


async def _version(catalog: SqlCatalog, document: Path | None) -> WorkflowVersion:
    if document is not None:
        content = await asyncio.to_thread(document.read_bytes)
        return (await catalog.publish(read_document(content, document.name))).version
    version = await catalog.find_newest(WORKFLOW)
    assert version is not None, "the demo has the sample Workflows"
    return version


async def _sign_people_in(database: Database, sessions: int) -> list[tuple[str, str, str]]:
    people = SqlPeople(database)
    sign_ins = SqlSignIns(database, people)

    async def cookie(person: Actor) -> str:
        return f"{COOKIE}={await sign_ins.sign_in(person.id)}"

    cookies: list[tuple[str, str, str]] = []
    for team in range(-(-sessions // AGENTS_PER_TEAM)):
        team_id = f"team_{team}"
        size = min(AGENTS_PER_TEAM, sessions - len(cookies))
        agents = [_person(f"{team_id}_agent_{number}", PersonRole.AGENT, team_id) for number in range(size)]
        supervisor = _person(f"{team_id}_supervisor", PersonRole.SUPERVISOR, team_id)
        coach = _person(f"{team_id}_coach", PersonRole.COACH, team_id)
        await people.add_team(team_id, f"Team {team}", [*agents, supervisor, coach])
        watching = await cookie(supervisor), await cookie(coach)
        cookies += [(await cookie(agent), *watching) for agent in agents]
    return cookies


async def _sign_managers_in(database: Database, managers: int) -> list[str]:
    people = SqlPeople(database)
    everybody = [_person(f"manager_{number}", PersonRole.MANAGER, "") for number in range(managers)]
    if everybody:
        await people.add_team("team_above", "Above", everybody)
    sign_ins = SqlSignIns(database, people)
    return [f"{COOKIE}={await sign_ins.sign_in(person.id)}" for person in everybody]


def _person(person_id: str, role: PersonRole, team_id: str) -> Actor:
    return Actor(id=person_id, name=person_id, roles=frozenset({role}), team_ids=frozenset({team_id}))
