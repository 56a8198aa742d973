"""What a bounded pool of connections is worth: `python -m bench.pool [--workers 200] [--seconds 5]`.

Two hundred at once do small units of work on a PostgreSQL of their own: read a row, add to one of ten counters. First
with a connection made for each unit of work and as many as it takes, then with the server's own pool (15 at most, and
30). Tells units of work a second, how long one took, how many connections there were and how many of them waited for
another's lock on average.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from random import Random

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from bench import results
from bench.postgres import Cluster, programs
from bench.results import Run, percentile, shown, table
from gamekeeper.log.database import Database, asynchronous

COUNTERS = 10
ROOM_FOR_ALL = "-c fsync=on -c shared_buffers=64MB -c max_connections=260 -c unix_socket_directories="
LOOK_S = 0.05
ACTIVITY = text(
    "SELECT count(*), count(*) FILTER (WHERE wait_event_type = 'Lock') FROM pg_stat_activity "
    "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)

Begin = Callable[[], AbstractAsyncContextManager[AsyncConnection]]


async def work(begin: Begin, until: float, took_ms: list[float], rng: Random) -> None:
    """One after the other until it is time."""
    while time.perf_counter() < until:
        began = time.perf_counter()
        async with begin() as connection:
            await connection.execute(text("SELECT value FROM counters WHERE id = :id"), {"id": rng.randrange(COUNTERS)})
            adding = text("UPDATE counters SET value = value + 1 WHERE id = :id")
            await connection.execute(adding, {"id": rng.randrange(COUNTERS)})
        took_ms.append((time.perf_counter() - began) * 1000)


async def measure(name: str, begin: Begin, watch: Database, workers: int, seconds: float) -> Run:
    took_ms: list[float] = []
    seen: list[tuple[int, int]] = []
    began = time.perf_counter()
    working = asyncio.gather(*(work(begin, began + seconds, took_ms, Random(number)) for number in range(workers)))
    while not working.done():
        async with watch.read() as connection:
            count, waiting = (await connection.execute(ACTIVITY)).one()
        seen.append((count, waiting))
        await asyncio.sleep(LOOK_S)
    await working
    return {
        "phase": "pool",
        "name": name,
        "units_per_s": len(took_ms) / (time.perf_counter() - began),
        "p50_ms": percentile(took_ms, 0.5),
        "p99_ms": percentile(took_ms, 0.99),
        "connections": max(count for count, _ in seen),
        "waiting_for_locks": statistics.mean(waiting for _, waiting in seen),
    }


@asynccontextmanager
async def pooled(url: str, most: int) -> AsyncGenerator[Begin, None]:
    database = Database(url, pool_size=5, max_overflow=most - 5)
    yield database.begin
    await database.close()


@asynccontextmanager
async def anew(url: str) -> AsyncGenerator[Begin, None]:
    engine = create_async_engine(asynchronous(url), poolclass=NullPool)
    yield engine.begin
    await engine.dispose()


async def compare(url: str, workers: int, seconds: float) -> list[Run]:
    watch = Database(url, pool_size=1, max_overflow=0)
    async with watch.begin() as connection:
        await connection.execute(text("CREATE TABLE counters (id int PRIMARY KEY, value int NOT NULL)"))
        rows = text("INSERT INTO counters SELECT n, 0 FROM generate_series(0, :last) n")
        await connection.execute(rows, {"last": COUNTERS - 1})
    ways = {"one for each": anew(url), "pool of 15": pooled(url, 15), "pool of 30": pooled(url, 30)}
    runs: list[Run] = []
    for name, way in ways.items():
        async with way as begin:
            runs.append(await measure(name, begin, watch, workers, seconds))
    await watch.close()
    return runs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=5.0)
    chosen = parser.parse_args()
    folder = programs()
    if folder is None:
        parser.error("no PostgreSQL on this machine")
    cluster = Cluster(folder, ROOM_FOR_ALL)
    try:
        runs = asyncio.run(compare(cluster.url, chosen.workers, chosen.seconds))
    finally:
        cluster.remove()
    results.save(runs)
    columns = ("units_per_s", "p50_ms", "p99_ms", "connections", "waiting_for_locks")
    print(table(["", *columns], ([one["name"], *(shown(one[column]) for column in columns)] for one in runs)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
