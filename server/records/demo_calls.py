"""That calls are simulated in a demo, told to every process by one row among the settings."""

from __future__ import annotations

import msgspec
from sqlalchemy import delete, select

from protocol.base import Millis
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

    async def write(self, order: CallsOrder) -> None:
        """Ask for it."""
        async with self._database.writing() as connection:
            await put_setting(connection, NAME, msgspec.to_builtins(order))

    async def forget(self, now_ms: Millis) -> None:
        """Take it out if it is over: what it began is ended."""
        this = house_settings.c.name == NAME
        async with self._database.writing() as connection:
            value = (await connection.execute(select(house_settings.c.value).where(this).with_for_update())).scalar()
            if value is not None and msgspec.convert(value, CallsOrder).until_ms <= now_ms:
                await connection.execute(delete(house_settings).where(this))
