"""Event webhooks: another system hears what happened in Sessions, once stored, at least once sent, nothing typed."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import select
from standardwebhooks import Webhook

from protocol.account import Policy
from protocol.actions import OutcomeKind
from protocol.base import Millis, SessionId
from protocol.commands import (
    AcceptTransfer,
    Command,
    Complete,
    Continue,
    End,
    Pause,
    Resume,
    SelectAnswer,
    SetField,
    StartSession,
    Transfer,
    Undo,
)
from protocol.connections import ConnectionStatus
from protocol.event_hooks import EventKind
from server.actions.outcomes import Outcome
from server.actions.sender import Sender
from server.app import build_app
from server.auth.demo import DEMO_PEOPLE, TEAM_ID, TEAM_NAME
from server.event_hooks import DELAYS, LEASE_MS, SEND_AT_ONCE, EventTeller
from server.mirror import Mirror
from server.ports import DeliveryQuery
from server.records.archive import SqlArchive
from server.records.catalog import SqlCatalog
from server.records.connections import SqlConnections
from server.records.database import Database
from server.records.erasure import SqlErasure
from server.records.event_hooks import SqlEventHooks
from server.records.people import SqlPeople
from server.records.session_keys import SqlSessionKeys
from server.records.sessions import SqlSessions
from server.records.tables import audit, events_due
from server.settings import Settings
from server.store.keyring import KeyRing
from server.store.memory import MemoryBus, MemoryStore
from server.store.sealing import Sealing
from server.submit import Submit
from session_engine.context import Actor
from session_engine.guidance import session_id_of
from tests.support.processes import submit
from tests.support.receivers import Receiver, answering
from tests.support.scenario import ANA, BEN, NORTH
from tests.support.sending import sender_to
from tests.support.sql import BOTH
from tests.support.workflows import SMALL_DOCUMENT

SQL_KINDS = BOTH

ADMIN = "demo_admin"
SECRET = "whsec_" + "QUFB" * 8
PAUSE = Pause(visit_id="v1", seat=1)
TYPED = "planted-value-91ac"


class Outside:
    """The other system: answers as it is told, and remembers what it was sent."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.keys: list[str] = []
        self.answers: list[Outcome] = []

    async def send(self, order: Any, connection: Any) -> Outcome:
        """One attempt."""
        self.events.append((order.parameters["event"], {"session": order.session, "data": order.parameters["data"]}))
        self.keys.append(order.key)
        return self.answers.pop(0) if self.answers else Outcome(kind=OutcomeKind.SENT, status=200)

    @property
    def kinds(self) -> list[str]:
        """What it heard of, in order."""
        return [kind for kind, _ in self.events]


class House:
    """Two processes that tell, on one store and one database, whose clock the test moves."""

    def __init__(self, database: Database, key_ring: KeyRing) -> None:
        self.now_ms: Millis = 1_775_000_000_000
        self.database = database
        self.key_ring = key_ring
        self.store = MemoryStore(MemoryBus(clock=lambda: self.now_ms))
        self.table = SqlSessions(database, Policy)
        self.mirror = Mirror(self.table, self.store)
        self.submit = Submit(
            self.store,
            SqlCatalog(database),
            Sealing(SqlSessionKeys(database, key_ring)),
            key_ring,
            lambda: Policy(undo_ms=10_000),
            self.mirror.note,
            find_people=SqlPeople(database).find_active,
        )
        self.book = SqlEventHooks(database, lambda: self.now_ms)
        self.connections = SqlConnections(database, key_ring)
        self.outside = Outside()
        self.csn = 0
        self.client_id = secrets.token_hex(16)

    def teller(self, sender: Any = None) -> EventTeller:
        """One process's part."""
        archive = SqlArchive(self.database)
        way_out = sender or self.outside
        address, clock = "https://calls.example.org/", lambda: self.now_ms
        return EventTeller(self.book, self.store, archive, self.connections, way_out, address, clock)

    async def connect(self, *kinds: EventKind, url: str = "https://hooks.example.org/in") -> str:
        """A webhook Connection that is told of these kinds."""
        view = await self.connections.ensure("webhook", "CRM", {"url": url}, {"signing_secret": SECRET})
        await self.book.choose(view.id, kinds, by=ADMIN)
        return view.id

    async def start(self, *, training: bool = False) -> SessionId:
        """Ana's call."""
        version = (await SqlCatalog(self.database).publish(SMALL_DOCUMENT)).version
        external_id = f"crm-{secrets.token_hex(4)}"
        session_id = session_id_of(external_id)
        start = StartSession(version_id=version.id, training=training, external_id=external_id)
        self.csn += 1
        await self.submit.start(session_id, start, ANA, self.client_id, self.csn)
        return session_id

    async def do(self, session_id: SessionId, *commands: Command, actor: Actor = ANA) -> None:
        """Ana does these."""
        for command in commands:
            self.csn += 1
            await submit(self.submit, session_id, command, actor, self.client_id, self.csn)

    async def tell(self, sender: Any = None) -> None:
        """The rows are written, and two processes look at once."""
        while self.mirror._waiting:
            await self.mirror._write()
        await asyncio.gather(*[self.teller(sender).look() for _ in range(2)])


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> AsyncIterator[House]:
    house = House(database, KeyRing.open(tmp_path / "keys.json"))
    yield house
    await house.submit.close()


def through_the_small_one() -> tuple[Command, ...]:
    """To the end of the small Workflow, and completed."""
    return (
        SetField(visit_id="v1", seat=1, field_key="customer", content=TYPED),
        SelectAnswer(visit_id="v1", seat=1, answer_key="refuses"),
        Continue(visit_id="v1", seat=1),
    )


class TestTelling:
    async def test_what_was_chosen_is_told_once_and_nothing_typed(self, house: House) -> None:
        """[EV1, EV2, EV3, EV5] By two processes that look at once; not of what came before it was chosen."""
        before = await house.start()
        house.now_ms += 5
        await house.connect(EventKind.SESSION_STARTED, EventKind.SESSION_PAUSED, EventKind.SESSION_ENDED)
        session_id = await house.start()
        await house.do(
            session_id,
            SetField(visit_id="v1", seat=1, field_key="customer", content=TYPED),
            PAUSE,
            Resume(),
            End(reason=TYPED),
        )
        await house.do(before, PAUSE)
        for _ in range(2):
            await house.tell()

        assert sorted(house.outside.kinds) == ["session.ended", "session.paused", "session.paused", "session.started"]
        assert len(set(house.outside.keys)) == 4
        assert TYPED not in repr(house.outside.events)
        _, told = next(each for each in house.outside.events if each[0] == "session.started")
        assert told["session"]["key"] == session_id
        assert told["session"]["url"] == f"https://calls.example.org/sessions/{session_id}"
        assert session_id_of(told["session"]["external_id"]) == session_id
        assert told["session"]["owner"] == {"id": ANA.id, "name": ANA.name}
        assert told["session"]["workflow"] == {"key": SMALL_DOCUMENT.key, "name": SMALL_DOCUMENT.name}
        assert told["data"]["by"]["id"] == ANA.id

    async def test_a_transfer_is_told_as_another_owner_and_driver(self, house: House) -> None:
        """[TR4, EV1] Once somebody has it, and without the note; that somebody was asked is told to nobody."""
        await SqlPeople(house.database).add_team(NORTH, "North", [ANA, BEN])
        await house.connect(EventKind.OWNER_CHANGED, EventKind.DRIVER_CHANGED)
        session_id = await house.start()
        await house.do(session_id, Transfer(to_id=BEN.id, note=TYPED))
        await house.tell()
        assert house.outside.kinds == []
        await submit(house.submit, session_id, AcceptTransfer(transfer_id="t1"), BEN, "e" * 32, 1)
        await house.tell()
        assert sorted(house.outside.kinds) == ["session.driver_changed", "session.owner_changed"]
        for _, told in house.outside.events:
            assert (told["data"]["from"]["id"], told["data"]["to"]["id"]) == (ANA.id, BEN.id)
        assert TYPED not in repr(house.outside.events)

    async def test_a_completion_that_was_undone_is_not_told(self, house: House) -> None:
        """[EV3] Neither if both are read at once, nor if it was stored already; kept to, it is told."""
        await house.connect(EventKind.SESSION_COMPLETED, EventKind.SESSION_REOPENED)
        session_id = await house.start()
        await house.do(session_id, *through_the_small_one())
        state, _ = await house.submit.sessions.read(session_id)
        complete = Complete(visit_id=state.current_visit_id, seat=1, anyway=True)
        await house.do(session_id, complete, Undo(seat=1))
        await house.tell()
        await house.do(session_id, complete)
        await house.tell()
        await house.do(session_id, Undo(seat=1))
        await house.tell()
        house.now_ms += 11_000
        await house.tell()
        assert house.outside.kinds == []

        await house.do(session_id, complete)
        await house.tell()
        assert house.outside.kinds == []
        house.now_ms += 11_000
        await house.tell()
        assert house.outside.kinds == ["session.completed"]

    async def test_practice_is_told_to_nobody(self, house: House) -> None:
        """[EV1]"""
        await house.connect(*EventKind)
        await house.do(await house.start(training=True), PAUSE)
        await house.tell()

        assert house.outside.kinds == []

    async def test_a_row_that_a_crash_lost_is_told_when_it_is_mended(self, house: House) -> None:
        """[EV2] Also of what came before the row that was written."""
        await house.connect(EventKind.SESSION_STARTED, EventKind.SESSION_PAUSED)
        session_id = await house.start()
        await house.do(session_id, PAUSE)
        house.mirror._waiting.clear()  # the process died with it
        await house.tell()
        assert house.outside.kinds == []

        await house.mirror.check(house.submit.sessions.read)
        await house.tell()
        assert sorted(house.outside.kinds) == ["session.paused", "session.started"]


class TestDelivering:
    async def test_what_does_not_arrive_is_tried_again_and_kept_at_last(self, house: House) -> None:
        """[EV5, EV6] Under the same key; an administrator has it sent again."""
        connection_id = await house.connect(EventKind.SESSION_STARTED)
        await house.start()
        house.outside.answers = [Outcome(kind=OutcomeKind.REFUSED, status=404)] * (len(DELAYS) + 1)
        for delay_ms in (0, *DELAYS):
            house.now_ms += round(delay_ms * 1.2)
            await house.tell()

        assert len(house.outside.keys) == len(DELAYS) + 1
        assert len(set(house.outside.keys)) == 1
        feed = await house.book.feed(connection_id)
        assert (feed.waiting, feed.given_up) == (0, 1)
        log = (await house.connections.deliveries(DeliveryQuery(connection_id=connection_id))).deliveries
        assert [(each.action_name, each.status) for each in log] == [("session.started", 404)] * (len(DELAYS) + 1)

        await house.book.send_again(connection_id, by=ADMIN)
        await house.tell()
        feed = await house.book.feed(connection_id)
        assert (feed.waiting, feed.given_up) == (0, 0)

    async def test_an_event_waits_while_its_connection_is_not_ok(self, house: House) -> None:
        """[EV6] No try is used up."""
        connection_id = await house.connect(EventKind.SESSION_STARTED)
        await house.start()
        await house.connections.mark(connection_id, ConnectionStatus.NEEDS_ATTENTION, "wrong password")
        await house.tell()
        assert house.outside.kinds == []
        assert (await house.book.feed(connection_id)).waiting == 1

        await house.connections.update(connection_id, ADMIN, settings={"url": "https://hooks.example.org/new"})
        await house.tell()
        assert house.outside.kinds == ["session.started"]

    async def test_a_receiver_that_is_not_ok_stands_in_nobodys_way(self, house: House) -> None:
        """[EV6] However much waits for it."""
        broken = await house.connect(EventKind.SESSION_STARTED)
        for _ in range(SEND_AT_ONCE + 1):
            await house.start()
        await house.connections.mark(broken, ConnectionStatus.NEEDS_ATTENTION, "wrong password")
        await house.tell()
        other = await house.connections.ensure(
            "webhook", "ERP", {"url": "https://b.example"}, {"signing_secret": SECRET}
        )
        await house.book.choose(other.id, [EventKind.SESSION_STARTED], by=ADMIN)
        session_id = await house.start()
        await house.tell()

        assert [told["session"]["key"] for _, told in house.outside.events] == [session_id]
        assert (await house.book.feed(broken)).waiting == SEND_AT_ONCE + 2

    async def test_what_is_undone_while_it_is_sent_is_told_as_reopened(self, house: House) -> None:
        """[EV3] Whoever heard of the completion hears of both."""
        await house.connect(EventKind.SESSION_COMPLETED, EventKind.SESSION_REOPENED)
        session_id = await house.start()
        await house.do(session_id, *through_the_small_one())
        state, _ = await house.submit.sessions.read(session_id)
        await house.do(session_id, Complete(visit_id=state.current_visit_id, seat=1, anyway=True))
        await house.tell()
        house.now_ms += 9_999
        await house.do(session_id, Undo(seat=1))
        house.now_ms += 2
        assert [each.kind for each in await house.book.claim(10, LEASE_MS)] == [EventKind.SESSION_COMPLETED]
        await house.tell()

        assert house.outside.kinds == ["session.reopened"]

    async def test_a_log_that_cannot_be_read_stands_in_nobodys_way(
        self, house: House, caplog: pytest.LogCaptureFixture
    ) -> None:
        """[EV2] It is told in the log, and tried again."""
        await house.connect(EventKind.SESSION_STARTED)
        torn, session_id = await house.start(), await house.start()
        log = house.store._bus.logs[torn]
        log[:] = [msgspec.structs.replace(entry, payload=b"{") for entry in log]
        await house.tell()

        assert [told["session"]["key"] for _, told in house.outside.events] == [session_id]
        assert f"events.unreadable session_id={torn}" in caplog.text

    async def test_who_dies_while_sending_leaves_it_to_the_next(self, house: House) -> None:
        """[EV5] When the lease ends; to the receiver it is the same webhook."""
        await house.connect(EventKind.SESSION_STARTED)
        await house.start()
        while house.mirror._waiting:
            await house.mirror._write()
        await house.teller()._read((await house.book.behind(1))[0])
        claimed = await house.book.claim(10, LEASE_MS)
        assert len(claimed) == 1

        await house.tell()
        assert house.outside.kinds == []
        house.now_ms += LEASE_MS + 1
        await house.tell()
        assert house.outside.keys == [claimed[0].key]

    async def test_events_of_a_deleted_session_go_with_it(self, house: House) -> None:
        """[EV7]"""
        await house.connect(EventKind.SESSION_STARTED)
        session_id = await house.start()
        house.outside.answers = [Outcome(kind=OutcomeKind.RETRY)]
        await house.tell()
        await SqlErasure(house.database, house.key_ring).delete(session_id, by=ADMIN)

        async with house.database.reading() as connection:
            assert (await connection.execute(select(events_due))).all() == []

    async def test_a_receiver_verifies_it_like_any_webhook(self, house: House) -> None:
        """[EV5] By the library of others."""
        async with Receiver([answering(204)]) as receiver:
            await house.connect(EventKind.SESSION_STARTED, url=receiver.url("/in"))
            session_id = await house.start()
            sender: Sender = sender_to(receiver)
            await house.tell(sender)

        (received,) = receiver.received
        Webhook(SECRET).verify(received.body, dict(received.headers))
        body = json.loads(received.body)
        assert body["event"] == "session.started"
        assert body["key"] == session_id
        assert received.headers["webhook-id"].startswith(f"evt_{session_id}_")


Browse = Callable[[str], httpx.AsyncClient]


@pytest.fixture
async def browse(tmp_path: Path, database: Database, database_url: str) -> AsyncIterator[Browse]:
    """A signed-in browser of a demo person."""
    await SqlPeople(database).add_team(TEAM_ID, TEAM_NAME, [person.actor for person in DEMO_PEOPLE])
    settings = Settings(data_dir=str(tmp_path), demo=True, database_url=database_url)
    app = build_app(settings, MemoryStore())
    async with app.router.lifespan_context(app):

        def open_browser(label: str) -> httpx.AsyncClient:
            address = f"http://{label}.localhost:8000"
            transport = httpx.ASGITransport(app)
            return httpx.AsyncClient(transport=transport, base_url=address, headers={"Origin": address})

        yield open_browser


class TestChoosing:
    async def test_an_administrator_chooses_and_it_is_on_record(self, browse: Browse, database: Database) -> None:
        """[EV4]"""
        ada = browse("admin")
        await ada.post("/api/demo/sign-in")
        new = {"integration": "webhook", "name": "CRM", "settings": {"url": "https://a.example"}}
        connection_id = (await ada.post("/api/connections", json=new)).json()["connection"]["id"]
        path = f"/api/connections/{connection_id}/events"

        chosen = await ada.put(path, json={"kinds": ["session.ended", "session.started"]})
        assert chosen.json() == {"kinds": ["session.started", "session.ended"], "waiting": 0, "given_up": 0}
        async with database.writing() as connection:
            rows = (await connection.execute(select(audit).where(audit.c.act == "choose_events"))).all()
        assert [row.detail for row in rows] == [{"kinds": "session.ended, session.started"}]
        assert (await ada.post(f"{path}/send-again")).json()["given_up"] == 0

    async def test_everybody_else_is_refused(self, browse: Browse) -> None:
        """[EV4] And what is no webhook, or no kind, is told what was expected."""
        ada, ana = browse("admin"), browse("agent")
        for browser in (ada, ana):
            await browser.post("/api/demo/sign-in")
        new = {"integration": "webhook", "name": "CRM", "settings": {"url": "https://a.example"}}
        connection_id = (await ada.post("/api/connections", json=new)).json()["connection"]["id"]
        path = f"/api/connections/{connection_id}/events"

        assert (await ana.get(path)).status_code == 403
        assert (await ana.put(path, json={"kinds": []})).status_code == 403
        assert (await ada.put(path, json={"kinds": ["session.sung"]})).status_code == 400
        assert (await ada.get("/api/connections/none/events")).status_code == 404
        other_page = {"Origin": "https://evil.example"}
        assert (await ada.put(path, json={"kinds": []}, headers=other_page)).status_code == 403


async def test_a_delivery_of_a_deleted_session_is_not_kept(house: House) -> None:
    """[EV7] Its answer may quote what it was sent."""
    connection_id = await house.connect(EventKind.SESSION_STARTED)
    session_id = await house.start()
    while house.mirror._waiting:
        await house.mirror._write()
    teller = house.teller()
    await teller._read((await house.book.behind(1))[0])
    claimed = await house.book.claim(1, LEASE_MS)
    await SqlErasure(house.database, house.key_ring).delete(session_id, by=ADMIN)
    await teller._send(claimed)

    assert (await house.connections.deliveries(DeliveryQuery(connection_id=connection_id))).deliveries == ()
