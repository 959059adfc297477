"""People who take, ask for, grant, offer and hand back one seat and type, in two or three processes that lag behind.

Every process is the real door (`Submit`) over a shared store. Whatever it asks of the store waits, before and after,
until the schedule lets it go on; pushes come when the schedule delivers them, and people act on screens that the
schedule seldom renews. All of that is drawn from one seed.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

import msgspec

from protocol.account import Policy
from protocol.base import ClientId, Csn, Position, SessionId
from protocol.commands import (
    AcceptSeat,
    Command,
    DeclineSeat,
    ExplainTake,
    GrantSeat,
    HandBack,
    OfferSeat,
    RequestSeat,
    SetField,
    StartSession,
    TakeSeat,
    WithdrawSeat,
)
from protocol.events import Entry, HandoverKind, SeatCause, SeatPassed
from protocol.frames import Present
from protocol.refusals import RefuseCode
from protocol.views import Role
from protocol.workflow import WorkflowVersion
from server.folded import Accepted, Folded
from server.ports import Catalog, Commit, Conflict, Push, PushedEntry, SessionStore, StoredEntry, Unavailable
from server.presence import presence_member
from server.store.keyring import KeyRing
from server.store.sealing import Sealing
from server.submit import Submit
from session_engine.context import Actor
from session_engine.evolve import evolve
from session_engine.refused import Refused
from session_engine.state import Handover, SessionState
from tests.support.scenario import ANA, CLEO, MIA, SAM
from tests.support.workflows import SMALL_VERSION

PASSES = (TakeSeat, HandBack, GrantSeat, AcceptSeat)
DRIVERS = (SetField, HandBack, OfferSeat, GrantSeat)
STEPS = 40
LEASE_MS = 45_000


class OneWorkflow:
    """A catalog that holds one."""

    async def find_version(self, version_id: str) -> WorkflowVersion | None:
        """See `Catalog`."""
        return SMALL_VERSION

    async def is_recalled(self, version_id: str) -> bool:
        """See `Catalog`."""
        return False


class Keys:
    """Keys of Sessions, as the table of them would hold them."""

    def __init__(self) -> None:
        self.by_session: dict[SessionId, Mapping[str, bytes]] = {}

    async def create(self, session_id: SessionId, keys: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """See `SessionKeys`."""
        return self.by_session.setdefault(session_id, keys)

    async def find(self, session_id: SessionId) -> Mapping[str, bytes] | None:
        """See `SessionKeys`."""
        return self.by_session.get(session_id)

    async def find_deleted(self, session_ids: Collection[SessionId]) -> Collection[SessionId]:
        """See `SessionKeys`."""
        return ()


@dataclass(slots=True)
class Held:
    """Something that a process asked of the store and that has not gone on yet."""

    goes: asyncio.Future[None]
    went: asyncio.Future[None]


class InTurn:
    """A store whose reads and commits of a Session go on only when its schedule says so."""

    def __init__(self, store: SessionStore, world: World) -> None:
        self._store = store
        self._world = world

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def now_ms(self) -> int:
        """See `SessionStore`; in these tests time can be made to pass."""
        return await self._store.now_ms() + self._world.later_ms

    async def commit(self, commit: Commit) -> None:
        """See `SessionStore`."""
        try:
            await self._in_turn(commit.session_id, self._store.commit(commit))
        except Conflict:
            self._world.counts["conflicts"] += 1
            raise

    async def read(self, session_id: SessionId, after_seq: int = 0) -> tuple[StoredEntry, ...]:
        """See `SessionStore`."""
        return cast(tuple[StoredEntry, ...], await self._in_turn(session_id, self._store.read(session_id, after_seq)))

    async def presence(self, session_id: SessionId) -> dict[str, bytes]:
        """See `SessionStore`."""
        return cast(dict[str, bytes], await self._in_turn(session_id, self._store.presence(session_id)))

    async def _in_turn(self, session_id: SessionId, asked: Any) -> Any:
        call = self._world.calls.get(session_id)
        if call is None:
            return await asked
        await call.hold()
        try:
            return await asked
        finally:
            await call.hold()


@dataclass(slots=True)
class Tab:
    """One person's page on one process: what is on its screen may be long over."""

    actor: Actor
    process: int
    client_id: ClientId
    seen: SessionState
    csn: Csn = 0

    @property
    def believes_to_drive(self) -> bool:
        """So says its screen."""
        return self.seen.driver.id == self.actor.id

    @property
    def asked(self) -> Handover | None:
        """What is open on its screen, which knows no time."""
        handover = self.seen.handovers.get(f"p{len(self.seen.handovers)}")
        return handover if handover is not None and handover.outcome is None else None

    @property
    def is_offered_it(self) -> bool:
        """It asks this person to drive."""
        asked = self.asked
        return asked is not None and asked.kind is HandoverKind.OFFER and asked.to.id == self.actor.id


@dataclass(slots=True)
class Told:
    """What became of a command."""

    tab: Tab
    csn: Csn
    command: Command
    outcomes: list[Accepted | Refused] = field(default_factory=list)


class World:
    """The processes, and what all interleavings together came to."""

    def __init__(self, stores: list[SessionStore], key_ring: KeyRing, at_once: int) -> None:
        self.later_ms = 0
        self.leaps = 1 / (4 * at_once)
        """How often time passes by so much that nothing can be answered any more, for all at once."""
        self.reply_s = 0.0 if at_once == 1 else 0.0005
        self.calls: dict[SessionId, Interleaving] = {}
        self.counts: Counter[str] = Counter()
        self.stores = stores
        keys = Keys()
        self.sealing = Sealing(keys)
        self._keys = keys
        catalog = cast(Catalog, OneWorkflow())
        self.doors = [
            Submit(cast(SessionStore, InTurn(store, self)), catalog, Sealing(keys), key_ring, Policy)
            for store in stores
        ]

    async def start(self) -> None:
        """Begin to hear pushes."""
        for number, store in enumerate(self.stores):
            await store.start(lambda push, number=number: self._hear(number, push))  # type: ignore[misc]

    async def close(self) -> None:
        """Stop."""
        for door in self.doors:
            await door.close()
        for store in self.stores:
            await store.close()

    def _hear(self, process: int, push: Push) -> None:
        if isinstance(push, PushedEntry) and (call := self.calls.get(push.session_id)) is not None:
            call.pushes[process].append(push.entry)

    async def interleave(self, seed: int) -> None:
        """One of them, from its seed to the end, judged."""
        chance = Random(seed)
        session_id = secrets.token_hex(16)
        start = StartSession(version_id=SMALL_VERSION.id)
        await self.doors[0].start(session_id, start, ANA, secrets.token_hex(16), 1)
        folded = [await door.sessions.open(session_id) for door in self.doors]
        for store in self.stores:
            await _patiently(store, session_id)
        call = Interleaving(self, session_id, chance, folded)
        for tab in call.tabs:
            await call.arrive(tab)
        self.calls[session_id] = call
        try:
            await call.run()
        finally:
            del self.calls[session_id]
        entries = [(await self.sealing.get(session_id)).unseal(each) for each in await self.stores[0].read(session_id)]
        states = judge(entries, call.told, self.counts)
        for door, each in zip(self.doors, folded, strict=True):
            await door.sessions.catch_up(each)
            assert each.state == states[-1], "every process comes to the same"
            door.sessions.drop(session_id)
        self.sealing.forget(session_id)
        del self._keys.by_session[session_id]
        for store in self.stores:
            await store.unsubscribe(session_id)
        end = folded[0].state
        for tab in call.tabs:
            await call.leave(tab)
        await self.stores[0].erase(session_id, Position(seq=end.seq, entry_id=end.entry_id))
        self.counts["interleavings"] += 1


async def _patiently(store: SessionStore, session_id: SessionId) -> None:
    """Subscribe, however long a busy machine takes to confirm it."""
    while True:
        try:
            return await store.subscribe(session_id)
        except Unavailable:
            continue


class Interleaving:
    """One Session, its people, and what waits to happen to it."""

    def __init__(self, world: World, session_id: SessionId, chance: Random, folded: list[Folded]) -> None:
        self.world = world
        self.session_id = session_id
        self.chance = chance
        self.folded = folded
        self.pushes: list[list[StoredEntry]] = [[] for _ in folded]
        self.told: list[Told] = []
        self.held: list[Held] = []
        people = [ANA, CLEO, SAM, chance.choice([ANA, MIA, SAM, CLEO])]
        self.tabs = [
            Tab(actor, chance.randrange(len(folded)), secrets.token_hex(16), folded[0].state) for actor in people
        ]

    async def hold(self) -> None:
        """Wait to be let go."""
        loop = asyncio.get_running_loop()
        held = Held(loop.create_future(), loop.create_future())
        self.held.append(held)
        await held.goes
        held.went.set_result(None)

    async def arrive(self, tab: Tab) -> None:
        """This page holds a presence lease."""
        present = Present(person_id=tab.actor.id, name=tab.actor.name, role=Role.SUPERVISOR, since_ms=0)
        member = {presence_member(tab.actor.id, tab.client_id): msgspec.json.encode(present)}
        await self.world.stores[0].lease_presence(self.session_id, member, LEASE_MS)

    async def leave(self, tab: Tab) -> None:
        """It holds it no more."""
        member = presence_member(tab.actor.id, tab.client_id)
        await self.world.stores[0].release_presence(self.session_id, member, 0)

    async def run(self) -> None:
        """As many steps as there are, each drawn, and then whatever was begun is ended."""
        for _ in range(STEPS):
            match self.chance.choice(["act"] * 4 + ["go"] * 8 + ["push"] * 4 + ["look"] * 8 + ["leave"] * 2 + ["time"]):
                case "act":
                    # Whoever believes to drive, or is asked to, has most to do.
                    busy = [tab for tab in self.tabs if tab.believes_to_drive or tab.is_offered_it]
                    self._act(self.chance.choice([*self.tabs, *busy, *busy]))
                    await _settle()
                case "go":
                    for _ in range(self.chance.choice([1, 1, 2, 5])):
                        await self._let_one_go()
                case "push":
                    self._deliver(self.chance.randrange(len(self.folded)))
                case "look":
                    tab = self.chance.choice(self.tabs)
                    tab.seen = self.folded[tab.process].state
                case "leave":
                    tab = self.chance.choice(self.tabs)
                    await (self.leave(tab) if self.chance.random() < 0.6 else self.arrive(tab))
                case _:
                    self.world.later_ms += 31_000 if self.chance.random() < self.world.leaps else 100
        while self.held or any(not told.outcomes for told in self.told):
            await self._let_one_go()

    def _deliver(self, process: int) -> None:
        waiting = self.pushes[process]
        if waiting:
            # One that does not follow is a gap: this process goes on with what it has.
            self.folded[process].apply(waiting.pop(0 if self.chance.random() < 0.9 else -1))

    async def _let_one_go(self) -> None:
        if self.held:
            held = self.held.pop(self.chance.randrange(len(self.held)))
            held.goes.set_result(None)
            await held.went
            await _settle()
        else:
            await asyncio.sleep(self.world.reply_s)

    def _act(self, tab: Tab) -> None:
        command = draw_command(self.chance, tab)
        tab.csn += 1
        told = Told(tab, tab.csn, command)
        self.told.append(told)
        door, folded = self.world.doors[tab.process], self.folded[tab.process]
        door.enqueue(folded, command, tab.actor, tab.client_id, tab.csn, told.outcomes.append)


async def _settle() -> None:
    """Let what can go on without the store go on."""
    for _ in range(3):
        await asyncio.sleep(0)


def draw_command(chance: Random, tab: Tab) -> Command:
    """Something that the screen of this person offers, or now and then something that it does not."""
    seat, actor, asked = tab.seen.seat, tab.actor, tab.asked
    handover_id = asked.id if asked is not None else "p1"
    field_of_mine = SetField(visit_id="v1", seat=seat, field_key="customer", content=f"{actor.id} {tab.csn}")
    offered: list[Command] = []
    if tab.believes_to_drive:
        offered += [field_of_mine] * 3
        if asked is not None and asked.kind is HandoverKind.REQUEST:
            offered += [GrantSeat(seat=seat, handover_id=handover_id)] * 4
            offered += [DeclineSeat(seat=seat, handover_id=handover_id)]
        elif asked is not None:
            offered += [WithdrawSeat(seat=seat, handover_id=handover_id)]
        else:
            offered += [OfferSeat(seat=seat, to_id=chance.choice(["cleo", "sam", "mia", "ana"]))]
        if actor is not ANA:
            offered += [HandBack(seat=seat), ExplainTake(generation=seat, reason="Because.")]
    else:
        offered += [RequestSeat(seat=seat)] * 2 if asked is None else []
        offered += [TakeSeat(seat=seat)] * 2 if actor is ANA else []
        offered += [TakeSeat(seat=seat)] if actor is not CLEO and chance.random() < 0.5 else []
        if tab.is_offered_it:
            offered += [AcceptSeat(seat=seat, handover_id=handover_id)] * 4
            offered += [DeclineSeat(seat=seat, handover_id=handover_id)]
        elif asked is not None and asked.by.id == actor.id:
            offered += [WithdrawSeat(seat=seat, handover_id=handover_id)]
    if not offered or chance.random() < 0.05:
        offered += [
            field_of_mine,
            HandBack(seat=seat),
            GrantSeat(seat=seat, handover_id=handover_id),
            AcceptSeat(seat=seat, handover_id=handover_id),
        ]
    return chance.choice(offered)


def judge(entries: list[Entry], told: list[Told], counts: Counter[str]) -> list[SessionState]:
    """The state after each entry, having checked of the log that no late command moved anything, and every answer.

    Raises:
        AssertionError: a promise was broken.
    """
    by_key = {(each.tab.client_id, each.csn): each for each in told}
    state = evolve(None, entries[0])
    states, in_log = [state], set()
    for entry in entries[1:]:
        assert entry.client_id is not None
        assert entry.csn is not None
        key = (entry.client_id, entry.csn)
        one = by_key[key]
        command, before = one.command, state
        assert key not in in_log, "nothing is applied twice"
        in_log.add(key)
        state = evolve(before, entry)
        states.append(state)
        (outcome,) = one.outcomes
        is_unknown = isinstance(outcome, Refused) and outcome.code is RefuseCode.NOT_SAVED_YET
        assert is_unknown or outcome == Accepted(seq=entry.seq, is_repeat=False), "what is in the log was acknowledged"
        if not isinstance(command, ExplainTake):
            assert getattr(command, "seat") == before.seat, "no command of another generation is applied"  # noqa: B009
        if isinstance(command, DRIVERS):
            assert entry.actor.id == before.driver.id, "nobody but the driver drives"
        passes = [event for event in entry.events if isinstance(event, SeatPassed)]
        assert len(passes) == isinstance(command, PASSES), "each agreement is one change of the seat, all else none"
        for event in passes:
            _judge_pass(event, command, before, entry)
            counts[f"seat {event.cause}"] += 1
        counts[f"accepted {type(command).__name__}"] += 1
        counts["entries"] += 1
    for each in told:
        (outcome,) = each.outcomes
        if isinstance(outcome, Refused) and outcome.code is RefuseCode.NOT_SAVED_YET:
            # The store did not answer in time: whether it is in the log is not known, and was checked if it is.
            counts["not saved yet"] += 1
        elif isinstance(outcome, Refused):
            assert (each.tab.client_id, each.csn) not in in_log, "what was refused changed nothing"
            counts[f"refused {outcome.code}"] += 1
    for each in told:
        is_there = (each.tab.client_id, each.csn) in in_log
        assert is_there or not isinstance(each.outcomes[0], Accepted), "what was acknowledged is there"
    counts["commands"] += len(told)
    return states


def _judge_pass(event: SeatPassed, command: Command, before: SessionState, entry: Entry) -> None:
    assert event.generation == before.seat + 1, "each generation has one driver"
    assert event.to.id != before.driver.id, "the generation rises when the person changes"
    match command:
        case GrantSeat(handover_id=id_) | AcceptSeat(handover_id=id_):
            handover = before.handovers[id_]
            assert (handover.outcome, entry.at_ms < handover.until_ms) == (None, True), "what is over seats nobody"
            assert event.to == handover.to, "who asked or was asked is seated"
            assert event.cause in (SeatCause.GRANTED, SeatCause.ACCEPTED)
        case HandBack():
            assert event.to == before.owner
        case _:
            assert event.to.id == entry.actor.id
