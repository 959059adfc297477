"""Actions that need attention: the list, its count, and what is done about many of them at once.

What is done goes through `Submit` like every other command, one after the
other; the engine says who may.

Rules: protocol/SPEC.md, NA5 to NA9.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from protocol.actions import ActionId
from protocol.attention import (
    AttentionAct,
    AttentionItem,
    AttentionKind,
    AttentionOrder,
    AttentionResult,
    AttentionResults,
)
from protocol.commands import Command, LookUpAction, MarkAction, SendAction
from protocol.refusals import RefuseCode
from server.http.asked import answer, bad, limit_of, midnight, one_of, refuse_others, words_of
from server.http.body import read_body
from server.http.me import Reception, refuse_other_origins
from server.ports import AttentionQuery, AttentionTable, SessionNotFound, Unavailable
from server.submit import Submit
from session_engine.context import Actor
from session_engine.refused import Refused
from session_engine.rights import participants
from session_engine.values.reading import Reading

log = logging.getLogger(__name__)

NOT_TRIED = Refused(RefuseCode.NOT_SAVED_YET, "not tried: the store is away")

PARAMETERS = ("kind", "connection", "integration", "q", "from", "to", "cursor", "limit")


class AttentionShelf:
    """Hands out what the mirror holds of Actions, and has something done about them."""

    def __init__(self, table: AttentionTable, submit: Submit, reception: Reception) -> None:
        self._table = table
        self._submit = submit
        self._reception = reception

    async def lines(self, request: Request) -> Response:
        """GET /api/attention"""
        actor = await self._reception.get_actor(request)
        return answer(await self._table.attention(read_query(request.query_params, actor), actor))

    async def count(self, request: Request) -> Response:
        """GET /api/attention/count"""
        actor = await self._reception.get_actor(request)
        refuse_others(request.query_params, ())
        return answer(await self._table.attention_count(actor))

    async def act(self, request: Request) -> Response:
        """POST /api/attention/act: an `AttentionOrder`; what became of each of its items"""
        refuse_other_origins(request)
        actor = await self._reception.get_actor(request)
        order = await read_body(request, AttentionOrder)
        if order.act is AttentionAct.DISMISS and not (order.reason or "").strip():
            raise bad("reason: expected why they need no attention any more")
        results = await self._act(order, actor)
        refused = sum(result.code is not None for result in results)
        log.info("attention.acted act=%s person_id=%s items=%d refused=%d", order.act, actor.id, len(results), refused)
        return answer(AttentionResults(results=tuple(results)))

    async def _act(self, order: AttentionOrder, actor: Actor) -> list[AttentionResult]:
        items = tuple(dict.fromkeys(order.items))
        client_id = secrets.token_hex(16)
        found: dict[AttentionItem, Refused | None] = {}
        for session_id in dict.fromkeys(item.session_id for item in items):
            for csn, item in enumerate((item for item in items if item.session_id == session_id), start=1):
                found[item] = await self._act_on(item, csn, order, actor, client_id)
                if _is_away(found[item]):
                    # The next ones would only wait for the same store.
                    return [_result(item, found.get(item, NOT_TRIED)) for item in items]
        return [_result(item, found[item]) for item in items]

    async def _act_on(
        self, item: AttentionItem, csn: int, order: AttentionOrder, actor: Actor, client_id: str
    ) -> Refused | None:
        """Why not; None if it is done."""
        command = command_of(order, item.action_id)
        try:
            folded = await self._submit.sessions.open(item.session_id)
        except SessionNotFound:
            return Refused(RefuseCode.UNKNOWN_SESSION, f"no session {item.session_id}")
        except Unavailable as error:
            return Refused(RefuseCode.NOT_SAVED_YET, str(error))
        if not participants(folded.state, actor):
            return Refused(RefuseCode.UNKNOWN_SESSION, f"no session {item.session_id}")  # nor is it told that there is
        outcome = await self._submit.submit(folded, command, actor, client_id, csn)
        return outcome if isinstance(outcome, Refused) else None


def command_of(order: AttentionOrder, action_id: ActionId) -> Command:
    """What a person would send from the Session's own page."""
    reason = (order.reason or "").strip() or None
    match order.act:
        case AttentionAct.SEND:
            return SendAction(action_id=action_id, again=order.again)
        case AttentionAct.LOOK_UP:
            return LookUpAction(action_id=action_id)
        case AttentionAct.MARK_SENT:
            return MarkAction(action_id=action_id, sent=True, reason=reason)
        case AttentionAct.DISMISS:
            return MarkAction(action_id=action_id, sent=False, reason=reason)


def read_query(asked: Mapping[str, str], actor: Actor) -> AttentionQuery:
    """What was asked for. Raises `HttpProblem` 400 that says what was expected."""
    refuse_others(asked, PARAMETERS)
    zone = Reading(actor.locale, 0).zone
    return AttentionQuery(
        kind=one_of(asked, "kind", AttentionKind),
        connection=asked.get("connection") or None,
        integration=asked.get("integration") or None,
        title=words_of(asked, "q").casefold(),
        from_ms=midnight(asked, "from", zone, days=0),
        until_ms=midnight(asked, "to", zone, days=1),
        after=_cursor(asked),
        limit=limit_of(asked),
    )


def _cursor(asked: Mapping[str, str]) -> tuple[int | str, ...] | None:
    text = asked.get("cursor")
    if not text:
        return None
    if re.fullmatch(r"[0-9]{1,16}\.[0-9a-f]{32}\.a[0-9]{1,7}", text) is None:
        raise bad("cursor: expected what this list gave as next")
    since_ms, session_id, action_id = text.split(".")
    return int(since_ms), session_id, action_id


def _is_away(refused: Refused | None) -> bool:
    return refused is not None and refused.code is RefuseCode.NOT_SAVED_YET


def _result(item: AttentionItem, refused: Refused | None) -> AttentionResult:
    return AttentionResult(
        session_id=item.session_id,
        action_id=item.action_id,
        code=None if refused is None else refused.code,
        detail=None if refused is None else refused.detail,
    )
