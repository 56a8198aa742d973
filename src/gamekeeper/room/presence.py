"""Who is there. A lost connection is forgiven for a while; then the game is told.

Kept in memory only: after a crash everybody is taken to be away until they come back or their grace has passed.
"""

from collections.abc import Callable, Iterable

from gamekeeper.core.messages import Command, Connected, Disconnected
from gamekeeper.core.seats import NO_SEAT, Seat
from gamekeeper.room.runtime import Cancel, Runtime


class Presence:
    """Live connections per seat."""

    def __init__(
        self,
        runtime: Runtime,
        grace_s: float,
        tell: Callable[[Command], None],
        announce: Callable[[Seat, bool], None],
    ) -> None:
        self._runtime = runtime
        self._grace_s = grace_s
        self._tell = tell
        self._announce = announce
        self._connections: dict[Seat, int] = {}
        self._leaving: dict[Seat, Cancel] = {}
        self._expected: set[Seat] = set()

    def arrive(self, seat: Seat) -> None:
        """A connection of this seat is live."""
        if seat == NO_SEAT:
            return
        self._connections[seat] = self._connections.get(seat, 0) + 1
        forgiven = self._leaving.pop(seat, None)
        if forgiven is not None:
            forgiven()
        if self._connections[seat] == 1 and (forgiven is None or seat in self._expected):
            self._expected.discard(seat)
            self._tell(Connected(seat))
            self._announce(seat, True)

    def depart(self, seat: Seat) -> None:
        """A connection of this seat is gone."""
        if seat == NO_SEAT or seat not in self._connections:
            return
        self._connections[seat] -= 1
        if not self._connections[seat]:
            del self._connections[seat]
            self._wait_for(seat)

    def expect(self, seats: Iterable[Seat]) -> None:
        """The room has just woken: these seats have their grace to come back. Whether the game last heard that they
        are here or gone is not known, so either is told."""
        for seat in seats:
            self._expected.add(seat)
            self._wait_for(seat)

    def _wait_for(self, seat: Seat) -> None:
        self._leaving[seat] = self._runtime.call_at(self._runtime.now() + self._grace_s, lambda: self._gone(seat))

    def _gone(self, seat: Seat) -> None:
        self._leaving.pop(seat, None)
        self._expected.discard(seat)
        self._tell(Disconnected(seat))
        self._announce(seat, False)

    @property
    def online(self) -> list[Seat]:
        """Seats with a live connection."""
        return sorted(self._connections)

    def close(self) -> None:
        for cancel in self._leaving.values():
            cancel()
        self._leaving.clear()
        self._expected.clear()
        self._connections.clear()
