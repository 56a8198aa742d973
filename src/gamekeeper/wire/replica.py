"""What a client knows: views, cursor and unanswered commands. No sockets, no clock; clients of every kind share it."""

from collections import deque
from typing import Any

import msgspec

from gamekeeper.core import patch
from gamekeeper.core.errors import Rejected
from gamekeeper.wire.frames import (
    MAX_UNANSWERED,
    Ack,
    CommandFrame,
    Hello,
    Patch,
    PublicEvent,
    Rejection,
    Welcome,
    encode,
)

MAX_EVENTS = 100_000
"""Public events a replica keeps; the oldest go first."""


class Viewing:
    """The views of whoever has a replica."""

    replica: "Replica"

    @property
    def public(self) -> Any:
        return self.replica.public

    @property
    def shared(self) -> Any:
        return self.replica.shared

    @property
    def private(self) -> Any:
        return self.replica.private


class Replica:
    """A client's copy of what it may see, and the commands it still owes an outcome.

    After a reconnect: send `hello()`, feed the welcome, then send what `resend()` gives. `results` holds the outcome
    of each answered command (None: took effect) until `take_result` is called.
    """

    def __init__(self, session: str | None = None) -> None:
        self.session: str | None = session
        self.cursor: str | None = None
        self.seat = 0
        self.role = ""
        self.public: Any = None
        self.shared: Any = None
        self.private: Any = None
        self.stale = False
        """`shared` is older than what else is known here, and is being brought up to date."""
        self.events: deque[PublicEvent] = deque(maxlen=MAX_EVENTS)
        """The newest public events; take them out as you use them."""
        self.starts_over = 0
        self._last_id = 0
        self._unanswered: dict[int, bytes] = {}
        self.results: dict[int, Rejected | None] = {}

    def hello(self, token: str | None = None, device: str | None = None) -> bytes:
        """The first frame of a (new) connection."""
        return encode(Hello(token, self.session, device, self.cursor))

    def command(self, name: str, data: Any) -> tuple[int, bytes]:
        """A new command's id and frame. Raises `Rejected("capacity")` when too many are unanswered."""
        if len(self._unanswered) >= MAX_UNANSWERED:
            raise Rejected("capacity", f"{MAX_UNANSWERED} commands are unanswered")
        self._last_id += 1
        frame = encode(CommandFrame(self._last_id, name, msgspec.Raw(encode(data))))
        self._unanswered[self._last_id] = frame
        return self._last_id, frame

    def resend(self) -> list[bytes]:
        """The frames of all unanswered commands, in order."""
        return [self._unanswered[id] for id in sorted(self._unanswered)]

    @property
    def last_id(self) -> int:
        """Of the newest command; 0: there was none."""
        return self._last_id

    @property
    def unanswered(self) -> tuple[int, ...]:
        return tuple(sorted(self._unanswered))

    def take_result(self, id: int) -> Rejected | None:
        """The outcome of an answered command. Raises `KeyError` while there is none."""
        return self.results.pop(id)

    def feed(self, frame: Any) -> None:
        """Take in one frame from the server. Frames that change nothing here (ping, presence, ...) pass.

        Raises `ValueError` on a patch that does not fit the view: reconnect without a cursor.
        """
        match frame:
            case Welcome():
                self._welcome(frame)
            case Patch():
                self._patch(frame)
            case Ack(id):
                self._answered(id, None)
            case Rejection(id, code, message, field, retry_after_s) if id:
                self._answered(id, Rejected(code, message, field=field, retry_after_s=retry_after_s))
            case _:
                pass

    def _welcome(self, frame: Welcome) -> None:
        if not frame.resumed:
            self.events.clear()
            self.starts_over += 1
        self.events.extend(frame.events)
        if self.session is not None and frame.session != self.session:
            self._lose_session()
        self.session, self.cursor = frame.session, frame.cursor
        self.seat, self.role = frame.seat, frame.role
        self.public, self.shared, self.private = frame.public, frame.shared, frame.private
        self.stale = frame.stale is True
        self._last_id = max(self._last_id, frame.last_id)

    def _lose_session(self) -> None:
        """The server no longer knows our session, so nobody can say whether these took effect."""
        for id in list(self._unanswered):
            self._answered(id, Rejected("stale_command", "the session has ended: look before you try again"))
        self._last_id = 0

    def _patch(self, frame: Patch) -> None:
        """All of it or, raising `ValueError`, none: a cursor must not pass what was not taken in."""
        views = _next(self.public, frame.public), _next(self.shared, frame.shared), _next(self.private, frame.private)
        self.public, self.shared, self.private = views
        self.cursor = frame.cursor
        if frame.stale is not msgspec.UNSET:
            self.stale = frame.stale
        if frame.events is not msgspec.UNSET:
            self.events.extend(frame.events)

    def _answered(self, id: int, outcome: Rejected | None) -> None:
        if self._unanswered.pop(id, None) is not None:
            self.results[id] = outcome


def _next(view: Any, change: Any) -> Any:
    return view if change is msgspec.UNSET else patch.apply(view, change)
