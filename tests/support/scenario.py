"""People, and a Session that is told, asked and looked at: given, when, then."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from protocol.account import Policy
from protocol.base import Key, Seq
from protocol.commands import Command, GrantSeat, OfferSeat, StartAttempt, StartSession, SystemCommand
from protocol.events import SCHEMA_VERSION, Entry, Event, NamedTeam, Party
from protocol.integrations import Safety
from protocol.refusals import RefuseCode
from protocol.views import Audience, View
from session_engine.context import SYSTEM, Actor, Context, PersonRole
from session_engine.decide import decide, decide_first, decide_system
from session_engine.evolve import evolve, fold
from session_engine.guidance import Switched
from session_engine.project import audience_of, project
from session_engine.refused import Refused
from session_engine.state import SessionState
from session_engine.workflow import Workflow
from tests.support.workflows import SMALL

S1 = "1" * 32
NORTH, SOUTH = "north", "south"


def person(name: str, *roles: PersonRole, team: str = NORTH) -> Actor:
    """Somebody of a team; the id is the name in lower case."""
    return Actor(id=name.lower(), name=name, roles=frozenset(roles), team_ids=frozenset({team}))


ANA = person("Ana", PersonRole.AGENT)
BEN = person("Ben", PersonRole.AGENT)
CLEO = person("Cleo", PersonRole.COACH)
SAM = person("Sam", PersonRole.SUPERVISOR)
MIA = person("Mia", PersonRole.MANAGER, team=SOUTH)
ZOE = person("Zoe", PersonRole.SUPERVISOR, team=SOUTH)
ADA = person("Ada", PersonRole.ADMIN, team=SOUTH)
PEOPLE = (ANA, BEN, CLEO, SAM, MIA, ZOE, ADA)
BOT = Actor(id="token-1", name="Dialler", roles=frozenset(), team_ids=frozenset({NORTH}), is_token=True)
"""An API token of the team."""


RING = (CLEO.party, SAM.party)
"""Who is asked for help, one after the other."""


def client_of(actor: Actor) -> str:
    """The client id of this person's one page."""
    return f"{[person.id for person in (*PEOPLE, BOT)].index(actor.id) + 10:032x}"


def named_by(command: Command | SystemCommand) -> Actor | None:
    """Whom the command names, as the server finds them: everybody here is active."""
    person_id = getattr(command, "to_id", None) or getattr(command, "owner_id", None)
    return next((person for person in PEOPLE if person.id == person_id), None)


def receiver_of(state: SessionState, command: Command) -> Party | None:
    """To whom it would give the seat, as the server finds them: everybody here has the Session open."""
    match command:
        case OfferSeat(to_id=to_id):
            return next((person.party for person in PEOPLE if person.id == to_id), None)
        case GrantSeat(handover_id=handover_id):
            return state.handovers[handover_id].to if handover_id in state.handovers else None
    return None


def team_named_by(command: Command | SystemCommand) -> NamedTeam | None:
    """The team that the command names, as the server finds it."""
    team_id = getattr(command, "to_team_id", None)
    return NamedTeam(id=team_id, name=team_id.title()) if team_id in (NORTH, SOUTH) else None


class Scenario:
    """One Session in memory: every accepted command becomes an entry of its log."""

    def __init__(
        self, workflow: Workflow = SMALL, *, owner: Actor = ANA, training: bool = False, policy: Policy | None = None
    ) -> None:
        self.workflow = workflow
        self.policy = policy or Policy()
        self.now_ms = 1_000
        self.entries: list[Entry] = []
        self.safeties: dict[Seq, Safety] = {}
        self._csn = 0
        start = StartSession(version_id=workflow.version.id, training=training)
        self._begin(decide_first(workflow, S1, start, self.context(owner)), owner)

    def _begin(self, events: tuple[Event, ...], by: Actor) -> None:
        self.state: SessionState = evolve(None, self._entry(events, by))
        self.refused: Refused | None = None
        self.refusals: set[RefuseCode] = set()

    def go_on(
        self,
        *,
        by: Actor = ANA,
        workflow: Workflow | None = None,
        training: bool | None = None,
        section_key: Key | None = None,
        version_recalled: bool = False,
    ) -> Scenario | None:
        """Start the Session in which this one's call goes on; None if that is refused."""
        other = Scenario.__new__(Scenario)
        other.workflow, other.policy, other.now_ms = workflow or self.workflow, self.policy, self.now_ms + 100
        other.entries, other.safeties, other._csn = [], {}, 0
        session_id = f"{int(self.state.session_id, 16) + 1:032x}"
        start = StartSession(
            version_id=other.workflow.version.id,
            training=self.state.training if training is None else training,
            switched_from=self.state.session_id,
            section_key=section_key,
        )
        context = other.context(by, version_recalled=version_recalled)
        self.refused = None
        try:
            events = decide_first(other.workflow, session_id, start, context, Switched(self.state, self.workflow))
        except Refused as refused:
            self.refused = refused
            return None
        other._begin(events, by)
        return other

    def context(self, actor: Actor, named: Actor | None = None, **known: Any) -> Context:
        """The circumstances of the next command; `known` is what the server finds out for it."""
        self._csn += 1
        return Context(
            now_ms=self.now_ms,
            actor=actor,
            client_id=client_of(actor),
            csn=self._csn,
            policy=self.policy,
            named=named,
            ring=RING,
            **known,
        )

    def when(self, command: Command, *, by: Actor = ANA, gone: bool = False, **known: Any) -> tuple[Event, ...]:
        """Have the command decided; if it is accepted, append and fold its entry.

        `gone`: whoever would be given the seat does not have the Session open any more.
        """
        self.now_ms += 100
        self.refused = None
        receiver = None if gone else receiver_of(self.state, command)
        context = self.context(by, named_by(command), **known)
        context = replace(context, named_team=team_named_by(command), receiver=receiver)
        try:
            events = decide(self.state, self.workflow, command, context)
        except Refused as refused:
            self.refused = refused
            self.refusals.add(refused.code)
            return ()
        self.state = evolve(self.state, self._entry(events, by))
        return events

    def when_time(self, command: SystemCommand, *, driver_absent: bool = False) -> None:
        """Have the server itself act, if it may."""
        self.refused = None
        context = Context(
            now_ms=self.now_ms,
            actor=SYSTEM,
            client_id=None,
            csn=None,
            policy=self.policy,
            named=named_by(command),
            driver_absent=driver_absent,
        )
        try:
            events = decide_system(self.state, self.workflow, command, context)
        except Refused as refused:
            self.refused = refused
            self.refusals.add(refused.code)
            return
        self.state = evolve(self.state, self._entry(events, SYSTEM))
        if isinstance(command, StartAttempt):
            self.safeties[self.state.seq] = command.safety

    def then_refused(self, code: RefuseCode) -> None:
        """The last command was refused for this reason."""
        assert self.refused is not None, "the command was accepted"
        assert self.refused.code is code, self.refused.detail

    def then_accepted(self) -> None:
        """The last command was accepted."""
        assert self.refused is None, self.refused

    def view(self, audience: Audience = Audience.OWNER) -> View:
        """The Session as this audience sees it now."""
        return project(self.state, self.workflow, audience)

    def view_of(self, person: Actor) -> View:
        """The Session as this person sees it now."""
        return project(self.state, self.workflow, audience_of(self.state, person.id), person.id)

    def refold(self) -> SessionState:
        """The state that the whole log folds to."""
        return fold(self.entries)

    def _entry(self, events: tuple[Event, ...], actor: Actor) -> Entry:
        previous = self.entries[-1] if self.entries else None
        entry = Entry(
            seq=len(self.entries) + 1,
            entry_id=f"{len(self.entries) + 1:016x}",
            previous_id=previous.entry_id if previous else "",
            client_id=None if actor is SYSTEM else client_of(actor),
            csn=None if actor is SYSTEM else max(self._csn, 1),
            actor=actor.party,
            at_ms=self.now_ms,
            schema=SCHEMA_VERSION,
            events=events,
        )
        self.entries.append(entry)
        return entry


@pytest.fixture
def call() -> Scenario:
    """Ana's call, just started: visit v1, seat 1."""
    return Scenario()
