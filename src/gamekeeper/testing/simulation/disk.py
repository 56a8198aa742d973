"""What survives a crash: the log's rows, written late, sometimes not at all, never by halves."""

import contextlib
import random
from collections.abc import Callable

from gamekeeper.core.personal import NOTHING, Aside, whole
from gamekeeper.core.record import Entry, decode_entries
from gamekeeper.room.runtime import Runtime

USUAL_WRITE_S = 0.004
SLOW_WRITE_S = 0.3
REPORT_S = 0.001
BUSY = 0.2
"""How often a room has to wait because the disk writes for others."""

Done = Callable[[Exception | None], None]


class DiskError(Exception):
    """The simulated disk refused a write; nothing of it was kept."""


class Disk:
    """Rows per room. `written` is told of every entry the moment it is durable."""

    def __init__(self, rng: random.Random, written: Callable[[str, Entry], None]) -> None:
        self.rows: dict[str, list[Entry]] = {}
        self._rng = rng
        self._written = written

    def entries(self, room: str) -> list[Entry]:
        return self.rows.get(room, [])

    def last(self, room: str) -> int:
        entries = self.entries(room)
        return entries[-1].last if entries else 0

    def write(self, room: str, first: int, body: bytes, aside: Aside = NOTHING) -> None:
        """Make a batch durable. Raises `DiskError` if the room's log does not end where it begins."""
        if first != self.last(room) + 1:
            raise DiskError(f"room {room} ends at {self.last(room)}, not before {first}")
        for entry in whole(decode_entries(body), {one.seq: one.fields for one in aside.kept}):
            self.rows.setdefault(room, []).append(entry)
            self._written(room, entry)


class DiskLog:
    """The log as one node sees it. When the node dies, writes under way happen or do not."""

    def __init__(self, disk: Disk, runtime: Runtime, rng: random.Random, failure_rate: float) -> None:
        self._disk = disk
        self._runtime = runtime
        self._rng = rng
        self._failure_rate = failure_rate
        self._under_way: dict[int, tuple[str, int, bytes, Aside]] = {}
        self._count = 0

    def append(self, room: str, first: int, last: int, body: bytes, done: Done, aside: Aside = NOTHING) -> None:
        self._count += 1
        number = self._count
        self._under_way[number] = (room, first, body, aside)
        slow = self._rng.random() < 0.02
        delay_s = self._rng.uniform(0, SLOW_WRITE_S if slow else USUAL_WRITE_S)
        self._runtime.call_at(self._runtime.now() + delay_s, lambda: self._write(number, done))

    def when_ready(self, go: Callable[[], None]) -> None:
        """Now and then the disk is busy with other rooms."""
        if self._rng.random() < BUSY:
            self._runtime.call_at(self._runtime.now() + self._rng.uniform(0, USUAL_WRITE_S), go)
        else:
            go()

    def _write(self, number: int, done: Done) -> None:
        room, first, body, aside = self._under_way.pop(number)
        outcome: Exception | None = None
        try:
            if self._rng.random() < self._failure_rate:
                raise DiskError("no space left")
            self._disk.write(room, first, body, aside)
        except DiskError as error:
            outcome = error
        delay_s = self._rng.uniform(0, REPORT_S)
        self._runtime.call_at(self._runtime.now() + delay_s, lambda: done(outcome))

    def die(self) -> None:
        """The node is gone: each write under way is decided by a coin. One that is fenced changes nothing."""
        for room, first, body, aside in self._under_way.values():
            if self._rng.random() < 0.5:
                with contextlib.suppress(DiskError):
                    self._disk.write(room, first, body, aside)
        self._under_way.clear()
