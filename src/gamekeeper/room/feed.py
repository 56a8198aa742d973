"""The public events of a room, kept a while for clients that come back."""

from collections import deque

from gamekeeper.core.catalogue import Catalogue
from gamekeeper.core.record import MICROSECONDS, Entry, Stored
from gamekeeper.wire.frames import PublicEvent


class Feed:
    """The last public events, by seq. `covers(seq)`: nothing after that seq is missing here."""

    __slots__ = ("_events", "_since")

    def __init__(self, capacity: int, since: int) -> None:
        self._events: deque[tuple[int, PublicEvent]] = deque(maxlen=capacity)
        self._since = since

    def add(self, seq: int, event: PublicEvent) -> None:
        if len(self._events) == self._events.maxlen:
            self._since = self._events[0][0] if self._events else seq
        self._events.append((seq, event))

    def covers(self, seq: int) -> bool:
        return seq >= self._since

    def __len__(self) -> int:
        return len(self._events)

    def after(self, seq: int) -> tuple[PublicEvent, ...]:
        return tuple(event for position, event in self._events if position > seq)


def public_event(stored: Stored, at: int) -> PublicEvent:
    return PublicEvent(stored.type, at * 1000 / MICROSECONDS, stored.data)


def public_events(catalogue: Catalogue, entries: list[Entry], after: int) -> list[tuple[int, PublicEvent]]:
    """The public events of a stretch of the log with their seqs, those after `after` only."""
    found: list[tuple[int, PublicEvent]] = []
    for entry in entries:
        for seq, stored in enumerate(entry.events, entry.seq):
            kind = catalogue.events.get(stored.type)
            if seq > after and kind is not None and kind.__public__:
                found.append((seq, public_event(stored, entry.at)))
    return found
