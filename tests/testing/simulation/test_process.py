"""Processes of the simulated world."""

import asyncio

import pytest

from gamekeeper.testing.simulation.process import Process
from gamekeeper.testing.virtual import VirtualTime


def test_a_clock_may_be_wrong_and_still_goes_on() -> None:
    time = VirtualTime()
    process = Process("a", time, 2.0)
    rung: list[float] = []
    process.call_at(process.now() + 1, lambda: rung.append(time.now()))
    begun = time.now()
    time.advance(1.5)
    assert rung == [pytest.approx(begun + 1)]
    process.bury()


def test_what_reaches_a_stopped_process_waits_and_a_dead_one_hears_nothing() -> None:
    time = VirtualTime()
    process = Process("a", time, 0.0)
    heard: list[int] = []
    process.stop()
    process.soon(lambda: heard.append(1))
    time.advance(1)
    assert heard == []
    process.resume()
    time.advance(1)
    assert heard == [1]
    process.kill()
    process.soon(lambda: heard.append(2))
    time.advance(1)
    assert heard == [1]
    process.bury()


def test_a_fault_in_a_task_is_the_worlds() -> None:
    time = VirtualTime()
    process = Process("a", time, 0.0)

    async def fail() -> None:
        await asyncio.sleep(1)
        raise RuntimeError("a bug")

    process.run(fail())
    with pytest.raises(RuntimeError, match="a bug"):
        time.advance(2)
    process.bury()


def test_burying_ends_what_was_under_way() -> None:
    time = VirtualTime()
    process = Process("a", time, 0.0)
    task = process.run(asyncio.Event().wait())  # type: ignore[arg-type]
    time.settle()
    process.bury()
    assert task.cancelled()
