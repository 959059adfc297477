"""A Session moment by moment: the view after its first entry, and what each entry after it changed.

Rules: protocol/SPEC.md, RP.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from protocol.base import EntryId, Millis, Record, Seq, SessionId
from protocol.events import Party
from protocol.ops import Op
from protocol.views import Audience, View


class ReplayStep(Record, frozen=True, kw_only=True):
    """One entry of the log, as who asks may see it. What was whispered is no step: seqs may jump."""

    seq: Seq
    at_ms: Millis
    by: Annotated[Party, Meta(description="Who did it; the server itself is a party, too.")]
    events: Annotated[tuple[str, ...], Meta(description="What became true: the tags of its events.")]
    ops: Annotated[tuple[Op, ...], Meta(description="From the view before to the view after; none of the first.")]


class ReplayPage(Record, frozen=True, kw_only=True):
    """Answer of /api/sessions/{id}/replay: some hundreds of steps.

    It goes on from an earlier page only if audience, `erased` and `follows` are as that page said; else all of it is
    to be asked for again from the start.
    """

    session_id: SessionId
    audience: Annotated[Audience, Meta(description="As whom who asks sees it now; so are all steps.")]
    erased: Annotated[int, Meta(description="Rises with what is erased: earlier answers may tell of it.")]
    follows: Annotated[EntryId, Meta(description="Entry id before the first entry here; empty at the start.")]
    view: Annotated[View | None, Meta(description="After the first entry; null unless its step is here.")]
    steps: tuple[ReplayStep, ...]
    seq: Annotated[
        Seq, Meta(description="Of the last entry here, a step or not: the next page is asked for from there.")
    ]
    entry_id: Annotated[EntryId, Meta(description="Of that entry.")]
    last_seq: Annotated[Seq, Meta(description="Where the log ends: more is to be asked for below it.")]
