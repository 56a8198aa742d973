"""What every log promises: an append is durable, all or nothing, and only where the room's log ends."""

from collections.abc import Callable
from typing import Protocol

import msgspec

from gamekeeper.core.frozen import Frozen
from gamekeeper.core.personal import NOTHING, Aside, whole
from gamekeeper.core.record import Entry, decode_entries


class LogError(Exception):
    """The log did not do it, or cannot tell (its connection broke while it committed): whoever appended reads the room
    again before anything is shown."""


class Conflict(LogError):
    """The room's log does not end where the append begins: somebody else has written to it."""


class Fenced(Conflict):
    """The writer no longer owns the room."""


class LogFull(LogError):
    """Too many appends are waiting."""


class LogUnavailable(LogError):
    """The storage failed or is closed."""


class LogDamaged(LogError):
    """A stored batch cannot be read; the message names the room and the seq it begins at."""


_kept_decoder = msgspec.json.Decoder(dict[int, msgspec.Raw])

Done = Callable[[LogError | None], None]
"""Called once, on the event loop: None when the append is durable."""


def entries_of(room: str, first: int, body: bytes, kept: str | None = None) -> list[Entry]:
    """The entries of a stored batch; `kept`: what stands beside it, as a JSON object by seq. Raises `LogDamaged`."""
    try:
        entries = decode_entries(body)
        return whole(entries, _kept_decoder.decode(kept)) if kept is not None else entries
    except msgspec.DecodeError as error:
        raise LogDamaged(f"room {room}, batch from seq {first}: {error}") from error


class Batch(Frozen):
    """Entries of one room that were appended together; `position` orders the batches of all rooms. `body` and `kept` as
    `entries_of` takes them."""

    position: int
    room: str
    first: int
    last: int
    body: bytes
    kept: str | None = None

    @property
    def entries(self) -> list[Entry]:
        """Read when it is asked for. Raises `LogDamaged`."""
        return entries_of(self.room, self.first, self.body, self.kept)

    def has(self, beginnings: tuple[str, ...]) -> bool:
        """Whether the name of an event in it begins with one of these. Most batches need not be read to tell. Raises
        `LogDamaged`."""
        if "" in beginnings:
            return True  # no batch is without events
        if not any(f'"{beginning}'.encode() in self.body for beginning in beginnings):
            return False
        return any(stored.type.startswith(beginnings) for entry in self.entries for stored in entry.events)


class RoomHead(Frozen):
    """Where a room's log ends."""

    room: str
    seq: int
    position: int


class Snapshot(Frozen):
    """A room folded up to `seq`. A cache: it may vanish at any time."""

    room: str
    seq: int
    version: int
    body: bytes


class EventLog(Protocol):
    """The truth. Appends are callbacks (the room's loop has no tasks), reads are coroutines."""

    @property
    def epoch(self) -> int:
        """Changes when the log is restored from a backup; part of every cursor."""
        ...

    def append(self, room: str, first: int, last: int, body: bytes, done: Done, aside: Aside = NOTHING) -> None:
        """Write the entries `first`..`last` of a room in one durable step if its log ends at `first - 1`, and with them
        what goes beside the log. Never raises; what failed is told to `done`. A room that fails fails alone."""
        ...

    def when_ready(self, go: Callable[[], None]) -> None:
        """Call `go` once, now or later on the loop: what it appends then is in the very next commit. Whoever waits for
        this instead of appending beside a commit under way can collect more meanwhile."""
        ...

    async def read(self, room: str, after: int = 0, limit: int = 10_000) -> list[Entry]:
        """Entries that end after seq `after`, in order; at least `limit` of them unless the log ends first. What is
        kept beside the log is put back into them."""
        ...

    async def remembered(self, before: int, after: str = "", limit: int = 1_000) -> list[str]:
        """Rooms by id, those after `after`, of which personal data is kept and none that was written at or after
        `before` (microseconds since the epoch)."""
        ...

    async def forget(self, room: str) -> None:
        """Remove all personal data that is kept of a room, and its snapshot, which may hold some."""
        ...

    async def last_seq(self, room: str) -> int:
        """0: there is no such room."""
        ...

    async def tail(self, after: int, limit: int = 1_000) -> list[Batch]:
        """Batches of all rooms after a position, in order of position. Fewer than `limit` are all that were written
        when it was asked; a log with several writers may leave out for a moment what follows something under way."""
        ...

    async def rooms(self, after: str = "", limit: int = 1_000) -> list[RoomHead]:
        """Rooms by id, those after `after`."""
        ...

    async def load_snapshot(self, room: str) -> Snapshot | None: ...

    async def save_snapshot(self, snapshot: Snapshot) -> None: ...

    async def ping(self) -> None:
        """A real durable round trip. Raises `LogUnavailable`."""
        ...

    async def close(self) -> None: ...
