"""Retention: what is deleted by time, by one process at a time, whoever dies in between."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, func, insert, select, update

from protocol.account import PersonRole
from protocol.base import Position
from protocol.commands import Pause
from protocol.house import HouseSettings
from server.due_mending import DueMending
from server.records.database import Database
from server.records.leftovers import DAY_MS, SqlLeftovers
from server.records.sign_ins import IDLE_MS
from server.records.slow_down import FORGOTTEN_MS
from server.records.tables import begun_deletions, links, sessions, sign_in_failures, sign_ins
from server.records.turns import SqlTurns
from server.retention import EVERY_MS, JOB, TURN_MS, Retention
from server.settings import policy_of
from server.store.keyring import KeyRing
from session_engine.context import SYSTEM
from tests.server.test_erasure import Site, Town, delivered, nowhere
from tests.support.care import ALERT
from tests.support.people import Office, StillClock
from tests.support.sql import BOTH

SQL_KINDS = BOTH


class Attic:
    """Two processes that look after it, a clock that is moved, and what administrators said."""

    def __init__(self, town: Town, sites: list[Site]) -> None:
        self.town, self.sites = town, sites
        self.clock = StillClock()
        self.said = HouseSettings()
        self.leftovers = SqlLeftovers(town.database)
        self.keepers = [
            Retention(self.leftovers, SqlTurns(town.database, self.clock), site.eraser, lambda: self.said, self.clock)
            for site in sites
        ]

    def say(self, **news: Any) -> None:
        self.said = HouseSettings(**news)

    async def record(self, days_ago: float = 0) -> str:
        """One that ended that long ago."""
        session_id = await self.sites[0].record()
        await self.sites[0].mirror._write()
        await self.ended(session_id, days_ago)
        return session_id

    async def ended(self, session_id: str, days_ago: float) -> None:
        ended_ms = self.clock.now_ms - round(days_ago * DAY_MS)
        async with self.town.database.writing() as connection:
            this = sessions.c.session_id == session_id
            await connection.execute(update(sessions).where(this).values(changed_ms=ended_ms))

    async def kept(self) -> set[str]:
        """Records that anybody could still find."""
        query = select(sessions.c.session_id).where(sessions.c.deleted_ms.is_(None))
        async with self.town.database.reading() as connection:
            return set((await connection.execute(query)).scalars())

    async def count(self, table: Table) -> int:
        async with self.town.database.reading() as connection:
            return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


@pytest.fixture
async def attic(database: Database, tmp_path: Path) -> AsyncIterator[Attic]:
    town = Town(database, KeyRing.open(tmp_path / "keys.json"))
    yield Attic(town, [await town.site(), await town.site()])
    for site in town.sites:
        await site.close()


async def test_records_past_their_time_are_deleted_for_good(attic: Attic) -> None:
    """[SG9] As Delete does it, by the system; nothing is, as long as nobody says for how long."""
    old, young = await attic.record(31), await attic.record(29)
    await delivered(attic.sites[0], attic.town.ring, old, ALERT)
    assert await attic.keepers[0].look() == 0

    attic.say(retention_days=30)
    attic.clock.advance(EVERY_MS)
    assert await attic.keepers[0].look() == 1

    assert await attic.kept() == {young}
    assert old not in attic.town.bus.logs
    assert (SYSTEM.id, "delete_session", {}) in await attic.town.acts()
    attic.clock.advance(DAY_MS + 1)
    assert await attic.keepers[1].look() == 1
    nowhere(await attic.town.rows())


async def test_a_workflow_may_have_another_time(attic: Attic) -> None:
    """[SG9] Shorter, longer, or for ever, whatever holds for all others."""
    ids = [await attic.record(days) for days in (5, 15, 400)]
    attic.say(retention_days=10, workflow_retention_days={"care": 0})
    assert await attic.keepers[0].look() == 0
    attic.say(workflow_retention_days={"care": 100})
    attic.clock.advance(EVERY_MS)
    assert await attic.keepers[0].look() == 1
    assert await attic.kept() == set(ids[:2])


async def test_more_than_a_page_goes_and_what_cannot_go_yet_stops_nobody(
    attic: Attic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[SG9, SG11] Records that cannot be deleted now are left, however many come after them."""
    monkeypatch.setattr("server.retention.AT_ONCE", 2)
    stuck = [await attic.sites[0].call() for _ in range(2)]
    await attic.sites[0].mirror._write()
    for session_id in stuck:
        await attic.ended(session_id, 90)
        async with attic.town.database.writing() as connection:
            this = sessions.c.session_id == session_id
            await connection.execute(update(sessions).where(this).values(list="finished"))
    for _ in range(3):
        await attic.record(60)
    attic.say(retention_days=30)
    assert await attic.keepers[0].look() == 3
    assert await attic.kept() == set(stuck)


async def test_one_process_at_a_time_has_the_turn(attic: Attic) -> None:
    """[SG11] Of many at once one; whoever died leaves it to the others when it lapses."""
    turns = [SqlTurns(attic.town.database, attic.clock) for _ in range(4)]
    taken = await asyncio.gather(*(each.take(JOB, TURN_MS) for each in turns))
    assert sorted(taken) == [False, False, False, True]
    await attic.record(60)
    attic.say(retention_days=30)
    assert await attic.keepers[0].look() == 0
    attic.clock.advance(TURN_MS)
    assert await attic.keepers[1].look() == 1
    assert not await turns[0].take(JOB, TURN_MS), "it is done for now"


@pytest.mark.parametrize("step", ["keys are gone", "log is gone"])
async def test_a_deletion_that_was_left_is_finished(attic: Attic, step: str) -> None:
    """[SG10] Whoever began it, a manager or a process that died."""
    session_id = await attic.record()
    site = attic.sites[0]
    await site.eraser._erasure.delete(session_id, "mia")
    if step == "log is gone":
        state, _ = await site.submit.sessions.read(session_id)
        await site.store.erase(session_id, Position(seq=state.seq, entry_id=state.entry_id))
    attic.clock.now_ms = 10**13  # as far as any wall clock
    await attic.keepers[1].look()
    assert session_id not in attic.town.bus.logs
    assert await attic.count(begun_deletions) == 0
    assert [act for _, act, _ in await attic.town.acts()] == ["delete_session"]


async def test_rows_that_are_over_go(attic: Attic) -> None:
    """[SG12] Links, sign-ins, failures, deliveries; when somebody was last here stays known."""
    office = Office(attic.town.database, attic.clock)
    ada, _ = await office.add("Ada", PersonRole.ADMIN)
    ben, _ = await office.add("Ben")
    now = attic.clock.now_ms
    seen = [(ada, now - IDLE_MS - 2), (ada, now - IDLE_MS - 1), (ben, now - 1), (ben, now - IDLE_MS - 1)]
    async with attic.town.database.writing() as connection:
        await connection.execute(
            insert(sign_ins),
            [
                {"token_hash": secrets.token_hex(32), "person_id": who, "created_ms": 1, "last_seen_ms": at_ms}
                for who, at_ms in seen
            ],
        )
        failures = {"failures": 1, "until_ms": 0, "told_ms": 0}
        await connection.execute(
            insert(sign_in_failures),
            [{"key_hash": key, "last_ms": at, **failures} for key, at in (("a", now - FORGOTTEN_MS), ("b", now))],
        )
        await connection.execute(update(links).where(links.c.person_id == ben).values(expires_ms=now))
    await delivered(attic.sites[0], attic.town.ring, "0" * 32, ALERT)

    removed = await attic.leftovers.trim(0, now)
    assert {name: count for name, count in removed.items() if count} == {
        "links": 1,
        "sign_ins": 2,
        "sign_in_failures": 1,
    }
    async with attic.town.database.reading() as connection:
        left = (await connection.execute(select(sign_ins.c.person_id, sign_ins.c.last_seen_ms))).all()
    assert sorted(map(tuple, left)) == sorted([seen[1], seen[2]])
    assert (await attic.leftovers.trim(30, now))["delivery_attempts"] == 1


async def test_sessions_that_wait_follow_a_time_that_got_shorter(attic: Attic) -> None:
    """[SG2] Whoever has the turn; a longer time needs nothing."""
    site, bus = attic.sites[0], attic.town.bus
    paused, record = await site.call(), await site.record()
    await site.do(paused, Pause(visit_id="v1", seat=1))
    await site.mirror._write()
    at_first, kept = bus.due[paused], bus.due[record]
    policies = [policy_of(attic.said)]
    menders = [
        DueMending(
            attic.leftovers,
            SqlTurns(attic.town.database, attic.clock),
            each.store,
            each.submit,
            lambda: attic.said,
            lambda: policies[-1],
        )
        for each in attic.sites
    ]
    assert [await each.look() for each in menders] == [0, 0]
    for days, mended in ((30, 0), (2, 1), (2, 0)):
        attic.say(expires_days=days)
        policies.append(policy_of(attic.said))
        assert sum([await each.look() for each in menders]) == mended
    assert bus.due[paused] == at_first - 12 * DAY_MS
    assert bus.due[record] == kept
