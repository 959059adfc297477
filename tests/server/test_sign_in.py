"""The front door over HTTP: signing in, one-time links, one's own password and sign-ins."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from protocol.account import PersonRole
from server.auth.passwords import Passwords
from server.records.database import Database
from server.records.tables import passwords
from tests.support.people import (
    ADDRESS,
    BETTER,
    GOOD,
    CountingHasher,
    Front,
    fronted,
    problem,
    rows_of_audit,
    sign_in,
)
from tests.support.sql import BOTH

SQL_KINDS = BOTH
EDGE = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"


@pytest.fixture
async def front(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Front]:
    async with fronted(database, database_url, tmp_path) as front:
        yield front


class TestSigningIn:
    async def test_gives_the_browser_a_cookie_and_the_person_their_work(self, front: Front) -> None:
        """[PE2] Out of scripts' reach and for this host only, as in a demo."""
        await front.arrive("Ana", PersonRole.AGENT, PersonRole.COACH)
        browser = front.browser()
        answer = await sign_in(browser, "ana")
        me = (await browser.get("/api/me")).json()

        assert answer.status_code == 204
        assert "HttpOnly" in answer.headers["set-cookie"]
        assert (me["person"]["name"], me["person"]["roles"], me["demo"]) == ("Ana", ["agent", "coach"], False)

    @pytest.mark.parametrize("email", ["ANA@Example.ORG", "  ana@example.org\n"])
    async def test_case_and_spaces_of_an_e_mail_make_no_difference(self, front: Front, email: str) -> None:
        """[PE1] As phones type it."""
        await front.arrive("Ana")
        answer = await front.browser().post("/api/sign-in", json={"email": email, "password": GOOD})

        assert answer.status_code == 204

    async def test_every_wrong_way_in_is_told_the_same_at_the_same_price(self, front: Front) -> None:
        """[PE2] Nobody learns who is here: one answer, one verification of a hash each."""
        await front.arrive("Ana")
        gone, _ = await front.arrive("Ben")
        await front.roster.set_active(gone, False, by="ada")
        await front.add("Cleo")
        await sign_in(front.browser(), "warm-up")
        tries = [("ana", BETTER), ("ben", GOOD), ("cleo", ""), ("nobody", GOOD), ("a\u0000na", GOOD), ("a b", GOOD)]
        answers, prices = [], []
        for place, (name, password) in enumerate(tries):
            before = front.hasher.verified
            answers.append(await sign_in(front.browser(f"198.51.100.{place}"), name, password))
            prices.append(front.hasher.verified - before)

        assert {problem(each) for each in answers} == {(401, "wrong_sign_in")}
        assert len({each.content for each in answers}) == 1
        assert answers[0].json()["detail"] == "e-mail or password is wrong"
        assert prices == [1] * len(tries)
        assert not any("set-cookie" in each.headers for each in answers)

    async def test_after_five_failures_even_the_right_password_waits(self, front: Front) -> None:
        """[PE3] And is told for how long; nothing is compared meanwhile."""
        await front.arrive("Ana")
        browser = front.browser()
        failures = [problem(await sign_in(browser, "ana", BETTER)) for _ in range(5)]
        before = front.hasher.verified
        answer = await sign_in(browser, "ana")

        assert failures == [(401, "wrong_sign_in")] * 5
        assert problem(answer) == (429, "slow_down")
        assert answer.headers["retry-after"] == "1"
        assert front.hasher.verified == before

    async def test_a_hash_of_other_parameters_is_made_anew(self, front: Front, database: Database) -> None:
        """[PE2] By signing in, unnoticed."""
        await front.arrive("Ana")
        other = await Passwords(CountingHasher(time_cost=2)).hash(GOOD)
        async with database.writing() as connection:
            await connection.execute(update(passwords).values(hash=other))
        assert (await sign_in(front.browser(), "ana")).status_code == 204

        async with database.reading() as connection:
            kept = (await connection.execute(select(passwords.c.hash))).scalar_one()
        assert "t=2" in other
        assert "t=1" in kept
        assert (await sign_in(front.browser(), "ana")).status_code == 204

    async def test_no_password_is_in_the_audit_log(self, front: Front, database: Database) -> None:
        """[PE12] Nor a hash or a token, nor what was typed as an e-mail address."""
        _, token = await front.add("Ana")
        browser = front.browser()
        await browser.post("/api/links/use", json={"token": token, "password": GOOD})
        await browser.post("/api/me/password", json={"current": GOOD, "password": BETTER})
        await sign_in(front.browser(), "hunter2", BETTER)
        await browser.post("/api/sign-out")
        rows = await rows_of_audit(database)

        acts = ["person_added", "link_made", "link_used", "password_changed", "sign_in"]
        assert [row[1] for row in rows] == [*acts, "password_changed", "sign_in_failed", "sign_out"]
        for secret in (token, GOOD, BETTER, "argon2", "hunter2"):
            assert secret not in str(rows)


class TestLinks:
    async def test_tell_whom_they_are_for(self, front: Front) -> None:
        """[PE5] Before a password is chosen."""
        _, token = await front.add("Ana")
        answer = await front.browser().post("/api/links/look", json={"token": token})

        seen = answer.json()
        assert seen.pop("expires_ms") > 0
        assert seen == {"kind": "invitation", "name": "Ana", "email": "ana@example.org"}
        assert answer.headers["cache-control"] == "no-store"

    async def test_that_are_over_say_how_to_get_another(self, front: Front) -> None:
        """[PE5] Used, or never made: it is the same."""
        _, token = await front.add("Ana")
        browser = front.browser()
        await browser.post("/api/links/use", json={"token": token, "password": GOOD})
        for each in (token, "made up"):
            answers = [
                await browser.post("/api/links/look", json={"token": each}),
                await browser.post("/api/links/use", json={"token": each, "password": GOOD}),
            ]
            assert [problem(answer) for answer in answers] == [(404, "link_over")] * 2
            assert "`sidecoach people link EMAIL`" in answers[0].json()["detail"]

    async def test_a_weak_password_uses_none_up(self, front: Front) -> None:
        """[PE4] It says what is expected; the next try counts."""
        _, token = await front.add("Ana")
        browser = front.browser()
        answer = await browser.post("/api/links/use", json={"token": token, "password": "password1234"})

        assert problem(answer) == (422, "weak_password")
        assert answer.json()["detail"].startswith("expected something else than a common password")
        again = await browser.post("/api/links/use", json={"token": token, "password": GOOD})
        assert again.status_code == 204
        assert (await browser.get("/api/me")).json()["person"]["name"] == "Ana"


class TestOnesOwnAccount:
    async def test_another_password_needs_the_current_one_and_ends_other_sign_ins(self, front: Front) -> None:
        """[PE7] The browser at which it is changed stays."""
        _, browser = await front.arrive("Ana")
        elsewhere = front.browser()
        await sign_in(elsewhere, "ana")
        wrong = await browser.post("/api/me/password", json={"current": BETTER, "password": BETTER})
        weak = await browser.post("/api/me/password", json={"current": GOOD, "password": "ana@example.org"})
        right = await browser.post("/api/me/password", json={"current": GOOD, "password": BETTER})

        assert [problem(wrong), problem(weak)] == [(403, "wrong_password"), (422, "weak_password")]
        assert right.status_code == 204
        assert (await browser.get("/api/me")).status_code == 200
        assert problem(await elsewhere.get("/api/me")) == (401, "not_signed_in")
        assert problem(await sign_in(front.browser(), "ana", GOOD)) == (401, "wrong_sign_in")
        assert (await sign_in(front.browser(), "ana", BETTER)).status_code == 204

    async def test_the_current_password_is_not_guessed_at_an_open_desk(self, front: Front) -> None:
        """[PE3] Its failures count as those at the door."""
        _, browser = await front.arrive("Ana")
        tries = [await browser.post("/api/me/password", json={"current": str(n), "password": BETTER}) for n in range(6)]

        assert [problem(each) for each in tries] == [(403, "wrong_password")] * 5 + [(429, "slow_down")]
        assert problem(await sign_in(front.browser("198.51.100.1"), "ana")) == (429, "slow_down")

    async def test_sign_ins_are_listed_and_ended(self, front: Front) -> None:
        """[PE6] Each by its browser, and which one is here."""
        _, here = await front.arrive("Ana")
        there = front.browser(user_agent=EDGE)
        await sign_in(there, "ana")
        lines = (await here.get("/api/me/sign-ins")).json()["lines"]
        by_browser = {line["browser"]: line for line in lines}

        assert {name: line["is_here"] for name, line in by_browser.items()} == {
            "Firefox on Windows": True,
            "Edge on macOS": False,
        }
        ended = by_browser["Edge on macOS"]["id"]
        assert (await here.delete(f"/api/me/sign-ins/{ended}")).status_code == 204
        assert problem(await there.get("/api/me")) == (401, "not_signed_in")
        assert problem(await here.delete(f"/api/me/sign-ins/{ended}")) == (404, "unknown_sign_in")

    @pytest.mark.parametrize("made_up", ["1", "%25", "%00", "0" * 32, "_" * 32])
    async def test_another_persons_sign_in_is_nobodys(self, front: Front, made_up: str) -> None:
        """[PE6] Even if one knows what it is called."""
        _, ana = await front.arrive("Ana")
        _, ben = await front.arrive("Ben")
        (of_ben,) = (await ben.get("/api/me/sign-ins")).json()["lines"]

        for each in (of_ben["id"], made_up):
            assert problem(await ana.delete(f"/api/me/sign-ins/{each}")) == (404, "unknown_sign_in")
        assert (await ben.get("/api/me")).status_code == 200

    async def test_is_nobodys_who_is_not_signed_in(self, front: Front) -> None:
        """[PE6] Nor is a password."""
        stranger = front.browser()
        body = {"current": GOOD, "password": BETTER}

        assert problem(await stranger.get("/api/me/sign-ins")) == (401, "not_signed_in")
        assert problem(await stranger.delete("/api/me/sign-ins/1")) == (401, "not_signed_in")
        assert problem(await stranger.post("/api/me/password", json=body)) == (401, "not_signed_in")


class TestHouse:
    async def test_tells_strangers_what_to_show_and_nobodys_name(self, front: Front) -> None:
        """[PE15] Nobody yet; then somebody, who only has to use their link."""
        stranger = front.browser()
        before = (await stranger.get("/api/house")).json()
        await front.add("Ana")
        after = (await stranger.get("/api/house")).json()

        doors = {"passwords": True, "provider": None}
        assert before == {"name": "Sidecoach", "demo": False, "has_people": False, **doors}
        assert after == {**before, "has_people": True}


async def test_the_page_of_a_link_is_the_clients(front: Front) -> None:
    """[PE5] The token behind its # reaches no server; its address is the installation's, whatever was asked."""
    _, ada = await front.arrive("Ada", PersonRole.ADMIN)
    new = {"name": "Ben", "email": "ben@example.org", "roles": ["agent"], "team_ids": []}
    url = (await ada.post("/api/people", json=new)).json()["link"]["url"]

    assert url.startswith(f"{ADDRESS}/welcome#")
    assert len(url.partition("#")[2]) >= 43
