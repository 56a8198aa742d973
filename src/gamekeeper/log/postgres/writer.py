"""The one task of a process that writes to a PostgreSQL log."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import asyncpg
import msgspec

from gamekeeper.core.personal import NOTHING, Aside
from gamekeeper.log.ownership import Claim, Ownership
from gamekeeper.log.postgres.line import NOT_WRITTEN, Line
from gamekeeper.log.protocol import Conflict, Done, Fenced, LogError, LogFull, LogUnavailable
from gamekeeper.log.turnstile import Turnstile

APPEND = """
WITH given AS (
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[])
    WITH ORDINALITY AS given (room, epoch, first, last, body, place)
), taken AS (
    UPDATE gamekeeper_log.rooms AS rooms
    SET head = given.last, position = (pg_current_xact_id()::text::bigint + $7) * 4096 + given.place
    FROM given
    WHERE rooms.room = given.room AND rooms.node = $6 AND rooms.epoch = given.epoch
    AND rooms.head = given.first - 1 AND given.last >= given.first
    RETURNING rooms.position, rooms.room, given.first, given.last, given.body
)
INSERT INTO gamekeeper_log.batches (position, room, first, last, body)
SELECT position, room, first, last, body FROM taken RETURNING room
"""
"""One statement for many rooms: whose a room is, is asked while its row is locked, so a claim comes before or after."""
APPEND_ASIDE = APPEND.replace(
    "INSERT INTO gamekeeper_log.batches",
    """, forgotten AS (
    SELECT * FROM unnest($8::text[], $9::bigint[]) AS given (room, seat) WHERE room IN (SELECT room FROM taken)
), gone AS (
    DELETE FROM gamekeeper_log.personal AS personal USING forgotten
    WHERE personal.room = forgotten.room AND personal.seat = forgotten.seat
), dropped AS (
    DELETE FROM gamekeeper_log.snapshots WHERE room IN (SELECT room FROM forgotten)
), kept AS (
    INSERT INTO gamekeeper_log.personal (room, seq, seat, at, fields)
    SELECT room, seq, seat, at, fields::json
    FROM unnest($10::text[], $11::bigint[], $12::bigint[], $13::bigint[], $14::text[])
    AS given (room, seq, seat, at, fields) WHERE room IN (SELECT room FROM taken)
)
INSERT INTO gamekeeper_log.batches""",
)
"""The same where something goes beside the log: it comes and goes with the batch or not at all."""
STANDING = "SELECT room, node, epoch, head FROM gamekeeper_log.rooms WHERE room = ANY($1)"
PING = "UPDATE gamekeeper_log.pings SET number = number + 1"

ROOMS_PER_COMMIT = 2_000
BYTES_PER_COMMIT = 4 * 1024 * 1024
QUEUED_BYTES = 256 * 1024 * 1024
UNFIT = (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError, asyncpg.exceptions.DataError)
"""What one append of many can be refused for, besides where it belongs."""


class _Append(msgspec.Struct, frozen=True):
    room: str
    first: int
    last: int
    body: bytes
    done: Done
    aside: Aside


class _Ping(msgspec.Struct, frozen=True):
    done: Done


_Job = _Append | _Ping


class Writer:
    """Takes what is queued, at most one batch of each room, commits it in one statement, and begins the next before it
    tells anybody. A fault of the database fails that commit alone."""

    def __init__(self, line: Line, ownership: Ownership, transactions: int, capacity: int) -> None:
        self._line = line
        self._ownership = ownership
        self._transactions = transactions
        self._capacity = capacity
        self._queue: list[_Job] = []
        self._queued_bytes = 0
        self._closing = False
        self._news = asyncio.Event()
        self._committing = False
        self._turnstile = Turnstile()
        self._task: asyncio.Task[None] | None = None

    def append(self, room: str, first: int, last: int, body: bytes, done: Done, aside: Aside = NOTHING) -> None:
        self._put(_Append(room, first, last, body, done, aside), len(body))

    def when_ready(self, go: Callable[[], None]) -> None:
        if self._committing and not self._closing:
            self._turnstile.wait(go)
        else:
            go()

    async def ping(self) -> None:
        """A durable round trip behind everything that waits. Raises `LogError`."""
        finished: asyncio.Future[LogError | None] = asyncio.get_running_loop().create_future()

        def done(error: LogError | None) -> None:
            if not finished.done():
                finished.set_result(error)

        self._put(_Ping(done), 0)
        error = await finished
        if error is not None:
            raise error

    def _put(self, job: _Job, size: int) -> None:
        refusal = self._refusal(size)
        if refusal is not None:
            asyncio.get_running_loop().call_soon(job.done, refusal)
            return
        self._queue.append(job)
        self._queued_bytes += size
        self._news.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="log-writer")

    def _refusal(self, size: int) -> LogError | None:
        if self._closing:
            return LogUnavailable("the log is closed")
        if len(self._queue) >= self._capacity:
            return LogFull(f"{self._capacity} appends are waiting")
        if self._queued_bytes + size > QUEUED_BYTES:
            return LogFull(f"{self._queued_bytes} bytes are waiting, {QUEUED_BYTES} may")
        return None

    async def close(self) -> None:
        """Finish what is queued."""
        self._closing = True
        self._news.set()
        if self._task is not None:
            await asyncio.wait([self._task])
        await self._line.close()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        jobs: list[_Job] = []
        try:
            while jobs := await self._next():
                self._committing = True
                outcomes = await self._commit(jobs)
                self._committing = False
                self._turnstile.release()
                loop.call_soon(_report, loop, zip(jobs, outcomes, strict=True))
        finally:
            self._closing = True
            self._turnstile.release()
            jobs, self._queue = jobs + self._queue, []
            ended = LogUnavailable("the log's writer has ended")
            loop.call_soon(_report, loop, iter([(job, ended) for job in jobs]))

    async def _next(self) -> list[_Job]:
        """What the next commit takes; empty: the log is closed."""
        while not self._queue and not self._closing:
            self._news.clear()
            await self._news.wait()
        taken: list[_Job] = []
        later: list[_Job] = []
        rooms: set[str] = set()
        size = 0
        for job in self._queue:
            if isinstance(job, _Append):
                full = len(taken) >= ROOMS_PER_COMMIT or (taken and size + len(job.body) > BYTES_PER_COMMIT)
                if full or job.room in rooms:
                    rooms.add(job.room)  # whatever else of this room waits must stay behind it
                    later.append(job)
                    continue
                rooms.add(job.room)
                size += len(job.body)
            taken.append(job)
        self._queue = later
        self._queued_bytes -= size
        return taken

    async def _commit(self, jobs: list[_Job]) -> list[LogError | None]:
        appends = sorted((job for job in jobs if isinstance(job, _Append)), key=_room)
        refused = await self._write(appends) if appends else {}
        answer: LogError | None = None
        if len(appends) < len(jobs):
            try:
                await self._line.fetch(PING)
            except LogUnavailable as error:
                answer = error
        return [refused.get(job.room) if isinstance(job, _Append) else answer for job in jobs]

    async def _write(self, appends: Sequence[_Append]) -> dict[str, LogError]:
        """The rooms whose append failed, each with its reason. Raises nothing."""
        try:
            return await self._insert(appends)
        except LogUnavailable as error:
            if isinstance(error.__cause__, UNFIT) and len(appends) > 1:
                return {room: why for each in appends for room, why in (await self._write([each])).items()}
            for append in appends:
                self._ownership.lost(append.room)  # it may be under way still: only a new claim tells
            return {append.room: error for append in appends}

    async def _insert(self, appends: Sequence[_Append]) -> dict[str, LogError]:
        if not self._ownership.believes:
            reason = Fenced(f"the lease of node {self._ownership.node} has run out")
            return {append.room: reason for append in appends}
        epochs, refused = await self._epochs(appends)
        rows = [append for append in appends if append.room not in refused]
        if rows:
            values = [(each.room, epochs[each.room], each.first, each.last, each.body) for each in rows]
            columns = [*map(list, zip(*values, strict=True)), self._ownership.node, self._transactions]
            beside = any(each.aside is not NOTHING for each in rows)
            statement, more = (APPEND_ASIDE, _beside(rows)) if beside else (APPEND, [])
            written = {row[0] for row in await self._fetch(statement, *columns, *more)}
            if len(written) < len(rows):
                refused |= await self._reasons([each for each in rows if each.room not in written], epochs)
        return refused

    async def _epochs(self, appends: Sequence[_Append]) -> tuple[dict[str, int], dict[str, LogError]]:
        """What each room was claimed at; a room that was not is claimed now."""
        known = {append.room: self._ownership.epoch_of(append.room) for append in appends}
        epochs = {room: epoch for room, epoch in known.items() if epoch is not None}
        refused: dict[str, LogError] = {}
        if len(epochs) < len(known):
            for answer in await self._ownership.claim_all([room for room in known if room not in epochs]):
                if isinstance(answer, Claim):
                    epochs[answer.room] = answer.epoch
                else:
                    refused[answer.room] = Fenced(f"room {answer.room} is run by node {answer.node}")
        return epochs, refused

    async def _reasons(self, appends: Sequence[_Append], epochs: dict[str, int]) -> dict[str, LogError]:
        """Why nothing was written of these."""
        rooms = [append.room for append in appends]
        standing = {row["room"]: row for row in await self._fetch(STANDING, rooms)}
        reasons: dict[str, LogError] = {}
        for append in appends:
            row = standing.get(append.room)
            if row is None or (row["node"], row["epoch"]) != (self._ownership.node, epochs[append.room]):
                self._ownership.lost(append.room)
                reasons[append.room] = Fenced(f"room {append.room} is no longer run by node {self._ownership.node}")
            else:
                reasons[append.room] = Conflict(f"room {append.room} ends at {row['head']}, not before {append.first}")
        return reasons

    async def _fetch(self, statement: str, *values: Any) -> list[Any]:
        try:
            return await self._line.fetch(statement, *values)
        except LogUnavailable as error:
            if not isinstance(error.__cause__, NOT_WRITTEN):
                raise
        return await self._line.fetch(statement, *values)  # it had been given up for the sake of another


def _beside(appends: Sequence[_Append]) -> list[list[Any]]:
    """The columns of what goes beside the log: forgotten rooms and seats, then what is kept."""
    forgotten = [(each.room, seat) for each in appends for seat in each.aside.forgotten]
    kept = [(each.room, one.seq, one.seat, one.at, one.fields.decode()) for each in appends for one in each.aside.kept]
    return [
        *([row[column] for row in forgotten] for column in range(2)),
        *([row[column] for row in kept] for column in range(5)),
    ]


def _room(append: _Append) -> str:
    return append.room


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
