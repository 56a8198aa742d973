"""What a room has decided but not yet shown: everything that one commit owes the world."""

from typing import Any

from gamekeeper.core.errors import Rejected
from gamekeeper.core.messages import Event
from gamekeeper.core.record import Entry, Stored
from gamekeeper.core.seats import Seat
from gamekeeper.room.mailbox import Envelope


class Batch:
    """Entries for the log, and the answers and views that may leave once the log has them."""

    __slots__ = ("answers", "entries", "events", "left", "public_events", "state")

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.events: list[Event] = []
        self.public_events: list[tuple[int, int, Stored]] = []
        """Of the events, the public ones: (seq, at, stored)."""
        self.left: list[Seat] = []
        """Seats whose members have left and may see no more."""
        self.answers: list[tuple[Envelope, Rejected | None]] = []
        self.state: Any = None

    @property
    def first(self) -> int:
        return self.entries[0].seq

    @property
    def last(self) -> int:
        return self.entries[-1].last

    def __bool__(self) -> bool:
        return bool(self.entries or self.answers)
