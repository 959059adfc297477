"""What programs do to Sessions: start them for agents, pause, resume and end them, report a hang-up, suggest values.

Everything goes through the one door for commands, as the token. What makes
a request and its repeats one command is made of token and idempotency key,
so that the Session's own log knows it again: from the key the client id, from
the request the sequence number.

Rules: protocol/SPEC.md, AP7, AP12, AP16 and AP17.
"""

from __future__ import annotations

import hashlib
import secrets
from http import HTTPStatus

from protocol.api import Done, EndOrder, PauseOrder, ProblemCode, SessionOpened, StartOrder, SuggestionOrder
from protocol.base import ClientId, Csn, PersonId, SessionId
from protocol.commands import Command, End, Pause, ReportHangUp, Resume, StartSession, Suggest
from protocol.events import SuggestionKind
from protocol.refusals import RefuseCode
from server.auth.email_addresses import folded_email
from server.folded import ForkedError
from server.http.problems import HttpProblem
from server.http.v1.operation import Answered, ApiParts, Call, no
from server.http.v1.sessions import address_of, find_session, read_session, unknown_session
from server.ports import SessionNotFound, Unavailable
from session_engine.context import Actor
from session_engine.guidance import session_id_of
from session_engine.refused import Refused
from session_engine.state import SessionState

TRIES = 2
"""Of opening what another request is starting at this moment."""

ANSWERS: dict[RefuseCode, ProblemCode] = {
    RefuseCode.NOT_ALLOWED: ProblemCode.NOT_ALLOWED,
    RefuseCode.UNKNOWN_VERSION: ProblemCode.UNKNOWN_WORKFLOW,
    RefuseCode.UNKNOWN_SECTION: ProblemCode.UNKNOWN_SECTION,
    RefuseCode.UNKNOWN_PERSON: ProblemCode.UNKNOWN_PERSON,
    RefuseCode.UNKNOWN_FIELD: ProblemCode.UNKNOWN_FIELD,
    RefuseCode.BAD_CONTENT: ProblemCode.BAD_CONTENT,
    RefuseCode.UNKNOWN_REASON: ProblemCode.UNKNOWN_REASON,
    RefuseCode.UNKNOWN_SESSION: ProblemCode.UNKNOWN_SESSION,
    RefuseCode.FINISHED: ProblemCode.FINISHED,
    RefuseCode.NOT_ACTIVE: ProblemCode.NOT_ACTIVE,
    RefuseCode.NOT_PAUSED: ProblemCode.NOT_PAUSED,
    RefuseCode.VERSION_RECALLED: ProblemCode.VERSION_RECALLED,
    RefuseCode.REFUSED_BEFORE: ProblemCode.KEY_REUSED,
}
"""Which problem a refusal is. What is not here, no command of a token is refused with."""


async def start_session(parts: ApiParts, call: Call) -> Answered:
    """Start one for an agent; or open the one that has the external id, or that this key started."""
    order: StartOrder = call.body
    session_id = _session_id(call)
    for _ in range(TRIES):
        state = await find_session(parts, session_id)
        if state is not None:
            return _opened(parts, call, state)
        try:
            await _start(parts, call, session_id)
        except Refused as refused:
            if refused.code is not RefuseCode.SESSION_EXISTS:
                raise _problem(refused) from None
            continue  # another request was faster, or it was deleted
        return Answered(HTTPStatus.CREATED, _answer(parts, session_id, is_new=True))
    name = session_id if order.external_id is None else order.external_id
    raise no(ProblemCode.SESSION_GONE, f"the session of {name!r} was deleted")


async def pause_session(parts: ApiParts, call: Call) -> Done:
    """It waits until somebody resumes it."""
    order: PauseOrder = call.body
    return await _do(parts, call, Pause(reason=order.reason, call_back_ms=order.call_back_ms))


async def resume_session(parts: ApiParts, call: Call) -> Done:
    """Its owner drives."""
    return await _do(parts, call, Resume())


async def end_session(parts: ApiParts, call: Call) -> Done:
    """Finish early."""
    order: EndOrder = call.body
    return await _do(parts, call, End(reason_key=order.reason_key, reason=order.reason))


async def report_hang_up(parts: ApiParts, call: Call) -> Done:
    """Tell everybody in it that the customer hung up."""
    return await _do(parts, call, ReportHangUp())


async def suggest_value(parts: ApiParts, call: Call) -> Done:
    """Propose a Field's value to the driver."""
    order: SuggestionOrder = call.body
    return await _do(parts, call, Suggest(kind=SuggestionKind.FIELD, key=order.field, content=order.content))


def actor_of(parts: ApiParts, call: Call) -> Actor:
    """The token, as commands know it."""
    caller = call.caller
    return Actor(
        id=caller.id,
        name=caller.name,
        roles=frozenset(),
        team_ids=caller.team_ids,
        locale=parts.locale(),
        is_token=True,
    )


async def _start(parts: ApiParts, call: Call, session_id: SessionId) -> None:
    order: StartOrder = call.body
    offers = {offer.key: offer for offer in await parts.catalog.offers()}
    if order.workflow not in offers:
        raise no(ProblemCode.UNKNOWN_WORKFLOW, f"no Workflow {order.workflow} is offered")
    command = StartSession(
        version_id=offers[order.workflow].version_id,
        external_id=order.external_id,
        owner_id=await _owner_id(parts, order.owner),
        values=order.fields,
    )
    client_id, csn = _identity(call)
    await parts.submit.start(session_id, command, actor_of(parts, call), client_id, csn)


async def _owner_id(parts: ApiParts, owner: str) -> PersonId:
    person_id = await parts.roster.find_id(folded_email(owner)) if "@" in owner else owner
    if person_id is None or not person_id.isprintable() or await parts.roster.get(person_id) is None:
        raise no(ProblemCode.UNKNOWN_PERSON, "owner: there is nobody of this id or e-mail address")
    return person_id


def _opened(parts: ApiParts, call: Call, state: SessionState) -> Answered:
    """What there was already: started by this very request, by another one, or not to be seen."""
    if state.training or call.caller.team_ids.isdisjoint(state.team_ids):
        detail = "external_id: it stands for a session that this token may not see"
        raise no(ProblemCode.EXTERNAL_ID_TAKEN, detail)
    order: StartOrder = call.body
    is_ours = _was_done(call, state) or order.external_id is None
    status = HTTPStatus.CREATED if is_ours else HTTPStatus.OK
    return Answered(status, _answer(parts, state.session_id, is_new=is_ours))


async def _do(parts: ApiParts, call: Call, command: Command) -> Done:
    session_id = call.places["session_id"]
    await read_session(parts, call.caller, session_id)
    client_id, csn = _identity(call)
    try:
        folded = await parts.submit.sessions.open(session_id)
        await parts.submit.sessions.catch_up(folded)
        _was_done(call, folded.state)
        outcome = await parts.submit.submit(folded, command, actor_of(parts, call), client_id, csn)
    except SessionNotFound:
        raise unknown_session(session_id) from None
    except ForkedError as error:
        raise Unavailable(str(error)) from error
    if isinstance(outcome, Refused):
        raise _problem(outcome)
    return Done(session_id=session_id, seq=outcome.seq)


def _was_done(call: Call, state: SessionState) -> bool:
    """Whether the log holds this very request. Raises `HttpProblem` 422 if another one had its key."""
    client_id, csn = _identity(call)
    client = state.clients.get(client_id) if call.key is not None else None
    if client is None:
        return False
    if client.last_csn != csn:
        raise no(ProblemCode.KEY_REUSED, "this idempotency key was used for another request")
    return True


def _identity(call: Call) -> tuple[ClientId, Csn]:
    """Which command of which client a request is; without a key, one like no other."""
    if call.key is None:
        return secrets.token_hex(16), 1
    return call.key[:32], 1 + int(call.fingerprint[:12], 16)


def _session_id(call: Call) -> SessionId:
    order: StartOrder = call.body
    if order.external_id is not None:
        return session_id_of(order.external_id)
    if call.key is not None:
        return hashlib.sha256(f"sidecoach api session {call.key}".encode()).hexdigest()[:32]
    return secrets.token_hex(16)


def _answer(parts: ApiParts, session_id: SessionId, *, is_new: bool) -> SessionOpened:
    return SessionOpened(session_id=session_id, url=address_of(parts, session_id), is_new=is_new)


def _problem(refused: Refused) -> HttpProblem:
    if refused.code is RefuseCode.NOT_SAVED_YET:
        raise Unavailable(refused.detail)
    return no(ANSWERS[refused.code], refused.detail)
