"""Names in the store: partitions, keys and channels.

A Session belongs to one of 64 partitions for good. All keys and channels of a
partition share its hash tag, so that one script is atomic over them on a
cluster. Changing the number of partitions would hide every Session, so it is
kept in the store and compared at start.

Rules: protocol/SPEC.md, ST1.
"""

from __future__ import annotations

from binascii import crc32

from redis.crc import key_slot

from protocol.base import SessionId

PARTITIONS = 64
PARTITIONS_KEY = "{p0}:partitions"


def partition_of(session_id: SessionId) -> int:
    """The partition that holds everything of this Session."""
    return crc32(session_id.encode()) % PARTITIONS


def slot_of(partition: int) -> int:
    """The cluster's hash slot of a partition."""
    return key_slot(b"{p%d}" % partition)


def log_key(session_id: SessionId) -> str:
    """A stream: the Session's entries under the ids `<seq>-0`."""
    return f"{{p{partition_of(session_id)}}}:log:{session_id}"


def snapshot_key(session_id: SessionId) -> str:
    """A hash: the cached snapshot."""
    return f"{{p{partition_of(session_id)}}}:snapshot:{session_id}"


def presence_key(session_id: SessionId) -> str:
    """A hash: `<lease end in ms> <what the member said>` by member, and when `=<person>` was last seen."""
    return f"{{p{partition_of(session_id)}}}:presence:{session_id}"


def push_channel(session_id: SessionId) -> str:
    """Where the Session's entries and signals are told."""
    return f"{{p{partition_of(session_id)}}}:push:{session_id}"


def live_key(partition: int) -> str:
    """A hash: summaries of the partition's live Sessions."""
    return f"{{p{partition}}}:live"


def due_key(partition: int) -> str:
    """A sorted set: the partition's Sessions by when time may do something to them, in ms."""
    return f"{{p{partition}}}:due"


def floor_channel(partition: int) -> str:
    """Where changes of the partition's live index are told."""
    return f"{{p{partition}}}:floor"
