"""Hundreds of seeded histories of a cluster, and proof that the simulation would notice.

More seeds: `python -m bench.simulate --cluster --seeds 10000`.
"""

import logging
from collections.abc import Iterator

import msgspec
import pytest

from gamekeeper.core.personal import NOTHING, Aside
from gamekeeper.core.record import Entry
from gamekeeper.log.ownership import Claim, OwnedBy
from gamekeeper.log.protocol import Conflict, Fenced, LogError
from gamekeeper.room.fold import Fold
from gamekeeper.room.registry import Registry
from gamekeeper.room.room import Room
from gamekeeper.server.door import FrontDoor
from gamekeeper.testing.simulation import ClusterParts, Violation, simulate_cluster
from gamekeeper.testing.simulation.storage import Storage, StoredLog, StoredOwnership
from gamekeeper.testing.tally import Tally, wish
from gamekeeper.wire.cursor import Cursors
from gamekeeper.wire.frames import PublicEvent

SEEDS = 500
ENOUGH_SEEDS = 500


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_five_hundred_histories_of_a_cluster() -> None:
    """I1 to I5 through deaths, drains, stops past the lease, partitions, a lost bus, skewed clocks and slow disks."""
    reports = [simulate_cluster(Tally, seed, wish) for seed in range(SEEDS)]
    assert sum(report.faults for report in reports) > 4 * SEEDS, "things went wrong"
    assert sum(report.moves for report in reports) > SEEDS // 3, "rooms were taken over"
    assert sum(report.welcomes for report in reports) > 5 * SEEDS, "clients came back"
    assert sum(report.acknowledged for report in reports) > 50 * SEEDS, "and got their answers"


def test_a_seed_is_a_history() -> None:
    assert simulate_cluster(Tally, 7, wish) == simulate_cluster(Tally, 7, wish)


class TakesEverything(Storage):
    """A log without a fence: whatever comes is put at its end."""

    def write(
        self, room: str, first: int, body: bytes, node: str, epoch: int, aside: Aside = NOTHING
    ) -> LogError | None:
        return super().write(room, first, body, *self._whoever(room), aside)

    def _whoever(self, room: str) -> tuple[str, int]:
        held = self.territory.holdings[room]
        return held.node, held.epoch


class WritesTwice(TakesEverything):
    """The same, with the rows of the other writer overwritten."""

    def write(
        self, room: str, first: int, body: bytes, node: str, epoch: int, aside: Aside = NOTHING
    ) -> LogError | None:
        refused = super().write(room, first, body, node, epoch, aside)
        if isinstance(refused, Conflict):
            for entry in msgspec.json.decode(body, type=list[Entry]):
                self.disk._written(room, entry)
            return None
        return refused


class ForgetsCommands(StoredLog):
    """What took effect is remembered by the node that judged it and by nobody after it."""

    async def read(self, room: str, after: int = 0, limit: int = 10_000) -> list[Entry]:
        return [msgspec.structs.replace(entry, n=0) for entry in await super().read(room, after, limit)]


class PublishesFenced(Room):
    """Shows what it has decided although the log has refused it."""

    def _appended(self, error: Exception | None) -> None:
        super()._appended(None if isinstance(error, Fenced) else error)


class Stale(Registry):
    def _admit(self, id: str, fold: Fold) -> Room:
        cursors = Cursors(self._secret, id, self.log.epoch)
        self.rooms[id] = PublishesFenced(id, fold, self.log, self._runtime, cursors, self, self.limits)
        return self.rooms[id]


class OffByOne(FrontDoor):
    """Resumes one event too late."""

    async def _missed(self, room: Room, cursor: str | None) -> tuple[int | None, tuple[PublicEvent, ...]]:
        since, missed = await super()._missed(room, cursor)
        return (since + 1 if since is not None else None), missed


class WallClock(StoredOwnership):
    """Judges others' leases by its own clock."""

    async def claim(self, room: str) -> Claim | OwnedBy:
        held = self.territory.holdings.get(room)
        lease = self.territory.leases.get(held.node) if held is not None else None
        if held is not None and lease is not None and lease.expires_at < self._process.now():
            self.territory.holdings[room] = type(held)(self.node, held.epoch + 1)
            self._claims[room] = held.epoch + 1
            self._claimed(room, held.node, self.node)
            return Claim(room, held.epoch + 1)
        return await super().claim(room)


class Eternal(StoredOwnership):
    """Never doubts its lease."""

    @property
    def believes(self) -> bool:
        return True


def seeds_until_found(parts: ClusterParts, promises: tuple[str, ...]) -> int:
    for seed in range(ENOUGH_SEEDS):
        try:
            simulate_cluster(Tally, seed, wish, parts=parts)
        except Violation as violation:
            assert str(violation).startswith(promises), violation
            return seed + 1
    raise AssertionError(f"{ENOUGH_SEEDS} seeds did not find the planted fault")


@pytest.mark.parametrize(
    ("parts", "promises"),
    [
        pytest.param(ClusterParts(storage=WritesTwice), ("I2", "I3"), id="fence left out"),
        pytest.param(ClusterParts(log=ForgetsCommands), ("I3",), id="dedup by memory only"),
        pytest.param(ClusterParts(registry=Stale), ("I1", "I4", "I5"), id="publish from a stale owner"),
        pytest.param(ClusterParts(door=OffByOne), ("I4",), id="resume off by one"),
        pytest.param(ClusterParts(ownership=WallClock), ("I2",), id="lease by wall clock"),
        pytest.param(ClusterParts(ownership=Eternal), ("I2",), id="a lease that is never doubted"),
    ],
)
def test_a_planted_fault_is_found(parts: ClusterParts, promises: tuple[str, ...]) -> None:
    seeds_until_found(parts, promises)


def test_the_position_alone_would_do_for_the_log() -> None:
    """Without the epoch an append still has to name where the log ends: a second belt, not the only one."""
    for seed in range(50):
        simulate_cluster(Tally, seed, wish, parts=ClusterParts(storage=TakesEverything))
