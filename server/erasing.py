"""Erasing: a manager deletes a Session, or has one value forgotten everywhere.

First the keys go, in SQL, in one transaction with what is readable there and
the audit row: from then on no copy of the content opens, wherever it lies.
What follows makes the store and the processes forget as well; whoever dies in
between leaves a request that can be made again, and then finishes; so does
`retention.py`, by itself.

A value is forgotten by an entry of the log (`session_engine/erasing.py`), so
that every process that writes after it has read the new keys.

Rules: protocol/SPEC.md, ER.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Protocol

from msgspec.structs import replace

from protocol.actions import ActionId
from protocol.base import Key, PersonId, Position, SessionId
from protocol.commands import EraseContent
from protocol.refusals import RefuseCode
from server.ports import SessionStore, SessionTable, Unavailable
from server.rooms.rooms import GONE
from server.session_rows import row_of
from server.store.sealing import SNAPSHOT_SLOT
from server.submit import Submit
from session_engine.context import Actor
from session_engine.erasing import actions_with, check_erasable
from session_engine.lifecycle import is_settled
from session_engine.refused import Refused

log = logging.getLogger(__name__)


class Erasure(Protocol):
    """What is erased in SQL; each with its audit row in the same transaction."""

    async def delete(self, session_id: SessionId, by: PersonId) -> None:
        """Drop every key of a Session, and all that is readable of it."""

    async def finish(self, session_id: SessionId) -> None:
        """The store has forgotten it, too."""

    async def renew(
        self,
        session_id: SessionId,
        field_key: Key | None,
        slots: Collection[str],
        action_ids: Collection[ActionId],
        title: str,
        by: PersonId,
    ) -> tuple[str, ...]:
        """Drop the keys of these slots and draw new ones, whose slots are given; and what SQL holds of the content."""

    async def is_deleted(self, session_id: SessionId) -> bool:
        """Whether its keys were dropped."""


class Eraser:
    """One process's way to erase."""

    def __init__(self, erasure: Erasure, table: SessionTable, store: SessionStore, submit: Submit) -> None:
        self._erasure = erasure
        self._table = table
        self._store = store
        self._submit = submit

    async def delete(self, session_id: SessionId, by: Actor) -> None:
        """Delete a finished Session; again, to finish what was begun.

        Raises:
            Refused: `not_finished`, also while it can be undone or an Action is on its way.
            ForkedError, SessionNotFound, Unavailable.
        """
        if not await self._erasure.is_deleted(session_id):
            state, workflow = await self._submit.sessions.read(session_id)
            if not is_settled(state, await self._store.now_ms()):
                raise Refused(
                    RefuseCode.NOT_FINISHED,
                    f"session {session_id} is {state.status}; end it, let its Actions arrive",
                )
            # Once the keys are gone nobody can say any more what it was.
            await self._table.write([row_of(state, workflow)])
            await self._erasure.delete(session_id, by.id)
            end = Position(seq=state.seq, entry_id=state.entry_id)
        else:
            end = (await self._store.positions([session_id])).get(session_id, Position(seq=0, entry_id=""))
        if not await self._store.erase(session_id, end):
            raise Unavailable(f"session {session_id}: the log does not hold entry {end.seq}")
        self._submit.sessions.drop(session_id)
        await self._store.signal(session_id, GONE)
        await self._erasure.finish(session_id)
        log.info("erasing.deleted session_id=%s", session_id)

    async def erase(self, session_id: SessionId, field_key: Key | None, by: Actor) -> None:
        """Have a Field's value, or the Notes and whispers (None), forgotten; an open Session may then get another one.

        Raises:
            Refused: as `check_erasable`.
            ForkedError, SessionNotFound, Unavailable: ask again.
        """
        state, workflow = await self._submit.sessions.read(session_id)
        check_erasable(state, workflow, field_key)
        action_keys = actions_with(workflow, field_key)
        slots = [SNAPSHOT_SLOT, *(f"action/{key}" for key in action_keys)]
        slots += ["notes", "whisper"] if field_key is None else [f"field/{field_key}"]
        action_ids = [action.id for action in state.actions.values() if action.key in action_keys]
        left = replace(state, fields={key: value for key, value in state.fields.items() if key != field_key})
        title = row_of(left, workflow).title
        # What waits to be written of it is no later than this, and so does not write the old title after the new one.
        await self._table.write([row_of(state, workflow)])
        names = await self._erasure.renew(session_id, field_key, slots, action_ids, title, by.id)
        command = EraseContent(field_key=field_key, slots=names, by=by.party)
        outcome = await self._submit.submit_system(session_id, command)
        if isinstance(outcome, Refused):
            raise Unavailable(f"session {session_id}: {outcome.detail}")
        log.info("erasing.erased session_id=%s seq=%d", session_id, outcome.seq)
