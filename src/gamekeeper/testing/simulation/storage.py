"""What the nodes of a simulated cluster share: a fenced log, leases by its own clock, and the way there, which is slow
now and then and is sometimes cut."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from gamekeeper.core.personal import NOTHING, Aside
from gamekeeper.core.record import Entry
from gamekeeper.log.ownership import Claim, MemoryOwnership, OwnedBy, Territory
from gamekeeper.log.protocol import Batch, Conflict, Done, Fenced, LogError, LogUnavailable, RoomHead, Snapshot
from gamekeeper.testing.simulation.disk import BUSY, Disk, DiskError
from gamekeeper.testing.simulation.process import Process
from gamekeeper.testing.virtual import VirtualTime

T = TypeVar("T")

LEASE_S = 3.0
MARGIN_S = 0.5
USUAL_S = 0.004
SLOW_S = 0.4
TIMEOUT_S = 1.0
STALLED = 0.01
"""How many appends are held up on their way for so long that a lease may run out meanwhile."""


class Storage:
    """The database. `cut`: processes that cannot reach it now."""

    def __init__(self, time: VirtualTime, rng: random.Random, written: Callable[[str, Entry], None]) -> None:
        self.time = time
        self.rng = rng
        self.territory = Territory(time.now)
        self.disk = Disk(rng, written)
        self.cut: set[Process] = set()
        self.slow_rate = 0.02

    def delay_s(self) -> float:
        return self.rng.uniform(0, SLOW_S if self.rng.random() < self.slow_rate else USUAL_S)

    def write(
        self, room: str, first: int, body: bytes, node: str, epoch: int, aside: Aside = NOTHING
    ) -> LogError | None:
        """One append as the database carries it out: fence, then position."""
        if not self.territory.fits(room, node, epoch):
            return Fenced(f"room {room} is not node {node}'s of epoch {epoch}")
        try:
            self.disk.write(room, first, body, aside)
        except DiskError as error:
            return Conflict(str(error))
        return None

    async def carry(self, process: Process, work: Callable[[], T]) -> T:
        """Have it do something for a process: there, work, back. Raises `LogUnavailable`: done or not."""
        outcome: asyncio.Future[T] = process.loop.create_future()

        def arrive() -> None:
            if process in self.cut:
                if self.rng.random() < 0.5:
                    work()
                self._later(TIMEOUT_S, process, lambda: _fail(outcome))
                return
            found = work()
            self._later(self.delay_s(), process, lambda: _give(outcome, found))

        self.time.call_at(self.time.now() + self.delay_s(), arrive)
        return await outcome

    def _later(self, delay_s: float, process: Process, callback: Callable[[], None]) -> None:
        self.time.call_at(self.time.now() + delay_s, lambda: process.soon(callback))


def _fail(outcome: "asyncio.Future[Any]") -> None:
    if not outcome.done():
        outcome.set_exception(LogUnavailable("no answer"))


def _give(outcome: "asyncio.Future[T]", found: T) -> None:
    if not outcome.done():
        outcome.set_result(found)


class StoredOwnership(MemoryOwnership):
    """One node's ownership, asked over the way to the storage. `claimed` is told who had a room that is taken."""

    def __init__(self, storage: Storage, process: Process, claimed: Callable[[str, str, str], None]) -> None:
        super().__init__(storage.territory, process.name, process.name, lease_s=LEASE_S, margin_s=MARGIN_S)
        self._storage = storage
        self._process = process
        self._claimed = claimed

    async def _there(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        outcome = await self._storage.carry(self._process, lambda: _at_once(work()))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def register(self) -> None:
        await self._there(super().register)

    async def renew(self) -> bool:
        return await self._there(super().renew)

    async def claim(self, room: str) -> Claim | OwnedBy:
        former = super().claim

        async def work() -> Claim | OwnedBy:
            held = self.territory.holdings.get(room)
            answer = await former(room)
            if isinstance(answer, Claim) and held is not None and held.node:
                self._claimed(room, held.node, self.node)
            return answer

        return await self._there(work)

    async def release(self, rooms: Sequence[str]) -> None:
        former = super().release
        await self._there(lambda: former(rooms))

    async def orphans(self, limit: int) -> list[str]:
        former = super().orphans
        return await self._there(lambda: former(limit))

    async def leave(self) -> None:
        await self._there(super().leave)


def _at_once(work: Coroutine[Any, Any, T]) -> T | LogError:
    """The outcome of a coroutine that waits for nothing; what the storage refuses is an outcome too."""
    try:
        work.send(None)
    except StopIteration as done:
        value: T = done.value
        return value
    except LogError as error:
        return error
    raise AssertionError("it waits")


class StoredLog:
    """The log as one node sees it."""

    epoch = 1

    def __init__(self, storage: Storage, process: Process, ownership: MemoryOwnership) -> None:
        self._storage = storage
        self._process = process
        self._ownership = ownership

    def append(self, room: str, first: int, last: int, body: bytes, done: Done, aside: Aside = NOTHING) -> None:
        epoch = self._ownership.epoch_of(room)
        if epoch is None:
            self._process.soon(lambda: done(Fenced("the lease has run out")))
            return
        storage = self._storage
        node = self._process.name

        def arrive() -> None:
            cut = self._process in storage.cut
            unheard = cut and storage.rng.random() < 0.5
            refused = None if unheard else storage.write(room, first, body, node, epoch, aside)
            outcome = LogUnavailable("no answer") if cut else refused
            delay_s = TIMEOUT_S if cut else storage.delay_s()
            storage.time.call_at(storage.time.now() + delay_s, lambda: self._process.soon(lambda: told(outcome)))

        def told(outcome: LogError | None) -> None:
            if isinstance(outcome, Fenced):
                self._ownership.lost(room)
            done(outcome)

        stalled = storage.rng.random() < STALLED
        way_s = storage.rng.uniform(0, LEASE_S * 2) if stalled else storage.delay_s()
        storage.time.call_at(storage.time.now() + way_s, arrive)

    def when_ready(self, go: Callable[[], None]) -> None:
        """Now and then a commit of other rooms is under way."""
        storage = self._storage
        if storage.rng.random() < BUSY:
            storage.time.call_at(storage.time.now() + storage.delay_s(), lambda: self._process.soon(go))
        else:
            go()

    async def read(self, room: str, after: int = 0, limit: int = 10_000) -> list[Entry]:
        entries = self._storage.disk.entries
        return await self._storage.carry(
            self._process, lambda: [entry for entry in entries(room) if entry.last > after]
        )

    async def remembered(self, before: int, after: str = "", limit: int = 1_000) -> list[str]:
        return []

    async def forget(self, room: str) -> None:
        """Nobody is forgotten here: what is kept stands in the entries."""

    async def last_seq(self, room: str) -> int:
        return await self._storage.carry(self._process, lambda: self._storage.disk.last(room))

    async def tail(self, after: int, limit: int = 1_000) -> list[Batch]:
        return []

    async def rooms(self, after: str = "", limit: int = 1_000) -> list[RoomHead]:
        return []

    async def load_snapshot(self, room: str) -> Snapshot | None:
        return None

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Rooms are read from their beginning."""

    async def ping(self) -> None:
        await self._storage.carry(self._process, lambda: None)

    async def close(self) -> None:
        """Nothing is held."""
