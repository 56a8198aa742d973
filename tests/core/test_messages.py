"""What a definition promises, and which definitions are refused."""

from typing import Any

import msgspec
import pytest

from gamekeeper.core.errors import Misuse
from gamekeeper.core.messages import (
    Command,
    Config,
    Connected,
    Disconnected,
    Event,
    Joined,
    Left,
    Lifecycle,
    Rate,
    Started,
    State,
    TimedOut,
    View,
)
from gamekeeper.core.seats import HOST, PLAYER, SYSTEM, Seat


class Show(Command, by=PLAYER, rate=Rate(2, per_s=5.0, code="too_fast")):
    side: str


class OpenRun(Command, by=(HOST, PLAYER)):
    pass


class Shown(Event, public=True, touches="seat"):
    seat: Seat
    other: Seat | None = None


class Swapped(Event, touches=("one", "other")):
    one: Seat
    other: Seat


class Dealt(Event, touches=lambda event, state: state["players"]):
    pass


class Silent(Event, touches=()):
    pass


class Everywhere(Event):
    pass


def test_a_command_knows_its_roles_rate_and_name() -> None:
    assert Show.__roles__ == {PLAYER}
    assert Show.__rate__ == Rate(2, per_s=5.0, code="too_fast")
    assert (Show.__wire_name__, OpenRun.__wire_name__) == ("show", "open_run")
    assert OpenRun.__roles__ == {HOST, PLAYER}
    assert OpenRun.__rate__.count > 0, "a command that names no rate is limited all the same"


@pytest.mark.parametrize("by", [None, (), "player", ("player",), [], (PLAYER, "host"), 1])
def test_a_command_without_roles_cannot_be_defined(by: Any) -> None:
    with pytest.raises(Misuse, match="Wish"):
        type(Command)("Wish", (Command,), {}, by=by)


def test_roles_are_not_inherited() -> None:
    """Who may send a command is said where the command is defined."""
    with pytest.raises(Misuse, match="ShowLoudly names no role"):

        class ShowLoudly(Show):
            pass


@pytest.mark.parametrize("rate", [(0, 1.0), (-1, 1.0), (1, 0.0), (1, -1.0), (1, float("inf")), (1, float("nan"))])
def test_a_rate_that_never_lets_anything_in_is_refused(rate: tuple[int, float]) -> None:
    with pytest.raises(Misuse, match="rate"):
        Rate(*rate)


def test_an_event_knows_its_name_version_and_audience() -> None:
    assert (Shown.__wire_name__, Shown.__version__, Shown.__public__) == ("shown", 1, True)
    assert not Everywhere.__public__


@pytest.mark.parametrize(
    ("event", "seats"),
    [
        (Shown(Seat(2)), [2]),
        (Swapped(Seat(1), Seat(3)), [1, 3]),
        (Dealt(), [4, 5]),
        (Silent(), []),
    ],
)
def test_an_event_says_whom_it_touches(event: Event, seats: list[int]) -> None:
    assert not event.__touches_all__
    assert list(type(event).__touches__(event, {"players": [4, 5]})) == seats


def test_an_event_that_does_not_say_touches_everybody() -> None:
    assert Everywhere.__touches_all__


@pytest.mark.parametrize("touches", ["sea", ("seat", "sea"), ""])
def test_touching_a_field_that_is_not_there_is_refused(touches: Any) -> None:
    with pytest.raises(Misuse, match="Taken touches"):
        type(Event)("Taken", (Event,), {"__annotations__": {"seat": Seat}}, touches=touches)


def test_a_version_without_upcaster_cannot_be_defined() -> None:
    with pytest.raises(Misuse, match=r"Moved v3 has no upcasters from \[2\]"):

        class Moved(Event, version=3, upcast={1: lambda fields: fields}):
            to: int


@pytest.mark.parametrize("version", [0, -1])
def test_versions_count_from_one(version: int) -> None:
    with pytest.raises(Misuse, match="version"):

        class Moved(Event, version=version):
            to: int


@pytest.mark.parametrize("message", [Show("heads"), Shown(Seat(1)), State(), View(), Config(), Started()])
def test_messages_are_frozen_and_refuse_unknown_fields(message: Any) -> None:
    assert type(message).__struct_config__.frozen
    with pytest.raises(msgspec.ValidationError, match="unknown field `stray`"):
        msgspec.json.decode(b'{"stray":1}', type=type(message))


@pytest.mark.parametrize("kind", [Started, Joined, Left, Connected, Disconnected, TimedOut])
def test_what_happens_to_a_room_is_no_clients_to_send(kind: type[Lifecycle]) -> None:
    assert kind.__roles__ == {SYSTEM}
    assert issubclass(kind, Lifecycle)
