"""Where log lines go.

A line is an event's name and its facts, `worker.died process=w2 status=-9`; never call content.
"""

from __future__ import annotations

import logging


def log_to_stderr(process: str) -> None:
    """Send the lines of this process to standard error, marked with its name."""
    logging.basicConfig(level=logging.INFO, format=f"%(asctime)s {process} %(levelname)s %(name)s %(message)s")
    # httpx and httpcore would tell every address, and some are secrets.
    for chatty in ("alembic", "asyncio", "httpcore", "httpx", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
