"""Read models are read in a replica, where there is one that answers."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from gamekeeper.log.database import Database, DatabaseError
from gamekeeper.log.readmodels import AGAIN_S, ReadModels
from tests.postgres import Cluster, programs, run, until_async

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def original() -> Iterator[Cluster]:
    folder = programs()
    if folder is None or not (folder / "pg_basebackup").exists():
        pytest.skip("no pg_basebackup: a replica cannot be made")
    cluster = Cluster(folder)
    yield cluster
    cluster.remove()


@pytest.fixture
def replica(original: Cluster) -> Iterator[Cluster]:
    folder = programs()
    assert folder is not None
    cluster = Cluster(folder, of=original)
    yield cluster
    cluster.remove()


@asynccontextmanager
async def databases(*clusters: Cluster) -> AsyncGenerator[list[Database], None]:
    opened = [Database(cluster.url) for cluster in clusters]
    yield opened
    for database in opened:
        await database.close()


async def following(models: ReadModels) -> bool:
    """Whether what is read is a replica."""
    async with models.read() as connection:
        return bool(await connection.scalar(text("SELECT pg_is_in_recovery()")))


async def test_a_replica_is_read_and_never_written(original: Cluster, replica: Cluster) -> None:
    """R0-43: as far as it has come; writing is refused by our own transaction, and there is no way to begin another."""
    run(original.url, "CREATE TABLE scores (points int)", "INSERT INTO scores VALUES (7)")
    async with databases(original, replica) as (database, copy):
        models = ReadModels(database, copy)
        assert await following(models)

        async def arrived() -> bool:
            async with models.read() as connection:
                if await connection.scalar(text("SELECT to_regclass('scores')")) is None:
                    return False
                return await connection.scalar(text("SELECT max(points) FROM scores")) == 7

        await until_async(arrived)
        with pytest.raises(DatabaseError, match="read-only"):
            async with models.read() as connection:
                await connection.execute(text("INSERT INTO scores VALUES (8)"))
        assert not hasattr(models, "begin")
        assert [tuple(row) for row in run(original.url, "SELECT points FROM scores")] == [(7,)]


async def test_a_replica_that_is_away_is_done_without(original: Cluster, replica: Cluster) -> None:
    clock = [0.0]
    async with databases(original, replica) as (database, copy):
        models = ReadModels(database, copy, lambda: clock[0])
        assert await following(models)
        replica.stop()
        assert not await following(models)
        replica.start()
        assert not await following(models), "it is left alone for a while"
        clock[0] += AGAIN_S
        assert await following(models)


async def test_without_a_replica_the_database_is_read(original: Cluster) -> None:
    async with databases(original) as (database,):
        assert not await following(ReadModels(database))
