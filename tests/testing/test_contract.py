"""A game that breaks its contract is found out by playing it."""

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any

import msgspec
import pytest
from examples.pennies import Pennies

from gamekeeper.core.context import Context
from gamekeeper.core.errors import Rejected
from gamekeeper.core.game import Decision, Game
from gamekeeper.core.messages import Command, Event, Started, State, TimedOut
from gamekeeper.core.seats import PLAYER, Seat
from gamekeeper.testing import contract
from gamekeeper.testing.contract import Played, game_contract


class Take(Command, by=PLAYER):
    stones: int


class Taken(Event, public=True, touches="seat"):
    seat: Seat
    stones: int


class Won(Event, touches=()):
    seat: Seat


class Stones(State):
    left: int = 7
    taken: dict[Seat, int] = {}
    turn: Seat = Seat(2)
    winner: Seat | None = None
    odd: Any = None


class Nim(Game[Stones, Take, Taken | Won]):
    """Take one or two; who takes the last one wins. Seats 2 and 3: the host has seat 1."""

    seats = 2
    start = "created"

    def decide(self, state: Stones, command: Any, ctx: Context) -> Decision[Taken | Won, Stones]:
        if not isinstance(command, Take):
            return
        if state.winner or ctx.seat != state.turn:
            raise Rejected("not_your_turn")
        if command.stones > state.left:
            raise Rejected("too_many")
        state = yield Taken(ctx.seat, command.stones)
        if not state.left:
            yield Won(ctx.seat)

    def evolve(self, state: Stones, event: Taken | Won) -> Stones:
        match event:
            case Taken(seat, stones):
                taken = state.taken | {seat: state.taken.get(seat, 0) + stones}
                return msgspec.structs.replace(state, left=state.left - stones, taken=taken, turn=Seat(5 - seat))
            case Won(seat):
                return msgspec.structs.replace(state, winner=seat)

    def public(self, state: Stones) -> Any:
        return {"left": state.left, "turn": state.turn}

    def private(self, state: Stones, seat: Seat) -> Any:
        return {"seat": seat, "taken": state.taken.get(seat, 0)}

    def bot(self, public: Any, private: Any, rng: Random) -> Take | None:
        return Take(rng.choice([1, 2])) if public["left"] and public["turn"] == private["seat"] else None


def test_a_sound_game_is_played_to_the_end() -> None:
    played = game_contract(Nim, games=50, rejections=["not_your_turn", "too_many"])
    assert isinstance(played, Played)
    assert played.games == 50
    assert played.commands > 4 * 50
    assert played.events == {"taken", "won"}
    assert played.rejections == {"not_your_turn", "too_many"}


def test_a_seed_decides_every_game() -> None:
    assert game_contract(Nim, games=20) == game_contract(Nim, games=20)


class Forgetful(Nim):
    """What it shows depends on more than the log."""

    moves = 0

    def evolve(self, state: Stones, event: Taken | Won) -> Stones:
        Forgetful.moves += 1
        return msgspec.structs.replace(super().evolve(state, event), odd=Forgetful.moves)


class Unwritten(Nim):
    """Its state does not come back from JSON as it was."""

    def evolve(self, state: Stones, event: Taken | Won) -> Stones:
        return msgspec.structs.replace(super().evolve(state, event), odd=(1, 2))


class Nosy(Nim):
    """The loser's private view changes, and no event says so."""

    def private(self, state: Stones, seat: Seat) -> Any:
        return {"seat": seat, "taken": state.taken.get(seat, 0), "left": state.left}


class Restless(Nim):
    """Its public view is never twice the same."""

    asked = 0

    def public(self, state: Stones) -> Any:
        Restless.asked += 1
        return super().public(state) | {"asked": Restless.asked}


class Endless(Nim):
    def evolve(self, state: Stones, event: Taken | Won) -> Stones:
        return msgspec.structs.replace(super().evolve(state, event), left=7)


class Faulty(Nim):
    def decide(self, state: Stones, command: Any, ctx: Context) -> Decision[Taken | Won, Stones]:
        assert state.left != 3
        return super().decide(state, command, ctx)


class Deaf(Nim):
    """Its deadline rings and nothing comes of it."""

    def deadlines(self, state: Stones) -> dict[str, datetime]:
        return {"bedtime": datetime(2026, 1, 1, 0, 1, tzinfo=UTC)}


class Unwinnable(Nim):
    def decide(self, state: Stones, command: Any, ctx: Context) -> Decision[Taken | Won, Stones]:
        if isinstance(command, Take):
            if ctx.seat != state.turn or command.stones > state.left:
                raise Rejected("not_now")
            yield Taken(ctx.seat, command.stones)


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (Forgetful, "replays to another state"),
        (Unwritten, "does not survive its snapshot"),
        (Nosy, "was shown"),
        (Restless, "public view was not kept up to date"),
        (Endless, "goes on without end"),
        (Faulty, r"Take\(stones=.\) ran into a fault"),
        (Deaf, r"deadlines passed and the game keeps them: \['bedtime'\]"),
        (Unwinnable, r"no game ever produced \['won'\]"),
    ],
)
def test_a_broken_game_is_found_out(make: Callable[[], Nim], complaint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "MAX_STEPS", 200)
    with pytest.raises(AssertionError, match=complaint):
        game_contract(make, games=20)


def test_an_endless_game_may_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "MAX_STEPS", 50)
    assert game_contract(Endless, games=2, rare_events=["won"], endless=True).games == 2


def test_what_is_rare_may_be_missing() -> None:
    assert game_contract(Unwinnable, games=5, rare_events=["won"]).events == {"taken"}


def test_a_rejection_that_never_happens_is_told() -> None:
    with pytest.raises(AssertionError, match=r"nothing was ever rejected with \['unheard_of'\]"):
        game_contract(Nim, games=5, rejections=["unheard_of"])


def test_clocks_are_played_out() -> None:
    """Bots that do nothing: the deadline ends the game."""

    class Absent(Pennies):
        def bot(self, public: Any, private: Any, rng: Random) -> None:
            return None

    played = game_contract(Absent, games=3, players=2, rare_events=["shown"])
    assert played.events == {"opened", "closed"}


def test_hosts_start_their_games() -> None:
    class Hosted(Nim):
        start = "host"

        def decide(self, state: Stones, command: Any, ctx: Context) -> Decision[Taken | Won, Stones]:
            if isinstance(command, Started):
                yield Taken(Seat(2), 1)
            elif not isinstance(command, TimedOut):
                yield from super().decide(state, command, ctx)

    assert game_contract(Hosted, games=5).events == {"taken", "won"}
