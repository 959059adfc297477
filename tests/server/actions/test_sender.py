"""One attempt and what came of it, against receivers on loopback."""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import EntryPoint
from typing import Any

import msgspec
import pytest
from standardwebhooks import Webhook

from protocol.actions import OutcomeKind
from server.actions.egress import EgressRules
from server.actions.integrations import INTEGRATIONS, load_integrations
from server.actions.sender import ATTEMPT_S, Sender
from tests.support.orders import KEY, SECRETS, SIGNING_SECRET, connection, order
from tests.support.receivers import Answer, Receiver, answering, dripping, names, saying
from tests.support.sending import connection_to, sender_to, telling

SECRET_TEXTS = [secret for secrets in SECRETS.values() for secret in secrets.values()]


class TestWebhook:
    async def test_it_is_sent_under_its_key_and_verified(self) -> None:
        """[IN9, IN20] The bytes that arrive are the bytes that were signed."""
        async with Receiver([answering(204)]) as receiver:
            observed = await sender_to(receiver).send(order("webhook.post@1"), connection_to(receiver, "webhook"))

        assert (observed.kind, observed.status) == (OutcomeKind.SENT, 204)
        [received] = receiver.received
        Webhook(SIGNING_SECRET).verify(received.body, dict(received.headers))
        assert received.headers["webhook-id"] == KEY

    async def test_same_order_is_the_same_body(self) -> None:
        """[IN20] Tried again after an answer that never came."""
        async with Receiver([saying(b""), answering(200)]) as receiver:
            sender, held = sender_to(receiver), connection_to(receiver, "webhook")
            first = await sender.send(order("webhook.post@1"), held)
            second = await sender.recover(order("webhook.post@1"), held)

        assert (first.kind, second.kind) == (OutcomeKind.AMBIGUOUS, OutcomeKind.SENT)
        assert receiver.received[0].body == receiver.received[1].body
        assert receiver.received[0].headers["webhook-id"] == receiver.received[1].headers["webhook-id"]

    async def test_receiver_that_is_gone_disables_the_connection(self) -> None:
        """[IN13] 410 is meant for good."""
        async with Receiver([answering(410)]) as receiver:
            observed = await sender_to(receiver).send(order("webhook.post@1"), connection_to(receiver, "webhook"))

        assert (observed.kind, observed.disables_connection) == (OutcomeKind.REFUSED, True)

    async def test_receiver_that_asks_to_wait_is_waited_for(self) -> None:
        """[IN13] As long as it says."""
        async with Receiver([answering(503, headers={"Retry-After": "20"})]) as receiver:
            observed = await sender_to(receiver).send(order("webhook.post@1"), connection_to(receiver, "webhook"))

        assert (observed.kind, observed.retry_after_ms) == (OutcomeKind.DEFERRED, 20_000)


class TestFailures:
    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (saying(b""), OutcomeKind.AMBIGUOUS),
            (dripping(b""), OutcomeKind.AMBIGUOUS),
            (dripping(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n"), OutcomeKind.SENT),
            (dripping(b"HTTP/1.1 422 No\r\ncontent-length: 99\r\n\r\n"), OutcomeKind.REFUSED),
        ],
        ids=["hangs up", "says nothing", "drips a success", "drips a refusal"],
    )
    async def test_after_the_first_byte_only_an_answer_tells(self, answer: Answer, kind: OutcomeKind) -> None:
        """[IN7, IN12] And a status is one."""
        async with Receiver([answer]) as receiver:
            observed = await sender_to(receiver, attempt_s=0.3).send(
                order("webhook.post@1"), connection_to(receiver, "webhook")
            )

        assert observed.kind is kind

    async def test_before_the_first_byte_it_is_tried_again(self) -> None:
        """[IN12] Nobody is there, or nobody knows the name."""
        async with Receiver([answering(200)]) as receiver:
            pass
        sender = sender_to(receiver)
        refused = await sender.send(order("webhook.post@1"), connection_to(receiver, "webhook"))
        unknown = await sender.send(order("webhook.post@1"), connection("webhook", url="https://gone.test/"))

        assert (refused.kind, unknown.kind) == (OutcomeKind.RETRY, OutcomeKind.RETRY)

    async def test_destination_that_is_not_let_out_is_refused_for_good(self) -> None:
        """[IN1, IN12] In words that a person understands and an attacker learns nothing from."""
        sender = Sender(EgressRules(), resolve=names(crm_test="169.254.169.254"), tls=ssl.create_default_context())
        observed = await sender.send(order("webhook.post@1"), connection("webhook"))

        assert observed.kind is OutcomeKind.REFUSED
        assert observed.message == "blocked destination: crm.test does not lead to the public internet"

    async def test_wrong_parameters_are_told_by_their_path(self) -> None:
        """[IN11] Nothing is dialed for it."""
        async with Receiver([answering(200)]) as receiver:
            observed = await sender_to(receiver).send(
                order("webhook.post@1", event="a\nb"), connection_to(receiver, "webhook")
            )

        assert (observed.kind, observed.field_messages) == (OutcomeKind.REFUSED, {"event": "expected one line"})
        assert receiver.connections == 0

    async def test_connection_that_lacks_a_secret_must_be_mended(self) -> None:
        """[IN10] Nothing is dialed for it."""
        async with Receiver([answering(200)]) as receiver:
            held = replace(connection_to(receiver, "webhook"), secrets={})
            observed = await sender_to(receiver).send(order("webhook.post@1"), held)

        assert observed.kind is OutcomeKind.UNAUTHORISED
        assert "Signing secret is missing" in observed.message
        assert receiver.connections == 0

    async def test_action_that_is_not_the_connections_is_refused(self) -> None:
        """[IN10] Nor is one sent that nobody knows."""
        sender = Sender(EgressRules(), resolve=names(), tls=ssl.create_default_context())
        strange = replace(order("webhook.post@1"), action="fax.send@1")

        assert (await sender.send(order("slack.message@1"), connection("webhook"))).kind is OutcomeKind.REFUSED
        assert (await sender.send(strange, connection("webhook"))).kind is OutcomeKind.REFUSED
        assert (await sender.recover(strange, connection("webhook"))).kind is OutcomeKind.REFUSED
        assert (await sender.check("fax", connection("webhook"))).kind is OutcomeKind.REFUSED

    def test_attempt_ends_before_its_lease(self) -> None:
        """[IN7] Which is 30 s."""
        assert ATTEMPT_S == 15.0


class TestCredentials:
    @pytest.mark.parametrize(
        "action", ["webhook.post@1", "http.request@1", "slack.message@1", "hubspot.contact.upsert@1",
                   "twilio.sms.send@1", "google_calendar.event.create@1"]
    )  # fmt: skip
    @pytest.mark.parametrize("status", [200, 400, 401, 500])
    async def test_receiver_that_echoes_everything_gives_nothing_away(self, action: str, status: int) -> None:
        """[IN8] Neither in the excerpt nor in what it calls its reason."""
        integration = action.partition(".")[0]

        async def echo(request: Any, writer: asyncio.StreamWriter) -> None:
            said = "; ".join([*SECRET_TEXTS, *request.headers.values()])
            body = {"ok": False, "error": said, "code": 7, "message": said, "category": said, "sid": said, "id": said,
                    "htmlLink": said, "results": [{"id": said}]}  # fmt: skip
            await telling(status, body)(request, writer)

        async with Receiver([echo]) as receiver:
            held = connection_to(receiver, integration)
            observed = await sender_to(receiver).send(order(action), held)

        assert observed.status == status
        assert [secret for secret in held.secrets.values() if secret in repr(observed)] == []
        authorization = receiver.received[0].headers["authorization"].partition(" ")[2]
        assert authorization not in repr(observed)

    async def test_excerpt_and_message_are_cut_after_redaction(self) -> None:
        """[IN7, IN8] Half a credential would not be recognised."""
        async with Receiver([answering(400, b"x" * 4_090 + b"tok-secret-1" * 10)]) as receiver:
            observed = await sender_to(receiver).send(order("webhook.post@1"), connection_to(receiver, "webhook"))

        assert len(observed.excerpt) == 4_096
        assert "tok-" not in observed.excerpt


class TestTokens:
    EVENT = "google_calendar.event.create@1"

    async def test_token_that_ran_out_is_renewed_once(self) -> None:
        """[IN16] And the new one is handed to be kept."""
        kept: list[tuple[str, Mapping[str, str]]] = []

        async def keep(connection_id: str, secrets: Mapping[str, str]) -> None:
            kept.append((connection_id, secrets))

        answers = [answering(401), telling(200, {"access_token": "new-secret-0"}), telling(200, {"id": "new-secret-0"})]
        async with Receiver(answers) as receiver:
            sender = sender_to(receiver, keep_secrets=keep)
            observed = await sender.send(order(self.EVENT), connection_to(receiver, "google_calendar"))

        assert observed.kind is OutcomeKind.SENT
        first, refresh, second = receiver.received
        assert first.headers["authorization"] == "Bearer old-secret-7"
        assert b"grant_type=refresh_token&refresh_token=refresh-secret-8" in refresh.body
        assert second.headers["authorization"] == "Bearer new-secret-0"
        assert first.body == second.body
        assert kept == [("c1", {"access_token": "new-secret-0"})]
        assert "new-secret-0" not in repr(observed)

    @pytest.mark.parametrize(
        ("refresh", "kind"),
        [
            (telling(400, {"error": "invalid_grant"}), OutcomeKind.UNAUTHORISED),
            (answering(500), OutcomeKind.RETRY),
            (saying(b""), OutcomeKind.RETRY),
            (telling(200, {"access_token": "new-secret-0"}), OutcomeKind.UNAUTHORISED),
        ],
        ids=["refused", "broken", "lost", "of no use"],
    )
    async def test_action_was_surely_not_done_if_no_token_helps(self, refresh: Answer, kind: OutcomeKind) -> None:
        """[IN16] A lost answer about a token is none about the Action; and there is no third try."""
        async with Receiver([answering(401), refresh, answering(401)]) as receiver:
            observed = await sender_to(receiver).send(order(self.EVENT), connection_to(receiver, "google_calendar"))

        assert observed.kind is kind
        assert len(receiver.received) <= 3

    async def test_all_of_it_together_takes_no_longer_than_one_attempt(self) -> None:
        """[IN7, IN16] The lease is for all of it."""
        async with Receiver([answering(401), dripping(b"")]) as receiver:
            async with asyncio.timeout(2):
                observed = await sender_to(receiver, attempt_s=0.3).send(
                    order(self.EVENT), connection_to(receiver, "google_calendar")
                )

        assert observed.kind is OutcomeKind.RETRY


class TestRecovering:
    async def test_event_that_is_there_is_not_created_again(self) -> None:
        """[IN17, IN26] Asked for by its id."""
        async with Receiver([telling(200, {"status": "confirmed", "htmlLink": "https://x.test"})]) as receiver:
            observed = await sender_to(receiver).recover(
                order(TestTokens.EVENT), connection_to(receiver, "google_calendar")
            )

        assert observed.kind is OutcomeKind.SENT
        assert [received.method for received in receiver.received] == ["GET"]

    async def test_event_that_is_not_there_is_created(self) -> None:
        """[IN17, IN26] Under the same id."""
        async with Receiver([answering(404), telling(200, {})]) as receiver:
            observed = await sender_to(receiver).recover(
                order(TestTokens.EVENT), connection_to(receiver, "google_calendar")
            )

        assert observed.kind is OutcomeKind.SENT
        look_up, creation = receiver.received
        assert json.loads(creation.body)["id"] == look_up.target.rpartition("/")[2]

    @pytest.mark.parametrize(
        "answer", [answering(500), answering(429), answering(400), saying(b"")], ids=["500", "429", "400", "lost"]
    )
    async def test_look_up_that_fails_leaves_it_unknown(self, answer: Answer) -> None:
        """[IN17] It says nothing of the attempt before."""
        async with Receiver([answer]) as receiver:
            observed = await sender_to(receiver).recover(
                order(TestTokens.EVENT), connection_to(receiver, "google_calendar")
            )

        assert observed.kind is OutcomeKind.AMBIGUOUS
        assert len(receiver.received) == 1

    @pytest.mark.parametrize(
        ("action", "changed"),
        [("slack.message@1", {}), ("twilio.sms.send@1", {}), ("webhook.post@1", {"deduplicates": "no"})],
    )
    async def test_nothing_is_repeated_that_could_be_done_twice(self, action: str, changed: dict[str, str]) -> None:
        """[IN17] A person decides."""
        async with Receiver([answering(200)]) as receiver:
            held = connection_to(receiver, action.partition(".")[0], **changed)
            observed = await sender_to(receiver).recover(order(action), held)

        assert observed.kind is OutcomeKind.AMBIGUOUS
        assert receiver.connections == 0


CREATED = telling(200, {"results": [{"id": "9"}]})


class TestFollowingUp:
    NOTE = "hubspot.note.create@1"

    async def test_note_is_created_and_linked(self) -> None:
        """[IN25] One request each."""
        async with Receiver([CREATED, answering(200)]) as receiver:
            observed = await sender_to(receiver).send(order(self.NOTE), connection_to(receiver, "hubspot"))

        assert (observed.kind, observed.results) == (OutcomeKind.SENT, {"id": "9"})
        assert [received.target for received in receiver.received] == [
            "/crm/v3/objects/notes/batch/upsert",
            "/crm/v4/objects/notes/9/associations/default/contacts/501",
            "/crm/v4/objects/notes/9/associations/default/deals/77",
        ]

    @pytest.mark.parametrize(
        ("link", "kind"),
        [
            (answering(404), OutcomeKind.REFUSED),
            (answering(500), OutcomeKind.AMBIGUOUS),
            (answering(429), OutcomeKind.DEFERRED),
            (saying(b""), OutcomeKind.AMBIGUOUS),
        ],
        ids=["404", "500", "429", "lost"],
    )
    async def test_note_without_its_link_is_not_done(self, link: Answer, kind: OutcomeKind) -> None:
        """[IN25] But is known: all of it may be repeated under the same key."""
        async with Receiver([CREATED, link]) as receiver:
            observed = await sender_to(receiver).send(order(self.NOTE), connection_to(receiver, "hubspot"))

        assert (observed.kind, observed.results) == (kind, {"id": "9"})
        assert observed.message.startswith("created, but not linked")


class TestChecking:
    @pytest.mark.parametrize("integration", ["slack", "hubspot", "twilio", "google_calendar"])
    async def test_vendor_is_asked_something_harmless(self, integration: str) -> None:
        """[IN19] With the credential that counts."""
        async with Receiver([telling(200, {"ok": True})]) as receiver:
            observed = await sender_to(receiver).check(integration, connection_to(receiver, integration))

        assert observed.kind is OutcomeKind.SENT
        assert "authorization" in receiver.received[0].headers

    @pytest.mark.parametrize("integration", ["slack", "hubspot", "twilio", "google_calendar"])
    async def test_wrong_credential_is_found(self, integration: str) -> None:
        """[IN19] In each one's words."""
        answer = telling(200 if integration == "slack" else 401, {"ok": False, "error": "invalid_auth"})
        async with Receiver([answer]) as receiver:
            observed = await sender_to(receiver).check(integration, connection_to(receiver, integration))

        assert observed.kind is OutcomeKind.UNAUTHORISED

    @pytest.mark.parametrize("integration", ["webhook", "http"])
    async def test_unknown_receivers_are_only_reached(self, integration: str) -> None:
        """[IN19] Any request could do something."""
        async with Receiver([answering(500)]) as receiver:
            held = connection_to(receiver, integration)
            observed = await sender_to(receiver).check(integration, held)
        gone = await sender_to(receiver).check(integration, held)

        assert (observed.kind, gone.kind) == (OutcomeKind.SENT, OutcomeKind.RETRY)
        assert receiver.received == []


class TestInstalled:
    def test_package_of_somebody_else_adds_its_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """[IN18] By an entry point; here one of ours under another key."""
        slack = INTEGRATIONS["slack"]
        monkeypatch.setattr("tests.support.orders.DESCRIPTION", _described_as("fax"), raising=False)
        entry = EntryPoint("fax", "tests.support.orders", "sidecoach.integrations")

        assert set(load_integrations([entry])) == {*INTEGRATIONS, "fax"}
        assert load_integrations([])["slack"] is slack

    @pytest.mark.parametrize(("key", "expected"), [("slack", "is taken"), ("fax", "to begin with fax")])
    def test_key_is_not_taken_twice(self, key: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """[IN18] Nor are actions named after another Integration."""
        wrong = _described_as(key, actions="slack")
        monkeypatch.setattr("tests.support.orders.DESCRIPTION", wrong, raising=False)
        entry = EntryPoint(key, "tests.support.orders", "sidecoach.integrations")

        with pytest.raises(ValueError, match=expected):
            load_integrations([entry])


def _described_as(key: str, actions: str | None = None) -> Any:
    described = INTEGRATIONS["slack"].DESCRIPTION
    named = tuple(msgspec.structs.replace(action, id=f"{actions or key}.message@1") for action in described.actions)
    return msgspec.structs.replace(described, key=key, actions=named)
