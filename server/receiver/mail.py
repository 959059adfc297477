"""A mail server that keeps what it is given and delivers nothing: enough SMTP (RFC 5321) for any sender, without TLS.

Rules: protocol/SPEC.md, RX7.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

from server.receiver.behaviour import Conduct, MailFault
from server.receiver.deliveries import Arrivals, Mail, shortened

LINE_BYTES = 65_536
"""Longer lines end the conversation; RFC 5321 allows 1,000."""

MOST_BYTES = 10_485_760
MOST_RECIPIENTS = 100
IDLE_S = 60.0

REFUSED = "550 5.1.1 no such recipient"
FOR_NOW = "451 4.3.0 try again later"


class MailSink:
    """Talks to senders."""

    def __init__(self, arrivals: Arrivals, conduct: Conduct) -> None:
        self._arrivals = arrivals
        self._conduct = conduct
        self._talking: set[asyncio.Task[None]] = set()

    def on_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Somebody connected; for `asyncio.start_server`."""
        task = asyncio.create_task(self._talk(reader, writer))
        self._talking.add(task)
        task.add_done_callback(self._talking.discard)

    async def close(self) -> None:
        """Hang up on everybody."""
        for task in self._talking:
            task.cancel()
        await asyncio.gather(*self._talking, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await Conversation(reader, writer, self._keep, self._conduct).hold()
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the sender is gone, says nothing, or speaks something else than SMTP
        finally:
            writer.close()

    def _keep(self, sender: str, recipients: tuple[str, ...], content: bytes, answer: str) -> None:
        subject, message_id, text = _read(content)
        tally = self._arrivals.mails
        is_repeat = tally.note(message_id)
        is_accepted = answer not in (FOR_NOW, REFUSED)
        self._arrivals.add(
            Mail(
                number=0,
                revision=0,
                at_ms=int(time.time() * 1_000),
                sender=sender,
                recipients=recipients,
                subject=subject,
                id=message_id,
                body=shortened(text),
                size_bytes=len(content),
                is_repeat=is_repeat,
                # Mail servers keep no ids: whatever was accepted arrives, twice if it was sent twice.
                has_effect=is_accepted and tally.effect(message_id, is_idempotent=False),
                answer=answer,
            )
        )


Keep = Callable[[str, tuple[str, ...], bytes, str], None]


class Conversation:
    """One connection."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, keep: Keep, conduct: Conduct
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._keep = keep
        self._conduct = conduct
        self._sender: str | None = None
        self._recipients: list[str] = []

    async def hold(self) -> None:
        """Talk until one side hangs up."""
        await self._say("220 receiver ESMTP")
        while True:
            line = (await self._read_line()).decode(errors="replace").strip()
            verb, _, rest = line.partition(" ")
            match verb.upper():
                case "EHLO" | "HELO":
                    self._reset()
                    several = ("250-receiver", "250-8BITMIME", "250-SMTPUTF8", f"250 SIZE {MOST_BYTES}")
                    await self._say(*several if verb.upper() == "EHLO" else ("250 receiver",))
                case "MAIL":
                    await self._say(self._mail(rest))
                case "RCPT":
                    await self._say(self._rcpt(rest))
                case "DATA":
                    if not await self._data():
                        return
                case "RSET":
                    self._reset()
                    await self._say("250 ok")
                case "NOOP":
                    await self._say("250 ok")
                case "QUIT":
                    await self._say("221 bye")
                    return
                case _:
                    await self._say("502 5.5.1 not understood")

    def _mail(self, rest: str) -> str:
        sender = _address(rest, "FROM")
        if sender is None:
            return "501 5.5.4 expected MAIL FROM:<address>"
        self._reset()
        self._sender = sender
        return "250 ok"

    def _rcpt(self, rest: str) -> str:
        recipient = _address(rest, "TO")
        if self._sender is None:
            return "503 5.5.1 MAIL comes first"
        if not recipient:
            return "501 5.5.4 expected RCPT TO:<address>"
        if len(self._recipients) == MOST_RECIPIENTS:
            return "452 4.5.3 too many recipients"
        if self._conduct.meets([MailFault.REFUSE_RECIPIENT]):
            self._keep(self._sender, (recipient,), b"", REFUSED)
            return REFUSED
        self._recipients.append(recipient)
        return "250 ok"

    async def _data(self) -> bool:
        if self._sender is None or not self._recipients:
            await self._say("503 5.5.1 MAIL and RCPT come first")
            return True
        await self._say("354 end with a dot")
        content = await self._read_content()
        if content is None:
            await self._say("552 5.3.4 too large")
            self._reset()
            return True
        fault = self._conduct.meets([MailFault.REFUSE_FOR_NOW, MailFault.DROP_AFTER_DATA])
        answers = {MailFault.REFUSE_FOR_NOW: FOR_NOW, MailFault.DROP_AFTER_DATA: "dropped after it was taken"}
        answer = answers[fault] if fault else "250 ok"
        self._keep(self._sender, tuple(self._recipients), content, answer)
        self._reset()
        if fault is MailFault.DROP_AFTER_DATA:
            self._writer.transport.abort()
            return False
        await self._say(answer)
        return True

    async def _read_content(self) -> bytes | None:
        """Up to the lonely dot, dots at the beginning of lines unstuffed; None if it is too large."""
        lines: list[bytes] = []
        size_bytes = 0
        while (line := await self._read_line()) not in (b".\r\n", b".\n"):
            size_bytes += len(line)
            if size_bytes <= MOST_BYTES:
                lines.append(line.removeprefix(b"."))
        return b"".join(lines) if size_bytes <= MOST_BYTES else None

    async def _read_line(self) -> bytes:
        async with asyncio.timeout(IDLE_S):
            return await self._reader.readuntil(b"\n")

    async def _say(self, *lines: str) -> None:
        self._writer.write("".join(f"{line}\r\n" for line in lines).encode())
        await self._writer.drain()

    def _reset(self) -> None:
        self._sender = None
        self._recipients = []


def _address(rest: str, word: str) -> str | None:
    found = re.match(rf"{word}:\s*<([^<>\s]*)>", rest, re.IGNORECASE)
    return found[1] if found else None


def _read(content: bytes) -> tuple[str, str | None, str]:
    """Subject, Message-ID and text of an e-mail, whoever wrote it and however badly."""
    subject, message_id = "", None
    try:
        message = message_from_bytes(content, policy=SMTP)
        assert isinstance(message, EmailMessage)
        subject = str(message["Subject"] or "")
        message_id = str(message["Message-ID"] or "").strip() or None
        part = message.get_body(("plain", "html"))
        return subject, message_id, str((part or message).get_content()).replace("\r\n", "\n")
    except Exception:  # the standard library's parser fails in many ways on what is hardly an e-mail
        return subject, message_id, content.decode(errors="replace")
