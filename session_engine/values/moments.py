"""Dates, times, and date-times with their zone.

Canonical: ISO 8601 `2026-04-03` and `15:00`; a date-time as RFC 9557 has it,
`2026-04-03T15:00:00+01:00[Europe/London]`, so that both the instant and the
place's own clock are kept. A time that a change of the clocks leaves out
counts from before it; one that comes twice is the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from protocol.fields import FieldDefinition
from session_engine.values.reading import Reading, find_zone

if TYPE_CHECKING:
    import babel

Width = Literal["wide", "abbreviated"]
Use = Literal["format", "stand-alone"]
WIDTHS: tuple[Width, ...] = ("wide", "abbreviated")
USES: tuple[Use, ...] = ("format", "stand-alone")

_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
_NUMERIC = re.compile(r"(\d{1,2})\s*[./\- ]\s*(\d{1,2})\s*[./\- ]\s*(\d{2,4})\.?", re.ASCII)
_TIME = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?|(?P<run>\d{2})|h)?"
    r"\s*(?P<half>[ap]\.?\s?m\.?)?(?:\s*uhr)?",
    re.ASCII | re.IGNORECASE,
)
_ZONE = re.compile(r"\s*(?:\[([\w+\-/]+)\]|\(([\w+\-/ ]+)\)|\s([A-Z][A-Za-z_]+/[\w+\-/]+|UTC|GMT))$", re.ASCII)
"""A zone behind a date-time: in brackets, in parentheses as it is shown, or bare."""
_FOR_YOU = re.compile(r"(?<=\)), [^()]* for you$")
"""What is shown behind a zone that is not the reader's own: the same moment on the reader's clock."""
_ORDINAL = re.compile(r"(?<=\d)(st|nd|rd|th|er|º|\.)(?=\W|$)", re.IGNORECASE)
_RELATIVE_RULE = re.compile(r"today(?:([+-]\d{1,4})d)?")

WORDS = {
    **dict.fromkeys(("today", "heute", "aujourd'hui", "hoy", "oggi", "vandaag"), 0),
    **dict.fromkeys(("tomorrow", "morgen", "demain", "mañana", "domani"), 1),
    **dict.fromkeys(("yesterday", "gestern", "hier", "ayer", "ieri", "gisteren"), -1),
}
MAX_MOMENT = 100
"""A weekday, a date, a time and the longest name of a zone are shorter; what is longer is no moment, and is not tried
in every place where date and time could part."""
YEARS_AHEAD = 20
"""Two-digit years reach this far ahead, and back from there: `44` is 2044 in 2026, `50` is 1950."""


def read_date(text: str, definition: FieldDefinition, reading: Reading) -> str | None:
    """`3/4/26`, `3. April 2026`, `tomorrow` as `2026-04-03`."""
    found = None if len(text) > MAX_MOMENT else _date(text, reading)
    return None if found is None else found.isoformat()


def read_time(text: str, definition: FieldDefinition, reading: Reading) -> str | None:
    """`3pm`, `15.30`, `1500` as `15:00`; seconds are dropped."""
    found = None if len(text) > MAX_MOMENT else _time(text)
    return None if found is None else found.strftime("%H:%M")


def read_date_time(text: str, definition: FieldDefinition, reading: Reading) -> str | None:
    """`3 Apr 2026 3pm` in the person's zone, or in one that is named behind: `… [America/New_York]`."""
    if len(text) > MAX_MOMENT:
        return None
    rest, zone = _split_zone(text.strip(), reading)
    moment = None if zone is None else _exact(rest, zone) or _on_the_wall(rest, zone, reading)
    if zone is None or moment is None:
        return None
    return f"{moment.replace(microsecond=0).isoformat()}[{zone.key}]"


def today(reading: Reading) -> date:
    """The date in the person's zone."""
    return datetime.fromtimestamp(reading.now_ms / 1000, reading.zone).date()


def limit(rule: str, reading: Reading) -> date | time | datetime:
    """What `not_before` and `not_after` name: a date, `today+3d`, a time, or a local date-time."""
    if relative := _RELATIVE_RULE.fullmatch(rule):
        return today(reading) + timedelta(days=int(relative[1] or 0))
    if ":" not in rule:
        return date.fromisoformat(rule)
    return time.fromisoformat(rule) if len(rule) <= 8 else datetime.fromisoformat(rule)


def is_past(content: str, bound: date | time | datetime) -> int:
    """-1, 0 or 1 as canonical content lies before, at or past a limit, each by its own clock."""
    wall: date | time | datetime
    if ":" not in content:
        wall = date.fromisoformat(content)
    elif "T" not in content:
        wall = time.fromisoformat(content)
    else:
        wall = datetime.fromisoformat(content.partition("[")[0]).replace(tzinfo=None)
    if isinstance(wall, datetime) and not isinstance(bound, datetime):
        wall = wall.date() if isinstance(bound, date) else wall.time()
    elif isinstance(bound, datetime) and not isinstance(wall, datetime):
        bound = bound.date() if isinstance(wall, date) else bound.time()
    if isinstance(wall, time) is not isinstance(bound, time):
        return 0
    return (wall > bound) - (wall < bound)  # type: ignore[operator]


def date_example(reading: Reading) -> str:
    """How the last day of the year is written there."""
    return date_text(date(today(reading).year, 12, 31), reading)


def date_text(day: date, reading: Reading) -> str:
    """`03/04/2026`, in the order and with the separator of the locale."""
    separator = "." if "." in _pattern(reading) else "-" if "-" in _pattern(reading) else "/"
    parts = {"d": f"{day.day:02}", "m": f"{day.month:02}", "y": f"{day.year:04}"}
    return separator.join(parts[part] for part in _order(reading))


def limit_text(rule: str, reading: Reading) -> str:
    """What `not_before` and `not_after` name, in words: `60 days from today`, `31/01/2027 09:00`."""
    if relative := _RELATIVE_RULE.fullmatch(rule):
        return _relative_text(int(relative[1] or 0))
    bound = limit(rule, reading)
    if isinstance(bound, time):
        return f"{bound:%H:%M}"
    day = date_text(bound, reading)
    return f"{day} {bound:%H:%M}" if isinstance(bound, datetime) else day


def _relative_text(days: int) -> str:
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    return near.get(days) or (f"{days} days from today" if days > 0 else f"{-days} days ago")


def _exact(text: str, zone: ZoneInfo) -> datetime | None:
    """An ISO date-time with its offset, on the clock of this zone."""
    try:
        moment = datetime.fromisoformat(text)
        return None if moment.tzinfo is None else moment.astimezone(zone)
    except (ValueError, OverflowError):
        return None


def _on_the_wall(text: str, zone: ZoneInfo, reading: Reading) -> datetime | None:
    """A moment by the clock on the wall of this zone."""
    wall = _wall(text, reading)
    if wall is None:
        return None
    try:
        # Through UTC, so that a time which the clocks leave out becomes one that exists.
        return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    except OverflowError:
        return None  # on the first or the last day that there is


def _wall(text: str, reading: Reading) -> datetime | None:
    """Date and time by the clock on the wall, in either order."""
    words = re.split(r"(?:,\s*|\s+|(?<=\d)T(?=\d))", text)
    for place in range(1, len(words)):
        for day, clock in ((words[:place], words[place:]), (words[place:], words[:place])):
            found_time = _time(" ".join(word for word in clock if word.casefold() not in ("at", "um", "à")))
            found_date = _date(" ".join(word for word in day if word.casefold() not in ("at", "um", "à")), reading)
            if found_date is not None and found_time is not None:
                return datetime.combine(found_date, found_time)
    return None


def _split_zone(text: str, reading: Reading) -> tuple[str, ZoneInfo | None]:
    text = _FOR_YOU.sub("", text)
    if (named := _ZONE.search(text)) is None:
        return text, reading.zone
    return text[: named.start()], find_zone((named[1] or named[2] or named[3]).replace(" ", "_"))


def _date(text: str, reading: Reading) -> date | None:
    stripped = " ".join(text.split()).strip(" ,")
    if stripped.casefold() in WORDS:
        return today(reading) + timedelta(days=WORDS[stripped.casefold()])
    if iso := _YEAR_FIRST.fullmatch(stripped):
        return _safe(int(iso[1]), int(iso[2]), int(iso[3]))
    if numeric := _NUMERIC.fullmatch(stripped):
        return _numeric(numeric.groups(), reading)
    return _named(stripped, reading) or _of_weekday(stripped, reading)


def _of_weekday(text: str, reading: Reading) -> date | None:
    """A date behind or before the name of its day, which says nothing new."""
    # Tried last, since a weekday may be called like a month: `mar 3 mar` in Spanish.
    before, _, rest = text.partition(" ")
    if rest and _folded(before) in _weekdays(reading.language):
        return _date(rest, reading)
    rest, _, behind = text.rpartition(" ")
    return _date(rest, reading) if rest and _folded(behind) in _weekdays(reading.language) else None


def _numeric(groups: tuple[str, ...], reading: Reading) -> date | None:
    if len(groups[2]) == 3:
        return None
    is_month_first = [part for part in _order(reading) if part != "y"] == ["m", "d"]
    one, two, year = int(groups[0]), int(groups[1]), _year(groups[2], reading)
    day, month = (two, one) if is_month_first else (one, two)
    # `12/31` can only be meant one way, wherever it is typed.
    return _safe(year, month, day) or _safe(year, day, month)


def _named(text: str, reading: Reading) -> date | None:
    """A day and a year around the name of a month; without a year, this one."""
    words = re.findall(r"[^\W\d_]+\.?|\d+", _ORDINAL.sub("", text))
    if "".join(words) != re.sub(r"[\s,/\-]+", "", _ORDINAL.sub("", text)):
        return None
    numbers = [word for word in words if word.isdecimal()]
    names = [
        word.rstrip(".").casefold() for word in words if not word.isdecimal() and word.casefold() not in ("de", "of")
    ]
    if len(names) != 1 or not 1 <= len(numbers) <= 2 or (month := _months(reading.language).get(names[0])) is None:
        return None
    if len(numbers[0]) == 4:
        numbers.reverse()
    year = _year(numbers[1], reading) if len(numbers) == 2 else today(reading).year
    return _safe(year, month, int(numbers[0]))


@lru_cache(maxsize=16)
def _months(language: babel.Locale) -> dict[str, int]:
    """Month by name, whole or short, in the locale's language and in English."""
    from babel.dates import get_month_names

    names: dict[str, int] = {}
    for form in _forms(language):
        for month, name in get_month_names(*form).items():
            names[_folded(name)] = month
            names.setdefault(_folded(name)[:3], month)
    return names


@lru_cache(maxsize=16)
def _weekdays(language: babel.Locale) -> frozenset[str]:
    """Names of the days of the week, whole or short, in the locale's language and in English."""
    from babel.dates import get_day_names

    return frozenset(_folded(name) for form in _forms(language) for name in get_day_names(*form).values())


def _forms(language: babel.Locale) -> Iterator[tuple[Width, Use, babel.Locale | str]]:
    for spoken in ("en", language):
        for use in USES:
            for width in WIDTHS:
                yield width, use, spoken


def _folded(name: str) -> str:
    return name.strip(" .,()").casefold()


def _pattern(reading: Reading) -> str:
    from babel.dates import get_date_format

    return str(get_date_format("short", reading.language).pattern)


def _order(reading: Reading) -> list[str]:
    """`d`, `m` and `y` as the locale writes them."""
    pattern = _pattern(reading).casefold()
    return sorted("dmy", key=lambda part: pattern.find(part))


def _year(text: str, reading: Reading) -> int:
    if len(text) > 2:
        return int(text)
    latest = today(reading).year + YEARS_AHEAD
    year = latest - latest % 100 + int(text)
    return year if year <= latest else year - 100


def _safe(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _time(text: str) -> time | None:
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    is_bare = found["minute"] is None and found["run"] is None and found["half"] is None
    if is_bare and text.strip().isdigit():
        return None
    hour, minute = int(found["hour"]), int(found["minute"] or found["run"] or 0)
    if found["half"] is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"][0] in "pP" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 and int(found["second"] or 0) < 60 else None
