"""Numbers and amounts of money.

Canonical: the shortest decimal string (`1234.5`), and for money all minor
digits with the ISO 4217 code (`1234.50 GBP`). Separators are read as the
locale writes them; text that can only be meant the other way round
(`1,234.56` in German) is read so.
"""

from __future__ import annotations

import re
from decimal import Decimal

from protocol.fields import FieldDefinition
from session_engine.values.reading import Reading

MAX_DIGITS = 40

_SPACES = re.compile(r"(?<=\d)['’\s](?=\d{3})")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)", re.ASCII)
_MINUS = str.maketrans({"−": "-", "–": "-", "﹣": "-", "－": "-"})
_AMOUNT = re.compile(r"(?P<before>[^\d.,]*)(?P<number>[\d.,].*[\d.,]|\d)(?P<after>[^\d.,]*)", re.DOTALL)

SYMBOLS = {
    "£": "GBP",
    "€": "EUR",
    "¥": "JPY",
    "₹": "INR",
    "₩": "KRW",
    "₺": "TRY",
    "₪": "ILS",
    "zł": "PLN",
    "fr.": "CHF",
    "us$": "USD",
}
"""Signs that mean one currency; `$`, `kr` and the like mean the locale's own."""
SHARED = frozenset({"$", "kr", "kr."})


def read_number(text: str, definition: FieldDefinition, reading: Reading) -> str | None:
    """`1.234,50` or `1,234.50` as `1234.5`."""
    number = _decimal(text, reading)
    return None if number is None else shortest(number)


def read_money(text: str, definition: FieldDefinition, reading: Reading) -> str | None:
    """`£1,234.5` as `1234.50 GBP`; without a currency the Field's, else the locale's."""
    parts = _AMOUNT.fullmatch(text.strip().translate(_MINUS))
    if parts is None:
        return None
    sign = "-" if "-" in parts["before"] else ""
    named = [name for name in (parts["before"].strip("-+ \u00a0\u202f"), parts["after"].strip()) if name]
    if len(named) > 1:
        return None
    own = definition.currency or reading.locale.currency
    currency = _currency(named[0], own) if named else own
    number = _decimal(sign + parts["number"], reading)
    if currency is None or number is None:
        return None
    from babel.numbers import get_currency_precision

    minor = get_currency_precision(currency)
    if -int(number.as_tuple().exponent) > minor:
        return None
    return f"{number:.{minor}f} {currency}"


def shortest(number: Decimal) -> str:
    """The shortest decimal string of a number."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def plain_decimal(text: str) -> Decimal | None:
    """A number in the plain form, with digits, a sign and a point and nothing else; None if it is none."""
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


def number_example(reading: Reading) -> str:
    """How 1234.56 is written there."""
    group, point = _separators(reading)
    return f"1{group}234{point}56"


def _decimal(text: str, reading: Reading) -> Decimal | None:
    stripped = _SPACES.sub("", text.strip().translate(_MINUS))
    if len(stripped) > MAX_DIGITS or not stripped.isascii():
        return None
    group, point = _separators(reading)
    plain = _ungrouped(stripped, group, point)
    if plain is None:
        plain = _ungrouped(stripped, point, group if group in ".," else ("," if point == "." else "."))
    return None if plain is None else Decimal(plain)


def _ungrouped(text: str, group: str, point: str) -> str | None:
    """The text with a plain decimal point, if it is written with these separators."""
    whole, has_point, fraction = text.partition(point)
    digits = whole.lstrip("+-")
    if group in digits:
        parts = digits.split(group)
        is_grouped = 1 <= len(parts[0]) <= 3 and all(len(part) in (2, 3) for part in parts[1:]) and len(parts[-1]) == 3
        if not is_grouped:
            return None
        whole = whole.replace(group, "")
    plain = f"{whole}.{fraction}" if has_point else whole
    return plain if _DECIMAL.fullmatch(plain) else None


def _separators(reading: Reading) -> tuple[str, str]:
    from babel.numbers import get_decimal_symbol, get_group_symbol

    group, point = get_group_symbol(reading.language), get_decimal_symbol(reading.language)
    return (group if group in (".", ",", "'", "’") else " "), ("," if point == "," else ".")


def _currency(name: str, own: str) -> str | None:
    from babel.numbers import list_currencies

    folded = name.casefold()
    if folded in SHARED:
        return own if folded != "$" or own.endswith("D") or own == "MXN" else "USD"
    if folded in SYMBOLS:
        return SYMBOLS[folded]
    code = name.upper()
    return code if len(code) == 3 and code in list_currencies() else None
