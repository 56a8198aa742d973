"""What a room needs of a live connection, whatever carries it."""

from collections.abc import Callable
from typing import Protocol

from gamekeeper.core.errors import Rejected
from gamekeeper.core.seats import Role, Seat
from gamekeeper.wire.closing import ClosingCode


class Viewer(Protocol):
    """A live connection that has been welcomed. `frame` turns a payload into the bytes its transport writes; viewers
    with the same `frame` share the framed bytes."""

    seat: Seat
    role: Role
    user: str
    session: str
    device: str

    @property
    def frame(self) -> Callable[[bytes], bytes]:
        """A plain function, the same object for all viewers of one transport."""
        ...

    def answer(self, id: int, rejected: Rejected | None, ticket: bytes | None) -> bytes:
        """The framed answer to a command it sent; empty: it wants none. `ticket` is what the envelope carried."""
        ...

    def deliver(self, events: bytes, views: bytes, answers: bytes) -> None:
        """Write once, in this order: a connection may be cut between any two frames, and who comes back with the cursor
        of the views must have had the events before it; an answer finds the views it led to. Events and answers must
        arrive; views may be dropped while the reader lags, and then `Stage.views_again` gives what replaces them."""
        ...

    def end(self, code: ClosingCode, reason: str) -> None:
        """Say goodbye and close."""
        ...
