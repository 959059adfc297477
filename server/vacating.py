"""Freeing the Sessions of who was deactivated: a colleague gets them, or they wait, paused; the seat goes back.

Which Sessions is read from the live index, which changes in the step of each
log: the rows in SQL may be a moment behind. Each is one command of the system
(`session_engine/ownership.py`), which does nothing where there is nothing to
free: who asks again finishes what was begun.

Rules: protocol/SPEC.md, RA4 and RA5.
"""

from __future__ import annotations

import asyncio
import logging

import msgspec

from protocol.base import PersonId, Record
from protocol.commands import Vacate
from protocol.people import NotReassigned
from protocol.refusals import RefuseCode
from protocol.views import LiveSession, SessionStatus
from server.folded import ForkedError
from server.ports import SessionNotFound, SessionStore, Unavailable
from server.store.keyring import KeyRing, SealBroken
from server.submit import Submit
from session_engine.context import Actor
from session_engine.refused import Refused

log = logging.getLogger(__name__)

AT_ONCE = 16
GONE = (RefuseCode.FINISHED, RefuseCode.NOT_ALLOWED, RefuseCode.UNKNOWN_SESSION)
"""Meanwhile there is nothing to free any more."""

_decoder = msgspec.json.Decoder(LiveSession)


class Vacated(Record, frozen=True, kw_only=True):
    """What became of somebody's Sessions."""

    reassigned: int = 0
    paused: int = 0
    failed: tuple[NotReassigned, ...] = ()


class Vacating:
    """One process's way to free Sessions."""

    def __init__(self, store: SessionStore, key_ring: KeyRing, submit: Submit) -> None:
        self._store = store
        self._key_ring = key_ring
        self._submit = submit

    async def vacate(self, person_id: PersonId, to_id: PersonId | None, by: Actor) -> Vacated:
        """Free all that this person holds; what cannot be given to the colleague waits, and is told.

        Raises:
            Unavailable: the store is away; nothing was freed.
        """
        held = await self._held_by(person_id)
        at_once = asyncio.Semaphore(AT_ONCE)

        async def free(live: LiveSession) -> RefuseCode | None:
            async with at_once:
                return await self._free(live, person_id, to_id, by)

        codes = await asyncio.gather(*(free(live) for live in held))
        own = [(live, code) for live, code in zip(held, codes, strict=True) if live.owner.id == person_id]
        failed = [
            NotReassigned(
                session_id=live.session_id, workflow_name=live.workflow_name, started_ms=live.started_ms, code=code
            )
            for live, code in zip(held, codes, strict=True)
            if code is not None and code not in GONE
        ]
        done = [live for live, code in own if code is None]
        if held:
            log.info("vacating.done person_id=%s sessions=%d failed=%d", person_id, len(held), len(failed))
        return Vacated(
            reassigned=len(done) if to_id is not None else 0,
            paused=0 if to_id is not None else len(done),
            failed=tuple(failed),
        )

    async def _free(
        self, live: LiveSession, person_id: PersonId, to_id: PersonId | None, by: Actor
    ) -> RefuseCode | None:
        """Why not, if it was not."""
        code = await self._ask(live, Vacate(person_id=person_id, to_id=to_id, by=by.party))
        if to_id is not None and code is not None and code not in GONE and live.status is not SessionStatus.PAUSED:
            await self._ask(live, Vacate(person_id=person_id, to_id=None, by=by.party))
        return code

    async def _ask(self, live: LiveSession, command: Vacate) -> RefuseCode | None:
        try:
            outcome = await self._submit.submit_system(live.session_id, command)
        except SessionNotFound:
            return RefuseCode.UNKNOWN_SESSION
        except (Unavailable, ForkedError) as error:
            log.warning("vacating.failed session_id=%s reason=%s", live.session_id, error)
            return RefuseCode.NOT_SAVED_YET
        return outcome.code if isinstance(outcome, Refused) else None

    async def _held_by(self, person_id: PersonId) -> list[LiveSession]:
        """Open Sessions that this person owns or drives, the oldest first."""
        held = []
        for session_id, summary in (await self._store.live()).items():
            try:
                live = _decoder.decode(self._key_ring.unseal_summary(session_id, summary))
            except (SealBroken, msgspec.MsgspecError) as error:
                log.error("vacating.unreadable session_id=%s reason=%s", session_id, error)
                continue
            if person_id in (live.owner.id, live.driver.id):
                held.append(live)
        return sorted(held, key=lambda live: (live.started_ms, live.session_id))
