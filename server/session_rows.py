"""What lists and look-ups know of a Session: one row, made from its state. Pure.

Nothing sensitive gets here: titles and look-up Fields cannot be
(`session_engine/workflow_graph.py`), and are checked once more. Keeping the
rows is `server/mirror.py`, asking them `server/records/sessions.py`.

Its Actions that need attention belong to the row: `attention_rows.py`.

Rules: protocol/SPEC.md, SX1 and SX4.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from protocol.base import FieldContent, Key, Millis, Record, Seq, SessionId, TeamId, VersionId
from protocol.events import EndCause, Party
from protocol.lists import Outcome, SessionList
from protocol.views import SessionStatus
from server.attention_rows import AttentionRow, attention_changed, attention_of
from session_engine.project import title_of
from session_engine.state import SessionState
from session_engine.workflow import Workflow, is_sensitive

MAX_TITLE = 300
MAX_LOOK_UP = 200

EXTERNAL_ID = "external_id"
"""Stands among the look-up values for what another system calls the call."""

LISTS = {
    SessionStatus.ACTIVE: SessionList.LIVE,
    SessionStatus.REVIEWING: SessionList.LIVE,
    SessionStatus.PAUSED: SessionList.PAUSED,
    SessionStatus.COMPLETED: SessionList.FINISHED,
    SessionStatus.ENDED: SessionList.FINISHED,
}
ENDINGS = {EndCause.PERSON: Outcome.ENDED, EndCause.SWITCHED: Outcome.SWITCHED, EndCause.EXPIRED: Outcome.EXPIRED}


class SessionRow(Record, frozen=True, kw_only=True):
    """A Session as true at entry `seq`."""

    session_id: SessionId
    seq: Seq
    list: SessionList
    title: str
    workflow_key: Key
    workflow_name: str
    version_id: VersionId
    status: SessionStatus
    training: bool
    owner: Party
    driver: Party
    team_ids: tuple[TeamId, ...]
    started_ms: Millis
    changed_ms: Millis
    call_back_ms: Millis | None
    outcome: Outcome | None
    end_reason_key: Key | None
    look_ups: Mapping[Key, str]
    attention: tuple[AttentionRow, ...] = ()


def row_of(state: SessionState, workflow: Workflow) -> SessionRow:
    """The Session's row."""
    document = workflow.version.document
    return SessionRow(
        session_id=state.session_id,
        seq=state.seq,
        list=LISTS[state.status],
        # PostgreSQL holds no NUL: one that somebody typed would stop the rows of everybody.
        title=title_of(state, workflow).replace("\0", "")[:MAX_TITLE],
        workflow_key=document.key,
        workflow_name=document.name,
        version_id=state.version_id,
        status=state.status,
        training=state.training,
        owner=state.owner,
        driver=state.driver,
        team_ids=state.team_ids,
        started_ms=state.started_ms,
        changed_ms=state.changed_ms,
        call_back_ms=state.call_back_ms,
        outcome=_outcome(state),
        end_reason_key=state.end_reason_key,
        look_ups=_look_ups(state, workflow) | _external(state),
        attention=attention_of(state, workflow),
    )


def row_changed(before: SessionState | None, after: SessionState, workflow: Workflow) -> bool:
    """Whether the row may be another one; cheap, since every commit asks."""
    if before is None or _facts(before) != _facts(after):
        return True
    if attention_changed(before, after, workflow):
        return True
    if before.fields is after.fields:
        return False
    return any(
        before.fields.get(key) is not after.fields.get(key)
        for key, definition in workflow.fields.items()
        if definition.look_up or key in workflow.title_keys
    )


def look_up_value(content: FieldContent) -> str | None:
    """What finds a Session by this content, however it was written; None if nothing does.

    Letters and digits in lower case. Of an address the signs stay that tell one from another; of a telephone
    number the extension goes.
    """
    if not isinstance(content, str):
        return None
    text = unicodedata.normalize("NFKC", content.partition(";ext=")[0]).casefold()
    kept = "@._+-" if "@" in text else ""
    return "".join(sign for sign in text if sign.isalnum() or sign in kept)[:MAX_LOOK_UP] or None


def _facts(state: SessionState) -> tuple[object, ...]:
    return (state.status, state.owner, state.driver, state.changed_ms, state.call_back_ms, state.team_ids)


def _outcome(state: SessionState) -> Outcome | None:
    match state.status:
        case SessionStatus.COMPLETED:
            return Outcome.WON if state.won else Outcome.NOT_WON
        case SessionStatus.ENDED:
            return ENDINGS[state.end_cause or EndCause.PERSON]
    return None


def _look_ups(state: SessionState, workflow: Workflow) -> dict[Key, str]:
    found = {}
    for key, held in state.fields.items():
        definition = workflow.fields.get(key)
        # What breaks a rule may be anything: "n/a" would join strangers.
        if definition is None or not definition.look_up or is_sensitive(definition) or held.problem is not None:
            continue
        value = look_up_value(held.content)
        if value is not None:
            found[key] = value
    return found


def _external(state: SessionState) -> dict[Key, str]:
    value = look_up_value(state.external_id)
    return {} if value is None else {EXTERNAL_ID: value}
