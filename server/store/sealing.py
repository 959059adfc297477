"""Sealing: typed content as the log, pushes and snapshots hold it.

Every Session has a random AES-256 key per slot (a Field, `notes`, …); an event
that `protocol.events.SEALED` names has one property replaced by ciphertext,
all else stays plain. Dropping a slot's key erases its content everywhere, old
files included. The keys that wrap these keys are in `keyring.py`.

Rules: protocol/SPEC.md, ST16 to ST19.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections import OrderedDict
from collections.abc import Collection, Mapping
from secrets import token_bytes
from typing import Any, NamedTuple

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec.structs import fields, replace

from protocol.base import Record, SessionId
from protocol.events import EVENT_TYPES, SEALED, Entry, Event, NotesEdited
from server.ports import SessionKeys, SessionNotFound, StoredEntry
from server.store.keyring import KEY_BYTES, SealBroken, decrypt, encrypt

SNAPSHOT_SLOT = "snapshot"
EMPTY_YJS_UPDATE = "AAA="
"""Base64 of no structs and an empty delete set: the Notes that merging changes nothing."""

CACHED_SESSIONS = 10_000
"""Above the open Sessions of one process; a Session pushed out costs one SQL row to come back."""


class SlotErased(Exception):
    """Nothing can be sealed: the slot has no key, because it was erased or never made."""


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


class SessionSeal:
    """Seals and opens one Session's content."""

    def __init__(self, session_id: SessionId, keys: Mapping[str, bytes]) -> None:
        self._session_id = session_id
        self._keys = keys
        self._ciphers: dict[str, AESGCM] = {}

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
        return encrypt(self._get_cipher(slot), blob, self._place(slot, 0))

    def unseal_blob(self, slot: str, sealed: bytes) -> bytes | None:
        """What `seal_blob` was given; None if the slot was erased.

        Raises:
            SealBroken: changed, or sealed for another Session or slot.
        """
        cipher = self._find_cipher(slot)
        return None if cipher is None else decrypt(cipher, sealed, self._place(slot, 0))

    def _seal_event(self, event: Event, seq: int) -> Event:
        sealed_name, slot_of = SEALED[type(event)]
        slot = slot_of(event)
        plain = _encode(getattr(event, sealed_name))
        sealed = encrypt(self._get_cipher(slot), plain, self._place(slot, seq))
        return replace(event, **{sealed_name: b64encode(sealed).decode()})

    def _unseal_event(self, event: Any, seq: int) -> Event:
        shape = _shapes[type(event)]
        content: Any = shape.when_erased
        slot = SEALED[shape.event_type][1](event)
        cipher = self._find_cipher(slot)
        if cipher is not None:
            sealed = b64decode(getattr(event, shape.sealed_name))
            content = shape.decoder.decode(decrypt(cipher, sealed, self._place(slot, seq)))
        properties = {name: getattr(event, name) for name in shape.names}
        properties[shape.sealed_name] = content
        return shape.event_type(**properties)

    def _place(self, slot: str, seq: int) -> bytes:
        return f"{self._session_id}|{slot}|{seq}".encode()

    def _get_cipher(self, slot: str) -> AESGCM:
        cipher = self._find_cipher(slot)
        if cipher is None:
            raise SlotErased(f"session {self._session_id}: slot {slot} has no key")
        return cipher

    def _find_cipher(self, slot: str) -> AESGCM | None:
        cipher = self._ciphers.get(slot)
        if cipher is None and (key := self._keys.get(slot)) is not None:
            cipher = self._ciphers[slot] = AESGCM(key)
        return cipher


class Sealing:
    """The seals of all Sessions, the most recently used kept at hand."""

    def __init__(self, keys: SessionKeys) -> None:
        self._keys = keys
        self._seals: OrderedDict[SessionId, SessionSeal] = OrderedDict()

    async def create(self, session_id: SessionId, slots: Collection[str]) -> SessionSeal:
        """Draw a key per slot and store them; a Session that has keys keeps them."""
        drawn = {slot: token_bytes(KEY_BYTES) for slot in slots}
        return self._keep(session_id, await self._keys.create(session_id, drawn))

    async def get(self, session_id: SessionId) -> SessionSeal:
        """The Session's seal.

        Raises:
            SessionNotFound: the Session has no keys.
        """
        seal = self._seals.get(session_id)
        if seal is not None:
            self._seals.move_to_end(session_id)
            return seal
        keys = await self._keys.find(session_id)
        if keys is None:
            raise SessionNotFound(f"session {session_id} has no keys")
        return self._keep(session_id, keys)

    def _keep(self, session_id: SessionId, keys: Mapping[str, bytes]) -> SessionSeal:
        seal = self._seals[session_id] = SessionSeal(session_id, keys)
        self._seals.move_to_end(session_id)
        if len(self._seals) > CACHED_SESSIONS:
            self._seals.popitem(last=False)
        return seal
