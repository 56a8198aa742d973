"""A log that lasts as long as the process: for tests, examples and the price of durability in benchmarks."""

import asyncio
from bisect import bisect_right
from collections.abc import Callable

import msgspec

from gamekeeper.core.personal import NOTHING, Aside, Personal
from gamekeeper.core.record import Entry
from gamekeeper.log.protocol import (
    Batch,
    Conflict,
    Done,
    LogError,
    LogUnavailable,
    RoomHead,
    Snapshot,
    entries_of,
)

SNAPSHOTS = 10_000


class MemoryLog:
    """Keeps every body it was given. `done` is called on the next turn of the loop, as a real log would."""

    def __init__(self, epoch: int = 1) -> None:
        self.epoch = epoch
        self._batches: list[tuple[str, int, int, bytes]] = []
        self._rooms: dict[str, list[int]] = {}
        self._snapshots: dict[str, Snapshot] = {}
        self._kept: dict[str, list[Personal]] = {}
        self._closed = False

    def append(self, room: str, first: int, last: int, body: bytes, done: Done, aside: Aside = NOTHING) -> None:
        error: LogError | None = None
        if self._closed:
            error = LogUnavailable("the log is closed")
        elif first != self._last(room) + 1 or last < first:
            error = Conflict(f"room {room} ends at {self._last(room)}, not before {first}")
        else:
            self._batches.append((room, first, last, body))
            self._rooms.setdefault(room, []).append(len(self._batches) - 1)
            self._put_aside(room, aside)
        asyncio.get_running_loop().call_soon(done, error)

    def when_ready(self, go: Callable[[], None]) -> None:
        go()

    def _put_aside(self, room: str, aside: Aside) -> None:
        if aside.forgotten:
            self._snapshots.pop(room, None)
        kept = [one for one in self._kept.get(room, []) if one.seat not in aside.forgotten]
        self._kept[room] = [*kept, *aside.kept]

    def _kept_of(self, room: str) -> str | None:
        kept = {one.seq: msgspec.Raw(one.fields) for one in self._kept.get(room, [])}
        return msgspec.json.encode(kept).decode() if kept else None

    async def remembered(self, before: int, after: str = "", limit: int = 1_000) -> list[str]:
        old = [room for room, kept in self._kept.items() if kept and max(one.at for one in kept) < before]
        return sorted(room for room in old if room > after)[:limit]

    async def forget(self, room: str) -> None:
        self._kept.pop(room, None)
        self._snapshots.pop(room, None)

    def _last(self, room: str) -> int:
        numbers = self._rooms.get(room)
        return self._batches[numbers[-1]][2] if numbers else 0

    async def read(self, room: str, after: int = 0, limit: int = 10_000) -> list[Entry]:
        numbers = self._rooms.get(room, [])
        found: list[Entry] = []
        kept = self._kept_of(room)
        start = bisect_right(numbers, after, key=lambda number: self._batches[number][2])
        for number in numbers[start:]:
            _, first, _, body = self._batches[number]
            found += [entry for entry in entries_of(room, first, body, kept) if entry.last > after]
            if len(found) >= limit:
                break
        return found

    async def last_seq(self, room: str) -> int:
        return self._last(room)

    async def tail(self, after: int, limit: int = 1_000) -> list[Batch]:
        batches = self._batches[after : after + limit]
        kept = {room: self._kept_of(room) for room in {batch[0] for batch in batches}}
        return [Batch(position, *batch, kept[batch[0]]) for position, batch in enumerate(batches, after + 1)]

    async def rooms(self, after: str = "", limit: int = 1_000) -> list[RoomHead]:
        names = sorted(room for room in self._rooms if room > after)[:limit]
        return [RoomHead(room, self._last(room), self._rooms[room][-1] + 1) for room in names]

    async def load_snapshot(self, room: str) -> Snapshot | None:
        return self._snapshots.get(room)

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        self._snapshots.pop(snapshot.room, None)
        self._snapshots[snapshot.room] = snapshot
        if len(self._snapshots) > SNAPSHOTS:
            del self._snapshots[next(iter(self._snapshots))]

    async def ping(self) -> None:
        if self._closed:
            raise LogUnavailable("the log is closed")

    async def close(self) -> None:
        self._closed = True
