"""Sending what is due: one process takes it, what came of it is stored, and what cannot go yet waits."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from protocol.account import Policy
from protocol.actions import ActionStatus, OutcomeKind
from protocol.base import Millis, Position, SessionId
from protocol.commands import End, SendAction, SetField, StartSession
from protocol.connections import ConnectionStatus, Delivery
from protocol.fields import FieldDefinition, FieldType
from protocol.workflow import ActionTemplate, ActionTiming, Section, WorkflowDocument
from server.actions.dispatcher import PRACTICE, Dispatcher
from server.actions.integrations import INTEGRATIONS
from server.actions.integrations.base import Connection, Order
from server.actions.limits import BURST, OPEN_S, Limits
from server.actions.outcomes import Outcome
from server.archiver import Archiver
from server.parts import actions_of
from server.ports import DeliveryQuery
from server.presence import presence_member
from server.records.archive import SqlArchive
from server.records.catalog import SqlCatalog
from server.records.connections import SqlConnections
from server.records.database import Database
from server.records.session_keys import SqlSessionKeys
from server.records.sessions import SqlSessions
from server.store.keyring import KeyRing
from server.store.memory import MemoryBus, MemoryStore
from server.store.sealing import Sealing
from server.submit import Submit
from server.timers import CLAIM_MS, Timers
from session_engine.attempts import LEASE_MS
from session_engine.context import SYSTEM
from session_engine.lifecycle import due_ms
from session_engine.state import Action, SessionState
from tests.support.processes import submit
from tests.support.scenario import ANA

SECRET = "planted-secret-c0ffee"
TYPED = "planted-value-7b1e"
URL = "https://hooks.example.org/planted-path-55aa"

DOCUMENT = WorkflowDocument(
    format="sidecoach.workflow/1",
    key="sending",
    name="Sending",
    start="only",
    fields=(
        FieldDefinition(key="note", type=FieldType.TEXT, label="Note"),
        FieldDefinition(key="pin", type=FieldType.MASKED, label="PIN"),
    ),
    sections=(
        Section(
            key="only",
            name="Only",
            actions=(
                ActionTemplate(
                    key="told",
                    name="Tell them",
                    integration="webhook.post@1",
                    connection="Them",
                    parameters={"event": "call.ended", "data": {"note": "{{ fields.note | default: 'none' }}"}},
                    timing=ActionTiming.AUTOMATIC,
                    fires_on_any_end=True,
                ),
                *(
                    ActionTemplate(
                        key=key,
                        name=key,
                        integration="webhook.post@1",
                        connection=connection,
                        parameters={"event": "call.asked"},
                        timing=ActionTiming.IMMEDIATE,
                    )
                    for key, connection in (("asked", "Them"), ("others", "Others"))
                ),
            ),
        ),
    ),
)


class Outside:
    """The other system: answers as it is told, and remembers what it was sent."""

    def __init__(self) -> None:
        self.orders: list[Order] = []
        self.answers: list[Outcome] = []
        self.was_asked = asyncio.Event()
        self.is_slow = asyncio.Event()
        self.is_slow.set()

    async def send(self, order: Order, connection: Connection) -> Outcome:
        """One attempt."""
        self.orders.append(order)
        self.was_asked.set()
        await self.is_slow.wait()
        return self.answers.pop(0) if self.answers else Outcome(kind=OutcomeKind.SENT, status=200)

    recover = send

    async def check(self, integration: str, connection: Connection) -> Outcome:
        """Nobody asks."""
        raise NotImplementedError


class House:
    """Two processes that send, on one store whose clock the test moves."""

    def __init__(self, database: Database, key_ring: KeyRing) -> None:
        self.now_ms: Millis = 1_775_000_000_000
        self.bus = MemoryBus(clock=lambda: self.now_ms)
        self.database = database
        self.outside = Outside()
        self.connections = SqlConnections(database, key_ring)
        self.stores = [MemoryStore(self.bus) for _ in range(2)]
        self.doors = [
            Submit(
                store,
                SqlCatalog(database),
                Sealing(SqlSessionKeys(database, key_ring)),
                key_ring,
                lambda: Policy(undo_ms=0),
                integrations=actions_of(INTEGRATIONS),
            )
            for store in self.stores
        ]
        self.dispatchers = [Dispatcher(door, self.connections, self.outside) for door in self.doors]
        archive, table = SqlArchive(database), SqlSessions(database, Policy)
        self.timers = [
            Timers(store, door, Archiver(store, archive, table, Policy), Policy, dispatcher)
            for store, door, dispatcher in zip(self.stores, self.doors, self.dispatchers, strict=True)
        ]

    async def connect(self, name: str = "Them") -> str:
        """A Connection for the Action; its id."""
        settings, held = {"url": URL}, {"signing_secret": "whsec_" + "QUFB" * 8, "token": SECRET}
        return (await self.connections.ensure("webhook", name, settings, held)).id

    async def call(self, *, training: bool = False, note: str = TYPED) -> SessionId:
        """Ana's call, in which she typed something, ended."""
        version = (await SqlCatalog(self.database).publish(DOCUMENT)).version
        session_id, client_id = secrets.token_hex(16), secrets.token_hex(16)
        start = StartSession(version_id=version.id, training=training)
        await self.doors[0].start(session_id, start, ANA, client_id, 1)
        typed = SetField(visit_id="v1", seat=1, field_key="note", content=note)
        await submit(self.doors[0], session_id, typed, ANA, client_id, 2)
        await submit(self.doors[0], session_id, End(), ANA, client_id, 3)
        return session_id

    async def running_call(self) -> tuple[SessionId, str]:
        """Ana's call, running; and the id of her page, whose next csn is 2."""
        version = (await SqlCatalog(self.database).publish(DOCUMENT)).version
        session_id, client_id = secrets.token_hex(16), secrets.token_hex(16)
        await self.doors[0].start(session_id, StartSession(version_id=version.id), ANA, client_id, 1)
        await self.here(session_id)
        return session_id, client_id

    async def here(self, session_id: SessionId) -> None:
        """Ana has it open."""
        await self.stores[0].lease_presence(session_id, {presence_member(ANA.id, "c1"): b""}, 60_000)

    async def look(self) -> None:
        """Both processes look at once."""
        await asyncio.gather(*[timers.look() for timers in self.timers])

    async def action(self, session_id: SessionId) -> Action:
        """The Action as the log has it."""
        return (await self.state(session_id)).actions["a1"]

    async def state(self, session_id: SessionId) -> SessionState:
        """The Session as the log has it."""
        return (await self.doors[1].sessions.read(session_id))[0]

    async def deliveries(self, connection_id: str) -> tuple[Delivery, ...]:
        """The delivery log."""
        return (await self.connections.deliveries(DeliveryQuery(connection_id=connection_id))).deliveries


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> AsyncIterator[House]:
    """Two processes."""
    house = House(database, KeyRing.open(tmp_path / "keys.json"))
    for store in house.stores:
        await store.start(lambda push: None)
    yield house
    for timers, door in zip(house.timers, house.doors, strict=True):
        await timers.close()
        await door.close()


async def test_of_all_processes_one_sends_it_once(house: House) -> None:
    """[DI1] It is claimed before the first byte leaves, and settled when the answer is there."""
    await house.connect()
    session_id = await house.call()

    await house.look()
    await house.look()

    assert [order.key for order in house.outside.orders] == [f"act_{session_id}_1_1"]
    action = await house.action(session_id)
    assert (action.status, len(action.attempts), action.attempts[0].detail.status) == (ActionStatus.SENT, 1, 200)
    assert house.bus.due == {session_id: house.now_ms + Policy().archive_after_ms}, "only the archive waits for it"


async def test_what_is_fired_here_is_looked_at_at_once(house: House) -> None:
    """[DI1] Not with the next look, which is a second away."""
    await house.connect()
    timers, door = house.timers[0], house.doors[0]
    door._on_committed = timers.note
    timers.start()
    began = asyncio.get_running_loop().time()

    session_id = await house.call()
    await house.outside.was_asked.wait()
    await asyncio.gather(*timers._in_hand)

    assert (await house.action(session_id)).status is ActionStatus.SENT
    assert asyncio.get_running_loop().time() - began < 2


async def test_an_attempt_that_never_came_back_is_made_again_under_the_same_key(house: House) -> None:
    """[DI8] A webhook's receiver looks at the key; the order is the same to the byte."""
    await house.connect()
    session_id = await house.call()
    house.outside.is_slow.clear()
    dying = asyncio.create_task(house.timers[0].look())
    await house.outside.was_asked.wait()
    for task in [dying, *house.timers[0]._in_hand]:
        task.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    house.outside.is_slow.set()

    await house.timers[1].look()
    assert len(house.outside.orders) == 1, "it is still in the first one's hands"
    house.now_ms += LEASE_MS + CLAIM_MS
    await house.timers[1].look()

    assert (await house.action(session_id)).status is ActionStatus.SENT
    first, second = house.outside.orders
    assert (first.key, first.parameters, first.session) == (second.key, second.parameters, second.session)


async def test_what_came_of_an_attempt_is_said_until_it_is_stored(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[DI2] The store goes away while the other side answers: when it is back, the Action is sent, and sent once."""
    monkeypatch.setattr("server.actions.dispatcher.SAY_AGAIN_S", 0.01)
    await house.connect()
    session_id = await house.call()
    house.outside.is_slow.clear()
    looking = asyncio.create_task(house.timers[0].look())
    await house.outside.was_asked.wait()
    house.bus.is_down = True
    house.outside.is_slow.set()
    await asyncio.sleep(0.1)
    house.bus.is_down = False
    await looking

    assert (await house.action(session_id)).status is ActionStatus.SENT
    assert len(house.outside.orders) == 1


async def test_without_a_connection_it_waits_and_goes_when_there_is_one(house: House) -> None:
    """[DI3] It says why, once; nothing is dropped."""
    session_id = await house.call()

    for _ in range(3):
        await house.look()
        house.now_ms += 61_000

    action = await house.action(session_id)
    assert action.status is ActionStatus.WAITING_FOR_CONNECTION
    assert "Them" in (action.waits_reason or "")
    assert (await house.state(session_id)).seq == 4, "it was said once"
    assert not house.outside.orders

    await house.connect()
    house.now_ms += 61_000
    await house.look()
    assert (await house.action(session_id)).status is ActionStatus.SENT


async def test_refused_credentials_stop_the_connection_until_somebody_mends_it(house: House) -> None:
    """[DI9] Its Actions wait; no try is used up."""
    connection_id = await house.connect()
    session_id = await house.call()
    house.outside.answers = [Outcome(kind=OutcomeKind.UNAUTHORISED, message="the key is not good", status=401)]

    await house.look()

    action = await house.action(session_id)
    assert (action.status, action.tries) == (ActionStatus.WAITING_FOR_CONNECTION, 0)
    view = await house.connections.get(connection_id)
    assert view is not None
    assert (view.status, view.reason) == (ConnectionStatus.NEEDS_ATTENTION, "the other side answered 401")
    assert [delivery.kind for delivery in await house.deliveries(connection_id)] == [OutcomeKind.UNAUTHORISED]

    await house.connections.update(connection_id, ANA.id, secrets={"token": "another"})
    house.now_ms += 61_000
    await house.look()
    assert (await house.action(session_id)).status is ActionStatus.SENT


async def test_a_receiver_that_is_gone_disables_its_connection(house: House) -> None:
    """[DI9] 410: what else is waiting for it, waits."""
    connection_id = await house.connect()
    await house.call()
    gone = Outcome(kind=OutcomeKind.REFUSED, message="gone", status=410, disables_connection=True)
    house.outside.answers = [gone]

    await house.look()

    view = await house.connections.get(connection_id)
    assert view is not None
    assert view.status is ConnectionStatus.DISABLED


async def test_in_practice_nothing_leaves(house: House) -> None:
    """[DI4] It is sent, and says that it was practice; not even a Connection is needed."""
    session_id = await house.call(training=True)

    await house.look()

    action = await house.action(session_id)
    assert (action.status, action.message) == (ActionStatus.SENT, PRACTICE)
    assert not house.outside.orders


def test_a_connection_has_a_rate_and_rests_while_its_other_side_is_down() -> None:
    """[DI5] Twenty at once, then ten a second; seven failures of ten open the breaker for half a minute."""
    now = [100.0]
    limits = Limits(lambda: now[0])
    taken = sum(limits.wait_s("c1") == 0 for _ in range(50))
    assert taken == BURST
    assert limits.wait_s("c2") == 0, "every Connection has its own"
    now[0] += 1
    assert sum(limits.wait_s("c1") == 0 for _ in range(50)) == 10

    for place in range(10):
        limits.saw("c2", OutcomeKind.RETRY if place < 7 else OutcomeKind.SENT)
    assert limits.wait_s("c2") == pytest.approx(OPEN_S)
    now[0] += OPEN_S
    assert limits.wait_s("c2") == 0


async def test_a_resting_connection_puts_its_actions_off(house: House) -> None:
    """[DI5] Nothing becomes true of them, and nothing is dropped."""
    connection_id = await house.connect()
    for dispatcher in house.dispatchers:
        for _ in range(10):
            dispatcher._limits.saw(connection_id, OutcomeKind.RETRY)
    session_id = await house.call()

    await house.look()

    assert (await house.action(session_id)).status is ActionStatus.QUEUED
    assert not house.outside.orders
    assert house.bus.due[session_id] > house.now_ms


async def test_no_log_line_holds_what_was_typed_or_a_credential(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """[DI10] Through a success, a failure, a refusal and a lost Connection."""
    caplog.set_level(logging.INFO)
    connection_id = await house.connect()
    for kind in (OutcomeKind.SENT, OutcomeKind.AMBIGUOUS, OutcomeKind.REFUSED, OutcomeKind.UNAUTHORISED):
        house.outside.answers = [Outcome(kind=kind, message=f"about {TYPED}", excerpt=TYPED)]
        await house.call()
        await house.look()

    assert len(await house.deliveries(connection_id)) == 4
    for planted in (TYPED, SECRET, "planted-path", "QUFBQUFB"):
        assert planted not in caplog.text


async def test_what_is_sent_late_in_a_long_call_goes_at_once(house: House) -> None:
    """[DI1] The driver has been here for an hour, so that the Session was put off; its Action is not."""
    await house.connect()
    session_id, client_id = await house.running_call()
    house.now_ms += 3_600_000
    await house.here(session_id)
    await house.look()
    assert house.bus.due[session_id] > house.now_ms

    await submit(house.doors[0], session_id, SendAction(action_id="a2"), ANA, client_id, 2)
    assert house.bus.due[session_id] <= house.now_ms
    await house.look()

    assert (await house.state(session_id)).actions["a2"].status is ActionStatus.SENT


async def test_an_action_that_waits_holds_no_other_up(house: House) -> None:
    """[DI3] Of two of one Session, one has no Connection: the other goes, and is tried again in its own time."""
    session_id, client_id = await house.running_call()
    await submit(house.doors[0], session_id, SendAction(action_id="a2"), ANA, client_id, 2)
    for _ in range(2):
        await house.look()
        house.now_ms += 61_000
    await house.here(session_id)
    await house.look()
    await house.connect("Others")
    house.outside.answers = [Outcome(kind=OutcomeKind.RETRY, message="busy", status=503)]

    await submit(house.doors[0], session_id, SendAction(action_id="a3"), ANA, client_id, 3)
    assert house.bus.due[session_id] <= house.now_ms
    await house.look()

    actions = (await house.state(session_id)).actions
    assert actions["a2"].status is ActionStatus.WAITING_FOR_CONNECTION
    assert actions["a3"].status is ActionStatus.WAITING_TO_RETRY
    assert house.bus.due[session_id] == actions["a3"].due_ms


async def test_an_action_that_is_not_due_is_left_alone(house: House) -> None:
    """[DI7] And its due time is in the log, from where a lost due set is mended."""
    await house.connect()
    session_id = await house.call()
    state = await house.state(session_id)
    house.bus.due.clear()
    at = Position(seq=state.seq, entry_id=state.entry_id)
    due = due_ms(state, Policy())

    assert await house.stores[0].mend_due(session_id, at, due, house.now_ms)
    assert not await house.stores[0].mend_due(session_id, at, due, house.now_ms)

    assert house.bus.due == {session_id: due}
    assert SYSTEM.id not in {entry.fired_by.id for entry in state.actions.values() if entry.fired_by}
