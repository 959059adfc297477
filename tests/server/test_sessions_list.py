"""Lists of Sessions: who is shown what, in what order, found how; and the mirror that keeps them true."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import text

from protocol.account import Locale, Policy
from protocol.base import FieldContent, Position
from protocol.commands import End, Pause, Resume
from protocol.events import EndCause, FieldProblem, Party, ProblemKind
from protocol.fields import FieldDefinition, FieldType
from protocol.lists import Outcome, SessionLines, SessionList
from protocol.views import SessionStatus
from protocol.workflow import Section, WorkflowDocument, WorkflowVersion
from server.http.problems import HttpProblem
from server.http.sessions import read_query
from server.mirror import Mirror
from server.ports import SessionQuery, Unavailable
from server.records.database import Database
from server.records.sessions import COUNT_AT_MOST, SqlSessions
from server.session_rows import SessionRow, look_up_value, row_changed, row_of
from session_engine.context import Actor, PersonRole
from session_engine.state import FieldValue, SessionState
from session_engine.workflow import Workflow
from tests.support.server import House
from tests.support.sql import BOTH

SQL_KINDS = BOTH

BRITISH = Locale()
GERMAN = Locale(language="de-DE", country="DE", currency="EUR", time_zone="Europe/Berlin")


def person(name: str, *roles: PersonRole, team: str = "blue", locale: Locale = BRITISH) -> Actor:
    return Actor(id=name, name=name.title(), roles=frozenset(roles), team_ids=frozenset({team}), locale=locale)


ANA = person("ana", PersonRole.AGENT)
BEN = person("ben", PersonRole.AGENT, locale=GERMAN)
EVE = person("eve", PersonRole.AGENT, team="red")
CLEO = person("cleo", PersonRole.COACH)
SAM = person("sam", PersonRole.SUPERVISOR)
RED = person("rob", PersonRole.SUPERVISOR, team="red")
MAX = person("max", PersonRole.MANAGER, team="none")
ADA = person("ada", PersonRole.ADMIN)
OPEN_TO_ALL = Policy()
CLOSED = Policy(teammates_resume=False)
STATUSES = {SessionList.LIVE: SessionStatus.ACTIVE, SessionList.PAUSED: SessionStatus.PAUSED}


def id_of(number: int) -> str:
    return f"{number:032x}"


def row(number: int, place: SessionList = SessionList.LIVE, owner: Actor = ANA, **others: Any) -> SessionRow:
    known: dict[str, Any] = {
        "session_id": id_of(number),
        "seq": 1,
        "list": place,
        "title": f"Call {number}",
        "workflow_key": "sales",
        "workflow_name": "Sales",
        "version_id": "sales@1x0",
        "status": STATUSES.get(place, SessionStatus.COMPLETED),
        "training": False,
        "owner": owner.party,
        "driver": owner.party,
        "team_ids": tuple(owner.team_ids),
        "started_ms": number,
        "changed_ms": number,
        "call_back_ms": None,
        "outcome": None if place in STATUSES else Outcome.WON,
        "end_reason_key": None,
        "look_ups": {},
    }
    return SessionRow(**known | others)


LIVE, PAUSED, FINISHED = SessionList
MIXED = (
    row(1, LIVE),
    row(2, LIVE, owner=BEN),
    row(3, LIVE, owner=EVE),
    row(4, LIVE, training=True),
    row(5, PAUSED),
    row(6, PAUSED, owner=EVE),
    row(7, PAUSED, training=True),
    row(8, FINISHED),
    row(9, FINISHED, owner=BEN, outcome=Outcome.ENDED, status=SessionStatus.ENDED, end_reason_key="hung_up"),
    row(10, FINISHED, training=True),
)


@pytest.fixture
async def table(database: Database) -> SqlSessions:
    return SqlSessions(database, lambda: OPEN_TO_ALL)


async def ids(table: SqlSessions, query: SessionQuery, actor: Actor) -> list[int]:
    return [int(line.session_id, 16) for line in (await table.find(query, actor)).lines]


class TestRights:
    @pytest.mark.parametrize(
        ("actor", "live", "paused", "finished"),
        [
            (ANA, [4, 1], [5, 7], [10, 8]),
            (BEN, [2], [5], [9]),
            (EVE, [3], [6], []),
            (CLEO, [2, 1], [5], [9, 8]),
            (SAM, [2, 1], [5], [9, 8]),
            (RED, [3], [6], []),
            (MAX, [3, 2, 1], [5, 6], [9, 8]),
            (ADA, [], [], []),
        ],
        ids=lambda value: value.id if isinstance(value, Actor) else "",
    )
    async def test_each_role_is_listed_its_own(
        self, table: SqlSessions, actor: Actor, live: list[int], paused: list[int], finished: list[int]
    ) -> None:
        """[SX5] Own, a lead's teams', all for a manager; practice to its owner; the counts say the same."""
        await table.write(MIXED)

        for name, expected in ((LIVE, live), (PAUSED, paused), (FINISHED, finished)):
            assert await ids(table, SessionQuery(list=name), actor) == expected
        counts = (await table.find(SessionQuery(list=LIVE), actor)).counts
        assert counts is not None
        assert (counts.live, counts.paused, counts.finished) == (len(live), len(paused), len(finished))

    async def test_a_teammates_paused_session_may_be_resumed_and_not_opened(self, table: SqlSessions) -> None:
        """[SX6] Unless the setting says no: then it is not even listed."""
        await table.write(MIXED)

        (line,) = (await table.find(SessionQuery(list=PAUSED), BEN)).lines
        (own, _) = (await table.find(SessionQuery(list=PAUSED), ANA)).lines
        (led,) = (await table.find(SessionQuery(list=PAUSED), SAM)).lines

        assert (line.may_watch, line.may_resume) == (False, True)
        assert (own.may_watch, own.may_resume) == (True, True)
        assert (led.may_watch, led.may_resume) == (True, False)
        closed = SqlSessions(table._database, lambda: CLOSED)
        assert await ids(closed, SessionQuery(list=PAUSED), BEN) == []

    async def test_people_to_choose_from_are_ones_teammates(self, house: House) -> None:
        """[SX5] And everybody for a manager."""
        table = SqlSessions(Database(house.database_url), lambda: OPEN_TO_ALL)

        mates = await table.owners(msgspec.structs.replace(ANA, team_ids=frozenset({"demo_team"})))
        assert "Ben Agent" in [mate.name for mate in mates]
        assert await table.owners(ANA) == ()
        assert len(await table.owners(MAX)) == len(mates)
        await table._database.close()

    async def test_sessions_can_be_given_to_active_agents_of_ones_teams(self, house: House) -> None:
        """[RA6] Each with the teams of theirs; for a manager of all teams; nobody else."""
        table = SqlSessions(Database(house.database_url), lambda: OPEN_TO_ALL)

        takers = await table.takers(msgspec.structs.replace(SAM, team_ids=frozenset({"demo_team"})))
        assert "Ben Agent" in [taker.name for taker in takers]
        assert "Sam Supervisor" not in [taker.name for taker in takers]
        assert {taker.team_ids for taker in takers} == {("demo_team",)}
        assert await table.takers(msgspec.structs.replace(SAM, team_ids=frozenset())) == ()
        assert len(await table.takers(MAX)) == len(takers)
        await table._database.close()


class TestOrderAndPages:
    async def test_who_is_to_be_called_first_heads_the_paused(self, table: SqlSessions) -> None:
        """[SX7] Call backs by their time, due or not; then who waits longest."""
        await table.write(
            [
                row(1, PAUSED, changed_ms=50),
                row(2, PAUSED, changed_ms=10),
                row(3, PAUSED, call_back_ms=9_000),
                row(4, PAUSED, call_back_ms=20),
            ]
        )

        assert await ids(table, SessionQuery(list=PAUSED), ANA) == [4, 3, 2, 1]

    @pytest.mark.parametrize("name", SessionList)
    async def test_pages_follow_each_other_without_gap_or_repeat(self, table: SqlSessions, name: SessionList) -> None:
        """[SX7] Also where moments are equal, and where a Session comes in between."""
        rows = [row(n, name, changed_ms=n // 4, started_ms=n // 4, call_back_ms=n % 3 or None) for n in range(1, 26)]
        await table.write(rows)
        whole = await ids(table, SessionQuery(list=name, limit=100), ANA)

        seen: list[int] = []
        cursor: str | None = ""
        while cursor is not None:
            asked = {"list": name.value, "limit": "7", "cursor": cursor}
            page = await table.find(read_query(asked, ANA), ANA)
            assert (page.counts is not None) == (cursor == "")
            seen += [int(line.session_id, 16) for line in page.lines]
            cursor = page.next

        assert seen == whole
        assert len(seen) == 25


class TestSearch:
    async def test_by_any_part_of_the_title_whatever_the_case(self, table: SqlSessions) -> None:
        """[SX8] Signs that mean something to SQL mean themselves."""
        await table.write([row(1, title="Mrs ÅSTRÖM, 50% off"), row(2, title="Mr Smith_son")])

        for words, found in (("åström", [1]), ("0% O", [1]), ("h_s", [2]), ("s%m", []), ("m", [2, 1])):
            assert await ids(table, read_query({"list": "live", "q": words}, ANA), ANA) == found

    @pytest.mark.parametrize(
        ("words", "actor", "found"),
        [
            ("+44 7700 900123", ANA, [1]),
            ("07700 900 123", ANA, [1]),
            ("0044 7700-900123", BEN, [1]),
            ("07700", ANA, [1]),
            ("07700 900123", BEN, []),
            ("ab 12/34", ANA, [2]),
            ("AB12", ANA, [2]),
            ("Ada@Example.org", ANA, [3]),
            ("ada@", ANA, [3]),
            ("ab", ANA, []),
            ("1234", ANA, []),
        ],
    )
    async def test_by_the_beginning_of_a_look_up_value_however_written(
        self, table: SqlSessions, words: str, actor: Actor, found: list[int]
    ) -> None:
        """[SX8] A national number is one of the asker's country."""
        mine = {"owner": actor, "team_ids": ("blue",)}
        await table.write(
            [
                row(1, title="", look_ups={"phone": "447700900123"}, **mine),
                row(2, title="", look_ups={"account": "ab1234"}, **mine),
                row(3, title="", look_ups={"mail": "ada@example.org"}, **mine),
            ]
        )

        assert await ids(table, read_query({"list": "live", "q": words}, actor), actor) == found

    async def test_by_owner_workflow_outcome_and_days_of_the_asker(self, table: SqlSessions) -> None:
        """[SX8] A day is the asker's own: midnight in Berlin is an hour before midnight in London."""
        midnight_in_berlin = 1_767_222_000_000  # 2026-01-01T00:00+01:00
        await table.write(
            [
                row(1, FINISHED, owner=BEN, changed_ms=midnight_in_berlin - 1),
                row(2, FINISHED, owner=BEN, changed_ms=midnight_in_berlin, outcome=Outcome.EXPIRED),
                row(3, FINISHED, owner=ANA, changed_ms=midnight_in_berlin + 86_400_000, workflow_key="care"),
            ]
        )
        sam = msgspec.structs.replace(SAM, locale=GERMAN)

        async def found(**asked: str) -> list[int]:
            return await ids(table, read_query({"list": "finished", **asked}, sam), sam)

        assert await found(owner="ben") == [2, 1]
        assert await found(workflow="care") == [3]
        assert await found(outcome="expired") == [2]
        assert await found(**{"from": "2026-01-01"}) == [3, 2]
        assert await found(**{"from": "2026-01-01", "to": "2026-01-01"}) == [2]
        assert await found(to="2025-12-31") == [1]

    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            ({}, "one of live, paused, finished"),
            ({"list": "all"}, "one of live, paused, finished"),
            ({"list": "live", "outcome": "lost"}, "one of won, not_won, ended, switched, expired"),
            ({"list": "live", "from": "yesterday"}, "a day such as"),
            ({"list": "live", "to": "9999-12-31"}, "a day such as"),
            ({"list": "live", "cursor": "1.2"}, "what this list gave"),
            ({"list": "paused", "cursor": f"1.{'0' * 32}"}, "what this list gave"),
            ({"list": "live", "limit": "0"}, "1 to 200"),
            ({"list": "live", "limit": "many"}, "1 to 200"),
            ({"list": "live", "q": "x" * 201}, "at most 200"),
            ({"list": "live", "sort": "title"}, "no other parameters"),
        ],
    )
    def test_what_cannot_be_meant_is_told_with_what_was_expected(self, asked: dict[str, str], expected: str) -> None:
        """[SX10] Nothing is guessed."""
        with pytest.raises(HttpProblem, match=expected):
            read_query(asked, ANA)


class TestLookUp:
    async def test_offers_open_sessions_of_that_very_field(self, table: SqlSessions) -> None:
        """[SX9] As far as the asker may watch them, or resume them for a teammate."""
        held = {"look_ups": {"phone": "447700900123"}}
        await table.write(
            [
                row(1, LIVE, owner=BEN, **held),
                row(2, PAUSED, owner=BEN, **held),
                row(3, FINISHED, owner=BEN, **held),
                row(4, LIVE, owner=BEN, look_ups={"other": "447700900123"}),
                row(5, PAUSED, owner=EVE, **held),
                row(6, LIVE, owner=BEN, training=True, **held),
            ]
        )

        async def offered(actor: Actor) -> list[int]:
            return [int(line.session_id, 16) for line in await table.with_look_up("phone", "447700900123", actor)]

        assert await offered(ANA) == [2]
        assert await offered(SAM) == [2, 1]
        assert await offered(BEN) == [6, 2, 1]

    async def test_practice_is_told_apart(self, table: SqlSessions) -> None:
        """[SX9] Nobody should take what he once made up for a customer's call."""
        held = {"look_ups": {"phone": "447700900123"}}
        await table.write([row(1, LIVE, **held), row(2, LIVE, training=True, **held)])

        lines = await table.with_look_up("phone", "447700900123", ANA)

        assert {int(line.session_id, 16): line.training for line in lines} == {1: False, 2: True}

    @pytest.mark.parametrize(
        ("content", "value"),
        [
            ("+447700900123;ext=5", "447700900123"),
            (" AB-12 34 ", "ab1234"),
            ("Ada.B+x@example.org", "ada.b+x@example.org"),
            ("STRASSE", "strasse"),
            ("Straße", "strasse"),
            ("—", None),
            (None, None),
            (True, None),
            (("a", "b"), None),
            ("9" * 300, "9" * 200),
        ],
    )
    def test_values_are_compared_by_what_tells_them_apart(self, content: FieldContent, value: str | None) -> None:
        """[SX4] Spaces, dashes and case do not."""
        assert look_up_value(content) == value


CALLS = WorkflowVersion(
    id="calls@1x0",
    number=1,
    published_ms=0,
    document=WorkflowDocument(
        format="sidecoach.workflow/1",
        key="calls",
        name="Calls",
        title="{{name}}",
        start="hello",
        sections=(Section(key="hello", name="Hello", fields=("name", "phone", "card")),),
        fields=(
            FieldDefinition(key="name", type=FieldType.TEXT, label="Name"),
            FieldDefinition(key="phone", type=FieldType.PHONE, label="Phone", look_up=True),
            FieldDefinition(key="card", type=FieldType.MASKED, label="Card", sensitive=True),
        ),
    ),
)
WORKFLOW = Workflow(CALLS)


def state(seq: int = 1, **others: Any) -> SessionState:
    ana = Party(id="ana", name="Ana")
    known: dict[str, Any] = {
        "session_id": id_of(1),
        "version_id": CALLS.id,
        "training": False,
        "owner": ana,
        "team_ids": ("blue",),
        "driver": ana,
        "seat": 1,
        "status": SessionStatus.ACTIVE,
        "seated_ms": 1,
        "started_ms": 1,
        "changed_ms": 1,
        "seq": seq,
    }
    return SessionState(**known | others)


def filled(content: FieldContent, problem: FieldProblem | None = None) -> FieldValue:
    return FieldValue(content=content, problem=problem, by=Party(id="ana", name="Ana"), at_ms=1, visit_id="v1")


class TestRows:
    @pytest.mark.parametrize(
        ("facts", "outcome"),
        [
            ({"status": SessionStatus.ACTIVE}, None),
            ({"status": SessionStatus.PAUSED}, None),
            ({"status": SessionStatus.COMPLETED, "won": True}, Outcome.WON),
            ({"status": SessionStatus.COMPLETED}, Outcome.NOT_WON),
            ({"status": SessionStatus.ENDED, "end_cause": EndCause.PERSON}, Outcome.ENDED),
            ({"status": SessionStatus.ENDED, "end_cause": EndCause.SWITCHED}, Outcome.SWITCHED),
            ({"status": SessionStatus.ENDED, "end_cause": EndCause.EXPIRED}, Outcome.EXPIRED),
        ],
    )
    def test_say_how_it_finished(self, facts: dict[str, Any], outcome: Outcome | None) -> None:
        """[SX1] Switched and expired apart."""
        assert row_of(state(**facts), WORKFLOW).outcome == outcome

    def test_hold_valid_look_up_values_and_nothing_sensitive(self) -> None:
        """[SX4] Whatever a document claims of itself."""
        claimed = WORKFLOW.fields | {"card": msgspec.structs.replace(WORKFLOW.fields["card"], look_up=True)}
        workflow = Workflow(CALLS)
        object.__setattr__(workflow, "fields", claimed)
        wrong = FieldProblem(kind=ProblemKind.NOT_A_PHONE, expected="a number")
        fields = {"name": filled("Ms Okonkwo"), "phone": filled("+447700900123"), "card": filled("4111111111111111")}

        found = row_of(state(fields=fields), workflow)

        assert found.look_ups == {"phone": "447700900123"}
        assert found.title == "Ms Okonkwo"
        assert "4111" not in repr(found)
        assert row_of(state(fields={"phone": filled("n/a", wrong)}), workflow).look_ups == {}

    async def test_hold_no_nul(self, table: SqlSessions) -> None:
        """[SX1] Which PostgreSQL refuses: one title would keep every row from being written."""
        found = row_of(state(fields={"name": filled("A\x00B"), "phone": filled("+44\x00770")}), WORKFLOW)

        await table.write([found])

        assert (found.title, found.look_ups) == ("AB", {"phone": "44770"})
        with pytest.raises(HttpProblem):
            read_query({"list": "live", "q": "A\0B"}, ANA)

    def test_change_only_with_what_they_show(self) -> None:
        """[SX1] No commit that shows nothing costs a write."""
        base = state(fields={"name": filled("A")})

        assert row_changed(None, base, WORKFLOW)
        assert not row_changed(base, msgspec.structs.replace(base, seq=2, current_visit_id="v2"), WORKFLOW)
        assert not row_changed(
            base, msgspec.structs.replace(base, fields={**base.fields, "card": filled("1")}), WORKFLOW
        )
        for fields in ({}, {"name": filled("B")}, {**base.fields, "phone": filled("1")}):
            assert row_changed(base, msgspec.structs.replace(base, fields=fields), WORKFLOW)
        assert row_changed(base, msgspec.structs.replace(base, call_back_ms=5), WORKFLOW)


class FakeStore:
    """Where logs end, and which Sessions are live."""

    def __init__(self) -> None:
        self.states: dict[str, SessionState] = {}

    async def live(self) -> dict[str, bytes]:
        return {id_: b"" for id_, state in self.states.items() if not state.is_finished}

    async def positions(self, session_ids: Any) -> dict[str, Position]:
        return {id_: Position(seq=self.states[id_].seq, entry_id="") for id_ in session_ids if id_ in self.states}

    async def read(self, session_id: str) -> tuple[SessionState, Workflow]:
        return self.states[session_id], WORKFLOW


class FlakyTable(SqlSessions):
    """SQL that can be away."""

    is_away = False
    tries = 0

    async def write(self, rows: Any) -> None:
        self.tries += 1
        if self.is_away:
            raise Unavailable("SQL database: gone")
        await super().write(rows)


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def flaky(database: Database) -> FlakyTable:
    return FlakyTable(database, lambda: OPEN_TO_ALL)


@pytest.fixture
async def mirror(flaky: FlakyTable, store: FakeStore, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Mirror]:
    monkeypatch.setattr("server.mirror.RETRY_S", 0.01)
    mirror = Mirror(flaky, store)  # type: ignore[arg-type]
    yield mirror
    await mirror.close()


async def until(look: Callable[[], Any]) -> None:
    async with asyncio.timeout(5):
        while not look():  # noqa: ASYNC110 no event tells
            await asyncio.sleep(0.01)


class TestMirror:
    async def test_an_older_row_never_replaces_a_newer(self, table: SqlSessions) -> None:
        """[SX2] Whoever writes it, and with it what belongs to it."""
        newer = row(1, PAUSED, seq=5, title="New", look_ups={"phone": "2"})
        await table.write([newer])

        await table.write([row(1, LIVE, seq=4, title="Old", look_ups={"phone": "1"}, team_ids=("red",))])

        assert await ids(table, SessionQuery(list=LIVE), ANA) == []
        (line,) = (await table.find(SessionQuery(list=PAUSED), ANA)).lines
        assert line.title == "New"
        assert len(await table.with_look_up("phone", "2", ANA)) == 1
        assert await table.with_look_up("phone", "1", ANA) == ()

    async def test_what_is_committed_is_listed_soon_and_written_once(
        self, mirror: Mirror, flaky: FlakyTable, store: FakeStore
    ) -> None:
        """[SX1] The last of what came meanwhile counts."""
        mirror.start(store.read)
        before = None
        for seq in range(1, 6):
            after = state(seq, fields={"name": filled(f"N{seq}")})
            mirror.note(before, after, WORKFLOW)
            before = after

        await until(lambda: not mirror._waiting)

        (line,) = (await flaky.find(SessionQuery(list=LIVE), ANA)).lines
        assert (line.title, flaky.tries) == ("N5", 1)

    async def test_sql_away_is_waited_for(self, mirror: Mirror, flaky: FlakyTable, store: FakeStore) -> None:
        """[SX3] Nothing is lost by it, and no commit notices."""
        mirror.start(store.read)
        flaky.is_away = True
        mirror.note(None, state(1), WORKFLOW)
        await until(lambda: flaky.tries > 2)
        mirror.note(state(1), state(2, fields={"name": filled("Later")}), WORKFLOW)

        flaky.is_away = False
        await until(lambda: not mirror._waiting)

        (line,) = (await flaky.find(SessionQuery(list=LIVE), ANA)).lines
        assert line.title == "Later"

    async def test_what_waits_is_bounded(self, mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
        """[SX3] The oldest are left to the next check."""
        monkeypatch.setattr("server.mirror.WAITING_AT_MOST", 3)
        for number in range(5):
            mirror.note(None, state(session_id=id_of(number)), WORKFLOW)

        assert list(mirror._waiting) == [id_of(2), id_of(3), id_of(4)]

    async def test_a_lost_write_is_made_up_for(self, mirror: Mirror, flaky: FlakyTable, store: FakeStore) -> None:
        """[SX3] Started, changed, finished, undone, gone back, gone: each as its log says."""
        ended = {"status": SessionStatus.ENDED, "end_cause": EndCause.PERSON}
        store.states = {
            id_of(1): state(3, session_id=id_of(1), fields={"name": filled("Never written")}),
            id_of(2): state(7, session_id=id_of(2), fields={"phone": filled("+441")}),
            id_of(3): state(9, session_id=id_of(3), **ended),
            id_of(4): state(5, session_id=id_of(4)),
            id_of(5): state(2, session_id=id_of(5), fields={"name": filled("Gone back")}),
            id_of(7): state(4, session_id=id_of(7), **ended),
        }
        await flaky.write([row(2), row(3), row(4, FINISHED, seq=4), row(5, seq=8), row(6)])
        async with flaky._database.writing() as connection:
            await connection.execute(
                text("INSERT INTO session_keys VALUES (:id, 'k', :key)"), {"id": id_of(7), "key": b""}
            )

        assert await mirror.check(store.read) == 8
        assert await mirror.check(store.read) == 0

        live = (await flaky.find(SessionQuery(list=LIVE), ANA)).lines
        assert {int(line.session_id, 16): line.title for line in live} == {
            1: "Never written",
            2: "",
            4: "",
            5: "Gone back",
        }
        assert set(await ids(flaky, SessionQuery(list=FINISHED), ANA)) == {3, 7}
        assert len(await flaky.with_look_up("phone", "441", ANA)) == 1


class TestThroughTheServer:
    async def test_a_session_goes_from_list_to_list(self, house: House) -> None:
        """[SX1, SX5] Live, paused, resumed by a teammate, ended; over HTTP."""
        ana, ben = await house.page("agent"), await house.page("agent2")
        port = house.ports[0]
        cookies = {label: await house.cookie(label, port) for label in ("agent", "agent2", "coach")}

        async def lines(label: str, **asked: str) -> list[Any]:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as browser:
                answer = await browser.get("/api/sessions", params=asked, headers={"Cookie": cookies[label]})
            assert answer.status_code == 200, answer.text
            return list(msgspec.json.decode(answer.content, type=SessionLines).lines)

        async def eventually(label: str, count: int, **asked: str) -> list[Any]:
            async with asyncio.timeout(5):
                while len(found := await lines(label, **asked)) != count:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            return found

        session_id = await ana.start(house.version_id)
        (line,) = await eventually("coach", 1, list="live")
        assert (line.session_id, line.owner.name) == (session_id, "Ana Agent")
        head = ana.sessions[session_id].head
        await ana.command(session_id, Pause(visit_id="v1", seat=head["seat"], reason="", call_back_ms=5))
        (line,) = await eventually("agent2", 1, list="paused")
        assert (line.call_back_ms, line.may_watch, line.may_resume) == (5, False, True)

        await ben.command(session_id, Resume())
        (line,) = await eventually("agent2", 1, list="live")
        assert line.owner.name == "Ben Agent"
        await eventually("agent", 0, list="live")
        await ben.join(session_id)
        await ben.command(session_id, End(reason="", reason_key="hung_up"))
        (line,) = await eventually("agent2", 1, list="finished", outcome="ended")
        assert line.end_reason_key == "hung_up"

    async def test_bad_parameters_and_strangers(self, house: House) -> None:
        """[SX10] 400 with what was expected; 401 without a sign-in."""
        port = house.ports[0]
        headers = {"Cookie": await house.cookie("agent", port)}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as browser:
            bad = await browser.get("/api/sessions", params={"list": "all"}, headers=headers)
            no_field = await browser.get("/api/look-up", params={"value": "1"}, headers=headers)
            none = await browser.get("/api/look-up", params={"field": "phone", "value": "-"}, headers=headers)
            owners = await browser.get("/api/sessions/owners", headers=headers)
            strangers = [await browser.get(path) for path in ("/api/sessions", "/api/look-up", "/api/sessions/owners")]

        assert (bad.status_code, bad.json()["detail"]) == (400, "list: expected one of live, paused, finished")
        assert no_field.status_code == 400
        assert none.json()["lines"] == []
        assert "Ana Agent" in [owner["name"] for owner in owners.json()]
        assert [answer.status_code for answer in strangers] == [401, 401, 401]


class TestThousands:
    async def test_every_list_is_read_by_its_index(self, table: SqlSessions, database: Database, sql_kind: str) -> None:
        """[SX7] How long each took is printed; what is held is that no list sorts all rows to show fifty."""
        lists = (LIVE, PAUSED, FINISHED, FINISHED, FINISHED)
        agents = [person(f"agent{n}", PersonRole.AGENT) for n in range(50)]
        await table.write(
            [
                row(
                    n, lists[n % 5], owner=agents[n % 50], look_ups={"phone": f"4477{n:08}"}, call_back_ms=n % 7 or None
                )
                for n in range(1, 4_001)
            ]
        )
        if sql_kind == "postgresql":  # which asks its statistics whether an index is worth it
            async with database.writing() as connection:
                await connection.exec_driver_sql("ANALYZE")
        plans = {}
        for actor in (agents[3], SAM, MAX):
            for name in SessionList:
                for words in ("", "call 77", "+44 7700 0077"):
                    asked = {"list": name.value, "q": words}
                    query = read_query(asked, actor)
                    began = time.perf_counter()
                    page = await table.find(query, actor)
                    took_ms = (time.perf_counter() - began) * 1000
                    print(f"{actor.id:8} {name.value:8} {words!r:16} {len(page.lines):3} lines {took_ms:6.1f} ms")  # noqa: T201
                    plans[actor.id, name.value, words] = await _plan(database, table.page_of(query, actor))

        for (actor_id, name, words), plan in plans.items():
            if actor_id != "agent3" and words == "":
                assert f"ix_sessions_{name}" in plan
                assert "TEMP B-TREE FOR ORDER BY" not in plan
                assert '"Sort"' not in plan
            assert "SCAN sessions" not in plan, (actor_id, name, words, plan)
        counts = (await table.find(SessionQuery(list=FINISHED), MAX)).counts
        assert counts is not None
        assert counts.finished == COUNT_AT_MOST == counts.at_most


async def _plan(database: Database, statement: Any) -> str:
    async with database.reading() as connection:
        compiled = statement.compile(connection.sync_connection, compile_kwargs={"literal_binds": True})
        if connection.dialect.name == "sqlite":
            rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")
            return "; ".join(found.detail for found in rows)
        rows = await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {compiled}")
        return str(rows.scalar_one()).replace("'", '"')
