"""Reading a room back: from its snapshot when it wakes, or up to any seq when somebody wants to see."""

import logging
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Protocol

import msgspec

from gamekeeper.core.errors import ErrorCode, Rejected, Undecodable
from gamekeeper.core.game import Game
from gamekeeper.core.record import Entry
from gamekeeper.log.protocol import EventLog
from gamekeeper.room.feed import public_events
from gamekeeper.room.fold import SNAPSHOT_VERSION, Fold, due_in
from gamekeeper.room.governance import RoomOpened, read_governance
from gamekeeper.room.limits import Limits
from gamekeeper.wire.frames import PublicEvent

log = logging.getLogger("gamekeeper.room")

PAGE = 10_000
LATER_S = 5.0

Games = Mapping[str, Game[Any, Any, Any]]


class _Snapshot(Protocol):
    @property
    def seq(self) -> int: ...
    @property
    def version(self) -> int: ...
    @property
    def body(self) -> bytes: ...


class Reader(Protocol):
    """The part of an event log that reading a room needs."""

    async def read(self, room: str, after: int = 0, limit: int = PAGE) -> list[Entry]: ...

    async def last_seq(self, room: str) -> int: ...

    async def load_snapshot(self, room: str) -> _Snapshot | None: ...


async def opening(source: Reader, room: str) -> RoomOpened:
    """What the room is. Raises `Rejected("unknown_room")`."""
    entries = await source.read(room, 0, 1)
    if not entries:
        raise Rejected(ErrorCode.UNKNOWN_ROOM, "there is no such room")
    first = entries[0].events[0]
    opened: RoomOpened = read_governance(first.type, first.data)
    return opened


async def restless(source: EventLog) -> AsyncGenerator[str, None]:
    """The rooms that did not go to sleep in order. One that did has a snapshot of its last event with nothing due."""
    position = ""
    while heads := await source.rooms(position):
        for head in heads:
            snapshot = await source.load_snapshot(head.room)
            if snapshot is None or snapshot.seq != head.seq or due_in(snapshot.body) is not None:
                yield head.room
        position = heads[-1].room


async def wake(source: Reader, room: str, games: Games, limits: Limits) -> tuple[Fold, int]:
    """The room as of its last event, and the seq its snapshot stood at (0: none was of use). Raises `Rejected`:
    there is no such room, or this program does not understand its log (it is older, say, than what wrote it)."""
    opened = await opening(source, room)
    game = _game(games, opened.app)
    fold = Fold(game, limits.sessions_per_seat)
    snapshot = await source.load_snapshot(room)
    known = snapshot is not None and snapshot.version == SNAPSHOT_VERSION
    if snapshot is not None and known and snapshot.seq <= await source.last_seq(room):
        try:
            fold.restore(snapshot.body)
        except (msgspec.DecodeError, NotImplementedError, Undecodable) as error:
            log.warning("snapshot of room %s at seq %d is of no use: %s", room, snapshot.seq, error)
            fold = Fold(game, limits.sessions_per_seat)
    taken_at = fold.seq
    try:
        await _fold_in(source, room, fold, None)
    except Undecodable as error:
        log.error("room %s cannot be read: %s", room, error)
        raise Rejected(ErrorCode.UNAVAILABLE, "the room cannot be read now", retry_after_s=LATER_S) from error
    return fold, taken_at


async def replay(source: Reader, room: str, games: Games, seq: int | None = None) -> Fold:
    """The room as of any seq, from its log alone (None: the last). Raises `Rejected` on an unknown room or app."""
    opened = await opening(source, room)
    fold = Fold(_game(games, opened.app))
    await _fold_in(source, room, fold, seq)
    return fold


async def missed_events(
    source: Reader, room: str, game: Game[Any, Any, Any], after: int, limit: int
) -> tuple[list[tuple[int, PublicEvent]], int] | None:
    """The public events after a seq and the seq read up to; None when there are more than `limit`."""
    found: list[tuple[int, PublicEvent]] = []
    position = after
    while entries := await source.read(room, position, PAGE):
        found += public_events(game.catalogue, entries, after)
        position = entries[-1].last
        if len(found) > limit:
            return None
        if len(entries) < PAGE:
            break
    return found, position


def _game(games: Games, app: str) -> Game[Any, Any, Any]:
    try:
        return games[app]
    except KeyError:
        raise Rejected(ErrorCode.UNKNOWN_APP, f"application {app!r} is not installed here") from None


async def _fold_in(source: Reader, room: str, fold: Fold, until: int | None) -> None:
    while until is None or fold.seq < until:
        entries = await source.read(room, fold.seq, PAGE)
        for entry in entries:
            if until is not None and entry.last > until:
                _apply_part(fold, entry, until)
                return
            fold.apply(entry)
        if len(entries) < PAGE:
            return


def _apply_part(fold: Fold, entry: Entry, until: int) -> None:
    """An entry is atomic for the room, yet a reader may stop at any event of it."""
    if entry.seq <= until:
        fold.apply(msgspec.structs.replace(entry, events=entry.events[: until - entry.seq + 1]))


__all__ = ["Games", "Reader", "Undecodable", "missed_events", "opening", "replay", "wake"]
