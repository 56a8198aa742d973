"""An event loop without a clock or a network: asyncio's own, one for each simulated process, moved by its world."""

import asyncio
import heapq
from asyncio import events
from collections.abc import Callable
from typing import Any


class _Nothing:
    """There are no files to wait for, and the world does the waiting."""

    def select(self, timeout: float | None) -> list[Any]:
        return []


RESOLUTION_S = 2e-6
"""Coarser than what a number of seconds since 1970 can tell apart."""


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs what is ready when told to. `clock`: this process's idea of the time."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        self._selector = _Nothing()
        self._clock_resolution = RESOLUTION_S

    def time(self) -> float:
        return self._clock()

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody waits in another thread."""

    def settle(self) -> None:
        """Run everything that is ready, and what that makes ready."""
        inner: Any = self
        while inner._ready or self.next_at() < self.time() + RESOLUTION_S:
            events._set_running_loop(self)
            try:
                inner._run_once()
            finally:
                events._set_running_loop(None)

    def next_at(self) -> float:
        """When its next timer is due, by its own clock."""
        inner: Any = self
        while inner._scheduled and inner._scheduled[0]._cancelled:
            inner._scheduled[0]._scheduled = False
            inner._timer_cancelled_count -= 1
            heapq.heappop(inner._scheduled)
        return float(inner._scheduled[0]._when) if inner._scheduled else float("inf")
