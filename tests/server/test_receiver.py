"""The demo receiver over real sockets: what it says about what it is sent, and every way in which it misbehaves."""

import smtplib
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from standardwebhooks.webhooks import Webhook

from server.__main__ import main
from server.receiver.behaviour import Behaviour, Conduct, MailFault, MailMisbehaviour, Misbehaviour
from server.receiver.deliveries import KEPT, SHOWN_CHARACTERS
from server.receiver.secret import demo_signing_secret
from server.receiver.verification import Verdict, judge, read_secret
from server.settings import Settings
from tests.support.installation import eventually
from tests.support.storm_receiver import SECRET, StormReceiver, storm_receiver, stormy

NEXT_SECRET = "whsec_YW5vdGhlci1zZWNyZXQtb2Ytc2lkZWNvYWNo"
BODY = '{"event":"session.completed","fields":{"name":"Zoë Ångström"},"amount":12.50}'


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that the receiver says."""
    return tmp_path_factory.mktemp("receiver") / "output"


@pytest.fixture(scope="module")
def running(said: Path) -> Iterator[StormReceiver]:
    with storm_receiver(said, SECRET, NEXT_SECRET) as receiver:
        yield receiver


@pytest.fixture
def receiver(running: StormReceiver) -> StormReceiver:
    """A receiver that behaves and has received nothing."""
    running.behave(Behaviour())
    running.clear()
    return running


def signed(secret: str = SECRET, message_id: str = "act_1", age_s: int = 0, body: str = BODY) -> dict[str, str]:
    """Headers as the reference implementation makes them."""
    at = datetime.now(UTC) - timedelta(seconds=age_s)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, at, body),
    }


def deliver(
    receiver: StormReceiver, headers: dict[str, str] | None = None, body: str = BODY, name: str = "crm"
) -> httpx.Response:
    headers = {"Content-Type": "application/json", **(headers or {})}
    return httpx.post(receiver.hook(name), content=body.encode(), headers=headers, timeout=10, trust_env=False)


def last(receiver: StormReceiver) -> dict[str, Any]:
    return receiver.deliveries()[-1]


class TestDeliveries:
    def test_are_kept_with_all_that_one_wants_to_know(self, receiver: StormReceiver) -> None:
        """[RX1] Numbers stay as they were written; only the white space is new."""
        before_ms = time.time() * 1_000

        assert deliver(receiver, signed()).json() == {"received": 1, "repeat": False}

        entry = last(receiver)
        assert before_ms - 1 <= entry.pop("at_ms") <= time.time() * 1_000
        assert "12.50" in entry["body"]
        assert entry.pop("body").startswith('{\n  "event": "session.completed"')
        assert entry == {
            "kind": "delivery",
            "number": 1,
            "revision": 2,
            "name": "crm",
            "method": "POST",
            "path": "/hooks/crm",
            "id": "act_1",
            "event": "session.completed",
            "size_bytes": len(BODY.encode()),
            "signature": {"verdict": "verified", "why": None},
            "is_repeat": False,
            "has_effect": True,
            "answer": "200",
        }

    def test_under_http_any_method_and_path_will_do(self, receiver: StormReceiver) -> None:
        """[RX1] The id is that of Idempotency-Key; text that is no JSON stays text."""
        address = f"{receiver.address}/http/erp/v1/contacts/7?dry=1"
        answer = httpx.patch(address, content="a=1", headers={"Idempotency-Key": "act_7"})

        assert answer.status_code == 200
        entry = last(receiver)
        assert (entry["name"], entry["method"], entry["path"]) == ("erp", "PATCH", "/http/erp/v1/contacts/7?dry=1")
        assert (entry["id"], entry["body"]) == ("act_7", "a=1")

    @pytest.mark.parametrize("name", ["a" * 65, "a b", "-a", "ö"])
    def test_a_name_that_is_none_is_not_found(self, receiver: StormReceiver, name: str) -> None:
        """[RX1] Names are for people to filter by."""
        assert deliver(receiver, name=name).status_code == 404
        assert receiver.deliveries() == []

    def test_the_last_thousand_stay(self, receiver: StormReceiver) -> None:
        """[RX1] Effects are counted all the same."""
        with httpx.Client(base_url=receiver.address) as sender:
            for number in range(KEPT + 3):
                sender.post("/hooks/crm", headers={"webhook-id": f"act_{number}"})

        assert [entry["number"] for entry in receiver.deliveries()] == list(range(4, KEPT + 4))
        assert receiver.effects()["total"] == KEPT + 3

    def test_only_what_changed_is_told_again(self, receiver: StormReceiver) -> None:
        """[RX1] And after a clearing it is another run."""
        deliver(receiver)
        first = httpx.get(f"{receiver.address}/api/deliveries").json()
        deliver(receiver)

        later = httpx.get(f"{receiver.address}/api/deliveries", params={"after": first["revision"]}).json()
        assert [entry["number"] for entry in later["entries"]] == [2]
        receiver.clear()
        cleared = httpx.get(f"{receiver.address}/api/deliveries").json()
        assert (cleared["entries"], cleared["run"] != first["run"]) == ([], True)
        assert httpx.get(f"{receiver.address}/api/deliveries", params={"after": "x"}).status_code == 400

    def test_a_long_body_is_cut_and_one_that_is_too_long_refused(self, receiver: StormReceiver) -> None:
        """[RX1] A thousand of them must fit into memory."""
        deliver(receiver, body="x" * (SHOWN_CHARACTERS + 1))
        assert last(receiver)["body"].endswith("characters")
        assert last(receiver)["size_bytes"] == SHOWN_CHARACTERS + 1

        assert deliver(receiver, body="x" * 1_048_577).status_code == 413
        assert len(receiver.deliveries()) == 1


class TestSignature:
    @pytest.mark.parametrize("secret", [SECRET, NEXT_SECRET])
    def test_of_the_reference_implementation_is_verified(self, receiver: StormReceiver, secret: str) -> None:
        """[RX2] With either secret."""
        assert deliver(receiver, signed(secret)).status_code == 200
        assert last(receiver)["signature"]["verdict"] == "verified"

    def test_one_of_several_is_enough(self, receiver: StormReceiver) -> None:
        """[RX2] As while a secret is being changed; versions that we do not know are passed over."""
        headers = signed("whsec_c29tZWJvZHkgZWxzZQ==")
        headers["webhook-signature"] = f"v1a,abc {headers['webhook-signature']} {signed()['webhook-signature']}"

        deliver(receiver, headers)

        assert last(receiver)["signature"]["verdict"] == "verified"

    def test_that_is_not_there_is_none(self, receiver: StormReceiver) -> None:
        """[RX2] Unsigned deliveries are taken."""
        assert deliver(receiver, {"webhook-id": "act_1"}).status_code == 200
        assert last(receiver)["signature"] == {"verdict": "unsigned", "why": None}

    @pytest.mark.parametrize(
        ("headers", "why"),
        [
            (lambda: signed("whsec_c29tZWJvZHkgZWxzZQ=="), "no signature fits"),
            (lambda: signed(body="{}"), "no signature fits"),
            (lambda: signed() | {"webhook-id": "act_2"}, "no signature fits"),
            (lambda: signed(age_s=400), "s old, expected at most 300 s"),
            (lambda: signed(age_s=-900), "s in the future"),
            (lambda: signed() | {"webhook-timestamp": "soon"}, "cannot be read"),
            (lambda: signed() | {"webhook-id": ""}, "is missing"),
            (lambda: signed() | {"webhook-signature": "v2,abc"}, "no v1 signature"),
        ],
        ids=["other secret", "other body", "other id", "old", "early", "no time", "no id", "no v1"],
    )
    def test_that_is_wrong_says_why_and_has_no_effect(
        self, receiver: StormReceiver, headers: Callable[[], dict[str, str]], why: str
    ) -> None:
        """[RX2] Answered 401."""
        answer = deliver(receiver, headers())

        assert answer.status_code == 401
        assert why in answer.json()["detail"]
        entry = last(receiver)
        assert entry["signature"]["verdict"] == "wrong"
        assert why in entry["signature"]["why"]
        assert (entry["has_effect"], receiver.effects()["total"]) == (False, 0)

    def test_may_be_five_minutes_off_and_not_more(self) -> None:
        """[RX2] Either way."""
        headers, key = signed(), read_secret(SECRET)
        at_s = int(headers["webhook-timestamp"])

        verdicts = [judge(headers, BODY.encode(), [key], at_s + off_s).verdict for off_s in (-301, -300, 300, 301)]

        assert verdicts == [Verdict.WRONG, Verdict.VERIFIED, Verdict.VERIFIED, Verdict.WRONG]


class TestEffects:
    def test_a_repeated_id_has_one(self, receiver: StormReceiver) -> None:
        """[RX3] What has no id is never a repeat."""
        for message_id in ("act_1", "act_2", "act_1"):
            deliver(receiver, {"webhook-id": message_id})
        deliver(receiver)
        deliver(receiver)

        assert receiver.effects() == {"by_id": {"act_1": 1, "act_2": 1}, "total": 4, "mail": {"by_id": {}, "total": 0}}
        assert [entry["is_repeat"] for entry in receiver.deliveries()] == [False, False, True, False, False]
        assert [entry["has_effect"] for entry in receiver.deliveries()] == [True, True, False, True, True]

    def test_a_receiver_that_does_not_de_duplicate_counts_each(self, receiver: StormReceiver) -> None:
        """[RX3] `idempotent: false`."""
        receiver.behave(Behaviour(idempotent=False))
        deliver(receiver, {"webhook-id": "act_1"})
        deliver(receiver, {"webhook-id": "act_1"})

        assert receiver.effects()["by_id"] == {"act_1": 2}

    def test_what_failed_before_its_effect_has_it_when_it_comes_again(self, receiver: StormReceiver) -> None:
        """[RX3] A repeat, and the first effect."""
        receiver.behave(Behaviour(misbehaviours=(Misbehaviour(status=503, times=1),)))
        deliver(receiver, {"webhook-id": "act_1"})
        deliver(receiver, {"webhook-id": "act_1"})

        assert receiver.effects()["by_id"] == {"act_1": 1}
        assert (last(receiver)["is_repeat"], last(receiver)["has_effect"]) == (True, True)


class TestMisbehaviour:
    @pytest.mark.parametrize("status", [302, 400, 401, 410, 500, 503])
    def test_a_status(self, receiver: StormReceiver, status: int) -> None:
        """[RX4, RX5] Until it is switched off."""
        receiver.behave(Behaviour(misbehaviours=(Misbehaviour(status=status),)))

        assert [deliver(receiver).status_code for _ in range(2)] == [status, status]
        assert receiver.effects()["total"] == 0
        receiver.behave(Behaviour())
        assert deliver(receiver).status_code == 200

    def test_a_status_with_retry_after_once(self, receiver: StormReceiver) -> None:
        """[RX4, RX5] Then it is used up."""
        receiver.behave(Behaviour(misbehaviours=(Misbehaviour(status=429, retry_after="7", times=1),)))

        answer = deliver(receiver)

        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
        assert last(receiver)["answer"] == "429, Retry-After 7"
        assert httpx.get(f"{receiver.address}/api/behaviour").json()["misbehaviours"] == []
        assert deliver(receiver).status_code == 200

    def test_messages_by_field(self, receiver: StormReceiver) -> None:
        """[RX4] As a receiver that checks what it gets."""
        receiver.behave(Behaviour(misbehaviours=(Misbehaviour(status=400, errors={"email": "is not one"}),)))

        assert deliver(receiver).json() == {"errors": {"email": "is not one"}}

    @pytest.mark.parametrize(("after_effect", "effects"), [(False, 0), (True, 1)])
    def test_a_dropped_connection(self, receiver: StormReceiver, after_effect: bool, effects: int) -> None:
        """[RX4] Before the effect or after it; the sender sees the same."""
        receiver.behave(Behaviour(misbehaviours=(Misbehaviour(drop=True, after_effect=after_effect, times=1),)))

        with pytest.raises(httpx.RemoteProtocolError):
            deliver(receiver, {"webhook-id": "act_1"})

        assert receiver.effects()["total"] == effects
        assert last(receiver)["answer"] == f"dropped {'after' if after_effect else 'before'} the effect"
        assert deliver(receiver, {"webhook-id": "act_1"}).status_code == 200
        assert receiver.effects()["by_id"] == {"act_1": 1}

    def test_nothing_is_sent_on_a_dropped_connection(self, receiver: StormReceiver) -> None:
        """[RX4] Not even the beginning of an answer."""
        receiver.behave(Behaviour(misbehaviours=(Misbehaviour(drop=True, times=1),)))
        port = int(receiver.address.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as sender:
            sender.sendall(b"POST /hooks/crm HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}")
            assert sender.recv(100) == b""

    def test_slow_answers_add_up_and_the_effect_is_at_once(self, receiver: StormReceiver) -> None:
        """[RX4] A sender that does not wait leaves an effect behind, and the receiver tells what it is waiting for."""
        slow = Misbehaviour(delay_s=0.2)
        receiver.behave(Behaviour(misbehaviours=(slow, slow, Misbehaviour(status=503, after_effect=True))))
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(receiver.hook("crm"), timeout=0.1)

        assert receiver.effects()["total"] == 1
        assert last(receiver)["answer"] is None
        began_s = time.monotonic()
        assert deliver(receiver).status_code == 503
        assert time.monotonic() - began_s > 0.35
        assert last(receiver)["answer"] == "503 after 0.4 s"

    def test_concerns_one_hook_or_all(self, receiver: StormReceiver) -> None:
        """[RX5] The first that is met decides; the one after it is not used up."""
        crm = Misbehaviour(name="crm", status=410, times=2)
        receiver.behave(Behaviour(misbehaviours=(crm, Misbehaviour(status=503, times=1))))

        assert [deliver(receiver, name=name).status_code for name in ("crm", "erp", "erp", "crm", "crm")] == [
            *(410, 503, 200),
            *(410, 200),
        ]

    def test_the_same_seed_gives_the_same(self, receiver: StormReceiver) -> None:
        """[RX5] Another seed gives something else."""

        def statuses(seed: int) -> list[int]:
            receiver.behave(Behaviour(seed=seed, misbehaviours=(Misbehaviour(status=503, probability=0.4),)))
            return [deliver(receiver).status_code for _ in range(30)]

        first = statuses(7)
        assert statuses(7) == first
        assert statuses(8) != first
        assert set(first) == {200, 503}

    def test_a_storm_is_as_strong_as_it_says(self) -> None:
        """[RX5] 8 % are answered 503, 5 % are done and dropped, 10 % are slow."""
        conduct = Conduct()
        conduct.follow(stormy(1))
        plans = [conduct.plan("crm") for _ in range(20_000)]
        decided = [plan.misbehaviour for plan in plans if plan.misbehaviour is not None]

        assert sum(each.status == 503 for each in decided) / 20_000 == pytest.approx(0.08, abs=0.006)
        assert sum(each.drop and each.after_effect for each in decided) / 20_000 == pytest.approx(0.05, abs=0.006)
        assert sum(plan.delay_s > 0 for plan in plans) / 20_000 == pytest.approx(0.1, abs=0.01)

    @pytest.mark.parametrize(
        "nonsense",
        [
            {"misbehaviours": [{"status": 200}]},
            {"misbehaviours": [{"status": 503, "drop": True}]},
            {"misbehaviours": [{}]},
            {"misbehaviours": [{"drop": True, "retry_after": "5"}]},
            {"misbehaviours": [{"status": 503, "retry_after": "5\r\nX: y"}]},
            {"misbehaviours": [{"status": 503, "probability": 0}]},
            {"misbehaviours": [{"status": 503, "times": 0}]},
            {"misbehaviours": [{"delay_s": 1e9}]},
            {"misbehavior": []},
            {"mail": [{"fault": "rcpt_551"}]},
        ],
    )
    def test_nonsense_changes_nothing(self, receiver: StormReceiver, nonsense: dict[str, Any]) -> None:
        """[RX6] And is told what was expected."""
        told = Behaviour(seed=3, misbehaviours=(Misbehaviour(status=503),))
        receiver.behave(told)

        answer = httpx.put(f"{receiver.address}/api/behaviour", json=nonsense)

        assert (answer.status_code, answer.json()["code"]) == (400, "bad_body")
        assert msgspec.convert(httpx.get(f"{receiver.address}/api/behaviour").json(), Behaviour) == told


class TestMail:
    def email(self, message_id: str = "<act_1@sidecoach>") -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "coach@example.org", "zoe@example.org", "Übergabe – ready"
        message["Message-ID"] = message_id
        message.set_content("Hello Zoë,\n.a line that begins with a dot\n.\nBye\n")
        return message

    def send(self, receiver: StormReceiver, message: EmailMessage | None = None) -> None:
        with smtplib.SMTP("127.0.0.1", receiver.mail_port, timeout=10) as sender:
            sender.send_message(message or self.email(), to_addrs=["zoe@example.org", "ben@example.org"])

    def test_is_shown_beside_the_deliveries(self, receiver: StormReceiver) -> None:
        """[RX7] Decoded, and with its dots as they were written."""
        deliver(receiver)
        self.send(receiver)

        entry = last(receiver)
        assert (entry["kind"], entry["number"], entry["sender"]) == ("mail", 2, "coach@example.org")
        assert entry["recipients"] == ["zoe@example.org", "ben@example.org"]
        assert (entry["subject"], entry["id"]) == ("Übergabe – ready", "<act_1@sidecoach>")
        assert entry["body"] == "Hello Zoë,\n.a line that begins with a dot\n.\nBye\n"
        assert (entry["answer"], entry["has_effect"]) == ("250 ok", True)

    def test_each_that_is_accepted_is_an_effect(self, receiver: StormReceiver) -> None:
        """[RX7] Mail servers do not look at a Message-ID."""
        self.send(receiver)
        self.send(receiver)

        assert receiver.effects()["mail"] == {"by_id": {"<act_1@sidecoach>": 2}, "total": 2}
        assert last(receiver)["is_repeat"]

    def test_a_recipient_is_refused(self, receiver: StormReceiver) -> None:
        """[RX7] 550; the other one gets it."""
        receiver.behave(Behaviour(mail=(MailMisbehaviour(fault=MailFault.REFUSE_RECIPIENT, times=1),)))
        with smtplib.SMTP("127.0.0.1", receiver.mail_port, timeout=10) as sender:
            refused = sender.send_message(self.email(), to_addrs=["zoe@example.org", "ben@example.org"])

        assert {address: code for address, (code, _) in refused.items()} == {"zoe@example.org": 550}
        assert [entry["has_effect"] for entry in receiver.deliveries()] == [False, True]
        assert last(receiver)["recipients"] == ["ben@example.org"]

    def test_is_refused_for_now(self, receiver: StormReceiver) -> None:
        """[RX7] 451 after DATA: no effect; the same connection may try again."""
        receiver.behave(Behaviour(mail=(MailMisbehaviour(fault=MailFault.REFUSE_FOR_NOW, times=1),)))
        with smtplib.SMTP("127.0.0.1", receiver.mail_port, timeout=10) as sender:
            with pytest.raises(smtplib.SMTPDataError) as refused:
                sender.send_message(self.email())
            assert receiver.effects()["mail"]["total"] == 0
            sender.send_message(self.email())

        assert refused.value.smtp_code == 451
        assert receiver.effects()["mail"]["total"] == 1

    def test_is_taken_and_the_connection_lost(self, receiver: StormReceiver) -> None:
        """[RX7] The sender cannot know, and the e-mail has arrived."""
        receiver.behave(Behaviour(mail=(MailMisbehaviour(fault=MailFault.DROP_AFTER_DATA, times=1),)))
        with pytest.raises(smtplib.SMTPServerDisconnected):
            self.send(receiver)

        assert receiver.effects()["mail"]["total"] == 1
        assert last(receiver)["answer"] == "dropped after it was taken"

    @pytest.mark.parametrize(
        ("content", "subject", "body"),
        [
            (b"no headers at all\r\n", "", "no headers"),
            (b"Subject: a picture\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x--\r\n", "a picture", "--x--"),
            (b"Subject: bytes\r\nContent-Type: text/plain; charset=no-such\r\n\r\n\xff\xfe\r\n", "bytes", "\ufffd"),
            (b"From: <@@>\r\nMessage-ID: [<>]\r\nSubject: odd\r\n\r\nbody\r\n", "odd", "body"),
        ],
        ids=["no headers", "no text", "no such charset", "odd headers"],
    )
    def test_whatever_is_sent_is_shown(self, receiver: StormReceiver, content: bytes, subject: str, body: str) -> None:
        """[RX7] Senders make mistakes; that is what a receiver is looked at for."""
        with smtplib.SMTP("127.0.0.1", receiver.mail_port, timeout=10) as sender:
            sender.sendmail("a@example.org", ["b@example.org"], content)

        assert (last(receiver)["subject"], body in last(receiver)["body"]) == (subject, True)

    def test_commands_out_of_order_are_refused_and_the_conversation_goes_on(self, receiver: StormReceiver) -> None:
        """[RX7] As RFC 5321 has it."""
        with smtplib.SMTP("127.0.0.1", receiver.mail_port, timeout=10) as sender:
            said = [
                sender.docmd(command)[0]
                for command in (
                    *("HELO me", "RCPT TO:<a@b>", "DATA", "MAIL TO:<a@b>", "MAIL FROM:<>", "RCPT TO:<>"),
                    *("RCPT TO:<a@b>", "RSET", "DATA", "NOOP", "STARTTLS"),
                )
            ]

        assert said == [250, 503, 503, 501, 250, 501, 250, 250, 503, 250, 502]
        assert receiver.deliveries() == []


class TestDoor:
    @pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org", "::"])
    def test_off_loopback_it_does_not_start(self, capsys: pytest.CaptureFixture[str], host: str) -> None:
        """[RX8] In one sentence."""
        assert main(["receiver", "--host", host]) == 1
        assert "listens on loopback only" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("flags", "told"),
        [
            (("--secret", "whsec_?"), "--secret is not one"),
            (("--port", "70000"), "--port is 70000: expected 0 to 65535"),
        ],
    )
    def test_a_flag_that_makes_no_sense_is_told(
        self, capsys: pytest.CaptureFixture[str], flags: tuple[str, str], told: str
    ) -> None:
        """[RX11] And a secret is not repeated."""
        assert main(["receiver", *flags]) == 1
        assert told in capsys.readouterr().err

    def test_other_names_and_other_sites_are_refused(self, receiver: StormReceiver) -> None:
        """[RX8] A page elsewhere can neither read nor clear."""
        assert httpx.get(f"{receiver.address}/api/deliveries", headers={"Host": "rebound.example"}).status_code == 421
        other = {"Origin": "https://example.org"}
        assert httpx.post(f"{receiver.address}/api/clear", headers=other).status_code == 403
        assert httpx.post(f"{receiver.address}/api/clear", headers={"Origin": receiver.address}).status_code == 204

    def test_the_page_runs_nothing_inline(self, receiver: StormReceiver) -> None:
        """[RX8] And all its files are there."""
        page = httpx.get(f"{receiver.address}/")
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in page.headers["Content-Security-Policy"]
        assert "unsafe" not in page.headers["Content-Security-Policy"]
        for name, kind in (("receiver.js", "javascript"), ("parts.js", "javascript"), ("receiver.css", "text/css")):
            answer = httpx.get(f"{receiver.address}/{name}")
            assert (answer.status_code, kind in answer.headers["Content-Type"]) == (200, True)
        assert httpx.get(f"{receiver.address}/app.py").status_code == 404

    def test_nothing_that_came_is_logged(self, receiver: StormReceiver, said: Path) -> None:
        """[RX8] Nor is anything else, as long as all is well."""
        receiver.behave(Behaviour(misbehaviours=(Misbehaviour(drop=True, times=1),)))
        with pytest.raises(httpx.RemoteProtocolError):
            deliver(receiver)
        deliver(receiver)

        assert said.read_text().splitlines()[-1] == "Ctrl+C stops it."

    def test_goes_at_once_though_somebody_waits_for_an_answer(self, tmp_path: Path) -> None:
        """[RX10] Without a traceback."""
        with storm_receiver(tmp_path / "output") as receiver:
            receiver.behave(Behaviour(misbehaviours=(Misbehaviour(delay_s=60),)))
            port = int(receiver.address.rpartition(":")[2])
            with (
                socket.create_connection(("127.0.0.1", port)) as waiting,
                smtplib.SMTP("127.0.0.1", receiver.mail_port) as talking,
            ):
                waiting.sendall(b"POST /hooks/crm HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}")
                talking.noop()
                eventually(receiver.deliveries)
                receiver.process.terminate()
                assert receiver.process.wait(5) == 0

        assert "Traceback" not in (tmp_path / "output").read_text()

    def test_one_that_is_given_no_secret_shows_the_one_it_drew(self, tmp_path: Path) -> None:
        """[RX11] Whoever signs with it is verified."""
        with storm_receiver(tmp_path / "output", draws_secret=True) as receiver:
            said = (tmp_path / "output").read_text()
            secret = said.partition("signing secret")[2].split()[0]
            deliver(receiver, signed(secret))
            assert last(receiver)["signature"]["verdict"] == "verified"


def test_the_demos_secret_is_the_same_for_whoever_asks(tmp_path: Path) -> None:
    """[RX11] It hangs on the key ring, so another installation has another."""
    (tmp_path / "other").mkdir()
    secret = demo_signing_secret(Settings(data_dir=str(tmp_path)))

    assert demo_signing_secret(Settings(data_dir=str(tmp_path))) == secret
    assert demo_signing_secret(Settings(data_dir=str(tmp_path / "other"))) != secret
    assert len(read_secret(secret)) == 32
