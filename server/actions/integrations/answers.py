"""What an HTTP status means for an Action, and how answers are quoted.

One table for every integration; a module adds only what its receiver says
otherwise: a 200 that is a failure, a 409 that is a success. What went wrong
before there was an answer is classified in `server/actions/sender.py`.

Rules: protocol/SPEC.md, IN12 and IN13.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

from protocol.actions import OutcomeKind
from server.actions.integrations.base import HttpResponse
from server.actions.outcomes import Outcome

MESSAGE_LENGTH = 500
EXCERPT_LENGTH = 4_096
LONGEST_WAIT_MS = 7 * 24 * 3_600_000
"""More than anybody waits; what it is clamped to is the schedule's concern."""


def judge_answer(
    response: HttpResponse,
    *,
    said: str = "",
    field_messages: Mapping[str, str] | None = None,
    results: Mapping[str, Any] | None = None,
) -> Outcome:
    """The outcome by the status alone; `said` is what the receiver gives as its reason."""
    kind = kind_of(response)
    return outcome(
        response,
        kind,
        "" if kind is OutcomeKind.SENT else said or _reason(response.status),
        field_messages=field_messages,
        results=results if kind is OutcomeKind.SENT else None,
    )


def outcome(
    response: HttpResponse,
    kind: OutcomeKind,
    message: str = "",
    *,
    field_messages: Mapping[str, str] | None = None,
    results: Mapping[str, Any] | None = None,
) -> Outcome:
    """An outcome of this kind, with all that an answer brings along."""
    return Outcome(
        kind=kind,
        message=message,
        field_messages=dict(field_messages or {}),
        results=dict(results or {}),
        retry_after_ms=find_retry_after_ms(response),
        status=response.status,
        excerpt=quote_body(response),
        disables_connection=response.status == 410 and kind is OutcomeKind.REFUSED,
    )


def kind_of(response: HttpResponse) -> OutcomeKind:
    """Which kind of outcome a status is, if the receiver says no more than that."""
    status = response.status
    if 200 <= status < 300:
        return OutcomeKind.SENT
    if status in (401, 403):
        return OutcomeKind.UNAUTHORISED
    if status == 429 or (status == 503 and find_retry_after_ms(response) is not None):
        return OutcomeKind.DEFERRED
    if status == 408 or status >= 500:
        return OutcomeKind.AMBIGUOUS
    return OutcomeKind.REFUSED  # redirects too: they are never followed


def find_retry_after_ms(response: HttpResponse) -> int | None:
    """How long the receiver asks to wait; seconds or a date in the header."""
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:12]) * 1_000, LONGEST_WAIT_MS)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    # Its own clock says how long that is, if it told the time.
    try:
        now_ms = parsedate_to_datetime(response.headers.get("date", "")).timestamp() * 1_000
    except ValueError:
        now_ms = response.received_ms
    return min(max(0, round(until.timestamp() * 1_000 - now_ms)), LONGEST_WAIT_MS)


def read_object(response: HttpResponse) -> dict[str, Any] | None:
    """The JSON object in an answer; nothing if there is none, or not all of it."""
    if not response.is_complete:
        return None
    try:
        value = json.loads(response.body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def quote_body(response: HttpResponse) -> str:
    """All of it that was read; what is kept is cut by the sender once no credential can be cut in two."""
    encoding = response.headers.get("content-encoding", "identity").lower()
    if encoding != "identity":
        return f"({len(response.body)} bytes of {encoding[:20]}, which was not asked for)"
    return response.body.decode(errors="replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")


def get_text(value: Any, *path: str) -> str:
    """A text or number inside of an answer; empty if it is not there."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _reason(status: int) -> str:
    if 300 <= status < 400:
        return f"the receiver answered {status}: it is elsewhere, and redirects are not followed"
    if status == 410:
        return "the receiver answered 410: it is gone for good"
    return f"the receiver answered {status}"
