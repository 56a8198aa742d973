"""OpenTelemetry spans of what the server does: requests, commands, appends, publishing, statements. An extra
(`pip install gamekeeper[tracing]`): import this module only where tracing is on.

A command's trace id follows from its id (`trace_id_of_command`), so that every node and every log line agrees on it,
and a ratio of commands is sampled whole.
"""

import time

from opentelemetry.context import Context, attach, detach
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from gamekeeper.core.personal import NOTHING, Aside
from gamekeeper.core.record import Entry, decode_entries
from gamekeeper.log.passing import PassingLog
from gamekeeper.log.protocol import Done, EventLog, LogError
from gamekeeper.server.trace import trace_id_of_command

MICROSECOND_NS = 1_000
SERVER_ERROR = 500
EXPORT_TIMEOUT_S = 2.0


class _Ids(RandomIdGenerator):
    """Random ids, but for the trace that is known beforehand."""

    following = ""

    def generate_trace_id(self) -> int:
        known, self.following = self.following, ""
        return int(known, 16) if known else super().generate_trace_id()


class Spans:
    """Writes spans to a processor. `ratio`: the share of traces that is kept, decided by trace id."""

    def __init__(self, processor: SpanProcessor, ratio: float = 1.0) -> None:
        self._ids = _Ids()
        self._provider = TracerProvider(
            ParentBasedTraceIdRatio(ratio),
            Resource.create({"service.name": "gamekeeper"}),
            shutdown_on_exit=False,
            id_generator=self._ids,
        )
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("gamekeeper")

    def request(self, method: str, traceparent: str | None, trace_id: str) -> "RequestSpan":
        """A request has arrived; its span joins the caller's trace where `traceparent` names one, else it begins
        `trace_id`. Statements made until its end are children of it."""
        caller = TraceContextTextMapPropagator().extract({"traceparent": traceparent or ""}, Context())
        self._ids.following = trace_id
        span = self._tracer.start_span(method, caller, kind=SpanKind.SERVER)
        self._ids.following = ""
        return RequestSpan(span, method)

    def statement(self, text: str, elapsed_s: float) -> None:
        """A statement of the database has just ended."""
        ended = time.time_ns()
        words = text.split()
        span = self._tracer.start_span(
            words[0], attributes={"db.query.text": " ".join(words)}, start_time=ended - int(elapsed_s * 1e9)
        )
        span.end(ended)

    def batch(self, room: str, entries: list[Entry], handed: int, durable: int, error: LogError | None) -> None:
        """A batch of a room was appended at `durable` and shown by now, or refused. A trace for each command; times
        in nanoseconds."""
        shown = time.time_ns()
        for entry in entries:
            if not entry.n:
                continue
            self._ids.following = trace_id_of_command(room, entry.session, entry.n)
            attributes: dict[str, str | int] = {
                "gamekeeper.room": room,
                "gamekeeper.seq": entry.seq,
                "gamekeeper.events": len(entry.events),
            }
            began = min(entry.at * MICROSECOND_NS, handed)
            command = self._tracer.start_span(
                f"command {entry.command}", Context(), attributes=attributes, start_time=began
            )
            self._ids.following = ""
            inside = set_span_in_context(command, Context())
            append = self._tracer.start_span(
                "append", inside, attributes={"gamekeeper.entries": len(entries)}, start_time=handed
            )
            _settle(append, error)
            append.end(durable)
            if error is None:
                self._tracer.start_span("publish", inside, start_time=durable).end(shown)
            _settle(command, error)
            command.end(shown)

    def traced(self, log: EventLog) -> "TracedLog":
        return TracedLog(log, self)

    def close(self) -> None:
        """Send what is left. May block for as long as the collector's timeout."""
        self._provider.shutdown()


def _settle(span: Span, error: LogError | None) -> None:
    if error is not None:
        span.set_status(Status(StatusCode.ERROR, str(error)))


class RequestSpan:
    """The span of one request, current until it ends."""

    def __init__(self, span: Span, method: str) -> None:
        self._span = span
        self._method = method
        self._token = attach(set_span_in_context(span))

    def over(self, route: str, status: int) -> None:
        self._span.update_name(f"{self._method} {route}")
        self._span.set_attributes({"http.route": route, "http.response.status_code": status})
        if status >= SERVER_ERROR:
            self._span.set_status(Status(StatusCode.ERROR))
        detach(self._token)
        self._span.end()


def exporting(endpoint: str, ratio: float) -> Spans:
    """Spans that go to a collector by OTLP over HTTP, in batches, from a thread of their own. What the collector does
    not take in time is dropped."""
    exporter = OTLPSpanExporter(endpoint=endpoint, timeout=EXPORT_TIMEOUT_S)
    return Spans(BatchSpanProcessor(exporter, export_timeout_millis=EXPORT_TIMEOUT_S * 1000), ratio)


class TracedLog(PassingLog):
    """Traces what is appended."""

    def __init__(self, inner: EventLog, spans: Spans) -> None:
        super().__init__(inner)
        self._spans = spans

    def append(self, room: str, first: int, last: int, body: bytes, done: Done, aside: Aside = NOTHING) -> None:
        handed = time.time_ns()

        def traced(error: LogError | None) -> None:
            durable = time.time_ns()
            done(error)  # the room publishes in this call
            self._spans.batch(room, decode_entries(body), handed, durable, error)

        self._inner.append(room, first, last, body, traced, aside)
