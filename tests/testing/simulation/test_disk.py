"""A simulated disk: written late, sometimes not at all, never by halves."""

import random

import pytest

from gamekeeper.core.record import Entry, encode_entries
from gamekeeper.testing.simulation.disk import Disk, DiskError, DiskLog
from gamekeeper.testing.virtual import VirtualTime


class Written(list[int]):
    def note(self, room: str, entry: Entry) -> None:
        self.append(entry.seq)


def parts(failure_rate: float = 0.0) -> tuple[VirtualTime, Disk, DiskLog, Written]:
    time, rng, written = VirtualTime(), random.Random(1), Written()
    disk = Disk(rng, written.note)
    return time, disk, DiskLog(disk, time, rng, failure_rate), written


def one(seq: int) -> bytes:
    return encode_entries([Entry(seq, 0, "", 0, "", 0, "x", ())]).replace(b"[]]", b'[["x",1,{}]]]')


def test_a_write_is_durable_before_it_is_reported() -> None:
    time, disk, log, written = parts()
    told: list[object] = []
    log.append("room", 1, 1, one(1), lambda error: told.append((error, disk.last("room"))))
    assert (written, told) == ([], [])
    time.advance(1)
    assert (written, told) == ([1], [(None, 1)])


def test_a_write_at_another_place_is_refused() -> None:
    _, disk, _, written = parts()
    with pytest.raises(DiskError, match="ends at 0, not before 2"):
        disk.write("room", 2, one(2))
    assert (disk.entries("room"), written) == ([], [])


def test_a_full_disk_keeps_nothing_and_says_so() -> None:
    time, disk, log, _ = parts(failure_rate=1.0)
    told: list[Exception | None] = []
    log.append("room", 1, 1, one(1), told.append)
    time.advance(1)
    assert isinstance(told[0], DiskError)
    assert disk.last("room") == 0


def test_what_is_under_way_when_the_node_dies_is_decided_by_a_coin() -> None:
    survived = 0
    for seed in range(200):
        time, rng = VirtualTime(), random.Random(seed)
        disk = Disk(rng, lambda room, entry: None)
        log = DiskLog(disk, time, rng, 0.0)
        log.append("room", 1, 1, one(1), lambda error: None)
        log.die()
        survived += disk.last("room")
    assert 60 < survived < 140
