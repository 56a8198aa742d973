"""The room's only clock and scheduler, so that a simulation can own both."""

import asyncio
import time
from collections.abc import Callable, Collection
from typing import Any, Protocol

Cancel = Callable[[], None]
CANCEL_AGAIN_S = 0.2


async def cancelled(tasks: Collection["asyncio.Task[Any]"]) -> None:
    """Cancel them and return once they are over. Once is not enough: `asyncio.wait_for` of Python 3.11, which
    libraries use too, may lose a cancellation."""
    while working := [task for task in tasks if not task.done()]:
        for task in working:
            task.cancel()
        await asyncio.wait(working, timeout=CANCEL_AGAIN_S)


class Runtime(Protocol):
    """Time and order. All callbacks of one runtime run one after another, never at once."""

    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    def call_soon(self, callback: Callable[[], None]) -> None: ...

    def call_at(self, when: float, callback: Callable[[], None]) -> Cancel:
        """Run `callback` once `now() >= when`; the result cancels it."""
        ...


class AsyncioRuntime:
    """The running event loop, with a wall clock that never steps back within the process."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._loop = loop or asyncio.get_running_loop()
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        return time.monotonic() + self._offset

    def call_soon(self, callback: Callable[[], None]) -> None:
        self._loop.call_soon(callback)

    def call_at(self, when: float, callback: Callable[[], None]) -> Cancel:
        return _Timer(self._loop, self.now, when, callback).cancel


class _Timer:
    """An event loop's timer may fire early (uvloop counts whole milliseconds, asyncio allows for the clock's
    resolution); whoever asked for a moment must not be called before it."""

    __slots__ = ("_callback", "_handle", "_loop", "_now", "_when")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        now: Callable[[], float],
        when: float,
        callback: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._now = now
        self._when = when
        self._callback = callback
        self._handle = loop.call_later(max(0.0, when - now()), self._fire)

    def _fire(self) -> None:
        left_s = self._when - self._now()
        if left_s > 0:
            self._handle = self._loop.call_later(left_s, self._fire)
        else:
            self._callback()

    def cancel(self) -> None:
        self._handle.cancel()
