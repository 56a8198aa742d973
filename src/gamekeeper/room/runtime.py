"""The room's only clock and scheduler, so that a simulation can own both."""

import asyncio
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any, Protocol, TypeVar

Cancel = Callable[[], None]
T = TypeVar("T")
CANCEL_AGAIN_S = 0.2
GIL_S = sys.getswitchinterval()
GIL_WORKING_S = 0.0001
"""How long the interpreter lets one thread run while another waits, as long as there is work beside the loop. A loop
gives the interpreter away with each write to a socket: at the usual 5 ms a busy thread slows it down to a fraction."""


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

    def spent(self) -> float:
        """Processor seconds of the thread that asks."""
        ...

    def work(self, job: Callable[[], T], done: Callable[[T], None]) -> None:
        """Run a job, which must not raise, beside the callbacks, then `done` with its result as one of them. One job at
        a time, in the order they were given."""
        ...


class AsyncioRuntime:
    """The running event loop, with a wall clock that never steps back within the process."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._loop = loop or asyncio.get_running_loop()
        self._offset = time.time() - time.monotonic()
        self._jobs: deque[Callable[[], None]] = deque()
        self._working = False

    def now(self) -> float:
        return time.monotonic() + self._offset

    def call_soon(self, callback: Callable[[], None]) -> None:
        self._loop.call_soon(callback)

    def call_at(self, when: float, callback: Callable[[], None]) -> Cancel:
        return _Timer(self._loop, self.now, when, callback).cancel

    def spent(self) -> float:
        return time.thread_time()

    def work(self, job: Callable[[], T], done: Callable[[T], None]) -> None:
        """A thread for each job: next to what needs one, its start costs nothing, and none is ever left over."""
        self._jobs.append(lambda: self._run(job, done))
        self._work()

    def _work(self) -> None:
        if self._jobs and not self._working:
            self._working = True
            threading.Thread(target=self._jobs.popleft(), name="gamekeeper-work", daemon=True).start()

    def _run(self, job: Callable[[], T], done: Callable[[T], None]) -> None:
        """In the thread."""
        sys.setswitchinterval(GIL_WORKING_S)
        try:
            result = job()
        finally:
            sys.setswitchinterval(GIL_S)
        with suppress(RuntimeError):  # the loop is closed: nobody is left to be told
            self._loop.call_soon_threadsafe(self._worked, result, done)

    def _worked(self, result: T, done: Callable[[T], None]) -> None:
        self._working = False
        self._work()
        done(result)


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
