"""`sidecoach people …`: how the first administrator gets in."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from protocol.people import LinkKind
from server.__main__ import main
from server.auth.demo import DEMO_PEOPLE
from server.launcher import first_admin_command
from server.preparation import has_people
from server.records.database import Database
from server.settings import Settings
from tests.support.people import Office, StillClock, rows_of_audit

ADA = ("people", "add", "Ada@example.org", "--name", "Ada Admin", "--role", "admin", "--role", "manager")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=str(tmp_path / "data"))


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command on a data directory of its own: status, standard output, standard error."""
    monkeypatch.setenv("SIDECOACH_DATA_DIR", settings.data_dir)
    for name in ("DATABASE_URL", "PUBLIC_URL", "SIDECOACH_PORT"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(arguments)
        return (status, *capsys.readouterr())

    return run


def kind_of(settings: Settings, url: str) -> LinkKind | None:
    """What a link that was printed is for; None if it is over."""

    async def look() -> LinkKind | None:
        database = Database(settings.sql_url)
        clock = StillClock()
        link = await Office(database, clock).accounts.find_link(url.partition("#")[2])
        await database.close()
        return None if link is None else link.kind

    return asyncio.run(look())


class TestAdd:
    def test_prints_the_link_that_lets_the_first_administrator_in(self, run: Run, settings: Settings) -> None:
        """[PE14] Where the installation is, as far as this machine knows."""
        status, told, _ = run(*ADA)
        url, until, *rest = told.splitlines()

        assert (status, rest) == (0, [])
        assert url.startswith("http://localhost:8000/welcome#")
        assert until.startswith("For one use, until 20")
        assert kind_of(settings, url) is LinkKind.FIRST_ADMIN
        assert run("people", "list")[1] == "ada@example.org  Ada Admin  admin, manager  no password yet\n"

    def test_the_link_leads_to_the_public_address(self, run: Run) -> None:
        """[PE14] Or to the port that is given."""
        assert run(*ADA, "--public-url", "https://coach.example.org/")[1].startswith(
            "https://coach.example.org/welcome#"
        )
        link = run("people", "link", "ada@example.org", "--port", "9000")[1]
        assert link.startswith("http://localhost:9000/welcome#")

    def test_is_audited_as_the_command_line(self, run: Run, settings: Settings) -> None:
        """[PE12] Without the token."""
        token = run(*ADA)[1].splitlines()[0].partition("#")[2]

        async def audited() -> list[tuple[str, str, str, dict[str, str]]]:
            database = Database(settings.sql_url)
            rows = await rows_of_audit(database)
            await database.close()
            return rows

        rows = asyncio.run(audited())
        assert [row[:2] for row in rows] == [("command_line", "person_added"), ("command_line", "link_made")]
        assert token not in str(rows)

    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            (("nobody", "--name", "X", "--role", "agent"), "EMAIL: expected an address such as"),
            (("x@example.org", "--name", " ", "--role", "agent"), "--name: expected"),
            (("x@example.org", "--name", "X", "--role", "agent", "--team", "North"), "there are no teams yet"),
            (("ADA@example.org", "--name", "X", "--role", "agent"), "`sidecoach people link ada@example.org`"),
        ],
    )
    def test_what_cannot_be_meant_is_one_sentence(self, run: Run, arguments: tuple[str, ...], expected: str) -> None:
        """[HS2, PE14] And nobody is added."""
        run(*ADA)
        status, _, told = run("people", "add", *arguments)

        assert (status, told.count("\n")) == (1, 1)
        assert expected in told
        assert run("people", "list")[1].count("\n") == 1

    def test_a_role_that_is_none_is_told_with_those_that_are(self, run: Run) -> None:
        """[HS2] As of every command line that cannot be read."""
        with pytest.raises(SystemExit) as ended:
            run("people", "add", "x@example.org", "--name", "X", "--role", "boss")

        assert ended.value.code == 2

    def test_a_team_is_named_as_people_name_it(self, run: Run, settings: Settings) -> None:
        """[PE14] By name, in any case, or by id."""
        run(*ADA)

        async def prepare() -> str:
            database = Database(settings.sql_url)
            team = await Office(database, StillClock()).roster.add_team("North", by="ada")
            await database.close()
            return team.id

        team_id = asyncio.run(prepare())
        for number, team in enumerate(("north", team_id)):
            added = ("people", "add", f"{number}@example.org", "--name", "X", "--role", "agent", "--team", team)
            assert run(*added)[0] == 0


class TestLink:
    def test_takes_the_place_of_the_one_before(self, run: Run, settings: Settings) -> None:
        """[PE5, PE14] Of somebody who is there."""
        old = run(*ADA)[1].splitlines()[0]
        new = run("people", "link", "ADA@example.org")[1].splitlines()[0]

        assert kind_of(settings, old) is None
        assert kind_of(settings, new) is LinkKind.FIRST_ADMIN

    def test_of_nobody_is_one_sentence(self, run: Run) -> None:
        """[HS2, PE14] With the way to find out."""
        status, _, told = run("people", "link", "nobody@example.org")

        assert status == 1
        assert told == "sidecoach: nobody is known by nobody@example.org: `sidecoach people list` shows who there is\n"


class TestTheStart:
    async def test_knows_whether_anybody_is_in_it(self, settings: Settings) -> None:
        """[PE15] The demo's people are not: they have no e-mail address."""
        database = Database(settings.sql_url)
        await database.migrate()
        office = Office(database, StillClock())
        people = office.people
        await people.add_team("demo_team", "Demo team", [person.actor for person in DEMO_PEOPLE])
        before = await has_people(settings)
        await office.add("Ana")
        after = await has_people(settings)
        await database.close()

        assert (before, after) == (False, True)

    def test_names_the_command_for_this_very_installation(self, settings: Settings) -> None:
        """[PE15] The link would lead nowhere otherwise."""
        told = first_admin_command(Settings(data_dir="/srv/side coach", port=8123))

        assert told == ("sidecoach people add EMAIL --name NAME --role admin --data-dir '/srv/side coach' --port 8123")
