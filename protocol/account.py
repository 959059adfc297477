"""What holds for a whole installation or for one person: roles, locale, reasons, time limits.

Values are stored in one canonical form; a `Locale` says how typed text is
read (`1.234,56`) and how the browser shows it. A `Policy` is the
installation's; decisions get both in their `Context`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from protocol.base import END, Key, Name, Record


class PersonRole(StrEnum):
    """Roles of a person in this installation; a person may have several."""

    AGENT = "agent"
    COACH = "coach"
    SUPERVISOR = "supervisor"
    AUTHOR = "author"
    MANAGER = "manager"
    ADMIN = "admin"


class Permission(StrEnum):
    """What comes with no role: administrators give it to one person at a time."""

    HIDDEN_WATCHING = "hidden_watching"


class Locale(Record, frozen=True, kw_only=True):
    """How a person reads and writes. The installation has one, and a person may have another."""

    language: Annotated[
        str, Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*" + END, description="BCP 47 tag such as en-GB.")
    ] = "en-GB"
    country: Annotated[str, Meta(pattern=r"^[A-Z]{2}" + END, description="ISO 3166-1 alpha-2.")] = "GB"
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}" + END, description="ISO 4217.")] = "GBP"
    time_zone: Annotated[str, Meta(min_length=1, max_length=64, description="IANA name such as Europe/London.")] = (
        "Europe/London"
    )


class EndReason(Record, frozen=True, kw_only=True):
    """Why Sessions are ended early: one of the installation's list."""

    key: Key
    label: Name
    hidden: Annotated[bool, Meta(description="Offered no more; records that gave it still name it.")] = False


END_REASONS = (
    EndReason(key="hung_up", label="Customer hung up"),
    EndReason(key="call_dropped", label="Call dropped"),
    EndReason(key="wrong_number", label="Wrong number or person"),
    EndReason(key="not_available", label="Person not available"),
    EndReason(key="not_interested", label="Not interested"),
    EndReason(key="transferred", label="Transferred to another team"),
    EndReason(key="opened_by_mistake", label="Opened by mistake"),
    EndReason(key="other", label="Other"),
)
"""The list of an installation that has none of its own."""


class Policy(Record, frozen=True, kw_only=True):
    """The rules of this installation that decisions depend on."""

    undo_ms: Annotated[int, Meta(ge=0, le=60_000, description="How long completing can be undone.")] = 10_000
    driver_left_ms: Annotated[
        int, Meta(ge=1_000, description="A Session whose driver is gone this long is paused.")
    ] = 15 * 60_000
    expires_ms: Annotated[int, Meta(ge=1_000, description="A Session that was paused this long is ended.")] = (
        14 * 86_400_000
    )
    archive_after_ms: Annotated[
        int, Meta(ge=0, description="A finished Session in which nothing happened this long goes to the archive.")
    ] = 10 * 60_000
    teammates_resume: Annotated[bool, Meta(description="An agent may resume a teammate's paused Session.")] = True
    end_reasons: tuple[EndReason, ...] = END_REASONS
