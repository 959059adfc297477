"""API tokens: made, seen and revoked by administrators, believed for a moment, stored as hashes."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from protocol.account import PersonRole
from protocol.api_tokens import NewApiToken, Scope
from server.auth.api_token import draw_token, hint_of, is_token
from server.records.api_tokens import SqlApiTokens
from server.records.database import Database
from server.records.tables import api_tokens
from tests.support.people import Front, StillClock, fronted, problem, rows_of_audit
from tests.support.sql import BOTH

SQL_KINDS = BOTH
READER = NewApiToken(name="Reader", scopes=(Scope.SESSIONS_READ,))


@pytest.fixture
async def front(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Front]:
    async with fronted(database, database_url, tmp_path) as front:
        yield front


@pytest.fixture
async def ada(front: Front) -> httpx.AsyncClient:
    """An administrator."""
    _, browser = await front.arrive("Ada", PersonRole.ADMIN)
    return browser


class TestForm:
    def test_says_what_it_is(self) -> None:
        """[AT1] A prefix, 256 bits, and a checksum."""
        token = draw_token()
        assert re.fullmatch(r"sc_[0-9A-Za-z]{49}", token)
        assert is_token(token)
        assert token.startswith(hint_of(token))

    @pytest.mark.parametrize("text", ["", "sc_", "é" * 52])
    def test_other_text_is_none(self, text: str) -> None:
        """[AT1] And the database is not asked for it."""
        assert not is_token(text)

    def test_a_letter_more_or_another_is_none(self) -> None:
        """[AT1] The checksum tells."""
        token = draw_token()
        for other in (token + "a", token[:-1], token[:10] + ("a" if token[10] != "a" else "b") + token[11:]):
            assert not is_token(other)


class TestMaking:
    async def test_shows_it_once_and_stores_its_hash(
        self, front: Front, ada: httpx.AsyncClient, database: Database
    ) -> None:
        """[AT1][AT2] Nothing that is read later holds it; the audit log tells who made it, and what it may do."""
        team = (await ada.post("/api/teams", json={"name": "North"})).json()["id"]
        new = {"name": "  Dialler  ", "scopes": ["sessions:start", "sessions:read"], "team_ids": [team]}
        answer = await ada.post("/api/tokens", json=new)
        line, token = answer.json()["line"], answer.json()["token"]

        assert answer.status_code == 201
        assert (line["name"], line["scopes"], line["team_ids"]) == (
            "Dialler",
            ["sessions:read", "sessions:start"],
            [team],
        )
        assert (line["made_by"]["name"], line["last_used_ms"], line["revoked_ms"]) == ("Ada", None, None)
        assert (await ada.get("/api/tokens")).json() == {"lines": [line]}
        async with database.reading() as connection:
            row = (await connection.execute(select(api_tokens))).one()
        assert token not in repr(row)
        told = [each for each in await rows_of_audit(database) if each[1] == "token_made"]
        detail = {
            "name": "Dialler",
            "scopes": "sessions:read, sessions:start",
            "teams": team,
            "ends": "never",
        }
        assert told == [(line["made_by"]["id"], "token_made", line["id"], detail)]

    @pytest.mark.parametrize(
        ("news", "expected"),
        [
            ({"scopes": []}, (400, "bad_body")),
            ({"scopes": ["everything"]}, (400, "bad_body")),
            ({"team_ids": []}, (400, "bad_body")),
            ({"team_ids": ["nowhere"]}, (422, "unknown_team")),
            ({"name": " "}, (422, "bad_name")),
            ({"admin": True}, (400, "bad_body")),
        ],
    )
    async def test_what_cannot_be_meant_is_refused(
        self, ada: httpx.AsyncClient, news: dict[str, object], expected: tuple[int, str]
    ) -> None:
        """[AT2] And no token is made."""
        new = {"name": "Reader", "scopes": ["sessions:read"], **news}
        assert problem(await ada.post("/api/tokens", json=new)) == expected
        assert (await ada.get("/api/tokens")).json() == {"lines": []}


class TestRevoking:
    async def test_is_for_good_and_on_record(self, ada: httpx.AsyncClient, database: Database) -> None:
        """[AT2][AT3] Once, however often it is asked."""
        made = (await ada.post("/api/tokens", json={"name": "Reader", "scopes": ["sessions:read"]})).json()
        path = f"/api/tokens/{made['line']['id']}/revoke"
        assert [(await ada.post(path)).status_code for _ in range(2)] == [204, 204]
        assert problem(await ada.post("/api/tokens/api_0/revoke")) == (404, "unknown_token")
        (line,) = (await ada.get("/api/tokens")).json()["lines"]
        assert line["revoked_ms"] is not None
        assert [each[1] for each in await rows_of_audit(database) if each[1].startswith("token")] == [
            "token_made",
            "token_revoked",
        ]

    async def test_reaches_every_process_within_two_seconds(self, database: Database) -> None:
        """[AT3] The one that was told at once, the others when what they believe is too old."""
        clock = StillClock()
        here, there = (SqlApiTokens(database, clock, lambda: clock.now_ms / 1_000) for _ in range(2))
        line, token = await here.make(READER, by="ada")
        assert await here.find_caller(token) is not None
        assert await there.find_caller(token) is not None
        await here.revoke(line.id, by="ada")
        assert await here.find_caller(token) is None
        clock.advance(2_000)
        assert await there.find_caller(token) is None

    async def test_comes_by_itself_when_its_time_is_over(self, database: Database) -> None:
        """[AT3] To the millisecond, whatever is believed."""
        clock = StillClock()
        tokens = SqlApiTokens(database, clock, lambda: clock.now_ms / 1_000)
        new = NewApiToken(name="Short", scopes=(Scope.SESSIONS_READ,), expires_ms=clock.now_ms + 1_000)
        _, token = await tokens.make(new, by="ada")
        clock.advance(999)
        assert await tokens.find_caller(token) is not None
        clock.advance(1)
        assert await tokens.find_caller(token) is None


class TestLastUse:
    async def test_is_written_once_a_minute_at_most(self, database: Database) -> None:
        """[AT4] A program that asks all the time costs no write each time."""
        clock = StillClock()
        tokens = SqlApiTokens(database, clock, lambda: clock.now_ms / 1_000)
        _, token = await tokens.make(READER, by="ada")
        began_ms, seen = clock.now_ms, []
        for _ in range(4):
            await tokens.find_caller(token)
            seen.append((await tokens.lines()).lines[0].last_used_ms)
            clock.advance(30_000)
        assert seen == [began_ms, began_ms, began_ms, began_ms + 90_000]

    async def test_a_token_of_all_teams_is_of_those_that_there_are(
        self, ada: httpx.AsyncClient, database: Database
    ) -> None:
        """[AT2] Also of teams that were made after it."""
        tokens = SqlApiTokens(database)
        _, token = await tokens.make(READER, by="ada")
        team = (await ada.post("/api/teams", json={"name": "North"})).json()["id"]
        caller = await tokens.find_caller(token)
        assert caller is not None
        assert caller.team_ids == {team}
