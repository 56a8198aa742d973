"""Copy a running server's files; put a copy back.

The log is copied before the rest: whatever the relational side then knows too much of, its projections notice by the
changed epoch and build anew.
"""

import os
import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from secrets import randbelow

from gamekeeper.log.filelock import FileLock
from gamekeeper.log.protocol import LogDamaged, LogUnavailable
from gamekeeper.log.rewind import rewind

LOG_FILE = "log.sqlite3"
DATABASE_FILE = "gamekeeper.sqlite3"
PAGES_PER_STEP = 1_000
EPOCH_LEAP = 4_096

Progress = Callable[[int, int], None]
"""Called with pages copied and pages in all."""


class BackupError(Exception):
    """Nothing was changed; the message says why."""


def _no_progress(done: int, total: int) -> None:
    pass


def backup(data: Path, target: Path, progress: Progress = _no_progress) -> list[Path]:
    """Copy both databases into a new folder while the server runs; the files written. Raises `BackupError`."""
    if not (data / LOG_FILE).exists():
        raise BackupError(f"{data} holds no {LOG_FILE}")
    if target.exists() and any(target.iterdir()):
        raise BackupError(f"{target} is not empty")
    target.mkdir(parents=True, exist_ok=True)
    files = [target / name for name in (LOG_FILE, DATABASE_FILE) if (data / name).exists()]
    with _removed_on_failure(files):
        for file in files:
            _copy(data / file.name, file, progress)
            check(file)
    return files


def restore(
    source: Path,
    data: Path,
    *,
    overwrite: bool = False,
    until: int | None = None,
    progress: Progress = _no_progress,
) -> int:
    """Put a backup into a data folder whose server is stopped; the log's new epoch, by which every client starts over.
    `until` (microseconds since the epoch): the log as it was at that time.

    Everything is copied and checked beside what stands there and takes its place only then, by renaming, so that a
    process that is killed leaves one or the other; run it again. What stood there is kept as `*.replaced`. Raises
    `BackupError`, or `LogUnavailable` while a server runs.
    """
    if not (source / LOG_FILE).exists():
        raise BackupError(f"{source} holds no {LOG_FILE}")
    data.mkdir(parents=True, exist_ok=True)
    lock = FileLock(data / (LOG_FILE + ".lock"))
    try:
        if (data / LOG_FILE).exists() and not overwrite:
            raise BackupError(f"{data} holds a log already; say --overwrite to replace it")
        staged = {name: data / (name + ".restoring") for name in (DATABASE_FILE, LOG_FILE) if (source / name).exists()}
        with _removed_on_failure(list(staged.values())):
            for name, file in staged.items():
                _remove(file)
                _copy(source / name, file, progress)
                check(file)
            if until is not None:
                _rewind(staged[LOG_FILE], until)
            epoch = _set_epoch(staged[LOG_FILE], _new_epoch(data / LOG_FILE, source / LOG_FILE))
            present = [data / name for name in (DATABASE_FILE, LOG_FILE) if (data / name).exists()]
            for file in present:
                _fold_in(file)
            for file in present:
                _keep(file)
            for name in (DATABASE_FILE, LOG_FILE):
                _put(staged.get(name), data / name)
    finally:
        lock.release()
    return epoch


def check(path: Path) -> None:
    """Raises `BackupError` if the file is damaged."""
    with _opened(path, "ro") as connection:
        found = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if found != "ok":
        raise BackupError(f"{path} is damaged: {found}")


def epoch_of(path: Path) -> int:
    """The epoch of a log file; 0: there is none. Raises `LogUnavailable`."""
    if not path.exists():
        return 0
    try:
        with _opened(path, "ro") as connection:
            row = connection.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()
            return int(row[0]) if row else 0
    except BackupError as error:
        raise LogUnavailable(str(error)) from error


def _new_epoch(replaced: Path, source: Path) -> int:
    """Greater than both, by a leap of random width: two restores of one backup, on two machines or after a log that
    can no longer be read, must not end up in the same epoch."""
    try:
        present = epoch_of(replaced)
    except LogUnavailable:
        present = 0
    return max(present, epoch_of(source)) + 1 + randbelow(EPOCH_LEAP)


@contextmanager
def _opened(path: Path, mode: str) -> Generator[sqlite3.Connection, None, None]:
    """A connection; whatever SQLite says is a `BackupError` that names the file."""
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None)
        try:
            yield connection
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise BackupError(f"{path}: {error}") from error


def _copy(source: Path, target: Path, progress: Progress) -> None:
    """Copy one state of the source. The open transaction holds on to it: without one, each commit of the server would
    make SQLite begin the copy again."""
    with _opened(source, "ro") as origin, _opened(target, "rwc") as copy:
        origin.execute("BEGIN")
        origin.execute("SELECT count(*) FROM sqlite_master").fetchone()
        origin.backup(
            copy, pages=PAGES_PER_STEP, progress=lambda _, remaining, total: progress(total - remaining, total)
        )
        copy.execute("PRAGMA journal_mode=DELETE")  # one plain file, which opens on a medium that cannot be written


def _rewind(path: Path, until: int) -> None:
    try:
        rewind(path, until)
    except (LogDamaged, sqlite3.Error) as error:
        raise BackupError(f"{path}: {error}") from error


def _set_epoch(path: Path, epoch: int) -> int:
    with _opened(path, "rw") as connection:
        connection.execute("UPDATE meta SET value = ? WHERE name = 'epoch'", (epoch,))
    return epoch


def _keep(present: Path) -> None:
    """Give it a second name, so that there is no time without a file of the first."""
    kept = present.with_name(present.name + ".replaced")
    kept.unlink(missing_ok=True)
    os.link(present, kept)


def _put(staged: Path | None, place: Path) -> None:
    if staged is None:
        place.unlink(missing_ok=True)
    else:
        staged.replace(place)
    _sync_folder(place.parent)


def _fold_in(path: Path) -> None:
    """Leave no WAL behind: SQLite would take it for that of the file that comes. One of a damaged file is set aside."""
    try:
        with _opened(path, "rw") as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except BackupError as error:
        if isinstance(error.__cause__, sqlite3.OperationalError):
            raise BackupError(f"{error}; is another program using it?") from error
    for suffix in ("-wal", "-shm"):
        file = path.with_name(path.name + suffix)
        if file.exists():
            file.replace(path.with_name(path.name + ".replaced" + suffix))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(file: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)


@contextmanager
def _removed_on_failure(files: list[Path]) -> Generator[None, None, None]:
    done = False
    try:
        yield
        done = True
    finally:
        if not done:
            for file in files:
                _remove(file)
