"""Who is there: a lost connection is forgiven for a while, then the game is told, once."""

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gamekeeper.core.messages import Connected, Disconnected
from gamekeeper.core.seats import NO_SEAT, Seat
from gamekeeper.room.presence import Presence
from gamekeeper.testing.virtual import VirtualTime

GRACE_S = 10.0
ONE = Seat(1)


class Told:
    """A presence that takes note of what it tells."""

    def __init__(self) -> None:
        self.time = VirtualTime()
        self.commands: list[Any] = []
        self.announced: list[tuple[Seat, bool]] = []
        self.presence = Presence(
            self.time, GRACE_S, self.commands.append, lambda seat, online: self.announced.append((seat, online))
        )


def test_coming_is_told_once_whatever_the_number_of_connections() -> None:
    told = Told()
    for _ in range(3):
        told.presence.arrive(ONE)
    assert told.commands == [Connected(ONE)]
    assert told.announced == [(ONE, True)]
    assert told.presence.online == [ONE]


def test_a_lost_connection_is_forgiven_within_its_grace() -> None:
    told = Told()
    told.presence.arrive(ONE)
    told.presence.depart(ONE)
    told.time.advance(GRACE_S - 0.1)
    told.presence.arrive(ONE)
    told.time.advance(100)
    assert told.commands == [Connected(ONE)]
    assert told.announced == [(ONE, True)]


def test_going_is_told_after_the_grace_and_coming_back_too() -> None:
    told = Told()
    told.presence.arrive(ONE)
    told.presence.depart(ONE)
    assert told.presence.online == []
    told.time.advance(GRACE_S)
    told.presence.arrive(ONE)
    assert told.commands == [Connected(ONE), Disconnected(ONE), Connected(ONE)]
    assert told.announced == [(ONE, True), (ONE, False), (ONE, True)]


def test_flapping_tells_nothing() -> None:
    told = Told()
    told.presence.arrive(ONE)
    for _ in range(1_000):
        told.presence.depart(ONE)
        told.time.advance(GRACE_S / 2)
        told.presence.arrive(ONE)
    told.time.advance(100)
    assert told.commands == [Connected(ONE)]


def test_the_last_connection_counts() -> None:
    told = Told()
    told.presence.arrive(ONE)
    told.presence.arrive(ONE)
    told.presence.depart(ONE)
    told.time.advance(100)
    assert told.presence.online == [ONE]
    assert told.commands == [Connected(ONE)]


def test_after_waking_everybody_has_their_grace() -> None:
    told = Told()
    told.presence.expect([Seat(1), Seat(2)])
    told.time.advance(GRACE_S - 1)
    told.presence.arrive(Seat(1))
    told.time.advance(GRACE_S)
    assert told.commands == [Connected(Seat(1)), Disconnected(Seat(2))]


def test_after_waking_the_game_hears_of_who_is_back() -> None:
    """It may have been told before the room slept that the seat is gone."""
    told = Told()
    told.presence.expect([ONE])
    told.presence.arrive(ONE)
    told.presence.depart(ONE)
    told.presence.arrive(ONE)
    told.time.advance(100)
    assert told.commands == [Connected(ONE)]
    assert told.announced == [(ONE, True)]


@pytest.mark.parametrize("seat", [NO_SEAT, Seat(7)])
def test_who_never_came_cannot_go(seat: Seat) -> None:
    told = Told()
    told.presence.depart(seat)
    told.time.advance(100)
    assert told.commands == []


def test_those_without_a_seat_are_not_watched() -> None:
    told = Told()
    told.presence.arrive(NO_SEAT)
    assert (told.commands, told.presence.online) == ([], [])


def test_closing_lets_go() -> None:
    told = Told()
    told.presence.arrive(ONE)
    told.presence.depart(ONE)
    told.presence.arrive(Seat(2))
    told.presence.close()
    told.time.advance(100)
    assert told.commands == [Connected(ONE), Connected(Seat(2))]
    assert told.presence.online == []


class Coming(RuleBasedStateMachine):
    """Any coming and going: what was told is what an observer with patience `GRACE_S` sees."""

    def __init__(self) -> None:
        super().__init__()
        self.told = Told()
        self.connections = 0
        self.gone_at: float | None = None

    @rule()
    def arrive(self) -> None:
        self.told.presence.arrive(ONE)
        self.connections += 1
        self.gone_at = None

    @rule()
    def depart(self) -> None:
        self.told.presence.depart(ONE)
        if self.connections:
            self.connections -= 1
            if not self.connections:
                self.gone_at = self.told.time.now()

    @rule(seconds=st.floats(0.1, 2 * GRACE_S))
    def wait(self, seconds: float) -> None:
        self.told.time.advance(seconds)

    @invariant()
    def what_was_told_is_true(self) -> None:
        kinds = [type(command) for command in self.told.commands]
        assert kinds == [Connected if place % 2 == 0 else Disconnected for place in range(len(kinds))]
        now = self.told.time.now()
        gone = self.gone_at is None or now >= self.gone_at + GRACE_S
        away = not self.connections and gone
        assert (bool(kinds) and kinds[-1] is Connected) is not away
        assert [online for _, online in self.told.announced] == [kind is Connected for kind in kinds]
        assert self.told.presence.online == ([ONE] if self.connections else [])


TestComing = Coming.TestCase
TestComing.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
