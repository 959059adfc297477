"""Sessions as programs see them: lists, records masked as for whoever is not the owner, and external ids.

What programs do to Sessions is `commands.py`.

Rules: protocol/SPEC.md, AP10 and AP11.
"""

from __future__ import annotations

import re

import msgspec

from protocol.account import Locale, PersonRole
from protocol.api import (
    Party,
    ProblemCode,
    SessionAction,
    SessionField,
    SessionFound,
    SessionRecord,
    SessionResponse,
    Sessions,
    SessionsAsked,
    SessionSummary,
    SessionVisit,
)
from protocol.base import SessionId
from protocol.events import Party as LoggedParty
from protocol.lists import SessionList
from protocol.views import Audience
from server.api_ports import ApiCaller
from server.folded import ForkedError
from server.http.problems import HttpProblem
from server.http.sessions import look_ups_of
from server.http.v1.operation import ApiParts, Call, no
from server.ports import SessionNotFound, SessionQuery, Unavailable
from session_engine.context import Actor
from session_engine.guidance import session_id_of
from session_engine.notes import read_text
from session_engine.project import HEAD_ID, project
from session_engine.state import SessionState
from session_engine.workflow import Workflow


async def list_sessions(parts: ApiParts, call: Call) -> Sessions:
    """A page of a list."""
    asked: SessionsAsked = call.asked
    words = " ".join(asked.q.split())
    query = SessionQuery(
        list=asked.list,
        title=words.casefold(),
        look_ups=look_ups_of(words, parts.locale().country),
        owner=asked.owner or None,
        workflow=asked.workflow or None,
        outcome=asked.outcome,
        from_ms=asked.from_ms,
        until_ms=asked.to_ms,
        after=_cursor(asked),
        limit=asked.limit,
    )
    found = await parts.sessions.find(query, reader_of(call.caller, parts.locale()))
    lines = tuple(msgspec.convert(line, SessionSummary, from_attributes=True) for line in found.lines)
    return Sessions(lines=lines, next=found.next)


async def get_session(parts: ApiParts, call: Call) -> SessionRecord:
    """One Session, read from its log. That it was read is on record before it is given."""
    session_id = call.places["session_id"]
    state, workflow = await read_session(parts, call.caller, session_id)
    await parts.audit.record(call.caller.id, "watch", session_id, {"as": "api_token"})
    return record_of(state, workflow)


async def find_external(parts: ApiParts, call: Call) -> SessionFound:
    """The Session of an external id."""
    session_id = session_id_of(call.places["external_id"])
    await read_session(parts, call.caller, session_id)
    return SessionFound(session_id=session_id, url=address_of(parts, session_id))


async def read_session(parts: ApiParts, caller: ApiCaller, session_id: SessionId) -> tuple[SessionState, Workflow]:
    """A Session that the token may see: of its teams, and no practice. Raises `HttpProblem` 404."""
    try:
        state, workflow = await parts.submit.sessions.read(session_id)
    except SessionNotFound:
        raise unknown_session(session_id) from None
    except ForkedError as error:
        raise Unavailable(str(error)) from error
    if state.training or caller.team_ids.isdisjoint(state.team_ids):
        raise unknown_session(session_id)
    return state, workflow


async def find_session(parts: ApiParts, session_id: SessionId) -> SessionState | None:
    """A Session, whoever may see it; None if there is none."""
    try:
        return (await parts.submit.sessions.read(session_id))[0]
    except SessionNotFound:
        return None
    except ForkedError as error:
        raise Unavailable(str(error)) from error


def unknown_session(session_id: SessionId) -> HttpProblem:
    """There is none that this token may see."""
    return no(ProblemCode.UNKNOWN_SESSION, f"there is no session {session_id} that this token may see")


def reader_of(caller: ApiCaller, locale: Locale) -> Actor:
    """Whom lists take it for: they show a token what they show a supervisor of its teams, who owns nothing."""
    roles = frozenset({PersonRole.SUPERVISOR})
    return Actor(id=caller.id, name=caller.name, roles=roles, team_ids=caller.team_ids, locale=locale)


def address_of(parts: ApiParts, session_id: SessionId) -> str:
    """The page of the call."""
    return f"{parts.settings.address}/sessions/{session_id}"


def record_of(state: SessionState, workflow: Workflow) -> SessionRecord:
    """What everybody may know who is not the owner."""
    view = project(state, workflow, Audience.STAFF)
    head = view.head[HEAD_ID]
    document = workflow.version.document
    responses = {each.key: each.name for each in document.responses}
    return SessionRecord(
        session_id=state.session_id,
        seq=state.seq,
        external_id=head.external_id,
        version_id=head.version_id,
        workflow_key=document.key,
        workflow_name=document.name,
        title=head.title,
        status=head.status,
        training=head.training,
        owner=_party(head.owner),
        driver=_party(head.driver),
        team_ids=head.team_ids,
        started_ms=head.started_ms,
        changed_ms=head.changed_ms,
        won=head.won,
        pause_cause=head.pause_cause,
        pause_reason=head.paused_reason,
        call_back_ms=head.call_back_ms,
        end_cause=head.end_cause,
        end_reason_key=head.end_reason_key,
        end_reason=head.end_reason,
        switched_from=head.switched_from,
        switched_to=head.switched_to,
        section_key=view.visits[head.current_visit_id].section_key,
        visits=tuple(
            SessionVisit(
                section_key=visit.section_key,
                section_name=workflow.sections[visit.section_key].name,
                entered_ms=visit.entered_ms,
                left_ms=visit.left_ms,
                answer_key=visit.answer_key,
                abandoned=visit.abandoned,
            )
            for visit in sorted(view.visits.values(), key=lambda visit: int(visit.id[1:]))
        ),
        fields=tuple(
            SessionField(
                key=field.key,
                label=workflow.fields[field.key].label,
                masked=field.masked,
                content=field.content,
                valid=field.valid,
                entered_ms=field.at_ms,
            )
            for field in view.fields.values()
        ),
        responses=tuple(
            SessionResponse(key=use.response_key, name=responses[use.response_key], at_ms=use.at_ms)
            for use in view.responses.values()
        ),
        actions=tuple(
            SessionAction(
                id=action.id,
                key=action.key,
                name=workflow.actions[action.key].template.name,
                status=action.status,
                settled_ms=action.settled_ms,
                message=action.message,
            )
            for action in view.actions.values()
        ),
        hung_up_ms=head.hung_up_ms,
        notes=read_text(state.notes.update) if state.notes is not None else "",
    )


def _party(party: LoggedParty) -> Party:
    return Party(id=party.id, name=party.name)


def _cursor(asked: SessionsAsked) -> tuple[int | str, ...] | None:
    if asked.cursor is None:
        return None
    moments = 2 if asked.list is SessionList.PAUSED else 1
    if re.fullmatch(rf"(?:[0-9]{{1,16}}\.){{{moments}}}[0-9a-f]{{32}}", asked.cursor) is None:
        raise no(ProblemCode.BAD_PARAMETER, "cursor: expected what this list gave as next")
    *numbers, session_id = asked.cursor.split(".")
    return (*map(int, numbers), session_id)
