"""A room as its log tells it: the game's state and everything the framework must remember beside it."""

from typing import Any

import msgspec

from gamekeeper.core.codec import encode_map, json_decoder
from gamekeeper.core.errors import Undecodable
from gamekeeper.core.frozen import Frozen
from gamekeeper.core.game import Game
from gamekeeper.core.messages import Event
from gamekeeper.core.record import Entry
from gamekeeper.core.seats import PLAYER, Role, Seat
from gamekeeper.room.governance import (
    PERSONAL,
    Member,
    MemberForgotten,
    MemberJoined,
    MemberLeft,
    RoomClosed,
    RoomOpened,
    RoomStarted,
    is_governance,
    read_governance,
)
from gamekeeper.room.ledger import Ledger, Line

SNAPSHOT_VERSION = 1
EVENT_OVERHEAD_BYTES = 64


class SnapshotBody(Frozen):
    """What a snapshot holds. A cache of the log: any of it may be dropped and folded again."""

    seq: int
    at: int
    opened: RoomOpened
    members: tuple[Member, ...]
    lines: list[Line]
    floors: dict[int, int]
    started: bool
    closed: str | None
    bytes: int
    state: msgspec.Raw
    due: float | None = None
    """When something is due, in seconds since the epoch: such a room must not stay asleep."""
    kinds: dict[str, int] = {}
    """The game's events that are folded into it, with the newest version of each: who could not read them must not use
    what came of them either."""


_snapshot_decoder = msgspec.json.Decoder(SnapshotBody)


class Fold:
    """Mutable, with one writer. `seq` is the last event folded in; 0: the room does not exist yet."""

    def __init__(self, game: Game[Any, Any, Any], sessions_per_seat: int = 8) -> None:
        self.game = game
        self.personal = {**game.catalogue.personal, **PERSONAL}
        """What the log keeps beside it of the events of this room."""
        self.seq = 0
        self.at = 0
        self.bytes = 0
        self.kinds: dict[str, int] = {}
        self.opened: RoomOpened | None = None
        self.members: dict[Seat, Member] = {}
        self.seat_of: dict[str, Seat] = {}
        self.ledger = Ledger(sessions_per_seat)
        self.state: Any = None
        self.started = False
        self.closed: str | None = None

    def apply(self, entry: Entry) -> None:
        """Fold one entry of the log in. Raises `Undecodable`, and `ValueError` on a gap."""
        if entry.seq != self.seq + 1:
            raise ValueError(f"entry {entry.seq} after {self.seq}: the log has a gap")
        for stored in entry.events:
            if is_governance(stored.type):
                try:
                    self.govern(read_governance(stored.type, stored.data))
                except (KeyError, msgspec.DecodeError) as error:
                    raise Undecodable(f"event {stored.type}: {error}") from error
            else:
                self.state = self.game.evolve(self.state, self.game.catalogue.read_event(stored))
        self.written(entry)

    def written(self, entry: Entry) -> None:
        """Keep the books for an entry whose events are already in."""
        events = entry.events
        self.seq += len(events)
        self.at = entry.at
        kinds = self.kinds
        for stored in events:
            self.bytes += len(stored.data) + EVENT_OVERHEAD_BYTES
            if kinds.get(stored.type, 0) < stored.version and not is_governance(stored.type):
                kinds[stored.type] = stored.version
        if entry.n:
            self.ledger.record(entry.seat, entry.session, entry.n, entry.seq)

    def govern(self, event: Event) -> None:
        """Fold one of the framework's own events in."""
        match event:
            case RoomOpened():
                self.opened = event
                self.state = self.game.initial(msgspec.json.decode(event.config, type=self.game.config))
            case MemberJoined(seat, user, name, role):
                self.members[seat] = Member(seat, user, name, role)
                self.seat_of[user] = seat
            case MemberLeft(seat, _):
                self.members[seat] = msgspec.structs.replace(self.members[seat], present=False)
            case MemberForgotten(seat, _):
                self.members[seat] = msgspec.structs.replace(self.members[seat], name="")
            case RoomStarted():
                self.started = True
            case RoomClosed(reason, _):
                self.closed = reason
            case _:
                raise Undecodable(f"{type(event).__name__} is none of the framework's events")

    def count(self, role: Role = PLAYER) -> int:
        """Members of this role who are present."""
        return sum(member.present and member.role is role for member in self.members.values())

    def snapshot(self, due: float | None) -> bytes:
        """Everything as bytes. Raises `TypeError` or `NotImplementedError` if the game's state cannot be written."""
        if self.opened is None:
            raise ValueError("a room without a log has no snapshot")
        body = SnapshotBody(
            self.seq,
            self.at,
            self.opened,
            tuple(self.members.values()),
            self.ledger.lines(),
            self.ledger.floors(),
            self.started,
            self.closed,
            self.bytes,
            msgspec.Raw(msgspec.json.encode(self.state, enc_hook=encode_map)),
            due,
            self.kinds,
        )
        return msgspec.json.encode(body)

    def restore(self, body: bytes) -> None:
        """Back to where a snapshot was taken. Raises `msgspec.DecodeError` when it no longer fits the state type,
        `Undecodable` when it was made of events that are newer than this program."""
        taken = _snapshot_decoder.decode(body)
        for name, version in taken.kinds.items():
            self.game.catalogue.must_know(name, version)
        state = json_decoder(self.game.state_type).decode(taken.state)
        self.seq, self.at, self.bytes = taken.seq, taken.at, taken.bytes
        self.opened, self.started, self.closed = taken.opened, taken.started, taken.closed
        for member in taken.members:
            self.members[member.seat] = member
            self.seat_of[member.user] = member.seat
        self.kinds = taken.kinds
        self.ledger.restore(taken.lines, taken.floors)
        self.state = state


def due_in(body: bytes) -> float | None:
    """When the room of this snapshot next has something due. In one of another shape: at any time."""
    try:
        return _snapshot_decoder.decode(body).due
    except msgspec.DecodeError:
        return 0.0
