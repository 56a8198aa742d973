"""Time that only moves when told to: the fake clock of rehearsals and simulations."""

import heapq
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from gamekeeper.room.runtime import Cancel

T = TypeVar("T")
START = datetime(2026, 1, 1, tzinfo=UTC).timestamp()


class VirtualTime:
    """A runtime (see `gamekeeper.room.runtime`) without a clock. Things due at one moment run in the order they were
    asked for, or in an order drawn from `rng`, so that a seed decides every race."""

    def __init__(self, rng: random.Random | None = None, start: float = START) -> None:
        self.processor_s = 0.0
        """What `spent` tells: rules under test that pretend to be slow add to it."""
        self.work_s = 0.0
        """How long work beside the callbacks takes."""
        self._now = start
        self._rng = rng
        self._count = 0
        self._due: list[tuple[float, float, int, Callable[[], None]]] = []
        self._waiting: set[int] = set()
        """Numbers of what is to be called yet; what is cancelled is no longer among them."""

    def now(self) -> float:
        return self._now

    def call_soon(self, callback: Callable[[], None]) -> None:
        self.call_at(self._now, callback)

    def call_at(self, when: float, callback: Callable[[], None]) -> Cancel:
        self._count += 1
        number = self._count
        tie = self._rng.random() if self._rng is not None else 0.0
        self._waiting.add(number)
        heapq.heappush(self._due, (max(when, self._now), tie, number, callback))
        return lambda: self._waiting.discard(number)

    def spent(self) -> float:
        return self.processor_s

    def work(self, job: Callable[[], T], done: Callable[[T], None]) -> None:
        self.call_at(self._now + self.work_s, lambda: done(job()))

    def step(self, until: float = float("inf")) -> bool:
        """Run the one next callback due up to `until`; False: there is none."""
        while self._due and self._due[0][0] <= until:
            when, _, number, callback = heapq.heappop(self._due)
            if number not in self._waiting:
                continue
            self._waiting.discard(number)
            self._now = when
            callback()
            return True
        return False

    def settle(self) -> None:
        """Run everything that is due now, and what that makes due now."""
        while self.step(self._now):
            pass

    def advance(self, seconds: float) -> None:
        """Let that much time pass, running what falls due on the way."""
        end = self._now + seconds
        while self.step(end):
            pass
        self._now = end

    def next_at(self) -> float | None:
        """When something is next due; None: nothing ever."""
        while self._due and self._due[0][2] not in self._waiting:
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None
