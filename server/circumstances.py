"""What a decision may know besides the Session, measured for each command that asks for it.

People, teams, presence leases and versions are asked for by the few commands
that they matter to; all others wait for nothing but the store's clock.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping

from protocol.base import ClientId, Csn, Millis, PersonId, TeamId
from protocol.commands import (
    AskForHelp,
    Command,
    CompleteTransfer,
    DriverLeft,
    GrantSeat,
    OfferSeat,
    Reassign,
    Resume,
    StartSession,
    Switch,
    SystemCommand,
    TakeSeat,
    Transfer,
    Vacate,
    Whisper,
)
from protocol.events import NamedTeam, Party, Ring
from protocol.views import Role, SessionStatus
from server.folded import FoldedSessions, Waiting
from server.ports import Catalog, PolicyNow, SessionNotFound, SessionStore
from server.presence import person_of, present_in
from session_engine.context import Actor, Context
from session_engine.guidance import Switched
from session_engine.state import SessionState

FindPeople = Callable[[Collection[PersonId]], Awaitable[Mapping[PersonId, Actor]]]
"""Those of the people who are active."""
FindTeam = Callable[[TeamId], Awaitable[NamedTeam | None]]
"""The team of this id."""
FindRing = Callable[[SessionState, Actor], Awaitable[Ring]]
"""Who is asked for help, one after the other."""


async def nobody(person_ids: Collection[PersonId]) -> Mapping[PersonId, Actor]:
    """Finds no one: where no command names a person."""
    return {}


async def no_team(team_id: TeamId) -> NamedTeam | None:
    """Finds none: where no command names a team."""
    return None


async def everybody(state: SessionState, asker: Actor) -> Ring:
    """Asks no one before the others: where nobody looks who is there."""
    return ()


class Circumstances:
    """Measures them. Everything raises `Unavailable` where what it asks is away."""

    def __init__(
        self,
        sessions: FoldedSessions,
        store: SessionStore,
        catalog: Catalog,
        policy: PolicyNow,
        find_people: FindPeople,
        find_team: FindTeam,
    ) -> None:
        self._sessions = sessions
        self._store = store
        self._catalog = catalog
        self._policy = policy
        self._find_people = find_people
        self._find_team = find_team
        self.find_ring: FindRing = everybody

    async def of_start(
        self, command: StartSession, actor: Actor, client_id: ClientId, csn: Csn, switched: Switched | None
    ) -> Context:
        """Of a Session's first command."""
        return Context(
            now_ms=await self._store.now_ms(),
            actor=actor,
            client_id=client_id,
            csn=csn,
            policy=self._policy(),
            named=await self._find_named(command),
            version_recalled=switched is not None and await self._catalog.is_recalled(switched.state.version_id),
        )

    async def of(self, state: SessionState, waiting: Waiting, now_ms: Millis) -> Context:
        """Of a command to a Session that stands like this, at this time of the store's clock."""
        command = waiting.command
        return Context(
            now_ms=max(now_ms, state.at_ms),
            actor=waiting.actor,
            client_id=waiting.client_id,
            csn=waiting.csn,
            policy=self._policy(),
            named=await self._find_named(command),
            receiver=await self._find_receiver(state, command),
            named_team=await self._find_named_team(command),
            ring=await self.find_ring(state, waiting.actor) if isinstance(command, AskForHelp) else (),
            driver_absent=isinstance(command, TakeSeat | DriverLeft | CompleteTransfer)
            and await self._is_driver_absent(state),
            version_recalled=isinstance(command, Resume | Switch) and await self._is_left_waiting(state),
            present=await self._find_present(state) if isinstance(command, Whisper) else (),
            is_continued=isinstance(command, Switch) and await self._is_continued(state, command),
        )

    async def _find_named(self, command: Command | SystemCommand) -> Actor | None:
        """The active person whom the command names, read now: who was deactivated owns nothing new."""
        match command:
            case (
                Reassign(to_id=str(person_id))
                | Vacate(to_id=str(person_id))
                | StartSession(owner_id=str(person_id))
                | Transfer(to_id=str(person_id))
                | CompleteTransfer(to_id=str(person_id))
            ):
                return (await self._find_people([person_id])).get(person_id)
        return None

    async def _find_named_team(self, command: Command | SystemCommand) -> NamedTeam | None:
        match command:
            case Transfer(to_team_id=str(team_id)):
                return await self._find_team(team_id)
        return None

    async def _is_driver_absent(self, state: SessionState) -> bool:
        members = await self._store.presence(state.session_id)
        return not any(person_of(member) == state.driver.id for member in members)

    async def _find_receiver(self, state: SessionState, command: Command | SystemCommand) -> Party | None:
        """To whom the command would give the seat, if they have the Session open: who does not, may not drive it."""
        match command:
            case OfferSeat(to_id=person_id):
                pass
            case GrantSeat(handover_id=id_) if id_ in state.handovers:
                person_id = state.handovers[id_].to.id
            case _:
                return None
        for present in present_in(await self._store.presence(state.session_id)):
            # Who came for a transfer watches only, until it is theirs: by the state, as rights are.
            is_taker = state.taker is not None and state.taker.id == person_id and present.role is Role.TAKER
            if present.person_id == person_id and not is_taker:
                return Party(id=person_id, name=present.name)
        return None

    async def _find_present(self, state: SessionState) -> tuple[Party, ...]:
        """Who has it open, in whatever process."""
        present = present_in(await self._store.presence(state.session_id))
        found = {one.person_id: Party(id=one.person_id, name=one.name) for one in present}
        return tuple(found[id_] for id_ in sorted(found))

    async def _is_left_waiting(self, state: SessionState) -> bool:
        """Whether it waits on a version that was recalled; of one that is active nobody needs to know."""
        return state.status is SessionStatus.PAUSED and await self._catalog.is_recalled(state.version_id)

    async def _is_continued(self, state: SessionState, command: Switch) -> bool:
        # From where it goes on is in a log's first entry: true of any state of it, level or not. Nothing is locked,
        # so that two Sessions that name each other do not wait for each other.
        try:
            other = await self._sessions.open(command.to_session_id)
        except SessionNotFound:
            return False
        return other.state.switched_from == state.session_id
