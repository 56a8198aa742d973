"""A cancelled task leaves the connection as it should be."""

import asyncio
import random
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from gamekeeper.log import steady
from gamekeeper.log.database import Database

pytestmark = pytest.mark.anyio


async def no_thread_is_left() -> None:
    """Every connection's thread ends by itself."""
    for thread in [thread for thread in threading.enumerate() if "_connection_worker_thread" in thread.name]:
        await asyncio.to_thread(thread.join, 5)
        assert not thread.is_alive()


async def test_units_of_work_cancelled_at_any_instant_leave_nothing_behind(tmp_path: Path) -> None:
    """R2-113, R2-114."""
    database = Database(f"sqlite:///{tmp_path}/x.sqlite3")
    async with database.begin() as connection:
        await connection.execute(text("CREATE TABLE marks (number INTEGER)"))

    async def work(number: int) -> None:
        async with database.begin() as connection:
            await connection.execute(text("INSERT INTO marks VALUES (:number)"), {"number": number})
            await connection.execute(text("INSERT INTO marks VALUES (:number)"), {"number": number})

    rng = random.Random(1)
    for number in range(300):
        task = asyncio.create_task(work(number))
        for _ in range(rng.randrange(40)):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
    async with database.read() as connection:
        counts = (await connection.execute(text("SELECT count(*) FROM marks GROUP BY number"))).scalars().all()
    assert set(counts) <= {2}, "a unit of work is whole or not at all"
    assert database.pool_use.in_use == 0
    await database.close()
    await no_thread_is_left()


async def test_a_task_that_does_nothing_else_can_be_cancelled(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.sqlite3")

    async def work() -> None:
        while True:
            async with database.begin() as connection:
                await connection.execute(text("SELECT 1"))

    task = asyncio.create_task(work())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)
    await database.close()
    await no_thread_is_left()


async def test_a_timeout_is_still_a_timeout(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.sqlite3")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.005):
            while True:
                async with database.begin() as connection:
                    await connection.execute(text("SELECT 1"))
    async with database.read() as connection:
        assert (await connection.execute(text("SELECT 1"))).scalar_one() == 1
    await database.close()


async def test_what_waits_for_something_else_within_a_unit_of_work_is_rolled_back(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.sqlite3")

    async def work() -> None:
        async with database.begin() as connection:
            await connection.execute(text("CREATE TABLE half (number INTEGER)"))
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.wait([task])
    async with database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM sqlite_master"))).scalar_one() == 0
    await database.close()


async def test_an_error_of_the_database_passes(tmp_path: Path) -> None:
    connection = await steady.connect(str(tmp_path / "x.sqlite3"))
    with pytest.raises(Exception, match="no such table"):
        await connection.execute("SELECT * FROM absent")
    await connection.close()
    with pytest.raises(Exception, match="unable to open"):
        await steady.connect(str(tmp_path / "no" / "x.sqlite3"))
    await no_thread_is_left()
