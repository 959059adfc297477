"""Credentials are taken out by their value."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.actions.redaction import REMOVED, Redaction

SECRET = 'pa"ss/wörd+1'


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        quote(SECRET, safe=""),
        json.dumps({"echo": SECRET}),
        json.dumps({"echo": SECRET}, ensure_ascii=False),
        "Authorization: Basic " + base64.b64encode(f"ana:{SECRET}".encode()).decode(),
        base64.b64encode(SECRET.encode()).decode(),
    ],
)
def test_credential_is_found_in_every_form(text: str) -> None:
    """[IN8] Receivers echo what they were sent."""
    redacted = Redaction([SECRET], ["ana"])(f"you said {text}, really")

    assert REMOVED in redacted
    assert text not in redacted
    assert "wörd" not in redacted
    assert redacted.endswith(", really")


def test_tokens_of_others_are_found_by_their_scheme() -> None:
    """[IN8] A token that was had on the way, or one that the receiver sends on."""
    assert Redaction([])("got Bearer abc.def-ghi123 from you") == f"got Bearer {REMOVED} from you"


def test_each_of_two_secrets_is_found_alone() -> None:
    """[IN8] While one is replaced the setting holds both."""
    assert Redaction(["whsec_new whsec_old"])("whsec_old") == REMOVED


def test_values_of_an_answer_are_redacted_wherever_they_stand() -> None:
    """[IN8] Results become events, and events are kept."""
    values = {"id": 7, "echo": ["s3cret-token", {"s3cret-token": True}]}

    assert Redaction(["s3cret-token"]).of_values(values) == {"id": 7, "echo": [REMOVED, {REMOVED: True}]}


@given(secret=st.text(min_size=8, max_size=40), before=st.text(max_size=20), after=st.text(max_size=20))
def test_no_long_secret_survives(secret: str, before: str, after: str) -> None:
    """[IN8] Whatever it looks like and wherever it stands."""
    if secret not in REMOVED:
        assert secret not in Redaction([secret])(before + secret + after).replace(REMOVED, "\x00")


def test_its_text_shows_nothing() -> None:
    """[IN8] It holds them all."""
    assert repr(Redaction([SECRET])) == "Redaction()"
