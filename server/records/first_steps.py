"""What of the first quarter of an hour is done, told by what there is; and the examples that came with the product.

An example is known by its document: once somebody publishes another version
of it, or keeps a draft, it is theirs.

Rules: protocol/SPEC.md, FQ1 to FQ4.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Select, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.base import Key, PersonId
from protocol.house import FirstSteps
from server.records.audit import audit_row
from server.records.clock import Clock, wall_clock_ms
from server.records.database import Database
from server.records.house import hold_settings, put_setting
from server.records.tables import (
    connections,
    house_settings,
    people,
    sessions,
    team_members,
    workflow_drafts,
    workflow_versions,
    workflows,
)

DISMISSED = "first_steps_dismissed"
EXAMPLES = "examples"
"""The row that holds the digests of example documents by Workflow."""


class SqlFirstSteps:
    """The `Steps` port over SQL."""

    def __init__(self, database: Database, clock: Clock = wall_clock_ms) -> None:
        self._database = database
        self._clock = clock

    async def read(self, is_demo: bool) -> FirstSteps:
        """What is done; a demo begins with everything dismissed."""
        active = people.c.active.is_(True) & people.c.email.is_not(None)
        async with self._database.snapshot() as connection:
            named = select(exists().where(house_settings.c.name == "name"))
            others = select(func.count()).select_from(people).where(active)
            dismissed = await _setting(connection, DISMISSED)
            return FirstSteps(
                named=bool((await connection.execute(named)).scalar_one()),
                people=int((await connection.execute(others)).scalar_one()) > 1,
                team=(await connection.execute(_shared_teams())).first() is not None,
                workflows=bool(
                    (await connection.execute(select(exists().where(workflows.c.archived.is_(False))))).scalar_one()
                ),
                connection=(await connection.execute(select(connections.c.id).limit(1))).first() is not None,
                practice=bool(
                    (await connection.execute(select(exists().where(sessions.c.training.is_(True))))).scalar_one()
                ),
                dismissed=is_demo if dismissed is None else bool(dismissed),
                examples=len(await _untouched(connection)),
            )

    async def set_dismissed(self, dismissed: bool) -> None:
        """For every administrator."""
        async with self._database.writing() as connection:
            await put_setting(connection, DISMISSED, dismissed)

    async def mark_examples(self, digests: Mapping[Key, str], by: PersonId) -> tuple[Key, ...]:
        """Say that documents of these digests are examples, before they are published; which Workflows may be.

        A Workflow that somebody has already is theirs, unless it is the very example that was taken away before.
        """
        async with self._database.writing() as connection:
            await hold_settings(connection)
            known = dict(await _setting(connection, EXAMPLES) or {})
            there = await _newest(connection, digests.keys())
            taken = {key for key, digest in there.items() if digest != digests[key]}
            wanted = {key: digest for key, digest in digests.items() if key not in taken and key not in known}
            again = wanted.keys() & there.keys()
            if again:
                shown = update(workflows).where(workflows.c.key.in_(again)).values(archived=False)
                await connection.execute(shown)
            if wanted:
                await put_setting(connection, EXAMPLES, known | wanted)
                detail = {"workflows": str(len(wanted))}
                await connection.execute(audit_row(self._clock(), by, "examples_imported", "", detail))
        marked = known | wanted
        return tuple(key for key in digests if key in marked and there.get(key) in (None, digests[key]))

    async def remove_examples(self, by: PersonId) -> int:
        """Archive those that nobody changed, and forget that the others were examples; how many went."""
        async with self._database.writing() as connection:
            await hold_settings(connection)
            keys = await _untouched(connection)
            if keys:
                await connection.execute(update(workflows).where(workflows.c.key.in_(keys)).values(archived=True))
                detail = {"workflows": str(len(keys))}
                await connection.execute(audit_row(self._clock(), by, "examples_removed", "", detail))
            await put_setting(connection, EXAMPLES, {})
        return len(keys)


async def example_keys(connection: AsyncConnection) -> Collection[Key]:
    """Workflows whose newest version is the example's."""
    digests: dict[Key, str] = dict(await _setting(connection, EXAMPLES) or {})
    if not digests:
        return ()
    newest = await _newest(connection, digests.keys())
    return [key for key, digest in digests.items() if newest.get(key) == digest]


async def _untouched(connection: AsyncConnection) -> list[Key]:
    keys = await example_keys(connection)
    mine = select(workflow_drafts.c.workflow_key).where(workflow_drafts.c.workflow_key.in_(keys))
    drafted = set((await connection.execute(mine)).scalars())
    return [key for key in keys if key not in drafted]


async def _newest(connection: AsyncConnection, keys: Collection[Key]) -> dict[Key, str]:
    """The digest of each one's newest version."""
    versions = workflow_versions.c
    query = select(versions.workflow_key, versions.hash).where(versions.workflow_key.in_(list(keys)))
    rows = await connection.execute(query.order_by(versions.workflow_key, versions.number))
    return {row.workflow_key: row.hash for row in rows}


def _shared_teams() -> Select[tuple[str]]:
    members = select(team_members.c.team_id).join(people, people.c.id == team_members.c.person_id)
    active = members.where(people.c.active.is_(True)).group_by(team_members.c.team_id)
    return active.having(func.count() > 1).limit(1)


async def _setting(connection: AsyncConnection, name: str) -> Any:
    query = select(house_settings.c.value).where(house_settings.c.name == name)
    return (await connection.execute(query)).scalar_one_or_none()
