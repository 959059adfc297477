"""In which order those on the floor are asked for help. Pure.

Asked is who is free, whoever was asked longest ago first. Two are enough:
who is asked after them is everybody.

Rules: protocol/SPEC.md, HP9 and HP12.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from protocol.base import Millis, PersonId
from protocol.events import Party, Ring
from protocol.views import RUNNING, LiveHelp, LiveSession
from session_engine.helping import rung

ONE_BY_ONE = 2
COMES_WITHIN_MS = 15_000
"""How long who said that they come takes to open the call, at most."""


def ring_of(
    on_floor: Iterable[Party],
    sessions: Collection[LiveSession],
    last_asked: Mapping[PersonId, Millis],
    now_ms: Millis,
) -> Ring:
    """Who is asked first, and who next; nobody if nobody is free."""
    busy = {person_id for session in sessions for person_id in _busy_with(session, now_ms)}
    free = [person for person in on_floor if person.id not in busy]
    return tuple(sorted(free, key=lambda person: (last_asked.get(person.id, 0), person.name, person.id))[:ONE_BY_ONE])


def _busy_with(session: LiveSession, now_ms: Millis) -> Iterable[PersonId]:
    """Who drives it, comes to it, or is being asked to."""
    if session.status in RUNNING:
        yield session.driver.id
    if session.help is None:
        return
    if session.help.claimed_by is not None:
        if not _has_left(session.help, now_ms):
            yield session.help.claimed_by.id
        return
    for person in rung(session.help.ring, session.help.asked_ms, now_ms) or ():
        yield person.id


def _has_left(help_: LiveHelp, now_ms: Millis) -> bool:
    return help_.claimer_here is False and now_ms > (help_.claimed_ms or 0) + COMES_WITHIN_MS
