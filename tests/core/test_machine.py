"""Running one command: all of it or none of it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from gamekeeper.core.context import Context
from gamekeeper.core.errors import Fault, InvariantViolated, Rejected
from gamekeeper.core.game import Game
from gamekeeper.core.machine import MAX_EVENTS_PER_COMMAND, execute, next_deadline, replay
from gamekeeper.core.messages import Command, Event, State
from gamekeeper.core.seats import PLAYER, Seat

CTX = Context(Seat(1), PLAYER, "ann", 0, 1, "seed")


class Count(Command, by=PLAYER):
    to: int


class Counted(Event):
    number: int


class Numbers(State):
    seen: tuple[int, ...] = ()


class Counter(Game[Numbers, Count, Counted]):
    """Counts; some numbers are special."""

    def decide(self, state: Numbers, command: Any, ctx: Context) -> Any:
        if command.to == 0:
            return None
        return self._count(state, command.to)

    def _count(self, state: Numbers, to: int) -> Iterator[Counted]:
        number = 0
        while number != to:
            number += 1
            state = yield Counted(number)
            assert state.seen[-1] == number, "the state after the event comes back"
            if number == 13 and to == 20:
                raise Rejected("unlucky")

    def evolve(self, state: Numbers, event: Counted) -> Numbers:
        return Numbers((*state.seen[-9:], event.number))

    def invariants(self, state: Numbers) -> None:
        if len(state.seen) == 7:
            raise InvariantViolated("seven")


START = Numbers()


def test_events_and_the_state_after_them() -> None:
    events, state = execute(Counter(), START, Count(3), CTX)
    assert events == [Counted(1), Counted(2), Counted(3)]
    assert state == Numbers((1, 2, 3)) == replay(Counter(), START, events)
    assert Numbers() == START


def test_nothing_to_say_is_nothing_done() -> None:
    class Silent(Counter):
        def decide(self, state: Numbers, command: Any, ctx: Context) -> Any:
            yield from ()

    assert execute(Counter(), START, Count(0), CTX) == ([], START)
    assert execute(Silent(), START, Count(5), CTX) == ([], START)


def test_a_rejection_discards_all_that_was_yielded() -> None:
    with pytest.raises(Rejected, match="unlucky"):
        execute(Counter(), START, Count(20), CTX)


def test_a_state_that_cannot_be_is_refused() -> None:
    with pytest.raises(InvariantViolated, match="seven"):
        execute(Counter(), START, Count(7), CTX)


def test_yielding_without_end_is_a_fault() -> None:
    with pytest.raises(Fault, match="count yields without end"):
        execute(Counter(), Numbers(), Count(-1), CTX)


def test_a_fault_in_evolve_does_not_pass_for_the_end_of_the_decision() -> None:
    """`next()` on nothing raises StopIteration, which also ends generators: half a command would be written."""

    class Broken(Counter):
        def evolve(self, state: Numbers, event: Counted) -> Numbers:
            return next(iter(())) if event.number == 3 else super().evolve(state, event)

    with pytest.raises(StopIteration):
        execute(Broken(), START, Count(5), CTX)


def test_yielding_nothing_is_a_fault_too() -> None:
    class Absent(Counter):
        def decide(self, state: Numbers, command: Any, ctx: Context) -> Any:
            yield Counted(1)
            yield None

    with pytest.raises(AttributeError):
        execute(Absent(), START, Count(1), CTX)


def test_the_limit_can_be_reached() -> None:
    class Wide(Counter):
        def evolve(self, state: Numbers, event: Counted) -> Numbers:
            return Numbers((event.number,))

    events, state = execute(Wide(), START, Count(MAX_EVENTS_PER_COMMAND), CTX)
    assert (len(events), state) == (MAX_EVENTS_PER_COMMAND, Numbers((MAX_EVENTS_PER_COMMAND,)))


def test_the_first_deadline_and_ties_by_name() -> None:
    first, second = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    assert next_deadline({}) is None
    assert next_deadline({"a": second, "b": first}) == ("b", first)
    assert next_deadline({"b": first, "a": first, "c": first}) == ("a", first)
