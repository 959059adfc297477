"""The second step of signing in: switched on by who proves it, asked for, each code once, and a way back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
from sqlalchemy import select

from protocol.account import PersonRole
from server.auth.second_factor import STEP_S, SecondFactors, step_of
from server.records.database import Database
from server.records.tables import second_factors
from server.store.keyring import KeyRing
from tests.support.people import BETTER, GOOD, Front, fronted, problem, rows_of_audit
from tests.support.sql import BOTH

SQL_KINDS = BOTH
VECTOR = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""RFC 6238, appendix B, for SHA-1: "12345678901234567890" in base32."""


@pytest.fixture
async def front(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Front]:
    async with fronted(database, database_url, tmp_path) as front:
        yield front


class App:
    """Somebody's authenticator app."""

    def __init__(self, secret: str) -> None:
        self._totp = pyotp.TOTP(secret)

    def code(self, steps: int = 0) -> str:
        """What it shows, or showed or will show so many steps from now."""
        return self._totp.generate_otp(int(time.time()) // STEP_S + steps)


async def away_from_the_edge() -> None:
    """The step does not end within the next seconds."""
    left_s = STEP_S - time.time() % STEP_S
    if left_s < 4:
        await asyncio.sleep(left_s)


async def switch_on(browser: httpx.AsyncClient) -> tuple[App, tuple[str, ...]]:
    await away_from_the_edge()
    offered = (await browser.post("/api/me/second-factor/offer", json={"password": GOOD})).json()
    app = App(offered["secret"])
    # A step back, so that the code of now is left for signing in.
    answer = await browser.put("/api/me/second-factor", json={"offer": offered["offer"], "code": app.code(-1)})
    assert answer.status_code == 200, answer.text
    return app, tuple(answer.json()["codes"])


async def enter(browser: httpx.AsyncClient, code: str | None = None, password: str = GOOD) -> httpx.Response:
    order: dict[str, Any] = {"email": "ana@example.org", "password": password}
    return await browser.post("/api/sign-in", json=order if code is None else {**order, "code": code})


@pytest.fixture
async def ana(front: Front) -> httpx.AsyncClient:
    """Ana's browser, signed in by password."""
    await front.arrive("Ana")
    browser = front.browser()
    assert (await enter(browser)).status_code == 204
    return browser


async def test_a_code_is_asked_for_after_the_right_password_only(front: Front, ana: httpx.AsyncClient) -> None:
    """[TF2] A wrong password is told as ever."""
    app, _ = await switch_on(ana)

    assert problem(await enter(front.browser())) == (401, "code_needed")
    assert problem(await enter(front.browser(), app.code(), "wrong herons on a roof")) == (401, "wrong_sign_in")
    assert problem(await enter(front.browser(), "000000")) == (401, "wrong_code")
    answer = await enter(front.browser(), f"{app.code()[:3]} {app.code()[3:]}")
    assert answer.status_code == 204
    assert "set-cookie" in answer.headers


async def test_each_code_lets_in_once(front: Front, ana: httpx.AsyncClient) -> None:
    """[TF3] Also the one that switched it on, and older ones than the last."""
    app, _ = await switch_on(ana)
    now = app.code()
    assert (await enter(front.browser(), now)).status_code == 204

    assert problem(await enter(front.browser("198.51.100.1"), now)) == (401, "wrong_code")
    assert problem(await enter(front.browser("198.51.100.2"), app.code(-1))) == (401, "wrong_code")


async def test_a_recovery_code_lets_in_once_and_is_on_record(
    front: Front, ana: httpx.AsyncClient, database: Database
) -> None:
    """[TF3] However it is typed; only hashes are stored."""
    _, codes = await switch_on(ana)
    assert len(set(codes)) == 10
    typed = codes[3].lower().replace("-", " ")

    assert (await enter(front.browser(), typed)).status_code == 204
    assert problem(await enter(front.browser(), typed)) == (401, "wrong_code")
    assert (await ana.get("/api/me/second-factor")).json()["recovery_left"] == 9
    assert "recovery_code_used" in [act for _, act, _, _ in await rows_of_audit(database)]
    async with database.reading() as connection:
        stored = repr((await connection.execute(select(second_factors))).all())
    assert not any(code in stored or code.replace("-", "") in stored for code in codes)


async def test_guessing_codes_is_slowed_down_like_guessing_passwords(front: Front, ana: httpx.AsyncClient) -> None:
    """[TF2, PE3] Whoever has the password has five tries."""
    app, _ = await switch_on(ana)
    for _ in range(5):
        await enter(front.browser(), "000000")

    assert problem(await enter(front.browser(), app.code())) == (429, "slow_down")


async def test_it_is_switched_on_and_off_by_who_knows_the_password(
    front: Front, ana: httpx.AsyncClient, database: Database
) -> None:
    """[TF4] A browser left open is not enough, nor somebody else's offer."""
    assert problem(await ana.post("/api/me/second-factor/offer", json={"password": "no"})) == (403, "wrong_password")
    offered = (await ana.post("/api/me/second-factor/offer", json={"password": GOOD})).json()
    assert offered["picture"].startswith("data:image/svg+xml")
    for offer, code in ((offered["offer"], "000000"), ("", "000000"), ("bm8=", App(offered["secret"]).code())):
        answer = await ana.put("/api/me/second-factor", json={"offer": offer, "code": code})
        assert problem(answer) == (422, "wrong_code")
    await switch_on(ana)
    again = (await ana.post("/api/me/second-factor/offer", json={"password": GOOD})).json()
    twice = await ana.put("/api/me/second-factor", json={"offer": again["offer"], "code": App(again["secret"]).code()})
    assert problem(twice) == (409, "second_factor_is_on")

    assert problem(await ana.post("/api/me/second-factor/off", json={"password": "no"})) == (403, "wrong_password")
    assert (await ana.post("/api/me/second-factor/off", json={"password": GOOD})).status_code == 204
    assert (await enter(front.browser())).status_code == 204
    acts = [act for _, act, _, _ in await rows_of_audit(database) if act.startswith("second_factor")]
    assert acts == ["second_factor_on", "second_factor_off"]


async def test_an_administrator_switches_it_off_for_who_lost_everything(front: Front, ana: httpx.AsyncClient) -> None:
    """[TF5]"""
    await switch_on(ana)
    await front.arrive("Ada", PersonRole.ADMIN)
    ada = front.browser()
    await ada.post("/api/sign-in", json={"email": "ada@example.org", "password": GOOD})
    ana_id = (await ana.get("/api/me")).json()["person"]["id"]
    (line,) = (await ada.get("/api/people?q=ana")).json()["lines"]
    assert line["has_second_factor"]

    assert (await ada.delete(f"/api/people/{ana_id}/second-factor")).status_code == 204
    assert problem(await ada.delete(f"/api/people/{ana_id}/second-factor")) == (404, "no_second_factor")
    assert (await enter(front.browser())).status_code == 204


async def test_a_link_lets_in_without_a_code_and_leaves_it_on(front: Front, ana: httpx.AsyncClient) -> None:
    """[TF6] Whoever hands it over answers for it."""
    await switch_on(ana)
    ana_id = (await ana.get("/api/me")).json()["person"]["id"]
    link = await front.roster.make_link(ana_id, by="ada")
    assert link is not None

    used = await front.browser().post("/api/links/use", json={"token": link.token, "password": BETTER})
    assert used.status_code == 204
    assert problem(await enter(front.browser(), password=BETTER)) == (401, "code_needed")


class TestCodes:
    @pytest.mark.parametrize(("at_s", "code"), [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")])
    def test_are_those_of_the_standard(self, at_s: int, code: str) -> None:
        """[TF1] RFC 6238, appendix B, of which six digits are shown."""
        assert step_of(VECTOR, code, at_s * 1_000) == at_s // STEP_S

    def test_count_a_step_before_and_behind_and_no_further(self) -> None:
        """[TF1] A telephone's clock may be half a minute off."""
        code = pyotp.TOTP(VECTOR).generate_otp(100)
        found = [step_of(VECTOR, code, step * STEP_S * 1_000) for step in range(98, 103)]

        assert found == [None, 100, 100, 100, None]

    def test_an_offer_is_for_one_person_and_a_quarter_of_an_hour(self, tmp_path: Path) -> None:
        """[TF4]"""
        second = SecondFactors(KeyRing.open(tmp_path / "keys.json"))
        offer = second.offer("ana", "ana@example.org", "House", 60_000)
        code = pyotp.TOTP(offer.secret).generate_otp(2)

        assert second.accept("ana", offer.offer, code, 61_000) is not None
        assert second.accept("ben", offer.offer, code, 61_000) is None
        assert second.accept("ana", offer.offer, pyotp.TOTP(offer.secret).generate_otp(32), 960_000) is None
