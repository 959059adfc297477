"""Frames and commands to bytes and back, with decoders built once."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from protocol.commands import Command
from protocol.frames import UpFrame

_encoder = msgspec.json.Encoder()
_up: msgspec.json.Decoder[UpFrame] = msgspec.json.Decoder(UpFrame)
_command: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)

T = TypeVar("T")


def encode(record: msgspec.Struct) -> bytes:
    """UTF-8 JSON of any record of the protocol."""
    return _encoder.encode(record)


def decode_up(message: bytes) -> UpFrame:
    """The envelope of a message from a browser.

    Raises:
        msgspec.MsgspecError: not UTF-8, not JSON, nested too deep, an unknown frame, or a wrong property.
    """
    return _decode(_up, message)


def decode_command(body: bytes | msgspec.Raw) -> Command:
    """The body of a command frame.

    Raises:
        msgspec.MsgspecError: not UTF-8, nested too deep, an unknown command, or an unknown, missing or wrong property.
    """
    return _decode(_command, body)


def _decode(decoder: msgspec.json.Decoder[T], message: bytes | msgspec.Raw) -> T:
    try:
        return decoder.decode(message)
    except UnicodeDecodeError:
        raise msgspec.DecodeError("expected UTF-8") from None
    except RecursionError:
        raise msgspec.DecodeError("nested too deep") from None
