"""The messages of one game, by name: how they are read from the wire and from the log."""

from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec

from gamekeeper.core.codec import encode_map, json_decoder, json_encoder
from gamekeeper.core.errors import Misuse, Undecodable
from gamekeeper.core.messages import Command, Event, Lifecycle
from gamekeeper.core.record import Stored

FRAMEWORK_COMMANDS = frozenset({"leave_room", "start_room", "close_room"})
FRAMEWORK_EVENTS = "room."
"""What the events of the framework begin with; they share the log with the game's."""


class Catalogue:
    """Built once per game class. Looking a command up is one dictionary access and one validated decode."""

    def __init__(self, commands: tuple[type[Command], ...], events: tuple[type[Event], ...]) -> None:
        self.commands = {command.__wire_name__: command for command in commands}
        self.events = {event.__wire_name__: event for event in events}
        if len(self.commands) < len(commands) or len(self.events) < len(events):
            raise Misuse("two messages of one game have the same name")
        for name in (*self.commands, *self.events):
            if name in FRAMEWORK_COMMANDS or name.startswith(FRAMEWORK_EVENTS):
                raise Misuse(f"{name} is a name of the framework's own")
        self.personal = {name: event.__personal__ for name, event in self.events.items() if event.__personal__}
        """Of the events that say who somebody is, which of their fields do."""
        self._command_decoders = {name: json_decoder(command) for name, command in self.commands.items()}
        self._event_decoders = {name: json_decoder(event) for name, event in self.events.items()}

    @classmethod
    def of(cls, commands: Any, events: Any) -> "Catalogue":
        """From what stands between the brackets of `Game[State, commands, events]`: classes or unions of classes."""
        wishes = tuple(kind for kind in members(commands) if not issubclass(kind, Lifecycle))
        for kind in wishes:
            if not issubclass(kind, Command):
                raise Misuse(f"{kind.__name__} is no Command")
        facts = members(events)
        for kind in facts:
            if not issubclass(kind, Event):
                raise Misuse(f"{kind.__name__} is no Event")
        return cls(wishes, facts)

    def read_command(self, name: str, data: msgspec.Raw | bytes) -> Command:
        """A client's wish. Raises `KeyError` on an unknown name, `msgspec.ValidationError` on wrong data."""
        command: Command = self._command_decoders[name].decode(data)
        return command

    def write_event(self, event: Event) -> Stored:
        """A fact as it is written down. Raises `Undecodable` on one that could not be read back: structs are not
        checked when they are made, and a log that cannot be read is a room that never wakes."""
        stored = store(event)
        decoder = self._event_decoders.get(stored.type)
        if decoder is not None:
            try:
                decoder.decode(stored.data)
            except msgspec.ValidationError as error:
                raise Undecodable(f"event {stored.type} could not be read back: {error}") from error
        return stored

    def read_event(self, stored: Stored) -> Event:
        """A fact from the log, brought up to today's shape. Raises `Undecodable`."""
        try:
            kind = self.events[stored.type]
            if stored.version == kind.__version__:
                event: Event = self._event_decoders[stored.type].decode(stored.data)
                return event
            self.must_know(stored.type, stored.version)
            return self._upcast(kind, stored)
        except KeyError as error:
            raise Undecodable(f"event {stored.type} v{stored.version}: no such event, upcaster or field") from error
        except msgspec.DecodeError as error:
            raise Undecodable(f"event {stored.type} v{stored.version}: {error}") from error

    def must_know(self, name: str, version: int) -> None:
        """Raises `Undecodable` for an event, or a version of it, that this program has not heard of."""
        kind = self.events.get(name)
        if kind is None or version > kind.__version__:
            raise Undecodable(f"event {name} v{version} is newer than this program")

    def _upcast(self, kind: type[Event], stored: Stored) -> Event:
        fields: dict[str, Any] = msgspec.json.decode(stored.data)
        for version in range(stored.version, kind.__version__):
            fields = kind.__upcasters__[version](fields)
        event: Event = self._event_decoders[stored.type].decode(msgspec.json.encode(fields, enc_hook=encode_map))
        return event


def members(union: Any) -> tuple[type[Any], ...]:
    """The classes of a class, a union of classes or a `type` alias of one."""
    union = getattr(union, "__value__", union)
    if get_origin(union) in (Union, UnionType):
        return tuple(kind for part in get_args(union) for kind in members(part))
    return (union,)


def store(event: Event) -> Stored:
    """A fact as it is written down."""
    return Stored(event.__wire_name__, event.__version__, msgspec.Raw(json_encoder.encode(event)))
