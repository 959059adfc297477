"""`sidecoach people add | link | list`: how the first administrator gets in, and whoever lost their password.

Who may run it has the database anyway.

Rules: protocol/SPEC.md, PE14 and PE15.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from protocol.account import PersonRole
from protocol.people import NewPerson, PeopleState, TeamLine
from server.auth.email_addresses import folded_email, is_email
from server.auth.links import link_address
from server.people_ports import CannotLink, EmailTaken, NewLink, PeopleQuery
from server.records.audit import COMMAND_LINE
from server.records.database import Database
from server.records.people import SqlPeople
from server.records.roster import SqlRoster
from server.records.sign_ins import SqlSignIns
from server.settings import CannotRun, Settings


@asynccontextmanager
async def opened_roster(settings: Settings) -> AsyncIterator[SqlRoster]:
    """The installation's people, whether or not it is running."""
    database = Database(settings.sql_url)
    try:
        await database.migrate()
        yield SqlRoster(database, SqlSignIns(database, SqlPeople(database)))
    finally:
        await database.close()


async def add(
    roster: SqlRoster, settings: Settings, email: str, name: str, roles: Sequence[str], teams: Sequence[str]
) -> int:
    """Add somebody, and print their link. Returns the exit status.

    Raises:
        CannotRun: nobody can be added like this.
    """
    email, name = _read_email(email), " ".join(name.split())
    if not name.isprintable() or not 1 <= len(name) <= 200:
        raise CannotRun("--name: expected a name of at most 200 characters that people tell them by")
    known = (await roster.teams()).lines
    team_ids = tuple(_find_team(known, team) for team in teams)
    new = NewPerson(name=name, email=email, roles=tuple(PersonRole(role) for role in roles), team_ids=team_ids)
    try:
        _, link = await roster.add(new, by=COMMAND_LINE)
    except EmailTaken:
        raise CannotRun(
            f"somebody is known by {email} already: `sidecoach people link {email}` makes them a link"
        ) from None
    _print_link(settings, link)
    return 0


async def make_link(roster: SqlRoster, settings: Settings, email: str) -> int:
    """Print a new link of somebody who is there; their older ones end.

    Raises:
        CannotRun: a link would not let them in.
    """
    email = _read_email(email)
    person_id = await roster.find_id(email)
    try:
        link = None if person_id is None else await roster.make_link(person_id, by=COMMAND_LINE)
    except CannotLink as error:
        raise CannotRun(str(error)) from None
    if link is None:
        raise CannotRun(f"nobody is known by {email}: `sidecoach people list` shows who there is")
    _print_link(settings, link)
    return 0


async def list_people(roster: SqlRoster) -> int:
    """Print everybody, by name."""
    after: str | None = None
    while True:
        page = await roster.people(PeopleQuery(state=PeopleState.ALL, after=after))
        for line in page.lines:
            notes = [] if line.active else ["deactivated"]
            if line.email is not None and not line.has_password:
                notes.append("no password yet")
            print("  ".join([line.email or line.id, line.name, ", ".join(line.roles), *notes]))
        if page.next is None:
            return 0
        after = page.next


def _read_email(text: str) -> str:
    email = folded_email(text)
    if not is_email(email):
        raise CannotRun("EMAIL: expected an address such as ana@example.org")
    return email


def _find_team(known: Sequence[TeamLine], asked: str) -> str:
    found = [team.id for team in known if asked == team.id or asked.casefold() == team.name.casefold()]
    if len(found) != 1:
        expected = ", ".join(team.name for team in known) or "nothing: there are no teams yet"
        raise CannotRun(f"--team {asked}: expected {expected}")
    return found[0]


def _print_link(settings: Settings, link: NewLink) -> None:
    until = datetime.fromtimestamp(link.expires_ms / 1_000, UTC)
    print(link_address(settings, link.token))
    print(f"For one use, until {until:%Y-%m-%d %H:%M} UTC: whoever opens it chooses the password.")
