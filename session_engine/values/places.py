"""Postcodes and countries.

Canonical: a postcode in upper case with the spacing of its country; a country
as its ISO 3166-1 alpha-2 code, read from the code, or from its name in the
locale's language or in English.
"""

from __future__ import annotations

import re
from functools import lru_cache

from protocol.account import Locale
from protocol.fields import FieldDefinition
from session_engine.values.reading import PLAIN_LANGUAGE, Reading, find_zone

POSTCODES = {
    "GB": (r"([A-Z]{1,2}\d[A-Z\d]?) ?(\d[A-Z]{2})", r"\1 \2", "SW1A 1AA"),
    "IE": (r"([A-Z]\d[\dW]) ?([A-Z\d]{4})", r"\1 \2", "D02 AF30"),
    "US": (r"(\d{5})(?:[ -]?(\d{4}))?", None, "20500 or 20500-0003"),
    "CA": (r"([A-Z]\d[A-Z]) ?(\d[A-Z]\d)", r"\1 \2", "K1A 0A6"),
    "NL": (r"(\d{4}) ?([A-Z]{2})", r"\1 \2", "2514 GC"),
    "SE": (r"(\d{3}) ?(\d{2})", r"\1 \2", "114 55"),
    "PL": (r"(\d{2})[ -]?(\d{3})", r"\1-\2", "00-902"),
    "PT": (r"(\d{4})[ -]?(\d{3})", r"\1-\2", "1249-074"),
    **dict.fromkeys(("DE", "FR", "ES", "IT", "FI"), (r"(\d{5})", r"\1", "12345")),
    **dict.fromkeys(("AT", "AU", "BE", "CH", "DK", "NO", "NZ"), (r"(\d{4})", r"\1", "1234")),
}
"""Pattern, spacing and example by country (Universal Postal Union, addressing systems)."""
ANY_POSTCODE = re.compile(r"[A-Z0-9](?:[A-Z0-9 -]{0,10}[A-Z0-9])")

ALIASES = {"UK": "GB", "ENGLAND": "GB", "SCOTLAND": "GB", "WALES": "GB", "USA": "US", "AMERICA": "US", "HOLLAND": "NL"}


def read_postcode(text: str, definition: FieldDefinition, reading: Reading) -> str | None:
    """`sw1a1aa` as `SW1A 1AA`, in the country of the locale."""
    stripped = " ".join(text.upper().split())
    if reading.locale.country not in POSTCODES:
        return stripped if ANY_POSTCODE.fullmatch(stripped) else None
    pattern, spacing, _ = POSTCODES[reading.locale.country]
    found = re.fullmatch(pattern, stripped, re.ASCII)
    if found is None:
        return None
    return found.expand(spacing) if spacing else "-".join(part for part in found.groups() if part)


def postcode_example(reading: Reading) -> str:
    """What is expected, in words."""
    known = POSTCODES.get(reading.locale.country)
    return f"a postcode such as {known[2]}" if known else "a postcode of 2 to 12 letters and digits"


def read_country(text: str, definition: FieldDefinition, reading: Reading) -> str | None:
    """`Deutschland` as `DE`."""
    folded = text.strip().casefold()
    code = ALIASES.get(folded.upper(), folded.upper())
    if code in _names(PLAIN_LANGUAGE).values():
        return code
    return _names(reading.locale.language).get(folded) or _names(PLAIN_LANGUAGE).get(folded)


def locale_problem(locale: Locale) -> str | None:
    """What was expected instead of a part that is not known, or None."""
    from babel.numbers import is_currency

    if not _names(locale.language):
        return f"a language such as en-GB instead of {locale.language!r}"
    if locale.country not in _names(PLAIN_LANGUAGE).values():
        return f"a country code such as GB instead of {locale.country!r}"
    if not is_currency(locale.currency):
        return f"a currency code such as GBP instead of {locale.currency!r}"
    if find_zone(locale.time_zone) is None:
        return f"a time zone such as Europe/London instead of {locale.time_zone!r}"
    return None


@lru_cache(maxsize=16)
def _names(language: str) -> dict[str, str]:
    """Countries by their folded name."""
    import babel

    try:
        territories = babel.Locale.parse(language, sep="-").territories
    except (babel.UnknownLocaleError, ValueError):
        return {}
    return {name.casefold(): code for code, name in territories.items() if len(code) == 2 and code not in _NO_COUNTRY}


_NO_COUNTRY = frozenset({"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO", "AC", "CP", "DG", "EA", "IC", "TA", "CQ"})
"""Codes of CLDR that are no countries of ISO 3166-1."""
