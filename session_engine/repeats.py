"""Telling a repeated command from a new one, on the folded state.

A client numbers its commands (csn) and sends them in order; after a lost
reply it sends the same ones again. What was accepted is in the log, so every
process gives the same answer.

Rules: protocol/SPEC.md, CM5 to CM7.
"""

from __future__ import annotations

from msgspec.structs import replace

from protocol.base import ClientId, Csn, PersonId, Seq
from protocol.events import Entry
from protocol.refusals import RefuseCode
from session_engine.refused import Refused
from session_engine.state import Client, SessionState

REMEMBERED = 32
"""Accepted commands kept per client: twice what a client may have unacknowledged."""
MAX_CLIENTS = 64
"""Clients kept per Session, the most recent ones: a page load makes one."""


def find_repeat(state: SessionState, person_id: PersonId, client_id: ClientId, csn: Csn) -> Seq | None:
    """Seq of the entry that this command became before, or None if it is new.

    Raises:
        Refused: `refused_before`, when a later command of this client was
            accepted and this one was not; `not_allowed`, when the client id
            is another person's.
    """
    client = state.clients.get(client_id)
    if client is None:
        return None
    if client.person_id != person_id:
        raise Refused(RefuseCode.NOT_ALLOWED, f"client {client_id} belongs to another person")
    if csn > client.last_csn:
        return None
    for accepted_csn, seq in client.accepted:
        if accepted_csn == csn:
            return seq
    raise Refused(RefuseCode.REFUSED_BEFORE, f"command {csn} was not accepted; command {client.last_csn} was, later")


def remember(state: SessionState, entry: Entry) -> SessionState:
    """The state that knows this entry's command as accepted."""
    if entry.client_id is None or entry.csn is None:
        return state
    before = state.clients.get(entry.client_id)
    accepted = before.accepted[1 - REMEMBERED :] if before else ()
    client = Client(person_id=entry.actor.id, last_csn=entry.csn, accepted=(*accepted, (entry.csn, entry.seq)))
    others = {id_: other for id_, other in state.clients.items() if id_ != entry.client_id}
    while len(others) >= MAX_CLIENTS:
        del others[next(iter(others))]
    return replace(state, clients={**others, entry.client_id: client})
