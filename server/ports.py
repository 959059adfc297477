"""What the server needs from the outside, as interfaces; and how those fail.

`store/redis.py` and `store/memory.py` implement `SessionStore` and pass one
contract suite (`tests/contract`). `records/` implements the SQL ports. The
store knows bytes only: what is typed content is sealed before it gets here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from protocol.account import Policy
from protocol.attention import AttentionCount, AttentionKind, AttentionLines
from protocol.base import EntryId, Key, Millis, PersonId, Position, Record, Seq, SessionId, VersionId
from protocol.connections import ConnectionStatus, ConnectionView, Deliveries, Delivery, EgressRule
from protocol.events import Party
from protocol.lists import Outcome, SessionLine, SessionLines, SessionList, Taker
from protocol.workflow import WorkflowOffer, WorkflowVersion
from server.actions.integrations.base import Connection, Order
from server.actions.outcomes import Outcome as AttemptOutcome
from server.session_rows import SessionRow
from session_engine.context import Actor

PolicyNow = Callable[[], Policy]
"""The installation's rules as they are at this moment: administrators change them while it runs."""


class StoreError(Exception):
    """The store did not do what was asked; nothing was changed."""


class Unavailable(StoreError):
    """Out of reach or overloaded. Whether a commit happened is unknown: ask again with the same entries."""


class SessionNotFound(StoreError):
    """No such Session."""


class SessionExists(StoreError):
    """A Session with this id exists; `first` is its first entry."""

    def __init__(self, first: StoredEntry) -> None:
        super().__init__(f"session exists, first entry {first.entry_id}")
        self.first = first


class Conflict(StoreError):
    """The log is not where the commit expected it; `tail` is what came after the expected seq."""

    def __init__(self, tail: tuple[StoredEntry, ...]) -> None:
        super().__init__(f"log has {len(tail)} entries past the expected seq")
        self.tail = tail


class StoredEntry(Record, frozen=True, kw_only=True):
    """One log entry as the store holds it."""

    seq: int
    entry_id: EntryId
    previous_id: EntryId
    payload: bytes


class Snapshot(Record, frozen=True, kw_only=True):
    """Folded state at a position; a disposable cache."""

    position: Position
    engine: str
    payload: bytes


class Loaded(Record, frozen=True, kw_only=True):
    """A Session's snapshot, if one of this engine is cached, and every entry after it (else the whole log)."""

    snapshot: Snapshot | None
    tail: tuple[StoredEntry, ...]


class LiveChange(Record, frozen=True, kw_only=True):
    """The Session's summary in the live index is now this; None takes it out."""

    summary: bytes | None


class DueChange(Record, frozen=True, kw_only=True):
    """Time may do something to the Session then, and not before; None takes it out of the due set."""

    due_ms: Millis | None
    only_sooner: bool = False
    """Leave it where it is if that is sooner still."""


class Due(Record, frozen=True, kw_only=True):
    """A Session whose time has come."""

    session_id: SessionId
    due_ms: Millis


class StoreServer(Record, frozen=True, kw_only=True):
    """One server of the store, as it tells of itself; what it does not tell is empty."""

    version: str = ""
    memory_bytes: int = 0
    memory_limit_bytes: int = 0
    """0: none was set."""
    eviction: str = ""
    is_appending: bool | None = None
    fsync: str = ""
    replicas: int = 0


class StoreCondition(Record, frozen=True, kw_only=True):
    """How the store is, and how much of what time does has piled up."""

    servers: tuple[StoreServer, ...]
    scheduled: int
    """Sessions in the due sets."""
    overdue: int
    oldest_due_ms: Millis | None
    """When the first of them is due, or was; None if there is none."""


class Commit(Record, frozen=True, kw_only=True):
    """Contiguous entries to append, if the log still ends at `expected` (seq and entry id)."""

    session_id: SessionId
    expected: Position
    entries: tuple[StoredEntry, ...]
    live: LiveChange | None = None
    due: DueChange | None = None


def require_contiguous(entries: Sequence[StoredEntry], expected: Position) -> None:
    """Refuse entries that do not follow one another from the expected position: a bug, whatever the log holds."""
    at = expected
    if not entries:
        raise ValueError(f"nothing to append after seq {at.seq}")
    for entry in entries:
        if entry.seq != at.seq + 1 or entry.previous_id != at.entry_id:
            raise ValueError(f"entry {entry.seq} after {entry.previous_id!r} cannot follow {at.seq} {at.entry_id!r}")
        at = Position(seq=entry.seq, entry_id=entry.entry_id)


class PushedEntry(Record, frozen=True, kw_only=True):
    """An entry of a subscribed Session was appended, by any process. A hint: may be lost or repeated."""

    session_id: SessionId
    entry: StoredEntry


class PushedSignal(Record, frozen=True, kw_only=True):
    """Another process told those who follow a Session something that is not stored."""

    session_id: SessionId
    payload: bytes


class PushedLive(Record, frozen=True, kw_only=True):
    """A Session's summary in the live index changed; None: it left the index."""

    session_id: SessionId
    summary: bytes | None


class PushInterrupted(Record, frozen=True, kw_only=True):
    """Pushes may have been lost since the last one: read again whatever matters."""


Push = PushedEntry | PushedSignal | PushedLive | PushInterrupted
PushListener = Callable[[Push], None]


class Attendance(Record, frozen=True, kw_only=True):
    """Who is in a Session."""

    leases: dict[str, bytes]
    """What each member whose lease is alive says."""
    last_seen_ms: Millis | None
    """When the last lease of the person that was asked for ended; None if nobody remembers, or it is alive."""


class SessionStore(Protocol):
    """Live Sessions: logs, pushes, snapshots, live index, due set, presence leases, and one clock.

    Every method may raise `Unavailable`.
    """

    async def start(self, listener: PushListener) -> None:
        """Connect and deliver pushes to `listener`, which must return at once."""

    async def close(self) -> None:
        """Stop pushes and free connections; commits under way are finished first."""

    async def create(
        self, session_id: SessionId, entry: StoredEntry, live: LiveChange | None, due: DueChange | None = None
    ) -> None:
        """Write entry 1 of a new Session; the very same again is success. Raises `SessionExists`."""

    async def commit(self, commit: Commit) -> None:
        """Append all entries or none; the very same again are success. Raises `Conflict`, `SessionNotFound`."""

    async def read(self, session_id: SessionId, after_seq: int = 0) -> tuple[StoredEntry, ...]:
        """Every entry past `after_seq`, in order. Raises `SessionNotFound`."""

    async def load(self, session_id: SessionId, engine: str) -> Loaded:
        """What folding the Session needs. Raises `SessionNotFound`."""

    async def save_snapshot(self, session_id: SessionId, snapshot: Snapshot) -> None:
        """Replace the cached snapshot unless a later one of the same engine is there."""

    async def positions(self, session_ids: Collection[SessionId]) -> dict[SessionId, Position]:
        """Where each log ends; unknown Sessions are left out."""

    async def live(self) -> dict[SessionId, bytes]:
        """The live index: summaries by Session."""

    async def due(self, now_ms: Millis, limit: int) -> tuple[Due, ...]:
        """Sessions that are due, the longest ones first; at most `limit` of each partition."""

    async def reschedule(self, due: Due, due_ms: Millis | None) -> bool:
        """Move a Session in the due set if it still stands there; None takes it out. Of several who ask, one may."""

    async def mend_due(
        self, session_id: SessionId, position: Position, due_ms: Millis | None, latest_ms: Millis
    ) -> bool:
        """Put a Session into the due set, or out of it, if its log ends there and it does not come up by `latest_ms`.

        Whether anything was mended.
        """

    async def delete(self, session_id: SessionId, position: Position) -> bool:
        """Take out everything of an archived Session, if its log still ends there and nobody is present.

        Says whether nothing is here any more; the very same again is success.
        """

    async def erase(self, session_id: SessionId, position: Position) -> bool:
        """Take out everything of a deleted Session, whoever is present, if its log holds that entry still.

        Says whether nothing is here any more; the very same again is success.
        """

    async def recreate(
        self, session_id: SessionId, entries: Sequence[StoredEntry], due_ms: Millis, until_ms: Millis
    ) -> bool:
        """Put an archived log back unless there is one; time looks at it at `due_ms`. Nobody is told.

        Says whether there is a log now: from `until_ms` on, what was archived may have gone on and come back since.
        """

    async def subscribe(self, session_id: SessionId) -> None:
        """Deliver entries and signals of this Session from when this returns. Repeated calls are harmless."""

    async def unsubscribe(self, session_id: SessionId) -> None:
        """Stop them."""

    async def subscribe_live(self) -> None:
        """Deliver changes of the live index from when this returns."""

    async def signal(self, session_id: SessionId, payload: bytes) -> None:
        """Tell every process that follows the Session, this one included; nothing is stored."""

    async def lease_presence(self, session_id: SessionId, leases: Mapping[str, bytes], lease_ms: int) -> None:
        """Hold each member (by connection) present for `lease_ms` from now by the store's clock."""

    async def release_presence(self, session_id: SessionId, member: str, linger_ms: int) -> None:
        """Shorten a member's lease to `linger_ms` from now; 0 ends it."""

    async def presence(self, session_id: SessionId) -> dict[str, bytes]:
        """Members whose lease is alive."""

    async def attendance(self, asked: Mapping[SessionId, PersonId]) -> dict[SessionId, Attendance]:
        """Who is in each of these Sessions, and since when the person of each is not. For many at once."""

    async def last_seen_ms(self, session_id: SessionId, person_id: PersonId) -> Millis | None:
        """When the latest lease of this person ended or ends; None if it ended more than a day ago, or never was."""

    async def condition(self) -> StoreCondition:
        """What an operator wants to know of it."""

    async def now_ms(self) -> Millis:
        """The store's clock; measured with each `positions`, no round trip."""


class Stay(Record, frozen=True, kw_only=True):
    """Where visits of about the same length are counted (`server/dwell.py`)."""

    workflow_key: Key
    section_key: Key
    week: int
    bucket: int


NO_STAYS: Mapping[SessionId, Mapping[Stay, int]] = {}


class Archive(Protocol):
    """The logs of Sessions that went, or are about to go, from the store to SQL; sealed as they were."""

    async def write(
        self,
        logs: Mapping[SessionId, Sequence[StoredEntry]],
        stays: Mapping[SessionId, Mapping[Stay, int]] = NO_STAYS,
    ) -> Collection[SessionId]:
        """Keep these logs. One replaces only what it goes on from; given are those that are kept now, whole.

        The visits of those that were never archived before are counted, with them or not at all.
        """

    async def read(self, session_id: SessionId) -> tuple[StoredEntry, ...] | None:
        """The whole log; None if this Session was never archived."""

    async def positions(self, session_ids: Collection[SessionId]) -> Mapping[SessionId, Position]:
        """Where each log ends; Sessions that were never archived are left out."""


class Publication(Record, frozen=True, kw_only=True):
    """What publishing led to."""

    version: WorkflowVersion
    is_new: bool
    is_recalled: bool = False


class Catalog(Protocol):
    """Published Workflows."""

    async def find_version(self, version_id: VersionId) -> WorkflowVersion | None:
        """A published version, recalled or not; immutable, cached in process."""

    async def is_recalled(self, version_id: VersionId) -> bool:
        """Whether no Session may begin on this version any more, or go on from a pause; asked anew each time."""

    async def offers(self) -> tuple[WorkflowOffer, ...]:
        """The newest version that was not recalled, of each Workflow that is not archived."""


class SessionKeys(Protocol):
    """One row per Session with the wrapped keys of its slots."""

    async def create(self, session_id: SessionId, keys: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """Store the slots' 32-byte keys; if it has some, those are given. Raises `SessionNotFound` if deleted."""

    async def find(self, session_id: SessionId) -> Mapping[str, bytes] | None:
        """Keys by slot; None if there is no such Session, or it was deleted."""

    async def find_deleted(self, session_ids: Collection[SessionId]) -> Collection[SessionId]:
        """Those of them that were deleted."""


class SessionQuery(Record, frozen=True, kw_only=True):
    """Which Sessions of a list; None and nothing given mean any."""

    list: SessionList
    title: str = ""
    """Case-folded text of the title; or one of `look_ups` begins a look-up value."""
    look_ups: tuple[str, ...] = ()
    owner: PersonId | None = None
    workflow: Key | None = None
    outcome: Outcome | None = None
    from_ms: Millis | None = None
    until_ms: Millis | None = None
    after: tuple[int | str, ...] | None = None
    """Where the page before ended."""
    limit: int = 50


class SessionTable(Protocol):
    """Rows of Sessions, for lists and look-ups. A row is replaced only by one of a later entry."""

    async def write(self, rows: Collection[SessionRow]) -> None:
        """Put each row where an older one or none is."""

    async def forget(self, seqs: Sequence[tuple[SessionId, Seq]]) -> None:
        """Take out rows that are still of this very entry."""

    async def open_seqs(self) -> Mapping[SessionId, Seq]:
        """Rows of Sessions that are not finished, and the entry that each is true at."""

    async def unsettled_seqs(self) -> Mapping[SessionId, Seq]:
        """Rows of finished Sessions with Actions that need attention or are on their way, and their entries."""

    async def find_unlisted(self, at_most: int) -> Collection[SessionId]:
        """Sessions that have keys and no row."""

    async def find(self, query: SessionQuery, actor: Actor) -> SessionLines:
        """A page of a list, with the counts of all lists if it is the first."""

    async def with_look_up(self, field_key: Key, value: str, actor: Actor) -> tuple[SessionLine, ...]:
        """Open and paused Sessions in which this Field has this normalised value."""

    async def of_person(self, field_key: Key, value: str, actor: Actor) -> tuple[SessionLine, ...]:
        """The same of all lists, finished and archived ones as well."""

    async def owners(self, actor: Actor) -> tuple[Party, ...]:
        """People whose Sessions the actor may come across, by name."""

    async def takers(self, actor: Actor) -> tuple[Taker, ...]:
        """Active agents of the actor's teams, of all teams for a manager."""


class AttentionQuery(Record, frozen=True, kw_only=True):
    """Which Actions that need attention; None and nothing given mean any."""

    kind: AttentionKind | None = None
    connection: str | None = None
    integration: str | None = None
    title: str = ""
    """Case-folded text of the Session's title."""
    from_ms: Millis | None = None
    until_ms: Millis | None = None
    after: tuple[int | str, ...] | None = None
    """Where the page before ended."""
    limit: int = 50


class AttentionTable(Protocol):
    """Actions that need attention, as the rows of their Sessions brought them."""

    async def attention(self, query: AttentionQuery, actor: Actor) -> AttentionLines:
        """A page, the newest first; the first one with the count, and with what to filter by."""

    async def attention_count(self, actor: Actor) -> AttentionCount:
        """How many there are, of all that the actor may see."""


class NameTaken(Exception):
    """There is a Connection of this name for the Integration already."""


class Resolved(Record, frozen=True, kw_only=True):
    """The Connection that an Action goes through, or why there is none."""

    connection: Connection | None
    """Opened; only if its status is ok."""
    connection_id: str | None
    status: ConnectionStatus | None
    """None if there is none."""
    reason: str


class DeliveryQuery(Record, frozen=True, kw_only=True):
    """Which attempts of a Connection's delivery log; the newest first."""

    connection_id: str
    search: str = ""
    after: tuple[int, int] | None = None
    """Where the page before ended: time and row."""
    limit: int = 50


class Connections(Protocol):
    """Connections with their credentials. Every change is audited in its own transaction, as done by `by`."""

    async def find(self, integration: Key, name: str | None, owner: PersonId) -> Resolved:
        """What an Action of this owner's Session goes through that names this Connection, or none."""

    async def mark(self, connection_id: str, status: ConnectionStatus, reason: str, by: str = "system") -> None:
        """What sending through it showed. Whatever is disabled stays so; repeated calls are harmless."""

    async def note_attempt(self, delivery: Delivery) -> None:
        """Append to the delivery log, without the Connection's secrets; nothing if the Connection is gone."""

    async def keep_secrets(self, connection_id: str, secrets: Mapping[str, str]) -> None:
        """Secrets that the other system gave anew, such as a token; nothing if the Connection is gone."""

    async def enabled(self) -> Mapping[Key, bool]:
        """What was switched; an Integration that is not here is switched on."""

    async def set_enabled(self, integration: Key, enabled: bool, by: PersonId) -> None:
        """Switch an Integration on or off."""

    async def list(self, owner: PersonId | None) -> tuple[ConnectionView, ...]:
        """All Connections, or one person's own, by Integration and name."""

    async def get(self, connection_id: str) -> ConnectionView | None:
        """One of them."""

    async def open(self, connection_id: str) -> Connection | None:
        """With its credentials, whatever its status: for trying it out."""

    async def create(
        self,
        integration: Key,
        name: str,
        owner: PersonId | None,
        settings: Mapping[str, str],
        secrets: Mapping[str, str],
        by: str,
    ) -> ConnectionView:
        """A new one. Raises `NameTaken`."""

    async def update(
        self,
        connection_id: str,
        by: PersonId,
        *,
        name: str | None = None,
        settings: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        enabled: bool | None = None,
    ) -> ConnectionView | None:
        """Change what is given. New settings or secrets make it ok again, unless it is disabled. Raises `NameTaken`."""

    async def rotate(self, connection_id: str, setting: Key, secret: str, by: PersonId) -> ConnectionView | None:
        """Replace a signing secret; the one before stays in use for a day."""

    async def delete(self, connection_id: str, by: PersonId) -> bool:
        """Remove it with its credentials and its delivery log; whether it was there."""

    async def deliveries(self, query: DeliveryQuery) -> Deliveries:
        """A page of its delivery log."""


class EgressRuleBook(Protocol):
    """Receivers on networks of one's own that may be reached."""

    async def rules(self) -> tuple[EgressRule, ...]:
        """All of them, by network and port."""

    async def replace(self, rules: Sequence[EgressRule], by: PersonId) -> None:
        """These instead of those."""


class Sender(Protocol):
    """Reaches other systems. What comes of it is told, never raised."""

    async def check(self, integration: Key, connection: Connection) -> AttemptOutcome:
        """Whether the Connection works, without doing anything there."""

    async def send(self, order: Order, connection: Connection) -> AttemptOutcome:
        """One attempt."""

    async def recover(self, order: Order, connection: Connection) -> AttemptOutcome:
        """Find out what became of an attempt that may have worked; sends again only where that is harmless."""
