"""Commands on their way into a room."""

from collections import deque
from collections.abc import Callable

import msgspec

from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.core.messages import Command
from gamekeeper.core.seats import Role, Seat
from gamekeeper.room.viewer import Viewer

Reply = Callable[[Rejected | None], None]
"""Told once: None (it is written down) or why not."""


class Envelope(msgspec.Struct, eq=False):
    """A command with its sender and where its answer goes: to a viewer's socket or to a callback.

    `id` 0: the framework's own, not remembered and always let in. `received_at` (microseconds; 0: it came over no
    socket), `rtt_ms` and `ticket` (which the viewer gets back with the answer) are what the transport knows of it.
    """

    command: Command
    seat: Seat
    role: Role
    user: str
    session: str = ""
    id: int = 0
    viewer: Viewer | None = None
    reply: Reply | None = None
    received_at: int = 0
    rtt_ms: float | None = None
    ticket: bytes | None = None


class Mailbox:
    """First come, first served, and bounded. The framework's own commands always find room."""

    __slots__ = ("_capacity", "_waiting")

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._waiting: deque[Envelope] = deque()

    def put(self, envelope: Envelope, *, always: bool = False) -> None:
        """Raises `Rejected("capacity")` when full. `always`: let it in all the same."""
        if len(self._waiting) >= self._capacity and envelope.id and not always:
            raise Rejected(ErrorCode.CAPACITY, "the room is busy", retry_after_s=1.0)
        self._waiting.append(envelope)

    def take(self) -> Envelope | None:
        return self._waiting.popleft() if self._waiting else None

    def last_id(self, seat: Seat, session: str) -> int:
        """The highest id of a session's waiting commands; 0: none waits."""
        return max((one.id for one in self._waiting if one.session == session and one.seat == seat), default=0)

    def drain(self) -> list[Envelope]:
        """Everything still waiting, which then waits no more."""
        waiting = list(self._waiting)
        self._waiting.clear()
        return waiting

    def __len__(self) -> int:
        return len(self._waiting)
