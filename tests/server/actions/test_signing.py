"""Signatures, verified by what others wrote."""

import base64
import json
import time

import pytest
import standardwebhooks
import svix

from server.actions.signing import draw_signing_secret, read_signing_secret, sign
from tests.support.node import run_script

NEW = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
OLD = "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
KEY = "act_0123456789abcdef_3_1"
BODY = json.dumps({"name": "Zoë Ångström – 東京 🚀"}, ensure_ascii=False).encode()


def verify(secret: str, headers: dict[str, str], body: bytes = BODY) -> None:
    """By both of them, and in JavaScript."""
    standardwebhooks.Webhook(secret).verify(body, headers)
    svix.Webhook(secret).verify(body, headers)
    assert verify_in_javascript(secret, headers, body) is None


def verify_in_javascript(secret: str, headers: dict[str, str], body: bytes) -> str | None:
    """What the library for JavaScript has against it."""
    webhook = {"secret": secret, "headers": headers, "body": base64.b64encode(body).decode()}
    complaint: str | None = run_script("verify_webhook.mjs", webhook)
    return complaint


@pytest.fixture
def now_s() -> int:
    return int(time.time())


@pytest.mark.parametrize("secret", [NEW, OLD])
def test_receiver_with_either_secret_accepts(secret: str, now_s: int) -> None:
    """[IN9] While a secret is replaced both receivers are served, whatever the body's language."""
    verify(secret, dict(sign([NEW, OLD], KEY, now_s, BODY)))


def test_drawn_secret_is_one_that_others_take(now_s: int) -> None:
    """[IN9] And no other's."""
    drawn = draw_signing_secret()

    verify(drawn, dict(sign([drawn], KEY, now_s, BODY)))
    assert len(read_signing_secret(drawn)) == 32
    assert drawn != draw_signing_secret()


def test_key_is_the_id(now_s: int) -> None:
    """[IN9] What the receiver drops repeats by."""
    assert sign([NEW], KEY, now_s, BODY)["webhook-id"] == KEY


@pytest.mark.parametrize(
    ("secret", "changed", "body"),
    [
        (draw_signing_secret(), {}, BODY),
        (NEW, {"webhook-id": "act_0123456789abcdef_4_1"}, BODY),
        (NEW, {"webhook-timestamp": str(int(time.time()) - 3_600)}, BODY),
        (NEW, {"webhook-signature": "v1," + base64.b64encode(b"x" * 32).decode()}, BODY),
        (NEW, {}, BODY + b" "),
    ],
    ids=["another secret", "another id", "an old time", "another signature", "another body"],
)
def test_receiver_rejects(secret: str, changed: dict[str, str], body: bytes, now_s: int) -> None:
    """[IN9] Whatever was not signed."""
    headers = dict(sign([NEW], KEY, now_s, BODY)) | changed

    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(secret).verify(body, headers)
    with pytest.raises(svix.WebhookVerificationError):
        svix.Webhook(secret).verify(body, headers)
    assert verify_in_javascript(secret, headers, body)


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_!!!", "whsec_c2hvcnQ=", NEW.removeprefix("whsec_"), "hello"])
def test_secret_of_another_form_is_not_used(text: str) -> None:
    """[IN9] And not repeated in what is said about it."""
    with pytest.raises(ValueError, match="expected whsec_") as raised:
        read_signing_secret(text)
    assert len(text) < 7 or text not in str(raised.value)
