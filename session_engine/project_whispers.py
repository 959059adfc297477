"""What was whispered, as those whom it concerns are shown it; the part of `project.py` that looks at the person.

While the screen is shared nobody is sent any text: what is on no
screen cannot be seen over a shoulder, and a page that was sent it before is
sent the whisper again without.

Rules: protocol/SPEC.md, WH.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from protocol.base import PersonId, WhisperId
from protocol.events import Event, WhisperRead, WhisperReplied, WhisperSent
from protocol.ops import Collection, Put
from protocol.views import WhisperReplyView, WhisperView
from session_engine.state import SaidWhisper, SessionState

UNTOLD: frozenset[type[Event]] = frozenset({WhisperSent, WhisperReplied, WhisperRead})
"""Events that are not even named where no person is looked at."""


def whispers_of(state: SessionState, person_id: PersonId | None) -> dict[WhisperId, WhisperView]:
    """Those that this person said, or was told."""
    is_hidden = _is_hidden(state)
    return {each.id: _view(each, is_hidden) for each in state.whispers.values() if person_id in each.concerned}


def whisper_ops(before: SessionState, after: SessionState, person_id: PersonId | None) -> Iterator[Put]:
    """What changed of them for this person."""
    is_hidden = _is_hidden(after)
    for whisper in _changed(before, after):
        if person_id in whisper.concerned:
            yield Put(collection=Collection.WHISPERS, id=whisper.id, record=_view(whisper, is_hidden))


def told_apart(before: SessionState, after: SessionState) -> dict[PersonId, tuple[WhisperId, ...]]:
    """Who is sent something of what lies between them that the rest of their audience is not, and of what.

    Whoever of an audience is told of the same is told the same.
    """
    return _by_person(_changed(before, after))


def whispering(state: SessionState) -> dict[PersonId, tuple[WhisperId, ...]]:
    """Whose view holds something that the rest of their audience's does not, and what; as `told_apart`."""
    return _by_person(state.whispers.values())


def _by_person(whispers: Iterable[SaidWhisper]) -> dict[PersonId, tuple[WhisperId, ...]]:
    told: dict[PersonId, tuple[WhisperId, ...]] = {}
    for whisper in whispers:
        for person_id in whisper.concerned:
            told[person_id] = (*told.get(person_id, ()), whisper.id)
    return told


def _changed(before: SessionState, after: SessionState) -> list[SaidWhisper]:
    if _is_hidden(before) is not _is_hidden(after):
        return [*after.whispers.values()]
    if after.whispers is before.whispers:
        return []
    return [each for id_, each in after.whispers.items() if before.whispers.get(id_) is not each]


def _is_hidden(state: SessionState) -> bool:
    # Of a record nothing is shown before it is asked for; and who undoes completing shares the screen as before.
    return state.screen_shared and not state.is_finished


def _view(whisper: SaidWhisper, is_hidden: bool) -> WhisperView:
    return WhisperView(
        id=whisper.id,
        by=whisper.by,
        to=whisper.to,
        text=None if is_hidden else whisper.text,
        at_ms=whisper.at_ms,
        read_by=whisper.read_by,
        replies=tuple(
            WhisperReplyView(by=reply.by, text=None if is_hidden else reply.text, at_ms=reply.at_ms)
            for reply in whisper.replies
        ),
    )
