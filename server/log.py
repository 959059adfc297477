"""What a log line looks like, and where it goes: standard error, one format for all processes.

A line is an event's name and its facts, `worker.died name=w2 status=-9`: ids,
numbers, codes, and the words of an error; never what people typed. As JSON the
same facts are properties. The request that a line belongs to is added here.

Rules: protocol/SPEC.md, OP6 to OP8.
"""

from __future__ import annotations

import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import msgspec

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""Of the HTTP request that is being answered; empty outside of one."""

PLACE = re.compile(r"(\w+)=(%[\d.]*[a-z]|\S+)")
"""A fact in the words of a log call: its name, and where its value goes, or the value."""


class TextLines(logging.Formatter):
    """For people: time, process, level, who says it, event, facts."""

    def __init__(self, process: str) -> None:
        super().__init__(f"%(asctime)s {process} %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 as it is named there
        """The line without a traceback."""
        line, request_id = super().formatMessage(record), REQUEST_ID.get()
        return f"{line} request_id={request_id}" if request_id else line


class JsonLines(logging.Formatter):
    """For programs: an object a line."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever is in it."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": self._process,
            "logger": record.name,
            **facts_of(record),
        }
        if request_id := REQUEST_ID.get():
            line["request_id"] = request_id
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """The event and its facts, as the log call names them; a library's line is a message."""
    template = str(record.msg)
    event, _, rest = template.partition(" ")
    if not record.name.startswith("server"):
        return {"event": "message", "message": record.getMessage()}
    values = iter(record.args if isinstance(record.args, tuple) else ())
    facts: dict[str, Any] = {"event": event}
    for name, place in PLACE.findall(rest):
        value = next(values, None) if place.startswith("%") else place
        facts[name] = value if isinstance(value, int | float | bool | None) else str(value)
    return facts


def log_to_stderr(process: str, form: str) -> None:
    """Send the lines of this process to standard error, marked with its name; `form` is text or json."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines(process) if form == "json" else TextLines(process))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # httpx and httpcore would tell every address, and some are secrets.
    for chatty in ("alembic", "asyncio", "httpcore", "httpx", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def without_quotes(error: Exception) -> str:
    """What was wrong, without the values that the error quotes: they came from outside."""
    return re.sub(r"'[^']*'|`(?!\$)[^`]*`|\"[^\"]*\"", "…", str(error))
