"""Views of lists that people keep under a name, over SQL.

Rules: protocol/SPEC.md, BP7 to BP9.
"""

from __future__ import annotations

from sqlalchemy import delete, select, update

from protocol.base import PersonId
from protocol.lists import SavedView, ViewChoice
from server.people_ports import TooManyViews, ViewNameTaken
from server.records.database import Database, replace_rows
from server.records.tables import saved_views

AT_MOST = 50


class SqlViewShelf:
    """The `ViewShelf` port over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, person_id: PersonId) -> tuple[SavedView, ...]:
        """This person's, by name."""
        query = select(saved_views).where(saved_views.c.person_id == person_id)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        views = [SavedView(id=row.view_id, name=row.name, search=row.search, is_default=row.is_default) for row in rows]
        return tuple(sorted(views, key=lambda view: view.name.casefold()))

    async def keep(self, person_id: PersonId, view_id: str, choice: ViewChoice) -> None:
        """Add this person's view, or put it in the place of what it was.

        Raises:
            ViewNameTaken: another one of theirs is called so. TooManyViews. Unavailable.
        """
        mine = saved_views.c.person_id == person_id
        async with self._database.writing() as connection:
            rows = (await connection.execute(select(saved_views.c.view_id, saved_views.c.name).where(mine))).all()
            others = [row.name.casefold() for row in rows if row.view_id != view_id]
            if choice.name.casefold() in others:
                raise ViewNameTaken
            if len(others) >= AT_MOST:
                raise TooManyViews
            if choice.is_default:
                await connection.execute(update(saved_views).where(mine).values(is_default=False))
            row = {
                "person_id": person_id,
                "view_id": view_id,
                "name": choice.name,
                "search": choice.search,
                "is_default": choice.is_default,
            }
            await connection.execute(replace_rows(connection, saved_views, [row]))

    async def drop(self, person_id: PersonId, view_id: str) -> bool:
        """Take this person's view away; whether there was one."""
        its = (saved_views.c.person_id == person_id) & (saved_views.c.view_id == view_id)
        async with self._database.writing() as connection:
            return (await connection.execute(delete(saved_views).where(its))).rowcount > 0
