"""What a connection is attached to once it is welcomed: its room in this process, or a link to one on another node."""

from collections import deque
from collections.abc import Callable
from typing import Protocol

import msgspec

from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.core.messages import Command
from gamekeeper.core.record import MICROSECONDS
from gamekeeper.room.governance import read_client_command
from gamekeeper.room.mailbox import Envelope
from gamekeeper.room.room import Room
from gamekeeper.room.viewer import Viewer
from gamekeeper.wire.frames import CommandFrame

MAX_FIELD_CHARACTERS = 64


class Attachment(Protocol):
    """The far side of a welcomed connection."""

    @property
    def timed(self) -> bool:
        """Whether the game judges how fast somebody answers."""
        ...

    @property
    def last_id(self) -> int:
        """The last command id of its session that has come to the room."""
        ...

    def command(self, frame: CommandFrame, now: float, ticket: bytes | None) -> None:
        """The client wants something; `ticket` is what its transport gets back with the answer. Never raises; a
        refusal goes to the client."""
        ...

    def refresh(self) -> None:
        """The reader has caught up and needs the newest views: `connection.refreshed` is called, now or later."""
        ...

    def leave(self) -> None:
        """The connection is over."""
        ...


class Reader(Viewer, Protocol):
    """What an attachment needs of its connection."""

    @property
    def round_trips_ms(self) -> deque[float]: ...

    @property
    def frame(self) -> Callable[[bytes], bytes]: ...

    def reply(self, framed: bytes) -> None:
        """Send at once."""
        ...

    def refreshed(self, views: bytes) -> None:
        """Here are the newest views, framed."""
        ...


class LocalAttachment:
    """A room of this process."""

    __slots__ = ("_connection", "_room")

    def __init__(self, room: Room, connection: Reader) -> None:
        self._room = room
        self._connection = connection

    @property
    def timed(self) -> bool:
        return self._room.fold.game.timed

    @property
    def last_id(self) -> int:
        return self._room.last_id(self._connection.seat, self._connection.session)

    def command(self, frame: CommandFrame, now: float, ticket: bytes | None) -> None:
        connection = self._connection
        try:
            self._room.submit(
                Envelope(
                    read_command(self._room, frame),
                    connection.seat,
                    connection.role,
                    connection.user,
                    connection.session,
                    frame.id,
                    connection,
                    None,
                    int(now * MICROSECONDS),
                    min(connection.round_trips_ms) if connection.round_trips_ms else None,
                    ticket,
                )
            )
        except Rejected as rejected:
            connection.reply(connection.answer(frame.id, rejected, ticket))

    def refresh(self) -> None:
        self._connection.refreshed(self._connection.frame(self._room.stage.views_again(self._connection)))

    def leave(self) -> None:
        if not self._room.stopped:
            self._room.stage.audience.remove(self._connection)
            self._room.presence.depart(self._connection.seat)


def read_command(room: Room, frame: CommandFrame) -> Command:
    """The command of a frame: one of the game's or of the framework's. Raises `Rejected`, naming the field."""
    try:
        own = read_client_command(frame.name, frame.data)
        return own if own is not None else room.fold.game.catalogue.read_command(frame.name, frame.data)
    except KeyError:
        raise Rejected(ErrorCode.UNKNOWN_COMMAND, f"no command {frame.name[:MAX_FIELD_CHARACTERS]!r}") from None
    except msgspec.ValidationError as error:
        raise _unfit(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected(ErrorCode.BAD_COMMAND, f"not readable: {error}"[:200]) from None


def _unfit(text: str) -> Rejected:
    """msgspec says "... contains unknown field `x`" or "... - at `$.side`": make a code and a field of it."""
    _, found, rest = text.partition("contains unknown field `")
    if found:
        return Rejected(ErrorCode.UNKNOWN_FIELD, text[:200], field=rest.partition("`")[0][:MAX_FIELD_CHARACTERS])
    _, found, rest = text.partition("missing required field `")
    if not found:
        _, found, rest = text.partition(" - at `$.")
    field = rest.partition("`")[0][:MAX_FIELD_CHARACTERS] if found else None
    return Rejected(ErrorCode.BAD_COMMAND, text[:200], field=field)
