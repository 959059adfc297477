"""The list of Actions that need attention: who is shown what, found how; and what is done about many at once."""

import asyncio
import secrets
from collections.abc import AsyncIterator
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
from protocol.actions import ActionStatus, AttemptDetail, OutcomeKind, ShownStatus
from protocol.attention import AttentionCause, AttentionKind, AttentionLines, AttentionResult, AttentionResults
from protocol.base import SessionId
from protocol.commands import Command, End, FinishAttempt, SendAction, SetField, StartAttempt, StartSession
from protocol.integrations import Safety, Schedule
from protocol.lists import SessionList
from protocol.refusals import RefuseCode
from server.attention_rows import AttentionRow
from server.http.attention import AttentionShelf, read_query
from server.http.problems import PROBLEM_ANSWERS, HttpProblem
from server.mirror import Mirror
from server.ports import AttentionQuery
from server.records.attention import COUNT_AT_MOST, SqlAttention
from server.records.catalog import SqlCatalog
from server.records.database import Database
from server.records.session_keys import SqlSessionKeys
from server.records.sessions import SqlSessions
from server.records.tables import session_actions
from server.session_rows import SessionRow
from server.store.keyring import KeyRing
from server.store.memory import MemoryBus, MemoryStore
from server.store.sealing import Sealing
from server.submit import Submit
from session_engine.context import Actor
from session_engine.refused import Refused
from session_engine.rights import RECORD_MS
from tests.server.test_sessions_list import (
    ADA,
    ANA,
    BEN,
    CLEO,
    EVE,
    FINISHED,
    GERMAN,
    LIVE,
    MAX,
    PAUSED,
    RED,
    SAM,
    id_of,
)
from tests.server.test_sessions_list import row as session_row
from tests.support.care import ALERT, CARE_DOCUMENT, CREDIT, INTEGRATIONS, NOTE
from tests.support.server import House

NOW_MS = 1_000_000_000


def action(action_id: str = "a1", **others: Any) -> AttentionRow:
    known: dict[str, Any] = {
        "action_id": action_id,
        "action_key": "note",
        "name": "Write a note",
        "integration": "crm.write@1",
        "integration_name": "Write to the CRM",
        "connection": "CRM",
        "kind": AttentionKind.FAILED,
        "cause": AttentionCause.REFUSED,
        "code": 422,
        "status": ActionStatus.FAILED,
        "shown": ShownStatus.FAILED,
        "since_ms": 1,
        "failures": 1,
    }
    return AttentionRow(**known | others)


def row(
    number: int, *actions: AttentionRow, place: SessionList = FINISHED, owner: Actor = ANA, **others: Any
) -> SessionRow:
    return session_row(number, place, owner, attention=actions or (action(since_ms=number),), **others)


@pytest.fixture
def sessions(database: Database) -> SqlSessions:
    return SqlSessions(database, Policy)


@pytest.fixture
def table(database: Database) -> SqlAttention:
    return SqlAttention(database, clock=lambda: NOW_MS)


async def found(table: SqlAttention, actor: Actor = MAX, **asked: str) -> list[tuple[int, str]]:
    lines = (await table.attention(read_query(asked, actor), actor)).lines
    return [(int(line.session_id, 16), line.action_id) for line in lines]


class TestRights:
    @pytest.mark.parametrize(
        ("actor", "expected", "may_act"),
        [
            (ANA, [4, 1], [4]),
            (BEN, [2], []),
            (EVE, [3], []),
            (CLEO, [4, 2, 1], []),
            (SAM, [4, 2, 1], [4, 2, 1]),
            (RED, [3], [3]),
            (MAX, [4, 3, 2, 1], [4, 3, 2, 1]),
            (ADA, [], []),
        ],
        ids=lambda value: value.id if isinstance(value, Actor) else "",
    )
    async def test_each_role_is_shown_its_own(
        self, sessions: SqlSessions, table: SqlAttention, actor: Actor, expected: list[int], may_act: list[int]
    ) -> None:
        """[NA4] An agent does something for a day, a coach never; the count says the same as the list."""
        rows = [row(1), row(2, owner=BEN), row(3, owner=EVE), row(4, changed_ms=NOW_MS - RECORD_MS + 1)]
        await sessions.write(rows)

        lines = await table.attention(AttentionQuery(), actor)

        assert [int(line.session_id, 16) for line in lines.lines] == expected
        assert [int(line.session_id, 16) for line in lines.lines if line.may_act] == may_act
        assert lines.count == (await table.attention_count(actor)).count == len(expected)

    async def test_in_a_call_the_driver_acts_and_nobody_while_it_is_paused(
        self, sessions: SqlSessions, table: SqlAttention
    ) -> None:
        """[NA4] As the engine will say."""
        await sessions.write([row(1, place=LIVE, driver=SAM.party), row(2, place=LIVE), row(3, place=PAUSED)])

        async def acts(actor: Actor) -> list[bool]:
            return [line.may_act for line in (await table.attention(AttentionQuery(), actor)).lines]

        assert await acts(ANA) == [False, True, False]
        assert await acts(SAM) == [False, True, True]


class TestFinding:
    async def test_by_kind_connection_integration_title_and_days(
        self, sessions: SqlSessions, table: SqlAttention
    ) -> None:
        """[NA5] A day is the asker's own; signs that mean something to SQL mean themselves."""
        midnight_in_berlin = 1_767_222_000_000  # 2026-01-01T00:00+01:00
        await sessions.write(
            [
                row(1, action(since_ms=midnight_in_berlin - 1), action("a2", kind=AttentionKind.UNKNOWN, since_ms=9)),
                row(2, action(since_ms=midnight_in_berlin, connection="Mail"), title="50% ÅSTRÖM"),
                row(3, action(integration="mail.send@1", since_ms=3, connection=None)),
            ]
        )
        max_ = replace(MAX, locale=GERMAN)

        assert await found(table, kind="unknown") == [(1, "a2")]
        assert await found(table, connection="Mail") == [(2, "a1")]
        assert await found(table, integration="mail.send@1") == [(3, "a1")]
        assert await found(table, q="0% å") == [(2, "a1")]
        assert await found(table, q="0_ å") == []
        assert await found(table, max_, **{"from": "2026-01-01"}) == [(2, "a1")]
        assert await found(table, max_, to="2025-12-31") == [(1, "a1"), (1, "a2"), (3, "a1")]

    async def test_what_to_filter_by_is_what_one_may_see(self, sessions: SqlSessions, table: SqlAttention) -> None:
        """[NA5] Whatever is filtered by at the moment; with the first page."""
        await sessions.write(
            [row(1), row(2, action(connection="Mail", integration="mail.send@1"), owner=EVE), row(3, action(kind=None))]
        )

        choices = (await table.attention(AttentionQuery(kind=AttentionKind.UNKNOWN), MAX)).choices
        own = (await table.attention(AttentionQuery(), ANA)).choices

        assert choices is not None
        assert own is not None
        assert choices.connections == ("CRM", "Mail")
        assert [each.id for each in choices.integrations] == ["crm.write@1", "mail.send@1"]
        assert own.connections == ("CRM",)

    async def test_pages_follow_each_other_without_gap_or_repeat(
        self, sessions: SqlSessions, table: SqlAttention
    ) -> None:
        """[NA5] Of a thousand, also where moments are equal."""
        await sessions.write([row(n, *(action(f"a{k}", since_ms=n // 7) for k in range(1, 11))) for n in range(1, 101)])

        seen: list[tuple[str, str]] = []
        since: list[int] = []
        cursor: str | None = ""
        while cursor is not None:
            page = await table.attention(read_query({"limit": "96", "cursor": cursor}, MAX), MAX)
            assert (page.count, page.choices is None) == ((1_000, False) if cursor == "" else (None, True))
            seen += [(line.session_id, line.action_id) for line in page.lines]
            since += [line.since_ms for line in page.lines]
            cursor = page.next

        assert len(seen) == len(set(seen)) == 1_000
        assert since == sorted(since, reverse=True)

    async def test_they_are_counted_no_further_than_somebody_reads(
        self, sessions: SqlSessions, table: SqlAttention
    ) -> None:
        """[NA5] And the menu shows no more either."""
        await sessions.write([row(n, *(action(f"a{k}") for k in range(1, 102))) for n in range(1, 11)])

        assert (await table.attention_count(MAX)).count == COUNT_AT_MOST

    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            ({"kind": "sent"}, "one of failed, unknown, not_fired, awaiting, waiting_for_connection"),
            ({"from": "yesterday"}, "a day such as"),
            ({"cursor": "1.2"}, "what this list gave"),
            ({"cursor": f"1.{'0' * 32}.b1"}, "what this list gave"),
            ({"limit": "0"}, "1 to 200"),
            ({"q": "x" * 201}, "at most 200"),
            ({"sort": "title"}, "no other parameters"),
        ],
    )
    def test_what_cannot_be_meant_is_told_with_what_was_expected(self, asked: dict[str, str], expected: str) -> None:
        """[NA9] Nothing is guessed."""
        with pytest.raises(HttpProblem, match=expected):
            read_query(asked, ANA)


class TestRows:
    async def test_are_replaced_with_their_sessions_row(self, sessions: SqlSessions, table: SqlAttention) -> None:
        """[NA2] By a later one only; what is settled goes."""
        await sessions.write([row(1, action("a1"), action("a2"), seq=5)])
        await sessions.write([row(1, action("a3"), seq=4)])
        assert sorted(await found(table)) == [(1, "a1"), (1, "a2")]

        await sessions.write([row(1, action("a2"), seq=6)])
        assert await found(table) == [(1, "a2")]

        await sessions.forget([(id_of(1), 6)])
        assert await found(table) == []

    async def test_what_is_on_its_way_is_compared_and_not_shown(
        self, sessions: SqlSessions, table: SqlAttention
    ) -> None:
        """[NA2] Finished Sessions without any such Action are left alone, and open ones are compared anyway."""
        await sessions.write(
            [row(1, action(kind=None), seq=7), row(2, seq=8), session_row(3, FINISHED), row(4, place=LIVE)]
        )

        assert await sessions.unsettled_seqs() == {id_of(1): 7, id_of(2): 8}
        assert (1, "a1") not in await found(table)


class Office:
    """One server process's parts around the list, on the store in memory, and whoever asks."""

    def __init__(self, database: Database, key_ring: KeyRing) -> None:
        self.bus = MemoryBus()
        self.store = MemoryStore(self.bus)
        self.database = database
        sessions = SqlSessions(database, Policy)
        self.mirror = Mirror(sessions, self.store)
        sealing = Sealing(SqlSessionKeys(database, key_ring))
        self.submit = Submit(
            self.store, SqlCatalog(database), sealing, key_ring, Policy, self.mirror.note, INTEGRATIONS
        )
        self.actor: Actor | None = None
        shelf = AttentionShelf(SqlAttention(database), self.submit, self)  # type: ignore[arg-type]
        routes = [
            Route("/api/attention", shelf.lines),
            Route("/api/attention/count", shelf.count),
            Route("/api/attention/act", shelf.act, methods=["POST"]),
        ]
        transport = httpx.ASGITransport(Starlette(routes=routes, exception_handlers=PROBLEM_ANSWERS))
        home = "http://agent.localhost:8000"
        self.browser = httpx.AsyncClient(transport=transport, base_url=home, headers={"Origin": home})

    async def get_actor(self, request: Request) -> Actor:
        """Stands for the reception."""
        assert self.actor is not None
        return self.actor

    async def do(self, session_id: SessionId, command: Command, actor: Actor = ANA) -> None:
        """Somebody does something on the Session's own page."""
        folded = await self.submit.sessions.open(session_id)
        outcome = await self.submit.submit(folded, command, actor, secrets.token_hex(16), 1)
        assert not isinstance(outcome, Refused), outcome

    async def ended_call(self, *, customer: str = "Ms Okonkwo") -> SessionId:
        """Ana's call, ended with nothing of it fired."""
        version = (await SqlCatalog(self.database).publish(CARE_DOCUMENT)).version
        session_id = secrets.token_hex(16)
        await self.submit.start(session_id, StartSession(version_id=version.id), ANA, "c" * 32, 1)
        await self.do(session_id, SetField(visit_id="v1", seat=1, field_key="customer", content=customer))
        await self.do(session_id, End())
        return session_id

    async def attempted(self, session_id: SessionId, action_id: str, kind: OutcomeKind) -> None:
        """It is sent, and this comes of it."""
        await self.do(session_id, SendAction(action_id=action_id))
        await self.submit.submit_system(session_id, StartAttempt(action_id=action_id, safety=Safety.NONE))
        finished = FinishAttempt(
            action_id=action_id,
            attempt=1,
            kind=kind,
            detail=AttemptDetail(status=500),
            safety=Safety.NONE,
            schedule=Schedule.INTERACTIVE,
        )
        assert not isinstance(await self.submit.submit_system(session_id, finished), Refused)

    async def act(self, actor: Actor, act: str, *items: tuple[SessionId, str], **others: Any) -> list[AttentionResult]:
        """What became of each."""
        self.actor = actor
        body = {"act": act, "items": [{"session_id": id_, "action_id": action_id} for id_, action_id in items]}
        answer = await self.browser.post("/api/attention/act", json=body | others)
        assert answer.status_code == 200, answer.text
        return list(msgspec.json.decode(answer.content, type=AttentionResults).results)

    async def listed(self, actor: Actor) -> dict[tuple[SessionId, str], AttentionKind]:
        """As soon as the mirror wrote what it heard."""
        while self.mirror._waiting:  # noqa: ASYNC110 no event tells
            await asyncio.sleep(0.01)
        self.actor = actor
        lines = msgspec.json.decode((await self.browser.get("/api/attention")).content, type=AttentionLines).lines
        return {(line.session_id, line.action_id): line.kind for line in lines}


def codes(results: list[AttentionResult]) -> list[RefuseCode | None]:
    return [result.code for result in results]


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    office = Office(database, KeyRing.open(tmp_path / "keys.json"))
    await office.store.start(lambda push: None)
    office.mirror.start(office.submit.sessions.read)
    yield office
    await office.browser.aclose()
    await office.submit.close()
    await office.mirror.close()


class TestActing:
    async def test_many_are_sent_at_once_and_leave_the_list(self, office: Office) -> None:
        """[NA6] In the order given; one that needs a second person is put before that person."""
        first, second = await office.ended_call(), await office.ended_call()
        everything = [(id_, action_id) for id_ in (first, second) for action_id in (NOTE, ALERT, CREDIT)]
        assert set(await office.listed(SAM)) == set(everything)

        results = await office.act(SAM, "send", *reversed(everything))

        assert [(result.session_id, result.action_id) for result in results] == list(reversed(everything))
        assert {result.action_id: result.code for result in results} == {
            NOTE: None,
            ALERT: None,
            CREDIT: RefuseCode.APPROVAL_NEEDED,
        }
        assert await office.listed(SAM) == {
            (first, CREDIT): AttentionKind.AWAITING,
            (second, CREDIT): AttentionKind.AWAITING,
        }

    async def test_a_second_request_is_refused_as_settled(self, office: Office) -> None:
        """[NA6] Nothing is fired twice, nor twice in one request."""
        session_id = await office.ended_call()

        assert codes(await office.act(ANA, "send", (session_id, NOTE), (session_id, NOTE))) == [None]
        assert codes(await office.act(ANA, "send", (session_id, NOTE))) == [RefuseCode.ACTION_SETTLED]
        state, _ = await office.submit.sessions.read(session_id)
        assert state.actions[NOTE].dispatch == 1

    async def test_the_engine_says_who_may(self, office: Office) -> None:
        """[NA4, NA6] A stranger, who is not told that it exists, a coach, an id that nobody has; the rest is done."""
        session_id = await office.ended_call()

        assert codes(await office.act(EVE, "send", (session_id, NOTE))) == [RefuseCode.UNKNOWN_SESSION]
        assert codes(await office.act(CLEO, "send", (session_id, NOTE))) == [RefuseCode.NOT_ALLOWED]
        mixed = await office.act(SAM, "send", ("0" * 32, "a1"), (session_id, "a9"), (session_id, NOTE))
        assert codes(mixed) == [RefuseCode.UNKNOWN_SESSION, RefuseCode.UNKNOWN_ACTION, None]
        assert mixed[0].detail == f"no session {'0' * 32}"

    async def test_what_may_have_been_sent_is_sent_again_by_who_checked(self, office: Office) -> None:
        """[NA7] Or looked up, or marked."""
        ids = [await office.ended_call() for _ in range(3)]
        for session_id in ids:
            await office.attempted(session_id, ALERT, OutcomeKind.AMBIGUOUS)
        assert {(id_, ALERT): AttentionKind.UNKNOWN for id_ in ids}.items() <= (await office.listed(SAM)).items()

        assert codes(await office.act(SAM, "send", (ids[0], ALERT))) == [RefuseCode.CHECK_FIRST]
        assert codes(await office.act(SAM, "send", (ids[0], ALERT), again=True)) == [None]
        assert codes(await office.act(SAM, "look_up", (ids[1], ALERT), (ids[1], NOTE))) == [
            None,
            RefuseCode.ACTION_SETTLED,
        ]
        assert codes(await office.act(SAM, "mark_sent", (ids[2], ALERT))) == [None]

        assert not {(id_, ALERT) for id_ in ids} & set(await office.listed(SAM))
        states = [(await office.submit.sessions.read(id_))[0].actions[ALERT] for id_ in ids]
        assert [each.status for each in states] == [ActionStatus.QUEUED, ActionStatus.QUEUED, ActionStatus.SENT]

    async def test_dismissing_says_why(self, office: Office) -> None:
        """[NA7] In the log, with the person; the status stays."""
        session_id = await office.ended_call()

        assert codes(await office.act(SAM, "dismiss", (session_id, NOTE), reason=" By telephone ")) == [None]

        note = (await office.submit.sessions.read(session_id))[0].actions[NOTE]
        assert (note.status, note.reason, note.dismissed_by) == (ActionStatus.DRAFT, "By telephone", SAM.party)
        assert (session_id, NOTE) not in await office.listed(SAM)
        office.actor = SAM
        silent = {"act": "dismiss", "reason": " ", "items": [{"session_id": session_id, "action_id": ALERT}]}
        answer = await office.browser.post("/api/attention/act", json=silent)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_parameter")

    async def test_while_the_store_is_away_one_item_finds_out(self, office: Office) -> None:
        """[NA8] The others would only wait for it, too."""
        ids = [await office.ended_call() for _ in range(2)]
        office.bus.is_down = True

        results = await office.act(SAM, "send", *((id_, NOTE) for id_ in ids))

        office.bus.is_down = False
        assert codes(results) == [RefuseCode.NOT_SAVED_YET] * 2
        assert results[1].detail == "not tried: the store is away"

    @pytest.mark.parametrize(
        "body",
        [
            {"act": "fire", "items": [{"session_id": "0" * 32, "action_id": "a1"}]},
            {"act": "send", "items": []},
            {"act": "send", "items": [{"session_id": "0" * 32, "action_id": "a1"}] * 201},
            {"act": "send", "items": [{"session_id": "s", "action_id": "a1"}]},
            {"act": "send", "items": [{"session_id": "0" * 32, "action_id": "a1"}], "force": True},
        ],
    )
    async def test_what_cannot_be_meant_is_refused_whole(self, office: Office, body: dict[str, Any]) -> None:
        """[NA6, NA9] At most 200, each with both ids."""
        office.actor = SAM
        answer = await office.browser.post("/api/attention/act", json=body)

        assert (answer.status_code, answer.json()["code"]) == (400, "bad_body")

    async def test_another_pages_request_is_refused(self, office: Office) -> None:
        """[NA9] Whoever is signed in."""
        office.actor = SAM
        body = {"act": "send", "items": [{"session_id": "0" * 32, "action_id": "a1"}]}
        answer = await office.browser.post("/api/attention/act", json=body, headers={"Origin": "http://evil.example"})

        assert answer.status_code == 403

    async def test_a_lost_write_is_made_up_for(self, office: Office, database: Database) -> None:
        """[NA2] Of a record whose Actions went on; what left the store stays as it is."""
        session_id, gone = await office.ended_call(), await office.ended_call()
        assert len(await office.listed(SAM)) == 6
        office.mirror.note = lambda before, after, workflow: None  # type: ignore[method-assign]
        office.submit._on_committed = office.mirror.note
        await office.act(SAM, "mark_sent", (session_id, NOTE))
        del office.bus.logs[gone]

        await office.mirror.check(office.submit.sessions.read)

        assert len(await office.listed(SAM)) == 5
        async with database.reading() as connection:
            kept = (await connection.execute(select(session_actions.c.session_id))).scalars().all()
        assert kept.count(gone) == 3


class TestThroughTheServer:
    async def test_the_list_is_for_people_who_are_signed_in(self, house: House) -> None:
        """[NA9] And its count as well."""
        port = house.ports[0]
        headers = {"Cookie": await house.cookie("agent", port)}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as browser:
            empty = await browser.get("/api/attention", headers=headers)
            count = await browser.get("/api/attention/count", headers=headers)
            bad = await browser.get("/api/attention", params={"kind": "sent"}, headers=headers)
            strangers = [await browser.get(path) for path in ("/api/attention", "/api/attention/count")]

        assert empty.json() == {
            "lines": [],
            "next": None,
            "count": 0,
            "at_most": 1000,
            "choices": {"connections": [], "integrations": []},
        }
        assert count.json() == {"count": 0, "at_most": 1000}
        assert bad.status_code == 400
        assert [answer.status_code for answer in strangers] == [401, 401]
