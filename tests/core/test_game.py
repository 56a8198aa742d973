"""What a game class is made of, and what it need not say."""

from random import Random
from typing import Any, Generic, TypeVar

import msgspec
import pytest

from gamekeeper.core.context import Context
from gamekeeper.core.errors import Misuse, Undecodable
from gamekeeper.core.game import Decision, Game, defines
from gamekeeper.core.messages import Command, Config, Event, Started, State
from gamekeeper.core.record import Record
from gamekeeper.core.seats import PLAYER, SYSTEM, Seat


class Go(Command, by=PLAYER):
    pass


class Gone(Event):
    pass


class Place(State):
    moves: int = 0


class Board(Config):
    size: int = 8


PlaceT = TypeVar("PlaceT", bound=Place)


class Walk(Game[Place, Go, Gone]):
    config = Board

    def decide(self, state: Place, command: Any, ctx: Context) -> Decision[Gone, Place]:
        yield Gone()

    def evolve(self, state: Place, event: Gone) -> Place:
        return Place(state.moves + 1)


class Bare(Game[Place, Go, Gone]):
    pass


class Variant(Walk):
    def public(self, state: Place) -> Any:
        return {"moves": state.moves}


class Family(Game[PlaceT, Go, Gone], Generic[PlaceT]):
    """A base of several games: its state is named by those who inherit."""


class Member(Family[Place], Game[Place, Go, Gone]):
    pass


@pytest.mark.parametrize("kind", [Walk, Variant, Member])
def test_the_messages_of_a_game_are_taken_from_its_definition(kind: type[Game[Any, Any, Any]]) -> None:
    assert kind.state_type is Place
    assert list(kind.catalogue.commands) == ["go"]
    assert list(kind.catalogue.events) == ["gone"]


def test_what_is_not_said_is_hidden() -> None:
    game, state = Bare(), Place()
    assert (game.public(state), game.shared(state, PLAYER), game.private(state, Seat(1))) == (None, None, None)


def test_what_is_not_said_does_nothing() -> None:
    game, state = Bare(), Place()
    assert game.initial(Board()) == state
    assert game.deadlines(state) == {}
    assert game.bot({}, {}, Random(1)) is None
    game.invariants(state)


def test_rules_must_be_written() -> None:
    ctx = Context(Seat(0), SYSTEM, "", 0, 1, None)
    with pytest.raises(NotImplementedError):
        Bare().decide(Place(), Started(), ctx)
    with pytest.raises(NotImplementedError):
        Bare().evolve(Place(), Gone())


def test_what_nobody_wrote_need_not_be_called() -> None:
    assert not defines(Walk(), "public")
    assert defines(Variant(), "public")
    assert defines(Walk(), "decide")


def test_a_game_that_names_no_messages_is_refused() -> None:
    with pytest.raises(Misuse, match=r"Nameless names no messages: write Game\[State, Commands, Events\]"):

        class Nameless(Game):
            pass


def test_a_record_is_read_back_as_the_event_it_was() -> None:
    def record(type: str) -> Record:
        return Record(1, 0, type, 1, "ann", 1, "go", msgspec.Raw(b"{}"))

    assert Walk().read(record("gone")) == Gone()
    assert Walk().read(record("room.opened")) is None, "the framework's own"
    with pytest.raises(Undecodable, match="elsewhere v1"):
        Walk().read(record("elsewhere"))
