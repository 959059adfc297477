"""What a presence lease is called and says: who has a Session open, by which connection.

Rules: protocol/SPEC.md, PR.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

import msgspec

from protocol.base import PersonId
from protocol.frames import Present

log = logging.getLogger(__name__)

_decoder = msgspec.json.Decoder(Present)


def presence_member(person_id: PersonId, connection_id: str) -> str:
    """The name under which one connection of a person holds a presence lease."""
    return f"{person_id}/{connection_id}"


def person_of(member: str) -> PersonId:
    """The person of a presence lease."""
    return member.rpartition("/")[0] or member


def present_in(leases: Mapping[str, bytes]) -> list[Present]:
    """Who holds these presence leases, once for each connection."""
    present = []
    for name, says in leases.items():
        try:
            present.append(_decoder.decode(says))
        except msgspec.MsgspecError as error:
            # Written by a process of another release: whoever it is cannot be named here.
            log.warning("presence.unreadable member=%s reason=%s", name, error)
    return present
