"""asyncio in virtual time."""

import asyncio

from gamekeeper.testing.simulation.loop import VirtualLoop


def test_time_passes_only_when_told() -> None:
    now = [1_000_000_000.0]
    loop = VirtualLoop(lambda: now[0])
    done: list[str] = []

    async def work() -> None:
        done.append("begun")
        await asyncio.sleep(5)
        done.append("woken")

    task = loop.create_task(work())
    loop.settle()
    assert done == ["begun"]
    assert loop.next_at() == 1_000_000_005.0
    now[0] += 4.9
    loop.settle()
    assert done == ["begun"]
    now[0] += 0.1
    loop.settle()
    assert (done, task.done(), loop.next_at()) == (["begun", "woken"], True, float("inf"))
    loop.close()


def test_a_timer_that_was_cancelled_is_not_waited_for() -> None:
    loop = VirtualLoop(lambda: 0.0)
    loop.call_later(1, lambda: None).cancel()
    assert loop.next_at() == float("inf")
    loop.close()
