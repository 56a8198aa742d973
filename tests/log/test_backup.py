"""Backup of a log that is being written; restore with a new epoch."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from gamekeeper.log.backup import DATABASE_FILE, LOG_FILE, BackupError, backup, check, epoch_of, restore
from gamekeeper.log.migrate import current_revision, migrate
from gamekeeper.log.protocol import LogUnavailable
from gamekeeper.log.sqlite import SqliteLog
from tests.log.logs import append, entry

pytestmark = pytest.mark.anyio


async def test_backup_while_writing_and_restore(tmp_path: Path) -> None:
    """R4-170: the copy is whole, and the restored log has a new epoch."""
    data, copy, elsewhere = tmp_path / "data", tmp_path / "copy", tmp_path / "elsewhere"
    log = SqliteLog(data / LOG_FILE)
    migrate(f"sqlite:///{data / DATABASE_FILE}")
    writing = True

    async def write() -> int:
        seq = 0
        while writing:
            seq += 1
            assert await append(log, "room", entry(seq)) is None
        return seq

    task = asyncio.create_task(write())
    await asyncio.sleep(0.1)
    written_before = await log.last_seq("room")
    steps: list[tuple[int, int]] = []
    await asyncio.to_thread(backup, data, copy, lambda done, total: steps.append((done, total)))
    writing = False
    last = await task
    assert steps[-1][0] == steps[-1][1]
    await log.close()

    epoch = restore(copy, elsewhere)
    restored = SqliteLog(elsewhere / LOG_FILE)
    assert restored.epoch == epoch > log.epoch
    assert written_before <= await restored.last_seq("room") <= last
    assert [each.seq for each in await restored.read("room")] == list(range(1, await restored.last_seq("room") + 1))
    await restored.close()
    assert current_revision(f"sqlite:///{elsewhere / DATABASE_FILE}") is not None


async def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    log = SqliteLog(data / LOG_FILE)
    await append(log, "room", entry(1))
    backup(data, copy)
    with pytest.raises(BackupError, match="not empty"):
        backup(data, copy)
    with pytest.raises(LogUnavailable, match="in use"):
        restore(copy, data)
    await append(log, "room", entry(2))
    await log.close()
    with pytest.raises(BackupError, match="--overwrite"):
        restore(copy, data)
    epoch = restore(copy, data, overwrite=True)
    assert epoch > log.epoch
    again = SqliteLog(data / LOG_FILE)
    assert await again.last_seq("room") == 1
    await again.close()
    assert (data / (LOG_FILE + ".replaced")).exists()
    assert restore(copy, data, overwrite=True) > epoch, "never the same epoch twice"


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="holds no"):
        backup(tmp_path, tmp_path / "copy")
    with pytest.raises(BackupError, match="holds no"):
        restore(tmp_path, tmp_path / "data")
    (tmp_path / LOG_FILE).write_bytes(b"SQLite format 3\0" + b"junk" * 1000)
    with pytest.raises(BackupError):
        check(tmp_path / LOG_FILE)
    assert epoch_of(tmp_path / "nothing") == 0


def written(file: Path, batches: int, size: int = 100_000) -> None:
    """A log with that many batches in one room."""
    asyncio.run(SqliteLog(file).close())
    connection = sqlite3.connect(file)
    rows = [("room", seq, seq, b"[]" + b" " * size) for seq in range(1, batches + 1)]
    connection.executemany("INSERT INTO batches (room, first, last, body) VALUES (?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()


def last_seq(file: Path) -> int:
    async def look() -> int:
        log = SqliteLog(file)
        try:
            return await log.last_seq("room")
        finally:
            await log.close()

    return asyncio.run(look())


def test_a_writer_that_never_rests_does_not_hold_a_backup_up(tmp_path: Path) -> None:
    """A commit falls between any two steps of the copy; it must not begin again, and must be of one moment."""
    data, copy = tmp_path / "data", tmp_path / "copy"
    written(data / LOG_FILE, 200)
    server = sqlite3.connect(data / LOG_FILE)
    steps: list[int] = []

    def commit_one_more(done: int, total: int) -> None:
        steps.append(done)
        assert len(steps) < 100, "the copy begins again and again"
        seq = 200 + len(steps)
        server.execute("INSERT INTO batches (room, first, last, body) VALUES ('room', ?, ?, x'5b5d')", (seq, seq))
        server.commit()

    backup(data, copy, commit_one_more)
    server.close()
    assert len(steps) > 3
    assert steps == sorted(steps)
    assert last_seq(copy / LOG_FILE) == 200


def test_a_backup_is_plain_files(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    written(data / LOG_FILE, 3)
    migrate(f"sqlite:///{data / DATABASE_FILE}")
    assert backup(data, copy) == [copy / LOG_FILE, copy / DATABASE_FILE]
    assert sorted(os.listdir(copy)) == sorted([LOG_FILE, DATABASE_FILE])
    restore(copy, tmp_path / "new")
    assert sorted(os.listdir(tmp_path / "new")) == sorted([LOG_FILE, DATABASE_FILE, LOG_FILE + ".lock"])


def test_a_backup_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    written(data / LOG_FILE, 3)
    (data / DATABASE_FILE).write_bytes(b"not a database at all" * 100)
    with pytest.raises(BackupError, match="not a database"):
        backup(data, copy)
    assert os.listdir(copy) == []
    with monkeypatch.context() as patched:
        patched.setattr("gamekeeper.log.backup._copy", full)
        with pytest.raises(BackupError, match="disk is full"):
            restore(data, tmp_path / "new")
    assert os.listdir(tmp_path / "new") == [LOG_FILE + ".lock"]


def full(source: Path, target: Path, progress: object) -> None:
    target.write_bytes(b"half")
    raise BackupError("disk is full")


def test_a_damaged_backup_replaces_nothing(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    written(data / LOG_FILE, 5)
    written(copy / LOG_FILE, 50, size=10_000)
    content = bytearray((copy / LOG_FILE).read_bytes())
    content[20_000:60_000] = b"\xff" * 40_000
    (copy / LOG_FILE).write_bytes(content)
    with pytest.raises(BackupError):
        restore(copy, data, overwrite=True)
    assert last_seq(data / LOG_FILE) == 5


def test_a_log_that_can_no_longer_be_read_can_be_replaced(tmp_path: Path) -> None:
    """That is what backups are for."""
    data, copy = tmp_path / "data", tmp_path / "copy"
    written(data / LOG_FILE, 5)
    backup(data, copy)
    (data / LOG_FILE).write_bytes(b"scratched" * 1_000)
    (data / (LOG_FILE + "-wal")).write_bytes(b"scratched too")
    assert restore(copy, data, overwrite=True) > 1
    assert not (data / (LOG_FILE + "-wal")).exists(), "it would be taken for that of the restored file"
    assert last_seq(data / LOG_FILE) == 5
    assert (data / (LOG_FILE + ".replaced")).read_bytes().startswith(b"scratched")


def test_two_restores_of_one_backup_get_different_epochs(tmp_path: Path) -> None:
    """Each begins in an empty folder, so none can know of another. That five draws agree by chance: 4,096 to the -4."""
    data, copy = tmp_path / "data", tmp_path / "copy"
    written(data / LOG_FILE, 1)
    backup(data, copy)
    epochs = [restore(copy, tmp_path / str(number)) for number in range(5)]
    assert len(set(epochs)) > 1
    assert min(epochs) > 1


STEPS = ("_copy", "check", "_set_epoch", "_fold_in", "_keep", "_put", "_sync_folder")

DIES = f"""
import os, sys
from pathlib import Path
from gamekeeper.log import backup
left = int(sys.argv[3])
def dying(step):
    def call(*arguments):
        global left
        left -= 1
        if left == 0:
            os._exit(9)
        return step(*arguments)
    return call
for name in {STEPS}:
    setattr(backup, name, dying(getattr(backup, name)))
backup.restore(Path(sys.argv[1]), Path(sys.argv[2]), overwrite=True)
"""


def test_a_restore_that_is_killed_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    """R4-170: wherever it dies, there is a whole log, and running it again completes it."""
    before, copy = tmp_path / "before", tmp_path / "copy"
    for folder, batches in ((before, 7), (copy, 3)):
        written(folder / LOG_FILE, batches, size=10)
        migrate(f"sqlite:///{folder / DATABASE_FILE}")
    for step in range(1, 30):
        data = tmp_path / f"data {step}"
        backup(before, data)
        died = subprocess.run([sys.executable, "-c", DIES, str(copy), str(data), str(step)], check=False).returncode
        assert last_seq(data / LOG_FILE) in (3, 7)
        assert current_revision(f"sqlite:///{data / DATABASE_FILE}") is not None
        restore(copy, data, overwrite=True)
        assert last_seq(data / LOG_FILE) == 3
        if died == 0:
            assert step > 10
            return
    pytest.fail("it never came to its end")
