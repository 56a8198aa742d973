"""What must be true: the log folded step by step, and everything any client saw compared with it."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import msgspec

from gamekeeper.core.codec import encode_map
from gamekeeper.core.game import Game
from gamekeeper.core.record import Entry
from gamekeeper.core.seats import Seat
from gamekeeper.room.feed import public_events
from gamekeeper.room.fold import Fold
from gamekeeper.wire.cursor import Cursors
from gamekeeper.wire.frames import PublicEvent


class Violation(AssertionError):
    """A promise was broken. The message begins with its number in DESIGN's contract (I1 to I9)."""


class Seen(Protocol):
    """What a client had at one moment; a `Replica` is one."""

    @property
    def seat(self) -> int: ...
    @property
    def cursor(self) -> str | None: ...
    @property
    def public(self) -> Any: ...
    @property
    def private(self) -> Any: ...


class Reference:
    """The durable truth and the checks against it."""

    def __init__(self, game: Game[Any, Any, Any], cursors: Cursors, check: Callable[[Any], None]) -> None:
        self._game = game
        self._check = check
        self._cursors = cursors
        self._fold = Fold(game)
        self._states: dict[int, Any] = {0: None}
        self._feed: list[tuple[int, PublicEvent]] = []
        self._ids: set[tuple[int, str, int]] = set()
        self._plain: dict[tuple[int, int], Any] = {}

    @property
    def state(self) -> Any:
        return self._fold.state

    @property
    def seq(self) -> int:
        return self._fold.seq

    def written(self, room: str, entry: Entry) -> None:
        """An entry has become durable."""
        if entry.seq != self._fold.seq + 1:
            raise Violation(f"I2 the log goes from {self._fold.seq} to {entry.seq}")
        if entry.n:
            key = (entry.seat, entry.session, entry.n)
            if key in self._ids:
                raise Violation(f"I3 command {key} took effect twice, again at {entry.seq}")
            self._ids.add(key)
        self._fold.apply(entry)
        self._check(self._fold.state)
        self._states[self._fold.seq] = self._fold.state
        self._feed += public_events(self._game.catalogue, [entry], entry.seq - 1)

    def acknowledged(self, seat: int, session: str, id: int) -> None:
        """A client has an ack in its hands."""
        if (seat, session, id) not in self._ids:
            raise Violation(f"I1 command {id} of seat {seat} was acknowledged and is not in the log")

    def seen(self, replica: "Seen", first_cursor: str, events: Sequence[PublicEvent]) -> None:
        """What a client has after a whole message: views as of its cursor, all public events since it began."""
        seq, begun = self.seen_views(replica), self._cursors.seq(first_cursor)
        expected = [event for position, event in self._feed if begun is not None and begun < position <= seq]
        if list(events) != expected:
            raise Violation(
                f"I4 seat {replica.seat} at {seq} has {len(events)} events since {begun}, not {len(expected)}"
            )

    def seen_views(self, replica: "Seen") -> int:
        """The views of a client are those of its cursor's seq, which is returned."""
        seq = self._cursors.seq(replica.cursor or "")
        if seq is None or seq > self._fold.seq:
            raise Violation(f"I1 seat {replica.seat} saw seq {seq}; the log ends at {self._fold.seq}")
        if seq not in self._states:
            raise Violation(f"I1 seat {replica.seat} saw seq {seq} in the middle of a command")
        if replica.public != self._view(seq, 0):
            raise Violation(f"I4 seat {replica.seat} at {seq}: public {replica.public} is not {self._view(seq, 0)}")
        if replica.private != self._view(seq, replica.seat):
            raise Violation(
                f"I5 seat {replica.seat} at {seq}: {replica.private} is not {self._view(seq, replica.seat)}"
            )
        return seq

    def _view(self, seq: int, seat: int) -> Any:
        """The public view (seat 0) or a private one, as a client has it."""
        key = (seq, seat)
        if key not in self._plain:
            state = self._states[seq]
            view = self._game.private(state, Seat(seat)) if seat else self._game.public(state)
            self._plain[key] = msgspec.json.decode(msgspec.json.encode(view, enc_hook=encode_map))
        return self._plain[key]
