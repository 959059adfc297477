"""Traces: from a command to what it had sent, in whatever process that happens."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from protocol.commands import End
from server.actions.egress import Egress, EgressRules
from server.actions.integrations.base import HttpRequest
from server.watching import tracing
from tests.server.test_dispatcher import SECRET, TYPED, URL, House, house
from tests.support.server import House as ServerHouse
from tests.support.server import house as server_house

__all__ = ["house", "server_house"]

ON = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """Traces are on, and kept here."""
    exporter = InMemorySpanExporter()
    tracing.start("w1", exporter)
    yield exporter
    tracing.stop()


def named(exporter: InMemorySpanExporter, name: str) -> list[Any]:
    """The spans of this name, in the order in which they ended."""
    return [span for span in exporter.get_finished_spans() if span.name == name]


async def test_an_attempt_belongs_to_the_trace_of_the_command_that_fired_it(
    house: House, spans: InMemorySpanExporter
) -> None:
    """[OP9] Another process sends it, and was told nothing; commit and attempt are parts of the command."""
    await house.connect()
    session_id = await house.call()

    await house.timers[1].look()

    (ended,) = [span for span in named(spans, "command") if span.attributes["sidecoach.command"] == "end"]
    (attempt,) = named(spans, "attempt")
    assert attempt.context.trace_id == ended.context.trace_id
    assert attempt.parent.span_id == ended.context.span_id
    assert attempt.attributes["sidecoach.action_id"] == "a1"
    assert attempt.attributes["sidecoach.outcome"] == "sent"
    assert ended.attributes["sidecoach.session_id"] == session_id
    commits = [span for span in named(spans, "commit") if span.parent.span_id == ended.context.span_id]
    assert len(commits) == 1
    assert ended.start_time <= commits[0].start_time <= commits[0].end_time <= ended.end_time


async def test_no_span_holds_what_was_typed_or_a_credential(house: House, spans: InMemorySpanExporter) -> None:
    """[OP8] Nor the address that it is sent to."""
    await house.connect()
    await house.call()
    await house.timers[0].look()

    told = "".join(span.to_json() for span in spans.get_finished_spans())
    assert "attempt" in told
    assert not [planted for planted in (TYPED, SECRET, URL) if planted in told]


async def test_handing_an_entry_on_is_a_part_of_the_command(
    server_house: ServerHouse, spans: InMemorySpanExporter
) -> None:
    """[OP9] The fan-out of each process that has somebody who follows; a request is named by its route."""
    page = await server_house.page("agent")
    session_id = await page.start(server_house.version_id)
    await page.command(session_id, End(reason_key="hung_up"))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server_house.ports[0]}", trust_env=False) as browser:
        await browser.get("/api/sessions/owners")

    (ended,) = [span for span in named(spans, "command") if span.attributes["sidecoach.command"] == "end"]
    (fan_out,) = named(spans, "fan-out")
    assert fan_out.context.trace_id == ended.context.trace_id
    (request,) = named(spans, "GET /api/sessions/owners")
    assert request.attributes["http.response.status_code"] == 401


async def test_a_request_that_goes_out_names_its_trace(spans: InMemorySpanExporter) -> None:
    """[OP10] By `traceparent`, which is not a part of what is signed; without traces there is none."""
    seen: list[httpx.Headers] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        return httpx.Response(200, stream=httpx.ByteStream(b""))

    class Open(Egress):
        def _transport(self, url: httpx.URL) -> Any:
            return httpx.MockTransport(answer)

    egress = Open(EgressRules())
    until = asyncio.get_running_loop().time() + 5
    assert tracing.tracer is not None
    with tracing.tracer.attempt("1" * 32, "ab" * 8, {}) as span:
        await egress.send(HttpRequest("POST", "https://example.org/"), until=until)
    tracing.stop()
    await egress.send(HttpRequest("POST", "https://example.org/"), until=until)

    assert (
        seen[0]["traceparent"]
        == f"00-{span.get_span_context().trace_id:032x}-{span.get_span_context().span_id:016x}-01"
    )
    assert "traceparent" not in seen[1]


@pytest.mark.parametrize(
    ("variables", "is_on"),
    [
        ({}, False),
        (ON, True),
        ({**ON, "OTEL_SDK_DISABLED": "true"}, False),
        ({**ON, "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_the_standard_variables_switch_it(
    variables: dict[str, str], is_on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[OP9] Nothing of ours to set."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    tracing.start("w1")

    assert (tracing.tracer is not None) == is_on
    tracing.stop()


async def test_what_a_sampler_leaves_out_is_left_out_in_every_process(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[OP9] An attempt whose command is not sampled is not, either."""
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0.5")
    exporter = InMemorySpanExporter()
    tracing.start("w1", exporter)
    await house.connect()
    for _ in range(8):
        await house.call()
    await house.timers[1].look()
    tracing.stop()

    commands = {span.context.trace_id for span in named(exporter, "command")}
    attempts = {span.context.trace_id for span in named(exporter, "attempt")}
    assert attempts <= commands
    assert len(house.outside.orders) == 8


def test_what_is_not_installed_is_told_and_costs_nothing_else(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """[OP9] A start without the extra is a start without traces."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)

    tracing.start("w1")

    assert tracing.tracer is None
    assert "pip install 'sidecoach[otel]'" in caplog.text


def test_what_an_error_quotes_is_in_no_span(spans: InMemorySpanExporter) -> None:
    """[OP8] Of a request and of an attempt that broke: neither words nor stack."""
    assert tracing.tracer is not None
    for begin in (lambda t: t.request("GET", {}), lambda t: t.attempt("0" * 32, None, {})):
        with pytest.raises(ValueError, match=TYPED), begin(tracing.tracer):
            raise ValueError(f"expected 16 digits, got {TYPED!r}")

    ended = spans.get_finished_spans()
    assert len(ended) == 2
    assert TYPED not in "".join(span.to_json() for span in ended)
