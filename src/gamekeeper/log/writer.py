"""The one thread that writes to a SQLite log."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any

import msgspec

from gamekeeper.core.personal import NOTHING, Aside
from gamekeeper.log.protocol import Conflict, Done, Fenced, LogError, LogFull, LogUnavailable
from gamekeeper.log.turnstile import Turnstile

END_OF_ROOM = "SELECT coalesce((SELECT last FROM batches WHERE room = ? ORDER BY first DESC LIMIT 1), 0)"
KEEP = "INSERT INTO personal (room, seq, seat, at, fields) VALUES (?, ?, ?, ?, ?)"
FORGET_SEAT = "DELETE FROM personal WHERE room = ? AND seat = ?"
FORGET_ROOM = "DELETE FROM personal WHERE room = ?"
FORGET_SNAPSHOT = "DELETE FROM snapshots WHERE room = ?"
ROWS_PER_STATEMENT = 500
KNOWN_ROOMS = 200_000
GATHER_S = 0.005
"""Commits of different rooms begin so far apart at least: on a disk that is faster than this, many rooms with little to
say share a commit and the wake-ups that go with it. What comes after a pause, or again from the room that was written
last, goes at once."""
ENOUGH = 8
"""Appends that are worth a commit of their own."""
QUEUED_BYTES = 256 * 1024 * 1024
"""Bytes that may wait; also far below what SQLite takes as one value, so that no append can spoil a transaction."""

FAULTS = (sqlite3.Error, ValueError, OverflowError)
"""The storage's own errors, and what the driver says to values it cannot store."""

Failpoint = Callable[[str], None]
"""Called with the name of the step that comes next; crash tests end the process there."""


def no_failpoint(step: str) -> None:
    """Nothing happens."""


class _Append(msgspec.Struct, frozen=True):
    room: str
    first: int
    last: int
    body: bytes
    done: Done
    aside: Aside


class _Forget(msgspec.Struct, frozen=True):
    room: str
    done: Done


class _Statement(msgspec.Struct, frozen=True):
    sql: str
    parameters: tuple[Any, ...]
    done: Done


_Job = _Append | _Forget | _Statement


class Writer:
    """Takes everything that is queued, commits it in one transaction, reports it in one call to the loop.

    A fault of the storage fails that transaction alone. Should the thread itself end, whoever waits is told so and
    nothing is taken any more: an append is never left without an answer.
    """

    def __init__(self, connection: sqlite3.Connection, capacity: int, failpoint: Failpoint) -> None:
        self._connection = connection
        self._capacity = capacity
        self._failpoint = failpoint
        self._ends: dict[str, int] = {}
        self._queue: list[_Job] = []
        self._queued_bytes = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing = False
        self._wake = threading.Condition()
        self._idle = True
        self._turnstile = Turnstile()
        self._begun = 0
        """Commits that the thread has taken jobs for, and of them those that were reported on the loop."""
        self._reported = 0
        self._telling = False
        """While a commit is told of and the next one is filled: who is told has little to add yet."""
        self._traces = False
        self._began_at = 0.0
        self._last_room = ""
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    def append(self, room: str, first: int, last: int, body: bytes, done: Done, aside: Aside = NOTHING) -> None:
        self._put(_Append(room, first, last, body, done, aside), len(body))

    def when_ready(self, go: Callable[[], None]) -> None:
        if (self._begun > self._reported or self._telling) and not self._closing:
            self._turnstile.wait(go)
        else:
            go()

    async def run(self, sql: str, parameters: tuple[Any, ...], size: int = 0) -> None:
        """One more statement in the next transaction; `size` in bytes. Raises `LogError`."""
        await self._written(lambda done: _Statement(sql, parameters, done), size)

    async def forget(self, room: str) -> None:
        """All personal data of a room, in the next transaction. Raises `LogError`."""
        await self._written(lambda done: _Forget(room, done), 0)

    async def _written(self, job: Callable[[Done], _Job], size: int) -> None:
        finished: asyncio.Future[LogError | None] = asyncio.get_running_loop().create_future()

        def done(error: LogError | None) -> None:
            if not finished.done():
                finished.set_result(error)

        self._put(job(done), size)
        error = await finished
        if error is not None:
            raise error

    def _put(self, job: _Job, size: int) -> None:
        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.get_running_loop()
        with self._wake:
            refusal = self._refusal(size)
            if refusal is None:
                self._queue.append(job)
                self._queued_bytes += size
                if self._idle:
                    self._idle = False
                    self._wake.notify()
        if refusal is not None:
            loop.call_soon(job.done, refusal)

    def _refusal(self, size: int) -> LogError | None:
        if self._closing:
            return LogUnavailable("the log is closed")
        if len(self._queue) >= self._capacity:
            return LogFull(f"{self._capacity} appends are waiting")
        if self._queued_bytes + size > QUEUED_BYTES:
            return LogFull(f"{self._queued_bytes} bytes are waiting, {QUEUED_BYTES} may")
        return None

    def close(self) -> None:
        """Finish what is queued and end the thread."""
        with self._wake:
            self._closing = True
            self._idle = False
            self._wake.notify()
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        jobs: list[_Job] = []
        try:
            while jobs := self._next():
                outcomes = self._commit(jobs)
                self._wipe(jobs)
                self._failpoint("before_report")
                self._tell(jobs, outcomes)
        finally:
            with self._wake:
                self._closing = True
                jobs, self._queue = jobs + self._queue, []
            if jobs:
                self._tell(jobs, [LogUnavailable("the log's writer has ended")] * len(jobs))

    def _next(self) -> list[_Job]:
        """Everything that waits; empty: the log is closed."""
        with self._wake:
            while not self._queue and not self._closing:
                self._idle = True
                self._wake.wait()
        self._gather()
        with self._wake:
            jobs, self._queue, self._queued_bytes = self._queue, [], 0
            self._begun += bool(jobs)
        return jobs

    def _gather(self) -> None:
        """Let other rooms' appends come too: see `GATHER_S`."""
        waiting = self._queue[:ENOUGH]
        rooms = [job.room for job in waiting[:2] if isinstance(job, _Append)]
        left_s = self._began_at + GATHER_S - time.monotonic()
        if len(waiting) < ENOUGH and rooms and rooms != [self._last_room] and left_s > 0 and not self._closing:
            time.sleep(left_s)
        self._began_at = time.monotonic()
        self._last_room = rooms[-1] if rooms else ""

    def _wipe(self, jobs: list[_Job]) -> None:
        """What was forgotten still stands in the WAL: fold that in and empty it, now or, while somebody reads, after a
        later commit."""
        self._traces = self._traces or any(_forgets(job) for job in jobs)
        if not self._traces:
            return
        with suppress(sqlite3.Error):
            self._connection.execute("PRAGMA busy_timeout=0")
            self._traces = bool(self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
        self._connection.execute("PRAGMA busy_timeout=10000")

    def _tell(self, jobs: list[_Job], outcomes: list[LogError | None]) -> None:
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closed: nobody is left to be told
                self._loop.call_soon_threadsafe(self._committed, zip(jobs, outcomes, strict=True))

    def _committed(self, reports: Iterator[tuple[_Job, LogError | None]]) -> None:
        """On the loop: fill the next commit, then tell about this one."""
        self._reported += 1
        try:
            if self._begun <= self._reported or self._closing:
                with self._wake:  # the thread sees what they bring all at once
                    self._turnstile.release()
                    self._telling = bool(self._queue)
        finally:
            _report(asyncio.get_running_loop(), reports)
            self._telling = False

    def _commit(self, jobs: list[_Job]) -> list[LogError | None]:
        """One transaction. A room that conflicts fails alone; when the storage fails, all fail and nothing is kept."""
        try:
            try:
                return self._transact(jobs, Conflict)
            except sqlite3.IntegrityError:
                self._undo()  # another process wrote to the file: once more, with the ends of rooms read anew
                return self._transact(jobs, Fenced)
        except FAULTS as error:
            self._undo()
            return [LogUnavailable(str(error))] * len(jobs)

    def _transact(self, jobs: list[_Job], conflict: type[Conflict]) -> list[LogError | None]:
        outcomes: list[LogError | None] = [None] * len(jobs)
        single = len(jobs) <= ROWS_PER_STATEMENT and all(_is_one_row(job) for job in jobs)
        self._failpoint("before_begin")
        if not single:
            self._connection.execute("BEGIN IMMEDIATE")
        rows: list[Any] = []
        for number, job in enumerate(jobs):
            match job:
                case _Append():
                    outcomes[number] = self._take(job, rows, conflict)
                case _Forget(room):
                    self._connection.execute(FORGET_ROOM, (room,))
                    self._connection.execute(FORGET_SNAPSHOT, (room,))
                case _Statement(sql, parameters):
                    self._connection.execute(sql, parameters)
        self._write(rows, single)
        self._failpoint("after_commit")
        if len(self._ends) > KNOWN_ROOMS:
            self._ends.clear()
        return outcomes

    def _undo(self) -> None:
        self._ends.clear()
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _take(self, append: _Append, rows: list[Any], conflict: type[Conflict]) -> LogError | None:
        end = self._ends.get(append.room)
        if end is None:
            end = self._connection.execute(END_OF_ROOM, (append.room,)).fetchone()[0]
        if append.first != end + 1 or append.last < append.first:
            self._ends[append.room] = end
            return conflict(f"room {append.room} ends at {end}, not before {append.first}")
        self._ends[append.room] = append.last
        rows += (append.room, append.first, append.last, append.body)
        if append.aside is not NOTHING:
            self._put_aside(append.room, append.aside)
        return None

    def _put_aside(self, room: str, aside: Aside) -> None:
        if aside.forgotten:
            self._connection.executemany(FORGET_SEAT, [(room, seat) for seat in aside.forgotten])
            self._connection.execute(FORGET_SNAPSHOT, (room,))
        kept = [(room, one.seq, one.seat, one.at, one.fields.decode()) for one in aside.kept]
        self._connection.executemany(KEEP, kept)

    def _write(self, rows: list[Any], single: bool) -> None:
        """The rows of batches, and the commit. One statement alone is a transaction of its own: the thread gives the
        interpreter up once instead of three times."""
        if single:
            self._failpoint("before_commit")
            self._insert(rows)
        else:
            self._insert(rows)
            self._failpoint("before_commit")
            self._connection.execute("COMMIT")

    def _insert(self, rows: list[Any]) -> None:
        size = 4 * ROWS_PER_STATEMENT
        for start in range(0, len(rows), size):
            chunk = rows[start : start + size]
            self._connection.execute(_insertion(len(chunk) // 4), chunk)


@lru_cache(ROWS_PER_STATEMENT)
def _insertion(rows: int) -> str:
    """The statement for that many rows: nothing but places is put together here."""
    return "INSERT INTO batches (room, first, last, body) VALUES " + ",".join(["(?,?,?,?)"] * rows)  # noqa: S608


def _is_one_row(job: _Job) -> bool:
    return isinstance(job, _Append) and job.aside is NOTHING


def _forgets(job: _Job) -> bool:
    return isinstance(job, _Forget) or (isinstance(job, _Append) and bool(job.aside.forgotten))


def _report(loop: asyncio.AbstractEventLoop, reports: Iterator[tuple[_Job, LogError | None]]) -> None:
    """Call everybody back. An error in one of them goes to the loop's handler, and the rest are told all the same."""
    finished = False
    try:
        for job, outcome in reports:
            job.done(outcome)
        finished = True
    finally:
        if not finished:
            loop.call_soon(_report, loop, reports)
