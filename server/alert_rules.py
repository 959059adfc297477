"""When supervisors are alerted: rules on what is known of running Sessions and of what happened in them. Pure.

Gathering what is known, and raising an alert once for all processes, is `server/alerting.py`.

Rules: protocol/SPEC.md, AL4 to AL8.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from protocol.alerts import AlertAbout, AlertRule, AlertSettings, Snooze, Usual
from protocol.base import Millis, Record, TeamId
from protocol.views import RUNNING, LiveSession, SessionStatus
from protocol.workflow import ResponseKind
from server.alert_ports import Condition, ObjectionCount, Sign, SignKind
from session_engine.context import Actor, PersonRole
from session_engine.state import SessionState
from session_engine.workflow import Workflow

TOLD = frozenset({PersonRole.SUPERVISOR, PersonRole.MANAGER})
"""Of their teams; managers of all."""
LEAST_MS = 60_000
"""On no Section is anybody too long before this."""
LEAST_OBJECTIONS = 5
LEAST_SLOTS = 12
"""Two hours with objections, before a team has a usual number of them."""
SHOWN_MS = 10 * 60_000
"""What is over at once is told for this long."""


class Watched(Record, frozen=True, kw_only=True):
    """A running Session, and what its summary does not tell."""

    live: LiveSession
    usual: Usual | None = None
    step_ms: Millis | None = None
    """The driver's last step; None if it is not long ago."""
    seen_ms: Millis | None = None
    """When the driver was last known to have a page open; None if they never had one."""


def is_told(actor: Actor, team_id: TeamId) -> bool:
    """Whether this person is told of the team's alerts, and says when there are any."""
    return PersonRole.MANAGER in actor.roles or (PersonRole.SUPERVISOR in actor.roles and team_id in actor.team_ids)


def is_watched(live: LiveSession) -> bool:
    """Whether alerts look at it: it runs, and is no practice."""
    return not live.training and live.status in RUNNING


def runs_since(live: LiveSession) -> Millis:
    """Since when it is on its Section without a pause in between."""
    return max(live.section_ms, live.changed_ms)


def conditions_of(watched: Watched, settings: Mapping[TeamId, AlertSettings], now_ms: Millis) -> Iterator[Condition]:
    """What is to be told of one Session, to each of its teams by that team's rules."""
    for team_id in watched.live.team_ids:
        condition = _condition_of(watched, team_id, settings.get(team_id, AlertSettings()), now_ms)
        if condition is not None:
            yield condition


def _condition_of(watched: Watched, team_id: TeamId, rules: AlertSettings, now_ms: Millis) -> Condition | None:
    """The one that explains the others: who is gone does nothing either, and stays where they are."""
    live, usual = watched.live, watched.usual
    about = AlertAbout(person=live.driver, what=live.section_name)
    runs_ms = now_ms - runs_since(live)
    # Nobody waited for them before the call ran.
    gone_ms = None if watched.seen_ms is None else max(watched.seen_ms, runs_since(live))
    if rules.disconnected and gone_ms is not None and now_ms - gone_ms >= rules.disconnected_s * 1_000:
        rule, since_ms = AlertRule.DISCONNECTED, gone_ms
    elif rules.dwell and usual and runs_ms > max(LEAST_MS, rules.dwell_times * usual.median_s * 1_000):
        rule, since_ms, about = AlertRule.DWELL, runs_since(live), replace(about, usual=usual.median_s)
    elif rules.idle and watched.step_ms is not None and now_ms - watched.step_ms >= rules.idle_minutes * 60_000:
        rule, since_ms = AlertRule.IDLE, watched.step_ms
    else:
        return None
    return Condition(team_id=team_id, rule=rule, session_id=live.session_id, since_ms=since_ms, about=about)


def quieted(
    settings: Mapping[TeamId, AlertSettings], snoozes: Iterable[Snooze], now_ms: Millis
) -> Mapping[TeamId, AlertSettings]:
    """The settings with the rules off that are kept quiet now."""
    quiet = dict(settings)
    for snooze in snoozes:
        if snooze.until_ms > now_ms:
            of_team = quiet.get(snooze.team_id, AlertSettings())
            quiet[snooze.team_id] = replace(of_team, **{snooze.rule.value: False})
    return quiet


def hurried(signs: Iterable[Sign], settings: Mapping[TeamId, AlertSettings], now_ms: Millis) -> Iterator[Condition]:
    """Disclosures that were left too early a moment ago."""
    for sign in signs:
        rules = settings.get(sign.team_id, AlertSettings())
        is_early = sign.stayed_ms * 100 < sign.fewest_ms * rules.disclosure_percent
        if rules.disclosure and is_early and now_ms - sign.at_ms < SHOWN_MS:
            yield Condition(
                team_id=sign.team_id,
                rule=AlertRule.DISCLOSURE,
                session_id=sign.session_id,
                since_ms=sign.at_ms,
                about=AlertAbout(
                    person=sign.person, what=sign.what, usual=sign.fewest_ms / 1_000, found=sign.stayed_ms // 1_000
                ),
            )


def spikes(counts: Iterable[ObjectionCount], settings: Mapping[TeamId, AlertSettings]) -> Iterator[Condition]:
    """Teams that meet many more objections than usual."""
    for count in counts:
        rules = settings.get(count.team_id, AlertSettings())
        is_known = count.slots >= LEAST_SLOTS and count.lately >= LEAST_OBJECTIONS
        if rules.objections and is_known and count.lately > rules.objections_times * count.usual:
            yield Condition(
                team_id=count.team_id,
                rule=AlertRule.OBJECTIONS,
                session_id=count.last.session_id,
                since_ms=count.last.at_ms,
                about=AlertAbout(what=count.most, usual=round(count.usual, 1), found=count.lately),
            )


def signs_of(before: SessionState | None, after: SessionState, workflow: Workflow) -> list[Sign]:
    """What alerts look at of what happened, at the latest in this commit: told again, it is the same.

    Of each kind all that the Session ever had, if one may be new: so what a process that died kept to itself is made
    up for by the next commit of the kind.
    """
    if after.training or before is None:
        return []
    signs: list[Sign] = []
    if before.responses is not after.responses:
        signs += _objections(after, workflow)
    if before.current_visit_id != after.current_visit_id or before.status is not after.status:
        signs += _disclosures(after, workflow)
    return signs


def _objections(state: SessionState, workflow: Workflow) -> Iterator[Sign]:
    for use in state.responses.values():
        response = workflow.responses[use.response_key]
        if response.kind is ResponseKind.OBJECTION:
            for team_id in state.team_ids:
                yield Sign(
                    team_id=team_id,
                    session_id=state.session_id,
                    sign=use.id,
                    kind=SignKind.OBJECTION,
                    at_ms=use.at_ms,
                    what=response.name,
                    person=use.by,
                )


def _disclosures(state: SessionState, workflow: Workflow) -> Iterator[Sign]:
    """Left by going on or completing; who goes back, ends or pauses has not passed it."""
    for visit in state.visits.values():
        section = workflow.sections[visit.section_key]
        if section.disclosure is None or visit.left_ms is None or visit.abandoned:
            continue
        if state.status is SessionStatus.ENDED and visit.id == state.current_visit_id:
            continue
        stays = [each for each in state.visits.values() if each.section_key == section.key]
        stayed_ms = sum(
            each.left_ms - each.entered_ms for each in stays if each.left_ms and each.left_ms <= visit.left_ms
        )
        if stayed_ms >= section.disclosure.min_s * 1_000:
            continue
        for team_id in state.team_ids:
            yield Sign(
                team_id=team_id,
                session_id=state.session_id,
                sign=visit.id,
                kind=SignKind.DISCLOSURE,
                at_ms=visit.left_ms,
                what=section.name,
                person=state.driver,
                stayed_ms=stayed_ms,
                fewest_ms=section.disclosure.min_s * 1_000,
            )
