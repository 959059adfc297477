"""Erasing: what a manager has deleted or forgotten is found nowhere, in no process, and does not come back."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from protocol.account import Policy
from protocol.actions import OutcomeKind
from protocol.base import Position, SessionId
from protocol.commands import Command, CorrectField, EditNotes, End, Pause, SendAction, SetField, StartSession
from protocol.connections import Delivery
from protocol.fields import FieldDefinition, FieldType
from protocol.lists import SessionLines, SessionList
from protocol.refusals import RefuseCode
from server.embedded import EmbeddedValkey
from server.erasing import Eraser
from server.http.erasure import ErasureDesk
from server.http.problems import PROBLEM_ANSWERS
from server.mirror import Mirror
from server.ports import SessionNotFound, SessionQuery, SessionStore, StoredEntry, Unavailable
from server.records.archive import SqlArchive
from server.records.audit import SqlAudit
from server.records.catalog import SqlCatalog
from server.records.connections import SqlConnections
from server.records.database import Database
from server.records.erasure import SqlErasure
from server.records.session_keys import SqlSessionKeys
from server.records.sessions import SqlSessions
from server.records.tables import audit, delivery_attempts, metadata, session_keys, sessions
from server.recreating import RecreatingStore
from server.rooms.live_list import LiveList
from server.rooms.rooms import Rooms
from server.store.keyring import KeyRing
from server.store.memory import MemoryBus, MemoryStore
from server.store.redis import RedisStore
from server.store.sealing import Sealing, SessionSeal, SlotErased
from server.submit import Submit
from session_engine.context import Actor, PersonRole
from session_engine.refused import Refused
from tests.support.care import ALERT, CARE_DOCUMENT, INTEGRATIONS
from tests.support.notes import Editor
from tests.support.notices import no_notices
from tests.support.processes import Tab, nothing_to_record
from tests.support.scenario import ANA, MIA, SAM
from tests.support.sql import BOTH

SQL_KINDS = BOTH

PLANTED = "Quetzalcoatl"
FOUND_AS = PLANTED.casefold()
PIN = FieldDefinition(key="pin", type=FieldType.MASKED, label="PIN")
DOCUMENT = replace(CARE_DOCUMENT, fields=(replace(CARE_DOCUMENT.fields[0], look_up=True), PIN))
FINISHED = SessionQuery(list=SessionList.FINISHED)


class Listener(Tab):
    """A page that keeps every frame."""

    def __init__(self, actor: Actor) -> None:
        super().__init__(actor)
        self.frames: list[dict[str, Any]] = []

    def send(self, frame: bytes) -> None:
        self.frames.append(msgspec.json.decode(frame))
        super().send(frame)

    send_droppable = send

    @property
    def refused(self) -> list[str]:
        return [frame["code"] for frame in self.frames if frame["type"] == "refusal"]


class Site:
    """One server process, without sockets."""

    def __init__(self, live: SessionStore, database: Database, ring: KeyRing) -> None:
        self.live, self.database = live, database
        self.archive = SqlArchive(database)
        self.store = RecreatingStore(live, self.archive, Policy)
        self.table = SqlSessions(database, Policy)
        self.mirror = Mirror(self.table, self.store)
        self.keys = SqlSessionKeys(database, ring)
        self.sealing = Sealing(self.keys)
        self.submit = Submit(
            self.store, SqlCatalog(database), self.sealing, ring, Policy, self.mirror.note, INTEGRATIONS
        )
        self.rooms = Rooms(self.submit, self.store, LiveList(self.store, ring), no_notices(self.store))
        self.eraser = Eraser(SqlErasure(database, ring), self.table, self.store, self.submit)

    async def do(self, session_id: SessionId, command: Command, actor: Actor = ANA) -> None:
        folded = await self.submit.sessions.open(session_id)
        outcome = await self.submit.submit(folded, command, actor, secrets.token_hex(16), 1)
        if isinstance(outcome, Refused):
            raise outcome

    async def call(self) -> SessionId:
        """Ana's call; what was planted is in a Field, in the Notes and in an Action that was fired."""
        version = (await SqlCatalog(self.database).publish(DOCUMENT)).version
        session_id = secrets.token_hex(16)
        await self.submit.start(session_id, StartSession(version_id=version.id), ANA, "c" * 32, 1)
        await self.enter(session_id, PLANTED)
        await self.do(session_id, EditNotes(update=Editor().type(f"{PLANTED} calls back")))
        return session_id

    async def enter(self, session_id: SessionId, content: str) -> None:
        await self.do(session_id, SetField(visit_id="v1", seat=1, field_key="customer", content=content))

    async def record(self) -> SessionId:
        """The same, ended."""
        session_id = await self.call()
        await self.do(session_id, End(reason=f"{PLANTED} hung up"))
        return session_id

    async def held(self, session_id: SessionId) -> str | None:
        state, _ = await self.submit.sessions.read(session_id)
        return str(state.fields["customer"].content) if "customer" in state.fields else None

    async def close(self) -> None:
        await self.rooms.close()
        await self.submit.close()
        await self.mirror.close()
        await self.store.close()


class Town:
    """Several processes on one store and one database."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self.database, self.ring, self.bus = database, ring, MemoryBus()
        self.sites: list[Site] = []

    async def site(self, live: SessionStore | None = None) -> Site:
        site = Site(live or MemoryStore(self.bus), self.database, self.ring)
        await site.store.start(site.rooms.on_push)
        site.mirror.start(site.submit.sessions.read, site.submit.sessions.drop_deleted)
        self.sites.append(site)
        return site

    async def rows(self) -> dict[str, str]:
        """Everything that SQL holds, by table."""
        async with self.database.reading() as connection:
            return {
                table.name: repr((await connection.execute(select(table))).all()) for table in metadata.sorted_tables
            }

    async def acts(self) -> list[tuple[str, str, dict[str, str]]]:
        async with self.database.reading() as connection:
            rows = (await connection.execute(select(audit).order_by(audit.c.id))).all()
        return [(row.actor_id, row.act, row.detail) for row in rows]


@pytest.fixture
async def town(database: Database, tmp_path: Path) -> AsyncIterator[Town]:
    town = Town(database, KeyRing.open(tmp_path / "keys.json"))
    yield town
    for site in town.sites:
        await site.close()


@pytest.fixture
async def here(town: Town) -> Site:
    return await town.site()


@pytest.fixture
async def there(town: Town) -> Site:
    return await town.site()


async def delivered(site: Site, ring: KeyRing, session_id: SessionId, action_id: str) -> None:
    """The delivery log quotes what was planted."""
    connections = SqlConnections(site.database, ring)
    view = await connections.create("webhook", secrets.token_hex(4), None, {}, {}, "ada")
    known = dict.fromkeys(("action_name", "action", "key", "host"), "x")
    delivery = Delivery(
        at_ms=1,
        connection_id=view.id,
        session_id=session_id,
        action_id=action_id,
        attempt=1,
        kind=OutcomeKind.REFUSED,
        status=422,
        duration_ms=5,
        message=PLANTED,
        excerpt=PLANTED,
        **known,
    )
    await connections.note_attempt(delivery)


def nowhere(rows: dict[str, str]) -> None:
    assert [name for name, text in rows.items() if FOUND_AS in text.casefold()] == []


def not_in_files(folder: Path) -> None:
    for file in folder.glob("sidecoach.db*"):
        assert FOUND_AS.encode() not in file.read_bytes().lower(), file


class TestDelete:
    async def test_nothing_of_it_can_be_read_any_more(self, town: Town, here: Site, tmp_path: Path) -> None:
        """[ER1] Neither in SQL nor in the store, nor from a copy of the log that somebody kept."""
        session_id = await here.record()
        await here.mirror._write()
        await delivered(here, town.ring, session_id, ALERT)
        copy = town.bus.logs[session_id]
        await here.archive.write({session_id: copy})
        assert FOUND_AS in str(await town.rows()).casefold()

        await here.eraser.delete(session_id, MIA)

        nowhere(await town.rows())
        for kept in (town.bus.logs, town.bus.due, town.bus.snapshots, town.bus.leases, town.bus.live, town.bus.seen):
            assert session_id not in kept
        assert await here.keys.find(session_id) is None
        assert await here.archive.read(session_id) is None
        with pytest.raises(SessionNotFound):
            await here.sealing.get(session_id)
        assert FOUND_AS not in repr([SessionSeal(session_id, {}).unseal(each) for each in copy]).casefold()
        not_in_files(tmp_path)

    async def test_that_it_was_stays_without_content(self, town: Town, here: Site) -> None:
        """[ER1, ER7] When, on what, how it ended and whose it was; no list shows it."""
        session_id = await here.record()
        await here.eraser.delete(session_id, MIA)

        async with town.database.reading() as connection:
            row = (await connection.execute(select(sessions))).one()
        assert (row.title, row.title_folded, row.workflow_key, row.outcome) == ("", "", "care", "ended")
        assert (row.owner_id, row.status) == (ANA.id, "ended")
        assert row.deleted_ms > 0
        assert row.started_ms > 0
        assert (await here.table.find(FINISHED, MIA)).lines == ()
        assert await town.acts() == [(MIA.id, "delete_session", {})]

    async def test_an_open_session_is_refused(self, here: Site) -> None:
        """[ER1] Live or paused: nothing is dropped."""
        session_id = await here.call()
        for is_paused in (False, True):
            if is_paused:
                await here.do(session_id, Pause(visit_id="v1", seat=1))
            with pytest.raises(Refused) as refused:
                await here.eraser.delete(session_id, MIA)
            assert refused.value.code is RefuseCode.NOT_FINISHED
            assert await here.held(session_id) == PLANTED

    async def test_who_has_it_open_is_told(self, here: Site, there: Site) -> None:
        """[ER2] On every process; and whoever comes later finds none, though it was held there."""
        session_id = await here.record()
        tab = Listener(ANA)
        await tab.connect(there, session_id)  # type: ignore[arg-type]

        await here.eraser.delete(session_id, MIA)
        await _until(lambda: tab.refused == ["unknown_session"])

        assert there.submit.sessions.find(session_id) is None
        with pytest.raises(Refused) as refused:
            await there.rooms.may_watch(Listener(MIA), session_id)
        assert refused.value.code is RefuseCode.UNKNOWN_SESSION

    async def test_a_process_that_was_not_told_shows_nothing(self, here: Site, there: Site) -> None:
        """[ER2] Not to who joins, not to who asks or writes; and it lets go with its next check."""
        session_id = await here.record()
        folded = await there.submit.sessions.open(session_id)
        await here.eraser.delete(session_id, MIA)

        with pytest.raises(SessionNotFound):
            await there.rooms.join(Listener(ANA), session_id, None, None, nothing_to_record)
        there.submit.sessions.keep(folded)
        with pytest.raises(SessionNotFound):
            await there.submit.sessions.read(session_id)
        outcome = await there.submit.submit(folded, SendAction(action_id=ALERT), ANA, "d" * 32, 1)
        assert isinstance(outcome, Refused)
        assert outcome.code is RefuseCode.UNKNOWN_SESSION
        there.submit.sessions.keep(folded)
        await there.submit.sessions.drop_deleted()
        assert there.submit.sessions.find(session_id) is None

    async def test_a_crash_in_between_is_made_good_by_the_same_request(self, town: Town, here: Site) -> None:
        """[ER2] The keys are gone first; then it is finished, and told of once."""
        session_id = await here.record()

        async def fails(session_id: SessionId, position: Position) -> bool:
            raise Unavailable("the store is away")

        here.store.erase, works = fails, here.store.erase  # type: ignore[assignment]
        with pytest.raises(Unavailable):
            await here.eraser.delete(session_id, MIA)
        nowhere(await town.rows())
        there = await town.site()
        with pytest.raises(SessionNotFound):
            await there.submit.sessions.open(session_id)

        here.store.erase = works  # type: ignore[method-assign]
        for site in (there, here, here):
            await site.eraser.delete(session_id, MIA)
            assert session_id not in town.bus.logs
        assert [act for _, act, _ in await town.acts()] == ["delete_session"]

    async def test_nothing_brings_it_back(self, town: Town, here: Site, there: Site) -> None:
        """[ER2] Not a row that waited, not an archiver that read it before, not a start with its id."""
        session_id = await here.record()
        await there.submit.sessions.open(session_id)
        log = tuple(town.bus.logs[session_id])
        await here.eraser.delete(session_id, MIA)

        await here.mirror.close()
        assert await here.archive.write({session_id: log}) == set()
        await there.mirror.check(there.submit.sessions.read)
        version = (await SqlCatalog(town.database).publish(DOCUMENT)).version
        with pytest.raises(Refused) as refused:
            await there.submit.start(session_id, StartSession(version_id=version.id), ANA, "e" * 32, 1)

        assert refused.value.code is RefuseCode.SESSION_EXISTS
        assert session_id not in town.bus.logs
        nowhere(await town.rows())

    async def test_a_log_of_another_history_is_left(self, town: Town, here: Site) -> None:
        """[ER2] Whatever the store lost, the operator decides about what it has."""
        session_id = await here.record()
        log = town.bus.logs[session_id]
        assert not await here.live.erase(session_id, Position(seq=len(log), entry_id="f" * 16))
        assert not await here.live.erase(session_id, Position(seq=len(log) + 1, entry_id=log[-1].entry_id))
        assert session_id in town.bus.logs


class TestErase:
    async def test_the_value_is_found_nowhere(self, town: Town, here: Site, there: Site, tmp_path: Path) -> None:
        """[ER3, ER7] Title, look-up, deliveries, views of every process; what its old key sealed opens as null."""
        session_id = await here.call()
        await here.mirror._write()
        await delivered(here, town.ring, session_id, ALERT)
        await here.do(session_id, SendAction(action_id=ALERT))
        tab, copy = Listener(ANA), tuple(town.bus.logs[session_id])
        await tab.connect(there, session_id)  # type: ignore[arg-type]
        assert tab.replica.view["fields"]["customer"]["content"] == PLANTED

        await here.eraser.erase(session_id, "customer", MIA)
        await _until(lambda: "customer" not in tab.replica.view["fields"])
        await here.mirror._write()

        nowhere(await town.rows())
        assert tab.frames[-1]["reason"] == "too_far"
        assert FOUND_AS not in repr({**tab.replica.view, "notes_updates": None}).casefold()
        fresh = await town.site()
        state, _ = await fresh.submit.sessions.read(session_id)
        assert state == (await here.submit.sessions.read(session_id))[0]
        assert state == (await there.submit.sessions.read(session_id))[0]
        seal = await fresh.sealing.get(session_id)
        assert FOUND_AS not in repr([seal.unseal(each) for each in copy]).casefold()
        assert await town.acts() == [
            ("ada", "create_connection", (await town.acts())[0][2]),
            (MIA.id, "erase_value", {"slot": "field/customer"}),
        ]
        not_in_files(tmp_path)

    async def test_a_corrected_value_can_be_entered_on_every_process(self, town: Town, here: Site, there: Site) -> None:
        """[ER4] Also by one that has the old keys at hand; erased again, that is gone, too."""
        session_id = await here.call()
        await there.submit.sessions.open(session_id)
        for number, site in enumerate((there, here, there), start=1):
            await here.eraser.erase(session_id, "customer", MIA)
            await site.enter(session_id, f"Right {number}")
            fresh = await town.site()
            assert [await each.held(session_id) for each in (here, there, fresh)] == [f"Right {number}"] * 3
        keys = await here.keys.find(session_id)
        assert keys is not None
        assert {name for name in keys if name.startswith("field/")} == {"field/customer#3", "field/pin"}

    async def test_what_was_sealed_meanwhile_with_the_old_key_is_erased_as_well(self, here: Site, there: Site) -> None:
        """[ER4] Between the keys and the entry of the log; nothing breaks by it."""
        session_id = await here.call()
        await there.submit.sessions.open(session_id)
        renew = here.eraser._erasure.renew

        async def slow(*asked: Any) -> tuple[str, ...]:
            names = await renew(*asked)
            await there.enter(session_id, PLANTED)
            return names

        here.eraser._erasure.renew = slow  # type: ignore[assignment,method-assign]
        await here.eraser.erase(session_id, "customer", MIA)
        assert await there.held(session_id) is None
        assert await here.held(session_id) is None

    async def test_a_snapshot_from_before_is_not_used(self, town: Town, here: Site) -> None:
        """[ER3] Its key is gone as well; the log is folded instead."""
        session_id = await here.call()
        for number in range(30):
            await here.enter(session_id, f"{PLANTED} {number}")
        await here.submit.sessions.save_snapshot(await here.submit.sessions.open(session_id))
        assert session_id in town.bus.snapshots
        await here.eraser.erase(session_id, "customer", MIA)
        assert await (await town.site()).held(session_id) is None

    async def test_who_comes_back_from_before_is_sent_a_whole_view(self, here: Site) -> None:
        """[ER4] No delta of what was erased is sent again."""
        session_id = await here.call()
        tab, other = Listener(ANA), Listener(SAM)
        await other.connect(here, session_id)  # type: ignore[arg-type]
        await tab.connect(here, session_id)  # type: ignore[arg-type]
        tab.disconnect(session_id)
        await here.enter(session_id, f"{PLANTED} again")
        await here.eraser.erase(session_id, "customer", MIA)
        await here.enter(session_id, "Right")
        seen = len(tab.frames)
        await tab.connect(here, session_id)  # type: ignore[arg-type]
        assert tab.frames[seen]["type"] == "view"
        assert "again" not in repr(tab.frames[seen:])
        assert tab.replica.view["fields"]["customer"]["content"] == "Right"

    async def test_a_record_forgets_a_value_and_its_notes_from_the_archive_too(self, town: Town, here: Site) -> None:
        """[ER3, ER5] It comes back for it and goes again."""
        session_id = await here.record()
        log = tuple(town.bus.logs[session_id])
        await here.archive.write({session_id: log})
        end = Position(seq=log[-1].seq, entry_id=log[-1].entry_id)
        assert await here.live.delete(session_id, end)
        there = await town.site()
        await there.eraser.erase(session_id, "customer", MIA)
        await there.eraser.erase(session_id, None, MIA)

        state, _ = await (await town.site()).submit.sessions.read(session_id)
        assert (state.notes, "customer" in state.fields) == (None, False)
        longer = tuple(town.bus.logs[session_id])
        assert await here.archive.write({session_id: longer}) == {session_id}

    async def test_what_is_unknown_or_open_is_refused_before_any_key_is_dropped(self, here: Site) -> None:
        """[ER5] The Notes of an open Session, a Field that its Workflow has not."""
        session_id = await here.call()
        keys = await here.keys.find(session_id)
        for field_key in (None, "nobody"):
            with pytest.raises(Refused):
                await here.eraser.erase(session_id, field_key, MIA)
        assert await here.keys.find(session_id) == keys

    async def test_erased_is_not_never_made(self, town: Town, here: Site) -> None:
        """[ER4, ER5] The keys tell: erased ones have a number, a deleted Session has a row without any."""
        session_id = await here.record()
        await here.eraser.erase(session_id, None, MIA)
        keys = await here.keys.find(session_id)
        assert keys is not None
        assert "notes#1" in keys
        assert "notes" not in keys
        await here.eraser.delete(session_id, MIA)
        async with town.database.reading() as connection:
            assert (await connection.execute(select(session_keys.c.wrapped))).scalars().all() == [b""]
        with pytest.raises(SlotErased):
            SessionSeal(session_id, {}).seal_blob("snapshot", b"x")


class TestDesk:
    @pytest.fixture
    async def browser(self, here: Site) -> AsyncIterator[httpx.AsyncClient]:
        self.actor = MIA
        audit_log = SqlAudit(here.database)
        desk = ErasureDesk(here.eraser, here.submit, here.table, self, audit_log)  # type: ignore[arg-type]
        routes = [
            Route("/api/sessions/{id}", desk.delete, methods=["DELETE"]),
            Route("/api/sessions/{id}/erase", desk.erase, methods=["POST"]),
            Route("/api/sessions/{id}/export", desk.export),
            Route("/api/people-search", desk.find_person),
        ]
        transport = httpx.ASGITransport(Starlette(routes=routes, exception_handlers=PROBLEM_ANSWERS))
        home = "http://agent.localhost:8000"
        async with httpx.AsyncClient(transport=transport, base_url=home, headers={"Origin": home}) as browser:
            yield browser

    async def get_actor(self, request: Request, *, is_read_now: bool) -> Actor:
        """Stands for the reception."""
        assert is_read_now
        return self.actor

    async def test_only_a_manager_may(self, town: Town, here: Site, browser: httpx.AsyncClient) -> None:
        """[ER1, ER6] Not even the owner; nor another page."""
        session_id = await here.record()
        asked = [
            ("DELETE", f"/api/sessions/{session_id}", None),
            ("POST", f"/api/sessions/{session_id}/erase", {"field_key": "customer"}),
            ("GET", f"/api/sessions/{session_id}/export", None),
            ("GET", "/api/people-search?field=customer&value=x", None),
        ]
        for self.actor in (ANA, SAM, replace(MIA, roles=frozenset({PersonRole.ADMIN}))):
            for method, path, body in asked:
                answer = await browser.request(method, path, json=body)
                assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed"), path
        self.actor = MIA
        for method, path, body in asked[:2]:
            answer = await browser.request(method, path, json=body, headers={"Origin": "https://elsewhere.example"})
            assert (answer.status_code, answer.json()["code"]) == (403, "other_origin")
        assert await here.held(session_id) == PLANTED
        assert await town.acts() == []

    async def test_a_manager_finds_exports_erases_and_deletes(
        self, town: Town, here: Site, browser: httpx.AsyncClient
    ) -> None:
        """[ER1, ER3, ER6, ER7] Each leaves its row, none the value; what is for the owner alone stays so."""
        session_id = await here.record()
        await here.do(session_id, CorrectField(field_key="pin", content="4711"))
        await here.mirror._write()
        path = f"/api/sessions/{session_id}"
        query = {"field": "customer", "value": f" {PLANTED.upper()}"}

        found = msgspec.json.decode((await browser.get("/api/people-search", params=query)).content, type=SessionLines)
        export = (await browser.get(f"{path}/export")).json()
        assert [line.session_id for line in found.lines] == [session_id]
        assert export["view"]["fields"]["customer"]["content"] == PLANTED
        assert export["notes"] == f"{PLANTED} calls back"
        assert (export["view"]["fields"]["pin"]["masked"], export["view"]["fields"]["pin"]["content"]) == (True, None)

        assert (await browser.post(f"{path}/erase", json={"field_key": "customer"})).status_code == 204
        await here.mirror._write()
        assert (await browser.get("/api/people-search", params=query)).json()["lines"] == []
        for _ in range(2):
            assert (await browser.delete(path)).status_code == 204
        assert (await browser.get(f"{path}/export")).status_code == 404
        acts = ["find_person", "export", "erase_value", "find_person", "delete_session"]
        assert [act for _, act, _ in await town.acts()] == acts
        nowhere(await town.rows())

    async def test_what_cannot_be_done_is_said(self, here: Site, browser: httpx.AsyncClient) -> None:
        """[ER1, ER5] Open, unknown, unreadable."""
        path = f"/api/sessions/{await here.call()}"
        assert (await browser.delete(path)).status_code == 409
        assert (await browser.delete(f"/api/sessions/{'0' * 32}")).status_code == 404
        assert (await browser.post(f"{path}/erase", json={"field_key": None})).status_code == 409
        assert (await browser.post(f"{path}/erase", json={"field_key": "nobody"})).status_code == 404
        assert (await browser.post(f"{path}/erase", json={})).status_code == 400
        assert (await browser.get("/api/people-search", params={"value": "x"})).status_code == 400
        assert (await browser.get("/api/people-search", params={"field": "x", "value": "-"})).json()["lines"] == []


async def test_in_valkey_no_file_holds_what_opens(town: Town, own_valkey: EmbeddedValkey, tmp_path: Path) -> None:
    """[ER1, ER2, ER4] Erased, typed anew, deleted: the file has the ciphertext still, and nobody the key."""
    here = await town.site(RedisStore(own_valkey.url))
    session_id = await here.call()
    copy: tuple[StoredEntry, ...] = await here.live.read(session_id)
    await here.eraser.erase(session_id, "customer", MIA)
    await here.enter(session_id, "Right")
    there = await town.site(RedisStore(own_valkey.url))
    assert await there.held(session_id) == "Right"
    assert PLANTED not in repr([(await there.sealing.get(session_id)).unseal(each) for each in copy[:2]])

    await here.do(session_id, End())
    await here.eraser.delete(session_id, MIA)
    await here.eraser.delete(session_id, MIA)

    with pytest.raises(SessionNotFound):
        await here.live.read(session_id)
    assert await here.live.positions([session_id]) == {}
    assert session_id not in await here.live.live()
    assert not [due for due in await here.live.due(10**15, 100) if due.session_id == session_id]
    with pytest.raises(SessionNotFound):
        await there.submit.sessions.read(session_id)
    with pytest.raises(SessionNotFound):
        await Sealing(here.keys).get(session_id)
    nowhere(await town.rows())


async def test_deliveries_of_other_actions_stay(town: Town, here: Site) -> None:
    """[ER3] Emptied are those that may quote it."""
    session_id = await here.call()
    await delivered(here, town.ring, session_id, "a9")
    await here.eraser.erase(session_id, "customer", MIA)
    async with town.database.reading() as connection:
        assert (await connection.execute(select(delivery_attempts.c.message))).scalars().all() == [PLANTED]


async def _until(condition: Callable[[], bool]) -> None:
    for _ in range(200):
        if condition():
            return
        await asyncio.sleep(0.01)
    assert condition()
