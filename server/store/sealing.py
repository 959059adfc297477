"""Sealing: typed content as the log, pushes and snapshots hold it.

Every Session has a random AES-256 key per slot (a Field, `notes`, …); an event
that `protocol.events.SEALED` names has one property replaced by ciphertext,
all else stays plain. Dropping a slot's key erases its content everywhere, old
files included. An erased slot goes on under another name (`field/name#1`), so
that it differs from one that was never made; what is sealed there says so
(`1#` before the ciphertext). The keys that wrap these keys are in `keyring.py`.

Rules: protocol/SPEC.md, ST16 to ST19, ER3 and ER4.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections import OrderedDict
from collections.abc import Collection, Mapping
from secrets import token_bytes
from time import monotonic
from typing import Any, NamedTuple

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec.structs import fields, replace

from protocol.base import Record, SessionId
from protocol.events import EVENT_TYPES, SEALED, Entry, Event, NotesEdited
from server.ports import SessionKeys, SessionNotFound, StoredEntry, Unavailable
from server.store.keyring import KEY_BYTES, SealBroken, decrypt, encrypt

SNAPSHOT_SLOT = "snapshot"
EMPTY_YJS_UPDATE = "AAA="
"""Base64 of no structs and an empty delete set: the Notes that merging changes nothing."""

CACHED_SESSIONS = 10_000
"""Above the open Sessions of one process; a Session pushed out costs one SQL row to come back."""


KEPT_FOR_S = 60.0
"""Seals at hand are read again after this: a process that was told nothing opens nothing erased for long."""

RENEWED = "#"
"""Stands in the name of a slot that took the place of an erased one, before how many were erased."""


class SlotErased(Exception):
    """Nothing can be sealed: the slot has no key, because it was erased or never made."""


class SealStale(Unavailable):
    """Content is sealed in a slot that was made after this seal was read: read it again."""


class _Shape(NamedTuple):
    """How one type of event with typed content looks at rest."""

    event_type: type[Event]
    names: tuple[str, ...]
    sealed_name: str
    decoder: msgspec.json.Decoder[Any]
    when_erased: str | None


_encode = msgspec.json.Encoder().encode
_shapes: dict[type[msgspec.Struct], _Shape] = {}


def _at_rest(event_type: type[Event]) -> type[msgspec.Struct]:
    """The event's type in the log: the same, but for the sealed property, which is text of any length."""
    if event_type not in SEALED:
        return event_type
    sealed_name, _ = SEALED[event_type]
    columns = [
        (field.name, str if field.name == sealed_name else field.type, field.default)
        if field.default is not msgspec.NODEFAULT
        else (field.name, str if field.name == sealed_name else field.type)
        for field in fields(event_type)
    ]
    shape = msgspec.defstruct(
        f"{event_type.__name__}AtRest",
        columns,
        bases=(Record,),
        tag=event_type.__struct_config__.tag,
        frozen=True,
        kw_only=True,
    )
    _shapes[shape] = _Shape(
        event_type=event_type,
        names=event_type.__struct_fields__,
        sealed_name=sealed_name,
        decoder=msgspec.json.Decoder(next(field.type for field in fields(event_type) if field.name == sealed_name)),
        when_erased=EMPTY_YJS_UPDATE if event_type is NotesEdited else None,
    )
    return shape


def _entry_decoder() -> msgspec.json.Decoder[Entry]:
    at_rest: Any = _at_rest(EVENT_TYPES[0])
    for event_type in EVENT_TYPES[1:]:
        at_rest = at_rest | _at_rest(event_type)
    columns = [(f.name, tuple[at_rest, ...] if f.name == "events" else f.type) for f in fields(Entry)]
    return msgspec.json.Decoder(msgspec.defstruct("EntryAtRest", columns, bases=(Entry,), frozen=True, kw_only=True))


_decode = _entry_decoder().decode


def read_at_rest(stored: StoredEntry) -> Entry:
    """An entry as it lies in the log: what was typed stays sealed, all else can be read."""
    return _decode(stored.payload)


SINCE = {"whisper": "reason"}
"""Slots that Sessions of earlier releases have no key for, and the slot that takes such content in them."""


class SessionSeal:
    """Seals and opens one Session's content."""

    def __init__(self, session_id: SessionId, keys: Mapping[str, bytes]) -> None:
        self._session_id = session_id
        self._keys = keys
        self._ciphers: dict[str, AESGCM] = {}
        self._generations: dict[str, int] = {}
        for name in keys:
            slot, generation = generation_of(name)
            self._generations[slot] = max(generation, self._generations.get(slot, 0))

    def knows(self, renewed: Collection[str]) -> bool:
        """Whether it was read after these slots took the place of erased ones."""
        return all(self._generations.get(slot, -1) >= at for slot, at in map(generation_of, renewed))

    def seal(self, entry: Entry) -> StoredEntry:
        """The entry as the store may hold it.

        Raises:
            SlotErased: an event's slot has no key.
        """
        seq = entry.seq
        events = tuple([self._seal_event(event, seq) if type(event) in SEALED else event for event in entry.events])
        return StoredEntry(
            seq=entry.seq,
            entry_id=entry.entry_id,
            previous_id=entry.previous_id,
            payload=_encode(replace(entry, events=events)),
        )

    def unseal(self, stored: StoredEntry) -> Entry:
        """The entry with its content; what was erased is null, and Notes that change nothing.

        Raises:
            SealBroken: changed, or moved from another Session, slot or seq.
            SealStale: sealed in a slot that is not known here yet.
        """
        entry = _decode(stored.payload)
        if (entry.seq, entry.entry_id, entry.previous_id) != (stored.seq, stored.entry_id, stored.previous_id):
            raise SealBroken(f"session {self._session_id}: entry {entry.seq} was stored as {stored.seq}")
        seq = entry.seq
        events = tuple([self._unseal_event(event, seq) if type(event) in _shapes else event for event in entry.events])
        return Entry(
            seq=entry.seq,
            entry_id=entry.entry_id,
            previous_id=entry.previous_id,
            client_id=entry.client_id,
            csn=entry.csn,
            actor=entry.actor,
            at_ms=entry.at_ms,
            schema=entry.schema,
            events=events,
        )

    def seal_blob(self, slot: str, blob: bytes) -> bytes:
        """Bytes that belong to no entry, such as a snapshot.

        Raises:
            SlotErased: the slot has no key.
        """
        name = self._name(slot)
        return encrypt(self._get_cipher(name), blob, _place(self._session_id, name, 0))

    def unseal_blob(self, slot: str, sealed: bytes) -> bytes | None:
        """What `seal_blob` was given; None if the slot was erased.

        Raises:
            SealBroken: changed, or sealed for another Session or slot, or before the slot was erased.
        """
        name = self._name(slot)
        cipher = self._find_cipher(name)
        return None if cipher is None else decrypt(cipher, sealed, _place(self._session_id, name, 0))

    def _seal_event(self, event: Event, seq: int) -> Event:
        sealed_name, slot_of = SEALED[type(event)]
        slot = slot_of(event)
        name = self._name(slot)
        plain = _encode(getattr(event, sealed_name))
        sealed = b64encode(encrypt(self._get_cipher(name), plain, _place(self._session_id, name, seq))).decode()
        generation = self._generations.get(slot, 0)
        return replace(event, **{sealed_name: f"{generation}{RENEWED}{sealed}" if generation else sealed})

    def _unseal_event(self, event: Any, seq: int) -> Event:
        shape = _shapes[type(event)]
        content: Any = shape.when_erased
        slot = SEALED[shape.event_type][1](event)
        generation, _, sealed = getattr(event, shape.sealed_name).rpartition(RENEWED)
        if generation and int(generation) > self._generations.get(slot, -1):
            raise SealStale(f"session {self._session_id}: entry {seq} is sealed in {slot}{RENEWED}{generation}")
        name = f"{slot}{RENEWED}{generation}" if generation else self._first_name(slot)
        cipher = self._find_cipher(name)
        if cipher is not None:
            plain = decrypt(cipher, b64decode(sealed), _place(self._session_id, name, seq))
            content = shape.decoder.decode(plain)
        properties = {name: getattr(event, name) for name in shape.names}
        properties[shape.sealed_name] = content
        return shape.event_type(**properties)

    def _name(self, slot: str) -> str:
        """What the slot is called since it was erased last."""
        generation = self._generations.get(slot, 0)
        return f"{slot}{RENEWED}{generation}" if generation else self._first_name(slot)

    def _first_name(self, slot: str) -> str:
        return slot if slot in self._generations else SINCE.get(slot, slot)

    def _get_cipher(self, name: str) -> AESGCM:
        cipher = self._find_cipher(name)
        if cipher is None:
            raise SlotErased(f"session {self._session_id}: slot {name} has no key")
        return cipher

    def _find_cipher(self, name: str) -> AESGCM | None:
        cipher = self._ciphers.get(name)
        if cipher is None and (key := self._keys.get(name)) is not None:
            cipher = self._ciphers[name] = AESGCM(key)
        return cipher


def generation_of(name: str) -> tuple[str, int]:
    """The slot of this name, and how often it was erased before."""
    slot, _, generation = name.partition(RENEWED)
    return slot, int(generation or 0)


def renewed(keys: Mapping[str, bytes], slots: Collection[str]) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """The keys without those of these slots, and with new ones in their place, whose names are given as well."""
    erased = frozenset(slots)
    counts = dict.fromkeys(erased, 0)
    kept = {}
    for name, key in keys.items():
        slot, generation = generation_of(name)
        if slot in erased:
            counts[slot] = max(counts[slot], generation)
        else:
            kept[name] = key
    names = tuple(f"{slot}{RENEWED}{counts[slot] + 1}" for slot in sorted(erased))
    return {**kept, **{name: token_bytes(KEY_BYTES) for name in names}}, names


class Sealing:
    """The seals of all Sessions, the most recently used kept at hand."""

    def __init__(self, keys: SessionKeys) -> None:
        self._keys = keys
        self._seals: OrderedDict[SessionId, tuple[SessionSeal, float]] = OrderedDict()

    async def create(self, session_id: SessionId, slots: Collection[str]) -> SessionSeal:
        """Draw a key per slot and store them; a Session that has keys keeps them.

        Raises:
            SessionNotFound: there was such a Session; it was deleted.
        """
        drawn = {slot: token_bytes(KEY_BYTES) for slot in slots}
        return self._keep(session_id, await self._keys.create(session_id, drawn))

    async def get(self, session_id: SessionId) -> SessionSeal:
        """The Session's seal.

        Raises:
            SessionNotFound: the Session has no keys.
        """
        seal, until_s = self._seals.get(session_id, (None, 0.0))
        if seal is not None and monotonic() < until_s:
            self._seals.move_to_end(session_id)
            return seal
        return await self.renew(session_id)

    async def renew(self, session_id: SessionId) -> SessionSeal:
        """The Session's seal, read now; raises as `get`."""
        self.forget(session_id)
        keys = await self._keys.find(session_id)
        if keys is None:
            raise SessionNotFound(f"session {session_id} has no keys")
        return self._keep(session_id, keys)

    def forget(self, session_id: SessionId) -> None:
        """Read it anew the next time."""
        self._seals.pop(session_id, None)

    async def find_deleted(self, session_ids: Collection[SessionId]) -> Collection[SessionId]:
        """Those of them whose keys were all dropped."""
        return await self._keys.find_deleted(session_ids)

    def _keep(self, session_id: SessionId, keys: Mapping[str, bytes]) -> SessionSeal:
        seal = SessionSeal(session_id, keys)
        self._seals[session_id] = seal, monotonic() + KEPT_FOR_S
        self._seals.move_to_end(session_id)
        if len(self._seals) > CACHED_SESSIONS:
            self._seals.popitem(last=False)
        return seal


def _place(session_id: SessionId, name: str, seq: int) -> bytes:
    return f"{session_id}|{name}|{seq}".encode()
