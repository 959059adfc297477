"""Webhooks, HTTP requests and e-mail: what is built for receivers that nobody knows beforehand."""

from __future__ import annotations

import json
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from standardwebhooks import Webhook

from protocol.integrations import Safety
from server.actions.integrations import safety_of
from server.actions.integrations.base import (
    BadConnection,
    BadOrder,
    HttpRequest,
    MailMessage,
)
from tests.support.orders import (
    FIRED_MS,
    KEY,
    SESSION,
    SIGNING_SECRET,
    build,
    connection,
    get,
    order,
)


class TestWebhook:
    def test_body_has_the_five_properties_and_ours_beside_them(self) -> None:
        """[IN20] The Session's facts as they were when it was fired."""
        body = json.loads(build("webhook.post@1").body)

        assert {key: body[key] for key in ("key", "started_at", "completed_at", "workflow", "fields")} == {
            key: SESSION[key] for key in ("key", "started_at", "completed_at", "workflow", "fields")
        }
        assert body["session"] == {key: SESSION[key] for key in ("url", "won", "ended", "owner")}
        assert body["event"] == "callback.requested"
        assert body["data"] == {"when": "tomorrow", "n": 1}
        assert body["action"] == {"id": "webhook.post@1", "key": KEY}

    def test_receiver_verifies_what_was_built(self) -> None:
        """[IN9] By somebody else's library."""
        request = build("webhook.post@1")

        Webhook(SIGNING_SECRET).verify(request.body, dict(request.headers))
        assert request.headers["webhook-id"] == KEY
        assert request.headers["authorization"] == "Bearer tok-secret-1"

    def test_secret_of_another_form_is_the_connections_fault(self) -> None:
        """[IN10] Nothing is sent unsigned."""
        module, _ = get("webhook.post@1")
        wrong = replace(connection("webhook"), secrets={"signing_secret": "hunter2hunter2"})
        with pytest.raises(BadConnection, match="Signing secret: expected whsec_") as raised:
            module.build(order("webhook.post@1"), wrong)
        assert "hunter2" not in str(raised.value)

    def test_key_protects_only_with_receivers_that_look_at_it(self) -> None:
        """[IN17] A Connection says whether they do: webhooks unless it says no, others only if it says yes."""
        hook, request, note = (get(a)[1] for a in ("webhook.post@1", "http.request@1", "hubspot.note.create@1"))

        assert safety_of(hook, connection("webhook")) is Safety.KEY
        assert safety_of(hook, connection("webhook", deduplicates="no")) is Safety.NONE
        assert safety_of(request, connection("http")) is Safety.KEY
        assert safety_of(request, connection("http", deduplicates="")) is Safety.NONE
        assert safety_of(note, connection("hubspot")) is Safety.NATURAL


class TestHttpRequest:
    def test_path_and_query_are_encoded(self) -> None:
        """[IN21] Parts of them come from Fields."""
        request = build("http.request@1")

        assert request.url == "https://crm.test/api/calls/a%20b/%C3%BC?a=%C3%BC&z=1%262"
        assert request.headers["idempotency-key"] == KEY
        assert request.headers["content-type"] == "application/json"
        assert request.body == '{"a":["ü",null],"b":1}'.encode()

    @pytest.mark.parametrize(
        "path",
        ["/../x", "/a/..", "/%2e%2e/x", "/a/%252e%252e/b", "//evil.test/x", "x", "/a\\..\\b", "https://evil.test"],
    )
    def test_path_stays_under_the_base_url(self, path: str) -> None:
        """[IN21] The credential is for there, and for nowhere else."""
        with pytest.raises(BadOrder) as raised:
            build("http.request@1", path=path)
        assert list(raised.value.problems) == ["path"]

    @pytest.mark.parametrize("text", ["?admin=1", "#x", "@evil.test/", "%zz", "%41"])
    def test_path_remains_a_path(self, text: str) -> None:
        """[IN21] Whatever a Field holds."""
        url = build("http.request@1", path=f"/calls/{text}", query=None).url

        assert url.startswith("https://crm.test/api/calls/")
        assert "?" not in url
        assert "#" not in url

    @pytest.mark.parametrize("name", ["Authorization", "Host", "Cookie", "Idempotency-Key", "X-Forwarded-For", "A b"])
    def test_headers_that_are_not_the_actions_are_refused(self, name: str) -> None:
        """[IN6, IN21] By their path."""
        with pytest.raises(BadOrder) as raised:
            build("http.request@1", headers={name: "x"})
        assert list(raised.value.problems) == [f"headers.{name}"]

    def test_header_of_two_lines_is_refused(self) -> None:
        """[IN6] The second would be one that nobody judged."""
        with pytest.raises(BadOrder) as raised:
            build("http.request@1", headers={"X-Own": "a\r\nX-Other: b"})
        assert list(raised.value.problems) == ["headers.X-Own"]

    def test_get_has_no_body(self) -> None:
        """[IN11] Receivers disagree on what it would mean."""
        with pytest.raises(BadOrder):
            build("http.request@1", method="GET")
        assert build("http.request@1", method="GET", body=None).body == b""

    @pytest.mark.parametrize(
        ("settings", "header"),
        [
            ({"auth": "none"}, None),
            ({"auth": "bearer"}, ("authorization", "Bearer cred-secret-2")),
            ({"auth": "basic", "username": "ana"}, ("authorization", "Basic YW5hOmNyZWQtc2VjcmV0LTI=")),
            ({"auth": "header", "header_name": "X-Api-Key"}, ("x-api-key", "cred-secret-2")),
        ],
    )
    def test_credential_is_the_connections(self, settings: dict[str, str], header: tuple[str, str] | None) -> None:
        """[IN21] Of the kind that it says."""
        module, _ = get("http.request@1")
        request = module.build(order("http.request@1", headers={"X-Api-Key": "mine"}), connection("http", **settings))

        assert isinstance(request, HttpRequest)
        if header is None:
            assert "cred-secret-2" not in str(request.headers)
        else:
            assert request.headers[header[0]] == header[1]

    def test_kind_of_credential_without_one_is_the_connections_fault(self) -> None:
        """[IN10] So is a header that may not be set."""
        module, _ = get("http.request@1")
        with pytest.raises(BadConnection):
            module.probe(replace(connection("http"), secrets={}))
        with pytest.raises(BadConnection):
            module.probe(connection("http", auth="header", header_name="Host"))
        with pytest.raises(BadConnection, match="expected one of none, bearer"):
            module.probe(connection("http", auth="magic"))


class TestEmail:
    def mail(self, **changed: Any) -> MailMessage:
        request = get("email.send@1")[0].build(order("email.send@1", **changed), connection("email"))
        assert isinstance(request, MailMessage)
        return request

    def test_message_is_read_as_it_was_meant(self) -> None:
        """[IN22] By Python's own reader; seven bits on the way."""
        built = self.mail()
        message = message_from_bytes(built.message, policy=default)
        text, html = (message.get_body((kind,)) for kind in ("plain", "html"))

        assert max(built.message) < 128
        assert message["Subject"] == "Your call – thank you"
        assert (message["To"], message["Cc"]) == ("bo@example.com", "cy@example.com, di@example.com")
        assert message["Message-ID"] == built.message_id == f"<{KEY}@example.com>"
        assert message["Date"].datetime.timestamp() == FIRED_MS // 1_000
        assert text is not None
        assert html is not None
        assert text.get_content().replace("\r\n", "\n") == order("email.send@1").parameters["body"]
        assert "<b>Bo</b>" in html.get_content()
        assert built.recipients == (
            ("to.0", "bo@example.com"), ("cc.0", "cy@example.com"), ("cc.1", "di@example.com"),
        )  # fmt: skip

    @pytest.mark.parametrize("text", ["a\r\nBcc: eve@example.com", "a\nb", "a\rb", "a\x00b", "a\u2028b"])
    def test_subject_of_two_lines_is_refused(self, text: str) -> None:
        """[IN11] The second would be a header."""
        with pytest.raises(BadOrder) as raised:
            self.mail(subject=text)
        assert list(raised.value.problems) == ["subject"]

    @pytest.mark.parametrize(
        "address",
        ["bo@example.com, eve@example.com", "Bo <bo@example.com>", "bo", "bo@", "@example.com", "b o@example.com",
         "bo@example.com\r\nBcc: eve@example.com", "bö@example.com", '"a b"@example.com', ""],
    )  # fmt: skip
    def test_recipient_is_one_address(self, address: str) -> None:
        """[IN11] A Field cannot smuggle in a second."""
        with pytest.raises(BadOrder) as raised:
            self.mail(cc=["cy@example.com", address])
        assert list(raised.value.problems) == ["cc.1"]

    @pytest.mark.parametrize(
        "changed",
        [{"port": "0"}, {"port": "x"}, {"from_address": "Calls <calls@example.com>"}, {"security": "maybe"}],
    )
    def test_settings_are_judged(self, changed: dict[str, str]) -> None:
        """[IN10] Before anything is dialed."""
        with pytest.raises(BadConnection):
            get("email.send@1")[0].probe(connection("email", **changed))
