"""Numbers and amounts of money.

Canonical: the shortest decimal string (`1234.5`), and for money all minor
digits with the ISO 4217 code (`1234.50 GBP`). Separators are read as the
locale writes them; text that can only be meant the other way round
(`1,234.56` in German) is read so.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from protocol.fields import FieldDefinition
from session_engine.values.reading import Reading

if TYPE_CHECKING:
    import babel

MAX_DIGITS = 40

_SPACES = re.compile(r"(?<=\d)['’\s](?=\d{3})")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)", re.ASCII)
_MINUS = str.maketrans({"−": "-", "–": "-", "﹣": "-", "－": "-"})
_AMOUNT = re.compile(r"(?P<before>\D*?)(?P<number>(?:(?<![^\W\d_])[.,])?\d(?:.*\d)?[.,]?)(?P<after>\D*)", re.DOTALL)
"""A number with a name before or behind it; the point of `kr.` is the name's."""

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
    currency = _currency(named[0], own, reading) if named else own
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


def number_text(number: float, reading: Reading) -> str:
    """A number of a rule as the locale writes it: `1,000,000`."""
    from babel.numbers import format_decimal

    text = format_decimal(Decimal(str(number)), locale=reading.language, decimal_quantization=False)
    return " ".join(text.split())


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


def _currency(name: str, own: str, reading: Reading) -> str | None:
    from babel.numbers import list_currencies

    folded = name.casefold()
    if folded in SHARED:
        return own if folded != "$" or own.endswith("D") or own == "MXN" else "USD"
    known = _symbols(reading.language).get(folded) or SYMBOLS.get(folded)
    if known is not None:
        return known
    code = name.upper()
    return code if len(code) == 3 and code in list_currencies() else None


@lru_cache(maxsize=16)
def _symbols(language: babel.Locale) -> dict[str, str]:
    """Currencies by the sign that the locale has for them, where it is no code: `CA$`."""
    from babel.numbers import get_currency_symbol, list_currencies

    signs = {code: get_currency_symbol(code, language) for code in sorted(list_currencies())}
    return {sign.casefold(): code for code, sign in signs.items() if sign != code}
