"""What alerts need from outside, as interfaces: what is counted of visits, what happened in Sessions, and alerts.

`records/alerts.py` and `records/dwell.py` implement them over SQL.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Protocol

from msgspec import Meta

from protocol.alerts import Alert, AlertAbout, AlertRule, AlertSettings, Snooze, TeamAlertSettings
from protocol.base import Key, Millis, Record, SessionId, TeamId
from protocol.events import Party
from session_engine.context import Actor


class DwellTable(Protocol):
    """Visits by Section and length. Raises `Unavailable`."""

    async def counted(self, since_week: int) -> Mapping[tuple[Key, Key], Mapping[int, int]]:
        """By Workflow and Section key: how many visits are in which bucket, of this week and later."""


class SignKind(StrEnum):
    """Of what happens in a Session and is over at once, what alerts look at."""

    OBJECTION = "objection"
    DISCLOSURE = "disclosure"


class Sign(Record, frozen=True, kw_only=True):
    """That it happened, for one of the Session's teams."""

    team_id: TeamId
    session_id: SessionId
    sign: Annotated[str, Meta(description="Ordinal in its Session: of the use of the Response, or of the visit.")]
    kind: SignKind
    at_ms: Millis
    what: Annotated[str, Meta(description="Name of the Response, or of the Section.")]
    person: Party
    stayed_ms: Annotated[Millis, Meta(description="On the disclosure, all visits together; else 0.")] = 0
    fewest_ms: Annotated[Millis, Meta(description="That reading the disclosure takes; else 0.")] = 0


class Condition(Record, frozen=True, kw_only=True):
    """Something that supervisors of a team are to be told, for as long as it is found."""

    team_id: TeamId
    rule: AlertRule
    session_id: SessionId | None
    since_ms: Annotated[Millis, Meta(description="Tells one from the next of the same rule and Session.")]
    about: AlertAbout

    @property
    def key(self) -> tuple[TeamId, AlertRule, SessionId, Millis]:
        """Which alert this is; a team has one at a time of what leads to no one Session."""
        return self.team_id, self.rule, *_place(self.rule, self.session_id, self.since_ms)


def _place(rule: AlertRule, session_id: SessionId | None, since_ms: Millis) -> tuple[SessionId, Millis]:
    return ("", 0) if rule is AlertRule.OBJECTIONS else (session_id or "", since_ms)


class OpenAlert(Record, frozen=True, kw_only=True):
    """An alert that is not over, with what lists leave out."""

    alert: Alert
    is_seen: bool

    @property
    def key(self) -> tuple[TeamId, AlertRule, SessionId, Millis]:
        """As of its condition."""
        alert = self.alert
        return alert.team_id, alert.rule, *_place(alert.rule, alert.session_id, alert.since_ms)


class AlertState(Record, frozen=True, kw_only=True):
    """Everything about alerts, at one moment."""

    revision: int
    open: tuple[OpenAlert, ...]
    snoozes: Annotated[tuple[Snooze, ...], Meta(description="Also those that are over.")]
    settings: Annotated[Mapping[TeamId, AlertSettings], Meta(description="Of teams that set some.")]


class ObjectionCount(Record, frozen=True, kw_only=True):
    """How often a team met objections."""

    team_id: TeamId
    lately: Annotated[int, Meta(description="In the last ten minutes.")]
    usual: Annotated[float, Meta(description="Mean of those ten minutes in which there were any.")]
    slots: Annotated[int, Meta(description="Of how many ten minutes that is the mean.")]
    last: Annotated[Sign, Meta(description="The latest one.")]
    most: Annotated[str, Meta(description="Name of the Response that was used most of late.")]


class AlertBook(Protocol):
    """Where alerts are kept. Raises `Unavailable`."""

    async def revision(self) -> int:
        """Rises with every change. What is read after it is at least as new."""

    async def read(self) -> AlertState:
        """All of it."""

    async def settle(self, found: Sequence[Condition], looked_ms: Millis, now_ms: Millis) -> int:
        """Raise what is new, end what was not found any more; how many were raised.

        Of several who do it with the same, one raises an alert. None ends what was raised after it looked.
        """

    async def see(self, alert_id: int, actor: Actor, now_ms: Millis) -> bool:
        """Put it aside for everybody; False if it is not one of the actor's teams'. The same again is success."""

    async def snooze(self, team_id: TeamId, rule: AlertRule, until_ms: Millis, by: Actor) -> None:
        """Keep this rule quiet for this team until then; on record."""

    async def teams(self, actor: Actor) -> tuple[TeamAlertSettings, ...]:
        """Teams whose settings the actor may change, by name."""

    async def set(self, team_id: TeamId, settings: AlertSettings, by: Actor) -> None:
        """Have these hold for the team from now on; on record."""

    async def write_signs(self, signs: Collection[Sign]) -> None:
        """Keep these; those that are kept already stay as they are."""

    async def objections(self, now_ms: Millis) -> tuple[ObjectionCount, ...]:
        """Of each team with any in the last ten minutes."""

    async def disclosures(self, since_ms: Millis) -> tuple[Sign, ...]:
        """Those that were left sooner than reading takes, from then on."""
