"""A room as of any seq, as an administrator sees it: everything, from the log alone."""

from typing import Any

import msgspec

from gamekeeper.core.codec import encode_map
from gamekeeper.core.record import MICROSECONDS, Record, records
from gamekeeper.core.seats import HOST, PLAYER, SPECTATOR
from gamekeeper.log.protocol import EventLog
from gamekeeper.room import history
from gamekeeper.room.fold import Fold

MAX_RECORDS = 10_000


async def room_at(log: EventLog, games: history.Games, room: str, seq: int | None = None) -> dict[str, Any]:
    """State and every view of a room as of a seq (None: the last), as JSON values. Raises `Rejected`."""
    fold = await history.replay(log, room, games, seq)
    last = await log.last_seq(room)
    return {
        "id": room,
        "app": fold.opened.app if fold.opened else None,
        "name": fold.opened.name if fold.opened else None,
        "seq": fold.seq,
        "last_seq": last,
        "at": fold.at * 1000 / MICROSECONDS,
        "started": fold.started,
        "closed": fold.closed,
        "members": plain(list(fold.members.values())),
        **views(fold),
    }


def views(fold: Fold) -> dict[str, Any]:
    """State, public, shared by role and private by seat."""
    game, state = fold.game, fold.state
    return {
        "state": plain(state),
        "public": plain(game.public(state)),
        "shared": {role: plain(game.shared(state, role)) for role in (HOST, PLAYER, SPECTATOR)},
        "private": {str(seat): plain(game.private(state, seat)) for seat in fold.members},
    }


def plain(value: Any) -> Any:
    """As JSON values."""
    return msgspec.to_builtins(value, enc_hook=encode_map, str_keys=True)


async def records_after(log: EventLog, room: str, after: int = 0, limit: int = 1_000) -> list[Record]:
    """The events of a room after a seq, at most `limit`."""
    limit = min(limit, MAX_RECORDS)
    entries = await log.read(room, after, limit)
    return [record for entry in entries for record in records(entry) if record.seq > after][:limit]


def record_json(record: Record) -> dict[str, Any]:
    """One event as JSON values; `at` in milliseconds since the epoch."""
    return {**msgspec.structs.asdict(record), "at": record.at * 1000 / MICROSECONDS, "data": decoded(record.data)}


def decoded(data: msgspec.Raw) -> Any:
    return msgspec.json.decode(data)
