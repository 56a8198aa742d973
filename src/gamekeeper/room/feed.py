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

    def add(self, events: list[tuple[int, PublicEvent]]) -> None:
        """The next events, in order; what no longer fits is forgotten."""
        too_many = len(self._events) + len(events) - (self._events.maxlen or 0)
        if too_many > 0:
            here = len(self._events)
            self._since = (self._events[too_many - 1] if too_many <= here else events[too_many - here - 1])[0]
        self._events.extend(events)

    def reach_back(self, since: int, events: list[tuple[int, PublicEvent]], until: int) -> None:
        """Take in what was read from the log: all events after `since` up to `until`, as far as they fit. Nothing where
        they do not meet what is here."""
        if until < self._since or since >= self._since:
            return
        older = [one for one in events if one[0] <= self._since]
        too_many = len(older) + len(self._events) - (self._events.maxlen or 0)
        if too_many > 0:
            since = older[too_many - 1][0]
        self._events.extendleft(one for one in reversed(older) if one[0] > since)
        self._since = since

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
