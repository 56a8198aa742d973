"""Matching pennies: a complete game with hidden information, a clock and a bot."""

# region game
from datetime import datetime
from random import Random
from typing import Any, Literal

from gamekeeper import (
    PLAYER,
    App,
    Command,
    Context,
    Decision,
    Event,
    Game,
    Map,
    Rejected,
    Seat,
    Started,
    State,
    TimedOut,
)

Side = Literal["heads", "tails"]


class Show(Command, by=PLAYER):  # what a player may ask for; `by` is required
    side: Side


class Opened(Event):  # what happened: written down for ever
    closes_at: datetime


class Shown(Event, touches="seat"):  # only this seat's private view changes
    seat: Seat
    side: Side


class Closed(Event, public=True):  # public events are also delivered to clients as a feed
    winner: Seat | None


class Table(State):  # what the room is: the fold of its events; frozen
    coins: Map[Seat, Side] = Map()
    closes_at: datetime | None = None
    winner: Seat | None = None


class Pennies(Game[Table, Show, Opened | Shown | Closed]):
    seats = 2

    def decide(self, state: Table, command: Any, ctx: Context) -> Decision[Opened | Shown | Closed, Table]:
        match command:  # a generator: yield an event, receive the next state
            case Started():
                yield Opened(ctx.after(seconds=20))
            case Show(side):
                if not state.closes_at or ctx.seat in state.coins:
                    raise Rejected("already_shown")
                state = yield Shown(ctx.seat, side)
                if len(state.coins) == 2:
                    low, high = sorted(state.coins)
                    yield Closed(low if state.coins[low] == state.coins[high] else high)
            case TimedOut():
                yield Closed(next(iter(state.coins), None))
            case _:
                pass

    def evolve(self, state: Table, event: Opened | Shown | Closed) -> Table:  # a pure fold
        match event:
            case Opened(closes_at):
                return Table(closes_at=closes_at)
            case Shown(seat, side):
                return Table(state.coins.set(seat, side), state.closes_at)
            case Closed(winner):
                return Table(state.coins, None, winner)

    def deadlines(self, state: Table) -> dict[str, datetime]:
        return {"reveal": state.closes_at} if state.closes_at else {}

    def public(self, state: Table) -> Any:  # what everybody may know
        return {"closes_at": state.closes_at, "winner": state.winner, "coins": {} if state.closes_at else state.coins}

    def private(self, state: Table, seat: Seat) -> Any:  # what one seat may know besides
        return {"side": state.coins.get(seat)}

    def bot(self, public: Any, private: Any, rng: Random) -> Show | None:  # sees what a seat sees, so it cannot cheat
        return Show(rng.choice(["heads", "tails"])) if public["closes_at"] and not private["side"] else None


app = App("pennies", "Matching pennies", Pennies(), creator=PLAYER)
# endregion
