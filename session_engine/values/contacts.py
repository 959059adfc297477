"""E-mail addresses, telephone numbers and web addresses.

Canonical: an address with its domain in lower case; a number as E.164 with
`;ext=` behind it (RFC 3966); a URL with its scheme, http or https.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from protocol.fields import FieldDefinition
from session_engine.values.reading import Reading

_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_EMAIL = re.compile(rf"([\w.!#$%&'*+/=?^`{{|}}~-]{{1,64}})@({_LABEL}(?:\.{_LABEL})+)")
"""As browsers judge it (HTML Living Standard, "valid e-mail address"), but with letters of any script, and a dot
behind the @."""
_HOST = re.compile(rf"(?:{_LABEL}\.)+[^\W\d_][\w-]{{0,61}}[^\W_]")
MAX_EMAIL = 254
MAX_PHONE = 80
MAX_URL = 2_000


def read_email(text: str, definition: FieldDefinition, reading: Reading) -> str | None:
    """`Ada@Example.ORG` as `Ada@example.org`."""
    stripped = text.strip().removeprefix("mailto:").strip("<>")
    found = _EMAIL.fullmatch(stripped) if len(stripped) <= MAX_EMAIL else None
    if found is None or ".." in found[1] or found[1][0] == "." or found[1][-1] == ".":
        return None
    return f"{found[1]}@{found[2].lower()}"


def read_phone(text: str, definition: FieldDefinition, reading: Reading) -> str | None:
    """`(020) 7183 8750 ext. 5` as `+442071838750;ext=5`; a number without + is of the locale's country."""
    import phonenumbers  # 140 ms, and only when a number is typed

    if len(text) > MAX_PHONE:
        return None
    # An international number with its national 0 in brackets, as business cards have it.
    written = re.sub(r"^(\s*(?:tel:)?\s*(?:\+|00)\d{1,3}\s*)\(0\)", r"\1", text)
    try:
        number = phonenumbers.parse(written, reading.locale.country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    e164 = str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return f"{e164};ext={number.extension}" if number.extension else e164


def shown_phone(content: str) -> str | None:
    """A canonical number in groups, as people dial it from abroad; None if it is none."""
    import phonenumbers

    try:
        number = phonenumbers.parse(content)
    except phonenumbers.NumberParseException:
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def read_url(text: str, definition: FieldDefinition, reading: Reading) -> str | None:
    """`Example.org/a` as `https://example.org/a`."""
    stripped = text.strip()
    if len(stripped) > MAX_URL or re.search(r"\s", stripped):
        return None
    whole = stripped if re.match(r"[a-z][a-z0-9+.-]*://", stripped, re.IGNORECASE) else f"https://{stripped}"
    try:
        parts = urlsplit(whole)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or host is None or parts.username is not None or not _HOST.fullmatch(host):
        return None
    place = host if port is None else f"{host}:{port}"
    return parts._replace(netloc=place).geturl()
