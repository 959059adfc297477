"""Passwords, one-time links and slowing down in SQL: what holds for several processes at once."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from protocol.account import PersonRole
from protocol.people import LinkKind, PersonChange
from server.people_ports import CannotLink, Credential, LastAdmin, Try
from server.records.database import Database
from server.records.roster import LINK_MS
from server.records.slow_down import FORGOTTEN_MS, OF_ADDRESS, OF_EMAIL, TOLD_EVERY_MS
from server.records.tables import links, passwords, sign_in_failures, sign_ins
from tests.support.people import Office, StillClock
from tests.support.sql import BOTH

SQL_KINDS = BOTH
ANA = Try(email="ana@example.org", address="192.0.2.1")
BEN_THERE = Try(email="ben@example.org", address=ANA.address)
ANA_ELSEWHERE = Try(email=ANA.email, address="192.0.2.2")
BEN_ELSEWHERE = Try(email="ben@example.org", address="192.0.2.2")


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def office(database: Database, clock: StillClock) -> Office:
    return Office(database, clock)


@pytest.fixture
async def other(database: Database, database_url: str, clock: StillClock) -> AsyncIterator[Office]:
    """Another process."""
    own = Database(database_url)
    yield Office(own, clock)
    await own.close()


async def known(office: Office) -> Credential:
    """Ana, who has a password."""
    _, token = await office.add("Ana")
    assert await office.accounts.use_link(token, "hash one", "Firefox on Linux")
    credential = await office.accounts.find(ANA.email)
    assert credential is not None
    return credential


class TestSlowingDown:
    async def test_grows_from_the_fifth_failure_on(self, office: Office, clock: StillClock) -> None:
        """[PE3] 1 s, 2 s, 4 s … and 5 minutes at most."""
        assert [await office.accounts.begin_try(ANA) for _ in range(5)] == [0] * 5
        waits = []
        for _ in range(12):
            waits.append(await office.accounts.begin_try(ANA))
            clock.advance(ms=waits[-1])
            assert await office.accounts.begin_try(ANA) == 0

        assert waits == [min(1_000 << place, OF_EMAIL.longest_ms) for place in range(12)]

    async def test_asking_meanwhile_makes_it_no_longer(self, office: Office, clock: StillClock) -> None:
        """[PE3] Only what was tried counts."""
        for _ in range(5):
            await office.accounts.begin_try(ANA)
        clock.advance(ms=400)

        assert [await office.accounts.begin_try(ANA) for _ in range(3)] == [600] * 3

    async def test_is_for_the_e_mail_from_everywhere(self, office: Office) -> None:
        """[PE3] Nobody else waits, at the same desk neither."""
        for _ in range(5):
            await office.accounts.begin_try(ANA)

        assert await office.accounts.begin_try(ANA_ELSEWHERE) == 1_000
        assert await office.accounts.begin_try(BEN_THERE) == 0
        assert await office.accounts.begin_try(BEN_ELSEWHERE) == 0

    async def test_is_for_all_from_one_address_after_what_an_office_mistypes(
        self, office: Office, clock: StillClock
    ) -> None:
        """[PE3] Somebody who tries many names waits, half a minute at most; who is elsewhere does not."""
        for number in range(OF_ADDRESS.free + 1):
            await office.accounts.begin_try(Try(email=f"{number}@example.org", address=ANA.address))
        waits = []
        for _ in range(7):
            waits.append(await office.accounts.begin_try(ANA))
            clock.advance(ms=waits[-1])
            await office.accounts.begin_try(Try(email=f"{len(waits)}@example.net", address=ANA.address))

        assert waits == [min(1_000 << place, OF_ADDRESS.longest_ms) for place in range(7)]
        assert await office.accounts.begin_try(ANA_ELSEWHERE) == 0

    async def test_is_the_same_in_every_process(self, office: Office, other: Office) -> None:
        """[PE3] Of many tries at once, in two processes, five are judged."""
        tries = [each.accounts.begin_try(ANA) for each in (office, other) * 6]

        assert sorted(await asyncio.gather(*tries)) == [0] * 5 + [1_000] * 7

    async def test_is_forgotten_after_an_hour(self, office: Office, clock: StillClock) -> None:
        """[PE3] And then it begins anew."""
        for _ in range(5):
            await office.accounts.begin_try(ANA)
        clock.advance(ms=FORGOTTEN_MS)

        assert [await office.accounts.begin_try(ANA) for _ in range(5)] == [0] * 5
        assert await office.accounts.begin_try(ANA) == 1_000

    async def test_is_forgotten_after_a_success(self, office: Office) -> None:
        """[PE3] For the person and for where they sit."""
        credential = await known(office)
        for _ in range(4):
            await office.accounts.begin_try(ANA)
        assert await office.accounts.let_in(credential, ANA, "", None)

        assert [await office.accounts.begin_try(ANA) for _ in range(5)] == [0] * 5

    async def test_failures_are_audited_once_a_minute_and_without_what_was_typed(
        self, office: Office, database: Database, clock: StillClock
    ) -> None:
        """[PE3, PE12] An e-mail address that nobody has may be a password."""
        credential = await known(office)
        before = len(await office.audited())
        for each in (ANA, ANA, BEN_THERE):
            await office.accounts.begin_try(each)
            await office.accounts.note_failure(each)
        clock.advance(ms=TOLD_EVERY_MS)
        await office.accounts.note_failure(ANA)

        ana, detail = credential.person_id, {"address": ANA.address}
        told = [(ana, "sign_in_failed", ana, detail), ("nobody", "sign_in_failed", "nobody", detail)]
        assert (await office.audited())[before:] == [*told, told[0]]
        async with database.reading() as connection:
            assert "@" not in str((await connection.execute(select(sign_in_failures))).all())

    async def test_what_is_forgotten_is_removed(self, office: Office, database: Database, clock: StillClock) -> None:
        """[PE3] The table does not grow for ever."""
        await office.accounts.begin_try(BEN_ELSEWHERE)
        clock.advance(ms=FORGOTTEN_MS)
        await office.accounts.begin_try(ANA)
        await office.accounts.note_failure(ANA)

        async with database.reading() as connection:
            assert len((await connection.execute(select(sign_in_failures))).all()) == 2


class TestLettingIn:
    async def test_makes_a_sign_in_and_its_row_of_the_audit_log(self, office: Office) -> None:
        """[PE2, PE12] Of that person, in one transaction."""
        credential = await known(office)
        token = await office.accounts.let_in(credential, ANA, "Firefox on Windows", None)

        assert token is not None
        actor = await office.sign_ins.find_actor(token)
        assert actor is not None
        assert actor.id == credential.person_id
        assert (await office.audited())[-1] == (actor.id, "sign_in", actor.id, {"by": "password"})

    async def test_a_hash_of_other_parameters_is_replaced(self, office: Office) -> None:
        """[PE2] By the one that was made of what was typed."""
        credential = await known(office)
        await office.accounts.let_in(credential, ANA, "", "hash one, dearer")
        found = await office.accounts.find(ANA.email)

        assert found is not None
        assert found.hash == "hash one, dearer"

    async def test_what_changed_meanwhile_counts(self, office: Office, other: Office) -> None:
        """[PE2] While a hash is compared, another process sets another password, or deactivates."""
        credential = await known(office)
        token = await office.accounts.let_in(credential, ANA, "", None)
        assert await other.accounts.change_password(credential, ANA, "hash two", token or "")
        assert await office.accounts.let_in(credential, ANA, "", None) is None
        assert not await office.accounts.change_password(credential, ANA, "hash three", token or "")

        now = await office.accounts.find(ANA.email)
        assert now is not None
        assert await other.roster.set_active(now.person_id, False, by="ada")
        assert await office.accounts.let_in(now, ANA, "", None) is None
        assert await office.accounts.find(ANA.email) is None

    async def test_who_has_no_password_is_not_let_in(self, office: Office) -> None:
        """[PE2] Before they used their link."""
        await office.add("Ana")
        credential = await office.accounts.find(ANA.email)

        assert credential is not None
        assert credential.hash is None
        assert await office.accounts.let_in(credential, ANA, "", None) is None

    async def test_another_password_ends_all_other_sign_ins(self, office: Office) -> None:
        """[PE7] But for the one at which it was changed."""
        credential = await known(office)
        here, there = [await office.accounts.let_in(credential, ANA, "", None) for _ in range(2)]
        assert here is not None
        assert there is not None
        await office.sign_ins.find_actor(there)

        assert await office.accounts.change_password(credential, ANA, "hash two", here)
        assert await office.sign_ins.find_actor(there) is None
        assert await office.sign_ins.find_actor(here) is not None
        ana = credential.person_id
        assert (await office.audited())[-1] == (ana, "password_changed", ana, {"by": "password"})


class TestLinks:
    async def test_only_a_hash_is_stored(self, office: Office, database: Database) -> None:
        """[PE5] Who reads the database cannot use it, nor a backup."""
        _, token = await office.add("Ana")

        assert len(token) >= 43
        async with database.reading() as connection:
            assert token not in str((await connection.execute(select(links))).all())

    async def test_are_told_apart_by_what_they_are_for(self, office: Office) -> None:
        """[PE5] The first administrator, whoever is invited, and a password that was lost."""
        kinds = []
        person_id, token = await office.add("Ada", PersonRole.ADMIN)
        _, invited = await office.add("Ana")
        for each in (token, invited):
            link = await office.accounts.find_link(each)
            kinds.append(link and link.kind)
        await office.accounts.use_link(token, "hash", "")
        _, second = await office.add("Cleo", PersonRole.ADMIN)
        lost = await office.roster.make_link(person_id, by="ada")
        assert lost is not None
        for each in (second, lost.token):
            link = await office.accounts.find_link(each)
            kinds.append(link and link.kind)

        assert kinds == [LinkKind.FIRST_ADMIN, LinkKind.INVITATION, LinkKind.INVITATION, LinkKind.PASSWORD]

    async def test_are_for_one_use(self, office: Office) -> None:
        """[PE5] The second finds nothing."""
        _, token = await office.add("Ana")
        assert await office.accounts.use_link(token, "hash one", "")

        assert await office.accounts.find_link(token) is None
        assert await office.accounts.use_link(token, "hash two", "") is None
        assert await office.accounts.use_link("", "hash two", "") is None

    async def test_used_by_two_processes_at_once_let_one_in(
        self, office: Office, other: Office, database: Database
    ) -> None:
        """[PE5] The password is the winner's."""
        for name in ("Ana", "Ben", "Cleo"):
            person_id, token = await office.add(name)
            used = await asyncio.gather(
                office.accounts.use_link(token, "hash one", ""), other.accounts.use_link(token, "hash two", "")
            )

            assert [each is None for each in used].count(True) == 1
            async with database.reading() as connection:
                kept = select(passwords.c.hash).where(passwords.c.person_id == person_id)
                assert (await connection.execute(kept)).scalar_one() == ("hash one" if used[0] else "hash two")
                theirs = select(sign_ins).where(sign_ins.c.person_id == person_id)
                assert len((await connection.execute(theirs)).all()) == 1

    async def test_are_good_for_72_hours(self, office: Office, clock: StillClock) -> None:
        """[PE5] And not a millisecond longer."""
        _, token = await office.add("Ana")
        clock.advance(ms=LINK_MS - 1)
        link = await office.accounts.find_link(token)
        assert link is not None
        assert link.expires_ms == clock.now_ms + 1
        clock.advance(ms=1)

        assert await office.accounts.find_link(token) is None
        assert await office.accounts.use_link(token, "hash", "") is None

    async def test_a_new_one_ends_the_one_before(self, office: Office) -> None:
        """[PE5] Whoever was shown the old one gets nowhere by it."""
        person_id, old = await office.add("Ana")
        new = await office.roster.make_link(person_id, by="ada")
        assert new is not None

        assert await office.accounts.use_link(old, "hash", "") is None
        assert await office.accounts.use_link(new.token, "hash", "") is not None

    async def test_using_one_ends_every_older_sign_in(self, office: Office) -> None:
        """[PE7] Whoever had the password is out."""
        credential = await known(office)
        old = await office.accounts.let_in(credential, ANA, "", None)
        assert old is not None
        await office.sign_ins.find_actor(old)
        link = await office.roster.make_link(credential.person_id, by="ada")
        assert link is not None
        new = await office.accounts.use_link(link.token, "hash two", "")

        assert new is not None
        assert await office.sign_ins.find_actor(old) is None
        assert await office.sign_ins.find_actor(new) is not None

    async def test_end_with_their_persons_time_here(self, office: Office) -> None:
        """[PE9] Activated again, they need a new one."""
        person_id, token = await office.add("Ana")
        await office.roster.set_active(person_id, False, by="ada")
        with pytest.raises(CannotLink, match="deactivated"):
            await office.roster.make_link(person_id, by="ada")
        await office.roster.set_active(person_id, True, by="ada")

        assert await office.accounts.find_link(token) is None
        assert await office.roster.make_link(person_id, by="ada") is not None

    async def test_are_audited_without_token_or_hash(self, office: Office) -> None:
        """[PE12] What was made for whom, by whom, and who used it."""
        person_id, token = await office.add("Ana")
        await office.accounts.use_link(token, "hash one", "")
        rows = await office.audited()

        added = {"name": "Ana", "email": ANA.email, "roles": "agent", "teams": ""}
        assert rows == [
            ("ada", "person_added", person_id, added),
            ("ada", "link_made", person_id, {"kind": "invitation"}),
            (person_id, "link_used", person_id, {"kind": "invitation"}),
            (person_id, "password_changed", person_id, {"by": "link"}),
            (person_id, "sign_in", person_id, {"by": "link"}),
        ]


class TestLastAdmin:
    async def test_of_two_who_put_each_other_out_one_does(self, office: Office, other: Office) -> None:
        """[PE10] In two processes at the same moment, by either way."""
        ada, _ = await office.add("Ada", PersonRole.ADMIN)
        eve, _ = await office.add("Eve", PersonRole.ADMIN)
        results = await asyncio.gather(
            office.roster.set_active(ada, False, by=eve),
            other.roster.change(eve, PersonChange(roles=(PersonRole.AGENT,)), by=ada),
            return_exceptions=True,
        )

        assert sorted(type(each) for each in results if each is not True) == [LastAdmin]
        assert results.count(True) == 1


class TestSignIns:
    async def test_who_is_deactivated_is_out_and_stays_out(self, office: Office, clock: StillClock) -> None:
        """[PE9] Sign-ins of before do not come back."""
        credential = await known(office)
        token = await office.accounts.let_in(credential, ANA, "", None)
        assert token is not None
        await office.sign_ins.find_actor(token)
        await office.roster.set_active(credential.person_id, False, by="ada")
        assert await office.sign_ins.find_actor(token) is None
        await office.roster.set_active(credential.person_id, True, by="ada")

        assert await office.sign_ins.find_actor(token) is None

    async def test_what_one_is_called_by_ends_that_one_of_that_person(self, office: Office) -> None:
        """[PE6] Nobody else's, whoever knows its name."""
        credential = await known(office)
        ben, token = await office.add("Ben")
        await office.accounts.use_link(token, "hash", "Edge on Windows")
        (of_ben,) = (await office.sign_ins.lines(ben)).lines

        assert of_ben.browser == "Edge on Windows"
        assert await office.sign_ins.end(credential.person_id, of_ben.id, by=credential.person_id) == 0
        assert await office.sign_ins.end(ben, of_ben.id, by="ada") == 1
        assert (await office.sign_ins.lines(ben)).lines == ()
        assert (await office.audited())[-1] == ("ada", "sign_ins_ended", ben, {"ended": "1"})
