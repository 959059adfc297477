"""Scalars: what fits, and that nothing longer does."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from protocol.base import ClientId, EntryId, Key, PersonId, SessionId, TeamId, VersionId, VisitId
from protocol.fields import FieldDefinition

LONGEST = {
    "SessionId": (SessionId, "0" * 32),
    "ClientId": (ClientId, "0" * 32),
    "EntryId": (EntryId, "0" * 16),
    "VisitId": (VisitId, "v1234567"),
    "PersonId": (PersonId, "p" * 64),
    "TeamId": (TeamId, "t" * 64),
    "Key": (Key, "k" * 64),
    "VersionId": (VersionId, "k" * 64 + "@" + "7" * 32),
}
SHORT = {"VisitId": (VisitId, "v1"), "Key": (Key, "k"), "VersionId": (VersionId, "k@1")}


@pytest.mark.parametrize(("scalar", "text"), LONGEST.values(), ids=LONGEST.keys())
def test_an_id_has_an_end(scalar: Any, text: str) -> None:
    """[CM1] Neither another character nor a line break fits behind the longest."""
    assert msgspec.convert(text, scalar) == text
    for longer in (text + "\n", text + "0"):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(longer, scalar)


@pytest.mark.parametrize(("scalar", "text"), SHORT.values(), ids=SHORT.keys())
def test_a_line_break_is_part_of_no_id(scalar: Any, text: str) -> None:
    """[CM1] Nor behind a short one, where the length would allow it."""
    assert msgspec.convert(text, scalar) == text
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(text + "\n", scalar)


def test_a_currency_is_three_letters() -> None:
    """[WF13] And nothing behind them."""
    field = {"key": "price", "type": "money", "label": "Price"}
    assert msgspec.convert({**field, "currency": "EUR"}, FieldDefinition).currency == "EUR"
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**field, "currency": "EUR\n"}, FieldDefinition)
