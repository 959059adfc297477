"""The store and the database of an installation, for a command that works on them whether or not it runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from server.data_lock import hold_directory
from server.parts import find_store
from server.preparation import prepare_store
from server.settings import SOCKET, CannotRun, Settings


@asynccontextmanager
async def open_storage(settings: Settings, *, running: bool = True) -> AsyncIterator[Settings]:
    """The settings with the store's address; what does not run is started for as long as this is open.

    With `running` false, it must not run.

    Raises:
        CannotRun, Unavailable: with these settings, on this machine, now.
    """
    if settings.redis_url is not None and running:
        yield settings
        return
    async with AsyncExitStack() as stack:
        try:
            stack.enter_context(hold_directory(settings.data_path))
        except CannotRun:
            if not running or not (settings.runtime_path / SOCKET).is_socket():
                raise
            settings = find_store(settings)
        else:
            settings, _ = await prepare_store(settings, stack)
        yield settings
