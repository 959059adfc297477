"""Traces from a command to what it had sent: OpenTelemetry, if it is installed and asked for.

It is by the standard variables (`OTEL_EXPORTER_OTLP_ENDPOINT` switches it on) and
the extra `sidecoach[otel]`. While it is off, `tracer` is None and nothing else is
done.

A Session's entry is a span: its id and that of its trace are made of the Session's
and the entry's. So every process knows them without being told: one that hands
the entry on to its connections, and one that sends, perhaps days later, what the
entry fired. Nothing about traces is stored.

Rules: protocol/SPEC.md, OP8 to OP10.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter, time_ns
from typing import TYPE_CHECKING

from protocol.base import EntryId, SessionId

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span

log = logging.getLogger(__name__)

LAST_SPANS_S = 2.0
SWITCHES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
Attributes = Mapping[str, str | int | float | bool]


class Tracer:
    """Makes the spans of one process."""

    def __init__(self, process: str, exporter: SpanExporter | None = None) -> None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
        from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

        class GivenIds(RandomIdGenerator):
            """Random ones, unless the next ones were given."""

            next: tuple[int, int] | None = None

            def generate_trace_id(self) -> int:
                return self.next[0] if self.next else super().generate_trace_id()

            def generate_span_id(self) -> int:
                return self.next[1] if self.next else super().generate_span_id()

        named = (
            {} if "service.name" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "") else {"service.name": "sidecoach"}
        )
        if name := os.environ.get("OTEL_SERVICE_NAME"):
            named = {"service.name": name}
        self._ids = GivenIds()
        self._provider = TracerProvider(
            resource=Resource.create({**named, "service.instance.id": process}),
            id_generator=self._ids,
            shutdown_on_exit=False,
        )
        if exporter is None:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

            self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        else:
            self._provider.add_span_processor(SimpleSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("sidecoach")

    def close(self) -> None:
        """Send what waits to be sent, if it is taken soon: a collector that is away must not hold up a stop."""
        sending = threading.Thread(target=self._provider.shutdown, daemon=True)
        sending.start()
        sending.join(LAST_SPANS_S)

    def tell_command(
        self, name: str, session_id: SessionId, entry_id: EntryId, began_s: float, handed_s: float, committed_s: float
    ) -> None:
        """A command that became an entry; times are those of `perf_counter`. It ends now."""
        from opentelemetry.context import Context
        from opentelemetry.trace import set_span_in_context

        attributes = {"sidecoach.session_id": session_id, "sidecoach.command": name}
        self._ids.next = ids_of(session_id, entry_id)
        try:
            root = self._tracer.start_span("command", Context(), attributes=attributes, start_time=_at_ns(began_s))
        finally:
            self._ids.next = None
        commit = self._tracer.start_span("commit", set_span_in_context(root), start_time=_at_ns(handed_s))
        commit.end(_at_ns(committed_s))
        root.end()

    def tell_fan_out(self, session_id: SessionId, entry_id: EntryId, began_s: float, members: int) -> None:
        """An entry that was handed to those who follow in this process. It ends now."""
        span = self._tracer.start_span(
            "fan-out",
            self._after_entry(session_id, entry_id),
            attributes={"sidecoach.members": members},
            start_time=_at_ns(began_s),
        )
        span.end()

    @contextmanager
    def attempt(self, session_id: SessionId, entry_id: EntryId | None, attributes: Attributes) -> Iterator[Span]:
        """An attempt to send what an entry fired. What an error says stays out of it: it may quote content."""
        from opentelemetry.trace import SpanKind

        parent = None if entry_id is None else self._after_entry(session_id, entry_id)
        with self._tracer.start_as_current_span(
            "attempt", parent, SpanKind.CLIENT, dict(attributes), record_exception=False, set_status_on_exception=False
        ) as span:
            yield span

    @contextmanager
    def request(self, method: str, headers: Mapping[str, str]) -> Iterator[Span]:
        """An HTTP request that is answered; it may belong to a trace of somebody else."""
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        parent = TraceContextTextMapPropagator().extract(headers)
        with self._tracer.start_as_current_span(
            method, parent, SpanKind.SERVER, record_exception=False, set_status_on_exception=False
        ) as span:
            span.set_attribute("http.request.method", method)
            yield span

    def traceparent(self) -> dict[str, str]:
        """The header that hands the current span on."""
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        carrier: dict[str, str] = {}
        TraceContextTextMapPropagator().inject(carrier)
        return {name: value for name, value in carrier.items() if name == "traceparent"}

    def _after_entry(self, session_id: SessionId, entry_id: EntryId) -> Context:
        """Where spans go on that belong to an entry, in whatever process it was made a span, or left out."""
        from opentelemetry.context import Context
        from opentelemetry.sdk.trace.sampling import Decision
        from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

        trace_id, span_id = ids_of(session_id, entry_id)
        # Whether it was left out follows from the trace's id, for every sampler that is no coin.
        decision = self._provider.sampler.should_sample(None, trace_id, "command").decision
        is_sampled = decision is Decision.RECORD_AND_SAMPLE
        flags = TraceFlags(TraceFlags.SAMPLED if is_sampled else TraceFlags.DEFAULT)
        return set_span_in_context(NonRecordingSpan(SpanContext(trace_id, span_id, True, flags)), Context())


tracer: Tracer | None = None
"""This process's; None while nobody asked for traces."""


def start(process: str, exporter: SpanExporter | None = None) -> None:
    """Trace from now on, if the environment says so or an exporter is given."""
    global tracer
    is_wanted = any(os.environ.get(name) for name in SWITCHES)
    is_off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if exporter is None and (not is_wanted or is_off or os.environ.get("OTEL_TRACES_EXPORTER") == "none"):
        return
    try:
        tracer = Tracer(process, exporter)
    except ImportError as error:
        log.warning("traces.off reason=%s is not installed: pip install 'sidecoach[otel]'", error.name)


def stop() -> None:
    """Send what waits, and trace no more."""
    global tracer
    if tracer is not None:
        tracer.close()
        tracer = None


def headers_of_trace() -> dict[str, str]:
    """What a request that goes out says of the trace that it belongs to."""
    return {} if tracer is None else tracer.traceparent()


def ids_of(session_id: SessionId, entry_id: EntryId) -> tuple[int, int]:
    """Trace and span of an entry."""
    digest = hashlib.sha256(f"{session_id}|{entry_id}".encode()).digest()
    return int.from_bytes(digest[:16]), int.from_bytes(digest[16:24])


def _at_ns(then_s: float) -> int:
    return time_ns() - int((perf_counter() - then_s) * 1e9)


def mark_answer(span: Span, method: str, route: str, status: int) -> None:
    """What became of a request."""
    span.update_name(f"{method} {route}")
    span.set_attributes({"http.route": route, "http.response.status_code": status})
