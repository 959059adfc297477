"""Parameters judged against their description, the same way for every integration.

Templates were rendered and texts coerced before an order was frozen; what is
judged here is the last word before something leaves the house.

Rules: protocol/SPEC.md, IN11.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from protocol.integrations import IntegrationAction, Parameter, ParameterType
from server.actions.integrations.base import BadOrder, Order

EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([A-Za-z0-9-]+\.)*[A-Za-z0-9-]+"
)
"""One address alone: no name, no list, no quotes, no comment."""
PHONE = re.compile(r"\+[1-9][0-9]{5,14}")
ONE_LINE = re.compile(r"[^\x00-\x1f\x7f\x85\u2028\u2029]*")
MOST_ADDRESSES = 50


def read_parameters(order: Order, action: IntegrationAction) -> dict[str, Any]:
    """What the order says, by parameter; a parameter that was left empty is not in it.

    Raises:
        BadOrder: with everything that is wrong, by path.
    """
    known = {parameter.key for parameter in action.parameters}
    problems = {key: f"expected none of this name in {action.id}" for key in order.parameters if key not in known}
    read: dict[str, Any] = {}
    for parameter in action.parameters:
        value = order.parameters.get(parameter.key)
        if value is None or value in ("", [], (), {}):
            if parameter.required:
                problems[parameter.key] = "expected a value"
            continue
        found = dict(_problems(parameter, value))
        problems.update(found)
        if not found:
            read[parameter.key] = value
    if problems:
        raise BadOrder(problems)
    return read


def write_json(value: Any) -> bytes:
    """JSON whose bytes depend on what it says only: keys sorted, no spaces."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _problems(parameter: Parameter, value: Any) -> list[tuple[str, str]]:
    if parameter.type is ParameterType.EMAILS:
        if not isinstance(value, list | tuple) or len(value) > MOST_ADDRESSES:
            return [(parameter.key, f"expected a list of at most {MOST_ADDRESSES} addresses")]
        judged = [(f"{parameter.key}.{place}", _problem(parameter, ParameterType.EMAIL, one))
                  for place, one in enumerate(value)]  # fmt: skip
    elif parameter.type is ParameterType.MAP:
        if not isinstance(value, Mapping):
            return [(parameter.key, "expected an object of texts")]
        judged = [(f"{parameter.key}.{key}", _problem(parameter, ParameterType.LONG_TEXT, one))
                  for key, one in value.items()]  # fmt: skip
    else:
        judged = [(parameter.key, _problem(parameter, parameter.type, value))]
    return [(path, problem) for path, problem in judged if problem is not None]


def _problem(parameter: Parameter, kind: ParameterType, value: Any) -> str | None:
    if kind is ParameterType.JSON:
        return _json_problem(value)
    if kind is ParameterType.BOOLEAN:
        return None if isinstance(value, bool) else "expected yes or no"
    if kind is ParameterType.INTEGER:
        return None if isinstance(value, int) and not isinstance(value, bool) else "expected a whole number"
    if kind is ParameterType.NUMBER:
        return None if isinstance(value, int | float) and not isinstance(value, bool) else "expected a number"
    if not isinstance(value, str):
        return "expected a text"
    if parameter.max_length is not None and len(value) > parameter.max_length:
        return f"expected at most {parameter.max_length} characters, found {len(value)}"
    return _text_problem(parameter, kind, value)


def _text_problem(parameter: Parameter, kind: ParameterType, text: str) -> str | None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return "expected a text without halves of characters"
    match kind:
        case ParameterType.LONG_TEXT | ParameterType.HTML:
            return "expected a text without NUL" if "\x00" in text else None
        case ParameterType.EMAIL:
            is_fine = len(text) <= 254 and EMAIL.fullmatch(text) is not None
            return None if is_fine else "expected one e-mail address, such as ana@example.com"
        case ParameterType.PHONE:
            return None if PHONE.fullmatch(text) else "expected a number with its country, such as +4930123456"
        case ParameterType.URL:
            parts = urlsplit(text) if ONE_LINE.fullmatch(text) else None
            is_fine = parts is not None and parts.scheme in ("https", "http") and bool(parts.netloc)
            return None if is_fine else "expected an address that begins with https://"
        case ParameterType.CHOICE:
            values = [option.value for option in parameter.options]
            return None if text in values else f"expected one of {', '.join(values)}"
        case ParameterType.DATE:
            return None if _is_date(text) else "expected a date, such as 2026-03-31"
        case ParameterType.DATE_TIME:
            is_fine = _find_instant(text) is not None
            return None if is_fine else "expected a time with its offset, such as 2026-03-31T14:00:00+02:00"
        case _:
            return None if ONE_LINE.fullmatch(text) else "expected one line"


def _json_problem(value: Any) -> str | None:
    try:
        write_json(value)
    except (TypeError, ValueError, RecursionError):  # UnicodeEncodeError is a ValueError
        return "expected JSON"
    return None


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _find_instant(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None


def get_instant(text: str) -> datetime:
    """A `date_time` that was judged before."""
    instant = _find_instant(text)
    if instant is None:
        raise ValueError("expected a time with its offset")
    return instant
