"""A log that measures how long the log behind it takes to commit."""

from time import perf_counter

from gamekeeper.core.personal import NOTHING, Aside
from gamekeeper.log.passing import PassingLog
from gamekeeper.log.protocol import Done, EventLog, LogError
from gamekeeper.server.metrics import Metrics


class TimedLog(PassingLog):
    """Observes each commit and counts what was refused."""

    def __init__(self, inner: EventLog, metrics: Metrics) -> None:
        super().__init__(inner)
        self._metrics = metrics

    def append(self, room: str, first: int, last: int, body: bytes, done: Done, aside: Aside = NOTHING) -> None:
        began = perf_counter()

        def timed(error: LogError | None) -> None:
            if error is None:
                self._metrics.commits.observe(perf_counter() - began)
            else:
                self._metrics.refused_commits.inc()
            done(error)

        self._inner.append(room, first, last, body, timed, aside)
