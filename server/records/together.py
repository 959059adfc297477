"""Asking together: who asks while an answer is under way is served by the next one, with everybody else who did.

SQL has its price per transaction, hardly per row, and people come in crowds:
after a restart all of them at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Together(Generic[Asked, Answer]):
    """One way of serving many who ask at about the same time."""

    def __init__(self, serve: Callable[[list[Asked]], Awaitable[Answer]]) -> None:
        self._serve = serve
        self._turn = asyncio.Lock()
        self._asked: list[Asked] = []
        self._next: asyncio.Task[Answer] | None = None

    async def ask(self, asked: Asked) -> Answer:
        """What is served to all who ask now; an exception too is everybody's."""
        self._asked.append(asked)
        if self._next is None:
            self._next = asyncio.create_task(self._serve_next())
        # Whoever goes away takes nothing from the others.
        return await asyncio.shield(self._next)

    async def _serve_next(self) -> Answer:
        async with self._turn:
            asked, self._asked, self._next = self._asked, [], None
            return await self._serve(asked)
