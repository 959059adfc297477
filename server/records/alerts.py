"""Alerts, what they look at, and what teams set of them.

Whoever raises or ends alerts holds the row of `revisions` that tells of them, so that this happens one process after
the other: an alert is raised once, and the budget is exact.

Rules: protocol/SPEC.md, AL3 and AL8 to AL13.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Insert, Row, Update, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.alerts import Alert, AlertAbout, AlertRule, AlertSettings, Snooze, TeamAlertSettings
from protocol.base import Millis, TeamId
from protocol.events import Party
from server.alert_ports import AlertState, Condition, ObjectionCount, OpenAlert, Sign, SignKind
from server.alert_rules import is_told
from server.records.audit import audit_row
from server.records.clock import Clock, wall_clock_ms
from server.records.database import Database, insert_new, replace_rows
from server.records.tables import alert_settings, alert_snoozes, alerts, call_signs, revisions, teams
from session_engine.context import Actor, PersonRole

ALERTS = "alerts"
"""The row of `revisions` that tells of them."""
HOUR_MS = 60 * 60_000
SLOT_MS = 10 * 60_000
"""Objections are counted in as long a time as this."""
SIGNS_KEPT_MS = 14 * 24 * HOUR_MS
ALERTS_KEPT_MS = 24 * HOUR_MS
OVER, SNOOZED = "over", "snoozed"


class SqlAlerts:
    """The `AlertBook` port over SQL."""

    def __init__(self, database: Database, clock: Clock = wall_clock_ms) -> None:
        self._database = database
        self._clock = clock

    async def revision(self) -> int:
        """Rises with every change. What is read after it is at least as new."""
        async with self._database.reading() as connection:
            return await _revision(connection)

    async def read(self) -> AlertState:
        """All of it, at one moment."""
        async with self._database.snapshot() as connection:
            revision = await _revision(connection)
            names = {row.id: row.name for row in await connection.execute(select(teams))}
            query = select(alerts).where(alerts.c.ended_ms.is_(None)).order_by(alerts.c.raised_ms, alerts.c.id)
            opened = [_open_alert(row, names) for row in await connection.execute(query)]
            snoozes = [
                Snooze(
                    team_id=row.team_id,
                    team_name=names[row.team_id],
                    rule=AlertRule(row.rule),
                    until_ms=row.until_ms,
                    by=msgspec.convert(row.by, Party),
                )
                for row in await connection.execute(select(alert_snoozes))
            ]
            settings = await _all_settings(connection)
        return AlertState(revision=revision, open=tuple(opened), snoozes=tuple(snoozes), settings=settings)

    async def settle(self, found: Sequence[Condition], looked_ms: Millis, now_ms: Millis) -> int:
        """Raise what is new, end what was not found any more; how many were raised, held ones too."""
        async with self._database.writing() as connection:
            await _hold(connection)
            quiet = select(alert_snoozes.c.team_id, alert_snoozes.c.rule).where(alert_snoozes.c.until_ms > now_ms)
            snoozed = {(row.team_id, row.rule) for row in await connection.execute(quiet)}
            wanted = {each.key: each for each in found if (each.team_id, each.rule.value) not in snoozed}
            query = select(alerts).where(alerts.c.ended_ms.is_(None)).order_by(alerts.c.raised_ms, alerts.c.id)
            opened = {_open_alert(row, {}).key: row for row in await connection.execute(query)}
            room = await _room(connection, now_ms)
            changes: list[Update | Insert] = []
            for key, row in opened.items():
                if key not in wanted and row.raised_ms <= looked_ms:
                    outcome = SNOOZED if (row.team_id, row.rule) in snoozed else OVER
                    changes.append(_this(row.id).values(ended_ms=now_ms, outcome=outcome))
                elif key in wanted and row.held and row.seen_ms is None and room(row.team_id) > 0:
                    room.take(row.team_id)
                    changes.append(_this(row.id).values(held=False, raised_ms=now_ms))
            new = sorted((each for key, each in wanted.items() if key not in opened), key=lambda each: each.since_ms)
            for condition in new:
                before = await _find_ended(connection, condition)
                if before is not None:
                    changes.append(_this(before).values(ended_ms=None, outcome=None))
                    continue
                held = room(condition.team_id) == 0
                if not held:
                    room.take(condition.team_id)
                changes.append(insert(alerts).values(_row(condition, now_ms, held)))
            for change in changes:
                await connection.execute(change)
            if changes:
                await _change(connection)
            return len(new)

    async def see(self, alert_id: int, actor: Actor, now_ms: Millis) -> bool:
        """Put it aside for everybody; False if it is not one of the actor's teams'. The same again is success."""
        async with self._database.writing() as connection:
            row = (await connection.execute(select(alerts).where(alerts.c.id == alert_id))).one_or_none()
            if row is None or not is_told(actor, row.team_id):
                return False
            same = (alerts.c.rule == row.rule) & (alerts.c.since_ms == row.since_ms)
            same &= (alerts.c.session_id == row.session_id) & alerts.c.seen_ms.is_(None)
            if PersonRole.MANAGER not in actor.roles:  # of a Session of two teams, in those that they lead
                same &= alerts.c.team_id.in_(actor.team_ids)
            await _change(connection)
            by = msgspec.to_builtins(actor.party)
            await connection.execute(update(alerts).where(same).values(seen_by=by, seen_ms=now_ms))
            return True

    async def snooze(self, team_id: TeamId, rule: AlertRule, until_ms: Millis, by: Actor) -> None:
        """Keep this rule quiet for this team until then; on record."""
        row = {"team_id": team_id, "rule": rule.value, "until_ms": until_ms, "by": msgspec.to_builtins(by.party)}
        async with self._database.writing() as connection:
            await _change(connection)
            await connection.execute(replace_rows(connection, alert_snoozes, [row]))
            detail = {"rule": rule.value, "until_ms": str(until_ms)}
            await connection.execute(audit_row(self._clock(), by.id, "alerts_snoozed", team_id, detail))

    async def teams(self, actor: Actor) -> tuple[TeamAlertSettings, ...]:
        """Teams whose settings the actor may change, by name."""
        async with self._database.reading() as connection:
            query = select(teams).order_by(func.lower(teams.c.name), teams.c.id)
            found = (await connection.execute(query)).all()
            settings = await _all_settings(connection)
        return tuple(
            TeamAlertSettings(team_id=row.id, team_name=row.name, settings=settings.get(row.id, AlertSettings()))
            for row in found
            if PersonRole.ADMIN in actor.roles or is_told(actor, row.id)
        )

    async def set(self, team_id: TeamId, settings: AlertSettings, by: Actor) -> None:
        """Have these hold for the team from now on; on record. What is the same already is no change."""
        async with self._database.writing() as connection:
            await _change(connection)
            query = select(alert_settings.c.settings).where(alert_settings.c.team_id == team_id)
            before = _settings((await connection.execute(query)).scalar_one_or_none() or {})
            was, news = msgspec.to_builtins(before), msgspec.to_builtins(settings)
            changed = [name for name in news if news[name] != was[name]]
            if not changed:
                return
            row = {"team_id": team_id, "settings": news}
            await connection.execute(replace_rows(connection, alert_settings, [row]))
            detail = {name: f"{_word(was[name])} → {_word(news[name])}" for name in changed}
            await connection.execute(audit_row(self._clock(), by.id, "alert_settings_changed", team_id, detail))

    async def write_signs(self, signs: Collection[Sign]) -> None:
        """Keep these; those that are kept already stay as they are."""
        if not signs:
            return
        async with self._database.writing() as connection:
            rows = [msgspec.to_builtins(sign) for sign in signs]
            await connection.execute(insert_new(connection, call_signs, rows))

    async def objections(self, now_ms: Millis) -> tuple[ObjectionCount, ...]:
        """Of each team with any in the last ten minutes; what is usual is of the ten minutes before those."""
        columns = call_signs.c
        is_one = columns.kind == SignKind.OBJECTION.value
        since_ms = now_ms - SLOT_MS
        lately = select(call_signs).where(is_one, columns.at_ms > since_ms, columns.at_ms <= now_ms)
        async with self._database.reading() as connection:
            by_team: dict[TeamId, list[Sign]] = {}
            for row in await connection.execute(lately.order_by(columns.at_ms, columns.session_id, columns.sign)):
                by_team.setdefault(row.team_id, []).append(_sign(row))
            if not by_team:
                return ()
            slot = (columns.at_ms - columns.at_ms % SLOT_MS).label("slot")
            slots = (
                select(columns.team_id, slot, func.count().label("uses"))
                .where(is_one, columns.team_id.in_(by_team), columns.at_ms <= since_ms)
                .where(columns.at_ms > now_ms - SIGNS_KEPT_MS)
                .group_by(columns.team_id, slot)
                .subquery()
            )
            means = select(slots.c.team_id, func.count().label("slots"), func.sum(slots.c.uses).label("uses"))
            usual = {row.team_id: row for row in await connection.execute(means.group_by(slots.c.team_id))}
        counts = []
        for team_id, signs in sorted(by_team.items()):
            of_team = usual.get(team_id)
            slots_known, uses = (0, 0) if of_team is None else (int(of_team.slots), int(of_team.uses))
            counts.append(
                ObjectionCount(
                    team_id=team_id,
                    lately=len(signs),
                    usual=uses / slots_known if slots_known else 0.0,
                    slots=slots_known,
                    last=signs[-1],
                    most=Counter(sign.what for sign in signs).most_common(1)[0][0],
                )
            )
        return tuple(counts)

    async def disclosures(self, since_ms: Millis) -> tuple[Sign, ...]:
        """Those that were left sooner than reading takes, from then on."""
        columns = call_signs.c
        query = select(call_signs).where(columns.kind == SignKind.DISCLOSURE.value, columns.at_ms > since_ms)
        async with self._database.reading() as connection:
            return tuple(_sign(row) for row in await connection.execute(query.order_by(columns.at_ms)))


class _Room:
    """How many alerts each team may still have in this hour."""

    def __init__(self, settings: Mapping[TeamId, AlertSettings], raised: Mapping[TeamId, int]) -> None:
        self._settings = settings
        self._raised = Counter(raised)

    def __call__(self, team_id: TeamId) -> int:
        per_hour = self._settings.get(team_id, AlertSettings()).per_hour
        return max(0, per_hour - self._raised[team_id])

    def take(self, team_id: TeamId) -> None:
        """One of them."""
        self._raised[team_id] += 1


async def _room(connection: AsyncConnection, now_ms: Millis) -> _Room:
    settings = await _all_settings(connection)
    query = select(alerts.c.team_id, func.count().label("raised")).group_by(alerts.c.team_id)
    query = query.where(alerts.c.held.is_(False), alerts.c.raised_ms > now_ms - HOUR_MS)
    return _Room(settings, {row.team_id: int(row.raised) for row in await connection.execute(query)})


async def _find_ended(connection: AsyncConnection, condition: Condition) -> int | None:
    """The alert of this very condition, if it had ended: snoozed, or not found for a moment."""
    columns = alerts.c
    same = (columns.team_id == condition.team_id) & (columns.rule == condition.rule.value)
    same &= (columns.session_id == (condition.session_id or "")) & (columns.since_ms == condition.since_ms)
    found: int | None = (await connection.execute(select(columns.id).where(same))).scalar_one_or_none()
    return found


async def _hold(connection: AsyncConnection) -> None:
    """Have others who raise or end alerts wait until this transaction is over."""
    await connection.execute(select(revisions.c.number).where(revisions.c.name == ALERTS).with_for_update())


async def _change(connection: AsyncConnection) -> None:
    """Every process reads alerts again."""
    await connection.execute(alerts_changed())


def alerts_changed() -> Update:
    """For whoever changes them in a transaction of their own."""
    return update(revisions).where(revisions.c.name == ALERTS).values(number=revisions.c.number + 1)


async def _revision(connection: AsyncConnection) -> int:
    query = select(revisions.c.number).where(revisions.c.name == ALERTS)
    return int((await connection.execute(query)).scalar_one())


def _this(alert_id: int) -> Update:
    return update(alerts).where(alerts.c.id == alert_id)


def _row(condition: Condition, now_ms: Millis, held: bool) -> dict[str, Any]:
    return {
        "team_id": condition.team_id,
        "rule": condition.rule.value,
        "session_id": condition.session_id or "",
        "since_ms": condition.since_ms,
        "raised_ms": now_ms,
        "held": held,
        "about": msgspec.to_builtins(condition.about),
    }


def _open_alert(row: Row[Any], names: Mapping[TeamId, str]) -> OpenAlert:
    alert = Alert(
        id=row.id,
        team_id=row.team_id,
        team_name=names.get(row.team_id, ""),
        rule=AlertRule(row.rule),
        session_id=row.session_id or None,
        since_ms=row.since_ms,
        raised_ms=row.raised_ms,
        held=row.held,
        about=msgspec.convert(row.about, AlertAbout),
    )
    return OpenAlert(alert=alert, is_seen=row.seen_ms is not None)


def _settings(values: Mapping[str, Any]) -> AlertSettings:
    """What was set, in the place of what holds anyway; what is no setting is left out."""
    known = {name: value for name, value in values.items() if name in AlertSettings.__struct_fields__}
    return msgspec.convert(known, AlertSettings)


async def _all_settings(connection: AsyncConnection) -> dict[TeamId, AlertSettings]:
    return {row.team_id: _settings(row.settings) for row in await connection.execute(select(alert_settings))}


def _word(value: bool | int) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def _sign(row: Row[Any]) -> Sign:
    return Sign(
        team_id=row.team_id,
        session_id=row.session_id,
        sign=row.sign,
        kind=SignKind(row.kind),
        at_ms=row.at_ms,
        what=row.what,
        person=msgspec.convert(row.person, Party),
        stayed_ms=row.stayed_ms,
        fewest_ms=row.fewest_ms,
    )
