"""Where a one-time link leads.

Rules: protocol/SPEC.md, PE5.
"""

from __future__ import annotations

from server.settings import Settings


def link_address(settings: Settings, token: str) -> str:
    """The token is in the fragment, which browsers tell no server: no log of any on the way has it."""
    return f"{settings.address.rstrip('/')}/welcome#{token}"
