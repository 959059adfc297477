"""`sidecoach worker`: a process that only sends what is due, beside the server processes or on another machine.

It takes part in what every server process does by itself (`timers.py`), and
serves nobody.

Rules: protocol/SPEC.md, DI.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import ExitStack

from server.log import log_to_stderr
from server.parts import build_parts, find_store
from server.settings import Settings
from server.watching import figures, tracing
from server.watching.looking import Looking
from server.watching.scrape import Processes, listen_for_prometheus, own_figures

log = logging.getLogger(__name__)


def run(settings: Settings) -> int:
    """Send until told to stop; what is in flight then is finished.

    Raises:
        CannotRun, Unavailable: with these settings, on this machine, now.
    """
    log_to_stderr("worker", settings.log_format)
    tracing.start("worker")
    with ExitStack() as stack:
        stack.callback(tracing.stop)
        if settings.metrics_port is not None:
            stack.enter_context(listen_for_prometheus(settings, Processes({"worker": own_figures})))
        asyncio.run(_send_until_told(find_store(settings)))
    return 0


async def _send_until_told(settings: Settings) -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    parts = build_parts(settings)

    def count_here() -> None:
        figures.BREAKERS_OPEN.set(parts.limits.open())

    looking = Looking(parts.store, parts.database.check, parts.archive.backlog, parts.house.policy, count_here)
    await parts.start(lambda push: None)
    if settings.metrics_port is not None:
        looking.start()
    if settings.log_format == "json":
        log.info("ready")
    else:
        print("Sidecoach sends what is due. Ctrl+C stops it.", flush=True)
    await told.wait()
    await looking.close()
    await parts.close()
    log.info("stopped")
