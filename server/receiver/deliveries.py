"""What came: the last thousand deliveries and e-mails, and how often each id had an effect.

In memory only. What was said about an entry changes while it waits for its
answer; whoever follows asks for what is newer than the revision they have.

Rules: protocol/SPEC.md, RX1 and RX3.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from protocol.base import Millis, Record
from server.receiver.verification import Signature

KEPT = 1_000
SHOWN_CHARACTERS = 65_536
IDS_KEPT = 200_000
"""More ids than any storm sends; beyond that the oldest are forgotten."""


class Delivery(Record, frozen=True, kw_only=True, tag_field="kind", tag="delivery"):
    """One HTTP request."""

    number: int
    revision: int
    at_ms: Millis
    name: str
    method: str
    path: Annotated[str, Meta(description="With its query.")]
    id: Annotated[str | None, Meta(description="Of webhook-id, else of Idempotency-Key.")]
    event: Annotated[str | None, Meta(description="`event` or `type` of the body.")]
    body: Annotated[str, Meta(description="JSON indented, anything else as it came; cut when it is long.")]
    size_bytes: int
    signature: Signature
    is_repeat: Annotated[bool, Meta(description="The id came before, whatever became of it then.")]
    has_effect: bool
    answer: Annotated[str | None, Meta(description="Null while it waits for its answer.")]


class Mail(Record, frozen=True, kw_only=True, tag_field="kind", tag="mail"):
    """One e-mail, as it was handed over."""

    number: int
    revision: int
    at_ms: Millis
    sender: str
    recipients: tuple[str, ...]
    subject: str
    id: Annotated[str | None, Meta(description="Its Message-ID.")]
    body: str
    size_bytes: int
    is_repeat: bool
    has_effect: bool
    answer: str | None


Arrival = Delivery | Mail
Came = TypeVar("Came", Delivery, Mail)


class News(Record, frozen=True, kw_only=True):
    """Answer of /api/deliveries: what is newer than a revision, oldest first."""

    run: Annotated[str, Meta(description="Another one than before: forget what you have.")]
    revision: int
    entries: list[Arrival]


class Counts(Record, frozen=True, kw_only=True):
    """How often something happened, by id and in all; what has no id counts in all only."""

    by_id: dict[str, int]
    total: int


class Effects(Record, frozen=True, kw_only=True):
    """Answer of /api/effects: deliveries, and e-mails beside them."""

    by_id: dict[str, int]
    total: int
    mail: Counts


class Tally:
    """Effects of one kind of arrival."""

    def __init__(self) -> None:
        self.total = 0
        self._effects_by_id: OrderedDict[str, int] = OrderedDict()

    def note(self, entry_id: str | None) -> bool:
        """It came; says whether the same id came before."""
        if entry_id is None:
            return False
        is_repeat = entry_id in self._effects_by_id
        self._effects_by_id.setdefault(entry_id, 0)
        if len(self._effects_by_id) > IDS_KEPT:
            self._effects_by_id.popitem(last=False)
        return is_repeat

    def effect(self, entry_id: str | None, *, is_idempotent: bool) -> bool:
        """It is done; says whether that was an effect."""
        if entry_id is not None:
            if is_idempotent and self._effects_by_id.get(entry_id, 0):
                return False
            self._effects_by_id[entry_id] = self._effects_by_id.get(entry_id, 0) + 1
        self.total += 1
        return True

    @property
    def counts(self) -> Counts:
        """As far as it has come."""
        return Counts(by_id={name: times for name, times in self._effects_by_id.items() if times}, total=self.total)


class Arrivals:
    """All that came since the last clearing."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget everything, effects too."""
        self.run = secrets.token_hex(4)
        self.deliveries = Tally()
        self.mails = Tally()
        self._revision = 0
        self._number = 0
        self._entries: OrderedDict[int, Arrival] = OrderedDict()

    def add(self, entry: Came) -> Came:
        """Keep an entry; gives it with its number."""
        self._number += 1
        self._revision += 1
        entry = replace(entry, number=self._number, revision=self._revision)
        self._entries[entry.number] = entry
        if len(self._entries) > KEPT:
            self._entries.popitem(last=False)
        return entry

    def answered(self, entry: Came, answer: str, run: str) -> None:
        """The entry of this run got its answer."""
        if run == self.run and entry.number in self._entries:
            self._revision += 1
            self._entries[entry.number] = replace(entry, answer=answer, revision=self._revision)

    def news(self, after: int) -> News:
        """What changed after this revision."""
        entries = [entry for entry in self._entries.values() if entry.revision > after]
        return News(run=self.run, revision=self._revision, entries=entries)

    @property
    def effects(self) -> Effects:
        """How often what had an effect."""
        done = self.deliveries.counts
        return Effects(by_id=done.by_id, total=done.total, mail=self.mails.counts)


def readable(body: bytes) -> tuple[str, str | None]:
    """A body as people read it, and the event that it names."""
    event = None
    try:
        content = msgspec.json.decode(body)
        text = msgspec.json.format(body, indent=2).decode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        text = body.decode(errors="replace")
    else:
        if isinstance(content, dict):
            named = content.get("event") or content.get("type")
            event = named[:100] if isinstance(named, str) else None
    return shortened(text), event


def shortened(text: str) -> str:
    """Text of a length that a page can hold."""
    return (
        text
        if len(text) <= SHOWN_CHARACTERS
        else f"{text[:SHOWN_CHARACTERS]}\n… cut after {SHOWN_CHARACTERS} characters"
    )
