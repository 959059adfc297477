"""Who somebody is here whom the OpenID provider vouches for, and what their groups give."""

import pytest

from protocol.account import PersonRole
from server.records.database import Database
from tests.support.openid import Company, Doors, doors, employer, enter, me, running, why
from tests.support.people import problem, rows_of_audit
from tests.support.sql import BOTH

__all__ = ["doors", "employer", "running"]

SQL_KINDS = BOTH
GROUPS = {
    "callers": {"roles": ["agent"], "teams": ["Berlin"]},
    "leads": {"roles": ["supervisor"], "teams": ["Berlin", "Leads"]},
    "it": {"roles": ["admin"]},
}


class TestWhoSomebodyIs:
    async def test_is_known_by_verified_e_mail_once_and_by_subject_from_then_on(
        self, doors: Doors, employer: Company, database: Database
    ) -> None:
        """[OI5] The address may change on both sides; whoever gets it next is somebody else."""
        front = await doors.open()
        ana, _ = await front.add("Ana")
        browser = front.browser()
        assert await enter(browser, "/new") == "/new"
        told = await me(browser)
        assert (told["person"]["id"], told["person"]["email"], told["way"]) == (ana, "ana@example.org", "oidc")
        assert told["person"]["has_password"] is False

        employer.employ(email="ana.new@example.org")
        again = front.browser()
        assert await enter(again) == "/"
        assert (await me(again))["person"]["id"] == ana

        employer.employ("b-2")
        assert why(await enter(front.browser())) == "other_identity"
        acts = [(actor, act) for actor, act, _, _ in await rows_of_audit(database)]
        assert acts[2:] == [
            (ana, "identity_linked"),
            (ana, "sign_in"),
            (ana, "sign_in"),
            ("nobody", "sign_in_refused"),
        ]

    async def test_must_be_vouched_for(self, doors: Doors, employer: Company) -> None:
        """[OI5] An address that anybody may have typed there opens nothing here; true is a boolean."""
        front = await doors.open()
        await front.add("Ana")
        for claims in ({"email_verified": False}, {"email_verified": None}, {"email_verified": "true"}, {"email": 1}):
            employer.employ(**claims)
            browser = front.browser()
            assert why(await enter(browser)) == "not_verified"
            assert problem(await browser.get("/api/me")) == (401, "not_signed_in")

    async def test_must_have_been_added(self, doors: Doors) -> None:
        """[OI6] Unless newcomers are let in."""
        front = await doors.open()

        assert why(await enter(front.browser())) == "unknown"

    async def test_may_be_a_newcomer_whose_groups_have_a_role(
        self, doors: Doors, employer: Company, database: Database
    ) -> None:
        """[OI6] Added by the provider, with a row of the audit log; in no group that counts, nobody is."""
        front = await doors.open(GROUPS, oidc_newcomers=True)
        employer.employ(groups=["canteen"])
        assert why(await enter(front.browser())) == "no_role"
        employer.employ(groups=["canteen", "it"])
        browser = front.browser()
        assert await enter(browser) == "/"

        person = (await me(browser))["person"]
        assert (person["name"], person["email"], person["roles"]) == ("Ana Agent", "ana@example.org", ["admin"])
        assert [row[:2] for row in await rows_of_audit(database)] == [
            ("nobody", "sign_in_refused"),
            ("identity_provider", "person_added"),
            (person["id"], "identity_linked"),
            (person["id"], "sign_in"),
        ]
        assert (await browser.get("/api/house")).json()["has_people"] is True

    @pytest.mark.parametrize("is_known", [True, False])
    async def test_is_told_that_they_are_deactivated(self, doors: Doors, is_known: bool) -> None:
        """[OI5] Whether or not they were here before."""
        front = await doors.open()
        ana, _ = await front.add("Ana")
        if is_known:
            await enter(front.browser())
        await front.roster.set_active(ana, False, by="ada")
        browser = front.browser()

        assert why(await enter(browser)) == "deactivated"
        assert problem(await browser.get("/api/me")) == (401, "not_signed_in")


class TestForgetting:
    async def test_lets_another_account_with_the_same_address_in(
        self, doors: Doors, employer: Company, database: Database
    ) -> None:
        """[OI12] Administrators do it; what came of the old one ends, a password stays."""
        front = await doors.open()
        ana, by_password = await front.arrive("Ana")
        _, ada = await front.arrive("Ada", PersonRole.ADMIN)
        by_account = front.browser()
        assert await enter(by_account) == "/"
        employer.employ("a-2")
        assert why(await enter(front.browser())) == "other_identity"
        line = next(each for each in (await ada.get("/api/people")).json()["lines"] if each["id"] == ana)
        assert line["has_identity"] is True
        assert problem(await by_password.delete(f"/api/people/{ana}/identity")) == (403, "not_allowed")
        assert (await ada.delete(f"/api/people/{ana}/identity")).status_code == 204

        assert problem(await by_account.get("/api/me")) == (401, "not_signed_in")
        assert (await me(by_password))["person"]["id"] == ana
        assert await enter(front.browser()) == "/"
        acts = [row[1] for row in await rows_of_audit(database)]
        assert acts[-3:] == ["identity_forgotten", "identity_linked", "sign_in"]


class TestGroups:
    @pytest.mark.parametrize("in_id_token", [True, False])
    async def test_set_roles_and_teams_at_each_sign_in(
        self, doors: Doors, employer: Company, database: Database, in_id_token: bool
    ) -> None:
        """[OI7] Whether the ID token tells them or userinfo; an audit row when something changes, and only then."""
        employer.tell(in_id_token=in_id_token)
        front = await doors.open(GROUPS)
        berlin = (await front.roster.add_team("Berlin", by="ada")).id
        leads = (await front.roster.add_team("Leads", by="ada")).id
        ana, _ = await front.add("Ana")
        seen = []
        for groups in (["callers"], ["callers", "leads"], ["callers", "leads"], "callers"):
            employer.employ(groups=groups)
            browser = front.browser()
            assert await enter(browser) == "/"
            line = await front.roster.get(ana)
            assert line is not None
            seen.append(((await me(browser))["person"]["roles"], set(line.team_ids)))
        employer.tell(in_id_token=False)

        assert seen == [
            (["agent"], {berlin}),
            (["agent", "supervisor"], {berlin, leads}),
            (["agent", "supervisor"], {berlin, leads}),
            (["agent"], {berlin}),
        ]
        by_groups = [row[1] for row in await rows_of_audit(database) if row[0] == "identity_provider"]
        assert by_groups == ["person_changed", *["roles_changed", "person_changed"] * 2]

    async def test_that_give_no_role_let_nobody_in(self, doors: Doors, employer: Company) -> None:
        """[OI7] The roles of before stay as they are: an administrator may take the person's browsers away."""
        front = await doors.open(GROUPS)
        ana, _ = await front.add("Ana")
        employer.employ(groups=[])

        assert why(await enter(front.browser())) == "no_role"
        line = await front.roster.get(ana)
        assert line is not None
        assert line.roles == (PersonRole.AGENT,)

    async def test_never_take_the_last_administrator_away(
        self, doors: Doors, employer: Company, caplog: pytest.LogCaptureFixture
    ) -> None:
        """[OI7] That part is refused, and the log says so."""
        front = await doors.open(GROUPS)
        await front.add("Ana", PersonRole.ADMIN)
        employer.employ(groups=["callers"])
        browser = front.browser()
        assert await enter(browser) == "/"

        assert (await me(browser))["person"]["roles"] == ["admin", "agent"]
        assert "oidc.last_admin_kept" in caplog.text

    async def test_without_a_meaning_leave_roles_to_administrators(self, doors: Doors, employer: Company) -> None:
        """[OI7] No file, no roles."""
        front = await doors.open()
        await front.add("Ana", PersonRole.COACH)
        employer.employ(groups=["it"])
        browser = front.browser()
        await enter(browser)

        assert (await me(browser))["person"]["roles"] == ["coach"]
