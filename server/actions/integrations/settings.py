"""A Connection's settings read by their description.

Rules: protocol/SPEC.md, IN10.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from protocol.integrations import Integration, ParameterOption, Setting
from server.actions.integrations.base import BadConnection, Connection

YES_NO = (ParameterOption(value="yes", label="Yes"), ParameterOption(value="no", label="No"))


def read_settings(connection: Connection, integration: Integration) -> dict[str, str]:
    """Every setting and secret by its key, defaults filled in.

    Raises:
        BadConnection: with the first that is missing or wrong.
    """
    read: dict[str, str] = {}
    for setting in integration.settings:
        held = connection.secrets if setting.secret else connection.settings
        value = held.get(setting.key, "") or setting.default
        if setting.required and not value:
            raise BadConnection(f"{connection.name}: {setting.label} is missing")
        values = [option.value for option in setting.options]
        if values and value not in values:
            raise BadConnection(f"{connection.name}: {setting.label}: expected one of {', '.join(values)}")
        if not value.isprintable():
            raise BadConnection(f"{connection.name}: {setting.label}: expected one line")
        read[setting.key] = value
    return read


def base_url(default: str) -> Setting:
    """Where a vendor is reached, for those who reach it through something of their own."""
    return Setting(
        key="base_url",
        label="Base URL",
        required=False,
        default=default,
        help=f"Leave empty for {default}. Another one must be reachable by this installation's rules.",
    )


def get_base(settings: dict[str, str]) -> str:
    """The base URL without the slash at its end.

    Raises:
        BadConnection: it is no address, or has a query.
    """
    base = settings["base_url"].rstrip("/")
    parts = urlsplit(base)
    if parts.scheme not in ("https", "http") or not parts.netloc or parts.query or parts.fragment:
        raise BadConnection("Base URL: expected an address such as https://crm.example.com/api, without ? and #")
    return base
