"""A log as it was at an earlier time: for a restore to a point in time."""

import sqlite3
from pathlib import Path

from gamekeeper.log.protocol import entries_of
from gamekeeper.log.sqlite import SCHEMA

BATCHES_PER_READ = 1_000


def rewind(path: Path, until: int) -> int:
    """Leave out of a log file what was written after `until` (microseconds since the epoch); the batches left out.

    For a copy that no server has open: a log in use only grows. A batch is whole or absent, as it was when it was
    written; of each room the rest is a beginning of its log, since no entry is older than the one before. Snapshots
    are caches and go. Raises `LogDamaged`, `sqlite3.Error`; then the file is as before.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        late = _later(connection, until)
        connection.execute("DROP TRIGGER IF EXISTS batches_stay")
        connection.executemany("DELETE FROM batches WHERE position = ?", [(position,) for position in late])
        connection.execute("DELETE FROM snapshots")
        if connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'personal'").fetchone()[0]:
            connection.execute("DELETE FROM personal WHERE at > ?", (until,))
        connection.execute("COMMIT")
        connection.executescript(SCHEMA)  # the trigger again
    finally:
        connection.close()
    return len(late)


def _later(connection: sqlite3.Connection, until: int) -> list[int]:
    """Positions of the batches that end after the time. Commits of different rooms overlap, so all are looked at."""
    late: list[int] = []
    position = 0
    page = "SELECT position, room, first, body FROM batches WHERE position > ? ORDER BY position LIMIT ?"
    while rows := connection.execute(page, (position, BATCHES_PER_READ)).fetchall():
        for position, room, first, body in rows:
            if entries_of(room, first, body)[-1].at > until:
                late.append(position)
    return late
