"""One room over Socket.IO: a connection that is a namespace of an Engine.IO session.

Events from the server are the frames of `wire.frames`; an event from the client is a command, answered in its
acknowledgement. Ids, where the client gives none, are counted here, in order of arrival.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.room.stage import answer
from gamekeeper.transport.connection import Connection, Door, Patience
from gamekeeper.transport.framing import text_frame
from gamekeeper.wire import socketio
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.frames import Ack, CommandFrame, Hello, Rejection, decode_from_server

if TYPE_CHECKING:
    from gamekeeper.transport.engine import Engine


class _Framer:
    """Frames for one room: one function, the same for all its viewers, for as long as there are any."""

    def __init__(self, namespace: bytes) -> None:
        carried = socketio.event(namespace)

        def frame(payload: bytes) -> bytes:
            return text_frame(carried(payload))

        self.frame: Callable[[bytes], bytes] = frame


_framers: WeakValueDictionary[bytes, _Framer] = WeakValueDictionary()


def framer(namespace: bytes) -> _Framer:
    found = _framers.get(namespace)
    if found is None:
        found = _framers[namespace] = _Framer(namespace)
    return found


class Numbers:
    """The ids of one session's commands that come without any. Shared by the live connections of the session."""

    __slots__ = ("__weakref__", "last")

    def __init__(self, last: int) -> None:
        self.last = last

    def next(self) -> int:
        self.last += 1
        return self.last


_numbers: WeakValueDictionary[tuple[str, str], Numbers] = WeakValueDictionary()
"""Of each session with a live connection here, by room."""


class RoomSocket(Connection):
    """A namespace of a session, from its connect packet to its end."""

    pings = False

    __slots__ = ("_engine", "_framer", "_namespace", "_numbers", "_sid")

    def __init__(
        self, namespace: bytes, room_id: str, engine: "Engine", door: Door, now: float, patience: Patience, sid: str
    ) -> None:
        super().__init__(room_id, engine, door, now, patience, engine.credential)
        self._engine = engine
        self._framer = framer(namespace)
        self._frame = self._framer.frame
        self._namespace = namespace
        self._numbers = Numbers(0)
        self._sid = sid

    # -- what arrives ------------------------------------------------------------------------------------------------

    def enter(self, hello: Hello) -> None:
        """Its connect packet."""
        self._session.take(hello)
        self._door.enter(self, hello)

    def event(self, ack: bytes, data: bytes, now: float) -> None:
        """One event. Raises `PacketError` for what is none."""
        self.heard_at = now
        call = socketio.read_call(data)
        ticket = ack or None
        if isinstance(call, str):
            frame: object = self._session.bad(call)
        else:
            id = self._numbers.next() if call.id is None else call.id
            frame = self._session.take(CommandFrame(id, call.name, call.data))
        if isinstance(frame, CommandFrame):
            self._numbers.last = max(self._numbers.last, frame.id)
            self._submit(frame, now, ticket)
        elif isinstance(frame, Rejection):
            self._reject(self.answer(frame.id, Rejected(frame.code, frame.message), ticket))

    def refuse_binary(self, ack: bytes) -> None:
        """An event with attachments; the session does not survive it."""
        rejected = Rejected(ErrorCode.BAD_FRAME, "binary is not taken: send JSON")
        self._write(self.answer(0, rejected, ack or None))

    # -- what the server wants of it ---------------------------------------------------------------------------------

    def _greet(self, last_id: int, welcome: bytes) -> None:
        self._numbers = _numbers.setdefault((self.room_id, self.session), Numbers(last_id))
        self._numbers.last = max(self._numbers.last, last_id)
        self._write(text_frame(socketio.connected(self._namespace, self._sid)) + self._frame(welcome))

    def answer(self, id: int, rejected: Rejected | None, ticket: bytes | None) -> bytes:
        """In the acknowledgement. Without one, only a rejection is told, as an event."""
        if ticket is not None:
            return text_frame(socketio.acknowledgement(self._namespace, ticket, rejected))
        return b"" if rejected is None else self._frame(answer(id, rejected))

    def relayed(self, payload: bytes, tickets: dict[int, bytes]) -> bytes:
        frame = decode_from_server(payload)
        if isinstance(frame, Ack):
            return self.answer(frame.id, None, tickets.pop(frame.id, None))
        if isinstance(frame, Rejection):
            rejected = Rejected(frame.code, frame.message, field=frame.field, retry_after_s=frame.retry_after_s)
            return self.answer(frame.id, rejected, tickets.pop(frame.id, None))
        return self._frame(payload)

    def _part(self, code: ClosingCode, reason: str, closing: bytes) -> None:
        """A client that is to come back loses the session, which the stock client takes up again by itself; another
        loses the room alone."""
        self._engine.leave(self._namespace)
        if self.live:
            self._write(self._frame(closing))
        if code.reconnect:
            self._engine.end(code, reason)
        elif self.live:
            self._write(text_frame(socketio.disconnected(self._namespace)))
        else:
            self._write(text_frame(socketio.denied(self._namespace, code.word, reason)))
