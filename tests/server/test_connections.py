"""Connections: credentials sealed, one found for each Action, nothing secret read back, every change on the record."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update

from protocol.actions import OutcomeKind
from protocol.connections import ConnectionStatus, Delivery, EgressRule, RecentDeliveries
from server.actions.connection_forms import egress_problem, form_problem, receiver_host
from server.actions.credentials import Envelope, last4, redact
from server.actions.signing import draw_signing_secret
from server.auth.demo import DEMO_PEOPLE, TEAM_ID, TEAM_NAME
from server.ports import DeliveryQuery, NameTaken
from server.records.connections import ROTATING_MS, SqlConnections
from server.records.database import Database
from server.records.egress_rules import SqlEgressRules
from server.records.people import SqlPeople
from server.records.tables import audit, connections, delivery_attempts
from server.store.keyring import KeyRing, SealBroken
from tests.support.integrations import HOOK, MAIL

ANA, BEN, ADA = "demo_agent", "demo_agent2", "demo_admin"
TOKEN = "tok_live_51Hq8Zc9aa2f"
C1, C2 = "1" * 32, "2" * 32


class FakeClock:
    """Stands still unless moved."""

    now_ms = 1_700_000_000_000

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing.open(tmp_path / "keys.json")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def book(database: Database, ring: KeyRing, clock: FakeClock) -> SqlConnections:
    return SqlConnections(database, ring, clock)


async def audited(database: Database) -> list[tuple[str, str, dict[str, str]]]:
    async with database.reading() as connection:
        rows = (await connection.execute(select(audit).order_by(audit.c.id))).all()
    return [(row.actor_id, row.act, row.detail) for row in rows]


async def everything_stored(database: Database) -> str:
    """Each cell of the tables concerned, as text."""
    texts: list[Any] = []
    async with database.reading() as connection:
        for table in (connections, delivery_attempts, audit):
            texts += [tuple(row) for row in await connection.execute(select(table))]
    return repr(texts)


def attempt(connection_id: str, at_ms: int, **facts: Any) -> Delivery:
    given = {"action": "hook.post@1", "kind": OutcomeKind.SENT, "status": 200, **facts}
    return Delivery(connection_id=connection_id, at_ms=at_ms, **given)


class TestEnvelope:
    def test_opens_what_it_sealed_and_draws_a_key_each_time(self, ring: KeyRing) -> None:
        """[CO1] The same secret sealed twice has nothing in common."""
        envelope = Envelope(ring)
        one, other = (envelope.seal(C1, {"token": TOKEN, "password": ""}) for _ in range(2))

        assert envelope.open(C1, one) == envelope.open(C1, other) == {"token": TOKEN, "password": ""}
        assert one.wrapped != other.wrapped
        assert one.secrets["token"] != other.secrets["token"]

    def test_a_secret_in_another_setting_does_not_open(self, ring: KeyRing) -> None:
        """[CO1] Sealed for its setting."""
        envelope = Envelope(ring)
        sealed = envelope.seal(C1, {"token": TOKEN, "password": "p"})
        swapped = {"token": sealed.secrets["password"], "password": sealed.secrets["token"]}

        with pytest.raises(SealBroken):
            envelope.open(C1, msgspec.structs.replace(sealed, secrets=swapped))

    def test_a_secret_of_another_connection_does_not_open(self, ring: KeyRing) -> None:
        """[CO1] Sealed for its Connection, data key and all."""
        envelope = Envelope(ring)
        sealed, other = envelope.seal(C1, {"token": TOKEN}), envelope.seal(C2, {"token": "other"})

        with pytest.raises(SealBroken):
            envelope.open(C2, sealed)
        with pytest.raises(SealBroken):
            envelope.open(C2, msgspec.structs.replace(other, secrets=sealed.secrets))
        with pytest.raises(SealBroken):
            envelope.open(C1, msgspec.structs.replace(sealed, kid="00000000"))

    def test_the_data_key_alone_does_not_move_a_secret(self, ring: KeyRing) -> None:
        """[CO1] Even under one data key the Connection's id is part of the seal."""
        kid, wrapped = ring.wrap(f"connection:{C2}", ring.unwrap(f"connection:{C1}", *self._wrapped(ring)))
        sealed = msgspec.structs.replace(self._sealed, kid=kid, wrapped=wrapped)

        with pytest.raises(SealBroken):
            Envelope(ring).open(C2, sealed)

    def _wrapped(self, ring: KeyRing) -> tuple[str, bytes]:
        self._sealed = Envelope(ring).seal(C1, {"token": TOKEN})
        return self._sealed.kid, self._sealed.wrapped

    def test_the_end_of_a_secret_is_told_only_if_it_is_long(self) -> None:
        """[CO2] Four of twelve characters are the most."""
        assert last4("123456789012") == "9012"
        assert last4("12345678901") == ""

    def test_redaction_goes_by_value_the_longest_first(self) -> None:
        """[CO2] A secret that begins with another leaves no tail; three letters are no secret."""
        assert redact("tok_1234 b tok_12345678 abc", ["tok_1234", "new1 tok_12345678", "abc"]) == "••• b ••• abc"

    def test_drawn_signing_secrets_are_of_32_bytes_and_differ(self) -> None:
        """[CO6] As Standard Webhooks writes them."""
        assert draw_signing_secret().startswith("whsec_")
        assert len({draw_signing_secret() for _ in range(3)}) == 3


class TestForms:
    @pytest.mark.parametrize(
        ("settings", "secrets", "expected"),
        [
            ({}, {}, "settings.url: expected a text for Address"),
            ({"url": "https://a", "token": TOKEN}, {}, "settings.token: Webhook knows no such thing there"),
            ({"url": "https://a"}, {"url": TOKEN}, "secrets.url: Webhook knows no such thing there"),
            ({"url": "https://a", "format": "xml"}, {}, "settings.format: expected one of json, form"),
            ({"url": "https://a\r\nX-Evil: 1"}, {}, "settings.url: expected one line without control characters"),
            ({"url": " https://a"}, {}, "settings.url: expected no space at either end"),
        ],
    )
    def test_say_what_was_expected_and_where(self, settings: Any, secrets: Any, expected: str) -> None:
        """[CO3] With the path, never with what was typed."""
        problem = form_problem(HOOK, settings, secrets)

        assert problem is not None
        assert problem.startswith(expected)
        assert TOKEN not in problem

    def test_take_what_is_complete(self) -> None:
        """[CO3] A drawn secret, a default and one that is set already need not be given."""
        assert form_problem(HOOK, {"url": "https://a"}, {}) is None
        assert form_problem(MAIL, {"host": "h", "sender": "s"}, {}, kept=["password"]) is None
        assert form_problem(MAIL, {"host": "h", "sender": "s"}, {}) == "secrets.password: expected a text for Password"

    @pytest.mark.parametrize(
        ("settings", "host"),
        [
            ({"url": "https://key@Hooks.example.org:8443/secret?sig=1"}, "hooks.example.org"),
            ({"host": "mail.example.org"}, "mail.example.org"),
            ({"url": "https://[::1"}, ""),
            ({}, ""),
        ],
    )
    def test_tell_the_log_no_more_than_a_host(self, settings: dict[str, str], host: str) -> None:
        """[CO7, CO2] Addresses of some receivers are secrets."""
        assert receiver_host(MAIL if "host" in settings else HOOK, settings) == host

    @pytest.mark.parametrize(
        ("network", "is_fine"),
        [
            ("10.20.0.7", True),
            ("10.20.0.0/24", True),
            ("127.0.0.1/32", True),
            ("fd00::/64", True),
            ("10.20.0.7/24", False),
            ("10.0.0.0/8", False),
            ("0.0.0.0/0", False),
            ("fd00::/32", False),
            ("169.254.169.254", False),
            ("receiver.local", False),
        ],
    )
    def test_take_own_networks_that_are_narrow_and_harmless(self, network: str, is_fine: bool) -> None:
        """[CO9] Nobody opens a continent, or the door to the machine's own credentials."""
        assert (egress_problem(EgressRule(network=network, port=8080)) is None) is is_fine


class TestKeeping:
    async def test_no_secret_lies_in_the_tables_or_is_read_back(self, book: SqlConnections, database: Database) -> None:
        """[CO1, CO2, CO10] Made, changed, rotated, attempted: it is nowhere but in the opened Connection."""
        made = await book.create("hook", "Backoffice", None, {"url": "https://a"}, {"token": TOKEN}, by=ADA)
        await book.update(made.id, ADA, secrets={"token": TOKEN + "2"})
        await book.rotate(made.id, "token", TOKEN + "3", by=ADA)
        await book.note_attempt(attempt(made.id, 1, message=f"no {TOKEN}3", excerpt=f"Bearer {TOKEN}3", host="a"))

        assert TOKEN not in await everything_stored(database)
        view = await book.get(made.id)
        assert view is not None
        assert view.secrets["token"].last4 == "a2f3"
        assert TOKEN not in repr(view)
        opened = await book.open(made.id)
        assert opened is not None
        assert opened.secrets["token"] == f"{TOKEN}3 {TOKEN}2"
        assert TOKEN not in repr(opened)

    async def test_a_row_whose_secret_was_moved_does_not_open(self, book: SqlConnections, database: Database) -> None:
        """[CO1] Somebody who can write SQL, and has no key, cannot lend one Connection's secret to another."""
        mine = await book.create("hook", "Mine", None, {"url": "https://evil"}, {"token": "mine"}, by=ADA)
        theirs = await book.create("hook", "Theirs", None, {"url": "https://a"}, {"token": TOKEN}, by=ADA)
        async with database.writing() as connection:
            row = (await connection.execute(select(connections).where(connections.c.id == theirs.id))).one()
            moved = {"kid": row.kid, "wrapped": row.wrapped, "sealed": row.sealed}
            await connection.execute(update(connections).where(connections.c.id == mine.id).values(moved))

        with pytest.raises(SealBroken):
            await book.open(mine.id)

    async def test_a_blank_secret_changes_nothing(self, book: SqlConnections, clock: FakeClock) -> None:
        """[CO2] The others are as they were, and since when."""
        made = await book.create("mail", "Box", None, {"host": "h"}, {"password": TOKEN}, by=ADA)
        clock.now_ms += 5_000
        changed = await book.update(made.id, ADA, settings={"host": "h2"}, secrets={"password": ""})

        assert changed is not None
        assert changed.settings == {"host": "h2"}
        assert changed.secrets == made.secrets
        opened = await book.open(made.id)
        assert opened is not None
        assert opened.secrets == {"password": TOKEN}

    async def test_names_are_unique_per_integration_and_owner(self, book: SqlConnections) -> None:
        """[CO3] Of the account's too, made one after the other or renamed."""
        await book.create("mail", "Box", None, {}, {}, by=ADA)
        await book.create("mail", "Box", ANA, {}, {}, by=ANA)
        other = await book.create("mail", "Other", None, {}, {}, by=ADA)

        with pytest.raises(NameTaken):
            await book.create("mail", "Box", None, {}, {}, by=ADA)
        with pytest.raises(NameTaken):
            await book.update(other.id, ADA, name="Box")

    async def test_of_two_who_make_the_same_one_does(self, book: SqlConnections) -> None:
        """[CO3] At the same time."""
        makes = [book.create("mail", "Box", None, {}, {}, by=ADA) for _ in range(2)]
        made = await asyncio.gather(*makes, return_exceptions=True)

        assert sorted(type(each).__name__ for each in made) == ["ConnectionView", "NameTaken"]

    async def test_ensuring_makes_one_and_leaves_it(self, book: SqlConnections) -> None:
        """[CO3] A demo's Connection is somebody's to change."""
        made = await book.ensure("hook", "Receiver", {"url": "https://a"}, {"token": TOKEN})
        await book.update(made.id, ADA, settings={"url": "https://b"})
        again = await book.ensure("hook", "Receiver", {"url": "https://a"}, {"token": TOKEN})

        assert again.id == made.id
        assert again.settings == {"url": "https://b"}

    async def test_rotated_secrets_overlap_for_a_day(self, book: SqlConnections, clock: FakeClock) -> None:
        """[CO6] Then the old one is gone, and a change on the way does not drop it early."""
        made = await book.create("hook", "A", None, {"url": "https://a"}, {"signing_secret": "whsec_old"}, by=ADA)
        rotated = await book.rotate(made.id, "signing_secret", "whsec_new", by=ADA)
        assert rotated is not None
        assert rotated.rotating_until_ms == clock.now_ms + ROTATING_MS
        await book.update(made.id, ADA, secrets={"token": TOKEN})

        during = await book.open(made.id)
        clock.now_ms += ROTATING_MS
        after, view = await book.open(made.id), await book.get(made.id)

        assert during is not None
        assert during.secrets == {"signing_secret": "whsec_new whsec_old", "token": TOKEN}
        assert after is not None
        assert after.secrets == {"signing_secret": "whsec_new", "token": TOKEN}
        assert view is not None
        assert view.rotating_until_ms is None

    async def test_what_is_not_there_is_not_changed(self, book: SqlConnections, database: Database) -> None:
        """[CO10] And nothing is written of it."""
        assert await book.get(C1) is None
        assert await book.open(C1) is None
        assert await book.update(C1, ADA, name="x") is None
        assert await book.rotate(C1, "token", "x", by=ADA) is None
        assert await book.delete(C1, by=ADA) is False
        await book.mark(C1, ConnectionStatus.DISABLED, "gone")
        await book.note_attempt(attempt(C1, 1))

        assert await audited(database) == []

    async def test_every_change_is_audited_without_values(self, book: SqlConnections, database: Database) -> None:
        """[CO10] What was changed, by whom; a change of nothing is none."""
        made = await book.create("hook", "A", None, {"url": "https://a"}, {"token": TOKEN}, by=ADA)
        await book.update(made.id, ADA, name="B", settings={"url": "https://b"}, secrets={"token": "t2"}, enabled=False)
        await book.update(made.id, ADA, name="B", settings={"url": "https://b"})
        await book.rotate(made.id, "token", "t3", by=ADA)
        await book.delete(made.id, by=ADA)
        await book.set_enabled("hook", False, by=ADA)
        await book.set_enabled("hook", False, by=ADA)
        await SqlEgressRules(database).replace([EgressRule(network="10.0.0.0/24", port=8443)], by=ADA)

        assert await audited(database) == [
            (ADA, "create_connection", {"integration": "hook", "name": "A", "given": "token, url"}),
            (ADA, "change_connection", {"changed": "name, settings, status, token"}),
            (ADA, "rotate_secret", {"setting": "token"}),
            (ADA, "delete_connection", {"integration": "hook", "name": "B"}),
            (ADA, "disable_integration", {}),
            (ADA, "set_egress_rules", {"allowed": "10.0.0.0/24 port 8443", "withdrawn": ""}),
        ]


class TestFinding:
    async def test_a_named_one_is_the_accounts_before_the_owners(self, book: SqlConnections) -> None:
        """[CO4] Named *Box*: the account's, else Ana's, never Ben's."""
        await book.create("mail", "Box", BEN, {"host": "ben"}, {}, by=BEN)
        assert (await book.find("mail", "Box", ANA)).connection is None
        await book.create("mail", "Box", ANA, {"host": "ana"}, {}, by=ANA)
        of_ana = await book.find("mail", "Box", ANA)
        await book.create("mail", "Box", None, {"host": "account"}, {}, by=ADA)
        of_account = await book.find("mail", "Box", ANA)

        assert of_ana.connection is not None
        assert of_ana.connection.settings["host"] == "ana"
        assert of_account.connection is not None
        assert of_account.connection.settings["host"] == "account"

    async def test_without_a_name_it_is_the_owners_before_the_accounts(self, book: SqlConnections) -> None:
        """[CO4] One's own mailbox first."""
        await book.create("mail", "House", None, {"host": "account"}, {}, by=ADA)
        of_account = await book.find("mail", None, ANA)
        await book.create("mail", "Mine", ANA, {"host": "ana"}, {"password": TOKEN}, by=ANA)
        of_ana = await book.find("mail", None, ANA)

        assert of_account.connection is not None
        assert of_account.connection.settings["host"] == "account"
        assert of_ana.connection is not None
        assert of_ana.connection.secrets == {"password": TOKEN}
        assert (of_ana.status, of_ana.reason) == (ConnectionStatus.OK, "")

    async def test_of_several_the_default_or_none(self, book: SqlConnections) -> None:
        """[CO4] Nothing is guessed."""
        await book.create("mail", "One", None, {"host": "1"}, {}, by=ADA)
        await book.create("mail", "Two", None, {"host": "2"}, {}, by=ADA)
        guessed = await book.find("mail", None, ANA)
        await book.create("mail", "default", None, {"host": "3"}, {}, by=ADA)
        default = await book.find("mail", None, ANA)

        assert guessed.connection is None
        assert guessed.reason == (
            "the account has several Connections for mail: expected one to be named, or called Default"
        )
        assert default.connection is not None
        assert default.connection.settings["host"] == "3"

    async def test_none_says_what_was_expected(self, book: SqlConnections) -> None:
        """[CO4] By name, or at all."""
        assert (await book.find("mail", "Box", ANA)).reason == "there is no Connection called Box for mail"
        assert (await book.find("mail", None, ANA)).reason == "there is no Connection for mail"
        assert (await book.find("mail", None, ANA)).status is None

    async def test_what_is_not_ok_is_not_opened(self, book: SqlConnections) -> None:
        """[CO5] Told apart: needs attention, disabled, an Integration that is off."""
        made = await book.create("mail", "Box", None, {"host": "h"}, {"password": TOKEN}, by=ADA)
        await book.mark(made.id, ConnectionStatus.NEEDS_ATTENTION, "the server refused the password")
        attention = await book.find("mail", None, ANA)
        await book.update(made.id, ADA, enabled=False)
        disabled = await book.find("mail", None, ANA)
        await book.update(made.id, ADA, enabled=True)
        await book.set_enabled("mail", False, by=ADA)
        off = await book.find("mail", None, ANA)
        await book.set_enabled("mail", True, by=ADA)

        assert (attention.connection, attention.status) == (None, ConnectionStatus.NEEDS_ATTENTION)
        assert attention.reason == "the server refused the password"
        assert (disabled.connection, disabled.status) == (None, ConnectionStatus.DISABLED)
        assert disabled.reason == "the Connection Box is disabled"
        assert (off.connection, off.status) == (None, ConnectionStatus.DISABLED)
        assert off.reason == "the Integration mail is switched off"
        assert (await book.find("mail", None, ANA)).connection is not None

    async def test_sending_enables_nothing_and_new_secrets_mend(self, book: SqlConnections) -> None:
        """[CO5] A late success of an attempt must not undo what an administrator did."""
        made = await book.create("mail", "Box", None, {"host": "h"}, {"password": "p"}, by=ADA)
        await book.mark(made.id, ConnectionStatus.NEEDS_ATTENTION, "refused")
        mended = await book.update(made.id, ADA, secrets={"password": "p2"})
        await book.update(made.id, ADA, enabled=False)
        await book.mark(made.id, ConnectionStatus.OK, "")
        still = await book.update(made.id, ADA, secrets={"password": "p3"})

        assert mended is not None
        assert (mended.status, mended.reason) == (ConnectionStatus.OK, "")
        assert still is not None
        assert still.status is ConnectionStatus.DISABLED


class TestTokens:
    async def test_one_that_the_other_system_gave_is_kept(self, book: SqlConnections, database: Database) -> None:
        """[CO5, CO10] It mends, and stands in the audit log as the system's own doing."""
        made = await book.create("mail", "Box", None, {"host": "h"}, {"password": "p", "token": "old"}, by=ADA)
        await book.mark(made.id, ConnectionStatus.NEEDS_ATTENTION, "expired")
        await book.keep_secrets(made.id, {"token": TOKEN})
        await book.keep_secrets(C1, {"token": TOKEN})

        found = await book.find("mail", "Box", ANA)
        assert found.connection is not None
        assert found.connection.secrets == {"password": "p", "token": TOKEN}
        assert (await audited(database))[-1] == ("system", "change_connection", {"changed": "status, token"})


class TestDeliveryLog:
    async def test_is_read_the_newest_first_page_by_page(self, book: SqlConnections) -> None:
        """[CO7] Attempts of one millisecond too, each once."""
        made = await book.create("hook", "A", None, {}, {}, by=ADA)
        other = await book.create("hook", "B", None, {}, {}, by=ADA)
        for number in range(1, 8):
            await book.note_attempt(attempt(made.id, 100 + number // 3, attempt=number))
        await book.note_attempt(attempt(other.id, 500))

        seen: list[int] = []
        after, pages = None, 0
        while pages == 0 or after is not None:
            page = await book.deliveries(DeliveryQuery(connection_id=made.id, after=after, limit=3))
            seen += [each.attempt for each in page.deliveries]
            at_ms, _, row = (page.next or "").partition(".")
            after, pages = (int(at_ms), int(row)) if page.next else None, pages + 1

        assert seen == [7, 6, 5, 4, 3, 2, 1]
        assert pages == 3

    async def test_tells_how_the_last_attempts_went(self, book: SqlConnections) -> None:
        """[CO7] At most ten, of the last day, of each Connection by itself."""
        made = await book.create("hook", "A", None, {}, {}, by=ADA)
        other = await book.create("hook", "B", None, {}, {}, by=ADA)
        now_ms = made.created_ms
        await book.note_attempt(attempt(made.id, now_ms - 86_400_001, kind=OutcomeKind.RETRY))
        await book.note_attempt(attempt(other.id, now_ms - 86_400_001, kind=OutcomeKind.RETRY))
        for number in range(1, 13):
            kind = OutcomeKind.RETRY if number in (1, 2, 3, 12) else OutcomeKind.SENT
            await book.note_attempt(attempt(made.id, now_ms - 100 + number, kind=kind))

        listed = await book.list(None)

        assert [view.recent for view in listed] == [RecentDeliveries(failed=2, of=10), None]

    async def test_is_searched_in_what_people_read(self, book: SqlConnections) -> None:
        """[CO7] Text literally, whatever its case; a number also as a status."""
        made = await book.create("hook", "A", None, {}, {}, by=ADA)
        await book.note_attempt(attempt(made.id, 1, action_name="Send the Quote", host="crm.example.org"))
        await book.note_attempt(attempt(made.id, 2, message="100 % refused", status=422, kind=OutcomeKind.REFUSED))
        await book.note_attempt(attempt(made.id, 3, excerpt="503 nothing", status=503, kind=OutcomeKind.RETRY))

        async def found(search: str) -> list[int]:
            page = await book.deliveries(DeliveryQuery(connection_id=made.id, search=search))
            return [each.at_ms for each in page.deliveries]

        assert await found("quote") == [1]
        assert await found("CRM.example") == [1]
        assert await found("100 %") == [2]
        assert await found("%") == [2]
        assert await found("422") == [2]
        assert await found("503") == [3]
        assert await found("_") == []

    async def test_keeps_4_kib_without_secrets_or_half_of_one(self, book: SqlConnections) -> None:
        """[CO7, CO2] Redacted before it is cut; what PostgreSQL cannot store is left out."""
        made = await book.create("hook", "A", None, {}, {"token": TOKEN}, by=ADA)
        await book.note_attempt(attempt(made.id, 1, message="\0" + TOKEN, excerpt="ä" * 2_045 + TOKEN + "x" * 9_000))

        page = await book.deliveries(DeliveryQuery(connection_id=made.id))
        (kept,) = page.deliveries
        assert kept.message == "•••"
        assert len(kept.excerpt.encode()) <= 4_096
        assert kept.excerpt.startswith("ä" * 2_045)
        assert TOKEN[:4] not in kept.excerpt

    async def test_goes_with_its_connection(self, book: SqlConnections, database: Database) -> None:
        """[CO7] Nobody could read what is left."""
        made = await book.create("hook", "A", None, {}, {}, by=ADA)
        await book.note_attempt(attempt(made.id, 1))
        await book.delete(made.id, by=ADA)

        async with database.reading() as connection:
            assert (await connection.execute(select(delivery_attempts))).all() == []


async def test_administrators_see_whose_a_connection_is(book: SqlConnections, database: Database) -> None:
    """[CO3] By name; people see their own."""
    await SqlPeople(database).add_team(TEAM_ID, TEAM_NAME, [person.actor for person in DEMO_PEOPLE])
    await book.create("mail", "Mine", ANA, {}, {}, by=ANA)
    await book.create("mail", "House", None, {}, {}, by=ADA)

    assert [(view.name, view.owner and view.owner.name) for view in await book.list(None)] == [
        ("House", None),
        ("Mine", "Ana Agent"),
    ]
    assert [view.name for view in await book.list(ANA)] == ["Mine"]
    assert await book.list(BEN) == ()
