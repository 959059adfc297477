"""Shown in another site's frame: who may, what the cookie says, and what a request has to prove."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from server.records.database import Database
from server.records.frame_codes import GOOD_FOR_MS, SqlFrameCodes
from server.records.tables import frame_codes
from tests.support.people import ADDRESS, GOOD, Front, Office, StillClock, fronted, problem, rows_of_audit, sign_in
from tests.support.sql import BOTH

SQL_KINDS = BOTH
COACH = "https://coach.example.org"
CRM = "https://crm.example.org"


@pytest.fixture
async def front(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Front]:
    """An installation that the CRM's pages may show."""
    ancestors = (CRM, "https://desk.example.org")
    async with fronted(database, database_url, tmp_path, public_url=COACH, frame_ancestors=ancestors) as front:
        yield front


async def enter(front: Front, name: str = "Ana") -> tuple[httpx.AsyncClient, str]:
    """Somebody at https, and what their page has to prove itself with."""
    _, token = await front.add(name)
    browser = front.browser(address=COACH)
    assert (await browser.post("/api/links/use", json={"token": token, "password": GOOD})).status_code == 204
    return browser, (await browser.get("/api/me")).json()["csrf"]


class TestWhoMayShowIt:
    async def test_is_exactly_who_is_named(self, front: Front) -> None:
        """[EM1] On every answer, refusals too."""
        for path in ("/", "/api/house", "/api/me"):
            policy = (await front.browser(address=COACH).get(path)).headers["content-security-policy"]
            assert policy.endswith(f"; frame-ancestors {CRM} https://desk.example.org")

    async def test_is_nobody_by_default(self, database: Database, database_url: str, tmp_path: Path) -> None:
        """[EM1, EM2, EM3] And then nothing is otherwise: the cookie stays Lax, no proof is asked for, no code given."""
        async with fronted(database, database_url, tmp_path) as front:
            await front.arrive("Ana")
            browser = front.browser()
            cookie = (await sign_in(browser, "ana")).headers["set-cookie"]

            assert (await browser.get("/api/me")).json()["csrf"] is None
            assert (await browser.get("/")).headers["content-security-policy"].endswith("; frame-ancestors 'none'")
            assert "SameSite=lax" in cookie
            assert "Partitioned" not in cookie
            assert problem(await browser.post("/api/me/frame-code")) in [
                (404, "not_found"),
                (405, "method_not_allowed"),
            ]
            assert (await browser.put("/api/me/locale", content=b"null")).status_code == 204


class TestTheCookie:
    async def test_comes_along_in_frames_of_one_site_each(self, front: Front) -> None:
        """[EM2] Given and taken with the same words, else browsers would keep it."""
        browser, proof = await enter(front)
        given = (await sign_in(front.browser(address=COACH), "ana")).headers["set-cookie"]
        taken = (await browser.post("/api/sign-out", headers={"X-CSRF-Token": proof})).headers["set-cookie"]

        for cookie in (given, taken):
            assert {"HttpOnly", "Path=/", "SameSite=none", "Secure", "Partitioned"} <= set(cookie.split("; "))
        assert "Max-Age=0" in taken


class TestProof:
    async def test_is_asked_of_whatever_changes_something(self, front: Front) -> None:
        """[EM3] Whether or not the Origin is right."""
        browser, proof = await enter(front)
        _, of_ben = await enter(front, "Ben")
        for shown in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": of_ben}, {"X-CSRF-Token": "ü".encode()}):
            for method, path in (
                ("PUT", "/api/me/locale"),
                ("POST", "/api/sign-out"),
                ("DELETE", "/api/me/sign-ins/1"),
            ):
                assert problem(await browser.request(method, path, headers=shown)) == (403, "no_proof")

        assert (await browser.get("/api/me")).json()["person"]["name"] == "Ana"
        answer = await browser.put("/api/me/locale", content=b"null", headers={"X-CSRF-Token": proof})
        assert answer.status_code == 204

    async def test_does_not_stand_in_for_the_origin(self, front: Front) -> None:
        """[EM3] The CRM may show our pages, not speak for them."""
        browser, proof = await enter(front)
        headers = {"X-CSRF-Token": proof, "Origin": CRM}

        assert problem(await browser.put("/api/me/locale", content=b"null", headers=headers)) == (403, "other_origin")

    async def test_is_another_for_each_sign_in(self, front: Front) -> None:
        """[EM3] And says nothing of it."""
        browser, proof = await enter(front)
        await sign_in(browser, "ana")
        again = (await browser.get("/api/me")).json()["csrf"]

        assert again != proof
        assert browser.cookies["sidecoach"] not in again


class TestCodes:
    async def test_sign_in_once_where_nobody_is_signed_in(self, front: Front, database: Database) -> None:
        """[EM5] However it is typed; the audit log tells of both, and only a hash is kept."""
        browser, proof = await enter(front)
        made = await browser.post("/api/me/frame-code", headers={"X-CSRF-Token": proof})
        code = made.json()["code"]
        frame, late = front.browser(address=COACH), front.browser(address=COACH)
        entered = await frame.post("/api/frame-codes/use", json={"code": f" {code.replace('-', '').lower()} "})

        assert (made.status_code, entered.status_code) == (201, 204)
        me = (await frame.get("/api/me")).json()
        assert (me["person"]["name"], me["way"]) == ("Ana", "frame")
        assert problem(await late.post("/api/frame-codes/use", json={"code": code})) == (404, "code_over")
        rows = await rows_of_audit(database)
        assert [row[1] for row in rows[-2:]] == ["frame_code_made", "sign_in"]
        assert code not in str(rows)
        assert code.replace("-", "") not in str(rows)

    async def test_are_made_for_who_is_signed_in_on_a_page_of_ours(self, front: Front) -> None:
        """[EM5] By nobody else."""
        browser, proof = await enter(front)
        stranger = front.browser(address=COACH)
        elsewhere = {"X-CSRF-Token": proof, "Origin": CRM}

        assert problem(await stranger.post("/api/me/frame-code")) == (401, "not_signed_in")
        assert problem(await browser.post("/api/me/frame-code", headers=elsewhere)) == (403, "other_origin")
        made_up = await stranger.post("/api/frame-codes/use", json={"code": "AAAAA-AAAAA"}, headers={"Origin": ADDRESS})
        assert problem(made_up) == (403, "other_origin")


class TestCodesThatAreOver:
    @pytest.mark.parametrize("how", ["late", "replaced", "signed out", "deactivated"])
    async def test_sign_nobody_in(self, database: Database, how: str) -> None:
        """[EM5] After two minutes, after another, and with the sign-in that they came from."""
        clock = StillClock()
        office = Office(database, clock)
        codes = SqlFrameCodes(database, clock)
        ana, _ = await office.add("Ana")
        token = await office.sign_ins.sign_in(ana)
        made = await codes.make(ana, token)
        match how:
            case "late":
                clock.advance(GOOD_FOR_MS)
            case "replaced":
                await codes.make(ana, token)
            case "signed out":
                await office.sign_ins.revoke(token)
            case _:
                await office.roster.set_active(ana, False, by="ada")

        assert await codes.use(made.code, "") is None

    async def test_are_removed_by_the_next(self, database: Database) -> None:
        """[EM5] Nothing piles up."""
        clock = StillClock()
        office = Office(database, clock)
        codes = SqlFrameCodes(database, clock)
        ana, _ = await office.add("Ana")
        first, second = await office.sign_ins.sign_in(ana), await office.sign_ins.sign_in(ana)
        await codes.make(ana, first)
        clock.advance(GOOD_FOR_MS)
        await codes.make(ana, second)

        async with database.reading() as connection:
            assert len((await connection.execute(select(frame_codes))).all()) == 1
