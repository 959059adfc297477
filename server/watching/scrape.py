"""One scrape shows every process of an installation: `GET /metrics` at `--metrics-port`.

Each server process answers with its figures on a socket in the runtime directory,
from a thread, so that one whose event loop is stuck is seen as well. The launcher,
or `sidecoach worker` for itself, listens for Prometheus and asks them all.

Rules: protocol/SPEC.md, OP1, OP2 and OP5.
"""

from __future__ import annotations

import logging
import platform
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from importlib.metadata import version
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, Metric, generate_latest, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from server.settings import CannotRun, Settings
from server.watching.figures import FIGURES

log = logging.getLogger(__name__)

ANSWER_S = 2.0
"""A process that does not answer within this is shown as down; Prometheus itself waits ten seconds."""


def socket_path(settings: Settings, process: str) -> Path:
    """Where a server process answers."""
    return settings.runtime_path / f"figures-{process}.sock"


def answer_launcher(settings: Settings) -> None:
    """Answer with this process's figures whoever connects, for as long as it lives."""
    path = socket_path(settings, settings.process)
    path.unlink(missing_ok=True)  # of the process of this name before
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen()

    def answer() -> None:
        while True:
            asking, _ = listening.accept()
            try:
                with asking, suppress(OSError):  # whoever asked is gone again
                    asking.settimeout(ANSWER_S)
                    asking.sendall(own_figures())
            except Exception:
                log.exception("figures.failed")  # and the next one is answered

    threading.Thread(target=answer, name="figures", daemon=True).start()


def own_figures() -> bytes:
    """In Prometheus' text format."""
    return generate_latest(FIGURES)


def figures_of(path: Path) -> bytes:
    """Those of the process that answers there. Raises `OSError`."""
    parts = []
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(ANSWER_S)
        asking.connect(str(path))
        while part := asking.recv(65_536):
            parts.append(part)
    return b"".join(parts)


class Processes(Collector):
    """The figures of several processes, each with the label `process`, and which of them answer."""

    def __init__(self, ask: Mapping[str, Callable[[], bytes]]) -> None:
        self._ask = ask
        self._restarts: dict[str, int] = {}

    def restarted(self, process: str) -> None:
        """Count one that died."""
        self._restarts[process] = self._restarts.get(process, 0) + 1

    def collect(self) -> Iterator[Metric]:
        """See `Collector`."""
        families: dict[str, Metric] = {}
        up = GaugeMetricFamily("sidecoach_process_up", "1 if the process answered this scrape.", labels=["process"])
        # All at once: of several that hang, the scrape waits for one.
        with ThreadPoolExecutor(max(1, len(self._ask))) as asking:
            told = dict(zip(self._ask, asking.map(_ask_one, self._ask.items()), strict=True))
        for process, text in told.items():
            up.add_metric([process], 0 if text is None else 1)
            if text is None:
                continue
            for family in text_string_to_metric_families(text):
                kept = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
                kept.samples += [
                    sample._replace(labels={"process": process, **sample.labels}) for sample in family.samples
                ]
        yield up
        build = GaugeMetricFamily("sidecoach_build_info", "Which release this is.", labels=["version", "python"])
        build.add_metric([version("sidecoach"), platform.python_version()], 1)
        yield build
        restarts = CounterMetricFamily(
            "sidecoach_process_restarts_total", "Processes that died and were started again.", labels=["process"]
        )
        for process, count in sorted(self._restarts.items()):
            restarts.add_metric([process], count)
        yield restarts
        yield from families.values()

    def describe(self) -> Iterable[Metric]:
        """See `Collector`: nothing, so that registering asks nobody."""
        return ()


def _ask_one(one: tuple[str, Callable[[], bytes]]) -> str | None:
    process, ask = one
    try:
        return ask().decode()
    except OSError as error:
        log.warning("figures.unanswered name=%s reason=%s", process, error)
        return None


def processes_of(settings: Settings) -> Processes:
    """The server processes of an installation."""
    names = [f"w{number + 1}" for number in range(settings.workers)]
    return Processes({name: partial(figures_of, socket_path(settings, name)) for name in names})


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 as it is named there
        """Say nothing of each scrape."""


@contextmanager
def listen_for_prometheus(settings: Settings, processes: Processes) -> Iterator[int]:
    """Answer scrapes while this is open; gives the port.

    Raises:
        CannotRun: the address is not ours or not free.
    """
    assert settings.metrics_port is not None
    registry = CollectorRegistry()
    registry.register(processes)
    app = make_wsgi_app(registry)
    host, port = settings.metrics_host, settings.metrics_port
    try:
        server = make_server(host, port, app, _Server, _Silent)
    except OSError as error:
        raise CannotRun(f"cannot listen on {host}:{port} for --metrics-port: {error.strerror}") from None
    threading.Thread(target=server.serve_forever, name="prometheus", daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
