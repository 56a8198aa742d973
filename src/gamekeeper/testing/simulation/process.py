"""A process of the simulated world: its own event loop and clock. It can be stopped for a while, or killed."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from gamekeeper.room.runtime import Cancel
from gamekeeper.testing.simulation.loop import VirtualLoop
from gamekeeper.testing.virtual import VirtualTime

T = TypeVar("T")
BURIALS = 5
"""Times tasks are cancelled: some begin others when they end."""


class Process:
    """`skew_s`: by how much its clock is wrong. Also the runtime of its rooms."""

    def __init__(self, name: str, time: VirtualTime, skew_s: float) -> None:
        self.name = name
        self.alive = True
        self.stopped = False
        self.fault: BaseException | None = None
        self._time = time
        self._skew_s = skew_s
        self.loop = VirtualLoop(self.now)
        self.loop.set_exception_handler(self._failed)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._pumping = False
        self._alarm: Cancel = lambda: None

    # -- its own view ------------------------------------------------------------------------------------------------

    def now(self) -> float:
        """Its own clock's."""
        return self._time.now() + self._skew_s

    def call_soon(self, callback: Callable[[], None]) -> None:
        self.loop.call_soon(callback)
        self._pump_soon()

    def call_at(self, when: float, callback: Callable[[], None]) -> Cancel:
        timer = self.loop.call_at(when, callback)
        self._pump_soon()
        return timer.cancel

    def spent(self) -> float:
        return self._time.spent()

    def work(self, job: Callable[[], T], done: Callable[[T], None]) -> None:
        self._time.work(job, lambda result: self.soon(lambda: done(result)))

    # -- the world's -------------------------------------------------------------------------------------------------

    def soon(self, callback: Callable[[], None]) -> None:
        """Something reaches it: lost on the dead, kept for the stopped."""
        if self.alive:
            self.call_soon(callback)

    def run(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Begin a task in it; what goes wrong there is the world's to raise."""
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        self._pump_soon()
        return task

    def stop(self) -> None:
        """SIGSTOP: its clock goes on and nothing else."""
        self.stopped = True

    def resume(self) -> None:
        """SIGCONT."""
        self.stopped = False
        self._pump_soon()

    def kill(self) -> None:
        """SIGKILL."""
        self.alive = False
        self._alarm()

    def bury(self) -> None:
        """The world is over: let go of what was under way."""
        self.kill()
        for _ in range(BURIALS):
            waiting = asyncio.all_tasks(self.loop)
            for task in waiting:
                task.cancel()
            self.loop.settle()
        self.loop.close()

    def _pump_soon(self) -> None:
        if not self._pumping:
            self._pumping = True
            self._time.call_soon(self._pump)

    def _pump(self) -> None:
        """Run what is ready; call again when its next timer is due."""
        self._pumping = False
        if not self.alive or self.stopped:
            return
        self._alarm()
        self.loop.settle()
        if self.fault is not None:
            raise self.fault
        due_at = self.loop.next_at()
        if due_at < float("inf"):
            self._alarm = self._time.call_at(due_at - self._skew_s, self._pump)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.fault = task.exception()

    def _failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """An exception nobody caught; of the dead nothing is heard."""
        error = context.get("exception")
        if self.alive and error is not None:
            self.fault = error
