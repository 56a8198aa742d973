"""The embedded log: one SQLite file, one writer thread, group commit.

WAL with `synchronous=FULL`: a commit is on the disk before it is reported. Whatever was queued while a commit ran is
the next transaction. A batch is one row; the rows of a transaction are written by one statement, so that the writer
thread gives the interpreter up once per commit and not once per row.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, TypeVar

from gamekeeper.core.personal import NOTHING, Aside
from gamekeeper.core.record import Entry
from gamekeeper.log.filelock import FileLock
from gamekeeper.log.protocol import Batch, Done, LogUnavailable, RoomHead, Snapshot, entries_of
from gamekeeper.log.writer import END_OF_ROOM, Failpoint, Writer, no_failpoint

SCHEMA_VERSION = 2

SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS batches (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    room TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL CHECK (last >= first),
    body BLOB NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS batches_by_room ON batches (room, first);
CREATE TABLE IF NOT EXISTS snapshots (
    room TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    version INTEGER NOT NULL,
    body BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS personal (
    room TEXT NOT NULL,
    seq INTEGER NOT NULL,
    seat INTEGER NOT NULL,
    at INTEGER NOT NULL,
    fields TEXT NOT NULL,
    PRIMARY KEY (room, seq)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT OR IGNORE INTO meta VALUES ('epoch', 1), ('pings', 0);
CREATE TRIGGER IF NOT EXISTS batches_are_for_ever BEFORE UPDATE ON batches
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS batches_stay BEFORE DELETE ON batches
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
PRAGMA user_version=2;
COMMIT;
"""

NO_PERSONAL = "CREATE TEMP TABLE personal (room TEXT, seq INTEGER, seat INTEGER, at INTEGER, fields TEXT)"
"""What a reader sees of a file that was last written by a version that kept nothing beside the log."""

READ = """
SELECT first, body, (
    SELECT json_group_object(seq, json(fields)) FROM personal
    WHERE personal.room = batches.room AND seq BETWEEN first AND last
) FROM batches
WHERE room = ?1 AND last > ?2
AND first >= coalesce((SELECT first FROM batches WHERE room = ?1 AND first <= ?2 + 1 ORDER BY first DESC LIMIT 1), 0)
ORDER BY first
"""
"""`first` is what is indexed (it would catch a second writer), so the batch that `after` lies in is looked up first."""

TAIL = """
SELECT position, room, first, last, body, (
    SELECT json_group_object(seq, json(fields)) FROM personal
    WHERE personal.room = batches.room AND seq BETWEEN first AND last
) FROM batches WHERE position > ? ORDER BY position LIMIT ?
"""

ROOMS = """
WITH RECURSIVE names(room) AS (
    SELECT min(room) FROM batches WHERE room > ?1
    UNION ALL
    SELECT (SELECT min(room) FROM batches WHERE room > names.room) FROM names WHERE names.room IS NOT NULL
    LIMIT ?2
)
SELECT batches.room, last, position FROM names
JOIN batches ON position = (SELECT position FROM batches WHERE room = names.room ORDER BY first DESC LIMIT 1)
"""
"""Leaps from room to room in the index instead of walking over every batch there is."""

REMEMBERED = "SELECT room FROM personal WHERE room > ? GROUP BY room HAVING max(at) < ? ORDER BY room LIMIT ?"

EPOCH = "SELECT value FROM meta WHERE name = 'epoch'"

T = TypeVar("T")


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection with the settings the promises rest on. Raises `LogUnavailable`."""
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=10.0,
        )
        if not read_only:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA secure_delete=ON")  # what is forgotten is overwritten
            # A checkpoint holds commits up, so they are small ones. At 40,000 entries/s the worst commit took 5-7 ms
            # with 1,000 pages and 12-19 ms with 4,000, which saved some percent of CPU at saturation.
            connection.execute("PRAGMA wal_autocheckpoint=1000")
            connection.execute("PRAGMA journal_size_limit=67108864")
        return connection
    except sqlite3.Error as error:
        raise LogUnavailable(f"{path}: {error}") from error


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Create the tables where they are missing. Raises `LogUnavailable` on a file of another program."""
    try:
        if connection.execute("PRAGMA user_version").fetchone()[0] < SCHEMA_VERSION:
            connection.executescript(SCHEMA)
    except sqlite3.DatabaseError as error:
        raise LogUnavailable(f"{path}: {error}") from error


def read_epoch(connection: sqlite3.Connection, path: Path) -> int:
    """Raises `LogUnavailable` on a file that is no log, or one of a newer version."""
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise LogUnavailable(f"{path} was written by a newer version (schema {version})")
        return int(connection.execute(EPOCH).fetchone()[0])
    except (sqlite3.Error, TypeError) as error:
        raise LogUnavailable(f"{path} is no log: {error}") from error


class SqliteLog:
    """An `EventLog` in a file. One process writes; others may read with `read_only=True`."""

    def __init__(
        self, path: Path, *, read_only: bool = False, capacity: int = 100_000, failpoint: Failpoint = no_failpoint
    ) -> None:
        """Open or create. Raises `LogUnavailable`, also when another process has it."""
        self.path = path
        writing: sqlite3.Connection | None = None
        with ExitStack() as opened:  # what was opened is closed again if a later step fails
            if not read_only:
                path.parent.mkdir(parents=True, exist_ok=True)
                opened.callback(FileLock(path.with_name(path.name + ".lock")).release)
                writing = opened.enter_context(closing(connect(path)))
                prepare(writing, path)
            self._reader = opened.enter_context(closing(connect(path, read_only=True)))
            self.epoch = read_epoch(self._reader, path)
            if not self._reader.execute("SELECT count(*) FROM sqlite_master WHERE name = 'personal'").fetchone()[0]:
                self._reader.execute(NO_PERSONAL)
            self._opened = opened.pop_all()
        self._writer = Writer(writing, capacity, failpoint) if writing else None
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="log-reader")

    def append(self, room: str, first: int, last: int, body: bytes, done: Done, aside: Aside = NOTHING) -> None:
        if self._writer is None:
            asyncio.get_running_loop().call_soon(done, LogUnavailable("the log is open for reading only"))
        else:
            self._writer.append(room, first, last, body, done, aside)

    def when_ready(self, go: Callable[[], None]) -> None:
        if self._writer is None:
            go()
        else:
            self._writer.when_ready(go)

    async def read(self, room: str, after: int = 0, limit: int = 10_000) -> list[Entry]:
        def rows() -> list[Entry]:
            found: list[Entry] = []
            for first, body, kept in self._reader.execute(READ, (room, after)):
                found += [entry for entry in entries_of(room, first, body, kept) if entry.last > after]
                if len(found) >= limit:
                    break
            return found

        return await self._read(rows)

    async def remembered(self, before: int, after: str = "", limit: int = 1_000) -> list[str]:
        return [row[0] for row in await self._query(REMEMBERED, after, before, limit)]

    async def forget(self, room: str) -> None:
        if self._writer is None:
            raise LogUnavailable("the log is open for reading only")
        await self._writer.forget(room)

    async def last_seq(self, room: str) -> int:
        rows = await self._query(END_OF_ROOM, room)
        last: int = rows[0][0]
        return last

    async def tail(self, after: int, limit: int = 1_000) -> list[Batch]:
        def rows() -> list[Batch]:
            return [Batch(*row) for row in self._reader.execute(TAIL, (after, limit))]

        return await self._read(rows)

    async def rooms(self, after: str = "", limit: int = 1_000) -> list[RoomHead]:
        return [RoomHead(*row) for row in await self._query(ROOMS, after, limit)]

    async def load_snapshot(self, room: str) -> Snapshot | None:
        rows = await self._query("SELECT room, seq, version, body FROM snapshots WHERE room = ?", room)
        return Snapshot(*rows[0]) if rows else None

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        statement = "INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?)"
        values = (snapshot.room, snapshot.seq, snapshot.version, snapshot.body)
        await self._write(statement, *values, size=len(snapshot.body))

    async def ping(self) -> None:
        await self._write("UPDATE meta SET value = value + 1 WHERE name = ?", "pings")

    async def close(self) -> None:
        """Write what is queued, then let go of the file."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        """The writer's connection last: it then folds the WAL into the file and leaves one file behind."""
        self._reading.shutdown()
        self._reader.close()
        if self._writer is not None:
            self._writer.close()
        self._opened.close()

    async def _write(self, statement: str, *parameters: Any, size: int = 0) -> None:
        if self._writer is None:
            raise LogUnavailable("the log is open for reading only")
        await self._writer.run(statement, parameters, size)

    async def _query(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return await self._read(lambda: self._reader.execute(query, parameters).fetchall())

    async def _read(self, query: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._reading, query)
        except (sqlite3.Error, RuntimeError) as error:
            raise LogUnavailable(str(error)) from error
