"""What the framework itself writes into a room's log: its opening, its members, its end."""

from typing import Any

import msgspec

from gamekeeper.core.catalogue import FRAMEWORK_EVENTS
from gamekeeper.core.codec import json_decoder
from gamekeeper.core.frozen import Frozen
from gamekeeper.core.messages import ADMIN, HOST, PLAYER, SPECTATOR, SYSTEM, Command, Event
from gamekeeper.core.personal import FORGOTTEN, PersonalFields
from gamekeeper.core.seats import Role, Seat


class RoomOpened(Event, wire_name="room.opened"):
    """The first event of every room: what it is and with which parameters. `seed`: chance is a function of it."""

    app: str
    name: str
    config: msgspec.Raw
    seed: str | None = None


class MemberJoined(Event, wire_name="room.joined", personal=("name",), person="seat"):
    """A user has a seat from here on."""

    seat: Seat
    user: str
    name: str
    role: Role


class MemberLeft(Event, wire_name="room.left"):
    """The member gave the seat up or was removed. The seat stays theirs should they return."""

    seat: Seat
    reason: str


class MemberForgotten(Event, wire_name=FORGOTTEN):
    """What was kept of the member is gone, by this event; the game's own event beside it says why."""

    seat: Seat
    user: str


class RoomStarted(Event, wire_name="room.started"):
    """`Started` was decided."""


class RoomClosed(Event, wire_name="room.closed"):
    """The last event: nothing follows."""

    reason: str
    by: str


Governance = RoomOpened | MemberJoined | MemberLeft | MemberForgotten | RoomStarted | RoomClosed
GOVERNANCE = frozenset({RoomOpened, MemberJoined, MemberLeft, MemberForgotten, RoomStarted, RoomClosed})


class OpenRoom(Command, by=SYSTEM):
    """Begins a room's log."""

    app: str
    name: str
    config: msgspec.Raw
    seed: str | None
    creator: str
    creator_name: str
    creator_role: Role


class JoinRoom(Command, by=SYSTEM):
    """Takes a seat for a user; who has one keeps it. Only the server sends it, after checking the invitation."""

    user: str
    name: str
    role: Role


class LeaveRoom(Command, by=(PLAYER, HOST, SPECTATOR)):
    """Gives one's own seat up."""


class StartRoom(Command, by=HOST):
    """Begins a room whose game starts when the host says so. Twice is harmless."""


class CloseRoom(Command, by=(HOST, ADMIN, SYSTEM)):
    """Ends the room for ever."""

    reason: str


class Member(Frozen):
    """Who sits where."""

    seat: Seat
    user: str
    name: str
    role: Role
    present: bool = True


_governance: frozenset[type[Any]] = GOVERNANCE
_kinds = {kind.__wire_name__: kind for kind in _governance}
PERSONAL: dict[str, PersonalFields] = {
    name: kind.__personal__ for name, kind in _kinds.items() if kind.__personal__ is not None
}
_decoders = {name: json_decoder(kind) for name, kind in _kinds.items()}
client_commands = {kind.__wire_name__: kind for kind in (LeaveRoom, StartRoom, CloseRoom)}
_command_decoders = {name: json_decoder(kind) for name, kind in client_commands.items()}
_own_commands: tuple[type[Command], ...] = (JoinRoom, LeaveRoom, StartRoom, CloseRoom)
_own_decoders = {kind.__wire_name__: json_decoder(kind) for kind in _own_commands}


def is_governance(type_name: str) -> bool:
    return type_name.startswith(FRAMEWORK_EVENTS)


def read_governance(type_name: str, data: msgspec.Raw) -> Any:
    """One of the framework's own events. Raises `KeyError` or `msgspec.ValidationError`."""
    return _decoders[type_name].decode(data)


def read_client_command(name: str, data: msgspec.Raw) -> Command | None:
    """A framework command that clients may send; None: it is none of them."""
    decoder = _command_decoders.get(name)
    if decoder is None:
        return None
    command: Command = decoder.decode(data)
    return command


def is_own_command(command: Command) -> bool:
    """Whether it is one of the framework's that a server may ask another for."""
    return isinstance(command, _own_commands)


def read_own_command(name: str, data: bytes) -> Command:
    """One of them. Raises `KeyError` or `msgspec.DecodeError`."""
    command: Command = _own_decoders[name].decode(data)
    return command
