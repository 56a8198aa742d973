"""A log in front of a log: everything passes. What measures or traces appends derives from it."""

from collections.abc import Callable

from gamekeeper.core.personal import NOTHING, Aside
from gamekeeper.core.record import Entry
from gamekeeper.log.protocol import Batch, Done, EventLog, RoomHead, Snapshot


class PassingLog:
    """An `EventLog` that hands every call to the one behind it."""

    def __init__(self, inner: EventLog) -> None:
        self._inner = inner

    @property
    def epoch(self) -> int:
        return self._inner.epoch

    def append(self, room: str, first: int, last: int, body: bytes, done: Done, aside: Aside = NOTHING) -> None:
        self._inner.append(room, first, last, body, done, aside)

    def when_ready(self, go: Callable[[], None]) -> None:
        self._inner.when_ready(go)

    async def read(self, room: str, after: int = 0, limit: int = 10_000) -> list[Entry]:
        return await self._inner.read(room, after, limit)

    async def remembered(self, before: int, after: str = "", limit: int = 1_000) -> list[str]:
        return await self._inner.remembered(before, after, limit)

    async def forget(self, room: str) -> None:
        await self._inner.forget(room)

    async def last_seq(self, room: str) -> int:
        return await self._inner.last_seq(room)

    async def tail(self, after: int, limit: int = 1_000) -> list[Batch]:
        return await self._inner.tail(after, limit)

    async def rooms(self, after: str = "", limit: int = 1_000) -> list[RoomHead]:
        return await self._inner.rooms(after, limit)

    async def load_snapshot(self, room: str) -> Snapshot | None:
        return await self._inner.load_snapshot(room)

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        await self._inner.save_snapshot(snapshot)

    async def ping(self) -> None:
        await self._inner.ping()

    async def close(self) -> None:
        await self._inner.close()
