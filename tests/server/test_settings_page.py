"""Settings that administrators change while the installation runs, over HTTP and in every process."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from protocol.account import END_REASONS, PersonRole
from server.house import LOOK_S, House, SetSettings, SettingChange
from server.ports import Unavailable
from server.records.database import Database
from server.records.house import SqlHouse
from server.settings import Settings, read_settings
from tests.support.people import Front, fronted, problem, rows_of_audit
from tests.support.sql import BOTH

SQL_KINDS = BOTH
WRONG: list[tuple[dict[str, object], str]] = [
    ({"undo_s": 61}, "undo_s: expected 0 to 60 instead of 61"),
    ({"driver_left_s": 0}, "driver_left_s: expected 1 to 315360000 instead of 0"),
    ({"expires_days": -1}, "expires_days: expected 1 to 3650 instead of -1"),
    ({"retention_days": -1}, "retention_days: expected 0 to 36500 instead of -1"),
    ({"workflow_retention_days": {"small": 40_000}}, "workflow_retention_days.small: expected 0 to 36500"),
    ({"language": "english"}, "language: expected a language and region such as en-GB"),
    ({"language": "zz-ZZ"}, "language: expected a language such as en-GB instead of 'zz-ZZ'"),
    ({"currency": "XQX"}, "expected a currency code such as GBP instead of 'XQX'"),
    ({"time_zone": "Mars/Olympus"}, "time_zone: expected a time zone such as Europe/London"),
    ({"name": " "}, "name: expected a name"),
    ({"end_reasons": [{"label": f"R{n}"} for n in range(10)]}, "end_reasons: expected at most 9"),
    ({"end_reasons": [{"label": "A"}, {"label": "a"}]}, "end_reasons.1: expected each of them once"),
    ({"end_reasons": [{"label": "A", "key": "nope"}]}, "end_reasons.0: expected the key of one of them"),
]


@pytest.fixture
async def front(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Front]:
    async with fronted(database, database_url, tmp_path) as front:
        yield front


@pytest.fixture
async def ada(front: Front) -> httpx.AsyncClient:
    """An administrator."""
    _, browser = await front.arrive("Ada", PersonRole.ADMIN)
    return browser


async def settings(ada: httpx.AsyncClient) -> dict[str, Any]:
    return dict((await ada.get("/api/settings")).json())


async def change(ada: httpx.AsyncClient, **news: object) -> httpx.Response:
    """On top of what holds now."""
    return await ada.patch("/api/settings", json={"version": (await settings(ada))["version"], **news})


class TestChanging:
    async def test_holds_at_once_where_it_was_changed(
        self, front: Front, ada: httpx.AsyncClient, database: Database
    ) -> None:
        """[SG1][SG4] Each with what it was and is, in the audit log; what is the same already is no change."""
        _, ben = await front.arrive("Ben")
        answer = await change(ada, name="  North   Coast ", undo_s=30, teammates_resume=False, currency="GBP")

        assert answer.status_code == 200, answer.text
        assert (answer.json()["version"], answer.json()["settings"]["undo_s"]) == (1, 30)
        me = (await ben.get("/api/me")).json()
        assert (me["house"], me["policy"]["undo_ms"], me["policy"]["teammates_resume"]) == (
            "North Coast",
            30_000,
            False,
        )
        assert (await front.browser().get("/api/house")).json()["name"] == "North Coast"
        told = {
            subject: detail for _, act, subject, detail in await rows_of_audit(database) if act == "setting_changed"
        }
        assert told == {
            "name": {"from": "Sidecoach", "to": "North Coast"},
            "undo_s": {"from": "10", "to": "30"},
            "teammates_resume": {"from": "yes", "to": "no"},
        }

    async def test_is_for_administrators(self, front: Front) -> None:
        """[SG1] Of all others nobody reads or writes it."""
        _, ben = await front.arrive("Ben", PersonRole.SUPERVISOR)
        assert problem(await ben.get("/api/settings")) == (403, "not_allowed")
        assert problem(await ben.patch("/api/settings", json={"version": 0})) == (403, "not_allowed")
        assert (await front.browser().get("/api/settings")).status_code == 401

    async def test_what_cannot_be_meant_is_refused_and_changes_nothing(self, ada: httpx.AsyncClient) -> None:
        """[SG5] Not even what came with it and is good."""
        for news, expected in WRONG:
            answer = await change(ada, **{"archive_after_s": 60, **news})
            assert problem(answer) == (422, "bad_setting" if "name" not in news else "bad_name")
            assert expected in answer.json()["detail"]
        assert problem(await change(ada, undo_s="soon")) == (400, "bad_body")
        assert problem(await change(ada, port=80)) == (400, "bad_body")
        now = await settings(ada)
        assert (now["version"], now["settings"]["archive_after_s"]) == (0, 600)

    async def test_of_two_at_once_the_second_is_told(self, ada: httpx.AsyncClient) -> None:
        """[SG6] Whoever saw the older settings is told, and nothing of theirs is half saved."""
        first, second = await asyncio.gather(
            *(ada.patch("/api/settings", json={"version": 0, "undo_s": undo_s}) for undo_s in (20, 40))
        )
        won, lost = (first, second) if first.status_code == 200 else (second, first)
        assert won.status_code == 200
        assert problem(lost) == (409, "settings_changed")
        now = await settings(ada)
        assert (now["version"], now["settings"]) == (1, won.json()["settings"])


class TestFixed:
    async def test_what_was_given_at_the_start_wins(
        self, database: Database, database_url: str, tmp_path: Path
    ) -> None:
        """[SG3] Over what was set, and it says by which flag or variable."""
        await SqlHouse(database).change(0, {"undo_s": _set(5), "currency": _set("EUR")}, by="ada")
        fixed = {"undo_s": "SIDECOACH_UNDO_S"}
        async with fronted(database, database_url, tmp_path, undo_s=45, fixed=fixed) as front:
            _, ada = await front.arrive("Ada", PersonRole.ADMIN)
            now = await settings(ada)
            assert (now["fixed"], now["settings"]["undo_s"], now["settings"]["currency"]) == (fixed, 45, "EUR")
            refused = await change(ada, undo_s=6)
            assert problem(refused) == (409, "setting_fixed")
            assert "SIDECOACH_UNDO_S" in refused.json()["detail"]

    def test_flags_and_variables_fix_and_defaults_do_not(self) -> None:
        """[SG3] Only what administrators could change is named."""
        given = read_settings({"undo_s": "7", "workers": "2"}, {"SIDECOACH_CURRENCY": "EUR", "SIDECOACH_UNDO_S": "9"})
        assert given.fixed == {"undo_s": "--undo-s", "currency": "SIDECOACH_CURRENCY"}
        assert (given.undo_s, given.currency) == (7, "EUR")


class TestEndReasons:
    async def test_are_added_reordered_hidden_and_found_again(self, ada: httpx.AsyncClient) -> None:
        """[SG7] A key never means anything else than it did."""
        other, first = END_REASONS[-1], END_REASONS[0]
        given = [{"key": other.key, "label": other.label}, {"label": "Kein Interesse – später?"}, {"label": "9 lives"}]
        shown = offered((await change(ada, end_reasons=given)).json())
        assert shown == {
            "other": "Other",
            "kein_interesse_sp_ter": "Kein Interesse – später?",
            "reason_9_lives": "9 lives",
        }
        hidden = [each for each in (await settings(ada))["settings"]["end_reasons"] if each["hidden"]]
        assert {each["key"] for each in hidden} == {each.key for each in END_REASONS[:-1]}
        again = offered((await change(ada, end_reasons=[{"label": first.label}])).json())
        assert again == {first.key: first.label}

    async def test_a_new_name_is_a_new_reason(self, ada: httpx.AsyncClient) -> None:
        """[SG7] Records that gave the old one keep its name; nobody can give it any more."""
        first = END_REASONS[0]
        after = (await change(ada, end_reasons=[{"key": first.key, "label": "They hung up"}])).json()
        assert offered(after) == {"they_hung_up": "They hung up"}
        policy = (await ada.get("/api/me")).json()["policy"]
        old = next(each for each in policy["end_reasons"] if each["key"] == first.key)
        assert old == {"key": first.key, "label": first.label, "hidden": True}


class TestOtherProcesses:
    async def test_follow_within_two_seconds(self, front: Front, ada: httpx.AsyncClient, database: Database) -> None:
        """[SG2] Also how people read and write who have no locale of their own."""
        other, heard = House(Settings(data_dir="."), SqlHouse(database)), asyncio.Event()
        other.on_locale(heard.set)
        await other.start(lambda: None)
        await change(ada, language="de-DE", expires_days=3)
        async with asyncio.timeout(2 * LOOK_S):
            await heard.wait()
        assert (other.locale().country, other.policy().expires_ms) == ("DE", 3 * 86_400_000)
        await other.close()

    async def test_nothing_is_known_before_sql_was_read(self) -> None:
        """[SG2] What time does waits until it is known when; what was read last goes on holding without SQL."""
        book, known = _Book(), asyncio.Event()
        house = House(Settings(data_dir="."), book)
        book.is_away = True
        await house.start(known.set)
        assert (known.is_set(), house.policy().undo_ms) == (False, 10_000)
        book.is_away = False
        async with asyncio.timeout(2 * LOOK_S):
            await known.wait()
        book.is_away = True
        with pytest.raises(Unavailable):
            await house.look()
        assert house.policy().undo_ms == 3_000
        await house.close()


def offered(answer: dict[str, Any]) -> dict[str, str]:
    return {each["key"]: each["label"] for each in answer["settings"]["end_reasons"] if not each["hidden"]}


def _set(value: object) -> Any:
    return SettingChange(value=value, before="", after=str(value))


class _Book:
    """Holds one setting, and may be out of reach."""

    is_away = False

    async def version(self) -> int:
        if self.is_away:
            raise Unavailable("away")
        return 4

    async def read(self) -> Any:
        await self.version()
        return SetSettings(version=4, values={"undo_s": 3})

    async def change(self, *_: Any, **__: Any) -> None:
        raise NotImplementedError
