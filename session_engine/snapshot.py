"""Folded state as bytes: a cache that any process may drop. Never upcast; refolded instead."""

from __future__ import annotations

import msgspec

from session_engine.state import SessionState

ENGINE = "7"
"""Rises whenever folding the same log gives another state, or the state another shape."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(SessionState)


def encode_snapshot(state: SessionState) -> bytes:
    """The state as MessagePack."""
    return _encoder.encode(state)


def decode_snapshot(payload: bytes) -> SessionState:
    """The state back.

    Raises:
        msgspec.MsgspecError: the bytes are no snapshot of this engine.
    """
    return _decoder.decode(payload)
