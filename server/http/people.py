"""People and teams as administrators manage them: adding, changing, linking, deactivating, ending sign-ins.

Rules: protocol/SPEC.md, PE1, PE5, PE8 to PE11 and OI12.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from protocol.base import PersonId
from protocol.events import Party
from protocol.people import (
    Deactivation,
    LinkMade,
    NewPerson,
    PeopleState,
    PersonChange,
    PersonDeactivated,
    PersonLine,
    PersonMade,
    PersonSessions,
    TeamName,
)
from server.auth.email_addresses import folded_email, is_email
from server.auth.links import link_address
from server.http.asked import one_of, refuse_others, words_of
from server.http.body import read_body
from server.http.integrations import admin_only, answer_json
from server.http.me import Reception
from server.http.problems import HttpProblem
from server.people_ports import (
    Audit,
    CannotLink,
    EmailTaken,
    LastAdmin,
    NewLink,
    PeopleQuery,
    Roster,
    SignIns,
    TeamNameTaken,
    UnknownTeam,
)
from server.settings import Settings
from server.vacating import Vacating
from session_engine.context import Actor


class PeopleDesk:
    """For administrators only."""

    def __init__(
        self,
        roster: Roster,
        sign_ins: SignIns,
        reception: Reception,
        settings: Settings,
        vacating: Vacating,
        audit: Audit,
    ) -> None:
        self._roster = roster
        self._vacating = vacating
        self._audit = audit
        self._sign_ins = sign_ins
        self._reception = reception
        self._settings = settings

    async def people(self, request: Request) -> Response:
        """GET /api/people?q=&state=&after="""
        await admin_only(self._reception, request)
        asked = request.query_params
        refuse_others(asked, ("q", "state", "after"))
        query = PeopleQuery(
            words=words_of(asked, "q").casefold(),
            state=one_of(asked, "state", PeopleState) or PeopleState.ACTIVE,
            after=asked.get("after") or None,
        )
        return answer_json(await self._roster.people(query))

    async def add(self, request: Request) -> Response:
        """POST /api/people: a `NewPerson`"""
        actor = await admin_only(self._reception, request)
        new = await read_body(request, NewPerson)
        new = replace(new, name=clean_name(new.name), email=clean_email(new.email))
        try:
            person_id, link = await self._roster.add(new, by=actor.id)
        except (EmailTaken, UnknownTeam) as error:
            raise _problem(error) from None
        made = PersonMade(person=await self._get(person_id), link=self._made(link))
        return answer_json(made, HTTPStatus.CREATED)

    async def change(self, request: Request) -> Response:
        """PATCH /api/people/{id}: a `PersonChange`"""
        actor = await admin_only(self._reception, request)
        change = await read_body(request, PersonChange)
        change = replace(
            change,
            name=None if change.name is None else clean_name(change.name),
            email=None if change.email is None else clean_email(change.email),
        )
        person_id = _person_id(request)
        try:
            found = await self._roster.change(person_id, change, by=actor.id)
        except (EmailTaken, LastAdmin, UnknownTeam) as error:
            raise _problem(error) from None
        if not found:
            raise _unknown(person_id)
        return answer_json(await self._get(person_id))

    async def make_link(self, request: Request) -> Response:
        """POST /api/people/{id}/link"""
        actor = await admin_only(self._reception, request)
        person_id = _person_id(request)
        try:
            link = await self._roster.make_link(person_id, by=actor.id)
        except CannotLink as error:
            raise HttpProblem(HTTPStatus.CONFLICT, "cannot_link", str(error)) from None
        if link is None:
            raise _unknown(person_id)
        return answer_json(self._made(link))

    async def sessions(self, request: Request) -> Response:
        """GET /api/people/{id}/sessions"""
        await admin_only(self._reception, request)
        line = await self._get(_person_id(request))
        found = PersonSessions(
            open_sessions=await self._roster.open_sessions(line.id),
            colleagues=await self._roster.colleagues(line.id),
            api_tokens=await self._roster.tokens_made(line.id),
        )
        return answer_json(found)

    async def deactivate(self, request: Request) -> Response:
        """POST /api/people/{id}/deactivate: a `Deactivation`, or nothing

        Whoever is deactivated already is so; their Sessions are freed again.
        """
        actor = await admin_only(self._reception, request)
        person_id = _person_id(request)
        asked = await read_body(request, Deactivation, when_empty=Deactivation())
        to = await self._colleague(person_id, asked.reassign_to)
        open_sessions = await self._roster.open_sessions(person_id)
        line = await self._set_active(person_id, actor, active=False, detail={"to": to.name} if to else {})
        vacated = await self._vacating.vacate(person_id, asked.reassign_to, actor)
        if to is not None and vacated.reassigned > 0:
            told = {"to": to.name, "sessions": str(vacated.reassigned)}
            await self._audit.record(actor.id, "sessions_reassigned", person_id, told)
        facts = msgspec.structs.asdict(line) | msgspec.structs.asdict(vacated)
        return answer_json(PersonDeactivated(**facts, open_sessions=open_sessions))

    async def activate(self, request: Request) -> Response:
        """POST /api/people/{id}/activate"""
        actor = await admin_only(self._reception, request)
        return answer_json(await self._set_active(_person_id(request), actor, active=True, detail={}))

    async def sign_ins(self, request: Request) -> Response:
        """GET /api/people/{id}/sign-ins"""
        await admin_only(self._reception, request)
        line = await self._get(_person_id(request))
        return answer_json(await self._sign_ins.lines(line.id))

    async def end_sign_ins(self, request: Request) -> Response:
        """DELETE /api/people/{id}/sign-ins: all of them"""
        actor = await admin_only(self._reception, request)
        line = await self._get(_person_id(request))
        await self._sign_ins.end(line.id, None, by=actor.id)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def forget_identity(self, request: Request) -> Response:
        """DELETE /api/people/{id}/identity"""
        actor = await admin_only(self._reception, request)
        line = await self._get(_person_id(request))
        await self._roster.forget_identity(line.id, by=actor.id)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def teams(self, request: Request) -> Response:
        """GET /api/teams"""
        await admin_only(self._reception, request)
        return answer_json(await self._roster.teams())

    async def add_team(self, request: Request) -> Response:
        """POST /api/teams: a `TeamName`"""
        actor = await admin_only(self._reception, request)
        name = clean_name((await read_body(request, TeamName)).name)
        try:
            return answer_json(await self._roster.add_team(name, by=actor.id), HTTPStatus.CREATED)
        except TeamNameTaken as error:
            raise _problem(error) from None

    async def rename_team(self, request: Request) -> Response:
        """PATCH /api/teams/{id}: a `TeamName`"""
        actor = await admin_only(self._reception, request)
        name = clean_name((await read_body(request, TeamName)).name)
        team_id = request.path_params["id"]
        try:
            line = await self._roster.rename_team(team_id, name, by=actor.id) if team_id.isprintable() else None
        except TeamNameTaken as error:
            raise _problem(error) from None
        if line is None:
            raise HttpProblem(HTTPStatus.NOT_FOUND, "unknown_team", f"there is no team {team_id[:64]}")
        return answer_json(line)

    async def _colleague(self, person_id: PersonId, to_id: PersonId | None) -> Party | None:
        if to_id is None:
            return None
        for colleague in await self._roster.colleagues(person_id):
            if colleague.id == to_id:
                return colleague
        detail = f"reassign_to: expected an active agent of a team of {person_id[:64]}"
        raise HttpProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "no_colleague", detail)

    async def _set_active(
        self, person_id: PersonId, actor: Actor, *, active: bool, detail: Mapping[str, str]
    ) -> PersonLine:
        try:
            found = await self._roster.set_active(person_id, active, by=actor.id, detail=detail)
        except LastAdmin as error:
            raise _problem(error) from None
        if not found:
            raise _unknown(person_id)
        return await self._get(person_id)

    async def _get(self, person_id: PersonId) -> PersonLine:
        line = await self._roster.get(person_id)
        if line is None:
            raise _unknown(person_id)
        return line

    def _made(self, link: NewLink) -> LinkMade:
        return LinkMade(url=link_address(self._settings, link.token), expires_ms=link.expires_ms)


def clean_name(text: str) -> str:
    """One line, with one space between words. Raises `HttpProblem` 422."""
    name = " ".join(text.split())
    if not name or not name.isprintable():
        raise HttpProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_name", "name: expected a name that people tell it by")
    return name


def clean_email(text: str) -> str:
    """In its one form. Raises `HttpProblem` 422."""
    email = folded_email(text)
    if not is_email(email):
        detail = "email: expected an address such as ana@example.org"
        raise HttpProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_email", detail)
    return email


def _person_id(request: Request) -> PersonId:
    person_id: str = request.path_params["id"]
    if not person_id.isprintable():
        raise _unknown("of this id")  # no database can look for a NUL
    return person_id


def _problem(error: EmailTaken | LastAdmin | TeamNameTaken | UnknownTeam) -> HttpProblem:
    match error:
        case EmailTaken():
            detail = "somebody is known by this e-mail address already, perhaps somebody who is deactivated"
            return HttpProblem(HTTPStatus.CONFLICT, "email_taken", detail)
        case LastAdmin():
            detail = "nobody else who is active is an administrator: make somebody one first"
            return HttpProblem(HTTPStatus.CONFLICT, "last_admin", detail)
        case TeamNameTaken():
            return HttpProblem(HTTPStatus.CONFLICT, "name_taken", "name: there is a team of this name already")
        case UnknownTeam():
            return HttpProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "unknown_team", f"team_ids: there is no team {error}")


def _unknown(person_id: PersonId) -> HttpProblem:
    return HttpProblem(HTTPStatus.NOT_FOUND, "unknown_person", f"there is nobody {person_id[:64]}")
