"""What administrators set of the installation: one row a setting, under a version that tells whether it is the newest.

What the values mean, and what holds where there is no row, is `server/house.py`.

Rules: protocol/SPEC.md, SG1 to SG4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.base import PersonId
from server.house import SetSettings, SettingChange, SettingsChanged
from server.records.audit import audit_row
from server.records.clock import Clock, wall_clock_ms
from server.records.database import Database, replace_rows
from server.records.tables import house_settings, revisions

HOUSE = "house"
"""The row of `revisions` that tells of settings."""


class SqlHouse:
    """The `HouseBook` port over SQL."""

    def __init__(self, database: Database, clock: Clock = wall_clock_ms) -> None:
        self._database = database
        self._clock = clock

    async def version(self) -> int:
        """Rises with every change. What is read after it is at least as new."""
        async with self._database.reading() as connection:
            return await _version(connection)

    async def read(self) -> SetSettings:
        """All rows, with their version. Raises `Unavailable`."""
        async with self._database.snapshot() as connection:
            version = await _version(connection)
            values = {row.name: row.value for row in await connection.execute(select(house_settings))}
        return SetSettings(version=version, values=values)

    async def change(self, version: int, changes: Mapping[str, SettingChange], by: PersonId) -> None:
        """Set all of these or none, with an audit row each, if the version is still the newest.

        Raises:
            SettingsChanged: it is not; nothing was changed.
            Unavailable.
        """
        now_ms = self._clock()
        async with self._database.writing() as connection:
            newest = (revisions.c.name == HOUSE) & (revisions.c.number == version)
            # Others who change something wait here, and find that theirs is not the newest any more.
            raised = await connection.execute(update(revisions).where(newest).values(number=version + 1))
            if raised.rowcount == 0:
                raise SettingsChanged
            for name, change in changes.items():
                await put_setting(connection, name, change.value)
                detail = {"from": change.before, "to": change.after}
                await connection.execute(audit_row(now_ms, by, "setting_changed", name, detail))


async def put_setting(connection: AsyncConnection, name: str, value: Any) -> None:
    """In the transaction of whoever changes it."""
    await connection.execute(replace_rows(connection, house_settings, [{"name": name, "value": value}]))


async def hold_settings(connection: AsyncConnection) -> None:
    """Have others who do the same wait until this transaction is over: what is read here is true when it is written."""
    await connection.execute(select(revisions.c.number).where(revisions.c.name == HOUSE).with_for_update())


async def _version(connection: AsyncConnection) -> int:
    query = select(revisions.c.number).where(revisions.c.name == HOUSE)
    return int((await connection.execute(query)).scalar_one())
