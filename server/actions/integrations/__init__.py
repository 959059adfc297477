"""Every Integration that the server knows, one module each.

A package of somebody else's adds its own under the entry point group
`sidecoach.integrations`; each entry is such a module. The same contract suite
runs over those that are installed.

Rules: protocol/SPEC.md, IN10 and IN18.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points

from protocol.integrations import IntegrationAction, Safety
from server.actions.integrations import email, google_calendar, http_request, hubspot, slack, twilio, webhook
from server.actions.integrations.base import Connection, IntegrationModule

ENTRY_POINTS = "sidecoach.integrations"
OWN: tuple[IntegrationModule, ...] = (webhook, http_request, email, slack, hubspot, twilio, google_calendar)


def load_integrations(entries: Iterable[EntryPoint]) -> dict[str, IntegrationModule]:
    """Our own and those of installed packages, by the key of each.

    Raises:
        ValueError: two have the same key, or an action of one is not named after it.
    """
    modules = {module.DESCRIPTION.key: module for module in OWN}
    for entry in entries:
        module: IntegrationModule = entry.load()
        description = module.DESCRIPTION
        if description.key in modules:
            raise ValueError(f"{entry.value}: expected another key than {description.key}, which is taken")
        for action in description.actions:
            if not action.id.startswith(f"{description.key}."):
                raise ValueError(f"{entry.value}: expected {action.id} to begin with {description.key}.")
        modules[description.key] = module
    return modules


INTEGRATIONS: dict[str, IntegrationModule] = load_integrations(entry_points(group=ENTRY_POINTS))


def find_action(action_id: str) -> tuple[IntegrationModule, IntegrationAction] | None:
    """What does it, and its description."""
    module = INTEGRATIONS.get(action_id.partition(".")[0])
    if module is None:
        return None
    return next(((module, action) for action in module.DESCRIPTION.actions if action.id == action_id), None)


def safety_of(action: IntegrationAction, connection: Connection) -> Safety:
    """What makes a repeat harmless with this Connection: a key only if its receiver looks at it."""
    if action.safety is not Safety.KEY:
        return action.safety
    module = INTEGRATIONS[action.id.partition(".")[0]]
    default = next((setting.default for setting in module.DESCRIPTION.settings if setting.key == "deduplicates"), "yes")
    says = connection.settings.get("deduplicates") or default
    return Safety.KEY if says == "yes" else Safety.NONE
