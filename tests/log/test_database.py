"""The unit of work: commit, roll back, give the connection back."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from gamekeeper.log.database import Database, DatabaseError, PoolUse, asynchronous, checkpoints
from gamekeeper.log.migrate import migrate
from tests import postgres

pytestmark = pytest.mark.anyio
ROW = {"name": "x", "version": 1, "epoch": 1, "position": 5}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path}/gamekeeper.sqlite3"
    migrate(url)
    database = Database(url)
    yield database
    await database.close()


async def count(database: Database) -> int:
    async with database.begin() as connection:
        return len((await connection.execute(select(checkpoints))).all())


async def test_leaving_commits(database: Database) -> None:
    async with database.begin() as connection:
        await connection.execute(insert(checkpoints).values(ROW))
    assert await count(database) == 1


async def test_an_exception_rolls_back(database: Database) -> None:
    """R2-114."""
    with pytest.raises(RuntimeError):
        async with database.begin() as connection:
            await connection.execute(insert(checkpoints).values(ROW))
            raise RuntimeError
    assert await count(database) == 0


async def test_a_fault_is_a_database_error_and_the_pool_stays_fit(database: Database) -> None:
    """R0-50, R2-113: the connection is reusable and none stays checked out."""
    for _ in range(50):
        with pytest.raises(DatabaseError):
            async with database.begin() as connection:
                await connection.execute(text("SELECT * FROM nowhere"))
    assert await count(database) == 0
    assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


async def test_a_duplicate_is_the_callers_business(database: Database) -> None:
    for expected in (None, IntegrityError):
        try:
            async with database.begin() as connection:
                await connection.execute(insert(checkpoints).values(ROW))
        except IntegrityError as error:
            assert expected is type(error)
    assert await count(database) == 1


async def test_foreign_keys_hold(sqlite: Database) -> None:
    async with sqlite.begin() as connection:
        assert (await connection.execute(text("PRAGMA foreign_keys"))).scalar() == 1


async def test_a_fault_does_not_tell_the_values(database: Database) -> None:
    """A password's hash must not get into a log line by way of an error."""
    with pytest.raises(DatabaseError) as failed:
        async with database.begin() as connection:
            await connection.execute(text("SELECT * FROM nowhere WHERE password = :hash"), {"hash": "$argon2id$x"})
    assert "nowhere" in str(failed.value)
    assert "argon2id" not in str(failed.value)


@pytest.mark.parametrize("error", [TimeoutError(), FileNotFoundError(), RuntimeError()])
async def test_what_the_block_raises_stays_what_it_is(database: Database, error: Exception) -> None:
    with pytest.raises(type(error)):
        async with database.begin() as connection:
            await connection.execute(insert(checkpoints).values(ROW))
            raise error
    assert await count(database) == 0
    assert database.pool_use == PoolUse(0, 15)


async def test_a_database_that_is_away_is_named(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/no/such/folder/x.sqlite3")
    for unit in (database.begin, database.read):
        with pytest.raises(DatabaseError, match="unable to open"):
            async with unit():
                pass
    await database.close()
    await asyncio.sleep(0.05)  # the driver does not wait for the threads of connections that failed; the loop must


async def test_concurrent_work_that_reads_then_writes_loses_nothing(sqlite: Database) -> None:
    """R0-26: were the lock taken at the first write, two could read the same and one would fail halfway."""

    async def add() -> None:
        async with sqlite.begin() as connection:
            seen = len((await connection.execute(select(checkpoints))).all())
            await connection.execute(insert(checkpoints).values(ROW | {"name": str(seen)}))

    await asyncio.gather(*(add() for _ in range(40)))
    assert await count(sqlite) == 40
    assert sqlite.pool_use.in_use == 0


async def test_reading_waits_for_no_writer_and_sees_one_state(database: Database) -> None:
    async with database.begin() as writing:
        await writing.execute(insert(checkpoints).values(ROW))
        async with database.read() as reading:
            assert (await reading.execute(select(checkpoints))).all() == []
            assert database.pool_use == PoolUse(2, 15)
    assert await count(database) == 1


async def test_a_reader_sees_one_state_and_writes_nothing(database: Database) -> None:
    async with database.read() as reading:
        before = (await reading.execute(select(checkpoints))).all()
        async with database.begin() as writing:
            await writing.execute(insert(checkpoints).values(ROW))
        assert (await reading.execute(select(checkpoints))).all() == before == []
    assert await count(database) == 1


async def test_a_pool_that_is_used_up_is_a_database_error(database_url: str) -> None:
    """R2-116."""
    database = Database(database_url, pool_size=1, max_overflow=0, pool_timeout_s=0.05)
    async with database.read():
        with pytest.raises(DatabaseError, match="QueuePool limit"):
            async with database.read():
                pass
    async with database.read():
        pass
    await database.close()


async def test_a_database_in_memory_lives_as_long_as_its_pool() -> None:
    database = Database("sqlite://")
    async with database.begin() as connection:
        await connection.run_sync(checkpoints.metadata.tables["checkpoints"].create)

    async def add(name: str) -> None:
        async with database.begin() as connection:
            await connection.execute(insert(checkpoints).values(ROW | {"name": name}))

    await asyncio.gather(*(add(str(number)) for number in range(10)))
    assert await count(database) == 10
    await database.close()


async def test_statements_are_timed(database_url: str) -> None:
    """R0-41."""
    seen: list[tuple[str, float]] = []
    database = Database(database_url, watch=lambda *told: seen.append(told))
    async with database.read() as connection:
        await connection.execute(text("SELECT :secret"), {"secret": "s3cret"})
    statement, seconds = seen[-1]
    assert statement.startswith(("SELECT ?", "SELECT $1"))
    assert "s3cret" not in statement
    assert seconds > 0
    await database.close()


async def test_use_and_waiting_of_the_pool_are_told(database_url: str) -> None:
    """R2-131."""
    waits: list[float] = []
    database = Database(database_url, pool_size=1, max_overflow=1, waited=waits.append)
    async with database.read(), database.read():
        assert database.pool_use == PoolUse(2, 2, overflow=1)
        waiting = asyncio.ensure_future(count(database))
        await postgres.until(lambda: database.pool_use.waiting)
    assert await waiting == 0
    assert database.pool_use == PoolUse(0, 2)
    assert len(waits) == 3
    await database.close()


async def test_two_hundred_at_once_share_a_few_connections(database: Database) -> None:
    """R2-116, R2-128."""
    highest = 0

    async def use() -> None:
        nonlocal highest
        async with database.read() as connection:
            await connection.execute(select(checkpoints))
            highest = max(highest, database.pool_use.in_use)

    await asyncio.gather(*(use() for _ in range(200)))
    assert 0 < highest <= database.pool_use.limit == 15


async def test_a_pool_outlives_a_restart_of_the_server(own_postgres: postgres.Cluster) -> None:
    """R2-116: stale connections are noticed before they are used."""
    database = Database(own_postgres.url)
    async with database.begin() as connection:
        await connection.run_sync(checkpoints.create)
    assert await count(database) == 0
    own_postgres.stop()
    with pytest.raises(DatabaseError):
        await count(database)
    own_postgres.start()
    assert await count(database) == 0
    assert database.pool_use.in_use == 0
    await database.close()


async def test_a_server_that_stops_answering_is_given_up(own_postgres: postgres.Cluster) -> None:
    database = Database(own_postgres.url, statement_timeout_s=0.2)
    async with database.begin() as connection:
        await connection.run_sync(checkpoints.create)
    own_postgres.freeze()
    try:
        with pytest.raises(DatabaseError):
            await count(database)
    finally:
        own_postgres.thaw()
    assert await count(database) == 0
    await database.close()


async def test_a_statement_that_takes_too_long_is_ended(postgres_url: str) -> None:
    database = Database(postgres_url, statement_timeout_s=0.1)
    with pytest.raises(DatabaseError, match="statement timeout"):
        async with database.begin() as connection:
            await connection.execute(text("SELECT pg_sleep(20)"))
    await database.close()


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("sqlite:///a.db", "sqlite+aiosqlite:///a.db"),
        ("postgres://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgresql+asyncpg://h/d", "postgresql+asyncpg://h/d"),
    ],
)
def test_urls_get_their_driver(given: str, used: str) -> None:
    assert asynchronous(given) == used
