"""Is what is written down sound? Every room is replayed from its log, step by step, and compared with all that was
derived from it."""

from dataclasses import dataclass, field

import msgspec

from gamekeeper.core.errors import Fault, Rejected
from gamekeeper.core.record import Entry
from gamekeeper.log.protocol import EventLog, Snapshot
from gamekeeper.room import history
from gamekeeper.room.fold import SNAPSHOT_VERSION, Fold
from gamekeeper.server.replay import plain, views

PAGE = 10_000


@dataclass(frozen=True)
class Verdict:
    """What was found in one room; no `faults`: it is sound."""

    room: str
    app: str
    seq: int
    faults: list[str] = field(default_factory=list[str])


async def verify_room(log: EventLog, games: history.Games, room: str) -> Verdict:
    """Replay a room: every event reads, every state holds its invariants, every view can be made, and its snapshot is
    what the log gives at that seq."""
    try:
        opened = await history.opening(log, room)
    except (Rejected, KeyError, msgspec.ValidationError) as error:
        return Verdict(room, "", 0, [f"its first event cannot be read: {error}"])
    if opened.app not in games:
        return Verdict(room, opened.app, 0, [f"application {opened.app!r} is not installed"])
    snapshot = await log.load_snapshot(room)
    fold = Fold(games[opened.app])
    faults: list[str] = []
    try:
        while entries := await log.read(room, fold.seq, PAGE):
            for entry in entries:
                _step(fold, entry, snapshot, faults)
        views(fold)
        if await log.last_seq(room) != fold.seq:
            faults.append(f"the log ends at {await log.last_seq(room)}, its entries at {fold.seq}")
    except (Fault, ValueError, KeyError, TypeError, msgspec.DecodeError) as error:
        faults.append(f"after seq {fold.seq}: {type(error).__name__}: {error}")
    return Verdict(room, opened.app, fold.seq, faults)


def _step(fold: Fold, entry: Entry, snapshot: Snapshot | None, faults: list[str]) -> None:
    """Fold one entry in, and look. Raises what the game raises."""
    fold.apply(entry)
    fold.game.invariants(fold.state)
    if snapshot is not None and fold.seq == snapshot.seq and snapshot.version == SNAPSHOT_VERSION:
        kept = Fold(fold.game)
        kept.restore(snapshot.body)
        if plain(kept.state) != plain(fold.state) or kept.members != fold.members:
            faults.append(f"the snapshot at seq {snapshot.seq} differs from the replay")
