"""The messages of a game, by name, today's and yesterday's."""

from typing import Any, TypeAlias

import msgspec
import pytest

from gamekeeper.core.catalogue import Catalogue, members, store
from gamekeeper.core.errors import Misuse, Undecodable
from gamekeeper.core.messages import Command, Event, Lifecycle, State, TimedOut
from gamekeeper.core.record import Stored
from gamekeeper.core.seats import PLAYER


class Move(Command, by=PLAYER):
    to: int


class Pass(Command, by=PLAYER):
    pass


def in_steps(fields: dict[str, Any]) -> dict[str, Any]:
    return {"to": fields["to"], "steps": 1}


def renamed(fields: dict[str, Any]) -> dict[str, Any]:
    return {"square": fields["to"], "steps": fields["steps"]}


class Moved(Event, version=3, upcast={1: in_steps, 2: renamed}):
    square: int
    steps: int


class Passed(Event):
    pass


class Foreign(Event):
    pass


Wishes: TypeAlias = Move | Pass
CATALOGUE = Catalogue.of(Wishes, Moved | Passed)


def stored(type: str, version: int, data: bytes) -> Stored:
    return Stored(type, version, msgspec.Raw(data))


def test_commands_are_read_by_name() -> None:
    assert CATALOGUE.read_command("move", b'{"to":3}') == Move(3)
    assert CATALOGUE.read_command("pass", msgspec.Raw(b"{}")) == Pass()


@pytest.mark.parametrize("name", ["", "Move", "moved", "timed_out", "started", "room.closed", "x" * 10_000, "\x00"])
def test_an_unknown_command_is_told_by_name(name: str) -> None:
    with pytest.raises(KeyError):
        CATALOGUE.read_command(name, b"{}")


@pytest.mark.parametrize(
    "data",
    [
        b'{"to":"3"}',
        b"{}",
        b'{"to":3,"by":"system"}',
        b"[]",
        b"null",
        b"",
        b"{",
        b'{"to":NaN}',
        b'{"to":1e400}',
        b'{"to":3}x',
        b"\xff\xfe",
        b'{"to":' + b"[" * 10_000,
    ],
)
def test_wrong_data_is_refused(data: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError, RecursionError)):
        CATALOGUE.read_command("move", data)


def test_an_event_survives_being_stored() -> None:
    event = Moved(4, 2)
    assert store(event) == stored("moved", 3, b'{"square":4,"steps":2}')
    assert CATALOGUE.read_event(store(event)) == event


@pytest.mark.parametrize(
    ("version", "data"), [(1, b'{"to":4}'), (2, b'{"to":4,"steps":1}'), (3, b'{"square":4,"steps":1}')]
)
def test_every_version_ever_written_is_brought_up_to_date(version: int, data: bytes) -> None:
    assert CATALOGUE.read_event(stored("moved", version, data)) == Moved(4, 1)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (stored("jumped", 1, b"{}"), "jumped v1"),
        (stored("moved", 0, b"{}"), "moved v0"),
        (stored("moved", -1, b"{}"), "moved v-1"),
        (stored("moved", 4, b'{"square":4,"steps":1}'), "newer"),
        (stored("moved", 3, b'{"square":4}'), "steps"),
        (stored("moved", 3, b"{"), "moved v3"),
        (stored("moved", 1, b"{"), "moved v1"),
        (stored("moved", 1, b"{}"), "moved v1"),
        (stored("passed", 1, b'{"stray":1}'), "stray"),
    ],
)
def test_what_cannot_be_read_is_a_fault_that_names_it(event: Stored, reason: str) -> None:
    with pytest.raises(Undecodable, match=reason):
        CATALOGUE.read_event(event)


def test_what_could_not_be_read_back_is_not_written() -> None:
    """Structs are not checked when they are made: such an event would keep its room from ever waking."""
    assert CATALOGUE.write_event(Moved(4, 2)) == store(Moved(4, 2))
    assert CATALOGUE.write_event(Foreign()) == store(Foreign()), "others read those of the framework"
    for event in (Moved("4", 2), Moved(4.5, 2), Moved(float("nan"), 2), Moved(None, 2)):
        with pytest.raises(Undecodable, match="moved could not be read back"):
            CATALOGUE.write_event(event)


def test_two_messages_of_one_name_are_refused() -> None:
    again = type(Command)("Move", (Command,), {}, by=PLAYER)
    with pytest.raises(Misuse, match="same name"):
        Catalogue((Move, again), ())
    also = type(Event)("Other", (Event,), {}, wire_name="passed")
    with pytest.raises(Misuse, match="same name"):
        Catalogue((), (Passed, also))


@pytest.mark.parametrize("name", ["LeaveRoom", "StartRoom", "CloseRoom"])
def test_the_frameworks_commands_keep_their_names(name: str) -> None:
    shadow = type(Command)(name, (Command,), {}, by=PLAYER)
    with pytest.raises(Misuse, match="framework"):
        Catalogue((shadow,), ())


def test_the_frameworks_events_keep_their_names() -> None:
    shadow = type(Event)("Shadow", (Event,), {}, wire_name="room.closed")
    with pytest.raises(Misuse, match="framework"):
        Catalogue((), (shadow,))


@pytest.mark.parametrize(("commands", "events"), [(Moved, Passed), (State, Passed), (Move, Pass), (Move, State)])
def test_a_game_names_commands_and_events_in_their_places(commands: Any, events: Any) -> None:
    with pytest.raises(Misuse, match=r"is no (Command|Event)"):
        Catalogue.of(commands, events)


def test_lifecycle_commands_are_not_the_clients() -> None:
    assert list(Catalogue.of(Move | TimedOut, Passed).commands) == ["move"]
    assert list(Catalogue.of(Lifecycle, Passed).commands) == []


def test_unions_are_taken_apart() -> None:
    class Alias:
        __value__ = Move | Pass

    assert members(Move) == (Move,)
    assert members(Alias) == (Move, Pass)
