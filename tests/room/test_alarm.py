"""Deadlines are a function of the state: they ring once, in time, and never late."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gamekeeper.core.game import Game
from gamekeeper.core.messages import State
from gamekeeper.room.alarm import Alarm
from gamekeeper.testing.virtual import START, VirtualTime
from tests.room.kit import Sum, Sums

NOW = datetime.fromtimestamp(START, UTC)


class Due(State):
    deadlines: dict[str, datetime] = {}


class Clocks(Sum):
    def deadlines(self, state: Any) -> dict[str, datetime]:
        return state.deadlines


def due(**seconds: float) -> Due:
    return Due({name: NOW + timedelta(seconds=after) for name, after in seconds.items()})


class Ringing:
    """An alarm that takes note."""

    def __init__(self) -> None:
        self.time = VirtualTime()
        self.rung: list[tuple[str, float]] = []
        self.alarm = Alarm(Clocks(), self.time, lambda name: self.rung.append((name, self.time.now() - START)))


def test_the_first_deadline_rings_in_time() -> None:
    ringing = Ringing()
    ringing.alarm.set(due(late=5, early=2))
    assert ringing.alarm.due_at == START + 2
    ringing.time.advance(10)
    assert ringing.rung == [("early", 2)]
    ringing.alarm.set(due(late=15))
    ringing.time.advance(10)
    assert ringing.rung == [("early", 2), ("late", 15)]


def test_leaving_the_state_cancels() -> None:
    ringing = Ringing()
    ringing.alarm.set(due(clock=5))
    ringing.alarm.set(due())
    ringing.time.advance(10)
    assert (ringing.rung, ringing.alarm.due_at) == ([], None)


def test_moving_a_deadline_moves_its_bell() -> None:
    ringing = Ringing()
    ringing.alarm.set(due(clock=5))
    ringing.alarm.set(due(clock=8))
    ringing.time.advance(20)
    assert ringing.rung == [("clock", 8)]


def test_setting_the_same_again_does_not_start_over() -> None:
    ringing = Ringing()
    state = due(clock=5)
    for _ in range(4):
        ringing.alarm.set(state)
        ringing.alarm.set(due(clock=5))
        ringing.time.advance(1)
    assert ringing.rung == []
    ringing.time.advance(1)
    assert ringing.rung == [("clock", 5)]


def test_a_deadline_in_the_past_rings_at_once() -> None:
    ringing = Ringing()
    ringing.alarm.set(due(clock=-100))
    ringing.time.settle()
    assert ringing.rung == [("clock", 0)]


def test_a_deadline_that_the_game_keeps_does_not_ring_for_ever(caplog: pytest.LogCaptureFixture) -> None:
    ringing = Ringing()
    for _ in range(100):
        ringing.alarm.set(due(clock=5))
        ringing.time.advance(1)
    assert ringing.rung == [("clock", 5)]
    assert [record.message for record in caplog.records] == [
        "deadline clock passed and the game keeps it: it will not ring again"
    ], "said once"


def test_behind_a_deadline_that_is_kept_others_still_ring() -> None:
    ringing = Ringing()
    for _ in range(20):
        ringing.alarm.set(due(stuck=2, other=9))
        ringing.time.advance(1)
    assert ringing.rung == [("stuck", 2), ("other", 9)]


def test_a_kept_deadline_rings_again_once_it_is_moved() -> None:
    ringing = Ringing()
    ringing.alarm.set(due(clock=1))
    ringing.time.advance(2)
    ringing.alarm.set(due(clock=1))
    ringing.alarm.set(due(clock=5))
    ringing.time.advance(9)
    assert ringing.rung == [("clock", 1), ("clock", 5)]


@pytest.mark.parametrize(("state", "is_due"), [(due(clock=0), True), (due(clock=1), False), (due(), False)])
def test_a_bell_that_comes_late_or_early_is_told(state: Due, is_due: bool) -> None:
    assert Ringing().alarm.is_due(state, "clock") is is_due


def test_cancelling_forgets() -> None:
    ringing = Ringing()
    ringing.alarm.set(due(clock=5))
    ringing.alarm.cancel()
    ringing.alarm.cancel()
    ringing.time.advance(10)
    assert (ringing.rung, ringing.alarm.due_at) == ([], None)


def test_a_game_without_deadlines_is_never_asked() -> None:
    class Timeless(Sum):
        deadlines = Game.deadlines

    alarm = Alarm(Timeless(), VirtualTime(), lambda name: None)
    alarm.set(Sums(due=NOW))
    assert alarm.due_at is None
