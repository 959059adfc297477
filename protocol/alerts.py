"""Alerts of running calls, by team, and how long Sections usually take: what supervisors are told without looking.

When one is raised is decided by `server/alert_rules.py`, once for all
processes by `server/alerting.py`. What is pushed is `frames.AlertsFrame`.

Rules: protocol/SPEC.md, AL.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from protocol.base import Key, Millis, Name, Record, SessionId, TeamId
from protocol.events import Party


class AlertRule(StrEnum):
    """What an alert tells."""

    DWELL = "dwell"
    IDLE = "idle"
    OBJECTIONS = "objections"
    DISCONNECTED = "disconnected"
    DISCLOSURE = "disclosure"


class AlertSettings(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a team's supervisors are alerted. What nobody set is as here."""

    dwell: Annotated[bool, Meta(description="Somebody is much longer on a Section than others usually are.")] = True
    dwell_times: Annotated[int, Meta(ge=2, le=20, description="How many times the median of that Section.")] = 3
    idle: Annotated[bool, Meta(description="The driver does nothing in a running Session.")] = True
    idle_minutes: Annotated[int, Meta(ge=1, le=120)] = 5
    objections: Annotated[bool, Meta(description="The team meets more objections than usual.")] = True
    objections_times: Annotated[
        int, Meta(ge=2, le=20, description="How many times the team's usual number in 10 minutes.")
    ] = 3
    disconnected: Annotated[bool, Meta(description="The driver of a running Session has no page open.")] = True
    disconnected_s: Annotated[int, Meta(ge=15, le=900)] = 45
    disclosure: Annotated[bool, Meta(description="A disclosure was left sooner than it can be read.")] = True
    disclosure_percent: Annotated[int, Meta(ge=10, le=100, description="Of its fewest seconds.")] = 80
    per_hour: Annotated[int, Meta(ge=1, le=60, description="The most alerts in any 60 minutes.")] = 6


class AlertAbout(Record, frozen=True, kw_only=True):
    """What an alert says; nothing that anybody typed."""

    person: Annotated[Party | None, Meta(description="Who drives; null of a whole team.")] = None
    what: Annotated[str, Meta(max_length=200, description="Name of the Section, or of the Response.")] = ""
    usual: Annotated[
        float | None, Meta(description="Seconds: median of the Section, fewest of a disclosure; or objections.")
    ] = None
    found: Annotated[float | None, Meta(description="Seconds on the disclosure, or objections in 10 minutes.")] = None


class Alert(Record, frozen=True, kw_only=True):
    """An alert that is neither over nor put aside."""

    id: Annotated[int, Meta(ge=1)]
    team_id: TeamId
    team_name: str
    rule: AlertRule
    session_id: Annotated[SessionId | None, Meta(description="Where it leads; null if nowhere.")]
    since_ms: Annotated[Millis, Meta(description="Since when it is so.")]
    raised_ms: Millis
    held: Annotated[bool, Meta(description="The team had all the alerts of this hour.")]
    about: AlertAbout


class Snooze(Record, frozen=True, kw_only=True):
    """That a rule is quiet for a team for a while."""

    team_id: TeamId
    team_name: str
    rule: AlertRule
    until_ms: Millis
    by: Party


class AlertSeen(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of /api/alerts/seen: put aside for everybody."""

    id: Annotated[int, Meta(ge=1)]


class SnoozeOrder(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of /api/alerts/snooze."""

    team_id: TeamId
    rule: AlertRule
    minutes: Annotated[int, Meta(ge=0, le=1_440, description="0 ends it.")]


class TeamAlertSettings(Record, frozen=True, kw_only=True):
    """A team, and when its supervisors are alerted."""

    team_id: TeamId
    team_name: Name
    settings: AlertSettings


class AlertTeams(Record, frozen=True, kw_only=True):
    """Answer of /api/alerts/teams: those that one may change, by name."""

    teams: tuple[TeamAlertSettings, ...]


class Usual(Record, frozen=True, kw_only=True):
    """How long visits of a Section last."""

    median_s: Annotated[int, Meta(ge=1)]
    visits: Annotated[int, Meta(ge=1, description="In the last 13 weeks.")]


class DwellAnswer(Record, frozen=True, kw_only=True):
    """Answer of /api/floor/dwell: by Workflow and Section, those with visits enough to tell."""

    workflows: dict[Key, dict[Key, Usual]]
