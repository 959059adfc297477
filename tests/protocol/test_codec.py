"""Bytes from a browser: decoded, or one kind of error."""

from __future__ import annotations

import msgspec
import pytest

from protocol import codec
from protocol.commands import Resume
from protocol.frames import CommandFrame

BRACKETS = b"[" * 20_000 + b"]" * 20_000
HEAD = b'{"type":"command","csn":1,"session_id":"' + b"1" * 32 + b'","body":'


def test_a_body_stays_raw_until_it_is_asked_for() -> None:
    """[CM1] The envelope is decoded without it."""
    frame = codec.decode_up(HEAD + b'{"type":"resume"}}')
    assert isinstance(frame, CommandFrame)
    assert codec.decode_command(frame.body) == Resume()


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"{",
        b'{"type":"nothing"}',
        BRACKETS,
        b'{"type":"\xff"}',
        HEAD + BRACKETS + b"}",
        b'{"type":"ping","x":\xff}',
    ],
    ids=["nothing", "no json", "unknown", "deep", "no utf-8", "deep body", "no utf-8 in an unknown property"],
)
def test_a_malformed_envelope_is_one_kind_of_error(message: bytes) -> None:
    """[CN4] Whatever is wrong with it."""
    with pytest.raises(msgspec.MsgspecError):
        codec.decode_up(message)


@pytest.mark.parametrize(
    "body",
    [
        BRACKETS,
        b'{"type":"end","reason":"\xff"}',
        b'{"type":"resume","x":1}',
        b'{"type":"set_field","visit_id":"v1","seat":1,"field_key":"a","content":' + BRACKETS + b"}",
    ],
    ids=["deep", "no utf-8", "unknown property", "deep content"],
)
def test_a_malformed_body_is_one_kind_of_error(body: bytes) -> None:
    """[CM1] Whatever is wrong with it."""
    with pytest.raises(msgspec.MsgspecError):
        codec.decode_command(msgspec.Raw(body))
