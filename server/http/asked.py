"""The parameters of a list, read and judged alike in every list; and its answer.

What cannot be meant is answered 400 with what was expected.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from starlette.responses import Response

from protocol.base import Millis
from server.http.problems import HttpProblem

MOST_LINES = 200
MOST_WORDS = 200

Word = TypeVar("Word", bound=StrEnum)


def refuse_others(asked: Mapping[str, str], known: tuple[str, ...]) -> None:
    """Refuse parameters that this list does not know, and what no database can look for."""
    other = next((name for name in asked if name not in known), None)
    if other is not None:
        raise bad(f"{other[:40]}: expected no other parameters than {', '.join(known)}")
    if any("\0" in value for value in asked.values()):
        raise bad("expected text without NUL")


def one_of(asked: Mapping[str, str], name: str, words: type[Word]) -> Word | None:
    """One of these words, or nothing."""
    text = asked.get(name)
    if not text:
        return None
    try:
        return words(text)
    except ValueError:
        raise bad(f"{name}: expected one of {', '.join(words)}") from None


def words_of(asked: Mapping[str, str], name: str) -> str:
    """What is looked for, with one space between words."""
    words = " ".join(asked.get(name, "").split())
    if len(words) > MOST_WORDS:
        raise bad(f"{name}: expected at most {MOST_WORDS} characters")
    return words


def midnight(asked: Mapping[str, str], name: str, zone: tzinfo, days: int) -> Millis | None:
    """The start of a day, or of one some days later, by the asker's clock."""
    text = asked.get(name)
    if not text:
        return None
    try:
        day = date.fromisoformat(text) + timedelta(days=days)
        moment = datetime(day.year, day.month, day.day, tzinfo=zone)
        return max(0, round(moment.timestamp() * 1000))
    except (ValueError, OverflowError):
        raise bad(f"{name}: expected a day such as 2026-01-31") from None


def whole_number(asked: Mapping[str, str], name: str) -> int | None:
    """A moment in milliseconds, or the number of a row; or nothing."""
    text = asked.get(name)
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise bad(f"{name}: expected a whole number of at most 15 digits")
    return int(text)


def limit_of(asked: Mapping[str, str]) -> int:
    """How many lines a page has."""
    text = asked.get("limit") or "50"
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= MOST_LINES:
        raise bad(f"limit: expected 1 to {MOST_LINES}")
    return int(text)


def bad(detail: str) -> HttpProblem:
    """The answer to a parameter that cannot be meant."""
    return HttpProblem(HTTPStatus.BAD_REQUEST, "bad_parameter", detail)


def answer(body: Any) -> Response:
    """As JSON, kept by nobody."""
    return Response(msgspec.json.encode(body), media_type="application/json", headers={"Cache-Control": "no-store"})
