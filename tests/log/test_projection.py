"""Projections: each record once, behind outages, from the beginning when their shape changes."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Column, Connection, ForeignKey, Integer, MetaData, String, Table, insert, inspect, select, text

from gamekeeper.core.errors import Misuse
from gamekeeper.core.record import Record
from gamekeeper.log import projection as projection_module
from gamekeeper.log.database import Database
from gamekeeper.log.memory import MemoryLog
from gamekeeper.log.projection import DatabaseCheckpoints, ProjectionRunner
from gamekeeper.log.protocol import Batch, LogUnavailable
from tests import postgres
from tests.log.logs import append, entry, open_postgres
from tests.log.places import SlowWriter

pytestmark = pytest.mark.anyio


class Seen:
    """Every record it was given, a row each; a duplicate would violate the key."""

    def __init__(self, version: int = 1, fails_at: int | None = None) -> None:
        self.name = "seen"
        self.version = version
        self.tables = MetaData()
        self.table = Table(
            "seen", self.tables, Column("room", String(30), primary_key=True), Column("seq", Integer, primary_key=True)
        )
        self.fails_at = fails_at

    def apply(self, connection: Connection, record: Record, room: str) -> None:
        if record.seq == self.fails_at:
            raise OSError("not today")
        connection.execute(insert(self.table).values(room=room, seq=record.seq))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


async def rows(database: Database, projection: Seen) -> list[tuple[str, int]]:
    async with database.begin() as connection:
        return [
            (row.room, row.seq) for row in await connection.execute(select(projection.table).order_by("room", "seq"))
        ]


async def reaches(runner: ProjectionRunner, position: int) -> None:
    async with asyncio.timeout(20):
        while runner.position != position:  # noqa: ASYNC110 - a runner tells nobody how far it is
            await asyncio.sleep(0.01)


async def test_every_record_once_over_restarts(database: Database) -> None:
    log, seen = MemoryLog(), Seen()
    await append(log, "a", entry(1, events=3))
    await ProjectionRunner(seen, log, database).catch_up()
    await append(log, "b", entry(1))
    await append(log, "a", entry(4))
    runner = ProjectionRunner(seen, log, database)
    assert await runner.catch_up() == 3
    assert await runner.catch_up() == 3
    assert await rows(database, seen) == [("a", 1), ("a", 2), ("a", 3), ("a", 4), ("b", 1)]


class Choosy(Seen):
    """Wants one kind of event only."""

    wants = ("wanted",)


async def stored_place(database: Database) -> int:
    async with database.read() as connection:
        place: int = (await connection.execute(text("SELECT position FROM checkpoints"))).scalar_one()
        return place


async def test_what_is_not_wanted_costs_no_transaction(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The place is written down with the next record that is wanted, or after so many batches without one."""
    log, choosy = MemoryLog(), Choosy()
    await append(log, "a", entry(1, kind="wanted"))
    runner = ProjectionRunner(choosy, log, database)
    await runner.catch_up()
    for seq in range(2, 7):
        await append(log, "a", entry(seq))
    assert await runner.catch_up() == 6
    assert await stored_place(database) == 1
    await append(log, "a", entry(7, kind="wanted"))
    assert await runner.catch_up() == 7
    assert await stored_place(database) == 7
    assert await rows(database, choosy) == [("a", 1), ("a", 7)]
    monkeypatch.setattr(projection_module, "IDLE_BATCHES", 3)
    for seq in range(8, 12):
        await append(log, "a", entry(seq))
        await runner.catch_up()
    assert await stored_place(database) == 11
    assert await ProjectionRunner(choosy, log, database).catch_up() == 11
    assert await rows(database, choosy) == [("a", 1), ("a", 7)]


async def test_two_runners_of_one_table_take_each_wanted_record_once(database: Database) -> None:
    log, choosy = MemoryLog(), Choosy()
    one, other = (ProjectionRunner(choosy, log, database) for _ in range(2))
    for seq in range(1, 13):
        await append(log, "a", entry(seq, kind="added" if seq % 3 else "wanted"))
        await (one if seq % 2 else other).catch_up()
    await one.catch_up()
    assert await rows(database, choosy) == [("a", 3), ("a", 6), ("a", 9), ("a", 12)]


async def test_a_failure_keeps_neither_rows_nor_place(database: Database) -> None:
    log, seen = MemoryLog(), Seen(fails_at=3)
    await append(log, "a", entry(1, events=4))
    runner = ProjectionRunner(seen, log, database)
    with pytest.raises(Exception, match="not today"):
        await runner.catch_up()
    assert await rows(database, seen) == []
    seen.fails_at = None
    await runner.catch_up()
    assert len(await rows(database, seen)) == 4


async def test_a_new_version_is_built_from_the_log(database: Database) -> None:
    log = MemoryLog()
    await append(log, "a", entry(1, events=2))
    await ProjectionRunner(Seen(), log, database).catch_up()
    newer = Seen(version=2)
    await ProjectionRunner(newer, log, database).catch_up()
    assert await rows(database, newer) == [("a", 1), ("a", 2)]


async def test_another_log_is_another_story(database: Database) -> None:
    log, seen = MemoryLog(epoch=1), Seen()
    await append(log, "a", entry(1))
    await ProjectionRunner(seen, log, database).catch_up()
    restored = MemoryLog(epoch=2)
    await append(restored, "b", entry(1))
    await ProjectionRunner(seen, restored, database).catch_up()
    assert await rows(database, seen) == [("b", 1)]


async def test_it_can_be_rebuilt(database: Database) -> None:
    log, seen = MemoryLog(), Seen()
    await append(log, "a", entry(1, events=2))
    runner = ProjectionRunner(seen, log, database)
    await runner.catch_up()
    assert await runner.rebuild() == 1
    assert len(await rows(database, seen)) == 2


class Counted(MemoryLog):
    """A log that counts how often it is followed."""

    tails = 0

    async def tail(self, after: int, limit: int = 1_000) -> list[Batch]:
        self.tails += 1
        return await super().tail(after, limit)


async def test_a_crowd_that_asks_at_once_costs_what_one_costs(database: Database) -> None:
    """Every join waits for the directory: two hundred at once are taken in together."""
    log, seen = Counted(), Seen()
    runner = ProjectionRunner(seen, log, database)

    async def join(number: int) -> None:
        assert await append(log, f"room {number:03}", entry(1)) is None
        assert await runner.catch_up() >= number + 1, "what was written before it was asked for is in"

    await asyncio.gather(*(join(number) for number in range(200)))
    assert len(await rows(database, seen)) == 200
    assert log.tails < 20


async def test_who_no_longer_waits_takes_nothing_from_the_others(database: Database) -> None:
    log, seen = MemoryLog(), Seen()
    await append(log, "a", entry(1))
    runner = ProjectionRunner(seen, log, database)
    one, other = asyncio.create_task(runner.catch_up()), asyncio.create_task(runner.catch_up())
    await asyncio.sleep(0)
    one.cancel()
    assert await other == 1
    seen.fails_at = 2
    await append(log, "a", entry(2))
    failing = [asyncio.create_task(runner.catch_up()) for _ in range(2)]
    for each in failing:
        with pytest.raises(OSError, match="not today"):
            await each


async def test_two_runners_take_each_record_once(database: Database) -> None:
    """A command line tool may follow beside the server."""
    log, seen = MemoryLog(), Seen()
    first, second = ProjectionRunner(seen, log, database), ProjectionRunner(seen, log, database)
    for seq in range(1, 20):
        await append(log, "a", entry(seq))
        await asyncio.gather(first.catch_up(), second.catch_up())
    assert await rows(database, seen) == [("a", seq) for seq in range(1, 20)]
    assert first.position == second.position == 19


async def test_a_long_log_is_taken_in_portions(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure late in the log keeps what earlier transactions took in; what follows is taken once."""
    monkeypatch.setattr("gamekeeper.log.projection.RECORDS_PER_TRANSACTION", 10)
    monkeypatch.setattr("gamekeeper.log.projection.BATCHES_PER_READ", 7)
    log, seen = MemoryLog(), Seen(fails_at=95)
    for seq in range(1, 100, 3):
        await append(log, "a", entry(seq, events=3))
    runner = ProjectionRunner(seen, log, database)
    with pytest.raises(OSError, match="not today"):
        await runner.catch_up()
    kept = len(await rows(database, seen))
    assert 80 <= kept < 95
    seen.fails_at = None
    assert await runner.catch_up() == 33
    assert [seq for _, seq in await rows(database, seen)] == list(range(1, 100))


async def test_who_waits_is_not_held_up_by_what_goes_on_being_written(database: Database) -> None:
    """While bots poured into a room, those who joined it waited until the last of them was in."""
    log, seen = MemoryLog(), Seen()
    runner = ProjectionRunner(seen, log, database)
    seq, tail = 0, log.tail

    async def one_more(after: int, limit: int = 1_000) -> list[Batch]:
        nonlocal seq
        seq += 1
        found = await tail(after, limit)
        await append(log, "a", entry(seq))
        return found

    log.tail = one_more  # type: ignore[method-assign]
    await append(log, "b", entry(1))
    async with asyncio.timeout(20):
        assert await runner.catch_up() >= 1
    assert ("b", 1) in await rows(database, seen)


@pytest.mark.parametrize("name", ["checkpoints", "users", "alembic_version", "seen"])
async def test_a_table_of_somebody_else_is_not_touched(database: Database, name: str) -> None:
    await ProjectionRunner(Seen(), MemoryLog(), database).catch_up()
    async with database.begin() as connection:
        before = await connection.run_sync(_schema)
    greedy = Seen()
    greedy.name = "greedy"
    greedy.tables = MetaData()
    Table(name, greedy.tables, Column("id", Integer, primary_key=True))
    with pytest.raises(Misuse, match=f"projection:greedy may not have the table '{name}'"):
        await ProjectionRunner(greedy, MemoryLog(), database).catch_up()
    async with database.begin() as connection:
        assert await connection.run_sync(_schema) == before


def _schema(connection: Connection) -> dict[str, list[str]]:
    found = inspect(connection)
    return {name: [repr(column) for column in found.get_columns(name)] for name in found.get_table_names()}


async def test_a_new_version_clears_the_tables_of_the_old(database: Database) -> None:
    log, old, new = MemoryLog(), Seen(), Seen(version=2)
    Table("old_child", old.tables, Column("parent", ForeignKey("old_parent.id")))
    Table("old_parent", old.tables, Column("id", Integer, primary_key=True))
    await append(log, "a", entry(1))
    await ProjectionRunner(old, log, database).catch_up()
    async with database.begin() as connection:
        await connection.execute(text("INSERT INTO old_parent VALUES (1)"))
        await connection.execute(text("INSERT INTO old_child VALUES (1)"))
    await ProjectionRunner(new, log, database).catch_up()
    async with database.read() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    assert "seen" in names
    assert not {"old_child", "old_parent"} & set(names)
    assert await rows(database, new) == [("a", 1)]


async def test_an_outage_is_waited_out(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gamekeeper.log.projection.FIRST_RETRY_S", 0.01)
    log, seen = MemoryLog(), Seen()
    runner = ProjectionRunner(seen, log, database)
    outages = 3

    async def tail(after: int, limit: int = 1_000) -> list[Batch]:
        nonlocal outages
        outages -= 1
        if outages >= 0:
            raise LogUnavailable("away")
        return await MemoryLog.tail(log, after, limit)

    monkeypatch.setattr(log, "tail", tail)
    following = asyncio.create_task(runner.run())
    await append(log, "a", entry(1))
    await reaches(runner, 1)
    await append(log, "a", entry(2))
    runner.wake()
    await reaches(runner, 2)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    assert await rows(database, seen) == [("a", 1), ("a", 2)]


async def test_news_at_the_moment_it_is_told_to_stop_does_not_keep_it_running(database: Database) -> None:
    log = MemoryLog()
    runner = ProjectionRunner(Seen(), log, database)
    following = asyncio.create_task(runner.run())
    await append(log, "a", entry(1))
    runner.wake()
    await reaches(runner, 1)
    await asyncio.sleep(0.1)
    runner.wake()
    await asyncio.sleep(0)
    following.cancel()
    done, _ = await asyncio.wait([following], timeout=5)
    assert done and following.cancelled()


async def test_places_of_reactors(database: Database) -> None:
    places = DatabaseCheckpoints(database, epoch=1)
    assert await places.load("reactor:x") == 0
    await places.save("reactor:x", 7)
    await places.save("reactor:x", 9)
    assert await places.load("reactor:x") == 9
    assert await DatabaseCheckpoints(database, epoch=2).load("reactor:x") == 0


async def test_two_processes_that_begin_at_once(database: Database) -> None:
    log, seen = MemoryLog(), Seen()
    await append(log, "a", entry(1, events=3))
    runners = [ProjectionRunner(seen, log, database) for _ in range(6)]
    assert await asyncio.gather(*(runner.catch_up() for runner in runners)) == [1] * 6
    assert await rows(database, seen) == [("a", 1), ("a", 2), ("a", 3)]


async def test_two_slow_writers_make_it_skip_nothing(postgres_url: str) -> None:
    """Positions become visible in another order than they were given out in."""
    log, database, seen = await open_postgres(postgres_url), Database(postgres_url), Seen()
    runner = ProjectionRunner(seen, log, database)
    first, second = await SlowWriter.begin(postgres_url, "first"), await SlowWriter.begin(postgres_url, "second")
    await first.write()
    await append(log, "a", entry(1))
    await second.write()
    await append(log, "b", entry(1))
    await runner.catch_up()
    await second.commit()
    await runner.catch_up()
    await first.commit()
    await append(log, "c", entry(1))
    await runner.catch_up()
    assert await rows(database, seen) == [(room, 1) for room in ("a", "b", "c", "first", "second")]
    await database.close()
    await log.close()


async def test_it_catches_up_after_the_database_was_away(own_postgres: postgres.Cluster) -> None:
    postgres.migrate(own_postgres.url)
    log, seen = MemoryLog(), Seen()
    database = Database(own_postgres.url)
    runner = ProjectionRunner(seen, log, database)
    running = asyncio.create_task(runner.run())
    await append(log, "a", entry(1))
    runner.wake()
    await reaches(runner, 1)
    own_postgres.stop()
    await append(log, "a", entry(2))
    runner.wake()
    await postgres.until(lambda: runner.position is None)
    own_postgres.start()
    await reaches(runner, 2)
    running.cancel()
    assert await rows(database, seen) == [("a", 1), ("a", 2)]
    await database.close()


async def test_who_caches_is_told_what_was_taken_in_and_when_others_did_it(database: Database) -> None:
    log, told = MemoryLog(), list[list[Batch] | None]()
    first = ProjectionRunner(Seen(), log, database)
    second = ProjectionRunner(Seen(), log, database, told.append)
    await append(log, "room", entry(1))
    await second.catch_up()
    assert told[0] is None and told[1] is not None and [batch.room for batch in told[1]] == ["room"]
    await append(log, "room", entry(2))
    await first.catch_up()
    await append(log, "room", entry(3))
    await second.catch_up()
    assert None in told[2:]
