"""Spans: one trace for a command, one for a request, and nothing of it while it is off."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gamekeeper.log.memory import MemoryLog
from gamekeeper.log.protocol import LogError
from gamekeeper.server.app import http_application
from gamekeeper.server.server import Server
from gamekeeper.server.storage import StartError
from gamekeeper.server.trace import trace_id_of_command
from gamekeeper.server.tracing import Spans
from tests.server.kit import APPS, Site, settings_in

pytestmark = pytest.mark.anyio
BODY = b'[[1,5,"actor",1,"session",1,"add",[["added",1,{}]]],[2,6,"actor",1,"session",2,"add",[["added",1,{}]]]]'


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def spans(exporter: InMemorySpanExporter) -> Spans:
    return Spans(SimpleSpanProcessor(exporter))


def named(exporter: InMemorySpanExporter, name: str) -> list[ReadableSpan]:
    return [span for span in exporter.get_finished_spans() if span.name == name]


async def append(spans: Spans, log: MemoryLog, first: int) -> LogError | None:
    answered: asyncio.Future[LogError | None] = asyncio.get_running_loop().create_future()
    spans.traced(log).append("room", first, first + 1, BODY, answered.set_result)
    error = await answered
    await asyncio.sleep(0)
    return error


async def test_each_command_of_a_batch_is_a_trace_of_its_own(spans: Spans, exporter: InMemorySpanExporter) -> None:
    """R0-63."""
    assert await append(spans, MemoryLog(), 1) is None
    for number, command in enumerate(named(exporter, "command add"), 1):
        trace = trace_id_of_command("room", "session", number)
        assert format(command.context.trace_id, "032x") == trace and command.parent is None
        assert command.attributes and command.attributes["gamekeeper.room"] == "room"
        children = [span for span in exporter.get_finished_spans() if span.parent == command.context]
        assert [span.name for span in children] == ["append", "publish"]
        assert children[0].end_time == children[1].start_time, "shown only once it is durable"
        assert children[0].attributes and children[0].attributes["gamekeeper.entries"] == 2
    assert len(named(exporter, "command add")) == 2


async def test_a_refused_append_is_an_error_and_publishes_nothing(spans: Spans, exporter: InMemorySpanExporter) -> None:
    assert await append(spans, MemoryLog(), 8) is not None
    assert not named(exporter, "publish")
    assert not named(exporter, "append")[0].status.is_ok


async def test_a_request_and_its_statements(tmp_path: Path, spans: Spans, exporter: InMemorySpanExporter) -> None:
    """R0-63: the caller's trace goes on, with the statements below the request."""
    server = await Server.open(settings_in(tmp_path), APPS)
    server.spans = spans
    server.metrics.statement = spans.statement  # type: ignore[method-assign]
    site = Site(server, http_application(server))
    caller = "00-" + "ab" * 16 + "-" + "cd" * 8 + "-01"
    try:
        async with site.client() as client:
            await client.post("/auth/guest", json={"name": "Ann"}, headers={"traceparent": caller})
            await client.get("/nothing.png")
    finally:
        await server.close()
    (request,) = named(exporter, "POST /auth/guest")
    assert format(request.context.trace_id, "032x") == "ab" * 16
    assert request.attributes and request.attributes["http.response.status_code"] == 200
    assert [span for span in named(exporter, "INSERT") if span.parent == request.context]


async def test_a_collector_that_is_away_stops_nothing(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, trace_endpoint="http://127.0.0.1:9/v1/traces")
    server = await Server.open(settings, APPS)
    assert await server.unreadiness() is None
    await server.close()


async def test_without_the_extra_the_start_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gamekeeper.server.tracing", None)
    with pytest.raises(StartError, match=r"^tracing: "):
        await Server.open(settings_in(tmp_path, trace_endpoint="http://127.0.0.1:9/v1/traces"), APPS)


def test_nothing_is_imported_while_it_is_off() -> None:
    check = (
        "import gamekeeper.server.app, sys; sys.exit(any(name.startswith('opentelemetry.sdk') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", check]).returncode == 0
