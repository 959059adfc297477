"""Requests that are asked again with an idempotency key, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, update

from protocol.api_tokens import Scope
from server.records.database import Database
from server.records.tables import api_answers, people
from tests.support.api import make_token, program
from tests.support.people import Front, fronted, problem
from tests.support.sql import BOTH

SQL_KINDS = BOTH
BEN = {"name": "Ben", "email": "ben@example.org", "roles": ["agent"]}


@pytest.fixture
async def front(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Front]:
    async with fronted(database, database_url, tmp_path) as front:
        yield front


@pytest.fixture
async def hr(front: Front, database: Database) -> httpx.AsyncClient:
    """A program that adds people."""
    return program(front.app, await make_token(database, Scope.PEOPLE_READ, Scope.PEOPLE_WRITE))


class TestAskingAgain:
    async def test_has_its_effect_once_and_the_same_answer(self, hr: httpx.AsyncClient, database: Database) -> None:
        """[AP6] Also of what is given out once; and what is kept of it cannot be read without token and key."""
        first, again = [
            await hr.post("/api/v1/people", json=BEN, headers={"Idempotency-Key": key}) for key in ("k1", '"k1"')
        ]
        assert (first.status_code, first.content) == (again.status_code, again.content) == (201, first.content)
        async with database.reading() as connection:
            row = (await connection.execute(select(api_answers))).one()
        assert first.json()["link"].encode() not in row.sealed

    async def test_without_a_key_it_is_another_request(self, hr: httpx.AsyncClient) -> None:
        """[AP6]"""
        assert (await hr.post("/api/v1/people", json=BEN)).status_code == 201
        assert problem(await hr.post("/api/v1/people", json=BEN)) == (409, "email_taken")

    async def test_a_key_is_for_one_thing(self, hr: httpx.AsyncClient, front: Front, database: Database) -> None:
        """[AP6] Of one token: another one's keys are its own."""
        headers = {"Idempotency-Key": "k1"}
        await hr.post("/api/v1/people", json=BEN, headers=headers)
        other = {**BEN, "email": "cleo@example.org"}
        assert problem(await hr.post("/api/v1/people", json=other, headers=headers)) == (422, "key_reused")
        someone = program(front.app, await make_token(database))
        assert (await someone.post("/api/v1/people", json=other, headers=headers)).status_code == 201

    async def test_what_was_refused_may_be_tried_again(self, hr: httpx.AsyncClient) -> None:
        """[AP6] A refusal changed nothing, and is not kept."""
        await hr.post("/api/v1/people", json=BEN)
        cleo, headers = {**BEN, "name": "Cleo"}, {"Idempotency-Key": "k1"}
        assert problem(await hr.post("/api/v1/people", json=cleo, headers=headers)) == (409, "email_taken")
        better = {**cleo, "email": "cleo@example.org"}
        assert (await hr.post("/api/v1/people", json=better, headers=headers)).status_code == 201

    async def test_one_is_enough_of_many_at_once(self, hr: httpx.AsyncClient, database: Database) -> None:
        """[AP6] The others get its answer, or are told to come again."""
        headers = {"Idempotency-Key": "k1"}
        answers = await asyncio.gather(*(hr.post("/api/v1/people", json=BEN, headers=headers) for _ in range(5)))
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"key_in_use"}
        assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
        async with database.reading() as connection:
            assert len((await connection.execute(select(people).where(people.c.name == "Ben"))).all()) == 1

    async def test_who_died_over_it_does_not_keep_the_key(self, hr: httpx.AsyncClient, database: Database) -> None:
        """[AP6] After a minute the next one is the first."""
        headers = {"Idempotency-Key": "k1"}
        await hr.post("/api/v1/people", json=BEN, headers=headers)
        async with database.writing() as connection:
            await connection.execute(update(api_answers).values(status=None, sealed=None))
        assert problem(await hr.post("/api/v1/people", json=BEN, headers=headers)) == (409, "key_in_use")
        async with database.writing() as connection:
            await connection.execute(update(api_answers).values(begun_ms=api_answers.c.begun_ms - 60_001))
        assert problem(await hr.post("/api/v1/people", json=BEN, headers=headers)) == (409, "email_taken")

    @pytest.mark.parametrize("key", ["", '""', "two words", "x" * 256])
    async def test_what_cannot_be_a_key_is_refused(self, hr: httpx.AsyncClient, key: str) -> None:
        """[AP6]"""
        answer = await hr.post("/api/v1/people", json=BEN, headers={"Idempotency-Key": key})
        assert problem(answer) == (400, "bad_key")
