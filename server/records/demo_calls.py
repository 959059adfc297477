"""That calls are simulated in a demo, told to every process by one row among the settings."""

from __future__ import annotations

import msgspec
from sqlalchemy import select

from server.demo_calls import CallsOrder
from server.records.database import Database
from server.records.house import put_setting
from server.records.tables import house_settings

NAME = "demo_calls"


class SqlCallsBook:
    """The `CallsBook` port over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self) -> CallsOrder | None:
        """What was asked for last, over or not."""
        query = select(house_settings.c.value).where(house_settings.c.name == NAME)
        async with self._database.reading() as connection:
            value = (await connection.execute(query)).scalar_one_or_none()
        return None if value is None else msgspec.convert(value, CallsOrder)

    async def write(self, order: CallsOrder | None) -> None:
        """Ask for it, or for no more."""
        async with self._database.writing() as connection:
            value = {"until_ms": 0, "seed": 0} if order is None else msgspec.to_builtins(order)
            await put_setting(connection, NAME, value)
