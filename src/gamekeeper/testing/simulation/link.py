"""A network connection with delays, cuts, repeats and slow readers. In order while it lasts, like TCP."""

import random
from collections import deque
from collections.abc import Callable
from typing import Protocol

from gamekeeper.room.runtime import Runtime

USUAL_DELAY_S = 0.02
SLOW_DELAY_S = 0.8


class End(Protocol):
    """Who is told what arrives at an end of a link."""

    def arrived(self, payload: bytes, whole: bool = True) -> None:
        """`whole`: all of one write, not only the frames of it that came before a cut."""
        ...

    def cut(self) -> None: ...


def line(payload: bytes) -> bytes:
    """A frame on a simulated wire: one line."""
    return payload + b"\n"


class Link:
    """Two directions, each first in, first out. After a cut both ends learn of it, each in its own time."""

    def __init__(self, runtime: Runtime, rng: random.Random, slow: bool) -> None:
        self._runtime = runtime
        self._rng = rng
        self._delay_s = SLOW_DELAY_S if slow else USUAL_DELAY_S
        self._arrivals = {"up": 0.0, "down": 0.0}
        self.up_end: End | None = None
        self.down_end: End | None = None
        self.broken = False
        self.buffered = 0
        self._in_flight: deque[bytes] = deque()
        self.drained: Callable[[], None] | None = None

    def up(self, payload: bytes) -> None:
        """From the client to the server."""
        if not self.broken:
            self._schedule("up", lambda: self._arrived_up(payload))

    def _arrived_up(self, payload: bytes) -> None:
        if self.up_end is not None:
            self.up_end.arrived(payload)

    def down(self, payload: bytes) -> None:
        """From the server to the client."""
        if self.broken:
            return
        self.buffered += len(payload)
        self._in_flight.append(payload)

        def arrive() -> None:
            self.buffered -= len(payload)
            self._in_flight.popleft()
            if self.down_end is not None:
                self.down_end.arrived(payload)
            if self.drained is not None and not self.buffered:
                self.drained()

        self._schedule("down", arrive)

    def _schedule(self, way: str, arrive: Callable[[], object]) -> None:
        when = max(self._arrivals[way], self._runtime.now() + self._rng.uniform(0, self._delay_s))
        self._arrivals[way] = when + 1e-6

        def unless_broken() -> None:
            if not self.broken:
                arrive()

        self._runtime.call_at(self._arrivals[way], unless_broken)

    def close(self) -> None:
        """One end closes: what was written still arrives, then both ends know."""
        last = max(self._arrivals.values(), default=0.0)
        self._runtime.call_at(max(last, self._runtime.now()) + 2e-6, self.cut)

    def cut(self) -> None:
        """Everything in flight is lost, but for some frames of the write that was about to arrive."""
        if self.broken:
            return
        self.broken = True
        frames = self._in_flight[0].splitlines(keepends=True) if self._in_flight else []
        if len(frames) > 1 and self.down_end is not None:
            arrived = frames[: self._rng.randrange(len(frames))]
            self.down_end.arrived(b"".join(arrived), whole=False)
        for end in (self.up_end, self.down_end):
            if end is not None:
                self._runtime.call_at(self._runtime.now() + self._rng.uniform(0, USUAL_DELAY_S), end.cut)
