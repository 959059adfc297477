"""What SQL holds: tables, Workflows, keys, sign-ins, the audit log."""

import asyncio
import threading
from pathlib import Path

import msgspec
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, select, text, update

from protocol.workflow import ActionTemplate, Answer, ProblemCode, Section, WorkflowDocument
from server.auth.demo import DEMO_PEOPLE, TEAM_ID, TEAM_NAME
from server.people_ports import PeopleQuery
from server.ports import Unavailable
from server.records.audit import SqlAudit
from server.records.catalog import Blocked, SqlCatalog
from server.records.connections import SqlConnections
from server.records.database import MIGRATIONS, Database
from server.records.people import SqlPeople
from server.records.roster import SqlRoster
from server.records.session_keys import SqlSessionKeys
from server.records.sign_ins import IDLE_MS, SEEN_EVERY_MS, SqlSignIns
from server.records.tables import audit, metadata, people, session_keys, sign_ins, workflow_versions
from server.settings import CannotRun
from server.store.keyring import KeyRing
from tests.support.sql import BOTH

SQL_KINDS = BOTH
S1 = "1" * 32
GREETING = Section(key="greeting", name="Greeting", answers=(Answer(key="done", label="Done", to="goodbye"),))
GOODBYE = Section(key="goodbye", name="Goodbye", win=True)
SALES = WorkflowDocument(
    format="sidecoach.workflow/1", key="sales", name="Sales", start="greeting", sections=(GREETING, GOODBYE)
)
SALES_RENAMED = msgspec.structs.replace(SALES, name="Sales, renamed")
SALES_WITHOUT_START = msgspec.structs.replace(SALES, start=None)
SALES_REPORTED = msgspec.structs.replace(
    SALES,
    sections=(
        GREETING,
        msgspec.structs.replace(
            GOODBYE,
            actions=tuple(
                ActionTemplate(key=f"a{place}", name="Report", integration="webhook.post@1", connection=name)
                for place, name in enumerate(["Reports", "Reports", None])
            ),
        ),
    ),
)
SALES_UNASSIGNED = msgspec.structs.replace(
    SALES,
    sections=(
        msgspec.structs.replace(GREETING, answers=(*GREETING.answers, Answer(key="later", label="Later"))),
        GOODBYE,
    ),
)


class FakeClock:
    """Stands still unless moved."""

    def __init__(self) -> None:
        self.now_ms = 1_700_000_000_000

    def __call__(self) -> int:
        return self.now_ms

    def monotonic_s(self) -> float:
        return self.now_ms / 1000

    def advance(self, ms: int) -> None:
        self.now_ms += ms


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


class TestMigrations:
    async def test_make_exactly_the_tables_that_the_code_expects(self, database: Database) -> None:
        """[HS28] The migrations and the metadata are equal."""

        def differences(connection):
            options = {"compare_type": True, "compare_server_default": True}
            return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

        async with database.reading() as connection:
            assert await connection.run_sync(differences) == []

    async def test_name_every_constraint_as_the_metadata_does(self, database: Database, empty_url: str) -> None:
        """[HS28] A later step can name what it changes."""
        expected = Database(empty_url)
        async with expected.writing() as connection:
            await connection.run_sync(metadata.create_all)
            by_metadata = await _constraints(connection)
        async with database.reading() as connection:
            by_migrations = await _constraints(connection)
        await expected.close()

        assert by_migrations == by_metadata

    async def test_people_of_before_are_found_by_name(self, empty_url: str) -> None:
        """[HS28, PE8] Their names are folded on the way; they have no password."""
        old = Database(empty_url)

        def upgrade(connection: Connection) -> None:
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes["connection"] = connection
            command.upgrade(config, "0009")
            connection.execute(
                text("INSERT INTO people (id, name, roles, active) VALUES ('ozlem', 'Özlem', '[\"agent\"]', true)")
            )

        async with old.writing() as connection:
            await connection.run_sync(upgrade)
        await old.migrate()
        people = SqlPeople(old)
        found = await SqlRoster(old, SqlSignIns(old, people)).people(PeopleQuery(words="özl"))
        await old.close()

        assert [(line.name, line.has_password, line.email) for line in found.lines] == [("Özlem", False, None)]

    async def test_run_twice_and_from_several_processes_at_once(self, empty_url: str) -> None:
        """[HS28] `serve` and `workflows import` may start together."""
        databases = [Database(empty_url) for _ in range(3)]

        await asyncio.gather(*(database.migrate() for database in databases))

        for database in databases:
            await database.migrate()
            await database.check()
            await database.close()

    async def test_sqlite_stores_before_it_answers(self, tmp_path: Path) -> None:
        """[HS28] A power cut loses no acknowledged row."""
        database = Database(f"sqlite:///{tmp_path / 'new.db'}")
        async with database.reading() as connection:
            pragmas = {
                name: (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }

        assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 15000}
        await database.close()


async def _constraints(connection) -> set[tuple[str, str]]:
    def read(sync):
        from sqlalchemy import inspect

        found = inspect(sync)
        return {
            (table, str(name))
            for table in metadata.tables
            for name in [
                found.get_pk_constraint(table)["name"],
                *(item["name"] for item in found.get_unique_constraints(table)),
                *(item["name"] for item in found.get_foreign_keys(table)),
                *(item["name"] for item in found.get_indexes(table)),
            ]
        }

    return await connection.run_sync(read)


COUNTS_SLOWLY = (
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3000000) SELECT count(*) FROM n"
)


def _drivers_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if "_connection_worker" in thread.name]


class TestDatabase:
    async def test_out_of_reach_is_told_as_unavailable(self, tmp_path: Path) -> None:
        """[HS29] Callers know one failure, whatever the driver calls it."""
        database = Database(f"sqlite:///{tmp_path / 'nowhere' / 'sidecoach.db'}")

        with pytest.raises(Unavailable):
            await database.check()
        await database.close()

    async def test_freed_leaves_nothing_behind_of_what_was_cancelled(self, tmp_path: Path) -> None:
        """[HS29] A query that nobody waits for any more still answers to an event loop: it does so before that ends."""
        database = Database(f"sqlite:///{tmp_path / 'slow.db'}")

        async def count() -> None:
            async with database.reading() as connection:
                await connection.execute(text(COUNTS_SLOWLY))

        counting = asyncio.create_task(count())
        await asyncio.sleep(0.1)
        for _ in range(2):  # who is cancelled twice does not even wait for its connection to be closed
            counting.cancel()
            await asyncio.sleep(0)
        await asyncio.wait([counting])
        assert _drivers_threads()

        await database.close()

        assert not _drivers_threads()

    @pytest.mark.parametrize("url", ["mysql://host/name", "not an address", "oracle://secret@host/name"])
    def test_an_address_we_do_not_speak_is_refused_without_repeating_it(self, url: str) -> None:
        """[HS2] It may hold a password."""
        with pytest.raises(CannotRun) as refused:
            Database(url)

        assert "postgresql://" in str(refused.value)
        assert url not in str(refused.value)

    async def test_concurrent_writers_wait_for_each_other(self, database: Database, database_url: str) -> None:
        """[HS29] A transaction that reads and then writes is not failed by another process's write."""
        other = Database(database_url)
        documents = [msgspec.structs.replace(SALES, name=f"Sales {number}") for number in range(8)]
        catalogs = [SqlCatalog(database), SqlCatalog(other)]

        published = await asyncio.gather(
            *(catalogs[number % 2].publish(document) for number, document in enumerate(documents))
        )

        assert sorted(publication.version.number for publication in published) == list(range(1, 9))
        await other.close()


class TestCatalog:
    @pytest.fixture
    def catalog(self, database: Database, clock: FakeClock) -> SqlCatalog:
        return SqlCatalog(database, clock)

    async def test_publishing_makes_the_next_version_and_keeps_the_earlier(self, catalog: SqlCatalog) -> None:
        """[HS4] Versions are numbered from 1 and never change."""
        first = (await catalog.publish(SALES)).version
        second = (await catalog.publish(SALES_RENAMED)).version

        assert (first.number, second.number) == (1, 2)
        assert await catalog.find_version(first.id) == first
        assert first.document == SALES

    async def test_the_same_document_again_is_nothing_new(self, catalog: SqlCatalog) -> None:
        """[HS5] Importing a file twice publishes once."""
        first = await catalog.publish(SALES)
        again = await catalog.publish(SALES)

        assert (first.is_new, again.is_new) == (True, False)
        assert again.version == first.version

    async def test_going_back_to_an_earlier_document_is_a_new_version_with_its_own_id(
        self, catalog: SqlCatalog
    ) -> None:
        """[HS5] Only the newest version counts as what is published."""
        ids = [(await catalog.publish(document)).version.id for document in (SALES, SALES_RENAMED, SALES)]

        assert len(set(ids)) == 3

    async def test_one_number_with_two_contents_has_two_ids(self, database: Database, tmp_path: Path) -> None:
        """[HS4] A restored backup cannot give an id that a browser or a Session knows another content."""
        restored = Database(f"sqlite:///{tmp_path / 'restored.db'}")
        await restored.migrate()

        here = (await SqlCatalog(database).publish(SALES)).version
        there = (await SqlCatalog(restored).publish(SALES_RENAMED)).version
        await restored.close()

        assert here.number == there.number
        assert here.id != there.id

    async def test_problems_that_block_are_all_told_and_nothing_is_stored(
        self, catalog: SqlCatalog, database: Database
    ) -> None:
        """[HS6] Not published, not even half."""
        with pytest.raises(Blocked) as refused:
            await catalog.publish(SALES_WITHOUT_START)

        assert refused.value.problems
        assert all(problem.blocks for problem in refused.value.problems)
        async with database.reading() as connection:
            assert (await connection.execute(select(workflow_versions))).all() == []

    async def test_what_nobody_here_can_do_is_not_published(self, database: Database) -> None:
        """[WF18] An Action of an Integration that this server does not have."""
        catalog = SqlCatalog(database, integrations={})

        with pytest.raises(Blocked) as refused:
            await catalog.publish(SALES_REPORTED)

        assert {problem.code for problem in refused.value.problems} == {ProblemCode.UNKNOWN_INTEGRATION}

    async def test_connections_that_are_missing_are_those_that_nobody_has(
        self, catalog: SqlCatalog, database: Database, tmp_path: Path
    ) -> None:
        """[WF20] By Integration and name; who names none takes any."""
        assert await catalog.missing_connections(SALES_REPORTED) == (("webhook", "Reports"), ("webhook", None))

        connections = SqlConnections(database, KeyRing.open(tmp_path / "keys.json"))
        await connections.create("webhook", "Other", None, {}, {}, by="ada")
        await connections.create("slack", "Reports", None, {}, {}, by="ada")
        assert await catalog.missing_connections(SALES_REPORTED) == (("webhook", "Reports"),)

        await connections.create("webhook", "Reports", None, {}, {}, by="ada")
        assert await catalog.missing_connections(SALES_REPORTED) == ()

    async def test_an_unassigned_answer_does_not_block_and_is_offered_as_incomplete(self, catalog: SqlCatalog) -> None:
        """[HS6] An incomplete Workflow may be started after a warning."""
        await catalog.publish(SALES_UNASSIGNED)

        (offer,) = await catalog.offers()
        assert offer.incomplete

    async def test_only_the_newest_version_is_offered(self, catalog: SqlCatalog) -> None:
        """[HS4] Another process sees a publication at its next look."""
        await catalog.publish(SALES)
        assert [offer.name for offer in await catalog.offers()] == ["Sales"]

        newest = (await catalog.publish(SALES_RENAMED)).version

        (offer,) = await catalog.offers()
        assert (offer.version_id, offer.name, offer.sections) == (newest.id, "Sales, renamed", 2)

    async def test_an_archived_workflow_is_not_offered(self, catalog: SqlCatalog, database: Database) -> None:
        """[HS4] Its versions are still found: Sessions are pinned to them."""
        version = (await catalog.publish(SALES)).version
        async with database.writing() as connection:
            await connection.execute(text("UPDATE workflows SET archived = TRUE"))

        assert await catalog.offers() == ()
        assert await catalog.find_version(version.id) == version

    async def test_a_recalled_version_is_not_offered_and_still_found(self, catalog: SqlCatalog) -> None:
        """[HS4, HS34] The newest of the others is offered instead, until it is taken back."""
        first = (await catalog.publish(SALES)).version.id
        second = (await catalog.publish(SALES_RENAMED)).version.id

        assert await catalog.recall("sales") == second
        assert [offer.version_id for offer in await catalog.offers()] == [first]
        assert (await catalog.is_recalled(first), await catalog.is_recalled(second)) == (False, True)
        assert await catalog.recalled() == (second,)
        assert await catalog.find_version(second) is not None
        assert await catalog.recall("sales") == second, "again is the same, not the one before"

        assert await catalog.recall("sales", 1) == first
        assert await catalog.offers() == ()
        assert await catalog.recall("sales", undo=True) == second
        assert [offer.version_id for offer in await catalog.offers()] == [second]

    async def test_what_was_never_published_cannot_be_recalled(self, catalog: SqlCatalog) -> None:
        """[HS34] Neither an unknown Workflow nor a number that it has not come to."""
        await catalog.publish(SALES)

        assert await catalog.recall("nothing") is None
        assert await catalog.recall("sales", 2) is None
        assert await catalog.recalled() == ()

    async def test_a_recalled_document_is_not_published_again_by_itself(self, catalog: SqlCatalog) -> None:
        """[HS34] An import at every start would bring it back; what is mended is the next version."""
        await catalog.publish(SALES)
        await catalog.recall("sales")

        again = await catalog.publish(SALES)
        assert (again.is_new, again.is_recalled) == (False, True)
        mended = (await catalog.publish(SALES_RENAMED)).version
        assert [offer.version_id for offer in await catalog.offers()] == [mended.id]

    async def test_a_draft_publishes_nothing_and_is_replaced_by_the_next(self, catalog: SqlCatalog) -> None:
        """[HS7] One draft per Workflow, and nobody is offered it."""
        await catalog.save_draft(SALES)
        await catalog.save_draft(SALES_RENAMED)

        assert await catalog.drafts() == ("sales",)
        assert await catalog.offers() == ()

    async def test_it_knows_documents_of_older_versions(self, catalog: SqlCatalog) -> None:
        """[HS13] A sample that somebody edited since is not published over the edit."""
        await catalog.publish(SALES)
        await catalog.publish(SALES_RENAMED)

        assert await catalog.holds(SALES)
        assert not await catalog.holds(SALES_UNASSIGNED)

    async def test_an_unknown_version_is_none(self, catalog: SqlCatalog) -> None:
        """[HS4] Ids come from outside."""
        assert await catalog.find_version("sales@9") is None
        assert await catalog.find_version("sales@\0") is None
        assert await catalog.find_newest("sales") is None


class TestSessionKeys:
    @pytest.fixture
    def ring(self, tmp_path: Path) -> KeyRing:
        return KeyRing.open(tmp_path / "keys.json")

    async def test_keys_that_are_there_win_over_new_ones(self, database: Database, ring: KeyRing) -> None:
        """[HS30] Whoever starts a Session second, in any process, gets the first one's keys."""
        keys = SqlSessionKeys(database, ring)
        first, second = {"notes": b"n" * 32}, {"notes": b"m" * 32}

        assert await keys.create(S1, first) == first
        assert await keys.create(S1, second) == first
        assert await keys.find(S1) == first

    async def test_the_row_holds_no_key_in_the_clear(self, database: Database, ring: KeyRing) -> None:
        """[HS30] SQL and its backups are no use without the ring."""
        await SqlSessionKeys(database, ring).create(S1, {"notes": b"n" * 32})

        async with database.reading() as connection:
            row = (await connection.execute(select(session_keys))).one()
        assert b"n" * 32 not in row.wrapped

    async def test_a_session_without_row_has_none(self, database: Database, ring: KeyRing) -> None:
        """[HS30] Unknown, or erased as a whole."""
        assert await SqlSessionKeys(database, ring).find(S1) is None


class TestSignIns:
    ANA = DEMO_PEOPLE[0].actor

    @pytest.fixture
    async def desk(self, database: Database, clock: FakeClock) -> SqlSignIns:
        people = SqlPeople(database)
        await people.add_team(TEAM_ID, TEAM_NAME, [person.actor for person in DEMO_PEOPLE])
        return SqlSignIns(database, people, clock, clock.monotonic_s)

    async def test_the_token_finds_the_person_with_roles_and_teams(self, desk: SqlSignIns) -> None:
        """[HS8] And any other token finds nobody."""
        token = await desk.sign_in(self.ANA.id)

        assert await desk.find_actor(token) == self.ANA
        assert await desk.find_actor(token + "x") is None

    async def test_many_tokens_are_asked_about_in_one_go(self, desk: SqlSignIns) -> None:
        """[HS9] Those that are nobody's are left out."""
        ben = DEMO_PEOPLE[1].actor
        first, second, revoked = [await desk.sign_in(person) for person in (self.ANA.id, ben.id, ben.id)]
        await desk.revoke(revoked)

        assert await desk.find_actors([first, second, revoked, "x"]) == {first: self.ANA, second: ben}
        assert await desk.find_actors([]) == {}

    async def test_only_a_hash_of_the_token_is_stored(self, desk: SqlSignIns, database: Database) -> None:
        """[HS8] Who reads the database is nobody by it."""
        token = await desk.sign_in(self.ANA.id)

        async with database.reading() as connection:
            row = (await connection.execute(select(sign_ins))).one()
        assert token not in str(row)

    async def test_a_revocation_in_another_process_counts_within_2_s(
        self, desk: SqlSignIns, database: Database, clock: FakeClock
    ) -> None:
        """[HS9] What was found is believed for no longer."""
        other = SqlSignIns(database, SqlPeople(database), clock, clock.monotonic_s)
        token = await desk.sign_in(self.ANA.id)
        assert await desk.find_actor(token) == self.ANA

        await other.revoke(token)
        clock.advance(ms=2_000)

        assert await desk.find_actor(token) is None

    async def test_a_revocation_counts_at_once_where_it_was_made(self, desk: SqlSignIns) -> None:
        """[HS9] Sign out, and the next request is nobody's."""
        token = await desk.sign_in(self.ANA.id)
        await desk.find_actor(token)

        await desk.revoke(token)

        assert await desk.find_actor(token) is None

    async def test_a_deactivated_person_is_out_within_2_s(
        self, desk: SqlSignIns, database: Database, clock: FakeClock
    ) -> None:
        """[HS9] People are deactivated, never deleted."""
        token = await desk.sign_in(self.ANA.id)
        await desk.find_actor(token)

        await SqlPeople(database).set_active([self.ANA.id], False)
        clock.advance(ms=2_000)

        assert await desk.find_actor(token) is None

    async def test_an_open_page_hears_of_a_change_with_the_next_look(
        self, desk: SqlSignIns, database: Database, clock: FakeClock
    ) -> None:
        """[HS9] Whoever made it, in whichever process; while nothing changes nothing is read."""
        other = SqlSignIns(database, SqlPeople(database), clock, clock.monotonic_s)
        ana, ben = [await desk.sign_in(person.actor.id) for person in DEMO_PEOPLE[:2]]
        assert set(await desk.find_actors([ana, ben])) == {ana, ben}

        await other.revoke(ana)
        assert set(await desk.find_actors([ana, ben])) == {ben}

        await SqlPeople(database).set_active([DEMO_PEOPLE[1].actor.id], False)
        assert await desk.find_actors([ana, ben]) == {}

    async def test_what_was_changed_past_this_code_counts_within_a_minute(
        self, desk: SqlSignIns, database: Database, clock: FakeClock
    ) -> None:
        """[HS9] An admin at the database's own command line."""
        token = await desk.sign_in(self.ANA.id)
        assert await desk.find_actors([token]) == {token: self.ANA}
        async with database.writing() as connection:
            await connection.execute(update(people).where(people.c.id == self.ANA.id).values(active=False))

        clock.advance(ms=SEEN_EVERY_MS + 1)

        assert await desk.find_actors([token]) == {}

    async def test_a_browser_not_seen_for_30_days_signs_in_again(self, desk: SqlSignIns, clock: FakeClock) -> None:
        """[HS10] One that is used never has to."""
        token = await desk.sign_in(self.ANA.id)
        for _ in range(3):
            clock.advance(ms=IDLE_MS - SEEN_EVERY_MS)
            assert await desk.find_actor(token) == self.ANA

        clock.advance(ms=IDLE_MS + 1)

        assert await desk.find_actor(token) is None

    async def test_adding_the_team_again_changes_nobody(self, desk: SqlSignIns, database: Database) -> None:
        """[HS13] A second start finds the people as they are."""
        people = SqlPeople(database)
        await people.set_active([self.ANA.id], False)

        await people.add_team(TEAM_ID, "Another name", [self.ANA])

        assert await people.find_active([self.ANA.id]) == {}


class TestAudit:
    async def test_rows_are_added_in_order_with_all_that_was_told(self, database: Database, clock: FakeClock) -> None:
        """[HS31] Who, what, on what, when."""
        log = SqlAudit(database, clock)

        await log.record("demo_agent", "sign_in", "demo_agent", {"by": "demo"})
        clock.advance(ms=5)
        await log.record("demo_coach", "watch", S1, {})

        async with database.reading() as connection:
            rows = (await connection.execute(select(audit).order_by(audit.c.id))).all()
        assert [(row.actor_id, row.act, row.subject, row.detail) for row in rows] == [
            ("demo_agent", "sign_in", "demo_agent", {"by": "demo"}),
            ("demo_coach", "watch", S1, {}),
        ]
        assert rows[1].at_ms - rows[0].at_ms == 5

    def test_there_is_no_way_to_change_a_row(self) -> None:
        """[HS31] The log is only ever added to."""
        assert [name for name in vars(SqlAudit) if not name.startswith("_")] == ["record", "find"]
