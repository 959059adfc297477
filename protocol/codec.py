"""Frames and commands to bytes and back, with decoders built once."""

from __future__ import annotations

import msgspec

from protocol.commands import Command
from protocol.frames import UpFrame

_encoder = msgspec.json.Encoder()
_up: msgspec.json.Decoder[UpFrame] = msgspec.json.Decoder(UpFrame)
_command: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)


def encode(record: msgspec.Struct) -> bytes:
    """UTF-8 JSON of any record of the protocol."""
    return _encoder.encode(record)


def decode_up(message: bytes) -> UpFrame:
    """The envelope of a message from a browser.

    Raises:
        msgspec.MsgspecError: not JSON, an unknown frame, or a wrong property.
    """
    return _up.decode(message)


def decode_command(body: bytes | msgspec.Raw) -> Command:
    """The body of a command frame.

    Raises:
        msgspec.MsgspecError: an unknown command, or an unknown, missing or wrong property.
    """
    return _command.decode(body)
