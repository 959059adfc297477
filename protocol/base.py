"""Scalars and the base record that every word on the wire is built from.

Units, limits and meanings are stated once, here, and travel into the JSON
Schema and the TypeScript doc comments. No behaviour lives in this module.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

MAX_SAFE_INT = 2**53 - 1
"""Largest integer that JavaScript holds exactly (ECMA-262, Number.MAX_SAFE_INTEGER)."""

END = r"(?!\n)$"
"""The end of a pattern. Alone, `$` also fits before a last line break: in Python, not in JavaScript."""

PROTOCOL = "sidecoach.v1.json"
"""The WebSocket subprotocol of this version of the words."""


class Record(Struct, frozen=True, kw_only=True, gc=False):
    """An immutable value. Subclasses repeat `frozen=True, kw_only=True`: msgspec inherits only the first.

    Never looked at for cycles, since what is built from what was there before cannot have any.
    """


Millis = Annotated[int, Meta(ge=0, le=MAX_SAFE_INT, description="Milliseconds since the Unix epoch, server clock.")]
ExternalId = Annotated[
    str,
    Meta(min_length=1, max_length=200, description="What another system calls the call: a call id, a ticket number."),
]
Seq = Annotated[int, Meta(ge=0, le=MAX_SAFE_INT, description="Place in the Session's log; the first entry is 1.")]
Csn = Annotated[
    int, Meta(ge=1, le=MAX_SAFE_INT, description="Client sequence number: rises with each command of one client.")
]
Generation = Annotated[
    int, Meta(ge=1, le=MAX_SAFE_INT, description="Rises each time the seat passes to another person.")
]
SessionId = Annotated[
    str, Meta(pattern=r"^[0-9a-f]{32}" + END, description="128 random bits in hex, drawn by who starts it.")
]
ClientId = Annotated[
    str, Meta(pattern=r"^[0-9a-f]{32}" + END, description="128 random bits in hex, drawn at each page load.")
]
EntryId = Annotated[str, Meta(max_length=16, description="64 random bits in hex that name one log entry.")]
VisitId = Annotated[
    str, Meta(pattern=r"^v[1-9][0-9]{0,6}" + END, description="Ordinal of a visit in its Session: v1, v2 …")
]
PersonId = Annotated[str, Meta(min_length=1, max_length=64, description="A person of this installation.")]
TeamId = Annotated[str, Meta(min_length=1, max_length=64, description="A team of this installation.")]
Key = Annotated[
    str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}" + END, description="Stable name in snake_case, unique among its kind.")
]
VersionId = Annotated[
    str,
    Meta(pattern=r"^[a-z][a-z0-9_]{0,63}@[a-z0-9]{1,32}" + END, description="Workflow key @ version, such as sales@3."),
]
Name = Annotated[str, Meta(min_length=1, max_length=200, description="A name that people read; one line.")]

FieldContent = (
    Annotated[str, Meta(max_length=10_000)]
    | bool
    | Annotated[tuple[Annotated[str, Meta(max_length=200)], ...], Meta(max_length=200)]
    | None
)
"""What a Field holds: text in canonical form (numbers as decimal strings), yes/no, chosen options, or nothing."""


HandoverId = Annotated[
    str,
    Meta(pattern=r"^p[1-9][0-9]{0,6}" + END, description="Ordinal of a request or an offer of the seat: p1, p2 …"),
]
HelpId = Annotated[
    str, Meta(pattern=r"^h[1-9][0-9]{0,6}" + END, description="Ordinal of a request for help in its Session: h1, h2 …")
]
TransferId = Annotated[
    str, Meta(pattern=r"^t[1-9][0-9]{0,6}" + END, description="Ordinal of a transfer in its Session: t1, t2 …")
]
SuggestionId = Annotated[
    str, Meta(pattern=r"^s[1-9][0-9]{0,6}" + END, description="Ordinal of a suggestion in its Session: s1, s2 …")
]
WhisperId = Annotated[
    str, Meta(pattern=r"^w[1-9][0-9]{0,6}" + END, description="Ordinal of a whisper in its Session: w1, w2 …")
]


class Position(Record, frozen=True, kw_only=True):
    """A place in a Session's history. Seq alone cannot tell two histories apart; the entry id can."""

    seq: Seq
    entry_id: EntryId
