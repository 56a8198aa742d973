"""The SQLite log, beyond what every log promises: its file, its process, its power cuts."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from gamekeeper.core.personal import Aside, Personal
from gamekeeper.log.protocol import LogUnavailable, Snapshot
from gamekeeper.log.sqlite import READ, ROOMS, SCHEMA_VERSION, TAIL, SqliteLog
from gamekeeper.log.writer import END_OF_ROOM
from tests.log.logs import append, entry

pytestmark = pytest.mark.anyio


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "log.sqlite3"


async def test_it_is_all_there_after_reopening(file: Path) -> None:
    log = SqliteLog(file)
    await append(log, "room", entry(1, events=2))
    await log.close()
    again = SqliteLog(file)
    assert await again.read("room") == [entry(1, events=2)]
    assert await append(again, "room", entry(3)) is None
    await again.close()


async def test_commits_are_synced(file: Path) -> None:
    """`synchronous=NORMAL` would not sync the WAL at each commit."""
    log = SqliteLog(file)
    assert log._writer is not None
    assert log._writer._connection.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert log._writer._connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    await log.close()


async def test_rows_are_for_ever(file: Path) -> None:
    """R0-25: the log is append-only."""
    log = SqliteLog(file)
    await append(log, "room", entry(1))
    await log.close()
    connection = sqlite3.connect(file)
    for statement in ("DELETE FROM batches", "UPDATE batches SET body = x''"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
    connection.close()


async def test_one_process_writes_and_others_read(file: Path) -> None:
    log = SqliteLog(file)
    await append(log, "room", entry(1))
    program = f"""
import asyncio, sys
from pathlib import Path
from gamekeeper.log.protocol import LogUnavailable
from gamekeeper.log.sqlite import SqliteLog
file = Path({str(file)!r})
try:
    SqliteLog(file)
except LogUnavailable as error:
    sys.stdout.write(str(error))
async def look():
    log = SqliteLog(file, read_only=True)
    sys.stdout.write(f"|{{await log.last_seq('room')}}")
    await log.close()
asyncio.run(look())
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said == f"{file} is in use by process {os.getpid()}|1"
    await log.close()


async def test_reading_only_never_writes(file: Path) -> None:
    with pytest.raises(LogUnavailable):
        SqliteLog(file, read_only=True)
    await SqliteLog(file).close()
    log = SqliteLog(file, read_only=True)
    assert isinstance(await append(log, "room", entry(1)), LogUnavailable)
    with pytest.raises(LogUnavailable):
        await log.ping()
    await log.close()


async def test_the_file_says_its_version(file: Path) -> None:
    await SqliteLog(file).close()
    connection = sqlite3.connect(file)
    assert connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
    connection.close()


async def test_a_file_of_before_anything_was_kept_beside_the_log_is_read_and_brought_up(file: Path) -> None:
    log = SqliteLog(file)
    await append(log, "room", entry(1))
    await log.close()
    connection = sqlite3.connect(file)
    connection.executescript("DROP TABLE personal; PRAGMA user_version=1")
    connection.close()
    reader = SqliteLog(file, read_only=True)
    assert await reader.read("room") == [entry(1)] and await reader.remembered(2**60) == []
    with pytest.raises(LogUnavailable):
        await reader.forget("room")
    await reader.close()
    log = SqliteLog(file)
    assert await append(log, "room", entry(2), aside=Aside((Personal(2, 1, 5, b'{"name":"Ann"}'),))) is None
    assert b"Ann" in bytes((await log.read("room"))[1].events[0].data)
    await log.close()


async def test_what_is_forgotten_is_in_no_file_even_if_somebody_was_reading(file: Path) -> None:
    log = SqliteLog(file)
    for seq in range(1, 200):
        aside = Aside((Personal(seq, seq, 5, b'{"name":"Zwiebelturm %d"}' % seq),))
        await append(log, "room", entry(seq), aside=aside)
    await log.save_snapshot(Snapshot("room", 1, 1, b"Zwiebelturm" * 5000))
    reading = sqlite3.connect(file)
    reading.execute("BEGIN")
    reading.execute("SELECT count(*) FROM batches").fetchone()
    await log.forget("room")
    assert "Zwiebelturm" not in str(await log.read("room"))
    reading.close()
    await log.ping()
    await log.ping()
    assert [path.name for path in file.parent.iterdir() if b"Zwiebelturm" in path.read_bytes()] == []
    await log.close()


async def test_a_newer_file_is_refused(file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(LogUnavailable, match="newer"):
        SqliteLog(file)


def test_another_file_is_refused(file: Path) -> None:
    file.write_text("not a database at all" * 100)
    with pytest.raises(LogUnavailable):
        SqliteLog(file)


async def test_a_damaged_disk_fails_appends_and_heals(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """R1-103: what could not be written is told, nothing of it is kept, and the next append works."""
    ill = True

    def failpoint(step: str) -> None:
        if ill and step == "before_commit":
            raise sqlite3.OperationalError("disk I/O error")

    log = SqliteLog(file, failpoint=failpoint)
    assert isinstance(await append(log, "room", entry(1)), LogUnavailable)
    ill = False
    assert await log.last_seq("room") == 0
    assert await append(log, "room", entry(1)) is None
    await log.close()


async def test_a_disk_that_is_full_fails_appends_whole_and_heals(file: Path) -> None:
    """SQLite itself runs out of pages here: no half of a batch stays, and room made is room used."""
    log = SqliteLog(file)
    assert await append(log, "room", entry(1)) is None
    assert log._writer is not None
    writing = log._writer._connection
    pages = writing.execute("PRAGMA page_count").fetchone()[0]
    writing.execute(f"PRAGMA max_page_count={pages:d}")
    large = [entry(seq) for seq in range(2, 3_000)]
    assert isinstance(await append(log, "room", *large), LogUnavailable)
    assert await log.last_seq("room") == 1
    writing.execute(f"PRAGMA max_page_count={pages + 1_000:d}")
    assert await append(log, "room", *large) is None
    assert await log.read("room") == [entry(1), *large]
    await log.close()


def test_nothing_is_left_open_when_opening_fails(file: Path) -> None:
    file.write_text("not a database at all" * 100)
    with pytest.raises(LogUnavailable, match="not a database"):
        SqliteLog(file)
    file.unlink()
    asyncio.run(SqliteLog(file).close())


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100])
def test_reading_refuses_what_is_no_log(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(LogUnavailable, match="is no log"):
        SqliteLog(file, read_only=True)


async def test_closing_leaves_one_file(file: Path) -> None:
    log = SqliteLog(file)
    await append(log, "room", entry(1))
    await log.close()
    assert sorted(path.name for path in file.parent.iterdir()) == [file.name, file.name + ".lock"]


async def test_every_query_goes_through_an_index(file: Path) -> None:
    """R0-24: the plans hold for any number of rows, since SQLite makes them without looking at any."""
    log = SqliteLog(file)
    for query, parameters in ((READ, ("r", 5)), (TAIL, (5, 10)), (ROOMS, ("", 10)), (END_OF_ROOM, ("r",))):
        plan = [row[3] for row in log._reader.execute(f"EXPLAIN QUERY PLAN {query}", parameters)]
        walked = [step for step in plan if step.startswith("SCAN") and step not in ("SCAN names", "SCAN CONSTANT ROW")]
        assert not walked, plan
        assert "USE TEMP B-TREE FOR ORDER BY" not in plan
    await log.close()


async def test_rooms_of_many_batches_are_listed_with_their_ends(file: Path) -> None:
    log = SqliteLog(file)
    for seq in range(1, 40):
        for room in ("a", "b", "c"):
            await append(log, room, entry(seq))
    assert [(head.room, head.seq, head.position) for head in await log.rooms()] == [
        ("a", 39, 115),
        ("b", 39, 116),
        ("c", 39, 117),
    ]
    await log.close()
