"""`sidecoach serve`: everything that an installation is made of, started, watched and stopped.

First the data directory's lock and the port, then the server processes, which
load while the rest is made ready (`preparation.py`) and serve when it is. The
store is stopped last. A demo has its receiver beside it. Whatever dies is
started again (`worker_keeper.py`); whatever is killed, a new start works.

Rules: protocol/SPEC.md, HS22 to HS27, RX10 and PE15.
"""

from __future__ import annotations

import asyncio
import logging
import shlex
import signal
import socket
from contextlib import AsyncExitStack, ExitStack

from msgspec.structs import replace

from protocol.base import Record
from server.data_lock import hold_directory, make_private
from server.line import ORPHAN_S
from server.listening import address_of, listen_after, listen_on
from server.log import log_to_stderr
from server.settings import Settings
from server.worker_keeper import Restarted, WorkerKeeper, tell_nobody

log = logging.getLogger(__name__)

RECEIVER_HOST = "127.0.0.1"


def serve(settings: Settings) -> int:
    """Run the installation until it is told to stop.

    Raises:
        CannotRun, Unavailable: with these settings, on this machine, now.
    """
    log_to_stderr("launcher", settings.log_format)
    with (
        hold_directory(settings.data_path) as was_killed,
        listen(settings, was_killed) as listening,
        ExitStack() as stack,
    ):
        port = listening.getsockname()[1]
        receiver = None
        if settings.demo:
            receiver = listen_for_receiver(settings, port, was_killed)
            stack.enter_context(receiver.http)
            stack.enter_context(receiver.mail)
            mail_port = receiver.mail.getsockname()[1]
            settings = replace(settings, receiver_url=address_of(receiver.http), receiver_mail_port=mail_port)
        restarted: Restarted = tell_nobody
        if settings.metrics_port is not None:
            from server.watching.scrape import listen_for_prometheus, processes_of  # 0.1 s of a start without

            make_private(settings.runtime_path)
            processes = processes_of(settings)
            restarted = processes.restarted
            metrics_port = stack.enter_context(listen_for_prometheus(settings, processes))
            settings = replace(settings, metrics_port=metrics_port)
        asyncio.run(_run_until_told(replace(settings, port=port), listening, receiver, restarted))
    return 0


def listen(settings: Settings, was_killed: bool) -> socket.socket:
    """The one listening socket, which all server processes share.

    If the launcher before was killed, its orphans may still hold the port: they are waited for.

    Raises:
        CannotRun: the address is not ours or not free.
    """
    return listen_on(settings.host, settings.port, "--port", ORPHAN_S + 1 if was_killed else 0)


class ReceiverSockets(Record, frozen=True, kw_only=True):
    """Where the demo's receiver listens, over all its lives."""

    http: socket.socket
    mail: socket.socket


def listen_for_receiver(settings: Settings, main_port: int, was_killed: bool) -> ReceiverSockets:
    """The given port, else the next free one after the main port; e-mail on the next after that.

    Raises:
        CannotRun: the given port is not free.
    """
    wanted = settings.receiver_port if settings.receiver_port is not None or settings.port else 0
    if wanted is None:
        http = listen_after(RECEIVER_HOST, main_port)
    else:
        http = listen_on(RECEIVER_HOST, wanted, "--receiver-port", ORPHAN_S + 1 if was_killed else 0)
    return ReceiverSockets(http=http, mail=listen_after(RECEIVER_HOST, http.getsockname()[1]))


async def _run_until_told(
    settings: Settings, listening: socket.socket, receiver: ReceiverSockets | None, restarted: Restarted
) -> None:
    prepared: asyncio.Future[Settings] = asyncio.get_running_loop().create_future()
    keepers = [WorkerKeeper(f"w{number + 1}", prepared, listening, restarted) for number in range(settings.workers)]
    if receiver is not None:
        kept = WorkerKeeper(
            "receiver", prepared, receiver.http, restarted, command="receiver-process", mail=receiver.mail
        )
        keepers.append(kept)
    running = asyncio.create_task(_run(settings, keepers, prepared, restarted))

    def told_to_stop() -> None:
        if not running.cancelling():
            running.cancel()
            return
        for keeper in keepers:
            keeper.kill()

    for told in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(told, told_to_stop)
    try:
        await running
    except asyncio.CancelledError:
        log.info("stopped")


async def _run(
    settings: Settings, keepers: list[WorkerKeeper], prepared: asyncio.Future[Settings], restarted: Restarted
) -> None:
    async with AsyncExitStack() as stack:
        parts = [*(keeper.keep() for keeper in keepers), _hold_store(settings, stack, prepared, restarted)]
        tasks = [asyncio.create_task(part) for part in [*parts, _announce(settings, keepers)]]
        try:
            # Not gather: when it is cancelled it cancels at once, and then again whoever is not done stopping.
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in ended:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _hold_store(
    settings: Settings, stack: AsyncExitStack, prepared: asyncio.Future[Settings], restarted: Restarted
) -> None:
    await asyncio.sleep(0)  # the server processes are on their way before this one is busy loading
    from server.preparation import prepare

    settings, valkey = await prepare(settings, stack)
    this = asyncio.current_task()
    if this is not None and this.cancelling():
        raise asyncio.CancelledError  # told to stop meanwhile; a library on the way took it for its own time-out
    prepared.set_result(settings)
    while valkey is not None:
        await valkey.died()
        log.error("valkey.died restart_after_s=0")
        restarted("valkey")
        await valkey.start()


async def _announce(settings: Settings, keepers: list[WorkerKeeper]) -> None:
    for keeper in keepers:
        await keeper.ready.wait()
    if settings.log_format == "json":
        log.info(
            "ready address=%s receiver=%s metrics_port=%s",
            settings.address, settings.receiver_url, settings.metrics_port,
        )  # fmt: skip
        return
    lines = [f"Sidecoach is ready: {settings.address}"]
    if settings.metrics_port is not None:
        lines.append(f"Figures for Prometheus: http://{settings.metrics_host}:{settings.metrics_port}/metrics")
    if settings.demo:
        from server.http.demo import demo_links

        lines.extend(f"  {link.name:<16}{link.url}" for link in demo_links("http", settings.port))
        lines.append(f"Demo receiver: {settings.receiver_url} shows what Actions send")
    else:
        from server.preparation import has_people

        if not await has_people(settings):
            lines.append("Nobody is in it yet. The first administrator gets a one-time link by")
            lines.append(f"  {first_admin_command(settings)}")
    print("\n".join([*lines, "Ctrl+C stops it."]), flush=True)


def first_admin_command(settings: Settings) -> str:
    """The command that makes the first administrator of this very installation."""
    where = [f"--data-dir {shlex.quote(settings.data_dir)}"]
    where += [] if settings.public_url else [f"--port {settings.port}"]
    return " ".join(["sidecoach people add EMAIL --name NAME --role admin", *where])
