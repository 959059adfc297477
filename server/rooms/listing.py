"""Who is listed which live Session, and how. Pure.

Rules: protocol/SPEC.md, LL2 and TR7.
"""

from __future__ import annotations

from msgspec.structs import replace

from protocol.base import PersonId, TeamId
from protocol.views import LiveSession
from session_engine.context import Actor, PersonRole
from session_engine.rights import may_answer, may_own

Scope = frozenset[TeamId] | None
"""Whose Sessions somebody sees besides the own ones: those of these teams; None of all."""
NOBODYS: Scope = frozenset()


def listed_to(actor: Actor, live: LiveSession | None) -> LiveSession | None:
    """The Session as this person is listed it; None if they are not."""
    if live is None or live.transfer is None:
        return live if may_list(actor, live) else None
    transfer = live.transfer
    is_asked = may_answer(transfer, live.owner, live.team_ids, actor)
    shown = replace(live, transfer=replace(transfer, note=transfer.note if is_asked else None, asks_you=is_asked))
    if may_list(actor, live):
        return shown
    if not is_asked:
        return None
    return replace(shown, help=None, given=None, approval_asked_ms=None, watchers=(), driver_away_ms=None)


def may_list(actor: Actor, live: LiveSession | None) -> bool:
    """Own Sessions, and that one has come for; for coaches and supervisors their teams'; practice to its owner only."""
    if live is None or actor.id not in whose(live):
        return covers(scope_of(actor), live)
    return actor.id in (live.owner.id, live.driver.id) or may_own(live.team_ids, actor)


def whose(live: LiveSession | None) -> tuple[PersonId, ...]:
    """Whose own it is: they are listed it whatever their teams."""
    if live is None:
        return ()
    if live.training:
        return (live.owner.id,)
    taker = None if live.transfer is None else live.transfer.accepted_by
    return (live.owner.id, live.driver.id) if taker is None else (live.owner.id, live.driver.id, taker.id)


def scope_of(actor: Actor) -> Scope:
    """Which Sessions of others this person is listed."""
    if PersonRole.MANAGER in actor.roles:
        return None
    leads = not actor.roles.isdisjoint({PersonRole.COACH, PersonRole.SUPERVISOR})
    return actor.team_ids if leads else NOBODYS


def covers(scope: Scope, live: LiveSession | None) -> bool:
    """Whether it is one of these."""
    if live is None or live.training:
        return False
    return scope is None or not scope.isdisjoint(live.team_ids)


def covered(scope: Scope, live: LiveSession | None) -> LiveSession | None:
    """The Session as it is listed to all of one scope; None if it is not."""
    return live if covers(scope, live) else None
