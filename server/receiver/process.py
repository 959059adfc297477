"""The receiver as a process: beside an installation that shows a demo, or by itself as `sidecoach receiver`.

Rules: protocol/SPEC.md, RX8, RX10 and RX11.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import socket
import sys
import threading
from base64 import b64encode
from collections.abc import Callable, Sequence
from io import BufferedReader
from types import FrameType
from typing import Any

import msgspec
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from server.line import READY, Orders
from server.listening import address_of, listen_on
from server.log import log_to_stderr
from server.receiver.app import build_receiver
from server.receiver.behaviour import Conduct
from server.receiver.deliveries import Arrivals
from server.receiver.mail import LINE_BYTES, MailSink
from server.receiver.secret import demo_signing_secret
from server.receiver.verification import SECRET_PREFIX, read_secret
from server.settings import CannotRun, is_loopback

log = logging.getLogger(__name__)


class DroppableConnection(H11Protocol):
    """A connection that the application can close without an answer: `scope["state"]["abort"]`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own does
        """Begin to serve it."""
        super().connection_made(transport)
        self.app_state: dict[str, Any] = {**self.app_state, "abort": transport.abort}


class ReceiverServer(uvicorn.Server):
    """uvicorn, which says when it is ready and leaves without waiting for slow answers."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None], stopping: asyncio.Event) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._stopping = stopping
        self._loop = asyncio.get_running_loop()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self._on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Asked to stop."""
        self.should_exit = True
        self._loop.call_soon_threadsafe(self._stopping.set)


async def serve_receiver(
    listening: socket.socket, mail_listening: socket.socket, keys: Sequence[bytes], on_ready: Callable[[], None]
) -> None:
    """Serve deliveries and e-mails until told to stop."""
    arrivals, conduct, stopping = Arrivals(), Conduct(), asyncio.Event()
    sink = MailSink(arrivals, conduct)
    app = build_receiver(arrivals, conduct, keys, mail_listening.getsockname()[1], stopping)
    server = ReceiverServer(_config(app), on_ready, stopping)
    mail = await asyncio.start_server(sink.on_connection, sock=mail_listening, limit=LINE_BYTES)
    try:
        await server.serve(sockets=[listening])
    finally:
        mail.close()
        await sink.close()


def _config(app: object) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]  # uvicorn's own words for an ASGI application differ from Starlette's
        http=DroppableConnection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )


def run() -> int:
    """The launcher's receiver. Standard input is the process's end of the line."""
    line = socket.socket(fileno=os.dup(sys.stdin.fileno()))
    words = line.makefile("rb")
    told = words.readline()
    if not told:
        return 0  # the launcher was gone before it had orders
    orders = msgspec.json.decode(told, type=Orders)
    assert orders.mail_fd is not None, "the launcher gives its receiver two sockets"
    log_to_stderr(orders.settings.process, orders.settings.log_format)
    threading.Thread(target=_leave_with_launcher, args=(words,), daemon=True).start()
    sockets = (socket.socket(fileno=orders.listening_fd), socket.socket(fileno=orders.mail_fd))
    keys = [read_secret(demo_signing_secret(orders.settings))]
    asyncio.run(serve_receiver(*sockets, keys, lambda: line.sendall(READY)))
    return 0


def run_alone(host: str, port: int, mail_port: int, given_secrets: Sequence[str]) -> int:
    """`sidecoach receiver`: until Ctrl+C.

    Raises:
        CannotRun: not here, not with this secret.
    """
    if not is_loopback(host):
        raise CannotRun(f"the receiver lets anybody in, so it listens on loopback only, not on {host}")
    for flag, number in (("--port", port), ("--mail-port", mail_port)):
        if not 0 <= number <= 65_535:
            raise CannotRun(f"{flag} is {number}: expected 0 to 65535")
    # A secret that is drawn may be shown: it is good for this receiver alone, and for as long as it runs.
    texts = given_secrets or [SECRET_PREFIX + b64encode(secrets.token_bytes(24)).decode()]
    try:
        keys = [read_secret(text) for text in texts]
    except ValueError:
        raise CannotRun("--secret is not one: expected whsec_ and base64") from None
    log_to_stderr("receiver", "text")
    with listen_on(host, port, "--port") as listening, listen_on(host, mail_port, "--mail-port") as mail_listening:
        lines = [
            f"Receiver is ready: {address_of(listening)}",
            f"  deliveries      POST {address_of(listening)}hooks/NAME",
            f"  e-mail          {host}, port {mail_listening.getsockname()[1]}, no TLS, no sign-in",
            *([] if given_secrets else [f"  signing secret  {texts[0]}"]),
            "Ctrl+C stops it.",
        ]
        serving = serve_receiver(listening, mail_listening, keys, lambda: print("\n".join(lines), flush=True))
        asyncio.run(serving)
    return 0


def _leave_with_launcher(words: BufferedReader) -> None:
    # It keeps nothing that would be worth a farewell, and a new launcher wants its port.
    words.read()
    log.warning("launcher.gone")
    os.kill(os.getpid(), signal.SIGKILL)
