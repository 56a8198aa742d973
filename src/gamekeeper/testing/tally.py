"""The game that simulations and crash tests play: sums everybody may know, sums one seat may know, and a clock."""

from datetime import datetime
from random import Random
from typing import Any

from immutables import Map

from gamekeeper.app import App
from gamekeeper.core.context import Context
from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.core.game import Decision, Game
from gamekeeper.core.messages import PLAYER, Command, Event, Lifecycle, Rate, State, TimedOut
from gamekeeper.core.seats import Seat
from gamekeeper.wire.replica import Replica

ROUND_S = 2.0


class Add(Command, by=PLAYER, rate=Rate(1_000)):
    amount: int


class Hide(Command, by=PLAYER, rate=Rate(1_000)):
    amount: int


class Added(Event, public=True, touches=()):
    seat: Seat
    amount: int
    closes_at: datetime


class Hidden(Event, touches="seat"):
    seat: Seat
    amount: int


class RoundClosed(Event, public=True, touches=()):
    round: int


class Sums(State):
    total: int = 0
    secrets: Map[Seat, int] = Map()
    round: int = 0
    closed: int = 0
    closes_at: datetime | None = None


Happened = Added | Hidden | RoundClosed


class Tally(Game[Sums, Add | Hide, Happened]):
    start = "created"
    grace_s = 0.5

    def decide(self, state: Sums, command: Add | Hide | Lifecycle, ctx: Context) -> Decision[Happened, Sums]:
        match command:
            case Add(amount):
                if amount < 0:
                    raise Rejected(ErrorCode.BAD_REQUEST, "less than nothing", field="amount")
                yield Added(ctx.seat, amount, state.closes_at or ctx.after(seconds=ROUND_S))
            case Hide(amount):
                yield Hidden(ctx.seat, amount)
            case TimedOut():
                yield RoundClosed(state.round)
            case _:
                pass

    def evolve(self, state: Sums, event: Happened) -> Sums:
        match event:
            case Added(_, amount, closes_at):
                opened = state.round + (state.closes_at is None)
                return Sums(state.total + amount, state.secrets, opened, state.closed, closes_at)
            case Hidden(seat, amount):
                secrets = state.secrets.set(seat, state.secrets.get(seat, 0) + amount)
                return Sums(state.total, secrets, state.round, state.closed, state.closes_at)
            case RoundClosed():
                return Sums(state.total, state.secrets, state.round, state.closed + 1, None)

    def deadlines(self, state: Sums) -> dict[str, datetime]:
        return {"round": state.closes_at} if state.closes_at else {}

    def public(self, state: Sums) -> dict[str, Any]:
        return {"total": state.total, "round": state.round, "closes_at": state.closes_at}

    def private(self, state: Sums, seat: Seat) -> dict[str, Any]:
        return {"secret": state.secrets.get(seat, 0)}


def wish(replica: Replica, rng: Random) -> tuple[str, dict[str, Any]] | None:
    kind = rng.choice(["add", "add", "hide"])
    return kind, {"amount": rng.randint(-1 if kind == "add" else 1, 9)}


app = App("tally", "Tally", Tally(), "A game for tests: numbers, some of them secret.", creator=PLAYER)
