"""Whether what was given for a Connection is what its Integration asks for. Pure: texts in, what was expected out.

Rules: protocol/SPEC.md, CO3.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from protocol.connections import EgressRule
from protocol.integrations import Integration, Setting

NEVER_ALLOWED = tuple(
    ipaddress.ip_network(text)
    for text in (
        "169.254.0.0/16", "fe80::/10", "168.63.129.16/32", "fd00:ec2::254/128", "100.100.100.200/32", "192.0.0.192/32",
    )
)  # fmt: skip
"""Where clouds tell a machine its own credentials."""

RECEIVER_SETTINGS = ("url", "base_url", "host")
"""Keys by which Integrations ask where the other side is."""

WIDEST_PREFIX = {4: 16, 6: 48}
"""What is wider is hardly a receiver's network."""


def form_problem(
    integration: Integration, settings: Mapping[str, str], secrets: Mapping[str, str], kept: Collection[str] = ()
) -> str | None:
    """What was expected instead, by path; None if it will do. `kept` are the secrets that are set already."""
    known = {setting.key: setting for setting in integration.settings}
    for place, given, is_secret in (("settings", settings, False), ("secrets", secrets, True)):
        for key, text in given.items():
            if key not in known or known[key].secret is not is_secret:
                keys = ", ".join(each.key for each in integration.settings if each.secret is is_secret) or "nothing"
                return f"{place}.{key}: {integration.name} knows no such thing there, expected {keys}"
            if text and (expected := _text_problem(known[key], text)):
                return f"{place}.{key}: expected {expected}"
    for key, setting in known.items():
        place, given = ("secrets", secrets) if setting.secret else ("settings", settings)
        is_there = bool(given.get(key)) or key in kept or setting.generated or setting.default != ""
        if setting.required and not is_there:
            return f"{place}.{key}: expected a text for {setting.label}"
    return None


def given_settings(integration: Integration, settings: Mapping[str, str]) -> dict[str, str]:
    """What was given and is not blank, in the Integration's order. Defaults are not kept: they may change."""
    return {each.key: text for each in integration.settings if not each.secret and (text := settings.get(each.key))}


def receiver_host(integration: Integration, settings: Mapping[str, str]) -> str:
    """Where it leads, for the delivery log: the name alone, since an address may be a secret. Empty if nobody says."""
    texts = {each.key: settings.get(each.key) or each.default for each in integration.settings if not each.secret}
    address = next((texts[key] for key in RECEIVER_SETTINGS if texts.get(key)), "")
    try:
        return urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""  # such as an unclosed bracket


def egress_problem(rule: EgressRule) -> str | None:
    """What was expected instead; None if the rule will do."""
    try:
        network = ipaddress.ip_network(rule.network)
    except ValueError:
        return f"{rule.network!r}: expected an address or network such as 10.20.0.7 or 10.20.0.0/24"
    if network.prefixlen < WIDEST_PREFIX[network.version]:
        return f"{rule.network}: expected a network of /{WIDEST_PREFIX[network.version]} or narrower"
    if any(network.version == never.version and network.overlaps(never) for never in NEVER_ALLOWED):
        return f"{rule.network}: expected no address at which a cloud tells its machines their credentials"
    return None


def canonical(rule: EgressRule) -> EgressRule:
    """The same rule as one network: `10.0.0.7` is 10.0.0.7/32."""
    network = str(ipaddress.ip_network(rule.network))
    return EgressRule(network=network, port=rule.port, note=" ".join(rule.note.split()))


def _text_problem(setting: Setting, text: str) -> str | None:
    if re.search(r"[\x00-\x1f\x7f]", text):
        return "one line without control characters"
    if text != text.strip():
        return "no space at either end"
    if setting.options and text not in {option.value for option in setting.options}:
        return f"one of {', '.join(option.value for option in setting.options)}"
    return None
