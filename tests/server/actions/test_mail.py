"""Mail, against a real SMTP server on loopback."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from protocol.actions import OutcomeKind
from server.actions.addresses import Allow
from server.actions.egress import EgressRules
from server.actions.integrations.base import Connection
from server.actions.outcomes import Outcome
from server.actions.sender import Sender
from tests.support.orders import KEY, connection, order
from tests.support.receivers import LOOPBACK, Receiver, answering, names

PASSWORD = "pass-secret-3"


@dataclass
class Mailbox:
    """A mail server's mind: what it takes, and what it says to that."""

    says: str = "250 Taken"
    refuses: dict[str, str] = field(default_factory=dict)
    hangs_up_after_taking: bool = False
    taken: list[Envelope] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(  # noqa: N802  # the words of aiosmtpd
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 Known"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.taken.append(envelope)
        if self.hangs_up_after_taking:
            assert server.transport is not None
            server.transport.abort()
        return self.says

    def connection(self, **changed: str) -> Connection:
        """A Connection to it, without TLS and without logging in unless said otherwise."""
        plain = {"port": str(self.port), "security": "none", "username": ""}
        return connection("email", **{**plain, **changed})

    def sender(self, tls: ssl.SSLContext | None = None, attempt_s: float = 5.0) -> Sender:
        """A sender that is let out to it."""
        rules = EgressRules(allow=(Allow.parse(f"{LOOPBACK}/32:{self.port}"),))
        resolve = names(mail_test=LOOPBACK)
        return Sender(rules, resolve=resolve, tls=tls or ssl.create_default_context(), attempt_s=attempt_s)

    async def send(self, **changed: Any) -> Outcome:
        """Send a good mail, but for what is said to be otherwise."""
        return await self.sender().send(order("email.send@1", **changed), self.connection())


def knows(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    """Whoever has the password."""
    return AuthResult(success=data.password == PASSWORD.encode(), handled=False)


@asynccontextmanager
async def listening(
    mailbox: Mailbox, make: Callable[[Mailbox], SMTP], tls: ssl.SSLContext | None = None
) -> AsyncIterator[Mailbox]:
    """The server while it runs."""
    server = await asyncio.get_running_loop().create_server(lambda: make(mailbox), LOOPBACK, 0, ssl=tls)
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        server.close()
        await server.wait_closed()


def plain(mailbox: Mailbox) -> SMTP:
    return SMTP(mailbox, hostname="mail.test", timeout=5)


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    async with listening(Mailbox(), plain) as mailbox:
        yield mailbox


class TestHandingIn:
    async def test_mail_arrives_as_it_was_built(self, mailbox: Mailbox) -> None:
        """[IN14, IN22] Dots at the beginning of a line, umlauts and all."""
        observed = await mailbox.send()

        assert (observed.kind, observed.status) == (OutcomeKind.SENT, 250)
        assert observed.results == {"message_id": f"<{KEY}@example.com>"}
        [envelope] = mailbox.taken
        assert envelope.mail_from == "calls@example.com"
        assert envelope.rcpt_tos == ["bo@example.com", "cy@example.com", "di@example.com"]
        content = envelope.content
        assert isinstance(content, bytes)
        text = message_from_bytes(content, policy=default).get_body(("plain",))
        assert text is not None
        assert text.get_content().replace("\r\n", "\n") == order("email.send@1").parameters["body"]

    @pytest.mark.parametrize(
        ("says", "kind"),
        [
            ("451 Later", OutcomeKind.DEFERRED),
            ("452 Full", OutcomeKind.DEFERRED),
            ("550 Never", OutcomeKind.REFUSED),
            ("554 Spam", OutcomeKind.REFUSED),
            ("535 Who are you", OutcomeKind.UNAUTHORISED),
        ],
    )
    async def test_code_after_the_message_decides(self, mailbox: Mailbox, says: str, kind: OutcomeKind) -> None:
        """[IN14] An answer is an answer: it was not taken."""
        mailbox.says = says
        observed = await mailbox.send()

        assert (observed.kind, observed.status) == (kind, int(says[:3]))
        assert says[4:] in observed.message

    async def test_server_lost_after_the_message_may_have_taken_it(self, mailbox: Mailbox) -> None:
        """[IN15] This one has."""
        mailbox.hangs_up_after_taking = True
        observed = await mailbox.send()

        assert observed.kind is OutcomeKind.AMBIGUOUS
        assert len(mailbox.taken) == 1

    @pytest.mark.parametrize(
        ("says", "kind"), [("550 Nobody", OutcomeKind.REFUSED), ("450 Greylisted", OutcomeKind.DEFERRED)]
    )
    async def test_one_refused_address_keeps_it_from_all(self, mailbox: Mailbox, says: str, kind: OutcomeKind) -> None:
        """[IN14] Told by its path; a repeat reaches nobody twice."""
        mailbox.refuses["cy@example.com"] = says
        observed = await mailbox.send()

        assert observed.kind is kind
        assert list(observed.field_messages) == ["cc.0"]
        assert mailbox.taken == []

    async def test_header_is_not_smuggled_in(self, mailbox: Mailbox) -> None:
        """[IN11] Nothing is dialed for it."""
        observed = await mailbox.send(subject="a\r\nBcc: eve@example.com")

        assert observed.kind is OutcomeKind.REFUSED
        assert observed.field_messages == {"subject": "expected one line"}
        assert mailbox.taken == []


class TestGettingThere:
    async def test_server_that_is_not_there_was_sent_nothing(self) -> None:
        """[IN12] And may be tried again."""
        mailbox = Mailbox()
        async with listening(mailbox, plain):
            pass
        assert (await mailbox.send()).kind is OutcomeKind.RETRY

    async def test_server_that_speaks_something_else_was_sent_nothing(self) -> None:
        """[IN12] It waits for us, and we for it."""
        async with Receiver([answering(200)]) as receiver:
            mailbox = Mailbox(port=receiver.port)
            observed = await mailbox.sender(attempt_s=0.2).send(order("email.send@1"), mailbox.connection())

        assert observed.kind is OutcomeKind.RETRY

    async def test_server_inside_is_refused(self) -> None:
        """[IN1, IN4] By the same rules as any receiver; port 25 of a public one is fine, another is not."""
        sender = Sender(EgressRules(), resolve=names(mail_test="10.0.0.1"), tls=ssl.create_default_context())
        other = Sender(EgressRules(), resolve=names(mail_test="8.8.8.8"), tls=ssl.create_default_context())

        inside = await sender.send(order("email.send@1"), connection("email"))
        port = await other.send(order("email.send@1"), connection("email", port="6379"))
        bare = await other.send(order("email.send@1"), connection("email", security="none"))
        assert {each.kind for each in (inside, port, bare)} == {OutcomeKind.REFUSED}
        assert inside.message == "blocked destination: mail.test does not lead to the public internet"
        assert "expected one of 25, 465, 587, 2525" in port.message
        assert "without TLS" in bare.message


class TestTls:
    @pytest.mark.parametrize("security", ["starttls", "tls"])
    async def test_name_is_in_the_certificate_though_the_address_is_dialed(
        self, security: str, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
    ) -> None:
        """[IN2] In both ways of starting it."""

        def make(mailbox: Mailbox) -> SMTP:
            return SMTP(mailbox, timeout=5, tls_context=server_tls if security == "starttls" else None)

        async with listening(Mailbox(), make, server_tls if security == "tls" else None) as mailbox:
            observed = await mailbox.sender(client_tls).send(
                order("email.send@1"), mailbox.connection(security=security)
            )

        assert observed.kind is OutcomeKind.SENT

    @pytest.mark.parametrize("security", ["starttls", "tls"])
    async def test_certificate_of_another_name_is_refused(
        self, security: str, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
    ) -> None:
        """[IN12] For good, before anything is said."""

        def make(mailbox: Mailbox) -> SMTP:
            return SMTP(mailbox, timeout=5, tls_context=server_tls if security == "starttls" else None)

        async with listening(Mailbox(), make, server_tls if security == "tls" else None) as mailbox:
            observed = await mailbox.sender(client_tls).send(
                order("email.send@1"), mailbox.connection(security=security, host=LOOPBACK)
            )

        assert observed.kind is OutcomeKind.REFUSED
        assert "certificate" in observed.message
        assert mailbox.taken == []

    async def test_starttls_is_not_gone_without(self, mailbox: Mailbox) -> None:
        """[IN15] Somebody on the way may have taken the offer out."""
        observed = await mailbox.sender().send(order("email.send@1"), mailbox.connection(security="starttls"))

        assert observed.kind is OutcomeKind.UNAUTHORISED
        assert "STARTTLS" in observed.message
        assert mailbox.taken == []


class TestLogin:
    async def test_whoever_has_the_password_is_let_in(self, guarded: Mailbox, client_tls: ssl.SSLContext) -> None:
        """[IN14] And mail is sent."""
        held = guarded.connection(username="calls", security="starttls")
        observed = await guarded.sender(client_tls).send(order("email.send@1"), held)

        assert observed.kind is OutcomeKind.SENT
        assert len(guarded.taken) == 1

    async def test_wrong_password_is_the_connections_fault(self, guarded: Mailbox, client_tls: ssl.SSLContext) -> None:
        """[IN8, IN14] And it is not told."""
        held = guarded.connection(username="calls", security="starttls")
        wrong = replace(held, secrets={"password": "wrong-secret"})
        observed = await guarded.sender(client_tls).send(order("email.send@1"), wrong)
        checked = await guarded.sender(client_tls).check("email", wrong)

        assert (observed.kind, checked.kind) == (OutcomeKind.UNAUTHORISED, OutcomeKind.UNAUTHORISED)
        assert "wrong-secret" not in repr((observed, checked))
        assert guarded.taken == []

    async def test_login_that_is_asked_for_is_the_connections_fault(
        self, guarded: Mailbox, client_tls: ssl.SSLContext
    ) -> None:
        """[IN14] It has no username."""
        held = guarded.connection(security="starttls")
        observed = await guarded.sender(client_tls).send(order("email.send@1"), held)

        assert (observed.kind, observed.status) == (OutcomeKind.UNAUTHORISED, 530)

    async def test_server_without_logins_is_the_connections_fault(self, mailbox: Mailbox) -> None:
        """[IN14] No password is sent to it."""
        observed = await mailbox.sender().check("email", mailbox.connection(username="calls"))

        assert observed.kind is OutcomeKind.UNAUTHORISED

    async def test_connection_is_tried_without_a_mail(self, guarded: Mailbox, client_tls: ssl.SSLContext) -> None:
        """[IN19] Greet, log in, and go."""
        held = guarded.connection(username="calls", security="starttls")
        observed = await guarded.sender(client_tls).check("email", held)

        assert observed.kind is OutcomeKind.SENT
        assert guarded.taken == []


@pytest.fixture
async def guarded(server_tls: ssl.SSLContext) -> AsyncIterator[Mailbox]:
    """It takes mail from those who log in, by TLS."""

    def make(mailbox: Mailbox) -> SMTP:
        return SMTP(mailbox, timeout=5, authenticator=knows, auth_required=True, tls_context=server_tls)

    async with listening(Mailbox(), make) as mailbox:
        yield mailbox


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    """For mail.test."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("mail.test").configure_cert(context)
    return context


@pytest.fixture
def client_tls(authority: trustme.CA) -> ssl.SSLContext:
    """Believes that authority."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context
