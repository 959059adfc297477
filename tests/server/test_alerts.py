"""Alerts over SQL and a store that two processes share: raised once, within the budget, ended by themselves."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import func, select

from protocol.account import Policy
from protocol.alerts import AlertAbout, AlertRule, AlertSettings
from protocol.base import SessionId
from protocol.commands import (
    Continue,
    CorrectField,
    End,
    Pause,
    Resume,
    SelectAnswer,
    SetField,
    StartSession,
    TakeSeat,
    UseResponse,
)
from server.alert_ports import Condition, Sign, SignKind
from server.alerting import AlertWatch, SignNotes
from server.archiver import Archiver
from server.dwell import ENOUGH, WEEK_MS, UsualTimes, bucket_of
from server.ports import Stay, Unavailable
from server.presence import presence_member
from server.records.alerts import ALERTS_KEPT_MS, HOUR_MS, SLOT_MS, SqlAlerts
from server.records.catalog import SqlCatalog
from server.records.database import Database
from server.records.dwell import SqlDwell, count_stays
from server.records.leftovers import SqlLeftovers
from server.records.people import SqlPeople
from server.records.sessions import SqlSessions
from server.records.tables import alerts, call_signs, visit_lengths
from server.records.turns import SqlTurns
from server.rooms.floor import ELSEWHERE
from server.store.keyring import KeyRing
from server.store.memory import MemoryBus, MemoryStore
from server.timers import Timers
from tests.support.people import rows_of_audit
from tests.support.processes import Process, submit
from tests.support.scenario import ANA, BEN, CLEO, MIA, NORTH, SAM, SOUTH, ZOE
from tests.support.sql import BOTH
from tests.support.workflows import SMALL_DOCUMENT

SQL_KINDS = BOTH
S, MIN = 1_000, 60_000
QUIET_MS = Policy().archive_after_ms


class Everybody:
    """Two processes that watch over the calls of Ana's team, and a clock that is moved."""

    def __init__(self, database: Database, key_ring: KeyRing) -> None:
        self.now_ms = 1_775_000_000_000
        self.database = database
        self.bus = MemoryBus(clock=lambda: self.now_ms)
        self.processes = [Process(MemoryStore(self.bus), database, key_ring) for _ in range(2)]
        self.books = [SqlAlerts(database, lambda: self.now_ms) for _ in self.processes]
        self.usual = [UsualTimes(SqlDwell(database), lambda: self.now_ms) for _ in self.processes]
        self.watches = [self.watch(number) for number in range(2)]
        self.notes = SignNotes(self.books[0])
        self.processes[0].submit._on_committed = self.notes.note
        self.version_id = ""

    def watch(self, number: int, *, always: bool = False) -> AlertWatch:
        """One that looks when it has the turn; or whenever it is asked."""
        process = self.processes[number]
        turns = Always() if always else SqlTurns(self.database, lambda: self.now_ms)
        return AlertWatch(
            self.books[number],
            turns,
            process.store,
            process.submit.sessions,
            process.rooms.live_list.sessions,
            self.usual[number],
        )

    async def prepare(self) -> None:
        for process in self.processes:
            await process.start()
        people = SqlPeople(self.database)
        await people.add_team(NORTH, "North", [ANA, BEN, CLEO, SAM])
        await people.add_team(SOUTH, "South", [ZOE, MIA])
        self.version_id = (await SqlCatalog(self.database).publish(SMALL_DOCUMENT)).version.id

    async def close(self) -> None:
        for process in self.processes:
            await process.close()

    async def call(self, *, training: bool = False) -> SessionId:
        """Ana starts one, with a page open for as long as nobody says otherwise."""
        session_id, process = secrets.token_hex(16), self.processes[0]
        start = StartSession(version_id=self.version_id, training=training)
        await process.submit.start(session_id, start, ANA, secrets.token_hex(16), 1)
        await self.here(session_id, 100 * HOUR_MS)
        return session_id

    async def here(self, session_id: SessionId, lease_ms: int) -> None:
        """Ana has a page open there for that long."""
        await self.processes[0].store.lease_presence(session_id, {presence_member(ANA.id, "c1"): b""}, lease_ms)

    async def do(self, session_id: SessionId, command: Any, csn: int) -> None:
        await submit(self.processes[0].submit, session_id, command, ANA, "c" * 32, csn)

    async def look(self, after_ms: int = 3 * S) -> None:
        """Both processes look at once, that much later."""
        self.now_ms += after_ms
        await asyncio.gather(*[watch.look() for watch in self.watches])

    async def open(self) -> list[tuple[AlertRule, bool]]:
        """What is open: which rule, and whether it is held back."""
        state = await self.books[1].read()
        return [(each.alert.rule, each.alert.held) for each in state.open if not each.is_seen]

    async def only(self) -> Any:
        """The one that is open."""
        (opened,) = (await self.books[0].read()).open
        return opened.alert

    async def count(self, table: Any) -> int:
        async with self.database.reading() as connection:
            return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


class Always:
    """It is everybody's turn."""

    async def take(self, job: str, for_ms: int) -> bool:
        return True

    async def put_off(self, job: str, for_ms: int) -> None:
        """Never."""


@pytest.fixture
async def floor(database: Database, tmp_path: Path) -> AsyncIterator[Everybody]:
    floor = Everybody(database, KeyRing.open(tmp_path / "keys.json"))
    await floor.prepare()
    yield floor
    await floor.close()


def condition(number: int, floor: Everybody, rule: AlertRule = AlertRule.IDLE, team_id: str = NORTH) -> Condition:
    """That something is so in the Session of this number."""
    return Condition(
        team_id=team_id,
        rule=rule,
        session_id=f"{number:032x}",
        since_ms=floor.now_ms - 10 * MIN + number,
        about=AlertAbout(person=ANA.party, what="Opening"),
    )


class TestOnce:
    async def test_two_processes_give_one_alert(self, floor: Everybody) -> None:
        """[AL5, AL9] Which ends by itself as soon as the driver does something."""
        session_id = await floor.call()
        await floor.look(5 * MIN - S)
        assert await floor.open() == []
        for _ in range(3):
            await floor.look()
        assert await floor.open() == [(AlertRule.IDLE, False)]
        assert (await floor.only()).session_id == session_id
        await floor.do(session_id, SetField(visit_id="v1", seat=1, field_key="customer", content="Ms Li"), 2)
        await floor.look()
        assert await floor.open() == []
        assert await floor.count(alerts) == 1
        await floor.look(5 * MIN)
        assert await floor.open() == [(AlertRule.IDLE, False)]
        assert await floor.count(alerts) == 2

    async def test_who_just_got_the_seat_has_time(self, floor: Everybody) -> None:
        """[AL5] Whatever was done, or not, before."""
        session_id = await floor.call()
        floor.now_ms += 4 * MIN
        await submit(floor.processes[1].submit, session_id, TakeSeat(seat=1), SAM, "d" * 32, 1)
        member = {presence_member(SAM.id, "c2"): b""}
        await floor.processes[1].store.lease_presence(session_id, member, HOUR_MS)
        await floor.look(3 * MIN)
        assert await floor.open() == []
        await floor.look(2 * MIN)
        assert await floor.open() == [(AlertRule.IDLE, False)]

    async def test_also_if_both_look_although_it_is_ones_turn(self, floor: Everybody) -> None:
        """[AL9] The turn spares work, no more."""
        watches = [floor.watch(number, always=True) for number in (0, 1)]
        await floor.call()
        floor.now_ms += 6 * MIN
        for _ in range(3):
            await asyncio.gather(*[watch.look() for watch in watches])
        assert await floor.open() == [(AlertRule.IDLE, False)]
        assert await floor.count(alerts) == 1

    async def test_whoever_dies_leaves_the_turn_to_the_others(self, floor: Everybody) -> None:
        """[AL9] What it raised stays, and is not raised again."""
        session_id = await floor.call()
        floor.now_ms += 6 * MIN
        await floor.watches[0].look()
        for _ in range(3):
            floor.now_ms += 3 * S
            await floor.watches[1].look()
        assert await floor.count(alerts) == 1
        await floor.do(session_id, Pause(visit_id="v1", seat=1), 2)
        floor.now_ms += 3 * S
        await floor.watches[1].look()
        assert await floor.open() == []

    async def test_who_looked_before_does_not_end_what_was_raised_since(self, floor: Everybody) -> None:
        """[AL9] A process that slept."""
        await floor.books[0].settle([condition(1, floor)], floor.now_ms, floor.now_ms)
        await floor.books[1].settle([], floor.now_ms - 1, floor.now_ms + 1)
        assert len(await floor.open()) == 1
        await floor.books[1].settle([], floor.now_ms, floor.now_ms + 1)
        assert await floor.open() == []

    async def test_what_was_not_over_goes_on_as_it_was(self, floor: Everybody) -> None:
        """[AL9] Seen stays seen, and takes nothing of the budget twice."""
        told = condition(1, floor)
        await floor.books[0].settle([told], floor.now_ms, floor.now_ms)
        assert await floor.books[0].see((await floor.only()).id, SAM, floor.now_ms)
        await floor.books[0].settle([], floor.now_ms, floor.now_ms + 1)
        await floor.books[0].settle([told], floor.now_ms + 2, floor.now_ms + 2)
        ((opened, is_seen),) = [(each.alert, each.is_seen) for each in (await floor.books[0].read()).open]
        assert (opened.since_ms, is_seen) == (told.since_ms, True)
        assert await floor.count(alerts) == 1

    async def test_no_practice_and_nothing_that_is_paused(self, floor: Everybody) -> None:
        """[AL3]"""
        await floor.call(training=True)
        paused = await floor.call()
        await floor.do(paused, Pause(visit_id="v1", seat=1), 2)
        await floor.look(HOUR_MS)
        assert await floor.open() == []
        await floor.do(paused, Resume(), 3)
        await floor.look()
        assert await floor.open() == []


class TestGone:
    async def test_a_driver_without_a_page(self, floor: Everybody) -> None:
        """[AL6] Over as soon as one is open again."""
        session_id = await floor.call()
        await floor.here(session_id, 10 * S)
        await floor.look(54 * S)
        assert await floor.open() == []
        await floor.look(4 * S)
        assert await floor.open() == [(AlertRule.DISCONNECTED, False)]
        await floor.here(session_id, 45 * S)
        await floor.look()
        assert await floor.open() == []

    async def test_a_page_elsewhere_is_a_page(self, floor: Everybody) -> None:
        """[AL6] Such as the list of Sessions."""
        session_id = await floor.call()
        await floor.here(session_id, 10 * S)
        member = {presence_member(ANA.id, "c9"): b""}
        await floor.processes[1].store.lease_presence(ELSEWHERE, member, 4 * MIN)
        await floor.look(2 * MIN)
        assert await floor.open() == []

    async def test_only_the_time_of_the_call_counts(self, floor: Everybody) -> None:
        """[AL6] Somebody who left before a call was started for them."""
        session_id = await floor.call()
        del floor.bus.leases[session_id]
        await floor.do(session_id, End(), 2)
        member = {presence_member(ANA.id, "c9"): b""}
        await floor.processes[1].store.lease_presence(ELSEWHERE, member, 10 * S)
        floor.now_ms += 10 * MIN
        session_id = await floor.call()
        del floor.bus.leases[session_id]
        started_ms = floor.now_ms
        await floor.look(44 * S)
        assert await floor.open() == []
        await floor.look(4 * S)
        (alert,) = (await floor.books[1].read()).open
        assert (alert.alert.rule, alert.alert.since_ms) == (AlertRule.DISCONNECTED, started_ms)

    async def test_of_who_never_had_one_nothing_is_told(self, floor: Everybody) -> None:
        """[AL6] A Session that a telephone system started."""
        session_id = await floor.call()
        del floor.bus.leases[session_id]
        await floor.look(2 * MIN)
        assert await floor.open() == []


class TestBudget:
    async def test_six_an_hour_and_the_others_are_held_back(self, floor: Everybody) -> None:
        """[AL10] The longest ones first; each team has its own."""
        found = [condition(number, floor) for number in range(10)] + [condition(99, floor, team_id=SOUTH)]
        await floor.books[0].settle(found, floor.now_ms, floor.now_ms)
        state = await floor.books[1].read()
        held = [each.alert.session_id for each in state.open if each.alert.held]
        assert held == [f"{number:032x}" for number in range(6, 10)]
        assert [each.alert.held for each in state.open if each.alert.team_id == SOUTH] == [False]

    async def test_what_is_held_back_is_told_when_there_is_room(self, floor: Everybody) -> None:
        """[AL10] If it is still so; an hour is any 60 minutes."""
        found = [condition(number, floor) for number in range(9)]
        await floor.books[0].settle(found, floor.now_ms, floor.now_ms)
        later_ms = floor.now_ms + HOUR_MS
        await floor.books[0].settle(found[:8], later_ms - 1, later_ms - 1)
        assert (await floor.open()).count((AlertRule.IDLE, True)) == 2
        await floor.books[0].settle(found[:8], later_ms, later_ms)
        assert (await floor.open()).count((AlertRule.IDLE, False)) == 8

    async def test_the_team_says_how_many(self, floor: Everybody) -> None:
        """[AL10, AL13]"""
        await floor.books[0].set(NORTH, AlertSettings(per_hour=2), SAM)
        found = [condition(number, floor) for number in range(3)]
        await asyncio.gather(*[book.settle(found, floor.now_ms, floor.now_ms) for book in floor.books])
        assert sorted(held for _, held in await floor.open()) == [False, False, True]


class TestPutAside:
    async def test_one_supervisor_puts_it_aside_for_all(self, floor: Everybody) -> None:
        """[AL12] It stays so until it is over; somebody of another team cannot."""
        told = condition(1, floor)
        await floor.books[0].settle([told], floor.now_ms, floor.now_ms)
        alert_id = (await floor.only()).id
        for stranger in (ZOE, ANA, CLEO):
            assert not await floor.books[0].see(alert_id, stranger, floor.now_ms)
        assert not await floor.books[0].see(alert_id + 1, SAM, floor.now_ms)
        before = await floor.books[1].revision()
        assert await floor.books[0].see(alert_id, SAM, floor.now_ms)
        assert await floor.books[1].revision() > before
        await floor.books[1].settle([told], floor.now_ms, floor.now_ms + S)
        assert await floor.open() == []

    async def test_of_a_session_of_two_teams_a_manager_puts_both_aside(self, floor: Everybody) -> None:
        """[AL12] A supervisor what is of the own team."""
        one = condition(1, floor)
        for who, left in ((SAM, 1), (MIA, 0)):
            await floor.books[0].settle([one, replace(one, team_id=SOUTH)], floor.now_ms, floor.now_ms)
            opened = [each.alert for each in (await floor.books[0].read()).open if each.alert.team_id == NORTH]
            assert await floor.books[0].see(opened[0].id, who, floor.now_ms)
            assert len(await floor.open()) == left

    async def test_a_rule_is_kept_quiet_for_a_team(self, floor: Everybody) -> None:
        """[AL12] What is open ends; afterwards it is told again if it is still so. On record."""
        session_id = await floor.call()
        await floor.look(6 * MIN)
        assert await floor.open() == [(AlertRule.IDLE, False)]
        await floor.books[1].snooze(NORTH, AlertRule.IDLE, floor.now_ms + 10 * MIN, SAM)
        for _ in range(3):
            await floor.look()
        assert await floor.open() == []
        await floor.look(10 * MIN)
        assert (await floor.only()).session_id == session_id
        acts = [
            (actor, act, subject, detail["rule"]) for actor, act, subject, detail in await rows_of_audit(floor.database)
        ]
        assert acts == [("sam", "alerts_snoozed", NORTH, "idle")]

    async def test_settings_are_each_teams_own_and_on_record(self, floor: Everybody) -> None:
        """[AL13] What is the same already is no change."""
        book = floor.books[0]
        assert [team.team_id for team in await book.teams(SAM)] == [NORTH]
        assert [team.team_name for team in await book.teams(MIA)] == ["North", "South"]
        assert await book.teams(CLEO) == ()
        for _ in range(2):
            await book.set(NORTH, AlertSettings(idle_minutes=9, dwell=False), SAM)
        assert [team.settings.idle_minutes for team in await book.teams(MIA)] == [9, 5]
        ((actor, act, subject, detail),) = await rows_of_audit(floor.database)
        assert (actor, act, subject) == ("sam", "alert_settings_changed", NORTH)
        assert detail == {"idle_minutes": "5 → 9", "dwell": "on → off"}


class TestWhatHappened:
    async def test_objections_are_counted_once_and_compared_with_other_days(self, floor: Everybody) -> None:
        """[AL8] A team that usually meets one or two, and now six; what was noted twice counts once."""
        now_ms = floor.now_ms = floor.now_ms // SLOT_MS * SLOT_MS + 9 * MIN
        book = floor.books[0]

        def sign(at_ms: int, number: int) -> Sign:
            return Sign(
                team_id=NORTH,
                session_id="2" * 32,
                sign=f"r{number}",
                kind=SignKind.OBJECTION,
                at_ms=at_ms,
                what="Too expensive",
                person=ANA.party,
            )

        past = [sign(now_ms - slot * SLOT_MS - 9 * MIN, slot) for slot in range(1, 13)]
        await book.write_signs(past)
        session_id = await floor.call()
        for csn in range(2, 8):
            floor.now_ms += S
            await floor.do(session_id, UseResponse(visit_id="v1", seat=1, response_key="too_dear"), csn)
        for _ in range(2):
            await floor.notes.write()
        await floor.look()
        alert = await floor.only()
        assert (alert.rule, alert.session_id) == (AlertRule.OBJECTIONS, session_id)
        assert (alert.about.found, alert.about.usual, alert.about.what) == (6, 1.0, "Too expensive")
        await floor.do(session_id, UseResponse(visit_id="v1", seat=1, response_key="too_dear"), 8)
        await floor.notes.write()
        await floor.look()
        assert await floor.count(alerts) == 1
        assert await floor.count(call_signs) == len(past) + 7

    async def test_what_sql_did_not_take_is_written_later(self, floor: Everybody) -> None:
        """[AL8]"""
        session_id = await floor.call()
        await floor.do(session_id, UseResponse(visit_id="v1", seat=1, response_key="too_dear"), 2)
        keep = floor.books[0].write_signs

        async def away(signs: Any) -> None:
            raise Unavailable("away")

        floor.books[0].write_signs = away  # type: ignore[method-assign]
        with pytest.raises(Unavailable):
            await floor.notes.write()
        floor.books[0].write_signs = keep  # type: ignore[method-assign]
        await floor.notes.close()
        assert await floor.count(call_signs) == 1

    async def test_what_is_over_goes_after_a_day(self, floor: Everybody) -> None:
        """[AL14, AL2] What is open stays."""
        await floor.books[0].settle([condition(1, floor), condition(2, floor)], floor.now_ms, floor.now_ms)
        await floor.books[0].settle([condition(2, floor)], floor.now_ms, floor.now_ms)
        await floor.books[0].snooze(NORTH, AlertRule.IDLE, floor.now_ms, SAM)
        async with floor.database.writing() as connection:
            old = Stay(workflow_key="small", section_key="opening", week=floor.now_ms // WEEK_MS - 14, bucket=3)
            await count_stays(connection, {old: 5, replace(old, week=floor.now_ms // WEEK_MS): 1})
        trimmed = await SqlLeftovers(floor.database).trim(0, floor.now_ms + ALERTS_KEPT_MS)
        assert {name: trimmed[name] for name in ("alerts", "alert_snoozes", "visit_lengths")} == {
            "alerts": 1,
            "alert_snoozes": 1,
            "visit_lengths": 1,
        }
        assert len(await floor.open()) == 1


class TestHistory:
    async def archive(self, floor: Everybody) -> None:
        floor.now_ms += QUIET_MS
        table = SqlSessions(floor.database, Policy)
        timers = [
            Timers(p.store, p.submit, Archiver(p.live, p.archive, table, Policy), Policy) for p in floor.processes
        ]
        await asyncio.gather(*[each.look() for each in timers])

    async def test_archiving_counts_visits_once_however_often_it_is_done(self, floor: Everybody) -> None:
        """[AL1] The Session comes back for a correction, and goes again."""
        session_id = await floor.call()
        del floor.bus.leases[session_id]
        floor.now_ms += 30 * S
        await floor.do(session_id, SelectAnswer(visit_id="v1", seat=1, answer_key="interested"), 2)
        await floor.do(session_id, Continue(visit_id="v1", seat=1), 3)
        await floor.do(session_id, End(), 4)
        for csn, expected in ((5, 1), (6, 1)):
            await self.archive(floor)
            assert session_id not in floor.bus.logs
            counted = await SqlDwell(floor.database).counted(0)
            assert counted == {("small", "opening"): {bucket_of(30 * S): expected}}
            await floor.do(session_id, CorrectField(field_key="customer", content=f"Ms {csn}"), csn)

    async def test_practice_is_not_counted(self, floor: Everybody) -> None:
        """[AL1]"""
        session_id = await floor.call(training=True)
        del floor.bus.leases[session_id]
        await floor.do(session_id, End(), 2)
        await self.archive(floor)
        assert session_id not in floor.bus.logs
        assert await floor.count(visit_lengths) == 0

    async def test_who_stays_much_longer_than_others_did(self, floor: Everybody) -> None:
        """[AL2, AL4] On the same Section, whatever the version."""
        async with floor.database.writing() as connection:
            stay = Stay(
                workflow_key="small",
                section_key="opening",
                week=floor.now_ms // WEEK_MS,
                bucket=bucket_of(30 * S),
            )
            for _ in range(2):
                await count_stays(connection, {stay: ENOUGH // 2})
        session_id = await floor.call()
        await floor.look(80 * S)
        assert await floor.open() == []
        await floor.look(14 * S)
        alert = await floor.only()
        assert (alert.rule, alert.session_id) == (AlertRule.DWELL, session_id)
        assert alert.about.usual == pytest.approx(30, rel=0.09)
