"""Notices over real sockets: who writes them, who is told, in how many Sessions. Rules: protocol/SPEC.md, NC."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import select, update

from protocol.base import SessionId
from protocol.commands import Continue, SelectAnswer
from protocol.events import Party
from protocol.frames import NoticesFrame
from protocol.notices import Notice, NoticeId, NoticeSeverity
from server.client import Page
from server.notice_ports import TooManyNotices
from server.ports import Unavailable
from server.records.database import Database
from server.records.notices import KEPT_MS, SHOWN, SqlNotices
from server.records.people import SqlPeople, people_changed
from server.records.tables import audit, notice_sessions, people, team_members
from server.records.tables import notices as notices_table
from server.rooms.notices import NOTICES, Notices, may_take_back
from server.store.memory import MemoryBus, MemoryStore
from server.store.redis import SESSION_ID_LENGTH
from session_engine.context import Actor, PersonRole
from tests.support.notices import NoNotices
from tests.support.people import StillClock
from tests.support.scenario import ANA, MIA, SAM, ZOE
from tests.support.server import House
from tests.support.sql import BOTH

SQL_KINDS = BOTH
TEXT = "The hotline for the outage is 0800 1234"


def notice(number: int = 1, **change: Any) -> Notice:
    """One that stands, by Sam, for his team."""
    facts: dict[str, Any] = {
        "id": f"{number:032x}",
        "workflow_key": "small",
        "workflow_name": "Small call",
        "section_key": None,
        "section_name": None,
        "team_ids": tuple(SAM.team_ids),
        "text": TEXT,
        "severity": NoticeSeverity.WARNING,
        "by": SAM.party,
        "made_ms": 1_000,
        "until_ms": None,
    }
    return Notice(**facts | change)


class Desk:
    """A person's requests at one process."""

    def __init__(self, house: House, label: str, process: int = 0) -> None:
        self._house, self._label, self._port = house, label, house.ports[process]

    async def _ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        host = f"{self._label}.localhost:{self._port}"
        cookie = await self._house.cookie(self._label, self._port)
        headers = {"Host": host, "Origin": f"http://{host}", "Cookie": cookie}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self._port}", trust_env=False) as client:
            return await client.request(method, path, headers=headers, json=body)

    async def write(self, **change: Any) -> httpx.Response:
        """A notice for the small Workflow."""
        return await self._ask("POST", "/api/notices", {"workflow_key": "small", "text": TEXT} | change)

    async def take_back(self, notice_id: str) -> int:
        """The status that it is answered with."""
        return (await self._ask("POST", f"/api/notices/{notice_id}/take-back")).status_code

    async def lines(self) -> list[dict[str, Any]]:
        """The list."""
        answer = await self._ask("GET", "/api/notices")
        assert answer.status_code == 200
        found: list[dict[str, Any]] = answer.json()["lines"]
        return found


async def make(house: House, label: str, role: PersonRole) -> None:
    """Give a demo person another role."""
    database = Database(house.database_url)
    async with database.writing() as connection:
        await connection.execute(update(people).where(people.c.id == f"demo_{label}").values(roles=[role.value]))
        await people_changed(connection)
    await database.close()


def texts(page: Page) -> list[str]:
    """What this page was told."""
    return [each["text"] for each in page.notices or ()]


async def test_every_page_is_told_at_once_whatever_process_it_is_on(house: House) -> None:
    """[NC2, NC3] Those who come later, or again, too; until it is taken back."""
    await house.serve()
    ana, ben = await house.page("agent"), await house.page("agent2", process=1)
    for page in (ana, ben):
        await page.follow_live()
        await page.until(lambda page=page: page.notices == [])  # type: ignore[misc]
    answer = await Desk(house, "supervisor", process=1).write(severity="warning")
    assert answer.status_code == 201
    for page in (ana, ben):
        await page.until(lambda page=page: texts(page) == [TEXT], 1.0)  # type: ignore[misc]
    coach = await house.page("coach")
    await coach.follow_live()
    await coach.until(lambda: texts(coach) == [TEXT])
    told = coach.notices
    assert told is not None
    assert (told[0]["workflow_key"], told[0]["severity"], told[0]["by"]["name"]) == (
        "small",
        "warning",
        "Sam Supervisor",
    )
    assert told[0]["team_ids"] == ["demo_team"]
    assert await Desk(house, "supervisor").take_back(told[0]["id"]) == 204
    for page in (ana, ben, coach):
        await page.until(lambda page=page: page.notices == [], 1.0)  # type: ignore[misc]
    assert await Desk(house, "supervisor").take_back(told[0]["id"]) == 404


async def test_its_writer_sees_in_how_many_sessions_it_was_read(house: House) -> None:
    """[NC6, NC7] On the driver's screen, each once on whatever process; of a Section only there; no practice."""
    await house.serve()
    sam = Desk(house, "supervisor")
    ana, ben = await house.page("agent"), await house.page("agent2", process=1)
    moving = await ana.start(house.version_id)
    await ana.start(house.version_id, training=True)
    await ben.start(house.version_id)
    for change in ({}, {"section_key": "offer"}, {"section_key": "won"}):
        assert (await sam.write(**change)).status_code == 201

    async def reached() -> dict[str | None, int]:
        return {line["section_key"]: line["reached"] for line in await sam.lines()}

    async def until(expected: dict[str | None, int]) -> None:
        for _ in range(60):
            if await reached() == expected:
                return
            await asyncio.sleep(0.1)
        assert await reached() == expected

    await until({None: 2, "offer": 0, "won": 0})
    await ana.command(moving, SelectAnswer(visit_id="v1", seat=1, answer_key="interested"))
    await ana.command(moving, Continue(visit_id="v1", seat=1))
    await until({None: 2, "offer": 1, "won": 0})
    again = await house.page("agent", process=1)
    await again.join(moving)
    await again.start(house.version_id)
    await until({None: 3, "offer": 1, "won": 0})
    database = Database(house.database_url)
    async with database.reading() as connection:
        written = select(audit).where(audit.c.act == "notice_written").order_by(audit.c.id)
        rows = (await connection.execute(written)).all()
    await database.close()
    assert [(row.actor_id, row.detail.get("section")) for row in rows] == [
        ("demo_supervisor", None),
        ("demo_supervisor", "offer"),
        ("demo_supervisor", "won"),
    ]
    assert TEXT not in str(rows)
    assert TEXT.encode() not in b"".join(entry.payload for log in house.bus.logs.values() for entry in log)


async def test_nobody_is_told_what_concerns_no_team_of_theirs(house: House) -> None:
    """[NC1, NC4] A supervisor writes for their teams; an author for all. Who changes team is told anew."""
    database = Database(house.database_url)
    sue = Actor(id="sue", name="Sue", roles=frozenset({PersonRole.SUPERVISOR}), team_ids=frozenset({"north"}))
    await SqlPeople(database).add_team("north", "North", [sue])
    theirs = notice(by=sue.party, team_ids=("north",), text="For the north", made_ms=1)
    await SqlNotices(database).write(theirs, 20)
    await MemoryStore(house.bus).signal(NOTICES, b"")
    ana, sam, coach = [await house.page(label) for label in ("agent", "supervisor", "coach")]
    await make(house, "coach", PersonRole.MANAGER)
    for page in (ana, sam):
        await page.follow_live()
        await page.until(lambda page=page: page.notices == [])  # type: ignore[misc]
    await coach.follow_live()
    await coach.until(lambda: texts(coach) == ["For the north"])
    assert await Desk(house, "supervisor").lines() == []
    assert await Desk(house, "supervisor").take_back(theirs.id) == 404
    await make(house, "agent2", PersonRole.AUTHOR)
    assert (await Desk(house, "agent2").write(text="For all")).json()["team_ids"] == []
    await ana.until(lambda: texts(ana) == ["For all"])
    await coach.until(lambda: texts(coach) == ["For all", "For the north"])
    (line,) = await Desk(house, "supervisor").lines()
    assert (line["text"], line["mine"]) == ("For all", False)
    assert await Desk(house, "supervisor").take_back(line["id"]) == 403
    assert await Desk(house, "coach").take_back(theirs.id) == 204
    await database.close()


@pytest.mark.parametrize(
    ("change", "status", "expected"),
    [
        ({"text": " \n "}, 422, "text: expected 1 to 300 characters"),
        ({"text": "x" * 301}, 422, "text: expected 1 to 300 characters"),
        ({"text": "a\u0000b"}, 422, "text: expected"),
        ({"workflow_key": "none"}, 422, "workflow_key: expected"),
        ({"section_key": "none"}, 422, "section_key: expected"),
        ({"until_ms": 1_000}, 422, "until_ms: expected"),
        ({"until_ms": 2**52}, 422, "until_ms: expected"),
        ({"severity": "loud"}, 400, "severity"),
        ({"more": 1}, 400, "more"),
    ],
)
async def test_what_cannot_be_meant_is_said(house: House, change: dict[str, Any], status: int, expected: str) -> None:
    """[NC1] And nothing stands."""
    answer = await Desk(house, "supervisor").write(**change)
    assert (answer.status_code, expected in answer.json()["detail"]) == (status, True), answer.text
    assert await Desk(house, "supervisor").lines() == []


async def test_a_supervisor_without_a_team_has_nobody_to_tell(house: House) -> None:
    """[NC1] And more than twenty at once are too many."""
    database = Database(house.database_url)
    book = SqlNotices(database)
    for number in range(20):
        await book.write(notice(number, by=Party(id="demo_supervisor", name=""), team_ids=()), 20)
    answer = await Desk(house, "supervisor").write()
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_notices")
    assert len(await book.standing()) == 20
    async with database.writing() as connection:
        await connection.execute(team_members.delete().where(team_members.c.person_id == "demo_supervisor"))
        await people_changed(connection)
    await database.close()
    answer = await Desk(house, "supervisor").write()
    assert (answer.status_code, "in a team" in answer.json()["detail"]) == (422, True)


class TestWhoTakesBack:
    @pytest.mark.parametrize(
        ("who", "change", "expected"),
        [
            (SAM, {}, True),
            (ANA, {"by": ANA.party}, False),
            (ZOE, {}, False),
            (MIA, {}, True),
            (SAM, {"by": ZOE.party, "team_ids": ("north", "south")}, False),
            (SAM, {"by": ZOE.party}, True),
            (SAM, {"by": MIA.party, "team_ids": ()}, False),
        ],
    )
    def test_its_writer_and_whoever_may_write_for_all_of_its_teams(
        self, who: Actor, change: dict[str, Any], expected: bool
    ) -> None:
        """[NC3] While they have the role."""
        assert may_take_back(notice(**change), who) is expected


class Book(NoNotices):
    """Holds what a test puts there."""

    def __init__(self) -> None:
        self.notices: tuple[Notice, ...] = ()
        self.is_away = False
        self.noted: list[Mapping[NoticeId, Collection[SessionId]]] = []

    async def standing(self) -> tuple[Notice, ...]:
        """What the test put there."""
        if self.is_away:
            raise Unavailable("SQL")
        return self.notices


class Listener:
    """A member that keeps what it is told."""

    def __init__(self, actor: Actor) -> None:
        self.connection_id, self.actor, self.is_gone = actor.id, actor, False
        self.told: list[list[str]] = []

    def send(self, frame: bytes) -> None:
        """Keep it."""
        self.told.append([each.id[-1] for each in msgspec.json.decode(frame, type=NoticesFrame).notices])

    def send_droppable(self, frame: bytes) -> None:
        """Nothing here may be dropped."""
        raise AssertionError


class TestKeepingUp:
    async def test_what_runs_out_is_told_without_reading_anything(self) -> None:
        """[NC3] To the second."""
        clock, book = StillClock(), Book()
        board = Notices(book, MemoryStore(MemoryBus()), clock)
        book.notices = (notice(1), notice(2, until_ms=clock.now_ms + 500))
        ana = Listener(ANA)
        await board.arrive(ana)
        book.is_away = True
        await board.tick(())
        clock.advance(1_000)
        await board.tick(())
        assert ana.told == [["1", "2"], ["1"]]
        await board.close()

    async def test_what_was_missed_is_read_with_the_next_look(self) -> None:
        """[NC2] While SQL is away, what stood stays; a signal that cannot be followed is made up for."""
        clock, book, store = StillClock(), Book(), MemoryStore(MemoryBus())
        board = Notices(book, store, clock)
        book.is_away = True
        ana = Listener(ANA)
        await board.arrive(ana)
        book.is_away, book.notices = False, (notice(1),)
        await board.tick(())
        assert ana.told == [[], ["1"]]
        book.is_away, book.notices = True, ()
        board.on_signal()
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await board.tick(())
        assert ana.told == [[], ["1"]]
        book.is_away = False
        board.on_interrupted()
        await board.tick(())
        assert ana.told == [[], ["1"], []]
        board.depart(ana)
        book.notices = (notice(2),)
        await board.changed()
        assert len(ana.told) == 3
        await board.close()

    async def test_every_store_passes_on_that_they_changed(self) -> None:
        """[NC2] The store tells whose a signal is by as many signs as an id has."""
        assert len(NOTICES) == SESSION_ID_LENGTH


class TestTheBook:
    async def test_it_stands_until_it_is_taken_back_or_runs_out(self, database: Database) -> None:
        """[NC3, NC7] Once; the list tells by whom, with those that stand first."""
        clock = StillClock()
        book = await with_people(database, clock)
        await book.write(notice(1, made_ms=3, until_ms=clock.now_ms + 10), 20)
        await book.write(notice(2, made_ms=2), 20)
        await book.write(notice(3, made_ms=1), 20)
        assert [each.id[-1] for each in await book.standing()] == ["1", "2", "3"]
        assert await book.take_back(notice(2).id, MIA.id)
        assert not await book.take_back(notice(2).id, SAM.id)
        clock.advance(10)
        assert await book.find(notice(1).id) is None
        assert not await book.take_back(notice(1).id, SAM.id)
        lines = await book.lines(lambda _: True)
        assert [(line.id[-1], line.ended_ms is None) for line in lines] == [("3", True), ("1", False), ("2", False)]
        assert lines[2].taken_back_by == MIA.party
        assert lines[0].taken_back_by is None

    async def test_what_stands_and_is_ones_own_is_not_crowded_out(self, database: Database) -> None:
        """[NC7] By what is newer: neither by what is over nor by what others are told."""
        clock = StillClock()
        book = await with_people(database, clock)
        await book.write(notice(1, made_ms=1), 20)
        for number in range(2, SHOWN + 3):
            await book.write(notice(number, made_ms=number, until_ms=clock.now_ms + 1), 200)
        clock.advance(1)
        lines = await book.lines(lambda _: True)
        assert (len(lines), lines[0].id) == (SHOWN, notice(1).id)
        own = await book.lines(lambda line: line.made_ms <= 2)
        assert [line.made_ms for line in own] == [1, 2]

    async def test_a_session_counts_once(self, database: Database) -> None:
        """[NC6] However many processes tell of it."""
        book = await with_people(database, StillClock())
        await book.write(notice(1), 20)
        many = [f"{number:032x}" for number in range(1_200)]
        await book.note_reached({notice(1).id: many})
        await book.note_reached({notice(1).id: many[:3]})
        assert [line.reached for line in await book.lines(lambda _: True)] == [1_200]

    async def test_one_too_many_is_not_kept(self, database: Database) -> None:
        """[NC1] Nor its audit row."""
        book = await with_people(database, StillClock())
        await book.write(notice(1), 1)
        with pytest.raises(TooManyNotices):
            await book.write(notice(2), 1)
        async with database.reading() as connection:
            assert len((await connection.execute(select(audit))).all()) == 1
            assert len((await connection.execute(select(notices_table))).all()) == 1

    async def test_what_has_been_over_for_long_goes(self, database: Database) -> None:
        """[NC7] With where it was read."""
        clock = StillClock()
        book = await with_people(database, clock)
        await book.write(notice(1), 20)
        await book.note_reached({notice(1).id: ["1" * 32]})
        await book.take_back(notice(1).id, SAM.id)
        clock.advance(KEPT_MS + 1)
        await book.write(notice(2), 20)
        assert [line.id[-1] for line in await book.lines(lambda _: True)] == ["2"]
        async with database.reading() as connection:
            assert (await connection.execute(select(notice_sessions))).all() == []


async def with_people(database: Database, clock: StillClock) -> SqlNotices:
    """The book, and who writes in it."""
    await SqlPeople(database).add_team("north", "North", [SAM, MIA])
    return SqlNotices(database, clock)
