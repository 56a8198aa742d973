"""A log as it was: beginnings of rooms, nothing else."""

import sqlite3
from pathlib import Path

import pytest

from gamekeeper.core.personal import Aside, Personal
from gamekeeper.log.protocol import LogDamaged, Snapshot
from gamekeeper.log.rewind import rewind
from gamekeeper.log.sqlite import SqliteLog
from tests.log.logs import append, entry

pytestmark = pytest.mark.anyio


async def written(path: Path, rooms: dict[str, int]) -> dict[str, list[int]]:
    """A log with so many entries in each room, a batch each; the times they were written at."""
    log = SqliteLog(path)
    for room, count in rooms.items():
        for seq in range(1, count + 1):
            assert await append(log, room, entry(seq)) is None
    await log.save_snapshot(Snapshot("a", rooms["a"], 1, b"{}"))
    times = {room: [each.at for each in await log.read(room)] for room in rooms}
    await log.close()
    return times


async def test_what_came_later_is_left_out(tmp_path: Path) -> None:
    """R4-170."""
    path = tmp_path / "log.sqlite3"
    times = await written(path, {"a": 5, "b": 3})
    until = times["a"][2]
    expected = {room: sum(at <= until for at in each) for room, each in times.items()}
    assert rewind(path, until) == 8 - sum(expected.values())
    log = SqliteLog(path)
    for room, count in expected.items():
        assert [each.seq for each in await log.read(room)] == list(range(1, count + 1))
    assert await log.load_snapshot("a") is None
    assert await append(log, "a", entry(expected["a"] + 1)) is None, "the room goes on from there"
    await log.close()


async def test_names_of_those_who_came_later_go_too(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite3"
    log = SqliteLog(path)
    for seq in (1, 2):
        each = entry(seq)
        await append(log, "a", each, aside=Aside((Personal(seq, seq, each.at, b'{"name":"Ann"}'),)))
    await log.close()
    assert rewind(path, entry(1).at) == 1
    log = SqliteLog(path)
    assert await append(log, "a", entry(2), aside=Aside((Personal(2, 2, 9, b'{"name":"Bob"}'),))) is None
    assert ["Ann" in str(each.events[0].data, "utf-8") for each in await log.read("a")] == [True, False]
    await log.close()


async def test_the_log_only_grows_again_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite3"
    await written(path, {"a": 2})
    rewind(path, 2**62)
    with sqlite3.connect(path) as connection, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute("DELETE FROM batches")


async def test_a_damaged_batch_stops_it_and_nothing_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite3"
    await written(path, {"a": 2})
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO batches (room, first, last, body) VALUES ('a', 3, 3, 'not json')")
    with pytest.raises(LogDamaged, match="room a, batch from seq 3"):
        rewind(path, 0)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM batches").fetchone() == (3,)
