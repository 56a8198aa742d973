"""How late the event loop comes to what is due, and how much of that is its own doing."""

import asyncio
import time
from collections.abc import Callable

TICK_S = 0.01
STALL_S = 0.05


class LoopWatch:
    """A timer that is due every `TICK_S` seconds. At each turn `told` gets the seconds by which it came late, which
    other processes on the machine have a part in, and the processor seconds that the loop's thread has used since the
    turn before. No callback in between used more."""

    def __init__(self, told: Callable[[float, float], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._told = told
        self._due_s = self._spent_s = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self._due_s, self._spent_s = self._loop.time() + TICK_S, time.thread_time()
        self._timer = self._loop.call_at(self._due_s, self._turn)

    def stop(self) -> None:
        """Safe to call twice."""
        if self._timer is not None:
            self._timer.cancel()

    def _turn(self) -> None:
        late_s, spent_s = self._loop.time() - self._due_s, time.thread_time() - self._spent_s
        self._told(max(0.0, late_s), spent_s)
        self.start()
