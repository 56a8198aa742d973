"""Run one command; replay a log. Pure: the same inputs give the same events for ever."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from gamekeeper.core.context import Context
from gamekeeper.core.errors import Fault
from gamekeeper.core.game import Game
from gamekeeper.core.messages import Command, Event

MAX_EVENTS_PER_COMMAND = 10_000

AnyGame = Game[Any, Any, Any]


def execute(game: AnyGame, state: Any, command: Command, ctx: Context) -> tuple[list[Event], Any]:
    """The events a command makes happen and the state after them.

    Raises what `decide` raises (`Rejected`, or any fault of the author's code) and `InvariantViolated`; then nothing
    happened at all.
    """
    events: list[Event] = []
    decision = game.decide(state, command, ctx)
    if decision is None:
        return events, state
    after: Any = None
    while True:
        try:
            event = decision.send(after)
        except StopIteration:
            break
        state = after = game.evolve(state, event)
        events.append(event)
        if len(events) > MAX_EVENTS_PER_COMMAND:
            raise Fault(f"{command.__wire_name__} yields without end")
    if events:
        game.invariants(state)
        game.deadlines(state)  # a state whose deadlines cannot be told must not be written: no room could wake with it
    return events, state


def replay(game: AnyGame, state: Any, events: Iterable[Event]) -> Any:
    """The state after these events."""
    for event in events:
        state = game.evolve(state, event)
    return state


def next_deadline(due: Mapping[str, datetime]) -> tuple[str, datetime] | None:
    """What of these is due first, ties by name; None: nothing is."""
    return min(due.items(), key=lambda item: (item[1], item[0]), default=None)
