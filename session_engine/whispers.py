"""Whispers: what those who follow a call say to each other, and to the driver, past the customer.

A whisper is said to persons, not to roles: whoever had the Session open then.
They and who said it are shown it, nobody else ever is; who drives replies and
starts none. It stays with the Session and goes with it.

That the screen is shared with the customer is kept here, too: it
hides what was whispered (`project_whispers.py`).

Rules: protocol/SPEC.md, WH.
"""

from __future__ import annotations

from msgspec.structs import replace

from protocol.base import WhisperId
from protocol.commands import ReadWhisper, ReplyToWhisper, ShareScreen, Whisper
from protocol.events import Event, Party, ScreenShared, WhisperRead, WhisperReplied, WhisperSent
from protocol.refusals import RefuseCode
from session_engine.context import Context
from session_engine.refused import Refused
from session_engine.state import SaidWhisper, SessionState, WhisperReply
from session_engine.workflow import Workflow

MAX_WHISPERS = 200
MAX_REPLIES = 20
"""To one whisper; what needs more is a talk."""


def decide_whisper(state: SessionState, workflow: Workflow, command: Whisper, context: Context) -> tuple[Event, ...]:
    """Say it to whoever is meant; the driver reads it when they are back, should they be gone for a moment.

    Raises:
        Refused: `not_here` if that person, or anybody else at all, has not got the Session open; `bad_content` if
            nothing is said; `too_large` after 200.
    """
    if len(state.whispers) >= MAX_WHISPERS:
        raise Refused(RefuseCode.TOO_LARGE, f"session {state.session_id} has {MAX_WHISPERS} whispers; expected fewer")
    others = {party.id: party for party in (state.driver, *context.present) if party.id != context.actor.id}
    if command.to_id is not None:
        others = {id_: party for id_, party in others.items() if id_ == command.to_id}
    if not others:
        whom = command.to_id or "nobody else"
        raise Refused(
            RefuseCode.NOT_HERE, f"{whom} has session {state.session_id} open; expected who drives or is here"
        )
    text, whisper_id = _said(command.text), f"w{len(state.whispers) + 1}"
    return (WhisperSent(whisper_id=whisper_id, to=tuple(others.values()), text=text),)


def decide_reply_to_whisper(
    state: SessionState, workflow: Workflow, command: ReplyToWhisper, context: Context
) -> tuple[Event, ...]:
    """Answer it, which says that it was read.

    Raises:
        Refused: `unknown_whisper` if it was not said to the actor; `bad_content` if nothing is said; `too_large`
            after 20.
    """
    whisper = _get_said_to(state, command.whisper_id, context)
    if len(whisper.replies) >= MAX_REPLIES:
        raise Refused(RefuseCode.TOO_LARGE, f"{whisper.id} has {MAX_REPLIES} replies; expected fewer")
    return (WhisperReplied(whisper_id=whisper.id, text=_said(command.text)),)


def decide_read_whisper(
    state: SessionState, workflow: Workflow, command: ReadWhisper, context: Context
) -> tuple[Event, ...]:
    """Read it; again, from another page, changes nothing.

    Raises:
        Refused: `unknown_whisper` if it was not said to the actor.
    """
    return (WhisperRead(whisper_id=_get_said_to(state, command.whisper_id, context).id),)


def decide_share_screen(
    state: SessionState, workflow: Workflow, command: ShareScreen, context: Context
) -> tuple[Event, ...]:
    """Let the customer see the screen, or not any more.

    Raises:
        Refused: `not_allowed` to the owner off the seat, but for ending it.
    """
    if command.shared and context.actor.id != state.driver.id:
        raise Refused(RefuseCode.NOT_ALLOWED, f"{state.driver.id} drives; expected that they say what is shared")
    return (ScreenShared(shared=command.shared),)


def evolve_whisper_sent(state: SessionState, event: WhisperSent, actor: Party, at_ms: int) -> SessionState:
    """It waits to be read."""
    said = SaidWhisper(id=event.whisper_id, by=actor, to=event.to, text=event.text, at_ms=at_ms)
    return _with(state, said)


def evolve_whisper_replied(state: SessionState, event: WhisperReplied, actor: Party, at_ms: int) -> SessionState:
    """It was read, and answered."""
    whisper = _read(state.whispers[event.whisper_id], actor)
    reply = WhisperReply(by=actor, text=event.text, at_ms=at_ms)
    return _with(state, replace(whisper, replies=(*whisper.replies, reply)))


def evolve_whisper_read(state: SessionState, event: WhisperRead, actor: Party, at_ms: int) -> SessionState:
    """It was read."""
    return _with(state, _read(state.whispers[event.whisper_id], actor))


def evolve_screen_shared(state: SessionState, event: ScreenShared, actor: Party, at_ms: int) -> SessionState:
    """So it is until it is ended, whoever drives: another's window is no less open to the customer."""
    return replace(state, screen_shared=event.shared)


def without_whispered(state: SessionState) -> SessionState:
    """The same without what was said; that something was, and when, stays."""
    emptied = {
        id_: replace(each, text=None, replies=tuple(replace(reply, text=None) for reply in each.replies))
        for id_, each in state.whispers.items()
    }
    return replace(state, whispers=emptied)


def _get_said_to(state: SessionState, whisper_id: WhisperId, context: Context) -> SaidWhisper:
    whisper = state.whispers.get(whisper_id)
    if whisper is None or not whisper.is_to(context.actor.id):
        # Whom it does not concern is not told whether there is one.
        detail = f"no whisper {whisper_id} to {context.actor.id} in session {state.session_id}"
        raise Refused(RefuseCode.UNKNOWN_WHISPER, detail)
    return whisper


def _said(text: str) -> str:
    line = " ".join(text.split())
    if not line:
        raise Refused(RefuseCode.BAD_CONTENT, "a whisper: expected 1 to 500 characters that can be read")
    return line


def _read(whisper: SaidWhisper, by: Party) -> SaidWhisper:
    return whisper if by.id in whisper.read_by else replace(whisper, read_by=(*whisper.read_by, by.id))


def _with(state: SessionState, whisper: SaidWhisper) -> SessionState:
    return replace(state, whispers={**state.whispers, whisper.id: whisper})
