"""Mail handed in at a server, one step at a time.

The steps are ours because what a lost connection means depends on the step:
before the message is handed over nothing was sent, afterwards nobody knows.

Rules: protocol/SPEC.md, IN14 and IN15.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiosmtplib

from server.actions.egress import Egress, Lost, not_sent
from server.actions.integrations.base import BadConnection, MailMessage, MailSecurity, MailServer

MAIL_PORTS = frozenset({25, 465, 587, 2525})
QUIT_S = 1.0
DONE = 250


class MailRefused(Exception):
    """The server answered no, and has not taken the message; `path` names the parameter that it was about."""

    def __init__(self, code: int, text: str, path: str | None = None) -> None:
        super().__init__(f"the mail server answered {code}: {text}")
        self.code = code
        self.path = path


async def hand_in(egress: Egress, mail: MailMessage, *, until: float) -> str:
    """Hand it in for all of its addresses, or for none; gives what the server said.

    Raises:
        NotSent, Blocked, BadConnection: surely not handed in.
        MailRefused: nor this one.
        Lost: the message was on its way when the connection broke.
    """
    is_on_its_way, answer = False, None
    try:
        async with asyncio.timeout_at(until), _greeted(egress, mail.server, until) as server:
            await server.mail(mail.sender)
            # One refused address ends it: a repeat after a part was sent would reach the others twice.
            for path, address in mail.recipients:
                try:
                    await server.rcpt(address)
                except aiosmtplib.SMTPRecipientRefused as error:
                    raise MailRefused(error.code, error.message, path) from error
            is_on_its_way = True
            answer = await server.data(mail.message)
            return answer.message
    except aiosmtplib.SMTPResponseException as error:
        if answer is not None:
            return answer.message  # taken: whatever went wrong while saying goodbye
        if is_on_its_way and not 400 <= error.code < 600:
            raise Lost(f"{mail.server.host}: the answer to the message is not SMTP") from error
        raise MailRefused(error.code, error.message) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        if answer is not None:
            return answer.message
        if is_on_its_way:
            raise Lost(f"{mail.server.host}: no answer after the message was sent") from error
        raise not_sent(mail.server.host, error) from error


async def check_server(egress: Egress, server: MailServer, *, until: float) -> None:
    """Greet, log in, and go.

    Raises:
        NotSent, Blocked, BadConnection, MailRefused: what stands in the way.
    """
    try:
        async with asyncio.timeout_at(until), _greeted(egress, server, until) as greeted:
            await greeted.noop()
    except aiosmtplib.SMTPResponseException as error:
        raise MailRefused(error.code, error.message) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise not_sent(server.host, error) from error


@asynccontextmanager
async def _greeted(egress: Egress, server: MailServer, until: float) -> AsyncIterator[aiosmtplib.SMTP]:
    """A server that was greeted, with TLS unless that was given up, and logged in to."""
    dialed = await egress.dial(
        server.host, server.port, usual_ports=MAIL_PORTS, is_plain=server.security is MailSecurity.NONE
    )
    client = aiosmtplib.SMTP(
        hostname=server.host,
        sock=dialed,
        # An address is an allowed greeting (RFC 5321, 4.1.3); asking the system for its name may take long.
        local_hostname=_greeting(str(dialed.getsockname()[0])),
        timeout=max(0.1, until - asyncio.get_running_loop().time()),
        use_tls=server.security is MailSecurity.TLS,
        start_tls=False,
        tls_context=egress.tls,
    )
    try:
        await client.connect()
        await client.ehlo()
        if server.security is MailSecurity.STARTTLS:
            if not client.supports_extension("starttls"):
                raise BadConnection(f"{server.host} does not offer STARTTLS: choose another security or port")
            await _start_tls(client, server)
            await client.ehlo()
        if server.username:
            if not client.supported_auth_methods:
                raise BadConnection(f"{server.host} offers no way to log in: leave the username empty, or use TLS")
            await client.login(server.username, server.password)
        yield client
        await _quit(client)
    finally:
        # The socket is the transport's since it was handed over: closed under it, its number could be another's.
        transport = client.transport
        client.close()
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()  # TLS would wait for the other side's goodbye


async def _start_tls(client: aiosmtplib.SMTP, server: MailServer) -> None:
    try:
        await client.starttls()
    except ssl.SSLError as error:
        raise not_sent(server.host, error) from error


async def _quit(client: aiosmtplib.SMTP) -> None:
    try:
        async with asyncio.timeout(QUIT_S):
            await client.quit()
    except (aiosmtplib.SMTPException, OSError):
        pass  # all was done before: saying goodbye cannot undo it


def _greeting(address: str) -> str:
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
