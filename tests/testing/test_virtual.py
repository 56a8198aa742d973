"""Time that moves when told to."""

import random

import pytest

from gamekeeper.testing.virtual import START, VirtualTime


def test_time_stands_still_until_told() -> None:
    time = VirtualTime()
    assert time.now() == START
    time.advance(2.5)
    assert time.now() == START + 2.5


def test_what_is_due_runs_in_order_and_at_its_moment() -> None:
    time, ran = VirtualTime(), list[tuple[str, float]]()
    for name, after in (("late", 3.0), ("soon", 1.0), ("also soon", 1.0)):
        time.call_at(START + after, lambda name=name: ran.append((name, time.now() - START)))
    time.advance(2)
    assert ran == [("soon", 1.0), ("also soon", 1.0)]
    assert time.next_at() == START + 3
    time.advance(1)
    assert ran[-1] == ("late", 3.0)
    assert time.next_at() is None


def test_the_past_is_now() -> None:
    time, ran = VirtualTime(), list[float]()
    time.call_at(START - 100, lambda: ran.append(time.now()))
    time.settle()
    assert ran == [START]


def test_settling_runs_what_is_caused_but_waits_for_nothing() -> None:
    time, ran = VirtualTime(), list[str]()
    time.call_soon(lambda: time.call_soon(lambda: ran.append("caused")))
    time.call_at(START + 1, lambda: ran.append("later"))
    time.settle()
    assert ran == ["caused"]


def test_what_is_cancelled_does_not_run() -> None:
    time, ran = VirtualTime(), list[str]()
    cancel = time.call_at(START + 1, lambda: ran.append("cancelled"))
    time.call_at(START + 2, lambda: ran.append("kept"))
    cancel()
    assert time.next_at() == START + 2
    time.advance(5)
    assert ran == ["kept"]


def test_cancelling_what_ran_is_harmless_and_leaves_nothing_behind() -> None:
    time = VirtualTime()
    for _ in range(100):
        cancel = time.call_at(START, lambda: None)
        time.settle()
        cancel()
        time.call_at(START + 1, lambda: None)()
    assert time.next_at() is None
    assert not time._waiting
    assert not time._due


def test_steps_are_single() -> None:
    time, ran = VirtualTime(), list[int]()
    for number in range(3):
        time.call_soon(lambda number=number: ran.append(number))
    assert time.step()
    assert ran == [0]
    assert [time.step() for _ in range(3)] == [True, True, False]
    time.call_at(START + 9, lambda: None)
    assert not time.step(START + 5)


@pytest.mark.parametrize("seed", range(5))
def test_a_seed_decides_every_race(seed: int) -> None:
    def race(rng: random.Random | None) -> list[int]:
        time, ran = VirtualTime(rng), list[int]()
        for number in range(20):
            time.call_soon(lambda number=number: ran.append(number))
        time.settle()
        return ran

    assert race(random.Random(seed)) == race(random.Random(seed)) != race(None) == list(range(20))
    assert sorted(race(random.Random(seed))) == race(None)


def test_work_takes_the_time_it_is_given() -> None:
    time, results = VirtualTime(), list[float]()
    time.work_s = 2.5
    time.work(lambda: time.now(), results.append)
    time.advance(2)
    assert results == []
    time.advance(1)
    assert results == [START + 2.5]


def test_the_processor_is_used_as_the_test_says() -> None:
    time = VirtualTime()
    time.processor_s += 0.25
    assert time.spent() == 0.25
