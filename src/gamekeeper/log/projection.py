"""Read models: tables folded from the log, kept up to date behind it, built anew whenever their shape changes."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator
from typing import Protocol

from sqlalchemy import Connection, MetaData, insert, inspect, select, update
from sqlalchemy.exc import IntegrityError

from gamekeeper.core.errors import Misuse
from gamekeeper.core.record import Record, records
from gamekeeper.log.database import Database, DatabaseError, checkpoints
from gamekeeper.log.protocol import Batch, EventLog, LogError

log = logging.getLogger("gamekeeper.projection")

BATCHES_PER_READ = 500
RECORDS_PER_TRANSACTION = 2_000
POLL_S = 1.0
GATHER_S = 0.1
"""Between two rounds: under load each takes in what came meanwhile, instead of one transaction for every commit."""
IDLE_BATCHES = 5_000
"""Batches of which none was wanted before the place among them is written down: so many are looked at again at most."""
EVERYTHING = ("",)
"""What every name begins with."""
FIRST_RETRY_S = 0.2
LAST_RETRY_S = 30.0


class Projection(Protocol):
    """What an application writes. `tables` are its own; another `version` has them dropped and built from the log.

    Call the tables after the application (`chsh_runs`): their names must be free in the whole database. One that has
    `wants: tuple[str, ...]` is given only events whose names begin with one of those; what it does not want costs no
    transaction and is not even read.
    """

    name: str
    version: int
    tables: MetaData

    def apply(self, connection: Connection, record: Record, room: str) -> None:
        """Take one record in. Runs in the transaction that also moves the checkpoint: each record counts once."""
        ...


Taken = Callable[[list[Batch] | None], None]
"""Called with the batches that were, or may have been, taken in; None: others may have taken in more than that."""


class ProjectionRunner:
    """Keeps one projection up to date."""

    def __init__(
        self, projection: Projection, log: EventLog, database: Database, taken: Taken = lambda _: None
    ) -> None:
        """`taken` is told of what its tables have taken in."""
        self._taken = taken
        self._projection = projection
        self._log = log
        self._database = database
        self.name = f"projection:{projection.name}"
        self._wants: tuple[str, ...] = getattr(projection, "wants", EVERYTHING)
        self._position: int | None = None
        self._written = 0
        """The position that stands in the database: behind `_position` by batches that were not wanted."""
        self._idle = 0
        self._news = asyncio.Event()
        self._alone = asyncio.Lock()
        self._next: asyncio.Task[int] | None = None

    def wake(self) -> None:
        """Something was committed."""
        self._news.set()

    @property
    def position(self) -> int | None:
        """The log's position its tables stand at; None: it has not begun."""
        return self._position

    async def catch_up(self) -> int:
        """Take in everything the log has now; the position reached. All who ask while a round is under way share the
        next one, so that a crowd costs what one costs.

        Raises `DatabaseError`, `LogError`, and `Misuse` when a table's name belongs to somebody else.
        """
        if self._next is None:
            self._next = asyncio.create_task(self._shared_round())
            self._next.add_done_callback(_noticed)
        return await asyncio.shield(self._next)

    async def _shared_round(self) -> int:
        async with self._alone:
            self._next = None  # what is written from now on, this round may miss
            return await self._take_all()

    async def _take_all(self) -> int:
        while True:
            if self._position is None:
                self._position = await self._begin()
                self._taken(None)
            batches = await self._log.tail(self._position, BATCHES_PER_READ)
            if not batches:
                return self._position
            for portion in _portions(batches):
                if not await self._take(portion):
                    break
            else:
                if len(batches) < BATCHES_PER_READ:  # whoever waits, waits for what was written, not for what goes on
                    return self._position

    async def run(self) -> None:
        """Follow the log until cancelled; an outage is waited out."""
        retry_s = FIRST_RETRY_S
        while True:
            self._news.clear()
            try:
                async with self._alone:
                    await self._take_all()
                retry_s = FIRST_RETRY_S
            except (DatabaseError, IntegrityError, LogError) as error:
                log.warning("%s waits %.1f s: %s", self.name, retry_s, error)
                await asyncio.sleep(retry_s)
                retry_s = min(LAST_RETRY_S, retry_s * 2)
                continue
            await asyncio.sleep(GATHER_S)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):  # `wait_for` can lose a cancellation that comes together with news
                    await self._news.wait()

    async def rebuild(self) -> int:
        """Forget everything and fold the whole log again."""
        async with self._alone:
            await self._reset()
            self._position = self._written = 0
        return await self.catch_up()

    async def _begin(self) -> int:
        """The position to go on from; tables of another version or another log are dropped first."""
        query = select(checkpoints).where(checkpoints.c.name == self.name)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        if row is not None and (row.version, row.epoch) == (self._projection.version, self._log.epoch):
            self._written = row.position
            return self._written
        try:
            await self._reset()
        except IntegrityError:
            if row is not None:
                raise
            return await self._begin()  # another process has begun at the same moment
        self._written = 0
        return 0

    async def _reset(self) -> None:
        mark = {"version": self._projection.version, "epoch": self._log.epoch, "position": 0}
        tables = " ".join(sorted(self._projection.tables.tables))
        async with self._database.begin() as connection:
            of_this = checkpoints.c.name == self.name
            kept = (await connection.execute(select(checkpoints.c.tables).where(of_this))).scalar()
            if kept is None:  # first, so that of two processes that begin one waits here
                await connection.execute(insert(checkpoints).values(name=self.name, **mark, tables=tables))
            await connection.run_sync(self._build, kept)
            if kept is not None:
                await connection.execute(update(checkpoints).where(of_this).values(**mark, tables=tables))

    def _build(self, connection: Connection, kept: str | None) -> None:
        """Empty tables of today's shape; those of the version before go. Never touches what is not its own."""
        wanted = set(self._projection.tables.tables)
        own = wanted if kept == "" else set((kept or "").split())
        present = set(inspect(connection).get_table_names())
        if taken := sorted(wanted & present - own):
            raise Misuse(f"{self.name} may not have the table {taken[0]!r}: somebody else has one of that name")
        former = MetaData()
        former.reflect(connection, only=sorted(own & present), resolve_fks=False)
        former.drop_all(connection)
        self._projection.tables.create_all(connection)

    async def _take(self, batches: list[Batch]) -> bool:
        """Take these in, in one transaction. False: the place has been moved by somebody else; begin anew there."""
        wanted = [batch for batch in batches if batch.has(self._wants)]
        if not wanted and self._idle + len(batches) <= IDLE_BATCHES:  # the place need not be written down yet
            self._position, self._idle = batches[-1].position, self._idle + len(batches)
            return True
        mark = checkpoints.c
        here = (mark.name == self.name) & (mark.position == self._written)
        same = (mark.version == self._projection.version) & (mark.epoch == self._log.epoch)
        position, self._position = batches[-1].position, None
        try:
            async with self._database.begin() as connection:
                moved = await connection.execute(update(checkpoints).where(here & same).values(position=position))
                if not moved.rowcount:
                    return False
                await connection.run_sync(self._apply, wanted)
        finally:
            self._taken(batches)
        self._position = self._written = position
        self._idle = 0
        return True

    def _apply(self, connection: Connection, batches: list[Batch]) -> None:
        for batch in batches:
            for entry in batch.entries:
                for record in records(entry):
                    if record.type.startswith(self._wants):
                        self._projection.apply(connection, record, batch.room)


def _noticed(round: asyncio.Task[int]) -> None:
    """Its failure is told to those who wait for it; nobody may be left."""
    if not round.cancelled():
        round.exception()


def _portions(batches: list[Batch]) -> Iterator[list[Batch]]:
    """Runs of whole batches, each no larger than one transaction should be."""
    portion: list[Batch] = []
    records_in_it = 0
    for batch in batches:
        portion.append(batch)
        records_in_it += batch.last - batch.first + 1
        if records_in_it >= RECORDS_PER_TRANSACTION:
            yield portion
            portion, records_in_it = [], 0
    if portion:
        yield portion


class DatabaseCheckpoints:
    """The places of reactors, in the same table."""

    def __init__(self, database: Database, epoch: int) -> None:
        self._database = database
        self._epoch = epoch

    async def load(self, name: str) -> int:
        """0 for one that never ran, or ran on a log that was since restored."""
        query = select(checkpoints.c.position).where(checkpoints.c.name == name, checkpoints.c.epoch == self._epoch)
        async with self._database.read() as connection:
            position: int | None = (await connection.execute(query)).scalar_one_or_none()
        return position or 0

    async def save(self, name: str, position: int) -> None:
        mark = {"version": 1, "epoch": self._epoch, "position": position}
        async with self._database.begin() as connection:
            moved = await connection.execute(update(checkpoints).where(checkpoints.c.name == name).values(mark))
            if not moved.rowcount:
                await connection.execute(insert(checkpoints).values(name=name, **mark))
