"""Sockets to listen on, and the words when there is none to be had.

Rules: protocol/SPEC.md, HS23 and RX10.
"""

from __future__ import annotations

import errno
import socket
import time
from contextlib import suppress

from server.settings import CannotRun

BACKLOG = 2048
"""Connections that wait while every process behind the socket is busy or being restarted."""

NEXT_PORTS = 20
"""How many ports after the given one count as next to it."""


def listen_on(host: str, port: int, flag: str, wait_s: float = 0) -> socket.socket:
    """Listen; port 0 is any free one. A port in use is waited for.

    Raises:
        CannotRun: the address is not ours or not free; says with which flag to choose another port.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    give_up_s = time.monotonic() + wait_s
    while True:
        try:
            made = socket.create_server((host, port), family=family, backlog=BACKLOG)
            # Opened again by its number a socket knows that it is TCP; asyncio then sends small answers at once,
            # where it otherwise leaves them waiting up to 40 ms for the other side's acknowledgement.
            return socket.socket(fileno=made.detach())
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise CannotRun(f"cannot listen on {host}:{port}: {error.strerror}") from None
        if time.monotonic() > give_up_s:
            raise CannotRun(f"port {port} is in use on {host}: stop what uses it, or give another {flag}")
        time.sleep(0.05)


def listen_after(host: str, port: int) -> socket.socket:
    """Listen on the first free port after this one, else on any free one."""
    for candidate in range(port + 1, min(port + NEXT_PORTS, 65_535) + 1):
        with suppress(CannotRun):
            return listen_on(host, candidate, "")
    return listen_on(host, 0, "")


def address_of(listening: socket.socket) -> str:
    """The address that a browser on this machine is given."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
