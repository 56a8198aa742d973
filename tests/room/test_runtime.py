"""The clock of a real process: never early, never backwards."""

import asyncio
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import uvloop

from gamekeeper.room.runtime import GIL_S, GIL_WORKING_S, AsyncioRuntime, cancelled

pytestmark = pytest.mark.anyio


class EarlyLoop:
    """An event loop whose timers fire before their time, as uvloop's may."""

    def __init__(self) -> None:
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.cancelled = 0

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Any:
        self.timers.append((delay_s, callback))
        return self

    def cancel(self) -> None:
        self.cancelled += 1


def test_a_timer_that_fires_early_waits_for_the_rest() -> None:
    """A deadline that rang early would be taken for one that is no longer due, and never ring again."""
    loop, now, rung = EarlyLoop(), [100.0], list[float]()
    runtime = AsyncioRuntime(loop)
    runtime.now = lambda: now[0]
    runtime.call_at(100.5, lambda: rung.append(now[0]))
    assert loop.timers[-1][0] == 0.5
    now[0] = 100.499
    loop.timers[-1][1]()
    assert rung == []
    assert loop.timers[-1][0] == pytest.approx(0.001)
    now[0] = 100.5
    loop.timers[-1][1]()
    assert rung == [100.5]


def test_cancelling_cancels_the_timer_that_runs_now() -> None:
    loop, now = EarlyLoop(), [100.0]
    runtime = AsyncioRuntime(loop)
    runtime.now = lambda: now[0]
    cancel = runtime.call_at(100.5, lambda: None)
    loop.timers[-1][1]()
    cancel()
    assert loop.cancelled == 1
    assert len(loop.timers) == 2


@pytest.mark.parametrize("factory", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_nothing_is_called_before_its_moment(factory: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def run() -> list[float]:
        runtime, early = AsyncioRuntime(), list[float]()
        done = asyncio.get_running_loop().create_future()
        waiting = 300

        def called(when: float) -> None:
            nonlocal waiting
            early.append(when - runtime.now())
            waiting -= 1
            if not waiting:
                done.set_result(None)

        for number in range(300):
            when = runtime.now() + number * 0.0003
            runtime.call_at(when, lambda when=when: called(when))
        await done
        return early

    with asyncio.Runner(loop_factory=factory) as runner:
        assert max(runner.run(run())) <= 0


async def test_now_is_the_wall_clock_and_steps_only_forward() -> None:
    runtime = AsyncioRuntime()
    assert abs(runtime.now() - time.time()) < 60
    readings = [runtime.now() for _ in range(1_000)]
    assert readings == sorted(readings)


async def test_what_is_called_soon_is_called_in_order() -> None:
    runtime, called = AsyncioRuntime(), list[int]()
    for number in range(5):
        runtime.call_soon(lambda number=number: called.append(number))
    assert called == []
    await asyncio.sleep(0)
    assert called == [0, 1, 2, 3, 4]


async def test_what_is_cancelled_is_not_called() -> None:
    runtime, called = AsyncioRuntime(), list[str]()
    runtime.call_at(runtime.now(), lambda: called.append("cancelled"))()
    runtime.call_at(runtime.now() - 5, lambda: called.append("overdue"))
    await asyncio.sleep(0.01)
    assert called == ["overdue"]


async def test_a_cancellation_that_was_lost_is_repeated() -> None:
    begun = asyncio.Event()

    async def deaf() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.Event().wait()

    task = asyncio.create_task(deaf())
    await begun.wait()
    await cancelled([task])
    assert task.cancelled()


async def test_work_is_done_beside_the_loop_one_at_a_time_and_leaves_no_thread() -> None:
    runtime, over = AsyncioRuntime(), asyncio.Event()
    at_once, most, results = 0, 0, list[tuple[int, str, float]]()

    def job(number: int) -> tuple[int, str, float]:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        runtime.spent()
        at_once -= 1
        return number, threading.current_thread().name, sys.getswitchinterval()

    def done(result: tuple[int, str, float]) -> None:
        results.append(result)
        assert threading.current_thread() is threading.main_thread()
        if len(results) == 20:
            over.set()

    for number in range(20):
        runtime.work(lambda number=number: job(number), done)
    await asyncio.wait_for(over.wait(), 60)
    assert [number for number, _, _ in results] == list(range(20))
    assert {name for _, name, _ in results} == {"gamekeeper-work"}
    assert [interval_s for _, _, interval_s in results] == pytest.approx([GIL_WORKING_S] * 20)
    assert most == 1
    for thread in threading.enumerate():
        if thread.name == "gamekeeper-work":
            thread.join(60)
    assert "gamekeeper-work" not in {thread.name for thread in threading.enumerate()}
    assert sys.getswitchinterval() == GIL_S


def test_work_that_outlives_its_loop_is_of_no_use_and_harms_nobody() -> None:
    may_end, told = threading.Event(), list[bool]()
    loop = asyncio.new_event_loop()
    runtime = AsyncioRuntime(loop)
    runtime.work(lambda: may_end.wait(60), told.append)
    working = [thread for thread in threading.enumerate() if thread.name == "gamekeeper-work"]
    loop.close()
    may_end.set()
    for thread in working:
        thread.join(60)
        assert not thread.is_alive()
    assert (len(working), told) == (1, [])
