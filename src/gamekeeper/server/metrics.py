"""What the server tells Prometheus. One registry per server, so that two in one process stay apart."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from gamekeeper.core.record import Entry
from gamekeeper.room.registry import Registry
from gamekeeper.room.room import Room
from gamekeeper.server.loopwatch import STALL_S

log = logging.getLogger("gamekeeper.metrics")

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REQUEST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
LOOP_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, STALL_S, 0.1, 0.25, 1.0)
COMMIT_BUCKETS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)

MAX_STATEMENTS = 200
STATEMENT_CHARACTERS = 120

Sizes = Mapping[str, Callable[[], float]]
Asked = Callable[[], tuple[int, int]]


class Metrics:
    """Counters and histograms the server writes to, and gauges read when asked."""

    def __init__(self, slow_statement_s: float = 0.25, log_statements: bool = False) -> None:
        self._slow_statement_s = slow_statement_s
        self._log_statements = log_statements
        self.registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._requests = Histogram(
            "gamekeeper_http_request_seconds",
            "Requests by method, route and status",
            ("method", "route", "status"),
            buckets=REQUEST_BUCKETS,
            registry=self.registry,
        )
        self._answered: dict[tuple[str, str, int], Histogram] = {}
        """The requests' histograms, looked up once."""
        self._statements = Histogram(
            "gamekeeper_database_statement_seconds",
            "Statements of the database by text",
            ("statement",),
            buckets=COMMIT_BUCKETS,
            registry=self.registry,
        )
        self.database_waits = self._histogram(
            "database_wait", "What units of work waited for a connection to the database", COMMIT_BUCKETS
        )
        self._seen_statements: dict[str, str] = {}
        self.commits = self._histogram(
            "commit", "From handing a batch of a room to the log until it is durable", COMMIT_BUCKETS
        )
        self.refused_commits = Counter(
            "gamekeeper_refused_commits", "Batches the log refused; each stops a room", registry=self.registry
        )
        self._loop_waits = self._histogram(
            "loop_wait", "By how much the event loop came late to a timer, a hundred times a second", LOOP_BUCKETS
        )
        self._loop_turns = self._histogram(
            "loop_processor", "Processor time of the loop between two such timers: no callback took more", LOOP_BUCKETS
        )
        self.frozen_objects = Gauge(
            "gamekeeper_frozen_objects",
            "Objects made by the start, which the garbage collector leaves alone",
            registry=self.registry,
        )
        self._commands = Counter("gamekeeper_commands", "Commands that took effect", ("app",), registry=self.registry)
        self._events = Counter("gamekeeper_events", "Events written down", ("app",), registry=self.registry)
        self._counters: dict[str, tuple[Counter, Counter]] = {}
        """The two counters of each application, looked up once."""

    def _histogram(self, name: str, documentation: str, buckets: Sequence[float]) -> Histogram:
        return Histogram(f"gamekeeper_{name}_seconds", documentation, buckets=buckets, registry=self.registry)

    def request(self, method: str, route: str, status: int, elapsed_s: float) -> None:
        """Count one answered request. `route` is the route's pattern, so that there are few of them."""
        known = method if method in METHODS else "other"
        counted = self._answered.get((known, route, status))
        if counted is None:
            counted = self._answered[known, route, status] = self._requests.labels(known, route, str(status))
        counted.observe(elapsed_s)

    def turned(self, late_s: float, spent_s: float) -> None:
        """What the loop's watch tells."""
        self._loop_waits.observe(late_s)
        self._loop_turns.observe(spent_s)

    def statement(self, text: str, elapsed_s: float) -> None:
        """Count one statement of the database; its text has places instead of values. A slow one is logged."""
        name = self._seen_statements.get(text) or self._seen(text)
        self._statements.labels(name).observe(elapsed_s)
        if elapsed_s >= self._slow_statement_s:
            log.warning("slow statement", extra={"statement": name, "elapsed_ms": round(elapsed_s * 1000, 3)})
        elif self._log_statements:
            log.info("statement", extra={"statement": name, "elapsed_ms": round(elapsed_s * 1000, 3)})

    def _seen(self, text: str) -> str:
        """What a statement is called; once there are too many, those that were not seen before share a name."""
        if len(self._seen_statements) >= MAX_STATEMENTS:
            return "other"
        name = self._seen_statements[text] = " ".join(text.split())[:STATEMENT_CHARACTERS]
        return name

    def committed(self, room: Room, entries: list[Entry]) -> None:
        """An observer of the registry."""
        app = room.fold.opened.app if room.fold.opened else ""
        counters = self._counters.get(app)
        if counters is None:
            counters = self._counters[app] = (self._commands.labels(app), self._events.labels(app))
        counters[0].inc(len(entries))
        counters[1].inc(sum([len(entry.events) for entry in entries]))

    def follow(self, registry: Registry, sizes: Sizes, caches: Sizes) -> None:
        """Read rooms, other `sizes` and the entries of `caches` whenever somebody asks."""
        self.registry.register(_Rooms(registry))
        self.registry.register(_Sizes(sizes, caches))

    def ratio(self, cache: str, asked: Asked) -> None:
        """Tell how often a cache knew the answer; `asked` says how often it did and did not."""
        self.registry.register(_Ratio(cache, asked))

    def text(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self.registry)


class _Rooms(Collector):
    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def collect(self) -> Iterable[Metric]:
        rooms = list(self._registry.rooms.values())
        viewers = [len(room.stage.audience.viewers) for room in rooms]
        held = [room.fold.bytes for room in rooms]
        yield GaugeMetricFamily("gamekeeper_rooms_awake", "Rooms in memory", len(rooms))
        yield GaugeMetricFamily("gamekeeper_viewers", "Live connections that were let into a room", sum(viewers))
        yield GaugeMetricFamily("gamekeeper_viewers_of_fullest_room", "The most in one room", max(viewers, default=0))
        yield GaugeMetricFamily("gamekeeper_rooms_unsettled", "Rooms with something waiting to be decided, written or "
            "answered", sum(not room.settled for room in rooms))  # fmt: skip
        yield GaugeMetricFamily("gamekeeper_mailbox_commands", "Commands waiting in all rooms",
            sum(room.waiting for room in rooms))  # fmt: skip
        yield GaugeMetricFamily("gamekeeper_room_bytes", "Bytes of events of the rooms awake", sum(held))
        yield GaugeMetricFamily("gamekeeper_room_bytes_of_largest", "The most in one room", max(held, default=0))
        yield GaugeMetricFamily("gamekeeper_slow_views", "Views of roles that are computed beside the event loop",
            sum(len(room.stage.aside.views) for room in rooms))  # fmt: skip
        yield CounterMetricFamily("gamekeeper_view_faults", "Computations of these that failed; the view before stays",
            self._registry.view_faults)  # fmt: skip


class _Sizes(Collector):
    def __init__(self, sizes: Sizes, caches: Sizes) -> None:
        self._sizes = sizes
        self._caches = caches

    def collect(self) -> Iterable[Metric]:
        for name, size in self._sizes.items():
            yield GaugeMetricFamily(f"gamekeeper_{name}", name.replace("_", " "), size())
        entries = GaugeMetricFamily("gamekeeper_cache_entries", "Entries held by each cache", labels=["cache"])
        for name, size in self._caches.items():
            entries.add_metric([name], size())
        yield entries


class _Ratio(Collector):
    def __init__(self, cache: str, asked: Asked) -> None:
        self._cache = cache
        self._asked = asked

    def collect(self) -> Iterable[Metric]:
        hits, misses = self._asked()
        asked = CounterMetricFamily(
            "gamekeeper_cache_asked", "Questions to a cache by whether it knew", labels=["cache", "result"]
        )
        asked.add_metric([self._cache, "hit"], hits)
        asked.add_metric([self._cache, "miss"], misses)
        yield asked
        ratio = GaugeMetricFamily("gamekeeper_cache_hit_ratio", "Share of questions it knew", labels=["cache"])
        ratio.add_metric([self._cache], hits / (hits + misses) if hits + misses else 0.0)
        yield ratio
