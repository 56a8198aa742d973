"""Which commands took effect: the memory that makes a repeat harmless.

Folded from the log, so a crash forgets nothing. Per session it holds the highest accepted id and one bit for each of
the 64 ids below; a client has at most 32 unanswered, so every id that can still arrive is covered and nothing grows.
"""

from enum import Enum
from typing import Final

from gamekeeper.core.frozen import Frozen

WINDOW: Final = 64
SEATLESS_SESSIONS: Final = 1_024
"""Sessions remembered of all who have no seat together: reactors, administrators, the system."""


class Known(Enum):
    """What the ledger knows of a command id."""

    NEW = "new"
    DONE = "done"
    STALE = "stale"


_NEW, _DONE, _STALE = Known  # a name of an enumeration costs a look-up by descriptor each time


class Line(Frozen):
    """One session in a snapshot."""

    seat: int
    session: str
    last_id: int
    bits: int
    seq: int


class Ledger:
    """Accepted command ids, per seat and session."""

    __slots__ = ("_floors", "_seats", "_sessions_per_seat")

    def __init__(self, sessions_per_seat: int = 8) -> None:
        self._sessions_per_seat = sessions_per_seat
        self._seats: dict[int, dict[str, list[int]]] = {}
        self._floors: dict[int, int] = {}

    def look_up(self, seat: int, session: str, id: int) -> Known:
        """Whether this command already took effect; `STALE`: so old that it cannot be known."""
        sessions = self._seats.get(seat)
        line = None if sessions is None else sessions.get(session)
        if line is None or id > line[0]:
            return _NEW
        age = line[0] - id
        if age >= WINDOW:
            return _STALE
        return _DONE if line[1] >> age & 1 else _NEW

    def record(self, seat: int, session: str, id: int, seq: int) -> None:
        """The command took effect at `seq`. Past the limit of sessions the one longest unused is forgotten."""
        sessions = self._seats.get(seat)
        if sessions is None:
            sessions = self._seats[seat] = {}
        line = sessions.get(session)
        if line is None:
            sessions[session] = [id, 1, seq]
            if len(sessions) > (self._sessions_per_seat if seat else SEATLESS_SESSIONS):
                self._forget(seat, sessions)
        elif id > line[0]:
            line[1] = (line[1] << (id - line[0]) | 1) & ((1 << WINDOW) - 1) if id - line[0] < WINDOW else 1
            line[0], line[2] = id, seq
        else:
            line[1] |= 1 << (line[0] - id)
            line[2] = seq

    def _forget(self, seat: int, sessions: dict[str, list[int]]) -> None:
        oldest = min(sessions, key=lambda session: sessions[session][2])
        self._floors[seat] = max(self._floors.get(seat, 0), sessions.pop(oldest)[2])

    def last_id(self, seat: int, session: str) -> int | None:
        """The highest accepted id; None: no command of this session is remembered."""
        line = self._seats.get(seat, {}).get(session)
        return line[0] if line else None

    def floor(self, seat: int) -> int:
        """Sessions begun at or before this seq and unknown here may have been forgotten: they must not resume."""
        return self._floors.get(seat, 0)

    def lines(self) -> list[Line]:
        """Everything, for a snapshot."""
        return [
            Line(seat, session, *line) for seat, sessions in self._seats.items() for session, line in sessions.items()
        ]

    def floors(self) -> dict[int, int]:
        return dict(self._floors)

    def restore(self, lines: list[Line], floors: dict[int, int]) -> None:
        for line in lines:
            self._seats.setdefault(line.seat, {})[line.session] = [line.last_id, line.bits, line.seq]
        self._floors = dict(floors)
