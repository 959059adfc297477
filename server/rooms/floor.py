"""The floor: who has a page open, across processes; coaches, supervisors and managers apart from all others.

Whoever follows the live list holds a lease per connection, as in a
Session's presence: nobody who is gone stays listed. Every page
follows the list, so whoever leads and is listed is shown requests for help.

Rules: protocol/SPEC.md, HP4 and BP2.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Coroutine
from typing import Any

import msgspec

from protocol.base import PersonId, Record, SessionId, TeamId
from protocol.events import Party
from server.ports import SessionStore, Unavailable
from server.presence import person_of, presence_member
from server.rooms.room import Member
from session_engine.context import Actor, PersonRole

log = logging.getLogger(__name__)

FLOOR: SessionId = "floor"
"""Where the store keeps the leases, as if it were a Session; no Session is called so."""
ELSEWHERE: SessionId = "pages"
"""The same of everybody else: they are many, and who asks for help does not look through them."""
LEASE_MS = 45_000
RENEW_EVERY_S = 15
LEADS = frozenset({PersonRole.COACH, PersonRole.SUPERVISOR, PersonRole.MANAGER})


class _OnFloor(Record, frozen=True, kw_only=True):
    """What a lease says."""

    person: Party
    team_ids: frozenset[TeamId]
    everywhere: bool


_decoder = msgspec.json.Decoder(_OnFloor)


class Floor:
    """Leases of this process's members, and a look at everybody's."""

    def __init__(self, store: SessionStore) -> None:
        self._store = store
        self._here: dict[str, tuple[Member, SessionId]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._age_s = 0

    def arrive(self, member: Member) -> None:
        """A member follows the live list, or has other rights than before."""
        place = ELSEWHERE if member.actor.roles.isdisjoint(LEADS) else FLOOR
        _, before = self._here.get(member.connection_id, (member, place))
        if place != before:
            self._in_background(self._release(before, member))
        self._here[member.connection_id] = (member, place)
        self._in_background(self._lease(place, member))

    def depart(self, member: Member) -> None:
        """A member follows it no more."""
        _, place = self._here.pop(member.connection_id, (member, None))
        if place is not None:
            self._in_background(self._release(place, member))

    async def tick(self) -> None:
        """Once a second: renew the leases when it is time.

        Raises:
            Unavailable: the store is away.
        """
        self._age_s += 1
        if self._here and self._age_s >= RENEW_EVERY_S:
            self._age_s = 0
            for place in (FLOOR, ELSEWHERE):
                leases = {_name(member): _says(member) for member, at in self._here.values() if at == place}
                if leases:
                    await self._store.lease_presence(place, leases, LEASE_MS)

    async def close(self) -> None:
        """Stop; leases of who is still here lapse by themselves."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def leads_of(self, actor: Actor) -> tuple[Party, ...]:
        """Everybody else on the floor who may come to a Session of the actor's teams, by name.

        Raises:
            Unavailable: the store is away.
        """
        return await self.leads_in(actor.team_ids, {actor.id})

    async def leads_in(self, team_ids: Collection[TeamId], but: Collection[PersonId]) -> tuple[Party, ...]:
        """Those on the floor who may come to a Session of these teams, by name, without some.

        Raises:
            Unavailable: the store is away.
        """
        found: dict[str, Party] = {}
        for name, says in (await self._store.presence(FLOOR)).items():
            try:
                on_floor = _decoder.decode(says)
            except msgspec.MsgspecError as error:
                # Written by a process of another release.
                log.warning("floor.unreadable member=%s reason=%s", name, error)
                continue
            if on_floor.person.id not in but and (on_floor.everywhere or not on_floor.team_ids.isdisjoint(team_ids)):
                found[on_floor.person.id] = on_floor.person
        return tuple(sorted(found.values(), key=lambda person: person.name))

    async def with_page(self) -> frozenset[PersonId]:
        """Everybody who has a page open.

        Raises:
            Unavailable: the store is away.
        """
        held = [*await self._store.presence(FLOOR), *await self._store.presence(ELSEWHERE)]
        return frozenset(person_of(name) for name in held)

    async def _lease(self, place: SessionId, member: Member) -> None:
        await self._store.lease_presence(place, {_name(member): _says(member)}, LEASE_MS)
        if self._here.get(member.connection_id, (member, None))[1] != place:
            await self._release(place, member)

    async def _release(self, place: SessionId, member: Member) -> None:
        await self._store.release_presence(place, _name(member), 0)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _quietly(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Unavailable as error:
            # Renewed with the next turn, or lapses by itself.
            log.warning("floor.store_away reason=%s", error)


def _name(member: Member) -> str:
    return presence_member(member.actor.id, member.connection_id)


def _says(member: Member) -> bytes:
    actor = member.actor
    on_floor = _OnFloor(person=actor.party, team_ids=actor.team_ids, everywhere=PersonRole.MANAGER in actor.roles)
    return msgspec.json.encode(on_floor)
