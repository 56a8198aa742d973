"""One connection's side of the conversation, as the server sees it: no sockets, no clock, no tasks.

    new --hello--> joining --joined()--> live --closed--> closed

Feed it payloads; it answers with a decoded frame to act on, or with the rejection to send back. Whatever arrives, it
raises nothing: bad input is a typed answer, and too much of it ends the connection.
"""

from enum import Enum

import msgspec

from gamekeeper.core.errors import ErrorCode
from gamekeeper.wire.frames import CommandFrame, Hello, Pong, Rejection, decode_from_client

MAX_BAD_FRAMES = 1_000
"""Unreadable frames a connection may send before it is closed."""

MAX_ID = 2**53 - 1


class Phase(Enum):
    NEW = "new"
    JOINING = "joining"
    LIVE = "live"
    CLOSED = "closed"


_LIVE = Phase.LIVE  # looked up once, like those of `room/ledger.py`


class Session:
    """The conversation of one connection."""

    __slots__ = ("bad_frames", "phase")

    def __init__(self) -> None:
        self.phase = Phase.NEW
        self.bad_frames = 0

    def feed(self, payload: bytes | bytearray | memoryview) -> Hello | CommandFrame | Pong | Rejection:
        """What one text frame means."""
        try:
            frame: Hello | CommandFrame | Pong = decode_from_client(payload)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return self.bad(f"not a frame: {error}")
        return self.take(frame)

    def take(self, frame: Hello | CommandFrame | Pong) -> Hello | CommandFrame | Pong | Rejection:
        """The same for a frame that was decoded elsewhere."""
        if type(frame) is CommandFrame:
            if self.phase is not _LIVE:
                return self.bad("say hello first, and wait for the welcome", frame.id)
            if not 0 < frame.id <= MAX_ID:
                return self.bad("id counts up from 1")
        elif type(frame) is Hello:
            if self.phase is not Phase.NEW:
                return self.bad("hello was said already")
            self.phase = Phase.JOINING
        return frame

    def joined(self) -> None:
        """The welcome has been sent."""
        self.phase = Phase.LIVE

    def close(self) -> None:
        self.phase = Phase.CLOSED

    @property
    def exhausted(self) -> bool:
        """Too many unreadable frames: time to close."""
        return self.bad_frames > MAX_BAD_FRAMES

    def bad(self, message: str, id: int = 0) -> Rejection:
        """Count one unreadable frame; the rejection that answers it."""
        self.bad_frames += 1
        return Rejection(id if 0 < id <= MAX_ID else 0, ErrorCode.BAD_FRAME, message[:200])
