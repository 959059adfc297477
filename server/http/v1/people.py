"""People as programs see and provision them, in the token's teams: those only who work in calls or on scripts.

Whoever leads others is made, changed and deactivated by people.

Rules: protocol/SPEC.md, AP13 and AP14.
"""

from __future__ import annotations

import msgspec

from protocol.account import PersonRole
from protocol.api import Invited, People, PeopleAsked, Person, PersonOrder, PersonPatch, ProblemCode, Team, Teams
from protocol.base import TeamId
from protocol.people import NewPerson, PersonChange, PersonLine
from server.auth.links import link_address
from server.http.people import clean_email, clean_name
from server.http.problems import HttpProblem
from server.http.v1.commands import actor_of
from server.http.v1.operation import ApiParts, Call, no
from server.people_ports import EmailTaken, LastAdmin, PeopleQuery, UnknownTeam

GRANTED = frozenset({PersonRole.AGENT, PersonRole.COACH, PersonRole.AUTHOR})
"""Roles that a token may give, and whose people it may change: none of them sees more than masked values of others."""


async def list_people(parts: ApiParts, call: Call) -> People:
    """A page of them, by name."""
    asked: PeopleAsked = call.asked
    words = " ".join(asked.q.split()).casefold()
    lines = await parts.roster.people(PeopleQuery(words=words, state=asked.state, after=asked.cursor or None))
    return People(lines=tuple(map(_person, lines.lines)), next=lines.next)


async def get_person(parts: ApiParts, call: Call) -> Person:
    """One of them."""
    return _person(await _get(parts, call.places["person_id"]))


async def add_person(parts: ApiParts, call: Call) -> Invited:
    """Somebody new, with an invitation link."""
    order: PersonOrder = call.body
    _refuse_others(call, order.roles, order.team_ids)
    new = NewPerson(
        name=clean_name(order.name), email=clean_email(order.email), roles=order.roles, team_ids=order.team_ids
    )
    try:
        person_id, link = await parts.roster.add(new, by=call.caller.id)
    except (EmailTaken, UnknownTeam) as error:
        raise _problem(error) from None
    # Not read again: what is stored must be answered, or the link would be lost.
    person = Person(
        id=person_id,
        name=new.name,
        email=new.email,
        roles=tuple(sorted(set(new.roles))),
        team_ids=tuple(sorted(set(new.team_ids))),
        active=True,
        last_seen_ms=None,
    )
    return Invited(person=person, link=link_address(parts.settings, link.token), link_expires_ms=link.expires_ms)


async def change_person(parts: ApiParts, call: Call) -> Person:
    """Name, e-mail address, roles, teams."""
    patch: PersonPatch = call.body
    line = await _changeable(parts, call)
    _refuse_others(call, patch.roles or (), patch.team_ids or ())
    change = PersonChange(
        name=None if patch.name is None else clean_name(patch.name),
        email=None if patch.email is None else clean_email(patch.email),
        roles=patch.roles,
        team_ids=patch.team_ids,
    )
    try:
        await parts.roster.change(line.id, change, by=call.caller.id)
    except (EmailTaken, LastAdmin, UnknownTeam) as error:
        raise _problem(error) from None
    return _person(await _get(parts, line.id))


async def deactivate_person(parts: ApiParts, call: Call) -> Person:
    """They are out on every process within seconds, and their Sessions wait, paused."""
    person = await _set_active(parts, call, active=False)
    await parts.vacating.vacate(person.id, None, actor_of(parts, call))
    return person


async def activate_person(parts: ApiParts, call: Call) -> Person:
    """They may come in again, by a new link or their password."""
    return await _set_active(parts, call, active=True)


async def list_teams(parts: ApiParts, call: Call) -> Teams:
    """All teams, by name."""
    lines = (await parts.roster.teams()).lines
    return Teams(lines=tuple(Team(id=line.id, name=line.name) for line in lines))


async def _set_active(parts: ApiParts, call: Call, *, active: bool) -> Person:
    line = await _changeable(parts, call)
    try:
        await parts.roster.set_active(line.id, active, by=call.caller.id)
    except LastAdmin as error:
        raise _problem(error) from None
    return _person(await _get(parts, line.id))


async def _changeable(parts: ApiParts, call: Call) -> PersonLine:
    line = await _get(parts, call.places["person_id"])
    if not GRANTED.issuperset(line.roles):
        raise no(ProblemCode.NOT_ALLOWED, f"{line.id} leads others: whoever does is changed by no token")
    if call.caller.is_limited and not call.caller.team_ids.issuperset(line.team_ids):
        raise no(ProblemCode.NOT_ALLOWED, f"{line.id} is in a team that the token is not for")
    return line


def _refuse_others(call: Call, roles: tuple[PersonRole, ...], team_ids: tuple[TeamId, ...]) -> None:
    """What the token may not give. A team that there is not is told by whoever adds them."""
    if not GRANTED.issuperset(roles):
        raise no(ProblemCode.NOT_ALLOWED, f"roles: a token gives {', '.join(sorted(GRANTED))} only")
    if call.caller.is_limited and not call.caller.team_ids.issuperset(team_ids):
        raise no(ProblemCode.NOT_ALLOWED, "team_ids: expected teams that the token is for")


async def _get(parts: ApiParts, person_id: str) -> PersonLine:
    line = await parts.roster.get(person_id) if person_id.isprintable() else None
    if line is None:
        raise no(ProblemCode.UNKNOWN_PERSON, f"there is nobody {person_id[:64]!r}")
    return line


def _person(line: PersonLine) -> Person:
    return msgspec.convert(line, Person, from_attributes=True)


def _problem(error: EmailTaken | LastAdmin | UnknownTeam) -> HttpProblem:
    match error:
        case EmailTaken():
            return no(ProblemCode.EMAIL_TAKEN, "somebody is known by this e-mail address, perhaps deactivated")
        case UnknownTeam():
            return no(ProblemCode.UNKNOWN_TEAM, f"team_ids: there is no team {error}")
        case _:  # made an administrator a moment ago
            return no(ProblemCode.NOT_ALLOWED, "this is the last administrator, whom no token changes")
